"""--export FORMAT=FILE: the result once more, in other formats, in files that are opened before any work is done."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import click

from adambench.cli.output import Output, note, open_output
from adambench.errors import AdambenchError
from adambench.render import Document, Format, check_writes, find_format

Command = TypeVar("Command", bound=Callable[..., Any])

SUMMARY, VARIABLE = "summary", "GITHUB_STEP_SUMMARY"
"""The format that needs no file, as GitHub Actions names one."""


@dataclass(frozen=True)
class Export:
    """One format's promise to write: an output for each of its files, by what it calls them ("" where it is one)."""

    form: Format
    outputs: dict[str, Output]


def export_option(command: Command) -> Command:
    """The repeatable --export, as `exports` among the options."""
    option: Callable[[Command], Command] = click.option(
        "--export",
        "exports",
        multiple=True,
        metavar="FORMAT=FILE",
        help="Also write it so, whatever --format says; may be given again. summary needs no FILE in GitHub Actions.",
    )
    return option(command)


@contextmanager
def opened_exports(options: dict[str, Any], kind: str, inputs: Sequence[str] = ()) -> Iterator[tuple[Export, ...]]:
    """What --export asks for, opened; what has not been written at the end leaves no file behind.

    kind    of the document that there will be, "report" or "verdict"; --format must write it, too
    inputs  files that are read, over which nothing may be written

    Raises AdambenchError for what cannot be meant, OutputError where a file cannot be made.
    """
    check_writes(find_format(options["form"]), kind)
    opened: list[Export] = []
    read = {os.path.realpath(path) for path in inputs if not _standard(path)}
    taken = [] if _standard(options["output"]) else [os.path.realpath(options["output"])]
    if read & {*taken}:
        raise AdambenchError(f"--output: {options['output']} is what is read here: give another file")
    try:
        for text in options["exports"]:
            name, mark, place = text.partition("=")
            form = _form(text, name, mark and place, kind)
            if not place:
                opened += _job_summary(form, options["quiet"])
                continue
            if _standard(place):
                _check_standard(text, form, options, opened)
            outputs: dict[str, Output] = {}
            opened.append(Export(form, outputs))
            for part, path in _places(form, place).items():
                real = os.path.realpath(path)
                if os.path.isfile(real) or not os.path.exists(real):
                    if real in read:
                        raise AdambenchError(f"--export {text}: {path} is what is read here: give another file")
                    if real in taken:
                        raise AdambenchError(f"--export {text}: {path} is written already: give another file")
                    taken.append(real)
                outputs[part] = open_output(path)
        yield tuple(opened)
    finally:
        for output in (output for export in opened for output in export.outputs.values()):
            output.discard()


def write_exports(document: Document, exports: Sequence[Export], color: str = "auto") -> None:
    """Write them all; OutputError where one cannot be."""
    for export in exports:
        for part, output in export.outputs.items():
            style, form = output.style(color), export.form
            text = form.render(document, style) if form.files is None else form.files(document, style)[part]
            output.write(text)


def _form(text: str, name: str, place: str, kind: str) -> Format:
    if not place and name != SUMMARY:
        raise AdambenchError(f"--export: expected FORMAT=FILE, as in junit=results.xml, got {text!r}")
    try:
        form = find_format(name)
        check_writes(form, kind)
    except AdambenchError as error:
        raise AdambenchError(f"--export {text}: {error}") from None
    return form


def _job_summary(form: Format, quiet: bool) -> list[Export]:
    """Added to the file that GitHub Actions names; a note where it names none."""
    place = os.environ.get(VARIABLE)
    if not place:
        note(f"note: {VARIABLE} is not set: no summary is written; give a file with --export summary=FILE", quiet)
        return []
    return [Export(form, {"": open_output(place, append=True)})]


def _places(form: Format, place: str) -> dict[str, str]:
    """bench.json, or bench.smaller.json and bench.bigger.json."""
    if form.files is None:
        return {"": place}
    path = Path(place)
    return {part: str(path.with_name(f"{path.stem}.{part}{path.suffix}")) for part in _parts(form)}


def _parts(form: Format) -> list[str]:
    """What a format calls its files: the same for every document, so for one of nothing."""
    from adambench.render import Style

    assert form.files is not None
    return list(form.files({"problems": [], "results": []}, Style()))


def _check_standard(text: str, form: Format, options: dict[str, Any], opened: Sequence[Export]) -> None:
    """Two documents in one stream could be read by nobody, but for a table, which is for people."""
    if form.files is not None:
        raise AdambenchError(
            f"--export {text}: {form.name} is {len(_parts(form))} files: give a file's name instead of -"
        )
    if _standard(options["output"]) and options["form"] != "table":
        raise AdambenchError(
            f"--export {text}: standard output is taken by --format {options['form']}: give a file, or -o FILE for that"
        )
    if any(output.place is None for export in opened for output in export.outputs.values()):
        raise AdambenchError(f"--export {text}: standard output is taken by another --export: give a file")


def _standard(place: str | None) -> bool:
    return place in (None, "-", "/dev/stdout")
