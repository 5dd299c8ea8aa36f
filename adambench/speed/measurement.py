"""Every case in turn, ours beside the peers'; and the document that this makes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from adambench.engine.assembly import Assembly
from adambench.engine.blas import single_thread
from adambench.errors import AdambenchError
from adambench.report import environment
from adambench.speed.case import Case
from adambench.speed.floor import FLOOR, floor_of
from adambench.speed.ours import work_of
from adambench.speed.peer import Peer
from adambench.speed.timing import measure, median
from adambench.version import VERSION

SCHEMA = "adambench/speed/1"
OURS = "adambench"


@dataclass(eq=False)
class Measurement:
    """One invocation. While `execute` runs, on a thread, `doing` says what is measured and `rows` has what is done."""

    cases: Sequence[Case]
    peers: Sequence[Peer]
    seconds: float
    repeats: int
    doing: str = ""
    rows: list[dict[str, Any]] = field(default_factory=list)
    versions: dict[str, str] = field(default_factory=dict)

    def execute(self) -> None:
        """Measure all; AdambenchError, before anything is measured, where a peer is not installed."""
        for peer in self.peers:
            self.doing = f"importing {peer.name}"
            self.versions.update(_prepared(peer))
        assembly = Assembly()
        for number, case in enumerate(self.cases, 1):
            lanes = f", {case.lanes} lanes" if case.lanes > 1 else ""
            at = f"{case.what}, dimension {case.dimension:,}{lanes}, {case.dtype} ({number} of {len(self.cases)})"
            self.doing = f"compiling {at}"
            works = {OURS: work_of(case, assembly), **floor_of(case)}
            for peer in self.peers:
                works |= peer.works(case)
            self.doing = f"measuring {at}"
            with single_thread():
                samples = measure(works, self.seconds, self.repeats)
            self.rows.append(_row(case, samples))

    def document(self, command: Sequence[str], interrupted: bool = False) -> dict[str, Any]:
        """What `--json` prints."""
        document: dict[str, Any] = {
            "schema": SCHEMA,
            "adambench": VERSION,
            "command": list(command),
            "environment": {**environment(1), "peers": self.versions},
            "settings": {"seconds": self.seconds, "repeats": self.repeats},
            "rows": self.rows,
        }
        return document | {"interrupted": True} if interrupted else document


def _prepared(peer: Peer) -> Mapping[str, str]:
    try:
        return peer.prepare()
    except (ImportError, OSError) as error:  # OSError: a shared library of it cannot be loaded
        raise AdambenchError(
            f"--peers: {peer.name} is not usable ({error}); to install it: pip install 'adambench[peers]'"
        ) from None


def _row(case: Case, samples: Mapping[str, list[float]]) -> dict[str, Any]:
    """`ns` is the median of `samples`, per `unit`.

    A peer's `ratio` says how many times as long it takes; the floor's, how many times as long we take.
    """
    ours = median(samples[OURS])
    floor = median(samples[FLOOR]) if FLOOR in samples else None
    return {
        "kind": case.kind,
        "what": case.what,
        "dimension": case.dimension,
        "lanes": case.lanes,
        "dtype": case.dtype,
        "unit": case.unit,
        "ns": ours,
        "samples": samples[OURS],
        "floor": None if floor is None else {"ns": floor, "ratio": ours / floor, "samples": samples[FLOOR]},
        "peers": {
            name: {"ns": median(found), "ratio": median(found) / ours, "samples": found}
            for name, found in samples.items()
            if name not in (OURS, FLOOR)
        },
    }
