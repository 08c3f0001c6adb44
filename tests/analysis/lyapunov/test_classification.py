"""Rest, cycles, tori and chaos told apart."""

import numpy as np
import pytest

from analysis import (
    classify,
    lyapunov_spectrum,
)
from ctrnn import CTRNN
from neurodynamics import Kind


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
