"""Random numbers that depend on where they are used only, and the stochastic methods that use them."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from neurodynamics import AdditiveNetwork, DynamicalSystem, Pulse, simulate, simulate_ensemble
from neurodynamics.inputs.random import key_from, normals, philox, to_unit

# The generator -------------------------------------------------------------------------------------------------------

KNOWN_ANSWERS = [  # counter, key, result: philox4x32-10 in Random123's file kat_vectors
    ("00000000 00000000 00000000 00000000", "00000000 00000000", "6627e8d5 e169c58d bc57ac4c 9b00dbd8"),
    ("ffffffff ffffffff ffffffff ffffffff", "ffffffff ffffffff", "408f276d 41c83b0e a20bc7c6 6d5451fd"),
    ("243f6a88 85a308d3 13198a2e 03707344", "a4093822 299f31d0", "d16cfe09 94fdcceb 5001e420 24126ea1"),
]


def words(text):
    return [int(word, 16) for word in text.split()]


@pytest.mark.parametrize(("counter", "key", "expected"), KNOWN_ANSWERS)
def test_philox_gives_the_published_answers(counter, key, expected):
    low, high = words(key)
    a, b = philox(np.uint64(low | high << 32), *(np.uint64(word) for word in words(counter)))
    assert [a & 0xFFFFFFFF, a >> 32, b & 0xFFFFFFFF, b >> 32] == words(expected)


def test_uniform_numbers_stay_inside_the_open_interval():
    """Also where the generator gives zeros or ones in all bits: the logarithm is finite, normal numbers are below 8.7."""
    lowest, highest = to_unit(np.uint64(0)), to_unit(np.uint64(2**64 - 1))
    assert 0 < lowest < highest < 1
    assert np.sqrt(-2 * np.log(lowest)) < 8.7
    assert to_unit(np.uint64(2**63)) == pytest.approx(0.5, abs=1e-15)


def test_numbers_are_standard_normal_and_independent(rng):
    """Kolmogorov-Smirnov on 2e5 of them, and correlations between neighbours in every direction of the counter."""
    key = key_from(rng)
    drawn = np.array([[normals(key, member, step, 50) for step in range(40)] for member in range(100)])
    assert stats.kstest(drawn.ravel(), "norm").pvalue > 1e-6
    for axis in range(3):
        here, there = (np.take(drawn, range(start, drawn.shape[axis] - 1 + start), axis) for start in (0, 1))
        assert abs(np.mean(here * there)) < 5 / np.sqrt(here.size)
        assert abs(np.mean((here**2 - 1) * (there**2 - 1))) < 10 / np.sqrt(here.size)
    other = np.array([normals(key_from(rng), 0, step, 50) for step in range(200)])
    first = np.array([normals(key, 0, step, 50) for step in range(200)])
    assert abs(np.mean(first * other)) < 5 / np.sqrt(first.size)


def test_a_number_does_not_depend_on_how_many_are_drawn_with_it():
    long = normals(5, 2, 9, 33)
    for n in (1, 2, 7, 32):
        np.testing.assert_array_equal(normals(5, 2, 9, n), long[:n])


# The methods: what a step is ------------------------------------------------------------------------------------------


def decay(t, y, u, params, out):
    for i in range(y.size):
        out[i] = -params[0] * y[i]


def same_for_all(t, y, u, params, out):
    for i in range(y.size):
        out[i] = params[1]


def ornstein(n, a=1.0, sigma=0.5):
    """N independent Ornstein-Uhlenbeck processes: many samples by one run."""
    return DynamicalSystem(decay, n, [a, sigma], diffusion=same_for_all)


def numbers(sol, steps, n):
    return np.array([normals(sol.options["key"], 0, step, n) for step in range(steps)])


@pytest.mark.parametrize("method", ["euler_maruyama", "stochastic_heun"])
def test_a_run_is_the_recursion_of_the_method_with_its_numbers(method):
    sol = simulate(ornstein(3), 2.0, [1.0, 2.0, -1.0], method=method, dt=0.1, rng=4)
    y, h = np.array([1.0, 2.0, -1.0]), 0.1
    for k, xi in enumerate(numbers(sol, 20, 3)):
        w = 0.5 * np.sqrt(h) * xi
        if method == "euler_maruyama":
            y = y - h * y + w
        else:
            y = y - h / 2 * (y + (y - h * y + w)) + w
        np.testing.assert_allclose(sol.y[:, k + 1], y, rtol=1e-13)


def test_noise_of_a_network_is_added_to_the_derivative():
    net = AdditiveNetwork([[0.5, -1], [1, 0.5]], 0.3, [1.0, 4.0], noise=[0.2, 0.7])
    sol = simulate(net, 1.0, [0.1, 0.2], method="euler_maruyama", dt=0.05, rng=1)
    y = np.array([0.1, 0.2])
    for k, xi in enumerate(numbers(sol, 20, 2)):
        y = y + 0.05 * net.rhs(0, y) + net.noise * np.sqrt(0.05) * xi
        np.testing.assert_allclose(sol.y[:, k + 1], y, rtol=1e-13)


def test_without_noise_the_methods_are_euler_and_heun():
    for stochastic, plain in (("euler_maruyama", "euler"), ("stochastic_heun", "heun")):
        quiet = DynamicalSystem(decay, 2, [1.0, 0.0], diffusion=same_for_all)
        same = DynamicalSystem(decay, 2, [1.0, 0.0])
        noisy = simulate(quiet, 3, [1.0, -2.0], method=stochastic, dt=0.05, rng=0)
        np.testing.assert_array_equal(noisy.y, simulate(same, 3, [1.0, -2.0], method=plain, dt=0.05).y)


def test_noise_depends_on_the_seed_only_and_not_on_what_is_kept():
    system, options = ornstein(2), {"method": "euler_maruyama", "dt": 0.01}
    every = simulate(system, 40, [0, 0], rng=11, **options)
    np.testing.assert_array_equal(simulate(system, 40, [0, 0], rng=11, save="final", **options).final, every.final)
    np.testing.assert_array_equal(
        simulate(system, 40, [0, 0], rng=11, save=7, **options).y, every.y[:, [*range(0, 4000, 7), 4000]]
    )
    times = [0.0, 0.5, 17.03, 40.0]
    some = simulate(system, 40, [0, 0], rng=11, t_eval=times, **options)
    np.testing.assert_array_equal(some.y, every.y[:, [0, 50, 1703, 4000]])
    generator = np.random.default_rng(11)
    np.testing.assert_array_equal(simulate(system, 40, [0, 0], rng=generator, **options).y, every.y)
    assert not np.array_equal(simulate(system, 40, [0, 0], rng=generator, **options).y, every.y)
    assert not np.array_equal(simulate(system, 40, [0, 0], **options).y, simulate(system, 40, [0, 0], **options).y)


def test_a_step_that_is_split_at_a_breakpoint_keeps_the_variance():
    """Each part gets numbers of its own, scaled by its length."""

    def driven(t, y, u, params, out):
        for i in range(y.size):
            out[i] = u[0]

    n = 20_000
    system = DynamicalSystem(driven, n, [0.0, 1.0], 1, diffusion=same_for_all)
    sol = simulate(
        system, 1.0, np.zeros(n), inputs=[Pulse(0.33, 0.1, 2.0)], method="euler_maruyama", dt=0.25, rng=6, save="final"
    )
    assert abs(sol.final.mean() - 0.2) < 5 / np.sqrt(n)
    assert abs(sol.final.var() - 1) < 5 * np.sqrt(2 / n)


def test_members_of_an_ensemble_have_noise_of_their_own():
    n = 4000
    ensemble = simulate_ensemble(ornstein(1), 1.0, np.zeros((n, 1)), method="euler_maruyama", dt=0.01, rng=5, save="final")
    final = ensemble.y[:, 0]
    assert np.unique(final).size == n
    expected = 0.5**2 * 0.01 / (1 - 0.99**2) * (1 - 0.99**200)
    assert abs(final.var() / expected - 1) < 5 * np.sqrt(2 / n)


# How good they are ---------------------------------------------------------------------------------------------------

PATHS = 3000  # so that a root mean square is known to 1 / sqrt(2 PATHS) = 1.3 %, an order from two of them to 0.03


def strong_errors(system, method, reference, rng, steps=(16, 32, 64), end=1.0):
    """Root mean square difference at the end from a solution of the same Brownian paths, for each number of steps."""
    found = []
    for count in steps:
        y0 = np.linspace(0.5, 1.5, PATHS)
        sol = simulate(system, end, y0, method=method, dt=end / count, rng=rng, save="final")
        increments = np.sqrt(end / count) * numbers(sol, count, PATHS)
        found.append(np.sqrt(np.mean((sol.final - reference(y0, increments, end, rng)) ** 2)))
    return np.array(found)


def bridged(increments, end, parts, rng):
    """Split each increment of Brownian paths into parts, by the law of the bridge."""
    h = end / len(increments) / parts
    fine = np.sqrt(h) * rng.normal(size=(len(increments), parts, PATHS))
    fine += ((increments - fine.sum(axis=1)) / parts)[:, None]
    return fine.reshape(-1, PATHS)


def bistable(t, y, u, params, out):
    for i in range(y.size):
        out[i] = 2.0 * np.tanh(y[i]) - y[i] + np.sin(3.0 * t)


def fine_bistable(y0, increments, end, rng):
    """Heun's method with 64 parts of each step: its error is 1/64 and less of what is measured."""
    fine = bridged(increments, end, 64, rng)
    h, y = end / len(fine), y0
    for k, w in enumerate(fine):
        slope = 2 * np.tanh(y) - y + np.sin(3 * k * h)
        ahead = y + h * slope + 0.4 * w
        y = y + h / 2 * (slope + 2 * np.tanh(ahead) - ahead + np.sin(3 * (k + 1) * h)) + 0.4 * w
    return y


@pytest.mark.parametrize("method", ["euler_maruyama", "stochastic_heun"])
def test_the_strong_order_for_additive_noise_is_one(method, rng):
    system = DynamicalSystem(bistable, PATHS, [0.0, 0.4], diffusion=same_for_all)
    found = strong_errors(system, method, fine_bistable, rng)
    assert np.log2(found[0] / found[2]) / 2 == pytest.approx(1, abs=0.12)


def test_stochastic_heun_is_better_than_euler_maruyama(rng):
    """It has the drift to second order; what is left is the area under the path, which no increment knows."""
    system = DynamicalSystem(bistable, PATHS, [0.0, 0.4], diffusion=same_for_all)
    found = [strong_errors(system, method, fine_bistable, rng)[0] for method in ("euler_maruyama", "stochastic_heun")]
    assert found[1] < 0.5 * found[0]


def exact_ornstein(y0, increments, end, rng):
    """The exact step: of the integral of exp(-(h - s)) dW only the mean is known from the increment."""
    h = end / len(increments)
    mean = -np.expm1(-h) / h
    rest = np.sqrt(-np.expm1(-2 * h) / 2 - mean**2 * h)
    y = y0
    for w in increments:
        y = np.exp(-h) * y + 0.5 * (mean * w + rest * rng.normal(size=PATHS))
    return y


@pytest.mark.parametrize("method", ["euler_maruyama", "stochastic_heun"])
def test_the_error_against_the_exact_ornstein_uhlenbeck_process_halves_with_the_step(method, rng):
    found = strong_errors(ornstein(PATHS), method, exact_ornstein, rng)
    assert np.log2(found[0] / found[2]) / 2 == pytest.approx(1, abs=0.12)


def test_the_strong_order_of_euler_maruyama_for_noise_that_depends_on_the_state_is_one_half(rng):
    """Geometric Brownian motion, whose solution is known from the end of the path; in the sense of Ito."""

    def growth(t, y, u, params, out):
        for i in range(y.size):
            out[i] = 0.3 * y[i]

    def proportional(t, y, u, params, out):
        for i in range(y.size):
            out[i] = 0.8 * y[i]

    def exact(y0, increments, end, rng):
        return y0 * np.exp((0.3 - 0.8**2 / 2) * end + 0.8 * increments.sum(axis=0))

    system = DynamicalSystem(growth, PATHS, diffusion=proportional)
    found = strong_errors(system, "euler_maruyama", exact, rng, steps=(16, 64, 256))
    assert np.log2(found[0] / found[2]) / 4 == pytest.approx(0.5, abs=0.12)  # heavy tails: the error is known to 5 %


@pytest.mark.parametrize(("method", "factor", "kick"), [("euler_maruyama", 0.9, 1.0), ("stochastic_heun", 0.905, 0.95)])
def test_mean_and_variance_are_those_of_the_recursion(method, factor, kick):
    """Within five standard errors, for y -> factor y + kick w with the variance 0.25 h of w; h = 0.1."""
    n, steps = 40_000, 30
    sol = simulate(ornstein(n), 0.1 * steps, np.ones(n), method=method, dt=0.1, rng=8, save="final")
    variance = kick**2 * 0.25 * 0.1 * (1 - factor ** (2 * steps)) / (1 - factor**2)
    assert abs(sol.final.mean() - factor**steps) < 5 * np.sqrt(variance / n)
    assert abs(sol.final.var() / variance - 1) < 5 * np.sqrt(2 / n)


# What is refused -----------------------------------------------------------------------------------------------------


def proportional_noise(t, y, u, params, out):
    out[0] = 0.1 * y[0]


def proportional_where_driven(t, y, u, params, out):
    out[0] = u[0] * t * y[0]


def growing_in_time(t, y, u, params, out):
    out[0] = 0.1 + t + u[0]


def one_decay(t, y, u, params, out):
    out[0] = -y[0]


@pytest.mark.parametrize("noise", [proportional_noise, proportional_where_driven])
@pytest.mark.parametrize("host", [False, True])
def test_stochastic_heun_refuses_noise_that_depends_on_the_state(noise, host):
    system = DynamicalSystem(one_decay, 1, input_dim=1, diffusion=noise, host=host)
    with pytest.raises(ValueError, match=r"right only for additive noise.*use 'euler_maruyama'"):
        simulate(system, 1, [1.0], method="stochastic_heun", dt=0.1)
    assert simulate(system, 1, [1.0], method="euler_maruyama", dt=0.1, rng=0).success


def test_stochastic_heun_takes_noise_that_depends_on_time_and_inputs():
    system = DynamicalSystem(one_decay, 1, input_dim=1, diffusion=growing_in_time)
    assert simulate(system, 1, [1.0], method="stochastic_heun", dt=0.1, rng=0).success


def test_noise_is_never_ignored():
    noisy = ornstein(1)
    for method in ("rk4", "dopri5", "RK45"):
        with pytest.raises(ValueError, match=r"ignores the noise.*'euler_maruyama'"):
            simulate(noisy, 1, [1.0], method=method, dt=0.1 if method == "rk4" else None)
    with pytest.raises(ValueError, match="needs a system with `diffusion`"):
        simulate(DynamicalSystem(one_decay, 1, input_dim=1), 1, [1.0], method="euler_maruyama", dt=0.1)
    with pytest.raises(ValueError, match=r"`t_eval\[1\]` = 0.25 is not a multiple of dt"):
        simulate(noisy, 1, [1.0], dt=0.1, t_eval=[0.1, 0.25])
    with pytest.raises(ValueError, match="`dt` must be given"):
        simulate(noisy, 1, [1.0])


def test_what_is_no_seed_is_refused():
    for seed in ("abc", 1.5, -1, object()):
        with pytest.raises((TypeError, ValueError)):
            simulate(ornstein(1), 1, [1.0], dt=0.1, rng=seed)
