"""The loop as plain Python beside its machine code, what it asks the objective for, and the cache of kernels."""

from __future__ import annotations

import hashlib
import os
import stat

import numpy as np
import pytest
from numba import types
from numpy import where

from adambench.configuration import parse
from adambench.course import fitted, make_course, pace_of, thresholds
from adambench.draws import start_point
from adambench.engine import cache
from adambench.engine.assembly import descend_kernel, evaluate_kernel, update_kernel
from adambench.engine.block import Entry, make_lanes, watch_grid
from adambench.engine.columns import READ, WRITE
from adambench.engine.descend import BUDGET, LOSS_NOT_FINITE
from adambench.engine.kernel import compiled
from adambench.optimizers import all_optimizers

QUADRATIC = "function: quadratic, dimension: 3, parameters: {eigenvalues: [4.0, 1.0, 0.25]}, start: [1.0, -2.0]"
NOISE = "noise: [{gaussian: {std: 0.1}}, {multiplicative: {std: 0.2}}]"
SAMPLED = (
    "model: logistic, data: {samples: 23, features: 5, density: 0.5, exponent: 1, label_noise: 0.1, seed: 0}, "
    "batch: 4, targets: [{loss: 0.6}, {loss: 0.5}]"
)


def lanes_of(problem, configurations, seeds, width, precision="float64", stop_at_target=False):
    """(course, lanes) of a trial for each (configuration, seed), at x_0."""
    first = configurations[0]
    course = fitted(make_course(problem, precision, stop_at_target), problem, first.optimizer, first.flags)
    entries = [
        Entry(seed, c.numbers, start_point(problem, seed), thresholds(problem, 0.0, 1.0))
        for c, seed in zip(configurations, seeds, strict=True)
    ]
    return course, *make_lanes(first.optimizer, first.flags, entries, course, problem.data.work_rows, width, precision)


class Going:
    """A block of trials through the loop as plain Python, or as machine code."""

    def __init__(self, problem, texts, seeds, width=1, machine=False, precision="float64"):
        configurations = [parse(text)[0] for text in texts]
        self.course, self.lanes, columns = lanes_of(problem, configurations, seeds, width, precision)
        first = configurations[0]
        pace = pace_of(problem, first.optimizer, first.flags)
        self.evaluate, self.update, self.descend = (
            compiled(kernel.function, kernel.signature) if machine else kernel.function
            for kernel in (
                evaluate_kernel(problem.function, width, precision, pace),
                update_kernel(first.optimizer, first.flags, columns, precision, pace),
                descend_kernel(width, bool(problem.noise), precision),
            )
        )

    def go(self, *ends):
        """To each of the evaluations `ends`, one call after the other, while a trial is alive."""
        done = 0
        with np.errstate(all="ignore"):
            for end in ends:
                last = end + 1 if end == self.course.budget else end
                if not self.descend(self.evaluate, self.update, self.course, self.lanes, done, last):
                    break
                done = end
        return self

    def steps(self):
        """One evaluation a call; after each, the number done."""
        for t in range(self.course.budget + 1):
            with np.errstate(all="ignore"):
                if not self.descend(self.evaluate, self.update, self.course, self.lanes, t, t + 1):
                    return
            yield t + 1

    def told(self, lane=0):
        """All that an outcome is made from."""
        lanes, ended = self.lanes, self.lanes.stopped[lane]
        found = {name: getattr(lanes, name)[..., lane].tolist() for name in ("final_x", "best", "hits", "alive", "why")}
        found["stopped"] = int(ended)
        found["curve"] = lanes.curve[self.course.grid[:-1] < ended, lane].tolist()
        if lanes.why[lane] == BUDGET:
            found |= {name: getattr(lanes, name)[lane].tolist() for name in ("final_loss", "moved", "pushed")}
        return found


PROBLEMS = [
    pytest.param(f"{QUADRATIC}, budget: 40, targets: [0.5, {{gradient: 1}}, {{distance: 0.5}}]", id="quiet"),
    pytest.param(f"{QUADRATIC}, budget: 40, {NOISE}, schedule: {{cosine: {{warmup: 5}}}}", id="noisy"),
    pytest.param(f"{SAMPLED}, budget: 150", id="sampled"),
    pytest.param("function: reddi, budget: 120, targets: [{gradient: 0.01}, {distance: 0.5}]", id="online"),
    pytest.param(f"{QUADRATIC}, budget: 2000, targets: [{{loss: 5}}]", id="diverging"),
]


def optimizer_for(keys):
    return "sgd:lr=0.9" if "budget: 2000" in keys else "adam:lr=0.1"


@pytest.mark.parametrize("keys", PROBLEMS)
def test_machine_code_and_plain_python_run_the_same_trial(problem, keys):
    """To the bit; but for an exponential, which the two take from different libraries."""
    p, text = problem(keys), optimizer_for(keys)
    plain, machine = (Going(p, [text], [3], machine=machine).go(p.budget).told() for machine in (False, True))
    if "model" in keys:
        np.testing.assert_allclose(plain.pop("curve"), machine.pop("curve"), rtol=1e-12)
        for name in ("final_x", "final_loss", "best"):
            assert plain.pop(name) == pytest.approx(machine.pop(name), rel=1e-12)
    assert plain == machine
    assert plain["alive"] == 0


@pytest.mark.parametrize("noise", ["", f"{NOISE}, "])
def test_a_wide_block_runs_the_trials_of_narrow_ones(problem, noise):
    """Machine code 32 wide beside plain Python 1 wide: seeds and learning rates differ, and one trial diverges."""
    p = problem(f"{QUADRATIC}, {noise}budget: 700, targets: [0.5, 0.1, {{loss: 3}}]")
    texts, seeds = [f"sgd:lr={lr}" for lr in (0.01, 0.1, 0.3, 0.9, 0.02)], [0, 1, 1, 0, 7]
    wide = Going(p, texts, seeds, 32, machine=True).go(p.budget)
    for lane, (text, seed) in enumerate(zip(texts, seeds, strict=True)):
        assert wide.told(lane) == Going(p, [text], [seed]).go(p.budget).told()
    assert wide.lanes.why[:5].tolist() == [BUDGET, BUDGET, BUDGET, LOSS_NOT_FINITE, BUDGET]


@pytest.mark.parametrize("keys", PROBLEMS)
@pytest.mark.parametrize("machine", [False, True], ids=["plain", "machine"])
def test_a_run_may_be_cut_anywhere(problem, keys, machine):
    p, text = problem(keys), optimizer_for(keys)
    whole = Going(p, [text], [3], machine=machine).go(p.budget).told()
    for length in (1, 7, 33):
        assert Going(p, [text], [3], machine=machine).go(*range(length, p.budget, length), p.budget).told() == whole


def test_float32_is_float32_throughout(problem):
    p = problem(f"{QUADRATIC}, budget: 40, {NOISE}")
    plain, machine = (Going(p, ["adam:lr=0.1"], [3], machine=machine, precision="float32") for machine in (False, True))
    assert np.array_equal(plain.go(40).lanes.final_x, machine.go(40).lanes.final_x)
    assert machine.lanes.x.dtype == machine.lanes.state.dtype == np.float32
    double = Going(p, ["adam:lr=0.1"], [3]).go(40)
    np.testing.assert_allclose(machine.lanes.final_x, double.lanes.final_x, rtol=1e-4)
    assert machine.told() != double.told()


# What is asked of the objective


def numbers_asked(problem):
    """The numbers of the evaluations, in the order in which the loop asks for them."""
    asked, going = [], Going(problem, ["sgd:lr=0.1"], [3])
    evaluate = going.evaluate

    def counting(dimension, x, gradient, loss, t, *others):
        asked.append(t)
        evaluate(dimension, x, gradient, loss, t, *others)

    going.evaluate = counting
    going.go(problem.budget)
    return asked


def test_every_evaluation_is_asked_for_once_and_in_order(problem):
    """1 .. budget for the steps, and one more for the loss at the last point."""
    assert numbers_asked(problem(f"{QUADRATIC}, budget: 40")) == list(range(1, 42))
    assert numbers_asked(problem(f"{QUADRATIC}, budget: 40, {NOISE}")) == list(range(1, 42))
    assert numbers_asked(problem("function: reddi, budget: 130")) == list(range(1, 132))


def test_where_the_loss_costs_more_than_a_step_it_is_asked_for_on_the_grid_only(problem):
    asked = numbers_asked(problem(f"{SAMPLED}, budget: 150"))
    assert [t for t in asked if t > 0] == list(range(1, 151))
    assert [-t - 1 for t in asked if t <= 0] == list(watch_grid(150)[:-1])
    assert [asked[place + 1] for place, t in enumerate(asked[:-1]) if t <= 0] == list(watch_grid(150)[:-2] + 1)
    assert asked[-1] == -151


def test_where_the_watched_gradient_is_not_the_steps_it_is_asked_for_apart(problem):
    asked = numbers_asked(problem("function: reddi, budget: 30, targets: [{gradient: 0.01}]"))
    assert asked == [t for step in range(1, 31) for t in (-step, step)] + [-31]


@pytest.mark.parametrize("budget", [1, 2, 63, 64, 65, 66, 67, 100, 181, 20_000, 10**7])
def test_the_grid_is_dense_at_first_and_then_geometric(budget):
    expected = {0, budget} | {t for t in range(65) if t <= budget}
    expected |= {t for k in range(96, 400) if (t := round(2 ** (k / 16))) <= budget}
    assert watch_grid(budget)[:-1].tolist() == sorted(expected)
    assert watch_grid(budget)[-1] > 10**15


# Kernels


def test_columns_are_read_and_written_whole():
    for n, (read, write) in enumerate(zip(READ, WRITE, strict=True)):
        a = np.arange(48.0).reshape(16, 3)
        assert read(a, 1) == (tuple(a[:n, 1]) if n else (0.0,))
        b = np.zeros((16, 3))
        write(b, 2, tuple(range(1, n + 1)))
        assert b[:, 2].tolist() == [*range(1, n + 1), *[0.0] * (16 - n)]
        assert not b[:, :2].any()


@pytest.mark.parametrize("name", [name for name, optimizer in all_optimizers().items() if not optimizer.matrices])
@pytest.mark.parametrize("average", ["", ":average=0.5"])
def test_no_point_that_counts_leaves_the_box(problem, name, average):
    """In long steps, and for methods whose loss counts elsewhere than where they take the gradient."""
    p = problem("function: mccormick, budget: 25, targets: [{loss: -2}]")
    going = Going(p, [f"{name}:lr=3{average}"], [0])
    low, high = going.course.low[:, None], going.course.high[:, None]
    for _ in going.steps():
        assert ((low <= going.lanes.x) & (going.lanes.x <= high)).all()
        assert ((low <= going.lanes.point) & (going.lanes.point <= high)).all()
    assert going.lanes.hits[0, 0] == -1  # the loss is below its optimum only outside


def test_an_empty_lane_is_dead_from_the_start(problem):
    p = problem(f"{QUADRATIC}, budget: 40")
    _, lanes, columns = lanes_of(p, [parse("sgd")[0]] * 5, range(5), 32)
    assert lanes.alive.tolist() == [1] * 5 + [0] * 27
    assert columns == 1
    assert lanes_of(p, parse("sgd:lr=0.1/0.2"), [0, 0], 32)[2] == 32


def test_a_kernel_takes_what_it_was_compiled_for_and_never_compiles_again(problem):
    kernel = evaluate_kernel(problem(QUADRATIC).function, 1, "float64")
    machine = compiled(kernel.function, kernel.signature)
    assert len(machine.signatures) == 1
    with pytest.raises(TypeError, match="No matching definition"):
        machine(*[1j] * 9)


@pytest.fixture
def fresh(tmp_path, monkeypatch):
    """An empty cache folder; the name of the function in it, once made."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    cache.folder.cache_clear()
    yield tmp_path
    cache.folder.cache_clear()


def factory(constant):
    def scaled(x):
        return constant * x

    return scaled


SIGNATURE = types.float64(types.float64)


def kept(folder):
    return sorted(path for path in folder.rglob("*") if path.is_file())


def test_a_kernel_is_kept_once_and_in_a_folder_of_the_users_own(fresh):
    assert compiled(factory(2.0), SIGNATURE)(3.0) == 6.0
    (file,) = kept(fresh)
    before = file.stat().st_mtime_ns
    assert compiled(factory(2.0), SIGNATURE)(3.0) == 6.0
    assert kept(fresh) == [file]
    assert file.stat().st_mtime_ns == before
    if os.name == "posix":
        assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700
        assert stat.S_IMODE(file.stat().st_mode) & 0o077 == 0


def test_functions_that_differ_in_what_they_close_over_have_kernels_of_their_own(fresh):
    assert compiled(factory(2.0), SIGNATURE)(3.0) == 6.0
    assert compiled(factory(5.0), SIGNATURE)(3.0) == 15.0
    assert compiled(factory(2.0), types.float32(types.float32))(3.0) == 6.0
    assert len(kept(fresh)) == 3
    assert compiled(factory(2.0), SIGNATURE)(3.0) == 6.0


def test_optimizers_that_share_a_rule_have_kernels_of_their_own(fresh):
    texts = ["sgd", "momentum", "nesterov", "adam", "amsgrad"]
    for text in texts:
        (c,) = parse(text)
        kernel = update_kernel(c.optimizer, c.flags, 1, "float64")
        compiled(kernel.function, kernel.signature)
    assert len(kept(fresh)) == len(texts)


def test_a_choice_between_numbers_is_a_number_and_between_arrays_an_array(fresh):
    def single(x):
        return np.where(x > 0.0, x, -x)

    def imported(x):
        return where(x > 0.0, x, -x)

    def caller(x):
        return single(x) + imported(x)

    def whole(x):
        found = np.where(x > 0.0, x, -x)
        x[:] = found

    for function in (single, imported, caller):
        kernel = compiled(function, SIGNATURE)
        for x in (2.0, -3.0, 0.0, np.nan):
            assert np.array_equal(kernel(x), function(x), equal_nan=True)
    array = np.array([2.0, -3.0])
    compiled(whole, types.void(types.float64[::1]))(array)
    assert array.tolist() == [2.0, 3.0]


@pytest.mark.parametrize("damage", ["cut short", "emptied", "altered", "replaced"])
def test_a_damaged_file_is_compiled_anew_and_never_unpickled(fresh, damage):
    compiled(factory(2.0), SIGNATURE)
    (file,) = kept(fresh)
    content = file.read_bytes()
    harmful = b"cos\nmkdir\n(S'" + os.fsencode(fresh / "unpickled") + b"'\ntR."
    file.write_bytes(
        {
            "cut short": content[: len(content) // 2],
            "emptied": b"",
            "altered": content[:-1] + bytes([content[-1] ^ 1]),
            "replaced": content[:32] + harmful,
        }[damage]
    )
    assert compiled(factory(2.0), SIGNATURE)(3.0) == 6.0
    assert not (fresh / "unpickled").exists()
    assert kept(fresh) == [file]
    assert hashlib.sha256(file.read_bytes()[32:]).digest() == file.read_bytes()[:32]


@pytest.mark.skipif(os.name != "posix", reason="owners and modes are POSIX")
def test_a_folder_that_others_can_write_to_is_not_trusted(fresh, capsys):
    place = cache.folder_name()
    place.mkdir(parents=True)
    place.chmod(0o777)
    assert compiled(factory(2.0), SIGNATURE)(3.0) == 6.0
    assert compiled(factory(5.0), SIGNATURE)(3.0) == 15.0
    assert kept(fresh) == []
    assert capsys.readouterr().err.count("warning: kernels are compiled anew in each run") == 1


def test_without_a_cache_folder_kernels_still_run(fresh, monkeypatch, capsys):
    (fresh / "file").write_text("")
    monkeypatch.setenv("XDG_CACHE_HOME", str(fresh / "file"))
    cache.folder.cache_clear()
    assert compiled(factory(2.0), SIGNATURE)(3.0) == 6.0
    assert "warning: kernels are compiled anew in each run: no cache folder" in capsys.readouterr().err


def test_a_relative_cache_folder_is_not_followed(monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", "here")
    monkeypatch.setenv("HOME", os.path.join(os.sep, "home", "somebody"))
    assert cache.folder_name().is_absolute()
    assert "here" not in cache.folder_name().parts
