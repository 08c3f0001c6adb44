"""Tipping probabilities: to which basins the states of a basin belong after a parameter has changed at once."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from analysis.attractors import Basins, wilson_interval
from neurodynamics.records import Record
from neurodynamics.validation import Floats, as_instance


@dataclass(frozen=True, eq=False, repr=False)
class TippingProbabilities(Record):
    """Shares of basins before that lie in basins after.

    Attributes
    ----------
    before, after : array of int, shapes (A,), (B,)
        Ids of the rows and of the columns, each in the numbering of its own system; UNDECIDED = -1 and DIVERGES = -2
        where they occur.
    counts : array of int, shape (A, B)
        States that went to the one and go to the other.
    """

    before: np.ndarray
    after: np.ndarray
    counts: np.ndarray

    @property
    def probabilities(self) -> Floats:
        """Shares (A, B); each row sums to 1, rows without a state are nan."""
        total = self.counts.sum(axis=1, keepdims=True)
        return np.where(total > 0, self.counts / np.maximum(total, 1), np.nan)

    @property
    def intervals(self) -> Floats:
        """Ends (A, B, 2) of the 95 % confidence intervals of the probabilities (Wilson), as for independent samples."""
        return np.stack([np.stack(wilson_interval(row, int(row.sum())), axis=-1) for row in self.counts])

    def __repr__(self) -> str:
        return f"TippingProbabilities({np.array2string(self.probabilities, precision=3, separator=', ')})".replace("\n", "")


def tipping_probabilities(before: Basins, after: Basins) -> TippingProbabilities:
    """Return the probability that a state of each basin belongs to each basin after a sudden change.

    ``P[i, j] = |B_i(before) and B_j(after)| / |B_i(before)|``: for states spread evenly over a basin [1]_.

    Parameters
    ----------
    before, after : Basins
        Of the same states, with two values of a parameter.

    Returns
    -------
    TippingProbabilities

    References
    ----------
    .. [1] Kaszas, Feudel & Tel (2019), Sci. Rep. 9, 8654.

    Examples
    --------
    >>> from ctrnn import CTRNN
    >>> from analysis import basins, find_attractors, tipping_probabilities
    >>> old, new = (basins(find_attractors(CTRNN([[6.0]], biases=b)), box=[[0, 6]], resolution=6) for b in (-3, -2.5))
    >>> tipping_probabilities(old, new).probabilities.tolist()
    [[1.0], [1.0]]
    """
    for name, each in (("before", before), ("after", after)):
        as_instance(each, name, Basins)
    if before.states.shape != after.states.shape or not np.array_equal(before.states, after.states):
        raise ValueError("`after` must hold the same states as `before`; give both the same `box` and `resolution`.")
    old, new = before.labels.ravel(), after.labels.ravel()
    counts = np.array([[int(((old == i) & (new == j)).sum()) for j in after.ids] for i in before.ids], dtype=np.int64)
    return TippingProbabilities(before.ids, after.ids, counts.reshape(len(before.ids), len(after.ids)))
