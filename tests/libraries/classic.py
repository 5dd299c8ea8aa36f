"""The classic elementwise optimizers beside torch, optax, Keras and pytorch_optimizer."""

from __future__ import annotations

from libraries.case import Case


def torch(text, name, **options):
    return Case(text, "torch", f"torch.optim.{name}", options)


def optax(text, name, learning_rate, **options):
    return Case(text, "optax", f"optax.{name}", {"learning_rate": learning_rate, **options})


def keras(text, name, **options):
    return Case(text, "keras", f"keras.optimizers.{name}", options)


def pytorch_optimizer(text, name, **options):
    return Case(text, "pytorch_optimizer", f"pytorch_optimizer.{name}", options)


AHEAD = {"momentum": 0.9, "nesterov": True}

SGD = (
    torch("sgd", "SGD"),
    torch("sgd:lr=0.0005:weight_decay=0.1", "SGD", lr=5e-4, weight_decay=0.1),
    torch("sgd:lr=0.0005:momentum=0.7:dampening=0.3", "SGD", lr=5e-4, momentum=0.7, dampening=0.3),
    torch("momentum:lr=0.0002", "SGD", lr=2e-4, momentum=0.9),
    torch("momentum:lr=0.0002:dampening=0.5", "SGD", lr=2e-4, momentum=0.9, dampening=0.5),
    torch("momentum:lr=0.0002:weight_decay=0.1", "SGD", lr=2e-4, momentum=0.9, weight_decay=0.1),
    torch("nesterov:lr=0.0002", "SGD", lr=2e-4, **AHEAD),
    torch("nesterov:lr=0.0002:momentum=0.5", "SGD", lr=2e-4, momentum=0.5, nesterov=True),
    torch("nesterov:lr=0.0002:weight_decay=0.1", "SGD", lr=2e-4, weight_decay=0.1, **AHEAD),
    optax("sgd@optax:lr=0.001", "sgd", 1e-3),
    optax("sgd@optax:lr=0.0005:momentum=0.5", "sgd", 5e-4, momentum=0.5),
    optax("sgd@optax:lr=0.0002:momentum=0.8:nesterov=true", "sgd", 2e-4, momentum=0.8, nesterov=True),
    optax("momentum@optax:lr=0.0002", "sgd", 2e-4, momentum=0.9),
    optax("momentum@optax:lr=0.001:momentum=0.5", "sgd", 1e-3, momentum=0.5),
    optax("momentum@optax:lr=0.00005:momentum=0.99", "sgd", 5e-5, momentum=0.99),
    optax("nesterov@optax:lr=0.0002", "sgd", 2e-4, **AHEAD),
    optax("nesterov@optax:lr=0.001:momentum=0.5", "sgd", 1e-3, momentum=0.5, nesterov=True),
    optax("nesterov@optax:lr=0.00005:momentum=0.99", "sgd", 5e-5, momentum=0.99, nesterov=True),
    keras("sgd@keras:lr=0.001", "SGD", learning_rate=1e-3),
    keras("sgd@keras:lr=0.0005:weight_decay=0.1", "SGD", learning_rate=5e-4, weight_decay=0.1),
    keras("sgd@keras:lr=0.0005:momentum=0.5", "SGD", learning_rate=5e-4, momentum=0.5),
    keras("momentum@keras:lr=0.0002", "SGD", learning_rate=2e-4, momentum=0.9),
    keras("momentum@keras:lr=0.0005:momentum=0.5", "SGD", learning_rate=5e-4, momentum=0.5),
    keras("momentum@keras:lr=0.0002:weight_decay=0.1", "SGD", learning_rate=2e-4, momentum=0.9, weight_decay=0.1),
    keras("nesterov@keras:lr=0.0002", "SGD", learning_rate=2e-4, **AHEAD),
    keras("nesterov@keras:lr=0.0005:momentum=0.5", "SGD", learning_rate=5e-4, momentum=0.5, nesterov=True),
    keras("nesterov@keras:lr=0.0002:weight_decay=0.1", "SGD", learning_rate=2e-4, weight_decay=0.1, **AHEAD),
    pytorch_optimizer("sgd@pytorch_optimizer", "SGDW"),
    pytorch_optimizer("sgd@pytorch_optimizer:lr=0.0005:weight_decay=0.1", "SGDW", lr=5e-4, weight_decay=0.1),
    pytorch_optimizer(
        "sgd@pytorch_optimizer:decoupled=false:lr=0.0005:weight_decay=0.1",
        "SGDW",
        **{"lr": 5e-4, "weight_decay": 0.1, "weight_decouple": False},
    ),
    pytorch_optimizer("momentum@pytorch_optimizer", "SGDW", momentum=0.9),
    pytorch_optimizer("momentum@pytorch_optimizer:dampening=0.5", "SGDW", momentum=0.9, dampening=0.5),
    pytorch_optimizer("momentum@pytorch_optimizer:weight_decay=0.1", "SGDW", momentum=0.9, weight_decay=0.1),
    pytorch_optimizer("nesterov@pytorch_optimizer", "SGDW", **AHEAD),
    pytorch_optimizer("nesterov@pytorch_optimizer:lr=0.0002", "SGDW", lr=2e-4, **AHEAD),
    pytorch_optimizer("nesterov@pytorch_optimizer:weight_decay=0.1", "SGDW", weight_decay=0.1, **AHEAD),
)

ADAGRAD = (
    torch("adagrad", "Adagrad"),
    torch("adagrad:lr=0.1:lr_decay=0.01:eps=0.001", "Adagrad", lr=0.1, lr_decay=0.01, eps=1e-3),
    torch(
        "adagrad:initial_accumulator=0.5:weight_decay=0.1", "Adagrad", initial_accumulator_value=0.5, weight_decay=0.1
    ),
    optax("adagrad@optax:lr=0.01", "adagrad", 0.01),
    optax("adagrad@optax:initial_accumulator=2:lr=0.1", "adagrad", 0.1, initial_accumulator_value=2.0),
    optax(
        "adagrad@optax:eps=0.1:initial_accumulator=0:lr=0.01", "adagrad", 0.01, eps=0.1, initial_accumulator_value=0.0
    ),
    keras("adagrad@keras", "Adagrad"),
    keras(
        "adagrad@keras:eps=0.01:initial_accumulator=0.5:lr=0.1",
        "Adagrad",
        **{"learning_rate": 0.1, "initial_accumulator_value": 0.5, "epsilon": 0.01},
    ),
    keras("adagrad@keras:lr=0.05:weight_decay=0.1", "Adagrad", learning_rate=0.05, weight_decay=0.1),
)

RMSPROP = (
    torch("rmsprop:lr=0.001", "RMSprop", lr=1e-3),
    torch("rmsprop:lr=0.001:centered=true:rho=0.9", "RMSprop", lr=1e-3, centered=True, alpha=0.9),
    torch("rmsprop:lr=0.0001:momentum=0.9:weight_decay=0.1", "RMSprop", lr=1e-4, momentum=0.9, weight_decay=0.1),
    torch(
        "rmsprop:centered=true:eps=0.001:lr=0.0001:momentum=0.5",
        "RMSprop",
        **{"lr": 1e-4, "momentum": 0.5, "centered": True, "eps": 1e-3},
    ),
    optax("rmsprop@optax:lr=0.001", "rmsprop", 1e-3),
    optax("rmsprop@optax:centered=true:lr=0.001:rho=0.99", "rmsprop", 1e-3, decay=0.99, centered=True),
    optax("rmsprop@optax:lr=0.0001:momentum=0.9:nesterov=true", "rmsprop", 1e-4, **AHEAD),
    optax("rmsprop@optax:eps=0.001:eps_in_sqrt=false:lr=0.001", "rmsprop", 1e-3, eps=1e-3, eps_in_sqrt=False),
    optax("rmsprop@optax:bias_correction=true:lr=0.001", "rmsprop", 1e-3, bias_correction=True),
    optax(
        "rmsprop@optax:bias_correction=true:centered=true:eps=0.01:initial_accumulator=1000:lr=0.001",
        "rmsprop",
        1e-3,
        **{"eps": 0.01, "initial_scale": 1000.0, "bias_correction": True, "centered": True},
    ),
    keras("rmsprop@keras", "RMSprop"),
    keras("rmsprop@keras:centered=true:eps=0.001:rho=0.99", "RMSprop", rho=0.99, epsilon=1e-3, centered=True),
    keras("rmsprop@keras:lr=0.0001:momentum=0.9", "RMSprop", learning_rate=1e-4, momentum=0.9),
    keras("rmsprop@keras:weight_decay=0.1", "RMSprop", weight_decay=0.1),
)

ADADELTA = (
    torch("adadelta", "Adadelta"),
    torch("adadelta:lr=0.5:rho=0.95:eps=0.0001", "Adadelta", lr=0.5, rho=0.95, eps=1e-4),
    torch("adadelta:weight_decay=0.1", "Adadelta", weight_decay=0.1),
    optax("adadelta@optax", "adadelta", 1.0),
    optax("adadelta@optax:rho=0.95", "adadelta", 1.0, rho=0.95),
    optax("adadelta@optax:eps=0.0001:lr=0.5:weight_decay=0.1", "adadelta", 0.5, eps=1e-4, weight_decay=0.1),
    keras("adadelta@keras", "Adadelta"),
    keras("adadelta@keras:eps=0.0001:lr=0.5:rho=0.9", "Adadelta", learning_rate=0.5, rho=0.9, epsilon=1e-4),
    keras("adadelta@keras:lr=0.1:weight_decay=0.1", "Adadelta", learning_rate=0.1, weight_decay=0.1),
    pytorch_optimizer("adadelta@pytorch_optimizer", "AdaDelta"),
    pytorch_optimizer("adadelta@pytorch_optimizer:rho=0.95:weight_decay=0.1", "AdaDelta", rho=0.95, weight_decay=0.1),
    pytorch_optimizer(
        "adadelta@pytorch_optimizer:decoupled=true:lr=0.5:weight_decay=0.1",
        "AdaDelta",
        **{"lr": 0.5, "weight_decay": 0.1, "weight_decouple": True},
    ),
)

ADAM = (
    torch("adam", "Adam"),
    torch("adam:lr=0.01:beta1=0.8:beta2=0.99:eps=0.001", "Adam", lr=0.01, betas=(0.8, 0.99), eps=1e-3),
    torch("adam:weight_decay=0.1", "Adam", weight_decay=0.1),
    torch("adam:amsgrad=true:lr=0.1:weight_decay=0.1", "Adam", lr=0.1, amsgrad=True, weight_decay=0.1),
    torch("adam:decoupled=true:weight_decay=0.1", "Adam", decoupled_weight_decay=True, weight_decay=0.1),
    optax("adam@optax:lr=0.001", "adam", 1e-3),
    optax("adam@optax:beta1=0.8:beta2=0.99:eps=0.001:lr=0.01", "adam", 0.01, b1=0.8, b2=0.99, eps=1e-3),
    optax("adam@optax:eps_root=0.0001:lr=0.01", "adam", 0.01, eps_root=1e-4),
    keras("adam@keras", "Adam"),
    keras(
        "adam@keras:beta1=0.8:beta2=0.99:eps=0.001:lr=0.01",
        "Adam",
        **{"learning_rate": 0.01, "beta_1": 0.8, "beta_2": 0.99, "epsilon": 1e-3},
    ),
    keras("adam@keras:lr=0.01:weight_decay=0.1", "Adam", learning_rate=0.01, weight_decay=0.1),
)

AMSGRAD = (
    torch("amsgrad:lr=0.1", "Adam", lr=0.1, amsgrad=True),
    torch("amsgrad:beta2=0.9:lr=0.05", "Adam", lr=0.05, amsgrad=True, betas=(0.9, 0.9)),
    torch("amsgrad:decoupled=true:lr=0.05:weight_decay=0.1", "AdamW", lr=0.05, amsgrad=True, weight_decay=0.1),
    optax("amsgrad@optax:lr=0.1", "amsgrad", 0.1),
    optax("amsgrad@optax:beta2=0.9:eps_root=0.0001:lr=0.05", "amsgrad", 0.05, b2=0.9, eps_root=1e-4),
    optax(
        "amsgrad@optax:bias_correction_mu=false:bias_correction_nu=false:lr=0.01",
        "amsgrad",
        0.01,
        **{"bias_correction_mu": False, "bias_correction_nu": False},
    ),
    keras("amsgrad@keras", "Adam", amsgrad=True),
    keras("amsgrad@keras:beta2=0.9:lr=0.05", "Adam", learning_rate=0.05, beta_2=0.9, amsgrad=True),
    keras("amsgrad@keras:lr=0.1:weight_decay=0.1", "Adam", learning_rate=0.1, amsgrad=True, weight_decay=0.1),
)

ADAMW = (
    torch("adamw", "AdamW"),
    torch("adamw:lr=0.01:weight_decay=0.5", "AdamW", lr=0.01, weight_decay=0.5),
    torch("adamw:amsgrad=true:lr=0.1", "AdamW", lr=0.1, amsgrad=True),
    optax("adamw@optax:lr=0.01", "adamw", 0.01),
    optax("adamw@optax:beta1=0.8:eps=0.001:lr=0.001", "adamw", 1e-3, b1=0.8, eps=1e-3),
    optax("adamw@optax:eps_root=0.0001:lr=0.01:weight_decay=0.5", "adamw", 0.01, eps_root=1e-4, weight_decay=0.5),
    keras("adamw@keras", "AdamW"),
    keras("adamw@keras:lr=0.01:weight_decay=0.5", "AdamW", learning_rate=0.01, weight_decay=0.5),
    keras("adamw@keras:amsgrad=true:eps=0.001:lr=0.1", "AdamW", learning_rate=0.1, epsilon=1e-3, amsgrad=True),
)

ADAMAX = (
    torch("adamax", "Adamax"),
    torch("adamax:beta1=0.8:beta2=0.9:eps=0.1:lr=0.01", "Adamax", lr=0.01, betas=(0.8, 0.9), eps=0.1),
    torch("adamax:weight_decay=0.1", "Adamax", weight_decay=0.1),
    optax("adamax@optax:lr=0.002", "adamax", 2e-3),
    optax("adamax@optax:beta1=0.8:beta2=0.9:lr=0.01", "adamax", 0.01, b1=0.8, b2=0.9),
    optax("adamax@optax:eps=0.1:lr=0.01", "adamax", 0.01, eps=0.1),
    keras("adamax@keras", "Adamax"),
    keras(
        "adamax@keras:beta1=0.8:beta2=0.9:eps=0.1:lr=0.01",
        "Adamax",
        **{"learning_rate": 0.01, "beta_1": 0.8, "beta_2": 0.9, "epsilon": 0.1},
    ),
    keras("adamax@keras:lr=0.01:weight_decay=0.1", "Adamax", learning_rate=0.01, weight_decay=0.1),
    pytorch_optimizer("adamax@pytorch_optimizer", "AdaMax"),
    pytorch_optimizer("adamax@pytorch_optimizer:eps=0.1:weight_decay=0.1", "AdaMax", eps=0.1, weight_decay=0.1),
    pytorch_optimizer(
        "adamax@pytorch_optimizer:decoupled=true:lr=0.01:weight_decay=0.1",
        "AdaMax",
        **{"lr": 0.01, "weight_decay": 0.1, "weight_decouple": True},
    ),
)

NADAM = (
    torch("nadam", "NAdam"),
    torch("nadam:lr=0.01:beta1=0.8:momentum_decay=0.1", "NAdam", lr=0.01, betas=(0.8, 0.999), momentum_decay=0.1),
    torch("nadam:weight_decay=0.1", "NAdam", weight_decay=0.1),
    torch("nadam:decoupled=true:weight_decay=0.1", "NAdam", decoupled_weight_decay=True, weight_decay=0.1),
    optax("nadam@optax:lr=0.001", "nadam", 1e-3),
    optax("nadam@optax:beta1=0.8:lr=0.01", "nadam", 0.01, b1=0.8),
    optax("nadam@optax:eps=0.001:eps_root=0.0001:lr=0.01", "nadam", 0.01, eps=1e-3, eps_root=1e-4),
    keras("nadam@keras", "Nadam"),
    keras("nadam@keras:beta1=0.8:eps=0.001:lr=0.01", "Nadam", learning_rate=0.01, beta_1=0.8, epsilon=1e-3),
    keras("nadam@keras:lr=0.01:weight_decay=0.1", "Nadam", learning_rate=0.01, weight_decay=0.1),
)

CASES = (*SGD, *ADAGRAD, *RMSPROP, *ADADELTA, *ADAM, *AMSGRAD, *ADAMW, *ADAMAX, *NADAM)
