"""L-BFGS: the direction of a Newton step, from the last gradients alone.

Each evaluation of loss and gradient is one step, as everywhere here; a line search takes several an iteration. With it,
x is the point to evaluate next, and the point accepted last is what counts. The points are those of one call of
torch's `step` with as many iterations as the budget allows. What ends that call is left out (tolerance_grad,
tolerance_change, max_eval): the budget does. Where an iteration makes no progress the point is evaluated again, as by
the next call; under noise that frees a search from a lucky loss.
"""

from __future__ import annotations

import numpy as np

from adambench.decay import NONE
from adambench.hyperparameter import LR
from adambench.optimizer import START, Dialect, Hyperparameter, Optimizer, Slot

HISTORY_SIZE = Hyperparameter(
    "history_size",
    "how many changes of x and gradient are kept",
    low=1.0,
    high=1e4,
    neutral=1.0,
    whole=True,
)
"""Not tuned unless a range asks for it: each size has its own memory, and so its own kernel to compile."""
STRONG_WOLFE = Hyperparameter(
    "strong_wolfe", "search along the direction for the strong Wolfe conditions", switch=True, neutral=False
)

LEAST_CURVATURE = 1e-10
ARMIJO, CURVATURE, TRIALS = 1e-4, 0.9, 25
"""c1, c2 and max_ls of torch's _strong_wolfe."""

STANDING, BRACKETING, ZOOMING = 0.0, 1.0, 2.0
PHASE, BEGUN, PAIRS, OLDEST, SCALE, T, LOSS, SLOPE, NEW_LOSS, TRIED, BEST, STUCK = range(12)
END_T, END_LOSS, END_SLOPE, NUMBERS = 12, 14, 16, 18
"""Places in the memory. T: the step length; LOSS, SLOPE: at the accepted point, along the direction; NEW_LOSS: at the
trial; BEST: the end of the bracket to accept, by now; STUCK: the last trial was close to an end; END_*: of both ends.
While bracketing, the first end is the trial before."""


def parts(memory, count, size):
    """Views into the memory: the numbers above; the direction; the gradient at the start of the iteration; those at the
    ends of the bracket (2, count); two numbers for each pair kept; their changes of gradient and of x (size, count)."""
    first = NUMBERS
    numbers, direction, previous = memory[:first], memory[first : first + count], memory[first + count :][:count]
    first += 2 * count
    ends = memory[first : first + 2 * count].reshape((2, count))
    first += 2 * count
    alpha, rho = memory[first : first + size], memory[first + size :][:size]
    first += 2 * size
    changes = memory[first : first + size * count].reshape((size, count))
    steps = memory[first + size * count :][: size * count].reshape((size, count))
    return numbers, direction, previous, ends, alpha, rho, changes, steps


def dot(a, b):
    total = 0.0
    for j in range(a.shape[0]):
        total += np.float64(a[j]) * np.float64(b[j])
    return total


def absolute_sum(a):
    total = 0.0
    for j in range(a.shape[0]):
        total += abs(np.float64(a[j]))
    return total


def turn(gradient, direction, previous, numbers, alpha, rho, changes, steps):
    """The next direction, - H gradient by the two loops, after the last step has become a pair."""
    count, size = direction.shape[0], rho.shape[0]
    if numbers[BEGUN] == 0.0:
        numbers[BEGUN], numbers[SCALE] = 1.0, 1.0
        for j in range(count):
            direction[j] = -gradient[j]
            previous[j] = gradient[j]
        return
    pairs, oldest = int(numbers[PAIRS]), int(numbers[OLDEST])
    curvature, square = 0.0, 0.0
    for j in range(count):
        y, s = np.float64(gradient[j] - previous[j]), np.float64(direction[j] * numbers[T])
        curvature += y * s
        square += y * y
    if curvature > LEAST_CURVATURE:
        if pairs == size:
            oldest = (oldest + 1) % size
            numbers[OLDEST] = oldest
        else:
            pairs += 1
            numbers[PAIRS] = pairs
        newest = (oldest + pairs - 1) % size
        for j in range(count):
            changes[newest, j] = gradient[j] - previous[j]
            steps[newest, j] = direction[j] * numbers[T]
        rho[newest] = 1.0 / curvature
        numbers[SCALE] = curvature / square
    for j in range(count):
        direction[j] = -gradient[j]
        previous[j] = gradient[j]
    for i in range(pairs):
        k = (oldest + pairs - 1 - i) % size
        alpha[k] = dot(steps[k], direction) * rho[k]
        for j in range(count):
            direction[j] -= alpha[k] * changes[k, j]
    for j in range(count):
        direction[j] *= numbers[SCALE]
    for i in range(pairs):
        k = (oldest + i) % size
        factor = alpha[k] - dot(changes[k], direction) * rho[k]
        for j in range(count):
            direction[j] += factor * steps[k, j]


def interpolate(t1, f1, g1, t2, f2, g2, low, high):
    """The least point between low and high of the cubic with these values and derivatives at t1 and t2.

    Halfway between where the cubic has none; not a number, where a value is not.
    """
    d1 = g1 + g2 - 3.0 * (f1 - f2) / (t1 - t2)
    square = d1 * d1 - g1 * g2
    if not square >= 0.0:
        return (low + high) / 2.0
    d2 = np.sqrt(square)
    if t1 <= t2:
        t = t2 - (t2 - t1) * ((g2 + d2 - d1) / (g2 - g1 + 2.0 * d2))
    else:
        t = t1 - (t1 - t2) * ((g1 + d2 - d1) / (g1 - g2 + 2.0 * d2))
    t = low if low > t else t
    return high if high < t else t


def put(numbers, ends, end, t, loss, slope, gradient):
    """Make this an end of the bracket."""
    numbers[END_T + end], numbers[END_LOSS + end], numbers[END_SLOPE + end] = t, loss, slope
    for j in range(gradient.shape[0]):
        ends[end, j] = gradient[j]


def bracket(numbers, t, loss, slope, fallen, flat):
    """What a trial beyond the first end means: (whether the search is over, its step length, its loss).

    It becomes the second end. It closes the bracket, or is to be accepted, or the start is, after the last trial.
    """
    numbers[BEST] = 1.0
    if numbers[TRIED] == TRIALS:
        stays = numbers[LOSS] <= loss
        return True, 0.0 if stays else t, np.float64(numbers[LOSS]) if stays else loss
    closed = not fallen or (numbers[TRIED] > 1.0 and loss >= numbers[END_LOSS])
    over = flat and not closed
    if not over and (closed or slope >= 0.0):
        numbers[PHASE], numbers[STUCK] = ZOOMING, 0.0
        numbers[BEST] = 0.0 if numbers[END_LOSS] <= loss else 1.0
    return over, t, loss


def zoom(numbers, ends, loss, slope, fallen, flat):
    """What a trial within the bracket means: (whether the search is over, the end that it replaces)."""
    best = int(numbers[BEST])
    other = 1 - best
    last = numbers[TRIED] == TRIALS
    if not fallen or loss >= numbers[END_LOSS + best]:
        if best == 0:
            numbers[BEST] = 0.0 if numbers[END_LOSS] <= loss else 1.0
        else:
            numbers[BEST] = 0.0 if loss <= numbers[END_LOSS + 1] else 1.0
        return last, other
    if not flat and slope * (numbers[END_T + other] - numbers[END_T + best]) >= 0.0:
        put(
            numbers, ends, other, numbers[END_T + best], numbers[END_LOSS + best], numbers[END_SLOPE + best], ends[best]
        )
    return last or flat, best


def next_trial(numbers, ends):
    """The step length to try next: beyond the second end, or between both, kept off an end that the trials cling to."""
    a, b = np.float64(numbers[END_T]), np.float64(numbers[END_T + 1])
    beyond = numbers[PHASE] == BRACKETING
    low, high = (b + 0.01 * (b - a), b * 10.0) if beyond else (min(a, b), max(a, b))
    t = interpolate(
        *(a, np.float64(numbers[END_LOSS]), np.float64(numbers[END_SLOPE])),
        *(b, np.float64(numbers[END_LOSS + 1]), np.float64(numbers[END_SLOPE + 1]), low, high),
    )
    if beyond:
        put(numbers, ends, 0, b, numbers[END_LOSS + 1], numbers[END_SLOPE + 1], ends[1])
        return t
    margin, stuck = 0.1 * (high - low), numbers[STUCK] == 1.0
    numbers[STUCK] = 0.0
    if min(high - t, t - low) < margin:
        if stuck or t >= high or t <= low:
            return high - margin if abs(t - high) < abs(t - low) else low + margin
        numbers[STUCK] = 1.0
    return t


def whole(flags):
    size = flags["history_size"]

    def lbfgs(t, loss, gradient, x, state, memory, blocks, coefficients):
        numbers, direction, previous, ends, alpha, rho, changes, steps = parts(memory, x.shape[0], size)
        lr, length = np.float64(coefficients[0]), absolute_sum(gradient)
        if length == 0.0:
            return
        first = numbers[BEGUN] == 0.0
        turn(gradient, direction, previous, numbers, alpha, rho, changes, steps)
        numbers[T] = min(1.0, 1.0 / length) * lr if first else lr
        if dot(gradient, direction) > 0.0:
            return
        for j in range(x.shape[0]):
            x[j] += numbers[T] * direction[j]

    def strong_wolfe(t, loss, gradient, x, state, memory, blocks, coefficients):
        numbers, direction, previous, ends, alpha, rho, changes, steps = parts(memory, x.shape[0], size)
        lr, accepted = np.float64(coefficients[0]), state[0]
        numbers[NEW_LOSS] = loss
        new, slope, trial, end, over = np.float64(numbers[NEW_LOSS]), 0.0, 0.0, 0, True
        standing = numbers[PHASE] == STANDING
        if standing:
            numbers[BEST] = 0.0
        else:
            slope, trial = dot(gradient, direction), np.float64(numbers[T])
            fallen = not new > numbers[LOSS] + ARMIJO * trial * numbers[SLOPE]
            flat = abs(slope) <= -CURVATURE * numbers[SLOPE]
            if numbers[PHASE] == BRACKETING:
                end = 1
                over, trial, new = bracket(numbers, trial, new, slope, fallen, flat)
            else:
                over, end = zoom(numbers, ends, new, slope, fallen, flat)
        put(numbers, ends, end, trial, new, slope, gradient)
        if not over:
            numbers[T] = next_trial(numbers, ends)
            numbers[TRIED] += 1.0
            for j in range(x.shape[0]):
                x[j] = accepted[j] + numbers[T] * direction[j]
            return
        best, moved = int(numbers[BEST]), standing
        if not standing:
            numbers[T] = numbers[END_T + best]
        for j in range(x.shape[0]):
            if standing:
                accepted[j] = x[j]
            else:
                moved |= numbers[T] * direction[j] != 0.0
                accepted[j] += numbers[T] * direction[j]
                x[j] = accepted[j]
        numbers[PHASE] = STANDING
        length = absolute_sum(ends[best])
        if not moved or length == 0.0:
            return
        first = numbers[BEGUN] == 0.0
        turn(ends[best], direction, previous, numbers, alpha, rho, changes, steps)
        numbers[T] = min(1.0, 1.0 / length) * lr if first else lr
        numbers[LOSS], numbers[SLOPE] = numbers[END_LOSS + best], dot(previous, direction)
        if numbers[SLOPE] > 0.0:
            return
        put(numbers, ends, 0, 0.0, numbers[LOSS], numbers[SLOPE], previous)
        numbers[PHASE], numbers[TRIED] = BRACKETING, 0.0
        for j in range(x.shape[0]):
            x[j] += numbers[T] * direction[j]

    return strong_wolfe if flags["strong_wolfe"] else lbfgs


def coefficients(flags):
    def of(hyper, t, carry):
        lr, history_size = hyper
        return (lr,), carry

    return of


def memory(flags, blocks):
    count = sum(rows * max(columns, 1) for _, rows, columns in blocks)
    return NUMBERS + 4 * count + 2 * flags["history_size"] * (1 + count)


def slots(flags):
    return (Slot("accepted", "last accepted point", START, watched=True),) if flags["strong_wolfe"] else ()


def settings(flags, hyperparameters):
    return {
        **flags,
        "history_size": int(hyperparameters["history_size"]),
        "strong_wolfe": hyperparameters["strong_wolfe"],
    }


def formula(flags):
    return (
        "s = x_t - x_(t-1),   y = g_t - g_(t-1),   kept where s'y > 1e-10\n"
        "d = -H g,   H = (1 - s y' / s'y) H (1 - y s' / s'y) + s s' / s'y over the pairs kept, from s'y / y'y\n"
        "x = x + lr d      (lr min(1, 1 / |g|_1) at t = 1; strong_wolfe: searched along d, from there)"
    )


OPTIMIZER = Optimizer(
    name="lbfgs",
    summary="a Newton step from the last gradients alone: fast where gradients are exact",
    formula=formula,
    source="Liu & Nocedal 1989, Math. Prog. 45, 503-528; Nocedal & Wright 2006, algorithms 3.5, 3.6, 7.4",
    hyperparameters=(LR, HISTORY_SIZE, STRONG_WOLFE),
    dialects=(
        Dialect(
            "torch",
            {"lr": 1.0, "history_size": 100.0, "strong_wolfe": False},
            {"decay": NONE, "single_rate": False},
            "PyTorch >= 0.1 (strong_wolfe since 1.2)",
            "pytorch/pytorch torch/optim/lbfgs.py",
            "strong_wolfe is line_search_fn; one call of step, without tolerances",
        ),
    ),
    whole=whole,
    memory=memory,
    coefficients=coefficients,
    slots=slots,
    settings=settings,
)
