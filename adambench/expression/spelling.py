"""How one operation is spelled in the source of a kernel."""

from __future__ import annotations

from dataclasses import dataclass, field

from adambench.expression.layout import Layout
from adambench.expression.node import Node
from adambench.expression.schedule import Block
from adambench.expression.vocabulary import ELEMENTARY
from adambench.expression.whole import Affine

_FORMS = {
    "add": "{} + {}",
    "sub": "{} - {}",
    "mul": "{} * {}",
    "div": "{} / {}",
    "power": "{} ** {}",
    "neg": "-{}",
    "larger": "{0} if {0} >= {1} or {0} != {0} else {1}",
    "smaller": "{0} if {0} <= {1} or {0} != {0} else {1}",
    "choose": "{2} if {0} %s {1} else {3}",
}

_CHOICES = ("choose", "larger", "smaller")


@dataclass
class Speller:
    """For so many lanes. `path`: the blocks around; `kept`: the rows of `work` that products and extremes leave."""

    layout: Layout
    lanes: int
    path: list[Block] = field(default_factory=list)
    kept: dict[int, int] = field(default_factory=dict)

    @property
    def lane(self) -> str:
        return "0" if self.lanes == 1 else "lane"

    def affine(self, value: Affine) -> str:
        variables = self.path[-1].path
        parts = [
            f"i{variables.index(v)}" if factor == 1 else f"{factor} * i{variables.index(v)}"
            for v, factor in value.terms
        ]
        if value.varies:
            parts.append(self.layout.bound(value.constant))
        elif value.constant or not parts:
            parts.append(str(value.constant))
        return " + ".join(parts)

    def place(self, value: Affine) -> str:
        """An index. Unsigned where it could seem to count from the end: the question would keep a loop scalar."""
        text = self.affine(value)
        plain = not value.varies and value.constant >= 0 and all(factor > 0 for _, factor in value.terms)
        return text if plain else f"np.uint64({text})"

    def code(self, node: Node) -> str:
        """What computes it from local variables."""
        match node.operation:
            case "coordinate":
                return f"x[{self.place(node.payload)}, {self.lane}] * one"
            case "entry":
                name, index = node.payload
                return f"np.float64(reals[np.uint64({self.layout.base(name)} + {self.affine(index)})])"
            case "index":
                return f"np.float64({self.affine(node.payload)})"
            case "others":
                return f"work[{self.kept[node.arguments[0].order]} + {self.counter(node)}, {self.lane}]"
            case "first":
                return (
                    f"one if work[{self.kept[node.arguments[0].order]}, {self.lane}] == {self.counter(node)}"
                    " else np.float64(0.0)"
                )
        form = _FORMS.get(node.operation) or ELEMENTARY[node.operation].code
        if node.operation == "choose":
            form = form % node.payload
        names = map(self._chosen if node.operation in _CHOICES else self.name, node.arguments)
        return form.format(*names)

    def _chosen(self, node: Node) -> str:
        """A constant that a local variable may come to be is NumPy's in plain Python, too: 1/0 is infinite there."""
        return f"np.float64({self.name(node)})" if node.operation == "const" else self.name(node)

    def counter(self, node: Node) -> str:
        return f"i{self.path[-1].path.index(node.payload)}"

    def name(self, node: Node) -> str:
        """The local variable, or the constant."""
        match node.operation:
            case "const":
                return repr(node.payload) if node.payload >= 0.0 else f"({node.payload!r})"
            case "number":
                return self.layout.value(node.payload)
            case "share":
                return "share"
        return f"v{node.order}"
