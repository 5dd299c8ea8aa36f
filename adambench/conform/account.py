"""What was found about an implementation, in lines for people and as a document."""

from __future__ import annotations

import math
from typing import Any

from adambench.conform.comparison import TOLERANCE, Agreement, Difference
from adambench.conform.conformance import Conformance
from adambench.optimizer import DOUBLE, Value
from adambench.text import number_text

SCHEMA = "adambench/conform/1"


def lines(found: Conformance, name: str, library: str) -> list[str]:
    """`name` is the implementation's, `library` where it comes from, "" where that is not known."""
    title = f"{name} ({library})" if library else name
    said = [f"{title} {_verdict(found)}"]
    if found.equal:
        first, *others = found.equal
        said.append(f"  {_extent(found, first)}")
        if others:
            said.append(f"  as do {', '.join(_also(other) for other in others)}")
        if different := _own_values(found, first):
            said.append(f"  its hyperparameters differ from the defaults of {first.candidate.name}: {different}")
    said += [f"  {name}={number_text(value)} was given to it, as it has none" for name, value in found.assumed.items()]
    for why in dict.fromkeys(found.left_out.values()):
        probes = "; ".join(probe for probe, reason in found.left_out.items() if reason == why)
        said.append(f"  could not be driven on: {probes}: {why}")
    if found.nearest is not None:
        said += _difference_lines(found, found.nearest)
    said += [f"  fails: {finding.name}: {finding.text}" for finding in found.findings]
    if found.asked:
        held = len(found.asked) - len(found.findings)
        said.append(f"{held} of {len(found.asked)} invariants hold")
    return said


def document(found: Conformance, name: str, library: str) -> dict[str, Any]:
    """The same, to be written as JSON."""
    nearest = found.nearest
    return {
        "schema": SCHEMA,
        "implementation": name,
        "library": library or None,
        "optimizer": found.optimizer.name,
        "hyperparameters": {name: _finite(value) for name, value in found.hyperparameters.items()},
        "assumed": {**found.assumed},
        "expected": None if found.expected is None else found.expected.candidate.name,
        "conforms": found.conforms,
        "tolerance": TOLERANCE,
        "probes": [trajectory.probe.name for trajectory in found.trajectories],
        "left_out": [*found.left_out],
        "left_out_reasons": {**found.left_out},
        "steps": found.steps,
        "equal": [
            {
                "dialect": a.candidate.name,
                "deviation": a.deviation,
                "lacking": [*a.missing, *a.lacking],
                "precision": a.precision,
                "tolerance": a.tolerance,
            }
            for a in found.equal
        ],
        "nearest": None if nearest is None else nearest.candidate.name,
        "differences": [] if nearest is None else [_difference(difference) for difference in nearest.differences],
        "explanation": [change.words for change in found.changes],
        "invariants": {
            "asked": [*found.asked],
            "failed": [{"name": finding.name, "finding": finding.text} for finding in found.findings],
            "fault": found.fault,
        },
    }


def _verdict(found: Conformance) -> str:
    same = found.equal[0].candidate.name if found.equal else ""
    if found.expected is not None:
        expected = found.expected.candidate.name
        if found.follows:
            failed = ", ".join(finding.name for finding in found.findings)
            but = f" on the probes, but not in its invariants: {failed}" if failed else ""
            return f"equals {expected}{_rounding(found.expected)}{but}"
        if found.expected.missing and not found.expected.differences:
            return f"is not {expected}, which has no {', '.join(found.expected.missing)}"
        return f"is not {expected}: it equals {same}" if same else f"is not {expected}, and equals no other dialect"
    if same:
        return f"equals {same}{_rounding(found.equal[0])}"
    assert found.nearest is not None
    return f"equals no dialect of {found.optimizer.name}: the nearest is {found.nearest.candidate.name}"


def _rounding(agreement: Agreement) -> str:
    """How far apart they are, where the library computes below float64."""
    return "" if agreement.precision == DOUBLE else f" up to {agreement.precision} rounding, {agreement.deviation:.0e}"


def _extent(found: Conformance, agreement: Agreement) -> str:
    probes = len(found.trajectories)
    of = f"{probes} probes" if probes != 1 else "one probe"
    at = " ".join(f"{name}={number_text(value)}" for name, value in found.hyperparameters.items())
    why = "" if agreement.precision == DOUBLE else f", as its library computes in {agreement.precision}"
    return (
        f"to {agreement.tolerance:.2g} (1 + |x|){why}, at most {agreement.deviation:.1e} off, "
        f"over {found.steps:,} steps of {of}{f', at {at}' if at else ''}"
    )


def _also(agreement: Agreement) -> str:
    without = (*agreement.missing, *agreement.lacking)
    lacking = f" (which has no {', '.join(without)})" if without else ""
    return f"{agreement.candidate.name}{lacking}"


def _own_values(found: Conformance, agreement: Agreement) -> str:
    defaults = agreement.candidate.dialect.defaults
    different = []
    for name, value in found.hyperparameters.items():
        default = defaults.get(name)
        if default is not None and value != default:
            different.append(f"{name}={number_text(value)}, not {number_text(default)}")
    return "; ".join(different)


def _difference_lines(found: Conformance, nearest: Agreement) -> list[str]:
    first, name = nearest.differences[0], nearest.candidate.name
    where = f"probe {first.probe!r}, step {first.step}, {_place(first)}"
    differing = f"{len(nearest.differences)} of {len(found.trajectories)} probes differ"
    said = [f"  first difference: {where}: {first.theirs!r}, {name} has {first.ours!r} ({differing})"]
    if found.changes:
        said += [f"  why: {change.words}" for change in found.changes]
    elif first.what != "step count":
        said.append(f"  no flag or value of {name} explains it")
    return said


def _place(difference: Difference) -> str:
    if not difference.coordinate:
        return f"the {difference.what}"
    index = f"[{', '.join(str(part) for part in difference.coordinate)}]"
    return f"x{index}" if difference.what == "x" else f"{index} of the point whose loss counts"


def _difference(difference: Difference) -> dict[str, Any]:
    return {
        "probe": difference.probe,
        "what": difference.what,
        "step": difference.step,
        "coordinate": [*difference.coordinate],
        "theirs": _finite(difference.theirs),
        "ours": _finite(difference.ours),
    }


def _finite(value: Value) -> Value | None:
    return value if math.isfinite(value) else None
