"""From an optimizer's scalar rule to the kernels that take a step."""

from __future__ import annotations

import numpy as np

from adambench.engine.columns import READ, WRITE
from adambench.engine.memory import matrix, vector


def one_column(rule, coefficients, sizes, REAL):
    """An update of any number of coordinates that all have the same hyperparameters: one flat loop.

    sizes  (hyperparameters, carried numbers, coefficients, slots)

    The last row of `hyper` (one more than there are hyperparameters) is the learning rate before the schedule's factor.
    """
    hypers, carried, constants, slots = sizes
    read_hyper, read_carry, write_carry = READ[hypers], READ[carried], WRITE[carried]
    write_constants, read_constants = WRITE[constants], READ[constants]
    read_state, write_state = READ[slots], WRITE[slots]

    def update(t, rate, count, gradient, x, state, carry, hyper, scratch):
        gradient = vector(gradient, count, REAL)
        x = vector(x, count, REAL)
        state = matrix(state, slots, count, REAL)
        carry = matrix(carry, carried, 1, np.float64)
        hyper = matrix(hyper, hypers + 1, 1, np.float64)
        scratch = matrix(scratch, constants, 1, REAL)
        hyper[0, 0] = hyper[hypers, 0] * rate
        values, kept = coefficients(read_hyper(hyper, 0), t, read_carry(carry, 0))
        write_carry(carry, 0, kept)
        write_constants(scratch, 0, values)  # through memory of the run's precision: this is the cast
        values = read_constants(scratch, 0)
        for j in range(count):
            x[j], slot = rule(gradient[j], x[j], read_state(state, j), values)
            write_state(state, j, slot)

    return update


def many_columns(rule, coefficients, sizes, REAL, LANES):
    """An update of (coordinates, LANES), each lane with hyperparameters of its own."""
    hypers, carried, constants, slots = sizes
    read_hyper, read_carry, write_carry = READ[hypers], READ[carried], WRITE[carried]
    write_constants, read_constants = WRITE[constants], READ[constants]
    read_state, write_state = READ[slots], WRITE[slots]

    def update(t, rate, count, gradient, x, state, carry, hyper, scratch):
        gradient = vector(gradient, count, REAL)
        x = vector(x, count, REAL)
        state = matrix(state, slots, count, REAL)
        carry = matrix(carry, carried, LANES, np.float64)
        hyper = matrix(hyper, hypers + 1, LANES, np.float64)
        scratch = matrix(scratch, constants, LANES, REAL)
        for lane in range(LANES):
            hyper[0, lane] = hyper[hypers, lane] * rate
            values, kept = coefficients(read_hyper(hyper, lane), t, read_carry(carry, lane))
            write_carry(carry, lane, kept)
            write_constants(scratch, lane, values)
        for i in range(count // LANES):  # counted in ones: a range with a step is not vectorised
            for lane in range(LANES):
                j = i * LANES + lane
                x[j], slot = rule(gradient[j], x[j], read_state(state, j), read_constants(scratch, lane))
                write_state(state, j, slot)

    return update
