"""Exponents of many members, and over two parameters."""

import numpy as np
import pytest

from analysis import (
    lyapunov_ensemble,
    lyapunov_map,
    lyapunov_spectrum,
)
from neurodynamics import Kind, Status


def test_ensembles_do_not_depend_on_workers_and_agree_with_single_runs(known):
    sweep = {"weights[0, 1]": np.linspace(-0.1, 0.1, 7)}
    one, two = (lyapunov_ensemble(known.CHAOTIC, [0, 0, 0], duration=1500, params=sweep, workers=w, rng=0) for w in (1, 2))
    assert np.array_equal(one.exponents, two.exponents)
    single = lyapunov_spectrum(known.CHAOTIC.with_params({"weights[0, 1]": 0.1}), [0, 0, 0], duration=1500, rng=0)
    errors = np.hypot(single.errors, one.standard_errors[-1])
    assert np.all(np.abs(single.exponents - one.exponents[-1]) <= 5 * errors + 1e-4)
    assert np.nanmax(np.abs(one.trace_error)) <= 3e-6


def test_ensembles_hold_failed_members_apart(known):
    found = lyapunov_ensemble(known.HENON, [0.1, 0.1], duration=2000, params={"a": [1.4, 5.0, 0.2]}, rng=0)
    assert list(found.kinds) == [Kind.CHAOS, Kind.DIVERGES, Kind.LIMIT_CYCLE]
    assert np.isnan(found.exponents[1]).all()
    assert (found.status < 0).tolist() == [False, True, False]


def test_a_map_over_two_parameters_has_their_order(known):
    grid = {"weights[0, 1]": [0.5, 1.0, 1.5], "biases[0]": [-3.0, -2.5]}
    found = lyapunov_map(known.OSCILLATOR, grid, k=2, duration=300, y0=[0, 0], rng=0)
    assert found.exponents.shape == (3, 2, 2)
    alone = lyapunov_ensemble(known.OSCILLATOR.with_params({"weights[0, 1]": 1.5, "biases[0]": -3.0}), [0, 0],
                              duration=300, rng=0)  # fmt: skip
    assert np.allclose(found.exponents[2, 0], alone.exponents[0], atol=1e-12)


def test_maps_over_parameters_refuse_bad_grids(known):
    for params in ({}, {"sigma": [1.0], "rho": [1.0], "beta": [1.0]}, [1, 2]):
        with pytest.raises(ValueError, match="one or two parameter names"):
            lyapunov_map(known.LORENZ, params)
    with pytest.raises(ValueError, match="unknown parameter"):
        lyapunov_map(known.LORENZ, {"ro": [1.0]})


def test_what_is_not_done_has_not_failed(known):
    """At the deadline members that diverged have failed, and others have not; without one, 1 of 3 fails."""
    grid = {"a": [1.4, 5.0, 0.2]}
    assert repr(lyapunov_map(known.HENON, grid, duration=2000, y0=[0.1, 0.1])).endswith("1 failed (non_finite))")
    grid = {"a": np.tile([1.4, 5.0, 0.2], 400)}
    cut = lyapunov_map(known.HENON, grid, duration=10**8, y0=[0.1, 0.1], timeout=0.5, workers=1)
    undone = int((cut.status == Status.TIMEOUT).sum())
    assert undone > 0
    assert f"{undone} not done (timeout)" in repr(cut)
    assert f"{int((cut.status == Status.NON_FINITE).sum())} failed (non_finite)" in repr(cut)


def test_maps_are_the_same_from_call_to_call(known):
    one, two = (lyapunov_map(known.OSCILLATOR, {"biases[0]": [-3.0, -2.5]}, duration=300) for _ in range(2))
    assert np.array_equal(one.exponents, two.exponents)
    other = lyapunov_map(known.OSCILLATOR, {"biases[0]": [-3.0, -2.5]}, duration=300, rng=1)
    assert not np.array_equal(one.exponents, other.exponents)
