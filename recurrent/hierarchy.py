"""Networks of slow and fast groups and of levels: continuous-time networks with time constants and masks by group."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import ArrayLike

from ctrnn import CTRNN
from neurodynamics import Activation
from neurodynamics.validation import (
    Floats,
    as_count,
    as_generator,
    as_instance,
    as_items,
    as_mapping,
    as_number,
    require_room,
)
from recurrent.network import as_matrix


def multiple_timescales(
    sizes: Mapping[str, int],
    time_constants: Mapping[str, float],
    links: Sequence[tuple[str, str]],
    *,
    gain: float = 1.0,
    bias_scale: float = 0.0,
    input_weights: ArrayLike | None = None,
    activation: str | Activation = "tanh",
    rng: np.random.Generator | int | None = None,
) -> CTRNN:
    """Return a multiple-timescale network (MTRNN): groups that differ in time constants and hear only linked groups.

    Parameters
    ----------
    sizes, time_constants : mapping of str to int, float
        Of each group, in the order of the states.
    links : sequence of (from, to)
        Which group hears which; groups hear themselves only where ``(name, name)`` is listed.
    gain, bias_scale : float
        Weights are normal with variance ``gain^2`` over the number of units heard, biases normal of this deviation.
    input_weights, activation
        As of :class:`ctrnn.CTRNN`.
    rng : Generator, int, optional

    References
    ----------
    .. [1] Yamashita & Tani (2008), Emergence of functional hierarchy in a multiple timescale neural network model, PLoS
       Computational Biology 4, e1000220.

    Examples
    --------
    >>> from recurrent import multiple_timescales
    >>> both = [(a, b) for a in ("fast", "slow") for b in ("fast", "slow")]
    >>> net = multiple_timescales({"fast": 3, "slow": 2}, {"fast": 1.0, "slow": 30.0}, both, rng=0)
    >>> net.time_constants.tolist()
    [1.0, 1.0, 1.0, 30.0, 30.0]
    """
    rng, speeds = as_generator(rng), as_mapping(time_constants, "time_constants")
    counts = {name: as_count(n, f"sizes[{name!r}]", minimum=1) for name, n in as_mapping(sizes, "sizes").items()}
    if set(counts) != set(speeds):
        raise ValueError(f"`time_constants` must name the groups of `sizes`, {[*counts]}; got {[*speeds]}.")
    require_room(sum(counts.values()) ** 2, "sizes")
    of = np.repeat(np.arange(len(counts)), list(counts.values()))
    number = {name: k for k, name in enumerate(counts)}
    mask = np.zeros((of.size, of.size), dtype=bool)
    for pair in as_items(links, "links"):
        if not isinstance(pair, (list, tuple)) or len(pair) != 2 or any(name not in [*counts] for name in pair):
            raise ValueError(f"`links` must hold pairs (from, to) of the groups {', '.join(counts)}; got {pair!r}.")
        mask |= (of[:, np.newaxis] == number[pair[1]]) & (of == number[pair[0]])
    heard = np.maximum(mask.sum(axis=1, keepdims=True), 1)
    weights = as_number(gain, "gain") * rng.normal(size=mask.shape) / np.sqrt(heard)
    tau = np.array([as_number(speeds[name], f"time_constants[{name!r}]", positive=True) for name in counts])[of]
    biases = as_number(bias_scale, "bias_scale") * rng.normal(size=of.size)
    return CTRNN(weights, biases, tau, input_weights=input_weights, activation=activation, mask=mask)


def hierarchical(networks: Sequence[CTRNN], couplings: Sequence[ArrayLike]) -> CTRNN:
    """Return networks stacked upwards: level k + 1 hears the outputs of level k, and nothing comes back.

    The Jacobian is block triangular, so the exponents of the lowest level are its own.

    Parameters
    ----------
    networks : sequence of CTRNN
        Of one activation, the lowest first. The whole hears the inputs of all levels one after the other.
    couplings : sequence of array_like, shape (N_(k+1), N_k)

    Examples
    --------
    >>> from ctrnn import CTRNN
    >>> from recurrent import hierarchical
    >>> hierarchical([CTRNN([[1.0]]), CTRNN([[2.0]])], [[[3.0]]]).weights.tolist()
    [[1.0, 0.0], [3.0, 2.0]]
    """
    networks = [as_instance(each, f"networks[{k}]", CTRNN) for k, each in enumerate(as_items(networks, "networks"))]
    couplings = list(couplings) if isinstance(couplings, np.ndarray) else as_items(couplings, "couplings")
    if not networks or len(couplings) != len(networks) - 1:
        raise ValueError(
            f"`couplings` must hold one matrix between each two levels; got {len(couplings)} for {len(networks)} networks."
        )
    first = networks[0]
    if any(net.activation is not first.activation for net in networks):
        raise ValueError("`networks` must have one activation; got " + ", ".join(net.activation.name for net in networks))
    ends = np.cumsum([0, *(net.state_dim for net in networks)])
    weights, mask = np.zeros((ends[-1], ends[-1])), np.zeros((ends[-1], ends[-1]), dtype=bool)
    for k, net in enumerate(networks):
        own = slice(ends[k], ends[k + 1])
        weights[own, own] = net.weights
        mask[own, own] = True if net.mask is None else net.mask
        if k:
            below = slice(ends[k - 1], ends[k])
            shape = (net.state_dim, networks[k - 1].state_dim)
            weights[own, below] = as_matrix(couplings[k - 1], f"couplings[{k - 1}]", shape, "(N above, N below)")
            mask[own, below] = True
    names = ("biases", "time_constants", "gains", "leaks", "constant_inputs", "noise")
    vectors = {name: np.concatenate([getattr(net, name) for net in networks]) for name in names}
    inputs = _block_diagonal([net.input_weights for net in networks])
    return CTRNN(weights, **vectors, input_weights=inputs, activation=first.activation, mask=mask)


def _block_diagonal(blocks: Sequence[Floats]) -> Floats:
    out = np.zeros((sum(len(b) for b in blocks), sum(b.shape[1] for b in blocks)))
    i = j = 0
    for block in blocks:
        out[i : i + len(block), j : j + block.shape[1]] = block
        i, j = i + len(block), j + block.shape[1]
    return out


