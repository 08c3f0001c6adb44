"""Systems of users: what they must write, what stays as it was made, and what they share."""

from __future__ import annotations

import gc
import math
import weakref

import numpy as np
import pytest

from ctrnn import CTRNN
from neurodynamics import DynamicalSystem, simulate
from neurodynamics.compiling import functions


def decay(t, y, u, params, out):
    for i in range(y.size):
        out[i] = -y[i]


@pytest.mark.parametrize("n", [2, 70])
def test_what_is_not_written_is_refused(n):
    def rebinds(t, y, u, params, out):
        out = -y  # noqa: F841

    def first_only(t, y, u, params, out):
        out[0] = -y[0]

    def adds(t, y, u, params, out):
        out += 1.0

    for rhs, index in ((rebinds, 0), (first_only, 1), (adds, 0)):
        with pytest.raises(ValueError, match=rf"does not write `out\[{index}\]`"):
            DynamicalSystem(rhs, n).rhs(0.0, np.ones(n))


def test_what_jacobians_and_resets_leave_out_is_zero_and_stays():
    def jac(t, y, u, params, out):
        out[0, 0], out[1, 1] = -1.0, -1.0

    def gates(t, y, u, params, out):
        out[0] = y[0] - 0.5

    def reset(event, t, y, u, params, out):
        out[0] = 1.0

    system = DynamicalSystem(decay, 2, jac=jac, events=gates, event_directions=[-1], reset=reset)
    np.testing.assert_array_equal(system.jac(0.0, [3.0, 4.0]), -np.eye(2))
    sol = simulate(system, 1, [1.0, 1.0], method="dopri5", rtol=1e-8, atol=1e-10)
    np.testing.assert_allclose(sol.final, [2 * math.exp(-1.0), math.exp(-1.0)], rtol=1e-6)  # one reset, at ln 2


def test_functions_are_freed_with_their_systems(monkeypatch):
    monkeypatch.setattr(functions, "KEPT", 0)

    def made(goal):
        def rhs(t, y, u, params, out):
            out[0] = goal - y[0]

        system = DynamicalSystem(rhs, 1)
        system.rhs(0.0, [0.0])
        return weakref.ref(rhs), weakref.ref(system), weakref.ref(system.function("rhs")._code.kernel)

    gone = made(1.0)
    functions._last_used.clear()
    gc.collect()
    assert [reference() for reference in gone] == [None] * 3


def test_the_same_source_is_compiled_once():
    def made():
        def rhs(t, y, u, params, out):
            out[0] = -y[0]

        return DynamicalSystem(rhs, 1)

    assert len({made().address("rhs") for _ in range(3)}) == 1


@pytest.mark.parametrize("name", ["state_dim", "input_dim", "output_dim", "event_dim", "params", "layout", "host", "kind",
                                  "event_terminal", "rhs", "param_dim", "angles", "domain", "integrates"])  # fmt: skip
def test_systems_do_not_change(name):
    for system in (CTRNN([[1.0]]), DynamicalSystem(decay, 1, params=[1.0])):
        with pytest.raises(AttributeError):
            setattr(system, name, 50)
        with pytest.raises(AttributeError):
            delattr(system, name)
        with pytest.raises((AttributeError, TypeError)):
            system.layout.shapes["params"] = (9,)
        with pytest.raises(AttributeError, match="cannot be changed"):
            system.layout.size = 9
