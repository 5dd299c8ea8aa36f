"""The declaration of a transform, what one file in `transforms/` says; and functions wrapped in transforms."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Any

import numpy as np

from adambench.engine.blas import single_thread
from adambench.engine.memory import room
from adambench.engine.noise import NOISE, TRANSFORM
from adambench.function import Data, Function, Optimum, Parameter, Parameters, Reals, Spectrum

Complaint = tuple[str, str, str]
"""(key, what was expected, what was given); the key is empty where it is the transform itself."""
Factory = Callable[[int], Callable[..., None]]

MOST_TRANSFORMS = NOISE - TRANSFORM
"""Of one problem: each has a stream of random numbers."""
_HEADER = 4


@dataclass(frozen=True)
class Map:
    """y = forward(x) and x = backward(y), affine, as whole vectors (dimension,) float64.

    `jacobian` is dy/dx, (dimension, dimension); its diagonal, (dimension,), where the map is of each coordinate alone;
    None for the identity.
    """

    forward: Callable[[Reals], Reals]
    backward: Callable[[Reals], Reals]
    jacobian: Reals | None = None


def kept(LANES: int) -> Callable[..., None]:
    """A `slope` or a `bend` that changes nothing."""

    def kept(*arguments):  # type: ignore[no-untyped-def]
        pass

    return kept


@dataclass(frozen=True)
class Transform:
    """One way to change an objective: what it is asked at, or what it answers.

    `prepare(dimension, settings)` makes what the kernels below read; its `work_rows` are the transform's own. Each is
    plain Python that the engine compiles, as a function's `evaluate` is; `stream` is that of its random numbers.

    `point(LANES)`, where given, returns `point(x, y, t, stream, reals, integers, work)`, which writes y, where the
    function inside is evaluated: (dimension, LANES) like x. Without it, y = x.
    `slope(LANES)` returns `slope(gradient, loss, t, stream, seeds, reals, integers, work)`, which changes in place
    what the function inside has written; for t <= 0, noise-free, it may do no more than the chain rule of `point`.
    `bend(LANES)` returns `bend(diagonal, reals)`, which turns the Hessian diagonal at y to that at x in place; None
    where that is not exact.
    `map(dimension, settings)`, where given, is `point` at the time of the first evaluation, as whole vectors.
    `marks(dimension, settings)` are the switches of `Function` that it turns: online, rounded, random,
    moving and biased on, wide off.
    `required` are the parameters that must be given, `listed` the one that a list in place of the mapping stands for.
    `check(dimension, settings, function)` says what does not fit, `function` being the one inside.
    """

    name: str
    summary: str
    formula: str
    source: str
    parameters: tuple[Parameter, ...]
    prepare: Callable[[int, Parameters], Data]
    point: Factory | None = None
    slope: Factory = kept
    bend: Factory | None = kept
    map: Callable[[int, Parameters], Map] | None = None
    marks: Callable[[int, Parameters], Mapping[str, bool]] = field(default=lambda dimension, settings: {})
    required: tuple[str, ...] = ()
    listed: str = ""
    check: Callable[[int, Parameters, Function], Complaint | None] = field(
        default=lambda dimension, settings, function: None
    )

    def complaint(self, dimension: int, settings: Parameters, function: Function) -> Complaint | None:
        """What does not fit, or None."""
        if settings.get("seed", 0) < 0:
            return "seed", "an integer of at least 0", str(settings["seed"])
        return self.check(dimension, settings, function)


def exactly_one(settings: Parameters, *keys: str) -> Complaint | None:
    """A complaint where not exactly one of `keys` is given."""
    given = [key for key in keys if settings[key] is not None]
    if len(given) == 1:
        return None
    return "", f"exactly one of {', '.join(keys)}", " and ".join(given) or "none"


def at_most(key: str, numbers: Sequence[float] | None, dimension: int) -> Complaint | None:
    """A complaint where a list that is repeated cyclically to the dimension is longer."""
    if numbers is None or len(numbers) <= dimension:
        return None
    return key, f"at most {dimension} numbers, the dimension", str(len(numbers))


def apply(transform: Transform, settings: Parameters, function: Function, dimension: int) -> Function:
    """The function of the point that `transform` makes of x, or with the answer it makes. The default start is kept.

    Functions whose kernels were the same objects share them after the same transforms.
    """
    marks = transform.marks(dimension, settings)
    bent = function.curvature is not None and transform.bend is not None
    changed = replace(
        function,
        evaluate=_evaluate(transform.point, transform.slope, function.evaluate),
        curvature=_curvature(transform.point, transform.bend, function.curvature) if bent else None,
        held_out=None if marks.get("moving") else function.held_out,  # there is no telling where it is in the end
        online=function.online or marks.get("online", False),
        rounded=function.rounded or marks.get("rounded", False),
        random=function.random or marks.get("random", False),
        moving=function.moving or marks.get("moving", False),
        biased=function.biased or marks.get("biased", False),
        wide=function.wide and marks.get("wide", True),
    )
    if transform.map is None:
        return changed
    mapped = transform.map(dimension, settings)
    spectrum, held_out = function.spectrum, changed.held_out
    return replace(
        changed,
        optimum=lambda dimension, parameters: _optimum(function.optimum(dimension, parameters), mapped),
        spectrum=None if spectrum is None else lambda n, parameters: _spectrum(spectrum(n, parameters), mapped),
        held_out=None if held_out is None else lambda x: held_out(mapped.forward(x)),
        box=_box(function.box, mapped, dimension),
    )


def join(transforms: Sequence[tuple[Transform, Parameters]], dimension: int, data: Data) -> Data:
    """What the kernels of a function behind `transforms` read, the outermost first; `data` is the function's own.

    Each transform has its stretch of `integers` (four of it: how much of reals, of integers and of work lies before
    what is inside, and its stream), of `reals`, and of work: its own rows, and then room for y.
    """
    reals, integers, rows = [], [], 0
    for place, (transform, settings) in enumerate(transforms):
        own = transform.prepare(dimension, settings)
        taken = own.work_rows + (dimension if transform.point is not None else 0)
        header = (own.reals.size, _HEADER + own.integers.size, taken, TRANSFORM + place)
        reals.append(own.reals)
        integers += [np.array(header, np.int64), own.integers]
        rows += taken
    return Data(np.concatenate((*reals, data.reals)), np.concatenate((*integers, data.integers)), rows + data.work_rows)


@cache
def _evaluate(point: Factory | None, slope: Factory, inner: Factory) -> Factory:
    def evaluate(LANES: int) -> Callable[..., None]:
        measure, turn = inner(LANES), slope(LANES)
        if point is None:

            def answered(x, gradient, loss, t, seeds, reals, integers, work):  # type: ignore[no-untyped-def]
                before, ahead, rows, stream = integers[0], integers[1], integers[2], integers[3]
                measure(x, gradient, loss, t, seeds, reals[before:], integers[ahead:], work[rows:])
                turn(gradient, loss, t, stream, seeds, reals, integers[_HEADER:], work)

            return answered
        move = point(LANES)

        def asked(x, gradient, loss, t, seeds, reals, integers, work):  # type: ignore[no-untyped-def]
            before, ahead, rows, stream = integers[0], integers[1], integers[2], integers[3]
            y = room(work, rows - x.shape[0], x.shape[0], x)
            move(x, y, t, stream, reals, integers[_HEADER:], work)
            measure(y, gradient, loss, t, seeds, reals[before:], integers[ahead:], work[rows:])
            turn(gradient, loss, t, stream, seeds, reals, integers[_HEADER:], work)

        return asked

    return evaluate


@cache
def _curvature(point: Factory | None, bend: Factory, inner: Factory) -> Factory:
    def curvature(LANES: int) -> Callable[..., None]:
        measure, turn = inner(LANES), bend(LANES)
        if point is None:

            def answered(x, diagonal, reals, integers, work):  # type: ignore[no-untyped-def]
                measure(x, diagonal, reals[integers[0] :], integers[integers[1] :], work[integers[2] :])
                turn(diagonal, reals)

            return answered
        move = point(LANES)

        def asked(x, diagonal, reals, integers, work):  # type: ignore[no-untyped-def]
            y = room(work, integers[2] - x.shape[0], x.shape[0], x)
            move(x, y, 0, integers[3], reals, integers[_HEADER:], work)
            measure(y, diagonal, reals[integers[0] :], integers[integers[1] :], work[integers[2] :])
            turn(diagonal, reals)

        return asked

    return curvature


def _optimum(inner: Optimum | None, mapped: Map) -> Optimum | None:
    if inner is None:
        return None
    return replace(inner, x=tuple(tuple(mapped.backward(np.array(y)).tolist()) for y in inner.x))


def _spectrum(inner: Spectrum, mapped: Map) -> Spectrum:
    """J' H J, J being the Jacobian, and H = R' diag(h) R."""
    jacobian = mapped.jacobian
    if jacobian is None:
        return inner
    if inner.rotation is None and jacobian.ndim == 1:
        return Spectrum(inner.eigenvalues * jacobian**2)
    if inner.rotation is None:
        return Spectrum(inner.eigenvalues, jacobian)
    if jacobian.ndim == 1:
        return Spectrum(inner.eigenvalues, inner.rotation * jacobian)
    with single_thread():
        return Spectrum(inner.eigenvalues, inner.rotation @ jacobian)


def _box(
    box: tuple[tuple[float, float], ...] | None, mapped: Map, dimension: int
) -> tuple[tuple[float, float], ...] | None:
    """Only maps of each coordinate alone leave a box a box; `check` lets no other come here."""
    if box is None:
        return None
    bounds: Any = np.resize(np.array(box, np.float64), (dimension, 2))
    sides = np.sort(np.stack((mapped.backward(bounds[:, 0]), mapped.backward(bounds[:, 1])), axis=1), axis=1)
    return tuple((float(low), float(high)) for low, high in sides)
