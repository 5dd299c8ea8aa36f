"""Plug-ins: what one file declares is listed, shown, run and checked like what this package declares."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest

import adambench
from adambench import catalog, checks
from adambench.checks import checked
from adambench.checks.format import FORMAT_CHECKS
from adambench.checks.function import FUNCTION_CHECKS
from adambench.checks.optimizer import OPTIMIZER_CHECKS
from adambench.cli import exit_code
from adambench.engine.assembly import evaluate_kernel
from adambench.engine.kernel import compiled
from adambench.errors import AdambenchError
from adambench.functions import FUNCTIONS
from adambench.plugin import CATALOGS
from adambench.problem import read
from adambench.render import FORMATS
from adambench.report import environment

OPTIMIZER = '''\
"""Cautious momentum: heavy-ball SGD that takes no step against the present gradient."""

import numpy as np

from adambench.decay import COUPLED
from adambench.hyperparameter import LR, MOMENTUM
from adambench.optimizer import Dialect, Optimizer, Slot


def coefficients(flags):
    def of(hyper, t, carry):  # once a step, in float64
        lr, momentum = hyper
        return (lr, momentum, 0.0), carry

    return of


def rule(flags):
    def cautious(gradient, x, state, coefficients):  # for each coordinate; constants come as coefficients
        lr, momentum, zero = coefficients
        (v,) = state
        v = momentum * v + gradient
        return x - lr * np.where(v * gradient > zero, v, zero), (v,)

    return cautious


OPTIMIZER = Optimizer(
    name="cautious",
    summary="momentum that takes no step against the present gradient",
    formula=lambda flags: "v = momentum v + g\\nx = x - lr v where v g > 0",
    source="Liang et al. 2024, arXiv:2411.16085, Algorithm 1, around SGD with momentum",
    hyperparameters=(LR, MOMENTUM),
    dialects=(
        Dialect(
            name="mine",
            defaults={"lr": 0.01, "momentum": 0.9, "weight_decay": 0.0},
            flags={"decay": COUPLED, "single_rate": False},
            library="this file",
            source="cautious.py",
        ),
    ),
    coefficients=coefficients,
    rule=rule,
    slots=lambda flags: (Slot("v", "velocity"),),
)
'''
FUNCTION = """\
from adambench.engine.total import total
from adambench.function import Function, Optimum

STEEPNESS = 1.0


def evaluate(LANES):
    add_up = total(LANES)

    def quartic(x, gradient, loss, t, seeds, reals, integers, work):
        for i in range(x.shape[0]):
            for lane in range(LANES):
                v = x[i, lane] - 1.0
                work[i, lane] = STEEPNESS * v * v * v * v + v * v
                gradient[i, lane] = 4.0 * STEEPNESS * v * v * v + 2.0 * v
        add_up(work, x.shape[0], loss)

    return quartic


FUNCTION = Function(
    name="quartic",
    summary="a bowl that steepens",
    formula="sum_i (x_i - 1)^4 + (x_i - 1)^2",
    source="quartic.py",
    evaluate=evaluate,
    start=(2.0,),
    domain=(-3.0, 3.0),
    optimum=lambda dimension, parameters: Optimum(0.0, ((1.0,) * dimension,)),
    default_dimension=3,
)
"""
FORMAT = """\
from adambench.render import Format
from adambench.render.parts.plain import plain


def render(document, style):
    rows = [f"{row['problem']} {row['optimizer']} {row['trials']}" for row in document["results"]]
    return "".join(f"{plain(row, style.unicode)}\\n" for row in rows) or "\\n"


FORMAT = Format("lines", "a line a row", render)
"""
PROBLEM = "name: q\nfunction: quartic\nbudget: 200\noptimizers: [cautious, {cautious: {lr: 0.001}}, adam]\n"


pytestmark = pytest.mark.usefixtures("forgetting")


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """Where the three plug-ins and a problem lie, and where one works."""
    for name, text in (("opt.py", OPTIMIZER), ("fun.py", FUNCTION), ("form.py", FORMAT), ("q.yaml", PROBLEM)):
        (tmp_path / name).write_text(text)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def call(capsys):
    def call(*words):
        code = exit_code([str(word) for word in words])
        return code, *capsys.readouterr()

    return call


ALL = ("--plugin", "opt.py", "--plugin", "fun.py", "--plugin", "form.py")


def test_a_plug_in_is_listed_and_shown(folder, call):
    for kind, name in (("optimizers", "cautious"), ("dialects", "cautious@mine"), ("functions", "quartic")):
        code, out, err = call("list", kind, *ALL)
        assert (code, err) == (0, "")
        assert name in out.splitlines()
    assert "lines" in call("list", "formats", *ALL)[1].split()
    assert "x = x - lr v where v g > 0" in call("show", "cautious", *ALL)[1]
    assert "a bowl that steepens" in call("show", "quartic", *ALL)[1]
    assert '"quartic"' in call("schema", "problem", *ALL)[1]


def test_a_plug_in_is_run_compared_and_traced_and_the_report_says_where_it_came_from(folder, call):
    code, out, err = call("run", "q.yaml", *ALL, "--format", "lines")
    assert (code, err) == (0, "")
    assert out == "q cautious 1\nq cautious:lr=0.001 1\nq adam 1\n"
    code, out, err = call("compare", "q.yaml", "--optimizers", "cautious,sgd", *ALL, "--json")
    report = json.loads(out)
    assert [row["implementation"] for row in report["results"]] == [None, None]
    assert [plugin["name"] for plugin in report["environment"]["plugins"]] == ["opt.py", "fun.py", "form.py"]
    assert {len(plugin["sha256"]) for plugin in report["environment"]["plugins"]} == {64}
    assert call("trace", "q.yaml", "--optimizer", "cautious", *ALL)[0] == 0
    assert call("run", "q.yaml", "--dry-run", *ALL)[0] == 0


def test_without_plug_ins_the_report_has_none():
    assert "plugins" not in environment(1)


def test_a_plug_in_passes_every_check(folder, call):
    code, out, err = call("validate", *ALL)
    assert (code, err) == (0, "")
    lines = out.splitlines()
    assert len(lines) == len(OPTIMIZER_CHECKS) + len(FUNCTION_CHECKS) + len(FORMAT_CHECKS)
    assert {line.split(":")[0] for line in lines} == {"optimizer cautious", "function quartic", "format lines"}
    assert call("validate", "--quiet", *ALL)[:2] == (0, "")


def test_there_is_something_to_validate(call):
    code, _, err = call("validate")
    assert code == 2
    assert "Missing argument 'PROBLEM...', or --plugin." in err


WRONG = [
    (
        "opt.py",
        "lr, momentum, zero = coefficients\n",
        "lr, momentum, zero = coefficients\n        zero = 0.5\n",
        "declaration",
    ),
    ("opt.py", "x - lr *", "x - (lr + zero + momentum) *", "a learning rate of zero"),
    ("opt.py", "np.where(v * gradient > zero, v, zero)", "(v + momentum)", "a gradient of zero"),
    ("opt.py", "x - lr *", "x + (lr + lr) / (lr * lr) *", "a quadratic"),
    ("opt.py", "return (lr, momentum, 0.0), carry", "return (lr, momentum, 0.0)[: 2 + (t == 1)], carry", "declaration"),
    ("opt.py", "x = x - lr", "x <- x - lr", "declaration"),
    ("opt.py", "np.where(v * gradient > zero, v, zero)", "np.linalg.norm(v)", "machine code"),
    ("fun.py", "4.0 * STEEPNESS", "3.0 * STEEPNESS", "gradient and optimum"),
    ("fun.py", "Optimum(0.0, ((1.0,)", "Optimum(0.0, ((0.5,)", "gradient and optimum"),
    ("fun.py", "start=(2.0,)", "start=(4.0,)", "declaration"),
    ("fun.py", "- 1.0\n", "- 1.0 + 1e-9 * LANES - 1e-9\n", "one lane and 32"),
    ("form.py", '\\\\n" for row', '\\\\n\\\\n" for row', "renders"),
    ("form.py", "plain(row, style.unicode)", "row", "hostile names"),
    ("form.py", '["results"]]', '["results"][1:]]', "every row"),
    ("form.py", "rows = [", "document['results'].reverse()\n    rows = [", "the same each time"),
]


@pytest.mark.parametrize(("file", "old", "new", "name"), WRONG, ids=[f"{case[0]}-{case[2][:20]}" for case in WRONG])
def test_each_check_finds_what_is_wrong(folder, call, file, old, new, name):
    text = (folder / file).read_text()
    old, new = old.replace("\\\\n", "\\n"), new.replace("\\\\n", "\\n")
    assert old in text
    (folder / file).write_text(text.replace(old, new))
    code, out, err = call("validate", "-q", "--plugin", file)
    assert (code, err) == (1, "")
    assert f": {name}: " in out


def test_an_optimizer_that_climbs_is_told_of(folder, call):
    text = (folder / "opt.py").read_text()
    (folder / "opt.py").write_text(text.replace("x - lr *", "x + lr *").replace('"lr": 0.01', '"lr": 0.001'))
    code, out, _ = call("validate", "--plugin", "opt.py")
    assert code == 0
    (line,) = [line for line in out.splitlines() if ": a quadratic: " in line]
    assert re.fullmatch(r".*: finite; warning: cautious: the loss rises from 4\.3 to [0-9.e+]+", line)


BROKEN = [
    ("nosuch.py", None, "plug-in nosuch.py: it could not be read: No such file"),
    ("nosuch.mod", None, "plug-in nosuch.mod: no such module, and no such file"),
    ("no such", None, "plug-in no such: no such file; expected FILE.py, or the dotted name of a module"),
    ("q.yaml", None, "plug-in q.yaml: expected a file FILE.py, or the dotted name of a module"),
    ("a.py", "x = (\n", "plug-in a.py:1: SyntaxError: '(' was never closed"),
    (
        "a.py",
        "import numpy\n\nnumpy.nosuch\n",
        "plug-in a.py:3: AttributeError: module 'numpy' has no attribute 'nosuch'",
    ),
    ("a.py", "import nosuchmodule\n", "plug-in a.py:1: ModuleNotFoundError: No module named 'nosuchmodule'"),
    ("a.py", "raise SystemExit(3)\n", "plug-in a.py:1: SystemExit: 3"),
    ("a.py", "\0", "plug-in a.py"),
    (
        "a.py",
        "x = 1\n",
        "plug-in a.py: expected one of OPTIMIZER, FUNCTION, FORMAT, MODEL, TRANSFORM to be declared, got none",
    ),
    (
        "a.py",
        "\nOPTIMIZER = {}\n",
        "plug-in a.py:2: OPTIMIZER: expected one adambench.optimizer.Optimizer, got a value of type dict",
    ),
    (
        "a.py",
        OPTIMIZER.replace('"cautious"', '"adam"'),
        "plug-in a.py:28: OPTIMIZER.name: expected a new one, got 'adam'",
    ),
    ("a.py", OPTIMIZER.replace('"cautious"', '"a:b"'), "plug-in a.py:28: OPTIMIZER.name: expected letters, digits"),
    (
        "a.py",
        OPTIMIZER.replace("coefficients=coefficients", "coefficients=3"),
        "OPTIMIZER.coefficients: expected a function, got 3",
    ),
    (
        "a.py",
        OPTIMIZER.replace("(LR, MOMENTUM)", "(MOMENTUM, LR)"),
        "OPTIMIZER.hyperparameters: expected lr, the learning rate, first",
    ),
    (
        "a.py",
        OPTIMIZER.replace('"lr": 0.01', '"lr": -1.0'),
        "OPTIMIZER.dialects[0].defaults: lr: expected a number from 0 to inf, got -1.0",
    ),
    (
        "a.py",
        OPTIMIZER.replace('"decay": COUPLED, ', ""),
        "OPTIMIZER.dialects[0].flags: expected decay and single_rate",
    ),
    (
        "a.py",
        OPTIMIZER.replace("    rule=rule,\n", ""),
        "OPTIMIZER.rule: expected either a rule or a step of the whole vector",
    ),
    ("a.py", FUNCTION.replace('"quartic",', '"sphere",'), "FUNCTION.name: expected a new one, got 'sphere'"),
    ("a.py", FUNCTION.replace("(-3.0, 3.0)", "(3.0, -3.0)"), "FUNCTION.domain: expected (low, high), got (3.0, -3.0)"),
    ("a.py", FORMAT.replace('"lines"', '"json"'), "FORMAT.name: expected a new one, got 'json'"),
]


@pytest.mark.parametrize(("name", "text", "said"), BROKEN, ids=[case[2][:60] for case in BROKEN])
def test_a_broken_plug_in_is_one_sentence(folder, call, name, text, said):
    if text is not None:
        (folder / name).write_text(text)
    before = [dict(kind.added) for kind in CATALOGS]
    code, out, err = call("list", "optimizers", "--plugin", name)
    assert (code, out) == (2, "")
    assert said in err
    assert err.startswith("error: plug-in ")
    assert err.count("\n") == 1
    assert [dict(kind.added) for kind in CATALOGS] == before


def test_two_plug_ins_of_one_name_collide_and_one_given_twice_does_not(folder, call):
    (folder / "again.py").write_text(OPTIMIZER)
    code, _, err = call("list", "optimizers", "--plugin", "opt.py", "--plugin", "again.py")
    assert code == 2
    assert (
        "again.py:28: OPTIMIZER.name: expected a new one, got 'cautious': the plug-in opt.py has declared that" in err
    )
    code, out, _ = call("list", "optimizers", "--plugin", "opt.py", "--plugin", "./opt.py")
    assert code == 0
    assert out.split().count("cautious") == 1


RAISING = [
    (
        "opt.py",
        "(v,) = state\n",
        "(v,) = state\n        v = np.nosuch(v)\n",
        "opt.py:22: AttributeError: module 'numpy' has no attribute 'nosuch'",
    ),
    ("opt.py", "momentum * v +", "momentm * v +", "opt.py:22: NameError: name 'momentm' is not defined"),
    ("opt.py", "(v,) = state\n", "(v,) = state\n        v = v.nosuch\n", "opt.py:22: AttributeError: 'numpy.float64' "),
    (
        "opt.py",
        "(lr, momentum, 0.0)",
        "(lr, momentum)",
        "opt.py:20: ValueError: not enough values to unpack (expected 3, got 2)",
    ),
    ("opt.py", "zero), (v,)", "zero), (v, v)", "opt.py:19: cautious: 1 slots are declared, and the rule returns 2\n"),
    (
        "opt.py",
        "zero), (v,)",
        "zero), v",
        "opt.py:19: cautious: the rule returns its state as float64, not as a tuple\n",
    ),
    (
        "opt.py",
        "(v,) = state\n",
        "(v,) = state\n        v = np.linalg.norm(v)\n",
        "opt.py:22: TypingError: np.linalg.norm() only supported for array types\n",
    ),
    (
        "opt.py",
        "(v,) = state\n",
        "(v,) = state\n        w = '%g' % v\n",
        "opt.py:22: TypingError: No implementation of ",
    ),
    (
        "opt.py",
        "(v,) = state\n",
        "(v,) = state\n        import json\n",
        "opt.py:22: UnsupportedBytecodeError: Use of unsupported opcode (IMPORT_NAME) found\n",
    ),
    (
        "opt.py",
        "(v,) = state\n",
        "(v,) = state\n        v = float(str(v))\n",
        "opt.py or fun.py: it cannot be compiled: ValueError: could not convert string to float",
    ),
    (
        "opt.py",
        "(v,) = state\n",
        "(v,) = state\n        if v > zero:\n            raise ValueError('no')\n",
        "opt.py:23: Va",
    ),
    (
        "opt.py",
        "        return x -",
        "        if v > zero:\n            return None, (v,)\n        return x -",
        "opt.py or fun.py: its machine code raised TypeError: expected float64, got None\n",
    ),
    ("opt.py", "slots=lambda flags: (", 'slots=lambda flags: (flags["nosuch"], ', "opt.py:45: KeyError: 'nosuch'"),
    ("fun.py", "v * v * v * v +", "v * v * w * v +", "fun.py:14: NameError: name 'w' is not defined\n"),
    (
        "fun.py",
        "work[i, lane] = STEEPNESS",
        "work[i, lane] = abs.nosuch",
        "fun.py:14: AttributeError: 'builtin_function",
    ),
    ("form.py", "    rows = [", "    1 / 0\n    rows = [", "form.py:6: ZeroDivisionError: division by zero"),
    ("form.py", "    rows = [", "    open('nosuch')\n    rows = [", "form.py:6: FileNotFoundError: "),
]


@pytest.mark.parametrize(
    ("file", "old", "new", "said"), RAISING, ids=[f"{case[2].strip()[-20:]!r}" for case in RAISING]
)
def test_what_raises_in_a_run_is_one_sentence_with_its_line(folder, call, file, old, new, said):
    text = (folder / file).read_text()
    assert old in text
    (folder / file).write_text(text.replace(old, new))
    code, out, err = call("run", "q.yaml", *ALL, "--format", "lines")
    assert (code, out) == (2, "")
    assert err.startswith(f"error: plug-in {said}")
    assert err.count("\n") == 1


@pytest.mark.parametrize(
    ("file", "old", "new"),
    [case[:3] for case in RAISING[:7]],
    ids=[f"{case[2].strip()[-20:]!r}" for case in RAISING[:7]],
)
def test_run_and_validate_say_the_same_of_a_mistake(folder, call, file, old, new):
    text = (folder / file).read_text()
    (folder / file).write_text(text.replace(old, new))
    said = call("run", "q.yaml", *ALL)[2].removeprefix("error: ").strip()
    code, out, _ = call("validate", "-q", "--plugin", file)
    assert code == 1
    assert [line.split(": ", 2)[2] for line in out.splitlines()] == [said]


def test_a_literal_in_the_rule_is_not_blamed_for_what_does_not_compile(folder, call):
    text = (
        (folder / "opt.py").read_text().replace("(v,) = state\n", "(v,) = state\n        v = 0.5 * np.linalg.norm(v)\n")
    )
    (folder / "opt.py").write_text(text)
    assert call("run", "q.yaml", *ALL)[2].startswith("error: plug-in opt.py:22: TypingError: np.linalg.norm() ")


def test_what_is_no_plug_ins_fault_is_raised_though_one_is_loaded(folder, call, monkeypatch):
    monkeypatch.setattr("adambench.runner.first_chunk", lambda course, width: 1 // 0)
    with pytest.raises(ZeroDivisionError):
        call("run", "q.yaml", *ALL)


def test_a_module_is_imported_from_the_current_folder(folder, call, monkeypatch):
    (folder / "mine").mkdir()
    (folder / "mine" / "__init__.py").write_text("RATE = 0.01\n")
    (folder / "mine" / "opt.py").write_text(
        f"print('hello')\nfrom . import RATE\n{OPTIMIZER}".replace("0.01,", "RATE,")
    )
    code, out, err = call("list", "optimizers", "--plugin", "mine.opt")
    assert (code, err) == (0, "hello\n")
    assert "cautious" in out.split()
    assert str(folder) not in sys.path
    (folder / "mine" / "bad.py").write_text("\n1 / 0\n")
    _, _, err = call("list", "optimizers", "--plugin", "mine.bad")
    assert err == f"error: plug-in mine.bad: {os.path.join('mine', 'bad.py')}:2: ZeroDivisionError: division by zero\n"


def test_from_python_and_a_file_that_has_changed_replaces_what_it_declared(folder):
    assert adambench.load_plugin(folder / "fun.py").sha256
    before = read("name: p\nfunction: quartic\n", "p", None)
    loss = checks.function.machine(before.function, before.data, np.full((3, 1), 3.0), 1, "float64")[0][0]
    assert loss == 3 * (16 + 4)
    (folder / "fun.py").write_text(FUNCTION.replace("STEEPNESS = 1.0", "STEEPNESS = 2.0"))
    adambench.load_plugin(folder / "fun.py")
    after = read("name: p\nfunction: quartic\n", "p", None)
    assert before.hash != after.hash
    loss = checks.function.machine(after.function, after.data, np.full((3, 1), 3.0), 1, "float64")[0][0]
    assert loss == 3 * (32 + 4)
    with pytest.raises(AdambenchError, match="no such file"):
        adambench.load_plugin("no such")
    assert FUNCTIONS.get("quartic") is after.function


def test_machine_code_of_one_plug_in_is_not_that_of_another_of_its_name(folder):
    """Same file name, same function name, a constant in a module beside it apart."""
    found = []
    for number in (1.0, 2.0):
        place = folder / str(number)
        place.mkdir()
        (place / "constants.py").write_text(f"STEEPNESS = {number}\n")
        text = FUNCTION.replace("STEEPNESS = 1.0", "").replace("STEEPNESS", "constants.STEEPNESS")
        beside = f"import sys\nsys.path.insert(0, {str(place)!r})\nimport constants\n"
        (place / "fun.py").write_text(f"{beside}sys.path.pop(0)\ndel sys.modules['constants']\n{text}")
        adambench.load_plugin(place / "fun.py")
        problem = read("name: p\nfunction: quartic\n", "p", None)
        kernel = evaluate_kernel(problem.function, 1, "float64")
        found.append(compiled(kernel.function, kernel.signature)._cache.key)
        losses = checks.function.machine(problem.function, problem.data, np.full((3, 1), 3.0), 1, "float64")[0]
        assert losses[0] == 3 * (number * 16 + 4)
        catalog.PLUGINS.clear()
        FUNCTIONS.added.clear()
        FUNCTIONS.origins.clear()
    assert found[0] != found[1]


def test_a_problem_file_cannot_load_a_plug_in(folder, call):
    for line in (
        "plugin: opt.py",
        "plugins: [opt.py]",
        "optimizers: [opt.py]",
        "function: fun.py",
        "function: ./fun.py",
    ):
        (folder / "bad.yaml").write_text(f"name: q\n{line}\n" + ("" if "function" in line else "function: sphere\n"))
        code, _, _ = call("run", "bad.yaml")
        assert code == 2
    assert not catalog.PLUGINS


INSTALLED = {
    "adambench.optimizers": (
        "cautious = good_opt",
        "broken = bad_opt",
        "adam = good_opt:OPTIMIZER",
        "other = good_opt",
    ),
    "adambench.functions": ("quartic = good_fun:FUNCTION",),
    "adambench.formats": ("lines = good_form",),
}


@pytest.fixture
def installed(folder):
    """adambench(*words): in a process to which a distribution with entry points is installed."""
    site = folder / "site"
    info = site / "mine-1.0.dist-info"
    info.mkdir(parents=True)
    for name, text in (("good_opt", OPTIMIZER), ("good_fun", FUNCTION), ("good_form", FORMAT), ("bad_opt", "1 / 0\n")):
        (site / f"{name}.py").write_text(text)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: mine\nVersion: 1.0\n")
    lines = [line for group, entries in INSTALLED.items() for line in (f"[{group}]", *entries)]
    (info / "entry_points.txt").write_text("\n".join(lines) + "\n")
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, [str(site), os.environ.get("PYTHONPATH")]))}

    def adambench(*words):
        done = subprocess.run(
            [sys.executable, "-m", "adambench", *words], env=environment, capture_output=True, text=True, check=False
        )
        return done.returncode, done.stdout, done.stderr

    return adambench


def test_an_installed_plug_in_is_found_by_its_entry_point_and_a_broken_one_breaks_nothing_else(installed):
    code, out, err = installed("run", "q.yaml", "--format", "lines")
    assert (code, err) == (0, "")  # nothing needed the broken one
    assert out.startswith("q cautious 1\n")
    code, out, err = installed("list", "optimizers")
    assert code == 0
    assert "cautious" in out.split()
    assert "other" not in out.split()
    warnings = err.splitlines()
    assert all(line.startswith("adambench: warning: plug-in ") for line in warnings)
    assert len(warnings) == 3
    assert any(
        "bad_opt (adambench.optimizers, broken): ZeroDivisionError: division by zero" in line for line in warnings
    )
    assert any("good_opt (adambench.optimizers, other): OPTIMIZER.name: expected 'other'" in line for line in warnings)
    code, out, err = installed("show", "broken")
    assert code == 2
    assert err.splitlines()[-1].startswith("error: nothing is called 'broken'")


def test_a_plug_in_that_is_given_stands_before_the_installed_one_of_its_name(installed):
    code, _, err = installed("run", "q.yaml", "--plugin", "opt.py", "--dry-run")
    assert (code, err) == (0, "")


@pytest.mark.parametrize("words", [("--help",), ("run", "--help"), ("list", "problems")], ids=" ".join)
def test_entry_points_are_not_read_where_no_name_asks_for_them(words):
    code = (
        "import sys; from adambench.cli import exit_code; "
        f"exit_code({list(words)!r}); "
        "from adambench.render import FORMATS; from adambench.optimizers import OPTIMIZERS; "
        "print(sorted(FORMATS._tried | OPTIMIZERS._tried), file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stderr == "[]\n"


FEW = [
    *((FUNCTIONS, name, FUNCTION_CHECKS) for name in ("mccormick", "reddi")),
    *((FORMATS, name, FORMAT_CHECKS) for name in ("csv", "json", "markdown", "table")),
]


@pytest.mark.parametrize(("kind", "name", "all_checks"), FEW, ids=[name for _, name, _ in FEW])
def test_what_comes_with_the_package_passes_the_same_checks(kind, name, all_checks):
    for check in all_checks:
        assert not checked(check, kind.get(name)).finding


@pytest.mark.parametrize("kind", CATALOGS, ids=lambda kind: kind.kind)
def test_every_declaration_of_the_package_is_one(kind):
    for name, declared in kind.known().items():
        plugin = catalog.Plugin("test")
        with pytest.raises(AdambenchError, match="adambench has that itself"):
            kind.check(declared, plugin)
        assert kind.check(replace(declared, name=f"my-{name}"), plugin).name == f"my-{name}"


TRANSFORM = """\
import numpy as np

from adambench.function import Data
from adambench.transform import Transform


def slope(LANES):
    def foo(gradient, loss, t, stream, seeds, reals, integers, work):
        for i in range(gradient.shape[0]):
            for lane in range(LANES):
                gradient[i, lane] *= FACTOR

    return foo


TRANSFORM = Transform(
    name="foo",
    summary="s",
    formula="f",
    source="x",
    parameters=(),
    prepare=lambda dimension, settings: Data(np.zeros(1), np.zeros(1, np.int64), 0),
    slope=slope,
)
"""


def test_a_transform_that_does_not_compile_is_one_sentence_with_its_line(tmp_path, monkeypatch, call):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "t.yaml").write_text("name: t\nfunction: sphere\nbudget: 9\noptimizers: [sgd]\ntransforms: [foo: {}]\n")
    for factor, said in (
        ("np.nosuch(1.0)", "AttributeError: module 'numpy' has no"),
        ("one", "NameError: name 'one' is"),
    ):
        (tmp_path / "foo.py").write_text(TRANSFORM.replace("FACTOR", factor))
        code, _, err = call("run", "t.yaml", "--plugin", "foo.py")
        assert (code, err.count("\n")) == (2, 1)
        assert err.startswith(f"error: plug-in foo.py:11: {said}")


def test_a_transform_is_looked_at_and_its_file_is_in_the_hash(tmp_path, monkeypatch, call):
    monkeypatch.chdir(tmp_path)
    hashes = []
    for factor in ("2.0", "1.0"):
        (tmp_path / "foo.py").write_text(TRANSFORM.replace("FACTOR", factor))
        code, out, _ = call("validate", "--plugin", "foo.py")
        assert (code, "disagrees with central differences" in out) == ((1, True) if factor == "2.0" else (0, False))
        hashes.append(read("{name: p, function: sphere, transforms: [foo: {}]}", "p", None).hash)
    assert hashes[0] != hashes[1]


def test_a_package_of_the_current_folder_is_a_module(folder, call):
    (folder / "mypkg").mkdir()
    (folder / "mypkg" / "__init__.py").write_text(OPTIMIZER)
    code, out, _ = call("list", "optimizers", "--plugin", "mypkg")
    assert (code, "cautious" in out.split()) == (0, True)
