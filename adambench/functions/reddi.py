"""The online problem on which Adam goes the wrong way: a rare large gradient against many small ones."""

from __future__ import annotations

from adambench.function import Function, Optimum


def evaluate(LANES):
    def reddi(x, gradient, loss, t, seeds, reals, integers, work):
        mean = 10.0 / 101.0
        if t <= 0:
            slope = mean
        elif t % 101 == 1:
            slope = 1010.0
        else:
            slope = -10.0
        for lane in range(LANES):
            loss[lane] = mean * x[0, lane]
            gradient[0, lane] = slope

    return reddi


def curvature(LANES):
    def reddi(x, diagonal, reals, integers, work):
        for i in range(x.shape[0]):
            for lane in range(LANES):
                diagonal[i, lane] = 0.0

    return reddi


FUNCTION = Function(
    name="reddi",
    summary="a rare large gradient against many small ones: Adam drifts to the worst point, AMSGrad to the best",
    formula="f_t(x) = 1010 x where t mod 101 = 1, else -10 x, on [-1, 1]; the loss is the mean of a cycle, 10/101 x",
    source="Reddi, Kale & Kumar 2018, On the Convergence of Adam and Beyond, ICLR, synthetic experiment",
    evaluate=evaluate,
    curvature=curvature,
    start=(0.0,),
    domain=(-1.0, 1.0),
    dimension=1,
    default_dimension=1,
    optimum=lambda dimension, parameters: Optimum(-10.0 / 101.0, ((-1.0,),)),
    box=((-1.0, 1.0),),
    online=True,
)
