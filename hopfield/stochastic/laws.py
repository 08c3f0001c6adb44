"""The laws of stochastic memories by enumeration: stationary laws, and the matrices of one update."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy.special import expit, log_expit, logsumexp

from hopfield.checks import ALPHABETS
from hopfield.discrete import DiscreteNetwork, TwoValued
from hopfield.stochastic.generators import occupancy_of
from neurodynamics.validation import Floats, as_choice, as_instance, as_number

MOST_UNITS = 20  # of a law, which has a number for each state
MOST_UNITS_OF_MATRIX = 11  # 2^11 x 2^11 numbers: 34 MB
UPDATES = ("unit", "sequential", "synchronous", "layers")


def all_states(network: TwoValued) -> np.ndarray:
    """Return all states of a network in rows, (2^N, N), in the order of binary numbers: the last unit changes fastest.

    Examples
    --------
    >>> from hopfield import DiscreteHopfield, all_states
    >>> all_states(DiscreteHopfield([[0, 1], [1, 0]])).tolist()
    [[-1, -1], [-1, 1], [1, -1], [1, 1]]
    """
    return _states_of(as_instance(network, "network", TwoValued), MOST_UNITS)


def stationary_law(network: TwoValued, temperature: float, update: str = "asynchronous") -> Floats:
    """Return the probability of each state in the long run, (2^N,), in the order of :func:`all_states`.

    Parameters
    ----------
    network : DiscreteHopfield, DiscreteBAM, ..
        Up to 20 units; dense memories have the law of asynchronous updates only.
    temperature : float
        Positive.
    update : {"asynchronous", "synchronous"}
        Glauber's dynamics, unit by unit or layer by layer: Boltzmann's law, ``exp(-E / T)``. Little's, all at once, of
        symmetric couplings: ``exp(bias.s / T) prod_i cosh(h_i / T)`` for +-1 [1]_. Where couplings are not symmetric: the
        null vector of the chain (of the unit chosen at random), up to 11 units.

    References
    ----------
    .. [1] Peretto (1984), Biol. Cybern. 50, 51.

    Examples
    --------
    >>> from hopfield import DiscreteHopfield, stationary_law
    >>> stationary_law(DiscreteHopfield([[0, 1], [1, 0]]), 1.0).round(3)
    array([0.44, 0.06, 0.06, 0.44])
    """
    network, T = as_instance(network, "network", TwoValued), as_number(temperature, "temperature", positive=True)
    glauber = as_choice(update, "update", ("asynchronous", "synchronous")) == "asynchronous"
    if not network._has_energy():
        return occupancy_of(transition_matrix(network, T, "unit" if glauber else "synchronous"))
    states = _states_of(network, MOST_UNITS)
    if glauber:
        return _normalised(-np.asarray(network.energy(states), dtype=float) / T)
    odds = _log_odds(network, states, T)
    low = ALPHABETS[network.values][0]
    bias = _discrete(network).bias
    return _normalised(states @ bias / T - log_expit(-odds).sum(axis=1) + (low * odds / 2).sum(axis=1))


def transition_matrix(network: TwoValued, temperature: float, update: str = "unit") -> Floats:
    """Return the probability of each state after an update, given the one before in each row: (2^N, 2^N).

    Parameters
    ----------
    network : DiscreteHopfield, DiscreteBAM, ..
        Up to 11 units.
    temperature : float
        Positive.
    update : {"unit", "sequential", "synchronous", "layers"}
        One unit at random by Glauber's rule; all of them in order; all at once (Little); layer b, then layer a, as
        :meth:`DiscreteBAM.recall` updates from a.

    Examples
    --------
    >>> from hopfield import DiscreteHopfield, stationary_law, transition_matrix
    >>> net = DiscreteHopfield([[0, 1], [1, 0]], bias=[0.5, 0.0])
    >>> law = stationary_law(net, 0.7)
    >>> bool(abs(law @ transition_matrix(net, 0.7, "sequential") - law).max() < 1e-15)
    True
    """
    network, T = as_instance(network, "network", TwoValued), as_number(temperature, "temperature", positive=True)
    kind, states = as_choice(update, "update", UPDATES), _states_of(network, MOST_UNITS_OF_MATRIX)
    if kind == "synchronous":
        return _at_once(states, _log_odds(network, states, T), np.ones(network.size, bool))
    if kind == "layers":
        if network.layers is None:
            raise ValueError("`update` 'layers' is for a network with two layers, a BAM; use 'unit' or 'sequential'.")
        odds, first = _log_odds(network, states, T), np.arange(network.size) < network.layers[0]
        return _at_once(states, odds, ~first) @ _at_once(states, odds, first)
    odds, matrix = _own_odds(network, states, T), np.eye(len(states))
    if kind == "unit":
        return np.mean([_one_unit(matrix, odds, i) for i in range(network.size)], axis=0)
    for i in range(network.size):
        matrix = _one_unit(matrix, odds, i)
    return matrix


def _states_of(network: TwoValued, most: int) -> np.ndarray:
    n = network.size
    if n > most:
        raise ValueError(f"`network` must have at most {most} units, since all its states are listed; it has {n}.")
    bits = np.arange(2**n)[:, np.newaxis] >> np.arange(n)[::-1] & 1
    return np.array(ALPHABETS[network.values], np.int8)[bits]


def _normalised(logarithms: Floats) -> Floats:
    return np.exp(logarithms - logsumexp(logarithms))


def _discrete(network: TwoValued) -> DiscreteNetwork:
    if not isinstance(network, DiscreteNetwork):
        raise ValueError(
            "`update` 'synchronous' at a temperature is for a DiscreteHopfield or a DiscreteBAM, whose fields make its law; "
            f"a {type(network).__name__} has a law only where one unit moves at a time: use 'asynchronous', or 'unit' and "
            "'sequential' for a matrix."
        )
    return network


def _jump(network: TwoValued) -> int:
    """How far a unit's two values lie apart."""
    low, high = ALPHABETS[network.values]
    return high - low


def _log_odds(network: TwoValued, states: np.ndarray, T: float) -> Floats:
    """Ln P(upper) / P(lower) of each unit in each state, by its whole field."""
    return _jump(network) * np.asarray(_discrete(network).fields(states), dtype=float) / T


def _own_odds(network: TwoValued, states: np.ndarray, T: float) -> Floats:
    """The same by Glauber's rule, by the change of the energy that the unit itself makes."""
    if network._has_energy():
        energies, bits = np.asarray(network.energy(states), dtype=float), _bits(network.size)
        number = np.arange(len(states))[:, np.newaxis]
        return (energies[number & ~bits] - energies[number | bits]) / T
    low, high = ALPHABETS[network.values]
    own = _discrete(network).couplings.diagonal() * _jump(network)
    return _log_odds(network, states, T) - own * (states - (low + high) / 2) / T


def _bits(n: int) -> Any:
    return 1 << np.arange(n)[::-1]


def _one_unit(matrix: Floats, odds: Floats, i: int) -> Floats:
    """The matrix of what came before, and then an update of unit i; its odds are the same from both of its values."""
    bit, number = _bits(odds.shape[1])[i], np.arange(len(odds))
    low = number[number & bit == 0]
    both = matrix[:, low] + matrix[:, low | bit]
    result = np.empty_like(matrix)
    result[:, low | bit], result[:, low] = both * expit(odds[low, i]), both * expit(-odds[low, i])
    return result


def _at_once(states: np.ndarray, odds: Floats, moving: np.ndarray) -> Floats:
    """The matrix of one update of all the moving units at once; the others stay."""
    odds = np.where(moving, odds, np.where(states == states.max(), np.inf, -np.inf))
    matrix = np.ones((len(states), 1))
    for i in range(states.shape[1]):
        pair = np.stack([expit(-odds[:, i]), expit(odds[:, i])], axis=1)
        matrix = (matrix[:, :, np.newaxis] * pair[:, np.newaxis]).reshape(len(states), -1)
    return matrix
