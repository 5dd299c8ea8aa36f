"""How a comparison was tuned, what each optimizer's best draw is worth, and whose tuning was too small, in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from adambench.analysis.inclusion import TOO_SMALL, UNKNOWN
from adambench.analysis.number import shortest, significant, steps
from adambench.analysis.target import target_text
from adambench.analysis.tuned import chosen_by, too_small
from adambench.render.parts.column import Cell, Column
from adambench.render.parts.plain import plain

Row = Mapping[str, Any]

SAMPLERS = {"sobol": "scrambled Sobol", "random": "independent"}
SHOWN = 3
"""Problems that are named; the JSON has them all."""
NOTE = (
    "best of N: the winning draw (rounded; exact in the JSON). gap: fresh less tuning, the winner's curse. lr basin: "
    "decades between the learning rates of draws that end within 10 times the best one's gap to the reference loss "
    "(within 10% of its loss where there is none). margin: the smallest learning rate above the best that diverged, "
    "over the best; other hyperparameters vary too. diverged: draws, on half of their seeds or more. P(best) of n: the "
    "probability that, of n draws each, its best is the lowest; "
)


def tuned_columns(document: Row, problem: Row, unicode: bool) -> list[Column]:
    """Optimizer, winning settings, what they got in tuning and on fresh seeds, lr basin, diverged draws, P(best).

    No columns where nothing was tuned.
    """
    tuning = document.get("tuning", {"entries": ()})
    entries = [entry for entry in tuning["entries"] if entry["problem"] == problem["name"]]
    shown = [entry for entry in entries if entry["draws"]]
    if not shown:
        return []
    basins = {
        found["optimizer"]: found for found in document.get("robustness", ()) if found["problem"] == problem["name"]
    }
    found = [basins.get(entry["optimizer"]) for entry in shown]
    return [
        Column("tuned", tuple(Cell(plain(entry["optimizer"], unicode)) for entry in shown), numeric=False),
        Column(
            f"best of {tuning['trials']:,}",
            tuple(Cell(plain(_setting(entry, tuning["spaces"]), unicode)) for entry in shown),
            100,
            numeric=False,
        ),
        *_achieved(problem, tuning["rule"], shown, unicode),
        Column("lr basin", tuple(Cell(_decades(basin, unicode)) for basin in found)),
        Column("margin", tuple(Cell(_margin(basin)) for basin in found), 101),
        Column("diverged", tuple(Cell(f"{entry['diverged']}/{len(entry['draws'])}") for entry in shown), 102),
        *_chances(problem["name"], tuning, shown),
    ]


def _setting(entry: Row, spaces: Row) -> str:
    """'lr 0.016, beta2 0.99977': the tuned values of the winner, to 3 digits (2 of 1 - value where that is drawn)."""
    values = entry["draws"][entry["draw"]]["hyperparameters"]
    scales = {name: axis[2] for name, axis in spaces.get(entry["optimizer"], {}).items()}
    return ", ".join(f"{name} {_rounded(value, scales.get(name))}" for name, value in values.items())


def _rounded(value: float, scale: str | None) -> str:
    if scale != "one-minus-log":
        return significant(value)
    return f"{1 - float(f'{1 - value:.1e}'):.12g}"


def _achieved(problem: Row, rule: str, entries: Sequence[Row], unicode: bool) -> list[Column]:
    """What the winners were chosen by, in tuning and on fresh seeds; nothing where both are the same, as no seed
    changes anything."""
    if not any(entry.get("random", True) for entry in entries):
        return []
    place = chosen_by(problem, rule, entries)
    what = "loss" if place is None else f"steps to {plain(target_text(problem['targets'][place]), unicode)}"
    tuning, fresh = ([_value(entry, kind, place) for entry in entries] for kind in ("tuning", "fresh"))
    gaps = [None if a is None or b is None else b - a for a, b in zip(tuning, fresh, strict=True)]
    signs = ["+" if gap is not None and gap > 0 else "" for gap in gaps]
    return [
        Column(f"tuning {what}", tuple(Cell(_number(value, place)) for value in tuning), 103),
        Column(f"fresh {what}", tuple(Cell(_number(value, place)) for value in fresh)),
        Column(
            "gap",
            tuple(
                Cell("-" if gap is None else f"{sign}{_number(gap, place)}")
                for gap, sign in zip(gaps, signs, strict=True)
            ),
            104,
        ),
    ]


def _value(entry: Row, kind: str, place: int | None) -> float | None:
    if place is None:
        return None if entry[f"{kind}_loss"] is None else float(entry[f"{kind}_loss"])
    hits = entry[f"{kind}_hits"]
    return None if hits is None or hits[place] is None else float(hits[place])


def _number(value: float | None, place: int | None) -> str:
    """A loss or a number of steps; what is infinite is 'inf', or '-' for a target that was missed."""
    if place is None:
        return "inf" if value is None else significant(value)
    return "-" if value is None else steps(value)


def _decades(basin: Row | None, unicode: bool) -> str:
    if basin is None:
        return "-"
    least = ("≥" if unicode else ">=") if basin["open_low"] or basin["open_high"] else ""
    return f"{least}{basin['decades']:.1f}"


def _margin(basin: Row | None) -> str:
    if basin is None or basin["safety"] is None:
        return "-"
    return f"{_times(basin['safety'])}x"


def _chances(problem: str, tuning: Row, entries: Sequence[Row]) -> list[Column]:
    """P(best) at one draw, an eighth of them, and all: without replacement half, as of all that is 0 or 1."""
    chances = tuning.get("best_probabilities", {"n": [], "problems": []})
    found = next((one["optimizers"] for one in chances["problems"] if one["problem"] == problem), None)
    if found is None or len(entries) < 2:
        return []
    last = tuning["trials"] if tuning["expected_best"]["replacement"] else max(tuning["trials"] // 2, 1)
    sizes = sorted(
        {min(chances["n"], key=lambda n: abs(n - size)) for size in (1, max(tuning["trials"] // 8, 1), last)}
    )
    places = [chances["n"].index(size) for size in sizes]
    cells = (
        ", ".join(f"{found[entry['optimizer']][place]:.0%}" for place in places) if entry["optimizer"] in found else "-"
        for entry in entries
    )
    return [Column(f"P(best) of {', '.join(f'{size:,}' for size in sizes)}", tuple(map(Cell, cells)), 105)]


def beneath(document: Row, problem: Row) -> list[str]:
    """What stands under a problem's tables: whose tuning was too small there, and what a sweep of lr showed."""
    found = [reservation(document, problem["name"]), *sweep(document, problem)]
    return [line for line in found if line]


def closing(document: Row) -> list[str]:
    """What stands at the end of a tuned report; nothing of one that is not."""
    tuning = document.get("tuning")
    return [] if tuning is None else [*how_tuned(tuning), *inclusions(tuning)]


def note(tuning: Row) -> str:
    """What the columns are."""
    return NOTE + str(tuning.get("best_probabilities", {"note": ""})["note"])


def how_tuned(tuning: Row) -> list[str]:
    """How, over which ranges, and what follows for what is compared."""
    seeds = len(tuning["seeds"])
    still = " (one where nothing is random)" if any(entry["seeds"] < seeds for entry in tuning["entries"]) else ""
    measure = {
        "final-loss": "median loss at the horizon",
        "steps": "median steps to the hardest target that any of them reaches",
    }[tuning["rule"]]
    lines = [
        f"tuned: best of {tuning['trials']:,} draw{'' if tuning['trials'] == 1 else 's'} ({SAMPLERS[tuning['sampler']]}"
        f"{', the defaults first' if tuning['defaults'] else ''}) of each optimizer, by {measure} on "
        f"{seeds:,} tuning seed{'' if seeds == 1 else 's'}{still}"
        f"{', one setting for all problems' if tuning['across'] else ''}"
        f"{', half discarded at 1/8, 1/4 and 1/2 of the budget' if tuning['halving'] else ''}; everything else shown "
        "is on fresh seeds"
    ]
    ranges: dict[str, list[str]] = {}
    for label, axes in tuning["spaces"].items():
        for name, (low, high, scale) in axes.items():
            of = f" (of 1 - {name})" if scale == "one-minus-log" else ""
            ranges.setdefault(f"{name} {shortest(low)}..{shortest(round(high, 12))}{of}", []).append(label)
    everybody = list(tuning["spaces"])
    said = [f"{text} for {'all' if labels == everybody else ', '.join(labels)}" for text, labels in ranges.items()]
    lines.append(f"drawn log-uniformly: {'; '.join(said)}")
    if tuning["rule"] == "final-loss":
        lines.append("steps to targets are what settings chosen for their final loss need; --rule steps tunes for them")
    return [plain(line) for line in lines]


def reservation(document: Row, problem: str) -> str:
    """'nothing is shown against adam here: beaten by a special case of its own'; '' where there is nothing to say."""
    accused = too_small(document.get("tuning")).get(problem, [])
    whose = "their" if len(accused) > 1 else "its"
    said = f"nothing is shown against {', '.join(accused)} here: beaten by a special case of {whose} own"
    return plain(said) if accused else ""


def inclusions(tuning: Row) -> list[str]:
    """What the inclusions say: who lost to a special case of its own, where that cannot be told, or that nobody did."""
    found = tuning.get("inclusion", ())
    lost: dict[tuple[str, bool], dict[str, list[str]]] = {}
    for entry in found:
        if entry["verdict"] == TOO_SMALL:
            by_steps = entry["target"] is not None and tuning["rule"] == "final-loss"
            special = f"{entry['special']} ({entry['how']})"
            lost.setdefault((entry["general"], by_steps), {}).setdefault(special, []).append(entry["problem"])
    said = []
    for (general, by_steps), cases in lost.items():
        whom = "; to ".join(f"{special} on {listed(names)}" for special, names in cases.items())
        why = "tuned for the final loss, not for steps" if by_steps else TOO_SMALL
        what = "lost in steps" if by_steps else "lost"
        said.append(
            f"{why}: {general} {what} to special cases of its own, to {whom}: nothing is shown against it there"
        )
    unknown = list(dict.fromkeys(entry["problem"] for entry in found if entry["verdict"] == UNKNOWN))
    if unknown:
        said.append(f"fewer than 6 seeds cannot tell whether tuning sufficed on {listed(unknown)}")
    checked = len({(e["general"], e["special"], e["problem"]) for e in found if e["verdict"] != UNKNOWN})
    if checked and not lost:
        said.append(f"no optimizer lost to a special case of its own, of {steps(checked)} that could be checked")
    return [plain(line) for line in said]


def listed(names: Sequence[str]) -> str:
    """'a, b, c and 2 others'."""
    shown = ", ".join(names[:SHOWN])
    return f"{shown} and {len(names) - SHOWN} others" if len(names) > SHOWN + 1 else ", ".join(names)


def sweep(document: Row, problem: Row) -> list[str]:
    """'adam on valley: learning rates 1e-3 to 0.1 are within a decade of the best (2 decades); diverges from 0.5, 50
    times the best': one for each optimizer whose learning rate was swept."""
    return [
        plain(_basin(found, problem))
        for found in document.get("robustness", ())
        if found["source"] == "sweep" and found["problem"] == problem["name"]
    ]


def _basin(found: Row, problem: Row) -> str:
    low, high = found["basin"]
    near = "within 10% of the best" if problem["reference_loss"] is None else "within a decade of the best"
    if low == high:
        said = f"the best learning rate, {significant(low)}, stands alone: no other tried is {near}"
    else:
        width = f"{found['decades']:.1f}".removesuffix(".0")
        ends = {
            (True, True): ": all that were tried",
            (True, False): " or more: none lower was tried",
            (False, True): " or more: none higher was tried",
            (False, False): "",
        }[found["open_low"], found["open_high"]]
        said = (
            f"learning rates {significant(low)} to {significant(high)} are {near}, {significant(found['best_lr'])} "
            f"({width} decade{'' if width == '1' else 's'}{ends})"
        )
    if found["boundary"] is not None:
        end = f"diverges from {significant(found['boundary'])}, {_times(found['safety'])} times the best"
    else:
        end = "none above diverged"
    return f"{found['optimizer']} on {found['problem']}: {said}; {end}"


def _times(factor: float) -> str:
    return steps(factor) if factor >= 100 else significant(factor, 2)
