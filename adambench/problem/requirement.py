"""`require:` of a problem file: what must hold of which of its optimizers."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from typing import Any

from adambench.configuration import Entrant
from adambench.problem.contest import item_of, optimizers_of, target_of, target_text
from adambench.problem.document import Mapping, Node, join
from adambench.problem.document import Sequence as Listed
from adambench.problem.finding import Finding
from adambench.problem.fit import UNFIT, fit, wrong
from adambench.problem.keys import file_keys
from adambench.problem.problem import Problem, Requirement, Target
from adambench.requirement import EVALUATIONS, OPTIMIZER, TARGET
from adambench.requirements import check_requirement, kinds
from adambench.shape import Fields, Shape


def check(problem: Problem, requirement: Requirement, results: Iterable[Any]) -> dict[str, Any]:
    """One requirement against rows of a report's `results`: its entry in the report's `requirements`."""
    return check_requirement({"name": problem.name, "budget": problem.budget}, requirement.asked, results)


def read_requirements(
    root: Mapping, given: Any, targets: Sequence[Target], optimizers: Sequence[Entrant], findings: list[Finding]
) -> tuple[Requirement, ...]:
    """One of each entry and each optimizer that it names, or each of the file where it names none.

    Labels are made canonical; every optimizer is one of the file's, every target one of its targets, and evaluations
    are at most its budget.
    """
    labels = [entrant.label for entrant in optimizers]
    # Where one of these lists is wrong, nothing is said of what it lacks.
    wrong_ones = {key for key in ("optimizers", "targets") for finding in findings if finding.key.startswith(key)}
    contest = _Contest(
        None if "optimizers" in wrong_ones else labels,
        None if "targets" in wrong_ones else targets,
        _budget(root),
        findings,
    )
    found: list[Requirement] = []
    for number, item in enumerate([] if given is UNFIT else given):
        if item is not UNFIT:
            kind, values = item
            node = item_of(root, "require", number)
            entry = _entry(kind, values, node, f"require[{number}]", labels, contest)
            found += (replace(one, entry=number) for one in entry)
    return tuple(found)


def divided(
    problem: Problem, labels: Sequence[str], is_asked: Callable[[Requirement], bool]
) -> tuple[list[Requirement], list[Requirement]]:
    """What is asked of the optimizers that run, by their labels, and what is not, in the order of the file.

    An entry that names no optimizer is one requirement of each that runs; where nobody is left to ask it of, those of
    the file's optimizers are not asked. `is_asked` decides of a requirement.
    """
    asked: list[Requirement] = []
    left_out: list[Requirement] = []
    for _, group in groupby(problem.require, key=lambda one: one.entry):
        written = list(group)
        first = written[0]
        rivals = [label for label in labels if label not in first.others] if first.anyone else []
        found = [replace(first, asked={**first.asked, "optimizer": label}) for label in rivals] or written
        for one in found:
            (asked if is_asked(one) else left_out).append(one)
    return asked, left_out


@dataclass(frozen=True)
class _Contest:
    """The optimizers and targets of which a requirement may be, and the most evaluations; None: any."""

    labels: Sequence[str] | None
    targets: Sequence[Target] | None
    budget: int | None
    findings: list[Finding]

    def label(self, text: str, node: Node, path: str) -> str:
        """The canonical text of one of the optimizers."""
        named = optimizers_of(text, node, path, self.findings)
        if len(named) > 1:
            wrong(node, path, "one optimizer", self.findings, got=f"{len(named)}")
        elif named and self.labels is not None and named[0].label not in self.labels:
            wanted = f"one of the optimizers of this problem ({', '.join(self.labels)})"
            wrong(node, path, wanted, self.findings, got=named[0].label)
        return named[0].label if named else ""

    def target(self, given: Any, node: Node, path: str) -> dict[str, Any]:
        """One of the targets, as a report has it."""
        target = target_of(given)
        if self.targets is not None and target not in self.targets:
            wanted = f"one of the targets of this problem ({', '.join(map(target_text, self.targets))})"
            wrong(node, path, wanted, self.findings, got=target_text(target))
        return target.as_dict()

    def evaluations(self, given: int, node: Node, path: str) -> int:
        """So many that a trial can make them."""
        if self.budget is not None and given > self.budget:
            wanted = f"at most {self.budget:,}, the budget of this problem"
            hint = " (a trial ends at the budget: raise it, or ask for less)"
            wrong(node, path, wanted, self.findings, got=f"{given:,}", hint=hint)
        return given

    def plain(self, value: Any, shape: Shape, node: Node, path: str) -> Any:
        """A value with its optimizers and targets as a report names them. What is UNFIT stays so."""
        if value is UNFIT:
            return UNFIT
        if shape is OPTIMIZER:
            return self.label(value, node, path)
        if shape is TARGET:
            return self.target(value, node, path)
        if shape is EVALUATIONS:
            return self.evaluations(value, node, path)
        if isinstance(shape, Fields):
            return {
                key.name: self.plain(value[key.name], key.shape, _child(node, key.name), join(path, key.name))
                for key in shape.keys
                if key.name in value
            }
        return value


def _entry(
    kind: str, values: dict[str, Any], node: Node, path: str, labels: Sequence[str], contest: _Contest
) -> Iterator[Requirement]:
    """What one entry of the list asks, of each optimizer."""
    keys = Fields(kinds()[kind].keys)
    asked = {**contest.plain(values, keys, node, path), "kind": kind, "advisory": values["advisory"]}
    others = tuple(_named(asked, keys))
    if values.get("optimizer") is None:
        chosen = [label for label in labels if label not in others]
        if labels and not chosen:
            wrong(node, path, f"an optimizer of this problem besides {', '.join(others)}", contest.findings, got="none")
    else:
        chosen = []
        place = _child(node, "optimizer")
        for number, text in enumerate([] if values["optimizer"] is UNFIT else values["optimizer"]):
            if text is UNFIT:
                continue
            at, index = (place.items[number], f"[{number}]") if isinstance(place, Listed) else (place, "")
            label = contest.label(text, at, f"{path}.optimizer{index}")
            if label and label in others:
                wrong(at, f"{path}.optimizer{index}", f"another optimizer than {label}", contest.findings)
            chosen.append(label)
    for label in dict.fromkeys(chosen):
        yield Requirement({**asked, "optimizer": label}, others, node.line, anyone=values.get("optimizer") is None)


def _named(value: Any, shape: Shape) -> Iterator[str]:
    """The optimizers that a value names."""
    if value is UNFIT:
        return
    if shape is OPTIMIZER:
        yield value
    elif isinstance(shape, Fields):
        for key in shape.keys:
            if key.name in value:
                yield from _named(value[key.name], key.shape)


def _budget(root: Mapping) -> int | None:
    """The file's own; None where it is wrong, which is said elsewhere."""
    (key,) = (key for key in file_keys().keys if key.name == "budget")
    node = root.get(key.name)
    found = key.default if node is None else fit(node, key.shape, key.name, [])
    return None if found is UNFIT else int(found)


def _child(node: Node, key: str) -> Node:
    return (node.get(key) if isinstance(node, Mapping) else None) or node
