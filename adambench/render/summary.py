"""The job summary of a GitHub Actions step: what is unmet first, then the tables; always small enough to be shown."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from adambench.render import Document, Format, Style, kind_of
from adambench.render.markdown import blocks

MOST = 900_000
"""Bytes. A step may write 1 MiB, and has perhaps written some; over it, nothing is shown at all."""
FIRST = ("## Requirements", "## Gate")
"""Sections that come before the others: they decide the exit code."""


def render(document: Document, style: Style) -> str:
    """GitHub-flavoured markdown of at most MOST bytes: whole sections, as many as fit, and how many do not."""
    found = list(_sections(blocks(document, style)))
    found.sort(key=lambda section: not section.startswith(FIRST))
    title = "# adambench" if kind_of(document) == "report" else "# adambench gate"
    kept, size = [title], len(title.encode()) + 200  # room for the sentence at the end
    for section in found:
        size += (cost := len(section.encode()) + 2)
        if size <= MOST:
            kept.append(section)
        else:
            size -= cost
    if missing := len(found) + 1 - len(kept):
        kept.append(f"*{missing} of {len(found)} sections are left out: a job summary holds 1 MiB*")
    return "\n\n".join(kept) + "\n"


def _sections(blocks: Sequence[str]) -> Iterator[str]:
    """Each heading with all up to the next."""
    section: list[str] = []
    for block in blocks:
        if block.startswith("## ") and section:
            yield "\n\n".join(section)
            section = []
        section.append(block)
    if section:
        yield "\n\n".join(section)


FORMAT = Format("summary", "GitHub's job summary: markdown, under 1 MiB", render, ("report", "verdict"))
