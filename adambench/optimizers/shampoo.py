"""Shampoo: a matrix's gradient between the inverse fourth roots of its summed G G^T and G^T G."""

from __future__ import annotations

import numpy as np

from adambench.decay import CHOICE, DECOUPLED, NONE, OWN
from adambench.hyperparameter import EPS, LR, MOMENTUM
from adambench.matrix import all_finite, gram, transpose
from adambench.optimizer import Dialect, Flag, Hyperparameter, Optimizer, Slot

INFINITY = float("inf")
MAT_GBAR_DECAY = Hyperparameter("mat_gbar_decay", "decay of the sums L and R", high=1.0, neutral=1.0)
ALPHA = Hyperparameter("alpha", "power of all roots together: 0.5 is a fourth root on either side", neutral=0.5)
SVD_INTERVAL = Hyperparameter(
    "svd_interval", "steps that one pair of roots serves, a whole number", low=1.0, neutral=1.0, whole=True
)
MAX_MATRIX_SIZE = Hyperparameter(
    "max_matrix_size", "longer sides keep the diagonal of their sum alone", neutral=INFINITY, whole=True
)


def coefficients(flags):
    own = flags["decay"] == OWN

    def of(hyper, t, carry):
        lr, momentum, decay, alpha, eps, svd_interval, max_matrix_size = hyper[:7]
        return (lr, momentum, decay, alpha, eps, hyper[-1] if own else 0.0), carry

    return of


def whole(flags):
    interval, limit, damped = flags["svd_interval"], flags["max_matrix_size"], flags["damping"] == "root"
    remembers, recent = flags["remembers"], flags["momentum"] == "step"
    first_root = 1.0 if flags["first"] == "identity" else 0.0

    def by_matrix(t, slope, moved, out, kept, work, decay, exponent, eps):
        """out = root moved, where `root` is of the sum of slope slope^T; False where that is not finite."""
        size = slope.shape[0]
        square = size * size
        total, root = kept[:square].reshape(size, size), kept[square : 2 * square].reshape(size, size)
        product = work[:square].reshape(size, size)
        if t == 1:
            for i in range(size):
                total[i, i], root[i, i] = 0.0 if damped else eps, first_root
        gram(slope, product, work[square:])
        for i in range(size):
            for j in range(size):
                total[i, j] = decay * total[i, j] + product[i, j]
        if t % interval == 0:
            for i in range(size):
                for j in range(size):
                    product[i, j] = total[i, j]
                product[i, i] += eps if damped else 0.0
            if not all_finite(product.reshape(-1)):
                return False
            values, vectors = np.linalg.eigh(product)
            for j in range(size):
                power = max(abs(values[j]), eps if damped else 0.0) ** exponent
                for i in range(size):
                    product[i, j] = vectors[i, j] * power
            np.dot(product, vectors.T, root)
        np.dot(root, moved, out)
        return True

    def by_diagonal(t, slope, moved, out, total, decay, exponent, eps):
        """The same with the diagonal of the sum alone, whose root is taken at every step."""
        for i in range(slope.shape[0]):
            square = decay * (eps if t == 1 and not damped else total[i])
            for j in range(slope.shape[1]):
                square += slope[i, j] * slope[i, j]
            total[i] = square
            root = (square + (eps if damped else 0.0)) ** exponent
            for j in range(slope.shape[1]):
                out[i, j] = root * moved[i, j]

    def slopes(t, gradient, x, buffer, slope, moved, momentum, weight_decay):
        """The gradient whose products are summed, and the one that moves x."""
        for j in range(x.size):
            slope[j] = gradient[j]
            if remembers and recent:
                slope[j] += momentum * ((gradient[j] if t == 1 else buffer[j]) - gradient[j])
            slope[j] += weight_decay * x[j]
            moved[j] = slope[j]
            if remembers and not recent:
                buffer[j] = momentum * buffer[j] + slope[j]
                moved[j] = buffer[j]

    def block_step(t, gradient, x, buffer, memory, rows, columns, coefficients):
        lr, momentum, decay, alpha, eps, weight_decay = coefficients
        size, sides = x.size, 1 if columns == 0 else 2
        slope, moved, out = memory[:size], memory[size : 2 * size], memory[2 * size : 3 * size]
        turned, kept = memory[3 * size : 4 * size], memory[4 * size :]
        work = kept[2 * (stored(rows, limit) + stored(columns, limit)) :]
        slopes(t, gradient, x, buffer, slope, moved, momentum, weight_decay)
        side, other = rows, max(columns, 1)
        fine = True
        for _ in range(sides):  # G and then G^T, so that either side is the rows
            a, b, c = slope.reshape(side, other), moved.reshape(side, other), out.reshape(side, other)
            if side <= limit:
                fine = by_matrix(t, a, b, c, kept, work, decay, -alpha / sides, eps) and fine
            else:
                by_diagonal(t, a, b, c, kept, decay, -alpha / sides, eps)
            transpose(c, moved.reshape(other, side))
            transpose(a, turned.reshape(other, side))
            slope, turned = turned, slope
            kept = kept[2 * stored(side, limit) :]
            side, other = other, side
        for j in range(size):
            if remembers and recent:
                buffer[j] = moved[j]
            x[j] = x[j] - lr * moved[j] if fine else np.nan

    def shampoo(t, loss, gradient, x, state, memory, blocks, coefficients):
        place = 0
        for k in range(blocks.shape[0]):
            first, rows, columns = blocks[k, 0], blocks[k, 1], blocks[k, 2]
            last = first + rows * max(columns, 1)
            buffer = state[0][first:last] if remembers else x[first:last]
            taken = block_memory(rows, columns, limit)
            own = memory[place : place + taken]
            block_step(t, gradient[first:last], x[first:last], buffer, own, rows, columns, coefficients)
            place += taken

    return shampoo


def stored(side, limit):
    """Numbers in the sum of a side, and in its root."""
    return side * side if side <= limit else side


def block_memory(rows, columns, limit):
    """Four times its size; sum and root of either side; room for two squares."""
    longest = max(rows if rows <= limit else 0, columns if columns <= limit else 0)
    return 4 * rows * max(columns, 1) + 2 * (stored(rows, limit) + stored(columns, limit) + longest * longest)


def memory(flags, blocks):
    return sum(block_memory(rows, columns, flags["max_matrix_size"]) for _, rows, columns in blocks)


def slots(flags):
    meaning = "last step" if flags["momentum"] == "step" else "sum of the gradients"
    return (Slot("momentum", meaning),) if flags["remembers"] else ()


def settings(flags, hyperparameters):
    return {
        **flags,
        "decay": DECOUPLED if hyperparameters["decoupled"] else flags["decay"],
        "remembers": hyperparameters["momentum"] != 0,
        "svd_interval": int(hyperparameters["svd_interval"]),
        "max_matrix_size": hyperparameters["max_matrix_size"],
    }


def formula(flags):
    damped = flags["damping"] == "root"
    start, root = ("0", "+ eps I") if damped else ("eps I", "")
    lines = [
        f"L = mat_gbar_decay L + G G^T,   R = mat_gbar_decay R + G^T G    ({start} at first)",
        f"H_L = (L{root and ' ' + root})^(-alpha/2),   H_R = (R{root and ' ' + root})^(-alpha/2)    "
        f"(every svd_interval steps; {'I' if flags['first'] == 'identity' else '0'} before)",
    ]
    if flags["momentum"] == "step":
        lines = ["G = (1 - momentum) G + momentum S + weight_decay x    (S = G at t = 1)", *lines]
        lines += ["S = H_L G H_R", "x = x - lr S"]
    else:
        lines += ["M = momentum M + G", "x = x - lr H_L M H_R"]
    return "\n".join([*lines, "(vectors: one sum, g g^T, and its root to the power -alpha)"])


DIALECTS = (
    Dialect(
        "authors",
        {
            "lr": 1.0,
            "momentum": 0.0,
            "mat_gbar_decay": 1.0,
            "alpha": 0.5,
            "eps": 0.1,
            "svd_interval": 1.0,
            "max_matrix_size": 768.0,
        },
        {"momentum": "sum", "damping": "root", "first": "identity", "decay": NONE, "single_rate": False},
        "TensorFlow 1, tf.contrib.opt.ShampooOptimizer",
        "tensorflow/tensorflow tensorflow/contrib/opt/python/training/shampoo.py",
        "`gbar_decay` is momentum here; at these defaults it is Algorithm 1 of the paper",
    ),
    Dialect(
        "pytorch_optimizer",
        {"lr": 1e-3, "momentum": 0.0, "weight_decay": 0.0, "decoupled": False, "eps": 1e-6, "svd_interval": 1.0},
        {"momentum": "step", "damping": "initial", "first": "zero", "decay": OWN, "single_rate": False},
        "pytorch_optimizer >= 4.0",
        "kozistr/pytorch_optimizer pytorch_optimizer/optimizer/shampoo.py Shampoo",
        "`preconditioning_compute_steps` is svd_interval and `matrix_eps` is eps here",
    ),
)

OPTIMIZER = Optimizer(
    name="shampoo",
    summary="the gradient of a matrix between inverse roots of what its rows and its columns have in common",
    formula=formula,
    source="Gupta, Koren & Singer 2018, arXiv:1802.09568, Algorithm 1",
    hyperparameters=(LR, MOMENTUM, MAT_GBAR_DECAY, ALPHA, EPS, SVD_INTERVAL, MAX_MATRIX_SIZE),
    dialects=DIALECTS,
    coefficients=coefficients,
    slots=slots,
    whole=whole,
    memory=memory,
    settings=settings,
    matrices=True,
    choices=(
        Flag(
            "momentum",
            {
                "sum": "the momentum is a sum of gradients, which are not preconditioned yet",
                "step": "the momentum mixes the last, preconditioned step into the gradient",
            },
        ),
        Flag(
            "damping",
            {
                "root": "epsilon is added to the sums whenever their roots are taken",
                "initial": "the sums start at epsilon times the identity",
            },
        ),
        Flag(
            "first",
            {
                "identity": "the gradient is not preconditioned before the first roots",
                "zero": "x stands still before the first roots",
            },
        ),
        CHOICE,
    ),
)
