"""A time series that a network shall follow."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from neurodynamics import DynamicalSystem, simulate_ensemble
from neurodynamics.validation import Floats, as_floats, as_instance, as_number


class TrajectoryFitting:
    """Let the first outputs of a network follow a time series; the score is ``1 / (eps0 + mean squared error)``.

    Parameters
    ----------
    target : array_like, shape (T,) or (K, T)
        What the first K outputs shall be at the times ``t``.
    t : array_like, shape (T,)
        Increasing, from the start of the run on; networks start at ``y0``.
    y0 : array_like, shape (N,), optional
        Zero by default.
    inputs : optional
        As for `simulate_ensemble`.
    dt : float
        Step of the classical Runge-Kutta method.
    eps0 : float
        Bounds the score, at ``1 / eps0``.
    tolerance : float
        Errors up to here count as learned (`learned`).

    Examples
    --------
    >>> import numpy as np
    >>> from ctrnn import CTRNN
    >>> from neuroevolution import tasks
    >>> t = np.linspace(0, 5, 51)
    >>> half = tasks.TrajectoryFitting(np.full(51, 0.5), t, eps0=0.01)
    >>> net = CTRNN([[0.0]])  # rests where its output is 1/2
    >>> half.scores(net, net.params[np.newaxis])
    array([100.])
    """

    def __init__(
        self, target: ArrayLike, t: ArrayLike, *, y0: ArrayLike | None = None, inputs: Any = None, dt: float = 0.05,
        eps0: float = 1e-3, tolerance: float = 0.05,
    ) -> None:  # fmt: skip
        self.t, self.target = as_floats(t, "t"), np.atleast_2d(as_floats(target, "target"))
        if self.t.ndim != 1 or len(self.t) < 2 or not (np.diff(self.t) > 0).all():
            raise ValueError("`t` must be at least two increasing times.")
        if self.target.ndim != 2 or self.target.shape[1] != len(self.t):
            raise ValueError(f"`target` must have shape (T,) or (K, T) with T = {len(self.t)}; got {self.target.shape}.")
        self.y0 = None if y0 is None else as_floats(y0, "y0")
        self.inputs, self.dt = inputs, as_number(dt, "dt", positive=True)
        self.eps0 = as_number(eps0, "eps0", positive=True)
        self.tolerance = as_number(tolerance, "tolerance", minimum=0.0)

    def errors(self, template: Any, params: ArrayLike, *, workers: int | None = None) -> Floats:
        """Return the differences (B, K, T) between the outputs of networks and the target."""
        as_instance(template, "template", DynamicalSystem)
        if len(self.target) > template.state_dim:
            raise ValueError(f"`target` has {len(self.target)} rows, more than the network has neurons.")
        start = np.zeros(template.state_dim) if self.y0 is None else self.y0
        runs = simulate_ensemble(
            template, (self.t[0], self.t[-1]), start, params=params, inputs=self.inputs, method="rk4", dt=self.dt,
            t_eval=self.t, workers=workers,
        )  # fmt: skip
        return np.asarray(runs.outputs[:, : len(self.target)]) - self.target

    def scores(self, template: Any, params: ArrayLike, *, workers: int | None = None) -> Floats:
        """Return the scores (B,) of parameters (B, P); NaN where a run failed."""
        return 1.0 / (self.eps0 + (self.errors(template, params, workers=workers) ** 2).mean(axis=(1, 2)))

    def measures(self, template: Any, params: ArrayLike) -> dict[str, float]:
        """Return the mean squared error of one network, and the share of the data that it has learned."""
        errors = self.errors(template, np.atleast_2d(as_floats(params, "params")))
        return {"mse": float((errors**2).mean()), "learned": float((np.abs(errors) <= self.tolerance).mean())}
