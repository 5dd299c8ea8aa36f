"""The jobs that the README prints, the project's own workflow and its pre-commit hook do what they say."""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import click
import pytest
import yaml

from adambench.cli import cli

ROOT = Path(__file__).parent.parent
PROBLEM = "name: p\nfunction: rosenbrock\nbudget: 3000\ntargets: [1e-2]\noptimizers: [adam:lr=0.1]\n"
WORKFLOW = ROOT / ".github" / "workflows" / "ci.yml"
HOOKS = ROOT / ".pre-commit-hooks.yaml"
in_checkout = pytest.mark.skipif(not HOOKS.is_file(), reason="a source archive comes without the files of the checkout")


def printed(name):
    """The README's block that begins with `# NAME`."""
    text = (ROOT / "README.md").read_text()
    (found,) = re.findall(rf"^```yaml\n# {re.escape(name)}\n(.*?)^```$", text, re.M | re.S)
    return yaml.safe_load(found)


def jobs(workflow):
    return list(workflow["jobs"].values())


def lines_of(job):
    """The command lines of a job, of GitHub's or of GitLab's."""
    found = job["script"] if "script" in job else [step["run"] for step in job["steps"] if "run" in step]
    return [line for text in found for line in text.splitlines()]


def commands(job):
    return [line for line in lines_of(job) if line.startswith("adambench ")]


@pytest.fixture
def bash(tmp_path):
    """bash(line): a line of a job in a folder with problem.yaml, where `adambench` is this one; its exit code."""
    (tmp_path / "problem.yaml").write_text(PROBLEM)
    (tmp_path / "bin").mkdir()
    script = tmp_path / "bin" / "adambench"
    script.write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} -m adambench "$@"\n')
    script.chmod(0o755)
    environment = {
        **os.environ,
        "PATH": f"{script.parent}{os.pathsep}{os.environ['PATH']}",
        "GITHUB_STEP_SUMMARY": str(tmp_path / "summary.md"),
    }
    return lambda line: (
        subprocess.run(["bash", "-euo", "pipefail", "-c", line], cwd=tmp_path, env=environment).returncode
    )


def first_baseline():
    """The line of the README that makes one."""
    (line,) = re.findall(r"`(adambench run [^`]* --update)`", (ROOT / "README.md").read_text())
    return line


@pytest.mark.parametrize("name", [".github/workflows/convergence.yml", ".gitlab-ci.yml"])
def test_a_printed_job_passes_fails_and_leaves_what_it_hands_on(name, bash, tmp_path):
    job = jobs(printed(name))[0] if "github" in name else printed(name)["convergence"]
    run, gate = commands(job)
    assert bash(first_baseline()) == 0
    assert bash(run) == 0
    assert bash(gate) == 0
    if "github" in name:
        (upload,) = [step["with"]["path"] for step in job["steps"] if "upload-artifact" in step.get("uses", "")]
        handed_on = [*upload.split(), "summary.md"]
    else:
        handed_on = [*job["artifacts"]["paths"], job["artifacts"]["reports"]["junit"]]
    assert all((tmp_path / file).stat().st_size for file in handed_on)
    before = json.loads((tmp_path / "main.json").read_text())
    for row in before["results"]:  # as if every target had been hit in half the steps, by another trajectory
        for seed in row["seeds"]:
            seed |= {"hits": [hit // 2 for hit in seed["hits"]], "fingerprint": "0" * len(seed["fingerprint"])}
        for target in row["targets"]:
            target["median"] //= 2
    (tmp_path / "main.json").write_text(json.dumps(before))
    assert bash(gate) == 1


def test_jobs_ask_for_little_and_run_no_text_of_a_pull_request():
    workflows = [printed(".github/workflows/convergence.yml")]
    workflows += [yaml.safe_load(WORKFLOW.read_text())] if WORKFLOW.is_file() else []
    for workflow in workflows:
        triggers = workflow[True]  # which is how YAML 1.1 reads `on`
        assert set(triggers) == {"push", "pull_request"}
        assert workflow["permissions"] == {"contents": "read"}
        for job in jobs(workflow):
            assert "permissions" not in job
            assert not [line for line in lines_of(job) if "${{" in line]
            used = [step["uses"] for step in job["steps"] if "uses" in step]
            assert used
            assert all(re.fullmatch(r"actions/[\w-]+@(v\d+|[0-9a-f]{40})", action) for action in used)


@in_checkout
def test_the_workflow_runs_what_there_is():
    check, gate = jobs(yaml.safe_load(WORKFLOW.read_text()))
    (script,) = lines_of(check)
    assert os.access(ROOT / script, os.X_OK)
    supported = re.search(r'requires-python = ">=([\d.]+)"', (ROOT / "pyproject.toml").read_text())[1]
    assert check["strategy"]["matrix"]["python"][0] == supported
    for line in commands(gate):
        name, *words = shlex.split(line)[1:]
        whole = click.Context(cli, **cli.context_settings)
        values = cli.get_command(whole, name).make_context(name, words, parent=whole).params
        assert not values.get("baseline") or (ROOT / values["baseline"]).is_file()


@in_checkout
def test_the_hook_validates_problem_files(bash, tmp_path):
    (hook,) = yaml.safe_load(HOOKS.read_text())
    assert hook["id"] == printed(".pre-commit-config.yaml")["repos"][0]["hooks"][0]["id"]
    assert hook["language"] == "python"
    assert hook["types"] == ["yaml"]
    wanted = {"a/p.adambench.yaml": True, "p.adambench.yml": True, "p.yaml": False, "p.adambench.yaml.txt": False}
    assert {name: bool(re.search(hook["files"], name)) for name in wanted} == wanted
    (tmp_path / "p.adambench.yaml").write_text(PROBLEM)
    assert bash(f"{hook['entry']} p.adambench.yaml") == 0
    (tmp_path / "q.adambench.yaml").write_text(PROBLEM.replace("rosenbrock", "rosenbrok"))
    assert bash(f"{hook['entry']} p.adambench.yaml q.adambench.yaml") == 2
