"""Random expressions: from the grammar, mostly; valid ones broken; and characters in no order."""

from __future__ import annotations

import random

ELEMENTARY = ("exp", "log", "sqrt", "sin", "cos", "tan", "asin", "acos", "atan", "sinh", "cosh", "tanh", "log1p")
ELEMENTARY += ("expm1", "abs", "sign", "floor", "sigmoid", "softplus")
REDUCING = ("sum", "mean", "prod", "max", "min", "logsumexp")
NUMBERS = (
    "0",
    "1",
    "2",
    "3",
    "0.5",
    "-1",
    "1e-3",
    "1e308",
    "1e-320",
    "64",
    "65",
    "-2",
    "0.0",
    "pi",
    "e",
    "n",
    "p",
    "q",
)
SIGNS = ("<", "<=", ">", ">=", "==", "!=")
TOKENS = (
    *ELEMENTARY,
    *REDUCING,
    *NUMBERS,
    *SIGNS,
    "x",
    "A",
    "b",
    "c",
    "w",
    "k",
    "i",
    "where",
    "len",
    "range",
    "for",
    "in",
)
TOKENS += ("+", "-", "*", "/", "**", "(", ")", "[", "]", ":", ",", ".", " ", "\n", "\t", "//", "%", "@", "=", ":=", "#")
TOKENS += (
    "if",
    "else",
    "not",
    "and",
    "lambda",
    "await",
    "yield",
    "None",
    "True",
    "...",
    "'a'",
    'f"{x}"',
    "{",
    "}",
    "~",
    ";",
)
TOKENS += (
    "__import__",
    "__class__",
    "eval",
    "open",
    "os",
    "1j",
    "0x1",
    "1_0",
    "9" * 30,
    "1e999",
    "\\",
    "\0",
    "\u00e9",
    "\uff45",
)
TOKENS += ("((((((((", "))))))))", "--------", "**x**x", "range(10**6)", "range(1000000)", "x[-1]", "[::-1]", "[i+1]")


class Grammar:
    """Texts of numbers and vectors, now and then one of the wrong kind. `loops`: the names of the indices around."""

    def __init__(self, draw: random.Random, wrong: float, numbers: tuple[str, ...] = NUMBERS) -> None:
        self.draw, self.wrong, self.numbers = draw, wrong, numbers
        self.loops: list[str] = []

    def number(self, depth: int) -> str:
        draw = self.draw
        if draw.random() < self.wrong:
            return draw.choice([self.vector, self.whole])(max(depth - 1, 0))
        if depth <= 0:
            return draw.choice([draw.choice(self.numbers), self.element(0), self.element(0)])
        inner = depth - 1
        match draw.randrange(10):
            case 0 | 1 | 2:
                sign = draw.choice(["+", "-", "*", "/", "+", "*", "**"])
                return f"({self.number(inner)} {sign} {self.number(inner)})"
            case 3:
                return f"{draw.choice(ELEMENTARY)}({self.number(inner)})"
            case 4:
                test = f"{self.number(0)} {draw.choice(SIGNS)} {self.number(inner)}"
                return f"where({test}, {self.number(inner)}, {self.number(0)})"
            case 5:
                return f"{draw.choice(['max', 'min'])}({self.number(inner)}, {self.number(inner)})"
            case 6:
                return f"-{self.number(inner)}"
            case 7:
                return f"{draw.choice(REDUCING)}({self.vector(inner)})"
            case 8:
                return self.element(inner)
        return self.loop(inner)

    def loop(self, depth: int) -> str:
        draw = self.draw
        name = draw.choice(["i", "j", "k", "row"]) + (
            str(len(self.loops)) if not self.wrong or draw.random() < 0.9 else ""
        )
        bounds = ", ".join(self.whole(1) for _ in range(draw.choice([1, 1, 1, 2, 2, 3])))
        bounds = draw.choice(
            [*([bounds] if self.wrong else []), "n", "len(b)", "n - 1", "1, n", "n - 1, -1, -1", "0, n, 2"]
        )
        self.loops.append(name)
        head = f"for {name} in range({bounds})"
        if draw.random() < 0.15 and len(self.loops) < 4:
            rest = self.loop(max(depth - 1, 0))
            self.loops.pop()
            return rest[:-1] + f" {head})"
        body = self.number(depth)
        self.loops.pop()
        return f"{draw.choice(REDUCING)}({body} {head})"

    def vector(self, depth: int) -> str:
        draw = self.draw
        if draw.random() < self.wrong:
            return self.number(max(depth - 1, 0))
        if depth <= 0:
            odd = ["x[1:]", "x[:-1]", "x[::2]", "b"] if self.wrong else []
            return draw.choice(["x", "x", "x", "c", "w", "x[::-1]", "A[0]", f"A[{self.whole(0)}]", *odd])
        inner = depth - 1
        match draw.randrange(6):
            case 0 | 1:
                return f"({self.vector(inner)} {draw.choice('+-*/')} {self.vector(inner)})"
            case 2:
                return f"({self.vector(inner)}{draw.choice(['*', '**', ' + '])}{self.number(inner)})"
            case 3:
                return f"{draw.choice(ELEMENTARY)}({self.vector(inner)})"
            case 4:
                test = f"{self.vector(0)} {draw.choice(SIGNS)} {self.number(0)}"
                return f"where({test}, {self.vector(inner)}, {self.vector(0)})"
        if not self.wrong:
            return f"({self.vector(inner)})[::-1]"
        bounds = [draw.choice(["", "", "1", "-1", "2", "n", "-2", "p"]) for _ in range(draw.choice([2, 3]))]
        return f"{self.vector(inner)}[{':'.join(bounds)}]"

    def element(self, depth: int) -> str:
        """Of loops that go no further than the vector, mostly; with an offset, now and then."""
        draw = self.draw
        at = draw.choice(self.loops) if self.loops and draw.random() < 0.7 else self.whole(depth)
        at = f"n - 1 - {at}" if draw.random() < 0.1 else at
        row = self.whole(0)
        return draw.choice([f"x[{at}]", f"x[{at}]", f"A[{row}, {at}]", f"c[{at}]"])

    def whole(self, depth: int) -> str:
        draw = self.draw
        usual = ["0", "1", "2", "p", *(["-1", "n - 1", "len(b)", *self.loops] if self.wrong else [])]
        if depth <= 0 or not self.wrong:
            return draw.choice(usual)
        return f"{self.whole(depth - 1)}{draw.choice([' + ', ' - ', '*', '/'])}{self.whole(0)}"


def expression(draw: random.Random) -> str:
    kind = draw.random()
    if kind < 0.1:
        return "".join(
            chr(draw.choice([draw.randrange(128), draw.randrange(256), draw.randrange(0x3000)]))
            for _ in range(draw.randrange(120))
        )
    if kind < 0.2:
        return "".join(draw.choice(TOKENS) for _ in range(draw.randint(1, 40)))
    text = Grammar(draw, draw.choice([0.0, 0.0, 0.03, 0.1])).number(draw.choice([1, 2, 3, 4, 5, 6]))
    if draw.random() < 0.5:
        text = f"{draw.choice(REDUCING)}(x**2) + {text}"
    for _ in range(draw.choice([0, 0, 0, 0, 1, 1, 2, 5]) if kind < 0.95 else 40):
        text = broken(draw, text)
    return text


def broken(draw: random.Random, text: str) -> str:
    """Something left out, put in, put twice or put elsewhere."""
    a, b = sorted(draw.randrange(len(text) + 1) for _ in range(2))
    b = min(b, a + draw.choice([1, 1, 3, 20, 4096]))
    match draw.randrange(5):
        case 0:
            return text[:a] + text[b:]
        case 1:
            return text[:b] + text[a:b] * draw.choice([1, 1, 2, 50]) + text[b:]
        case 2:
            at = draw.randrange(len(text) + 1)
            return text[:at] + text[a:b] + text[at:]
        case 3:
            return text[:a] + draw.choice(TOKENS) * draw.choice([1, 1, 1, 70]) + text[b:]
    return text[:a] + draw.choice(TOKENS) + text[a:]
