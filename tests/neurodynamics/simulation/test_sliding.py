"""Sliding along jumps, against closed forms of Coulomb friction."""

import numpy as np
import pytest

from neurodynamics import DynamicalSystem, Status, simulate


def friction(t, y, u, params, out):
    """A mass on a spring with dry friction: every half turn around +-params[0] takes 2 params[0] off the amplitude."""
    out[0] = y[1]
    out[1] = -y[0] - params[0] * np.sign(y[1] - params[1])


@pytest.mark.parametrize("method", [None, "dop853", "dopri5", "RK45", "LSODA"])
def test_dry_friction_sticks_where_the_closed_form_says(method):
    """From 1 with 0.3: -0.4 after a half turn, -0.2 after another, which is in the sticking set |y| <= 0.3."""
    run = simulate(DynamicalSystem(friction, 2, [0.3, 0.0]), 100.0, [1.0, 0.0], method=method)
    assert run.status == Status.SLIDES
    np.testing.assert_allclose(run.final, [-0.2, 0.0], atol=1e-4)
    assert 2 * np.pi - 0.01 < run.t[-1] < 2 * np.pi + 1.0
    assert run.t.size < 200_000
    assert "jump" in run.message


def test_a_mass_on_a_belt_slides_along_the_jump_with_it():
    run = simulate(DynamicalSystem(friction, 2, [0.3, 0.2]), 100.0, [0.0, 0.0], method="dop853")
    assert run.status == Status.SLIDES
    assert run.final[1] == pytest.approx(0.2, abs=1e-5)


def relay(t, y, u, params, out):
    """Friction that pushes: the jump is crossed, and nothing slides."""
    out[0] = y[1]
    out[1] = -y[0] - 0.1 * y[1] + 0.3 * np.sign(y[1])


def stiff(t, y, u, params, out):
    """A manifold that attracts at once, without a jump."""
    out[0] = -1e6 * (y[0] - np.cos(y[1]))
    out[1] = 1.0


@pytest.mark.parametrize(("f", "start"), [(relay, [1.0, 0.0]), (stiff, [0.0, 0.0])])
def test_what_crosses_a_jump_or_is_stiff_goes_on(f, start):
    run = simulate(DynamicalSystem(f, 2), 20.0, start, method="dop853", max_steps=200_000, save="final")
    assert run.status in (Status.SUCCESS, Status.MAX_STEPS)
