"""The box of a system that nobody gave one for: scales, signs, motion."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.integrate import solve_ivp

from analysis import find_attractors, fixed_points, phase_portrait
from analysis.common import box_around, keep_their_sign
from analysis.common.signs import never_negative
from neurodynamics import DynamicalSystem, models


def nested(t, y, u, params, out):
    """In polar form r' = -r (r^2 - 1) (r^2 - 4) / 10 in units of the parameter: a focus and cycles at r = 1 and 2."""
    x, z = y[0] / params[0], y[1] / params[0]
    growth = -0.1 * (x * x + z * z - 1.0) * (x * x + z * z - 4.0)
    out[0], out[1] = params[0] * (x * growth - z), params[0] * (z * growth + x)


def predator(t, y, u, params, out):
    eaten = y[0] * y[1] / (10.0 + y[0])
    out[0] = y[0] * (1.0 - y[0] / params[0]) - eaten
    out[1] = 0.5 * eaten - 0.1 * y[1]


def brusselator(t, y, u, params, out):
    out[0] = 1.0 + y[0] * y[0] * y[1] - 4.0 * y[0]
    out[1] = 3.0 * y[0] - y[0] * y[0] * y[1]


def may_leonard(t, y, u, params, out):
    for i in range(3):
        out[i] = y[i] * (1.0 - y[i] - params[0] * y[(i + 1) % 3] - params[1] * y[(i + 2) % 3])


def repressilator(t, y, u, params, out):
    for i in range(3):
        out[i] = 216.0 / (1.0 + y[3 + (i + 2) % 3] ** 2) + 0.216 - y[i]
        out[3 + i] = 0.2 * (y[i] - y[3 + i])


def epidemic(t, y, u, params, out):
    infected = 0.5 * y[0] * y[1] / params[0]
    out[0] = 0.01 * (params[0] - y[0]) - infected
    out[1] = infected - 0.11 * y[1]


def symmetric(t, y, u, params, out):
    out[0], out[1] = y[0] - y[0] ** 3, -y[1]


def period_by_lsoda(system, start, direction=1.0, *, state=0, level=None, duration=400.0):
    """Return the last time between rises of a state through a level: SciPy's LSODA."""
    out = np.zeros(system.state_dim)

    def slope(t, y):
        system.function("rhs").source(t, y, np.zeros(system.input_dim), system.params, out)
        return direction * out

    def rises(t, y):
        return y[state] - level

    rises.direction = 1.0
    run = solve_ivp(slope, (0, duration), start, method="LSODA", rtol=1e-10, atol=1e-12, events=rises)
    return float(np.diff(run.t_events[0])[-1])


@pytest.mark.parametrize("scale", [1e-3, 1.0])
def test_a_portrait_does_not_depend_on_the_units(scale):
    portrait = phase_portrait(DynamicalSystem(nested, 2, params=[scale]), trajectories=1)
    cycles = sorted(portrait.cycles, key=lambda each: each.stable)
    assert [each.stable for each in cycles] == [False, True]
    for each, radius in zip(cycles, (1.0, 2.0), strict=True):
        np.testing.assert_allclose(np.hypot(*each.y), radius * scale, rtol=1e-7)
    labels = portrait.plot().get_legend_handles_labels()[1]
    assert {"attracting cycle, period 6.283", "repelling cycle, period 6.283", "stable focus"} <= set(labels)


def test_a_neuron_at_rest_and_firing_has_a_repelling_cycle_between():
    system = models.morris_lecar(current=90.0)
    portrait = phase_portrait(system, trajectories=2)
    attracting, repelling = sorted(portrait.cycles, key=lambda each: not each.stable)
    backwards = period_by_lsoda(system, [-26.1, 0.1294], -1.0, level=-26.6, duration=4000.0)
    assert repelling.period == pytest.approx(backwards, rel=1e-6)
    assert attracting.period == pytest.approx(period_by_lsoda(system, [0.0, 0.3], level=0.0, duration=1500.0), rel=1e-6)
    assert portrait.points.stable.tolist() == [True]
    found = find_attractors(system, samples=60)
    assert [each.kind for each in found] == ["fixed_point", "limit_cycle"]
    assert found[0].share > 0  # the box holds some of its basin


def test_populations_stay_positive_and_have_one_cycle():
    """Oracle: the period of the equations for ln x and ln y, by LSODA."""
    found = find_attractors(DynamicalSystem(predator, 2, params=[50.0]), samples=40)
    assert (found.box[:, 0] == 0).all()
    assert (found.box[:, 1] > [50.0, 43.0]).all()  # the cycle reaches exp(3.848) and exp(3.756)
    assert [each.kind for each in found] == ["limit_cycle"]
    assert found.diverging == found.undecided == 0
    assert found[0].period == pytest.approx(60.29164358, rel=1e-8)


@pytest.mark.parametrize(("rhs", "n", "params", "start", "level"), [
    (brusselator, 2, (), [1.0, 1.0], 2.0),
    (repressilator, 6, (), [1.0, 2.0, 3.0, 1.0, 2.0, 3.0], 6.0),
])  # fmt: skip
def test_oscillators_of_chemistry_have_their_cycle(rhs, n, params, start, level):
    system = DynamicalSystem(rhs, n, params=list(params))
    found = find_attractors(system, samples=20)
    assert (found.box[:, 0] == 0).all()
    assert [each.kind for each in found] == ["limit_cycle"]
    assert found[0].share == 1.0
    assert found[0].period == pytest.approx(period_by_lsoda(system, start, level=level), rel=1e-6)


@pytest.mark.parametrize("size", [1.0, 1e6])
def test_an_epidemic_becomes_endemic(size):
    """Oracle: S = 0.22 N and I = 0.01 (N - S) / 0.11 for beta = 0.5, gamma = 0.1, mu = 0.01."""
    found = find_attractors(DynamicalSystem(epidemic, 2, params=[size]), samples=60)
    assert (found.box[:, 0] == 0).all()
    np.testing.assert_allclose([each.y for each in found], [[0.22 * size, 0.78 * size / 11]], rtol=1e-9)
    assert found[0].share == 1.0


def test_competitors_that_take_turns_for_ever_are_undecided():
    """May & Leonard (1975): a + b > 2, a heteroclinic cycle; below, the three live together at 1 / (1 + a + b)."""
    turns = find_attractors(DynamicalSystem(may_leonard, 3, params=[0.8, 1.3]), samples=3, timeout=3)
    assert len(turns) == 0
    assert turns.undecided == 1.0
    together = find_attractors(DynamicalSystem(may_leonard, 3, params=[0.5, 1.3]), samples=12)
    np.testing.assert_allclose([each.y for each in together], [[1 / 2.8] * 3], rtol=1e-9)


def test_signs_are_kept_where_the_flow_keeps_them():
    cases = [
        (DynamicalSystem(brusselator, 2), [True, True]),
        (models.morris_lecar(), [False, True]),
        (models.hodgkin_huxley(), [False, True, True, True]),
        (models.van_der_pol(), [False, False]),
        (models.lorenz(), [False, False, False]),
        (DynamicalSystem(symmetric, 2), [False, False]),  # a mirror image obeys the same equations
    ]
    for system, kept in cases:
        points = fixed_points(system, rng=0)
        assert never_negative(system, np.zeros(system.input_dim), points.x).tolist() == kept
    assert keep_their_sign(DynamicalSystem(symmetric, 2), np.zeros(0)).tolist() == [True, True]


def test_the_box_of_a_double_well_reaches_three_times_its_spread():
    box = box_around(DynamicalSystem(symmetric, 2), np.zeros(0), np.array([[-1.0, 0.0], [0.0, 0.0], [1.0, 0.0]]), 0.0)
    np.testing.assert_allclose(box[0], [-7.0, 7.0])


def test_a_stable_point_on_the_other_side_is_in_the_box():
    """A cubic that is tilted: at y_0 = 0 the flow only ever enters the positive side, but there is a point on either."""

    def tilted(t, y, u, params, out):
        out[0], out[1] = y[0] * (1.0 - y[0] ** 2) + 0.3, y[0] - 2.0 * y[1]

    found = find_attractors(DynamicalSystem(tilted, 2), samples=100, rng=0)
    assert (found.box[:, 0] < [-0.78648, -0.39324]).all()
    assert sorted(each.points[0][0] for each in found) == pytest.approx([-0.786483, 1.125419], abs=1e-5)
    assert min(each.share for each in found) > 0.2
