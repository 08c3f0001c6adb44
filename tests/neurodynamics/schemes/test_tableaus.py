"""The coefficients of every Runge-Kutta method satisfy the equations that define its order, to rounding.

The equations are one for each rooted tree (Butcher; Hairer, Norsett & Wanner I, II.2): with the number of vertices
``order``, the density ``gamma`` and the elementary weight ``phi`` of the tree, ``b . phi = 1 / gamma``.
"""

from __future__ import annotations

import dataclasses
import functools

import numpy as np
import pytest
from scipy.integrate import DOP853, RK45

from neurodynamics.schemes import tableaus

TABLEAUS = {t.name: t for t in vars(tableaus).values() if isinstance(t, tableaus.Tableau)}
PAIRS = {name: t for name, t in TABLEAUS.items() if t.error is not None}
SMALL = 1e-13  # coefficients are below 60 and there are at most 16: rounding of sums is far below


# Rooted trees: a tree is the sorted tuple of the trees that hang on its root


def order(tree):
    return 1 + sum(map(order, tree))


def density(tree):
    return order(tree) * np.prod([density(child) for child in tree], initial=1.0)


@functools.cache
def trees(vertices):
    """Return all rooted trees of that many vertices."""
    return {tuple(sorted(forest)) for forest in forests(vertices - 1, vertices - 1)}


def forests(vertices, largest):
    if vertices == 0:
        return [()]
    found = []
    for size in range(1, min(vertices, largest) + 1):
        for tree in trees(size):
            found += [(tree, *rest) for rest in forests(vertices - size, size)]
    return found


def stage_weights(a, tree):
    """The elementary weights of a tree at each stage."""
    weight = np.ones(len(a))
    for child in tree:
        weight = weight * (a @ stage_weights(a, child))
    return weight


def defects(tableau, weights, up_to):
    """How far the weights are from each order condition, the largest for each order."""
    a = tableau.a[: weights.size, : weights.size]
    return {
        p: max(abs(weights @ stage_weights(a, tree) - 1 / density(tree)) for tree in trees(p)) for p in range(1, up_to + 1)
    }


def test_there_are_as_many_trees_as_cayley_counted():
    assert [len(trees(p)) for p in range(1, 9)] == [1, 1, 2, 4, 9, 20, 48, 115]


@pytest.mark.parametrize("tableau", TABLEAUS.values(), ids=TABLEAUS)
def test_the_weights_satisfy_all_conditions_of_the_order_and_not_of_the_next(tableau):
    found = defects(tableau, tableau.b, tableau.order + 1)
    assert max(found[p] for p in range(1, tableau.order + 1)) < SMALL
    assert found[tableau.order + 1] > 1e-9


def test_an_error_of_one_percent_in_any_coefficient_is_seen():
    """The control of the test above."""
    for tableau in TABLEAUS.values():
        for entries in (tableau.a[: tableau.stages, : tableau.stages], tableau.b):
            for k in np.flatnonzero(entries):
                wrong = entries.copy()
                wrong.flat[k] *= 1.01
                name = "b" if entries is tableau.b else "a"
                a = tableau.a.copy()
                if name == "a":
                    a[: tableau.stages, : tableau.stages] = wrong
                changed = dataclasses.replace(tableau, a=a, b=wrong if name == "b" else tableau.b)
                rows = np.abs(changed.a.sum(axis=1) - changed.c).max()
                order_4 = max(defects(changed, changed.b, min(tableau.order, 4)).values())
                assert max(rows, order_4) > 1e-6, (tableau.name, name, k)


@pytest.mark.parametrize("tableau", TABLEAUS.values(), ids=TABLEAUS)
def test_the_rows_sum_to_the_nodes_and_the_method_is_explicit(tableau):
    np.testing.assert_allclose(tableau.a.sum(axis=1), tableau.c, atol=SMALL)
    assert not np.triu(tableau.a).any()


@pytest.mark.parametrize("tableau", PAIRS.values(), ids=PAIRS)
def test_the_solution_of_a_pair_is_the_row_behind_its_stages(tableau):
    """Whose slope is the first of the next step."""
    np.testing.assert_array_equal(tableau.a[tableau.stages, : tableau.stages], tableau.b)
    assert tableau.c[tableau.stages] == 1


# Of each pair: the orders of the embedded methods of `error` and `error_3`, and the order of the estimate as a whole.
ESTIMATES = {"dopri5": ([4], 5), "dop853": ([5, 3], 8)}  # dop853: of both together, e5^2 / sqrt(e5^2 + 0.01 e3^2)
INTERPOLANTS = {"dopri5": 4, "dop853": 7}  # their orders inside a step


def test_the_tables_of_pairs_name_every_pair():
    assert set(ESTIMATES) == set(INTERPOLANTS) == set(PAIRS)


@pytest.mark.parametrize("name", ESTIMATES)
def test_the_error_estimates_are_of_the_order_that_step_control_supposes(name):
    tableau, (orders, together) = TABLEAUS[name], ESTIMATES[name]
    errors = [error for error in (tableau.error, tableau.error_3) if error is not None]
    for error, embedded in zip(errors, orders, strict=True):
        weights = np.append(tableau.b, 0.0) - error
        found = defects(tableau, weights, embedded + 1)
        assert max(found[p] for p in range(1, embedded + 1)) < SMALL
        assert found[embedded + 1] > 1e-5
        assert abs(error.sum()) < SMALL
    assert tableau.error_order == together


@pytest.mark.parametrize("tableau", PAIRS.values(), ids=PAIRS)
def test_the_interpolant_meets_both_ends_with_their_slopes(tableau):
    """To rounding, which the powers of x of dop853 (coefficients up to 1e3) amplify."""
    dense, degrees = tableau.dense, np.arange(1, tableau.dense.shape[1] + 1)
    scale = np.abs(dense).max()
    new = np.zeros(len(dense))
    new[: tableau.stages] = tableau.b
    np.testing.assert_allclose(dense.sum(axis=1), new, atol=4e-16 * scale * len(degrees))
    slope_at_start, slope_at_end = dense[:, 0], dense @ degrees
    np.testing.assert_allclose(slope_at_start, np.eye(len(dense))[0], atol=4e-16 * scale * len(degrees))
    np.testing.assert_allclose(slope_at_end, np.eye(len(dense))[tableau.stages], atol=4e-16 * scale * len(degrees) ** 2)


@pytest.mark.parametrize(("name", "continuous_order"), INTERPOLANTS.items())
def test_the_interpolant_is_of_its_order_everywhere_in_the_step(name, continuous_order):
    """The conditions at the fraction x read ``b(x) . phi = x**p / gamma``."""
    tableau = TABLEAUS[name]
    for x in (0.1, 0.3, 0.5, 0.77, 0.95):
        weights = tableau.dense @ x ** np.arange(1, tableau.dense.shape[1] + 1)
        a = tableau.a
        worst = {
            p: max(abs(weights @ stage_weights(a, tree) - x**p / density(tree)) for tree in trees(p))
            for p in range(1, continuous_order + 2)
        }
        assert max(worst[p] for p in range(1, continuous_order + 1)) < 1e-12
        assert worst[continuous_order + 1] > 1e-7


def test_the_coefficients_are_those_of_scipy():
    """An independent copy of the published figures; SciPy gives its own names and signs."""
    mine = tableaus.DOPRI5
    np.testing.assert_allclose(mine.a[:6, :5], RK45.A, rtol=1e-15)
    np.testing.assert_allclose(mine.b, RK45.B, rtol=1e-15)
    np.testing.assert_allclose(np.abs(mine.error), np.abs(RK45.E), rtol=1e-14)
    np.testing.assert_allclose(mine.dense, RK45.P, rtol=1e-14)
    mine = tableaus.DOP853
    np.testing.assert_allclose(mine.a[:12, :12], DOP853.A, rtol=1e-15)
    np.testing.assert_allclose(mine.b, DOP853.B, rtol=1e-15)
    np.testing.assert_allclose(mine.error, DOP853.E5, rtol=1e-15)
    np.testing.assert_allclose(mine.error_3, DOP853.E3, rtol=1e-15)
    np.testing.assert_allclose(mine.a[13:, :15], DOP853.A_EXTRA[:, :15], rtol=1e-15)
    np.testing.assert_allclose(mine.c[13:], DOP853.C_EXTRA, rtol=1e-15)
