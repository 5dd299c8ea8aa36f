"""One thing that was looked at."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Check:
    """What was measured; `finding` says in a sentence what is wrong, or is empty.

    key  the key of the problem file that it is about; several, separated by blanks, where it is one of them
    """

    name: str
    key: str
    measured: str = ""
    finding: str = ""
