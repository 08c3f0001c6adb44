"""Exponents of many members, and over two parameters."""

import numpy as np
import pytest

from analysis import (
    lyapunov_ensemble,
    lyapunov_map,
    lyapunov_spectrum,
)
from neurodynamics import Kind


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
