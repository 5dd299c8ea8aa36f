"""A report read back: every value of it checked before anybody relies on it."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import IO, Any

from adambench.errors import AdambenchError
from adambench.report_schema import REPORT_SCHEMA, RESULT
from adambench.saved.coherence import Outline, disagreement, mismatch, outline
from adambench.saved.collection import uncollected
from adambench.saved.decoder import Decode, compile_decoder
from adambench.saved.document import SPACE, Broken, items
from adambench.saved.problem import problem_fault
from adambench.saved.requirement import requirement_fault
from adambench.saved.structure import compile_schema
from adambench.saved.text import LONGEST_PATH, named, printable, read_text, shortened
from adambench.saved.tuning import tuning_fault
from adambench.saved.value import Check, shown

SCHEMA: str = REPORT_SCHEMA["properties"]["schema"]["const"]
Row = dict[str, Any]


def read_report(
    place: str, stream: IO[Any] | None = None, shorten: Callable[[Row], Any] | None = None
) -> dict[str, Any]:
    """The report in a file, or in `stream` (standard input without one) where the place is `-`.

    shorten  takes each row of `results` once it is known to be good; what it returns is kept in the row's place

    Raises AdambenchError, one sentence that names the place, for what cannot be read, is larger than 256 MiB, is no
    strict JSON (NaN, a key twice, a number of thousands of digits, cut off), has another schema, is not as the schema
    says, or contradicts itself; where it is about a value, with its path: `results[3].seeds[0].hits`.
    """
    text = read_text(place, stream)
    try:
        with uncollected():
            return _read(text, shorten)
    except Broken as error:
        path, sentence = error.args
        where = f"{shortened(path, LONGEST_PATH)}: " if path else ""
        raise AdambenchError(printable(f"{named(place)}: {where}{sentence}")) from None


def _read(text: str, shorten: Callable[[Row], Any] | None) -> dict[str, Any]:
    if not text.startswith("{", SPACE.match(text).end()):  # type: ignore[union-attr]
        raise Broken("", "expected a report, as `adambench run --json` prints it, got something else")
    document: dict[str, Any] = {}
    outlines: list[Outline] = []
    fault: Broken | None = None  # told last: another schema explains it better
    for item in items(text, {"results": _decoder()}):
        key, index, value = item.key, item.index, item.value
        if index is None:
            if key == "schema":
                _check_schema(value)
            document[key] = value
            continue
        if fault is None and not item.checked:
            fault = _fault(key, index, value)
        if key == "results" and fault is None:
            outlines.append(outline(value))
            fault = _broken(disagreement(value, f"results[{index}]"))
            value = value if shorten is None or fault else shorten(value)
        document.setdefault(key, []).append(value)
    if "schema" not in document:
        raise Broken("", f"expected a report, with the key schema: {SCHEMA}, got none")
    fault = fault or _fault_of_whole(document) or _fault_between(document, outlines)
    if fault is not None:
        raise fault
    return document


def _check_schema(value: object) -> None:
    if value == SCHEMA:
        return
    kind, _, number = str(value).rpartition("/")
    hint = ""
    if isinstance(value, str) and kind == SCHEMA.rpartition("/")[0] and number.isdecimal():
        hint = ", which another version of adambench wrote: read it with that one, or run again with this one"
    elif isinstance(value, str) and kind.startswith("adambench/"):
        hint = ", which is another kind of document"
    raise Broken("schema", f"expected {SCHEMA}, got {shown(value)}{hint}")


def _fault(key: str, index: int, value: Any) -> Broken | None:
    """What is wrong with an item of a list of the top level."""
    check = _checks().get(key)
    fault = None if check is None else check([value])
    return None if fault is None else Broken(f"{key}[{index}]{fault.path}", fault.sentence)


def _fault_of_whole(document: dict[str, Any]) -> Broken | None:
    """What is wrong with it besides the items of its lists."""
    rest = {key: [] if key in _checks() and isinstance(value, list) else value for key, value in document.items()}
    fault = _whole()([rest])
    return None if fault is None else Broken(fault.path.removeprefix("."), fault.sentence)


def _fault_between(document: dict[str, Any], outlines: list[Outline]) -> Broken | None:
    """What contradicts something elsewhere, or could not have been run."""
    problems = document["problems"]
    found = problem_fault(problems) or mismatch(problems, outlines) or tuning_fault(document.get("tuning"), problems)
    return _broken(found or requirement_fault(document.get("requirements", ()), problems, outlines))


def _broken(found: tuple[str, str] | None) -> Broken | None:
    return None if found is None else Broken(*found)


@lru_cache
def _decoder() -> Decode:
    return compile_decoder(RESULT)


@lru_cache
def _checks() -> dict[str, Check]:
    """The check of one item of each list of the top level."""
    properties = REPORT_SCHEMA["properties"]
    return {key: compile_schema(value["items"]) for key, value in properties.items() if value.get("type") == "array"}


@lru_cache
def _whole() -> Check:
    return compile_schema(REPORT_SCHEMA)
