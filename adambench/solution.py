"""The optimum of a problem that does not know its own: solved for once, kept by content, and said how it was got."""

from __future__ import annotations

import hashlib
import os
import tempfile
import warnings
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from adambench.draws import start_point
from adambench.engine.blas import single_thread
from adambench.engine.cache import folder
from adambench.errors import AdambenchError
from adambench.function import Optimum
from adambench.measure import Measure
from adambench.problem.problem import Problem, Solution

Floats = NDArray[np.float64]

STATIONARY = 1e-10
"""The 2-norm of the gradient at a solution, relative to that at the start where this is above 1."""
MOST_NEWTON_STEPS = 50
METHOD = "L-BFGS, then Newton steps by conjugate gradients"


def solved(problem: Problem) -> Problem:
    """The problem with its optimum, where its file says `optimum: solve`; else as it is.

    From the first seed's start, with the compiled noise-free objective in float64: L-BFGS (Liu & Nocedal 1989) to
    where its line search fails, then truncated Newton steps (Nocedal & Wright 2006, section 7.1) to the gradient asked
    for. Raises AdambenchError where that is not reached.
    """
    if not problem.solve or problem.optimum is not None:
        return problem
    measure = Measure(problem)
    start = start_point(problem, problem.seeds[0])
    place = _place(problem, start)
    with single_thread(), np.errstate(all="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # what diverges is said in a sentence below
        x = _kept(place, measure, start)
        if x is None:
            x = _newton(measure, _descended(measure, start))
            _keep(place, x)
        loss, gradient = measure(x)
        norm = float(np.linalg.norm(gradient))
        if not norm <= _tolerance(measure, start):
            raise AdambenchError(
                f"problem {problem.name}: optimum: solve: came to a gradient of {norm:.1e} at a loss of {loss:.6g}, "
                f"not to {_tolerance(measure, start):.0e}; give the optimum's loss, or leave it out"
            )
    optimum = Optimum(loss, (tuple(x.tolist()),))
    return replace(problem, optimum=optimum, solution=Solution(METHOD, norm))


def _tolerance(measure: Measure, start: Floats) -> float:
    return STATIONARY * max(1.0, float(np.linalg.norm(measure(start)[1])))


def _descended(measure: Measure, start: Floats) -> Floats:
    from scipy.optimize import minimize

    options = {"maxiter": 10_000, "maxfun": 20_000, "maxcor": 20, "ftol": 0.0, "gtol": 0.1 * STATIONARY}
    x: Floats = minimize(measure, start, jac=True, method="L-BFGS-B", options=options).x
    return x


def _newton(measure: Measure, x: Floats) -> Floats:
    """Newton steps, each halved until the gradient is smaller than before; from where none is, they end."""
    from scipy.sparse.linalg import LinearOperator, cg

    gradient = measure(x)[1]
    norm = float(np.linalg.norm(gradient))
    for _ in range(MOST_NEWTON_STEPS):
        if norm <= 0.1 * STATIONARY:
            break
        reach = 6e-6 * max(1.0, float(np.abs(x).max()))

        def bent(v: Floats, x: Floats = x, reach: float = reach) -> Floats:
            """The Hessian times v, by a central difference of gradients."""
            size = float(np.abs(v).max()) or 1.0
            step = reach / size * v
            return (measure(x + step)[1] - measure(x - step)[1]) * (size / (2.0 * reach))

        hessian: Any = LinearOperator((x.size, x.size), matvec=bent, dtype=np.float64)
        step, _ = cg(hessian, -gradient, rtol=min(0.1, norm**0.5), maxiter=200)
        for _ in range(20):
            ahead = measure(x + step)[1]
            if float(np.linalg.norm(ahead)) < norm:
                break
            step = 0.5 * step
        else:
            break
        x, gradient, norm = x + step, ahead, float(np.linalg.norm(ahead))
    return x


def _place(problem: Problem, start: Floats) -> Path | None:
    """Where the solution is kept: by the problem's hash and its start."""
    cache = folder()
    digest = hashlib.sha256(f"{problem.hash} {METHOD} {STATIONARY}".encode() + start.tobytes()).hexdigest()
    return cache / f"optimum-{digest}" if cache is not None else None


def _kept(place: Path | None, measure: Measure, start: Floats) -> Floats | None:
    """What was kept, if it is a solution: a damaged file is as good as none."""
    if place is None:
        return None
    try:
        x = np.frombuffer(place.read_bytes(), np.float64).copy()
    except (OSError, ValueError):
        return None
    if x.shape != start.shape or not np.isfinite(x).all():
        return None
    return x if float(np.linalg.norm(measure(x)[1])) <= _tolerance(measure, start) else None


def _keep(place: Path | None, x: Floats) -> None:
    """Whole or not at all; a full disk costs only the keeping."""
    if place is None:
        return
    with suppress(OSError):
        handle, temporary = tempfile.mkstemp(dir=place.parent)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(x.tobytes())
            os.replace(temporary, place)
        except OSError:
            os.unlink(temporary)
