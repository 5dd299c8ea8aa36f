"""Problem files: what is read, what is refused and where, and what the hash covers."""

from __future__ import annotations

import math
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from adambench.errors import AdambenchError
from adambench.functions import all_functions
from adambench.problem import (
    Problem,
    ProblemError,
    Target,
    bundled,
    bundled_problems,
    bundled_suites,
    load,
    load_all,
    read,
    read_text,
)
from adambench.problem.document import DEEPEST, LARGEST, decode, resolved
from adambench.problem.schema import problem_schema
from adambench.problem.template import template

GOOD = """\
name: good
description: any text
function: quadratic
dimension: 6
parameters: {condition: 1.0e4, spectrum: log, rotate: false}
start: [1.0, 2.0]
optimum: {loss: 0.0, x: [0.0]}
noise: [{gaussian: {std: 0.1}}, {quadratic_model: {batch: 4}}]
budget: 200
targets: [1e-1, {loss: 1e-3}, {distance: 0.5}]
seeds: [3, 5]
schedule: {cosine: {final: 0.1, warmup: 10}}
optimizers: [adam, {sgd: {lr: 0.01}}, "rmsprop@keras"]
suites: [core, noise]
require:
  - {optimizer: "adam:lr=1e-3", target: 1e-1, within: 100, success_rate: 0.5}
"""
MODEL = """\
name: fit
model: logistic
data: {samples: 50, features: 20, density: 0.1, exponent: 1.1, label_noise: 0.05, seed: 0}
l2: 1e-4
batch: 8
"""
SHORT = "name: short\nfunction: sphere\n"


def findings(text: str, folder: Path | None = None) -> ProblemError:
    with pytest.raises(ProblemError) as caught:
        read(text, "bad.yaml", folder)
    return caught.value


def changed(text: str, old: str, new: str) -> str:
    assert text.count(old) == 1, old
    return text.replace(old, new)


def test_everything_that_a_file_can_say_is_read() -> None:
    problem = read(GOOD, "good.yaml", None, "/somewhere/good.yaml")
    assert (problem.name, problem.description, problem.path) == ("good", "any text", "/somewhere/good.yaml")
    assert (problem.function.name, problem.dimension, problem.budget) == ("quadratic", 6, 200)
    assert problem.parameters["condition"] == 1e4
    assert problem.parameters["rotate"] is False
    assert (problem.start.kind, problem.start.values) == ("fixed", (1.0, 2.0))
    assert problem.optimum is not None
    assert problem.optimum.x == ((0.0,) * 6,)
    assert [(noise.kind, noise.scale) for noise in problem.noise] == [("gaussian", 0.1), ("quadratic_model", 0.5)]
    assert problem.targets == (Target("relative", 0.1), Target("loss", 1e-3), Target("distance", 0.5))
    assert problem.seeds == (3, 5)
    assert (problem.schedule.kind, problem.schedule.values, problem.schedule.warmup) == ("cosine", (0.1,), 10)
    assert [configuration.label for configuration in problem.optimizers] == ["adam", "sgd:lr=0.01", "rmsprop@keras"]
    assert problem.suites == ("core", "noise")
    (requirement,) = problem.require
    assert (requirement.optimizer, requirement.others, requirement.line) == ("adam", (), 16)
    assert requirement.asked == {
        **{"kind": "target", "optimizer": "adam", "target": {"kind": "relative", "value": 0.1}, "within": 100},
        **{"success_rate": 0.5, "advisory": False},
    }
    assert re.fullmatch("[0-9a-f]{64}", problem.hash)


def test_what_is_left_out_has_its_documented_default() -> None:
    problem = read(SHORT, "short.yaml", None)
    sphere = all_functions()["sphere"]
    assert problem.dimension == (sphere.dimension or sphere.default_dimension)
    assert problem.start.values == sphere.start
    assert problem.optimum == sphere.optimum(problem.dimension, {})
    assert problem.budget == 10_000
    assert [target.value for target in problem.targets] == [1e-1, 1e-3, 1e-5]
    assert problem.seeds == (0,)
    labels = [configuration.label for configuration in problem.optimizers]
    assert labels == ["sgd", "nesterov", "adagrad", "rmsprop", "adadelta", "adam"]
    assert (problem.noise, problem.require, problem.suites, problem.path) == ((), (), (), None)
    assert problem.schedule.kind == "constant"


@pytest.mark.parametrize(
    "line", ["noise: {gaussian: {std: 0.1}}", "start: {uniform: [-1, 1]}", "start: {normal: [0, 1]}"]
)
def test_ten_seeds_where_something_is_random(line: str) -> None:
    assert read(SHORT + line, "short.yaml", None).seeds == tuple(range(10))


def test_minibatches_are_random_and_full_gradients_are_not() -> None:
    assert len(read(MODEL, "fit.yaml", None).seeds) == 10
    assert len(read(changed(MODEL, "batch: 8\n", ""), "fit.yaml", None).seeds) == 1


def test_a_start_is_kept_short_and_optima_are_repeated_to_the_dimension() -> None:
    text = SHORT + "dimension: 5\nstart: [1, 2]\noptimum: {loss: 0, x: [[1, 2, 3], [4]]}\n"
    problem = read(text, "short.yaml", None)
    assert problem.start.values == (1.0, 2.0)
    assert problem.optimum is not None
    assert problem.optimum.x == ((1.0, 2.0, 3.0, 1.0, 2.0), (4.0,) * 5)


@pytest.mark.parametrize("name", sorted(all_functions()))
def test_every_function_makes_a_problem_with_nothing_but_its_name(name: str) -> None:
    problem = read(f"name: x\nfunction: {name}\n", "x.yaml", None)
    assert problem.function is all_functions()[name]
    assert problem.targets
    assert len(problem.start.values) <= problem.dimension


@pytest.mark.parametrize(
    ("spelling", "kind", "values", "warmup"),
    [
        ("constant", "constant", (), 0),
        ("{constant: {warmup: 7}}", "constant", (), 7),
        ("{inverse_sqrt: {}}", "inverse_sqrt", (), 0),
        ("inverse_sqrt", "inverse_sqrt", (), 0),
        ("{step: {factor: 0.1, warmup: 3, every: 1000}}", "step", (1000.0, 0.1), 3),
        ("{exponential: {rate: 0.999}}", "exponential", (0.999,), 0),
        ("linear", "linear", (0.0,), 0),
        ("{cosine: {final: 0.5}}", "cosine", (0.5,), 0),
    ],
)
def test_schedules(spelling: str, kind: str, values: tuple[float, ...], warmup: int) -> None:
    schedule = read(f"{SHORT}schedule: {spelling}\n", "short.yaml", None).schedule
    assert (schedule.kind, schedule.values, schedule.warmup) == (kind, values, warmup)


@pytest.mark.parametrize(
    ("spelling", "labels"),
    [
        ("[adam@keras:lr=0.01]", ["adam@keras:lr=0.01"]),
        ("[{adam@keras: {lr: 0.01}}]", ["adam@keras:lr=0.01"]),
        ("[{adam: {}}, adam, adam@torch]", ["adam"]),
        ("[adam:lr=0.1/0.01, {sgd: {lr: 1e-2..1e-1x2}}]", ["adam:lr=0.1", "adam:lr=0.01", "sgd:lr=0.01", "sgd:lr=0.1"]),
        ("[{adam: {amsgrad: true}}]", ["adam:amsgrad=true"]),
    ],
)
def test_optimizers_as_text_and_as_mappings(spelling: str, labels: list[str]) -> None:
    problem = read(f"{SHORT}optimizers: {spelling}\n", "short.yaml", None)
    assert [configuration.label for configuration in problem.optimizers] == labels


@pytest.mark.parametrize(
    ("text", "value"),
    [
        *[(text, 1e-3) for text in ("1e-3", "1E-3", "0.001", "1.e-3", "+.001", "1.0e-3")],
        *[("1e3", 1000.0), ("1", 1), ("-5", -5), ("017", 17), ("0o17", 15), ("0x10", 16)],
        *[("true", True), ("False", False), ("null", None), ("~", None), ("", None)],
        *[
            (text, text)
            for text in ("no", "yes", "on", "off", "y", "1_000", "12:30:45", "2024-01-01", "0b1", "=", "nan")
        ],
        *[(".inf", math.inf), ("-.Inf", -math.inf)],
    ],
)
def test_scalars_are_those_of_the_core_schema(text: str, value: object) -> None:
    assert resolved(text) == value
    assert type(resolved(text)) is type(value)


BAD = {
    # name: (old, new, line, column, key, what the message holds)
    "unknown key": ("suites: [", "lerning_rate: [", 14, 1, "lerning_rate", "got 'lerning_rate'"),
    "near key": ("budget:", "bugdet:", 9, 1, "bugdet", "(did you mean budget?)"),
    "duplicate key": ("suites: [core, noise]", "seeds: 4", 14, 1, "seeds", "line 11 and again on line 14"),
    "duplicate inner key": ("batch: 4", "batch: 4, batch: 4", 8, 62, "noise[1].quadratic_model.batch", "expected once"),
    "number as key": ("suites:", "7:", 14, 1, "", "expected text as a key, got 7"),
    "list as key": ("suites:", "[a]:", 14, 1, "", "expected text as a key, got a list"),
    "merge key": ("suites: [core, noise]", "<<: {budget: 3}", 14, 1, "", "no merge keys"),
    "anchor": ("[1.0, 2.0]", "&a [1.0, 2.0]", 6, 8, "start", "no anchors or aliases, got '&a'"),
    "alias": ("[1.0, 2.0]", "*a", 6, 8, "start", "no anchors or aliases, got '*a'"),
    "tag": ("dimension: 6", "dimension: !!int 6", 4, 12, "dimension", "no tags"),
    "python tag": ("any text", "!!python/object/apply:os.getcwd []", 2, 14, "description", "no tags"),
    "local tag": ("any text", "!thing x", 2, 14, "description", "no tags, got '!thing'"),
    "second document": ("suites: [core, noise]", "---", 14, 1, "", "one document"),
    "tab": ("  - {opt", "\t- {opt", 16, 1, "", "expected spaces as indentation, got a tab"),
    "escape": ("any text", '"\\e[31m"', 2, 14, "description", "got the character U+001B"),
    "next line": ("any text", "any\x85text", 2, 17, "", "got the character U+0085"),
    "NUL": ("any text", "any\0text", 2, 17, "", "got the character U+0000"),
    "line separator": ("any text", "any\u2028text", 2, 17, "", "got the character U+2028"),
    "surrogate": ("any text", "any\ud800text", 2, 17, "", "got the character U+D800"),
    "name": ("name: good", "name: ../good", 1, 7, "name", "a name of letters"),
    "name of 65": ("name: good", "name: " + "a" * 65, 1, 7, "name", "a name of letters"),
    "name a number": ("name: good", "name: 7", 1, 7, "name", "got 7 (quotes make it text)"),
    "no name": ("name: good\n", "", 1, 1, "name", "got nothing"),
    "empty value": ("any text", "", 2, 13, "description", "expected text, got nothing"),
    "no function": ("function: quadratic\n", "", 1, 1, "function", "expected exactly one of"),
    "function and model": ("suites: [core, noise]", "model: logistic", 14, 1, "model", "got function and model"),
    "expression": (
        "function: quadratic\ndimension: 6\nparameters: {condition: 1.0e4, spectrum: log, rotate: false}",
        "expression: x^2\ndimension: 6",
        *(3, 13, "expression", "got ^"),
    ),
    "unknown function": ("function: quadratic", "function: quadratik", 3, 11, "function", "(did you mean quadratic?)"),
    "batch of a function": ("suites: [core, noise]", "batch: 7", 14, 1, "batch", "with a model only"),
    "dimension text": (
        "dimension: 6",
        "dimension: two",
        4,
        12,
        "dimension",
        "a whole number from 1 to 10,000,000, got 'two'",
    ),
    "dimension in quotes": ("dimension: 6", "dimension: '6'", 4, 12, "dimension", "got the text '6'"),
    "dimension a fraction": ("dimension: 6", "dimension: 6.5", 4, 12, "dimension", "whole number"),
    "dimension true": ("dimension: 6", "dimension: true", 4, 12, "dimension", "got true"),
    "dimension 0": ("dimension: 6", "dimension: 0", 4, 12, "dimension", "got 0"),
    "dimension 10^8": ("dimension: 6", "dimension: 100000000", 4, 12, "dimension", "got 100000000"),
    "dimension of 5000 digits": (
        "dimension: 6",
        f"dimension: {'9' * 5000}",
        4,
        12,
        "dimension",
        "4300 digits, got 5,000",
    ),
    "dimension of 400 digits": ("dimension: 6", f"dimension: {'9' * 400}", 4, 12, "dimension", "whole number"),
    "dimension with _": ("dimension: 6", "dimension: 1_0", 4, 12, "dimension", "got '1_0'"),
    "dimension a list": ("dimension: 6", "dimension: [6]", 4, 12, "dimension", "got a list"),
    "parameters a list": ("{condition: 1.0e4, spectrum: log, rotate: false}", "[1]", 5, 13, "parameters", "got a list"),
    "unknown parameter": ("condition:", "conditions:", 5, 14, "parameters.conditions", "(did you mean condition?)"),
    "parameter's type": ("1.0e4", "high", 5, 25, "parameters.condition", "a number above 0, got 'high'"),
    "parameter not finite": ("1.0e4", ".inf", 5, 25, "parameters.condition", "got .inf"),
    "parameter beyond floats": ("1.0e4", "1e400", 5, 25, "parameters.condition", "got 1e400"),
    "parameter NaN": ("1.0e4", ".nan", 5, 25, "parameters.condition", "got .nan"),
    "choice": ("spectrum: log", "spectrum: lin", 5, 42, "parameters.spectrum", "one of log, linear"),
    "switch": ("rotate: false", "rotate: no", 5, 55, "parameters.rotate", "true or false, got 'no'"),
    "parameters that do not fit": (
        "condition: 1.0e4",
        "eigenvalues: [1]",
        5,
        27,
        "parameters.eigenvalues",
        "6 numbers",
    ),
    "long start": ("[1.0, 2.0]", "[1, 2, 3, 4, 5, 6, 7]", 6, 8, "start", "at most 6 numbers, the dimension, got 7"),
    "empty start": ("[1.0, 2.0]", "[]", 6, 8, "start", "at least 1, got 0"),
    "start NaN": ("[1.0, 2.0]", "[1.0, .nan]", 6, 14, "start[1]", "a number, got .nan"),
    "start a number": ("[1.0, 2.0]", "1.0", 6, 8, "start", "expected a list or"),
    "start's kind": ("[1.0, 2.0]", "{unifrom: [0, 1]}", 6, 9, "start", "(did you mean uniform?)"),
    "start's range": ("[1.0, 2.0]", "{uniform: [1, 0]}", 6, 18, "start.uniform", "lo < hi, got [1, 0]"),
    "start's spread": ("[1.0, 2.0]", "{normal: [1, 0]}", 6, 17, "start.normal", "std above 0"),
    "start's pair": ("[1.0, 2.0]", "{normal: [1]}", 6, 17, "start.normal", "a list of 2, got 1"),
    "optimum without loss": ("loss: 0.0, x", "x", 7, 10, "optimum.loss", "the least loss there is, got nothing"),
    "optimum too long": ("x: [0.0]", "x: [[0.0], [1, 2, 3, 4, 5, 6, 7]]", 7, 33, "optimum.x", "at most 6"),
    "optimum mixed": ("x: [0.0]", "x: [0.0, [1]]", 7, 25, "optimum.x", "got both"),
    "noise unknown": ("gaussian", "gausian", 8, 10, "noise[0]", "(did you mean gaussian?)"),
    "noise negative": ("std: 0.1", "std: -0.1", 8, 26, "noise[0].gaussian.std", "a number from 0, got -0.1"),
    "noise without its number": ("{std: 0.1}", "{}", 8, 20, "noise[0].gaussian.std", "got nothing"),
    "noise of two kinds": ("{std: 0.1}}", "{std: 0.1}, heavy_tail: {}}", 8, 9, "noise[0]", "a mapping with 2 keys"),
    "noise twice": ("quadratic_model: {batch: 4}", "gaussian: {std: 2}", 8, 33, "noise[1]", "gaussian once"),
    "negative budget": (
        "budget: 200",
        "budget: -5",
        9,
        9,
        "budget",
        "a whole number from 1 to 1,000,000,000,000, got -5",
    ),
    "budget 10^13": ("budget: 200", "budget: 1e13", 9, 9, "budget", "got 1e13"),
    "target 1": ("[1e-1,", "[1.0,", 10, 11, "targets[0]", "between 0 and 1"),
    "target 0": ("[1e-1,", "[0,", 10, 11, "targets[0]", "between 0 and 1"),
    "target's kind": ("{loss: 1e-3}", "{losss: 1e-3}", 10, 18, "targets[1]", "(did you mean loss?)"),
    "target twice": ("{loss: 1e-3}", "0.10", 10, 17, "targets[1]", "each target once, got 0.1 again"),
    "no targets": ("[1e-1, {loss: 1e-3}, {distance: 0.5}]", "[]", 10, 10, "targets", "at least 1, got 0"),
    "negative distance": ("{distance: 0.5}", "{distance: -1}", 10, 42, "targets[2].distance", "above 0"),
    "distance to nowhere": ("{loss: 0.0, x: [0.0]}", "{loss: 0.0}", 10, 31, "targets[2]", "an optimum with x"),
    "seeds 0": ("[3, 5]", "0", 11, 8, "seeds", "from 1 to 1,000,000, got 0"),
    "seeds negative": ("[3, 5]", "[3, -5]", 11, 12, "seeds[1]", "got -5"),
    "seeds beyond 2^63": ("[3, 5]", f"[{1 << 63}]", 11, 9, "seeds[0]", "whole number"),
    "seed twice": ("[3, 5]", "[3, 5, 3]", 11, 15, "seeds[2]", "each seed once, got 3 again"),
    "schedule unknown": ("{cosine:", "{cosin:", 12, 12, "schedule", "(did you mean cosine?)"),
    "schedule's key": ("final:", "last:", 12, 21, "schedule.cosine.last", "final, warmup"),
    "schedule alone": (
        "{cosine: {final: 0.1, warmup: 10}}",
        "step",
        12,
        11,
        "schedule",
        "{step: {every: ..., factor: ...}}",
    ),
    "unknown optimizer": ("[adam,", "[addam,", 13, 14, "optimizers[0]", "(did you mean adam?)"),
    "unknown dialect": ("rmsprop@keras", "rmsprop@kears", 13, 39, "optimizers[2]", "(did you mean keras?)"),
    "unknown hyperparameter": ("{lr: 0.01}", "{rl: 0.01}", 13, 27, "optimizers[1].sgd", "no hyperparameter 'rl'"),
    "hyperparameter's value": ("{lr: 0.01}", "{lr: banana}", 13, 31, "optimizers[1].sgd", "lr: expected a number"),
    "dialect of a mapping": ("{sgd:", "{sgd@kears:", 13, 21, "optimizers[1].sgd@kears", "(did you mean keras?)"),
    "hyperparameter missing": ("{lr: 0.01}", "{lr: }", 13, 31, "optimizers[1].sgd.lr", "got nothing"),
    "dotted optimizer": ("rmsprop@keras", "torch.optim.Adam", 13, 39, "optimizers[2]", "from the command line"),
    "dotted mapping": ("{sgd:", "{os.system:", 13, 20, "optimizers[1]", "from the command line"),
    "optimizer a number": ("[adam,", "[7,", 13, 14, "optimizers[0]", "the name of an optimizer"),
    "two optimizers in one": ("{lr: 0.01}}", "{lr: 0.01}, adam: {}}", 13, 20, "optimizers[1]", "{NAME: ...}"),
    "optimizers as text": (
        '[adam, {sgd: {lr: 0.01}}, "rmsprop@keras"]',
        "adam",
        13,
        13,
        "optimizers",
        "expected a list",
    ),
    "suite's name": ("[core,", "[c re,", 14, 10, "suites[0]", "a name of letters"),
    "requirement of another": (
        "adam:lr=1e-3",
        "adam:lr=1",
        16,
        17,
        "require[0].optimizer",
        "adam, sgd:lr=0.01, rmsprop@keras",
    ),
    "requirement of several": ("adam:lr=1e-3", "adam:lr=1/2", 16, 17, "require[0].optimizer", "one optimizer, got 2"),
    "requirement's target": ("target: 1e-1", "target: 1e-2", 16, 41, "require[0].target", "0.1, {loss: 0.001}"),
    "requirement without target": ("target: 1e-1, ", "", 16, 5, "require[0].target", "got nothing"),
    "requirement's rate": ("rate: 0.5", "rate: 50", 16, 74, "require[0].success_rate", "above 0 to 1"),
}


@pytest.mark.parametrize("name", BAD)
def test_a_bad_file_gives_one_error_at_its_place(name: str) -> None:
    old, new, line, column, key, message = BAD[name]
    caught = findings(changed(GOOD, old, new))
    assert len(caught.findings) == 1, str(caught)
    found = caught.findings[0]
    assert (found.line, found.column, found.key) == (line, column, key), str(caught)
    assert message in found.message
    assert str(caught).startswith(f"bad.yaml:{line}:{column}: error: {key}{': ' if key else ''}expected ") or (
        "optimizer" in key
    )
    assert caught.exit_code == 2


# Where PyYAML with and without libyaml, or the rest of the file, add to what is found.
VAGUE = {
    "escaped surrogate": ("any text", '"\\ud800"', 2),
    "unclosed list": ("[core, noise]", "[core, noise", 14),
    "unclosed quote": ("any text", "'any text", 2),
    "colon": ("any text", "any: text", 2),
    "quadratic_model elsewhere": ("quadratic\n", "rastrigin\n", 5),
    "unknown model": ("function: quadratic", "model: logistics", 3),
}


@pytest.mark.parametrize("name", VAGUE)
def test_a_bad_file_gives_errors_from_its_place_on(name: str) -> None:
    old, new, line = VAGUE[name]
    assert findings(changed(GOOD, old, new)).findings[0].line >= line


def test_the_errors_of_a_file_are_reported_together_and_in_order() -> None:
    text = GOOD.replace("dimension: 6", "dimension: two").replace("budget: 200", "budget: -5").replace("adam,", "adma,")
    caught = findings(text)
    assert [(found.line, found.key) for found in caught.findings] == [
        (4, "dimension"),
        (9, "budget"),
        (13, "optimizers[0]"),
    ]
    assert str(caught).endswith("\n3 errors in bad.yaml")


def test_an_error_shows_its_line_and_points_into_it() -> None:
    caught = findings(changed(GOOD, "dimension: 6", "dimension: two"))
    assert str(caught).split("\n") == [
        "bad.yaml:4:12: error: dimension: expected a whole number from 1 to 10,000,000, got 'two'",
        "    dimension: two",
        "               ^",
        "1 error in bad.yaml",
    ]


@pytest.mark.parametrize("before", [0, 50, 1000])
def test_a_long_line_is_cut_around_the_error(before: int) -> None:
    text = f"{{name: short,{' ' * before} seeds: 0, function: sphere, description: '{'y' * 1000}'}}"
    error, source, caret, _ = str(findings(text)).split("\n")
    assert error.startswith(f"bad.yaml:1:{text.index('0') + 1}: ")
    assert len(source) < 180
    assert source[caret.index("^")] == "0"


def test_the_caret_stands_under_wide_letters_and_tabs() -> None:
    _, source, caret, _ = str(findings("{description: '\u6f22\u5b57',\tseeds: 0, name: x, function: sphere}")).split(
        "\n"
    )
    assert source == "    {description: '\u6f22\u5b57', seeds: 0, name: x, function: sphere}"
    assert caret.index("^") == source.index("0") + 2  # each of the two ideographs takes two columns


def test_nothing_of_a_file_reaches_the_terminal_unwashed() -> None:
    text = "\x1b[31m\u202e\x9b"
    with pytest.raises(ProblemError) as caught:
        read(f"name: {text}", f"{text}.yaml", None)
    assert not set(str(caught.value)) & {"\x1b", "\u202e", "\x9b"}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "expected a problem (name: ..., function: ...), got an empty file"),
        ("# nothing\n", "got an empty file"),
        ("[]", "expected a mapping with the keys of a problem, got an empty list"),
        ("text", "expected a mapping with the keys of a problem, got 'text'"),
        ("a: &a [*a]", "no anchors"),
        ("%YAML 1.1\n---\nname: x", "expected YAML 1.2, got %YAML 1.1"),
        ("a: &a [1]\nb: &b [*a, *a]\nc: [*b, *b]", "no anchors"),
        ("[" * 100_000, f"expected at most {DEEPEST} levels"),
        ("{a: " * 100_000, f"expected at most {DEEPEST} levels"),
        ("- " * 100_000, f"expected at most {DEEPEST} levels"),
        ("? " * 100_000, f"expected at most {DEEPEST} levels"),
    ],
)
def test_files_that_are_no_problem_at_all(text: str, message: str) -> None:
    assert message in str(findings(text))


def test_as_many_levels_as_allowed() -> None:
    text = SHORT + "parameters: " + "[" * (DEEPEST - 1) + "]" * (DEEPEST - 1)
    assert "levels" not in str(findings(text))
    assert "levels" in str(findings(text.replace("[]", "[[]]")))


def test_reading_stops_after_a_hundred_errors() -> None:
    caught = findings("\n".join(f"key{number}: 1" for number in range(50_000)))
    assert len(caught.findings) == 100
    assert str(caught).endswith("100 errors in bad.yaml, and no further looked for")


@pytest.mark.parametrize(
    ("old", "new", "key", "message"),
    [
        ("{samples: 50,", "{smaples: 50,", "data", "{file: ...} or {samples: ...}"),
        ("{samples: 50,", "{samples: 0,", "data.samples", "from 1, got 0"),
        ("{samples: 50,", "{samples: 100000000,", "data.samples", "samples x features"),
        ("features: 20", "features: -1", "data.features", "from 1, got -1"),
        ("density: 0.1", "density: 2", "data.density", "up to 1, got 2"),
        ("exponent: 1.1", "exponent: -1", "data.exponent", "got -1"),
        ("label_noise: 0.05", "label_noise: 0.6", "data.label_noise", "got 0.6"),
        ("seed: 0", "seed: -1", "data.seed", "got -1"),
        ("seed: 0", "sed: 0", "data.sed", "(did you mean seed?)"),
        ("l2: 1e-4", "l2: -1", "l2", "at least 0, got -1"),
        ("l2: 1e-4", "l2: much", "l2", "a number, got 'much'"),
        ("l2: 1e-4", "intercept: 1", "intercept", "true or false, got 1"),
        ("batch: 8", "batch: 0", "batch", "from 1 to 50, the rows of the data, got 0"),
        ("batch: 8", "batch: 51", "batch", "from 1 to 50, the rows of the data, got 51"),
        ("batch: 8", "dimension: 20", "dimension", "with a function only"),
        ("batch: 8", "parameters: {}", "parameters", "with a function only"),
        ("batch: 8", "noise: {quadratic_model: {batch: 4}}", "noise", "a quadratic (ellipsoid, quadratic, sphere)"),
        ("batch: 8", "targets: [{distance: 1}]", "targets[0]", "an optimum with x"),
        ("l2: 1e-4", f"start: [{'0, ' * 21}]", "start", "at most 20 numbers, the dimension, got 21"),
    ],
)
def test_a_bad_model_gives_one_error(old: str, new: str, key: str, message: str) -> None:
    caught = findings(changed(MODEL, old, new))
    assert [found.key for found in caught.findings] == [key], str(caught)
    assert message in caught.findings[0].message


def test_a_model_needs_data() -> None:
    assert [found.key for found in findings("name: x\nmodel: logistic\n").findings] == ["data"]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"1 1:1\n0 2:x\n", "rows.svm:2: expected INDEX:VALUE, got '2:x'"),
        (b"1 1:1\n0 2:nan\n", "rows.svm:2: expected INDEX:VALUE, got '2:nan'"),
        (b"1 1:1\n\n0 2:1e999\n", "rows.svm:3: expected a finite value, got '2:1e999'"),
        (b"1 2147483648:1\n", "rows.svm:1: expected an index from 1 to 100,000,000, got '2147483648'"),
        (b"1 20000000:1\n", "at most 10,000,000 features, got 20,000,000"),
        (b"", "rows.svm: expected rows"),
    ],
)
def test_errors_in_data_stand_at_the_file_s_name(tmp_path: Path, content: bytes, message: str) -> None:
    (tmp_path / "rows.svm").write_bytes(content)
    (found,) = findings("name: x\nmodel: logistic\ndata: {file: rows.svm}\n", tmp_path).findings
    assert message in found.message
    assert found.line == 3


@pytest.mark.parametrize(
    "name", ["../rows.svm", "/etc/passwd", "~/rows.svm", "a\\\\b", "http://x/y", "", ".", "absent", "x" * 300]
)
def test_data_outside_the_folder_is_not_read(tmp_path: Path, name: str) -> None:
    (tmp_path / "rows.svm").write_text("1 1:1\n")
    (tmp_path / "inner").mkdir()
    caught = findings(f'name: x\nmodel: logistic\ndata: {{file: "{name}"}}\n', tmp_path / "inner")
    assert [(found.line, found.column, found.key) for found in caught.findings] == [(3, 14, "data.file")]


def test_a_problem_without_a_folder_reads_no_file() -> None:
    assert "a folder of its own" in str(findings("name: x\nmodel: logistic\ndata: {file: rows.svm}\n", None))


@pytest.mark.parametrize(
    "other",
    [
        "name: other\nfunction: sphere\ndimension: 2\nparameters: {}\nschedule: constant",
        "description: d\nsource: s\nfunction: sphere\nname: short",
        "function: sphere\nname: short\nbudget: 7\ntargets: [0.5]\nseeds: 4\noptimizers: [adam]\nsuites: [x]",
        "name: short\nfunction: 'sphere'\nstart: [1.0]\nschedule: {constant: {warmup: 0}}",
        "name: short\nfunction: sphere\nstart: [1, 1e0]",
        "name: short\nfunction: sphere\noptimum: {loss: 0.25}\nrequire: [{optimizer: adam, target: 1e-3}]",
    ],
)
def test_the_hash_leaves_out_what_does_not_define_the_problem(other: str) -> None:
    base = "name: short\nfunction: sphere\nstart: [1]\n"
    other = other if "start" in other else other + "\nstart: [1]"
    dimension = all_functions()["sphere"].default_dimension
    other = other.replace("dimension: 2", f"dimension: {dimension}")
    assert read(other, "x", None).hash == read(base, "x", None).hash


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("dimension: 6", "dimension: 0x6"),
        ("condition: 1.0e4, spectrum: log, rotate: false", "rotate: False, condition: 10000"),
        ("condition: 1.0e4", "condition: 1e4"),
        ("[1.0, 2.0]", "[1, 2, 1, 2]"),
        ("{std: 0.1}", "{std: 1e-1}"),
        ("final: 0.1, warmup: 10", "warmup: 1e1, final: 0.10"),
    ],
)
def test_the_hash_does_not_depend_on_spelling(old: str, new: str) -> None:
    assert read(changed(GOOD, old, new), "x", None).hash == read(GOOD, "x", None).hash


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("dimension: 6", "dimension: 5"),
        ("spectrum: log", "spectrum: linear"),
        ("condition: 1.0e4", "condition: 1.00000000000000001e4"),
        ("[1.0, 2.0]", "[1.0, 2.0, 1.0]"),
        ("[1.0, 2.0]", "{uniform: [1, 2]}"),
        ("{gaussian:", "{multiplicative:"),
        ("{std: 0.1}", "{std: 0.2}"),
        ("warmup: 10", "warmup: 11"),
        ("cosine", "linear"),
        ("noise: [{gaussian: {std: 0.1}}, {quadratic_model: {batch: 4}}]", "noise: {gaussian: {std: 0.1}}"),
    ],
)
def test_the_hash_covers_what_defines_the_problem(old: str, new: str) -> None:
    same = "1.00000000000000001e4" in new  # the same float64
    assert (read(changed(GOOD, old, new), "x", None).hash == read(GOOD, "x", None).hash) is same


def test_the_hash_of_a_model_is_that_of_its_data(tmp_path: Path) -> None:
    rows = {"a": "0 1:1 2:2\n1 2:1\n", "same": "# x\n-1 01:1.0 2:2e0 \r\n+1 2:1\r\n", "value": "0 1:1 2:3\n1 2:1\n"}
    rows |= {"label": "1 1:1 2:2\n1 2:1\n", "index": "0 1:1 3:2\n1 2:1\n"}
    for name, content in rows.items():
        (tmp_path / name).write_text(content, newline="")
    text = "name: x\nmodel: logistic\ndata: {{file: {}, features: 3}}\n{}"
    hashes = {name: read(text.format(name, ""), "x", tmp_path).hash for name in rows}
    assert hashes["a"] == hashes.pop("same")
    assert hashes["a"] == read(text.format("a", "l2: 0\nintercept: false\n"), "x", tmp_path).hash
    for line in ("l2: 0.1", "intercept: true", "batch: 2"):
        hashes[line] = read(text.format("a", line), "x", tmp_path).hash
    assert len(set(hashes.values())) == len(hashes)


def test_text_is_utf8_with_or_without_a_mark_and_any_newlines() -> None:
    for data in (GOOD.encode("utf-8-sig"), GOOD.replace("\n", "\r\n").encode(), GOOD.replace("\n", "\r").encode()):
        assert read(decode(data, "x"), "x", None).hash == read(GOOD, "x", None).hash


def test_bytes_that_are_not_utf8_have_a_place() -> None:
    with pytest.raises(ProblemError) as caught:
        decode(GOOD.replace("any text", "\u00e9\u00e9?x").encode().replace(b"?", b"\xff"), "bad.yaml")
    assert str(caught.value).startswith("bad.yaml:2:16: error: expected UTF-8, got the byte 0xff")


def test_a_file_of_more_than_a_mebibyte_is_refused_without_being_read(tmp_path: Path) -> None:
    path = tmp_path / "large.yaml"
    path.write_text(SHORT + "#" * LARGEST)
    with pytest.raises(ProblemError, match="expected at most 1,048,576 bytes, got more"):
        read_text(path)
    path.write_text((SHORT + "#" * LARGEST)[:LARGEST])
    assert load(path).name == "short"
    with pytest.raises(ProblemError, match="expected at most"):
        read_text(Path("/dev/zero"))


def test_files_and_folders_and_stdin(tmp_path: Path) -> None:
    for name in ("b", "a", "c"):
        (tmp_path / f"{name}.yaml").write_text(f"name: {name}\nfunction: sphere\n")
    (tmp_path / "notes.txt").write_text("no problem")
    assert [problem.name for problem in load_all([str(tmp_path)])] == ["a", "b", "c"]
    again = [str(tmp_path / "c.yaml"), str(tmp_path), "-"]
    problems = load_all(again, lambda: b"name: stdin\nfunction: sphere\n")
    assert [problem.name for problem in problems] == ["c", "a", "b", "stdin"]
    assert [problem.path for problem in problems] == [str(tmp_path / f"{n}.yaml") for n in "cab"] + [None]
    with pytest.raises(AdambenchError, match="expected one problem, got 3"):
        load(tmp_path)
    with pytest.raises(AdambenchError, match=r"two problems are called a: in .*a\.yaml and in stdin"):
        load_all([str(tmp_path), "-"], lambda: b"name: a\nfunction: sphere\n")


def test_the_errors_of_all_files_are_reported_together(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text("name: a\n")
    (tmp_path / "b.yaml").write_text("function: sphere\n")
    with pytest.raises(AdambenchError) as caught:
        load_all([str(tmp_path), str(tmp_path / "b.yaml")])
    assert re.findall(r"([a-z]\.yaml:\d+:\d+): error: (\w+)", str(caught.value)) == [
        ("a.yaml:1:1", "function"),
        ("b.yaml:1:1", "name"),
    ]


@pytest.mark.parametrize("name", ["absent.yaml", "absent", "some/where", "", "a\0b", "x" * 5000, "x" * 5000 + ".yaml"])
def test_what_is_not_there_is_said(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(AdambenchError, match="no such file"):
        load(name)


def test_an_empty_folder_and_an_unreadable_file(tmp_path: Path) -> None:
    with pytest.raises(AdambenchError, match="none in it"):
        load(tmp_path)
    (tmp_path / "dir.yaml").mkdir()
    (tmp_path / "dir.yaml" / "inner.yaml").mkdir()
    with pytest.raises(AdambenchError, match=r"inner\.yaml: cannot be read"):
        load(tmp_path / "dir.yaml")


@pytest.fixture
def bundle(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of bundled problems, and another as the current one."""
    folder, here = tmp_path / "problems", tmp_path / "here"
    folder.mkdir()
    here.mkdir()
    (folder / "one.yaml").write_text("name: one\nfunction: sphere\nsuites: [core, few]\n")
    (folder / "two.yaml").write_text("name: two\nmodel: logistic\ndata: {file: absent.gz}\nsuites: [core]\n")
    (folder / "three.yaml").write_text("name: three\nfunction: beale\n")
    monkeypatch.chdir(here)
    monkeypatch.setattr(bundled, "bundled_folder", lambda: folder)
    for cached in (bundled_problems, bundled_suites):
        cached.cache_clear()
    yield folder
    for cached in (bundled_problems, bundled_suites):
        cached.cache_clear()


def test_bundled_problems_and_suites_by_name(bundle: Path) -> None:
    assert list(bundled_problems()) == ["one", "three", "two"]
    assert bundled_suites() == {"core": ("one", "two"), "few": ("one",)}
    assert load("three").path == str(bundle / "three.yaml")
    assert [problem.name for problem in load_all(["few", "three", "one"])] == ["one", "three"]
    with pytest.raises(AdambenchError, match=r"did you mean three\?"):
        load("thre")
    with pytest.raises(AdambenchError, match=r"did you mean one\?"):
        load("one.yaml")


def test_a_bundled_name_is_hidden_by_a_folder_but_not_by_a_file(bundle: Path) -> None:
    Path("one").write_text("name: mine\nfunction: sphere\n")
    Path("else").write_text("name: else\nfunction: sphere\n")
    Path("few").mkdir()
    Path("few/x.yaml").write_text("name: in-folder\nfunction: sphere\n")
    assert load("one").name == "one"
    assert load("./one").name == "mine"
    assert load("else").name == "else"
    assert load("few").name == "in-folder"


def test_every_bundled_file_loads_under_its_own_name() -> None:
    for name, path in bundled_problems().items():
        assert name == path.stem
        problems = load_all([name])
        assert all(problem.name == name or problem.name.startswith(f"{name}-") for problem in problems)
        assert len({problem.name for problem in problems}) == len(problems)


def test_reading_a_problem_imports_nothing_heavy() -> None:
    code = (
        "import sys; from adambench.problem import read; read(sys.argv[1], 'x', None); read(sys.argv[2], 'x', None);"
        "print(*sorted(m for m in sys.modules if m in ('numba', 'scipy', 'rich', 'click', 'torch')))"
    )
    environment = dict(os.environ, PYTHONPATH=os.pathsep.join(filter(None, sys.path)))
    done = subprocess.run(
        [sys.executable, "-c", code, GOOD, MODEL], capture_output=True, text=True, check=True, env=environment
    )
    assert done.stdout == "\n"


def test_the_template_is_a_problem_and_so_are_its_alternatives() -> None:
    text = template("mine")
    assert read(text, "mine.yaml", None).name == "mine"
    model = [
        line.removeprefix("# ")
        for line in text.split("\n")
        if re.match("# (model|data: {samples|l2|intercept|batch)", line)
    ]
    assert read("name: x\n" + "\n".join(model), "x.yaml", None).function.sampled
    for line in re.findall(r"^# ((?:start|optimum|noise|seeds|schedule|optimizers|tuning): .*)$", text, flags=re.M):
        key = line.partition(":")[0]
        others = [other for other in SHORT.split("\n") if not other.startswith(key)]
        assert read("\n".join([*others, line]), "x.yaml", None).name == "short"


def test_the_schema_accepts_good_files_and_refuses_bad_ones() -> None:
    jsonschema = pytest.importorskip("jsonschema", reason="the schema is checked by the jsonschema package")
    import yaml

    validator = jsonschema.Draft202012Validator(problem_schema())
    validator.check_schema(problem_schema())

    def plain(text: str) -> object:
        tree = yaml.safe_load(re.sub(r"(?<![\w.])(\d+)e(-?\d+)", r"\1.0e\2", text).replace("0e4", "0e+4"))
        assert isinstance(tree, dict)
        return tree

    for text in (GOOD, MODEL, SHORT, template("x"), *(f"name: x\nfunction: {name}" for name in all_functions())):
        assert not list(validator.iter_errors(plain(text))), text
    for name in ("unknown key", "dimension text", "dimension 0", "unknown parameter", "choice", "target 1", "seeds 0"):
        old, new, *_ = BAD[name]
        assert list(validator.iter_errors(plain(changed(GOOD, old, new)))), name
    assert list(validator.iter_errors(plain(MODEL + "dimension: 3\n")))
    assert list(validator.iter_errors(plain("name: x\nfunction: beale\ndimension: 3\n")))


def outcome(text: str) -> None:
    """Reading ends in a Problem or in findings that can be shown; nothing else comes out."""
    try:
        assert isinstance(read(text, "fuzz.yaml", None), Problem)
    except ProblemError as caught:
        error = caught
    else:
        return
    assert error.findings
    lines = text.split("\n")
    for found in error.findings:
        assert 1 <= found.line <= len(lines)
        assert 1 <= found.column <= len(lines[found.line - 1]) + 1
    str(error).encode()


@given(st.binary(max_size=200))
@example(b"\xef\xbb\xbfname: x")
@example(b"a: \xff")
@settings(max_examples=300, deadline=None)
def test_random_bytes_are_read_or_refused(data: bytes) -> None:
    try:
        text = decode(data, "fuzz.yaml")
    except ProblemError:
        return
    outcome(text)


PIECES = [
    "[",
    "]",
    "{",
    "}",
    ": ",
    "- ",
    ", ",
    "\n",
    "\t",
    " ",
    "&a ",
    "*a",
    "!!str ",
    "? ",
    "| ",
    "> ",
    "'",
    '"',
    "#",
    "%",
    "---",
]
PIECES += [
    "...",
    "<<: ",
    ".nan",
    ".inf",
    "1e999",
    "-1",
    "0",
    "null",
    "true",
    "1" * 400,
    "adam",
    "os.system",
    "x: 1",
    "\0",
    "\u2028",
]


@given(
    st.sampled_from([GOOD, MODEL]),
    st.lists(st.tuples(st.integers(0, 10**6), st.integers(0, 30), st.sampled_from(PIECES)), max_size=6),
)
@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_random_changes_of_a_good_file_are_read_or_refused(text: str, changes: list[tuple[int, int, str]]) -> None:
    for place, length, piece in changes:
        place %= len(text) + 1
        text = text[:place] + piece + text[place + length :]
    outcome(text)


VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.sampled_from(["adam", "sphere", "1", "", "gaussian", "loss"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["loss", "x", "file", "samples", "std", "adam"]), inner, max_size=3)
    ),
    max_leaves=5,
)


@given(st.dictionaries(st.sampled_from(sorted(problem_schema()["properties"])), VALUES, max_size=6), st.booleans())
@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_values_of_any_kind_at_any_key_are_read_or_refused(values: dict[str, object], named: bool) -> None:
    import json

    base = {"name": "x", "function": "sphere"} if named else {}
    text = json.dumps({**base, **values})
    outcome(text.replace("NaN", ".nan").replace("Infinity", ".inf"))
