"""--export FORMAT=FILE: the result once more, in other formats, in files that are opened before any work is done."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from adambench.catalog import PLUGINS
from adambench.cli.options import Command
from adambench.cli.output import Output, note, open_output
from adambench.errors import AdambenchError
from adambench.render import Document, Format, check_writes, find_format

SUMMARY, VARIABLE = "summary", "GITHUB_STEP_SUMMARY"
"""The format that needs no file, as GitHub Actions names one."""
DEFAULT = "table"
"""The format that writes all kinds of documents: it need not be imported to know that, and takes a while."""


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
def opened_exports(options: dict[str, Any], kind: str, inputs: Iterable[str]) -> Iterator[tuple[Export, ...]]:
    """What --export asks for, opened: files that are there are removed, so that whatever ends in an error leaves none
    of an earlier, better day.

    kind    of the document that there will be, "report" or "verdict"; --format must write it, too
    inputs  files and folders that are read, over which, as over plug-ins, nothing may be written, by --output neither

    Raises AdambenchError for what cannot be meant, OutputError where a file cannot be made.
    """
    if options["form"] != DEFAULT:
        check_writes(find_format(options["form"]), kind)
    opened: list[Export] = []
    plugins = (plugin.file for plugin in PLUGINS if plugin.file)
    read = {file for path in (*inputs, *plugins) if not _standard(path) for file in _files(os.path.realpath(path))}
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
        for output in (output for export in opened for output in export.outputs.values()):
            output.clear()
        yield tuple(opened)
    finally:
        for output in (output for export in opened for output in export.outputs.values()):
            output.discard()


def write_exports(document: Document, exports: Sequence[Export], color: str = "auto") -> None:
    """Write them all; OutputError where one cannot be."""
    for export in exports:
        for part, output in export.outputs.items():
            render = export.form.files.get(part, export.form.render)
            output.write(render(document, output.style(color)))


def _files(path: str) -> list[str]:
    """The file; of a folder all that lies in it."""
    try:
        return [os.path.realpath(entry) for entry in os.scandir(path)] if os.path.isdir(path) else [path]
    except OSError:  # which is said when it is read
        return [path]


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
    if not form.files:
        return {"": place}
    path = Path(place)
    return {part: str(path.with_name(f"{path.stem}.{part}{path.suffix}")) for part in form.files}


def _check_standard(text: str, form: Format, options: dict[str, Any], opened: Sequence[Export]) -> None:
    """Two documents in one stream could be read by nobody, but for a table, which is for people."""
    if form.files:
        count = len(form.files)
        raise AdambenchError(f"--export {text}: {form.name} is {count} files: give a file's name instead of -")
    if _standard(options["output"]) and options["form"] != "table":
        raise AdambenchError(
            f"--export {text}: standard output is taken by --format {options['form']}: give a file, or -o FILE for that"
        )
    if any(output.place is None for export in opened for output in export.outputs.values()):
        raise AdambenchError(f"--export {text}: standard output is taken by another --export: give a file")


def _standard(place: str | None) -> bool:
    return place in (None, "-", "/dev/stdout")
