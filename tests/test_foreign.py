"""Somebody else's optimizers, driven in a child process: what they do right, and everything they can do wrong."""

from __future__ import annotations

import gc
import importlib.util
import json
import os
import select
import signal
import subprocess
import sys
import textwrap

import numpy as np
import pytest

from adambench.errors import AdambenchError
from adambench.foreign import process as process_module
from adambench.foreign import worker as worker_module
from adambench.foreign.arguments import arguments
from adambench.foreign.message import pack, unpack
from adambench.foreign.worker import ImplementationError, Worker

CURVATURE = np.array([1.0, 10.0, 1e-3])
START = np.array([1.0, -2.0, 0.5])

SOUND = """
import numpy as np

LIMIT = 3

class Momentum:
    def __init__(self, lr=0.01, momentum=0.9, nesterov=False, name="m"):
        self.lr, self.momentum, self.nesterov = lr, momentum, nesterov

    def init(self, x):
        return {"v": np.zeros_like(x), "t": 0}

    def step(self, x, gradient, state, rate=1.0):
        v = self.momentum * state["v"] + gradient
        return x - rate * self.lr * v, {"v": v, "t": state["t"] + 1}

class Plain:
    lr = 0.5
    def init(self, x):
        return None
    def step(self, x, gradient, state):
        return x - self.lr * gradient, state

class Losing(Plain):
    def step(self, x, gradient, state, loss):
        return x - loss, state

def factory(lr, momentum=0.5):
    return Momentum(lr, momentum)

def number(lr=1.0):
    return lr

class Open(Plain):
    def __init__(self, **options):
        self.lr = options["lr"]

ready = Plain()
ready.lr = 0.25
"""

# Each is the body of a class: what it does wrong, and the end of the sentence that says so.
WRONG = {
    "raises at init": (
        "def init(self, x):\n    raise ValueError('no such start\\nmore')",
        " at init raised ValueError: no such start (bad.py, line 9)",
    ),
    "raises when made": (
        "def __init__(self):\n    raise OSError('no disk')",
        " at init raised OSError: no disk (bad.py, line 9)",
    ),
    "raises at step 3": (
        "def step(self, x, g, s):\n    if s == 2:\n        raise KeyError('m')\n    return x - g, s + 1",
        " at step 3 raised KeyError: 'm' (bad.py, line 10)",
    ),
    "raises without words": (
        "def step(self, x, g, s):\n    raise RuntimeError",
        " at step 1 raised RuntimeError (bad.py, line 9)",
    ),
    "raises what cannot be told": (
        "def step(self, x, g, s):\n    class E(Exception):\n        def __str__(self): raise OSError\n    raise E",
        " at step 1 raised E (bad.py, line 11)",
    ),
    "wrong shape": (
        "def step(self, x, g, s):\n    return x[:2], s",
        " at step 1 returned an x of shape (2,), not (3,)",
    ),
    "wrong dtype": (
        "def step(self, x, g, s):\n    return x.astype(np.float32), s",
        " at step 1 returned an x of float32, not float64",
    ),
    "complex": (
        "def step(self, x, g, s):\n    return x + 0j, s",
        " at step 1 returned an x of complex128, not float64",
    ),
    "a list": (
        "def step(self, x, g, s):\n    return list(x), s",
        " at step 1 returned a value of type list as x, not an array",
    ),
    "no pair": ("def step(self, x, g, s):\n    return x", " at step 1 returned a value of type ndarray, not the pair"),
    "nothing": ("def step(self, x, g, s):\n    pass", " at step 1 returned None, not the pair (x, state)"),
    "changes the gradient": (
        "def step(self, x, g, s):\n    g *= 2\n    return x - g, s",
        " at step 1 changed the gradient it was given",
    ),
    "changes x": ("def step(self, x, g, s):\n    x -= g\n    return x, s", " at step 1 changed the x it was given"),
    "changes x at init": ("def init(self, x):\n    x[0] = 7", " at init changed the x it was given"),
    "takes too few": ("def step(self, x):\n    return x", " at step 1 raised TypeError: "),
    "sys.exit": ("def step(self, x, g, s):\n    sys.exit('bye')", " at step 1 called sys.exit('bye')"),
    "os._exit": ("def step(self, x, g, s):\n    os._exit(7)", " at step 1 ended its process, with exit code 7"),
    "os._exit(0) at init": ("def init(self, x):\n    os._exit(0)", " at init ended its process, with exit code 0"),
    "segfault": ("def step(self, x, g, s):\n    ctypes.string_at(0)", " at step 1 crashed its process: SIGSEGV"),
    "killed": (
        "def step(self, x, g, s):\n    os.kill(os.getpid(), signal.SIGKILL)",
        " at step 1 crashed its process: SIGKILL",
    ),
    "closes every file": (
        "def step(self, x, g, s):\n    os.closerange(3, 99)\n    while True: pass",
        " at step 1 closed the pipe to adambench",
    ),
    "hangs": ("def step(self, x, g, s):\n    while True: pass", " at step 1 took longer than 1 s"),
    "hangs with the lock": (
        "def step(self, x, g, s):\n    re.match('(a+)+$', 'a' * 60 + 'b')",
        " at step 1 took longer than 1 s",
    ),
}
HEAD = "import ctypes, os, re, signal, sys\nimport numpy as np\nclass Bad:\n{0}\n"


@pytest.fixture
def folder(tmp_path, monkeypatch):
    (tmp_path / "sound.py").write_text(SOUND)
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("PYTHONPATH", raising=False)
    return tmp_path


def descend(worker, steps=5, rate=1.0, x=START):
    points = []
    for _ in range(steps):
        x = worker.step(CURVATURE * x, rate)
        points.append(x)
    return points


def drive(worker):
    worker.begin({}, START, (3,))
    descend(worker)


def gone(pid):
    """Whether no process, not even a dead one that nobody has waited for, has this number."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    return False


# What they do right


def test_a_class_is_made_with_its_hyperparameters_and_stepped(folder):
    with Worker("sound.Momentum") as worker:
        assert (worker.kind, worker.library) == ("protocol", "sound")
        found = worker.begin({"lr": 0.05}, START, (3,))
        assert found == {"lr": 0.05, "momentum": 0.9, "nesterov": False}
        assert not worker.watched
        x, v = START, np.zeros(3)
        for _ in range(10):
            v = 0.9 * v + CURVATURE * x
            next_x = x - 0.5 * 0.05 * v
            found_x = worker.step(CURVATURE * x, rate=0.5)
            np.testing.assert_array_equal(found_x, next_x)
            np.testing.assert_array_equal(worker.point(), next_x)
            assert found_x.dtype == np.float64
            x = next_x
        assert 0 < worker.seconds < 10
        found_x[:] = 0  # ours to change


@pytest.mark.parametrize(
    ("name", "values", "expected"),
    [
        ("sound.Plain", {}, {}),
        ("sound.ready", {}, {"lr": 0.25}),
        ("sound.factory", {"lr": 0.1}, {"lr": 0.1, "momentum": 0.5}),
        ("sound.Open", {"lr": 0.1}, {"lr": 0.1}),
        ("module", {}, {"lr": 0.125}),
    ],
)
def test_classes_objects_factories_and_modules(folder, name, values, expected):
    (folder / "module.py").write_text(
        "lr = 0.125\ndef init(x):\n    return ()\ndef step(x, gradient, state):\n    return x - lr * gradient, ()\n"
    )
    with Worker(name) as worker:
        assert worker.begin(values, START, (3,)) == expected
        lr = {"sound.Plain": 0.5}.get(name) or expected["lr"]
        np.testing.assert_array_equal(worker.step(CURVATURE), START - lr * CURVATURE)


def test_a_package_and_its_submodules(folder):
    (folder / "mypkg").mkdir()
    (folder / "mypkg" / "__init__.py").write_text("__version__ = '1.2'\n")
    (folder / "mypkg" / "opt.py").write_text(SOUND)
    with Worker("mypkg.opt.Momentum") as worker:
        assert worker.library == "mypkg 1.2"


def test_the_shape_and_precision_it_is_given(folder):
    (folder / "shaped.py").write_text(
        SOUND.replace("return None", "assert x.shape == (3, 2) and x.dtype == np.float32").replace("0.5", "0.1")
    )
    with Worker("shaped.Plain") as worker:
        x = np.arange(6.0) / 3
        worker.begin({}, x, (3, 2), "float32")
        found = worker.step(np.ones(6))
        np.testing.assert_array_equal(found, np.float64(x.astype(np.float32) - 0.1 * np.ones(6, np.float32)))


def test_the_loss_is_given_where_it_is_wanted(folder):
    with Worker("sound.Losing") as worker:
        worker.begin({}, START, (3,))
        np.testing.assert_array_equal(worker.step(CURVATURE, loss=0.25), START - 0.25)


def test_each_begin_is_fresh(folder):
    with Worker("sound.Momentum") as worker:
        runs = []
        for _ in range(2):
            worker.begin({}, START, (3,))
            runs.append(descend(worker))
        np.testing.assert_array_equal(*runs)


def test_saved_and_restored_is_uninterrupted(folder):
    with Worker("sound.Momentum") as worker:
        worker.begin({}, START, (3,))
        x = descend(worker)[-1]
        worker.save()
        onward = descend(worker, x=x)
        worker.restore()
        np.testing.assert_array_equal(descend(worker, x=x), onward)
        worker.begin({}, START, (3,))
        with pytest.raises(ValueError, match="without a save"):
            worker.restore()


@pytest.mark.parametrize(
    ("state", "found"),
    [
        ("{'t': 4}", 4),
        ("{'steps': np.int32(4), 'k': 2}", 4),
        ("(np.zeros(3), 4)", 4),
        ("[4, np.zeros(3)]", 4),
        ("types.SimpleNamespace(step=4)", 4),
        ("collections.namedtuple('S', 'm t')(0.0, 4)", 4),
        ("(3, 4)", None),
        ("(True, 1.5)", None),
        ("{'t': 1.5}", None),
        ("None", None),
    ],
)
def test_the_counter_in_the_state(folder, state, found):
    (folder / "counting.py").write_text(
        f"import collections, types\nimport numpy as np\nclass C:\n    def init(self, x):\n        return {state}\n"
        "    def step(self, x, g, s):\n        return x, s\n"
    )
    with Worker("counting.C") as worker:
        worker.begin({}, START, (3,))
        assert worker.count() == found
        assert worker.count(2**24 + 1) == (None if found is None else 2**24 + 1)
        assert worker.count() == (None if found is None else 2**24 + 1)


def test_what_is_not_finite_is_passed_on(folder):
    with Worker("sound.Plain") as worker:
        worker.begin({}, START, (3,))
        gradient = np.array([np.nan, np.inf, -np.inf])
        np.testing.assert_array_equal(worker.step(gradient, loss=np.nan), START - 0.5 * gradient)


def test_prints_and_warnings_stay_out_of_standard_output(folder, capfd):
    (folder / "loud.py").write_text(
        "import os\nprint('importing')\nfrom sound import Plain\nclass Loud(Plain):\n    def init(self, x):\n"
        "        os.write(1, b'raw\\n'); os.system('echo shell'); print('init')\n"
    )
    with Worker("loud.Loud") as worker:
        worker.begin({}, START, (3,))
        worker.step(CURVATURE)
    out, err = capfd.readouterr()
    assert out == ""
    assert err.split() == ["importing", "raw", "shell", "init"]


# What they do wrong


@pytest.mark.parametrize("case", WRONG)
def test_one_sentence_for_each_fault(folder, case, monkeypatch):
    monkeypatch.setattr(process_module, "LINGER", 0.5 if case == "closes every file" else process_module.LINGER)
    body, sentence = WRONG[case]
    own = "" if "def init" in body else "    def init(self, x):\n        return 0\n"
    own += "    def step(self, x, g, s):\n        return x - g, s + 1\n" if "def step" not in body else ""
    # The body comes last, at line 8, whatever stands before it.
    head = HEAD.format(own.rstrip("\n")).rstrip("\n").split("\n")
    text = "\n".join(head + [""] * (7 - len(head))) + "\n" + textwrap.indent(body, "    ") + "\n"
    (folder / "bad.py").write_text(text)
    with Worker("bad.Bad", timeout=1 if "hangs" in case else None) as worker:
        pid = worker._process.popen.pid
        with pytest.raises(ImplementationError) as caught:
            drive(worker)
        message = str(caught.value)
        assert message.startswith("bad.Bad" + sentence)
        assert "\n" not in message
        assert caught.value.exit_code == 4
        if worker._process is None:
            assert gone(pid)
            with pytest.raises(ImplementationError, match=r"^bad.Bad at (step|init)"):
                worker.point()
    assert gone(pid)


def test_a_fault_does_not_stop_the_next_trial(folder):
    (folder / "bad.py").write_text(
        "import os\nfrom sound import Plain\nclass Bad(Plain):\n    def step(self, x, gradient, state):\n"
        "        if gradient[0] > 5:\n            os._exit(1)\n        return x - gradient, state\n"
    )
    with Worker("bad.Bad") as worker:
        worker.begin({}, START, (3,))
        worker.step(np.ones(3))
        before = worker.seconds
        with pytest.raises(ImplementationError, match=r"^bad.Bad at step 2 ended its process, with exit code 1$"):
            worker.step(np.full(3, 9.0))
        worker.begin({}, START, (3,))
        np.testing.assert_array_equal(worker.step(np.ones(3)), START - 1)
        assert worker.seconds > before


@pytest.mark.parametrize(("where", "seconds"), [("import", "2"), ("init", "0.1")])
def test_a_hang_while_it_is_made_is_cut_too(folder, monkeypatch, where, seconds):
    monkeypatch.setattr(worker_module, "PATIENCE", 2.0)
    endless = "while True: pass"
    (folder / "bad.py").write_text(
        f"from sound import Plain as Bad\n{endless if where == 'import' else ''}\n"
        f"class Slow(Bad):\n    def init(self, x):\n        {endless}\n"
    )

    def made():
        with Worker("bad.Slow", timeout=0.1) as worker:
            worker.begin({}, START, (3,))

    with pytest.raises(ImplementationError, match=rf"^bad.Slow at {where} took longer than {seconds} s$"):
        made()


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("raise RuntimeError('not today')", "bad.Bad at import raised RuntimeError: not today (bad.py, line 1)"),
        ("def", "bad.Bad at import raised SyntaxError: invalid syntax (bad.py, line 1)"),
        ("import sys; sys.exit(3)", "bad.Bad at import called sys.exit(3)"),
        ("import os; os._exit(3)", "bad.Bad at import ended its process, with exit code 3"),
    ],
)
def test_an_import_that_fails(folder, text, sentence):
    (folder / "bad.py").write_text(text)
    with pytest.raises(ImplementationError) as caught:
        Worker("bad.Bad")
    assert str(caught.value) == sentence


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("nowhere.Adam", "nowhere.Adam: there is no module 'nowhere' in the current folder nor among the installed"),
        ("sound.Momentun", "sound.Momentun: sound has no 'Momentun' (did you mean Momentum?)"),
        ("sound.Plain.lr.x", "sound.Plain.lr.x: sound.Plain.lr has no 'x'"),
        ("os.path.nothing", "os.path.nothing: os.path has no 'nothing'"),
        ("sound.LIMIT", "sound.LIMIT is no optimizer but a int: expected a torch.optim.Optimizer subclass, an optax"),
        ("sound.number", "sound.number is no optimizer but a function: expected"),
        ("collections.OrderedDict", "collections.OrderedDict is no optimizer but a class: expected"),
        ("sound", "sound is no optimizer but a module: expected"),
        ("sound.", "sound.: expected a dotted name such as torch.optim.Adam"),
        ("bare.Adam", "torch is not installed: pip install 'adambench[torch]'"),
        ("needy.Adam", "needy.Adam: nowhere is not installed, which it imports"),
    ],
)
def test_a_name_that_is_none(folder, name, sentence):
    (folder / "bare.py").write_text("raise ModuleNotFoundError(\"No module named 'torch'\", name='torch')\n")
    (folder / "needy.py").write_text("import nowhere.within\n")
    with pytest.raises(AdambenchError) as caught:
        Worker(name)
    assert str(caught.value).startswith(sentence)
    assert caught.value.exit_code == 2
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("name", "missing", "extra"),
    [
        ("torch.optim.Adam", "torch", "torch"),
        ("optax.adam", "optax", "optax"),
        ("optax.adam", "jax", "optax"),
        ("keras.optimizers.Adam", "keras", "keras"),
        ("keras.optimizers.Adam", "torch", "keras"),
    ],
)
def test_a_missing_library_names_its_extra(folder, name, missing, extra):
    # The current folder is first on the path: these stand-ins are imported instead of what may be installed.
    root = name.split(".")[0]
    (folder / f"{missing}.py").write_text(f"raise ModuleNotFoundError('none', name={missing!r})\n")
    if root != missing:
        (folder / f"{root}.py").write_text(f"import {missing}\n")
    with pytest.raises(AdambenchError) as caught:
        Worker(name)
    assert str(caught.value) == f"{missing} is not installed: pip install 'adambench[{extra}]'"
    assert caught.value.exit_code == 2


@pytest.mark.parametrize(
    ("name", "values", "sentence"),
    [
        (
            "sound.Momentum",
            {"momentun": 0.1},
            "sound.Momentum has no hyperparameter 'momentun' (did you mean momentum?); "
            "it has lr, momentum, nesterov, name",
        ),
        ("sound.Plain", {"lr": 0.1}, "sound.Plain has no hyperparameter 'lr'; it has none that can be set"),
        (
            "sound.ready",
            {"lr": 0.1},
            "sound.ready takes no hyperparameters: it is an object, neither a class nor a fac",
        ),
        ("sound.factory", {}, "sound.factory has no default for lr: give one, as in sound.factory:lr=0.01"),
    ],
)
def test_hyperparameters_it_does_not_have(folder, name, values, sentence):
    with Worker(name) as worker:
        with pytest.raises(AdambenchError) as caught:
            worker.begin(values, START, (3,))
        assert str(caught.value).startswith(sentence)
        assert caught.value.exit_code == 2


def test_a_schedule_needs_a_parameter_for_it(folder):
    with Worker("sound.Plain") as worker:
        worker.begin({}, START, (3,))
        with pytest.raises(ImplementationError, match=r"^sound.Plain at step 1 cannot follow a schedule: .*`rate`$"):
            worker.step(CURVATURE, rate=0.5)


def test_a_state_that_cannot_be_saved(folder):
    (folder / "bad.py").write_text(
        "from sound import Plain\nclass Bad(Plain):\n    def init(self, x):\n        return lambda: x\n"
    )
    with Worker("bad.Bad") as worker:
        worker.begin({}, START, (3,))
        with pytest.raises(ImplementationError, match=r"^bad.Bad after step 0 has a state that cannot be saved: "):
            worker.save()


def test_a_gradient_of_another_size_is_our_own_mistake(folder):
    with Worker("sound.Plain") as worker:
        worker.begin({}, START, (3,))
        with pytest.raises(ValueError, match="expected 3 numbers, got 2"):
            worker.step(np.ones(2))


# The process


def test_it_is_ended_however_it_is_left(folder):
    first = Worker("sound.Plain")
    pid = first._process.popen.pid
    first.close()
    first.close()
    assert gone(pid)
    with pytest.raises(ImplementationError, match="has been closed"):
        first.point()
    dropped = Worker("sound.Plain")
    pid = dropped._process.popen.pid
    del dropped
    gc.collect()
    assert gone(pid)


def test_what_it_starts_is_ended_with_it(folder):
    (folder / "forking.py").write_text(
        "import os, time\nfrom sound import Plain\nclass Forking(Plain):\n    def init(self, x):\n"
        "        if os.fork() == 0:\n            os.write(os.open('sign', os.O_WRONLY), b'x')\n"
        "            time.sleep(600)\n"
    )
    os.mkfifo(folder / "sign")
    with Worker("forking.Forking") as worker:
        worker.begin({}, START, (3,))
        sign = open(folder / "sign", "rb", buffering=0)  # noqa: SIM115
        assert sign.read(1) == b"x"
        np.testing.assert_array_equal(worker.step(CURVATURE), START - 0.5 * CURVATURE)
    with sign:
        assert select.select([sign], [], [], 60)[0]
        assert sign.read() == b""  # its last writer is gone


def test_interruptions_are_the_parents(folder):
    with Worker("sound.Plain") as worker:
        worker.begin({}, START, (3,))
        worker._process.popen.send_signal(signal.SIGINT)
        np.testing.assert_array_equal(worker.step(CURVATURE), START - 0.5 * CURVATURE)
        assert os.getsid(worker._process.popen.pid) != os.getsid(0)


def test_it_ends_with_its_parent_even_in_an_endless_loop(folder):
    (folder / "bad.py").write_text(
        "import sys\nfrom sound import Plain\nclass Bad(Plain):\n    def init(self, x):\n"
        "        print('looping', file=sys.stderr, flush=True)\n        while True: pass\n"
    )
    drive = (
        "import numpy as np\nfrom adambench.foreign.worker import Worker\n"
        "Worker('bad.Bad').begin({}, np.ones(3), (3,))\n"
    )
    parent = subprocess.Popen([sys.executable, "-c", drive], stdin=subprocess.DEVNULL, stderr=subprocess.PIPE)
    assert parent.stderr.readline() == b"looping\n"
    parent.kill()
    # Standard error ends when the last process that holds it does.
    _, rest = parent.communicate(timeout=120)
    assert rest == b""


def test_the_child_imports_little(folder):
    heavy = "import sys, adambench.foreign.child\nprint(sorted(m for m in sys.modules if m.startswith('adambench')))\n"
    heavy += "print([m for m in ('numba', 'torch', 'jax', 'keras', 'scipy', 'yaml', 'click') if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", heavy], capture_output=True, text=True, check=True)
    ours, others = done.stdout.split("\n")[:2]
    assert others == "[]"
    assert not [m for m in json.loads(ours.replace("'", '"')) if m.count(".") and "foreign" not in m.split(".")][2:]


def test_a_folder_that_hides_us_does_not_matter(folder):
    for name in ("adambench", "numba", "message"):
        (folder / f"{name}.py").write_text("raise RuntimeError('not this one')\n")
    with Worker("sound.Plain") as worker:
        worker.begin({}, START, (3,))


def test_messages_keep_every_number():
    header = {"a": 0.1 + 0.2, "b": float("inf"), "c": 5e-324, "d": [True, None]}
    assert unpack(pack(header, b"\x00\xff{")) == (header, b"\x00\xff{")
    assert unpack(pack({})) == ({}, b"")


# Names


def test_names_are_translated_both_ways():
    def tuples(lr=0.1, betas=(0.9, 0.999), eps=(None, 1e-3), history_size=10, foreach=None):
        pass

    known = arguments("tuples", tuples)
    assert known.ours({}) == {"lr": 0.1, "beta1": 0.9, "beta2": 0.999, "eps2": 1e-3, "history_size": 10.0}
    assert known.theirs({"beta2": 0.5, "eps1": 1e-9, "history_size": 4.0}) == {
        "betas": (0.9, 0.5),
        "eps": (1e-9, 1e-3),
        "history_size": 4,
    }
    assert isinstance(known.theirs({"history_size": 4.0})["history_size"], int)


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        ("lr", "learning_rate"),
        ("beta1", "b1"),
        ("beta2", "beta_2"),
        ("eps", "epsilon"),
        ("initial_accumulator", "initial_accumulator_value"),
        ("decoupled", "weight_decouple"),
        ("rho", "rho"),
    ],
)
def test_our_names_and_theirs_are_both_taken(ours, theirs):
    namespace = {}
    exec(f"def rule({theirs}=0.5): pass", namespace)
    known = arguments("rule", namespace["rule"])
    assert known.theirs({ours: 0.25}) == known.theirs({theirs: 0.25}) == {theirs: 0.25}
    assert known.ours({}) == {ours: 0.5}


def test_alpha_is_rho_in_an_rmsprop_only():
    class RMSpropTF:
        def __init__(self, alpha=0.9):
            pass

    def averaged(alpha=0.75):
        pass

    assert arguments("mine.RMSpropTF", RMSpropTF).ours({}) == {"rho": 0.9}
    assert arguments("mine.averaged", averaged).ours({}) == {"alpha": 0.75}


def test_what_a_class_hands_on_is_taken_from_its_base():
    class Base:
        def __init__(self, lr=0.1, beta=0.9):
            pass

    class Derived(Base):
        def __init__(self, beta=0.5, **options):
            super().__init__(beta=beta, **options)

    known = arguments("Derived", Derived)
    assert known.ours({}) == {"beta": 0.5, "lr": 0.1}
    with pytest.raises(AdambenchError, match="no hyperparameter 'eps'"):
        known.theirs({"eps": 0.1})


# The libraries: each called directly, in a process of its own

ORACLE = {
    "torch": """
import torch
torch.set_default_dtype(torch.float64)
torch.set_num_threads(1)
def run(target, options, x, curvature, steps, rates):
    p = torch.nn.Parameter(torch.tensor(x))
    options = {k: tuple(v) if isinstance(v, list) else v for k, v in options.items()}
    o = target([p], **options)
    lr = o.param_groups[0]["lr"]
    watched = hasattr(o, "eval")
    if watched: o.train()
    found = []
    for t in range(steps):
        p.grad = torch.tensor(curvature) * p.detach()
        o.param_groups[0]["lr"] = lr * rates[t]
        o.step(lambda: torch.tensor(0.0)) if target.__name__ == "LBFGS" else o.step()
        found.append(p.detach().tolist())
    if watched: o.eval()
    return found, p.detach().tolist()
""",
    "optax": """
import os
os.environ["XLA_FLAGS"] = "--xla_cpu_max_isa=AVX"
import jax
jax.config.update("jax_enable_x64", True)
import jax.numpy as jnp, numpy as np, optax, optax.contrib
def run(target, options, x, curvature, steps, rates):
    table = jnp.array([*rates, 0.0])
    if rates[0] != rates[-1]:
        lr = options.pop("learning_rate")
        options["learning_rate"] = lambda count: lr * table[count]
    o = target(**options)
    x, found = jnp.array(x), []
    s = o.init(x)
    @jax.jit
    def update(g, s, x):
        u, s = o.update(g, s, x)
        return optax.apply_updates(x, u), s
    for t in range(steps):
        x, s = update(jnp.array(np.array(curvature) * np.array(x)), s, x)
        found.append(x.tolist())
    watched = isinstance(s, optax.contrib.ScheduleFreeState)
    return found, (optax.contrib.schedule_free_eval_params(s, x) if watched else x).tolist()
""",
    "keras": """
import os
os.environ["KERAS_BACKEND"] = "torch"
import keras, numpy as np
def run(target, options, x, curvature, steps, rates):
    v, o, found = keras.Variable(np.array(x), dtype="float64"), target(**options), []
    lr = options["learning_rate"]
    for t in range(steps):
        if rates[t] != 1: o.learning_rate = lr * rates[t]
        o.apply([keras.ops.convert_to_tensor(np.array(curvature) * v.numpy(), dtype="float64")], [v])
        found.append(v.numpy().tolist())
    return found, found[-1]
""",
}
MAIN = """
import importlib, json, sys
answers = []
for name, options, *more in json.loads(sys.argv[1]):
    module, _, attribute = name.rpartition(".")
    answers.append(run(getattr(importlib.import_module(module), attribute), options, *more))
print(json.dumps(answers))
"""
STEPS = 60
CONSTANT, FALLING = [1.0] * STEPS, [0.97**t for t in range(STEPS)]
DIRECT = {
    "torch": [
        ("torch.optim.Adam", {}, {}, CONSTANT),
        (
            "torch.optim.Adam",
            {"beta1": 0.8, "eps": 1e-3, "amsgrad": True},
            {"betas": [0.8, 0.999], "eps": 1e-3, "amsgrad": True},
            FALLING,
        ),
        (
            "torch.optim.Adam",
            {"weight_decay": 0.1, "decoupled": True},
            {"weight_decay": 0.1, "decoupled_weight_decay": True},
            CONSTANT,
        ),
        ("torch.optim.RMSprop", {"rho": 0.9, "momentum": 0.5}, {"alpha": 0.9, "momentum": 0.5}, FALLING),
        (
            "torch.optim.SGD",
            {"lr": 0.1, "momentum": 0.9, "nesterov": True},
            {"lr": 0.1, "momentum": 0.9, "nesterov": True},
            CONSTANT,
        ),
        ("torch.optim.Adagrad", {"initial_accumulator": 0.1}, {"initial_accumulator_value": 0.1}, CONSTANT),
        ("torch.optim.NAdam", {}, {}, CONSTANT),
        ("torch.optim.LBFGS", {"max_iter": 1, "lr": 0.5}, {"max_iter": 1, "lr": 0.5}, CONSTANT),
    ],
    "optax": [
        ("optax.adam", {"lr": 0.01}, {"learning_rate": 0.01}, CONSTANT),
        ("optax.adam", {"lr": 0.01, "beta1": 0.8}, {"learning_rate": 0.01, "b1": 0.8}, FALLING),
        ("optax.rmsprop", {"lr": 0.01, "rho": 0.8}, {"learning_rate": 0.01, "decay": 0.8}, FALLING),
        ("optax.adamw", {"lr": 0.01, "weight_decay": 0.1}, {"learning_rate": 0.01, "weight_decay": 0.1}, CONSTANT),
        ("optax.contrib.schedule_free_adamw", {"lr": 0.01}, {"learning_rate": 0.01}, CONSTANT),
        ("optax.contrib.prodigy", {}, {}, CONSTANT),
    ],
    "keras": [
        ("keras.optimizers.Adam", {"lr": 0.01}, {"learning_rate": 0.01}, CONSTANT),
        (
            "keras.optimizers.Adam",
            {"lr": 0.01, "beta1": 0.8, "eps": 1e-3},
            {"learning_rate": 0.01, "beta_1": 0.8, "epsilon": 1e-3},
            FALLING,
        ),
        ("keras.optimizers.SGD", {"lr": 0.01, "momentum": 0.9}, {"learning_rate": 0.01, "momentum": 0.9}, FALLING),
        ("keras.optimizers.AdamW", {"lr": 0.01}, {"learning_rate": 0.01}, CONSTANT),
    ],
    "schedulefree": [("schedulefree.AdamWScheduleFree", {"lr": 0.1}, {"lr": 0.1}, CONSTANT)],
    "pytorch_optimizer": [("pytorch_optimizer.Lion", {"beta1": 0.95}, {"betas": [0.95, 0.99]}, FALLING)],
}


@pytest.fixture(scope="module")
def oracle():
    """oracle(library): what it gives, called directly, for each of its cases: the points and the last eval point."""
    known = {}

    def of(library):
        if library not in known:
            cases = [
                (name, theirs, list(START), list(CURVATURE), STEPS, rates) for name, _, theirs, rates in DIRECT[library]
            ]
            script = ORACLE.get(library, ORACLE["torch"]) + MAIN
            command = [sys.executable, "-c", script, json.dumps(cases)]
            done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
            known[library] = json.loads(done.stdout.splitlines()[-1])
        return known[library]

    return of


@pytest.mark.parametrize("library", DIRECT)
def test_steps_equal_the_library_called_directly(oracle, folder, library):
    if importlib.util.find_spec(library) is None:
        pytest.skip(f"{library} is not installed")
    for (name, values, _, rates), (points, last) in zip(DIRECT[library], oracle(library), strict=True):
        with Worker(name) as worker:
            assert worker.library.startswith(library)
            hyperparameters = worker.begin(values, START, (3,))
            assert {**hyperparameters, **values} == hyperparameters, name
            x = START
            for t in range(STEPS):
                if t == 20:
                    worker.save()
                    for _ in range(3):
                        worker.step(CURVATURE)
                    worker.restore()
                x = worker.step(CURVATURE * x, rate=rates[t])
                np.testing.assert_array_equal(x, points[t], err_msg=f"{name} {values}, step {t + 1}")
                worker.point()  # asking changes nothing
            np.testing.assert_array_equal(worker.point(), last, err_msg=name)
            assert worker.watched == (not np.array_equal(last, points[-1])), name
            if name != "pytorch_optimizer.Lion":
                assert worker.count() in (STEPS, STEPS + 1, None), name
