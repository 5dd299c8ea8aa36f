"""Whether fingerprints of two reports mean anything when held against each other."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

MACHINE = re.compile(r"x86_64|AMD64|aarch64|arm64|ppc64le|s390x|riscv64|i[3-6]86", re.IGNORECASE)
LIBRARY = re.compile(r"-with-(.+)$")

Environment = Mapping[str, Any]


def differences(baseline: Environment, measured: Environment) -> list[str]:
    """What of where they ran can change the last bits: 'numba 0.61 -> 0.62'. Empty where fingerprints mean something.

    The processor with its instruction sets, Python, NumPy and Numba; of the platform its name, machine and C library,
    but not the kernel.
    """
    one, other = _relevant(baseline), _relevant(measured)
    return [f"{name} {one[name]} -> {other[name]}" for name in one if one[name] != other[name]]


def _relevant(environment: Environment) -> dict[str, str]:
    platform = environment["platform"]
    machine, library = MACHINE.search(platform), LIBRARY.search(platform)
    return {
        **{name: environment[name] for name in ("cpu", "python", "numpy", "numba")},
        "instruction sets": environment.get("features", "unknown"),
        "system": platform.partition("-")[0],
        "machine": "unknown" if machine is None else machine[0].lower(),
        "C library": "unknown" if library is None else library[1],
    }
