"""The binary files of CIFAR-10: records of a label and an image of 3 x 32 x 32 bytes.

The format: Krizhevsky, The CIFAR-10 dataset, www.cs.toronto.edu/~kriz/cifar.html.
"""

from __future__ import annotations

import numpy as np

from adambench.data.array import samples
from adambench.data.beside import File
from adambench.data.reader import Reader, Request
from adambench.data.rows import DataError, Samples

_IMAGE = (3, 32, 32)
_RECORD = 1 + 3 * 32 * 32
_CLASSES = 10


def _read(file: File, request: Request) -> Samples:
    content = file.content()
    count, rest = divmod(len(content), _RECORD)
    if rest or not count:
        raise DataError(f"{file.name}: byte {count * _RECORD}: expected a record of {_RECORD:,} bytes, got {rest:,}")
    records = np.frombuffer(content, np.uint8).reshape(count, _RECORD)
    labels = records[:, 0]
    if labels.max() >= _CLASSES:
        row = int(np.flatnonzero(labels >= _CLASSES)[0])
        raise DataError(f"{file.name}: byte {row * _RECORD}: expected a label from 0 to 9, got {labels[row]}")
    return samples(records[:, 1:].reshape(count, *_IMAGE), labels.astype(np.float64), file.name)


READER = Reader(
    name="cifar",
    summary="the binary version of CIFAR-10: records of a label and 3 x 32 x 32 bytes",
    endings=(".bin",),
    begins=lambda head: False,
    keys=frozenset(),
    read=_read,
)
