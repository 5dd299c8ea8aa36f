"""Recorded trajectories: how an optimizer in any language is compared.

    {"schema": "adambench/trajectory/1", "optimizer": "adam", "hyperparameters": {"lr": 0.001, "beta1": 0.9},
     "probes": [{"name": "ordinary gradients", "x0": [1.0, 2.0], "gradients": [[0.1, -0.2], ...], "rates": [1.0, ...],
                 "hyperparameters": {"weight_decay": 0.1}, "iterates": [[0.999, 2.001], ...]}]}

x0 is a vector, or a matrix as a list of rows; each of `gradients` and of `iterates` has its shape. iterates[t] is x
after the step with gradients[t] from a fresh start at x0, and rates[t] the factor on the learning rate in that step (1
where there are none). `hyperparameters` are those at which all probes were run, those of a probe stand in their place;
where they are absent, each dialect runs at its own. A probe whose iterates are null or absent was not run. One
trajectory alone may be {"x0": ..., "gradients": ..., "iterates": ...}, with any of the other keys.

The numbers are float64. The file is somebody's: it is read strictly, and nothing of it is run.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NoReturn

import numpy as np

from adambench.configuration import checked
from adambench.conform.family import Candidate, candidates
from adambench.conform.probe import Floats, Probe, probes
from adambench.conform.trajectory import Trajectory
from adambench.errors import AdambenchError, nearest
from adambench.optimizer import Optimizer, Value
from adambench.optimizers import all_optimizers

SCHEMA = "adambench/trajectory/1"
LARGEST = 2**25
"""Bytes of a file."""
DEEPEST = 8
"""Levels of lists and objects, of which a right file has five."""
MOST = 10_000
"""Coordinates of x, and probes."""
_TOKEN = re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*"|[\[\]{}]', re.DOTALL)
"""A text, or what opens or closes a level."""
_SHARED = ("schema", "optimizer", "hyperparameters")
_OWN = ("name", "x0", "gradients", "rates", "hyperparameters", "iterates")


@dataclass(frozen=True)
class Recording:
    """What a file says: the optimizer it names, its hyperparameters, and the trajectories that were filled in."""

    optimizer: str | None
    hyperparameters: Mapping[str, Value]
    trajectories: tuple[Trajectory, ...]


def read_recording(text: bytes, place: str) -> Recording:
    """The recording in these bytes; AdambenchError, in one sentence that begins with `place`, for whatever is wrong."""
    document = _parsed(text, place)
    if not isinstance(document, dict):
        _wrong(place, "", "an object", document)
    many = "probes" in document
    _known(document, (*_SHARED, "probes") if many else (*_SHARED, *_OWN), place, "")
    if "schema" in document and document["schema"] != SCHEMA:
        _wrong(place, "schema", json.dumps(SCHEMA), document["schema"])
    named = document.get("optimizer")
    known = all_optimizers()
    if named is not None and not (isinstance(named, str) and named in known):
        close = nearest(str(named), known)
        raise AdambenchError(f"{place}: optimizer: expected one of adambench's own{close}, got {_shown(named)}")
    shared = _hyperparameters(document, place, "")
    if not many:
        single = _trajectory({**document, "hyperparameters": {}}, place, "", "trajectory")
        found = [] if single is None else [single]
    else:
        rows = document["probes"]
        if not isinstance(rows, list) or not 1 <= len(rows) <= MOST:
            _wrong(place, "probes", f"a list of 1 to {MOST:,} objects", rows)
        found = []
        for number, row in enumerate(rows):
            where = f"probes[{number}]"
            if not isinstance(row, dict):
                _wrong(place, where, "an object", row)
            _known(row, _OWN, place, where)
            trajectory = _trajectory(row, place, f"{where}.", f"probe {number}")
            found += [] if trajectory is None else [trajectory]
    if not found:
        raise AdambenchError(f"{place}: no iterates: fill in those of one probe at least")
    return Recording(named, shared, tuple(found))


def recordable(optimizer: Optimizer, given: Mapping[str, Value]) -> str:
    """The probes of an optimizer as a file to be filled in, at the hyperparameters of its default dialect."""
    default: Candidate = candidates(optimizer, given)[0]
    rows = [
        {
            "name": probe.name,
            "x0": probe.x0.tolist(),
            "gradients": probe.gradients.tolist(),
            "rates": probe.rates.tolist(),
            "hyperparameters": dict(probe.hyperparameters),
            "iterates": None,
        }
        for probe in probes(optimizer, default.values)
        if probe.recordable
    ]
    head = {"schema": SCHEMA, "optimizer": optimizer.name, "hyperparameters": dict(default.values)}
    start = json.dumps(head, allow_nan=False)[:-1]
    body = ",\n".join(json.dumps(row, allow_nan=False) for row in rows)
    return f'{start}, "probes": [\n{body}\n]}}\n'


def check_names(recording: Recording, optimizer: Optimizer, place: str) -> None:
    """AdambenchError where the optimizer has not what the recording sets, or cannot have it so."""
    declared = {h.name: h for h in optimizer.everything}
    rows = [("", recording.hyperparameters), *((t.probe.name, t.probe.hyperparameters) for t in recording.trajectories)]
    for row, values in rows:
        where = f"{place}: {row}: " if row else f"{place}: "
        for name, value in values.items():
            if name not in declared:
                raise AdambenchError(
                    f"{where}{optimizer.name} has no hyperparameter {name!r}{nearest(name, declared)}; "
                    f"it has: {', '.join(declared)}"
                )
            checked(where.removesuffix(": "), declared[name], value)
    if optimizer.matrices and any(t.probe.x0.ndim != 2 for t in recording.trajectories):
        raise AdambenchError(f"{place}: {optimizer.name} works on matrices: expected x0 as a list of rows")


def check_values(optimizer: Optimizer, values: Mapping[str, Value], name: str) -> None:
    """AdambenchError for a hyperparameter of somebody else's that the optimizer has too, but cannot have so."""
    declared = {h.name: h for h in optimizer.everything}
    for key, value in values.items():
        if key in declared:
            checked(name, declared[key], value)


def _parsed(text: bytes, place: str) -> Any:
    if len(text) > LARGEST:
        raise AdambenchError(f"{place}: expected at most {LARGEST:,} bytes")

    def refused(word: str) -> NoReturn:
        raise _Refused(f"{word} is no number of JSON")

    def number(digits: str) -> float:
        value = float(digits)
        if not math.isfinite(value):
            raise _Refused(f"{digits[:40]} is too large")
        return value

    def unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for key, value in pairs:
            if key in found:
                raise _Refused(f"the key {_shown(key)} is given twice")
            found[key] = value
        return found

    try:
        source = text.decode("utf-8-sig")
        _shallow(source)
        return json.loads(
            source, parse_constant=refused, parse_float=number, parse_int=number, object_pairs_hook=unique
        )
    except UnicodeDecodeError:
        raise AdambenchError(f"{place}: expected JSON in UTF-8") from None
    except json.JSONDecodeError as error:
        raise AdambenchError(f"{place}:{error.lineno}:{error.colno}: expected JSON: {error.msg}") from None
    except _Refused as error:
        raise AdambenchError(f"{place}: {error}") from None


class _Refused(Exception):
    """Part of the text is JSON in form only."""


def _shallow(source: str) -> None:
    """Before the parser sees them: it calls itself once a level."""
    depth = 0
    for token in _TOKEN.finditer(source):
        if token[0] in "[{":
            depth += 1
            if depth > DEEPEST:
                raise _Refused(f"nested more than {DEEPEST} levels deep")
        elif token[0] in "]}":
            depth -= 1


def _trajectory(row: Mapping[str, Any], place: str, where: str, label: str) -> Trajectory | None:
    """None where its iterates are still to be filled in."""
    name = row.get("name", label)
    if not isinstance(name, str) or not 1 <= len(name) <= 200 or not name.isprintable():
        _wrong(place, f"{where}name", "a text of 1 to 200 printable characters", name)
    for key in ("x0", "gradients"):
        if key not in row:
            raise AdambenchError(f"{place}: {where}{key} is missing")
    x0 = _point(row["x0"], None, place, f"{where}x0")
    gradients = _points(row["gradients"], x0.shape, None, place, f"{where}gradients")
    rates = np.ones(len(gradients))
    if row.get("rates") is not None:
        given = row["rates"]
        if not isinstance(given, list) or len(given) != len(gradients):
            _wrong(place, f"{where}rates", f"{len(gradients)} numbers, one a gradient", given)
        rates = np.array([_number(rate, place, f"{where}rates[{t}]") for t, rate in enumerate(given)])
    hyperparameters = _hyperparameters(row, place, where)
    if row.get("iterates") is None:
        return None
    iterates = _points(row["iterates"], x0.shape, len(gradients), place, f"{where}iterates")
    return Trajectory(Probe(name, x0, gradients, rates, hyperparameters), iterates)


def _points(given: Any, shape: tuple[int, ...], count: int | None, place: str, where: str) -> Floats:
    """One point a step."""
    if not isinstance(given, list) or not given or (count is not None and len(given) != count):
        wanted = "a list of points, one a step" if count is None else f"{count} points, one a gradient"
        _wrong(place, where, wanted, given)
    return np.array([_point(point, shape, place, f"{where}[{t}]") for t, point in enumerate(given)])


def _point(given: Any, shape: tuple[int, ...] | None, place: str, where: str) -> Floats:
    """A vector, or a matrix as a list of rows; of this shape where one is given."""
    rows = given if isinstance(given, list) and given and isinstance(given[0], list) else [given]
    for number, row in enumerate(rows):
        at = where if rows[0] is given else f"{where}[{number}]"
        if not isinstance(row, list) or not row:
            _wrong(place, at, "a list of numbers", row)
        if len(row) != len(rows[0]):
            _wrong(place, at, f"{len(rows[0])} numbers, as in the first row", row)
    if len(rows) * len(rows[0]) > MOST:
        _wrong(place, where, f"at most {MOST:,} coordinates", given)
    flat = [_number(value, place, where) for row in rows for value in row]
    point = np.array(flat).reshape((len(rows[0]),) if rows[0] is given else (len(rows), len(rows[0])))
    if shape is not None and point.shape != shape:
        raise AdambenchError(f"{place}: {where}: expected the shape {[*shape]} of x0, got {[*point.shape]}")
    return point


def _number(given: Any, place: str, where: str) -> float:
    if not isinstance(given, float):  # the parser reads whole numbers as floats too
        _wrong(place, where, "numbers", given)
    return given


def _hyperparameters(row: Mapping[str, Any], place: str, where: str) -> dict[str, Value]:
    given = row.get("hyperparameters")
    if given is None:
        return {}
    if not isinstance(given, dict):
        _wrong(place, f"{where}hyperparameters", "an object", given)
    for name, value in given.items():
        if not isinstance(value, float | bool):
            _wrong(place, f"{where}hyperparameters.{name}", "a number, true or false", value)
    return dict(given)


def _known(row: Mapping[str, Any], keys: Sequence[str], place: str, where: str) -> None:
    for key in row:
        if key not in keys:
            at = f"{where}: " if where else ""
            raise AdambenchError(
                f"{place}: {at}unknown key {_shown(key)}{nearest(key, keys)}; expected: {', '.join(keys)}"
            )


def _wrong(place: str, where: str, wanted: str, given: Any) -> NoReturn:
    at = f"{where}: " if where else ""
    raise AdambenchError(f"{place}: {at}expected {wanted}, got {_shown(given)}")


def _shown(given: Any) -> str:
    """A value in a message: its size where it is large; no character that a terminal would act on."""
    if isinstance(given, list | dict):
        return f"{'a list' if isinstance(given, list) else 'an object'} of {len(given):,}"
    text = json.dumps(given)
    return text if len(text) <= 60 else f"{text[:57]}..."
