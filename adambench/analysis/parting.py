"""Where two runs of one optimizer on one problem part."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def parting(curve: Mapping[str, Any], reference: Mapping[str, Any]) -> tuple[int, float | None, float | None] | None:
    """(evaluation, loss, reference's loss) where the median losses of two curves first differ, by however little.

    curve, reference  "evaluations" (points,) increasing, and "median" (points,) of the loss, None where it is infinite

    Only evaluations that both have are compared. None where no loss differs, or no evaluation is common.
    """
    before = dict(zip(reference["evaluations"], reference["median"], strict=True))
    for evaluation, loss in zip(curve["evaluations"], curve["median"], strict=True):
        if evaluation in before and loss != before[evaluation]:
            return evaluation, loss, before[evaluation]
    return None
