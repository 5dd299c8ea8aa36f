"""Invariants: each is told from the mistake it is there for, and what fails inside one is no result."""

from __future__ import annotations

import json

import mutants
import numpy as np
import pytest

from adambench.cli import exit_code
from adambench.configuration import parse
from adambench.conform import invariant as module
from adambench.conform.family import Candidate
from adambench.conform.invariant import INVARIANTS, examine
from adambench.conform.probe import probes
from adambench.conform.subject import Subject, Undrivable, our_subject
from adambench.optimizers import all_optimizers

NAMED = {invariant.__name__: invariant for invariant in INVARIANTS}


def ours(text):
    """One of ours as a subject."""
    (configuration,) = parse(text)
    optimizer = configuration.optimizer
    plain = [probe for probe in probes(optimizer, None) if probe.recordable and (probe.rates == 1).all()]
    return our_subject(Candidate(optimizer, configuration.dialect, configuration.hyperparameters), plain)


def transcribed(rule, like):
    """A rule (h, x, g, s, rate) -> x as a subject, at the hyperparameters of one of ours."""

    def start(values, x0, precision):
        h, x = {**like.hyperparameters, **values}, np.array(x0).astype(precision)
        state = {"t": 0, "m": 0 * x, "v": 0 * x, "peak": 0 * x, "first": True}

        def step(gradient, rate):
            nonlocal x
            state["t"] += 1
            x = rule(h, x, np.array(gradient).astype(precision), state, rate)
            return x.astype(np.float64)

        return step, lambda: x

    return Subject(start, like.hyperparameters, like.settable, like.probes)


def adabelief(h, x, g, s, rate, surprise=lambda g, m: (g - m) ** 2):
    s["m"] = h["beta1"] * s["m"] + (1 - h["beta1"]) * g
    s["v"] = h["beta2"] * s["v"] + (1 - h["beta2"]) * surprise(g, s["m"]) + h["eps_root"]
    one, two = mutants.correction(h, s)
    return x - rate * h["lr"] * (s["m"] / one) / (np.sqrt(s["v"] / two) + h["eps"])


def yogi(h, x, g, s, rate, moved=lambda v, square: np.sign(square - v) * square):
    if s["t"] == 1:
        s["m"] = s["v"] = np.full_like(x, h["initial_accumulator"])
    s["m"] = h["beta1"] * s["m"] + (1 - h["beta1"]) * g
    s["v"] = s["v"] + (1 - h["beta2"]) * moved(s["v"], g * g)
    one, two = mutants.correction(h, s)
    return x - rate * h["lr"] * (s["m"] / one) / (np.sqrt(s["v"] / two) + h["eps"])


def adan(h, x, g, s, rate, forgetful=False):
    if s["first"]:
        s["n"], s["before"], s["first"] = 0 * x, 0 * g if forgetful else g, False
    d, s["before"] = g - s["before"], g
    s["m"] = h["beta1"] * s["m"] + (1 - h["beta1"]) * g
    s["v"] = h["beta2"] * s["v"] + (1 - h["beta2"]) * d
    s["n"] = h["beta3"] * s["n"] + (1 - h["beta3"]) * (g + h["beta2"] * d) ** 2
    one, two, three = (1 - h[name] ** s["t"] for name in ("beta1", "beta2", "beta3"))
    return x - rate * h["lr"] * (s["m"] / one + h["beta2"] * s["v"] / two) / (np.sqrt(s["n"] / three) + h["eps"])


def adafactor(h, x, g, s, rate, mean=np.mean, leeway=1.0, slowing=True):
    share, size = float(s["t"]) ** h["beta2_decay"], lambda z: np.sqrt(np.mean(z * z))
    if x.ndim == 2:
        r, c = s.get("r", 0.0), s.get("c", 0.0)
        s["r"], s["c"] = r + share * ((g * g).mean(1) - r), c + share * ((g * g).mean(0) - c)
        v = np.outer(s["r"], s["c"]) / mean(s["r"])
    else:
        s["v"] = v = s["v"] + share * (g * g - s["v"])
    u = np.divide(g, np.sqrt(v), out=0 * g, where=g != 0)
    rho = rate * (min(h["lr"], 1 / np.sqrt(s["t"])) if slowing else h["lr"])
    step = rho * max(h["eps2"], size(x)) * u / max(1.0, size(u) / (leeway * h["d"]))
    return x - rate * h["lr"] * h["weight_decay"] * x - step


def muon(h, x, g, s, rate, iterations=5):
    s["m"] = h["momentum"] * s["m"] + (1 - h["momentum"]) * g
    u = (1 - h["momentum"]) * g + h["momentum"] * s["m"]
    u = u / max(np.linalg.norm(u), h["eps"])
    for _ in range(iterations):
        square = u @ u.T
        u = h["a"] * u + (h["b"] * square + h["c"] * square @ square) @ u
    x = x * (1 - rate * h["lr"] * h["weight_decay"])
    return x - rate * h["lr"] * np.sqrt(max(1, x.shape[0] / x.shape[1])) * u


def uphill(h, x, g, s, rate):
    return 2 * x - mutants.adam(h, x, g, s, rate)


def but(rule, **changed):
    return lambda *given: rule(*given, **changed)


@pytest.mark.parametrize(
    ("mistaken", "said"),
    [
        (mutants.adam_without_root, "less than beta2 times what it was, "),
        (uphill, "which is that of a step along the mean of the gradients, not "),
    ],
)
def test_what_is_wrong_with_a_second_moment_is_what_is_asked_of_it(mistaken, said):
    text = NAMED["second_moment_keeps_beta2_of_itself"](transcribed(mistaken, ours("adam")))
    found, wanted = text.split(said)
    assert float(found.rstrip(", ").rpartition(" ")[2]) < float(wanted)


MISTAKES = [
    ("gradient_at_the_undecayed_x", "adamw", mutants.adamw, mutants.adamw_after),
    ("second_moment_keeps_beta2_of_itself", "adam", mutants.adam, mutants.adam_without_root),
    ("second_moment_keeps_beta2_of_itself", "adam", mutants.adam, uphill),
    (
        "second_moment_keeps_beta2_of_itself",
        "adabelief@optax:lr=0.001",
        adabelief,
        but(adabelief, surprise=lambda g, m: (g - m) * m),
    ),
    (
        "second_moment_moves_by_the_latest_square",
        "yogi@optax:lr=0.01",
        yogi,
        but(yogi, moved=lambda v, square: square - v),
    ),
    (
        "second_moment_moves_by_the_latest_square",
        "yogi@optax:lr=0.01",
        yogi,
        but(yogi, moved=lambda v, square: square),
    ),
    ("first_step_does_not_feel_beta2", "adan", adan, but(adan, forgetful=True)),
    ("first_step_of_the_learning_rate", "adan", adan, but(adan, forgetful=True)),
    ("step_relative_to_x", "adafactor", adafactor, but(adafactor, leeway=1.5)),
    ("step_relative_to_x_falls_with_time", "adafactor", adafactor, but(adafactor, slowing=False)),
    ("gradients_of_rank_one", "adafactor", adafactor, but(adafactor, mean=np.sum)),
    ("singular_values_near_one", "muon", muon, but(muon, iterations=2)),
    ("permutation", "adam", mutants.adam, lambda h, x, g, s, rate: mutants.adam(h, x, np.roll(g, 1), s, rate)),
]


@pytest.mark.parametrize(("name", "text", "rule", "mistaken"), MISTAKES, ids=[f"{m[0]} {m[1]}" for m in MISTAKES])
def test_an_invariant_tells_a_mistake_from_the_rule(name, text, rule, mistaken):
    invariant, known = NAMED[name], ours(text)
    assert invariant(known) == ""
    assert invariant(transcribed(rule, known)) == ""
    said = invariant(transcribed(mistaken, known))
    assert "after step" in said
    assert any(character.isdigit() for character in said)


@pytest.mark.parametrize(
    "text", ["adamw", "adafactor", "muon", "adan", "yogi@optax:lr=0.01", "adabelief@optax:lr=0.01"]
)
def test_a_transcription_satisfies_all_that_ours_does(text):
    rules = {"adamw": mutants.adamw, "adafactor": adafactor, "muon": muon, "adan": adan, "yogi": yogi}
    rule = {**rules, "adabelief": adabelief}[text.partition(":")[0].partition("@")[0]]
    known = ours(text)
    found = examine(known, transcribed(rule, known), "it")
    assert len(found.asked) >= 8
    switches = {"decay either way"}  # the transcriptions have no such switch
    assert [finding for finding in found.findings if finding.name not in switches] == []
    assert found.fault is None


def test_every_invariant_says_what_it_states_and_holds_for_something():
    others = ["nesterov", "muon@keras", "adamw@chainer:weight_decay=0.1", "rmsprop@keras:lr=0.001"]
    held = set()
    for text in [*(name for name, found in all_optimizers().items() if found.curvature is None), *others]:
        (configuration,) = parse(text if ":" in text or "lr" not in required(text) else f"{text}:lr=0.01")
        subject = ours(configuration.label)
        for invariant in INVARIANTS:
            try:
                with np.errstate(all="ignore"):
                    held |= set() if invariant(subject) else {invariant}
            except Undrivable:
                continue
    assert {invariant.__name__ for invariant in held} == NAMED.keys()
    assert len(NAMED) == len(INVARIANTS)
    assert all(invariant.__doc__ for invariant in INVARIANTS)


def required(text):
    """The hyperparameters that a dialect has no default for."""
    name, _, dialect = text.partition("@")
    found = all_optimizers()[name].dialects
    chosen = next((d for d in found if d.name == dialect), found[0])
    return [name for name, value in chosen.defaults.items() if value is None]


def test_the_order_of_coordinates_may_round_only_where_they_are_coupled():
    """A sum of squares depends on its order in the last bit."""
    known = ours("adafactor")
    assert NAMED["permutation"](known) == ""

    def uneven(h, x, g, s, rate):
        return mutants.adam(h, x, g, s, rate) * (1 + 2**-52 * (np.arange(len(x)) == 2))

    assert NAMED["permutation"](transcribed(uneven, ours("adam")))


@pytest.mark.parametrize(("theirs", "faulty"), [(True, True), (False, False)])
def test_what_is_not_finite_is_a_fault_only_where_ours_is_finite(monkeypatch, theirs, faulty):
    def unbounded(subject):
        """Anything goes."""
        x0 = np.ones(subject.shape)
        subject.run(x0, np.ones((3, *subject.shape)) * (1.0 if theirs else np.inf))
        return ""

    def rule(h, x, g, s, rate):
        return x * np.nan if s["t"] == 2 else mutants.adam(h, x, g, s, rate)

    monkeypatch.setattr(module, "INVARIANTS", (unbounded,))
    known = ours("adam")
    found = examine(known, transcribed(rule, known), "it")
    assert found.asked == ("unbounded",)
    assert (found.fault is not None) is faulty
    if faulty:
        assert found.fault == "it returned what is not finite: x[0] is nan after step 2 of the invariant 'unbounded'"


CODE = """\
import time
import numpy as np

class MyAdam:
    inside = False

    def __init__(self, lr=0.001, beta1=0.9, beta2=0.999, eps=1e-8):
        self.lr, self.beta1, self.beta2, self.eps = lr, beta1, beta2, eps

    def init(self, x):
        return np.zeros_like(x), np.zeros_like(x), 0

    def step(self, x, gradient, state, rate=1.0):
        m, v, t = state
        t = t + 1
        m = self.beta1 * m + (1 - self.beta1) * gradient
        v = self.beta2 * v + (1 - self.beta2) * gradient**2
        one, two = 1 - self.beta1**t, 1 - self.beta2**t
        root = np.sqrt(v / two + self.eps) if self.inside else np.sqrt(v / two) + self.eps
        new = x - rate * self.lr * (m / one) / root
        return (new if self.eps else self.without(x, new)), (m, v, t)

    def without(self, x, new):
        return new

class Raising(MyAdam):
    def without(self, x, new):
        raise RuntimeError("boom")

class Hanging(MyAdam):
    def without(self, x, new):
        time.sleep(60)

class Nan(MyAdam):
    def without(self, x, new):
        return new * np.nan

class Shape(MyAdam):
    def without(self, x, new):
        return new[:1]

class Single(MyAdam):
    def without(self, x, new):
        return new.astype(np.float32)

class Changing(MyAdam):
    def without(self, x, new):
        x[:] = new
        return x

class Starting(MyAdam):
    def init(self, x):
        if not x.any():
            raise RuntimeError("boom")
        return super().init(x)

class NanInFloat32(MyAdam):
    def step(self, x, gradient, state, rate=1.0):
        new, state = super().step(x, gradient, state, rate)
        return (new * np.float32(np.nan) if x.dtype == np.float32 else new), state

class Mistaken(Nan):
    inside = True

class Refusing(MyAdam):
    def __init__(self, lr=0.001, beta1=0.9, beta2=0.999, eps=1e-8):
        if eps <= 0:
            raise ValueError("eps must be positive")
        super().__init__(lr, beta1, beta2, eps)

class Double(MyAdam):
    def step(self, x, gradient, state, rate=1.0):
        new, state = super().step(x, gradient, state, rate)
        return new.astype(np.float64), state

class Far(MyAdam):
    def without(self, x, new):
        return new + (new - x)
"""


@pytest.fixture
def call(capsys, monkeypatch, tmp_path):
    """call(class of CODE, argument, ...): exit code, standard output, standard error."""
    (tmp_path / "optimizers.py").write_text(CODE)
    monkeypatch.chdir(tmp_path)

    def call(name, *arguments):
        code = exit_code(["conform", f"optimizers.{name}", "--as", "adam", *arguments])
        return (code, *capsys.readouterr())

    return call


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("Raising", "at step 1 raised RuntimeError: boom (optimizers.py, line 28), in the invariant '"),
        ("Hanging", "at step 1 took longer than 0.5 s, in the invariant '"),
        ("Nan", "returned what is not finite: x[0] is nan after step 1 of the invariant '"),
        ("Shape", "at step 1 returned an x of shape (1,), not (6,), in the invariant '"),
        ("Single", "at step 1 returned an x of float32, not float64, in the invariant '"),
        ("Changing", "at step 1 changed the x it was given, in the invariant '"),
        ("Starting", "at init raised RuntimeError: boom (optimizers.py, line "),
        ("NanInFloat32", "x[0] is nan after step 1 of the invariant 'single precision'"),
    ],
)
@pytest.mark.parametrize("expect", [(), ("--expect", "adam@torch")], ids=["any", "expected"])
def test_what_fails_only_inside_an_invariant_is_one_sentence_and_exit_4(call, name, said, expect):
    code, out, err = call(name, "--timeout", "0.5", *expect)
    assert (code, out) == (4, "")
    assert err.startswith(f"error: optimizers.{name} ")
    assert said in err
    assert len(err.splitlines()) == 1


def test_the_verdict_of_one_that_differs_is_printed_beside_its_fault(call):
    code, out, err = call("Mistaken")
    assert code == 4
    assert "equals no dialect of adam: the nearest is adam@torch" in out
    assert "first difference: probe 'ordinary gradients', step 1" in out
    assert "epsilon is added inside the square root" in out
    assert "fails: " in out
    assert "optimizers.Mistaken returned what is not finite" in err
    assert len(err.splitlines()) == 1
    code, out, _ = call("Mistaken", "--json")
    assert code == 4
    assert "not finite" in json.loads(out)["invariants"]["fault"]


def test_a_value_that_is_refused_is_no_fault(call):
    code, out, err = call("Refusing", "--expect", "adam@torch")
    assert (code, err) == (0, "")
    asked, held = [int(word) for word in out.splitlines()[-1].split() if word.isdigit()]
    assert asked == held > 8


@pytest.mark.parametrize(
    ("name", "failed"),
    [("Far", "constant gradient moves by the learning rate"), ("Double", "single precision")],
)
def test_a_failed_invariant_counts_where_a_dialect_is_expected(call, name, failed):
    code, out, _ = call(name)
    assert code == 0
    assert "equals adam@torch\n" in out
    assert f"fails: {failed}: " in out
    code, out, err = call(name, "--expect", "adam@torch")
    assert (code, err) == (1, "")
    first = out.splitlines()[0]
    assert "equals adam@torch on the probes, but not in its invariants: " in first
    assert failed in first
    code, out, _ = call(name, "--expect", "adam@torch", "--json")
    found = json.loads(out)
    assert (code, found["conforms"]) == (1, False)
    assert found["invariants"]["fault"] is None
    assert failed in [row["name"] for row in found["invariants"]["failed"]]


def test_the_help_says_what_a_failed_invariant_does(capsys):
    assert exit_code(["conform", "--help"]) == 0
    said = " ".join(capsys.readouterr().out.split())
    assert "Exit code 1 where it equals no dialect, or not the one expected, or fails an invariant" in said
    assert "Exit code 4, and one sentence, where the implementation raises" in said
