"""adambench speed [--peers torch,optax,pytorch_optimizer] [--models]"""

from __future__ import annotations

import os
import sys
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from adambench.cli.line import draw, is_shown
from adambench.cli.output import note, open_output
from adambench.cli.plugins import plugin_option
from adambench.errors import AdambenchError
from adambench.speed.case import KINDS, cases

if TYPE_CHECKING:
    from adambench.data.rows import Rows, Samples
    from adambench.speed.measurement import Measurement

A9A = {"samples": 32_561, "features": 123, "density": 13.87 / 123, "exponent": 1.0, "label_noise": 0.1, "seed": 0}
"""Generated rows of the size of the data set a9a, which has as many rows, features and non-zeros."""

IMAGES = {"count": 8192, "classes": 10, "size": 28, "channels": 1, "noise": 0.2, "seed": 0}
"""Generated images, to classify in ten classes, for the models."""


@click.command("speed")
@click.option("--peers", metavar="P,P,...", help="Beside the same work in torch, optax, pytorch_optimizer.")
@plugin_option
@click.option("--only", type=click.Choice(KINDS), multiple=True, help="This kind of work; may be given again.")
@click.option(
    "--models", is_flag=True, help="Minibatch steps of the models instead, beside torch where it is installed."
)
@click.option(
    "--max-dimension", type=click.IntRange(2), metavar="N", help="Leave out what is larger; updates are that long."
)
@click.option("--data", metavar="FILE", help="The logistic regression's rows, svmlight, instead of generated ones.")
@click.option("--repeats", type=click.IntRange(1, 1000), default=5, show_default=True, metavar="N", help="Samples.")
@click.option(
    "--seconds",
    type=click.FloatRange(0, 60, min_open=True),
    default=0.3,
    show_default=True,
    metavar="S",
    help="What one sample lasts, about.",
)
@click.option("--json", "as_json", is_flag=True, help="Every sample, for programs.")
@click.option("-o", "--output", metavar="FILE", help="Instead of standard output.")
@click.option("-q", "--quiet", is_flag=True, help="Results and errors only.")
@click.option("--no-progress", is_flag=True, help="No progress line.")
def command(**options: Any) -> int:
    """Nanoseconds a step of our kernels, beside other libraries that do the same work.

    On one thread; the median of several samples, in which adambench and its peers take turns. Kinds of work: steps
    (Adam on the chained Rosenbrock), noise (Adam on a noisy quadratic), logistic (Adam on minibatches), updates (every
    optimizer's update alone; beside an elementwise one the floor: what its divisions, square roots and memory traffic
    take alone). With --models instead: a minibatch step of Adam on softmax regression, a perceptron of two layers of
    1,000 units and a small convolutional network, 128 images of 28 x 28 a step, in both precisions.
    """
    if options["models"] and options["only"]:
        raise AdambenchError("--models measures the models alone; give it without --only")
    kinds = ("models",) if options["models"] else options["only"] or KINDS
    if options["data"] is not None and "logistic" not in kinds:
        raise AdambenchError("--data goes with the logistic regression, which --only leaves out")
    from adambench.peers import find_peers

    names = options["peers"]
    if options["models"] and names is None:
        names = _torch()
    peers = find_peers(names) if names is not None else []
    rows = _rows(options["data"]) if "logistic" in kinds else None
    found = cases(kinds, options["max_dimension"], rows, _images() if options["models"] else None)
    if not found:
        raise AdambenchError(f"nothing to measure: all that is asked for is larger than {options['max_dimension']}")
    output = open_output(options["output"])
    try:
        from adambench.speed.measurement import Measurement

        measurement = Measurement(found, peers, options["seconds"], options["repeats"])
        code = _measure(measurement, not (options["quiet"] or options["no_progress"]))
        if code == 0 or measurement.rows:
            document = measurement.document(sys.argv[1:], interrupted=code != 0)
            output.write(_text(document, options["as_json"]))
        return code
    finally:
        output.discard()


def _rows(file: str | None) -> Rows:
    if file is None:
        from adambench.data.generated import generate

        return generate(**A9A)  # type: ignore[arg-type]
    from adambench.data.beside import lines
    from adambench.data.formats.svmlight import read
    from adambench.data.labels import signs

    folder, name = os.path.split(os.path.realpath(file))
    rows = read(lines(Path(folder), name), file)
    assert rows.labels is not None
    return replace(rows, labels=signs(rows.labels, rows.where))


def _images() -> Samples:
    from adambench.data.images import images

    return images(**IMAGES)  # type: ignore[arg-type]


def _torch() -> str | None:
    """The peer of the models, or None, which is said, where it is not installed."""
    if find_spec("torch") is not None:
        return "torch"
    note("torch, to compare with, is not installed; to install it: pip install 'adambench[torch]'")
    return None


def _measure(measurement: Measurement, shown: bool) -> int:
    """Run it on a thread of its own, so that Ctrl-C is heard inside a compiled loop; the exit code."""
    from adambench.cli import Terminated
    from adambench.pool import Pool

    shown = is_shown(shown)
    try:
        try:
            for _ in Pool(1).run([measurement.execute]):
                if shown:
                    draw(measurement.doing)
        finally:
            if shown:
                draw("")
    except (KeyboardInterrupt, Terminated) as error:
        note(f"interrupted: {len(measurement.rows)} of {len(measurement.cases)} figures had been measured")
        return 130 if isinstance(error, KeyboardInterrupt) else 143
    return 0


def _text(document: dict[str, Any], as_json: bool) -> str:
    if as_json:
        from adambench.render import Style, find_format

        return find_format("json").render(document, Style())
    from adambench.speed.table import table

    return table(document)
