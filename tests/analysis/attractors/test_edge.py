"""Edge states, sweeps and responses against closed forms."""

from __future__ import annotations

import numpy as np
import pytest

from analysis import edge_state, find_attractors, fixed_points
from neurodynamics import Kind, Status

# Edges ---------------------------------------------------------------------------------------------------------------


def test_the_edge_of_rivals_is_the_symmetric_saddle(rivals):
    found = edge_state(find_attractors(rivals, samples=20), [3, -2], [-1, 5])
    assert found.kind == Kind.FIXED_POINT
    assert found.unstable == 1
    assert found.attractors == (0, 1)
    np.testing.assert_allclose(found.y, 0.0, atol=1e-12)
    np.testing.assert_allclose(found.path[:, 0], found.path[:, 1], atol=1e-3)  # on the separatrix all the way


def test_edges_are_saddles_of_the_certified_list(four_states):
    att = find_attractors(four_states, samples=20)
    saddles = fixed_points(four_states)
    saddles = saddles.x[saddles.index == 1]
    for a, b in ((0, 1), (1, 3), (2, 3)):
        found = edge_state(att, att[a].y, att[b].y + 0.1)
        assert np.abs(saddles - found.y).max(axis=1).min() < 1e-9
        assert found.attractors == (a, b)


def test_the_edge_may_be_a_cycle(systems):
    att = find_attractors(systems["nested circles"], box=[[-2, 2], [-2, 2]], samples=50)
    found = edge_state(att, [0.1, 0.0], [0.9, 0.1])
    assert found.kind == Kind.LIMIT_CYCLE
    assert found.unstable == 1
    assert found.period == pytest.approx(2 * np.pi, rel=1e-9)
    np.testing.assert_allclose(np.hypot(*found.cycle.y), 0.5, rtol=1e-7)


def test_no_edge_inside_a_basin(rivals):
    att = find_attractors(rivals, samples=20)
    with pytest.raises(ValueError, match="`a` and `b` must go to different attractors; both go to 1"):
        edge_state(att, [3, -2], [5, 1])
    with pytest.raises(ValueError, match="`b` must be the id of one of the 2 attractors"):
        edge_state(att, 0, 2)
    np.testing.assert_allclose(edge_state(att, 0, 1).y, edge_state(att, att[0].y, att[1].y).y, atol=1e-12)
    assert edge_state(att, [3, -2], [-1, 5], timeout=0.0).status == Status.TIMEOUT


# Sweeps --------------------------------------------------------------------------------------------------------------


# Responses -----------------------------------------------------------------------------------------------------------
