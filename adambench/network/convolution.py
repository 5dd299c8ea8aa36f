"""Convolutions with same padding, an activation and max-pooling, forwards and backwards: kernel code.

A convolution is a product of matrices (Chellapilla, Puri & Simard 2006, High Performance Convolutional Neural Networks
for Document Processing): the kernels, (outputs, channels size^2), times the columns that each position sees. Positions
are counted with the padding between the lines of the image, so that one row of the columns is one stretch of the padded
image; what stands at the positions in the padding counts for nothing.

The layers stand in `integers` at `table`, FIELDS numbers each: channels, height, width, outputs; where the kernels and
biases begin in x; and where in `room` the pooled outputs, their slopes, and which of its four each pooled output is
begin. All arrays are flat.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from adambench.engine.product import times, times_transposed, transposed_times
from adambench.network.activation import GELU, activate, gaussian
from adambench.network.weights import Weights

FIELDS = 9


def forward(x, integers, table, layers, size, inputs, room, scratch, rows, activation):
    """Every layer's pooled outputs, (rows, outputs, height // 2, width // 2), into `room`.

    size     of the square kernels
    inputs   (rows, channels, height, width)
    scratch  as many numbers as `table` says
    """
    before = inputs
    for layer in range(layers):
        channels, height, width, outputs, weight, bias, begin, slopes, picks = described(integers, table, layer)
        seen, stride = channels * size * size, width + size - 1
        positions, pooled = height * stride, outputs * (height // 2) * (width // 2)
        padded = scratch[: padded_size(channels, height, width, size)]
        columns = scratch[padded.size : padded.size + seen * positions]
        plane = scratch[padded.size + columns.size : padded.size + columns.size + outputs * positions]
        for k in range(rows):
            image = before[k * channels * height * width : (k + 1) * channels * height * width]
            pad(image, padded, channels, height, width, size)
            unfold(padded, columns, channels, height, width, size)
            times(x[weight : weight + outputs * seen], columns, plane, outputs, seen, positions)
            pool(
                *(plane, x[bias : bias + outputs], room[begin + k * pooled : begin + (k + 1) * pooled]),
                *(room[picks + k * pooled : picks + (k + 1) * pooled], outputs, height, width, stride, activation),
            )
        before = room[begin : begin + rows * pooled]
        activate(before, room[slopes : slopes + rows * pooled], activation)


def backward(x, gradient, integers, table, layers, size, inputs, room, scratch, rows):
    """The gradient of every kernel and bias is added to; where the outputs of layers stand, become their slopes.

    Those of the last layer are given in their place.
    """
    for number in range(layers):
        layer = layers - 1 - number
        channels, height, width, outputs, weight, bias, begin, slopes, picks = described(integers, table, layer)
        seen, stride = channels * size * size, width + size - 1
        positions, pooled = height * stride, outputs * (height // 2) * (width // 2)
        padded = scratch[: padded_size(channels, height, width, size)]
        columns = scratch[padded.size : padded.size + seen * positions]
        plane = scratch[padded.size + columns.size : padded.size + columns.size + outputs * positions]
        start = padded.size + columns.size + plane.size
        product = scratch[start : start + outputs * seen]
        area = channels * height * width
        before = inputs
        if layer > 0:
            start = described(integers, table, layer - 1)[6]
            before = room[start : start + rows * area]
        for k in range(rows):
            image = before[k * area : (k + 1) * area]
            pad(image, padded, channels, height, width, size)
            unfold(padded, columns, channels, height, width, size)
            unpool(
                *(room[begin + k * pooled : begin + (k + 1) * pooled], room[slopes + k * pooled :]),
                *(room[picks + k * pooled :], plane, gradient[bias:], outputs, height, width, stride),
            )
            times_transposed(plane, columns, product, outputs, positions, seen)
            slope = gradient[weight : weight + outputs * seen]
            for i in range(slope.size):
                slope[i] += product[i]
            if layer > 0:
                transposed_times(x[weight : weight + outputs * seen], plane, columns, seen, outputs, positions)
                fold(columns, padded, channels, height, width, size)
                crop(padded, image, channels, height, width, size)


def described(integers, table, layer):
    """The numbers of a layer."""
    place = table + FIELDS * layer
    shape = (integers[place], integers[place + 1], integers[place + 2], integers[place + 3])
    return (
        *shape,
        *(integers[place + 4], integers[place + 5], integers[place + 6], integers[place + 7], integers[place + 8]),
    )


def padded_size(channels, height, width, size):
    """Numbers in the padded image; behind its last line as many more as a stretch reaches beyond it."""
    return channels * (height + size - 1) * (width + size - 1) + size - 1


def pad(image, padded, channels, height, width, size):
    """The image with zeros around it, of an even size one less above and to the left."""
    zero, stride, edge = padded.dtype.type(0), width + size - 1, (size - 1) // 2
    for i in range(padded.size):
        padded[i] = zero
    for c in range(channels):
        for i in range(height):
            source = image[(c * height + i) * width : (c * height + i + 1) * width]
            target = padded[(c * (height + size - 1) + i + edge) * stride + edge :]
            for j in range(width):
                target[j] = source[j]


def crop(padded, image, channels, height, width, size):
    """The image without what is around it."""
    stride, edge = width + size - 1, (size - 1) // 2
    for c in range(channels):
        for i in range(height):
            target = image[(c * height + i) * width : (c * height + i + 1) * width]
            source = padded[(c * (height + size - 1) + i + edge) * stride + edge :]
            for j in range(width):
                target[j] = source[j]


def unfold(padded, columns, channels, height, width, size):
    """columns (channels size^2, positions): what each position sees."""
    stride = width + size - 1
    positions, row = height * stride, 0
    for c in range(channels):
        for i in range(size):
            for j in range(size):
                begin = (c * (height + size - 1) + i) * stride + j
                source, target = padded[begin : begin + positions], columns[row : row + positions]
                for k in range(positions):
                    target[k] = source[k]
                row += positions


def fold(columns, padded, channels, height, width, size):
    """The transpose of `unfold`: into `padded`, the sum of what each of its numbers is in the columns."""
    zero, stride = padded.dtype.type(0), width + size - 1
    positions, row = height * stride, 0
    for i in range(padded.size):
        padded[i] = zero
    for c in range(channels):
        for i in range(size):
            for j in range(size):
                begin = (c * (height + size - 1) + i) * stride + j
                source, target = columns[row : row + positions], padded[begin : begin + positions]
                for k in range(positions):
                    target[k] += source[k]
                row += positions


def pool(plane, biases, out, picks, outputs, height, width, stride, activation):
    """Of every 2 x 2 positions (an odd last line or column is left out) the one where the activation is largest.

    out, picks  (outputs, height // 2, width // 2): what is to be activated, and which of the four it was, 0 to 3
    """
    place = 0
    for o in range(outputs):
        for i in range(height // 2):
            line = plane[(o * height + 2 * i) * stride : (o * height + 2 * i + 2) * stride]
            for j in range(width // 2):
                found = line[2 * j]
                pick = 0
                # All activations but one never fall, so that the largest is that of the largest.
                best = np.float64(found) if activation != GELU else gelu(found + biases[o])
                for n in range(1, 4):
                    value = line[2 * j + (n & 1) + (n >> 1) * stride]
                    rank = np.float64(value) if activation != GELU else gelu(value + biases[o])
                    if rank > best or rank != rank:
                        found, best, pick = value, rank, n
                out[place] = found + biases[o]
                picks[place] = pick
                place += 1


def gelu(value):
    return np.float64(value) * gaussian(np.float64(value))


def unpool(deltas, slopes, picks, plane, bias, outputs, height, width, stride):
    """plane (outputs, positions): the slopes of what was pooled, 0 where not picked; `bias` grows by their sums."""
    zero, place = plane.dtype.type(0), 0
    for i in range(plane.size):
        plane[i] = zero
    for o in range(outputs):
        total = zero
        for i in range(height // 2):
            line = plane[(o * height + 2 * i) * stride : (o * height + 2 * i + 2) * stride]
            for j in range(width // 2):
                delta, pick = deltas[place] * slopes[place], int(picks[place])
                line[2 * j + (pick & 1) + (pick >> 1) * stride] = delta
                total += delta
                place += 1
        bias[o] += total


def table(
    kernels: Sequence[Weights], image: tuple[int, int, int], size: int, begin: int, rows: int
) -> tuple[list[int], int, int]:
    """The layers as they stand in `integers`, their outputs in `room` from `begin` on for up to `rows` rows; their end;
    and the numbers of scratch they need."""
    found, most = [], 0
    channels, height, width = image
    for layer in kernels:
        pooled = rows * layer.outputs * (height // 2) * (width // 2)
        found += [channels, height, width, layer.outputs, layer.start, layer.bias]
        found += [begin, begin + pooled, begin + 2 * pooled]
        begin += 3 * pooled
        positions = height * (width + size - 1)
        scratch = (layer.inputs + layer.outputs) * positions + layer.outputs * layer.inputs
        most = max(most, padded_size(channels, height, width, size) + scratch)
        channels, height, width = layer.outputs, height // 2, width // 2
    return found, begin, most
