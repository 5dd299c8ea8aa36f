"""Whether a loss may be sampled: a minibatch's gradient estimates the full one where the loss is linear in the sums."""

from __future__ import annotations

from adambench.expression.fault import ExpressionError
from adambench.expression.node import Node, below

_LINEAR = ("add", "sub", "neg", "mul", "div", "share")
_CALLED = {
    "mul": "a product of it with what depends on x",
    "div": "a division by it, or by what depends on x",
    "power": "a power of it",
    "choose": "a choice (where, a sum of which it decides)",
    "larger": "max of it",
    "smaller": "min of it",
    "sum": "a sum of it",
    "prod": "prod of it",
    "max": "max, min or logsumexp of it",
}


def check_sampling(rows: int | None, root: Node, over: str, batch: int) -> None:
    """Raises ExpressionError. `rows`: those of the loop over `over`; None where there is no such loop."""
    if rows is None:
        raise ExpressionError("stochastic.over", None, f"the index of a loop ({over})", "none of that name")
    if not 1 <= batch <= rows:
        raise ExpressionError("stochastic.batch", None, f"a whole number from 1 to {rows:,}, the rows", f"{batch:,}")
    tainted: set[int] = set()
    for node in below([root]):
        sampled = node.operation == "sum" and node.payload.sampled
        held = [argument for argument in node.arguments if argument.order in tainted]
        if sampled or held:
            tainted.add(node.order)
        if held and (sampled or not _linear(node, held)):
            wanted = f"a loss that is linear in the sum over {over} (a minibatch's gradient is biased otherwise)"
            got = f"a sum over {over} of it" if sampled else _CALLED.get(node.operation, f"{node.operation} of it")
            raise ExpressionError("expression", None, wanted, got)


def _linear(node: Node, held: list[Node]) -> bool:
    """Whether it is linear in its arguments `held`, with a factor that does not depend on x."""
    match node.operation:
        case "mul":
            return len(held) == 1 and not any(other.varies for other in node.arguments if other is not held[0])
        case "div":
            return node.arguments[1] not in held and not node.arguments[1].varies
    return node.operation in _LINEAR
