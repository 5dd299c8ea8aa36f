"""One trajectory of a library's own optimizer that one of ours must meet."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Case:
    """Ours, as text, beside theirs: the library, the dotted name of the class or factory, and its options.

    matrix     x is the matrix of a least-squares problem, instead of a vector
    tolerance  at step 100, times 1 + |x|; `reason` says why it is not 1e-12
    steps      how far they are compared
    """

    text: str
    library: str
    target: str
    options: Mapping[str, Any] = field(default_factory=dict)
    matrix: bool = False
    tolerance: float = 1e-12
    reason: str = ""
    steps: int = 1000
