"""All equilibria of an additive network, with proof; see :func:`enclose_equilibria`."""

from __future__ import annotations

from analysis.equilibria.certified.certify import Enclosures, enclose_equilibria
from analysis.equilibria.certified.clusters import Unresolved
from analysis.equilibria.certified.reduction import NetInputs, net_inputs, states
from analysis.equilibria.certified.relaxation import is_relaxable

__all__ = ["Enclosures", "NetInputs", "Unresolved", "enclose_equilibria", "is_relaxable", "net_inputs", "states"]
