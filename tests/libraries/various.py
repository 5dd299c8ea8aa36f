"""signSGD and Signum, ADOPT, LARS; L-BFGS without a line search (with one it needs losses: see test_lbfgs)."""

from __future__ import annotations

from libraries.case import Case

SINGLE = {"max_iter": 1, "tolerance_grad": 0.0, "tolerance_change": 0.0}
"""One iteration each call of L-BFGS's step; its quotients of differences double rounding every few steps."""

CASES = (
    Case("lbfgs", "torch", "torch.optim.LBFGS", SINGLE, steps=20),
    Case(
        "lbfgs:lr=0.1:history_size=3", "torch", "torch.optim.LBFGS", {**SINGLE, "lr": 0.1, "history_size": 3}, steps=20
    ),
    Case(
        "lbfgs:lr=0.5:history_size=10",
        "torch",
        "torch.optim.LBFGS",
        {**SINGLE, "lr": 0.5, "history_size": 10},
        steps=20,
    ),
    Case("signsgd@optax:lr=0.01", "optax", "optax.sign_sgd", {"learning_rate": 0.01}),
    Case("signsgd@optax:lr=0.003", "optax", "optax.sign_sgd", {"learning_rate": 0.003}),
    Case("signsgd@optax:lr=0.01:momentum=0.9", "optax", "optax.signum", {"learning_rate": 0.01}),
    Case("signsgd@optax:lr=0.003:momentum=0.5", "optax", "optax.signum", {"learning_rate": 0.003, "beta": 0.5}),
    Case("signsgd@pytorch_optimizer", "pytorch_optimizer", "pytorch_optimizer.SignSGD"),
    Case(
        "signsgd@pytorch_optimizer:lr=0.01:momentum=0.5:weight_decay=0.1",
        "pytorch_optimizer",
        "pytorch_optimizer.SignSGD",
        {"lr": 0.01, "momentum": 0.5, "weight_decay": 0.1},
    ),
    Case(
        "signsgd@pytorch_optimizer:momentum=0:weight_decay=0.1:decoupled=false",
        "pytorch_optimizer",
        "pytorch_optimizer.SignSGD",
        {"momentum": 0.0, "weight_decay": 0.1, "weight_decouple": False},
    ),
    Case("adopt", "pytorch_optimizer", "pytorch_optimizer.ADOPT", {"clip_lambda": lambda t: (t - 1) ** 0.25}),
    Case(
        "adopt:lr=0.01:weight_decay=0.1",
        "pytorch_optimizer",
        "pytorch_optimizer.ADOPT",
        {"lr": 0.01, "weight_decay": 0.1, "clip_lambda": lambda t: (t - 1) ** 0.25},
    ),
    Case("adopt@optax:lr=0.001", "optax", "optax.contrib.adopt", {"learning_rate": 0.001}),
    Case(
        "adopt@optax:lr=0.003:beta1=0.5:beta2=0.99:eps=0.001:nesterov=true",
        "optax",
        "optax.contrib.adopt",
        {"learning_rate": 0.003, "b1": 0.5, "b2": 0.99, "eps": 1e-3, "nesterov": True},
    ),
    Case(
        "adopt@optax:lr=0.003:use_clipping=false",
        "optax",
        "optax.contrib.adopt",
        {"learning_rate": 0.003, "use_clipping": False},
    ),
    Case("adopt@pytorch_optimizer", "pytorch_optimizer", "pytorch_optimizer.ADOPT"),
    Case(
        "adopt@pytorch_optimizer:lr=0.01:weight_decay=0.1",
        "pytorch_optimizer",
        "pytorch_optimizer.ADOPT",
        {"lr": 0.01, "weight_decay": 0.1},
    ),
    Case(
        "adopt@pytorch_optimizer:lr=0.01:beta1=0.5:weight_decay=0.1:decoupled=true:use_clipping=false",
        "pytorch_optimizer",
        "pytorch_optimizer.ADOPT",
        {"lr": 0.01, "betas": (0.5, 0.9999), "weight_decay": 0.1, "weight_decouple": True, "clip_lambda": None},
    ),
    *(
        case
        for matrix in (False, True)
        for case in (
            Case("lars@optax:lr=1", "optax", "optax.lars", {"learning_rate": 1.0}, matrix),
            Case(
                "lars@optax:lr=3:weight_decay=0.1:momentum=0.5:nesterov=true:eps=0.001:trust_coefficient=0.002",
                "optax",
                "optax.lars",
                {
                    **{"learning_rate": 3.0, "weight_decay": 0.1, "momentum": 0.5},
                    **{"nesterov": True, "eps": 1e-3, "trust_coefficient": 0.002},
                },
                matrix,
            ),
            Case("lars@optax:lr=3:momentum=0", "optax", "optax.lars", {"learning_rate": 3.0, "momentum": 0.0}, matrix),
            Case(
                "lars@pytorch_optimizer:lr=0.0001", "pytorch_optimizer", "pytorch_optimizer.LARS", {"lr": 1e-4}, matrix
            ),
            Case(
                "lars@pytorch_optimizer:lr=0.0003:weight_decay=0.1:momentum=0.5:nesterov=true:dampening=0.25",
                "pytorch_optimizer",
                "pytorch_optimizer.LARS",
                {"lr": 3e-4, "weight_decay": 0.1, "momentum": 0.5, "nesterov": True, "dampening": 0.25},
                matrix,
            ),
        )
    ),
    Case("lars@pytorch_optimizer", "pytorch_optimizer", "pytorch_optimizer.LARS", {}, True),
    Case(
        "lars@pytorch_optimizer:lr=3:weight_decay=0.1:trust_coefficient=0.003:momentum=0",
        "pytorch_optimizer",
        "pytorch_optimizer.LARS",
        {"lr": 3.0, "weight_decay": 0.1, "trust_coefficient": 0.003, "momentum": 0.0},
        True,
    ),
    Case(
        "lars:lr=1:weight_decay=0.1",
        "pytorch_optimizer",
        "pytorch_optimizer.LARS",
        {"lr": 1.0, "weight_decay": 0.1},
        True,
    ),
)
