"""A report's bytes: the same whatever the threads, the chunks, the cache, the company and the width of the blocks."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

import adambench
from adambench import plan, runner
from adambench.engine import cache

QUADRATIC = "function: quadratic, dimension: 3, parameters: {eigenvalues: [4.0, 1.0, 0.25]}"
QUIET = f"{QUADRATIC}, start: {{uniform: [-1, 2]}}, budget: 450, targets: [1.0e-1, 1.0e-3, {{loss: 2}}]"
NOISY = f"{QUIET}, noise: [{{gaussian: {{std: 0.1}}}}, {{multiplicative: {{std: 0.2}}}}]"
BOTH = pytest.mark.parametrize("keys", [pytest.param(QUIET, id="quiet"), pytest.param(NOISY, id="noisy")])
OPTIMIZERS = "sgd:lr=0.01/0.1/0.9,adam:lr=0.1"  # sgd diverges at 0.9
SEEDS = 12


def told(report):
    """The report without what may differ: environment, command, timing, and the two times of each cost."""
    document = report.to_dict() if not isinstance(report, dict) else report
    for key in ("environment", "command", "timing"):
        del document[key]
    for result in document["results"]:
        del result["cost"]["seconds"], result["cost"]["ns_per_step"]
    return json.dumps(document, indent=1)


def rows(report):
    """{(problem, optimizer): the row}, as text."""
    return {(row["problem"], row["optimizer"]): json.dumps(row) for row in json.loads(told(report))["results"]}


def run(problem, **settings):
    return adambench.run(
        problem, **{"optimizers": OPTIMIZERS, "seeds": SEEDS, "jobs": 2, "allow_invalid": True, **settings}
    )


@pytest.fixture(scope="module")
def usual(problem):
    """The report of each problem in the usual way: wide blocks, two threads."""
    made = {}

    def report(keys):
        if keys not in made:
            p = problem(keys)
            batches = plan.plan(plan.settle(p, plan.Settings(seeds=tuple(range(SEEDS)))), 32)
            assert all(batch.wide for batch in batches)
            made[keys] = run(p)
        return made[keys]

    return report


@BOTH
def test_the_report_says_something(usual, keys):
    """Or the equalities below would be of nothing."""
    document = usual(keys).to_dict()
    outcomes = {seed["outcome"] for row in document["results"] for seed in row["seeds"]}
    assert {"reached", "diverged", "budget"} <= outcomes
    prints = [seed["fingerprint"] for row in document["results"] for seed in row["seeds"]]
    assert len(set(prints)) == len(prints) == 4 * SEEDS
    assert all(row["cost"]["seconds"] > 0.0 for row in document["results"])
    assert "seconds" not in told(usual(keys))


@BOTH
@pytest.mark.parametrize("jobs", [1, 2, 5])
def test_the_number_of_threads_does_not_matter(problem, usual, keys, jobs):
    assert told(run(problem(keys), jobs=jobs)) == told(usual(keys))


@BOTH
@pytest.mark.parametrize("steps", [1, 7, 10**9])
def test_the_size_of_the_chunks_does_not_matter(problem, usual, keys, steps, monkeypatch):
    monkeypatch.setattr(runner, "first_chunk", lambda course, width: steps)
    monkeypatch.setattr(runner, "CHUNK_SECONDS", 0.0)
    assert told(run(problem(keys))) == told(usual(keys))


@BOTH
def test_narrow_blocks_give_the_same_bits_as_wide_ones(problem, usual, keys, monkeypatch):
    monkeypatch.setattr(plan, "WIDEST", 0)
    assert not any(batch.wide for batch in plan.plan(problem(keys), 32))
    assert told(run(problem(keys))) == told(usual(keys))


@BOTH
def test_an_optimizer_alone_gives_the_row_that_it_gives_in_company(problem, usual, keys):
    together = rows(usual(keys))
    for (name, label), row in together.items():
        assert rows(run(problem(keys), optimizers=label)) == {(name, label): row}


@BOTH
def test_a_seed_alone_gives_what_it_gives_among_others(problem, usual, keys):
    among = [row["seeds"] for row in usual(keys).to_dict()["results"]]
    for seeds in ([5], [11, 0, 4]):
        alone = [row["seeds"] for row in run(problem(keys), seeds=seeds).to_dict()["results"]]
        assert alone == [[row[seed] for seed in seeds] for row in among]


@BOTH
def test_the_order_of_the_optimizers_is_only_the_order_of_the_rows(problem, usual, keys):
    backwards = ",".join(reversed([label for _, label in rows(usual(keys))]))
    report = run(problem(keys), optimizers=backwards)
    assert list(rows(report).items()) == list(rows(usual(keys)).items())[::-1]


def test_other_problems_change_nothing(problem, usual):
    quiet, noisy = problem(QUIET.replace("budget: 450", "budget: 200")), problem(NOISY)
    both = json.loads(told(run([quiet, noisy])))["results"][4:]
    assert both == json.loads(told(usual(NOISY)))["results"]


@BOTH
def test_naming_an_optimizer_twice_changes_nothing(problem, usual, keys):
    assert told(run(problem(keys), optimizers=f"{OPTIMIZERS},sgd:lr=0.1,adam@torch:lr=0.1")) == told(usual(keys))


def test_float32_is_as_steadfast(problem, monkeypatch):
    p, settings = problem(NOISY), {"precision": "float32", "optimizers": "sgd:lr=0.1", "seeds": 5}
    wide = told(run(p, **settings))
    assert wide != told(run(p, **{**settings, "precision": "float64"}))
    assert told(run(p, jobs=1, **settings)) == wide
    monkeypatch.setattr(plan, "WIDEST", 0)
    monkeypatch.setattr(runner, "first_chunk", lambda course, width: 7)
    assert told(run(p, **settings)) == wide


def test_a_cold_cache_and_a_warm_one_give_the_same(problem, tmp_path, monkeypatch):
    p, settings = problem(NOISY), {"optimizers": "adam:lr=0.1", "seeds": 1}
    usual = told(run(p, **settings))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    cache.folder.cache_clear()
    try:
        cold = run(p, **settings)
        kept = {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*") if path.is_file()}
        warm = run(p, **settings)
        assert len(kept) == 3
        assert {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*") if path.is_file()} == kept
    finally:
        cache.folder.cache_clear()
    assert told(cold) == told(warm) == usual


def test_another_process_with_another_hash_seed_gives_the_same(problem, usual, tmp_path):
    file = tmp_path / "p.yaml"
    file.write_text(f"{{name: p, {NOISY}}}", encoding="utf-8")
    command = [sys.executable, "-m", "adambench", "run", str(file), "--optimizers", OPTIMIZERS, "--seeds", str(SEEDS)]
    for seed in ("0", "4242"):
        path = os.pathsep.join([str(Path(adambench.__file__).parents[1]), os.environ.get("PYTHONPATH", "")])
        done = subprocess.run(
            [*command, "--jobs", "1", "--allow-invalid", "--json"],
            env={**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": path},
            capture_output=True,
            check=True,
            text=True,
        )
        assert told(json.loads(done.stdout)) == told(usual(NOISY))
