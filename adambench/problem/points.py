"""The points of a problem file: where trials start, and where the optimum is."""

from __future__ import annotations

import math
from typing import Any

from adambench.function import Optimum
from adambench.problem.document import Mapping, Sequence
from adambench.problem.finding import Finding
from adambench.problem.fit import UNFIT, wrong
from adambench.problem.keys import LARGEST_DIMENSION, MOST_OPTIMA
from adambench.problem.objective import Objective, place
from adambench.problem.problem import Start


def read_start(root: Mapping, given: Any, objective: Objective | None, findings: list[Finding]) -> Start | None:
    """The function's where none is given; None where it is wrong, or the objective is."""
    if given is UNFIT or objective is None:
        return None
    if given is None:
        drawn = objective.function.draw is not None
        return Start("drawn", ()) if drawn else Start("fixed", objective.function.start[: objective.dimension])
    if isinstance(given, list):
        if len(given) > objective.dimension:
            wanted = f"at most {objective.dimension} numbers, the dimension"
            wrong(place(root, "start"), "start", wanted, findings, got=f"{len(given)}")
            return None
        return Start("fixed", tuple(given))
    kind, (first, second) = given
    wanted, right = ("lo < hi", first < second) if kind == "uniform" else ("a std above 0", second > 0.0)
    if not right:
        wrong(place(root, "start", kind), f"start.{kind}", wanted, findings, got=f"[{first:g}, {second:g}]")
        return None
    return Start(kind, (first, second))


def asks_to_solve(given: Any) -> bool:
    """Whether what stands under `optimum` asks for it to be solved for."""
    return given == "solve" or (isinstance(given, dict) and "solve" in given)


def read_optimum(root: Mapping, given: Any, objective: Objective | None, findings: list[Finding]) -> Optimum | None:
    """What the file says, or else the function; points repeated to the dimension; None where it is to be solved for."""
    if given is UNFIT or objective is None:
        return None
    dimension = objective.dimension
    if given is None:
        return objective.function.optimum(dimension, objective.parameters)
    if asks_to_solve(given):
        _check_solve(root, given, objective, findings)
        return None
    if "loss" not in given:
        wrong(place(root, "optimum"), "optimum.loss", "the least loss there is", findings, got="nothing")
        return None
    x: list[Any] = given.get("x", [])
    node = place(root, "optimum", "x")
    several = [isinstance(point, list) for point in x]
    if any(several) and not all(several):
        wrong(node, "optimum.x", "numbers, or lists of numbers", findings, got="both")
        return None
    points = x if any(several) else [x] if x else []
    most = min(MOST_OPTIMA, LARGEST_DIMENSION // dimension)
    if len(points) > most:
        wrong(
            node, "optimum.x", f"at most {most:,} points of {dimension:,} coordinates", findings, got=f"{len(points):,}"
        )
        return None
    for number, point in enumerate(points):
        if len(point) > dimension:
            at = node.items[number] if any(several) and isinstance(node, Sequence) else node
            wrong(at, "optimum.x", f"at most {dimension} numbers, the dimension", findings, got=f"{len(point)}")
            return None
    repeated = (tuple(point) * math.ceil(dimension / len(point)) for point in points)
    return Optimum(given["loss"], tuple(point[:dimension] for point in repeated))


def _check_solve(root: Mapping, given: Any, objective: Objective, findings: list[Finding]) -> None:
    """Solving is for objectives of one minimum, unless told otherwise, and without a box."""
    function = objective.function
    known = function.optimum(objective.dimension, objective.parameters)
    if isinstance(given, dict) and len(given) > 1:
        wrong(place(root, "optimum"), "optimum", "loss and x, or solve", findings, got="both")
    elif known is not None:
        wanted = f"nothing for {function.name}, whose optimum is known"
        wrong(place(root, "optimum"), "optimum", wanted, findings, got="solve")
    elif function.box is not None:
        wrong(place(root, "optimum"), "optimum", "loss and x for an objective in a box", findings, got="solve")
    elif not function.convex and not (isinstance(given, dict) and given["solve"] == "local"):
        wanted = "{solve: local} for an objective that is not known to be convex"
        wrong(place(root, "optimum"), "optimum", wanted, findings, got="solve")
