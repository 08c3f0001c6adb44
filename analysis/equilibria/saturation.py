"""Which neurons can be saturated whatever happens, and how many are left."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from neurodynamics import AdditiveNetwork
from neurodynamics.records import Record
from neurodynamics.validation import Floats, as_floats, as_number

TURNS = 10_000
SETTLED = 1e-12
ROUNDING = 1e-13  # of the size of the terms: what bounds are widened by


@dataclass(frozen=True, eq=False, repr=False)
class ActiveRegion(Record):
    """What the outputs of a network are confined to in the long run.

    Attributes
    ----------
    low, high : array, shape (N,)
        Bounds of the outputs, from any start, for any course of the inputs within theirs.
    saturated : array of int, shape (N,)
        -1 or 1 for a neuron that is saturated at its least or largest output whatever happens, 0 for an active one.
    """

    low: Floats
    high: Floats
    saturated: np.ndarray

    @property
    def dimension(self) -> int:
        """The number of active neurons."""
        return int((self.saturated == 0).sum())

    def __repr__(self) -> str:
        off, on = (int((self.saturated == sign).sum()) for sign in (-1, 1))
        return f"ActiveRegion({self.dimension} of {self.low.size} neurons active, {off} off, {on} on)"


def active_region(network: AdditiveNetwork, inputs: ArrayLike | None = None, *, tolerance: float = 0.01) -> ActiveRegion:
    """Return which neurons are saturated whatever happens: the dimension of the region in which a network is active.

    Each neuron hears the others within the bounds of their outputs, and so shows an output within bounds; these are
    narrowed until they stay. Trajectories enter them, from wherever they start.

    Parameters
    ----------
    network : AdditiveNetwork
        With positive leaks and a monotone activation whose range is bounded.
    inputs : array_like, shape (M,) or (M, 2), optional
        Constants, or least and largest inputs; zero by default.
    tolerance : float
        Share of the range of the activation within which an output counts as saturated.

    References
    ----------
    .. [1] Beer (2006), Parameter space structure of continuous-time recurrent neural networks, Neural Comput. 18, 3009.

    Examples
    --------
    >>> from analysis import active_region
    >>> from ctrnn import CTRNN
    >>> active_region(CTRNN([[6, 1, 0], [1, 0, 1], [0, -2, 0]], biases=[-3, 9, 0]))
    ActiveRegion(2 of 3 neurons active, 0 off, 1 on)
    """
    if not isinstance(network, AdditiveNetwork):
        raise TypeError(f"`network` must be an additive network, such as a CTRNN; got {type(network).__name__}.")
    least, largest = network.activation.range
    if not network.activation.monotone or not np.isfinite([least, largest]).all():
        raise ValueError(f"`network` must have a monotone activation of bounded range; got {network.activation.name!r}.")
    if not (network.leaks > 0).all():
        neuron = int(np.argmin(network.leaks))
        raise ValueError(f"`leaks[{neuron}]` must be positive, or its state is not bounded; got {network.leaks[neuron]:g}.")
    share = as_number(tolerance, "tolerance", positive=True)
    drive = _drive(network, inputs)
    low, high = np.full(network.state_dim, float(least)), np.full(network.state_dim, float(largest))
    for _ in range(TURNS):
        before, (low, high) = (low, high), _narrowed(network, drive, low, high)
        if max(np.abs(low - before[0]).max(initial=0.0), np.abs(high - before[1]).max(initial=0.0)) < SETTLED:
            break
    margin = share * (largest - least)
    saturated = np.where(high <= least + margin, -1, np.where(low >= largest - margin, 1, 0))
    return ActiveRegion(low, high, saturated)


def _drive(network: AdditiveNetwork, inputs: ArrayLike | None) -> Floats:
    """Return least and largest currents (2, N) of constants and inputs."""
    given = np.zeros(network.input_dim) if inputs is None else as_floats(inputs, "inputs")
    if given.shape not in ((network.input_dim,), (network.input_dim, 2)):
        m = network.input_dim
        raise ValueError(f"`inputs` must have shape (M,) = ({m},), or (M, 2) with bounds; got {given.shape}.")
    bounds = np.stack([given, given]) if given.ndim == 1 else given.T
    if (bounds[0] > bounds[1]).any():
        raise ValueError("`inputs` must be rows (least, largest).")
    return network.constant_inputs + np.array(_product(network.input_weights, *bounds))


def _product(matrix: Floats, low: Floats, high: Floats) -> tuple[Floats, Floats]:
    """Return bounds of a matrix times a vector within bounds, rounded outwards."""
    up, down = np.maximum(matrix, 0.0), np.minimum(matrix, 0.0)
    slack = ROUNDING * (np.abs(matrix) @ np.maximum(np.abs(low), np.abs(high)))
    return up @ low + down @ high - slack, up @ high + down @ low + slack


def _narrowed(network: AdditiveNetwork, drive: Floats, low: Floats, high: Floats) -> tuple[Floats, Floats]:
    """Return the bounds of outputs that hear outputs within bounds."""
    least, largest = _product(network.weights, low, high)
    ends = np.stack([least + drive[0], largest + drive[1]]) / network.leaks
    outputs = np.sort(network.activation(network.gains * (ends + network.biases)), axis=0)
    return np.maximum(outputs[0] - ROUNDING, low), np.minimum(outputs[1] + ROUNDING, high)
