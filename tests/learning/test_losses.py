"""Losses against closed forms, brute force and differences."""

import itertools

import numpy as np
import pytest

from learning.losses import ConnectionistTemporal, CrossEntropy, MeanSquare, log_softmax


def by_differences(loss, shown, targets, h=1e-6):
    out = np.empty(shown.shape)
    for index in np.ndindex(shown.shape):
        sides = []
        for sign in (h, -h):
            moved = shown.copy()
            moved[index] += sign
            sides.append(loss(moved, targets)[0])
        out[index] = (sides[0] - sides[1]) / (2 * h)
    return out


@pytest.mark.parametrize(
    ("loss", "targets"),
    [
        (MeanSquare(), [[0.0, 1.0, np.nan], [1.0, 2.0, 3.0], [0.5, np.nan, np.nan], [1, 1, 1], [0, 0, 0]]),
        (CrossEntropy(), [0, 2, -1, 1, 1]),
        (CrossEntropy(), np.full((5, 3), 1 / 3)),
        (ConnectionistTemporal(), [0, 0]),
        (ConnectionistTemporal(blank=0), [1, 2, 1]),
        (ConnectionistTemporal(), []),
    ],
)
def test_gradients_are_derivatives(loss, targets, rng):
    shown = rng.normal(size=(5, 3))
    np.testing.assert_allclose(loss(shown, targets)[1], by_differences(loss, shown, targets), atol=1e-8)


def test_values(rng):
    assert CrossEntropy()(np.array([[2.0]]), [1])[0] == pytest.approx(np.log1p(np.exp(-2.0)))
    assert CrossEntropy()(np.array([[2.0]]), [0])[0] == pytest.approx(np.log1p(np.exp(2.0)))
    assert ConnectionistTemporal()(np.zeros((3, 3)), [0, 1])[0] == pytest.approx(-np.log(5 / 27), rel=1e-14)


def spelled(path, blank):
    return [symbol for k, symbol in enumerate(path) if symbol != blank and (k == 0 or path[k - 1] != symbol)]


@pytest.mark.parametrize("labels", [[], [0], [1, 0], [0, 0], [2, 1, 2], [1, 1, 0], [0, 1, 2]])
def test_all_paths_by_brute_force(labels, rng):
    """Value and gradient, softmax - posterior, from every one of the 4^5 paths."""
    logits = rng.normal(size=(5, 4))
    logs = log_softmax(logits)
    total, posterior = 0.0, np.zeros(logits.shape)
    for path in itertools.product(range(4), repeat=5):
        if spelled(path, 3) == labels:
            weight = np.exp(sum(logs[t, symbol] for t, symbol in enumerate(path)))
            total += weight
            posterior[np.arange(5), path] += weight
    value, gradient = ConnectionistTemporal()(logits, labels)
    assert value == pytest.approx(-np.log(total), rel=1e-12)
    np.testing.assert_allclose(gradient, np.exp(logs) - posterior / total, atol=1e-12)


def test_equal_labels_need_a_blank(rng):
    with pytest.raises(ValueError, match="blank between equal"):
        ConnectionistTemporal()(np.zeros((2, 3)), [0, 0])
    assert np.isfinite(ConnectionistTemporal()(np.zeros((3, 3)), [0, 0])[0])


def test_bad_targets_are_named():
    for loss, targets in (
        (MeanSquare(), [[0.0]]),
        (MeanSquare(), np.ma.masked_array([[0.0, 1, 2]])),
        (CrossEntropy(), [3]),
        (CrossEntropy(), [0.5]),
        (CrossEntropy(), [[-1.0, 1, 1]]),
        (ConnectionistTemporal(), [2]),
        (ConnectionistTemporal(), [5]),
        (ConnectionistTemporal(), 3),
    ):
        with pytest.raises((ValueError, TypeError), match="targets"):
            loss(np.zeros((1, 3)), targets)


def test_the_blank_is_one_of_the_outputs():
    with pytest.raises(ValueError, match="`blank` must be one of the 3 outputs; got 9"):
        ConnectionistTemporal(9)(np.zeros((4, 3)), [0, 1])


@pytest.mark.parametrize("row", [[0.5, 0.5, 0.5], [2.0, 0.0, 0.0], [1.5, -0.5, 0.0], [0.2, 0.2, 0.2]])
def test_what_are_no_probabilities_is_refused(row):
    with pytest.raises(ValueError, match=r"`targets\[1\]` must be probabilities"):
        CrossEntropy()(np.zeros((2, 3)), [[1.0, 0.0, 0.0], row])


def test_probabilities_that_are_not_asked_for_do_not_count():
    """A row of zeros is left out: the loss is that of the other, its entropy where the outputs are right."""
    p = np.array([0.2, 0.3, 0.5])
    value, gradient = CrossEntropy()(np.log([p, p]), [p, 0.0 * p])
    assert value == pytest.approx(-(p * np.log(p)).sum(), rel=1e-14)
    np.testing.assert_allclose(gradient, 0.0, atol=1e-15)
