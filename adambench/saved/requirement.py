"""Whether the requirements of a report can be judged again: what its schema does not say of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from adambench.requirements import kinds
from adambench.saved.value import shown

SHARES = ("success_rate", "quantile")


def requirement_fault(entries: Sequence[Mapping[str, Any]]) -> tuple[str, str] | None:
    """(path, sentence) of the first that no problem file could have asked; None where all are possible."""
    for index, entry in enumerate(entries):
        path, kind = f"requirements[{index}]", kinds().get(entry["kind"])
        if kind is None:
            return f"{path}.kind", f"expected one of {', '.join(kinds())}, got {shown(entry['kind'])}"
        for key in kind.keys:
            if key.required and entry.get(key.name) is None:
                return f"{path}.{key.name}", f"expected what kind {kind.name} asks for, got null"
        shares = [name for name in SHARES if any(key.name == name for key in kind.keys)]
        if "success_rate" in shares and all(entry[name] is None for name in shares):
            return f"{path}.success_rate", f"expected {' or '.join(shares)} of kind {kind.name}, got null"
        for name in shares:
            if entry[name] is not None and not 0 < entry[name] <= 1:
                return f"{path}.{name}", f"expected a share above 0 and up to 1, got {shown(entry[name])}"
    return None
