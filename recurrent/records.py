"""Whole records: runs of a network over finite sequences, forwards, backwards and both, and batches of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from neurodynamics import DynamicalSystem, Sampled, simulate
from neurodynamics.records import Record
from neurodynamics.validation import Floats, as_flag, as_floats, as_instance, as_items


def run(net: DynamicalSystem, inputs: ArrayLike, y0: ArrayLike | None = None, *, reverse: bool = False) -> Floats:
    """Return the states (N, T) of a map after each entry of a record of inputs (M, T).

    Parameters
    ----------
    net : DynamicalSystem
        A map.
    inputs : array_like, shape (M, T)
    y0 : array_like, shape (N,), optional
        The state before; zero if not given.
    reverse : bool
        Whether to read from the end; the states stand at the entries that they belong to.

    Examples
    --------
    >>> from recurrent import IndRNN, run
    >>> run(IndRNN([0.5], [[1.0]], activation="linear"), [[1.0, 0.0, 0.0]]).tolist()
    [[1.0, 0.5, 0.25]]
    """
    u, backwards = np.atleast_2d(as_floats(inputs, "inputs")), as_flag(reverse, "reverse")
    if as_instance(net, "net", DynamicalSystem).kind != "map":
        raise ValueError("`net` must be a map; simulate flows with `Sampled` inputs.")
    if u.ndim != 2 or u.shape[0] != net.input_dim or not u.shape[1]:
        raise ValueError(f"`inputs` must have shape (M, T) with M = {net.input_dim} and T > 0; got {u.shape}.")
    start = np.zeros(net.state_dim) if y0 is None else net.check_state(y0, "y0")
    drive = Sampled(np.arange(u.shape[1]), u[:, ::-1] if backwards else u)
    states = simulate(net, u.shape[1], start, inputs=drive).y[:, 1:]
    return states[:, ::-1].copy() if backwards else states


def bidirectional(forwards: DynamicalSystem, backwards: DynamicalSystem, inputs: ArrayLike) -> Floats:
    """Return the states (N1 + N2, T) of two networks that read a record from both ends.

    References
    ----------
    .. [1] Schuster & Paliwal (1997), Bidirectional recurrent neural networks, IEEE Trans. Signal Processing 45, 2673.

    Examples
    --------
    >>> from recurrent import IndRNN, bidirectional
    >>> net = IndRNN([0.5], [[1.0]], activation="linear")
    >>> bidirectional(net, net, [[1.0, 0.0, 2.0]]).tolist()
    [[1.0, 0.5, 2.25], [1.5, 1.0, 2.0]]
    """
    return np.concatenate([run(forwards, inputs), run(backwards, inputs, reverse=True)])


def _records(records: Sequence[ArrayLike]) -> Sequence[ArrayLike]:
    return records if isinstance(records, np.ndarray) else as_items(records, "records")


@dataclass(frozen=True, eq=False)
class Batch(Record):
    """Records of different lengths: ``inputs`` (B, M, T) padded with zeros, ``mask`` (B, T) of what is there.

    Examples
    --------
    >>> from recurrent import Batch, IndRNN
    >>> net = IndRNN([0.5], [[1.0]], activation="linear")
    >>> Batch.of([[[1.0, 0.0]], [[2.0]]]).run(net).tolist()
    [[[1.0, 0.5]], [[2.0, 0.0]]]
    """

    inputs: Floats
    mask: np.ndarray

    def __post_init__(self) -> None:
        u, mask = as_floats(self.inputs, "inputs"), as_floats(self.mask, "mask").astype(bool)
        if u.ndim != 3 or mask.shape != (u.shape[0], u.shape[2]):
            raise ValueError(f"`inputs` (B, M, T) and `mask` (B, T) must fit; got {u.shape} and {mask.shape}.")
        if not mask.any(axis=1).all():
            raise ValueError(f"`mask[{int(np.argmin(mask.any(axis=1)))}]` must have at least one time that is there.")
        self.__dict__.update(inputs=u, mask=mask)

    @classmethod
    def of(cls, records: Sequence[ArrayLike]) -> Batch:
        """Return a batch of records (M, T_b).

        Examples
        --------
        >>> from recurrent import Batch
        >>> Batch.of([[[1.0, 2.0]], [[3.0]]]).mask.tolist()
        [[True, True], [True, False]]
        """
        arrays = [np.atleast_2d(as_floats(record, f"records[{k}]")) for k, record in enumerate(_records(records))]
        if not arrays:
            raise ValueError("`records` must hold at least one record.")
        for k, array in enumerate(arrays):
            if array.ndim != 2 or len(array) != len(arrays[0]) or not array.shape[1]:
                raise ValueError(f"`records[{k}]` must have shape (M, T), M = {len(arrays[0])}, T > 0; got {array.shape}.")
        longest = max(array.shape[1] for array in arrays)
        inputs = np.zeros((len(arrays), len(arrays[0]), longest))
        mask = np.zeros((len(arrays), longest), dtype=bool)
        for b, array in enumerate(arrays):
            inputs[b, :, : array.shape[1]], mask[b, : array.shape[1]] = array, True
        return cls(inputs, mask)

    def run(self, net: DynamicalSystem, *, reverse: bool = False) -> Floats:
        """Return the states (B, N, T), zero where the mask is False; each record is read as if it stood alone."""
        as_instance(net, "net", DynamicalSystem)
        states = np.zeros((len(self.inputs), net.state_dim, self.mask.shape[1]))
        for b, (record, there) in enumerate(zip(self.inputs, self.mask, strict=True)):
            states[b][:, there] = run(net, record[:, there], reverse=reverse)
        return states
