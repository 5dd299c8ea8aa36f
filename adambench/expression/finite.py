"""Numbers that are known before the run are finite: parameters and data may make them otherwise."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from adambench.expression.fault import ExpressionError
from adambench.expression.node import Node, below
from adambench.expression.reading import Reader
from adambench.expression.table import evaluated, settled


def check_finite(reader: Reader, root: Node, arrays: Mapping[str, NDArray[np.float64]]) -> None:
    """Raises ExpressionError, with the place of the one that is not. What `where` guards from it need not be."""
    values: dict[int, Any] = {}
    for node in below([root]):
        for argument in node.arguments[:2] if node.operation == "choose" else node.arguments:
            if argument.order in values and not settled(node) and not np.isfinite(values[argument.order]):
                key, column = reader.places.get(argument.order, ("expression", None))
                got = f"one that is {values[argument.order]:g}"
                raise ExpressionError(key, column, "finite constants", got)
        if settled(node):
            with np.errstate(all="ignore"):
                values[node.order] = evaluated(reader.graph, node, values, arrays)
