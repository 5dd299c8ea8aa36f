"""YAML text to a tree of values that know where they stand: YAML 1.2 core scalars, and none of what makes YAML a risk.

The tree is built from PyYAML's events, never by its constructors: no tag is looked up, no alias followed, and nesting
is counted before libyaml, or Python, can run out of stack.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import yaml

from adambench.problem.finding import Finding, ProblemError, note, quoted

LARGEST = 1 << 20
"""Bytes of a problem file."""
DEEPEST = 32
MOST_DIGITS = 4300
"""Of a number; Python itself refuses longer ones."""

_NO_ANCHORS = "expected no anchors or aliases"
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_FORBIDDEN = re.compile("[^\t\n\x20-\x7e\xa0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]")
_NULL = re.compile("null|Null|NULL|~|")
_BOOLEAN = re.compile("true|True|TRUE|false|False|FALSE")
_INTEGER = re.compile("[-+]?[0-9]+")
_OCTAL, _HEXADECIMAL = re.compile("0o[0-7]+"), re.compile("0x[0-9a-fA-F]+")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_NOT_FINITE = re.compile(r"[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)")

Value = str | int | float | bool | None


@dataclass(frozen=True)
class Scalar:
    """`value` is what YAML 1.2 core makes of `text`; `plain` where it stands without quotes, `block` behind | or >."""

    line: int
    column: int
    text: str
    value: Value
    plain: bool
    block: bool = False


@dataclass(frozen=True)
class Sequence:
    line: int
    column: int
    items: tuple[Node, ...]


@dataclass(frozen=True)
class Mapping:
    line: int
    column: int
    entries: tuple[tuple[Scalar, Node], ...]

    def get(self, key: str) -> Node | None:
        return next((value for name, value in self.entries if name.value == key), None)

    def key(self, key: str) -> Scalar | None:
        return next((name for name, _ in self.entries if name.value == key), None)


@dataclass(frozen=True)
class Broken:
    """Stands where something was that has been reported already."""

    line: int
    column: int


Node = Scalar | Sequence | Mapping | Broken


def decode(data: bytes, file: str) -> str:
    """The text of a file, its newlines as \\n. Raises ProblemError for more than 1 MiB, and for what is not UTF-8."""
    if len(data) > LARGEST:
        raise ProblemError(file, "", [Finding(1, 1, "", f"expected at most {LARGEST:,} bytes, got more")])
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = data[: error.start].decode("utf-8-sig", "replace")
        line, column = before.count("\n") + 1, len(before) - before.rfind("\n")
        message = f"expected UTF-8, got the byte 0x{data[error.start]:02x}"
        raise ProblemError(file, data.decode("utf-8", "replace"), [Finding(line, column, "", message)]) from None
    return text.replace("\r\n", "\n").replace("\r", "\n")


def tree(text: str, findings: list[Finding]) -> Node | None:
    """The document in `text`, or None for an empty one. What is wrong with it is added to `findings`."""
    if bad := _FORBIDDEN.search(text):
        line, column = text.count("\n", 0, bad.start()) + 1, bad.start() - text.rfind("\n", 0, bad.start())
        note(findings, Finding(line, column, "", f"expected printable text, got the character U+{ord(bad[0]):04X}"))
        return Broken(line, column)
    events = yaml.parse(text, Loader=_LOADER)
    try:
        return _document(events, findings)
    except yaml.MarkedYAMLError as error:
        note(findings, _syntax_error(error, text))
    except _TooDeep as deep:
        note(findings, deep.finding)
    except yaml.YAMLError as error:
        note(findings, Finding(1, 1, "", f"expected YAML, got: {error}"))
    return Broken(1, 1)


class _TooDeep(Exception):
    def __init__(self, finding: Finding) -> None:
        self.finding = finding


def _document(events: Iterator[Any], findings: list[Finding]) -> Node | None:
    root: Node | None = None
    documents = 0
    for event in events:
        if isinstance(event, yaml.DocumentStartEvent):
            documents += 1
            if event.version not in (None, (1, 2)):
                _note(findings, event, "", f"expected YAML 1.2, got %YAML {'.'.join(map(str, event.version))}")
            if documents > 1:
                _note(findings, event, "", "expected one document, got a second")
                break
            root = _node(next(events), events, findings, "", 1)
    return root


def _node(event: Any, events: Iterator[Any], findings: list[Finding], path: str, depth: int) -> Node:
    """The node that begins with `event`; `path` is its key."""
    line, column = _position(event)
    if event.anchor is not None:
        alias = isinstance(event, yaml.AliasEvent)
        if not any(finding.message.startswith(_NO_ANCHORS) for finding in findings):
            _note(findings, event, path, f"{_NO_ANCHORS}, got {quoted(('*' if alias else '&') + event.anchor)}")
        if alias:
            return Broken(line, column)
    if event.tag is not None:
        _note(findings, event, path, f"expected no tags, got {quoted(event.tag)}")
    broken = event.anchor is not None or event.tag is not None
    node: Node
    if isinstance(event, yaml.ScalarEvent):
        node = _scalar(event, findings, path)
    elif depth > DEEPEST:
        raise _TooDeep(Finding(line, column, path, f"expected at most {DEEPEST} levels, got more"))
    elif isinstance(event, yaml.SequenceStartEvent):
        items: list[Node] = []
        while not isinstance(event := next(events), yaml.SequenceEndEvent):
            items.append(_node(event, events, findings, f"{path}[{len(items)}]", depth + 1))
        node = Sequence(line, column, tuple(items))
    else:
        node = Mapping(line, column, tuple(_entries(events, findings, path, depth)))
    return Broken(line, column) if broken else node


def _entries(events: Iterator[Any], findings: list[Finding], path: str, depth: int) -> Iterator[tuple[Scalar, Node]]:
    """The keys and values of a mapping, each key once."""
    lines: dict[str, int] = {}
    while not isinstance(event := next(events), yaml.MappingEndEvent):
        key = _node(event, events, findings, path, depth + 1)
        name = key.value if isinstance(key, Scalar) else None
        inside = join(path, name) if isinstance(name, str) else path
        value = _node(next(events), events, findings, inside, depth + 1)
        if isinstance(key, Broken):
            continue
        if not isinstance(key, Scalar) or not isinstance(name, str):
            _note(findings, event, path, f"expected text as a key, got {describe(key)}")
        elif name == "<<" and key.plain:
            _note(findings, event, path, "expected no merge keys, got <<")
        elif name in lines:
            _note(findings, event, inside, f"expected once, got on line {lines[name]} and again on line {key.line}")
        else:
            lines[name] = key.line
            yield key, value


def _scalar(event: Any, findings: list[Finding], path: str) -> Node:
    line, column = _position(event)
    text, plain = event.value, not event.style
    # Escapes in quotes can spell what the text itself may not hold.
    if bad := _FORBIDDEN.search(text):
        _note(findings, event, path, f"expected printable text, got the character U+{ord(bad[0]):04X}")
        return Broken(line, column)
    if plain and len(text) > MOST_DIGITS and (_INTEGER.fullmatch(text) or _HEXADECIMAL.fullmatch(text)):
        _note(findings, event, path, f"expected at most {MOST_DIGITS} digits, got {len(text):,}")
        return Broken(line, column)
    return Scalar(line, column, text, resolved(text) if plain else text, plain, event.style in ("|", ">"))


def resolved(text: str) -> Value:
    """What a plain scalar means in the core schema (YAML 1.2.2, section 10.3.2)."""
    if _NULL.fullmatch(text):
        return None
    if _BOOLEAN.fullmatch(text):
        return text[0] in "tT"
    if _INTEGER.fullmatch(text):
        return int(text)
    if _OCTAL.fullmatch(text):
        return int(text, 0)
    if _HEXADECIMAL.fullmatch(text):
        return int(text, 0)
    if _FLOAT.fullmatch(text):
        return float(text)
    if _NOT_FINITE.fullmatch(text):
        return float(text.replace(".", ""))
    return text


def describe(node: Node) -> str:
    """What stands there, for `got ...`."""
    match node:
        case Scalar(value=None):
            return "nothing"
        case Scalar(value=str()):
            in_quotes = not node.plain and len(node.text) <= 60 and not isinstance(resolved(node.text), str)
            return f"the text {quoted(node.text)}" if in_quotes else quoted(node.text)
        case Scalar():
            return quoted(node.text).strip("'")
        case Sequence():
            return "a list" if node.items else "an empty list"
        case _:
            return "a mapping"


def join(path: str, key: str) -> str:
    """The path of `key` in what stands at `path`."""
    key = key if len(key) <= 60 else key[:57] + "..."
    return f"{path}.{key}" if path else key


def _position(event: Any) -> tuple[int, int]:
    return event.start_mark.line + 1, event.start_mark.column + 1


def _note(findings: list[Finding], event: Any, path: str, message: str) -> None:
    line, column = _position(event)
    note(findings, Finding(line, column, path, message))


def _syntax_error(error: yaml.MarkedYAMLError, text: str) -> Finding:
    """Libyaml's own words, but for tabs, which it does not name."""
    mark = error.problem_mark or error.context_mark
    lines = text.split("\n")
    line = min(mark.line, len(lines) - 1) if mark else 0
    column = min(mark.column if mark and mark.line == line else len(lines[line]), len(lines[line]))
    indentation = lines[line][: len(lines[line]) - len(lines[line].lstrip())]
    if "\t" in indentation:
        return Finding(line + 1, indentation.index("\t") + 1, "", "expected spaces as indentation, got a tab")
    context = f" {error.context}" if error.context else ""
    return Finding(line + 1, column + 1, "", f"expected YAML, got an error{context}: {error.problem}")
