"""JSON Schema of what a report says of its tuning, of learning rates, and of seeds that were added."""

from __future__ import annotations

from adambench.json_type import COUNT, NUMBER, TARGET, TEXT, TEXT_OR_NULL, list_of, object_of
from adambench.problem.tuning import RULES, SAMPLERS

AXIS = {
    "type": "array",
    "prefixItems": [{"type": "number"}, {"type": "number"}, {"enum": ["log", "one-minus-log"]}],
    "minItems": 3,
    "maxItems": 3,
}
SWITCH = {"type": "boolean"}
SETTINGS = {"type": "object", "additionalProperties": {"type": ["number", "boolean"]}}
NUMBERS_OR_NULL = {"anyOf": [{"type": "null"}, list_of(NUMBER)]}

TUNING = object_of(
    {
        "trials": COUNT,
        "sampler": {"enum": list(SAMPLERS)},
        "rule": {"enum": list(RULES)},
        "seed": COUNT,
        "seeds": list_of(COUNT),
        **dict.fromkeys(("defaults", "halving", "across"), SWITCH),
        "spaces": {"type": "object", "additionalProperties": {"type": "object", "additionalProperties": AXIS}},
        "warnings": list_of(TEXT),
        "entries": list_of(
            object_of(
                {
                    **dict.fromkeys(("problem", "optimizer"), TEXT),
                    "winner": TEXT_OR_NULL,
                    "draw": {"type": ["integer", "null"]},
                    **dict.fromkeys(("tuning_loss", "fresh_loss", "gap"), NUMBER),
                    **dict.fromkeys(("tuning_hits", "fresh_hits"), NUMBERS_OR_NULL),
                    **dict.fromkeys(("seeds", "evaluations", "diverged", "errors"), COUNT),
                    "random": SWITCH,
                    "warnings": list_of(TEXT),
                    "concerns": list_of(object_of({"kind": TEXT, "hyperparameter": TEXT_OR_NULL})),
                    "draws": list_of(
                        object_of(
                            {
                                "hyperparameters": SETTINGS,
                                **dict.fromkeys(("budget", "diverged", "errors"), COUNT),
                                "final_loss": NUMBER,
                                "hits": list_of(NUMBER),
                            },
                            optional=("errors",),
                        )
                    ),
                },
                optional=("random", "concerns", "errors"),
            )
        ),
        "expected_best": object_of(
            {
                "note": TEXT,
                "replacement": SWITCH,
                "n": list_of(COUNT),
                "curves": list_of(
                    object_of(
                        {
                            **dict.fromkeys(("problem", "optimizer"), TEXT),
                            "target": {"anyOf": [{"type": "null"}, object_of(TARGET)]},
                            **dict.fromkeys(("mean", "low", "median", "high"), list_of(NUMBER)),
                        }
                    )
                ),
            }
        ),
        "best_probabilities": object_of(
            {
                "note": TEXT,
                "n": list_of(COUNT),
                "problems": list_of(
                    object_of(
                        {
                            "problem": TEXT,
                            "optimizers": {"type": "object", "additionalProperties": list_of({"type": "number"})},
                        }
                    )
                ),
            }
        ),
        "inclusion": list_of(
            object_of(
                {
                    **dict.fromkeys(("general", "special", "problem", "how"), TEXT),
                    **dict.fromkeys(("seeds", "worse"), COUNT),
                    "low": NUMBER,
                    "target": {"anyOf": [{"type": "null"}, object_of(TARGET)]},
                    "verdict": {"enum": ["tuning too small", "lost to a limit", "consistent", "cannot tell"]},
                    "limit": SWITCH,
                },
                optional=("limit",),
            )
        ),
    },
    optional=("expected_best", "best_probabilities", "inclusion"),
)

ROBUSTNESS = object_of(
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

ADAPTIVE_SEEDS = object_of(
    {
        "goal": {"type": "number"},
        "statistic": {"enum": ["ert", "final-loss"]},
        "max_seeds": COUNT,
        "problems": list_of(
            object_of(
                {
                    "problem": TEXT,
                    **dict.fromkeys(("seeds", "measured"), COUNT),
                    "widest": NUMBER,
                    "met": SWITCH,
                    "unmeasured": list_of(TEXT),
                    "of": TEXT,
                    "wide": list_of(object_of({"optimizer": TEXT, "width": NUMBER})),
                },
                optional=("measured", "unmeasured", "of", "wide"),
            )
        ),
    }
)
