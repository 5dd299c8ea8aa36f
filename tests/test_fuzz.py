"""Random expressions and problem files end in a result or one clear error, soon, and touch nothing.

ADAMBENCH_FUZZ=100000 makes it so many expressions, and a tenth as many files.
"""

from __future__ import annotations

import os
import random
import re
import time

import numpy as np
import numpy.ma  # which NumPy else imports when it is needed
import pytest
import yaml
from fuzz.expressions import expression
from fuzz.files import file, furnish
from fuzz.watch import watched

from adambench.expression import Declarations, ExpressionError, formula
from adambench.problem import ProblemError
from adambench.problem.bundled import bundled_problems, read_text
from adambench.problem.document import decode
from adambench.problem.reader import read_all

EXPRESSIONS = int(os.environ.get("ADAMBENCH_FUZZ", "5000"))
FILES = max(EXPRESSIONS // 10, 1000)
PARTS = 4
LONGEST = 0.05
"""Seconds of processor time until a refusal."""
DECLARED = Declarations(
    dimension=4,
    parameters={"p": 2.0, "q": 0.3, "c": (1.0, -2.0, 0.5, 3.0)},
    data={"A": np.array([[1.0, 2.0, -1.0, 0.5], [3.0, -4.0, 0.25, 1.0], [0.5, 1.0, 2.0, -2.0]]), "b": np.ones(3)},
    let=(("w", "1 + (x - 1)/4"),),
)


def refused(what, error, *arguments):
    """Whether `what` is; and that soon: the fastest of three times, where the first is slow."""
    for _ in range(3):
        begun = time.thread_time()
        try:
            what(*arguments)
        except error:
            if time.thread_time() - begun < LONGEST:
                return True
        else:
            return False
    raise AssertionError(f"refused after more than {LONGEST} s: {arguments[0][:2000]!r}")


def small(found):
    """Whether a kernel in plain Python, with 32 lanes, is a matter of milliseconds."""
    bounds = [text for source in found.sources.values() for text in re.findall(r"range\(([^)]*)\)", source)]
    largest = max((int(number) for text in bounds for number in re.findall(r"\b\d+", text)), default=0)
    return largest <= 60 and found.data.work_rows < 3000 and (found.data.integers < 60).all()


def computed(found, points):
    """Loss and gradient at the first of the points, with all of them side by side or alone."""
    lanes = points.shape[1]
    loss, gradient = np.full(lanes, np.nan), np.full(points.shape, np.nan)
    arrays = (
        np.zeros(lanes, np.int64),
        found.data.reals,
        found.data.integers,
        np.full((found.data.work_rows, lanes), -1.0),
    )
    with np.errstate(all="ignore"):
        found.function.evaluate(lanes)(points, gradient, loss, 0, *arrays)
    return np.array([loss[0], *gradient[:, 0]])


@pytest.mark.parametrize("part", range(PARTS))
def test_random_expressions(part):
    accepted = 0
    for seed in range(part, EXPRESSIONS, PARTS):
        text = expression(random.Random(seed))
        with watched(None) as heard:
            found = None if refused(formula, ExpressionError, text, DECLARED) else formula(text, DECLARED)
            if found is not None:
                accepted += 1
                found.function.evaluate(32)
        assert not heard, text
        if found is not None and accepted % 8 == 0 and small(found):
            points = np.random.default_rng(seed).uniform(-2.0, 2.0, (4, 32))
            alone, among = computed(found, points[:, :1].copy()), computed(found, points)
            np.testing.assert_array_equal(alone, among, text)
    assert 0.1 < accepted * PARTS / EXPRESSIONS < 0.9


def plain(text):
    """What YAML makes of a problem file: PyYAML wants a point in 1.0e-3."""
    return yaml.safe_load(re.sub(r"(?<![\w.])(\d+)e([-+]?)(\d+)", lambda m: f"{m[1]}.0e{m[2] or '+'}{m[3]}", text))


@pytest.fixture(scope="module")
def bundled():
    """The texts of bundled problems, of those without a model, whose data take their time; and the same as trees."""
    texts = [text for text in map(read_text, bundled_problems().values()) if "model:" not in text]
    return texts, [plain(text) for text in texts]


def read_bytes(data, folder):
    return read_all(decode(data, "fuzz.yaml"), "fuzz.yaml", folder)


@pytest.mark.parametrize("part", range(PARTS))
def test_random_files(part, bundled, tmp_path):
    texts, trees = bundled
    folder = furnish(tmp_path)
    # What is imported or looked for once, whatever a file says: a codec, the plug-ins that are installed.
    for text in (*texts, "name: p\nfunction: none\noptimizers: [none]\n"):
        refused(read_bytes, ProblemError, text.encode(), folder)
    accepted = 0
    for seed in range(part, FILES, PARTS):
        text = file(random.Random(seed), texts, trees)
        with watched(folder) as heard:
            accepted += not refused(read_bytes, ProblemError, text.encode(errors="surrogatepass"), folder)
        assert not heard, text
    assert 0.05 < accepted * PARTS / FILES < 0.9


@pytest.mark.parametrize(
    "text",
    [
        "{name: p, function: sphere, suites: [&a b]}",
        "{name: p, expression: sum(q*x), dimension: 2, start: [1], parameters: {q: !!str 1}}",
        "{name: p, expression: sum(A[0]*x), dimension: 2, start: [1], data: {A: [[1, 2], [&a 3, 4]]}}",
        "{name: p, function: sphere, start: {uniform: {sweep: [1, 1" + "0" * 400 + "]}}}",
    ],
)
def test_gaps_that_an_error_leaves_are_not_filled(text):
    assert refused(read_bytes, ProblemError, text.encode(), None)


def test_the_watch_hears(tmp_path):
    """Of what it is there for, in the ways that a reader could do it."""
    (tmp_path / "inside").mkdir()
    (tmp_path / "outside").write_text("1")
    with watched(tmp_path / "inside") as heard:
        (tmp_path / "outside").read_text()
        exec(compile("a = 1", "own", "exec"))
        with pytest.raises(ImportError):
            __import__("no_such_module")
        os.listdir(tmp_path)
    assert {"open", "compile", "exec", "import", "os.listdir"} == {line.split()[0] for line in heard}
