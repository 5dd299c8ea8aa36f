"""SOAP: Adam in the eigenbases of the averaged G G^T and G^T G, which follow by one power iteration now and then."""

from __future__ import annotations

import numpy as np

from adambench.decay import OWN
from adambench.hyperparameter import BETA1, BETA2, EPS, LR
from adambench.matrix import all_finite, copy, gram, transpose
from adambench.norm import squares
from adambench.optimizer import Dialect, Flag, Hyperparameter, Optimizer, Slot
from adambench.power import next_power

SHAMPOO_BETA = Hyperparameter(
    "shampoo_beta", "decay of the averages of G G^T and G^T G; negative: beta2", low=-1.0, high=1.0, neutral=-1.0
)
PRECONDITION_FREQUENCY = Hyperparameter(
    "precondition_frequency", "steps that one pair of bases serves, a whole number", low=1.0, neutral=1.0, whole=True
)
MAX_PRECOND_DIM = Hyperparameter("max_precond_dim", "longer sides keep their own basis", whole=True)
NORMALIZE_GRADS = Hyperparameter("normalize_grads", "steps of root mean square lr", switch=True, neutral=False)
CORRECT_BIAS = Hyperparameter("correct_bias", "correct both moments for their start at zero", switch=True, neutral=True)


def coefficients(flags):
    corrects, tiny = flags["corrects"], flags["normalization"] == "tiny"

    def of(hyper, t, carry):
        lr, beta1, beta2, eps, shampoo_beta, frequency, limit, weight_decay = hyper
        power1, power2, alpha, shrink = carry[0], carry[1], lr, 1.0
        if t > 1:  # the first gradient only gives the first bases
            power1, power2 = next_power(power1, beta1), next_power(power2, beta2)
            shrink = 1.0 - lr * weight_decay
            if corrects:
                alpha = lr * np.sqrt(1.0 - power2) / (1.0 - power1)
        gain = 1.0 - (beta2 if shampoo_beta < 0.0 else shampoo_beta)
        constants = (alpha, beta1, 1.0 - beta1, beta2, 1.0 - beta2, eps, gain, 1e-30 if tiny else eps, shrink)
        return constants, (power1, power2)

    return of


def whole(flags):
    frequency, limit, normalizes = flags["precondition_frequency"], flags["max_precond_dim"], flags["normalizes"]

    def first_basis(average, basis):
        """The eigenvectors, those of the largest eigenvalues first."""
        size = basis.shape[0]
        values, vectors = np.linalg.eigh(average)
        for i in range(size):
            for j in range(size):
                basis[i, j] = vectors[i, size - 1 - j]

    def next_basis(average, basis, m, v, work):
        """One power iteration, from the old basis in the order of its estimated eigenvalues; the moments follow.

        m, v: (size, others), in the old basis. False where LAPACK would be given what is not finite.
        """
        size, others = m.shape
        product = work[: size * size].reshape(size, size)
        power = work[size * size : 2 * size * size].reshape(size, size)
        np.dot(average, basis, product)
        eigenvalues = np.zeros(size)
        for i in range(size):
            for j in range(size):
                eigenvalues[j] += basis[i, j] * product[i, j]
        order = descending(eigenvalues)
        for i in range(size):
            for j in range(size):
                power[i, j] = product[i, order[j]]
        if not all_finite(power.reshape(-1)):
            return False
        vectors, triangle = np.linalg.qr(power)
        copy(vectors, power)
        np.dot(power.T, basis, product)
        copy(power, basis)
        turned = work[size * size : size * size + size * others].reshape(size, others)
        np.dot(product, m, turned)
        copy(turned, m)
        for i in range(size):
            for j in range(others):
                turned[i, j] = v[order[i], j]
        copy(turned, v)
        return True

    def into_bases(left, a, right, out, spare):
        """out = left^T a right; a side that keeps its own basis has an empty one here."""
        if left.size > 0:
            np.dot(left.T, a, spare)
        else:
            copy(a, spare)
        if right.size > 0:
            np.dot(spare, right, out)
        else:
            copy(spare, out)

    def out_of_bases(left, a, right, out, spare):
        """out = left a right^T"""
        if left.size > 0:
            np.dot(left, a, spare)
        else:
            copy(a, spare)
        if right.size > 0:
            np.dot(spare, right.T, out)
        else:
            copy(spare, out)

    def block_step(t, gradient, x, m, v, memory, rows, columns, coefficients):
        alpha, beta1, gain1, beta2, gain2, eps, gain, least, shrink = coefficients
        size, side, other = x.size, rows, max(columns, 1)
        tall, wide = based(rows, columns, limit), based(columns, columns, limit)
        moved, spare, kept = memory[:size], memory[size : 2 * size], memory[2 * size :]
        work = kept[2 * (tall * tall + wide * wide) :]
        if t > 1:
            left = kept[tall * tall : 2 * tall * tall].reshape(tall, tall)
            right = kept[2 * tall * tall + wide * wide :][: wide * wide].reshape(wide, wide)
            slope, step, room = gradient.reshape(side, other), moved.reshape(side, other), spare.reshape(side, other)
            into_bases(left, slope, right, step, room)
            for j in range(size):
                m[j] = beta1 * m[j] + gain1 * moved[j]
                v[j] = beta2 * v[j] + gain2 * moved[j] * moved[j]
                moved[j] = m[j] / (np.sqrt(v[j]) + eps)
            out_of_bases(left, step, right, step, room)
            length = np.sqrt(squares(moved, 0, size) / size) + least if normalizes else 1.0
            for j in range(size):
                x[j] = shrink * (x[j] - alpha * moved[j] / length)

        moved[:] = gradient
        due = t > 1 and (t - 1) % frequency == 0
        for _ in range(2 if columns > 0 else 0):  # G and then G^T, so that either side is the rows
            if side <= limit:
                average = kept[: side * side].reshape(side, side)
                basis = kept[side * side : 2 * side * side].reshape(side, side)
                product = work[: side * side].reshape(side, side)
                kept = kept[2 * side * side :]
                gram(moved.reshape(side, other), product, work[side * side :])
                for i in range(side):
                    for j in range(side):
                        average[i, j] += gain * (product[i, j] - average[i, j])
                fine = all_finite(average.reshape(-1))
                if fine and t == 1:
                    first_basis(average, basis)
                elif fine and due:
                    fine = next_basis(average, basis, m.reshape(side, other), v.reshape(side, other), work)
                if not fine:
                    x[:] = np.nan
            for which in range(3 if due else 1):
                turned = (moved, m, v)[which]
                transpose(turned.reshape(side, other), spare.reshape(other, side))
                turned[:] = spare
            side, other = other, side

    def soap(t, loss, gradient, x, state, memory, blocks, coefficients):
        place = 0
        for k in range(blocks.shape[0]):
            first, rows, columns = blocks[k, 0], blocks[k, 1], blocks[k, 2]
            last, taken = first + rows * max(columns, 1), block_memory(rows, columns, limit)
            m, v, own = state[0][first:last], state[1][first:last], memory[place : place + taken]
            block_step(t, gradient[first:last], x[first:last], m, v, own, rows, columns, coefficients)
            place += taken

    return soap


def descending(values):
    """The places of the values from the largest down, equal ones as they stood; quick, as few are out of order."""
    order = np.arange(values.size)
    for i in range(1, values.size):
        j, place = i, order[i]
        while j > 0 and values[order[j - 1]] < values[place]:
            order[j] = order[j - 1]
            j -= 1
        order[j] = place
    return order


def based(side, columns, limit):
    """The side, where it has a basis of its own: in a matrix, and not longer than the limit; else 0."""
    return side if columns > 0 and side <= limit else 0


def block_memory(rows, columns, limit):
    """Two of its size; average and basis of either side; room for two squares and one more of its size."""
    tall, wide, size = based(rows, columns, limit), based(columns, columns, limit), rows * max(columns, 1)
    return 3 * size + 2 * (tall * tall + wide * wide) + 2 * max(tall, wide) ** 2


def memory(flags, blocks):
    return sum(block_memory(rows, columns, flags["max_precond_dim"]) for _, rows, columns in blocks)


def slots(flags):
    return (Slot("m", "first moment, in the eigenbases"), Slot("v", "second moment, in the eigenbases"))


def settings(flags, hyperparameters):
    return {
        **flags,
        "precondition_frequency": int(hyperparameters["precondition_frequency"]),
        "max_precond_dim": hyperparameters["max_precond_dim"],
        "normalizes": hyperparameters["normalize_grads"],
        "corrects": hyperparameters["correct_bias"],
    }


def formula(flags):
    least = "1e-30" if flags["normalization"] == "tiny" else "eps"
    return (
        "t = 1: L = (1 - shampoo_beta) G G^T,   R = (1 - shampoo_beta) G^T G,   Q_L, Q_R = their eigenvectors\n"
        "afterwards, k = t - 1:\n"
        "g = Q_L^T G Q_R\n"
        "m = beta1 m + (1 - beta1) g\n"
        "v = beta2 v + (1 - beta2) g^2\n"
        "S = Q_L (m / (sqrt(v) + eps)) Q_R^T    "
        f"(normalize_grads: S = S / ({least} + root of the mean of its squares))\n"
        "L = shampoo_beta L + (1 - shampoo_beta) G G^T,   R = shampoo_beta R + (1 - shampoo_beta) G^T G\n"
        "every precondition_frequency steps: Q_L = Q of L Q_L = Q R,   Q_R = Q of R Q_R = Q R, m and v turned along\n"
        "x = x - lr sqrt(1 - beta2^k) / (1 - beta1^k) S\n"
        "x = x - lr weight_decay x\n"
        "(vectors: Q_L = Q_R = I)"
    )


USUAL = {"lr": 3e-3, "beta1": 0.95, "beta2": 0.95, "shampoo_beta": -1.0, "eps": 1e-8, "weight_decay": 0.01}
MORE = {"precondition_frequency": 10.0, "max_precond_dim": 10000.0, "normalize_grads": False, "correct_bias": True}
AUTHORS = {"normalization": "tiny", "decay": OWN, "single_rate": False}

DIALECTS = (
    Dialect(
        "authors",
        {**USUAL, **MORE},
        AUTHORS,
        "soap.py of 2024-09 to 2025",
        "nikhilvyas/SOAP soap.py",
        "the power iteration is in float32 there, whatever the precision; merge_dims and precondition_1d are off here",
    ),
    Dialect(
        "pytorch_optimizer",
        {**USUAL, **MORE},
        {**AUTHORS, "normalization": "eps"},
        "pytorch_optimizer >= 4.0",
        "kozistr/pytorch_optimizer pytorch_optimizer/optimizer/soap.py",
        "the power iteration is in float32 there, whatever the precision; `max_precondition_dim` is max_precond_dim, "
        "`normalize_gradient` normalize_grads and shampoo_beta=None -1 here",
    ),
)

OPTIMIZER = Optimizer(
    name="soap",
    summary="Adam in the eigenbases that Shampoo would take roots in, which change slowly and are seldom computed",
    formula=formula,
    source="Vyas et al. 2024, SOAP: Improving and Stabilizing Shampoo using Adam, arXiv:2409.11321, Algorithm 3",
    hyperparameters=(
        LR,
        BETA1,
        BETA2,
        EPS,
        SHAMPOO_BETA,
        PRECONDITION_FREQUENCY,
        MAX_PRECOND_DIM,
        NORMALIZE_GRADS,
        CORRECT_BIAS,
    ),
    dialects=DIALECTS,
    coefficients=coefficients,
    slots=slots,
    whole=whole,
    memory=memory,
    carry=(1.0, 1.0),
    settings=settings,
    matrices=True,
    choices=(
        Flag(
            "normalization",
            {
                "tiny": "normalize_grads adds 1e-30 to the root of the mean square",
                "eps": "normalize_grads adds epsilon to the root of the mean square",
            },
        ),
    ),
)
