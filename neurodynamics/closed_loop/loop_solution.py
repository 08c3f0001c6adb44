"""The record of one trial: states, sensors and motors over time."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from neurodynamics.closed_loop.agents import alone
from neurodynamics.inputs import Inputs, Sampled
from neurodynamics.pictures import drawn
from neurodynamics.simulation import Solution
from neurodynamics.status import Status
from neurodynamics.validation import Floats, as_count


@dataclass(frozen=True, eq=False, repr=False)
class LoopSolution:
    """One trial, step by step; column k is what holds at ``t[k]``, column 0 the start.

    Attributes
    ----------
    t : array, shape (T,)
    y : array, shape (N, T)
        States of the network.
    motors : array, shape (K, T)
        What the body was moved with in the step that ends at t; in column 0 what the network shows at the start.
    state : array, shape (S, T)
        States of the body.
    sensors : array, shape (M, T)
        What is sensed at t and held over the next step.
    scores : array, shape (D, T)
        The score so far.
    status : Status
    system : DynamicalSystem
        The member; of several agents the networks of all, see `agent`.
    task : Task
    member, trial : int
    """

    t: Floats
    y: Floats
    motors: Floats
    state: Floats
    sensors: Floats
    scores: Floats
    status: Status
    system: Any
    task: Any
    member: int
    trial: int
    method: str

    @property
    def success(self) -> bool:
        """Whether the trial came to its end with a finite score."""
        return self.status >= 0

    @property
    def message(self) -> str:
        """One sentence that says how the trial ended."""
        return self.status.message

    @property
    def network(self) -> Solution:
        """The network alone, as a solution under the inputs that it sensed; for pictures and analyses of solutions."""
        return Solution(
            t=self.t, y=self.y, status=self.status, message=self.message, method=self.method, reason="it was asked for",
            path="compiled", t_events=[], y_events=[], sol=None, nfev=0, steps=self.t.size - 1, rejected=0,
            system=self.system, inputs=Inputs(self._held(), self.system.input_dim), options={},
        )  # fmt: skip

    def _held(self) -> Any:
        m = self.system.input_dim
        if m == 0 or self.t.size < 2:
            return None
        values = np.zeros((m, self.t.size))
        values[: len(self.sensors)] = self.sensors
        return Sampled(self.t, values, kind="hold")

    def agent(self, number: int) -> LoopSolution:
        """Return the course of one of several agents: its network, motors and sensors, in the world of all."""
        agents = self.task.agents
        if as_count(number, "number") >= agents:
            raise ValueError(f"`number` must be below {agents}, the agents of this task; got {number}.")
        y, motors, sensors = (rows[number::agents] for rows in (self.y, self.motors, self.sensors))
        return replace(self, y=y, motors=motors, sensors=sensors, system=alone(self.system, number, agents))

    plot = drawn("plot_behaviour", "Draw the behaviour where the task has a picture of it, else the states of the body")

    def __repr__(self) -> str:
        name = type(self.task).__name__
        score = ", ".join(f"{value:.4g}" for value in self.scores[:, -1])
        return f"LoopSolution({name}, member {self.member}, trial {self.trial}, t = 0 .. {self.t[-1]:g}, score {score})"


def from_trace(trace: Floats, period: float, status: Status, system: Any, task: Any, which: tuple[int, int],
               method: str) -> LoopSolution:  # fmt: skip
    """Cut the rows y, motors, state, sensors, score of a trace into their parts."""
    widths = (system.state_dim, task.motors, task.state_dim, task.sensors, task.score_dim)
    y, motors, state, sensors, scores = (
        np.ascontiguousarray(part.T) for part in np.split(trace, np.cumsum(widths)[:-1], axis=1)
    )
    t = np.arange(len(trace)) * period
    return LoopSolution(t, y, motors, state, sensors, scores, status, system, task, *which, method)
