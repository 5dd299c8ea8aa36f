"""Random problem files: bundled ones changed, and any value at any key."""

from __future__ import annotations

import gzip
import json
import os
import random
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from adambench.functions import all_functions
from adambench.models import all_models
from adambench.problem.schema import problem_schema
from adambench.transforms import all_transforms
from fuzz.expressions import TOKENS, expression

KEYS = tuple(problem_schema()["properties"])
INNER = (
    "file",
    "labels",
    "samples",
    "features",
    "density",
    "seed",
    "std",
    "df",
    "scale",
    "batch",
    "over",
    "uniform",
    "normal",
)
INNER += (
    "loss",
    "x",
    "gradient",
    "distance",
    "solve",
    "sweep",
    "lr",
    "steps",
    "by",
    "condition",
    "format",
    "columns",
    "rows",
)
INNER += (
    "label",
    "sha256",
    "standardize",
    "holdout",
    "cutoff",
    "header",
    "name",
    "A",
    "b",
    "every",
    "rate",
    "final",
    "warmup",
)
WORDS = (
    "adam",
    "sgd:lr=1",
    "adam:lr=1e999",
    "sphere",
    "logistic",
    "mlp",
    "solve",
    "convex",
    "gaussian",
    "cosine",
    "relu",
    "",
)
WORDS += (
    "a b",
    "x" * 100,
    "\u00e9",
    "1e-3",
    "os.system",
    "!!python/object:os.system",
    "*a",
    "&a 1",
    "<<",
    "None",
    "true",
)
FILES = (
    "b.csv",
    "a.npy",
    "a.npz",
    "rows.svm",
    "rows.svm.gz",
    "images.idx",
    "cifar.bin",
    "empty",
    "broken.npy",
    "broken.gz",
)
FILES += (
    "none.csv",
    "pipe",
    "folder",
    ".",
    "",
    "..",
    "../outside.csv",
    "/etc/passwd",
    "/dev/zero",
    "link.csv",
    "a\\b",
    "~",
    "a/../b.csv",
)
FILES += (
    "zeros.gz",
    "object.npy",
    "http://localhost/b.csv",
    "file:///etc/passwd",
    "b.csv:stream",
    "-",
    "CON",
    "%2e%2e/outside.csv",
)


def furnish(folder: Path) -> Path:
    """The folder of the problem files in `folder`, with data of each format, whole and broken, and traps."""
    inside = folder / "inside"
    inside.mkdir()
    (folder / "outside.csv").write_text("1\n2\n3\n")
    (inside / "b.csv").write_text("1\n2\n3\n")
    np.save(inside / "a.npy", np.arange(6.0).reshape(3, 2))
    np.savez(inside / "a.npz", x=np.arange(6.0).reshape(3, 2))
    np.save(inside / "object.npy", np.array([print], object), allow_pickle=True)
    rows = b"1 1:0.5 3:2\n-1 2:1\n1 1:1\n"
    (inside / "rows.svm").write_bytes(rows)
    (inside / "rows.svm.gz").write_bytes(gzip.compress(rows))
    (inside / "zeros.gz").write_bytes(gzip.compress(bytes(1 << 20)))
    (inside / "broken.gz").write_bytes(gzip.compress(rows)[:-5])
    (inside / "images.idx").write_bytes(bytes([0, 0, 8, 2, 0, 0, 0, 2, 0, 0, 0, 3, *range(6)]))
    (inside / "cifar.bin").write_bytes(bytes(3073))
    (inside / "broken.npy").write_bytes((inside / "a.npy").read_bytes()[:-9])
    (inside / "empty").write_bytes(b"")
    (inside / "folder").mkdir()
    (inside / "link.csv").symlink_to(folder / "outside.csv")
    os.mkfifo(inside / "pipe")
    return inside


def value(draw: random.Random, depth: int = 3) -> Any:
    """Of any kind."""
    kind = draw.randrange(14 if depth else 10)
    match kind:
        case 0:
            return draw.choice([None, True, False])
        case 1 | 2:
            return draw.choice([0, 1, 2, 3, 5, -1, 10, 64, 10**6, 10**12, 10**13, 2**63, -(10**400)])
        case 3 | 4:
            return draw.choice([0.5, 0.1, 1e-3, 1.0, -2.5, 1e308, 1e-320, 0.0, float("nan"), float("inf")])
        case 5:
            return draw.choice(WORDS)
        case 6:
            return draw.choice(FILES)
        case 7:
            return expression(draw)
        case 8:
            return draw.choice([*all_functions(), *all_models(), *all_transforms()])
        case 9:
            return {"file": draw.choice(FILES)} if depth else "x"
        case 10 | 11:
            return [value(draw, depth - 1) for _ in range(draw.choice([0, 1, 2, 2, 3]))]
    names = [draw.choice([*INNER, *INNER, *KEYS, *all_transforms()]) for _ in range(draw.choice([0, 1, 1, 2, 3]))]
    return {name: value(draw, depth - 1) for name in names}


STATED = {
    "name": "p",
    "expression": "sum((sum(A[k]*x) - b[k])**2 for k in range(3)) + q*sum(x**2)",
    "dimension": 2,
    "parameters": {"q": 0.5},
    "let": {"r": "sum(x)"},
    "data": {"A": [[1, 2], [3, 4], [5, 6]], "b": {"file": "b.csv"}},
    "start": [1.0],
    "stochastic": {"over": "k", "batch": 2},
}
FITTED = {"name": "p", "model": "logistic", "data": {"file": "rows.svm", "format": "svmlight"}, "l2": 0.1, "batch": 2}
DRAWN = {"name": "p", "model": "logistic", "data": {"samples": 20, "features": 5, "density": 0.5}, "optimum": "solve"}
TRANSFORMED = {
    "name": "p",
    "function": "rosenbrock",
    "dimension": 3,
    "transforms": [{"shift": [1]}, {"rotate": {"seed": 1}}],
}


def file(draw: random.Random, bundled: Sequence[str], trees: Sequence[dict[str, Any]]) -> str:
    """`bundled`: texts of good files; `trees`: what YAML makes of them."""
    kind = draw.randrange(10)
    if kind == 0:
        return written({draw.choice(KEYS): value(draw) for _ in range(draw.randint(0, 6))})
    if kind <= 3:
        text = draw.choice(bundled)
        for _ in range(draw.choice([1, 2, 5])):
            at = draw.randrange(len(text) + 1)
            cut = at + draw.choice([0, 0, 1, 5, 60])
            text = (
                text[:at]
                + draw.choice([*TOKENS, *WORDS, "\n", "  ", "- ", ": ", "[", "]", "{", "}", "? ", "| "])
                + text[cut:]
            )
        return text
    tree = json.loads(
        json.dumps(
            draw.choice(
                [*trees, STATED, FITTED, DRAWN, TRANSFORMED] if kind < 7 else [STATED, FITTED, DRAWN, TRANSFORMED]
            )
        )
    )
    for _ in range(draw.choice([1, 1, 2, 4])):
        changed(draw, tree)
    return written(tree)


def changed(draw: random.Random, tree: Any) -> None:
    """One thing in it replaced, left out or put in."""
    here = tree
    while True:
        inner = [v for v in (here.values() if isinstance(here, dict) else here) if isinstance(v, (dict, list)) and v]
        if not inner or draw.random() < 0.5:
            break
        here = draw.choice(inner)
    if isinstance(here, list):
        here[draw.randrange(len(here))] = value(draw, 2)
    elif draw.random() < 0.3:
        here[draw.choice([*KEYS, *INNER])] = value(draw)
    elif here and draw.random() < 0.2:
        del here[draw.choice(list(here))]
    elif here:
        key = draw.choice(list(here))
        sweep = draw.random() < 0.1
        here[key] = {"sweep": [value(draw, 0) for _ in range(3)]} if sweep else value(draw)


def written(tree: Any) -> str:
    return json.dumps(tree).replace("NaN", ".nan").replace("Infinity", ".inf")
