"""Layers of PyTorch, read from their state dict; torch is not imported."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Self

import numpy as np

from neurodynamics.validation import Floats, as_count, as_floats, as_instance
from recurrent.network import RecurrentNetwork, as_matrix, as_vector

GATES = {"LSTM": 4, "GRU": 3, "RNN": 1}  # of PyTorch's layers: their weights have so many blocks of N rows


class OfTorch(RecurrentNetwork):
    """A network that reads a layer of PyTorch's."""

    torch_kind: ClassVar[str]  # the name of the layer there

    @classmethod
    def from_torch(
        cls, state_dict: Mapping[str, Any], layer: int = 0, *, reverse: bool = False, prefix: str = "", **options: Any
    ) -> Self:  # fmt: skip
        """Return one layer of PyTorch's from its state dict (arrays or tensors; torch is not imported).

        Parameters
        ----------
        state_dict : mapping of str to array
        layer : int
        reverse : bool
            Whether to read the half of a bidirectional layer that goes backwards.
        prefix : str
            Of the layer's names in the state dict of a whole model, such as ``"rnn."``.
        **options
            Further arguments of the constructor, such as ``activation="relu"`` for an RNN of rectified units.

        Examples
        --------
        >>> import numpy as np
        >>> from recurrent import GRU
        >>> model = {"rnn.weight_ih_l0": np.ones((3, 2)), "rnn.weight_hh_l0": np.ones((3, 1)), "head.bias": np.ones(1)}
        >>> GRU.from_torch(model, prefix="rnn.")
        GRU(map, 1 states, 2 inputs, 13 parameters, with jac)
        """
        return cls(**cls._of_torch(*torch_layer(state_dict, layer, reverse, prefix, cls.torch_kind)), **options)

    @classmethod
    def _of_torch(cls, W: Floats, U: Floats, b: Floats, recurrent: Floats) -> dict[str, Any]:
        """Return the constructor's arguments of weights of the state and inputs, and biases of inputs and the state."""
        return {"weights": W, "input_weights": U, "biases": b + recurrent}


def torch_layer(state_dict: Mapping[str, Any], layer: int, reverse: bool, prefix: str, kind: str) -> tuple[Floats, ...]:
    """Return W, U and the biases of inputs and of the state, checked to be those of a layer of that kind."""
    if not isinstance(state_dict, Mapping):
        raise TypeError(f"`state_dict` must map names to arrays; got {type(state_dict).__name__}.")
    suffix = f"_l{as_count(layer, 'layer')}{'_reverse' if reverse else ''}"
    prefix = as_instance(prefix, "prefix", str)
    if layer == 0 and f"{prefix}weight_hh" in state_dict:  # a cell
        suffix = ""
    key, inputs = (f"{prefix}weight_{of}{suffix}" for of in ("hh", "ih"))
    if key not in state_dict:
        names = list(map(str, state_dict))
        held = ", ".join([name for name in names if "weight_hh" in name] or names[:4]) or "nothing"
        raise ValueError(
            f"`state_dict` has no {key!r}; it has {held}, and must be that of one {kind}, its names after `prefix`, "
            "its numbers those of `layer`."
        )
    if f"{prefix}weight_hr{suffix}" in state_dict:
        raise ValueError(f"`state_dict` is that of an LSTM with projections (weight_hr{suffix}), which has no equal here.")
    W = as_floats(np.asarray(state_dict[key]), key)
    gates, rest = divmod(W.shape[0], W.shape[1]) if W.ndim == 2 and W.shape[1] else (0, 1)
    if rest or gates != GATES[kind]:
        theirs = {count: f"that of {name}" for name, count in GATES.items()}.get(0 if rest else gates, "none of torch's")
        raise ValueError(
            f"`state_dict` must be that of {kind}, {GATES[kind]} gates; {key!r} has shape {W.shape}, which is {theirs}."
        )
    if inputs not in state_dict:
        raise ValueError(f"`state_dict` has no {inputs!r}, the weights of the inputs of layer {layer}.")
    U = as_matrix(np.asarray(state_dict[inputs]), inputs, (len(W), None), "(G N, M)")
    biases = (f"{prefix}bias_{of}{suffix}" for of in ("ih", "hh"))
    b, recurrent = (as_vector(np.asarray(state_dict.get(name, 0.0)), name, len(W), "G N") for name in biases)
    return W, U, b, recurrent
