"""From what an optimizer's file declares to the kernels that take a step.

update(t, rate, count, loss, gradient, x, state, carry, hyper, scratch, memory, blocks): `hyper` has one row more than
there are hyperparameters, the learning rate before the schedule's factor; `scratch` is where the coefficients pass
through memory of the run's precision, which casts them; `count` is the length of x over all lanes.
"""

from __future__ import annotations

import numpy as np

from adambench.engine.columns import READ, WRITE
from adambench.engine.memory import matrix, vector


def one_column(rule, coefficients, sizes, REAL, clipped, curved):
    """An update of any number of coordinates that all have the same hyperparameters: one flat loop.

    sizes    (hyperparameters, carried numbers, coefficients, slots)
    clipped  gradients have a longest norm, the last hyperparameter; x is then one lane
    curved   a Hessian diagonal stands after the gradient
    """
    hypers, carried, constants, slots = sizes
    read_hyper, read_carry, write_carry = READ[hypers], READ[carried], WRITE[carried]
    write_constants, read_constants = WRITE[constants], READ[constants]
    read_state, write_state = reader(slots, curved), WRITE[slots]
    clip = clipper(1)

    def update(t, rate, count, loss, gradient, x, state, carry, hyper, scratch, memory, blocks):
        slopes = vector(gradient, 2 * count if curved else count, REAL)
        x = vector(x, count, REAL)
        state = matrix(state, slots, count, REAL)
        carry = matrix(carry, carried, 1, np.float64)
        hyper = matrix(hyper, hypers + 1, 1, np.float64)
        scratch = matrix(scratch, constants, 1, REAL)
        if clipped:
            clip(matrix(gradient, count, 1, REAL), count, hyper, hypers - 1)
        hyper[0, 0] = hyper[hypers, 0] * rate
        values, kept = coefficients(read_hyper(hyper, 0), t, read_carry(carry, 0))
        write_carry(carry, 0, kept)
        write_constants(scratch, 0, values)
        values = read_constants(scratch, 0)
        for j in range(count):
            x[j], slot = rule(slopes[j], x[j], read_state(state, j, slopes, count), values)
            write_state(state, j, slot)

    return update


def many_columns(rule, coefficients, sizes, REAL, clipped, curved, LANES):
    """An update of (coordinates, LANES), each lane with hyperparameters of its own."""
    hypers, carried, constants, slots = sizes
    read_hyper, read_carry, write_carry = READ[hypers], READ[carried], WRITE[carried]
    write_constants, read_constants = WRITE[constants], READ[constants]
    read_state, write_state = reader(slots, curved), WRITE[slots]
    clip = clipper(LANES)

    def update(t, rate, count, loss, gradient, x, state, carry, hyper, scratch, memory, blocks):
        slopes = vector(gradient, 2 * count if curved else count, REAL)
        x = vector(x, count, REAL)
        state = matrix(state, slots, count, REAL)
        carry = matrix(carry, carried, LANES, np.float64)
        hyper = matrix(hyper, hypers + 1, LANES, np.float64)
        scratch = matrix(scratch, constants, LANES, REAL)
        if clipped:
            clip(matrix(gradient, count // LANES, LANES, REAL), count // LANES, hyper, hypers - 1)
        for lane in range(LANES):
            hyper[0, lane] = hyper[hypers, lane] * rate
            values, kept = coefficients(read_hyper(hyper, lane), t, read_carry(carry, lane))
            write_carry(carry, lane, kept)
            write_constants(scratch, lane, values)
        for i in range(count // LANES):  # counted in ones: a range with a step is not vectorised
            for lane in range(LANES):
                j = i * LANES + lane
                x[j], slot = rule(slopes[j], x[j], read_state(state, j, slopes, count), read_constants(scratch, lane))
                write_state(state, j, slot)

    return update


def whole_vector(step, coefficients, sizes, REAL, clipped, decays, gains):
    """An update of one lane by a step of the whole vector.

    decays  (before, after): whether weight decay stands around the step, and takes the coefficients for it
    gains   None, or where the mean of the iterates is kept: the slot that it averages, -1 for x
    """
    hypers, carried, constants, slots = sizes
    read_hyper, read_carry, write_carry = READ[hypers], READ[carried], WRITE[carried]
    write_constants, read_constants = WRITE[constants], READ[constants]
    clip = clipper(1)
    before, after = decays
    averaged, averages = gains is not None, -1 if gains is None else gains
    decay = 1 if averaged else 0
    own = decay + (2 if before else 0) + (1 if after else 0)

    def update(t, rate, count, loss, gradient, x, state, carry, hyper, scratch, memory, blocks):
        carry = matrix(carry, carried, 1, np.float64)
        hyper = matrix(hyper, hypers + 1, 1, np.float64)
        scratch = matrix(scratch, constants, 1, REAL)
        if clipped:
            clip(matrix(gradient, count, 1, REAL), count, hyper, hypers - 1)
        gradient = vector(gradient, count, REAL)
        x = vector(x, count, REAL)
        state = matrix(state, slots, count, REAL)
        hyper[0, 0] = hyper[hypers, 0] * rate
        values, kept = coefficients(read_hyper(hyper, 0), t, read_carry(carry, 0))
        write_carry(carry, 0, kept)
        write_constants(scratch, 0, values)
        values = read_constants(scratch, 0)
        if before:
            for j in range(count):
                gradient[j] = gradient[j] + values[decay] * x[j]
                x[j] = values[decay + 1] * x[j]
        size = vector(blocks, 1, np.int64)[0]
        memory = vector(memory, vector(blocks, 2, np.int64)[1], REAL)
        table = matrix(blocks, size + 1, 3, np.int64)[1:]
        inner = state[1:] if averaged else state
        step(t, vector(loss, 1, np.float64)[0], gradient, x, inner, memory, table, values[own:])
        if after:
            for j in range(count):
                x[j] = values[decay] * x[j]
        if averaged:
            for j in range(count):
                point = x[j] if averages < 0 else inner[averages, j]
                state[0, j] += values[0] * (point - state[0, j])

    return update


def paced(update, pace):
    """`update` of an optimizer that asks for a Hessian diagonal every so many steps.

    Each costs `charge` gradient evaluations more, in which it stands still: t counts evaluations, its own t the steps.
    """
    first, interval, charge = pace.first, pace.interval, pace.charge
    period = interval + charge

    def wait(t, rate, count, loss, gradient, x, state, carry, hyper, scratch, memory, blocks):
        since = t - first
        phase = since % period
        if since < 0:
            update(t, rate, count, loss, gradient, x, state, carry, hyper, scratch, memory, blocks)
        elif phase == 0 or phase > charge:
            number = first + since // period * interval + (phase - charge if phase > 0 else 0)
            update(number, rate, count, loss, gradient, x, state, carry, hyper, scratch, memory, blocks)

    return wait


def reader(slots, curved):
    """A function (state, j, slopes, count) -> the tuple of a coordinate's state, with its Hessian diagonal last."""
    read = READ[slots]

    def plain(state, j, slopes, count):
        return read(state, j)

    def with_curvature(state, j, slopes, count):
        return (*read(state, j), slopes[count + j])

    return with_curvature if curved else plain


def clipper(LANES):
    """A function that shortens each lane's gradient to the norm in a row of `hyper`, where it is longer.

    Added up in the order of the coordinates, in float64, so that all widths give the same bits; and in units of the
    largest, whose square may be more than a number holds.
    """

    def clip(gradient, rows, hyper, row):
        for lane in range(LANES):
            largest, square = 0.0, 0.0
            for i in range(rows):
                largest = max(largest, abs(np.float64(gradient[i, lane])))
            for i in range(rows):
                value = np.float64(gradient[i, lane]) / largest if largest > 0.0 else 0.0
                square += value * value
            norm, limit = largest * np.sqrt(square), hyper[row, lane]
            if norm > limit:
                shrink = limit / norm
                for i in range(rows):
                    gradient[i, lane] = gradient[i, lane] * shrink

    return clip


def bare(slots, divisions, roots, curved, REAL):
    """A kernel with the memory traffic, divisions and square roots of an update, and next to nothing else.

    curved  a Hessian diagonal stands after the gradient
    """

    def bare(count, zero, gradient, x, state):
        gradient = vector(gradient, 2 * count if curved else count, REAL)
        x = vector(x, count, REAL)
        state = matrix(state, slots, count, REAL)
        zero = REAL(zero)
        for j in range(count):
            slope = gradient[j] + gradient[count + j] if curved else gradient[j]
            quotient = slope
            for _ in range(roots):
                quotient = np.sqrt(quotient)
            for _ in range(divisions):
                quotient = slope / quotient
            x[j] = x[j] + zero * quotient
            for k in range(slots):
                state[k, j] = state[k, j] + zero * slope

    return bare
