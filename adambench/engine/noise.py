"""Random numbers as functions of (seed, step, coordinate): no order, company or thread can change them.

Philox4x32-10 (Salmon et al. 2011, "Parallel random numbers: as easy as 1, 2, 3") keyed by the seed; its counter is
(index, low and high half of the step, stream). Normals by Box & Muller 1958, with logarithm, sine and cosine built of
+ - * / alone after fdlibm's e_log.c, k_sin.c and k_cos.c (Sun 1993): the same bits on every machine, and vector code.
"""

from __future__ import annotations

import numpy as np

START, ORDER, CURVATURE, DROPOUT, TRANSFORM, NOISE = 1, 2, 3, 4, 5, 16
"""Streams: the start, the order of the rows, the signs of Hutchinson's estimate, the units that are dropped; from
TRANSFORM on one for each transform of the problem, from NOISE on one for each noise."""

GAUSSIAN, MULTIPLICATIVE, HEAVY_TAIL, SPREAD, COVARIANCE = range(5)

_LOW = np.uint64(0xFFFFFFFF)
_HALF = np.uint64(32)
_FACTOR0, _FACTOR1 = np.uint64(0xD2511F53), np.uint64(0xCD9E8D57)
_WEYL0, _WEYL1 = np.uint64(0x9E3779B9), np.uint64(0xBB67AE85)
_FIRST, _SECOND, _THIRD, _FOURTH, _FIFTH = (np.uint64(n) for n in (0, 2, 4, 6, 8))
_FIVE, _SIX, _TWENTY_SIX = np.uint64(5), np.uint64(6), np.uint64(26)
_ONE, _TWO, _FOUR = np.uint64(1), np.uint64(2), np.uint64(4)
_SQRT_HALF_BITS = np.int64(0x3FE6A09E667F3BCD)
_EXPONENT = np.int64(52)


def philox(index, step, stream, seed):
    """Four 32-bit words, as uint64, for uint64 arguments."""
    key0, key1 = seed & _LOW, seed >> _HALF
    a, b, c, d = mixed(index & _LOW, step & _LOW, step >> _HALF, stream, key0, key1, _FIRST)
    a, b, c, d = mixed(a, b, c, d, key0, key1, _SECOND)
    a, b, c, d = mixed(a, b, c, d, key0, key1, _THIRD)
    a, b, c, d = mixed(a, b, c, d, key0, key1, _FOURTH)
    return mixed(a, b, c, d, key0, key1, _FIFTH)


def sign(index, step, seed):
    """1 or -1, of the stream of the curvature, for integer arguments."""
    a, _, _, _ = philox(np.uint64(index), np.uint64(step), np.uint64(CURVATURE), np.uint64(seed))
    return 1.0 if a & _ONE else -1.0


def mixed(a, b, c, d, key0, key1, n):
    """Rounds n and n + 1. (A loop over all ten is not unrolled in time for the loop around it to be vectorised.)"""
    k0, k1 = (key0 + n * _WEYL0) & _LOW, (key1 + n * _WEYL1) & _LOW
    first, second = _FACTOR0 * a, _FACTOR1 * c
    a, b, c, d = (second >> _HALF) ^ b ^ k0, second & _LOW, (first >> _HALF) ^ d ^ k1, first & _LOW
    k0, k1 = (k0 + _WEYL0) & _LOW, (k1 + _WEYL1) & _LOW
    first, second = _FACTOR0 * a, _FACTOR1 * c
    return (second >> _HALF) ^ b ^ k0, second & _LOW, (first >> _HALF) ^ d ^ k1, first & _LOW


def uniform(high, low):
    """A float64 above 0 and up to 1 (which one in 2^53 becomes), of 53 bits, from two words."""
    return (np.float64(((high >> _FIVE) << _TWENTY_SIX) | (low >> _SIX)) + 0.5) * 2.0**-53


def logarithm(u):
    """The natural logarithm of a normal, positive float64, to 1 ulp of the larger of it and 1."""
    bits = np.float64(u).view(np.int64)
    exponent = (bits - _SQRT_HALF_BITS) >> _EXPONENT
    f = np.int64(bits - (exponent << _EXPONENT)).view(np.float64) - 1.0
    s = f / (2.0 + f)
    z = s * s
    tail = z * (
        6.666666666666735130e-01
        + z
        * (
            3.999999999940941908e-01
            + z
            * (
                2.857142874366239149e-01
                + z
                * (
                    2.222219843214978396e-01
                    + z * (1.818357216161805012e-01 + z * (1.531383769920937332e-01 + z * 1.479819860511658591e-01))
                )
            )
        )
    )
    return np.float64(exponent) * 6.93147180559945286227e-01 + (2.0 * s + s * tail)


def octant(w):
    """(cos, sin) of w pi/4, for w from 0 to 1."""
    a = w * 0.78539816339744830962
    z = a * a
    cosine = 1.0 - 0.5 * z
    cosine += (
        z
        * z
        * (
            4.16666666666666019037e-02
            + z
            * (
                -1.38888888888741095749e-03
                + z
                * (
                    2.48015872894767294178e-05
                    + z
                    * (-2.75573143513906633035e-07 + z * (2.08757232129817482790e-09 + z * -1.13596475577881948265e-11))
                )
            )
        )
    )
    sine = a + a * z * (
        -1.66666666666666324348e-01
        + z
        * (
            8.33333333332248946124e-03
            + z
            * (
                -1.98412698298579493134e-04
                + z * (2.75573137070700676789e-06 + z * (-2.50507602534068634195e-08 + z * 1.58969099521155010221e-10))
            )
        )
    )
    return cosine, sine


def direction(high, low):
    """(cos, sin) of an angle uniform on the circle: an octant's, reflected by three bits that its angle leaves out."""
    cosine, sine = octant(uniform(high, low))
    swapped = low & _ONE
    x = sine if swapped != 0 else cosine
    y = cosine if swapped != 0 else sine
    return -x if low & _TWO != 0 else x, -y if low & _FOUR != 0 else y


def normals(index, step, stream, seed):
    """Two independent standard normals."""
    a, b, c, d = philox(index, step, stream, seed)
    radius = np.sqrt(-2.0 * logarithm(uniform(a, b)))
    x, y = direction(c, d)
    return radius * x, radius * y


def student_ts(index, step, stream, seed, df):
    """Two independent Student-t with `df` degrees of freedom (Bailey 1994, Math. Comp. 62, 779-781)."""
    a, b, c, d = philox(index, step, stream, seed)
    x, _ = direction(c, d)
    first = np.sqrt(df * np.expm1(-2.0 / df * logarithm(uniform(a, b)))) * x
    a, b, c, d = philox(index | _HIGH_INDEX, step, stream, seed)
    x, _ = direction(c, d)
    return first, np.sqrt(df * np.expm1(-2.0 / df * logarithm(uniform(a, b)))) * x


_HIGH_INDEX = np.uint64(1 << 31)


def draw(pairs, seeds, t, stream, df):
    """Fill pairs (2, half, seeds) with standard normals, or Student-t where df > 0; [:, :, k] has seeds[k].

    pairs[0, i] and pairs[1, i], coordinates i and half + i, share a draw, so that each half is written in order: as
    vector code over the seeds, or over the coordinates where there is one seed.
    """
    half, count = pairs.shape[1], pairs.shape[2]
    step, branch = np.uint64(t), np.uint64(stream)
    if df > 0.0:
        for i in range(half):
            for k in range(count):
                pairs[0, i, k], pairs[1, i, k] = student_ts(np.uint64(i), step, branch, np.uint64(seeds[k]), df)
    elif count == 1:
        seed = np.uint64(seeds[0])
        for i in range(half):
            pairs[0, i, 0], pairs[1, i, 0] = normals(np.uint64(i), step, branch, seed)
    else:
        for i in range(half):
            for k in range(count):
                pairs[0, i, k], pairs[1, i, k] = normals(np.uint64(i), step, branch, np.uint64(seeds[k]))


def perturb(LANES):
    """noise(gradient, t, kinds, ...): the problem's noises on a gradient (dimension, LANES), in place, at evaluation t.

    The other arguments are described at `descend.Course` and `descend.Lanes`. Lanes that share a seed share its draw.
    """

    def noise(gradient, t, kinds, numbers, spread, distinct, column, z, pairs):
        rows = gradient.shape[0]
        for n in range(kinds.size):
            kind, scale = kinds[n], numbers[n, 0]
            draw(pairs, distinct, t, NOISE + n, numbers[n, 1])
            if kind == MULTIPLICATIVE:
                for i in range(rows):
                    for lane in range(LANES):
                        gradient[i, lane] *= 1.0 + scale * z[i, column[lane]]
            elif kind == SPREAD:
                for i in range(rows):
                    for lane in range(LANES):
                        gradient[i, lane] += spread[i] * z[i, column[lane]]
            elif kind == COVARIANCE:
                for i in range(rows):
                    for k in range(rows):
                        for lane in range(LANES):
                            gradient[i, lane] += spread[i * rows + k] * z[k, column[lane]]
            else:
                for i in range(rows):
                    for lane in range(LANES):
                        gradient[i, lane] += scale * z[i, column[lane]]

    return noise


def shuffle(work, first, count, seed, epoch):
    """A permutation of 0..count-1 in work[first : first + count, 0], a function of (seed, epoch) alone.

    Fisher & Yates from the top; each word of the generator serves one swap (bias below count / 2^32).
    """
    for i in range(count):
        work[first + i, 0] = i
    key, step, stream = np.uint64(seed), np.uint64(epoch), np.uint64(ORDER)
    top = count - 1
    while top > 0:
        words = philox(np.uint64(top), step, stream, key)
        for word in words:
            if top > 0:
                other = np.int64((word * np.uint64(top + 1)) >> _HALF)
                work[first + top, 0], work[first + other, 0] = work[first + other, 0], work[first + top, 0]
                top -= 1
