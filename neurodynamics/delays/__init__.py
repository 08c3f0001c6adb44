"""Systems with constant delays: equations, networks, their past while they run, and where delays carry jumps to."""

from neurodynamics.delays.histories import Past, past_of
from neurodynamics.delays.lookup import drive_with_past, lookup_frame
from neurodynamics.delays.networks import DelayedNetwork, delayed
from neurodynamics.delays.propagation import breaking_points
from neurodynamics.delays.system import DelayedSystem, delayed_feedback

__all__ = [
    "DelayedNetwork",
    "DelayedSystem",
    "Past",
    "breaking_points",
    "delayed",
    "delayed_feedback",
    "drive_with_past",
    "lookup_frame",
    "past_of",
]
