"""The kernel cache: what it keeps, whom it trusts, and that a run never depends on it."""

from __future__ import annotations

import errno
import hashlib
import json
import os
import pickle
import shutil
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from numba import types

import adambench
from adambench.composition import resolve
from adambench.configuration import parse_list
from adambench.engine import cache
from adambench.engine.assembly import descend_kernel, evaluate_kernel, update_kernel
from adambench.engine.kernel import LANES, _key, compiled, reachable
from adambench.functions import all_functions
from adambench.optimizers import all_optimizers

SPHERE = "name: ball\nfunction: sphere\nbudget: 300\nstart: [1.0, 3.0]\ntargets: [1e-1]\n"
NUMBER = types.float64(types.float64)


@pytest.fixture
def home(tmp_path, monkeypatch):
    """A cache folder that nobody has used yet."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "home"))
    cache.folder.cache_clear()
    yield tmp_path / "home"
    cache.folder.cache_clear()


def add(number):
    def kernel(x):
        return x + number

    return kernel


def kept(home):
    return sorted(file for file in home.rglob("*") if file.is_file())


def key_of(kernel):
    return _key(list(reachable(kernel.function)), kernel.signature)


def fingerprints(report):
    return {row["optimizer"]: [seed["fingerprint"] for seed in row["seeds"]] for row in report.to_dict()["results"]}


APART = """
import json, os, sys
import adambench, adambench.runner
from pathlib import Path
labels = sys.argv[2:]
alone = {}
for number, label in enumerate(labels):
    child = os.fork()
    if not child:
        try:
            report = adambench.run(sys.argv[1], optimizers=label, jobs=1)
            Path(f"{number}.json").write_text(report.to_json())
        finally:
            os._exit(0)
    os.waitpid(child, 0)
Path("together.json").write_text(adambench.run(sys.argv[1], optimizers=labels, jobs=1).to_json())
"""


def test_kernels_compiled_apart_run_together(tmp_path, walk):
    # Forks count their functions alike: left to Numba, kernels of two have one name, and the linker takes the first.
    labels = ["sgd", "nesterov", "adagrad", "rmsprop", "adadelta", "adam"]
    place, elsewhere = tmp_path / "place", tmp_path / "numba"
    place.mkdir()
    (tmp_path / "ball.yaml").write_text(SPHERE)
    adambench.run(tmp_path / "ball.yaml", optimizers="sgd")
    cold = tmp_path / "cold" / cache.folder_name().relative_to(os.environ["XDG_CACHE_HOME"])
    cold.mkdir(mode=0o700, parents=True)
    shutil.copy(cache.folder() / key_of(descend_kernel(1, False, "float64")), cold)  # of a process of its own, too
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", APART, str(tmp_path / "ball.yaml"), *labels],
        env={**os.environ, "XDG_CACHE_HOME": str(tmp_path / "cold"), "NUMBA_CACHE_DIR": str(elsewhere)},
        cwd=place,
        capture_output=True,
        text=True,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert sorted(os.listdir(place)) == [*(f"{number}.json" for number in range(6)), "together.json"]
    assert not elsewhere.exists()
    together = json.loads((place / "together.json").read_text())["results"]
    for number, (label, row) in enumerate(zip(labels, together, strict=True)):
        (alone,) = json.loads((place / f"{number}.json").read_text())["results"]
        assert (row["optimizer"], row["seeds"]) == (label, alone["seeds"])
        x = walk(label, lambda x: 2.0 * x, [1.0, 3.0], 300)[-1]
        assert row["final_loss"]["median"] == x[0] * x[0] + x[1] * x[1]
    assert len(kept(cold)) == 2 + len(labels)


def test_a_run_without_a_cache_is_the_same_with_one_warning(tmp_path):
    (tmp_path / "ball.yaml").write_text(SPHERE)
    shared = tmp_path / "shared"
    open_to_all = shared / cache.folder_name().relative_to(os.environ["XDG_CACHE_HOME"])
    open_to_all.mkdir(parents=True)
    open_to_all.chmod(0o777)
    done = subprocess.run(
        [sys.executable, "-m", "adambench", "run", "ball.yaml", "--optimizers", "adam", "--json"],
        env={**os.environ, "XDG_CACHE_HOME": str(shared)},
        cwd=tmp_path,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0
    assert len(done.stderr.splitlines()) == 1
    assert "others could write to it" in done.stderr
    expected = adambench.run(tmp_path / "ball.yaml", optimizers="adam").to_dict()["results"]
    assert [row["seeds"] for row in json.loads(done.stdout)["results"]] == [row["seeds"] for row in expected]
    assert (kept(shared), sorted(os.listdir(tmp_path))) == ([], ["ball.yaml", "shared"])


def _open(folder, monkeypatch):
    folder.chmod(0o777)


def _readable(folder, monkeypatch):
    folder.chmod(0o755)


def _link(folder, monkeypatch):
    folder.rename(folder.with_name("real"))
    folder.symlink_to(folder.with_name("real"))


def _file(folder, monkeypatch):
    folder.rmdir()
    folder.write_text("")


def _file_for_a_home(folder, monkeypatch):
    (folder / "file").write_text("")
    monkeypatch.setenv("XDG_CACHE_HOME", str(folder / "file"))


def _no_home(folder, monkeypatch):
    monkeypatch.delenv("XDG_CACHE_HOME")
    monkeypatch.setenv("HOME", os.devnull + "/nobody")


def _home_that_is_relative(folder, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", "")
    monkeypatch.setenv("HOME", "nobody")


@pytest.mark.parametrize(
    "spoil",
    [_open, _readable, _link, _file, _file_for_a_home, _no_home, _home_that_is_relative],
    ids=lambda s: s.__name__,
)
def test_a_folder_that_is_not_the_user_s_alone_is_not_used(home, tmp_path, monkeypatch, capsys, spoil):
    path = cache.folder_name()
    path.mkdir(mode=0o700, parents=True)
    spoil(path, monkeypatch)
    (tmp_path / "work").mkdir()
    monkeypatch.chdir(tmp_path / "work")
    assert [compiled(add(number), NUMBER)(2.0) for number in (1.0, 2.0)] == [3.0, 4.0]
    warning = capsys.readouterr().err
    assert warning.startswith("adambench: warning: kernels are compiled anew in each run")
    assert warning.count("\n") == 1
    assert not [file for file in kept(tmp_path) if len(file.name) == 64]
    assert os.listdir(tmp_path / "work") == []


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="the superuser can write anywhere")
def test_a_folder_that_cannot_be_written_is_not_used(home, capsys):
    cache.folder_name().mkdir(mode=0o500, parents=True)
    assert compiled(add(1.0), NUMBER)(2.0) == 3.0
    assert capsys.readouterr().err.count("\n") == 1


def test_a_relative_cache_home_is_ignored(home, tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("XDG_CACHE_HOME", "relative")
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.chdir(tmp_path)
    assert compiled(add(1.0), NUMBER)(2.0) == 3.0
    assert cache.folder().is_relative_to(home / ".cache")
    assert (len(kept(home)), os.listdir(tmp_path), capsys.readouterr().err) == (1, ["home"], "")


def test_kernels_are_for_the_user_s_eyes_only(home):
    before = os.umask(0)
    try:
        assert compiled(add(1.0), NUMBER)(2.0) == 3.0
    finally:
        os.umask(before)
    assert stat.S_IMODE(cache.folder().stat().st_mode) == 0o700
    assert [stat.S_IMODE(file.stat().st_mode) for file in kept(home)] == [0o600]


def _flipped(content, place):
    return content[:place] + bytes([content[place] ^ 1]) + content[place + 1 :]


def _signed(payload):
    return hashlib.sha256(payload).digest() + payload


DAMAGE = {
    "empty": lambda content: b"",
    "half a digest": lambda content: content[:16],
    "a digest alone": lambda content: content[:32],
    "truncated": lambda content: content[: len(content) // 2],
    "one byte short": lambda content: content[:-1],
    "a byte of the digest": lambda content: _flipped(content, 5),
    "a byte of the code": lambda content: _flipped(content, len(content) // 2),
    "no pickle": lambda content: _signed(b"something else"),
    "another pickle": lambda content: _signed(pickle.dumps(("something", "else"))),
}


@pytest.mark.parametrize("kind", DAMAGE)
def test_a_damaged_kernel_is_compiled_anew_and_put_right(home, kind, capsys):
    number = float(list(DAMAGE).index(kind))
    compiled(add(number), NUMBER)
    (file,) = kept(home)
    file.write_bytes(DAMAGE[kind](file.read_bytes()))
    damaged = file.read_bytes()
    assert compiled(add(number), NUMBER)(0.5) == 0.5 + number
    assert kept(home) == [file]
    content = file.read_bytes()
    assert content != damaged
    assert content[:32] == hashlib.sha256(content[32:]).digest()
    assert capsys.readouterr().err == ""


def test_a_kernel_that_somebody_else_wrote_is_not_unpickled(home, tmp_path):
    compiled(add(1.0), NUMBER)
    (file,) = kept(home)

    class Attack:
        def __reduce__(self):
            return os.mkdir, (str(tmp_path / "attacked"),)

    file.write_bytes(bytes(32) + pickle.dumps(Attack()))
    assert compiled(add(1.0), NUMBER)(2.0) == 3.0
    assert not (tmp_path / "attacked").exists()


def test_a_folder_in_place_of_a_kernel_and_a_full_disk_cost_only_the_cache(home, monkeypatch):
    compiled(add(1.0), NUMBER)
    (file,) = kept(home)
    file.unlink()
    file.mkdir()
    assert compiled(add(1.0), NUMBER)(2.0) == 3.0

    def full(*arguments):
        raise OSError(errno.ENOSPC, "full")

    monkeypatch.setattr(os, "replace", full)
    assert compiled(add(7.0), NUMBER)(2.0) == 9.0
    assert kept(home) == []


def test_a_run_over_damaged_kernels_is_the_same(tmp_path, monkeypatch):
    (tmp_path / "ball.yaml").write_text(SPHERE)
    expected = fingerprints(adambench.run(tmp_path / "ball.yaml", optimizers="adam,sgd"))
    updates = [update_kernel(c.optimizer, c.flags, 1, "float64") for c in parse_list("adam,sgd")]
    small = [key_of(kernel) for kernel in (evaluate_kernel(all_functions()["sphere"], 1, "float64"), *updates)]
    large = key_of(descend_kernel(1, False, "float64"))  # takes seconds to compile: it stays whole
    contents = {key: (cache.folder() / key).read_bytes() for key in (large, *small)}
    for key, kind in zip(small, ("truncated", "a byte of the code", "another pickle"), strict=True):
        contents[key] = DAMAGE[kind](contents[key])
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "damaged"))
    cache.folder.cache_clear()
    try:
        for key, content in contents.items():
            (cache.folder() / key).write_bytes(content)
        assert fingerprints(adambench.run(tmp_path / "ball.yaml", optimizers="adam,sgd")) == expected
    finally:
        cache.folder.cache_clear()
    after = {file.name: file.read_bytes() for file in kept(tmp_path / "damaged")}
    assert after.keys() == contents.keys()  # of the same names: these are the kernels that it looked for
    assert {key for key in after if after[key] != contents[key]} == set(small)  # put right


def plug_in(source, name="kernel"):
    """A function as from a user's file; all of them from one file, on the same lines."""
    names = {}
    exec(compile(source, "plugin.py", "exec"), names)
    return names[name]


BODY = "def kernel(x):\n    return x * 2.0\n"
CALL = "def inner(x):\n    return x + 1.0\ndef kernel(x):\n    return inner(x) * 2.0\n"
CLOSED = "def make(k):\n    def kernel(x):\n        return x * k\n    return kernel\nkernel = make(2.0)\n"
GLOBAL = "K = 2.0\ndef kernel(x):\n    return x * K\n"


@pytest.mark.parametrize(
    ("source", "old", "new"),
    [
        (BODY, "2.0", "3.0"),
        (BODY, "*", "+"),
        (CALL, "1.0", "5.0"),
        (CALL, "x +", "x -"),
        (CLOSED, "make(2.0)", "make(4.0)"),
        (GLOBAL, "K = 2.0", "K = 5.0"),
    ],
)
def test_what_makes_other_machine_code_is_another_kernel(home, source, old, new):
    first, second = plug_in(source), plug_in(source.replace(old, new))
    assert first(3.0) != second(3.0)
    for function in (first, second, first, second):
        assert compiled(function, NUMBER)(3.0) == function(3.0)
    assert len(kept(home)) == 2


def test_two_plug_ins_of_one_name_are_two_kernels_and_one_that_is_read_again_is_one(home):
    functions = [plug_in(BODY), plug_in(BODY.replace("2.0", "3.0")), plug_in(BODY)]
    assert [compiled(function, NUMBER)(1.0) for function in functions] == [2.0, 3.0, 2.0]
    assert len(kept(home)) == 2
    assert compiled(functions[0], types.float32(types.float32))(1.0) == 2.0
    assert len(kept(home)) == 3


KEYS = """
import json
from test_cache import every_key
print(json.dumps(every_key()))
"""


def every_key():
    """The cache key of every kernel that a run could need, by what it is made of."""
    kernels = {}
    for precision in ("float32", "float64"):
        for width in (1, LANES):
            for noisy in (False, True):
                kernels["loop", width, noisy, precision] = descend_kernel(width, noisy, precision)
            for name, function in all_functions().items():
                kernels[name, width, precision] = evaluate_kernel(function, width, precision)
            for name, optimizer in all_optimizers().items():
                for dialect in optimizer.dialects:
                    values = {h.name: h.neutral for h in optimizer.everything} | dialect.defaults
                    flags = resolve(optimizer, dialect.flags, values)
                    if optimizer.whole is not None and width > 1:
                        continue  # a step of the whole vector is one lane's
                    kernels[name, dialect.name, width, precision] = update_kernel(optimizer, flags, width, precision)
    return {" ".join(map(str, part)): key_of(kernel) for part, kernel in kernels.items()}


def test_keys_tell_kernels_apart_and_are_the_same_in_every_process():
    keys = every_key()
    for text, key in keys.items():
        others = {text.replace("float32", "float64"), text.replace(f" {LANES} ", " 1 ")} - {text}
        assert key not in [keys[other] for other in others if other in keys], text
    functions = [keys[f"{name} 1 float64"] for name in all_functions()]
    assert len(set(functions)) == len(functions)
    adams = [keys[f"adam {dialect.name} 1 float64"] for dialect in all_optimizers()["adam"].dialects]
    assert len(set(adams)) > 2
    done = subprocess.run(
        [sys.executable, "-c", KEYS],
        cwd=Path(__file__).parent,
        env={**os.environ, "PYTHONHASHSEED": "12345"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert json.loads(done.stdout) == keys


WARM = """
import sys
import adambench
from adambench.runner import Run
from numba.core.typing.typeof import typeof_impl
known, run_problem = [], Run._run_problem
def watched(*arguments):
    known.append(set(typeof_impl.registry))
    return run_problem(*arguments)
Run._run_problem = watched
adambench.run(sys.argv[1], optimizers="sgd", jobs=1)
assert set(typeof_impl.registry) == known[0]
"""


def test_worker_threads_find_all_of_numba_s_types_there(tmp_path):
    # Numba fills this table when it first needs to, and breaks where another thread reads it meanwhile.
    (tmp_path / "ball.yaml").write_text(SPHERE)
    adambench.run(tmp_path / "ball.yaml", optimizers="sgd")
    done = subprocess.run([sys.executable, "-c", WARM, str(tmp_path / "ball.yaml")], capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")
