"""Groups of neurons: values for each group, and masks that say which group listens to which."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from neurodynamics.validation import Floats, as_choice, as_count, as_floats, as_items, as_mapping, as_vector


class Groups:
    """Neurons in named groups, one group after the other.

    A network of several timescales, say, is a CTRNN whose groups differ in their time constants and whose mask leaves out
    the connections between the fastest and the slowest group [1]_.

    Parameters
    ----------
    sizes : mapping of str to int, optional
        Number of neurons in each group.
    **more : int
        The same as keywords.

    References
    ----------
    .. [1] Yamashita & Tani (2008), Emergence of functional hierarchy in a multiple timescale neural network model,
       PLoS Comput. Biol. 4, e1000220.

    Examples
    --------
    >>> from ctrnn import Groups, random_ctrnn
    >>> layers = Groups(io=4, fast=8, slow=3)
    >>> mask = layers.mask({"io": ["io", "fast"], "fast": ["io", "fast", "slow"], "slow": ["fast", "slow"]})
    >>> tau = layers.expand(io=2, fast=5, slow=70)
    >>> net = random_ctrnn(layers.size, rng=1, time_constants=tau, mask=mask)
    >>> layers.of(net.time_constants, "slow")
    array([70., 70., 70.])
    >>> bool((net.weights[layers["io"], layers["slow"]] == 0).all())
    True
    """

    def __init__(self, sizes: Mapping[str, int] | None = None, **more: int) -> None:
        given = ({} if sizes is None else as_mapping(sizes, "sizes")) | more
        if not given:
            raise ValueError("`sizes` must name at least one group, e.g. Groups(fast=8, slow=3).")
        self.sizes = {name: as_count(size, f"sizes[{name!r}]") for name, size in given.items()}
        ends = np.cumsum(list(self.sizes.values()))
        self._slices = {
            name: slice(int(end) - size, int(end)) for (name, size), end in zip(self.sizes.items(), ends, strict=True)
        }

    @property
    def size(self) -> int:
        """Number of neurons in all groups."""
        return sum(self.sizes.values())

    def __getitem__(self, name: str) -> slice:
        """Return the slice of the neurons of a group."""
        return self._slices[as_choice(name, "name of a group", self.sizes)]

    def of(self, values: ArrayLike, name: str) -> Floats:
        """Return the rows of an array (N, ..) that belong to a group."""
        array = as_floats(values, "values")
        if array.shape[:1] != (self.size,):
            raise ValueError(f"`values` must have one row for each of the {self.size} neurons; got shape {array.shape}.")
        return array[self[name]]

    def expand(self, values: Mapping[str, ArrayLike] | None = None, **more: Any) -> Floats:
        """Return one number for each neuron, shape (N,), from a number (or one for each neuron) for each group."""
        given = ({} if values is None else as_mapping(values, "values")) | more
        for name in given:
            as_choice(name, "values", self.sizes)
        missing = [name for name in self.sizes if name not in given]
        if missing:
            raise ValueError(f"`values` has nothing for {missing[0]!r}; the groups are {', '.join(self.sizes)}.")
        parts = [as_vector(given[name], name, size, f"size of {name!r}") for name, size in self.sizes.items()]
        return np.concatenate(parts)

    def mask(self, sources: Mapping[str, Sequence[str] | str]) -> NDArray[np.bool_]:
        """Return a mask (N, N), from column to row, with all connections into a group from the groups it listens to.

        Parameters
        ----------
        sources : mapping of str to sequence of str
            For a group, the groups that it receives from; a group that is not named receives from none.
        """
        mask = np.zeros((self.size, self.size), dtype=bool)
        for target, names in as_mapping(sources, "sources").items():
            listed = [names] if isinstance(names, str) else as_items(names, f"sources[{target!r}]")
            for name in (target, *listed):
                as_choice(name, "sources", self.sizes)
            for source in listed:
                mask[self[target], self[source]] = True
        return mask

    def __repr__(self) -> str:
        return f"Groups({', '.join(f'{name}={size}' for name, size in self.sizes.items())})"
