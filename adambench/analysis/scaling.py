"""How steps grow with a quantity that a problem file sweeps: the exponent of a power law, with its interval."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from scipy.special import stdtrit

from adambench.analysis.quantile import known

Row = Mapping[str, Any]


def scaling(problems: Sequence[Row], results: Sequence[Row]) -> list[dict[str, Any]]:
    """For each family of swept problems, optimizer and target: steps ~ quantity^exponent.

    Least squares of log(median steps) on the logarithms of all the swept quantities at once; `ci95` is the exponent +-
    Student's quantile times its standard error (Draper & Smith 1998, Applied Regression Analysis, section 5.2), None
    with no more points than coefficients. `points` of the family's problems are used: those where the median trial hit
    the target after at least one step. The exponent is None where they do not determine it.

    A quantity that is swept over a value that is not above 0 has no logarithm there: it is `left_out`, its exponent is
    None, and each of its values has a factor of its own beside the power law of the others.
    """
    families: dict[str, list[Row]] = {}
    for problem in problems:
        if problem.get("sweep"):
            families.setdefault(problem["sweep"]["family"], []).append(problem)
    rows = {(row["problem"], row["optimizer"]): row for row in results} if families else {}
    found = []
    for family, members in families.items():
        quantities = list(members[0]["sweep"]["values"])
        for optimizer in dict.fromkeys(row["optimizer"] for row in results):
            for place, target in enumerate(members[0]["targets"]):
                medians = [_median(rows.get((member["name"], optimizer)), place, target) for member in members]
                values = [[member["sweep"]["values"][quantity] for quantity in quantities] for member in members]
                if all(median is None for median in medians) and not any(
                    (member["name"], optimizer) in rows for member in members
                ):
                    continue
                found.append(
                    {
                        **{"family": family, "optimizer": optimizer, "target": dict(target)},
                        **{"points": sum(median is not None for median in medians), "problems": len(members)},
                        "exponents": _exponents(quantities, values, medians),
                    }
                )
    return found


def _median(row: Row | None, place: int, target: Row) -> float | None:
    """The median steps to the target, None where there are none, or 0."""
    if row is None or place >= len(row["targets"]):
        return None
    found = row["targets"][place]
    same = (found["kind"], found["value"]) == (target["kind"], target["value"])
    return found["median"] or None if same else None


def _exponents(
    quantities: Sequence[str], values: Sequence[Sequence[float]], medians: Sequence[float | None]
) -> list[dict[str, Any]]:
    """One {"quantity", "exponent", "ci95", "left_out"} for each quantity."""
    # Sorted, so that the order of the problems changes no rounding.
    used = sorted((value, median) for value, median in zip(values, medians, strict=True) if median is not None)
    out = [min(column) <= 0.0 for column in zip(*values, strict=True)]
    found: list[dict[str, Any]] = [
        {"quantity": quantity, "exponent": None, "ci95": None, "left_out": left_out}
        for quantity, left_out in zip(quantities, out, strict=True)
    ]
    if not used or all(out):
        return found
    table = np.array([value for value, _ in used], np.float64)
    _, level = np.unique(table[:, out], axis=0, return_inverse=True)
    factors = np.eye(int(level.max()) + 1)[level.ravel()]  # one column of ones where nothing is left out
    design = np.column_stack((factors, np.log(table[:, np.logical_not(out)])))
    if np.linalg.matrix_rank(design) < design.shape[1]:
        return found
    steps = np.log(np.array([median for _, median in used], np.float64))
    coefficients, *_ = np.linalg.lstsq(design, steps, rcond=None)
    freedom = len(used) - design.shape[1]
    residual = steps - design @ coefficients
    inverse = np.linalg.inv(design.T @ design)
    kept = [entry for entry in found if not entry["left_out"]]
    for number, entry in enumerate(kept, factors.shape[1]):
        exponent = float(coefficients[number])
        interval = None
        if freedom > 0:
            error = float(np.sqrt(residual @ residual / freedom * inverse[number, number]))
            reach = float(stdtrit(freedom, 0.975)) * error
            interval = [known(exponent - reach), known(exponent + reach)]
        entry.update(exponent=exponent, ci95=interval)
    return found
