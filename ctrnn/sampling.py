"""Random networks."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from ctrnn.network import CTRNN
from neurodynamics import Activation
from neurodynamics.validation import Floats, as_count, as_floats, as_generator, as_number, as_vector, require_room

Distribution = ArrayLike | tuple[float, float] | Callable[..., Any]
Rng = np.random.Generator | int | None


def random_ctrnn(
    n: int,
    rng: Rng = None,
    *,
    weights: Distribution = (-16.0, 16.0),
    biases: Distribution = (-16.0, 16.0),
    time_constants: Distribution = (0.5, 10.0),
    gains: Distribution = 1.0,
    input_dim: int | None = None,
    input_weights: Distribution = (-16.0, 16.0),
    activation: str | Activation = "logistic",
    mask: ArrayLike | None = None,
) -> CTRNN:
    """Return a network with independent random parameters.

    Parameters
    ----------
    n : int
        Number of neurons.
    rng : Generator or int, optional
        Generator or seed.
    weights, biases, time_constants, gains : tuple, number, array_like or callable
        How each of them is distributed: a **tuple** ``(low, high)`` uniformly between both; a number, a list or an array
        are the values themselves; a function ``(rng, shape)`` returns values, see :func:`log_uniform` and
        :func:`normal`. They are drawn in this order, the input weights last.
    input_dim : int, optional
        M; without it every neuron has an input of its own, and no input weights are drawn.
    input_weights : like the weights
    activation : str or Activation
    mask : array_like of bool, shape (N, N), optional
        Which connections exist. All weights are drawn, so a seed gives those that exist the same values with any mask.

    Examples
    --------
    >>> from ctrnn import log_uniform, random_ctrnn
    >>> net = random_ctrnn(5, rng=1, time_constants=log_uniform(0.1, 100))
    >>> net.weights.shape, bool(abs(net.weights).max() <= 16)
    ((5, 5), True)
    """
    rng = as_generator(rng)
    n = as_count(n, "n", minimum=0)
    require_room(n * n, "n")
    drawn = {
        "weights": _draw(rng, weights, "weights", (n, n)),
        "biases": _draw(rng, biases, "biases", (n,)),
        "time_constants": _draw(rng, time_constants, "time_constants", (n,)),
        "gains": _draw(rng, gains, "gains", (n,)),
    }
    if input_dim is not None:
        m = as_count(input_dim, "input_dim")
        require_room(n * m, "input_dim")
        drawn["input_weights"] = _draw(rng, input_weights, "input_weights", (n, m))
    return CTRNN(**drawn, activation=activation, mask=mask)  # type: ignore[arg-type]


def log_uniform(low: float, high: float) -> Callable[..., Floats]:
    """Return the distribution whose logarithm is uniform between the logarithms of two positive numbers.

    Examples
    --------
    >>> import numpy as np
    >>> from ctrnn import log_uniform
    >>> float(log_uniform(2, 2)(np.random.default_rng(1), (1,))[0])
    2.0
    """
    low, high = as_number(low, "low", positive=True), as_number(high, "high", positive=True)
    _check_order(low, high, "high")
    return lambda rng, shape: np.clip(np.exp(rng.uniform(np.log(low), np.log(high), shape)), low, high)


def normal(mean: float, standard_deviation: float) -> Callable[..., Floats]:
    """Return a normal distribution.

    Examples
    --------
    >>> import numpy as np
    >>> from ctrnn import normal
    >>> normal(3, 0)(np.random.default_rng(1), (2,))
    array([3., 3.])
    """
    mean = as_number(mean, "mean")
    deviation = as_number(standard_deviation, "standard_deviation", minimum=0.0)
    return lambda rng, shape: rng.normal(mean, deviation, shape)


def centre_crossing(net: CTRNN, inputs: ArrayLike | None = None) -> CTRNN:
    """Return the network with the biases that make it centre-crossing.

    Then there is an equilibrium at which every neuron sits in the middle of its range, where its output changes most with
    its state: for the logistic function without inputs, ``b_i = -sum_j W_ij / 2`` and all outputs 1/2. In general
    ``b_i = x0/g_i - (v0 sum_j W_ij + sum_k V_ik u_k + c_i)/lambda_i`` with x0 the centre of the activation and v0 its
    value there.

    Parameters
    ----------
    net : CTRNN
        With any gains but 0. The activation must have a centre: a point where it takes the middle of its finite range,
        with its largest slope. Those without a range on both sides, such as "relu", "softplus" and "linear", have none.
    inputs : array_like, shape (M,), optional
        The constant inputs at which the network shall be centre-crossing; zero.

    References
    ----------
    .. [1] Mathayomchan & Beer (2002), Center-crossing recurrent neural networks for the evolution of rhythmic behavior,
       Neural Computation 14, 2043.

    Examples
    --------
    >>> from ctrnn import centre_crossing, random_ctrnn
    >>> net = centre_crossing(random_ctrnn(3, rng=1))
    >>> bool(abs(net.rhs(0, -net.biases)).max() < 1e-12)
    True
    """
    if not isinstance(net, CTRNN):
        raise TypeError(f"`net` must be a CTRNN; got {type(net).__name__}.")
    return net.replace(biases=centred_biases(net, lambda name: getattr(net, name), inputs))


def centred_biases(net: Any, array: Callable[[str], Floats], inputs: ArrayLike | None = None) -> Floats:
    """Return the biases (.., N) that make networks centre-crossing whose arrays are (.., N) and (.., N, N)."""
    gains, leaks = array("gains"), array("leaks")
    for name, values in (("gains", gains), ("leaks", leaks)):
        if not (values != 0).all():
            i = int(np.argwhere(values == 0)[0][-1])
            raise ValueError(f"`{name}[{i}]` must not be 0: then no bias puts neuron {i} at its centre.")
    x, v = activation_centre(net.activation)
    drive = v * array("weights").sum(axis=-1) + array("constant_inputs")
    if inputs is not None:
        drive = drive + net.input_weights @ as_vector(inputs, "inputs", net.input_dim, "M")
    return x / gains - drive / leaks


def activation_centre(phi: Activation) -> tuple[float, float]:
    """Return the centre of an activation and its value there; ValueError where it has none."""
    low, high = phi.range
    if not np.isfinite([low, high]).all():
        raise ValueError(f"the activation {phi.name!r} has no centre: its range ({low:g}, {high:g}) has no middle.")
    middle = 0.5 * (low + high)
    left, right = -1.0, 1.0
    while not phi.value(left) <= middle <= phi.value(right):
        left, right = 2 * left, 2 * right
        if right > 1e300:
            raise ValueError(f"the activation {phi.name!r} has no centre: it does not reach the middle of its range.")
    while True:
        x = 0.5 * (left + right)
        if phi.value(x) == middle or not left < x < right:
            break
        left, right = (x, right) if phi.value(x) < middle else (left, x)
    slope = float(phi.derivative(x))
    if np.isfinite(phi.max_slope) and slope < phi.max_slope * (1 - 1e-6):
        raise ValueError(
            f"the activation {phi.name!r} has no centre: in the middle of its range its slope is {slope:g}, and elsewhere "
            f"up to {phi.max_slope:g}."
        )
    return x, float(phi.value(x))


def _draw(rng: np.random.Generator, spec: Distribution, name: str, shape: tuple[int, ...]) -> Floats:
    if callable(spec):
        try:
            drawn = spec(rng, shape)
        except TypeError as error:
            raise TypeError(f"`{name}` must be a function (rng, shape) -> array; {error}.") from error
        values = as_floats(drawn, name)
        if values.shape != shape:
            raise ValueError(f"`{name}(rng, shape)` must return an array of shape {shape}; got {values.shape}.")
        return values
    if isinstance(spec, tuple) and len(spec) == 2 and np.ndim(spec[0]) == np.ndim(spec[1]) == 0:
        low, high = as_number(spec[0], f"{name}[0]"), as_number(spec[1], f"{name}[1]")
        _check_order(low, high, f"{name}[1]")
        return rng.uniform(low, high, shape)
    values = as_floats(spec, name)
    if values.ndim and values.shape != shape:
        raise ValueError(f"`{name}` must be (low, high), a function, a number, or an array of shape {shape}; got shape "
                         f"{values.shape}.")  # fmt: skip
    return np.broadcast_to(values, shape)


def _check_order(low: float, high: float, name: str) -> None:
    if high < low:
        raise ValueError(f"`{name}` must not be less than the lower bound {low:g}; got {high:g}.")
