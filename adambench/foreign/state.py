"""The state of somebody else's optimizer as bytes. They stay in the child, which has imported its code already."""

from __future__ import annotations

import pickle
from typing import Any

from adambench.foreign.fault import UNSAVED, Fault


def packed(state: Any) -> bytes:
    """What `unpacked` takes; a Fault where the state cannot be pickled."""
    try:
        return pickle.dumps(state)
    except (pickle.PicklingError, AttributeError, TypeError) as error:
        raise Fault(f"{UNSAVED}: {error}") from None


def unpacked(state: bytes) -> Any:
    """The state, another object."""
    return pickle.loads(state)
