"""What a layout is given: sections of tables and lines, before anybody knows how wide the screen is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from adambench.render.parts.column import Column

Table = Sequence[Column]


@dataclass(frozen=True)
class Line:
    """A sentence.

    tone      "" one of a list, "strong" what the section comes to, "aside" what may be passed over
    lead      what it is about, in front of it
    standing  of the lead: "good", "bad", "doubtful", or "" where it is no judgement
    """

    text: str
    tone: str = ""
    lead: str = ""
    standing: str = ""


@dataclass(frozen=True)
class Meanings:
    """What the columns of a table mean that need a word: of those that are shown."""

    columns: Table


@dataclass(frozen=True)
class Section:
    """Of one problem, under its name with a heading; or, without a heading, of what its title says."""

    title: str
    heading: str
    parts: Sequence[Table | Line | Meanings]
