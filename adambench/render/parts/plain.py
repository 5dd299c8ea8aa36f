"""Texts that somebody else wrote, made safe to print."""

from __future__ import annotations

import re
import unicodedata

ESCAPE = re.compile(
    r"(?:\x1b[PX^_\]]|[\x90\x98\x9d\x9e\x9f])[^\x07\x1b\x9c]*(?:\x07|\x1b\\|\x9c|$)"  # strings: title, link, clipboard
    r"|(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]"  # control sequences
    r"|\x1b[ -/]*[0-~]"
)
INVISIBLE = ("Cc", "Cf", "Cs", "Zl", "Zp")
"""Controls, formats (bidi and zero-width among them), lone surrogates, line and paragraph separators."""
COMMAND = re.compile(r"(?:^|(?<=\r))([^\S\n]*):(?=:)", re.MULTILINE)
"""The start of a line that the runner of GitHub Actions may obey (actions/runner: src/Runner.Common/ActionCommand.cs):
`::` after blanks. `##[`, its older form, it finds anywhere in a line."""


def plain(text: object, unicode: bool = True) -> str:
    """The text on one line, without escape sequences or anything invisible; what is not ASCII escaped on demand, and
    `##[` with a backslash before its bracket."""
    spaced = re.sub(r"[\t\n\r\v\f\x85\u2028\u2029]+", " ", ESCAPE.sub("", str(text)))
    seen = "".join(character for character in spaced if unicodedata.category(character) not in INVISIBLE)
    seen = seen.replace("##[", "##\\[")
    return seen if unicode else seen.encode("ascii", "backslashreplace").decode("ascii")


def unheeded(text: str, mark: str = "\\:") -> str:
    """Lines of which none is a command of GitHub Actions: the first colon of one that starts as such becomes `mark`,
    and the bracket of `##[` gets a backslash."""
    return COMMAND.sub(lambda found: found[1] + mark, text).replace("##[", "##\\[")
