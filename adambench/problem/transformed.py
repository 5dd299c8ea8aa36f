"""The objective of a problem file behind the file's transforms."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from adambench.function import Function, Parameters
from adambench.problem.document import Mapping, Node, Sequence, join
from adambench.problem.finding import Finding
from adambench.problem.fit import UNFIT, wrong
from adambench.problem.objective import Objective, place, typed
from adambench.transform import Transform, apply
from adambench.transform import join as joined
from adambench.transforms import TRANSFORMS, all_transforms


def transformed(root: Mapping, given: Any, objective: Objective | None, findings: list[Finding]) -> Objective | None:
    """`objective` behind the transforms that the file lists, as read: `given`. The first of them sees x itself.

    None where there is no objective, or where something does not fit, which has then been reported.
    """
    if objective is None or not given or given is UNFIT or UNFIT in given:
        return objective if given is not UNFIT and UNFIT not in given else None
    listed = [_settings(name, settings) for name, settings in given]
    function: Function = objective.function
    for number in reversed(range(len(listed))):
        transform, settings = listed[number]
        if complaint := transform.complaint(objective.dimension, settings, function):
            key, wanted, got = complaint
            path = join(f"transforms[{number}]", transform.name)
            wrong(_at(root, number, key), join(path, key) if key else path, wanted, findings, got=got)
            return None
        function = apply(transform, settings, function, objective.dimension)
    inner, dimension = objective.prepare, objective.dimension
    said = [[transform.name, {**settings, **TRANSFORMS.identity(transform.name)}] for transform, settings in listed]
    return replace(
        objective,
        function=function,
        prepare=lambda: joined(listed, dimension, inner()),
        defines={**objective.defines, "transforms": said},
    )


def _settings(name: str, given: Any) -> tuple[Transform, Parameters]:
    """The transform, and every declared parameter of it, as given or by default."""
    transform = all_transforms()[name]
    values = given if isinstance(given, dict) else {transform.listed: given}
    return transform, {p.name: typed(p.kind, values.get(p.name, p.default)) for p in transform.parameters}


def _at(root: Mapping, number: int, key: str) -> Node:
    """Where the transform stands, or its key where it has that."""
    node = place(root, "transforms")
    assert isinstance(node, Sequence)
    ((name, value),) = node.items[number].entries  # type: ignore[union-attr]
    inner = value.get(key) if isinstance(value, Mapping) else None
    return inner or (value if key and not isinstance(value, Mapping) else name)
