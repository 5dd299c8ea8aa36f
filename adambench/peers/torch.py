"""PyTorch, eager: a Python loop with autograd and the fused Adam, and its optimizers' three forms."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from typing import Any

from adambench.speed.case import RATE, Case, Fit, Logistic, Steps, Update
from adambench.speed.peer import Peer
from adambench.speed.timing import Work

OPTIMIZERS: Mapping[str, tuple[str, Mapping[str, Any]]] = {
    "sgd": ("SGD", {}),
    "momentum": ("SGD", {"momentum": 0.9}),
    "nesterov": ("SGD", {"momentum": 0.9, "nesterov": True}),
    "adagrad": ("Adagrad", {}),
    "rmsprop": ("RMSprop", {}),
    "adadelta": ("Adadelta", {}),
    "adam": ("Adam", {}),
    "amsgrad": ("Adam", {"amsgrad": True}),
    "adamax": ("Adamax", {}),
    "nadam": ("NAdam", {}),
    "adamw": ("AdamW", {}),
    "radam": ("RAdam", {}),
    "adafactor": ("Adafactor", {}),
    "muon": ("Muon", {}),
}
"""adambench's name -> torch.optim's class and what it is made with; with that, its defaults do the same work."""

FORMS: Mapping[str, tuple[str, bool]] = {
    "torch-fused": ("fused", True),
    "torch-foreach": ("foreach", True),
    "torch-single": ("foreach", False),
}
LARGEST_MATRIX = 1 << 27
"""Cells of the dense matrix: beyond, it would not fit into memory."""


def prepare() -> dict[str, str]:
    import torch

    torch.set_num_threads(1)
    return {"torch": str(torch.__version__)}


def works(case: Case) -> Mapping[str, Work]:
    match case:
        case Steps():
            return {"torch": _steps(case)}
        case Logistic() if case.rows.count * case.dimension <= LARGEST_MATRIX:
            return {"torch": _logistic(case)}
        case Fit():
            return {"torch": _fit(case)}
        case Update():
            return _updates(case)
        case _:
            return {}


def _steps(case: Steps) -> Work:
    import torch

    repeated = torch.tensor(case.start, dtype=torch.float64).repeat(-(-case.dimension // len(case.start)))
    x = repeated[: case.dimension].repeat(case.lanes, 1).squeeze(0).requires_grad_()
    adam = torch.optim.Adam([x], lr=RATE, fused=True)
    steps = max(3, min(100, 1_000_000 // (case.dimension * case.lanes)))

    def run() -> list[Any]:
        losses = []
        for _ in range(steps):
            adam.zero_grad()
            before, after = x[..., :-1], x[..., 1:]
            loss = (100.0 * (after - before**2) ** 2 + (1.0 - before) ** 2).sum(-1)
            loss.sum().backward()
            adam.step()
            losses.append(loss.detach())
        return losses

    return Work(run, steps * case.lanes)


def _logistic(case: Logistic) -> Work:
    import numpy as np
    import torch

    count = case.rows.count
    dense = np.zeros((count, case.dimension))
    dense[np.repeat(np.arange(count), np.diff(case.rows.starts)), case.rows.indices] = case.rows.values
    features, labels = torch.from_numpy(dense), torch.from_numpy(case.rows.labels)
    w = torch.zeros(case.dimension, dtype=torch.float64, requires_grad=True)
    adam = torch.optim.Adam([w], lr=RATE, fused=True)

    def run() -> Any:
        for batch in torch.randperm(count).split(case.batch):
            adam.zero_grad()
            margins = labels[batch] * (features[batch] @ w)
            loss = torch.nn.functional.softplus(-margins).mean() + 0.5 * case.l2 * (w @ w)
            loss.backward()
            adam.step()
        return w

    return Work(run, case.epoch)


def _fit(case: Fit) -> Work:
    import torch

    dtype = getattr(torch, case.dtype)
    images = torch.from_numpy(case.samples.inputs).to(dtype).reshape(-1, *(case.samples.image or (1, 1, 1)))
    classes = torch.from_numpy(case.samples.labels).long()
    network = network_of(case).to(dtype)
    adam = torch.optim.Adam(network.parameters(), lr=RATE, fused=True)

    def run() -> Any:
        order = torch.randperm(len(classes)).split(case.settings["batch"])
        for number in range(case.steps):
            batch = order[number % len(order)]
            adam.zero_grad()
            torch.nn.functional.cross_entropy(network(images[batch]), classes[batch]).backward()
            adam.step()
        return network

    return Work(run, case.steps)


def network_of(case: Fit) -> Any:
    """The model as torch's modules, at our start; its activation is relu."""
    from torch import from_numpy, nn

    settings, parts = case.settings, []
    blocks, x = case.function.blocks(case.dimension, {}), case.function.draw(0)  # type: ignore[misc]
    weights = [x[first : first + rows * (columns or 1)] for first, rows, columns in blocks]
    sides = [(rows, columns) for _, rows, columns in blocks if columns]
    size, convolutions = settings.get("kernel", 1), len(settings.get("channels", ()))
    for number, (outputs, inputs) in enumerate(sides):
        if number < convolutions:
            convolution = nn.Conv2d(inputs // size**2, outputs, size, padding="same")
            parts += [convolution, nn.ReLU(), nn.MaxPool2d(2)]
        else:
            parts += [nn.Flatten(), nn.Linear(inputs, outputs), nn.ReLU()]
    network = nn.Sequential(*parts[:-1]).double()
    for parameter, values in zip(network.parameters(), weights, strict=True):
        parameter.data.copy_(from_numpy(values).reshape(parameter.shape))
    return network


def _updates(case: Update) -> Mapping[str, Work]:
    """Every form that this version of torch has of the optimizer."""
    import torch

    named, settings = OPTIMIZERS.get(case.configuration.optimizer.name, ("", {}))
    optimizer = getattr(torch.optim, named, None)
    if optimizer is None:
        return {}
    known = inspect.signature(optimizer).parameters
    forms = {form: {switch: on} for form, (switch, on) in FORMS.items() if switch in known} or {"torch": {}}
    return {form: update(case, optimizer, {**settings, **chosen}) for form, chosen in forms.items()}


def update(case: Update, optimizer: Any, settings: Mapping[str, Any]) -> Work:
    """A step of a torch.optim.Optimizer of whatever package; on a matrix where the case is one."""
    import torch

    shape = (-1, case.columns) if case.columns else (-1,)
    gradient, start = (torch.from_numpy(array).reshape(shape) for array in case.vectors())
    x = start.requires_grad_()
    x.grad = gradient.clone()
    stepping = optimizer([x], **settings)

    def run() -> Any:
        stepping.step()
        return x

    # The foreach form of Nesterov's momentum writes into the gradient.
    return Work(run, case.dimension, rewind=lambda: x.grad.copy_(gradient))


PEER = Peer("torch", prepare, works)
