"""The same run from one state after the other: everything but the state is checked and laid out once."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from neurodynamics.inputs import Inputs
from neurodynamics.methods import protocol as P
from neurodynamics.simulation.method_choice import watched_for_stiffness
from neurodynamics.simulation.runs import Run
from neurodynamics.simulation.trajectory import plan_flow, simulate
from neurodynamics.status import Status
from neurodynamics.systems import DynamicalSystem, started_in
from neurodynamics.validation import Floats


class PreparedRun:
    """A simulation that is called with initial states, for loops in which the call costs more than the steps.

    The numbers are those of :func:`neurodynamics.simulate`, bit for bit; what is left out is the record. What functions of
    yours take from outside is as it was when the run was prepared.

    Parameters
    ----------
    system : DynamicalSystem
        A flow.
    t_span : float or tuple of float
        As in :func:`neurodynamics.simulate`, like all that follows.
    inputs, method, dt, t_eval, rtol, atol, first_step, max_step : optional

    Attributes
    ----------
    status : Status
        Of the last call.
    t : float
        The time that it reached.
    method : str

    Raises
    ------
    ValueError
        For maps, noise, and methods of SciPy: there is nothing to prepare.

    Examples
    --------
    >>> import numpy as np
    >>> from ctrnn import CTRNN, PreparedRun
    >>> net = CTRNN([[4.5, 1], [-1, 4.5]], biases=[-2.75, -1.75])
    >>> after = PreparedRun(net, 10.0)
    >>> ends = np.array([after([y, 0.5]) for y in (0.0, 0.1, 0.2)])
    >>> ends.shape
    (3, 2)
    """

    def __init__(
        self,
        system: DynamicalSystem,
        t_span: Any,
        *,
        inputs: Any = None,
        method: str | None = None,
        dt: float | None = None,
        t_eval: ArrayLike | None = None,
        rtol: float | None = None,
        atol: ArrayLike | None = None,
        first_step: float | None = None,
        max_step: float | None = None,
    ) -> None:
        if not isinstance(system, DynamicalSystem) or system.kind == "map":
            raise TypeError("`system` must be a network or another flow; of a map, call `simulate`.")
        drive = Inputs(inputs, system.input_dim)
        given = {"method": method, "dt": dt, "rtol": rtol, "atol": atol, "first_step": first_step, "max_step": max_step,
                 "t_eval": t_eval}  # fmt: skip
        plan, _ = plan_flow(system, t_span, drive, given, "final" if t_eval is None else "all", False, None)
        if plan.method.family == "scipy" or plan.method.noisy:
            raise ValueError(f"`method` {plan.method.name!r} cannot be prepared; call `simulate`.")
        self.method = plan.method.name
        self.status = Status.SUCCESS
        self.t = plan.t0
        self._system, self._wanted = system, t_eval is not None
        self._again = {"t_span": t_span, "inputs": inputs, "rtol": rtol, "atol": atol, "t_eval": t_eval}
        if method is None:
            plan = watched_for_stiffness(plan)
        self._run = Run(system, plan, np.zeros(system.state_dim), drive)

    def __call__(self, y0: ArrayLike) -> Floats:
        """Return the last state (N,), or with `t_eval` the states (N, T) at those times that were reached.

        Parameters
        ----------
        y0 : array_like, shape (N,)
        """
        n, run = self._system.state_dim, self._run
        if not (type(y0) is np.ndarray and y0.dtype == np.float64 and y0.shape == (n,)):
            y0 = self._system.check_state(y0, "y0")
        run.restart(started_in(self._system.domain, y0, "y0"))
        status = run.to_end(None, None, None)
        if status == P.LOOKS_STIFF:
            return self._implicitly(y0)
        self.status, self.t = (status if type(status) is Status else Status(status)), run.t
        if status is Status.NON_FINITE:
            self._system.raise_failures()
        states = self._system.set_back((run.points()[1] if self._wanted else run.y[:n]).copy())
        return states.T if self._wanted else states

    def _implicitly(self, y0: Floats) -> Floats:
        solution = simulate(self._system, y0=y0, **self._again)
        self.status, self.t = solution.status, float(solution.t[-1])
        return solution.y if self._wanted else solution.final
