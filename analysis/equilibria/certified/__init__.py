"""All equilibria of an additive network, with proof; see :func:`enclose_equilibria`."""

from __future__ import annotations

from analysis._equilibria.certify import Enclosures, enclose_equilibria
from analysis._equilibria.clusters import Unresolved
from analysis._equilibria.reduction import NetInputs, net_inputs, states
from analysis._equilibria.relaxation import is_relaxable

__all__ = ["Enclosures", "NetInputs", "Unresolved", "enclose_equilibria", "is_relaxable", "net_inputs", "states"]
