"""Who runs, towards which targets, and what must hold."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from adambench.configuration import Entrant, configurations, parse, unique
from adambench.errors import AdambenchError
from adambench.function import Optimum
from adambench.problem.document import Mapping, Node, Sequence, join
from adambench.problem.finding import Finding, note
from adambench.problem.fit import UNFIT, wrong
from adambench.problem.keys import DEFAULT_OPTIMIZERS, DEFAULT_TARGETS
from adambench.problem.objective import Objective
from adambench.problem.problem import Requirement, Target


def read_targets(
    root: Mapping, given: Any, objective: Objective | None, optimum: Optimum | None, findings: list[Finding]
) -> tuple[Target, ...]:
    """Those of the file, or the function's, or the usual ones; each once. A distance needs to know from where."""
    if given is None:
        usual = objective.function.targets if objective is not None else None
        return tuple(_target(target) for target in usual or DEFAULT_TARGETS)
    found: list[Target] = []
    written = root.get("optimum")
    # If it is None now, that was reported, or it is to be solved for.
    written_x = written is not None and not (
        isinstance(written, Mapping) and written.get("loss") and not written.get("x")
    )
    for number, item in enumerate([] if given is UNFIT else given):
        if item is UNFIT:
            continue
        target, node, path = _target(item), _item(root, "targets", number), f"targets[{number}]"
        if target in found:
            wrong(node, path, "each target once", findings, got=f"{target_text(target)} again")
        elif target.kind == "distance" and objective is not None and not (written_x or (optimum and optimum.x)):
            wrong(node, path, "an optimum with x for a distance", findings, got="none")
        elif target.kind == "distance" and objective is not None and objective.function.moving:
            wrong(node, path, "an optimum that stays for a distance", findings, got="one that moves")
        found.append(target)
    return tuple(found)


def target_text(target: Target) -> str:
    """As a problem file spells it."""
    return f"{target.value:g}" if target.kind == "relative" else f"{{{target.kind}: {target.value:g}}}"


def _target(given: Any) -> Target:
    """From a number, {kind: value} or (kind, value)."""
    if isinstance(given, (int, float)):
        return Target("relative", float(given))
    kind, value = next(iter(given.items())) if isinstance(given, dict) else given
    return Target(kind, float(value))


def read_optimizers(root: Mapping, given: Any, findings: list[Finding]) -> tuple[Entrant, ...]:
    """Every optimizer that the texts and mappings name, each once; the usual ones where none are given."""
    found: list[Entrant] = []
    if given is None:
        for name in DEFAULT_OPTIMIZERS:
            found.extend(parse(name))
    for number, item in enumerate(given if isinstance(given, list) else []):
        if item is not UNFIT:
            found.extend(_optimizer(item, _item(root, "optimizers", number), f"optimizers[{number}]", findings))
    return tuple(unique(found))


def _optimizer(given: Any, node: Node, path: str, findings: list[Finding]) -> list[Entrant]:
    """From text, or (name, hyperparameters)."""
    name = given if isinstance(given, str) else given[0]
    if "." in name.partition(":")[0].partition("@")[0]:
        wanted = "an optimizer of adambench's own (others' are taken from the command line and from Python only)"
        wrong(node, path, wanted, findings)
        return []
    if isinstance(given, str):
        return _said(lambda: parse(given), lambda message: node, path, findings)
    entry = node.entries[0] if isinstance(node, Mapping) else (node, node)
    found = partial(configurations, *given)
    return _said(lambda: list(found()), lambda message: _blamed(message, *entry), join(path, name), findings)


def _said(
    read: Callable[[], list[Entrant]], at: Callable[[str], Node], path: str, findings: list[Finding]
) -> list[Entrant]:
    """What `read` returns; nothing, and a finding, where it complains."""
    try:
        return read()
    except AdambenchError as error:
        node = at(str(error))
        note(findings, Finding(node.line, node.column, path, str(error)))
        return []


def _blamed(message: str, name: Node, settings: Node) -> Node:
    """The part of `{NAME: settings}` that the message is about: a hyperparameter or its value, or else the name."""
    for key, value in settings.entries if isinstance(settings, Mapping) else ():
        if f"hyperparameter {key.value!r}" in message:
            return key
        if f": {key.value}: " in message:
            return value
    return name


def read_requirements(
    root: Mapping,
    given: Any,
    targets: tuple[Target, ...],
    optimizers: tuple[Entrant, ...],
    findings: list[Finding],
) -> tuple[Requirement, ...]:
    """Each of one of the optimizers (its label made canonical), and of one of the targets."""
    found: list[Requirement] = []
    labels = [configuration.label for configuration in optimizers]
    # Where one of these lists is wrong, nothing is said of what it lacks.
    optimizers_known, targets_known = (
        not any(finding.key.startswith(key) for finding in findings) for key in ("optimizers", "targets")
    )
    for number, item in enumerate([] if given is UNFIT else given):
        if item is UNFIT:
            continue
        node, path = _item(root, "require", number), f"require[{number}]"
        at = {key: _child(node, key) for key in ("optimizer", "target")}
        named = _optimizer(item["optimizer"], at["optimizer"], f"{path}.optimizer", findings)
        target = _target(item["target"])
        if len(named) > 1:
            wrong(at["optimizer"], f"{path}.optimizer", "one optimizer", findings, got=f"{len(named)}")
        elif named and optimizers_known and named[0].label not in labels:
            wanted = f"one of the optimizers of this problem ({', '.join(labels)})"
            wrong(at["optimizer"], f"{path}.optimizer", wanted, findings, got=named[0].label)
        if targets_known and target not in targets:
            wanted = f"one of the targets of this problem ({', '.join(map(target_text, targets))})"
            wrong(at["target"], f"{path}.target", wanted, findings, got=target_text(target))
        if named:
            found.append(Requirement(named[0].label, target, item.get("within"), item["success_rate"]))
    return tuple(found)


def _item(root: Mapping, key: str, number: int) -> Node:
    node = root.get(key)
    return node.items[number] if isinstance(node, Sequence) else root


def _child(node: Node, key: str) -> Node:
    return (node.get(key) if isinstance(node, Mapping) else None) or node
