"""What a system does in the long run while a parameter is varied."""

from analysis.sweeps.sweep import SweepDiagram, sweep_diagram

__all__ = [
    "SweepDiagram",
    "sweep_diagram",
]
