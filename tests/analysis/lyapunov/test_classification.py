"""Rest, cycles, tori and chaos told apart."""

import numpy as np
import pytest

from analysis import classify, lyapunov_ensemble, lyapunov_spectrum
from ctrnn import CTRNN
from neurodynamics import DynamicalSystem, Kind, Sine


def test_classify_tells_rest_cycle_torus_and_chaos(known):
    cycle = classify(known.OSCILLATOR, [0, 0], duration=2000, rng=0)
    assert cycle.kind == Kind.LIMIT_CYCLE
    assert cycle.period == pytest.approx(28.9999078994859, abs=1e-4)
    assert classify(known.CHAOTIC, duration=20_000, rng=0).kind == Kind.CHAOS
    assert classify(known.LORENZ, [1, 2, 3], duration=500, rng=0).kind == Kind.CHAOS
    rest = known.CHAOTIC.replace(weights=known.CHAOTIC.weights.T)
    assert classify(rest, duration=200, rng=0).kind == Kind.FIXED_POINT
    pair = CTRNN(np.kron(np.eye(2), known.OSCILLATOR.weights), [-2.75, -1.75] * 2, [1, 1, np.sqrt(2), np.sqrt(2)])
    assert classify(pair, duration=5000, rng=0).kind == Kind.TORUS


def test_weak_chaos_is_left_open_until_it_is_seen(known):
    """Its largest exponent is 0.0097: a short run cannot tell it from zero, and must not call it a torus."""
    kinds = [lyapunov_spectrum(known.CHAOTIC, duration=time, rng=seed).kind for time in (1000, 2000) for seed in range(4)]
    assert set(kinds) <= {Kind.UNDECIDED, Kind.CHAOS}


def test_classify_finds_the_period_of_a_map(known):
    found = classify(known.HENON.with_params({"a": 1.0}), [0.1, 0.1], duration=2000, rng=0)
    assert found.kind == Kind.LIMIT_CYCLE
    assert found.period == 4
    assert classify(known.HENON, [0.1, 0.1], duration=5000, rng=0).kind == Kind.CHAOS


def driven_inside(t, y, u, params, out):
    out[0] = -y[0] + np.sin(t)


def driven(t, y, u, params, out):
    out[0] = -y[0] + u[0]


@pytest.mark.parametrize("kind", ["flow", "map"])
def test_time_inside_the_function_drives_as_an_input_does(kind):
    inside, outside = DynamicalSystem(driven_inside, 1, kind=kind), DynamicalSystem(driven, 1, input_dim=1, kind=kind)
    sine = {"inputs": [Sine(1.0, 1.0 / (2.0 * np.pi))]}
    for system, options in ((inside, {}), (outside, sine)):
        found = lyapunov_spectrum(system, [0.3], duration=200, rng=0, **options)
        assert found.kind == Kind.UNDECIDED
        assert np.isnan(found.zero_error)
        assert found.exponents[0] == pytest.approx(-1.0 if kind == "flow" else 0.0, abs=1e-6)
        assert lyapunov_ensemble(system, [0.3], duration=200, rng=0, **options).kinds.tolist() == [Kind.UNDECIDED]
    assert "driven" in classify(inside, [0.5], duration=200, rng=0).reason or kind == "map"
    still = lyapunov_spectrum(outside, [0.3], duration=200, rng=0)  # the control
    assert still.kind == (Kind.FIXED_POINT if kind == "flow" else Kind.UNDECIDED)


def competitors(t, y, u, params, out):
    for i in range(3):
        out[i] = y[i] * (1.0 - y[i] - 0.8 * y[(i + 1) % 3] - 1.4 * y[(i + 2) % 3])


def test_a_heteroclinic_cycle_rests_nowhere():
    """May and Leonard's: alpha + beta > 2 and alpha < 1, so that the interior point is unstable and saddles are visited."""
    system = DynamicalSystem(competitors, 3)
    assert classify(system, [0.3, 0.4, 0.5]).kind == Kind.UNDECIDED
    with pytest.warns(UserWarning, match="rests on an unstable equilibrium"):
        started_there = classify(system, [1.0, 0.0, 0.0])
    assert started_there.kind == Kind.FIXED_POINT
    assert started_there.reason == "the trajectory is at rest"
