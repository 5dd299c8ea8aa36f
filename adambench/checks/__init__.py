"""What must hold for every optimizer, function and format, whoever declared it: a list of checks for each kind.

A check is a function of the declaration, named after what it states. It returns what was measured, in words, or raises
Failed with what is wrong, in a sentence; what the declaration's own code raises is a finding too.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

from adambench.catalog import Catalog, Plugin
from adambench.checks.blame import blamed
from adambench.checks.check import Failed
from adambench.checks.format import FORMAT_CHECKS
from adambench.checks.function import FUNCTION_CHECKS
from adambench.checks.model import MODEL_CHECKS
from adambench.checks.optimizer import OPTIMIZER_CHECKS
from adambench.checks.transform import TRANSFORM_CHECKS
from adambench.errors import AdambenchError
from adambench.functions import FUNCTIONS
from adambench.models import MODELS
from adambench.optimizers import OPTIMIZERS
from adambench.render import FORMATS
from adambench.transforms import TRANSFORMS
from adambench.validation import Check

__all__ = ["CHECKS", "Failed", "checked", "declarations"]

CHECKS: tuple[tuple[Catalog[Any], tuple[Callable[[Any], str], ...]], ...] = (
    (OPTIMIZERS, OPTIMIZER_CHECKS),
    (FUNCTIONS, FUNCTION_CHECKS),
    (FORMATS, FORMAT_CHECKS),
    (MODELS, MODEL_CHECKS),
    (TRANSFORMS, TRANSFORM_CHECKS),
)


def declarations(plugin: Plugin) -> Iterator[tuple[str, list[Callable[[], Check]]]]:
    """What a plug-in declares, as "optimizer NAME", each with its checks, still to be made."""
    for catalog, checks in CHECKS:
        for name, declared in catalog.added.items():
            if catalog.origins[name] == plugin:
                yield f"{catalog.kind} {name}", [partial(checked, check, declared) for check in checks]


def checked(check: Callable[[Any], str], declared: Any) -> Check:
    """The outcome of one check."""
    try:
        return Check(_name(check), "", check(declared))
    except AdambenchError as error:
        return Check(_name(check), "", finding=str(error))
    except Failed as error:
        return Check(_name(check), "", finding=blamed(error) or str(error))
    except Exception as error:
        return Check(_name(check), "", finding=blamed(error) or f"{type(error).__name__}: {error}")


def _name(check: Callable[[Any], str]) -> str:
    return check.__name__.replace("_", " ")
