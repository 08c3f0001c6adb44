"""Trajectories and projections: the points of the run, and components that an oracle knows."""

from __future__ import annotations

import re

import numpy as np
import pytest

from analysis import plotting
from analysis.plotting.projection import principal_components
from ctrnn import CTRNN, simulate

CHAOS = CTRNN(
    [[5.422, -0.018, 2.75], [-0.24, 4.59, 1.21], [0.535, -2.25, 3.885]],
    biases=[-4.108, -2.787, -1.114],
    time_constants=[1, 2.5, 1],
)
SOLUTION = simulate(CHAOS, (0, 50), [1, 1, 1])


def test_components_of_a_rotated_ellipse():
    """Axes 3 and 1 of an ellipse, turned by 30 degrees: variances 9 to 1, shares 0.9 and 0.1."""
    t = np.linspace(0, 2 * np.pi, 4001)
    turn = np.array([[np.cos(np.pi / 6), -np.sin(np.pi / 6)], [np.sin(np.pi / 6), np.cos(np.pi / 6)]])
    scores, shares = principal_components(t, turn @ np.array([3 * np.cos(t), np.sin(t)]) + 5.0)
    np.testing.assert_allclose(shares, [0.9, 0.1], atol=1e-12)
    np.testing.assert_allclose(scores[0], 3 * np.cos(t), atol=1e-12)
    np.testing.assert_allclose(np.abs(scores[1]), np.abs(np.sin(t)), atol=1e-12)


def test_components_do_not_depend_on_where_steps_were_taken(rng):
    """The trapezoidal rule on 4000 random times is right to about 1e-5; unweighted, the difference is above 0.01."""
    def path(t):
        return np.array([np.cos(t), np.cos(2 * t) + 0.3 * np.sin(t), 0.1 * np.sin(3 * t)])

    even = np.linspace(0, 2 * np.pi, 4001)
    uneven = 2 * np.pi * np.sort(np.concatenate([[0.0, 1.0], rng.uniform(size=4000)])) ** 2
    shares = principal_components(even, path(even))[1]
    np.testing.assert_allclose(principal_components(uneven, path(uneven))[1], shares, atol=1e-4)
    unweighted = principal_components(np.arange(4002.0), path(uneven))[1]
    assert np.abs(unweighted - shares).max() > 0.01


def test_labels_tell_the_explained_variance(rng):
    network = CTRNN(rng.normal(size=(30, 30)), activation="tanh")
    solution = simulate(network, (0, 20), rng.normal(size=30))
    shares = principal_components(solution.t, solution.y)[1]
    ax = plotting.plot_projection(solution, components=(0, 1, 2))
    for label, share in zip((ax.get_xlabel(), ax.get_ylabel(), ax.get_zlabel()), shares, strict=False):
        assert float(re.search(r"\((.*) % of variance\)", label)[1]) == pytest.approx(100 * share, abs=0.051)
    assert shares.sum() == pytest.approx(1.0)


def test_a_run_at_rest_can_be_projected():
    rest = simulate(CTRNN(np.zeros((3, 3))), 5, [0, 0, 0])
    assert "0.0 % of variance" in plotting.plot_projection(rest).get_xlabel()


@pytest.mark.parametrize(
    ("function", "arguments", "message"),
    [
        (plotting.plot_trajectory, {"neurons": [0]}, "must name 2 or 3"),
        (plotting.plot_trajectory, {"neurons": [0, 5]}, "must be below 3"),
        (plotting.plot_trajectory, {"after": 51}, "must be at most the last time, 50"),
        (plotting.plot_projection, {"components": [0, 3]}, r"`components\[1\]` must be below 3"),
    ],
)
def test_bad_arguments(function, arguments, message):
    with pytest.raises(ValueError, match=message):
        function(SOLUTION, **arguments)
