"""Degenerate networks, continua, budgets, bad input."""

import numpy as np
import pytest

from analysis.equilibria.certified import enclose_equilibria
from neurodynamics.activations.catalogue import ACTIVATIONS, Activation
from neurodynamics.status import Interrupted


def holds(unresolved, x):
    return (unresolved.lower <= x + 1e-9).all() and (x <= unresolved.upper + 1e-9).all()


# Degenerate networks -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("activation", ["logistic", "tanh", "softplus", "relu", "linear", "hard_sigmoid"])
def test_without_weights_the_equilibrium_is_the_input(activation):
    beta = np.array([-3.0, 0.5, 0.0])
    found = enclose_equilibria(np.zeros((3, 3)), beta, activation, rates=np.ones(3))
    assert found.complete
    assert np.abs(found.x - beta).max() < 1e-15
    assert found.index.tolist() == [0]


def test_a_gain_of_zero_cuts_a_neuron_off():
    W, gain = np.array([[3.0, 5], [2, 6]]), np.array([0.0, 1])
    found = enclose_equilibria(gain[:, None] * W, gain * np.array([1.0, -4.0]), "logistic", rates=[1, 1])
    assert found.complete
    assert np.array_equal(found.x[:, 0], np.zeros(len(found)))
    alone = enclose_equilibria([[6.0]], [-4.0 + 2 * 0.5], "logistic")
    assert np.allclose(found.x[:, 1], alone.x[:, 0], atol=1e-13)


def test_duplicated_neurons_have_equal_states(rng):
    A = rng.uniform(-6, 6, (4, 4))
    A[1] = A[0]
    beta = np.array([-1.0, -1.0, 0.5, 0.3])
    found = enclose_equilibria(A, beta, "logistic")
    assert found.complete
    assert np.abs(found.x[:, 0] - found.x[:, 1]).max() < 1e-12


def test_singular_weights():
    found = enclose_equilibria(np.full((4, 4), 3.0), np.full(4, -6.0), "logistic", rates=np.ones(4))
    assert found.complete
    assert found.index.tolist() == [0, 1, 0]


def test_a_cusp_is_unresolved():
    found = enclose_equilibria(4 * np.eye(2), [-2, -2], "logistic")
    assert not found.complete
    assert holds(found.unresolved[0], np.zeros(2))
    assert len(found.unresolved[0].null_directions) == 2


def test_one_neuron_of_identity_weight_has_a_triple_equilibrium():
    (unresolved,) = enclose_equilibria([[1.0]], [0.0], "tanh").unresolved
    assert holds(unresolved, np.zeros(1))


def test_intervals_at_the_limit_of_rounding_are_not_cut_for_ever():
    A = np.zeros((4, 4))
    A[2, 1], A[2, 2], A[3, 3] = -1, 1, 1  # two constant neurons beside two degenerate ones
    found = enclose_equilibria(A, [0.5, 0, 0, -1], "arctangent", max_boxes=100_000)
    assert found.boxes < 10_000
    assert holds(found.unresolved[0], np.array([0.5, 0, 0, found.unresolved[0].point[3]]))


def test_an_equilibrium_on_a_kink_is_proved_or_unresolved():
    for w in (2.0, 6.0, -6.0):
        found = enclose_equilibria([[w]], [2.0 - w], "hard_sigmoid", rates=[1])  # x = 2, where the slope jumps
        assert np.abs(found.x - 2).min(initial=1) < 1e-12 or any(holds(u, np.array([2.0])) for u in found.unresolved)


# Continua ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("n", [1, 2, 3])
def test_a_line_attractor_is_one_unresolved_set_with_its_direction(n):
    A = np.full((n, n), 4.0 / n)  # x = (1, .., 1) c is an equilibrium for every c between -2 and 2
    found = enclose_equilibria(A, np.full(n, -2.0), "hard_sigmoid")
    assert not found.complete
    (line,) = found.unresolved
    assert np.allclose(np.abs(line.null_directions), np.ones((1, n)) / np.sqrt(n))
    assert np.allclose(line.lower, -2, atol=0.1)
    assert np.allclose(line.upper, 2, atol=0.1)
    for c in np.linspace(-2, 2, 9):
        assert any((box[0] <= c + 1e-12).all() and (c - 1e-12 <= box[1]).all() for box in line.boxes)
    assert line.residual < 1e-12
    assert "null direction" in repr(line)


def test_a_plane_of_equilibria_ends_the_search_and_is_one_set():
    found = enclose_equilibria(np.eye(2), np.zeros(2), "linear", bounds=(-1, 1))
    (plane,) = found.unresolved
    assert len(plane.null_directions) == 2
    assert np.allclose([plane.lower, plane.upper], [[-1, -1], [1, 1]])


def test_isolated_points_beside_a_continuum_are_still_proved():
    # neuron 0 has the continuum for any input from -2; neuron 1 is bistable by itself
    found = enclose_equilibria([[4.0, 0], [0, 8]], [-2.0, -4.0], "hard_sigmoid")
    assert len(found.unresolved) == 3
    assert all(len(u.null_directions) == 1 for u in found.unresolved)


# Unbounded activations -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("activation", ["softplus", "relu", "linear"])
def test_a_contraction_needs_no_bounds(activation, rng):
    A = 0.9 * rng.uniform(-1, 1, (5, 5)) / 5
    found = enclose_equilibria(A, rng.normal(size=5), activation, rates=np.ones(5))
    assert found.complete
    assert found.index.tolist() == [0]


@pytest.mark.parametrize("activation", ["softplus", "relu"])
def test_inhibition_needs_no_bounds(activation):
    A = -2.0 * (1 - np.eye(4))
    found = enclose_equilibria(A, np.ones(4), activation, rates=np.ones(4))
    assert found.complete
    assert ((-1.0) ** found.index).sum() == 1


def test_bounds_are_asked_for_where_growth_is_not_limited():
    with pytest.raises(ValueError, match="`bounds` are needed: 'relu' is unbounded"):
        enclose_equilibria([[2.0]], [-1.0], "relu")
    found = enclose_equilibria([[2.0]], [-1.0], "relu", bounds=(-5, 5), rates=[1])
    assert np.allclose(found.x, [[-1.0], [1.0]])
    assert found.index.tolist() == [0, 1]


def test_bounds_limit_the_list():
    everything = enclose_equilibria([[8.0]], [-4.0], "logistic")
    upper = enclose_equilibria([[8.0]], [-4.0], "logistic", bounds=(0.5, 100))
    assert upper.complete
    assert np.allclose(upper.x, everything.x[-1:])
    assert len(enclose_equilibria([[8.0]], [-4.0], "logistic", bounds=(10, 20))) == 0
    assert enclose_equilibria([[8.0]], [-4.0], "logistic", bounds=(10, 20)).complete


# Uncertain networks --------------------------------------------------------------------------------------------------


def test_enclosures_hold_for_every_network_within_the_errors(rng, oracle):
    A = rng.uniform(-6, 6, (4, 4))
    beta = rng.uniform(-3, 3, 4)
    found = enclose_equilibria(A, beta, "logistic", weight_error=1e-6, beta_error=1e-5, rates=np.ones(4))
    assert found.complete
    for _ in range(20):
        A1 = A * (1 + 1e-6 * rng.uniform(-1, 1, (4, 4)))
        beta1 = beta + 1e-5 * rng.uniform(-1, 1, 4)
        exact = enclose_equilibria(A1, beta1, "logistic")
        assert len(exact) == len(found)
        assert (np.abs(exact.x - found.x).max(axis=1) <= found.radius).all()


# Budgets -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("limit", [{"max_boxes": 0}, {"max_boxes": 1000}, {"timeout": 0.0}])
def test_a_budget_ends_the_search_with_what_was_found_and_what_is_left(limit):
    n = 9
    found = enclose_equilibria(8 * np.eye(n), np.full(n, -4.0), "logistic", **limit)
    assert not found.complete
    assert next(iter(limit)) in found.reason
    assert found.boxes <= limit.get("max_boxes", 0)
    x = np.array([-3.8302, 0, 3.8302])  # to four digits
    everything = np.stack(np.meshgrid(*[x] * n), axis=-1).reshape(-1, n)
    left = np.zeros(len(everything), bool)
    for u in found.unresolved:
        assert u.cause == "budget"
        for box in u.boxes:
            left |= ((box[0] - 1e-3 <= everything) & (everything <= box[1] + 1e-3)).all(axis=1)
    for point in found.x:
        left |= np.abs(everything - point).max(axis=1) < 1e-3
    assert left.all()


def test_an_interrupt_raises_with_the_partial_result():
    def stop(boxes, points, waiting):
        if boxes >= 300:
            raise KeyboardInterrupt

    n = 9
    with pytest.raises(Interrupted) as caught:
        enclose_equilibria(8 * np.eye(n), np.full(n, -4.0), "logistic", progress=stop)
    result = caught.value.result
    assert not result.complete
    assert len(result) > 0
    assert result.unresolved
    assert "interrupted" in result.reason


def test_progress_is_reported():
    calls = []
    n = 7
    found = enclose_equilibria(8 * np.eye(n), np.full(n, -4.0), "logistic", progress=lambda *a: calls.append(a))
    assert calls[-1] == (found.boxes, 3**n, 0)
    assert all(a[0] <= b[0] for a, b in zip(calls, calls[1:], strict=False))


# Bad input -----------------------------------------------------------------------------------------------------------


def test_bad_input_is_named():
    with pytest.raises(ValueError, match=r"`A\[0, 1\]` must be finite"):
        enclose_equilibria([[1.0, np.nan], [0, 1]], [0, 0], "logistic")
    with pytest.raises(ValueError, match=r"`beta\[1\]` must be finite"):
        enclose_equilibria(np.eye(2), [0, np.inf], "logistic")
    with pytest.raises(ValueError, match="must have shapes"):
        enclose_equilibria(np.eye(3), [0, 0], "logistic")
    with pytest.raises(ValueError, match="`bounds` must be"):
        enclose_equilibria(np.eye(2), [0, 0], "logistic", bounds=(1, 0))


def test_an_activation_of_unknown_shape_is_refused():
    entries = {entry: getattr(ACTIVATIONS["tanh"], entry) for entry in Activation.__dataclass_fields__}
    with pytest.raises(ValueError, match="shape is known"):
        enclose_equilibria([[1.0]], [0.0], Activation(**entries | {"name": "mine"}))
