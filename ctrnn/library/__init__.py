"""Circuits whose behaviour is known: published ones, and ones that can be worked out with pencil and paper.

Each is a :class:`Circuit`: the network, where it comes from, what it does, and figures with a function that measures them.
The functions of the circuits' names return them too, some with parameters: ``library.odd_ring(5)``.

>>> from ctrnn import library, simulate
>>> library.names()[:2]
['two_neuron_oscillator', 'three_neuron_chaos']
>>> circuit = library.load("two_neuron_oscillator")
>>> sol = simulate(circuit.net, circuit.t_span, circuit.y0)
>>> circuit.figures["period"].value
28.9999078994859
"""

from __future__ import annotations

import functools

from ctrnn.library.circuits import CIRCUITS, Circuit, Figure
from ctrnn.library.published import random_network, three_neuron_chaos, two_neuron_oscillator
from ctrnn.library.worked_out import (
    bistable_neuron,
    bistable_units,
    bogdanov_takens_pair,
    centre_crossing_pair,
    mutual_inhibition,
    odd_ring,
    self_inhibition,
)
from neurodynamics.validation import as_choice

__all__ = [
    "Circuit",
    "Figure",
    "bistable_neuron",
    "bistable_units",
    "bogdanov_takens_pair",
    "centre_crossing_pair",
    "load",
    "mutual_inhibition",
    "names",
    "odd_ring",
    "random_network",
    "self_inhibition",
    "three_neuron_chaos",
    "two_neuron_oscillator",
]


def names() -> list[str]:
    """Return the names of the circuits.

    Examples
    --------
    >>> len(names())
    10
    """
    return list(CIRCUITS)


def load(name: str) -> Circuit:
    """Return a circuit by its name.

    Examples
    --------
    >>> load("odd_ring").net.state_dim
    3
    """
    return _load(as_choice(name, "name", CIRCUITS))


@functools.cache
def _load(name: str) -> Circuit:
    return CIRCUITS[name]()
