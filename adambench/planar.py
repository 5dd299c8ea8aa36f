"""Families of two scalars: from a formula for one point to kernels for all lanes."""

from __future__ import annotations

from collections.abc import Callable


def planar(
    value_and_gradient: Callable[[float, float], tuple[float, float, float]],
) -> Callable[[int], Callable[..., None]]:
    """The evaluate factory of a function of two scalars, from (x, y) -> (loss, d loss/dx, d loss/dy)."""

    def factory(LANES: int) -> Callable[..., None]:
        def evaluate(x, gradient, loss, t, seeds, reals, integers, work):  # type: ignore[no-untyped-def]
            for lane in range(LANES):
                loss[lane], gradient[0, lane], gradient[1, lane] = value_and_gradient(x[0, lane], x[1, lane])

        return evaluate

    return factory


def planar_curvature(second: Callable[[float, float], tuple[float, float]]) -> Callable[[int], Callable[..., None]]:
    """The curvature factory of a function of two scalars, from (x, y) -> (d2 loss/dx2, d2 loss/dy2)."""

    def factory(LANES: int) -> Callable[..., None]:
        def curvature(x, diagonal, reals, integers, work):  # type: ignore[no-untyped-def]
            for lane in range(LANES):
                diagonal[0, lane], diagonal[1, lane] = second(x[0, lane], x[1, lane])

        return curvature

    return factory
