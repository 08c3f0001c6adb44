"""How perturbations of states and parameters go through a jump, and cotangents come back; exact, from records.

What :mod:`neurodynamics.systems.saltation` does in a compiled run by differences, and for states alone: at an event
``g(t, y, p) = 0`` the state becomes ``r``. A perturbed trajectory meets the event later by
``dt = -(g_y dy + g_p dp) / (g_y f_before + g_t)``, so after the jump, at the same time [1]_,

    dy_after = r_y dy + r_p dp + (r_y f_before + r_t - f_after) dt

References
----------
.. [1] Aizerman & Gantmakher (1958), On the stability of periodic motions, J. Appl. Math. Mech. 22, 1065 (saltation matrix).
"""

from __future__ import annotations

from typing import Any

import numpy as np

from neurodynamics.systems import replay_of
from neurodynamics.validation import Floats

GRAZING = 1e-9  # of |g_y| |f|: speed at which a trajectory touches an event rather than crosses it


class Jump:
    """One reset along a trajectory.

    Attributes
    ----------
    after : ndarray, shape (N,)
    """

    def __init__(self, system: Any, event: int, t: float, before: Floats, u_before: Floats, u_after: Floats) -> None:
        params = np.asarray(system.params)
        self._reset = replay_of(system, "reset", event).at(t, before, u_before, params)
        self.after = self._reset.values
        n, m = system.state_dim, system.input_dim
        self._states, self._params, self._time = slice(0, n), slice(n + m, n + m + params.size), n + m + params.size
        events = replay_of(system, "events").at(t, before, u_before, params)
        self._g = events.back(np.eye(system.event_dim)[:, event : event + 1])[:, 0]
        f_before, f_after = system.rhs(t, before, u_before), system.rhs(t, self.after, u_after)
        self._speed = float(self._g[:n] @ f_before + self._g[-1])
        if abs(self._speed) <= GRAZING * float(np.linalg.norm(self._g[:n]) * np.linalg.norm(f_before)):
            raise ArithmeticError(f"the trajectory grazes event {event} at t = {t:.6g}: there is no derivative.")
        along = np.zeros((self._time + 1, 1))
        along[:n, 0], along[-1, 0] = f_before, 1.0
        self._late = self._reset.along(along)[:, 0] - f_after

    def back(self, w: Floats, by_params: Floats) -> Floats:
        """Return the cotangent before the jump; what the parameters get is added."""
        found = self._reset.back(w[:, np.newaxis])[:, 0] - (self._late @ w / self._speed) * self._g
        by_params += found[self._params]
        return found[self._states]

    def along(self, S: Floats, by_params: Floats) -> Floats:
        """Return the sensitivities (N, K) after the jump."""
        seeds = np.zeros((self._time + 1, S.shape[1]))
        seeds[self._states], seeds[self._params] = S, by_params
        return self._reset.along(seeds) - np.outer(self._late, self._g @ seeds / self._speed)
