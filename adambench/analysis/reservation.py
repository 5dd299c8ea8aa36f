"""Where a difference counts for nothing: the slower one was tuned too little, as it lost to its own special case."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from adambench.analysis.special_case import TOO_SMALL

Row = Mapping[str, Any]


def too_small(tuning: Row | None) -> dict[str, list[str]]:
    """For each problem the optimizers that lost there to their own special case, as `inclusion` of a tuning says."""
    found: dict[str, list[str]] = {}
    for entry in (tuning or {}).get("inclusion", ()):
        accused = found.setdefault(entry["problem"], [])
        if entry["verdict"] == TOO_SMALL and entry["general"] not in accused:
            accused.append(entry["general"])
    return {problem: accused for problem, accused in found.items() if accused}


def with_reservations(duels: Sequence[Row], reference: str, tuning: Row | None) -> list[dict[str, Any]]:
    """The duels, their sentences with where the slower one was tuned too little for the difference to count."""
    accused = too_small(tuning)
    found = []
    for duel in duels:
        reserved: dict[str, list[str]] = {}
        for name, pair in duel["problems"].items():
            slower = {"a": reference, "b": duel["optimizer"]}.get(pair["verdict"]["faster"])
            if pair["verdict"]["different"] and slower in accused.get(name, ()):
                reserved.setdefault(str(slower), []).append(name)
        said = [
            f"nothing is shown against {optimizer} on {', '.join(names)}: it was beaten by a special case of its own"
            for optimizer, names in reserved.items()
        ]
        found.append({**duel, "sentence": "; ".join([duel["sentence"], *said])})
    return found
