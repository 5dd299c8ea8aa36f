"""A stack of dense layers, forwards and backwards: kernel code.

The stack stands in `integers` at `table`, FIELDS numbers a layer: its inputs and outputs, where its weights (outputs,
inputs) and biases begin in x, and where its outputs, and the slopes of those, begin in `room`. All arrays are flat.
The last layer is linear; what the others give is activated, and dropped with some probability.
"""

from __future__ import annotations

from collections.abc import Sequence

from adambench.engine.product import times, times_transposed, transposed_times
from adambench.network.activation import activate
from adambench.network.dropout import drop
from adambench.network.weights import Weights

FIELDS = 6


def forward(x, integers, table, layers, inputs, room, rows, activation, first, t, seed, least, gain):
    """Every layer's outputs and their slopes, into `room`.

    inputs       (rows, inputs of the first layer)
    first        the number of the first row in its minibatch, for dropout
    least, gain  as in `dropout.drop`; nothing is dropped where least is 0
    """
    before = inputs
    for layer in range(layers):
        place = table + FIELDS * layer
        fan_in, fan_out, weight, bias = integers[place], integers[place + 1], integers[place + 2], integers[place + 3]
        begin, slopes = integers[place + 4], integers[place + 5]
        z = room[begin : begin + rows * fan_out]
        times_transposed(before, x[weight : weight + fan_in * fan_out], z, rows, fan_in, fan_out)
        biases = x[bias : bias + fan_out]
        for k in range(rows):
            row = z[k * fan_out : (k + 1) * fan_out]
            for j in range(fan_out):
                row[j] += biases[j]
        if layer < layers - 1:
            slope = room[slopes : slopes + rows * fan_out]
            activate(z, slope, activation)
            if least > 0:
                drop(z, slope, rows, fan_out, first, layer, t, seed, least, gain)
        before = z


def backward(x, gradient, integers, table, layers, inputs, room, rows, deep, more, spare):
    """The gradient of every weight and bias, from the slopes of the last layer's outputs, which stand in their place.

    deep   whether `inputs` becomes the slopes of the inputs; all other outputs become theirs
    more   whether the gradient is added to, instead of written
    spare  room for the largest layer's weights
    """
    for number in range(layers):
        layer = layers - 1 - number
        place = table + FIELDS * layer
        fan_in, fan_out, weight, bias = integers[place], integers[place + 1], integers[place + 2], integers[place + 3]
        begin = integers[place + 4]
        delta = room[begin : begin + rows * fan_out]
        before = inputs
        if layer > 0:
            begin = integers[place + 4 - FIELDS]
            before = room[begin : begin + rows * fan_in]
        size = fan_in * fan_out
        slope = gradient[weight : weight + size]
        if more:
            transposed_times(delta, before, spare, fan_out, rows, fan_in)
            for i in range(size):
                slope[i] += spare[i]
        else:
            transposed_times(delta, before, slope, fan_out, rows, fan_in)
        column_sums(delta, gradient[bias : bias + fan_out], rows, more)
        if layer > 0 or deep:
            times(delta, x[weight : weight + size], before, rows, fan_out, fan_in)
        if layer > 0:
            begin = integers[place + 5 - FIELDS]
            slopes = room[begin : begin + rows * fan_in]
            for i in range(rows * fan_in):
                before[i] *= slopes[i]


def column_sums(a, out, rows, more):
    """out gets, or where `more` grows by, the sum of the rows of a, (rows, out.size)."""
    if not more:
        for j in range(out.size):
            out[j] = a[j]
    for k in range(0 if more else 1, rows):
        row = a[k * out.size : (k + 1) * out.size]
        for j in range(out.size):
            out[j] += row[j]


def table(layers: Sequence[Weights], begin: int, rows: int) -> tuple[list[int], int]:
    """The stack as it stands in `integers`, its outputs in `room` from `begin` on for up to `rows` rows; their end."""
    found = []
    for layer in layers:
        slopes = begin + rows * layer.outputs
        found += [layer.inputs, layer.outputs, layer.start, layer.bias, begin, slopes]
        begin = slopes + rows * layer.outputs
    return found, begin
