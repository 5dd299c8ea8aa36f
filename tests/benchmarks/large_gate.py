"""How long the gate takes over a report of 1,000 rows of 100 seeds, beyond its start, and how much memory.

    python tests/benchmarks/large_gate.py [ROWS SEEDS]

Four pairs: a report against itself, against one in which every seed is another, and both again with half the rows. The
time is that of `adambench gate` less that over a report of one row; beside it stands what `json.loads` needs for one.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from large import large

FILE = str(Path(__file__).resolve())
PROBLEM = """\
name: small
function: quadratic
dimension: 2
noise: {gaussian: {std: 0.1}}
budget: 5000
seeds: 2
optimizers: [adam]
"""


def gate(first, second):
    """(seconds, MiB at the most, of this and of the reading process together)."""
    code = "import sys; from adambench.cli import exit_code; exit_code(sys.argv[1:])"
    peak = "import resource as r; print(sum(r.getrusage(w).ru_maxrss for w in (0, -1)) / 1024, file=sys.stderr)"
    begin = time.perf_counter()
    words = ["gate", second, "--baseline", first, "--json"]
    done = subprocess.run([sys.executable, "-c", f"{code}; {peak}", *words], capture_output=True, text=True, check=True)
    taken = time.perf_counter() - begin
    assert json.loads(done.stdout)["counts"]["pass"] > 0
    return taken, float(done.stderr.split()[-1])


def make(count, seeds):
    """Both reports: base.json, and now.json, of which every seed is another. Prints their size and json.loads' time."""
    document = large(json.loads(Path("one.json").read_text()), count, seeds)
    Path("base.json").write_text(json.dumps(document))
    for row in document["results"]:
        for seed in row["seeds"]:
            seed["fingerprint"] = seed["fingerprint"][::-1]
            seed["hits"] = [hit + 1 for hit in seed["hits"]]
    Path("now.json").write_text(json.dumps(document))
    del document
    text = Path("base.json").read_text()
    begin = time.perf_counter()
    json.loads(text)
    taken = time.perf_counter() - begin
    print(
        f"{count} rows of {seeds} seeds, {len(text) / 1e6:.0f} MB a report; json.loads of one: {taken:.2f} s",
        flush=True,
    )


def main(rows, seeds):
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        Path("p.yaml").write_text(PROBLEM)
        subprocess.run(
            [sys.executable, "-m", "adambench", "run", "p.yaml", "--json", "-o", "one.json", "-q"], check=True
        )
        for count in (rows, rows // 2):
            # In a process of its own: a child's peak of memory begins with that of who starts it.
            subprocess.run([sys.executable, FILE, "make", str(count), str(seeds)], check=True)
            for name, second in (("itself", "base.json"), ("another", "now.json")):
                start = min(gate("one.json", "one.json")[0] for _ in range(3))
                runs = [gate("base.json", second) for _ in range(5)]
                taken, memory = min(runs)[0] - start, max(peak for _, peak in runs)
                print(f"  against {name}: {taken:.2f} s beyond a start of {start:.2f} s, {memory:.0f} MiB", flush=True)


if __name__ == "__main__":
    if sys.argv[1:2] == ["make"]:
        make(*map(int, sys.argv[2:]))
    else:
        main(*map(int, sys.argv[1:] or (1000, 100)))
