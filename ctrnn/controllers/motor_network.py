"""A network with weights from its neurons to the motors of a body."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from numpy.typing import ArrayLike

from ctrnn.network import CTRNN
from neurodynamics.systems import ParameterLayout
from neurodynamics.validation import Floats, as_floats


class MotorCTRNN(CTRNN):
    """A CTRNN that moves a body with weighted sums of its outputs: ``motors = motor_weights @ outputs``.

    Closed loops (`evaluate`, `Controller`, `PopulationController`) take the motors from here; everything else sees the
    CTRNN. The weights are parameters like all others, so genotypes and sweeps reach them by name.

    Parameters
    ----------
    weights : array_like, shape (N, N)
    biases, time_constants, **arguments
        As for `CTRNN`. Without input weights the identity is stored.
    motor_weights : array_like, shape (K, N)

    Examples
    --------
    >>> from ctrnn import MotorCTRNN
    >>> net = MotorCTRNN([[4.5, 1], [-1, 4.5]], motor_weights=[[1, -1]])
    >>> net.motors([0.25, 0.75])
    array([-0.5])
    """

    def __init__(
        self,
        weights: ArrayLike,
        biases: ArrayLike = 0.0,
        time_constants: ArrayLike = 1.0,
        *,
        motor_weights: ArrayLike,
        **arguments: Any,
    ) -> None:
        self._own_weights = motor_weights
        super().__init__(weights, biases, time_constants, **arguments)

    def _set_network(self, given: Mapping[str, ArrayLike | None]) -> None:
        motor_weights = given["motor_weights"] if "motor_weights" in given else self.__dict__.pop("_own_weights")
        given = {name: value for name, value in given.items() if name != "motor_weights"}
        super()._set_network(given)
        if "input_weights" not in self.layout.shapes:
            super()._set_network(dict(given) | {"input_weights": self.input_weights})
        matrix = as_floats(motor_weights, "motor_weights")  # type: ignore[arg-type]
        if matrix.ndim != 2 or matrix.shape[1] != self.state_dim:
            raise ValueError(f"`motor_weights` must have shape (K, N) with N = {self.state_dim}; got {matrix.shape}.")
        arrays = {name: self._array(name) for name in self.layout.shapes} | {"motor_weights": matrix}
        self.__dict__["layout"] = ParameterLayout({name: array.shape for name, array in arrays.items()})
        self._set_params(self.layout.pack(arrays))

    motor_weights = property(lambda self: self._array("motor_weights"), doc="(K, N), from neuron to motor; read-only.")

    def motors(self, outputs: ArrayLike) -> Floats:
        """Return the motors (K,) or (K, T) of outputs (N,) or (N, T)."""
        rows = as_floats(outputs, "outputs")
        if rows.ndim not in (1, 2) or len(rows) != self.state_dim:
            raise ValueError(f"`outputs` must have shape (N,) or (N, T) with N = {self.state_dim}; got {rows.shape}.")
        return self.motor_weights @ rows
