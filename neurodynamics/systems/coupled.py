"""Coupled systems: a network and a body as one flow, for adaptive solvers and for every analysis."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from neurodynamics.compiling import SystemFunction, check_arguments, system_function, try_out
from neurodynamics.systems.coupled_functions import coupled_functions
from neurodynamics.systems.parameters import ParameterLayout
from neurodynamics.systems.system import DynamicalSystem, Recipe
from neurodynamics.validation import Floats, as_real

PREFIX = "body_"  # of the names of the body's parameters


class CoupledSystem(DynamicalSystem):
    """What `couple` returns: the flow of a network and its body, state ``[network, body]``.

    Attributes
    ----------
    network, body : DynamicalSystem
        The parts, with the parameters that they were coupled with.
    """

    network: DynamicalSystem
    body: DynamicalSystem
    _links: tuple[SystemFunction, SystemFunction]

    def split(self, y: Floats) -> tuple[Floats, Floats]:
        """Return the states of the network and of the body, of a state (N,) or a trajectory (N, T)."""
        y = as_real(y, "y")
        if y.ndim not in (1, 2) or len(y) != self.state_dim:
            raise ValueError(f"`y` must have shape (N,) or (N, T) with N = {self.state_dim}; got {y.shape}.")
        return y[: self.network.state_dim], y[self.network.state_dim :]

    def check_params(self, vector: Floats) -> None:
        """Raise ValueError where a parameter is outside what its part allows."""
        p = self.network.param_dim
        self.network.check_params(vector[..., :p])
        self.body.check_params(vector[..., p:])


def couple(network: DynamicalSystem, body: DynamicalSystem, sense: Callable, act: Callable) -> CoupledSystem:
    """Return the flow of a network that senses and moves a body.

    Parameters
    ----------
    network : DynamicalSystem
        A flow with M inputs and K outputs.
    body : DynamicalSystem
        A flow whose inputs are what moves it.
    sense : callable ``(x, params, out)``
        Writes the inputs of the network, ``out`` (M,), for a state x of the body; ``params`` are the body's.
    act : callable ``(o, params, out)``
        Writes the inputs of the body for outputs o (K,) of the network; ``params`` are the body's.

    Returns
    -------
    CoupledSystem
        State: that of the network, then that of the body. Inputs: those of the network, added to what is sensed.
        Outputs: those of both. Parameters: those of both by name, the body's behind ``"body_"``. Noise, events (the
        network's first) and resets are carried over; an event's reset leaves the other part as it is. The blocks of the
        Jacobian on the diagonal are those of the parts, the others central differences.

    Examples
    --------
    A mass on a spring, pushed by one neuron that senses its position:

    >>> from ctrnn import CTRNN, DynamicalSystem, couple, simulate
    >>> def spring(t, y, u, params, out):
    ...     out[0] = y[1]
    ...     out[1] = u[0] - params[0] * y[0]
    >>> body = DynamicalSystem(spring, 2, params={"stiffness": 1.0}, input_dim=1)
    >>> def sense(x, params, out):
    ...     out[0] = x[0]
    >>> def act(o, params, out):
    ...     out[0] = o[0] - 0.5
    >>> system = couple(CTRNN([[0.0]]), body, sense, act)
    >>> system.param_names[-1], simulate(system, 20, [0, 1, 0]).success
    ('body_stiffness', True)
    """
    for name, part in (("network", network), ("body", body)):
        if not isinstance(part, DynamicalSystem):
            raise TypeError(f"`{name}` must be a DynamicalSystem; got {type(part).__name__}.")
        if part.kind != "flow" or part.host:
            raise ValueError(f"`{name}` must be a flow with compiled functions.")
    _check_link(sense, "sense", body.state_dim, body, network.input_dim)
    _check_link(act, "act", network.output_dim, body, body.input_dim)
    links = (system_function("outputs", sense, name="sense"), system_function("outputs", act, name="act"))
    # Not by its constructor, which takes the functions of a flow: that checks parameters, for which the parts must be there.
    system = CoupledSystem.__new__(CoupledSystem)
    system.network, system.body = network, body
    system._links = links  # their code lives as long as the system
    system._recipe = Recipe(_couple_again, (network, body, *links))
    n, s = network.state_dim, body.state_dim
    functions: dict[str, Any] = coupled_functions(network, body, *links)
    events: dict[str, Any] = {"event_dim": None, "event_directions": None, "event_terminal": None}
    if "events" in functions:
        events = {
            "event_dim": network.event_dim + body.event_dim,
            "event_directions": np.concatenate([network.event_directions, body.event_directions]),
            "event_terminal": np.concatenate([network.event_terminal, body.event_terminal]),
        }  # fmt: skip
    rhs = functions.pop("rhs")
    DynamicalSystem.__init__(system, rhs, n + s, _parameters(network, body), network.input_dim,
                             output_dim=network.output_dim + body.output_dim,
                             angles=network.angles.mapping | body.angles.shifted(n), **functions, **events)  # fmt: skip
    return system


def _check_link(function: Any, name: str, size: int, body: DynamicalSystem, out: int) -> None:
    """Raise unless a function fits between network and body."""
    check_arguments("outputs", function, name)
    arrays = {"y": np.full(size, 0.5), "params": body.params.copy(), "out": np.zeros(out)}
    try_out("outputs", function, arrays, name=name)


def _couple_again(network: DynamicalSystem, body: DynamicalSystem, sense: SystemFunction, act: SystemFunction) -> Any:
    return couple(network, body, sense.source, act.source)


def _parameters(network: DynamicalSystem, body: DynamicalSystem) -> dict[str, Any]:
    """Return the arrays of both parts by name, so that their vector is the vectors of both behind each other."""
    named: dict[str, Any] = {}
    for part, prefix in ((network, ""), (body, PREFIX)):
        layout: ParameterLayout = part.layout
        for name in layout.shapes:
            if prefix + name in named:
                raise ValueError(f"network and body both have a parameter {prefix + name!r}; rename one.")
            named[prefix + name] = layout.view(part.params, name)
    return named
