"""The penalty l2/2 |w|^2 on the weights of a stretch of x."""

from __future__ import annotations

from adambench.function import Parameter
from adambench.norm import squares

L2 = Parameter("l2", "real", 0.0, "the weight of the penalty l2/2 |w|^2; biases are not penalized")


def penalize(x, gradient, first, last, l2):
    """The penalty on x[first : last]; its gradient is added. l2 in the run's precision."""
    if l2 == 0:
        return 0.0
    weights, slopes = x[first:last], gradient[first:last]
    for i in range(weights.size):
        slopes[i] += l2 * weights[i]
    return 0.5 * l2 * squares(weights, 0, weights.size)
