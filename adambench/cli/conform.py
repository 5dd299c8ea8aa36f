"""adambench conform IMPLEMENTATION"""

from __future__ import annotations

import json
import os
import sys

import click

from adambench.cli.output import note, open_output
from adambench.cli.plugins import plugin_option
from adambench.configuration import find_dialect, parse
from adambench.conform.account import document, lines
from adambench.conform.conformance import Conformance, examined, recorded
from adambench.conform.family import checked_optimizer, named_optimizer
from adambench.conform.recording import LARGEST, read_recording, recordable
from adambench.errors import AdambenchError
from adambench.foreign.fault import ImplementationError
from adambench.implementation import Implementation
from adambench.optimizer import Dialect, Optimizer


@click.command("conform")
@click.argument("implementation", required=False, metavar="IMPLEMENTATION")
@click.option("--as", "name", metavar="NAME", help="An optimizer of its family; guessed from its name otherwise.")
@click.option("--expect", metavar="NAME@DIALECT", help="The dialect it must equal; any will do otherwise.")
@plugin_option
@click.option(
    "--timeout",
    type=click.FloatRange(0, 1e6, min_open=True),
    default=60.0,
    show_default=True,
    metavar="S",
    help="Seconds a step may take; an import may always take 60.",
)
@click.option("--record", metavar="FILE", help="Write the probes, for an optimizer in another language to fill in.")
@click.option("--json", "as_json", is_flag=True, help="All differences, exactly.")
@click.option("-o", "--output", metavar="FILE", help="Instead of standard output.")
def command(
    implementation: str | None,
    name: str | None,
    expect: str | None,
    timeout: float,
    record: str | None,
    as_json: bool,
    output: str | None,
) -> int:
    """Which dialect an implementation follows, or where it first differs from the nearest.

    IMPLEMENTATION is a dotted name, as in torch.optim.Adam:lr=0.01, or a file with recorded trajectories; - is standard
    input.

    Exit code 1 where it equals no dialect, or not the one expected, or fails an invariant that this one satisfies: the
    invariant is then named. Without --expect a failed invariant is only said. Exit code 4, and one sentence, where the
    implementation raises, hangs, changes what it was given, or returns the wrong shape or dtype, or NaN where the
    dialect's own update has none; in float32 only NaN counts, anything else is a failed invariant.

    \b
    adambench conform torch.optim.Adam --expect adam@torch
    adambench conform --as adam --record probes.json
    """
    if implementation is None and record is None:
        raise click.UsageError("Missing argument 'IMPLEMENTATION'.")
    optimizer, expected = _wanted(name, expect)
    theirs = None if implementation is None or _recorded(implementation) else _implementation(implementation)
    if optimizer is None and theirs is not None:
        optimizer = checked_optimizer(named_optimizer(theirs.name).name)
    if record is not None:
        if optimizer is None:
            raise AdambenchError("--record: which optimizer's probes? say --as NAME")
        place = open_output(record)
        place.write(recordable(optimizer, {} if theirs is None else theirs.hyperparameters))
        if implementation is None:
            note(f"fill in the iterates in {record}, then: adambench conform {record}")
            return 0
    assert implementation is not None
    place = open_output(output)
    try:
        if theirs is None:
            label, library = ("standard input", "") if implementation == "-" else (implementation, "")
            found = _read(implementation, label, optimizer, expected)
        else:
            assert optimizer is not None
            label = theirs.label
            found, library = _driven(theirs, optimizer, expected, timeout)
        if found.fault is not None and found.follows:
            raise ImplementationError(found.fault)
        place.write(
            json.dumps(document(found, label, library), allow_nan=False) + "\n"
            if as_json
            else "".join(f"{line}\n" for line in lines(found, label, library))
        )
    finally:
        place.discard()
    if found.fault is not None:
        raise ImplementationError(found.fault)
    return 0 if found.conforms else 1


def _wanted(name: str | None, expect: str | None) -> tuple[Optimizer | None, Dialect | None]:
    """The optimizer that was named, and the dialect that is expected."""
    for option, given in (("--as", name), ("--expect", expect)):
        if given is not None and (":" in given or (option == "--as" and "@" in given)):
            wanted = "an optimizer, as in adam" if option == "--as" else "a dialect, as in adam@torch"
            raise AdambenchError(f"{option}: expected the name of {wanted}, got {given!r}")
    optimizer = None if name is None else checked_optimizer(name)
    if expect is None:
        return optimizer, None
    base, at, dialect = expect.partition("@")
    expected = checked_optimizer(base)
    if optimizer is not None and optimizer is not expected:
        raise AdambenchError(f"--as {name} and --expect {expect} are two optimizers: leave --as out")
    return expected, find_dialect(expected, dialect) if at else expected.dialects[0]


def _recorded(text: str) -> bool:
    return text == "-" or text.endswith(".json") or os.sep in text.partition(":")[0] or os.path.isfile(text)


def _implementation(text: str) -> Implementation:
    found = parse(text)
    if len(found) != 1:
        raise AdambenchError(f"conform takes one implementation; {text!r} names {len(found)}")
    if not isinstance(found[0], Implementation):
        raise AdambenchError(
            f"{text} is adambench's own: expected a dotted name, as in torch.optim.Adam, or a file of trajectories"
        )
    return found[0]


def _driven(
    implementation: Implementation, optimizer: Optimizer, expected: Dialect | None, timeout: float
) -> tuple[Conformance, str]:
    from adambench.foreign.worker import Worker

    with Worker(implementation.name, timeout) as worker:
        found = examined(worker, implementation.name, optimizer, implementation.hyperparameters, expected)
        return found, worker.library


def _read(text: str, place: str, optimizer: Optimizer | None, expected: Dialect | None) -> Conformance:
    try:
        if text == "-":
            content = sys.stdin.buffer.read(LARGEST + 1)
        else:
            with open(text, "rb") as file:
                content = file.read(LARGEST + 1)
    except OSError as error:
        raise AdambenchError(f"{text} could not be read: {error.strerror}") from None
    recording = read_recording(content, place)
    if optimizer is None:
        if recording.optimizer is None:
            raise AdambenchError(f"{place}: it does not say which optimizer it is: say --as NAME")
        optimizer = checked_optimizer(recording.optimizer)
    return recorded(recording, place, optimizer, expected)
