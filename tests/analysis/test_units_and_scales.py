"""Results do not depend on the unit of time, and slow and fast parts of a system are both seen."""

from __future__ import annotations

import numpy as np
import pytest

from analysis import edge_state, find_attractors, fixed_points, limit_cycle, nullclines, phase_portrait, sweep_diagram
from ctrnn import CTRNN
from neurodynamics import DynamicalSystem

OSCILLATOR = {"weights": [[4.5, 1], [-1, 4.5]], "biases": [-2.75, -1.75]}
PERIOD = 28.9999078994859


def van_der_pol(t, y, u, params, out):
    out[0] = params[1] * y[1]
    out[1] = params[1] * (params[0] * (1.0 - y[0] ** 2) * y[1] - y[0])


def brusselator(t, y, u, params, out):
    out[0] = 1.0 + y[0] ** 2 * y[1] - (params[0] + 1.0) * y[0]
    out[1] = params[0] * y[0] - y[0] ** 2 * y[1]


def well(t, y, u, params, out):
    out[0] = y[0] - y[0] ** 3


def centre(t, y, u, params, out):
    out[0], out[1] = y[1], -y[0]


def leaky(t, y, u, params, out):
    out[0] = 1.5 - y[0]
    out[1] = -y[1]


def threshold(t, y, u, params, out):
    out[0] = y[0] - 1.0


def to_zero(event, t, y, u, params, out):
    out[0] = 0.0
    out[1] = y[1]


def driven(t, y, u, params, out):
    out[0] = params[0] - y[0]


def to_rest(event, t, y, u, params, out):
    out[0] = 0.0


@pytest.mark.parametrize("unit", [1e-12, 1e6])
def test_a_cycle_does_not_depend_on_the_unit_of_time(unit):
    cycle = limit_cycle(CTRNN(**OSCILLATOR, time_constants=[unit, unit]), [0, 0])
    assert cycle.period == pytest.approx(PERIOD * unit, rel=1e-9)


def test_attractors_do_not_depend_on_the_unit_of_time():
    att = find_attractors(CTRNN(**OSCILLATOR, time_constants=[1e-12, 1e-12]), samples=50)
    assert [each.kind for each in att] == ["limit_cycle"]
    assert att.undecided == 0
    assert att[0].period == pytest.approx(PERIOD * 1e-12, rel=1e-9)


def test_a_slow_fast_network_has_one_cycle():
    """Oracle: its period as a run of Radau's method shows it (SciPy, rtol 1e-10)."""
    att = find_attractors(CTRNN(**OSCILLATOR, time_constants=[1, 1e4]), samples=16)
    assert [each.kind for each in att] == ["limit_cycle"]
    assert att.undecided == 0
    assert att[0].period == pytest.approx(34994.806, rel=1e-5)


@pytest.mark.parametrize("speed", [1.0, 10.0])
def test_maxima_of_a_sweep_do_not_depend_on_the_unit_of_time(speed):
    """Oracle: the amplitude of van der Pol's oscillator at mu = 1, 2.00861986 (Amore, Boyd & Fernandez 2018)."""
    system = DynamicalSystem(van_der_pol, 2, params={"mu": 1.0, "speed": speed})
    found = sweep_diagram(system, "mu", [1.0], what="states", starts=np.array([[1.0, 0.0]]), equilibria=False)
    np.testing.assert_allclose(found.height[found.side == 1], 2.00861986, atol=2e-6)


def test_maxima_of_a_relaxation_oscillator_are_one_value():
    system = DynamicalSystem(brusselator, 2, params={"B": 4.0})
    found = sweep_diagram(system, "B", [1.5, 4.0], what="states", starts=np.array([[1.0, 2.0]]))
    peaks = found.height[(found.at == 4.0) & (found.side == 1)]
    assert np.ptp(peaks) < 1e-4
    assert peaks.mean() == pytest.approx(6.431, abs=1e-3)
    np.testing.assert_allclose(found.height[found.at == 1.5], 1.0, atol=1e-4)  # the rest at (1, B / 1)


def test_an_edge_state_names_both_attractors():
    found = edge_state(find_attractors(DynamicalSystem(well, 1), samples=50), 0, 1)
    assert found.attractors == (0, 1)
    assert abs(found.y[0]) < 1e-9


def test_a_family_of_cycles_is_no_attractor():
    att = find_attractors(DynamicalSystem(centre, 2), samples=5)
    assert len(att) == 0
    assert att.undecided == 1


def test_points_beyond_a_reset_do_not_exist():
    jumping = DynamicalSystem(leaky, 2, events=threshold, event_directions=[1], reset=to_zero)
    assert len(fixed_points(jumping, rng=0)) == 0
    assert "reset" in fixed_points(jumping, rng=0).reason
    free = DynamicalSystem(leaky, 2)  # the control
    np.testing.assert_allclose(fixed_points(free, rng=0).x, [[1.5, 0.0]], atol=1e-12)


def test_a_sweep_of_a_system_with_resets_stays_below_the_threshold():
    firing = DynamicalSystem(driven, 1, params={"I": 1.5}, events=threshold, event_directions=[1], reset=to_rest)
    found = sweep_diagram(firing, "I", [0.5, 1.5], what="states", starts=np.array([[0.0]]))
    assert found.height.min() >= 0.0
    assert found.height.max() <= 1.0 + 1e-9
    assert found.points_height.tolist() == pytest.approx([0.5])  # 1.5 is beyond the threshold


def test_nullclines_of_any_planar_flow_lie_on_the_zeros_of_its_components():
    system = DynamicalSystem(van_der_pol, 2, params=[1.0, 1.0])
    first, second = nullclines(system, box=[(-3, 3), (-4, 4)])
    np.testing.assert_allclose(np.concatenate(first.branches)[:, 1], 0.0, atol=1e-9)
    assert len(second.branches) == 3  # y_1 = y_0 / (1 - y_0^2)
    x, y = np.concatenate(second.branches).T
    np.testing.assert_allclose((1.0 - x**2) * y - x, 0.0, atol=1e-5)


def test_a_portrait_of_a_user_s_system_has_its_nullclines_and_its_cycle():
    portrait = phase_portrait(DynamicalSystem(van_der_pol, 2, params=[1.0, 1.0]), box=[(-3, 3), (-4, 4)], trajectories=4)
    assert len(portrait.nullclines) == 2
    assert [cycle.period for cycle in portrait.cycles] == pytest.approx([6.66328686], abs=1e-6)
