"""The libraries that `speed` measures beside adambench: one file each, found by folder. A file declares PEER."""

from __future__ import annotations

import importlib
import pkgutil
from functools import cache

from adambench.errors import AdambenchError, nearest
from adambench.speed.peer import Peer


@cache
def all_peers() -> dict[str, Peer]:
    """Every peer by its name, in alphabetical order; none of the libraries is imported."""
    modules = (importlib.import_module(f"{__name__}.{entry.name}") for entry in pkgutil.iter_modules(__path__))
    found = {module.PEER.name: module.PEER for module in modules}
    return dict(sorted(found.items()))


def find_peers(text: str) -> list[Peer]:
    """The peers in a comma-separated text, each once; an AdambenchError with the nearest name for an unknown one."""
    known = all_peers()
    names = list(dict.fromkeys(part.strip() for part in text.split(",") if part.strip()))
    for name in names:
        if name not in known:
            raise AdambenchError(f"--peers: unknown peer {name!r}{nearest(name, known)}; known: {', '.join(known)}")
    if not names:
        raise AdambenchError(f"--peers: expected names of {', '.join(known)}, separated by commas, got {text!r}")
    return [known[name] for name in names]
