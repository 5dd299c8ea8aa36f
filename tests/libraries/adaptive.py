"""RAdam, Yogi, AdaBelief, Lion and Adan beside the libraries and packages that have them."""

from __future__ import annotations

from libraries.case import Case

AUTHORS = {"print_change_log": False}

RADAM = (
    Case("radam", "torch", "torch.optim.RAdam"),
    Case(
        "radam:beta1=0.8:beta2=0.99:eps=0.001:lr=0.01",
        "torch",
        "torch.optim.RAdam",
        {"lr": 0.01, "betas": (0.8, 0.99), "eps": 1e-3},
    ),
    Case("radam:weight_decay=0.1", "torch", "torch.optim.RAdam", {"weight_decay": 0.1}),
    Case(
        "radam:decoupled=true:weight_decay=0.1",
        "torch",
        "torch.optim.RAdam",
        {"decoupled_weight_decay": True, "weight_decay": 0.1},
    ),
    Case("radam@optax:lr=0.001", "optax", "optax.radam", {"learning_rate": 1e-3}),
    Case(
        "radam@optax:eps_root=0.0001:lr=0.0005:threshold=8",
        "optax",
        "optax.radam",
        {"learning_rate": 5e-4, "eps_root": 1e-4, "threshold": 8.0},
    ),
    Case(
        "radam@optax:beta2=0.99:eps=0.001:lr=0.001:nesterov=true",
        "optax",
        "optax.radam",
        {"learning_rate": 1e-3, "b2": 0.99, "eps": 1e-3, "nesterov": True},
    ),
    Case("radam@pytorch_optimizer", "pytorch_optimizer", "pytorch_optimizer.RAdam"),
    Case(
        "radam@pytorch_optimizer:beta2=0.99:lr=0.01:threshold=4:weight_decay=0.1",
        "pytorch_optimizer",
        "pytorch_optimizer.RAdam",
        {"lr": 0.01, "betas": (0.9, 0.99), "n_sma_threshold": 4, "weight_decay": 0.1},
    ),
    Case(
        "radam@pytorch_optimizer:degenerated_to_sgd=true:eps=0.001:weight_decay=0.1",
        "pytorch_optimizer",
        "pytorch_optimizer.RAdam",
        {"degenerated_to_sgd": True, "eps": 1e-3, "weight_decay": 0.1},
    ),
)

YOGI = (
    Case("yogi@optax:lr=0.01", "optax", "optax.yogi", {"learning_rate": 0.01}),
    Case(
        "yogi@optax:beta1=0.8:beta2=0.99:eps=0.0001:lr=0.002",
        "optax",
        "optax.yogi",
        {"learning_rate": 2e-3, "b1": 0.8, "b2": 0.99, "eps": 1e-4},
    ),
    Case("yogi@optax:beta2=0.9:lr=0.001", "optax", "optax.yogi", {"learning_rate": 1e-3, "b2": 0.9}),
    Case("yogi@pytorch_optimizer", "pytorch_optimizer", "pytorch_optimizer.Yogi"),
    Case(
        "yogi@pytorch_optimizer:initial_accumulator=0.1:lr=0.005:weight_decay=0.1",
        "pytorch_optimizer",
        "pytorch_optimizer.Yogi",
        {"lr": 5e-3, "initial_accumulator": 0.1, "weight_decay": 0.1},
    ),
    Case(
        "yogi@pytorch_optimizer:beta1=0.8:decoupled=false:eps=0.0001:lr=0.002:weight_decay=0.1",
        "pytorch_optimizer",
        "pytorch_optimizer.Yogi",
        {"lr": 2e-3, "betas": (0.8, 0.999), "eps": 1e-4, "weight_decouple": False, "weight_decay": 0.1},
    ),
)

ADABELIEF = (
    Case("adabelief", "adabelief_pytorch", "adabelief_pytorch.AdaBelief", AUTHORS),
    Case(
        "adabelief:beta2=0.99:eps=1e-8:lr=0.002:weight_decay=0.1",
        "adabelief_pytorch",
        "adabelief_pytorch.AdaBelief",
        {**AUTHORS, "lr": 2e-3, "betas": (0.9, 0.99), "eps": 1e-8, "weight_decay": 0.1},
    ),
    Case(
        "adabelief:amsgrad=true:decoupled=false:eps=1e-8:rectify=false:weight_decay=0.1",
        "adabelief_pytorch",
        "adabelief_pytorch.AdaBelief",
        {**AUTHORS, "amsgrad": True, "weight_decouple": False, "eps": 1e-8, "rectify": False, "weight_decay": 0.1},
    ),
    Case(
        "adabelief:amsgrad=true:degenerated_to_sgd=false:fixed_decay=true:weight_decay=0.0001",
        "adabelief_pytorch",
        "adabelief_pytorch.AdaBelief",
        {**AUTHORS, "amsgrad": True, "degenerated_to_sgd": False, "fixed_decay": True, "weight_decay": 1e-4},
    ),
    Case("adabelief@optax:lr=0.001", "optax", "optax.adabelief", {"learning_rate": 1e-3}),
    Case(
        "adabelief@optax:beta1=0.8:beta2=0.99:eps=1e-8:eps_root=1e-6:lr=0.002",
        "optax",
        "optax.adabelief",
        {"learning_rate": 2e-3, "b1": 0.8, "b2": 0.99, "eps": 1e-8, "eps_root": 1e-6},
    ),
    Case(
        "adabelief@optax:eps_root=1e-8:lr=0.001:nesterov=true",
        "optax",
        "optax.adabelief",
        {"learning_rate": 1e-3, "eps_root": 1e-8, "nesterov": True},
    ),
    Case("adabelief@pytorch_optimizer", "pytorch_optimizer", "pytorch_optimizer.AdaBelief"),
    Case(
        "adabelief@pytorch_optimizer:amsgrad=true:eps=1e-8:rectify=true:threshold=6:weight_decay=0.1",
        "pytorch_optimizer",
        "pytorch_optimizer.AdaBelief",
        {"ams_bound": True, "eps": 1e-8, "rectify": True, "n_sma_threshold": 6, "weight_decay": 0.1},
    ),
    Case(
        "adabelief@pytorch_optimizer:decoupled=false:eps=1e-8:lr=0.005:weight_decay=0.1",
        "pytorch_optimizer",
        "pytorch_optimizer.AdaBelief",
        {"weight_decouple": False, "eps": 1e-8, "lr": 5e-3, "weight_decay": 0.1},
    ),
    Case(
        "adabelief@pytorch_optimizer:degenerated_to_sgd=false:fixed_decay=true:rectify=true:weight_decay=0.0001",
        "pytorch_optimizer",
        "pytorch_optimizer.AdaBelief",
        {"degenerated_to_sgd": False, "fixed_decay": True, "rectify": True, "weight_decay": 1e-4},
    ),
)

LION = (
    Case("lion", "lion_pytorch", "lion_pytorch.Lion"),
    Case(
        "lion:beta1=0.8:beta2=0.95:lr=0.0013",
        "lion_pytorch",
        "lion_pytorch.Lion",
        {"lr": 1.3e-3, "betas": (0.8, 0.95)},
    ),
    Case(
        "lion:lr=0.0007:weight_decay=0.1",
        "lion_pytorch",
        "lion_pytorch.Lion",
        {"lr": 7e-4, "weight_decay": 0.1},
    ),
    Case("lion@optax:lr=0.0013", "optax", "optax.lion", {"learning_rate": 1.3e-3}),
    Case(
        "lion@optax:beta1=0.8:lr=0.0007:weight_decay=0",
        "optax",
        "optax.lion",
        {"learning_rate": 7e-4, "b1": 0.8, "weight_decay": 0.0},
    ),
    Case(
        "lion@optax:beta2=0.95:lr=0.0003:weight_decay=0.1",
        "optax",
        "optax.lion",
        {"learning_rate": 3e-4, "b2": 0.95, "weight_decay": 0.1},
    ),
    Case("lion@keras", "keras", "keras.optimizers.Lion"),
    Case(
        "lion@keras:beta1=0.8:beta2=0.95:lr=0.0003",
        "keras",
        "keras.optimizers.Lion",
        {"learning_rate": 3e-4, "beta_1": 0.8, "beta_2": 0.95},
    ),
    Case(
        "lion@keras:lr=0.0007:weight_decay=0.1",
        "keras",
        "keras.optimizers.Lion",
        {"learning_rate": 7e-4, "weight_decay": 0.1},
    ),
    Case("lion@pytorch_optimizer", "pytorch_optimizer", "pytorch_optimizer.Lion"),
    Case(
        "lion@pytorch_optimizer:beta1=0.8:lr=0.0013:weight_decay=0.1",
        "pytorch_optimizer",
        "pytorch_optimizer.Lion",
        {"lr": 1.3e-3, "betas": (0.8, 0.99), "weight_decay": 0.1},
    ),
    Case(
        "lion@pytorch_optimizer:decoupled=false:lr=0.0007:weight_decay=0.1",
        "pytorch_optimizer",
        "pytorch_optimizer.Lion",
        {"lr": 7e-4, "weight_decouple": False, "weight_decay": 0.1},
    ),
)

ADAN = (
    Case("adan", "pytorch_optimizer", "pytorch_optimizer.Adan"),
    Case(
        "adan:beta1=0.9:beta2=0.8:beta3=0.98:eps=0.01:lr=0.0005:weight_decay=0.1",
        "pytorch_optimizer",
        "pytorch_optimizer.Adan",
        {"lr": 5e-4, "betas": (0.9, 0.8, 0.98), "eps": 0.01, "weight_decay": 0.1},
    ),
    Case(
        "adan:no_prox=true:weight_decay=0.1",
        "pytorch_optimizer",
        "pytorch_optimizer.Adan",
        {"weight_decouple": True, "weight_decay": 0.1},
    ),
    Case("adan@optax:lr=0.001", "optax", "optax.adan", {"learning_rate": 1e-3}),
    Case(
        "adan@optax:beta1=0.9:beta2=0.8:beta3=0.98:eps=0.01:eps_root=0:lr=0.0005",
        "optax",
        "optax.adan",
        {"learning_rate": 5e-4, "b1": 0.9, "b2": 0.8, "b3": 0.98, "eps": 0.01, "eps_root": 0.0},
    ),
    Case(
        "adan@optax:eps_root=0.0001:lr=0.002:weight_decay=0.1",
        "optax",
        "optax.adan",
        {"learning_rate": 2e-3, "eps_root": 1e-4, "weight_decay": 0.1},
    ),
    Case("adan@adan_pytorch", "adan_pytorch", "adan_pytorch.Adan"),
    Case(
        "adan@adan_pytorch:beta1=0.9:beta2=0.8:beta3=0.98:lr=0.0005",
        "adan_pytorch",
        "adan_pytorch.Adan",
        {"lr": 5e-4, "betas": (0.1, 0.2, 0.02)},
    ),
    Case(
        "adan@adan_pytorch:eps=0.0001:weight_decay=0.1",
        "adan_pytorch",
        "adan_pytorch.Adan",
        {"eps": 1e-4, "weight_decay": 0.1},
    ),
)

CASES = (*RADAM, *YOGI, *ADABELIEF, *LION, *ADAN)
