"""What must hold for every optimizer."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from types import CodeType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from adambench import decay
from adambench.checks.check import apart, expect, same
from adambench.composition import carry_of, coefficients_of, rule_of, slots_of
from adambench.configuration import Configuration, configurations, parse
from adambench.engine.assembly import sizes
from adambench.engine.columns import READ
from adambench.engine.single import Single
from adambench.observer import Silent
from adambench.optimizer import START, Optimizer
from adambench.optimizers import OPTIMIZERS
from adambench.plan import Settings
from adambench.problem import Problem, read
from adambench.runner import Run
from adambench.stepping import Stepper
from adambench.trace import trace

Floats = NDArray[Any]
RATE = 0.01
"""The learning rate where a dialect leaves it to the user."""
FROM = np.array([1.0, -2.0, 0.5, 3.0, -0.25, 1.5])
SLOPES = np.geomspace(1e-3, 10.0, 6)
QUADRATIC = """\
name: quadratic
function: quadratic
dimension: 6
shape: [2, 3]
parameters: {eigenvalues: [0.1, 0.2, 0.4, 0.6, 0.8, 1.0]}
start: [1.0, -2.0, 0.5, 3.0, -0.25, 1.5]
budget: 1000
"""
NOISY = QUADRATIC.replace("start: [1.0, -2.0, 0.5, 3.0, -0.25, 1.5]", "start: {normal: [0, 1]}") + "seeds: 32\n"


def declaration(optimizer: Optimizer) -> str:
    """Each dialect has a formula, a source, and a text that parses back; what the rule takes and gives is counted."""
    families = (optimizer, *OPTIMIZERS.known().values())  # some share a rule, and its hyperparameters
    used = {name for other in families for dialect in other.dialects for name in dialect.defaults}
    for h in optimizer.hyperparameters:
        expect(h.name in used, f"no dialect has the hyperparameter {h.name}")
    for c in settings(optimizer):
        name = f"{optimizer.name}@{c.dialect.name}"
        formula = optimizer.formula(c.dialect.flags)
        expect(
            isinstance(formula, str) and "x = " in formula, f"{name}: the formula does not say what x becomes: x = ..."
        )
        expect(parse(c.label) == [c], f"{name}: its label, {c.label}, does not parse back to it")
        expect(bool(c.dialect.library and c.dialect.source), f"{name}: it does not say where it comes from")
        counts(c)
        walked(c, pull, 2)
        literal_free(c)
    return f"{len(optimizer.dialects)} dialect{'s' * (len(optimizer.dialects) > 1)}, {len(optimizer.numbers)} numbers"


def counts(c: Configuration) -> None:
    """Coefficients, carried numbers and state are as many at every step."""
    hypers, carried, constants, slots = sizes(c.optimizer, c.flags)
    most = max(hypers, carried, constants, slots)
    expect(most < len(READ), f"{c.label}: at most {len(READ) - 1} numbers, coefficients and slots each, got {most}")
    coefficients, carry = coefficients_of(c.optimizer, c.flags), carry_of(c.optimizer, c.flags)
    values, own = (), c.optimizer.coefficients(c.flags)
    with np.errstate(all="ignore"):
        for t in (1, 2, 3):
            values, carry = coefficients(tuple(map(np.float64, c.numbers)), t, carry or (0.0,))
            said = f"{c.label}: {constants} coefficients at t=1, {len(values)} at t={t}"
            expect(len(values) == constants, said, own)
            got = len(carry) if carried else 0
            expect(got == carried, f"{c.label}: {carried} carried numbers at first, {got} after t={t}", own)
        known = {h.name for h in c.optimizer.numbers} | {START, None}
        for slot in slots_of(c.optimizer, c.flags):
            expect(slot.initial in known, f"{c.label}: the slot {slot.name} starts at {slot.initial}, which is unknown")
        if c.optimizer.rule is None:
            return
        state = (np.float64(1.0),) * (slots + (c.optimizer.curvature is not None))
        _, after = rule_of(c.optimizer, c.flags)(np.float64(0.5), np.float64(2.0), state, values)
    rule = c.optimizer.rule(c.flags)
    kind = type(after).__name__
    expect(kind in ("tuple", "list"), f"{c.label}: the rule returns its state as {kind}, not as a tuple", rule)
    expect(len(after) == slots, f"{c.label}: {slots} slots are declared, and the rule returns {len(after)}", rule)


def literal_free(c: Configuration) -> None:
    """A rule holds no floating-point number of its own."""
    if c.optimizer.rule is not None:
        rule = c.optimizer.rule(c.flags)
        literal = next((number for number in literals(rule.__code__)), None)
        said = f"{c.label}: the rule holds the number {literal}, which makes float32 float64: a coefficient may"
        expect(literal is None, said, rule)


def literals(code: CodeType) -> Iterator[float]:
    """The floating-point numbers in a function and in those that it defines."""
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from literals(constant)
        elif isinstance(constant, float):
            yield constant


def machine_code(optimizer: Optimizer) -> str:
    """It compiles in both precisions, and agrees with plain Python: a rule to the bit."""
    worst = 0.0
    kernels = {c.kernel_key: c for c in settings(optimizer)}
    for c in kernels.values():
        # Of the bases to nearly equal eigenvalues rounding takes one.
        for precision, most in (("float64", 1e-9), ("float32", 0.3 if optimizer.matrices else 1e-2)):
            plain, machine = (walked(c, pull, 20, precision, compile=compile) for compile in (False, True))
            if optimizer.rule is not None:
                expect(same(plain, machine), f"{c.label}: in {precision} it is not, to the bit, what plain Python does")
            worst = max(worst, apart(machine, plain))
            expect(apart(machine, plain) <= most, f"{c.label}: in {precision} it is {worst:.1e} from plain Python")
    said = "equals plain Python to the bit" if not worst else f"within {worst:.0e} of plain Python"
    return f"{said}, in float64 and float32"


def one_lane_and_32(optimizer: Optimizer) -> str:
    """A trial has the same bits alone, beside 31 others, and with another batch's setting beside it."""
    c = settings(optimizer)[0]
    problem = replace(read(NOISY, "quadratic", None), optimizers=(c,), budget=200)
    together = prints(problem)
    for seed in (0, 17, 31):
        alone = prints(replace(problem, seeds=(seed,)))
        expect(alone[0] == together[seed], f"{c.label}: seed {seed} ends elsewhere alone than beside others")
    return "the same bits"


def chunks(optimizer: Optimizer) -> str:
    """A trial that is interrupted after every step passes the points of one that is not."""
    for c in settings(optimizer):
        problem = read(QUADRATIC, "quadratic", None)
        (whole,) = trace(problem, c, [40], 0)
        *_, last = trace(problem, c, list(range(41)), 0)
        expect(same(last.x, whole.x), f"{c.label}: stopping after every step changes where it is after 40")
    return "the same bits"


def a_learning_rate_of_zero(optimizer: Optimizer) -> str:
    """Moves nothing, unless weight decay is not times the learning rate."""
    for c in settings(optimizer, lr=0.0):
        if c.flags["decay"] in (decay.UNSCALED, decay.OWN) and c.hyperparameters.get("weight_decay"):
            continue
        points = walked(c, pull, 10)
        expect(same(points[-1], FROM), f"{c.label}: x moves by {abs(points[-1] - FROM).max():.3g}")
    return "moves nothing"


def a_gradient_of_zero(optimizer: Optimizer) -> str:
    """Moves nothing, from the first step on, unless there is weight decay or state that starts elsewhere."""
    for c in settings(optimizer):
        pushed = any(slot.initial not in (None, START) and slot.name == "m" for slot in slots_of(optimizer, c.flags))
        if c.hyperparameters.get("weight_decay") or pushed:
            continue
        points = walked(c, np.zeros_like, 10)
        expect(same(points[-1], FROM), f"{c.label}: x moves from {FROM[0]} to {points[-1, 0]:.6g}")
    return "moves nothing"


def a_schedule(optimizer: Optimizer) -> str:
    """Its factor is a factor on the learning rate."""
    for c in settings(optimizer):
        (halved,) = configurations(
            f"{optimizer.name}@{c.dialect.name}", {**c.hyperparameters, "lr": 0.5 * c.hyperparameters["lr"]}
        )
        slow, other = walked(c, pull, 5, rate=0.5), walked(halved, pull, 5)
        expect(same(slow[-1], other[-1]), f"{c.label}: half the rate is not what half of lr is")
    return "is a factor on lr"


def a_quadratic(optimizer: Optimizer) -> str:
    """At its defaults a thousand steps on one of condition 10 stay finite; a loss that rises is odd, and said."""
    problem, falls, rises = read(QUADRATIC, "quadratic", None), [], []
    for c in settings(optimizer):
        start, end = trace(problem, c, [0, 1000], 0)
        finite = bool(np.isfinite(end.x).all()) and bool(np.isfinite(end.loss))
        expect(finite, f"{c.label}: it diverges within 1,000 steps, from a loss of {start.loss:.2g}")
        if end.loss > start.loss:
            rises.append(f"warning: {c.label}: the loss rises from {start.loss:.2g} to {end.loss:.2g}")
        elif end.loss < start.loss:
            falls.append(end.loss)
    fallen = [f"the loss falls from {start.loss:.2g} to {min(falls):.2g}"] if falls else []
    return "; ".join(["finite", *fallen, *rises])


def the_stepper(optimizer: Optimizer) -> str:
    """Steps by hand pass the points of a run."""
    if optimizer.curvature is not None:
        return "not compared: it asks for curvature"
    problem = read(QUADRATIC, "quadratic", None)
    slopes = np.array([0.1, 0.2, 0.4, 0.6, 0.8, 1.0]).reshape(2, 3)
    for c in settings(optimizer):
        step, x = Stepper(c, (2, 3)), FROM.reshape(2, 3)
        for _ in range(20):
            x = step(x, slopes * x, loss=float(0.5 * (slopes * x * x).sum()))
        (run,) = trace(problem, c, [20], 0)
        found = apart(step.eval_point(x).ravel(), run.x)
        expect(found <= 1e-10, f"{c.label}: after 20 steps it is {found:.1e} from where a run is")
    return "equals a run"


OPTIMIZER_CHECKS = (
    *(declaration, machine_code, one_lane_and_32, chunks, a_learning_rate_of_zero, a_gradient_of_zero),
    *(a_schedule, a_quadratic, the_stepper),
)


def settings(optimizer: Optimizer, **given: float) -> list[Configuration]:
    """Every dialect at its defaults, but for what is `given`; without one, the learning rate is RATE."""
    found: list[Configuration] = []
    for dialect in optimizer.dialects:
        needed = {name: RATE for name, default in dialect.defaults.items() if default is None}
        found += configurations(f"{optimizer.name}@{dialect.name}", {**needed, **given})
    return found


def pull(x: Floats) -> Floats:
    """An odd, smooth, bounded gradient, coordinate by coordinate, that grows and shrinks on the way."""
    slopes: Floats = SLOPES * x * (x * x - 0.3) / (1.0 + x * x * x * x)
    return slopes


def walked(
    c: Configuration, gradient: Any, steps: int, precision: str = "float64", rate: float = 1.0, compile: bool = False
) -> Floats:
    """The points (steps + 1, 6), with a Hessian diagonal of 1 for those that ask for one."""
    columns = 3 if c.optimizer.matrices else 0
    blocks = ((0, 2 if columns else FROM.size, columns),)
    lane = Single(c.optimizer, c.flags, c.numbers, FROM, blocks, precision, compile)
    points = [lane.x.copy()]
    for t in range(1, steps + 1):
        lane.slopes[lane.x.size :] = 1.0
        lane.slopes[: lane.x.size] = gradient(lane.x)
        lane.step(t, rate)
        points.append(lane.x.copy())
    return np.array(points)


def prints(problem: Problem) -> list[str]:
    """The fingerprints of a run's trials, in the order of the seeds."""
    going = Run([problem], Settings(jobs=1), Silent())
    going.execute()
    (outcome,) = going.finished[0].outcomes
    assert outcome is not None
    return [trial.fingerprint for trial in outcome.trials]
