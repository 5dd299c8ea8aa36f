"""`adambench speed`: it measures what it says, and its peers do the same work. Nothing here depends on a time."""

from __future__ import annotations

import gc
import json
import subprocess
import sys

import numpy as np
import pytest
from click.testing import CliRunner

from adambench.cli.speed import command
from adambench.data.generated import generate
from adambench.data.images import images
from adambench.data.rows import Rows
from adambench.engine.assembly import Assembly
from adambench.errors import AdambenchError, OutputError
from adambench.optimizers import all_optimizers
from adambench.peers import all_peers, find_peers
from adambench.peers.torch import network_of
from adambench.speed import case as case_module
from adambench.speed import timing
from adambench.speed.case import KINDS, Logistic, Noise, Steps, cases, default, update
from adambench.speed.floor import tally
from adambench.speed.ours import work_of
from adambench.speed.table import table
from adambench.speed.timing import Work, measure, median

FAST = ("--seconds", "1e-9", "--repeats", "2")
FEW = ("adamw", "lars", "muon", "sgd", "sophia")
"""An optimizer with slots, one of norms, one of matrices, one with next to nothing, one that asks for curvature."""
WATCHED = 60
"""Steps whose losses are compared: our curve has every one up to 64."""


def no_constants(name):
    raise AssertionError(f"{name} is not JSON")


def run(*arguments):
    """The document of a command that ends well."""
    done = CliRunner().invoke(command, [*arguments, *FAST, "--json"], standalone_mode=False, catch_exceptions=False)
    assert done.return_value == 0
    assert done.stderr == ""
    return json.loads(done.stdout, parse_constant=no_constants)


def process(code, *arguments):
    """`adambench speed` in a process of its own, after `code`."""
    program = (
        f"import sys; {code}\nfrom adambench.cli import main\nsys.argv = ['adambench', 'speed', *sys.argv[1:]]; main()"
    )
    return subprocess.run(
        [sys.executable, "-c", program, *arguments, *FAST], capture_output=True, text=True, check=False
    )


@pytest.fixture(scope="module")
def rows():
    return generate(200, 7, 0.3, 1.0, 0.1, 0)


@pytest.fixture(scope="module")
def assembly():
    return Assembly()


@pytest.fixture(scope="module")
def document():
    few = {name: all_optimizers()[name] for name in FEW}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(case_module, "all_optimizers", lambda: few)
        return run("--max-dimension", "2")


def test_the_document_has_the_optimizers_in_both_precisions_and_every_lane_count(document):
    assert document["schema"] == "adambench/speed/1"
    assert {"python", "numpy", "numba", "cpu", "platform", "jobs", "peers"} <= document["environment"].keys()
    assert [(row["what"], row["dtype"]) for row in document["rows"] if row["kind"] == "updates"] == [
        (f"{name} update", dtype) for name in FEW for dtype in ("float64", "float32")
    ]
    assert [(row["dimension"], row["lanes"]) for row in document["rows"] if row["kind"] == "steps"] == [
        (2, 1),
        (2, 256),
    ]


def test_each_figure_is_the_median_of_positive_samples(document):
    for row in document["rows"]:
        assert len(row["samples"]) == 2
        assert all(sample > 0 for sample in row["samples"])
        assert row["ns"] == pytest.approx(sum(row["samples"]) / 2)
        assert row["peers"] == {}
        elementwise = row["kind"] == "updates" and all_optimizers()[row["what"].split()[0]].rule is not None
        assert (row["floor"] is not None) == elementwise


def test_all_that_is_asked_for_is_measured(rows):
    found = [(case.kind, case.dimension, case.lanes) for case in cases(("steps", "noise", "logistic"), None, rows)]
    assert found == [
        *(("steps", n, 1) for n in (2, 10, 100, 10_000, 1_000_000)),
        *(("steps", n, 256) for n in (2, 10, 100)),
        *(("noise", 100, lanes) for lanes in (1, 256, 256)),
        ("logistic", 7, 1),
    ]
    assert {case.dimension for case in cases(["updates"], None, None)} == {1_000_000, 512 * 512}
    assert [(case.what, case.dtype) for case in cases(["updates"], 2, None)] == [
        (f"{name} update", dtype) for name in all_optimizers() for dtype in ("float64", "float32")
    ]
    assert all(case.dimension <= 99 for case in cases(KINDS, 99, rows))
    assert {case.kind for case in cases(KINDS, 6, rows)} == {"steps", "updates"}


@pytest.mark.parametrize("name", [name for name, optimizer in all_optimizers().items() if optimizer.rule is not None])
def test_the_divisions_and_roots_of_every_elementwise_update_are_counted(name):
    found = tally(default(name))
    assert 0 <= found.divisions <= 2
    assert 0 <= found.roots <= 2
    known = {"sgd": (0, 0), "lion": (0, 0), "adam": (1, 1), "adamax": (1, 0), "adadelta": (1, 2)}
    assert name not in known or (found.divisions, found.roots) == known[name]


def test_works_take_turns_rewound_and_without_collection_and_the_first_two_runs_do_not_count(monkeypatch):
    now, log = 0, []

    def work(name, spent):
        spent = iter(spent)

        def run():
            nonlocal now
            now += next(spent)
            log.append((name, gc.isenabled()))

        return Work(run, units=2, rewind=lambda: log.append((f"rewind {name}", None)))

    monkeypatch.setattr(timing, "perf_counter_ns", lambda: now)
    works = {"a": work("a", [900, 10, 12, 14, 20, 22, 30, 40]), "b": work("b", [900, 20, 26, 60, 2])}
    found = measure(works, seconds=20e-9, repeats=3)
    assert found == {"a": [6.5, 10.5, 17.5], "b": [13.0, 30.0, 1.0]}
    assert [name for name, _ in log] == [f"{r}{n}" for n in "abab" for r in ("rewind ", "")] + [
        f"{r}{n}" for n in "aabaabaab" for r in ("rewind ", "")
    ]
    assert [collecting for name, collecting in log if name in "ab"] == [True] * 4 + [False] * 9
    assert gc.isenabled()
    assert (median([3.0, 1.0, 2.0]), median([1.0, 4.0])) == (2.0, 2.5)


def losses(case, assembly):
    """(steps, lanes) of our work, run twice: what rewinding forgets would change the second."""
    work = work_of(case, assembly)
    work.run()
    work.rewind()
    return np.concatenate([lanes.curve[:WATCHED] for lanes in work.run()], axis=1)


@pytest.mark.parametrize("lanes", [1, 256])
@pytest.mark.parametrize("dimension", [2, 100])
def test_our_steps_are_adam_on_rosenbrock_as_torch_has_it(dimension, lanes, assembly):
    torch = pytest.importorskip("torch")
    case = Steps(dimension, lanes)
    theirs = torch.stack(all_peers()["torch"].works(case)["torch"].run()).numpy().reshape(-1, lanes)[:WATCHED]
    assert len(theirs) > 20
    np.testing.assert_allclose(losses(case, assembly)[: len(theirs)], theirs, rtol=1e-12)


def test_our_noisy_steps_share_noise_where_told_and_nowhere_else(assembly):
    # Adam's first step is that of the gradient's signs, which the noise does not turn: x_1 is the same in all lanes.
    own, shared = (losses(Noise(100, 256, shared), assembly) for shared in (False, True))
    np.testing.assert_allclose(own[:2], own[:2, :1].repeat(256, axis=1), rtol=1e-13)
    assert np.unique(own[10]).size == 256
    rates = np.array(Noise(100, 256, True).rates)
    descents = (shared[0] - shared[WATCHED - 1]) / rates
    np.testing.assert_allclose(descents, descents[0], rtol=1e-3)
    assert np.unique(shared[1]).size == 256


def test_our_update_is_the_optimizer_s_own(assembly):
    case = update("sgd", 1000, "float64")
    gradient, x = case.vectors()
    work = work_of(case, assembly)
    work.run()
    np.testing.assert_allclose(work.run().x, x - 2 * 1e-3 * gradient, rtol=1e-14)


# 1e-9: torch's NAdam keeps the product of its momenta in float32.
@pytest.mark.parametrize(("dtype", "tolerance"), [("float64", 1e-9), ("float32", 1e-5)])
@pytest.mark.parametrize("name", sorted(all_optimizers()))
def test_every_form_that_torch_has_of_an_optimizer_takes_the_same_steps(name, dtype, tolerance, assembly):
    pytest.importorskip("torch")
    case = update(name, 1000, dtype)
    if case.configuration.optimizer.matrices:
        tolerance = 1e-3  # of what torch computes in bfloat16
    forms = all_peers()["torch"].works(case)
    ours = work_of(case, assembly)
    for _ in range(3):
        x = ours.run().x
        for form, work in forms.items():
            work.rewind()
            expected = work.run().detach().numpy().reshape(-1)
            np.testing.assert_allclose(x, expected, rtol=tolerance, atol=tolerance, err_msg=form)


def test_our_minibatch_steps_are_torch_s_where_the_batch_is_all_rows(rows, assembly):
    pytest.importorskip("torch")
    halves = Rows(rows.labels, rows.values * 0.5, rows.indices, rows.starts, rows.features)
    for data in (rows, halves):
        case = Logistic(data, batch=200)
        assert (case.epoch, case.steps) == (1, 1000)
        theirs = all_peers()["torch"].works(case)["torch"]
        for _ in range(case.steps):
            w = theirs.run().detach().numpy()
        (lanes,) = work_of(case, assembly).run()
        np.testing.assert_allclose(lanes.x[:, 0], w, rtol=1e-9)
    assert Logistic(rows, batch=128).epoch == 2


def test_our_steps_of_models_are_torch_s_where_the_batch_is_all_images(assembly, monkeypatch):
    torch = pytest.importorskip("torch")
    small = {"softmax": {}, "mlp": {"layers": (6, 5)}, "cnn": {"channels": (3, 2), "kernel": 3, "dense": (4,)}}
    monkeypatch.setattr(case_module, "MODELS", {model: (settings, 5) for model, settings in small.items()})
    found = cases(["models"], None, None, images(12, 3, 6, 2, 0.1, 0))
    assert [(fit.what, fit.dtype) for fit in found] == [
        (f"{model} step", dtype) for model in small for dtype in ("float32", "float64")
    ]
    for fit in found:
        network, x = network_of(fit), fit.function.draw(0)
        inputs = torch.from_numpy(fit.samples.inputs).reshape(-1, *fit.samples.image)
        expected = torch.nn.functional.cross_entropy(network(inputs), torch.from_numpy(fit.samples.labels).long())
        loss, work = np.zeros(1), np.full((fit.data.work_rows, 1), -1.0)
        arrays = (np.zeros(1, np.int64), fit.data.reals, fit.data.integers, work)
        fit.function.evaluate(1)(x.reshape(-1, 1), np.zeros((x.size, 1)), loss, 0, *arrays)
        assert loss[0] == pytest.approx(expected.item(), rel=1e-12)
        if fit.dtype == "float32" and fit.model != "cnn":  # one kernel
            theirs = all_peers()["torch"].works(fit)["torch"].run()
            after = torch.cat([parameter.detach().flatten() for parameter in theirs.parameters()]).numpy()
            (lanes,) = work_of(fit, assembly).run()
            assert lanes.x.dtype == after.dtype == np.float32
            assert np.abs(lanes.x[:, 0] - x).max() > 4e-6
            np.testing.assert_allclose(lanes.x[:, 0] - x, after - x, rtol=0, atol=5e-7)


def test_models_stand_beside_torch_or_it_is_said_how_to_install_it():
    arguments = ("--models", "--max-dimension", "8000")
    few = "import adambench.cli.speed as speed; speed.IMAGES['count'] = 300"
    done = process(f"sys.modules['torch'] = None; {few}", *arguments, "--json")
    assert done.returncode == 0
    assert done.stderr.count("\n") == 1
    assert "pip install 'adambench[torch]'" in done.stderr
    assert [row["peers"] for row in json.loads(done.stdout)["rows"]] == [{}, {}]
    pytest.importorskip("torch")
    done = process(few, *arguments)
    assert (done.returncode, done.stderr) == (0, "")
    assert [line.split()[0] for line in done.stdout.splitlines()[1:]] == ["softmax", "softmax"]
    assert done.stdout.splitlines()[0].endswith("torch")
    with pytest.raises(AdambenchError, match="without --only"):
        CliRunner().invoke(command, ["--models", "--only", "steps"], standalone_mode=False, catch_exceptions=False)


def test_optax_does_the_same_steps(assembly):
    pytest.importorskip("optax")
    program = """
import json
from adambench.peers import all_peers
from adambench.speed.case import Noise, Steps
optax = all_peers()["optax"]
optax.prepare()
print(json.dumps([
    work.run()[1].reshape(case.lanes, -1).T[:60].tolist()
    for case in (Steps(2, 1), Steps(100, 256), Noise(100, 256, False), Noise(100, 256, True))
    for work in optax.works(case).values()
]))
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    one, many, own, same, together = (np.array(found) for found in json.loads(done.stdout))
    np.testing.assert_allclose(one, losses(Steps(2, 1), assembly), rtol=1e-12)
    np.testing.assert_allclose(many, losses(Steps(100, 256), assembly), rtol=1e-12)
    np.testing.assert_array_equal(same, together)
    # The draws differ, but so little at these rates that the losses agree where the noise has its right size: Adam's
    # steps are those of the signs, which the noise turns in few coordinates.
    assert np.unique(own[WATCHED - 1]).size == 256
    for theirs, shared in ((own, False), (same, True)):
        ours = losses(Noise(100, 256, shared), assembly)
        np.testing.assert_array_equal(theirs[0], ours[0])
        np.testing.assert_allclose(theirs[0] - theirs[-1], ours[0] - ours[-1], rtol=0.02)


@pytest.mark.parametrize("names", ["torch", "optax", "torch,optax"])
def test_peers_stand_beside_ours_with_their_ratio(names):
    for name in names.split(","):
        pytest.importorskip(name)
    done = process("", "--peers", names, "--only", "steps", "--max-dimension", "2", "--json")
    assert (done.returncode, done.stderr) == (0, "")
    found = json.loads(done.stdout, parse_constant=no_constants)
    assert set(names.split(",")) <= found["environment"]["peers"].keys()
    for row in found["rows"]:
        assert list(row["peers"]) == names.split(",")
        for peer in row["peers"].values():
            assert peer["ns"] > 0
            assert peer["ratio"] == pytest.approx(peer["ns"] / row["ns"])


@pytest.mark.parametrize("name", sorted(all_peers()))
def test_a_peer_that_is_not_installed_is_said_before_anything_is_measured(name):
    done = process(f"sys.modules[{name!r}] = None", "--peers", name, "--only", "steps")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith(f"error: --peers: {name} is not usable")
    assert done.stderr.endswith("pip install 'adambench[peers]'\n")
    assert done.stderr.count("\n") == 1


def test_an_unknown_peer_is_named_with_the_nearest():
    with pytest.raises(AdambenchError, match=r"'torhc'.*did you mean torch"):
        find_peers("optax,torhc")
    with pytest.raises(AdambenchError, match="expected names of"):
        find_peers(",")
    assert [peer.name for peer in find_peers("torch, torch")] == ["torch"]


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        (("--data", "rows.txt", "--only", "steps"), AdambenchError),
        (("--data", "no such file"), AdambenchError),
        (("--only", "noise", "--max-dimension", "2"), AdambenchError),
        (("--only", "steps", "-o", "no such folder/speed.json"), OutputError),
    ],
)
def test_what_cannot_be_done_is_said(arguments, error):
    with pytest.raises(error):
        CliRunner().invoke(command, [*arguments, *FAST], standalone_mode=False, catch_exceptions=False)


def test_the_user_s_own_rows_are_measured(tmp_path):
    (tmp_path / "rows.txt").write_text("1 1:0.5 4:2\n-1 2:1\n")
    found = run("--only", "logistic", "--data", str(tmp_path / "rows.txt"))
    assert [(row["kind"], row["dimension"], row["unit"]) for row in found["rows"]] == [("logistic", 4, "step")]


def test_the_table_shows_every_row_and_figure():
    def row(kind, what, ns, peers, floor=None):
        shape = {"dimension": 1_000_000, "lanes": 256, "dtype": "float64", "unit": "element"}
        return {"kind": kind, "what": what, "ns": ns, "peers": peers, "floor": floor, **shape}

    rows = [
        row("steps", "one", 12345.6, {"torch": {"ns": 2e9, "ratio": 162000.4}, "optax": {"ns": 0.04, "ratio": 3.21}}),
        row("steps", "another", 12.34, {"optax": {"ns": 99.94, "ratio": 8.1}}),
        row("updates", "third", 1.234, {}, {"ns": 1.0, "ratio": 1.234}),
    ]
    steps, updates = (block.splitlines() for block in table({"rows": rows}).split("\n\n"))
    assert [line.split() for line in steps] == [
        ["ns", "per", "element", "dimension", "lanes", "dtype", "adambench", "torch", "optax"],
        ["one", "1,000,000", "256", "float64", "12,346", "2,000,000,000", "162,000x", "0.04", "3.21x"],
        ["another", "1,000,000", "256", "float64", "12.3", "-", "99.9", "8.10x"],
    ]
    assert len({len(line) for line in steps}) == 1
    assert [line.split() for line in updates][1] == ["third", "1,000,000", "256", "float64", "1.23", "1.00", "1.23x"]
