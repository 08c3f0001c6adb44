"""Analyses of systems with angles: rotations, points, basins, maps with a jump; oracles are closed forms and identities."""

import math

import numpy as np
import pytest
from scipy.integrate import solve_ivp

from analysis import (
    basins,
    classify,
    cycle_branch,
    find_attractors,
    fixed_points,
    limit_cycle,
    lyapunov_spectrum,
    phase_portrait,
    poincare_map,
    sweep_diagram,
)
from neurodynamics import DynamicalSystem, Kind


def forced_pendulum(t, y, u, params, out):
    """theta'' = torque - sin theta - friction theta': the current through a Josephson junction as well."""
    out[0] = y[1]
    out[1] = params[1] - math.sin(y[0]) - params[0] * y[1]


def adler(t, y, u, params, out):
    out[0] = params[0] - math.sin(y[0])


def kuramoto(t, y, u, params, out):
    for i in range(3):
        out[i] = params[i]
        for j in range(3):
            out[i] += params[3] / 3.0 * math.sin(y[j] - y[i])


def circle(t, y, u, params, out):
    out[0] = (y[0] + params[0] - params[1] / (2 * math.pi) * math.sin(2 * math.pi * y[0])) % 1.0


def driven(t, y, u, params, out):
    out[0] = y[1]
    out[1] = -math.sin(y[0]) - 0.5 * y[1] + params[0] * math.cos(y[2])
    out[2] = 2.0 / 3.0


PENDULUM = DynamicalSystem(forced_pendulum, 2, {"friction": 0.2, "torque": 0.5}, angles=[0])
CIRCLE = DynamicalSystem(circle, 1, {"omega": 0.0, "K": 0.5}, kind="map", angles={0: 1.0})


@pytest.fixture(scope="module")
def turning():
    return limit_cycle(PENDULUM, [0.0, 3.0])


def test_a_turning_pendulum_is_a_cycle(turning):
    """Its multipliers are 1 and exp(-friction T); a turn takes from friction what the torque gives, 2 pi torque."""
    assert turning.kind == Kind.LIMIT_CYCLE
    assert turning.stable
    np.testing.assert_allclose(np.sort(turning.multipliers.real), [np.exp(-0.2 * turning.period), 1.0], rtol=1e-6)
    assert turning.y[0, -1] - turning.y[0, 0] == pytest.approx(2 * np.pi, abs=1e-9)
    t = np.linspace(0.0, turning.period, 4001)
    assert 0.2 * np.trapezoid(turning(t)[1] ** 2, t) == pytest.approx(2 * np.pi * 0.5, rel=1e-5)
    turn = solve_ivp(lambda t, y: [y[1], 0.5 - np.sin(y[0]) - 0.2 * y[1]], (0, turning.period), turning.y[:, 0], rtol=1e-11,
                     atol=1e-12)  # fmt: skip
    np.testing.assert_allclose(turn.y[:, -1] - turning.y[:, 0], [2 * np.pi, 0.0], atol=1e-8)


def test_points_are_counted_once():
    found = fixed_points(PENDULUM, rng=0)
    np.testing.assert_allclose(found.x, [[np.pi / 6, 0.0], [5 * np.pi / 6, 0.0]], atol=1e-9)
    assert found.stable.tolist() == [True, False]


def test_rest_and_rotation_are_the_attractors_of_the_forced_pendulum(turning):
    found = find_attractors(PENDULUM, samples=60)
    assert [each.kind for each in found] == [Kind.FIXED_POINT, Kind.LIMIT_CYCLE]
    assert found.undecided == found.diverging == 0.0
    assert found[1].period == pytest.approx(turning.period, rel=1e-6)
    np.testing.assert_allclose(found.box[0], [-np.pi, np.pi])
    assert found([[0.5 + 8 * np.pi, 0.0], [np.pi, 2.6]]).tolist() == [0, 1]
    assert basins(found, resolution=8).axes[0][0] == pytest.approx(-np.pi * 7 / 8)


def test_without_the_declaration_the_rotation_is_no_cycle():
    """The control: on the line a rotation never closes."""
    line = DynamicalSystem(forced_pendulum, 2, {"friction": 0.2, "torque": 0.5})
    assert limit_cycle(line, [0.0, 3.0], max_duration=300.0).kind != Kind.LIMIT_CYCLE


def test_adlers_equation_turns_in_its_closed_period():
    found = limit_cycle(DynamicalSystem(adler, 1, [2.0], angles=[0]), [0.3])
    assert found.kind == Kind.LIMIT_CYCLE
    assert found.period == pytest.approx(2 * np.pi / np.sqrt(3.0), rel=1e-10)


def test_locked_phases_turn_with_their_mean_frequency():
    found = limit_cycle(DynamicalSystem(kuramoto, 3, [1.0, 1.1, 0.9, 1.0], angles=[0, 1, 2]), [0.0, 1.0, 2.0])
    assert found.stable
    assert found.period == pytest.approx(2 * np.pi, rel=1e-9)


def test_rotation_is_classified_as_a_cycle():
    found = classify(PENDULUM, [0.0, 3.0], duration=200.0)
    assert found.kind == Kind.LIMIT_CYCLE
    assert found.spectrum.exponents == pytest.approx([0.0, -0.2], abs=5e-3)


def test_drifting_phases_are_no_divergence():
    """A driven pendulum whose phase is a state: two oscillations that turn with the drive are mirror images."""
    found = find_attractors(DynamicalSystem(driven, 3, [1.4], angles=[0, 2]), samples=16)
    assert found.diverging == 0.0
    assert [each.kind for each in found] == [Kind.LIMIT_CYCLE] * 2
    assert [each.period for each in found] == pytest.approx([3 * np.pi] * 2, rel=1e-8)


def test_the_plane_of_an_angle_is_passed_once_a_turn(turning):
    passages = poincare_map(PENDULUM, (0, 1.0), longest=60.0)
    found = fixed_points(passages, bounds=[2.0, 4.0], starts=4, rng=0)
    assert len(found) == 1
    assert passages.return_time(found.x[0]) == pytest.approx(turning.period, rel=1e-9)
    assert passages.jac(0, found.x[0])[0, 0] == pytest.approx(np.exp(-0.2 * turning.period), rel=1e-6)


def test_exponents_of_a_map_with_a_jump():
    """At theta = 0, where the map jumps from 1 to 0, its slope is 1 - K."""
    assert lyapunov_spectrum(CIRCLE, [0.3]).exponents == pytest.approx([np.log(0.5)], abs=1e-6)


def test_circle_map_points_cycles_and_rotation():
    assert [each.kind for each in find_attractors(CIRCLE, samples=20)] == [Kind.FIXED_POINT]
    half = CIRCLE.with_params({"omega": 0.5})
    assert limit_cycle(half, [0.3]).period == 2
    points = fixed_points(half, period=2, rng=0)
    assert len(points) == 4
    assert points.stable.sum() == 2
    golden = CIRCLE.with_params({"omega": 0.5 * (np.sqrt(5.0) - 1.0)})
    assert classify(golden, [0.3]).kind == Kind.TORUS


def test_a_portrait_is_one_period_wide():
    portrait = phase_portrait(PENDULUM, trajectories=4)
    np.testing.assert_allclose(portrait.plane.box[0], [-np.pi, np.pi])
    assert len(portrait.points) == 2
    assert len(portrait.cycles) == 1
    assert set(portrait.ends) <= {"fixed point", "cycle"}


def test_sweeps_show_the_speed_of_rotations():
    """Beyond torque 1 there is no rest: the highest and the lowest speed of the rotation, around torque / friction."""
    diagram = sweep_diagram(PENDULUM, "torque", [1.5], what="states", number=1, starts=1, continuation=False)
    assert not len(diagram.points_at)
    high, low = (diagram.height[diagram.side == side] for side in (1, -1))
    assert np.ptp(high) < 1e-3
    assert np.ptp(low) < 1e-3
    assert low.mean() < 1.5 / 0.2 < high.mean()


def test_branches_of_rotations_are_refused_with_a_remedy(turning):
    with pytest.raises(ValueError, match=r"goes round: .* `poincare_map`"):
        cycle_branch(PENDULUM, "torque", (0.4, 0.8), start=turning)
