"""PyTorch: any subclass of torch.optim.Optimizer, from torch or elsewhere."""

from __future__ import annotations

import contextlib
import inspect
import io
import sys
from collections.abc import Callable
from time import perf_counter
from typing import Any

from adambench.foreign.adapter import Adapter, Array, Build
from adambench.foreign.arguments import arguments
from adambench.foreign.fault import Fault

COUNTERS = ("step", "steps", "k", "t", "n_iter", "count", "iteration")


class Stepping:
    """One parameter under one optimizer. With .train() and .eval() (schedule-free methods) it is kept in training."""

    def __init__(self, build: Build) -> None:
        import torch

        torch.set_num_threads(1)
        # Some optimizers keep their state in the default dtype.
        torch.set_default_dtype(getattr(torch, build.precision))
        torch.manual_seed(0)
        known = arguments(build.name, build.target, own=1, internal=("defaults",))
        options = known.theirs(build.values)
        self._parameter = torch.nn.Parameter(torch.from_numpy(build.x.copy()))
        self._optimizer = _made(build.target, self._parameter, options)
        held = getattr(self._optimizer, "defaults", {})
        self.hyperparameters = known.ours({**options, **{key: held[key] for key in known.defaults if key in held}})
        self.spent = 0.0
        self._options, self._rate = frozenset(known.defaults), 1.0
        self._rates = [group.get("lr") for group in self._optimizer.param_groups]
        self.watched = all(callable(getattr(self._optimizer, name, None)) for name in ("train", "eval"))
        if self.watched:
            self._optimizer.train()
        closure = inspect.signature(self._optimizer.step).parameters.get("closure")
        self._closed = closure is not None and closure.default is closure.empty

    def x(self) -> Array:
        x: Array = self._parameter.detach().numpy().copy()
        return x

    def move(self, x: Array) -> None:
        import torch

        with torch.no_grad():
            self._parameter.copy_(torch.from_numpy(x.copy()))

    def step(self, gradient: Array, rate: float, loss: float) -> Array:
        import torch

        self._scale(rate)
        shape, dtype = self._parameter.shape, self._parameter.dtype
        self._parameter.grad = torch.from_numpy(gradient.copy())
        closure = (self._closure(loss),) if self._closed else ()
        started = perf_counter()
        self._optimizer.step(*closure)
        self.spent = perf_counter() - started
        if self._parameter.shape != shape:
            raise Fault(f"left an x of shape {tuple(self._parameter.shape)}, not {tuple(shape)}")
        if self._parameter.dtype != dtype:
            raise Fault(f"left an x of {self._parameter.dtype}, not {dtype}")
        return self.x()

    def _scale(self, rate: float) -> None:
        if rate == self._rate:
            return
        if any(base is None for base in self._rates):
            raise Fault("cannot follow a schedule: it has no learning rate `lr`")
        for group, base in zip(self._optimizer.param_groups, self._rates, strict=True):
            group["lr"] = base * rate
        self._rate = rate

    def _closure(self, loss: float) -> Callable[[], Any]:
        """For step(closure): answers with the loss at x, once, as that is the one evaluation there has been."""
        import torch

        before = self._parameter.detach().clone()
        calls: list[None] = []

        def closure() -> Any:
            calls.append(None)
            if len(calls) > 1:
                raise Fault("evaluates more than once in a step, which cannot be counted (some take max_iter=1)")
            if not torch.equal(self._parameter.detach(), before):
                raise Fault("asks for a gradient elsewhere than at x, inside its step")
            return torch.tensor(loss)

        return closure

    def point(self) -> Array:
        if not self.watched:
            return self.x()
        import torch

        kept = self._parameter.detach().clone()
        self._optimizer.eval()
        x = self.x()
        self._optimizer.train()
        with torch.no_grad():  # there and back may round
            self._parameter.copy_(kept)
        return x

    def save(self) -> bytes:
        import torch

        buffer = io.BytesIO()
        torch.save((self._optimizer.state_dict(), self._rates, self._rate), buffer)
        return buffer.getvalue()

    def load(self, state: bytes) -> None:
        import torch

        held, self._rates, self._rate = torch.load(io.BytesIO(state), weights_only=False)
        self._optimizer.load_state_dict(held)

    def count(self, steps: int | None) -> int | None:
        import torch

        places = [*self._optimizer.state.values(), *self._optimizer.param_groups]
        for place in places:
            for name in COUNTERS:
                found = place.get(name) if isinstance(place, dict) and name not in self._options else None
                if isinstance(found, bool) or not isinstance(found, (int, torch.Tensor)):
                    continue
                if isinstance(found, torch.Tensor) and found.numel() != 1:
                    continue
                if steps is not None:
                    place[name] = (
                        torch.full_like(found, steps) if isinstance(found, torch.Tensor) else type(found)(steps)
                    )
                return int(place[name])
        return None


def _made(target: Any, parameter: Any, options: dict[str, Any]) -> Any:
    """The optimizer of one parameter; Muon's kind is told in a group whether it is for the matrix rule."""
    try:
        return target([parameter], **options)
    except Exception:
        with contextlib.suppress(Exception):
            return target([{"params": [parameter], "use_muon": parameter.ndim > 1}], **options)
        raise


def recognise(target: Any) -> bool:
    torch = sys.modules.get("torch")
    return torch is not None and inspect.isclass(target) and issubclass(target, torch.optim.Optimizer)


ADAPTER = Adapter(
    kind="torch", packages=("torch",), extra="torch", prepare=lambda: None, recognise=recognise, make=Stepping
)
