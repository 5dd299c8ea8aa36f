"""A problem file's text to a Problem, with every error in it found in one pass."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

from adambench.configuration import Entrant
from adambench.errors import AdambenchError
from adambench.functions import FUNCTIONS, all_functions
from adambench.optimizer import Blocks
from adambench.problem.contest import read_optimizers, read_targets
from adambench.problem.document import Mapping, Scalar, Sequence, tree
from adambench.problem.finding import Finding, ProblemError, TooManyFindings
from adambench.problem.fit import UNFIT, fields, wrong
from adambench.problem.identity import identity
from adambench.problem.keys import DEFAULT_SEEDS, LONGEST_NAME, SCHEDULES, file_keys
from adambench.problem.objective import Objective, check_scratch, place, read_objective
from adambench.problem.points import asks_to_solve, read_optimum, read_start
from adambench.problem.problem import Noise, Problem, Schedule, Sweep, is_random
from adambench.problem.requirement import read_requirements
from adambench.problem.sweep import Variant, variants
from adambench.problem.tolerance import SPELLED
from adambench.problem.transformed import transformed
from adambench.problem.tuning import Tuning, parse_range


def read(text: str, name: str, folder: Path | None, path: str | None = None) -> Problem:
    """The one problem that `text` describes (see `read_all`). Raises ProblemError where a sweep makes it several."""
    problems = read_all(text, name, folder, path)
    if len(problems) != 1:
        raise ProblemError(name, text, [Finding(1, 1, "", f"expected one problem, got {len(problems)}: a sweep")])
    return problems[0]


def read_all(text: str, name: str, folder: Path | None, path: str | None = None) -> list[Problem]:
    """The problem that `text` describes; several where numbers of it are swept.

    name    what the file is called in messages
    folder  where data files may lie, and nowhere else; None: nowhere
    path    where the file lies, if anywhere

    Raises ProblemError with all that is wrong.
    """
    findings: list[Finding] = []
    problems: list[Problem | None] = []
    try:
        root = tree(text, findings)
        if isinstance(root, Mapping):
            for variant in variants(root, findings):
                found = list(findings)  # of the text: they leave gaps in the tree
                try:
                    problems.append(_problem(variant, folder, path, found))
                finally:  # each once: most of what is wrong is wrong in every variant
                    findings += [finding for finding in found if finding not in findings]
        elif root is None:
            findings.append(Finding(1, 1, "", "expected a problem (name: ..., function: ...), got an empty file"))
        else:
            wrong(root, "", "a mapping with the keys of a problem", findings)
    except TooManyFindings:
        pass
    if findings:
        raise ProblemError(name, text, findings)
    return [problem for problem in problems if problem is not None]


def _problem(variant: Variant, folder: Path | None, path: str | None, findings: list[Finding]) -> Problem | None:
    """The problem, or None where there are findings."""
    root = variant.root
    if isinstance(named := root.get("function"), Scalar):
        FUNCTIONS.get(named.text)  # which may be installed: then it is one of the names that are known
    values = fields(root, file_keys(), "", findings)
    name = values["name"]
    if variant.suffix and name is not UNFIT:
        name += variant.suffix
        if len(name) > LONGEST_NAME:
            room = LONGEST_NAME - len(variant.suffix)
            wanted = f"a name of at most {room} characters, as {variant.suffix} is put behind it"
            wrong(place(root, "name"), "name", wanted, findings, got=f"{len(values['name'])}")
    optimizers = read_optimizers(root, values.get("optimizers"), findings)
    seeds = _seeds(root, values.get("seeds"), findings)
    objective = read_objective(root, values, folder, findings)
    objective = transformed(root, values.get("transforms", []), objective, findings)
    start = read_start(root, values.get("start"), objective, findings)
    optimum = read_optimum(root, values.get("optimum"), objective, findings)
    blocks = _blocks(root, values.get("shape"), objective, findings)
    noise = _noise(root, values.get("noise", []), objective, findings)
    targets = read_targets(root, values.get("targets"), objective, optimum, findings)
    require = read_requirements(root, values.get("require", []), targets, optimizers, findings)
    tuning = _tuning(root, values.get("tuning"), optimizers, findings)
    if findings or objective is None or start is None:
        return None
    schedule = _schedule(*values.get("schedule", ("constant", {"warmup": 0})))
    data, function = objective.prepare(), objective.function
    check_scratch(root, data, findings)
    if findings:
        return None
    if seeds is None:
        seeds = tuple(range(DEFAULT_SEEDS if is_random(function, start, noise) else 1))
    return Problem(
        name=name,
        sweep=Sweep(values["name"], variant.values) if variant.values else None,
        function=function,
        dimension=objective.dimension,
        parameters=objective.parameters,
        data=data,
        start=start,
        optimum=optimum,
        noise=noise,
        schedule=schedule,
        budget=values["budget"],
        targets=targets,
        seeds=seeds,
        optimizers=optimizers,
        require=require,
        suites=tuple(values.get("suites", ())),
        description=values["description"],
        source=values["source"],
        hash=identity(
            *(function, objective.dimension, objective.defines, start, noise, schedule, values.get("shape")),
        ),
        blocks=blocks,
        path=path,
        lines={str(key.value): key.line for key, _ in root.entries},
        solve=asks_to_solve(values.get("optimum")),
        tuning=tuning,
        tolerance=_tolerance(values.get("gate")),
    )


def _tolerance(given: Any) -> dict[str, float]:
    """What stands under `gate`, by the names that the command line has; of one spelled in both ways the less."""
    named: dict[str, float] = {} if given is None else given["tolerance"]
    found: dict[str, float] = {}
    for spelled, value in named.items():
        name = SPELLED[spelled]
        found[name] = min(found.get(name, math.inf), float(value))
    return found


def _tuning(root: Mapping, given: Any, optimizers: tuple[Entrant, ...], findings: list[Finding]) -> Tuning | None:
    """What stands under `tuning`; each range is of one of the optimizers of the file."""
    if given is None or given is UNFIT:
        return None
    ranges = []
    for key, spread in given.pop("space", {}).items():
        try:
            one = parse_range(key, spread)
            if optimizers and not one.concerns(optimizers):
                raise AdambenchError(f"{key}: expected {one.wanted(optimizers)}, got {key!r}")
            ranges.append(one)
        except AdambenchError as error:
            wanted, _, got = str(error).removeprefix(f"{key}: expected ").rpartition(", got ")
            wrong(place(root, "tuning", "space", key), f"tuning.space.{key}", wanted, findings, got=got)
    return Tuning(ranges=tuple(ranges), **given)


def _blocks(root: Mapping, given: Any, objective: Objective | None, findings: list[Finding]) -> Blocks:
    """x as one block of the shape given; else as the function divides it; else one vector."""
    if objective is None or given is UNFIT:
        return ()
    dimension, blocks = objective.dimension, objective.function.blocks
    if given is None:
        return blocks(dimension, objective.parameters) if blocks is not None else ((0, dimension, 0),)
    rows, columns = given
    if rows * columns != dimension:
        got = f"{rows} x {columns} = {rows * columns:,}"
        wrong(place(root, "shape"), "shape", f"rows x columns = {dimension:,}, the dimension", findings, got=got)
    return ((0, rows, columns),)


def _noise(root: Mapping, given: Any, objective: Objective | None, findings: list[Finding]) -> tuple[Noise, ...]:
    """In the order given, each kind once."""
    if given is UNFIT:
        return ()
    parts = given if isinstance(given, list) else [given]
    node = place(root, "noise")
    found: dict[str, Noise] = {}
    for number, part in enumerate(parts):
        if part is UNFIT:
            continue
        kind, options = part
        path = f"noise[{number}]" if isinstance(node, Sequence) else "noise"
        at = node.items[number] if isinstance(node, Sequence) else node
        if kind in found:
            wrong(at, path, f"{kind} once", findings, got="it again")
        elif kind == "quadratic_model" and objective is not None and objective.function.spectrum is None:
            known = ", ".join(name for name, function in all_functions().items() if function.spectrum is not None)
            wrong(at, path, f"{kind} with a quadratic ({known})", findings, got=f"it with {objective.function.name}")
        found[kind] = _one_noise(kind, options)
    return tuple(found.values())


def _one_noise(kind: str, options: dict[str, Any]) -> Noise:
    match kind:
        case "heavy_tail":
            return Noise(kind, options["scale"], options["df"])
        case "quadratic_model":
            return Noise(kind, 1.0 / math.sqrt(options["batch"]))
        case _:
            return Noise(kind, options["std"])


def _schedule(kind: str, options: dict[str, Any]) -> Schedule:
    values = tuple(float(options[key.name]) for key in SCHEDULES[kind].keys if key.name != "warmup")
    return Schedule(kind, values, options["warmup"])


def _seeds(root: Mapping, given: Any, findings: list[Finding]) -> tuple[int, ...] | None:
    """Those of a count or a list; None where none are given, or wrong."""
    if given is None or given is UNFIT:
        return None
    if isinstance(given, int):
        return tuple(range(given))
    node = place(root, "seeds")
    seen: set[int] = set()
    for number, seed in enumerate(given):
        if seed in seen and isinstance(node, Sequence):
            wrong(node.items[number], f"seeds[{number}]", "each seed once", findings, got=f"{seed} again")
        seen.add(seed)
    return tuple(given)
