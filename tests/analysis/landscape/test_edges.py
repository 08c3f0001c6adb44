"""Bad input, stopping early, and pictures."""

from __future__ import annotations

import _thread
import threading
import time

import numpy as np
import pytest

from analysis import energy_landscape, energy_surface
from analysis.landscape import explore, stationary
from analysis.landscape.additive import Additive
from ctrnn import CTRNN
from hopfield import GradedHopfield
from neurodynamics import DynamicalSystem, Interrupted, Status


def test_asymmetric_weights_have_no_energy():
    with pytest.raises(ValueError, match=r"weights\[0, 1\] = 1 and weights\[1, 0\] = -1 differ, and only with symmetric"):
        energy_landscape(CTRNN([[4.5, 1], [-1, 4.5]]))
    with pytest.raises(ValueError, match="no energy"):
        energy_landscape(GradedHopfield([[0, 1], [2, 0]]))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"gains": [1, -1]}, r"gains\[1\] must be positive; got -1"),
        ({"leaks": [1, 0]}, r"leaks\[1\] must be positive; got 0"),
    ],
)
def test_signs(arguments, message):
    with pytest.raises(ValueError, match=message):
        energy_landscape(CTRNN([[0, 1], [1, 0]], **arguments))


def test_other_bad_input(valley):
    def rhs(t, y, u, params, out):
        out[0] = -y[0]

    net = GradedHopfield([[0, 1], [1, 0]])
    with pytest.raises(ValueError, match="Give `energy`"):
        energy_landscape(DynamicalSystem(rhs, 1))
    with pytest.raises(TypeError, match="`system` must be a network or a DynamicalSystem"):
        energy_landscape("network")
    with pytest.raises(ValueError, match="must be a flow"):
        energy_landscape(DynamicalSystem(rhs, 1, kind="map"))
    with pytest.raises(ValueError, match=r"`patterns` must have shape \(p, N\) with N = 2"):
        energy_landscape(net, patterns=[[1, 1, 1]])
    with pytest.raises(ValueError, match=r"must hold -1 and \+1 only; got 0.5"):
        energy_landscape(net, patterns=[[1, 0.5]])
    with pytest.raises(ValueError, match="`box` must be 2 rows"):
        energy_landscape(net, box=[0, 1])
    land = energy_landscape(net.replace(gain=2), samples=0)
    with pytest.raises(ValueError, match="below 2; got 2"):
        land.path(0, 2)
    with pytest.raises(ValueError, match="no patterns are known"):
        _ = land.overlaps


def test_a_single_minimum():
    land = energy_landscape(GradedHopfield([[0, 1], [1, 0]], gain=0.5), samples=20)
    assert repr(land) == "EnergyLandscape(1 minimum, 0 saddles of index 1, complete: certified, Morse sum 1)"
    assert land.tree == ()
    assert land.volumes.share.tolist() == [1.0]
    land.plot()
    land.plot_tree()


def test_ctrl_c_keeps_the_points(symmetric, monkeypatch):
    net = symmetric(8, 0)
    whole = energy_landscape(net, samples=0)

    def interrupted(*args, **options):
        raise KeyboardInterrupt

    monkeypatch.setattr(explore, "descend", interrupted)
    with pytest.raises(Interrupted) as stopped:
        energy_landscape(net, samples=10)
    land = stopped.value.result
    assert land.status == Status.INTERRUPTED
    np.testing.assert_array_equal(land.x, whole.x)
    assert land.volumes.samples == 0
    assert len(land.tree) == 0
    assert "interrupted" in repr(land)
    assert energy_landscape(net, samples=10, on_interrupt="return").status == Status.INTERRUPTED


def test_ctrl_c_on_the_way_up_keeps_the_minima(symmetric, monkeypatch):
    def interrupted(*args, **options):
        raise KeyboardInterrupt

    monkeypatch.setattr(stationary, "climb", interrupted)
    net = symmetric(10, 1)
    land = energy_landscape(net, certify=False, starts=1, samples=50, on_interrupt="return")
    monkeypatch.undo()
    minima = energy_landscape(net, samples=0).minima
    assert land.status == Status.INTERRUPTED
    gap = np.abs(minima[:, None] - land.minima[None]).max(axis=2)
    assert (gap.min(axis=1) < 1e-8).mean() > 0.5  # fifty descents miss small basins only


def test_ctrl_c_in_the_middle_of_a_long_search(symmetric):
    net = symmetric(40, 0)
    energy_landscape(symmetric(10, 0), certify=False, starts=2, samples=10)  # compiled
    timer = threading.Timer(1.5, _thread.interrupt_main)
    timer.start()
    try:
        land = energy_landscape(net, on_interrupt="return")
    finally:
        timer.cancel()
    assert land.status == Status.INTERRUPTED
    assert not land.complete


def test_a_time_limit(symmetric):
    land = energy_landscape(symmetric(40, 0), timeout=1.0)
    assert not land.complete
    assert land.status == Status.TIMEOUT
    assert land.joins.shape == (len(land.saddles), 2)


def test_the_same_seed_gives_the_same_landscape(symmetric):
    net = symmetric(12, 1)
    one, two = (energy_landscape(net, certify=False, starts=16, samples=50, rng=3) for _ in range(2))
    np.testing.assert_array_equal(one.x, two.x)
    np.testing.assert_array_equal(one.volumes.counts, two.volumes.counts)


def test_a_short_time_is_shared_by_all_stages(monkeypatch):
    """A search that uses up what it is given leaves time for samples and descents; with all of it, nothing is joined."""
    net, found = GradedHopfield([[0, 1], [1, 0]], gain=1.4), explore.first_points
    energy_landscape(net)  # compiled

    def slow(model, certify, rng, starts, deadline, bounds):
        points = found(model, certify, rng, starts, None, bounds)
        time.sleep(max(0.0, deadline - time.perf_counter()))
        return points

    monkeypatch.setattr(explore, "first_points", slow)
    land = energy_landscape(net, timeout=2.0)
    assert land.status == Status.TIMEOUT
    assert land.joins.tolist() == [[0, 1]]
    assert land.volumes.counts.sum() > 0
    monkeypatch.setattr(explore, "OF_POINTS", 1.0)
    assert (energy_landscape(net, timeout=0.5).joins < 0).all()


def test_a_surface_that_is_stopped_keeps_what_it_has(monkeypatch):
    net = GradedHopfield(np.ones((2, 2)))
    assert np.isnan(energy_surface(net, timeout=0.0).energy).all()
    monkeypatch.setattr("analysis.landscape.surface.ELEMENTS", 200)
    whole = energy_surface(net, resolution=20).energy
    fill, calls = Additive.full_energy, []

    def interrupted(model, states):
        calls.append(len(states))
        if len(calls) == 3:
            raise KeyboardInterrupt
        return fill(model, states)

    monkeypatch.setattr(Additive, "full_energy", interrupted)
    with pytest.raises(Interrupted) as caught:
        energy_surface(net, resolution=20)
    part = caught.value.result.energy.ravel()
    assert np.isfinite(part[:200]).all()
    assert np.isnan(part[200:]).all()
    np.testing.assert_array_equal(part[:200], whole.ravel()[:200])
