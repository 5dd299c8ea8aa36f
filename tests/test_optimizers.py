"""Optimizers: what must hold for all of them, whatever the folder holds; then each against what its paper implies."""

from __future__ import annotations

import math
from types import CodeType

import numba
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import adambench
from adambench import decay
from adambench.composition import carry_of, coefficients_of, rule_of, slots_of
from adambench.configuration import configurations, parse
from adambench.engine import update
from adambench.engine.assembly import sizes, update_kernel
from adambench.engine.block import update_arrays
from adambench.engine.choice import choosing
from adambench.engine.columns import READ
from adambench.engine.kernel import compiled, reachable, register
from adambench.engine.single import Single
from adambench.errors import AdambenchError
from adambench.optimizer import EXTRAS
from adambench.optimizer import START as START_OF_SLOT
from adambench.optimizers import all_optimizers
from adambench.power import next_power

OPTIMIZERS = all_optimizers()
DIALECTS = [(optimizer, dialect) for optimizer in OPTIMIZERS.values() for dialect in optimizer.dialects]
LR = {"lr": 0.01}


def off(optimizer, dialect):
    """What the dialect has but leaves off, with a value that turns it on."""
    return {
        h.name: turned_on(h)
        for h in optimizer.everything
        if dialect.defaults.get(h.name, h.neutral if h in EXTRAS else None) == h.neutral
    }


def turned_on(h):
    """A value that is not the neutral one."""
    if h.switch:
        return not h.neutral
    return h.neutral + (3.0 if h.whole else 0.03 if h.neutral + 0.03 < h.high else -0.03)


def setting(optimizer, dialect, **given):
    needed = {name: LR[name] for name, default in dialect.defaults.items() if default is None}
    (found,) = configurations(f"{optimizer.name}@{dialect.name}", {**needed, **given})
    return found


def settings_of(optimizer, dialect):
    """The defaults, each thing that they leave off turned on, and all of them at once."""
    found = [setting(optimizer, dialect)]
    found += [setting(optimizer, dialect, **{name: value}) for name, value in off(optimizer, dialect).items()]
    return [*found, setting(optimizer, dialect, **off(optimizer, dialect))]


SETTINGS = list({c.label: c for pair in DIALECTS for c in settings_of(*pair)}.values())
in_every_setting = pytest.mark.parametrize("c", [pytest.param(c, id=c.label) for c in SETTINGS])
in_every_separable_setting = pytest.mark.parametrize(
    "c", [pytest.param(c, id=c.label) for c in SETTINGS if c.optimizer.rule is not None and not c.flags["clipped"]]
)
in_every_dialect = pytest.mark.parametrize(
    ("optimizer", "dialect"), [pytest.param(o, d, id=f"{o.name}@{d.name}") for o, d in DIALECTS]
)
of_each = pytest.mark.parametrize("optimizer", [pytest.param(o, id=o.name) for o in OPTIMIZERS.values()])

SCALES = np.geomspace(1e-3, 10.0, 6)
START = np.array([1.0, -2.0, 0.5, 3.0, -0.25, 1.5])


def pull(scales):
    """An odd, smooth, bounded gradient, coordinate by coordinate, that grows and shrinks on the way."""
    return lambda x: scales * x * (x * x - 0.3) / (1.0 + x * x * x * x)


def starts_with_a_push(c):
    """Whether the first moment starts elsewhere than at zero: x then moves before there is a gradient."""
    return any(slot.name == "m" and slot.initial is not None for slot in c.optimizer.slots(c.flags))


PATHS = {}


def path_of(c, steps=10):
    """(points, state) of that many steps in that setting; walked once."""
    if (c.label, steps) not in PATHS:
        PATHS[c.label, steps] = walked(c, pull(SCALES), START, steps)
    return PATHS[c.label, steps]


def single(c, start, precision="float64", compile=False, blocks=None):
    """One lane at `start`: a matrix of two rows for the optimizers of matrices, else a vector, or as `blocks` say."""
    return Single(c.optimizer, c.flags, c.numbers, start, blocks or block_of(c, start), precision, compile)


def block_of(c, start):
    return ((0, 2, start.size // 2) if c.optimizer.matrices else (0, start.size, 0),)


def stepped(lane, gradient, t, rate=1.0):
    """The t-th step, with a Hessian diagonal of 1 for those that ask for one."""
    lane.slopes[lane.x.size :] = 1.0
    with np.errstate(all="ignore"):
        lane.slopes[: lane.x.size] = gradient(lane.x)
    lane.step(t, rate)


def walked(c, gradient, start, steps, precision="float64", blocks=None):
    """The points and the final state, from the update as plain Python."""
    lane = single(c, start, precision, blocks=blocks)
    points = [lane.x.copy()]
    for t in range(1, steps + 1):
        stepped(lane, gradient, t)
        points.append(lane.x.copy())
    return np.array(points), lane.state


def same(a, b):
    """Equal to the bit, but for the sign of zero."""
    return a.dtype == b.dtype and np.array_equal(a, b)


# Declarations


@of_each
def test_a_file_declares_all_that_is_shown(optimizer):
    assert optimizer.summary
    assert optimizer.source
    names = [h.name for h in optimizer.everything]
    assert len(set(names)) == len(names)
    assert [h.name for h in optimizer.numbers[-3:]] == ["weight_decay", "average", "clip_norm"]
    assert optimizer.numbers[0].name == "lr"
    assert (optimizer.rule is None) != (optimizer.whole is None)
    assert {h.name for h in optimizer.hyperparameters} <= {n for d in OPTIMIZERS.values() for n in known(d)}
    assert not {h.name for h in EXTRAS} & {n for d in OPTIMIZERS.values() for n in known(d)}
    assert all(h.meaning for h in optimizer.everything)
    assert len({d.name for d in optimizer.dialects}) == len(optimizer.dialects)


def known(optimizer):
    return {name for dialect in optimizer.dialects for name in dialect.defaults}


@in_every_dialect
def test_a_dialect_says_where_it_comes_from_and_what_it_computes(optimizer, dialect):
    assert dialect.library
    assert dialect.source
    assert set(dialect.defaults) <= {h.name for h in optimizer.everything}
    assert optimizer.formula(dialect.flags).strip()
    assert "x = " in optimizer.formula(dialect.flags)


@in_every_dialect
def test_a_compiled_rule_makes_numbers_of_numbers_in_the_precision_of_the_run_and_allocates_nothing(optimizer, dialect):
    if optimizer.rule is None:
        return
    c = setting(optimizer, dialect)
    rule = choosing(rule_of(optimizer, c.flags))
    for part in [*reachable(rule)][1:]:
        register(part)
    _, _, constants, slots = sizes(optimizer, c.flags)
    real = numba.float32
    state = numba.types.UniTuple(real, slots + (optimizer.curvature is not None))
    dispatcher = numba.njit(error_model="numpy")(rule)
    dispatcher.compile((real, real, state, numba.types.UniTuple(real, constants)))
    ((arguments, form),) = dispatcher.overloads.items()
    assert form.signature.return_type == numba.types.Tuple((real, numba.types.UniTuple(real, slots)))
    assert "NRT_MemInfo_alloc" not in dispatcher.inspect_llvm(arguments)


@of_each
def test_every_choice_in_which_dialects_differ_is_put_into_words(optimizer):
    words = {flag.name: flag.words for flag in optimizer.choices}
    assert len(words) == len(optimizer.choices)
    for name in {name for dialect in optimizer.dialects for name in dialect.flags}:
        values = {dialect.flags.get(name) for dialect in optimizer.dialects}
        assert len(values) == 1 or values - {None} <= set(words[name]), name


@in_every_dialect
def test_defaults_and_search_ranges_lie_within_the_bounds(optimizer, dialect):
    for h in optimizer.everything:
        default = dialect.defaults.get(h.name, h.neutral)
        if h.switch:
            assert default in (None, True, False)
            continue
        ends = [] if h.search is None else [1.0 - end if h.one_minus else end for end in h.search]
        assert h.search is None or 0.0 < h.search[0] < h.search[1]
        for value in [*ends, h.neutral, *([] if default is None else [default])]:
            assert h.low <= value <= h.high
            assert not (h.open_high and value == h.high)


@in_every_dialect
def test_what_has_no_default_must_be_given(optimizer, dialect):
    needed = [name for name, default in dialect.defaults.items() if default is None]
    text = f"{optimizer.name}@{dialect.name}"
    for name in needed:
        with pytest.raises(AdambenchError, match=f"no default {name}: give one"):
            parse(text)
    if not needed:
        assert len(parse(text)) == 1


@in_every_setting
def test_the_label_parses_back(c):
    (again,) = parse(c.label)
    assert again == c
    assert again.label == c.label


@in_every_setting
def test_counts_agree_with_what_the_rule_takes_and_gives(c):
    hypers, carried, constants, slots = sizes(c.optimizer, c.flags)
    assert max(hypers, carried, constants, slots) < len(READ)
    coefficients = coefficients_of(c.optimizer, c.flags)
    carry, hyper = carry_of(c.optimizer, c.flags), tuple(np.float64(n) for n in c.numbers)
    assert (hypers, carried) == (len(hyper), len(carry))
    for t in (1, 2, 3):
        values, carry = coefficients(hyper, t, carry or (0.0,))
        assert (len(values), len(carry) if carried else 0) == (constants, carried)
    named = [s.initial for s in slots_of(c.optimizer, c.flags) if s.initial not in (None, START_OF_SLOT)]
    assert set(named) <= {h.name for h in c.optimizer.numbers}
    if c.optimizer.rule is not None:
        state = (np.float64(1.0),) * (slots + (c.optimizer.curvature is not None))
        _, after = rule_of(c.optimizer, c.flags)(np.float64(0.5), np.float64(2.0), state, values)
        assert len(after) == slots


@in_every_setting
def test_a_rule_holds_no_floating_point_literal(c):
    """One would turn float32 into float64."""

    def constants(code):
        for constant in code.co_consts:
            yield from constants(constant) if isinstance(constant, CodeType) else [constant]

    if c.optimizer.rule is None:
        return
    rule = rule_of(c.optimizer, c.flags)
    inner = [rule, *(cell.cell_contents for cell in rule.__closure__ or () if callable(cell.cell_contents))]
    for function in inner:
        assert not any(isinstance(constant, float) for constant in constants(function.__code__))


# Behaviour


@in_every_setting
def test_ordinary_gradients_give_finite_points_and_state(c):
    points, state = path_of(c)
    assert np.isfinite(points).all()
    assert np.isfinite(state).all()
    assert (points[6:] != points[5:-1]).any(axis=1).all()  # some only look around in their first steps


@in_every_setting
def test_a_learning_rate_of_zero_leaves_x(c):
    if c.flags["decay"] in (decay.UNSCALED, decay.OWN) and c.hyperparameters.get("weight_decay"):
        return  # which may not be times the learning rate
    still = setting(c.optimizer, c.dialect, **{**c.hyperparameters, "lr": 0.0})
    points, _ = walked(still, pull(SCALES), START, 10)
    assert same(points, np.tile(START, (11, 1)))


@in_every_setting
def test_a_gradient_of_zero_leaves_x(c):
    if not c.hyperparameters.get("weight_decay") and not starts_with_a_push(c):
        points, state = walked(c, np.zeros_like, START, 10)
        assert same(points, np.tile(START, (11, 1)))
        assert np.isfinite(state).all()


@in_every_separable_setting
def test_the_order_of_coordinates_does_not_matter(c):
    order = [3, 0, 5, 1, 4, 2]
    points, state = path_of(c)
    other_points, other_state = walked(c, pull(SCALES[order]), START[order], 10)
    assert same(other_points, points[:, order])
    assert same(other_state, state[:, order])


@in_every_setting
def test_a_mirrored_start_gives_the_mirrored_path(c):
    if starts_with_a_push(c):
        return
    mirrored, _ = walked(c, pull(SCALES), -START, 10)
    np.testing.assert_allclose(mirrored, -path_of(c)[0], rtol=0.0 if c.optimizer.whole is None else 1e-12, atol=0.0)


@in_every_separable_setting
def test_coordinates_do_not_meet(c):
    alone, _ = walked(c, pull(SCALES[:2]), START[:2], 10)
    assert same(alone, path_of(c)[0][:, :2])


@in_every_separable_setting
def test_lanes_do_not_meet(c):
    """Three lanes, each with a learning rate of its own, pass the points that each passes alone."""
    rates = (0.5, 1.0, 2.0)
    mine = [setting(c.optimizer, c.dialect, **{**c.hyperparameters, "lr": c.hyperparameters["lr"] * r}) for r in rates]
    curved = c.optimizer.curvature is not None
    made = rule_of(c.optimizer, c.flags), coefficients_of(c.optimizer, c.flags), sizes(c.optimizer, c.flags)
    kernel = update.many_columns(*made, np.float64, c.flags["clipped"], curved, 3)
    x = np.repeat(START[:, None], 3, axis=1)
    arrays = update_arrays(c.optimizer, c.flags, [m.numbers for m in mine], x, "float64", 3)
    gradient, none = pull(SCALES[:, None]), np.zeros(0)
    for t in range(1, 11):
        slopes = np.concatenate([gradient(x), np.ones_like(x)]).reshape(-1)
        kernel(t, 1.0, x.size, none, slopes, x.reshape(-1), *arrays, none, none)
    for lane, m in enumerate(mine):
        assert same(x[:, lane], walked(m, pull(SCALES), START, 10)[0][-1])


@of_each
def test_a_gradient_beyond_the_longest_counts_as_one_of_that_length(optimizer):
    """Clipping is shrinking every gradient that is longer, and nothing else."""
    limit, gradient = 0.3, pull(SCALES)
    plain, clipped = (setting(optimizer, optimizer.dialects[0], clip_norm=c) for c in (0.0, limit))

    def short(x):
        norm = math.sqrt(math.fsum(gradient(x) ** 2))
        return gradient(x) * min(1.0, limit / norm)

    expected = walked(plain, short, START, 10)[0]
    np.testing.assert_allclose(walked(clipped, gradient, START, 10)[0], expected, rtol=1e-9)
    assert same(
        walked(clipped, lambda x: 1e-3 * gradient(x), START, 10)[0],
        walked(plain, lambda x: 1e-3 * gradient(x), START, 10)[0],
    )


@of_each
def test_the_mean_of_the_iterates_is_their_corrected_average(optimizer):
    """Kingma & Ba 2015, section 7.2: mean = rate mean + (1 - rate) x, over 1 - rate^t."""
    rate, c = 0.7, setting(optimizer, optimizer.dialects[0], average=0.7)
    alone = single(setting(optimizer, optimizer.dialects[0]), START)
    lane, mean = single(c, START), np.zeros(6)
    assert same(lane.point, START)
    for t in range(1, 11):
        stepped(lane, pull(SCALES), t)
        stepped(alone, pull(SCALES), t)
        mean = rate * mean + (1.0 - rate) * alone.point
        np.testing.assert_allclose(lane.point, mean / (1.0 - rate**t), rtol=1e-13)
        assert same(lane.x, alone.x)


@in_every_setting
def test_float32_stays_close_to_float64(c):
    if c.hyperparameters["lr"] > 0.1:
        c = setting(c.optimizer, c.dialect, **{**c.hyperparameters, "lr": 0.1})
    exact, _ = path_of(c)
    points, state = walked(c, pull(SCALES), START, 10, "float32")
    assert (points.dtype, state.dtype) == (np.float32, np.float32)
    # Of the bases to nearly equal eigenvalues rounding takes one.
    tolerance = 3e-2 if c.optimizer.matrices else 1e-4
    assert (abs(points[-1] - exact[-1]) <= tolerance * (1.0 + abs(exact[-1]))).all()


@in_every_setting
def test_the_factor_of_a_schedule_is_a_factor_on_the_learning_rate(c):
    halved = setting(c.optimizer, c.dialect, **{**c.hyperparameters, "lr": c.hyperparameters["lr"] / 2})
    lane = single(c, START)
    for t in range(1, 6):
        stepped(lane, pull(SCALES), t, rate=0.5)
    assert same(lane.x, walked(halved, pull(SCALES), START, 5)[0][-1])


@in_every_dialect
def test_every_hyperparameter_matters(optimizer, dialect):
    """With everything on, and steps so long that gradients shrink too, changing any one of them changes the path."""
    on = {"lr": 0.5, **off(optimizer, dialect)}
    plain = {name: LR[name] for name, default in dialect.defaults.items() if default is None}
    bases = [on, on | {h.name: False for h in optimizer.everything if h.switch and dialect.defaults.get(h.name)}, plain]
    for h in optimizer.everything:
        if h.name in dialect.defaults or h in EXTRAS:
            assert any(matters(optimizer, dialect, base, h) for base in bases), h.name


def matters(optimizer, dialect, base, h):
    """Whether another value of one hyperparameter gives another path, or another pace of curvature, somewhere."""
    value = {**dialect.defaults, **base}.get(h.name, h.neutral)
    others = [not value] if h.switch else [3.0, 1.0] if h.whole else [0.75 * value, h.high / 2, 0.5]
    settings = [
        setting(optimizer, dialect, **{**base, h.name: v})
        for v in (value, *others)
        if h.low <= v <= h.high < math.inf or h.low <= v < h.high
    ]
    if optimizer.curvature is not None and len({optimizer.curvature(c.flags) for c in settings}) > 1:
        return True
    shapes = (((0, 6, 0),), ((0, 2, 3),), ((0, 2, 2), (4, 2, 0)))  # a vector, a matrix, one of each
    for blocks in shapes[:1] if optimizer.rule is not None else shapes:
        for size, steepness in ((1.0, 1.0), (1.0, 1e-9), (1e-4, 1.0), (1.0, 1e3)):
            gradient = pull(steepness * SCALES)
            (points, state), *rest = (walked(c, gradient, size * START, 20, blocks=blocks) for c in settings)
            if any(not (same(after, points) and same(kept, state)) for after, kept in rest):
                return True
    return False


@in_every_dialect
def test_weight_decay_at_a_rate_of_zero_is_none(optimizer, dialect):
    c = setting(optimizer, dialect)
    if c.hyperparameters.get("weight_decay"):
        c = setting(optimizer, dialect, weight_decay=0.0)
    if c.flags["decay"] == decay.OWN:
        return
    assert c.flags["decay"] == decay.NONE
    without, _ = path_of(c)
    for kind in decay.FORMULA:
        lane = Single(c.optimizer, {**c.flags, "decay": kind}, c.numbers, START, block_of(c, START))
        for t in range(1, 11):
            stepped(lane, pull(SCALES), t)
        assert same(lane.x, without[-1])


def number_within(h):
    if h.whole:
        return st.integers(int(h.low), int(min(h.high, h.low + 50))).map(float)
    return st.floats(max(h.low, -1.7e308), min(h.high, 1.7e308), exclude_max=h.open_high, allow_subnormal=False)


@given(st.data())
@settings(max_examples=300)
def test_no_hyperparameter_within_bounds_is_an_error(data):
    optimizer, dialect = data.draw(st.sampled_from(DIALECTS), label="dialect")
    given = {
        h.name: data.draw(st.booleans() if h.switch else number_within(h), label=h.name)
        for h in optimizer.everything
        if h.name in dialect.defaults
    }
    points, _ = walked(setting(optimizer, dialect, **given), pull(SCALES), START, 4)
    assert points.shape == (5, 6)


@in_every_dialect
def test_a_value_out_of_bounds_is_an_error_that_names_it(optimizer, dialect):
    for h in optimizer.everything:
        if h.name in dialect.defaults:
            below = h.low - 1e-9
            above = h.high if h.open_high else math.nextafter(h.high, math.inf)
            wrong = ["nan", "inf", "1e999", "much", True]
            wrong += [below, str(below)] if math.isfinite(h.low) else []
            wrong += [above] if math.isfinite(h.high) else []
            wrong += [h.neutral + 0.5] if h.whole else []
            wrong = ["2", "yes", 1.0] if h.switch else wrong
            for value in wrong:
                with pytest.raises(AdambenchError, match=rf"{optimizer.name}@{dialect.name}: {h.name}: expected "):
                    setting(optimizer, dialect, **{h.name: value})


# Machine code


def compiled_settings():
    """Settings in which each rule has each value that a flag has anywhere, with all options on or at the defaults."""
    found, seen = [], set()
    separable = [(optimizer, dialect) for optimizer, dialect in DIALECTS if optimizer.rule is not None]
    for options in (off, lambda optimizer, dialect: {}):
        for optimizer, dialect in separable:
            c = setting(optimizer, dialect, **options(optimizer, dialect))
            values = {(optimizer.rule, flag, str(value)) for flag, value in c.flags.items() if flag != "single_rate"}
            if values - seen:
                found.append(c)
                seen |= values
    return found


@pytest.mark.parametrize("c", [pytest.param(c, id=c.label) for c in compiled_settings()])
def test_machine_code_agrees_with_plain_python_to_the_bit(c):
    start, scales = np.resize(START, 66), np.geomspace(1e-3, 10.0, 66)
    points, _ = walked(c, pull(scales), start, 40)
    lane = single(c, start, compile=True)
    for t in range(1, 41):
        stepped(lane, pull(scales), t)
        assert same(lane.x, points[t])


@pytest.mark.parametrize(
    "optimizer", {o.rule: pytest.param(o, id=o.name) for o in OPTIMIZERS.values() if o.rule is not None}.values()
)
def test_float32_machine_code_agrees_with_plain_python_to_the_bit(optimizer):
    c = setting(optimizer, optimizer.dialects[0])
    points, _ = walked(c, pull(SCALES), START, 20, "float32")
    lane = single(c, START, "float32", compile=True)
    for t in range(1, 21):
        stepped(lane, pull(SCALES), t)
        assert same(lane.x, points[t])


def test_floating_point_is_never_relaxed():
    c = parse("adam")[0]
    kernel = update_kernel(c.optimizer, c.flags, 1, "float64")
    options = compiled(kernel.function, kernel.signature).targetoptions
    assert not options.get("fastmath")
    assert not options.get("parallel")
    assert options["error_model"] == "numpy"


@of_each
def test_coefficients_stay_finite_for_as_many_steps_as_there_may_be(optimizer):
    c = setting(optimizer, optimizer.dialects[0])
    of = coefficients_of(c.optimizer, c.flags)
    hyper, carry = tuple(np.float64(n) for n in c.numbers), carry_of(c.optimizer, c.flags) or (0.0,)
    for _ in range(20_000):
        _, carry = of(hyper, 1, carry)
        assert all(power == 0.0 or power >= 1e-17 for power in carry)
    for t in (20_001, 10**6, 10**12):
        assert np.isfinite(of(hyper, t, carry)[0]).all()


def test_a_carried_power_is_that_power_until_it_no_longer_counts():
    power = 1.0
    for t in range(1, 1000):
        power = next_power(power, 0.9)
        assert power == (pytest.approx(0.9**t, rel=1e-13) if 0.9**t >= 1e-17 else 0.0)
        assert 1.0 - power == pytest.approx(1.0 - 0.9**t, rel=1e-15)


# What the papers imply

SPREAD = np.geomspace(1e-3, 1e3, 20)
POINT = np.array([-1.2, 1.0] * 5)


def quadratic(x):
    """The gradient of 1/2 sum h x^2, h from 1e-3 to 1e3."""
    return SPREAD * x


def rosenbrock(x):
    """The gradient of the chained Rosenbrock function."""
    valley, slope = x[1:] - x[:-1] * x[:-1], 1.0 - x[:-1]
    return np.append(-400.0 * valley * x[:-1] - 2.0 * slope, 0.0) + np.append(0.0, 200.0 * valley)


HOMOGENEOUS = [  # the text for a gradient times c
    lambda c: f"adam:eps={1e-8 * c!r}",
    lambda c: f"adam@keras:eps={1e-7 * c!r}",
    lambda c: f"adam@optax:lr=0.01:eps={1e-8 * c!r}:eps_root={1e-6 * c * c!r}",
    lambda c: f"adamw:eps={1e-8 * c!r}",
    lambda c: f"amsgrad:eps={1e-8 * c!r}",
    lambda c: f"amsgrad@optax:lr=0.01:eps={1e-8 * c!r}",
    lambda c: f"nadam:eps={1e-8 * c!r}",
    lambda c: f"adamax:eps={1e-8 * c!r}",
    lambda c: f"adagrad:eps={1e-10 * c!r}",
    lambda c: f"adagrad@keras:eps={1e-7 * c * c!r}:initial_accumulator={0.1 * c * c!r}",
    lambda c: f"rmsprop:momentum=0.5:centered=true:eps={1e-8 * c!r}",
    lambda c: f"rmsprop@optax:lr=0.001:eps={1e-8 * c * c!r}",
    lambda c: f"sgd:lr={1e-3 / c!r}",
    lambda c: f"momentum:lr={1e-4 / c!r}",
    lambda c: f"nesterov:lr={1e-4 / c!r}",
]


@pytest.mark.parametrize("text", HOMOGENEOUS, ids=lambda text: text(1.0))
def test_scaling_the_gradient_and_eps_scales_nothing_else(walk, text):
    plain = walk(text(1.0), rosenbrock, POINT, 300)
    for power in (2.0**20, 2.0**-20):
        assert same(walk(text(power), lambda x, power=power: power * rosenbrock(x), POINT, 300), plain)
    scaled = walk(text(3.7), lambda x: 3.7 * rosenbrock(x), POINT, 300)
    assert (abs(scaled - plain) <= 1e-12 * (1.0 + abs(plain))).all()


SCALE_FREE = ["adam", "amsgrad", "nadam", "adamax", "adagrad", "rmsprop", "adam@keras", "rmsprop@optax:lr=0.01"]


@pytest.mark.parametrize("text", SCALE_FREE)
def test_without_eps_all_scales_of_a_quadratic_collapse(walk, text):
    points = walk(f"{text}:eps=0", quadratic, np.ones(20), 1000)
    assert np.ptp(points, axis=1).max() <= 1e-13
    assert points[-1, 0] != 1.0


@pytest.mark.parametrize("optimizer", [pytest.param(o, id=o.name) for o in OPTIMIZERS.values() if o.rule is not None])
def test_moving_the_origin_moves_the_path(walk, optimizer):
    decays = ":weight_decay=0" if optimizer.dialects[0].defaults.get("weight_decay") else ""
    text, shift = f"{optimizer.name}:lr=0.0005{decays}", 3.7
    moved = walk(text, lambda x: rosenbrock(x - shift), POINT + shift, 100)
    assert abs(moved - shift - walk(text, rosenbrock, POINT, 100)).max() <= 1e-12


def schedule(t):
    return 0.9 * (1.0 - 0.5 * 0.96 ** (0.004 * t))


GRADIENT = np.array([1e-9, 1e-4, 0.3, -2.0, 50.0, -1e6])
SIZE = abs(GRADIENT)
FIRST_STEPS = {
    "sgd": 1e-3 * SIZE,
    "momentum:dampening=0.5": 1e-3 * SIZE,
    "nesterov": 1e-3 * 1.9 * SIZE,
    "adagrad": 1e-2 * SIZE / (SIZE + 1e-10),
    "adagrad@keras:lr=0.0078125": 0.0078125 * SIZE / np.sqrt(0.1 + SIZE**2 + 1e-7),
    "rmsprop": 1e-2 * SIZE / (np.sqrt(0.01) * SIZE + 1e-8),
    "rmsprop@optax:lr=0.01": 1e-2 * SIZE / np.sqrt(0.1 * SIZE**2 + 1e-8),
    "adadelta": np.sqrt(1e-6) / np.sqrt(0.1 * SIZE**2 + 1e-6) * SIZE,
    "adam": 1e-3 * SIZE / (SIZE + 1e-8),
    "adam@tensorflow": 1e-3 * SIZE / (SIZE + 1e-8 / np.sqrt(0.001)),
    "amsgrad": 1e-3 * SIZE / (SIZE + 1e-8),
    "adamax": 2e-3 * SIZE / (SIZE + 1e-8),
    "nadam": 2e-3 * (1.0 + 0.1 * schedule(2) / (1.0 - schedule(1) * schedule(2))) * SIZE / (SIZE + 1e-8),
    "adamw": 1e-3 * SIZE / (SIZE + 1e-8),
}


@pytest.mark.parametrize("text", FIRST_STEPS)
def test_the_first_step_has_the_size_that_the_formula_gives(walk, text):
    _, x = walk(text, lambda x: GRADIENT, np.zeros(6), 1)
    np.testing.assert_allclose(-x * np.sign(GRADIENT), FIRST_STEPS[text], rtol=1e-13)


@pytest.mark.parametrize("text", ["adam", "amsgrad", "adamax", "adam@keras:lr=0.0078125", "adam@optax"])
def test_a_constant_gradient_moves_adam_by_the_learning_rate(walk, text):
    lr = 0.0078125
    text = text if "lr" in text else f"{text}:lr={lr}"
    points = walk(f"{text}:eps=0", lambda x: GRADIENT, np.zeros(6), 1000)
    expected = -lr * np.arange(1001)[:, None] * np.sign(GRADIENT)
    assert abs(points - expected).max() <= 1e-13 * 1000 * lr


def test_a_constant_gradient_moves_adagrad_by_a_sum_of_inverse_roots(walk):
    points = walk("adagrad:eps=0", lambda x: GRADIENT, np.zeros(6), 1000)
    sizes = 0.01 * np.append(0.0, np.cumsum(1.0 / np.sqrt(np.arange(1, 1001))))
    np.testing.assert_allclose(points, -sizes[:, None] * np.sign(GRADIENT), rtol=1e-13)


def test_a_constant_gradient_moves_rmsprop_ever_less_down_to_the_learning_rate(walk):
    points = walk("rmsprop:eps=0", lambda x: GRADIENT, np.zeros(6), 1000)
    sizes = 0.01 * np.append(0.0, np.cumsum(1.0 / np.sqrt(1.0 - 0.99 ** np.arange(1, 1001))))
    np.testing.assert_allclose(points, -sizes[:, None] * np.sign(GRADIENT), rtol=1e-12)


def test_a_variance_that_rounding_makes_negative_is_none(walk):
    """E[g^2] - E[g]^2 of a constant gradient: without a floor, a third of these 60 have a root that is not real."""
    gradient = np.random.default_rng(0).normal(size=60)
    points = walk("rmsprop:centered=true:rho=0.5", lambda x: gradient, np.zeros(60), 200)
    assert np.isfinite(points).all()


def test_on_a_quadratic_sgd_is_a_power(walk):
    points = walk("sgd:lr=0.0007", quadratic, np.ones(20), 500)
    expected = (1.0 - 0.0007 * SPREAD) ** np.arange(501)[:, None]
    np.testing.assert_allclose(points, expected, rtol=1e-11)


@pytest.mark.parametrize("text", ["momentum", "nesterov", "momentum@keras", "nesterov@keras"])
def test_on_a_quadratic_momentum_is_a_matrix_power(walk, text):
    lr, mu, steps = 0.0009765625, 0.9, 300
    points = walk(f"{text}:lr={lr}", quadratic, np.ones(20), steps)
    for h, x in zip(SPREAD, points[-1], strict=True):
        # (x, v) -> (x - lr (h x + mu v'), v') with v' = mu v + h x; without the look ahead (x - lr v', v')
        step = [[1 - lr * h, -lr * mu], [h, mu]]
        if text.startswith("nesterov"):
            step = [[1 - lr * h * (1 + mu), -lr * mu * mu], [h, mu]]
        assert x == pytest.approx(np.linalg.matrix_power(np.array(step), steps)[0, 0], abs=1e-11)


def test_adam_without_first_moment_is_bias_corrected_rmsprop(walk):
    x, v = np.ones(20), np.zeros(20)
    for t, point in enumerate(walk("adam:beta1=0", quadratic, np.ones(20), 300)):
        assert (abs(point - x) <= 1e-13).all()
        v = 0.999 * v + 0.001 * quadratic(x) ** 2
        x = x - 0.001 * quadratic(x) / (np.sqrt(v / (1.0 - 0.999 ** (t + 1))) + 1e-8)


@pytest.mark.parametrize(
    ("text", "other"),
    [
        ("momentum:lr=1e-4", "sgd:lr=1e-4:momentum=0.9"),
        ("nesterov:lr=1e-4", "sgd:lr=1e-4:momentum=0.9:nesterov=true"),
        ("momentum:lr=1e-4:momentum=0", "sgd:lr=1e-4"),
        ("nesterov:lr=1e-4:momentum=0", "sgd:lr=1e-4"),
        ("momentum@keras:lr=1e-4:momentum=0", "sgd@keras:lr=1e-4"),
        ("amsgrad", "adam:amsgrad=true"),
        ("adamw:weight_decay=0", "adam"),
        ("adamw", "adam:weight_decay=0.01:decoupled=true"),
        ("adam@paper", "adam"),
        ("adam@optax:lr=0.001", "adam"),
        ("adam@lasagne", "adam@tensorflow"),
        ("adam@blocks:lr=0.001", "adam@tensorflow"),
        ("adam@caffe:lr=0.001:beta1=0.9", "adam@tensorflow"),
        ("adam@mxnet:weight_decay=0.1", "adam@torch7:weight_decay=0.1"),
        ("adagrad:initial_accumulator=0", "adagrad"),
    ],
)
def test_two_names_for_one_optimizer(walk, text, other):
    assert same(walk(text, rosenbrock, POINT, 200), walk(other, rosenbrock, POINT, 200))


@pytest.mark.parametrize(
    ("text", "other", "apart"),
    [
        ("adam:weight_decay=0.1", "adamw:weight_decay=0.1", 1e-3),
        ("amsgrad:lr=0.1", "amsgrad@optax:lr=0.1", 1e-3),
        ("nadam:lr=0.01", "nadam@optax:lr=0.01", 1e-3),
        ("rmsprop:lr=0.01", "rmsprop@optax:lr=0.01", 1e-3),
        ("adam:eps=0.1", "adam@tensorflow:eps=0.1", 1e-4),
        ("momentum:lr=1e-4:dampening=0.5", "momentum:lr=1e-4", 1e-3),
    ],
)
def test_two_names_for_two_optimizers(walk, text, other, apart):
    assert abs(walk(text, rosenbrock, POINT, 500) - walk(other, rosenbrock, POINT, 500)).max() > apart


def test_for_sgd_both_kinds_of_weight_decay_are_one(walk):
    coupled = walk("sgd:lr=0.0009765625:weight_decay=0.1", quadratic, np.ones(20), 500)
    decoupled = walk("sgd@pytorch_optimizer:lr=0.0009765625:weight_decay=0.1", quadratic, np.ones(20), 500)
    assert abs(coupled - decoupled).max() <= 1e-12


def test_amsgrad_is_adam_until_a_gradient_shrinks(walk):
    def growing():
        t = iter(range(1000))
        return lambda x: 1.01 ** next(t) * np.sign(GRADIENT)

    def shrinking():
        t = iter(range(1000))
        return lambda x: 0.9 ** next(t) * np.sign(GRADIENT)

    assert same(walk("amsgrad", growing(), np.zeros(6), 300), walk("adam", growing(), np.zeros(6), 300))
    assert not same(walk("amsgrad", shrinking(), np.zeros(6), 300), walk("adam", shrinking(), np.zeros(6), 300))


@pytest.mark.parametrize("text", ["amsgrad:lr=0.1", "amsgrad@optax:lr=0.1", "amsgrad@keras:lr=0.1"])
def test_the_peak_of_amsgrad_never_falls(text):
    (c,) = parse(text)
    row = [slot.name for slot in c.optimizer.slots(c.flags)].index("peak")
    lane = single(c, POINT)
    peaks = [lane.state[row].copy()]
    for t in range(1, 301):
        stepped(lane, rosenbrock, t)
        peaks.append(lane.state[row].copy())
    assert (np.diff(peaks, axis=0) >= 0.0).all()
    assert (np.diff(peaks, axis=0) == 0.0).any()


def test_a_stepper_takes_and_returns_arrays_of_its_shape_and_changes_none():
    step = adambench.stepper("adam:lr=0.01", shape=(2, 3))
    x, gradient = np.arange(6.0).reshape(2, 3), np.ones((2, 3))
    before = x.copy()
    after = step(x, gradient)
    assert after.shape == (2, 3)
    assert same(x, before)
    assert same(step.eval_point(x), x)
    with pytest.raises(ValueError, match=r"gradient: expected an array of shape \(2, 3\), got \(3,\)"):
        step(x, np.ones(3))
    with pytest.raises(AdambenchError, match="names 2"):
        adambench.stepper("adam:lr=0.1/0.2", shape=(1,))
