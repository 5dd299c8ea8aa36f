"""JSON Schema of a report."""

from __future__ import annotations

from typing import Any

from adambench.json_type import (
    ALLOWANCE,
    COUNT,
    NUMBER,
    PAIR,
    TARGET,
    TEXT,
    TEXT_OR_NULL,
    list_of,
    object_of,
    or_null,
)
from adambench.outcome import OUTCOMES
from adambench.problem.keys import NAME
from adambench.problem.tolerance import TOLERANCES
from adambench.requirement_schema import REQUIREMENT
from adambench.tuning_schema import ADAPTIVE_SEEDS, ROBUSTNESS, TUNING
from adambench.version import REPORT

PROBLEM_NAME = {"type": "string", "pattern": f"^{NAME.pattern}$"}
SPENT = {"type": ["number", "null"], "minimum": 0}
COST = object_of({"evaluations": COUNT, **dict.fromkeys(("seconds", "ns_per_step", "state_per_parameter"), SPENT)})
QUARTILES = object_of(dict.fromkeys(("median", "q25", "q75"), NUMBER))

PROBLEM = object_of(
    {
        "name": PROBLEM_NAME,
        **dict.fromkeys(("hash", "function"), TEXT),
        **dict.fromkeys(("dimension", "budget", "seeds"), COUNT),
        "unit": {"type": "integer", "minimum": 1},
        "random": {"type": "boolean"},
        "watched": {"enum": ["every", "grid"]},
        "reference": {"enum": ["optimum", "report"]},
        "reference_loss": NUMBER,
        "initial_loss": object_of({"median": NUMBER}),
        "targets": list_of(object_of(TARGET)),
        "solution": object_of({"method": TEXT, "gradient": {"type": "number"}}),
        "sweep": object_of({"family": TEXT, "values": {"type": "object", "additionalProperties": {"type": "number"}}}),
        "tolerance": object_of(dict.fromkeys(TOLERANCES, ALLOWANCE), optional=(*TOLERANCES,)),
    },
    optional=("seeds", "random", "unit", "watched", "solution", "sweep", "tolerance"),
)

RESULT = object_of(
    {
        **dict.fromkeys(("problem", "optimizer", "name"), TEXT),
        **dict.fromkeys(("dialect", "implementation"), TEXT_OR_NULL),
        "hyperparameters": {"type": "object", "additionalProperties": {"type": ["number", "boolean"]}},
        "trials": COUNT,
        "outcomes": object_of(dict.fromkeys(OUTCOMES, COUNT)),
        "final_loss": object_of(
            {**dict.fromkeys(("median", "mean", "min", "max", "q25", "q75"), NUMBER), "ci95": PAIR}
        ),
        "best_loss": object_of({"median": NUMBER}),
        "held_out": {"anyOf": [{"type": "null"}, {"type": "object", "additionalProperties": QUARTILES}]},
        "targets": list_of(
            object_of(
                {
                    **TARGET,
                    **dict.fromkeys(("reached", "trials"), COUNT),
                    **dict.fromkeys(("median", "q25", "q75", "ert", "par10"), NUMBER),
                    **dict.fromkeys(("ert_ci95", "reached_ci95"), PAIR),
                    "stay": {"anyOf": [{"type": "null"}, object_of({"reached": COUNT, "median": NUMBER})]},
                    "restarts": QUARTILES,
                },
                optional=("par10", "reached_ci95", "stay", "restarts"),
            )
        ),
        "aocc": QUARTILES,
        "cost": COST,
        "curve": object_of({"evaluations": list_of(COUNT), **dict.fromkeys(("median", "q25", "q75"), list_of(NUMBER))}),
        "seeds": list_of(
            object_of(
                {
                    "seed": COUNT,
                    "outcome": {"enum": list(OUTCOMES)},
                    **dict.fromkeys(("initial_loss", "final_loss", "best_loss", "aocc"), NUMBER),
                    **dict.fromkeys(("hits", "stay"), list_of({"type": ["integer", "null"]})),
                    "losses": list_of(NUMBER),
                    "fingerprint": {"type": "string", "pattern": "^[0-9a-f]{0,64}$"},
                    "stopped": object_of({"evaluation": COUNT, "cause": TEXT}),
                    "held_out": {"type": "object", "additionalProperties": {"type": "number"}},
                },
                optional=("initial_loss", "best_loss", "stay", "aocc", "losses", "held_out"),
            )
        ),
    },
    optional=("held_out", "aocc"),
)

BOUND = {"enum": ["at most", "at least", "unknown", None]}

COMPARISON = object_of(
    {
        "optimizer": TEXT,
        **dict.fromkeys(("problems", "solved", "ranked", "wins", "slowdown_problems"), COUNT),
        **dict.fromkeys(("mean_rank", "slowdown", "score"), NUMBER),
        "solved_ci95": PAIR,
        "group": TEXT_OR_NULL,
        "settings": {"enum": ["tuned", "defaults, untuned", "as given, untuned"]},
        "speedup": or_null(
            object_of(
                {
                    "factor": NUMBER,
                    **dict.fromkeys(("ci95", "bootstrap95"), PAIR),
                    **dict.fromkeys(("charged", "problems", "undecided"), COUNT),
                    "bound": BOUND,
                },
                optional=("bound", "undecided"),
            )
        ),
        "robustness": or_null(
            object_of(
                {**dict.fromkeys(("decades", "safety"), NUMBER), "at_least": {"type": "boolean"}, "problems": COUNT}
            )
        ),
        "cost": COST,
    },
    optional=("solved_ci95", "score", "group", "settings", "speedup", "robustness", "cost"),
)

RANKS = object_of(
    {
        **dict.fromkeys(("optimizers", "unmeasured", "problems", "left_out", "sentences"), list_of(TEXT)),
        "mean_ranks": or_null(list_of({"type": "number"})),
        "friedman": or_null(
            object_of(
                {
                    **dict.fromkeys(("chi2", "F", "smallest_p", "p"), NUMBER),
                    "degrees": or_null(list_of({"type": "integer"})),
                    "method": {"enum": ["exact", "F", None]},
                },
                optional=("method",),
            )
        ),
        "pairwise": list_of(
            object_of(
                {
                    **dict.fromkeys(("a", "b"), TEXT),
                    **dict.fromkeys(("problems", "nonzero"), COUNT),
                    **dict.fromkeys(("statistic", "smallest_p", "p"), NUMBER),
                    "different": {"type": ["boolean", "null"]},
                    "faster": {"enum": ["a", "b", None]},
                }
            )
        ),
        "nemenyi": object_of({"critical_difference": NUMBER}),
        "refused": TEXT_OR_NULL,
    },
    optional=("nemenyi",),
)

POINT = {"type": "array", "items": {"type": "number"}, "minItems": 2, "maxItems": 2}
PROFILE = object_of({"optimizer": TEXT, "problems": COUNT, "points": list_of(POINT)})
PROFILES = object_of(
    {
        **dict.fromkeys(("performance", "data", "ecdf"), list_of(PROFILE)),
        "pairs": list_of(
            object_of(
                {
                    "optimizer": TEXT,
                    "ratios": list_of({"type": "number"}),
                    **dict.fromkeys(("alone", "reference_alone", "neither"), COUNT),
                }
            )
        ),
    }
)

VERDICT = object_of(
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
DUELS = object_of(
    {
        "reference": TEXT,
        "against": list_of(
            object_of(
                {
                    **dict.fromkeys(("optimizer", "sentence"), TEXT),
                    "problems": {
                        "type": "object",
                        "additionalProperties": object_of({**AGAINST, "variance_ratio": NUMBER}),
                    },
                    "over": object_of(
                        {
                            **{**AGAINST, "bound": BOUND},
                            **dict.fromkeys(("problems", "used", "charged", "undecided"), COUNT),
                        },
                        optional=("charged", "undecided", "bound"),
                    ),
                }
            )
        ),
    }
)

SCALING = object_of(
    {
        **dict.fromkeys(("family", "optimizer"), TEXT),
        "target": object_of(TARGET),
        **dict.fromkeys(("points", "problems"), COUNT),
        "exponents": list_of(
            object_of(
                {"quantity": TEXT, "exponent": NUMBER, "ci95": PAIR, "left_out": {"type": "boolean"}},
                optional=("left_out",),
            )
        ),
    }
)

MERGED = object_of(
    {"reports": list_of(TEXT), "differences": list_of(object_of({"key": TEXT, "values": {"type": "array"}}))},
)

REPORT_SCHEMA: dict[str, Any] = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "title": "adambench report",
    **object_of(
        {
            "schema": {"const": REPORT},
            "adambench": TEXT,
            "command": list_of(TEXT),
            "environment": object_of(
                {
                    **dict.fromkeys(("python", "numpy", "numba", "cpu", "features", "platform"), TEXT),
                    "jobs": {"type": ["integer", "null"], "minimum": 0},
                    "plugins": list_of(object_of(dict.fromkeys(("name", "sha256"), TEXT))),
                },
                optional=("plugins", "features"),
            ),
            "settings": object_of(
                {
                    "precision": {"enum": ["float32", "float64"]},
                    "stop_at_target": {"type": "boolean"},
                    "timeout": NUMBER,
                }
            ),
            "problems": list_of(PROBLEM),
            "results": list_of(RESULT),
            "timing": object_of(
                dict.fromkeys(("compile_seconds", "run_seconds", "tuning_seconds"), NUMBER),
                optional=("tuning_seconds",),
            ),
            "requirements": list_of(REQUIREMENT),
            "requirements_not_asked": COUNT,
            "held_to_nothing": list_of(TEXT),
            "comparison": list_of(COMPARISON),
            "ranks": RANKS,
            "profiles": PROFILES,
            "duels": DUELS,
            "scaling": list_of(SCALING),
            "tuning": TUNING,
            "robustness": list_of(ROBUSTNESS),
            "adaptive_seeds": ADAPTIVE_SEEDS,
            "interrupted": {"type": "boolean"},
            "merged": MERGED,
        },
        optional=(
            *("requirements", "requirements_not_asked", "held_to_nothing"),
            *("comparison", "ranks", "profiles", "duels", "scaling"),
            *("tuning", "robustness", "adaptive_seeds", "interrupted", "merged"),
        ),
    ),
}
