"""Sums in an order that depends on how many terms there are, and on nothing else."""

from __future__ import annotations


def total(LANES):
    """A function total(terms, count, loss): the sum of the first `count` rows of `terms`, for every lane.

    terms  (rows, LANES) float64; overwritten at widths above 1
    loss   (LANES,) float64, written

    Term i goes to the running sum i % 8 (the last, incomplete eight all to sum 0), and the eight are added pairwise:
    at one lane eight independent chains fill the adder's pipeline and become one vector; at 32 the lanes do.
    """
    if LANES == 1:

        def total(terms, count, loss):
            a = b = c = d = e = f = g = h = 0.0
            whole = count - count % 8
            for i in range(0, whole, 8):
                a += terms[i, 0]
                b += terms[i + 1, 0]
                c += terms[i + 2, 0]
                d += terms[i + 3, 0]
                e += terms[i + 4, 0]
                f += terms[i + 5, 0]
                g += terms[i + 6, 0]
                h += terms[i + 7, 0]
            for i in range(whole, count):
                a += terms[i, 0]
            loss[0] = ((a + b) + (c + d)) + ((e + f) + (g + h))

        return total

    def total(terms, count, loss):
        whole = count - count % 8
        for i in range(8, whole, 8):
            for k in range(8):
                for lane in range(LANES):
                    terms[k, lane] += terms[i + k, lane]
        if whole > 0:
            for i in range(whole, count):
                for lane in range(LANES):
                    terms[0, lane] += terms[i, lane]
            for lane in range(LANES):
                loss[lane] = ((terms[0, lane] + terms[1, lane]) + (terms[2, lane] + terms[3, lane])) + (
                    (terms[4, lane] + terms[5, lane]) + (terms[6, lane] + terms[7, lane])
                )
        else:
            for lane in range(LANES):
                loss[lane] = 0.0
            for i in range(count):
                for lane in range(LANES):
                    loss[lane] += terms[i, lane]

    return total
