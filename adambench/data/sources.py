"""The ways to give `data:` in a problem file."""

from __future__ import annotations

from adambench.data.blobs import BLOBS
from adambench.data.file import FILE
from adambench.data.generated import GENERATED
from adambench.data.images import IMAGES
from adambench.data.matrix import MATRIX

__all__ = ["BLOBS", "FILE", "GENERATED", "IMAGES", "MATRIX"]
