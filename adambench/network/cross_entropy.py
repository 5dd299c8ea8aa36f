"""The loss of a classifier: the negative log-probability of the class that is right."""

from __future__ import annotations

import numpy as np


def cross_entropy(logits, codes, rows, classes, share):
    """The sum of the rows' losses, in float64; the logits, (rows, classes), become `share` times its slopes.

    codes  (rows,), the number of each row's class
    """
    total = 0.0
    for k in range(rows):
        row = logits[k * classes : (k + 1) * classes]
        top = row[0]
        for j in range(1, classes):
            top = max(top, row[j])
        right = np.float64(row[codes[k]] - top)
        mass = 0.0
        for j in range(classes):
            row[j] = np.exp(row[j] - top)
            mass += np.float64(row[j])
        total += np.log(mass) - right
        scale = row.dtype.type(share / mass)
        for j in range(classes):
            row[j] *= scale
        row[codes[k]] -= row.dtype.type(share)
    return total
