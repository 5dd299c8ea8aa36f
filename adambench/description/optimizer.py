"""An optimizer, or one of its dialects."""

from __future__ import annotations

from collections.abc import Iterator

from adambench import decay
from adambench.configuration import find_dialect
from adambench.optimizer import EXTRAS, Dialect, Flag, Optimizer
from adambench.text import number_text


def describe_optimizer(optimizer: Optimizer, dialect_name: str) -> str:
    """Formula, hyperparameters and dialects; of the one dialect, where it is named, what it chose and its source."""
    dialect = find_dialect(optimizer, dialect_name) if dialect_name else optimizer.dialects[0]
    lines = [f"{optimizer.name}@{dialect.name}: {optimizer.summary}", ""]
    if "weight_decay" in dialect.defaults and dialect.flags["decay"] in decay.FORMULA:
        lines.append(f"    {decay.FORMULA[dialect.flags['decay']]}")
    lines += [f"    {line}" for line in optimizer.formula(dialect.flags).splitlines()]
    lines += ["", "hyperparameters", *_hyperparameters(optimizer, dialect), ""]
    lines += _one(optimizer, dialect) if dialect_name else _dialects(optimizer)
    lines += ["", f"source: {optimizer.source}"]
    return "\n".join(lines) + "\n"


def _hyperparameters(optimizer: Optimizer, dialect: Dialect) -> Iterator[str]:
    extras = {h.name: h.neutral for h in EXTRAS}
    declared = {h.name: h for h in optimizer.everything}
    for key, default in {**dialect.defaults, **extras}.items():
        h = declared[key]
        shown = "required" if default is None else number_text(default)
        bounds = "true or false" if h.switch else f"{h.low:g} to {h.high:g}" + (" (excluded)" if h.open_high else "")
        search = ""
        if h.search:
            subject = f"1 - {h.name}" if h.one_minus else h.name
            search = f"; tuned over {subject} = {h.search[0]:g} to {h.search[1]:g}, log-uniform"
        yield f"    {key:<20} {shown:<10} {h.meaning}; {bounds}{search}"


def _dialects(optimizer: Optimizer) -> list[str]:
    """A table of the dialects with what differs between them, and the flags in words."""
    dialects = optimizer.dialects
    keys = [h.name for h in optimizer.everything if len({_default(d, h.name) for d in dialects}) > 1]
    flags = [flag for flag in optimizer.choices if len({_choice(d, flag) for d in dialects} - {""}) > 1]
    rows = [
        ["dialect", *keys, *(flag.name for flag in flags)],
        *([d.name, *(_default(d, key) for key in keys), *(_choice(d, flag) for flag in flags)] for d in dialects),
    ]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = ["dialects, and what differs between them (adambench show NAME@DIALECT: one of them)"]
    lines += ["    " + "  ".join(map(str.ljust, row, widths)).rstrip() for row in rows]
    for flag in flags:
        lines += ["", f"{flag.name}"]
        lines += [
            f"    {_word(value)}: {words}"
            for value, words in flag.words.items()
            if any(_choice(d, flag) == _word(value) for d in dialects)
        ]
    return lines


def _one(optimizer: Optimizer, dialect: Dialect) -> list[str]:
    lines = ["this dialect", f"    {dialect.library}", f"    {dialect.source}"]
    if dialect.note:
        lines.append(f"    note: {dialect.note}")
    said = [flag.words[dialect.flags[flag.name]] for flag in optimizer.choices if _choice(dialect, flag)]
    return lines + [f"    {words}" for words in said]


def _default(dialect: Dialect, key: str) -> str:
    """The default as text; nothing where the dialect does not have the hyperparameter."""
    if key not in dialect.defaults:
        return ""
    value = dialect.defaults[key]
    return "required" if value is None else number_text(value)


def _choice(dialect: Dialect, flag: Flag) -> str:
    """The dialect's choice as a word; nothing where it has none to make."""
    if flag.name == decay.CHOICE.name and "weight_decay" not in dialect.defaults:
        return ""
    return _word(dialect.flags[flag.name]) if flag.name in dialect.flags else ""


def _word(value: object) -> str:
    """A flag's value as one word of a table."""
    return number_text(value) if isinstance(value, bool) else str(value)
