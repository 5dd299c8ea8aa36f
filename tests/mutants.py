"""Optimizers transcribed from their formulas, and the mistakes people make in them: what `conform` has to tell apart.

A rule is a function (h, x, g, s, rate) -> x: hyperparameters, point, gradient, its state (a dict that it may change)
and the schedule's factor.
"""

from __future__ import annotations

import copy
from dataclasses import dataclass

import numpy as np

MOMENTS = {"lr": 1e-3, "beta1": 0.9, "beta2": 0.999, "eps": 1e-8}


class Steps:
    """A rule in adambench's protocol."""

    def __init__(self, rule, h):
        self.rule, self.h = rule, h

    def init(self, x):
        return {"t": 0, "m": np.zeros_like(x), "v": np.zeros_like(x), "peak": np.zeros_like(x), "first": True}

    def step(self, x, gradient, state, rate=1.0):
        state = copy.deepcopy(state)
        state["t"] += 1
        return self.rule(self.h, x, gradient, state, rate), state


class Forgetful:
    """A rule whose step counter is not part of its state."""

    def __init__(self, rule, h):
        self.inner, self.t = Steps(rule, h), 0

    def init(self, x):
        state = self.inner.init(x)
        del state["t"]
        return state

    def step(self, x, gradient, state, rate=1.0):
        x, new = self.inner.step(x, gradient, {**state, "t": self.t}, rate)
        self.t = new.pop("t")
        return x, new


class Single:
    """A rule whose step counter is a float32."""

    def __init__(self, rule, h):
        self.inner = Steps(rule, h)

    def init(self, x):
        return self.inner.init(x)

    def step(self, x, gradient, state, rate=1.0):
        before = np.float32(state["t"])
        x, state = self.inner.step(x, gradient, state, rate)
        return x, {**state, "t": int(before + np.float32(1))}


@dataclass(frozen=True)
class Subject:
    """A rule with the hyperparameters that can be set; `blind`: nobody can read or set them."""

    rule: object
    defaults: dict
    kind: type = Steps
    blind: bool = False

    def __call__(self, **given):
        return self.kind(self.rule, {**self.defaults, **given})


def correction(h, s, later=0):
    t = max(s["t"] + later, 1)
    return 1 - h["beta1"] ** t, 1 - h["beta2"] ** t


def moments(h, g, s):
    s["m"] = h["beta1"] * s["m"] + (1 - h["beta1"]) * g
    s["v"] = h["beta2"] * s["v"] + (1 - h["beta2"]) * g * g
    return s["m"], s["v"]


# Correct.


def adam(h, x, g, s, rate):
    m, v = moments(h, g, s)
    one, two = correction(h, s)
    return x - rate * h["lr"] * (m / one) / (np.sqrt(v / two + h.get("eps_root", 0)) + h["eps"])


def adam_keras(h, x, g, s, rate):
    m, v = moments(h, g, s)
    one, two = correction(h, s)
    return x - float(np.float32(h["lr"] * rate)) * float(np.sqrt(two)) / one * m / (np.sqrt(v) + h["eps"])


def amsgrad(h, x, g, s, rate):
    m, v = moments(h, g, s)
    s["peak"] = np.maximum(s["peak"], v)
    one, two = correction(h, s)
    return x - rate * h["lr"] * (m / one) / (np.sqrt(s["peak"] / two) + h["eps"])


def amsgrad_optax(h, x, g, s, rate):
    m, v = moments(h, g, s)
    one, two = correction(h, s)
    s["peak"] = np.maximum(s["peak"], v / two)
    return x - rate * h["lr"] * (m / one) / (np.sqrt(s["peak"]) + h["eps"])


def adamw(h, x, g, s, rate):
    return adam(h, x * (1 - rate * h["lr"] * h["weight_decay"]), g, s, rate)


def rmsprop(h, x, g, s, rate, inside=False, folded=False, spread=lambda v, mean: v - mean * mean):
    lr = rate * h["lr"]
    s["v"] = v = h["rho"] * s["v"] + (1 - h["rho"]) * g * g
    if h.get("centered"):
        s["m"] = h["rho"] * s["m"] + (1 - h["rho"]) * g
        v = np.maximum(spread(v, s["m"]), 0)
    ratio = g / (np.sqrt(v + h["eps"]) if inside else np.sqrt(v) + h["eps"])
    if not h.get("momentum"):
        return x - lr * ratio
    s["peak"] = h["momentum"] * s["peak"] + (lr * ratio if folded else ratio)
    return x - (s["peak"] if folded else lr * s["peak"])


def rmsprop_optax(h, x, g, s, rate):
    return rmsprop(h, x, g, s, rate, inside=True, folded=True)


def rmsprop_keras(h, x, g, s, rate):
    return rmsprop({**h, "lr": float(np.float32(h["lr"] * rate))}, x, g, s, 1.0, inside=True, folded=True)


def adagrad(h, x, g, s, rate, inside=False):
    if s["first"]:
        s["v"], s["first"] = s["v"] + h["initial_accumulator"], False
    s["v"] = s["v"] + g * g
    lr = rate * h["lr"] / (1 + (s["t"] - 1) * h.get("lr_decay", 0))
    return x - lr * g / (np.sqrt(s["v"] + h["eps"]) if inside else np.sqrt(s["v"]) + h["eps"])


def adagrad_optax(h, x, g, s, rate):
    return adagrad(h, x, g, s, rate, inside=True)


def sgd(h, x, g, s, rate):
    gain = 1 if s["t"] == 1 else 1 - h.get("dampening", 0)
    s["v"] = h["momentum"] * s["v"] + gain * g
    return x - rate * h["lr"] * (g + h["momentum"] * s["v"] if h.get("nesterov") else s["v"])


def sgd_keras(h, x, g, s, rate):
    lr = float(np.float32(h["lr"] * rate))
    s["v"] = h["momentum"] * s["v"] - lr * g
    return x + (h["momentum"] * s["v"] - lr * g if h.get("nesterov") else s["v"])


def muon(h, x, g, s, rate, rounded=np.asarray, scale=None, steps=5, added=0):
    s["v"] = h["momentum"] * s["v"] + (1 - h["momentum"]) * g
    u = (1 - h["momentum"]) * g + h["momentum"] * s["v"] if h["nesterov"] else s["v"]
    tall, scale = len(x) > len(x.T), max(1, len(x) / len(x.T)) ** 0.5 if scale is None else scale
    o = rounded(u.T if tall else u)
    o = rounded(o / (max(np.linalg.norm(o), h.get("eps", 0)) + added))
    for _ in range(steps):
        square = rounded(o @ o.T)
        o = rounded(3.4445 * o + rounded(-4.7750 * square + 2.0315 * square @ square) @ o)
    lr = rate * h["lr"]
    return x * (1 - lr * h["weight_decay"]) - lr * scale * (o.T if tall else o)


def muon_keras_in(rounded):
    """A sum in place of the mean, steps scaled by the longer side, and gradients of less than float64."""

    def rule(h, x, g, s, rate):
        scale = h["rms_rate"] * max(x.shape) ** 0.5
        return muon(h, x, rounded(g) / (1 - h["momentum"]), s, rate, scale=scale, added=1e-7)

    return rule


def brief(a):
    """To bfloat16: eight bits."""
    mantissa, exponent = np.frexp(a)
    return np.ldexp(np.round(mantissa * 2**8) / 2**8, exponent)


def single(a):
    return a.astype(np.float32).astype(a.dtype)


def muon_in(rounded, **changed):
    """As a library has it that iterates in a lower precision."""
    return lambda h, x, g, s, rate: muon(h, x, g, s, rate, rounded, **changed)


# Mistaken.


def adam_epsilon_inside(h, x, g, s, rate):
    m, v = moments(h, g, s)
    one, two = correction(h, s)
    return x - rate * h["lr"] * (m / one) / np.sqrt(v / two + h["eps"])


def adam_epsilon_raw(h, x, g, s, rate):
    m, v = moments(h, g, s)
    one, two = correction(h, s)
    return x - rate * h["lr"] * np.sqrt(two) / one * m / (np.sqrt(v) + h["eps"])


def adam_corrected(first, second):
    """With other divisors of the moments: functions of (h, s)."""

    def rule(h, x, g, s, rate):
        m, v = moments(h, g, s)
        return x - rate * h["lr"] * (m / first(h, s)) / (np.sqrt(v / second(h, s)) + h["eps"])

    return rule


def adam_with(**changed):
    """At values that are not those it is given: functions of h."""

    def rule(h, x, g, s, rate):
        return adam({**h, **{name: value(h) for name, value in changed.items()}}, x, g, s, rate)

    return rule


def adam_slow_start(h, x, g, s, rate):
    return adam(h, x, g, s, rate * (0.5 if s["t"] == 1 else 1.0))


def adam_stale(name):
    """One moment as it was before the step, from the second step on."""

    def rule(h, x, g, s, rate):
        before = s[name]
        m, v = moments(h, g, s)
        used = {"m": m, "v": v} | ({name: before} if s["t"] > 1 else {})
        one, two = correction(h, {"t": s["t"]})
        return x - rate * h["lr"] * (used["m"] / one) / (np.sqrt(used["v"] / two) + h["eps"])

    return rule


def adam_without_root(h, x, g, s, rate):
    m, v = moments(h, g, s)
    one, two = correction(h, s)
    return x - rate * h["lr"] * (m / one) / (v / two + h["eps"])


def adam_lazy(h, x, g, s, rate):
    before = s["m"]
    m, v = moments(h, g, s)
    s["m"] = m = np.where(g == 0, before, m)
    one, two = correction(h, s)
    return x - rate * h["lr"] * (m / one) / (np.sqrt(v / two) + h["eps"])


def adam_of_the_first_moment(h, x, g, s, rate):
    s["m"] = h["beta1"] * s["m"] + (1 - h["beta1"]) * g
    s["v"] = h["beta2"] * s["v"] + (1 - h["beta2"]) * s["m"] ** 2
    one, two = correction(h, s)
    return x - rate * h["lr"] * (s["m"] / one) / (np.sqrt(s["v"] / two) + h["eps"])


def adam_in_single(h, x, g, s, rate):
    return single(adam(h, x, g, s, rate))


def adam_of_single_gradients(h, x, g, s, rate):
    return adam(h, x, single(g), s, rate)


def adam_with_single_moments(h, x, g, s, rate):
    x = adam(h, x, g, s, rate)
    s["m"], s["v"] = single(s["m"]), single(s["v"])
    return x


def amsgrad_of_the_first_moment(h, x, g, s, rate):
    m, v = moments(h, g, s)
    s["peak"] = np.maximum(s["peak"], np.abs(m))
    one, two = correction(h, s)
    return x - rate * h["lr"] * (s["peak"] * np.sign(m) / one) / (np.sqrt(v / two) + h["eps"])


def amsgrad_forgetting(h, x, g, s, rate):
    return adam(h, x, g, s, rate)


def adamw_much(h, x, g, s, rate):
    return adam(h, x * (1 - rate * h["lr"] * h["weight_decay"] * 1.000001), g, s, rate)


def adamw_after(h, x, g, s, rate):
    return adam(h, x, g, s, rate) * (1 - rate * h["lr"] * h["weight_decay"])


def adamw_coupled(h, x, g, s, rate):
    return adam(h, x, g + h["weight_decay"] * x, s, rate)


def adamw_unscaled(h, x, g, s, rate):
    return adam(h, x * (1 - h["weight_decay"]), g, s, rate)


def adamw_where_there_is_a_gradient(h, x, g, s, rate):
    return adam(h, np.where(g == 0, x, x * (1 - rate * h["lr"] * h["weight_decay"])), g, s, rate)


def rmsprop_epsilon_inside(h, x, g, s, rate):
    return rmsprop(h, x, g, s, rate, inside=True)


def rmsprop_folded(h, x, g, s, rate):
    return rmsprop(h, x, g, s, rate, folded=True)


def rmsprop_centered_wrongly(h, x, g, s, rate):
    return rmsprop(h, x, g, s, rate, spread=lambda v, mean: v - mean)


def sgd_dampened_from_the_start(h, x, g, s, rate):
    s["v"] = h["momentum"] * s["v"] + (1 - h["dampening"]) * g
    return x - rate * h["lr"] * (g + h["momentum"] * s["v"] if h["nesterov"] else s["v"])


def sgd_dampened_late(h, x, g, s, rate):
    return sgd({**h, "dampening": 0.0}, x, g, s, rate) if s["t"] <= 2 else sgd(h, x, g, s, rate)


def muon_coupled(h, x, g, s, rate):
    return muon({**h, "weight_decay": 0.0}, x, g + h["weight_decay"] * x, s, rate, brief)


def sgd_not_looking_ahead(h, x, g, s, rate):
    return sgd({**h, "nesterov": False}, x, g, s, rate)


def sgd_looking_too_far(h, x, g, s, rate):
    plain = sgd({**h, "nesterov": False}, x, g, s, rate)
    return x - rate * h["lr"] * (1 + h["momentum"]) * s["v"] if h["nesterov"] else plain


def sgd_folded(h, x, g, s, rate):
    s["v"] = h["momentum"] * s["v"] - rate * h["lr"] * g
    return x + (h["momentum"] * s["v"] - rate * h["lr"] * g if h["nesterov"] else s["v"])
