"""JSON Schema of a report."""

from __future__ import annotations

from typing import Any

from adambench.outcome import OUTCOMES
from adambench.problem.tuning import RULES, SAMPLERS

NUMBER = {"type": ["number", "null"]}
COUNT = {"type": "integer", "minimum": 0}
TEXT = {"type": "string"}
TEXT_OR_NULL = {"type": ["string", "null"]}


def _object(properties: dict[str, Any], optional: tuple[str, ...] = ()) -> dict[str, Any]:
    """An object with these keys, all of them but the optional ones required; keys may be added in time."""
    required = [key for key in properties if key not in optional]
    return {"type": "object", "properties": properties, "required": required}


def _list(items: Any) -> dict[str, Any]:
    return {"type": "array", "items": items}


TARGET = {"kind": {"enum": ["relative", "loss", "gradient", "distance"]}, "value": {"type": "number"}}
PAIR = {"anyOf": [{"type": "null"}, {"type": "array", "items": NUMBER, "minItems": 2, "maxItems": 2}]}

QUARTILES = _object(dict.fromkeys(("median", "q25", "q75"), NUMBER))

PROBLEM = _object(
    {
        **dict.fromkeys(("name", "hash", "function"), TEXT),
        **dict.fromkeys(("dimension", "budget", "seeds"), COUNT),
        "reference": {"enum": ["optimum", "report"]},
        "reference_loss": NUMBER,
        "initial_loss": _object({"median": NUMBER}),
        "targets": _list(_object(TARGET)),
        "solution": _object({"method": TEXT, "gradient": {"type": "number"}}),
        "sweep": _object({"family": TEXT, "values": {"type": "object", "additionalProperties": {"type": "number"}}}),
    },
    optional=("seeds", "solution", "sweep"),
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
                    **dict.fromkeys(("median", "q25", "q75", "ert"), NUMBER),
                    "ert_ci95": PAIR,
                }
            )
        ),
        "cost": _object(
            {"evaluations": COUNT, **dict.fromkeys(("seconds", "ns_per_step", "state_per_parameter"), NUMBER)}
        ),
        "curve": _object({"evaluations": _list(COUNT), **dict.fromkeys(("median", "q25", "q75"), _list(NUMBER))}),
        "seeds": _list(
            _object(
                {
                    "seed": COUNT,
                    "outcome": {"enum": list(OUTCOMES)},
                    "final_loss": NUMBER,
                    "hits": _list({"type": ["integer", "null"]}),
                    "fingerprint": {"type": "string", "pattern": "^[0-9a-f]*$"},
                    "stopped": _object({"evaluation": COUNT, "cause": TEXT}),
                    "held_out": {"type": "object", "additionalProperties": {"type": "number"}},
                },
                optional=("held_out",),
            )
        ),
    },
    optional=("held_out",),
)

REQUIREMENT = _object(
    {
        **dict.fromkeys(("problem", "optimizer", "measured"), TEXT),
        "target": _object(TARGET),
        "within": {"type": ["integer", "null"]},
        "success_rate": {"type": "number"},
        "met": {"type": "boolean"},
    }
)

COMPARISON = _object(
    {
        "optimizer": TEXT,
        **dict.fromkeys(("problems", "solved", "ranked", "wins", "slowdown_problems"), COUNT),
        **dict.fromkeys(("mean_rank", "slowdown", "score"), NUMBER),
        "solved_ci95": PAIR,
        "group": TEXT_OR_NULL,
    },
    optional=("solved_ci95", "score", "group"),
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
                    "over": _object({**AGAINST, **dict.fromkeys(("problems", "used"), COUNT)}),
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
                    "warnings": _list(TEXT),
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
                }
            )
        ),
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
                    "jobs": COUNT,
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
            "comparison": _list(COMPARISON),
            "duels": DUELS,
            "scaling": _list(SCALING),
            "tuning": TUNING,
            "adaptive_seeds": ADAPTIVE_SEEDS,
            "interrupted": {"type": "boolean"},
        },
        optional=("requirements", "comparison", "duels", "scaling", "tuning", "adaptive_seeds", "interrupted"),
    ),
}
