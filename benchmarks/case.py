"""What a peer hands to a measurement: a named way to run a workload."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

Run = Callable[[], Any]


@dataclass(frozen=True)
class Case:
    """One way to run a workload.

    Parameters
    ----------
    label : str
        The row in the table, unique within a workload.
    build : callable
        Prepares everything that a user prepares once and returns the run, a function without arguments that is timed.
        For adaptive workloads ``build(tolerance)``, otherwise ``build()``.
    cores : int
        How many cores it may use (0: as many as there are).
    share : float
        The fraction of the workload that it really runs; times are divided by it.
    note : str
        What the reader of the table must know.
    """

    label: str
    build: Callable[..., Run]
    cores: int = 1
    share: float = 1.0
    note: str = ""
