"""Boxes of states: as users give them, and by default where a network has something to show."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from neurodynamics import AdditiveNetwork, DynamicalSystem
from neurodynamics.inputs import Inputs
from neurodynamics.validation import Floats, as_floats, as_instance, as_number

ACTIVE_HALF_WIDTH = 5.0  # of the arguments between which a sigmoid does nearly all of its bending


def constant_inputs(system: DynamicalSystem, inputs: Any) -> Floats:
    """Return the inputs (M,), or raise where they depend on time."""
    drive = Inputs(inputs, system.input_dim)
    if not drive.constant:
        raise ValueError("`inputs` must be constants: where they change with time, nullclines and arrows move.")
    return drive.base


def as_box(box: ArrayLike) -> Floats:
    """Return a box (2, 2) of rows (least, largest)."""
    array = as_floats(box, "box")
    if array.shape != (2, 2) or not (array[:, 0] < array[:, 1]).all():
        raise ValueError(f"`box` must be two rows (least, largest), one a state; got {array.tolist()}.")
    return array


def as_window(box: Any, n: int) -> Floats | None:
    """Return a box as N rows (least, largest), or None; a single row stands for all, and rows may have no extent."""
    if box is None:
        return None
    array = as_floats(box, "box")
    if array.shape == (2,):
        array = np.tile(array, (n, 1))
    if array.shape != (n, 2) or not (array[:, 0] <= array[:, 1]).all():
        raise ValueError(f"`box` must be {n} rows (least, largest), one a state, or one for all; got {array.tolist()}.")
    return array


def phase_box(network: AdditiveNetwork, *, inputs: Any = None, margin: float = 0.15) -> Floats:
    """Return a box that holds what there is to see of a network, shape (N, 2), rows (least, largest).

    For a bounded activation that is the box which every trajectory enters, ``(I_i + sum_j W_ij [range of phi]) /
    lambda_i``, with a margin; otherwise, where the argument of the activation is between -5 and 5.

    Examples
    --------
    >>> from ctrnn import CTRNN
    >>> phase_box(CTRNN([[4.0, 0.0], [0.0, -2.0]]), margin=0.0)
    array([[ 0.,  4.],
           [-2.,  0.]])
    """
    margin = as_number(margin, "margin", minimum=0.0)
    drive = constant_inputs(as_instance(network, "network", AdditiveNetwork), inputs)
    ends = np.array(network.activation.range)
    if np.isfinite(ends).all() and (network.leaks > 0).all():
        extremes = np.sort(network.weights[..., np.newaxis] * ends, axis=-1).sum(axis=1)
        constant = network.input_weights @ drive + network.constant_inputs
        box = (extremes + constant[:, np.newaxis]) / network.leaks[:, np.newaxis]
    else:
        gains = np.where(network.gains == 0, 1.0, np.abs(network.gains))
        box = -network.biases[:, np.newaxis] + ACTIVE_HALF_WIDTH / gains[:, np.newaxis] * np.array([-1.0, 1.0])
    box[box[:, 0] == box[:, 1]] += np.array([-1.0, 1.0])  # neurons that nothing drives
    return box + margin * np.diff(box) * np.array([-1.0, 1.0])
