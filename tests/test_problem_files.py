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
    assert (requirement.optimizer, requirement.target, requirement.within) == ("adam", Target("relative", 0.1), 100)
    assert requirement.success_rate == 0.5
    assert problem.random
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
    "unclosed list": ("[core, noise]", "[core, noise", 15, 8, "", "expected YAML"),
    "unclosed quote": ("any text", "'any text", 17, 1, "", "expected YAML"),
    "escape": ("any text", '"\\e[31m"', 2, 14, "description", "got the character U+001B"),
    "next line": ("any text", "any\x85text", 2, 17, "", "got the character U+0085"),
    "NUL": ("any text", "any\0text", 2, 17, "", "got the character U+0000"),
    "line separator": ("any text", "any\u2028text", 2, 17, "", "got the character U+2028"),
    "surrogate": ("any text", "any\ud800text", 2, 17, "", "got the character U+D800"),
    "escaped surrogate": ("any text", '"\\ud800"', 2, None, None, ""),
    "name": ("name: good", "name: ../good", 1, 7, "name", "a name of letters"),
    "name of 65": ("name: good", "name: " + "a" * 65, 1, 7, "name", "a name of letters"),
    "name a number": ("name: good", "name: 7", 1, 7, "name", "got 7 (quotes make it text)"),
    "no name": ("name: good\n", "", 1, 1, "name", "got nothing"),
    "empty value": ("any text", "", 2, 13, "description", "expected text, got nothing"),
    "no function": ("function: quadratic\n", "", 1, 1, "function", "expected exactly one of"),
    "function and model": ("suites: [core, noise]", "model: logistic", 14, 1, "model", "got function and model"),
    "expression": ("function: quadratic", "expression: x^2", 3, 1, "expression", "does not support"),
    "unknown function": ("function: quadratic", "function: quadratik", 3, 11, "function", "(did you mean quadratic?)"),
    "unknown model": ("function: quadratic", "model: logistics", 3, 8, "model", "(did you mean logistic?)"),
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
    "optimum without loss": ("loss: 0.0, x", "x", 7, 10, "optimum.loss", "a number, got nothing"),
    "optimum of the wrong length": ("x: [0.0]", "x: [[0.0], [1, 2, 3, 4, 5, 6, 7]]", 7, 30, "optimum.x", "at most 6"),
    "optimum mixed": ("x: [0.0]", "x: [0.0, [1]]", 7, 25, "optimum.x", "got both"),
    "noise unknown": ("gaussian", "gausian", 8, 10, "noise[0]", "(did you mean gaussian?)"),
    "noise negative": ("std: 0.1", "std: -0.1", 8, 26, "noise[0].gaussian.std", "a number from 0, got -0.1"),
    "noise without its number": ("{std: 0.1}", "{}", 8, 20, "noise[0].gaussian.std", "got nothing"),
    "noise of two kinds": ("{std: 0.1}}", "{std: 0.1}, heavy_tail: {}}", 8, 9, "noise[0]", "a mapping with 2 keys"),
    "noise twice": ("quadratic_model: {batch: 4}", "gaussian: {std: 2}", 8, 33, "noise[1]", "gaussian once"),
    "noise of quadratics": (
        "function: quadratic",
        "function: rastrigin",
        8,
        33,
        "noise[1]",
        "ellipsoid, quadratic, sphere",
    ),
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
    "unknown optimizer": ("[adam,", "[adma,", 13, 14, "optimizers[0]", "(did you mean adam?)"),
    "unknown dialect": ("rmsprop@keras", "rmsprop@kears", 13, 39, "optimizers[2]", "(did you mean keras?)"),
    "unknown hyperparameter": ("{lr: 0.01}", "{rl: 0.01}", 13, 27, "optimizers[1].sgd", "no hyperparameter 'rl'"),
    "hyperparameter's value": ("{lr: 0.01}", "{lr: banana}", 13, 27, "optimizers[1].sgd", "lr: expected a number"),
    "hyperparameter missing": ("{lr: 0.01}", "{lr: }", 13, 32, "optimizers[1].sgd.lr", "got nothing"),
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
    "requirement's rate": ("success_rate: 0.5", "success_rate: 50", 16, 75, "require[0].success_rate", "from 0 to 1"),
}


@pytest.mark.parametrize("name", BAD)
def test_a_bad_file_gives_one_error_at_its_place(name: str) -> None:
    old, new, line, column, key, message = BAD[name]
    if name == "local tag":
        assert findings(changed(GOOD, old, new)).findings[0].message.endswith("'!thing'")
    caught = findings(changed(GOOD, old, new))
    if name in ("second document", "tab"):  # what follows is not looked at, so the requirement's list is missing or cut
        assert caught.findings
    else:
        assert len(caught.findings) == 1, str(caught)
    found = caught.findings[0]
    if key is None:  # libyaml and PyYAML differ in where they find it
        return
    assert (found.line, found.column, found.key) == (line, column, key), str(caught)
    assert message in found.message
    assert caught.exit_code == 2
