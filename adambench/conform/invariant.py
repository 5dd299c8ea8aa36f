"""Invariants: what holds for an optimizer whatever its values are.

Each is one function of a subject, named after what it states; it returns "" where that holds, and else a sentence with
the numbers. None is meant for optimizers by name: those that our own kernel of a dialect satisfies are asked of the
implementations nearest to it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from adambench.conform.probe import Floats, growing_gradients
from adambench.conform.subject import Subject, Undrivable
from adambench.draws import normal_vector
from adambench.foreign.fault import ImplementationError
from adambench.optimizer import Value

FEW = 40
"""Steps of most invariants."""
POWER, FACTOR = 2.0**10, 3.7
"""Scales: one that is exact in binary, one that rounds."""
ULPS = 4 * 2.0**-52

Invariant = Callable[[Subject], str]


@dataclass(frozen=True)
class Finding:
    """An invariant that ours satisfies and theirs does not, in a sentence with the numbers."""

    name: str
    text: str


def examine(ours: Subject, theirs: Subject) -> tuple[tuple[str, ...], tuple[Finding, ...]]:
    """The names of the invariants that were asked of theirs, and those it does not satisfy.

    Raises ImplementationError where theirs fails; but one that cannot do float32 only does not satisfy that.
    """
    asked, findings = [], []
    for invariant in INVARIANTS:
        name = invariant.__name__.replace("_", " ")
        try:
            with np.errstate(all="ignore"):
                if invariant(ours):
                    continue
                text = invariant(theirs)
        except Undrivable:
            continue
        except ImplementationError as error:
            if invariant is not single_precision:
                raise
            text = str(error)
        asked.append(name)
        if text:
            findings.append(Finding(name, text))
    return tuple(asked), tuple(findings)


def gradient_scale(subject: Subject) -> str:
    """Gradients times 2^10, and epsilon with them: the same x, to the bit."""
    return _scaled(subject, POWER, 1, 0.0)


def gradient_scale_inside_the_root(subject: Subject) -> str:
    """Gradients times 2^10, and epsilon times its square: the same x, to the bit."""
    return _scaled(subject, POWER, 2, 0.0)


def gradient_scale_by_any_factor(subject: Subject) -> str:
    """Gradients times 3.7, and epsilon with them: the same x, to rounding."""
    return _scaled(subject, FACTOR, 1, 1e-13)


def gradient_scale_by_any_factor_inside_the_root(subject: Subject) -> str:
    """Gradients times 3.7, and epsilon times its square: the same x, to rounding."""
    return _scaled(subject, FACTOR, 2, 1e-13)


def learning_rate_scale(subject: Subject) -> str:
    """Gradients times 2^10, the learning rate over 2^10: the same x, to the bit."""
    x0, gradients = _example(subject)
    steady = subject.run(x0, gradients)
    return _unlike(subject.run(x0, POWER * gradients, rates=np.full(FEW, 1.0 / POWER)), steady, 0.0)


def eigenvalues_do_not_matter(subject: Subject) -> str:
    """On a quadratic, from one point in every coordinate and with eps = 0, all coordinates take the same path."""
    eigenvalues = np.geomspace(1e-3, 1e3, int(np.prod(subject.shape))).reshape(subject.shape)
    path = subject.descend(np.ones(subject.shape), lambda x: eigenvalues * x, FEW, subject.off("weight_decay", "eps"))
    first = path.reshape(FEW, -1)[:, :1].reshape(FEW, *(1 for _ in subject.shape))
    return _unlike(path, np.broadcast_to(first, path.shape), 1e-13)


def translation(subject: Subject) -> str:
    """The start elsewhere: the same steps from there."""
    x0, gradients = _example(subject)
    return _unlike(subject.run(x0 + FACTOR, gradients) - FACTOR, subject.run(x0, gradients), 1e-12)


def permutation(subject: Subject) -> str:
    """Coordinates in another order: x in that order, to the bit."""
    x0, gradients = _example(subject)
    path, turned = subject.run(x0, gradients), subject.run(_reversed(x0), _reversed(gradients, 1))
    return _unlike(turned, _reversed(path, 1), 0.0)


def sign_flip(subject: Subject) -> str:
    """Start and gradients negated: x negated, to the bit."""
    x0, gradients = _example(subject)
    return _unlike(subject.run(-x0, -gradients), -subject.run(x0, gradients), 0.0)


def separability(subject: Subject) -> str:
    """Another gradient in the last coordinate: nothing changes in the others, to the bit."""
    one, other = _last_changed(subject)
    return _unlike(other[:, :-1], one[:, :-1], 0.0)


def coupling(subject: Subject) -> str:
    """Another gradient in the last coordinate: the others feel it."""
    one, other = _last_changed(subject)
    moved = np.abs(one[:, :-1] - one[0, :-1]).max()
    felt = np.abs(other[:, :-1] - one[:, :-1]).max()
    if felt > 1e-3 * moved:
        return ""
    return f"the other coordinates move by {moved:.3g} in {FEW} steps, and {felt:.3g} of that follows the last"


def zero_gradient(subject: Subject) -> str:
    """No gradient, no decay: x stays, to the bit."""
    x0, gradients = _example(subject)
    path = subject.run(x0, 0.0 * gradients, values=subject.off("weight_decay"))
    return _unlike(path, np.broadcast_to(x0, path.shape), 0.0)


def zero_learning_rate(subject: Subject) -> str:
    """A learning rate of zero: x stays, to the bit."""
    x0, gradients = _example(subject)
    path = subject.run(x0, gradients, rates=np.zeros(FEW))
    return _unlike(path, np.broadcast_to(x0, path.shape), 0.0)


def first_step_of_the_learning_rate(subject: Subject) -> str:
    """From x = 0 the first step is -lr g / (|g| + eps)."""
    _, gradients = _example(subject)
    g, eps = gradients[:1], subject.number("eps")
    return _unlike(subject.run(0.0 * g[0], g), -subject.number("lr") * g / (np.abs(g) + eps), ULPS)


def first_step_of_the_gradient(subject: Subject) -> str:
    """From x = 0 the first step is -lr g."""
    _, gradients = _example(subject)
    return _unlike(subject.run(0.0 * gradients[0], gradients[:1]), -subject.number("lr") * gradients[:1], ULPS)


def steps_of_the_learning_rate(subject: Subject) -> str:
    """Every step is lr or nothing in each coordinate, where nothing decays."""
    _, gradients = _example(subject)
    lr, path = subject.number("lr"), subject.run(0.0 * gradients[0], gradients, values=subject.off("weight_decay"))
    steps = np.abs(np.diff(path, axis=0, prepend=0.0))
    return _unlike(steps, np.where(steps > 0.5 * lr, lr, 0.0), ULPS)


def constant_gradient_moves_by_the_learning_rate(subject: Subject) -> str:
    """A constant gradient, eps = 0, from x = 0: x = -t lr sign(g)."""
    return _constant(subject, lambda t: t)


def constant_gradient_of_a_sum_of_squares(subject: Subject) -> str:
    """A constant gradient, eps = 0, from x = 0: x = -lr sign(g) (1 + 1/sqrt(2) + ... + 1/sqrt(t))."""
    return _constant(subject, lambda t: np.cumsum(1.0 / np.sqrt(t)))


def constant_gradient_of_a_mean_of_squares(subject: Subject) -> str:
    """A constant gradient, eps = 0, from x = 0: x = -lr sign(g) times the sum of 1/sqrt(1 - rho^t)."""
    rho = subject.number("rho")
    return _constant(subject, lambda t: np.cumsum(1.0 / np.sqrt(1.0 - rho**t)))


def quadratic_by_plain_steps(subject: Subject) -> str:
    """On a quadratic x = (1 - lr h)^t x_0, where nothing decays."""
    return _quadratic(subject, lambda lr, h: np.array([[1.0 - lr * h, 0.0], [0.0, 0.0]]))


def quadratic_by_momentum(subject: Subject) -> str:
    """On a quadratic, x and v follow the powers of one matrix: v' = momentum v + h x, x' = x - lr v'."""
    momentum = subject.number("momentum")
    return _quadratic(subject, lambda lr, h: np.array([[1.0 - lr * h, -lr * momentum], [h, momentum]]))


def quadratic_by_looking_ahead(subject: Subject) -> str:
    """On a quadratic, x and v follow the powers of one matrix.

    v' = momentum v + h x, x' = x - lr (h x + momentum v').
    """
    momentum = subject.number("momentum")
    return _quadratic(
        subject,
        lambda lr, h: np.array([[1.0 - lr * h * (1.0 + momentum), -lr * momentum**2], [h, momentum]]),
    )


def without_first_moment(subject: Subject) -> str:
    """With beta1 = 0 it is RMSProp with the mean square corrected: x' = x - lr g / (sqrt(v / (1 - beta2^t)) + eps)."""
    x0, gradients = _example(subject)
    path = subject.run(x0, gradients, values={**subject.off("weight_decay"), "beta1": 0.0})
    lr, beta2, eps = (subject.number(name) for name in ("lr", "beta2", "eps"))
    x, v, expected = x0, np.zeros(subject.shape), []
    for t, g in enumerate(gradients, 1):
        v = beta2 * v + (1.0 - beta2) * g * g
        x = x - lr * g / (np.sqrt(v / (1.0 - beta2**t)) + eps)
        expected.append(x)
    return _unlike(path, np.array(expected), 1e-13)


def maximum_of_growing_moments(subject: Subject) -> str:
    """While squared gradients do not fall, AMSGrad is Adam, to the bit."""
    x0, gradients = _example(subject)
    growing = growing_gradients(gradients.reshape(FEW, -1)).reshape(gradients.shape)
    on, off = (subject.run(x0, growing, values={"amsgrad": switch}) for switch in (True, False))
    return _unlike(on, off, 0.0)


def decay_by_the_learning_rate(subject: Subject) -> str:
    """Without gradients x = (1 - lr weight_decay)^t x_0."""
    return _decayed(subject, subject.number("lr"))


def decay_without_the_learning_rate(subject: Subject) -> str:
    """Without gradients x = (1 - weight_decay)^t x_0."""
    return _decayed(subject, 1.0)


def decay_either_way(subject: Subject) -> str:
    """Weight decay does the same in the gradient and on x."""
    x0, gradients = _example(subject)
    one, other = (
        subject.run(x0, gradients, values={"weight_decay": 0.1, "decoupled": switch}) for switch in (True, False)
    )
    return _unlike(one, other, 1e-12)


def step_as_long_as_x(subject: Subject) -> str:
    """Each step is lr times as long as x, where nothing decays."""
    x0, gradients = _example(subject)
    path = subject.run(x0, gradients, values=subject.off("weight_decay")).reshape(FEW, -1)
    path = np.vstack([x0.reshape(1, -1), path])
    lengths = np.linalg.norm(np.diff(path, axis=0), axis=1) / np.linalg.norm(path[:-1], axis=1)
    return _unlike(lengths, np.full(FEW, subject.number("lr")), 1e-13)


def rotation(subject: Subject) -> str:
    """The rows of start and gradients rotated: x rotated."""
    x0, gradients = _example(subject)
    turn = _rotation(subject.shape[0])
    path = subject.run(x0, gradients)
    turned = subject.run(turn @ x0, np.array([turn @ g for g in gradients]))
    return _unlike(turned, np.array([turn @ x for x in path]), 1e-9)


def rotation_of_columns(subject: Subject) -> str:
    """The columns of start and gradients rotated: x rotated."""
    x0, gradients = _matrices(subject)
    turn = _rotation(subject.shape[1])
    return _unlike(subject.run(x0 @ turn, gradients @ turn), subject.run(x0, gradients) @ turn, 1e-9)


def transposition(subject: Subject) -> str:
    """Start and gradients transposed: x transposed."""
    x0, gradients = _matrices(subject)
    turned = subject.run(x0.T, gradients.transpose(0, 2, 1))
    return _unlike(turned, subject.run(x0, gradients).transpose(0, 2, 1), 1e-9)


def mean_of_plain_steps(subject: Subject) -> str:
    """The point whose loss counts is the mean of x_0 - lr (g_1 + ... + g_t) over t, where nothing decays."""
    x0, gradients = _example(subject)
    plain = x0 - subject.number("lr") * np.cumsum(gradients, axis=0)
    point = subject.end(x0, gradients, subject.off("weight_decay"))
    return _unlike(point[None], plain.mean(axis=0)[None], 1e-13)


def repetition(subject: Subject) -> str:
    """Half as many steps are the first half, to the bit."""
    x0, gradients = _example(subject)
    return _unlike(subject.run(x0, gradients[: FEW // 2]), subject.run(x0, gradients)[: FEW // 2], 0.0)


def single_precision(subject: Subject) -> str:
    """After 10 steps float32 is within 1e-4 (1 + |x|) of float64."""
    x0, gradients = _example(subject)
    single = subject.run(x0, gradients[:10], precision="float32")
    return _unlike(single[-1:], subject.run(x0, gradients[:10])[-1:], 1e-4, after=9)


def longest_step(subject: Subject) -> str:
    """No step is longer, in any coordinate, than `step_bound` times lr, where nothing decays."""
    lr, off = subject.number("lr"), subject.off("weight_decay")
    beta1, beta2 = subject.number("beta1"), subject.number("beta2")
    for probe in subject.probes:
        path = subject.run(probe.x0, probe.gradients, values=off)
        steps = np.abs(np.diff(path, axis=0, prepend=probe.x0[None]))
        t = np.arange(1, len(steps) + 1)
        bound = lr * np.array([step_bound(beta1, beta2, int(n)) for n in t]).reshape(-1, *(1 for _ in subject.shape))
        slack = 2 * ULPS * (1.0 + np.abs(path)) + 1e-12 * bound
        over = np.argwhere(~(steps <= bound + slack))
        if len(over):
            step, *place = over[0].tolist()
            length, most = float(steps[tuple(over[0])]), float(bound[step].max())
            return f"step {step + 1} of the probe {probe.name!r} moves x{place} by {length:.6g}, not at most {most:.6g}"
    return ""


INVARIANTS: tuple[Invariant, ...] = (
    repetition,
    zero_gradient,
    zero_learning_rate,
    first_step_of_the_learning_rate,
    first_step_of_the_gradient,
    steps_of_the_learning_rate,
    step_as_long_as_x,
    longest_step,
    constant_gradient_moves_by_the_learning_rate,
    constant_gradient_of_a_sum_of_squares,
    constant_gradient_of_a_mean_of_squares,
    quadratic_by_plain_steps,
    quadratic_by_momentum,
    quadratic_by_looking_ahead,
    eigenvalues_do_not_matter,
    gradient_scale,
    gradient_scale_inside_the_root,
    gradient_scale_by_any_factor,
    gradient_scale_by_any_factor_inside_the_root,
    learning_rate_scale,
    translation,
    permutation,
    sign_flip,
    rotation,
    rotation_of_columns,
    transposition,
    separability,
    coupling,
    without_first_moment,
    maximum_of_growing_moments,
    decay_by_the_learning_rate,
    decay_without_the_learning_rate,
    decay_either_way,
    mean_of_plain_steps,
    single_precision,
)


def step_bound(beta1: float, beta2: float, t: int) -> float:
    """The longest step of Adam at t = 1, 2, ..., in learning rates; eps > 0 only makes it shorter.

    (1 - beta1) / sqrt(1 - beta2) sqrt((1 - q^t) / (1 - q)) sqrt(1 - beta2^t) / (1 - beta1^t) with q = beta1^2 / beta2,
    by the inequality of Cauchy and Schwarz; the bound of Kingma & Ba 2015, section 2.1, is smaller, and exceeded.
    """
    q = beta1**2 / beta2 if beta2 > 0.0 else np.inf
    if not np.isfinite(q):
        return float("inf")
    series = float(t) if q == 1.0 else (1.0 - q**t) / (1.0 - q)
    correction = np.sqrt(1.0 - beta2**t) / (1.0 - beta1**t)
    return float((1.0 - beta1) / np.sqrt(1.0 - beta2) * np.sqrt(series) * correction)


def _example(subject: Subject) -> tuple[Floats, Floats]:
    """A start, and the gradients of a few steps."""
    count = int(np.prod(subject.shape))
    z = normal_vector((FEW + 1) * count, 0, 2).reshape(FEW + 1, *subject.shape)
    return z[0], z[1:]


def _matrices(subject: Subject) -> tuple[Floats, Floats]:
    if len(subject.shape) != 2:
        raise Undrivable("a matrix")
    return _example(subject)


def _scaled(subject: Subject, factor: float, power: int, tolerance: float) -> str:
    """Epsilon has the unit of a gradient to `power`, which depends on where it stands."""
    x0, gradients = _example(subject)
    powers = {"eps": power, "eps_root": 2, "initial_accumulator": 2}
    values: dict[str, Value] = {
        name: subject.number(name) * factor**exponent
        for name, exponent in powers.items()
        if subject.hyperparameters.get(name, 0.0) != 0.0
    }
    return _unlike(subject.run(x0, factor * gradients, values=values), subject.run(x0, gradients), tolerance)


def _last_changed(subject: Subject) -> tuple[Floats, Floats]:
    """Two paths, (steps, coordinates), of which the second has another gradient in the last coordinate."""
    x0, gradients = _example(subject)
    other = gradients.reshape(FEW, -1).copy()
    other[:, -1] = 5.0 - other[:, -1]
    one, two = subject.run(x0, gradients), subject.run(x0, other.reshape(gradients.shape))
    return one.reshape(FEW, -1), two.reshape(FEW, -1)


def _constant(subject: Subject, lengths: Callable[[Floats], Floats]) -> str:
    _, gradients = _example(subject)
    g, t = gradients[0], np.arange(1.0, FEW + 1)
    values = subject.off("weight_decay", "eps", "eps_root", "initial_accumulator", "momentum")
    path = subject.run(0.0 * g, np.broadcast_to(g, gradients.shape).copy(), values=values)
    return _unlike(path, -subject.number("lr") * np.multiply.outer(lengths(t), np.sign(g)), 1e-13)


def _quadratic(subject: Subject, matrix: Callable[[float, float], Floats]) -> str:
    """x beside the powers of a matrix of (x, v), from (x_0, 0), one for each eigenvalue."""
    x0, _ = _example(subject)
    eigenvalues = np.geomspace(1e-2, 1e2, x0.size).reshape(subject.shape)
    path = subject.descend(x0, lambda x: eigenvalues * x, FEW, subject.off("weight_decay"))
    expected = np.empty((FEW, x0.size))
    for place, (start, h) in enumerate(zip(x0.reshape(-1), eigenvalues.reshape(-1), strict=True)):
        pair = np.array([start, 0.0])
        for step in range(FEW):
            pair = matrix(subject.number("lr"), float(h)) @ pair
            expected[step, place] = pair[0]
    return _unlike(path, expected.reshape(path.shape), 1e-12)


def _decayed(subject: Subject, rate: float) -> str:
    x0, gradients = _example(subject)
    decay = subject.hyperparameters.get("weight_decay", 0.0) or 0.1
    known = decay == subject.hyperparameters.get("weight_decay")
    path = subject.run(x0, 0.0 * gradients, values={} if known else {"weight_decay": decay})
    shrink = (1.0 - rate * decay) ** np.arange(1.0, FEW + 1)
    return _unlike(path, np.multiply.outer(shrink, x0), 1e-13)


def _reversed(array: Floats, first: int = 0) -> Floats:
    return np.flip(array, axis=tuple(range(first, array.ndim))).copy()


def _rotation(size: int) -> Floats:
    """An orthogonal matrix, always the same."""
    q, _ = np.linalg.qr(normal_vector(size * size, 1, 2).reshape(size, size))
    return np.asarray(q)


def _unlike(path: Floats, expected: Floats, tolerance: float, after: int = 0) -> str:
    """The first step and coordinate off by more than tolerance (1 + |x|), in words; `after`: steps before the first."""
    with np.errstate(all="ignore"):
        close = np.abs(path - expected) <= tolerance * (1.0 + np.abs(expected))
    bad = np.argwhere(~close)
    if not len(bad):
        return ""
    step, *place = bad[0].tolist()
    found, wanted = float(path[tuple(bad[0])]), float(expected[tuple(bad[0])])
    return f"after step {after + step + 1}, x{place if place else ''} is {found!r}, not {wanted!r}"
