"""conform: which dialect an implementation follows, where it differs from it, and why."""

from __future__ import annotations

import io
import json
import pickle
from dataclasses import dataclass, replace

import mutants
import numpy as np
import pytest
from mutants import MOMENTS, Forgetful, Single, Steps, Subject

from adambench.cli import exit_code
from adambench.configuration import find_dialect, find_optimizer, parse
from adambench.conform.account import document, lines
from adambench.conform.bound import step_bound
from adambench.conform.comparison import TOLERANCE
from adambench.conform.conformance import conclude, examined, recorded
from adambench.conform.explanation import _interchangeable, _swapped_changes
from adambench.conform.family import candidates, family, named_optimizer
from adambench.conform.mistake import step_ahead, step_behind
from adambench.conform.probe import SINGLE_LIMIT, Probe, extremal_gradients, probes
from adambench.conform.recording import DEEPEST, read_recording, recordable
from adambench.conform.rounding import UNITS, shaken
from adambench.conform.trajectory import walk
from adambench.errors import AdambenchError
from adambench.foreign.adapter import Build
from adambench.foreign.adapters.protocol import Stepping
from adambench.foreign.fault import Fault, ImplementationError
from adambench.optimizers import all_optimizers


class InProcess:
    """What the worker of a child process does, in this one."""

    watched = False

    def __init__(self, subject):
        self.subject = subject

    def begin(self, values, x, shape, precision="float64"):
        self._values = dict(values)
        return self._make(np.array(x, np.float64).astype(precision).reshape(shape))

    def _make(self, x):
        unknown = [] if self.subject.blind else self._values.keys() - self.subject.defaults
        if unknown or (self.subject.blind and self._values):
            raise AdambenchError(f"no hyperparameter {unknown}")
        self._running = Stepping(Build("subject", self.subject(**self._values), False, {}, x))
        return {} if self.subject.blind else {**self.subject.defaults, **self._values}

    def step(self, gradient, rate=1.0, loss=0.0):
        gradient = np.asarray(gradient).astype(self._running.x().dtype)
        try:
            return self._running.step(gradient, rate, loss).astype(np.float64)
        except Fault as fault:
            raise ImplementationError(f"subject {fault}") from None

    def point(self):
        return self._running.point()

    def save(self):
        try:
            self._saved = self._running.save(), self._running.x()
        except Fault as fault:
            raise ImplementationError(f"subject {fault}") from None

    def restore(self):
        state, x = self._saved
        self._make(x)
        self._running.load(state)

    def count(self, steps=None):
        return self._running.count(steps)


def check(subject, expected=None, name=None):
    """What conform finds: beside the dialect NAME@DIALECT, or in the family of `name`."""
    base, _, dialect = (expected or name).partition("@")
    optimizer = find_optimizer(base)
    wanted = find_dialect(optimizer, dialect) if expected else None
    return examined(InProcess(subject), "subject", optimizer, {}, wanted)


def passed(subject, probe):
    """x after each step of a probe, without any of adambench's machinery."""
    made = {**subject.defaults, **({} if subject.blind else probe.hyperparameters)}
    optimizer, x, points = subject.kind(subject.rule, made), probe.x0, []
    state = optimizer.init(x)
    for number, (gradient, rate) in enumerate(zip(probe.gradients, probe.rates, strict=True)):
        if number == probe.restored:
            optimizer, state = subject.kind(subject.rule, made), pickle.loads(pickle.dumps(state))
        x, state = optimizer.step(x, gradient, state, rate)
        points.append(x)
    return np.array(points)


def first_difference(mutant, original, probe):
    """(step, coordinate) where two transcriptions part by more than 1e-12 (1 + the largest |x| so far)."""
    with np.errstate(all="ignore"):
        one, other = passed(mutant, probe), passed(original, probe)
    scale = 1 + np.maximum.accumulate(np.abs(np.concatenate([probe.x0[None], other])), axis=0)[1:]
    apart = np.argwhere(np.abs(one - other) > 1e-12 * scale)
    return (int(apart[0][0]) + 1, tuple(apart[0][1:].tolist())) if len(apart) else None


WEIGHT_DECAY = {**MOMENTS, "weight_decay": 0.01}
MEAN_SQUARE = {"lr": 1e-2, "rho": 0.99, "eps": 1e-8, "momentum": 0.0, "centered": False}
VELOCITY = {"lr": 1e-3, "momentum": 0.9, "dampening": 0.0, "nesterov": False}

ADAM = Subject(mutants.adam, MOMENTS)
AMSGRAD = Subject(mutants.amsgrad, MOMENTS)
ADAMW = Subject(mutants.adamw, WEIGHT_DECAY)
RMSPROP = Subject(mutants.rmsprop, MEAN_SQUARE)
MOMENTUM = Subject(mutants.sgd, VELOCITY)


@dataclass(frozen=True)
class Mutant:
    """A mistaken copy of `original`, which is `dialect`; `why`: what the explanation must speak of, "" for none."""

    name: str
    rule: object
    why: str = ""
    dialect: str = "adam@torch"
    original: Subject = ADAM
    kind: type = Steps
    blind: bool = False

    @property
    def subject(self):
        return replace(self.original, rule=self.rule, kind=self.kind, blind=self.blind)


ONE, TWO = (lambda h, s: mutants.correction(h, s)[0]), (lambda h, s: mutants.correction(h, s)[1])
NONE = lambda h, s: 1.0  # noqa: E731


def shifted(steps):
    return [lambda h, s, place=place: mutants.correction(h, s, steps)[place] for place in (0, 1)]


def single(name):
    return {name: lambda h: float(np.float32(h[name]))}


MUTANTS = (
    Mutant("epsilon inside", mutants.adam_epsilon_inside, "epsilon is added inside the square root"),
    Mutant("epsilon raw", mutants.adam_epsilon_raw, "epsilon is added to the root of the uncorrected second moment"),
    Mutant("correction a step late", mutants.adam_corrected(*shifted(1)), "the step count is one ahead"),
    Mutant("correction a step early", mutants.adam_corrected(*shifted(-1)), "the step count is one behind"),
    Mutant("no correction", mutants.adam_corrected(NONE, NONE), "bias_correction_mu is false"),
    Mutant("first moment not corrected", mutants.adam_corrected(NONE, TWO), "bias_correction_mu is false"),
    Mutant("second moment not corrected", mutants.adam_corrected(ONE, NONE), "bias_correction_nu is false"),
    Mutant("beta1 in float32", mutants.adam_with(**single("beta1")), "beta1 is rounded to float32"),
    Mutant("beta2 in float32", mutants.adam_with(**single("beta2")), "beta2 is rounded to float32"),
    Mutant("eps in float32", mutants.adam_with(**single("eps")), "eps is rounded to float32"),
    Mutant("lr in float32", mutants.adam_with(**single("lr")), "lr is rounded to float32"),
    Mutant(
        "betas swapped",
        mutants.adam_with(beta1=lambda h: h["beta2"], beta2=lambda h: h["beta1"]),
        "beta1 and beta2 are in each other's place",
    ),
    Mutant("epsilon 1e-7", mutants.adam_with(eps=lambda h: 1e-7), "eps is 1e-7, not 1e-8", blind=True),
    Mutant("another lr", mutants.adam_with(lr=lambda h: 3e-4), "lr is 0.0003, not 0.001", blind=True),
    Mutant("slow start", mutants.adam_slow_start),
    Mutant("m of the step before", mutants.adam_stale("m")),
    Mutant("v of the step before", mutants.adam_stale("v")),
    Mutant("no square root", mutants.adam_without_root),
    Mutant("lazy", mutants.adam_lazy),
    Mutant("second moment of m", mutants.adam_of_the_first_moment),
    Mutant("x in float32", mutants.adam_in_single, "x is rounded to float32 at every step"),
    Mutant("gradient in float32", mutants.adam_of_single_gradients, "the gradient is rounded to float32"),
    Mutant("moments in float32", mutants.adam_with_single_moments, "the state is rounded to float32"),
    Mutant("counter lost", mutants.adam, kind=Forgetful),
    Mutant("maximum of m", mutants.amsgrad_of_the_first_moment, "", "amsgrad@torch", AMSGRAD),
    Mutant("maximum of the corrected", mutants.amsgrad_optax, "largest corrected", "amsgrad@torch", AMSGRAD),
    Mutant("no maximum", mutants.amsgrad_forgetting, "amsgrad", "amsgrad@torch", AMSGRAD),
    Mutant("decay times 1.000001", mutants.adamw_much, "", "adamw@torch", ADAMW),
    Mutant("decay after", mutants.adamw_after, "weight decay shrinks x after the step", "adamw@torch", ADAMW),
    Mutant("decay coupled", mutants.adamw_coupled, "weight decay is added to the gradient", "adamw@torch", ADAMW),
    Mutant("decay without lr", mutants.adamw_unscaled, "by weight_decay alone", "adamw@torch", ADAMW),
    Mutant("decay of some", mutants.adamw_where_there_is_a_gradient, "", "adamw@torch", ADAMW),
    Mutant("rmsprop, inside", mutants.rmsprop_epsilon_inside, "inside the square root", "rmsprop@torch", RMSPROP),
    Mutant("mean square, rate folded", mutants.rmsprop_folded, "velocity", "rmsprop@torch", RMSPROP),
    Mutant("centered wrongly", mutants.rmsprop_centered_wrongly, "", "rmsprop@torch", RMSPROP),
    Mutant("dampened at once", mutants.sgd_dampened_from_the_start, "first step is damp", "momentum@torch", MOMENTUM),
    Mutant("dampened late", mutants.sgd_dampened_late, "second step is not dampened", "momentum@torch", MOMENTUM),
    Mutant("not looking ahead", mutants.sgd_not_looking_ahead, "look ahead", "momentum@torch", MOMENTUM),
    Mutant("looking too far", mutants.sgd_looking_too_far, "", "momentum@torch", MOMENTUM),
    Mutant("velocity, rate folded", mutants.sgd_folded, "velocity", "momentum@torch", MOMENTUM),
)  # fmt: skip


def test_there_are_at_least_as_many_mutants_as_promised():
    assert len({mutant.name for mutant in MUTANTS}) == len(MUTANTS) >= 24


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.name)
def test_a_mutant_is_reported_with_its_first_differing_step_and_the_reason(mutant):
    found = check(mutant.subject, mutant.dialect)
    expected = {}
    for trajectory in found.trajectories:
        if trajectory.counts is None and (at := first_difference(mutant.subject, mutant.original, trajectory.probe)):
            expected[trajectory.probe.name] = at
    assert expected
    assert not found.conforms
    assert found.nearest.candidate.name == mutant.dialect
    assert {d.probe: (d.step, d.coordinate) for d in found.nearest.differences} == expected
    first = found.nearest.differences[0]
    trajectory = next(t for t in found.trajectories if t.probe.name == first.probe)
    assert first.theirs == trajectory.iterates[(first.step - 1, *first.coordinate)] != first.ours
    words = " and ".join(change.words for change in found.changes)
    assert (mutant.why in words) if mutant.why else not words


def test_a_counter_that_stops_in_float32_is_seen_where_it_stops():
    found = check(Subject(mutants.adam, MOMENTS, Single), "adam@torch")
    (difference,) = found.nearest.differences
    assert (difference.what, difference.theirs, difference.ours) == ("step count", SINGLE_LIMIT, SINGLE_LIMIT + 1)
    assert difference.step == 3


KERAS = {**MOMENTS, "eps": 1e-7}
CORRECT = {
    "adam@torch": ADAM,
    "adam@keras": Subject(mutants.adam_keras, KERAS),
    "adam@optax": Subject(mutants.adam, {**MOMENTS, "eps_root": 0.0}),
    "amsgrad@torch": AMSGRAD,
    "amsgrad@optax": Subject(mutants.amsgrad_optax, MOMENTS),
    "adamw@torch": ADAMW,
    "rmsprop@torch": RMSPROP,
    "rmsprop@optax": Subject(mutants.rmsprop_optax, {**MEAN_SQUARE, "rho": 0.9}),
    "rmsprop@keras": Subject(mutants.rmsprop_keras, {**MEAN_SQUARE, "lr": 1e-3, "rho": 0.9, "eps": 1e-7}),
    "adagrad@torch": Subject(mutants.adagrad, {"lr": 1e-2, "lr_decay": 0.0, "initial_accumulator": 0.0, "eps": 1e-10}),
    "adagrad@optax": Subject(mutants.adagrad_optax, {"lr": 1e-2, "initial_accumulator": 0.1, "eps": 1e-7}),
    "momentum@torch": MOMENTUM,
    "momentum@keras": Subject(mutants.sgd_keras, {"lr": 1e-2, "momentum": 0.9, "nesterov": False}),
}


@pytest.mark.parametrize("name", CORRECT)
@pytest.mark.parametrize("blind", [False, True], ids=["readable", "blind"])
def test_a_transcription_is_recognised(name, blind):
    optimizer, dialect = find_optimizer(name.partition("@")[0]), name.partition("@")[2]
    driven_at = find_dialect(optimizer, dialect).defaults["lr"] or optimizer.dialects[0].defaults["lr"]
    if blind and driven_at != CORRECT[name].defaults["lr"]:
        pytest.skip("it is driven at another learning rate than the dialect's own, and cannot say so")
    found = check(replace(CORRECT[name], blind=blind), name=name.partition("@")[0])
    assert name in [agreement.candidate.name for agreement in found.equal]
    assert found.conforms
    assert not found.findings
    assert found.asked


ORTHOGONAL = {"lr": 1e-2, "momentum": 0.95, "nesterov": True, "weight_decay": 0.1, "eps": 1e-7}


def test_a_library_that_rounds_is_recognised_up_to_its_rounding():
    found = check(Subject(mutants.muon_in(mutants.brief), ORTHOGONAL), "muon@torch")
    assert found.conforms
    assert not found.findings
    agreement = found.equal[0]
    assert (agreement.candidate.name, agreement.precision) == ("muon@torch", "bfloat16")
    assert 1e-4 < agreement.deviation <= agreement.tolerance < 0.5


def test_a_rule_in_float64_is_recognised_in_float64_even_where_the_library_rounds():
    found = check(Subject(mutants.muon, ORTHOGONAL), "muon@torch")
    assert found.conforms
    assert (found.equal[0].precision, found.equal[0].tolerance) == ("float64", TOLERANCE)
    assert found.equal[0].deviation < TOLERANCE


def test_one_rounding_is_not_taken_for_a_coarser_precision_than_the_dialect_has():
    """muon@keras is of a library that computes in float32."""
    values = {**{name: value for name, value in ORTHOGONAL.items() if name != "eps"}, "rms_rate": 0.2}

    for rounded, conforms in ((mutants.single, True), (mutants.brief, False)):
        found = check(Subject(mutants.muon_keras_in(rounded), values), "muon@keras")
        assert ("muon@keras" in [a.candidate.name for a in found.equal]) == conforms
        assert found.conforms == conforms


@pytest.mark.parametrize(
    ("rule", "why"),
    [
        (mutants.muon_in(mutants.brief, steps=4), ""),
        (mutants.muon_in(mutants.brief, scale=1.0), "muon@torch does not"),
        (mutants.muon_coupled, "weight decay is added to the gradient"),
        (lambda h, x, g, s, rate: mutants.muon({**h, "nesterov": False}, x, g, s, rate, mutants.brief), "nesterov"),
        (
            lambda h, x, g, s, rate: mutants.muon({**h, "lr": 1.1 * h["lr"]}, x, g, s, rate, mutants.brief),
            "lr is 0.011",
        ),
    ],
    ids=["an iteration less", "not scaled", "decay coupled", "not looking ahead", "lr"],
)
def test_rounding_does_not_excuse_a_mistake(rule, why):
    found = check(Subject(rule, ORTHOGONAL), "muon@torch")
    assert not found.conforms
    assert found.nearest.differences
    words = " and ".join(change.words for change in found.changes)
    assert (why in words) if why else not words


def test_no_slack_is_given_to_dialects_that_do_not_round():
    found = check(Subject(mutants.adam_in_single, MOMENTS), name="adam")
    assert not found.equal
    assert {d.precision for member in family(find_optimizer("adam")) for d in member.dialects} == {"float64"}


def test_the_note_of_a_dialect_says_what_is_computed_in_less():
    rounding = [d for optimizer in all_optimizers().values() for d in optimizer.dialects if d.precision != "float64"]
    assert len(rounding) >= 7
    assert all(d.precision in UNITS and d.precision in d.note for d in rounding)


@pytest.mark.parametrize("precision", UNITS)
def test_a_shaken_gradient_has_the_bits_of_the_precision_and_is_off_by_one(precision):
    gradient = np.random.default_rng(0).standard_normal((40, 3)) * 10.0 ** np.arange(-1, 2)
    off = shaken(gradient, precision)
    rounded = {"float32": mutants.single, "bfloat16": mutants.brief}[precision]
    assert (rounded(off) == off).all()
    assert 0 < np.max(np.abs(off / gradient - 1)) <= 2.01 * UNITS[precision]
    assert (shaken(4 * gradient, precision) == 4 * off).all()
    assert shaken(gradient, "float64") is gradient


def test_a_shifted_step_count_has_the_coefficients_of_another_step():
    (configuration,) = parse("adam")
    plain = configuration.optimizer.coefficients(configuration.flags)
    hyper = (1e-3, 0.9, 0.999, 1e-8, 0.0, 0.0, 1.0)

    def passed(coefficients):
        carry, constants = (1.0, 1.0), []
        for t in range(1, 8):
            found, carry = coefficients(hyper, t, carry)
            constants.append(found)
        return constants

    ahead = passed(step_ahead(configuration.optimizer.coefficients)(configuration.flags))
    behind = passed(step_behind(configuration.optimizer.coefficients)(configuration.flags))
    assert ahead[:-1] == passed(plain)[1:]
    assert behind == [passed(plain)[0], *passed(plain)[:-1]]


def test_dialects_that_lack_nothing_are_named_first():
    found = check(CORRECT["adam@optax"], name="adam")
    assert found.equal[0].candidate.name == "adam@optax"
    torch = next(a for a in found.equal if a.candidate.name == "adam@torch")
    assert torch.lacking == ("eps_root",)


def test_the_default_dialect_is_named_first_among_equals():
    assert check(ADAM, name="adam").equal[0].candidate.name == "adam@torch"


@pytest.mark.parametrize("name", [name for name, found in all_optimizers().items() if found.curvature is None])
def test_a_dialect_recognises_its_own_recording(name):
    optimizer = find_optimizer(name)
    *_, last = found = [own for own in candidates(optimizer, {}) if own.optimizer is optimizer]
    for own in (found[0], last):
        recording = read_recording(filled(optimizer, own), "here")
        found = conclude(optimizer, recording.trajectories, (own,), own.dialect, recording.hyperparameters, {})
        assert found.conforms, own.name


def filled(optimizer, candidate):
    """The bytes of a recording with the iterates of one of ours."""
    document = json.loads(recordable(optimizer, {}))
    document["hyperparameters"] = dict(candidate.values)
    for row in document["probes"]:
        arrays = (np.array(row[key]) for key in ("x0", "gradients", "rates"))
        probe = Probe(row["name"], *arrays, row["hyperparameters"])
        configuration = candidate.at(probe.hyperparameters).configuration
        iterates = np.array([x for x, _ in walk(configuration, probe)])
        row["iterates"] = iterates.tolist() if np.isfinite(iterates).all() else None
    return json.dumps(document).encode()


def test_what_is_guessed_from_a_name():
    names = {
        "torch.optim.Adam": "adam",
        "torch.optim.AdamW": "adamw",
        "apex.optimizers.FusedAdam": "adam",
        "my.MyAdam": "adam",
        "torch.optim.NAdam": "nadam",
        "keras.optimizers.RMSprop": "rmsprop",
        "torch.optim.SGD": "sgd",
        "schedulefree.SGDScheduleFree": "schedulefree-sgd",
        "optax.adagrad": "adagrad",
    }
    assert {name: named_optimizer(name).name for name in names} == names
    with pytest.raises(AdambenchError, match="--as NAME"):
        named_optimizer("my.optimizer.Thing")


def test_a_family_is_the_optimizers_of_one_rule():
    assert {member.name for member in family(find_optimizer("adam"))} == {"adam", "adamw", "amsgrad"}
    assert {member.name for member in family(find_optimizer("sgd"))} == {"sgd", "momentum", "nesterov"}


def test_a_sibling_takes_part_where_the_values_speak_for_it():
    adam = find_optimizer("adam")
    unknown = {c.name for c in candidates(adam, {})}
    assert {"adam@torch", "amsgrad@torch", "adamw@torch"} <= unknown
    known = {c.name for c in candidates(adam, {"amsgrad": False, "weight_decay": 0.0})}
    assert "adam@torch" in known
    assert not {"amsgrad@torch", "adamw@torch"} & known


def test_an_implementation_that_returns_what_is_not_finite_has_failed():
    def rule(h, x, g, s, rate):
        return mutants.adam(h, x, g, s, rate) if s["t"] < 7 else x * np.nan

    with pytest.raises(ImplementationError, match=r"x\[0\] is nan after step 7 of the probe 'ordinary gradients'"):
        check(Subject(rule, MOMENTS), "adam@torch")


def test_an_implementation_without_schedules_is_driven_without_them():
    class Constant(Steps):
        def step(self, x, gradient, state):
            return super().step(x, gradient, state)

    found = check(Subject(mutants.adam, MOMENTS, Constant), "adam@torch")
    assert found.conforms
    assert not any((trajectory.probe.rates != 1).any() for trajectory in found.trajectories)
    (line,) = [line for line in lines(found, "subject", "") if "could not be driven" in line]
    assert line == (
        "  could not be driven on: changing learning rate; eps=0.001, changing learning rate: "
        "subject has no way to change lr between two steps"
    )
    assert document(found, "subject", "")["left_out_reasons"].keys() == found.left_out.keys()


def test_each_reason_for_which_probes_are_left_out_is_said_once():
    class Bare(Steps):
        """Its state says nothing of the step, and is none of the kinds that can be saved."""

        def init(self, x):
            return {"open": lambda: None, **super().init(x)}

        def step(self, x, gradient, state, rate=1.0):
            new, after = super().step(x, gradient, {key: state[key] for key in state if key != "open"}, rate)
            return new, {**after, "open": state["open"]}

    found = check(Subject(mutants.adam, MOMENTS, Bare), "adam@torch")
    said = [line for line in lines(found, "subject", "") if "could not be driven" in line]
    assert len(said) == 1
    assert said[0].startswith("  could not be driven on: state saved and restored: subject has a state that cannot be ")


def test_a_value_is_not_explained_by_one_of_another_kind():
    """Of two steps of the same size that gradients of two sizes gave, clipping to the length of eps would be a way."""
    steps = {"x0": [1.0], "gradients": [[1.0], [2.0]], "iterates": [[0.999], [0.998]]}
    found = recorded(read_recording(json.dumps(steps).encode(), "here"), "here", find_optimizer("adam"))
    assert not found.changes


@pytest.mark.parametrize(
    ("name", "one", "other", "may"),
    [
        ("adam", "beta1", "beta2", True),
        ("adam@optax", "eps", "eps_root", True),
        ("adam", "eps", "clip_norm", False),
        ("adam", "beta1", "eps", False),
        ("adam", "beta1", "average", False),
        ("adamw", "weight_decay", "eps", False),
        ("rmsprop", "rho", "momentum", True),
    ],
)
def test_only_hyperparameters_of_one_kind_are_taken_for_each_other(name, one, other, may):
    base, _, dialect = name.partition("@")
    optimizer = find_optimizer(base)
    candidate = next(c for c in candidates(optimizer, {}) if c.dialect is find_dialect(optimizer, dialect or "torch"))
    assert (
        {one, other}
        in [{*change.swapped} for change in _swapped_changes(candidate) if _interchangeable(candidate, *change.swapped)]
    ) == may


@pytest.mark.parametrize(
    ("rule", "invariants"),
    [
        (mutants.adam_epsilon_inside, {"gradient scale", "first step of the learning rate"}),
        (mutants.adam_without_root, {"longest step", "eigenvalues do not matter"}),
        (mutants.adam_corrected(ONE, NONE), {"longest step", "constant gradient moves by the learning rate"}),
        (mutants.adam_slow_start, {"first step of the learning rate"}),
        (lambda h, x, g, s, rate: mutants.adam(h, x, np.roll(g, 1), s, rate), {"separability"}),
        (lambda h, x, g, s, rate: mutants.adam(h, x, g + 0.01, s, rate), {"zero gradient", "sign flip"}),
        (lambda h, x, g, s, rate: mutants.adam(h, x, g, s, max(rate, 0.1)), {"zero learning rate"}),
    ],
)
def test_the_invariants_that_fail_are_named(rule, invariants):
    found = check(Subject(rule, MOMENTS), "adam@torch")
    assert invariants <= {finding.name for finding in found.findings}
    assert all(any(character.isdigit() for character in finding.text) for finding in found.findings)


def test_the_extremal_sequence_exceeds_the_paper_and_meets_the_tight_bound():
    """(1 - beta1) / sqrt(1 - beta2) is what Kingma & Ba 2015 say; by Cauchy and Schwarz it is 7.27 as t grows."""
    beta1, beta2, lr, steps = 0.9, 0.999, 1e-3, 8000
    paper = (1 - beta1) / np.sqrt(1 - beta2)
    assert paper == pytest.approx(3.16, abs=0.005)
    assert step_bound(beta1, beta2, 10**6) == pytest.approx(7.27, abs=0.005)
    assert step_bound(0.9, 0.99, 10**6) == pytest.approx(2.35, abs=0.005)
    assert step_bound(0.0, beta2, 10**6) == pytest.approx(1 / np.sqrt(1 - beta2))
    (configuration,) = parse("adam:eps=0")
    gradients = 1e30 * extremal_gradients(1, steps)  # so that the first squares do not vanish
    gradients[: steps - 1500] = gradients[steps - 1500]
    x = [0.0, *(float(p[0]) for p, _ in walk(configuration, Probe("", np.zeros(1), gradients, np.ones(steps))))]
    lengths = np.abs(np.diff(x)) / lr
    bounds = np.array([step_bound(beta1, beta2, t) for t in range(1, steps + 1)])
    assert (lengths <= bounds * (1 + 1e-9)).all()
    assert lengths[-1] == pytest.approx(bounds[-1], rel=1e-6)
    assert lengths[-1] > 2.2 * paper


def test_the_tight_bound_holds_for_every_probe_and_one_exceeds_the_paper():
    (configuration,) = parse("adam")
    longest = 0.0
    for probe in probes(configuration.optimizer, None):
        if not probe.recordable or (probe.rates != 1).any():
            continue
        path = np.array([probe.x0, *(x for x, _ in walk(configuration, probe))])
        lengths = np.abs(np.diff(path, axis=0)).max(axis=1) / 1e-3
        bounds = np.array([step_bound(0.9, 0.999, t) for t in range(1, len(lengths) + 1)])
        assert (lengths <= bounds * (1 + 1e-9) + 1e-11).all(), probe.name
        longest = max(longest, lengths.max())
    assert longest > 0.1 / np.sqrt(0.001)


GOOD = {"x0": [1.0, 2.0], "gradients": [[1.0, 0.5]], "iterates": [[0.999, 1.999]]}
ROW = {"name": "p", **GOOD}
BROKEN = {
    "not JSON": ("{", "expected JSON"),
    "not UTF-8": (b"\xff", "UTF-8"),
    "not an object": ("[1]", "expected an object"),
    "a key twice": ('{"x0": [1], "x0": [2]}', "given twice"),
    "NaN": ('{"x0": [NaN], "gradients": [[1]], "iterates": [[1]]}', "NaN"),
    "Infinity": ('{"x0": [-Infinity], "gradients": [[1]], "iterates": [[1]]}', "Infinity"),
    "too large a number": ('{"x0": [1e999], "gradients": [[1]], "iterates": [[1]]}', "too large"),
    "too many digits": ('{"x0": [1' + 6000 * "0" + '], "gradients": [[1]], "iterates": [[1]]}', "too large"),
    "too deep": (100_000 * "[", f"more than {DEEPEST} levels"),
    "an unknown key": ({**GOOD, "iterate": []}, 'unknown key "iterate" (did you mean iterates?)'),
    "another schema": ({**GOOD, "schema": "adambench/trajectory/9"}, "schema: expected"),
    "an unknown optimizer": ({**GOOD, "optimizer": "adma"}, "did you mean"),
    "an optimizer that is a list": ({**GOOD, "optimizer": ["adam"]}, "optimizer: expected"),
    "no gradients": ({"x0": [1.0], "iterates": [[1.0]]}, "gradients is missing"),
    "no steps": ({**GOOD, "gradients": [], "iterates": []}, "gradients: expected a list of points"),
    "too few iterates": ({**GOOD, "gradients": [[1, 1], [1, 1]]}, "iterates: expected 2 points"),
    "another shape": ({**GOOD, "iterates": [[1.0]]}, "iterates[0]: expected the shape [2]"),
    "ragged": ({**GOOD, "x0": [[1.0, 2.0], [3.0]]}, "x0[1]: expected 2 numbers"),
    "a text for a number": ({**GOOD, "x0": ["1", 2.0]}, 'x0: expected numbers, got "1"'),
    "a switch for a number": ({**GOOD, "x0": [True, 2.0]}, "x0: expected numbers, got true"),
    "null for a number": ({**GOOD, "iterates": [[None, 1.0]]}, "iterates[0]: expected numbers, got null"),
    "too few rates": ({**GOOD, "rates": []}, "rates: expected 1 numbers"),
    "hyperparameters as a list": ({**GOOD, "hyperparameters": [1]}, "hyperparameters: expected an object"),
    "a text for a hyperparameter": ({**GOOD, "hyperparameters": {"lr": "1"}}, "hyperparameters.lr: expected a number"),
    "an unknown hyperparameter": ({**GOOD, "hyperparameters": {"bta1": 0.9}}, "did you mean beta1"),
    "a number for a switch": ({**GOOD, "hyperparameters": {"amsgrad": 1}}, "amsgrad: expected true or false"),
    "out of bounds": ({**GOOD, "hyperparameters": {"beta1": 1.5}}, "beta1: expected a number from 0 below 1"),
    "no probes": ({"probes": []}, "probes: expected a list"),
    "a probe that is a number": ({"probes": [1]}, "probes[0]: expected an object"),
    "a name that a terminal acts on": ({"probes": [{**ROW, "name": "\u001b[2J"}]}, "probes[0].name: expected a text"),
    "nothing filled in": ({"probes": [{**ROW, "iterates": None}]}, "fill in"),
}


@pytest.mark.parametrize("case", BROKEN)
def test_a_broken_recording_is_one_clear_error(case):
    given, message = BROKEN[case]
    text = given if isinstance(given, bytes) else (given if isinstance(given, str) else json.dumps(given)).encode()
    with pytest.raises(AdambenchError) as error:
        recorded(read_recording(text, "here"), "here", find_optimizer("adam"))
    assert str(error.value).startswith("here:")
    assert message in str(error.value)
    assert len(str(error.value).splitlines()) == 1
    assert error.value.exit_code == 2


def test_a_recording_too_large_to_read_is_refused(monkeypatch):
    monkeypatch.setattr("adambench.conform.recording.LARGEST", 10)
    with pytest.raises(AdambenchError, match="at most 10 bytes"):
        read_recording(json.dumps(GOOD).encode(), "here")


def test_a_recording_without_hyperparameters_is_compared_with_each_dialect_at_its_own():
    adam = find_optimizer("adam")
    for name in ("torch", "tensorflow"):
        own = next(c for c in candidates(adam, {}) if c.name == f"adam@{name}")
        document = json.loads(filled(adam, own))
        row = document["probes"][0]
        simple = {key: row[key] for key in ("x0", "gradients", "iterates")}
        found = recorded(read_recording(json.dumps(simple).encode(), "here"), "here", adam)
        assert own.name in [agreement.candidate.name for agreement in found.equal]


CODE = """\
import numpy as np
import time

class MyAdam:
    def __init__(self, lr=0.001, beta1=0.9, beta2=0.999, eps=1e-8):
        self.lr, self.beta1, self.beta2, self.eps = lr, beta1, beta2, eps

    def init(self, x):
        return np.zeros_like(x), np.zeros_like(x), 0

    def step(self, x, gradient, state, rate=1.0):
        m, v, t = state
        t = t + 1
        m = self.beta1 * m + (1 - self.beta1) * gradient
        v = self.beta2 * v + (1 - self.beta2) * gradient**2
        return self.moved(x, rate, m / (1 - self.beta1**t), v / (1 - self.beta2**t)), (m, v, t)

    def moved(self, x, rate, m, v):
        return x - rate * self.lr * m / (np.sqrt(v) + self.eps)

class InsideAdam(MyAdam):
    def moved(self, x, rate, m, v):
        return x - rate * self.lr * m / np.sqrt(v + self.eps)

class RaisingAdam(MyAdam):
    def moved(self, x, rate, m, v):
        raise RuntimeError("boom")

class HangingAdam(MyAdam):
    def moved(self, x, rate, m, v):
        time.sleep(60)

class NanAdam(MyAdam):
    def moved(self, x, rate, m, v):
        return x * np.nan

class ShapeAdam(MyAdam):
    def moved(self, x, rate, m, v):
        return x[:1]

class SingleAdam(MyAdam):
    def moved(self, x, rate, m, v):
        return x.astype(np.float32)

class ChangingAdam(MyAdam):
    def moved(self, x, rate, m, v):
        x -= rate * self.lr * m / (np.sqrt(v) + self.eps)
        return x
"""


@pytest.fixture
def call(capsys, monkeypatch, tmp_path):
    """call(argument, ...): exit code, standard output, standard error; in a folder with optimizers.py."""
    (tmp_path / "optimizers.py").write_text(CODE)
    monkeypatch.chdir(tmp_path)

    def call(*arguments):
        code = exit_code(["conform", *(str(argument) for argument in arguments)])
        return code, *capsys.readouterr()

    return call


def test_the_command_says_what_it_equals(call):
    code, out, err = call("optimizers.MyAdam")
    assert (code, err) == (0, "")
    assert "equals adam@torch\n" in out
    assert "adam@paper" in out
    assert call("optimizers.MyAdam", "--expect", "adam@torch")[0] == 0


def test_the_command_says_what_it_is_not_and_why(call):
    code, out, _ = call("optimizers.InsideAdam")
    assert code == 1
    assert "equals no dialect of adam: the nearest is adam@torch" in out
    assert "probe 'ordinary gradients', step 1, x[0]" in out
    assert "why: epsilon is added inside the square root" in out
    assert "fails: gradient scale: " in out
    code, out, _ = call("optimizers.MyAdam", "--expect", "adam@tensorflow")
    assert code == 1
    assert "is not adam@tensorflow: it equals adam@torch" in out
    assert "adam@tensorflow does not" in out


def test_the_command_writes_json(call, tmp_path):
    code, out, _ = call("optimizers.InsideAdam", "--json", "-o", tmp_path / "found.json")
    assert (code, out) == (1, "")
    found = json.loads((tmp_path / "found.json").read_text())
    assert found["schema"] == "adambench/conform/1"
    assert (found["conforms"], found["nearest"], found["equal"]) == (False, "adam@torch", [])
    assert found["differences"][0]["step"] == 1
    assert found["hyperparameters"] == MOMENTS
    assert "gradient scale" in [failed["name"] for failed in found["invariants"]["failed"]]


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("Raising", "raised RuntimeError: boom"),
        ("Hanging", "took longer than"),
        ("Nan", "not finite"),
        ("Shape", "shape"),
        ("Single", "float32"),
        ("Changing", "changed the x it was given"),
    ],
)
def test_an_implementation_that_fails_is_one_sentence_and_exit_4(call, name, said):
    code, out, err = call(f"optimizers.{name}Adam", "--timeout", "0.5")
    assert (code, out) == (4, "")
    assert said in err
    assert len(err.splitlines()) == 1
    assert "Traceback" not in err


@pytest.mark.parametrize(
    "arguments",
    [
        (),
        ("adam",),
        ("optimizers.Nothing",),
        ("nowhere.MyAdam",),
        ("optimizers.MyAdam", "--as", "adma"),
        ("optimizers.MyAdam", "--expect", "adam@nothing"),
        ("optimizers.MyAdam", "--as", "sgd", "--expect", "adam@torch"),
        ("optimizers.MyAdam:lr=0.1/0.2",),
        ("optimizers.MyAdam:bta=1",),
        ("optimizers.MyAdam", "--timeout", "0"),
        ("missing.json",),
        ("--record", "probes.json"),
        ("optimizers.py",),
    ],
)
def test_wrong_usage_is_exit_2(call, arguments):
    code, out, err = call(*arguments)
    assert (code, out) == (2, "")
    assert "rror: " in err
    assert "Traceback" not in err


def test_probes_are_recorded_filled_in_elsewhere_and_compared(call, tmp_path):
    code, out, err = call("--as", "adam", "--record", "probes.json")
    assert (code, out) == (0, "")
    assert "fill in the iterates" in err
    assert [entry.name for entry in tmp_path.iterdir() if entry.name.startswith(".")] == []
    assert call("probes.json")[0] == 2
    document = json.loads((tmp_path / "probes.json").read_text())
    values = {name: document["hyperparameters"][name] for name in MOMENTS}
    rows = [row for row in document["probes"] if not row["hyperparameters"]]
    assert len(rows) >= 10
    for row in rows:
        arrays = (np.array(row[key]) for key in ("x0", "gradients", "rates"))
        row["iterates"] = passed(Subject(mutants.adam, values), Probe(row["name"], *arrays)).tolist()
    (tmp_path / "filled.json").write_text(json.dumps(document))
    code, out, _ = call("filled.json", "--expect", "adam@torch")
    assert code == 0
    assert f"{len(rows)} probes" in out
    rows[1]["iterates"][4][2] += 1e-9
    (tmp_path / "filled.json").write_text(json.dumps(document))
    code, out, _ = call("filled.json")
    assert code == 1
    assert f"probe {rows[1]['name']!r}, step 5, x[2]" in out


def test_a_recording_is_read_from_standard_input(call, monkeypatch):
    adam = find_optimizer("adam")
    text = filled(adam, candidates(adam, {})[0])
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(text)))
    code, out, _ = call("-")
    assert code == 0
    assert out.startswith("standard input equals adam@torch")


def test_a_place_that_cannot_be_written_is_exit_5(call, tmp_path):
    assert call("--as", "adam", "--record", tmp_path / "no" / "probes.json")[0] == 5
    assert call("optimizers.MyAdam", "-o", tmp_path / "no" / "found.json")[0] == 5
