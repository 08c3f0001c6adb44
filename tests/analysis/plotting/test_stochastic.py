"""Pictures of memories with noise."""

from __future__ import annotations

import numpy as np
import pytest

from analysis import plotting
from hopfield import AdditiveNetwork, DiscreteHopfield, MarkovJump, sample


def test_chains_and_their_mean():
    found = sample(DiscreteHopfield([[0, 1], [1, 0]]), 1.0, 7, chains=4, rng=0)
    ax = found.plot()
    np.testing.assert_array_equal(ax.lines[2].get_ydata(), found.energies[2])
    np.testing.assert_array_equal(ax.lines[-1].get_ydata(), found.energies.mean(axis=0))
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("sweep", "energy")
    no_energy = sample(DiscreteHopfield([[0, 1], [2, 0]]), 1.0, 7, chains=4, rng=0)
    with pytest.raises(ValueError, match="`samples` must have energies"):
        no_energy.plot()


def test_paths_over_the_modes_of_the_first():
    decay, growth = (AdditiveNetwork([[0.0]], leaks=leak, activation="linear") for leak in (1.0, -0.5))
    run = MarkovJump([decay, growth], [[-1.0, 1.0], [1.0, -1.0]]).run(10.0, np.ones((3, 1)), dt=0.01, rng=0)
    ax = run.plot()
    np.testing.assert_array_equal(ax.lines[1].get_ydata(), run.y[1, 0])
    assert [each.get_label() for each in ax.collections] == ["mode 0", "mode 1"]
    shaded = ax.collections[1].get_paths()
    inside = np.array([any(path.contains_point((t + 1e-3, 0.5)) for path in shaded) for t in run.t[:-1]])
    np.testing.assert_array_equal(inside, run.modes[0, :-1] == 1)
    with pytest.raises(ValueError, match="`unit` must be 0"):
        plotting.plot_jump_run(run, unit=1)
