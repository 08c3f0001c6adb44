"""The models of the library show what their papers and closed forms say."""

from __future__ import annotations

import inspect
import math
from pathlib import Path

import numpy as np
import pytest
from scipy.optimize import fsolve

from analysis import limit_cycle, lyapunov_spectrum
from neurodynamics import DynamicalSystem, models, simulate, simulate_ensemble


def eigenvalues_at(system, guess):
    """Of the equilibrium near a guess, which is found by SciPy."""
    state, _, found, message = fsolve(lambda y: system.rhs(0, y), guess, fprime=lambda y: system.jac(0, y), xtol=1e-12,
                                      full_output=True)  # fmt: skip
    assert found == 1, message
    return np.linalg.eigvals(system.jac(0, state))


# What all of them have ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", models.__all__)
def test_keywords_are_the_names_of_the_parameters(name):
    """So that a system of one value is that system with the parameter set to it."""
    factory = getattr(models, name)
    parameters = inspect.signature(factory).parameters
    assert all(parameter.kind == parameter.KEYWORD_ONLY for parameter in parameters.values())
    system = factory()
    assert list(parameters) == list(system.layout.shapes)
    assert isinstance(system, DynamicalSystem)
    for parameter in parameters:
        value = system.param(parameter) + 0.125
        np.testing.assert_array_equal(factory(**{parameter: value}).params, system.with_params({parameter: value}).params)


@pytest.mark.parametrize("name", models.__all__)
def test_docstrings_give_equation_and_source(name):
    text = inspect.getdoc(getattr(models, name))
    for part in ("``", "Parameters\n", "References\n", ".. [1] ", "Examples\n", ">>> "):
        assert part in text
    source = inspect.getmodule(getattr(models, name))
    assert any(sign in source.rhs.__doc__ for sign in (" = ", "-> "))
    assert source.__doc__


def test_the_manual_names_every_model():
    text = (Path(__file__).parents[3] / "docs" / "concepts.md").read_text(encoding="utf-8")
    assert [name for name in models.__all__ if f"`{name}`" not in text] == []


def test_the_models_energies_do_not_rise():
    """The pendulum's falls by its friction, with a constant torque as well; that of Lotka and Volterra is conserved."""
    swinging = simulate(models.pendulum(friction=0.3), 20, [2.0, 1.0], inputs=[0.5], rtol=1e-10, atol=1e-12)
    assert swinging.max_energy_rise <= 0
    lost = 0.3 * np.trapezoid(swinging.y[1] ** 2, swinging.t)
    np.testing.assert_allclose(swinging.energies[0] - swinging.energies[-1], lost, rtol=1e-2)  # of the trapezoids
    preyed = simulate(models.lotka_volterra(), 50, [1.0, 1.0], rtol=1e-11, atol=1e-12)
    np.testing.assert_allclose(preyed.energies, preyed.energies[0], atol=1e-8)


# Bifurcations --------------------------------------------------------------------------------------------------------

HOPF = {
    # name: parameter, value, angular frequency or None, a guess of the equilibrium, tolerance
    "Lorenz": ("lorenz", "rho", 470 / 19, 9.62453006371576, [7.9, 7.9, 23.7], 1e-9),
    "Brusselator": ("brusselator", "a", math.sqrt(2), math.sqrt(2), [1.4, 2.1], 1e-9),
    "FitzHugh-Nagumo, lower": ("fitzhugh_nagumo", "current", 0.3312813374547458, 0.275506805723561, [-0.97, -0.33], 1e-9),
    "FitzHugh-Nagumo, upper": ("fitzhugh_nagumo", "current", 1.418718662545254, 0.275506805723561, [0.97, 2.1], 1e-9),
    "Morris-Lecar, lower": ("morris_lecar", "current", 93.8576183737255, None, [-27.0, 0.13], 1e-9),
    "Morris-Lecar, upper": ("morris_lecar", "current", 212.018816100374, None, [8.0, 0.6], 1e-9),
    # Grimbert & Faugeras (2006), section 3.2, to the digits that they print.
    "Jansen-Rit, lower": ("jansen_rit", "p", 89.83, None, [0.08, 18.0, 15.0, 0, 0, 0], 0.02),
    "Jansen-Rit, upper": ("jansen_rit", "p", 315.70, None, [0.13, 30.0, 23.0, 0, 0, 0], 0.02),
    # Rinzel & Miller (1980), Math. Biosci. 49, 27; their leak is a little different.
    "Hodgkin-Huxley, lower": ("hodgkin_huxley", "current", 9.78, None, [-60.0, 0.1, 0.4, 0.4], 0.005),
    "Hodgkin-Huxley, upper": ("hodgkin_huxley", "current", 154.5, None, [-45.0, 0.3, 0.1, 0.6], 0.005),
}


@pytest.mark.parametrize("case", HOPF)
def test_hopf_bifurcations(case):
    name, parameter, value, frequency, guess, tolerance = HOPF[case]
    leading = eigenvalues_at(getattr(models, name)(**{parameter: value}), guess)
    leading = leading[np.argmax(leading.real)]
    assert abs(leading.imag) > 0
    assert abs(leading.real) < tolerance * abs(leading.imag)
    if frequency is not None:
        np.testing.assert_allclose(abs(leading.imag), frequency, rtol=1e-9)


def test_rosenzweig_and_macarthurs_paradox_of_enrichment():
    """The Hopf bifurcation is where the prey's nullcline has its top."""
    system = models.rosenzweig_macarthur(attack=2.0, handling=0.5, mortality=0.5)
    prey = 0.5 / (2.0 * (1 - 0.5 * 0.5))
    capacity = 2 * prey + 1 / (2.0 * 0.5)
    for factor, stable in ((0.99, True), (1.0, None), (1.01, False)):
        found = eigenvalues_at(system.with_params({"capacity": factor * capacity}), [prey, 0.5])
        if stable is None:
            np.testing.assert_allclose(found.real, 0, atol=1e-12)
        else:
            assert (found.real < 0).all() == stable


def test_multipliers_of_fixed_points_of_maps():
    """Of modulus 1 where the closed forms have their bifurcations."""
    np.testing.assert_allclose(models.logistic_map(r=3).jac(0, [2 / 3]), [[-1]], rtol=1e-14)
    b = 0.3
    for a, multiplier in ((-((1 - b) ** 2) / 4, 1), (3 * (1 - b) ** 2 / 4, -1)):
        x = (b - 1 + math.sqrt((1 - b) ** 2 + 4 * a)) / (2 * a)
        system = models.henon(a=a, b=b)
        np.testing.assert_allclose(system.rhs(0, [x, b * x]), [x, b * x], atol=1e-12)
        assert np.abs(np.linalg.eigvals(system.jac(0, [x, b * x])) - multiplier).min() < 1e-7  # double at the fold
    angles = np.angle(np.linalg.eigvals(models.delayed_logistic_map(a=2).jac(0, [0.5, 0.5])))
    np.testing.assert_allclose(np.sort(angles), [-math.pi / 3, math.pi / 3], rtol=1e-12)


@pytest.mark.parametrize(("name", "area"), [("henon", -0.3), ("ikeda", 0.81), ("standard_map", 1.0)])
def test_maps_change_every_area_by_the_same_factor(name, area, rng):
    system = getattr(models, name)()
    for y in rng.normal(size=(20, 2)):
        np.testing.assert_allclose(np.linalg.det(system.jac(0, y)), area, rtol=1e-9)


# What they do --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("system", "start", "period"),
    [
        (models.roessler(c=2.5), [1, 1, 1], 5.748991183278),
        (models.van_der_pol(mu=1), [1, 1], 6.66328685956),  # Andersen & Geer (1982), SIAM J. Appl. Math. 42, 678
    ],
)
def test_periods(system, start, period):
    np.testing.assert_allclose(limit_cycle(system, start).period, period, rtol=1e-9)


def test_small_swings_of_a_pendulum():
    cycle = simulate(models.pendulum(gravity=4.0, length=0.25), 2 * math.pi / 4, [1e-4, 0.0], rtol=1e-11, atol=1e-15)
    np.testing.assert_allclose(cycle.final, [1e-4, 0.0], atol=1e-11)


def test_a_duffing_oscillator_without_its_cube_is_linear():
    """At resonance, after a long time: gamma / (delta omega) sin(omega t)."""
    t = np.linspace(100, 105, 6)
    sol = simulate(models.duffing(delta=0.5, alpha=1, beta=0, gamma=0.3, omega=1), (0, 105), [0, 0], t_eval=t, rtol=1e-10,
                   atol=1e-12)  # fmt: skip
    np.testing.assert_allclose(sol.y[0], 0.6 * np.sin(t), atol=1e-8)


def test_lorenz84_at_rest():
    """Without asymmetric heating x = F is an equilibrium, where waves grow if F > 1."""
    for f in (0.9, 1.1):
        system = models.lorenz84(f=f, g=0.0)
        np.testing.assert_array_equal(system.rhs(0, [f, 0, 0]), 0)
        np.testing.assert_allclose(np.linalg.eigvals(system.jac(0, [f, 0, 0])).real.max(), max(f - 1, -0.25), atol=1e-12)


def test_the_rate_of_an_integrate_and_fire_neuron():
    spikes = simulate(models.integrate_and_fire(current=2.5, reset=-70), 100, [-70], rtol=1e-10).t_events[0]
    np.testing.assert_allclose(np.diff(spikes), 10 * math.log((-65 + 25 + 70) / (-65 + 25 + 50)), rtol=1e-8)
    assert simulate(models.integrate_and_fire(current=1.4), 100, [-65]).t_events[0].size == 0  # 1.5 reaches the threshold


def test_bounces_of_a_ball():
    bounces = simulate(models.bouncing_ball(gravity=2, restitution=0.5), 2.9, [1.0, 0.0]).t_events[0]
    np.testing.assert_allclose(bounces, 3 - 2 * 0.5 ** np.arange(len(bounces)), rtol=1e-9)


def test_two_of_kuramotos_oscillators_lock():
    """Their difference follows d' = 1 - K sin(d): it rests where K > 1, and turns with sqrt(1 - K^2) else."""
    locked = simulate(models.kuramoto(frequencies=[0, 1], coupling=1.25), 60, [0, 0]).final
    np.testing.assert_allclose(locked[1] - locked[0], math.asin(0.8), rtol=1e-5)
    turn = 2 * math.pi / math.sqrt(1 - 0.6**2)
    free = simulate(models.kuramoto(frequencies=[0, 1], coupling=0.6), turn, [0, 0], rtol=1e-10).final
    np.testing.assert_allclose(free[1] - free[0], 2 * math.pi, rtol=1e-7)


def test_neurons_fire_in_the_range_of_their_currents():
    """FitzHugh-Nagumo: excitable below the first Hopf bifurcation, silent above the second."""
    currents = np.array([0.2, 0.5, 1.2, 1.6])
    last = simulate_ensemble(models.fitzhugh_nagumo(), (0, 400), [0.0, 0.0], params={"current": currents},
                             t_eval=np.linspace(300, 400, 401)).y  # fmt: skip
    assert (np.ptp(last[:, 0], axis=-1) > 3).tolist() == [False, True, True, False]


@pytest.mark.parametrize(
    ("system", "start", "duration", "largest"),
    [
        (models.logistic_map(r=4), [0.3], 20_000, math.log(2)),  # closed form
        (models.ikeda(), [0.1, 0.1], 20_000, 0.507),  # Sprott (2003), Chaos and Time-Series Analysis, table A.3
        (models.hindmarsh_rose(), [-1, -4, 3], 20_000, 0.0),
    ],
)
def test_chaos(system, start, duration, largest):
    found = lyapunov_spectrum(system, start, duration=duration, rng=0)
    assert found.exponents[0] > 3 * found.errors[0] > 0
    if largest:
        np.testing.assert_allclose(found.exponents[0], largest, rtol=0.02)


def test_the_circle_map_locks_to_its_tongue():
    """The rotation number is 0 inside |omega| <= K / (2 pi), and omega for K = 0."""
    for omega, k, number in ((0.14, 0.9, 0.0), (0.3, 0.0, 0.3), (0.15, 0.9, None)):
        turned = simulate(models.circle_map(omega=omega, k=k), 5000, [0.2]).final[0] / 5000
        if number is None:
            assert turned > 0.01
        else:
            np.testing.assert_allclose(turned, number, atol=1e-3)
