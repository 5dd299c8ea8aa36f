"""The keys of a problem file: the one table that files are checked by and their JSON Schema is made from."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

from adambench.function import Parameter
from adambench.functions import FUNCTIONS
from adambench.models import MODELS
from adambench.problem.tolerance import MOST, SPELLED, TOLERANCES
from adambench.problem.tuning import MOST_DRAWS, MOST_TUNING_SEEDS, RULES, SAMPLERS
from adambench.requirement import OPTIMIZER, TARGET
from adambench.requirements import entry as requirement
from adambench.shape import (
    Anything,
    Choice,
    Either,
    Fields,
    Key,
    ListOf,
    Named,
    Number,
    Setting,
    Settings,
    Shape,
    Switch,
    Tagged,
    Text,
)
from adambench.transform import MOST_TRANSFORMS
from adambench.transforms import TRANSFORMS

LONGEST_NAME = 64
NAME = Text(
    "[A-Za-z0-9][A-Za-z0-9._+-]{0,63}", "a name of letters, digits and . _ + - (up to 64, a letter or digit first)"
)
LARGEST_DIMENSION = 10_000_000
MOST_SEEDS = 1_000_000
MOST_TARGETS = 100
MOST_OPTIMA = 1000
MOST_LAYERS = 100
DEFAULT_BUDGET = 10_000
DEFAULT_TARGETS = (1e-1, 1e-3, 1e-5)
DEFAULT_SEEDS = 10
DEFAULT_OPTIMIZERS = ("sgd", "nesterov", "adagrad", "rmsprop", "adadelta", "adam")

_REAL = Number()
_ABOVE_0 = Number(0, open_low=True)
_FROM_0 = Number(0)
_POINT = ListOf(_REAL, least=1)
_PAIR = ListOf(_REAL, least=2, most=2)
_SEED = Number(0, (1 << 63) - 1, whole=True)
_NAMES = Either(scalar=Text(), sequence=ListOf(Text(), least=1, most=1000))
_SHARE = Number(0, 1, open_low=True, open_high=True)
_HELD_OUT = Fields(
    (
        Key("file", _NAMES, "as under data", required=True),
        Key("labels", _NAMES, "as under data"),
        Key("sha256", _NAMES, "as under data"),
    )
)


def _options(*keys: Key) -> Fields:
    return Fields(keys)


def _scheduled(*keys: Key) -> Fields:
    return Fields((*keys, Key("warmup", Number(0, 10**12, whole=True), "a further factor min(1, t/warmup)", default=0)))


NOISES = {
    "gaussian": _options(Key("std", _FROM_0, "g + std z", required=True)),
    "multiplicative": _options(Key("std", _FROM_0, "g (1 + std z), per coordinate", required=True)),
    "heavy_tail": _options(
        Key("df", _ABOVE_0, "degrees of freedom", required=True),
        Key("scale", _FROM_0, "g + scale times Student-t", required=True),
    ),
    "quadratic_model": _options(
        Key("batch", Number(1, 10**12, whole=True), "gradient covariance H/batch", required=True)
    ),
}

_FINAL = Key("final", _FROM_0, "the factor at the end of the budget", default=0.0)
SCHEDULES = {
    "constant": _scheduled(),
    "inverse_sqrt": _scheduled(),
    "step": _scheduled(
        Key("every", Number(1, 10**12, whole=True), "updates between drops", required=True),
        Key("factor", _ABOVE_0, "what each drop multiplies by", required=True),
    ),
    "exponential": _scheduled(Key("rate", _ABOVE_0, "what each update multiplies by", required=True)),
    "linear": _scheduled(_FINAL),
    "cosine": _scheduled(_FINAL),
}

TUNING = Fields(
    (
        Key("trials", Number(1, MOST_DRAWS, whole=True), "draws for every optimizer", required=True),
        Key("sampler", Choice(SAMPLERS), "sobol: scrambled; random: independent", default=SAMPLERS[0]),
        Key("rule", Choice(RULES), "what the best draw is best at", default=RULES[0]),
        Key("seeds", Number(1, MOST_TUNING_SEEDS, whole=True), "tuning seeds that each draw runs on", default=5),
        Key("seed", Number(0, 10**9, whole=True), "another number, another tuning", default=0),
        Key("space", Settings(), "OPTIMIZER.HYPER or HYPER: LOW..HIGH; by default what the optimizers declare"),
        Key("defaults", Switch(), "the optimizer's own setting is its first draw", default=False),
        Key("halving", Switch(), "half of the draws end at an eighth, a quarter, half of the budget", default=False),
        Key("across", Switch(), "one setting for all problems", default=False),
    )
)

GATE = Fields(
    (
        Key(
            "tolerance",
            Fields(tuple(Key(spelled, Number(0, MOST), TOLERANCES[name]) for spelled, name in SPELLED.items())),
            "in place of the gate's own",
            required=True,
        ),
    )
)

FILE = (
    Key("name", NAME, "of the problem, in every table and file", required=True),
    Key("description", Text(), "free text", default=""),
    Key("source", Text(), "paper, equation, page", default=""),
    Key("function", Choice(()), "the objective family"),
    Key("expression", Anything({"type": ["string", "number"]}), "a formula: adambench show expressions"),
    Key("variables", ListOf(Text(called="a name"), least=1, most=1000), "an expression's names of x[0], x[1], ..."),
    Key("let", Anything({"type": "object"}), "an expression's named parts, each of those before it"),
    Key(
        "stochastic",
        Fields(
            (
                Key("over", Text(called="the index of a loop"), "of the sum or mean that is sampled", required=True),
                Key("batch", Number(1, 10**12, whole=True), "rows a gradient", required=True),
            )
        ),
        "makes a sum over data a minibatch objective",
    ),
    Key("model", Choice(()), "what to fit to data, instead of a function"),
    Key("dimension", Number(1, LARGEST_DIMENSION, whole=True), "the function's own by default"),
    Key(
        "shape",
        ListOf(Number(1, LARGEST_DIMENSION, whole=True), least=2, most=2),
        "[rows, columns] of x as a matrix, for the optimizers of matrices; the function's own by default",
    ),
    Key("parameters", Anything({"type": "object"}), "the function's keys"),
    Key(
        "start",
        Either(sequence=_POINT, mapping=Tagged({"uniform": _PAIR, "normal": _PAIR})),
        "repeated cyclically to the dimension, or drawn per seed: {uniform: [lo, hi]}, {normal: [mean, std]}; "
        "the function's usual start by default",
    ),
    Key(
        "optimum",
        Either(
            scalar=Choice(("solve",)),
            mapping=Fields(
                (
                    Key("loss", _REAL, "the least loss there is"),
                    Key(
                        "x",
                        ListOf(Either(scalar=_REAL, sequence=_POINT), least=1),
                        "where; repeated cyclically; several: a list of points",
                    ),
                    Key(
                        "solve",
                        Choice(("convex", "local")),
                        "solve for it; local: also where other minima may be lower",
                    ),
                )
            ),
        ),
        "the function's by default, where known; solve: computed once, for a convex objective",
    ),
    Key(
        "noise",
        Either(mapping=Tagged(NOISES), sequence=ListOf(Tagged(NOISES), partial=True)),
        "on the gradient; none by default; several: a list",
    ),
    Key("budget", Number(1, 10**12, whole=True), "gradient evaluations a trial spends", default=DEFAULT_BUDGET),
    Key(
        "targets",
        ListOf(TARGET, least=1, most=MOST_TARGETS, partial=True),
        "what to reach; by default " + ", ".join(f"{target:g}" for target in DEFAULT_TARGETS),
    ),
    Key(
        "seeds",
        Either(scalar=Number(1, MOST_SEEDS, whole=True), sequence=ListOf(_SEED, least=1, most=MOST_SEEDS)),
        f"a count or a list; by default {DEFAULT_SEEDS}, or 1 where nothing is random",
    ),
    Key("schedule", Tagged(SCHEDULES, bare=True), "a factor on the learning rate; constant by default"),
    Key(
        "optimizers",
        ListOf(
            Either(
                scalar=OPTIMIZER,
                mapping=Named(Settings(), "NAME"),
            ),
            least=1,
            partial=True,
        ),
        f"which to run; by default {', '.join(DEFAULT_OPTIMIZERS)}",
    ),
    Key("tuning", TUNING, "draws for every optimizer, of which the best runs on the seeds; none by default"),
    Key("suites", ListOf(NAME), "the bundled suites it belongs to"),
    Key("require", ListOf(requirement(), partial=True), "what must hold, or the exit code is 1"),
    Key("gate", GATE, "what adambench gate may tolerate on this problem"),
    Key("data", Anything({"type": "object"}), "the rows of a model"),
)


def model_keys() -> tuple[Key, ...]:
    """The keys of all models, which stand at the top level; each model checks those that are its own."""
    names = dict.fromkeys(parameter.name for model in MODELS.known().values() for parameter in model.keys)
    return tuple(Key(name, Anything(), "a model's") for name in names)


def parameter_key(parameter: Parameter, required: bool = False) -> Key:
    """The key of a declared parameter."""
    shapes: dict[str, Shape] = {
        "real": _REAL,
        "positive": _ABOVE_0,
        "integer": Number(-(1 << 63), (1 << 63) - 1, whole=True),
        "count": Number(1, 10**12, whole=True),
        "boolean": Switch(),
        "choice": Choice(parameter.choices),
        "reals": ListOf(_REAL, least=1),
        "positives": ListOf(_ABOVE_0, least=1),
        "integers": ListOf(Number(1, LARGEST_DIMENSION, whole=True), least=1, most=MOST_LAYERS),
        "text": Text(),
        "texts": _NAMES,
        "column": Setting(),
        "sizes": ListOf(Number(1, LARGEST_DIMENSION, whole=True), least=2, most=2),
        "share": _SHARE,
        "holdout": Either(scalar=_SHARE, mapping=_HELD_OUT),
    }
    return Key(parameter.name, shapes[parameter.kind], parameter.meaning, required)


def parameter_fields(parameters: tuple[Parameter, ...]) -> Fields:
    """The mapping of declared parameters; their defaults are filled in where they are used."""
    return Fields(tuple(parameter_key(parameter) for parameter in parameters))


def transforms_key() -> Key:
    """The list of transforms, each {NAME: its settings}, or {NAME: a list} where it has a short form."""
    shapes: dict[str, Shape] = {}
    for name, transform in TRANSFORMS.known().items():
        keys = tuple(parameter_key(p, p.name in transform.required) for p in transform.parameters)
        short = next((key.shape for key in keys if key.name == transform.listed), None)
        shapes[name] = Either(sequence=short, mapping=Fields(keys))
    shape = ListOf(Tagged(shapes), most=MOST_TRANSFORMS, partial=True)
    return Key("transforms", shape, "of the objective; with [T1, T2] it is f(T2(T1(x)))")


def file_keys() -> Fields:
    """All keys of a problem file, with the names of what has been declared by now."""
    return _file_keys(FUNCTIONS.edition, MODELS.edition, TRANSFORMS.edition)


@cache
def _file_keys(*editions: int) -> Fields:
    words = {"function": Choice(tuple(FUNCTIONS.known())), "model": Choice(tuple(MODELS.known()))}
    keys = (replace(key, shape=words.get(key.name, key.shape)) for key in FILE)
    return Fields((*keys, transforms_key(), *model_keys()))
