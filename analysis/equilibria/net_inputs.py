"""An additive network in net-input variables, in which its equilibria are enclosed, and back.

With ``x = g (y + b)`` the equilibria of ``tau y' = -lambda y + W phi(x) + I`` solve ``x = beta + A phi(x)``, where
``A_ij = g_i W_ij / lambda_i`` and ``beta_i = g_i (b_i + I_i / lambda_i)``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from analysis.equilibria.certified import Enclosures, Unresolved, is_relaxable
from neurodynamics import AdditiveNetwork, DynamicalSystem
from neurodynamics.validation import Floats

UNIT = 2.0**-53


def why_not_certified(system: DynamicalSystem) -> str:
    """Return why the equilibria of a system cannot be enclosed, or an empty string."""
    net = system.structure("additive")
    if net is None:
        return f"proofs need an additive network such as a CTRNN, and this is a {type(system).__name__}"
    if not is_relaxable(net.activation):
        return f"nothing is known about the activation {net.activation.name!r} between two points"
    if (net.leaks == 0).any():
        return f"the leak of neuron {int(np.argmax(net.leaks == 0))} is 0"
    return ""


@dataclass(frozen=True, eq=False)
class NetInputs:
    """The equations of a network's equilibria, with bounds on what rounding did to them."""

    network: AdditiveNetwork
    current: Floats  # I, all constant drive
    A: Floats
    beta: Floats
    weight_error: float
    beta_error: Floats

    @classmethod
    def of(cls, network: AdditiveNetwork, drive: Floats) -> NetInputs:
        """Form A and beta."""
        g, b, leak = network.gains, network.biases, network.leaks
        current = network.constant_inputs + (network.input_weights @ drive if drive.any() else 0.0)
        exact = bool((g == leak).all())  # then A is W, and no product is rounded
        A = network.weights.copy() if exact else (g / leak)[:, np.newaxis] * network.weights
        rest = current / leak
        beta = g * (b + rest)
        size = np.abs(g) * (np.abs(b) + np.abs(rest))
        if drive.any():
            size = size + np.abs(g / leak) * (np.abs(network.input_weights) @ np.abs(drive)) * drive.size
        unrounded = (g == 1) & (leak == 1) & ((b == 0) | (current == 0))
        error = np.where(unrounded & (not drive.any()), 0.0, 6.0 * UNIT * size)
        return cls(network, current, A, beta, 0.0 if exact else 3.0 * UNIT, error)

    @property
    def rates(self) -> Floats | None:
        """Leak over time constant; None where a neuron does not decay."""
        net = self.network
        return net.leaks / net.time_constants if (net.leaks > 0).all() else None

    def bounds(self, bounds: Floats | None) -> tuple[Floats, Floats] | None:
        """Return least and largest net inputs for bounds (N, 2) of the states."""
        if bounds is None:
            return None
        ends = np.sort(self.network.gains[:, np.newaxis] * (bounds + self.network.biases[:, np.newaxis]), axis=1)
        return ends[:, 0], ends[:, 1]

    def states(self, x: Floats) -> Floats:
        """Return the states (K, N) at net inputs (K, N)."""
        net = self.network
        off = net.gains == 0
        y = x / np.where(off, 1.0, net.gains) - net.biases
        if off.any():
            drive = net.activation(x) @ net.weights.T + self.current
            y[:, off] = (drive / net.leaks)[:, off]
        return y

    def radii(self, x: Floats, radius: Floats) -> Floats:
        """Return bounds (K,) on the distance of the states from the true ones, element by element."""
        net = self.network
        off = net.gains == 0
        scaled = np.abs(x / np.where(off, 1.0, net.gains))
        spread = radius[:, np.newaxis] / np.where(off, 1.0, np.abs(net.gains)) + 4 * UNIT * (scaled + np.abs(net.biases))
        if off.any():
            size = np.abs(net.weights) / np.abs(net.leaks)[:, np.newaxis]
            outputs = np.abs(net.activation(x))
            rounding = (4 + 2 * x.shape[1]) * UNIT * (outputs @ size.T + np.abs(self.current / net.leaks))
            ulps = (net.activation.ulp + 1) * 2 * UNIT * (outputs @ size.T)
            moved = radius[:, np.newaxis] * net.activation.max_slope * size.sum(axis=1) + rounding + ulps
            spread[:, off] = moved[:, off]
        return spread.max(axis=1, initial=0.0)

    def unresolved(self, found: Unresolved) -> Unresolved:
        """Return an undecided set in terms of states."""
        n = self.beta.size
        ends = np.stack([self.states(found.boxes.reshape(-1, n))]).reshape(found.boxes.shape)
        boxes = np.sort(ends, axis=1)
        point = self.states(found.point[np.newaxis])[0]
        directions = self._directions(found)
        return Unresolved(boxes[:, 0].min(axis=0), boxes[:, 1].max(axis=0), boxes, point, found.residual, directions,
                          found.cause)  # fmt: skip

    def _directions(self, found: Unresolved) -> Floats:
        net, turned = self.network, found.null_directions.copy()
        off = net.gains == 0
        slopes = np.array([net.activation.derivative(float(v)) for v in found.point])
        through = (found.null_directions * slopes) @ net.weights.T / net.leaks
        turned = np.where(off, through, turned / np.where(off, 1.0, net.gains))
        return turned / np.maximum(np.linalg.norm(turned, axis=1, keepdims=True), 1e-300)


def is_out_of_budget(found: Enclosures) -> bool:
    """Whether a search ended before everything was decided that could be."""
    return any(each.cause == "budget" for each in found.unresolved)


def region_of(network: Any, drive: Floats) -> tuple[Floats, Floats] | None:
    """Return the ends (N,) of the outputs of a bounded network whose neurons leak, or None."""
    ends = np.array(network.activation.range)
    if not np.isfinite(ends).all() or (network.leaks <= 0).any():
        return None
    return np.full(network.state_dim, ends[0]), np.full(network.state_dim, ends[1])
