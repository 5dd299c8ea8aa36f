"""What is wrong in a problem file, where, and how it is said."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

from adambench.errors import AdambenchError

MOST_FINDINGS = 100
_WIDEST_SOURCE = 160
_UNSAFE = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ud800-\udfff\ufeff\ufff9-\uffff]"
)


@dataclass(frozen=True)
class Finding:
    """One error, at a position counted from 1. `key` is the path of what it concerns, empty for the file as a whole."""

    line: int
    column: int
    key: str
    message: str


class TooManyFindings(Exception):
    """Reading a file stops here: more errors would help nobody."""


class ProblemError(AdambenchError):
    """All findings of one file; its text is what the user reads."""

    def __init__(self, file: str, text: str, findings: Iterable[Finding]) -> None:
        self.file = file
        self.findings = tuple(sorted(findings, key=lambda finding: (finding.line, finding.column)))
        super().__init__(_rendered(file, text, self.findings))


def note(findings: list[Finding], finding: Finding) -> None:
    """Add one; raises TooManyFindings when the file has had enough."""
    findings.append(finding)
    if len(findings) >= MOST_FINDINGS:
        raise TooManyFindings


def quoted(text: str) -> str:
    """Text of the file's in a message: short, in quotes, harmless to a terminal."""
    return f"'{printable(text if len(text) <= 60 else text[:57] + '...')}'"


def printable(text: str) -> str:
    """`text` on one line, with nothing in it that moves a cursor, hides or turns around other text."""
    return _UNSAFE.sub("?", text).replace("\t", " ").replace("\n", " ")


def _rendered(file: str, text: str, findings: tuple[Finding, ...]) -> str:
    lines = text.split("\n")
    file = printable(file)
    parts = []
    for finding in findings:
        key = f"{printable(finding.key)}: " if finding.key else ""
        parts.append(f"{file}:{finding.line}:{finding.column}: error: {key}{printable(finding.message)}")
        if finding.line <= len(lines) and lines[finding.line - 1].strip():
            parts.extend(_frame(lines[finding.line - 1], finding.column - 1))
    count = "1 error" if len(findings) == 1 else f"{len(findings)} errors"
    stopped = ", and no further looked for" if len(findings) >= MOST_FINDINGS else ""
    return "\n".join([*parts, f"{count} in {file}{stopped}"])


def _frame(line: str, column: int) -> tuple[str, str]:
    """The line, cut around the column where it is long, and a caret under the column."""
    first = max(0, column - _WIDEST_SOURCE // 2) if len(line) > _WIDEST_SOURCE else 0
    cut = line[first : first + _WIDEST_SOURCE]
    before, after = "..." if first else "", "..." if first + len(cut) < len(line) else ""
    width = sum(_columns(character) for character in line[first:column])
    return f"    {before}{printable(cut)}{after}", " " * (4 + len(before) + width) + "^"


def _columns(character: str) -> int:
    """How many columns of a terminal it takes."""
    if unicodedata.combining(character):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1
