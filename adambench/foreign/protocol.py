"""The protocol that any optimizer written in Python can follow to be run, compared and checked.

    init(x) -> state
        The state at the start x, of any type; None will do.
    step(x, gradient, state) -> (x, state)
        One step: the new x and the new state.

x and gradient are NumPy arrays of the problem's shape, float64 (float32 under `--precision float32`). The new x has
the shape and the dtype of the old one; neither the old x nor the gradient may be changed. What depends on the steps
taken belongs into `state`: a trial is resumed from a saved x and state in a fresh object.

`step` may have two more parameters, which are then given by keyword: `rate`, a schedule's factor on the learning rate
(without it only constant schedules can be run), and `loss`, the loss of the evaluation that gave the gradient.

The dotted name is that of one of these:

- a class, made with the hyperparameters given as keyword arguments, as in `optimizers.MyAdam:lr=0.01`;
- a function, called with them, that returns such an object;
- an object or a module with these two functions, which then takes no hyperparameters.

It is imported with the current folder first on the path. A hyperparameter is best called what adambench calls it (`lr`,
`beta1`, `eps`, `weight_decay`, ...), so that `conform` can compare at equal settings. A counter of steps that is `t`,
`step` or `count` in the state, or the only whole number in a tuple, can be set by `conform` to try late steps.

    # optimizers.py
    import numpy as np

    class MyAdam:
        def __init__(self, lr=0.001, beta1=0.9, beta2=0.999, eps=1e-8):
            self.lr, self.beta1, self.beta2, self.eps = lr, beta1, beta2, eps

        def init(self, x):
            return np.zeros_like(x), np.zeros_like(x), 0

        def step(self, x, gradient, state, rate=1.0):
            m, v, t = state
            t = t + 1
            m = self.beta1 * m + (1 - self.beta1) * gradient
            v = self.beta2 * v + (1 - self.beta2) * gradient**2
            m_hat, v_hat = m / (1 - self.beta1**t), v / (1 - self.beta2**t)
            return x - rate * self.lr * m_hat / (np.sqrt(v_hat) + self.eps), (m, v, t)
"""
