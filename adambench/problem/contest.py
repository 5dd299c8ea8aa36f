"""Who runs, and towards which targets."""

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
from adambench.problem.problem import Target


def read_targets(
    root: Mapping, given: Any, objective: Objective | None, optimum: Optimum | None, findings: list[Finding]
) -> tuple[Target, ...]:
    """Those of the file, or the function's, or the usual ones; each once. A distance needs to know from where."""
    if given is None:
        usual = objective.function.targets if objective is not None else None
        return tuple(target_of(target) for target in usual or DEFAULT_TARGETS)
    found: list[Target] = []
    written = root.get("optimum")
    # If it is None now, that was reported, or it is to be solved for.
    written_x = written is not None and not (
        isinstance(written, Mapping) and written.get("loss") and not written.get("x")
    )
    for number, item in enumerate([] if given is UNFIT else given):
        if item is UNFIT:
            continue
        target, node, path = target_of(item), item_of(root, "targets", number), f"targets[{number}]"
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


def target_of(given: Any) -> Target:
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
            found.extend(optimizers_of(item, item_of(root, "optimizers", number), f"optimizers[{number}]", findings))
    return tuple(unique(found))


def optimizers_of(given: Any, node: Node, path: str, findings: list[Finding]) -> list[Entrant]:
    """Those that text, or (name, hyperparameters), names; none where that is wrong, which has then been reported."""
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


def item_of(root: Mapping, key: str, number: int) -> Node:
    """Where an item of the list at a key stands."""
    node = root.get(key)
    return node.items[number] if isinstance(node, Sequence) else root
