"""The same code gated against itself, 200 times, must pass 200 times; a kernel that lost a tenth of its rate never.

    python tests/benchmarks/self_gate.py [TIMES]

Problems with and without noise; one and two jobs in turn; every tenth time an empty cache of kernels. Then, of real
runs, how the gate judges optimizers whose learning rate is 0.9 times what it was, and with `--exact` 1.001 times.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path

QUIET = """\
name: quiet
function: quadratic
dimension: 4
parameters: {condition: 30.0}
start: [1.0]
budget: 600
optimizers: ["sgd:lr=0.05", "adam:lr=0.01"]
"""
NOISY = QUIET.replace("quiet", "noisy") + "targets: [1e-1, 1e-3]\nnoise: {gaussian: {std: 0.01}}\nseeds: 20\n"
COLD = 10


def adambench(*words, cache=None):
    """Exit code and output."""
    environment = dict(os.environ) if cache is None else {**os.environ, "XDG_CACHE_HOME": cache}
    done = subprocess.run([sys.executable, "-m", "adambench", *words], capture_output=True, text=True, env=environment)
    return done.returncode, done.stdout


def run(place, *words, cache=None):
    code, _ = adambench("run", "quiet.yaml", "noisy.yaml", "--json", "--quiet", "-o", place, *words, cache=cache)
    assert code == 0


def changed(factor):
    """A report whose optimizers took `factor` times the rate that it says they did."""
    run("now.json", "--optimizers", f"sgd:lr={0.05 * factor:.9g},adam:lr={0.01 * factor:.9g}")
    document = json.loads(Path("now.json").read_text())
    for place, row in enumerate(document["results"]):
        row["hyperparameters"]["lr"], row["optimizer"] = ((0.05, "sgd:lr=0.05"), (0.01, "adam:lr=0.01"))[place % 2]
    Path("now.json").write_text(json.dumps(document))


def main(times):
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        Path("quiet.yaml").write_text(QUIET)
        Path("noisy.yaml").write_text(NOISY)
        warm = os.path.join(folder, "warm")
        run("base.json", cache=warm)
        codes = Counter()
        for time in range(times):
            cold = time % COLD == COLD - 1
            run("now.json", "--jobs", str(1 + time % 2), cache=os.path.join(folder, f"cold{time}") if cold else warm)
            codes[adambench("gate", "now.json", "--baseline", "base.json", "--exact")[0]] += 1
        print(f"the same code, {times} times, {times // COLD} of them with a cold cache: {codes[0]} pass, {codes}")
        for factor, words in ((0.9, ()), (1.001, ("--exact",)), (1.001, ())):
            changed(factor)
            code, said = adambench("gate", "now.json", "--baseline", "base.json", "--json", *words)
            print(f"rate times {factor} {' '.join(words)}: exit {code}")
            for cell in json.loads(said)["cells"]:
                print(f"  {cell['optimizer']} on {cell['problem']}: {cell['verdict']}: {cell['sentence']}")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:] or (200,)))
