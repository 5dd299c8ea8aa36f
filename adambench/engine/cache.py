"""Compiled kernels on disk, in a folder that is the user's alone.

A file is named by the SHA-256 of everything that makes the machine code (see `kernel`), and holds its own digest, so
that a torn or altered file is recompiled, never unpickled.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import pickle
import stat
import sys
import tempfile
from functools import cache
from pathlib import Path
from typing import Any

import numba

# Numba would import this when a kernel is first called with another, and two worker threads may do that at once: the
# types that it registers must be there before.
import numba.experimental.function_type
from numba.core import serialize
from numba.core.compiler import CompileResult
from numba.core.runtime import rtsys

from adambench.version import VERSION


def folder_name() -> Path:
    """Where kernels are kept: $XDG_CACHE_HOME (when absolute) or ~/.cache, one folder a version."""
    named = os.environ.get("XDG_CACHE_HOME", "")
    root = Path(named) if os.path.isabs(named) else Path.home() / ".cache"
    python = f"{sys.implementation.name}-{sys.version_info.major}.{sys.version_info.minor}"
    return root / "adambench" / f"{VERSION}-numba-{numba.__version__}-{python}"


@cache
def folder() -> Path | None:
    """The cache folder, made if need be; None, with one warning on stderr, where it is not safe or not writable."""
    try:
        path = folder_name()
        if not path.is_absolute():  # of a home that is not: nothing goes into the working folder
            raise OSError(f"{path} is not absolute")
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
        found = path.lstat()
        if not stat.S_ISDIR(found.st_mode):
            raise OSError("it is not a folder")
        if hasattr(os, "geteuid") and (found.st_uid != os.geteuid() or found.st_mode & 0o077):
            raise OSError("others could write to it")
        with tempfile.TemporaryFile(dir=path):
            return path
    except (OSError, RuntimeError) as error:
        print(f"adambench: warning: kernels are compiled anew in each run: no cache folder ({error})", file=sys.stderr)
        return None


class KernelCache:
    """The one compiled form of one dispatcher; it stands in for numba's own cache object."""

    cache_path = ""

    def __init__(self, key: str):
        self.key = key

    def load_overload(self, signature: Any, target_context: Any) -> Any:
        """The compile result, or None where there is none to be trusted."""
        place = folder()
        if place is None:
            return None
        # What running a kernel takes; the compiler itself, a quarter of a second to load, is not needed for it.
        rtsys.initialize(target_context)
        try:
            content = (place / self.key).read_bytes()
            digest, payload = content[:32], content[32:]
            if hashlib.sha256(payload).digest() != digest:
                return None
            return CompileResult._rebuild(target_context, *pickle.loads(payload))
        except Exception:  # whatever is wrong with a cached file, compiling anew puts it right
            return None

    def save_overload(self, signature: Any, result: Any) -> None:
        """Keep it, whole or not at all; a full or vanished disk costs only the cache."""
        place = folder()
        if place is None or result.library.has_dynamic_globals:
            return
        payload = serialize.dumps(result._reduce())
        with contextlib.suppress(OSError):
            handle, temporary = tempfile.mkstemp(dir=place)
            try:
                with os.fdopen(handle, "wb") as file:
                    file.write(hashlib.sha256(payload).digest() + payload)
                os.replace(temporary, place / self.key)
            except OSError:
                os.unlink(temporary)

    def enable(self) -> None: ...

    def disable(self) -> None: ...

    def flush(self) -> None: ...
