"""Recursive networks: one rule folded over a tree."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from neurodynamics import Activation, activation as activation_of
from neurodynamics.lazily import cached_property
from neurodynamics.validation import Floats, as_floats, as_items, as_mapping
from recurrent.fully_recurrent import FullyRecurrent
from recurrent.network import as_shaped, as_vector


@dataclass(frozen=True, eq=False)
class Recursive:
    """A recursive network: ``p = phi(W [a; b] + b0 + [a; b]' T [a; b])`` for a node with the children a and b.

    Attributes
    ----------
    weights : ndarray, shape (N, 2 N)
    biases : ndarray, shape (N,)
    tensor : ndarray, shape (N, 2 N, 2 N) or None
        T of the tensor variant.
    activation : Activation

    References
    ----------
    .. [1] Socher et al. (2013), Recursive deep models for semantic compositionality over a sentiment treebank, EMNLP, 1631.

    Examples
    --------
    >>> from recurrent import Recursive
    >>> net = Recursive.of([[1.0, 1.0]], activation="linear")
    >>> net.fold((("a", "b"), "b"), {"a": [1.0], "b": [10.0]}).tolist()
    [21.0]
    """

    weights: Floats
    biases: Floats
    tensor: Floats | None
    activation: Activation

    def __post_init__(self) -> None:
        W = as_floats(self.weights, "weights")
        if W.ndim != 2 or W.shape[1] != 2 * W.shape[0]:
            raise ValueError(f"`weights` must have shape (N, 2 N); got {W.shape}.")
        n = len(W)
        T = None if self.tensor is None else as_shaped(self.tensor, "tensor", (n, 2 * n, 2 * n))
        b, phi = as_vector(self.biases, "biases", n, "N"), activation_of(self.activation)
        self.__dict__.update(weights=W, biases=b, tensor=T, activation=phi)

    @classmethod
    def of(
        cls, weights: ArrayLike, biases: ArrayLike = 0.0, tensor: ArrayLike | None = None, *,
        activation: str | Activation = "tanh",
    ) -> Recursive:  # fmt: skip
        """Return the network of these arrays."""
        return cls(weights, biases, tensor, activation)  # type: ignore[arg-type]

    def join(self, left: ArrayLike, right: ArrayLike) -> Floats:
        """Return the vector of a node from those of its children; one step of the layer whose state is the left one."""
        n = len(self.weights)
        left, right, bias = as_shaped(left, "left", (n,)), as_shaped(right, "right", (n,)), self.biases
        if self.tensor is not None:
            both = np.concatenate([left, right])
            bias = bias + np.einsum("ijk,j,k->i", self.tensor, both, both)
        params = np.concatenate([bias, self.weights.ravel(order="F")])
        out = np.empty(n)
        self._layer.function("rhs")(0.0, left, right, params, out)  # past the checks: trees are large
        return out

    @cached_property
    def _layer(self) -> FullyRecurrent:
        n = len(self.weights)
        return FullyRecurrent(self.weights[:, :n], self.weights[:, n:], self.biases, activation=self.activation)

    def fold(self, tree: Any, leaves: Mapping[Any, ArrayLike]) -> Floats:
        """Return the vector of the root of a tree.

        Parameters
        ----------
        tree : nested pairs
            A node is a pair ``(left, right)``, a leaf whatever names a vector. Sequences other than pairs are refused,
            and so are trees that contain themselves. A subtree that stands in several places is folded once.
        leaves : mapping
            The vectors (N,) of the leaves.
        """
        as_mapping(leaves, "leaves")
        found: dict[int, Floats] = {}
        above: set[int] = set()  # nodes whose children are being folded
        waiting = [tree]
        while waiting:
            node = waiting[-1]
            if id(node) in found:
                waiting.pop()
                continue
            if not isinstance(node, (list, tuple)):
                found[id(node)] = self._leaf(node, leaves)
                continue
            if len(node) != 2:
                raise ValueError(f"`tree` must be made of pairs; got a node with {len(node)} children.")
            above.add(id(node))
            missing = [child for child in node if id(child) not in found]
            if any(id(child) in above for child in missing):
                raise ValueError("`tree` has a cycle: a node is below itself.")
            waiting += missing[::-1]
            if not missing:
                above.discard(id(node))
                found[id(node)] = self.join(*(found[id(child)] for child in node))
        return found[id(tree)]

    def _leaf(self, name: Any, leaves: Mapping[Any, ArrayLike]) -> Floats:
        if not isinstance(name, Hashable):
            raise TypeError(f"`tree` must be made of pairs and of names of `leaves`; got a {type(name).__name__}.")
        if name not in leaves:
            raise ValueError(f"`leaves` must have a vector for {name!r:.60}, which is in `tree`.")
        return as_shaped(leaves[name], f"leaves[{name!r}]", (len(self.weights),))


def chain(start: Any, others: Sequence[Any]) -> Any:
    """Return the tree of a sequence, joined from the left: what a recurrent network reads.

    Examples
    --------
    >>> from recurrent import chain
    >>> chain("h", ["a", "b"])
    (('h', 'a'), 'b')
    """
    tree = start
    for other in as_items(others, "others"):
        tree = (tree, other)
    return tree
