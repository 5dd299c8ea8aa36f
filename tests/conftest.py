"""What all tests share: the same examples in every run, a cache folder of their own, and three ways to run things."""

from __future__ import annotations

import os
import shutil
import tempfile

import numpy as np
import pytest
from hypothesis import settings

# Set before anything reads them: one cache for the whole suite, its workers and their subprocesses, so that each kernel
# is compiled once, in a folder that goes when the process that made it ends the suite.
SHARED = "ADAMBENCH_TESTS_FOLDER"
MADE_HERE = SHARED not in os.environ
if MADE_HERE:
    os.environ[SHARED] = tempfile.mkdtemp(prefix="adambench-tests-")
FOLDER = os.environ[SHARED]
os.environ["XDG_CACHE_HOME"] = FOLDER
os.environ.pop("COLUMNS", None)  # pytest's workers have one; a table is as wide as where nobody asks
os.environ["HYPOTHESIS_STORAGE_DIRECTORY"] = os.path.join(FOLDER, "hypothesis")
settings.register_profile("same every time", derandomize=True, database=None, deadline=None)
settings.load_profile("same every time")


def pytest_unconfigure():
    if MADE_HERE:
        shutil.rmtree(FOLDER, ignore_errors=True)


@pytest.fixture
def forgetting():
    """What a test loads as a plug-in is gone after it."""
    from adambench import catalog
    from adambench.plugin import CATALOGS

    yield
    catalog.PLUGINS.clear()
    for kind in CATALOGS:
        kind.added.clear()
        kind.origins.clear()
        kind._tried.clear()
        kind.edition += 1


@pytest.fixture(scope="session")
def problem():
    """problem("function: sphere, budget: 10"): a Problem from the keys of its file, in one line."""
    from adambench.problem import read

    return lambda keys: read(f"{{name: p, {keys}}}", "p", None)


@pytest.fixture(scope="session")
def measure():
    """measure(problem)(x): the noise-free loss and gradient, from the function's kernel as plain Python."""
    from libraries.trajectory import measure

    return measure


@pytest.fixture(scope="session")
def walk():
    """walk(text, gradient, x, steps): the points (steps + 1, dimension) that the optimizer passes, stepped by hand."""
    import adambench

    def walk(text, gradient, x, steps):
        step = adambench.stepper(text, shape=np.shape(x))
        points = [np.array(x, np.float64)]
        with np.errstate(all="ignore"):
            for _ in range(steps):
                points.append(step(points[-1], gradient(points[-1])))
        return np.array(points)

    return walk
