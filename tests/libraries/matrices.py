"""What the matrix methods must meet; some libraries are also run with their linear algebra kept in float64."""

from __future__ import annotations

from contextlib import ExitStack, contextmanager
from unittest.mock import patch

import numpy as np

from libraries.case import Case
from libraries.driver import imported, named


class Patched:
    """A torch optimizer, during whose steps `changes` ((owner, name, value), ...) are in force."""

    def __init__(self, optimizer, *changes):
        self.optimizer, self.changes = optimizer, changes

    def step(self):
        with ExitStack() as stack:
            for change in self.changes:
                stack.enter_context(patch.object(*change))
            self.optimizer.step()


class Doubled:
    """torch, but that its float32 is float64."""

    def __getattr__(self, name):
        return getattr(imported("torch"), "float64" if name == "float32" else name)


class InFloat64:
    """A Keras optimizer, built and stepped where numbers meet variables in float64."""

    def __init__(self, optimizer):
        self.optimizer, self.keras = optimizer, imported("keras")

    @contextmanager
    def floats(self):
        before = self.keras.config.floatx()
        self.keras.config.set_floatx("float64")
        try:
            yield
        finally:
            self.keras.config.set_floatx(before)

    def build(self, variables):
        with self.floats():
            self.optimizer.build(variables)

    def apply(self, gradients, variables):
        with self.floats():
            self.optimizer.apply(gradients, variables)


def newton_schulz(matrix, steps, coefficients=(3.4445, -4.7750, 2.0315), floor=0.0, added=0.0):
    """The iteration of all of them, in the precision that it is given."""
    a, b, c = coefficients
    x = matrix.T if matrix.size(0) > matrix.size(1) else matrix
    x = x / (x.norm().clamp(min=floor) + added)
    for _ in range(steps):
        square = x @ x.T
        x = a * x + (b * square + c * square @ square) @ x
    return x.T if matrix.size(0) > matrix.size(1) else x


def torch_muon(parameters, foreach=False, **options):
    return named("torch.optim.Muon")(parameters, **options)


def torch_muon_in_float64(parameters, foreach=False, **options):
    def iterate(gradient, coefficients, steps, eps):
        return newton_schulz(gradient, steps, coefficients, floor=eps)

    module = imported("torch.optim._muon")
    return Patched(torch_muon(parameters, **options), (module, "_zeropower_via_newtonschulz", iterate))


def authors_muon_in_float64(parameters, **options):
    def iterate(gradient, steps):
        return newton_schulz(gradient, steps, added=1e-7)

    module = imported("muon")
    return Patched(module.SingleDeviceMuon(parameters, **options), (module, "zeropower_via_newtonschulz5", iterate))


def pytorch_optimizer_muon(parameters, **options):
    return named("pytorch_optimizer.Muon")([{"params": parameters, "use_muon": True, **options}], foreach=False)


def pytorch_optimizer_muon_in_float64(parameters, **options):
    def iterate(gradient, num_steps, weights):
        return newton_schulz(gradient, num_steps, weights[0], floor=1e-7)

    module = imported("pytorch_optimizer.optimizer.muon.base")
    return Patched(pytorch_optimizer_muon(parameters, **options), (module, "zero_power_via_newton_schulz_5", iterate))


def keras_muon(**options):
    return named("keras.optimizers.Muon")(exclude_embeddings=False, **options)


def keras_muon_in_float64(**options):
    """Its learning rate stays a float32 variable."""

    def iterate(matrix, steps):
        coefficients = optimizer.muon_a, optimizer.muon_b, optimizer.muon_c
        return newton_schulz(imported("keras").ops.convert_to_tensor(matrix), steps, coefficients, added=1e-7)

    optimizer = keras_muon(**options)
    optimizer.zeropower_via_newtonschulz5 = iterate
    return InFloat64(optimizer)


def soap_in_float64(parameters, **options):
    """SOAP with its power iteration in float64, from eigenvectors that numpy computes.

    Those of a singular G G^T are not unique, and which of them LAPACK returns hangs on the last bit of its input.
    """
    module, (parameter,) = imported("pytorch_optimizer.optimizer.soap"), parameters
    optimizer = named("pytorch_optimizer.SOAP")(parameters, **options)
    beta = options.get("shampoo_beta", options.get("betas", (0.95, 0.95))[1])

    def eigenvectors(sums):
        gradient, torch = parameter.grad.numpy(), imported("torch")
        sides = (gradient, gradient.T.copy())
        bases = [np.linalg.eigh((1.0 - beta) * np.dot(side, side.T))[1][:, ::-1].copy() for side in sides]
        return [torch.tensor(basis) if len(total) else [] for basis, total in zip(bases, sums, strict=True)]

    return Patched(
        optimizer, (module, "torch", Doubled()), (type(optimizer), "get_orthogonal_matrix", staticmethod(eigenvectors))
    )


HERE = "libraries.matrices"
BFLOAT16 = "its Newton-Schulz iteration is in bfloat16, of 8 bits"
QR = "its power iteration is in float32"
BASIS = "the first eigenvectors of a singular G G^T hang on the last bit of the gradient"

CASES = (
    Case("muon", "torch", f"{HERE}.torch_muon_in_float64", matrix=True),
    Case(
        "muon:lr=0.02:weight_decay=0:nesterov=false:ns_steps=3",
        "torch",
        f"{HERE}.torch_muon_in_float64",
        {"lr": 0.02, "weight_decay": 0.0, "nesterov": False, "ns_steps": 3},
        matrix=True,
    ),
    Case(
        "muon:rms_rate=0.2:momentum=0.9:weight_decay=0.01:a=2:b=-1.5:c=0.5",
        "torch",
        f"{HERE}.torch_muon_in_float64",
        {
            "adjust_lr_fn": "match_rms_adamw",
            "momentum": 0.9,
            "weight_decay": 0.01,
            "ns_coefficients": (2.0, -1.5, 0.5),
        },
        matrix=True,
    ),
    Case("muon", "torch", f"{HERE}.torch_muon", matrix=True, tolerance=1e-2, reason=BFLOAT16),
    Case("muon@optax:lr=0.01", "optax", "optax.contrib.muon", {"learning_rate": 0.01}, matrix=True),
    Case(
        "muon@optax:lr=0.02:momentum=0.9:nesterov=false:weight_decay=0.1:ns_steps=3:eps=0.01",
        "optax",
        "optax.contrib.muon",
        {"learning_rate": 0.02, "beta": 0.9, "nesterov": False, "weight_decay": 0.1, "ns_steps": 3, "eps": 0.01},
        matrix=True,
    ),
    Case(
        "muon@optax:lr=0.01:rms_rate=0.2:weight_decay=0.01",
        "optax",
        "optax.contrib.muon",
        {"learning_rate": 0.01, "consistent_rms": 0.2, "weight_decay": 0.01},
        matrix=True,
    ),
    Case("muon@keras", "keras", f"{HERE}.keras_muon_in_float64", matrix=True),
    Case(
        "muon@keras",
        "keras",
        f"{HERE}.keras_muon",
        matrix=True,
        tolerance=1e-7,
        reason="the norm and numbers that meet its variables, such as the momentum, are in float32",
    ),
    Case(
        "muon@keras:lr=0.02:rms_rate=0:momentum=0.9:nesterov=false:weight_decay=0.01",
        "keras",
        f"{HERE}.keras_muon_in_float64",
        {"learning_rate": 0.02, "rms_rate": None, "momentum": 0.9, "nesterov": False, "weight_decay": 0.01},
        matrix=True,
    ),
    Case(
        "muon@keras:lr=0.01:a=2:b=-1.5:c=0.5:ns_steps=7:weight_decay=0",
        "keras",
        f"{HERE}.keras_muon_in_float64",
        {"learning_rate": 0.01, "muon_a": 2, "muon_b": -1.5, "muon_c": 0.5, "ns_steps": 7, "weight_decay": None},
        matrix=True,
    ),
    Case("muon@pytorch_optimizer", "pytorch_optimizer", f"{HERE}.pytorch_optimizer_muon_in_float64", matrix=True),
    Case(
        "muon@pytorch_optimizer:lr=0.01:weight_decay=0.1:decoupled=false:nesterov=false",
        "pytorch_optimizer",
        f"{HERE}.pytorch_optimizer_muon_in_float64",
        {"lr": 0.01, "weight_decay": 0.1, "weight_decouple": False, "nesterov": False},
        matrix=True,
    ),
    Case(
        "muon@pytorch_optimizer:lr=0.01:weight_decay=0.1:rms_rate=0.2:momentum=0.9",
        "pytorch_optimizer",
        f"{HERE}.pytorch_optimizer_muon_in_float64",
        {"lr": 0.01, "weight_decay": 0.1, "use_adjusted_lr": True, "momentum": 0.9},
        matrix=True,
    ),
    Case(
        "muon@pytorch_optimizer",
        "pytorch_optimizer",
        f"{HERE}.pytorch_optimizer_muon",
        matrix=True,
        tolerance=0.1,
        reason=BFLOAT16,
    ),
    Case("muon@authors", "muon", f"{HERE}.authors_muon_in_float64", matrix=True),
    Case(
        "muon@authors:lr=0.001:momentum=0.9:weight_decay=0.1",
        "muon",
        f"{HERE}.authors_muon_in_float64",
        {"lr": 0.001, "momentum": 0.9, "weight_decay": 0.1},
        matrix=True,
    ),
    Case("muon@authors", "muon", "muon.SingleDeviceMuon", matrix=True, tolerance=0.1, reason=BFLOAT16),
    Case("shampoo@pytorch_optimizer", "pytorch_optimizer", "pytorch_optimizer.Shampoo", matrix=True),
    Case(
        "shampoo@pytorch_optimizer:lr=0.1:momentum=0.9:weight_decay=0.01:svd_interval=5:eps=0.01",
        "pytorch_optimizer",
        "pytorch_optimizer.Shampoo",
        {
            "lr": 0.1,
            "momentum": 0.9,
            "weight_decay": 0.01,
            "preconditioning_compute_steps": 5,
            "matrix_eps": 0.01,
        },
        matrix=True,
    ),
    Case(
        "shampoo@pytorch_optimizer:lr=0.1:weight_decay=0.01:decoupled=true:eps=0.1",
        "pytorch_optimizer",
        "pytorch_optimizer.Shampoo",
        {"lr": 0.1, "weight_decay": 0.01, "weight_decouple": True, "matrix_eps": 0.1},
        matrix=True,
    ),
    *(
        Case(
            text,
            "pytorch_optimizer",
            f"{HERE}.soap_in_float64",
            matrix=True,
            tolerance=1e-8,
            reason="the bases of a nearly singular G G^T magnify rounding",
        )
        for text in ("soap@pytorch_optimizer", "soap")  # without normalize_grads the same
    ),
    Case(
        "soap@pytorch_optimizer:lr=0.01:beta1=0.9:beta2=0.99:shampoo_beta=0.9:precondition_frequency=1:weight_decay=0.1"
        ":max_precond_dim=4",
        "pytorch_optimizer",
        f"{HERE}.soap_in_float64",
        {
            "lr": 0.01,
            "betas": (0.9, 0.99),
            "shampoo_beta": 0.9,
            "precondition_frequency": 1,
            "max_precondition_dim": 4,
            "weight_decay": 0.1,
        },
        matrix=True,
    ),
    Case(
        "soap@pytorch_optimizer:lr=0.01:max_precond_dim=4:normalize_grads=true:correct_bias=false:weight_decay=0:eps=0.01",
        "pytorch_optimizer",
        f"{HERE}.soap_in_float64",
        {
            "lr": 0.01,
            "max_precondition_dim": 4,
            "normalize_gradient": True,
            "correct_bias": False,
            "weight_decay": 0.0,
            "eps": 0.01,
        },
        matrix=True,
    ),
    Case(
        "soap@pytorch_optimizer:max_precond_dim=4",
        "pytorch_optimizer",
        "pytorch_optimizer.SOAP",
        {"max_precondition_dim": 4},
        matrix=True,
        tolerance=1e-5,
        reason=QR,
    ),
    Case(
        "soap@pytorch_optimizer",
        "pytorch_optimizer",
        "pytorch_optimizer.SOAP",
        matrix=True,
        tolerance=0.1,
        reason=f"{QR}; {BASIS}",
    ),
)
