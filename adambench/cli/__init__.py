"""The command line: options to verbs to text, one file a command."""

from __future__ import annotations

import contextlib
import errno
import importlib
import io
import os
import signal
import sys
from types import FrameType

import click

from adambench.errors import AdambenchError, nearest
from adambench.version import VERSION

FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO)
SUMMARIES = {
    "run": "Run problems, each with its own optimizers.",
    "compare": "Compare optimizers over a suite of problems.",
    "summarize": "Merge reports, and rank the optimizers over all problems.",
    "trace": "The iterates of one optimizer.",
    "list": "Names: optimizers, problems, functions, models, transforms, dialects, formats.",
    "show": "What an optimizer, a function or a problem is.",
    "new": "Write a commented problem file to start from.",
    "validate": "Check problem files: schema, gradient, optimum.",
    "conform": "Which dialect an implementation follows, and where it departs.",
    "gate": "Hold a report against a baseline: pass, fail or inconclusive.",
    "speed": "Nanoseconds a step, beside other libraries.",
    "schema": "JSON Schema of problem files and reports.",
    "info": "Versions, processor, cache folder.",
}
COMMANDS = tuple(SUMMARIES)


class Commands(click.Group):
    """Imports a command's file when it is called, so that `--help` need not wait for all of them."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return [*COMMANDS]  # `list` is a command's file here, once it has been imported

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        if name not in COMMANDS:
            return None
        command: click.Command = importlib.import_module(f"adambench.cli.{name}").command
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args[0] not in COMMANDS and not args[0].startswith("-"):
            ctx.fail(f"No such command {args[0]!r}{nearest(args[0], COMMANDS)}.")
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([*SUMMARIES.items()])


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(VERSION, prog_name="adambench")
def cli() -> None:
    """Which optimizer, at which settings, gets this problem to this loss, in how many gradient evaluations?

    \b
    adambench run problem.yaml
    adambench compare --optimizers adam,rmsprop,sgd
    """


class Terminated(BaseException):
    """SIGTERM arrived; it travels as Ctrl-C's KeyboardInterrupt does."""


def _terminate(number: int, frame: FrameType | None) -> None:
    raise Terminated


def main() -> None:
    """Run the command line and end the process with its exit code; no traceback for anything a user can cause."""
    signal.signal(signal.SIGTERM, _terminate)
    _open_streams()
    code = exit_code(sys.argv[1:])
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_DFL)
    code = _close_streams(code)
    # Worker threads may still be inside the compiler or a kernel; nothing of theirs is wanted any more.
    os._exit(code)


def exit_code(arguments: list[str]) -> int:
    """Do what the arguments say, and say what went wrong: the exit code."""
    try:
        code = cli(arguments, prog_name="adambench", standalone_mode=False)
        return code if isinstance(code, int) else 0
    except click.ClickException as error:
        said = io.StringIO()
        error.show(said)
        _complain(said.getvalue().removesuffix("\n"))
        return error.exit_code if error.exit_code != 1 else 2
    except AdambenchError as error:
        text = str(error)
        _complain(text if "error: " in text else f"error: {text}")
        return error.exit_code
    except (KeyboardInterrupt, click.Abort):
        return 130
    except Terminated:
        return 143
    except (BrokenPipeError, SystemExit):  # the latter is how Click takes a closed pipe
        return 0
    except OSError as error:
        if error.errno not in FULL:  # not about what was printed
            return _blame(error)
        _complain(f"error: standard output could not be written: {error.strerror}")
        return 5
    except Exception as error:
        return _blame(error)


def _blame(error: Exception) -> int:
    """Say what went wrong in a plug-in's code; what did not is a bug, and raised again."""
    if not getattr(sys.modules.get("adambench.catalog"), "PLUGINS", None):
        raise error
    from adambench.checks.blame import blamed

    if (said := blamed(error)) is None:
        raise error
    _complain(f"error: {said}")
    return 2


def _complain(text: str) -> None:
    from adambench.cli.output import note

    note(text)


def _open_streams() -> None:
    """A standard stream that the caller has closed is empty, or swallows what it is given."""
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, mode))  # noqa: SIM115


def _close_streams(code: int) -> int:
    """Flush what was printed: the last moment at which a full disk is noticed. A closed pipe is the reader's choice."""
    try:
        if code != 5:  # else it has been said
            sys.stdout.flush()
    except BrokenPipeError:
        pass
    except OSError as error:
        _complain(f"error: standard output could not be written: {error.strerror}")
        return 5
    with contextlib.suppress(OSError):
        sys.stderr.flush()
    return code
