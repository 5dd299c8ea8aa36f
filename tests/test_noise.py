"""Random numbers: known answers, distributions, and that nothing but seed, step and coordinate decides them."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from mpmath import mp, mpf
from numba import typeof, types
from scipy import stats

from adambench.configuration import parse
from adambench.course import make_course
from adambench.draws import start_point, start_points
from adambench.engine import noise
from adambench.engine.block import Entry, make_lanes
from adambench.engine.kernel import compiled
from adambench.trace import trace

u64 = np.uint64


@pytest.mark.parametrize(
    ("counter", "key", "answer"),
    [
        ((0, 0, 0, 0), (0, 0), (0x6627E8D5, 0xE169C58D, 0xBC57AC4C, 0x9B00DBD8)),
        ((0xFFFFFFFF,) * 4, (0xFFFFFFFF,) * 2, (0x408F276D, 0x41C83B0E, 0xA20BC7C6, 0x6D5451FD)),
        (
            (0x243F6A88, 0x85A308D3, 0x13198A2E, 0x03707344),
            (0xA4093822, 0x299F31D0),
            (0xD16CFE09, 0x94FDCCEB, 0x5001E420, 0x24126EA1),
        ),
    ],
)
def test_philox_gives_the_known_answers(counter, key, answer):
    """The vectors published with Random123 (Salmon et al. 2011), philox4x32-10."""
    index, low, high, stream = counter
    words = noise.philox(u64(index), u64(low | high << 32), u64(stream), u64(key[0] | key[1] << 32))
    assert tuple(int(word) for word in words) == answer


def test_a_uniform_number_is_never_zero_and_has_53_bits():
    ones = u64(0xFFFFFFFF)
    assert noise.uniform(u64(0), u64(0)) == 2.0**-54
    assert 1.0 - 2.0**-53 <= noise.uniform(ones, ones) <= 1.0
    assert noise.uniform(u64(1 << 31), u64(0)) == 0.5
    assert noise.uniform(u64(0), u64(64)) - noise.uniform(u64(0), u64(0)) == 2.0**-53
    assert noise.uniform(u64(32), u64(0)) - noise.uniform(u64(0), u64(0)) == 2.0**-27


def test_the_logarithm_is_right_to_an_ulp():
    random = np.random.default_rng(0)
    edges = [2.0**-54, 2.0**-53, 0.5, 1.0 - 2.0**-53, 1.0, 0.70710678118654746, 0.70710678118654757, 1e-300, 1e300]
    with mp.workdps(40):
        near_one, near_zero = 1.0 - random.random(100) * 1e-6, 10.0 ** -random.uniform(0, 16, 100)
        for u in [*edges, *random.random(300), *near_one, *near_zero]:
            exact = mp.log(mpf(u))
            assert abs(mpf(float(noise.logarithm(u))) - exact) <= 2.0**-52 * max(1.0, abs(exact))


def test_cosine_and_sine_are_right_to_an_ulp():
    with mp.workdps(40):
        for w in [0.0, 2.0**-54, 0.5, 1.0, *np.random.default_rng(1).random(300)]:
            cosine, sine = noise.octant(w)
            angle = mpf(w) * mp.pi / 4
            assert abs(mpf(float(cosine)) - mp.cos(angle)) <= 2.0**-52
            assert abs(mpf(float(sine)) - mp.sin(angle)) <= 2.0**-52


def test_the_octants_make_a_circle():
    """The three lowest bits choose the octant; each comes once."""
    angles = [math.atan2(*noise.direction(u64(1 << 31), u64(bits))[::-1]) % (2 * math.pi) for bits in range(8)]
    assert sorted(int(angle // (math.pi / 4)) for angle in angles) == list(range(8))
    for bits in range(8):
        assert math.hypot(*noise.direction(u64(123456789), u64(1000 + bits))) == pytest.approx(1.0, abs=1e-15)


# Draws


@pytest.fixture(scope="module")
def drawn():
    """drawn(half, seeds, t, stream, df): pairs (2, half, seeds), by machine code."""
    signature = types.void(types.float64[:, :, ::1], types.int64[::1], types.int64, types.int64, types.float64)
    kernel = compiled(noise.draw, signature)

    def draw(half, seeds=(0,), t=1, stream=noise.NOISE, df=0.0):
        pairs = np.full((2, half, len(seeds)), np.nan)
        kernel(pairs, np.array(seeds, np.int64), t, stream, df)
        return pairs

    return draw


def independent(a, b):
    """Neither the values nor their squares correlate, to five standard errors."""
    return all(
        abs(np.corrcoef(f(a.ravel()), f(b.ravel()))[0, 1]) <= 5.0 / math.sqrt(a.size)
        for f in (lambda x: x, np.square, np.abs)
    )


def test_normals_are_normal(drawn):
    z = drawn(50_000).ravel()
    n = z.size
    assert stats.kstest(z, "norm").pvalue > 1e-6
    assert abs(z.mean()) <= 5.0 / math.sqrt(n)
    assert abs(z.var() - 1.0) <= 5.0 * math.sqrt(2.0 / n)
    assert abs(stats.skew(z)) <= 5.0 * math.sqrt(6.0 / n)
    assert abs(stats.kurtosis(z)) <= 5.0 * math.sqrt(24.0 / n)
    assert 3.5 < abs(z).max() < 6.0


@pytest.mark.parametrize("df", [1.0, 3.0, 7.5])
def test_students_t_has_its_quantiles(drawn, df):
    a, b = drawn(50_000, df=df)[:, :, 0]
    for values in (a, b):
        assert stats.kstest(values, "t", args=(df,)).pvalue > 1e-6
    assert independent(np.arctan(a), np.arctan(b))


@pytest.mark.parametrize("df", [0.0, 3.0])
def test_coordinates_steps_streams_and_seeds_are_independent(drawn, df):
    def tame(pairs):
        return np.arctan(pairs)

    one = tame(drawn(50_000, (5,), 9, df=df))
    assert independent(one[0], one[1])
    assert independent(one[:, 1:], one[:, :-1])
    for other in (drawn(50_000, (5,), 10, df=df), drawn(50_000, (6,), 9, df=df), drawn(50_000, (5,), 9, 17, df=df)):
        assert independent(one, tame(other))
    seeds = tame(drawn(2, range(20_000), df=df))
    assert independent(seeds[:, :, 1:], seeds[:, :, :-1])
    assert independent(seeds[0], seeds[1])


@pytest.mark.parametrize("df", [0.0, 3.0])
def test_a_draw_does_not_depend_on_its_company(drawn, df):
    seeds = [7, 0, 2**63 - 1, 123456789012, 3]
    together = drawn(5, seeds, 1000, df=df)
    for place, seed in enumerate(seeds):
        assert np.array_equal(drawn(5, [seed], 1000, df=df)[:, :, 0], together[:, :, place])
        assert np.array_equal(drawn(3, [seed], 1000, df=df)[:, :, 0], together[:, :3, place])
    assert len(np.unique(together)) == together.size


@pytest.mark.parametrize(("df", "ulps"), [(0.0, 0), (3.0, 64)])
def test_plain_python_draws_the_same_bits(drawn, df, ulps):
    """But for Student's t, which takes an exponential from elsewhere."""
    for seeds in ([4], [4, 11]):
        pairs = np.full((2, 3, len(seeds)), np.nan)
        noise.draw(pairs, np.array(seeds), 2**33, noise.NOISE, df)
        np.testing.assert_array_max_ulp(pairs, drawn(3, seeds, 2**33, df=df), ulps)


def test_steps_beyond_32_bits_count(drawn):
    assert not np.array_equal(drawn(3, t=1), drawn(3, t=1 + 2**32))
    assert not np.array_equal(drawn(3, (1,)), drawn(3, (1 + 2**32,)))


# Noise on gradients


@pytest.fixture(scope="module")
def noisy(problem):
    """noisy(keys, noise, gradient, count): that gradient as met at evaluations 1..count, (count, dimension)."""
    kernels = {}

    def at(keys, kinds, gradient, count=4000, seed=3):
        p = problem(f"function: quadratic, dimension: {len(gradient)}, parameters: {{{keys}}}, noise: {kinds}")
        course = make_course(p, "float64", stop_at_target=False)
        (adam,) = parse("adam")
        entry = Entry(seed, adam.numbers, np.zeros(len(gradient)), np.zeros(course.target_kinds.size))
        lanes, _ = make_lanes(adam.optimizer, adam.flags, [entry], course, 1, 1, "float64")
        about = (course.noise_kinds, course.noise_numbers, course.noise_spread)
        draws = (lanes.distinct, lanes.column, lanes.z, lanes.pairs)
        if not kernels:
            signature = types.void(types.float64[:, ::1], types.int64, *map(typeof, about), *map(typeof, draws))
            kernels["perturb"] = compiled(noise.perturb(1), signature)
        found = np.tile(np.array(gradient, np.float64)[None, :, None], (count, 1, 1))
        for t in range(count):
            kernels["perturb"](found[t], t + 1, *about, *draws)
        return found[:, :, 0]

    return at


def agrees(sample, mean, covariance):
    """Mean and covariance of the rows, to five standard errors of a normal sample."""
    n, variances = len(sample), np.diag(covariance)
    errors = np.sqrt((np.outer(variances, variances) + covariance**2) / n)
    return (abs(sample.mean(axis=0) - mean) <= 5.0 * np.sqrt(variances / n)).all() and (
        abs(np.cov(sample.T) - covariance) <= 5.0 * errors
    ).all()


G = np.array([1.0, -2.0, 0.5])
EIGENVALUES = np.array([4.0, 1.0, 0.25])
AXES = "eigenvalues: [4.0, 1.0, 0.25]"


def test_gaussian_noise_is_added_with_its_deviation(noisy):
    assert agrees(noisy("condition: 1", "{gaussian: {std: 0.3}}", G), G, 0.09 * np.eye(3))


def test_multiplicative_noise_scales_each_coordinate(noisy):
    sample = noisy("condition: 1", "{multiplicative: {std: 0.3}}", G)
    assert agrees(sample, G, 0.09 * np.diag(G * G))
    still = noisy("condition: 1", "{multiplicative: {std: 0.3}}", [0.0, 1.0], 10)
    assert (still[:, 0] == 0.0).all()


def test_heavy_tailed_noise_is_scaled_students_t(noisy):
    sample = (noisy("condition: 1", "{heavy_tail: {df: 3, scale: 0.2}}", G) - G) / 0.2
    for column in sample.T:
        assert stats.kstest(column, "t", args=(3.0,)).pvalue > 1e-6
    assert agrees(np.arctan(sample), 0.0, np.diag(np.arctan(sample).var(axis=0)))


def test_the_quadratic_model_has_the_covariance_of_the_hessian_over_the_batch(noisy):
    assert agrees(noisy(AXES, "{quadratic_model: {batch: 16}}", G), G, np.diag(EIGENVALUES) / 16.0)


@pytest.mark.parametrize("seed", [0, 5])
def test_the_rotated_quadratic_model_too(noisy, problem, measure, seed):
    keys = f"{AXES}, rotate: true, seed: {seed}"
    gradient = measure(problem(f"function: quadratic, dimension: 3, parameters: {{{keys}}}"))
    hessian = np.array([gradient(axis)[1] for axis in np.eye(3)])
    assert abs(hessian - np.diag(np.diag(hessian))).max() > 0.1
    assert agrees(noisy(keys, "{quadratic_model: {batch: 16}}", G), G, hessian / 16.0)


def test_noises_in_a_list_are_independent_of_each_other(noisy):
    both = noisy("condition: 1", "[{gaussian: {std: 0.3}}, {quadratic_model: {batch: 16}}]", G)
    assert agrees(both, G, (0.09 + 1.0 / 16.0) * np.eye(3))


def test_noises_in_a_list_act_in_its_order(noisy):
    kinds = ["{multiplicative: {std: 2}}", "{gaussian: {std: 1}}"]
    assert agrees(noisy("condition: 1", f"[{', '.join(kinds)}]", [0.0, 0.0]), 0.0, np.eye(2))
    later = noisy("condition: 1", f"[{', '.join(kinds[::-1])}]", [0.0, 0.0])
    assert (abs(later.var(axis=0) - 5.0) < 1.0).all()  # of z (1 + 2 w)


def flat(problem):
    """A problem without slope, so that x moves by the noise alone."""
    keys = "function: quadratic, dimension: 3, parameters: {eigenvalues: [1.0e-300, 1.0e-300, 1.0e-300]}, start: [0.0]"
    return problem(f"{keys}, noise: {{gaussian: {{std: 0.5}}}}, budget: 50, targets: [{{loss: -1}}], seeds: 5")


def path(problem, optimizer, seed=2, precision="float64"):
    steps = trace(problem, parse(optimizer)[0], range(problem.budget + 1), seed, precision)
    return np.array([step.x for step in steps])


def test_evaluation_t_has_the_draw_of_step_t(problem, drawn):
    points = path(flat(problem), "sgd:lr=1")
    for t in range(1, 51):
        z = drawn(2, (2,), t).reshape(4)[:3]
        assert np.array_equal(points[t], points[t - 1] - 0.5 * z)


def test_every_optimizer_meets_the_same_noise(problem):
    p = flat(problem)
    plain = path(p, "sgd:lr=1")
    assert np.array_equal(path(p, "sgd:lr=2"), 2.0 * plain)
    signs = np.sign(np.diff(path(p, "adam:beta1=0:beta2=0:eps=0:lr=0.5"), axis=0))
    assert np.array_equal(signs, np.sign(np.diff(plain, axis=0)))
    assert not np.array_equal(path(p, "sgd:lr=1", seed=3), plain)


def test_noise_does_not_depend_on_the_precision(problem):
    wide, narrow = path(flat(problem), "sgd:lr=1"), path(flat(problem), "sgd:lr=1", precision="float32")
    np.testing.assert_allclose(narrow, wide, atol=1e-5)
    assert not np.array_equal(narrow, wide)


# Orders and starts


def order(count, seed, epoch):
    work = np.full((count + 3, 1), -7.0)
    noise.shuffle(work, 2, count, seed, epoch)
    assert (work[[0, 1, -1]] == -7.0).all()
    return tuple(int(row) for row in work[2:-1, 0])


@pytest.mark.parametrize("count", [1, 2, 5, 64, 100])
def test_an_order_is_a_permutation_and_a_function_of_seed_and_epoch(count):
    assert sorted(order(count, 3, 8)) == list(range(count))
    assert order(count, 3, 8) == order(count, 3, 8)
    if count >= 64:
        assert len({order(count, 3, 8), order(count, 4, 8), order(count, 3, 9), tuple(range(count))}) == 4


def test_every_order_is_as_likely():
    counts = dict.fromkeys(itertools.permutations(range(4)), 0)
    for epoch in range(2400):
        counts[order(4, 11, epoch)] += 1
    assert stats.chisquare(list(counts.values())).pvalue > 1e-6


def test_a_uniform_start_is_uniform(problem):
    x = start_point(problem("function: sphere, dimension: 50000, start: {uniform: [-2, 3]}"), 4)
    assert stats.kstest(x, "uniform", args=(-2, 5)).pvalue > 1e-6
    assert independent(x[1:], x[:-1])


def test_a_normal_start_is_normal(problem):
    x = start_point(problem("function: sphere, dimension: 50000, start: {normal: [2, 3]}"), 4)
    assert stats.kstest(x, "norm", args=(2, 3)).pvalue > 1e-6
    assert independent(x[1:], x[:-1])


@pytest.mark.parametrize("start", ["{uniform: [-2, 3]}", "{normal: [2, 3]}"])
def test_a_start_is_a_function_of_seed_and_coordinate(problem, start):
    short = problem(f"function: sphere, dimension: 3, start: {start}, seeds: [5, 1]")
    noise = "noise: {gaussian: {std: 1}}"
    long = problem(f"function: sphere, dimension: 9, start: {start}, seeds: [1], budget: 7, {noise}")
    assert np.array_equal(start_points(short)[1], start_points(long)[1][:3])
    assert not np.array_equal(start_points(short)[1], start_points(short)[5])
    assert list(start_points(short)) == [5, 1]


def test_a_start_is_independent_of_the_noise(problem, drawn):
    start = (start_point(problem("function: sphere, dimension: 50000, start: {normal: [0, 1]}"), 5))[None, :, None]
    for t in (0, 1):
        assert independent(start, drawn(50_000, (5,), t)[:1])


def test_a_normal_start_is_the_scalar_draw_of_its_coordinate(problem):
    x = start_point(problem("function: sphere, dimension: 40, start: {normal: [0, 1]}"), 6)
    alone = [noise.normals(u64(i), u64(0), u64(noise.START), u64(6))[0] for i in range(40)]
    assert np.array_equal(x, alone)


def test_a_fixed_start_is_repeated_to_the_dimension(problem):
    points = start_points(problem("function: sphere, dimension: 5, start: [1.5, -2], seeds: [3, 4]"))
    for seed in (3, 4):
        assert points[seed].tolist() == [1.5, -2.0, 1.5, -2.0, 1.5]
