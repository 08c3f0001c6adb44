"""Energies in closed form against quadrature, differences, enumeration and published minima."""

import itertools

import mpmath
import numpy as np
import pytest
from scipy.optimize import root

from hopfield.couplings import Dense, LowRank
from hopfield.energy import GradedEnergy, discrete_energy, two_step_energy
from neurodynamics import Activation

GAINS = {
    "tanh": mpmath.atanh,
    "logistic": lambda v: mpmath.log(v / (1 - v)),
    "arctangent": lambda v: 2 / mpmath.pi * mpmath.tan(mpmath.pi * v / 2),
}


def network(rng, name, n=5):
    a = rng.normal(size=(n, n))
    return GradedEnergy(
        a + a.T,
        name,
        gains=rng.uniform(0.5, 3, n),
        leaks=rng.uniform(0.5, 2, n),
        biases=rng.normal(size=n),
        inputs=rng.normal(size=n),
    )


@pytest.mark.parametrize("name", GAINS)
def test_the_energy_is_hopfields_integral(name, rng):
    """E(u) - E(u0) = [-V.WV/2 - c.V] + sum lambda int u(V) dV, by quadrature of the inverse function to 25 digits."""
    energy = network(rng, name)
    u, u0 = rng.normal(size=(2, 5))
    w, c = energy.couplings.dense(), energy.inputs
    v, v0 = (energy.outputs(x) for x in (u, u0))
    expected = mpmath.mpf(0)
    with mpmath.workdps(25):
        for i in range(5):
            g, b = float(energy.gains[i]), float(energy.biases[i])
            integral = mpmath.quad(lambda x, g=g, b=b: GAINS[name](x) / g - b, [float(v0[i]), float(v[i])])
            expected += float(energy.leaks[i]) * integral
    expected = float(expected) - (v @ w @ v / 2 + c @ v) + (v0 @ w @ v0 / 2 + c @ v0)
    terms = np.abs(w).sum() + np.abs(c).sum() + np.abs(energy.leaks * (u - u0)).sum()
    assert energy.value(u) - energy.value(u0) == pytest.approx(expected, abs=1e-14 * terms)


def test_saturated_states_have_finite_energies():
    """tanh at u = 700: V = 1 to the last place, the own term is lambda ln 2 / g."""
    energy = GradedEnergy(np.zeros((2, 2)), "tanh", gains=2.0)
    assert energy.value([700.0, -700.0]) == pytest.approx(2 * np.log(2) / 2, rel=1e-13)


@pytest.mark.parametrize("name", GAINS)
def test_gradient_hessian_and_rate_are_derivatives(name, rng):
    """Central differences in V, along the curve V(u): error of second order in the step."""
    energy = network(rng, name)
    u = rng.uniform(-2, 2, 5) / energy.gains - energy.biases  # where V still moves with u
    tau, h = rng.uniform(0.5, 2, 5), 1e-5
    gradient = energy.gradient(u)
    ends = [u + h * e for e in np.eye(5)], [u - h * e for e in np.eye(5)]
    steps = [energy.outputs(a) - energy.outputs(b) for a, b in zip(*ends, strict=True)]
    for i in range(5):
        slope = (energy.value(ends[0][i]) - energy.value(ends[1][i])) / steps[i][i]
        assert slope == pytest.approx(gradient[i], abs=1e-7 * (1 + np.abs(gradient).max()))
        column = (energy.gradient(ends[0][i]) - energy.gradient(ends[1][i])) / steps[i][i]
        np.testing.assert_allclose(column, energy.hessian(u)[:, i], rtol=1e-6, atol=1e-6)
    velocity = -gradient / tau
    rate = (energy.value(u + h * velocity) - energy.value(u - h * velocity)) / (2 * h)
    assert energy.rate(u, tau) == pytest.approx(rate, rel=1e-6, abs=1e-7)
    assert energy.rate(u, tau) <= 0


def test_rows_of_states_are_handled_like_single_states(rng):
    energy = network(rng, "tanh")
    u = rng.normal(size=(4, 5))
    np.testing.assert_allclose(energy.value(u), [energy.value(x) for x in u], rtol=1e-13)
    np.testing.assert_allclose(energy.gradient(u), [energy.gradient(x) for x in u], rtol=1e-12, atol=1e-13)
    np.testing.assert_allclose(energy.rate(u), [energy.rate(x) for x in u], rtol=1e-12)


def minimum(energy, start):
    found = root(energy.gradient, start, tol=1e-14)
    assert np.abs(energy.gradient(found.x)).max() < 1e-12
    return found.x


def test_minima_of_hopfield_1984():
    """Figure 3: two neurons, T = 1, g = (2/pi) atan(pi 1.4 u / 2); and with tanh."""
    for name, v, e in (("arctangent", 0.57287298, -0.05300983), ("tanh", 0.8145285312, -0.1144208035)):
        energy = GradedEnergy([[0, 1], [1, 0]], name, gains=1.4)
        for sign in (1, -1):
            u = minimum(energy, [sign, sign])
            np.testing.assert_allclose(energy.outputs(u), sign * v, rtol=0, atol=1e-8)
            assert energy.value(u) == pytest.approx(e, abs=1e-8)
            assert energy.index(u) == 0
        assert energy.index([0.0, 0.0]) == 1


def test_the_barrier_of_curie_and_weiss():
    n, beta = 12, 2.0
    energy = GradedEnergy(np.full((n, n), 1 / n), "tanh", gains=beta)
    u = minimum(energy, np.ones(n))
    m = 0.9575040240772688
    np.testing.assert_allclose(energy.outputs(u), m, rtol=0, atol=1e-12)
    barrier = m * m / 2 - (m * np.arctanh(m) + np.log(1 - m * m) / 2) / beta
    assert (energy.value(np.zeros(n)) - energy.value(u)) / n == pytest.approx(barrier, abs=1e-13)
    assert barrier == pytest.approx(0.16326194, abs=1e-8)


BALANCED = {
    2: (0.25, {0: (1, 4, 0.99933, -0.326797), 1: (2, 4, 0.49966, -0.163399)}),
    3: (0.6, {0: (1, 6, 0.90733, -0.108283), 1: (2, 12, 0.45367, -0.054142), 2: (3, 8, 0.37859, -0.052541)}),
}


@pytest.mark.parametrize("p", BALANCED)
@pytest.mark.parametrize("form", ["low rank", "dense"])
def test_the_complete_landscape_of_balanced_patterns(p, form):
    """Each of the 2^p columns equally often: mixtures of k patterns are the fixed points of index k - 1."""
    temperature, known = BALANCED[p]
    xi = np.array(list(itertools.product((-1, 1), repeat=p))).T.repeat(3, axis=1)
    n = xi.shape[1]
    w = LowRank(xi, scale=n)
    energy = GradedEnergy(w if form == "low rank" else Dense(w.dense()), "tanh", gains=1 / temperature)
    assert energy.index(np.zeros(n)) == p
    for index, (members, count, m, e) in known.items():
        chosen = [c for c in itertools.product((-1, 0, 1), repeat=p) if np.abs(c).sum() == members]
        assert len(chosen) == count
        for signs in chosen:
            u = minimum(energy, m * np.array(signs) @ xi)
            np.testing.assert_allclose(xi @ energy.outputs(u) / n, m * np.array(signs), rtol=0, atol=1e-5)
            assert energy.value(u) / n == pytest.approx(e, abs=1e-6)
            assert energy.index(u) == index


@pytest.mark.parametrize("kind", ["hebb", "hebb, diagonal", "gaussian", "antagonists"])
def test_certified_steps_never_raise_the_energy(kind, rng):
    """Explicit Euler in u at the certified step, 100 networks; a step five times as long is the control."""
    raised = {1.0: 0, 5.0: 0}
    for _ in range(100):
        n = 12
        tau = rng.uniform(0.5, 2, n)
        xi = rng.choice([-1, 1], size=(4, n))
        a = rng.normal(size=(n, n))
        w = {
            "hebb": LowRank(xi, scale=n / 4, diagonal=0.0),
            "hebb, diagonal": LowRank(xi, scale=n / 4),
            "gaussian": Dense(a + a.T),
            "antagonists": Dense(-np.ones((n, n))),
        }[kind]
        energy = GradedEnergy(w, "tanh", gains=rng.choice([0.5, 2.0, 8.0]), leaks=rng.uniform(0.5, 2, n))
        for factor in raised:
            u, h = rng.normal(size=n), factor * energy.certified_step(tau)
            values = [energy.value(u)]
            for _ in range(60):
                u = u - h * energy.gradient(u) / tau
                values.append(energy.value(u))
            raised[factor] += bool((np.diff(values) > 1e-12 * np.abs(values[1:]) + 1e-13).any())
    assert raised[1.0] == 0
    assert raised[5.0] > 0


def test_discrete_energies_are_the_definition(rng):
    n = 9
    w = rng.normal(size=(n, n))
    w = w + w.T
    s, t = rng.choice([-1, 1], size=(2, 20, n))
    bias = rng.normal(size=n)
    expected = [-x @ w @ x / 2 - bias @ x for x in s]
    np.testing.assert_allclose(discrete_energy(w, s, bias), expected, rtol=1e-12, atol=1e-12)
    expected = [-y @ w @ x - bias @ (x + y) for x, y in zip(s, t, strict=True)]
    np.testing.assert_allclose(two_step_energy(w, s, t, bias), expected, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: GradedEnergy([[0, 1], [2, 0]]), "an energy needs symmetric `couplings`"),
        (lambda: discrete_energy([[0, 1], [2, 0]], [[1, 1]]), "an energy needs symmetric `couplings`"),
        (lambda: GradedEnergy(np.eye(2), gains=[1, -1]), r"`gains\[1\]` must be positive; got -1"),
        (lambda: GradedEnergy(np.eye(2), leaks=0), "must be positive"),
        (lambda: GradedEnergy(np.eye(2), "tnh"), "Did you mean 'tanh'"),
        (lambda: GradedEnergy(np.eye(2)).value([1, 2, 3]), r"`u` must have shape \(N,\) = \(2,\)"),
        (lambda: GradedEnergy(np.eye(2)).index([[1, 2]]), r"`u` must be one state"),
        (lambda: GradedEnergy(np.eye(2)).value([1, np.nan]), r"`u\[1\]` must be finite"),
        (lambda: GradedEnergy(np.eye(2)).certified_step([1, 0]), r"`time_constants\[1\]` must be positive"),
    ],
)
def test_bad_input_is_refused_with_its_name(call, message):
    with pytest.raises(ValueError, match=message):
        call()


def test_an_activation_without_potential_has_no_energy():
    cube = Activation.from_functions(
        "softsign",
        value=lambda x: x / (1 + abs(x)),
        derivative=lambda x: 1 / (1 + abs(x)) ** 2,
        range=(-1, 1),
        max_slope=1.0,
    )
    with pytest.raises(ValueError, match="'softsign' has no `potential`"):
        GradedEnergy(np.eye(2), cube)
