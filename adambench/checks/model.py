"""What must hold for every model."""

from __future__ import annotations

from adambench.checks.check import sound
from adambench.data.sources import FILE
from adambench.model import Model
from adambench.problem import read

ROWS = 40


def gradient(model: Model) -> str:
    """On generated rows, with its defaults."""
    counts = ("integer", "count")
    generated = [source for source in model.sources if source is not FILE and source.keys[0].kind in counts]
    if not generated:
        return "not looked at: it takes no generated rows; validate a problem that uses it"
    over = f"{{name: p, model: {model.name}, data: {{{generated[0].keys[0].name}: {ROWS}}}}}"
    return sound(read(over, "p", None))


MODEL_CHECKS = (gradient,)
