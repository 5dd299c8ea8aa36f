"""What goes through the pipe: a JSON object, then the bytes of one array of float64."""

from __future__ import annotations

import json
import struct
from collections.abc import Mapping
from typing import Any

LENGTH = struct.Struct("!I")


def pack(header: Mapping[str, Any], array: bytes = b"") -> bytes:
    """Numbers keep all their digits; NaN and infinities pass."""
    text = json.dumps(header).encode()
    return b"".join((LENGTH.pack(len(text)), text, array))


def unpack(message: bytes) -> tuple[dict[str, Any], bytes]:
    (length,) = LENGTH.unpack_from(message)
    end = LENGTH.size + length
    header: dict[str, Any] = json.loads(message[LENGTH.size : end])
    return header, message[end:]
