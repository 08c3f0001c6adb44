"""What the command line chose."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Options:
    """How thorough to be, and against whom.

    Parameters
    ----------
    quick : bool
        Smaller workloads and fewer rounds: to see that all works, not to quote.
    details : bool
        Also print every (tolerance, error, time) of the adaptive sweeps.
    rounds : int
        Samples a case.
    budget : float
        Seconds a case at most, beyond its first sample.
    peers : tuple of str
        Names of the peers to run; empty for all that are installed.
    sizes : tuple of int
        Numbers of neurons of the adaptive workload; empty for all that fit into the time.
    seconds : float
        Share of the time for one workload; sweeps skip what would not fit.
    """

    quick: bool = False
    details: bool = False
    rounds: int = 7
    budget: float = 10.0
    peers: tuple[str, ...] = ()
    sizes: tuple[int, ...] = ()
    seconds: float = float("inf")
