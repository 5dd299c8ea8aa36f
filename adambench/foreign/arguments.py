"""The hyperparameters of somebody else's optimizer: its names and ours."""

from __future__ import annotations

import inspect
import numbers
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from adambench.errors import AdambenchError, nearest
from adambench.foreign.adapter import Value

ALIASES: Mapping[str, tuple[str, ...]] = {
    "lr": ("learning_rate",),
    "beta1": ("beta_1", "b1"),
    "beta2": ("beta_2", "b2"),
    "beta3": ("beta_3", "b3"),
    "eps": ("epsilon",),
    "weight_decay": ("weight_decay_rate",),
    "decoupled": ("weight_decouple", "decouple"),
    "amsgrad": ("ams_bound",),
    "initial_accumulator": ("initial_accumulator_value", "initial_scale"),
    "d0": ("estim_lr0",),
    "d_coef": ("estim_lr_coef",),
}
"""Our name -> what others call it."""

MEAN_SQUARE_DECAY = ("alpha", "decay")
"""Our rho, in an RMSProp only: elsewhere these names mean other things."""

FORMS = ("capturable", "differentiable", "foreach", "fused")
"""How torch computes, not what: no hyperparameters."""

REQUIRED = inspect.Parameter.empty


@dataclass(frozen=True)
class Arguments:
    """What a class or a factory takes by keyword: name -> default. `anything`: other names too."""

    name: str
    defaults: Mapping[str, Any]
    anything: bool = False

    def theirs(self, values: Mapping[str, Value]) -> dict[str, Any]:
        """The keyword arguments that `values`, in our names or in theirs, come to; an AdambenchError for an unknown
        name and for a missing value."""
        slots = dict(self._slots())
        options: dict[str, Any] = {}
        for name, value in values.items():
            if name in slots:
                key, place = slots[name]
                if place is None:
                    options[key] = _like(self.defaults[key], value)
                else:
                    members = list(options.get(key, self.defaults[key]))
                    members[place] = value
                    options[key] = tuple(members)
            elif name in self.defaults:
                options[name] = _like(self.defaults[name], value)
            elif self.anything:
                options[name] = value
            else:
                known = [name for name, (key, _) in slots.items() if key not in FORMS]
                has = f"it has {', '.join(known)}" if known else "it has none that can be set"
                raise AdambenchError(f"{self.name} has no hyperparameter {name!r}{nearest(name, known)}; {has}")
        for name, (key, _) in slots.items():
            if self.defaults[key] is REQUIRED and key not in options:
                raise AdambenchError(f"{self.name} has no default for {name}: give one, as in {self.name}:{name}=0.01")
        return options

    def ours(self, options: Mapping[str, Any]) -> dict[str, Value]:
        """The numbers and booleans among `options` and, for the rest, the defaults, in our names."""
        found: dict[str, Value] = {}
        for name, (key, place) in self._slots():
            value = options.get(key, self.defaults[key])
            if place is not None and isinstance(value, (tuple, list)) and place < len(value):
                value = value[place]
            if key not in FORMS and (number := as_number(value)) is not None:
                found[name] = number
        return found

    def _slots(self) -> Iterator[tuple[str, tuple[str, int | None]]]:
        """(our name, (their name, the place in their tuple)) of each hyperparameter."""
        spelled = {theirs: ours for ours, names in ALIASES.items() for theirs in names if ours not in self.defaults}
        if self.name.startswith("torch.optim."):  # elsewhere it means other things
            spelled["decoupled_weight_decay"] = "decoupled"
        if "rho" not in self.defaults and ("centered" in self.defaults or "rms" in self.name.lower()):
            spelled |= dict.fromkeys(MEAN_SQUARE_DECAY, "rho")
        for key, default in self.defaults.items():
            if isinstance(default, (tuple, list)):
                stem = key if key == "eps" else key.removesuffix("s")
                yield from ((f"{stem}{place + 1}", (key, place)) for place in range(len(default)))
            else:
                yield spelled.get(key, key), (key, None)


def arguments(name: str, target: Callable[..., Any], own: int = 0, internal: tuple[str, ...] = ()) -> Arguments:
    """Of a class or a factory, less the first `own` of each signature and the `internal`. What a class hands on as
    **options is taken from its bases, where nothing is required: it may have given it."""
    layers: list[Any] = [target]
    if inspect.isclass(target):
        layers = [base for base in target.__mro__ if "__init__" in vars(base) and base is not object]
    defaults: dict[str, Any] = {}
    anything = False
    for layer in layers:
        try:
            parameters = list(inspect.signature(layer).parameters.values())
        except (TypeError, ValueError):  # written in C, without a signature
            anything = True
            break
        for parameter in parameters[own:]:
            named = parameter.kind in (parameter.POSITIONAL_OR_KEYWORD, parameter.KEYWORD_ONLY)
            if named and parameter.name not in internal:
                given = layer is not layers[0] and parameter.default is REQUIRED
                defaults.setdefault(parameter.name, None if given else parameter.default)
        anything = any(parameter.kind is parameter.VAR_KEYWORD for parameter in parameters)
        if not anything:
            break
    return Arguments(name, defaults, anything)


def as_number(value: Any) -> Value | None:
    """The value as a float or a boolean, integers as floats; None for anything else."""
    if isinstance(value, bool) or type(value).__name__ == "bool":
        return bool(value)
    if isinstance(value, numbers.Real):
        return float(value)
    return None


def _like(default: Any, value: Value) -> Any:
    """A whole number where the default is one, as counts must be."""
    counts = isinstance(default, int) and not isinstance(default, bool) and not isinstance(value, bool)
    return int(value) if counts and float(value).is_integer() else value
