"""Whether the requirements of a report can have been asked: what its schema does not say of them."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from adambench.analysis.target import target_text
from adambench.problem.document import Scalar
from adambench.problem.document import Sequence as Listed
from adambench.problem.finding import Finding
from adambench.problem.fit import fit
from adambench.requirement import OPTIMIZER, TARGET
from adambench.requirements import kinds
from adambench.saved.coherence import Found, Outline
from adambench.saved.value import shown
from adambench.shape import Fields, Key, Shape

Entry = Mapping[str, Any]


def requirement_fault(entries: Sequence[Entry], problems: Sequence[Entry], rows: Sequence[Outline]) -> Found:
    """(path, sentence) of the first that no problem file could have asked of these problems, or that is met by an
    optimizer that has no row; None where all are possible.

    entries  `requirements` of the report, as its schema says; `rows` are the outlines of its `results`

    An unmet one may be of an optimizer without a row: a run that was interrupted has such.
    """
    named = {problem["name"]: problem for problem in problems}
    for index, entry in enumerate(entries):
        path, kind = f"requirements[{index}]", kinds().get(entry["kind"])
        if kind is None:
            return f"{path}.kind", f"expected one of {', '.join(kinds())}, got {shown(entry['kind'])}"
        if entry["problem"] not in named:
            return f"{path}.problem", f"expected one of the problems, got {shown(entry['problem'])}"
        ran = {optimizer for problem, optimizer, *_ in rows if problem == entry["problem"]}
        context = _Context(kind.name, named[entry["problem"]]["targets"], ran if entry["met"] else None)
        keys = Fields((Key("optimizer", OPTIMIZER, required=True), *kind.keys), kind.apart)
        if found := context.fault(entry, keys, path):
            return found
    return None


@dataclass(frozen=True)
class _Context:
    """Of what `kind` an entry is, the targets of its problem, and the optimizers that it can be of; None: any."""

    kind: str
    targets: Sequence[Entry]
    optimizers: Collection[str] | None

    def fault(self, value: Any, shape: Shape, path: str) -> Found:
        """What is wrong with a value as a report has it."""
        if shape is OPTIMIZER:
            if self.optimizers is None or value in self.optimizers:
                return None
            return path, f"expected an optimizer that ran on its problem, as it is met, got {shown(value)}"
        if shape is TARGET:
            if any((value["kind"], value["value"]) == (one["kind"], one["value"]) for one in self.targets):
                return None
            known = ", ".join(map(target_text, self.targets))
            return path, f"expected one of the targets of its problem ({known}), got {target_text(value)}"
        if isinstance(shape, Fields):
            return self._fields(value, shape, path)
        findings: list[Finding] = []
        fit(_node(value), shape, path, findings)
        return (findings[0].key, findings[0].message) if findings else None

    def _fields(self, value: Entry, shape: Fields, path: str) -> Found:
        given = [name for name in shape.apart if value.get(name) is not None]
        if len(given) > 1:
            return f"{path}.{given[-1]}", f"expected one of {', '.join(shape.apart)}, got {' and '.join(given)}"
        for key in shape.keys:
            inside, one = f"{path}.{key.name}", value.get(key.name)
            if one is not None:
                if found := self.fault(one, key.shape, inside):
                    return found
            elif key.required:
                return inside, f"expected what kind {self.kind} asks for, got null"
            elif key.default is not None and not (key.name in shape.apart and given):
                names = shape.apart if key.name in shape.apart else (key.name,)
                return inside, f"expected {' or '.join(names)} of kind {self.kind}, got null"
        return None


def _node(value: Any) -> Scalar | Listed:
    """A value of JSON as the reader of problem files takes it."""
    if isinstance(value, list):
        return Listed(0, 0, tuple(map(_node, value)))
    return Scalar(0, 0, value if isinstance(value, str) else shown(value), value, plain=True)
