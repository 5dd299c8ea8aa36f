"""Names of series that other systems keep: the same from run to run, one for each thing measured, safe where they are
shown."""

from __future__ import annotations

import hashlib
import json

from adambench.render.parts.plain import plain

BETWEEN = " / "
DIGEST = 10


def series_name(*parts: str, without: str = "", most: int = 1024) -> str:
    """'rosenbrock-2d / adam:lr=0.01 / steps to 1e-3', of at most `most` bytes of UTF-8.

    Each character of `without` becomes an underscore. Where that, the length or unsafe characters take anything away,
    a digest of the original parts follows, so that two things never share a name.
    """
    return distinct(BETWEEN.join(parts), without, most, any(BETWEEN.strip() in part for part in parts), *parts)


def distinct(text: str, without: str = "", most: int = 1024, ambiguous: bool = False, *parts: str) -> str:
    """The text made safe, with a digest of `parts` (or of itself) where it had to be changed or is `ambiguous`."""
    safe = plain(text).translate({ord(character): "_" for character in without}).strip()
    if safe == text and not ambiguous and len(safe.encode()) <= most:
        return safe
    digest = hashlib.sha256(json.dumps(parts or [text]).encode()).hexdigest()[:DIGEST]
    room = most - DIGEST - 1
    return f"{safe.encode()[:room].decode(errors='ignore').rstrip()}~{digest}"
