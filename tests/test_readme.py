"""The README keeps its word: its commands parse, its problems load, its table and code are those of this version."""

from __future__ import annotations

import gzip
import re
import shlex
import subprocess
from collections import Counter
from pathlib import Path

import click
import numpy as np
import pytest
import yaml
from libraries.table import key_of
from libraries.trajectory import all_cases

from adambench.cli import COMMANDS, cli, exit_code
from adambench.configuration import parse_list
from adambench.expression import SYNTAX
from adambench.optimizers import all_optimizers
from adambench.outcome import OUTCOMES
from adambench.problem import bundled_problems, bundled_suites, read_all

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text()
BLOCKS = re.findall(r"^```(\w*)\n(.*?)^```$", README, re.M | re.S)
SPANS = re.findall(r"`([^`\n]+)`", re.sub(r"^```.*?^```$", "", README, flags=re.M | re.S))


def blocks(language):
    return [text for name, text in BLOCKS if name == language]


def command_lines():
    """Every `adambench ...` of the README, in blocks and in the running text, as its words."""
    lines = [line for name, text in BLOCKS if name in ("", "sh", "yaml") for line in text.splitlines()]
    found = []
    for line in [*lines, *SPANS]:
        for part in re.split(r"&&|\|", line.removeprefix("- run: ")):
            words = shlex.split(part, comments=True) if part.strip().startswith("adambench ") else []
            if len(words) > 1 and not words[1].endswith(":"):
                found.append(" ".join(words[1:]))
    return list(dict.fromkeys(found))


def test_two_commands_do_everything():
    first, second = blocks("sh")[:2]
    for block in (first, second):
        assert len(block.splitlines()) == 1
        assert "pip install" in block
    assert "adambench run " in first
    assert "pytest" in second


@pytest.mark.skipif(not (ROOT / ".ci" / "run").is_file(), reason="a source archive comes without .ci")
def test_the_check_of_the_project_runs_these_two_commands(tmp_path):
    script = (ROOT / ".ci" / "run").read_text()
    extracting = [line for line in script.splitlines() if line.startswith("awk ")]
    assert len(extracting) == 2
    subprocess.run(
        ["bash", "-euc", f"work={shlex.quote(str(tmp_path))}\n" + "\n".join(extracting)],
        cwd=ROOT,
        check=True,
    )
    assert [(tmp_path / name).read_text() for name in ("first.sh", "second.sh")] == blocks("sh")[:2]
    assert all(f'bash -eu "$work/{name}.sh"' in script for name in ("first", "second"))


def test_commands_are_shown():
    shown = {line.split()[0] for line in command_lines()}
    assert shown <= set(COMMANDS)
    assert {"run", "compare", "summarize", "trace", "list", "show", "new", "validate", "speed", "schema"} <= shown


@pytest.fixture
def plugins(tmp_path, monkeypatch, forgetting):
    """The README's plug-ins as files of the working folder: a block that begins with `# NAME.py`."""
    monkeypatch.chdir(tmp_path)
    for text in blocks("python"):
        if name := re.match(r"# (\w+\.py)\n", text):
            (tmp_path / name[1]).write_text(text)


@pytest.mark.parametrize("line", command_lines())
def test_a_command_line_has_known_options_and_names(line, plugins):
    name, *words = shlex.split(line)
    whole = click.Context(cli, **cli.context_settings)
    command = cli.get_command(whole, name)
    values = command.make_context(name, words, parent=whole).params
    for key in ("optimizers", "optimizer"):
        assert not values.get(key) or parse_list(values[key])
    for problem in values.get("problems") or filter(None, [values.get("problem")]):
        assert problem.endswith(".yaml") or problem in {**bundled_problems(), **bundled_suites()}


def test_problems_load_and_other_yaml_parses(tmp_path):
    problems = [text for text in blocks("yaml") if re.search(r"^(function|expression|model):", text, re.M)]
    assert problems
    for text in problems:
        if "file: digits.csv.gz" in text:
            rows = [*np.random.default_rng(0).normal(size=(200, 4)).round(3).tolist()]
            content = "".join(f"{','.join(map(str, row))},{int(row[0] > 0)}\n" for row in rows)
            (tmp_path / "digits.csv.gz").write_bytes(gzip.compress(content.encode()))
        assert all(problem.optimizers for problem in read_all(text, "README.md", tmp_path))
    assert all(yaml.safe_load(text) for text in blocks("yaml"))


def test_python_runs_or_is_in_the_package(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    sources = [re.sub(r"\s+", " ", path.read_text()) for path in (ROOT / "adambench").rglob("*.py")]
    examples = [text for text in blocks("python") if "import adambench" in text]
    assert examples
    for text in blocks("python"):
        if re.match(r"# \w+\.py\n", text):  # a plug-in, which the command lines load
            continue
        if text in examples:
            exec(compile(text, "README.md", "exec"), {})
        else:
            assert any(re.sub(r"\s+", " ", text).strip() in source for source in sources)
    assert "rosenbrock-2d" in capsys.readouterr().out


def test_files_and_words_exist():
    files = [span for span in SPANS if re.fullmatch(r"[\w/]+\.py", span)]
    assert files
    present = [str(path.relative_to(ROOT)) for path in (ROOT / "adambench").rglob("*.py")]
    for file in files:
        assert any(f"/{path}".endswith(f"/{file}") for path in present)
    outcomes = re.search(r"^\| outcome \| (.*) \|$", README, re.M).group(1)
    assert re.findall(r"\w+", outcomes.replace(" or ", ", ")) == list(OUTCOMES)


def test_the_language_of_expressions_is_the_one_that_show_prints():
    assert SYNTAX.rstrip() in README


def test_the_table_is_that_of_a_run(monkeypatch, capsys):
    monkeypatch.setenv("COLUMNS", "200")
    (text,) = [text for name, text in BLOCKS if name == "" and "time/step" in text]
    problem = text.split(":")[0]
    assert exit_code(["run", problem]) == 0
    printed = capsys.readouterr().out.splitlines()
    rows = [line for line in text.splitlines() if line.split(" ")[0].split(":")[0] in all_optimizers()]
    verdict = [line for line in rows if " first: " in line]
    rows = [line for line in rows if line not in verdict]
    assert len(rows) >= 2
    assert len(verdict) == 1
    assert verdict[0] in printed
    for row in rows:
        words = row.split()[:-2]  # but for its time
        assert words in [line.split()[: len(words)] for line in printed]


def test_the_table_of_what_agrees_with_what_has_a_row_for_everything_compared():
    rows = [line.split(" | ") for line in README.splitlines() if re.fullmatch(r"\| [\w-]+ \| .*e[+-]\d\d \|", line)]
    cases = Counter(map(key_of, all_cases()))
    shown = {
        (name.removeprefix("| "), dialect, library, allowed): int(n) for name, dialect, library, n, _, allowed in rows
    }
    assert shown == {(*key[:3], f"{key[3]:.0e} |"): count for key, count in cases.items()}
