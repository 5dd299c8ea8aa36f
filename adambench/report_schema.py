"""JSON Schema of a report."""

from __future__ import annotations

from typing import Any

from adambench.outcome import OUTCOMES
from adambench.problem.tolerance import TOLERANCES
from adambench.problem.tuning import RULES, SAMPLERS
from adambench.requirements import kinds

NUMBER = {"type": ["number", "null"]}
COUNT = {"type": "integer", "minimum": 0}
ALLOWANCE = {"type": "number", "minimum": 0}
TEXT = {"type": "string"}
TEXT_OR_NULL = {"type": ["string", "null"]}


def _object(properties: dict[str, Any], optional: tuple[str, ...] = ()) -> dict[str, Any]:
    """An object with these keys, all of them but the optional ones required; keys may be added in time."""
    required = [key for key in properties if key not in optional]
    return {"type": "object", "properties": properties, "required": required}


def _or_null(wanted: Any) -> dict[str, Any]:
    return {"anyOf": [{"type": "null"}, wanted]}


def _list(items: Any) -> dict[str, Any]:
    return {"type": "array", "items": items}


TARGET = {"kind": {"enum": ["relative", "loss", "gradient", "distance"]}, "value": {"type": "number"}}
PAIR = {"anyOf": [{"type": "null"}, {"type": "array", "items": NUMBER, "minItems": 2, "maxItems": 2}]}

COST = _object({"evaluations": COUNT, **dict.fromkeys(("seconds", "ns_per_step", "state_per_parameter"), NUMBER)})
QUARTILES = _object(dict.fromkeys(("median", "q25", "q75"), NUMBER))

PROBLEM = _object(
    {
        **dict.fromkeys(("name", "hash", "function"), TEXT),
        **dict.fromkeys(("dimension", "budget", "seeds", "unit"), COUNT),
        "random": {"type": "boolean"},
        "reference": {"enum": ["optimum", "report"]},
        "reference_loss": NUMBER,
        "initial_loss": _object({"median": NUMBER}),
        "targets": _list(_object(TARGET)),
        "solution": _object({"method": TEXT, "gradient": {"type": "number"}}),
        "sweep": _object({"family": TEXT, "values": {"type": "object", "additionalProperties": {"type": "number"}}}),
        "tolerance": _object(dict.fromkeys(TOLERANCES, ALLOWANCE), optional=(*TOLERANCES,)),
    },
    optional=("seeds", "random", "unit", "solution", "sweep", "tolerance"),
)

RESULT = _object(
    {
        **dict.fromkeys(("problem", "optimizer", "name"), TEXT),
        **dict.fromkeys(("dialect", "implementation"), TEXT_OR_NULL),
        "hyperparameters": {"type": "object", "additionalProperties": {"type": ["number", "boolean"]}},
        "trials": COUNT,
        "outcomes": _object(dict.fromkeys(OUTCOMES, COUNT)),
        "final_loss": _object({**dict.fromkeys(("median", "mean", "min", "max", "q25", "q75"), NUMBER), "ci95": PAIR}),
        "best_loss": _object({"median": NUMBER}),
        "held_out": {"anyOf": [{"type": "null"}, {"type": "object", "additionalProperties": QUARTILES}]},
        "targets": _list(
            _object(
                {
                    **TARGET,
                    **dict.fromkeys(("reached", "trials"), COUNT),
                    **dict.fromkeys(("median", "q25", "q75", "ert", "par10"), NUMBER),
                    **dict.fromkeys(("ert_ci95", "reached_ci95"), PAIR),
                    "stay": {"anyOf": [{"type": "null"}, _object({"reached": COUNT, "median": NUMBER})]},
                    "restarts": QUARTILES,
                },
                optional=("par10", "reached_ci95", "stay", "restarts"),
            )
        ),
        "aocc": QUARTILES,
        "cost": COST,
        "curve": _object({"evaluations": _list(COUNT), **dict.fromkeys(("median", "q25", "q75"), _list(NUMBER))}),
        "seeds": _list(
            _object(
                {
                    "seed": COUNT,
                    "outcome": {"enum": list(OUTCOMES)},
                    **dict.fromkeys(("initial_loss", "final_loss", "best_loss", "aocc"), NUMBER),
                    **dict.fromkeys(("hits", "stay"), _list({"type": ["integer", "null"]})),
                    "losses": _list(NUMBER),
                    "fingerprint": {"type": "string", "pattern": "^[0-9a-f]*$"},
                    "stopped": _object({"evaluation": COUNT, "cause": TEXT}),
                    "held_out": {"type": "object", "additionalProperties": {"type": "number"}},
                },
                optional=("initial_loss", "best_loss", "stay", "aocc", "losses", "held_out"),
            )
        ),
    },
    optional=("held_out", "aocc"),
)

REPORTED = {name: schema for kind in kinds().values() for name, schema in kind.reported.items()}
"""What a kind of requirement adds to those of its kind."""
REQUIREMENT = _object(
    {
        **dict.fromkeys(("problem", "optimizer", "kind", "sentence", "measured"), TEXT),
        "target": {"anyOf": [{"type": "null"}, _object(TARGET)]},
        "within": {"type": ["integer", "null"]},
        **dict.fromkeys(("success_rate", "quantile", "value"), NUMBER),
        "met": {"type": "boolean"},
        "advisory": {"type": "boolean"},
        **REPORTED,
    },
    optional=tuple(REPORTED),
)

COMPARISON = _object(
    {
        "optimizer": TEXT,
        **dict.fromkeys(("problems", "solved", "ranked", "wins", "slowdown_problems"), COUNT),
        **dict.fromkeys(("mean_rank", "slowdown", "score"), NUMBER),
        "solved_ci95": PAIR,
        "group": TEXT_OR_NULL,
        "settings": {"enum": ["tuned", "defaults, untuned", "as given, untuned"]},
        "speedup": _or_null(
            _object(
                {
                    "factor": NUMBER,
                    **dict.fromkeys(("ci95", "bootstrap95"), PAIR),
                    **dict.fromkeys(("charged", "problems"), COUNT),
                }
            )
        ),
        "robustness": _or_null(_object({**dict.fromkeys(("decades", "safety"), NUMBER), "problems": COUNT})),
        "cost": COST,
    },
    optional=("solved_ci95", "score", "group", "settings", "speedup", "robustness", "cost"),
)

RANKS = _object(
    {
        **dict.fromkeys(("optimizers", "unmeasured", "problems", "left_out", "sentences"), _list(TEXT)),
        "mean_ranks": _or_null(_list({"type": "number"})),
        "friedman": _or_null(
            _object(
                {
                    **dict.fromkeys(("chi2", "F", "smallest_p", "p"), NUMBER),
                    "degrees": _or_null(_list({"type": "integer"})),
                }
            )
        ),
        "pairwise": _list(
            _object(
                {
                    **dict.fromkeys(("a", "b"), TEXT),
                    **dict.fromkeys(("problems", "nonzero"), COUNT),
                    **dict.fromkeys(("statistic", "smallest_p", "p"), NUMBER),
                    "different": {"type": ["boolean", "null"]},
                    "faster": {"enum": ["a", "b", None]},
                }
            )
        ),
        "nemenyi": _object({"critical_difference": NUMBER}),
        "refused": TEXT_OR_NULL,
    },
    optional=("nemenyi",),
)

POINT = {"type": "array", "items": {"type": "number"}, "minItems": 2, "maxItems": 2}
PROFILE = _object({"optimizer": TEXT, "problems": COUNT, "points": _list(POINT)})
PROFILES = _object(
    {
        **dict.fromkeys(("performance", "data", "ecdf"), _list(PROFILE)),
        "pairs": _list(
            _object(
                {
                    "optimizer": TEXT,
                    "ratios": _list({"type": "number"}),
                    **dict.fromkeys(("alone", "reference_alone", "neither"), COUNT),
                }
            )
        ),
    }
)

VERDICT = _object(
    {
        "different": {"type": ["boolean", "null"]},
        "faster": {"enum": ["a", "b", None]},
        "test": TEXT_OR_NULL,
        **dict.fromkeys(("p", "smallest_p", "speedup"), NUMBER),
        "ci95": PAIR,
    }
)
AGAINST = {
    **dict.fromkeys(("pairs", "a_failed", "b_failed", "both_failed"), COUNT),
    **dict.fromkeys(("speedup", "win"), NUMBER),
    **dict.fromkeys(("ci95", "bootstrap95", "win_ci95"), PAIR),
    "verdict": VERDICT,
}
DUELS = _object(
    {
        "reference": TEXT,
        "against": _list(
            _object(
                {
                    **dict.fromkeys(("optimizer", "sentence"), TEXT),
                    "problems": {
                        "type": "object",
                        "additionalProperties": _object({**AGAINST, "variance_ratio": NUMBER}),
                    },
                    "over": _object(
                        {**AGAINST, **dict.fromkeys(("problems", "used", "charged"), COUNT)}, optional=("charged",)
                    ),
                }
            )
        ),
    }
)

SCALING = _object(
    {
        **dict.fromkeys(("family", "optimizer"), TEXT),
        "target": _object(TARGET),
        **dict.fromkeys(("points", "problems"), COUNT),
        "exponents": _list(_object({"quantity": TEXT, "exponent": NUMBER, "ci95": PAIR})),
    }
)

AXIS = {
    "type": "array",
    "prefixItems": [{"type": "number"}, {"type": "number"}, {"enum": ["log", "one-minus-log"]}],
    "minItems": 3,
    "maxItems": 3,
}
SWITCH = {"type": "boolean"}
SETTINGS = {"type": "object", "additionalProperties": {"type": ["number", "boolean"]}}
NUMBERS_OR_NULL = {"anyOf": [{"type": "null"}, _list(NUMBER)]}

TUNING = _object(
    {
        "trials": COUNT,
        "sampler": {"enum": list(SAMPLERS)},
        "rule": {"enum": list(RULES)},
        "seed": COUNT,
        "seeds": _list(COUNT),
        **dict.fromkeys(("defaults", "halving", "across"), SWITCH),
        "spaces": {"type": "object", "additionalProperties": {"type": "object", "additionalProperties": AXIS}},
        "warnings": _list(TEXT),
        "entries": _list(
            _object(
                {
                    **dict.fromkeys(("problem", "optimizer"), TEXT),
                    "winner": TEXT_OR_NULL,
                    "draw": {"type": ["integer", "null"]},
                    **dict.fromkeys(("tuning_loss", "fresh_loss", "gap"), NUMBER),
                    **dict.fromkeys(("tuning_hits", "fresh_hits"), NUMBERS_OR_NULL),
                    **dict.fromkeys(("seeds", "evaluations", "diverged"), COUNT),
                    "random": SWITCH,
                    "warnings": _list(TEXT),
                    "concerns": _list(_object({"kind": TEXT, "hyperparameter": TEXT_OR_NULL})),
                    "draws": _list(
                        _object(
                            {
                                "hyperparameters": SETTINGS,
                                **dict.fromkeys(("budget", "diverged"), COUNT),
                                "final_loss": NUMBER,
                                "hits": _list(NUMBER),
                            }
                        )
                    ),
                },
                optional=("random", "concerns"),
            )
        ),
        "expected_best": _object(
            {
                "note": TEXT,
                "replacement": SWITCH,
                "n": _list(COUNT),
                "curves": _list(
                    _object(
                        {
                            **dict.fromkeys(("problem", "optimizer"), TEXT),
                            "target": {"anyOf": [{"type": "null"}, _object(TARGET)]},
                            **dict.fromkeys(("mean", "low", "median", "high"), _list(NUMBER)),
                        }
                    )
                ),
            }
        ),
        "best_probabilities": _object(
            {
                "note": TEXT,
                "n": _list(COUNT),
                "problems": _list(
                    _object(
                        {
                            "problem": TEXT,
                            "optimizers": {"type": "object", "additionalProperties": _list({"type": "number"})},
                        }
                    )
                ),
            }
        ),
        "inclusion": _list(
            _object(
                {
                    **dict.fromkeys(("general", "special", "problem", "how"), TEXT),
                    **dict.fromkeys(("seeds", "worse"), COUNT),
                    "low": NUMBER,
                    "target": {"anyOf": [{"type": "null"}, _object(TARGET)]},
                    "verdict": {"enum": ["tuning too small", "consistent", "cannot tell"]},
                }
            )
        ),
    },
    optional=("expected_best", "best_probabilities", "inclusion"),
)

ROBUSTNESS = _object(
    {
        **dict.fromkeys(("problem", "optimizer"), TEXT),
        "source": {"enum": ["draws", "sweep"]},
        "rates": COUNT,
        **{key: {"type": "number"} for key in ("best_lr", "best_loss", "decades")},
        "basin": {"type": "array", "items": {"type": "number"}, "minItems": 2, "maxItems": 2},
        **dict.fromkeys(("open_low", "open_high"), SWITCH),
        **dict.fromkeys(("boundary", "safety"), NUMBER),
    }
)

ADAPTIVE_SEEDS = _object(
    {
        "goal": {"type": "number"},
        "statistic": {"enum": ["ert", "final-loss"]},
        "max_seeds": COUNT,
        "problems": _list(_object({"problem": TEXT, "seeds": COUNT, "widest": NUMBER, "met": {"type": "boolean"}})),
    }
)

MERGED = _object(
    {"reports": _list(TEXT), "differences": _list(_object({"key": TEXT, "values": {"type": "array"}}))},
)

REPORT_SCHEMA: dict[str, Any] = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "title": "adambench report",
    **_object(
        {
            "schema": {"const": "adambench/report/1"},
            "adambench": TEXT,
            "command": _list(TEXT),
            "environment": _object(
                {
                    **dict.fromkeys(("python", "numpy", "numba", "cpu", "platform"), TEXT),
                    "jobs": {"type": ["integer", "null"], "minimum": 0},
                    "plugins": _list(_object(dict.fromkeys(("name", "sha256"), TEXT))),
                },
                optional=("plugins",),
            ),
            "settings": _object(
                {
                    "precision": {"enum": ["float32", "float64"]},
                    "stop_at_target": {"type": "boolean"},
                    "timeout": NUMBER,
                }
            ),
            "problems": _list(PROBLEM),
            "results": _list(RESULT),
            "timing": _object(
                dict.fromkeys(("compile_seconds", "run_seconds", "tuning_seconds"), NUMBER),
                optional=("tuning_seconds",),
            ),
            "requirements": _list(REQUIREMENT),
            "requirements_not_asked": COUNT,
            "comparison": _list(COMPARISON),
            "ranks": RANKS,
            "profiles": PROFILES,
            "duels": DUELS,
            "scaling": _list(SCALING),
            "tuning": TUNING,
            "robustness": _list(ROBUSTNESS),
            "adaptive_seeds": ADAPTIVE_SEEDS,
            "interrupted": {"type": "boolean"},
            "merged": MERGED,
        },
        optional=(
            *("requirements", "requirements_not_asked", "comparison", "ranks", "profiles", "duels", "scaling"),
            *("tuning", "robustness", "adaptive_seeds", "interrupted", "merged"),
        ),
    ),
}
