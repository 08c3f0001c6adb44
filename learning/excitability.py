"""Intrinsic plasticity: units that change their gain and bias until their outputs are spread as they should be.

For ``o = phi(g z + b)`` the rules go down the Kullback-Leibler divergence of the outputs from an exponential distribution
(logistic units [1]_) or a Gaussian (tanh [2]_), one sample at a time. With ``L = -ln do/dz - ln p(o)``,
``d = -dL/d(g z + b)`` is

    logistic:  d = 1 - (2 + 1/mu) o + o^2 / mu        tanh:  d = -2 o - (1 - o^2) (o - mu) / sigma^2

References
----------
.. [1] Triesch (2005), A gradient rule for the plasticity of a neuron's intrinsic excitability, ICANN, 65.
.. [2] Schrauwen, Wardermann, Verstraeten, Steil & Stroobandt (2008), Improving reservoirs using intrinsic plasticity,
   Neurocomputing 71, 1159.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from learning.plasticity import PlasticNetwork, plastic
from neurodynamics import AdditiveNetwork
from neurodynamics.compiling import kernel
from neurodynamics.systems import BIAS, GAIN, Recipe, maker
from neurodynamics.validation import Floats, as_floats, as_instance, as_number, as_vector, require_positive
from recurrent import EchoState


@kernel(inline=True)
def towards_exponential(o, mean, deviation):
    """Step: d = 1 - (2 + 1/mu) o + o^2 / mu."""
    return 1.0 - (2.0 + 1.0 / mean) * o + o * o / mean


@kernel(inline=True)
def towards_gaussian(o, mean, deviation):
    """Step: d = -2 o - (1 - o^2) (o - mu) / sigma^2."""
    return -2.0 * o - (1.0 - o * o) * (o - mean) / (deviation * deviation)


def _rule(step: Any) -> Any:
    @kernel
    def intrinsic_rule(y, o, q, own, n, out):
        """db_i/dt = g_i d_i / tau, dg_i/dt = (1 / g_i + (y_i + b_i) d_i) / tau, for o = phi(g (y + b))."""
        for i in range(n):
            b, g = q[BIAS * n + i], q[GAIN * n + i]
            d = step(o[i], own[i], own[n + i])
            out[i] = g * d / own[2 * n + i]
            out[n + i] = (1.0 / g + (y[i] + b) * d) / own[2 * n + i]

    return intrinsic_rule


STEPS = {"logistic": towards_exponential, "tanh": towards_gaussian}
RULES = {name: _rule(step) for name, step in STEPS.items()}


def _step_of(net: Any, table: dict[str, Any]) -> Any:
    if net.activation.name not in table:
        raise ValueError(f"`net` must have the activation 'logistic' or 'tanh'; got {net.activation.name!r}.")
    return table[net.activation.name]


@maker
def intrinsic(
    net: AdditiveNetwork, mean: ArrayLike | None = None, deviation: ArrayLike = 0.2, time: ArrayLike = 100.0
) -> PlasticNetwork:
    """Return a network whose gains and biases follow intrinsic plasticity, as a flow.

    ``tau db_i/dt = g_i d_i`` and ``tau dg_i/dt = 1/g_i + (y_i + b_i) d_i``, see :mod:`learning.excitability`.

    Parameters
    ----------
    net : AdditiveNetwork
        Such as a CTRNN, with logistic or tanh units and gains above 0.
    mean : float or array_like, shape (N,), optional
        mu of the outputs; 0.2 for logistic units, 0 for tanh.
    deviation : float or array_like, shape (N,)
        sigma; for tanh only.
    time : float or array_like, shape (N,)
        tau, longer than what drives the network takes.

    Examples
    --------
    >>> from ctrnn import CTRNN
    >>> from learning import intrinsic
    >>> net = intrinsic(CTRNN([[0.0]]), mean=0.2, time=10.0)
    >>> net.rhs(0, net.start(), [0.0]).round(4).tolist()    # dy, db, dg: 1 - 7 / 2 + 5 / 4 = -1.25 at o = 1/2
    [0.0, -0.125, 0.1]
    """
    n, rule = as_instance(net, "net", AdditiveNetwork).state_dim, _step_of(net, RULES)
    more = _targets(net, mean, deviation, n) | {"time": require_positive(as_vector(time, "time", n, "N"), "time")}
    require_positive(net.gains, "net.gains")
    return plastic(Recipe(intrinsic, (net, *more.values())), rule, ("biases", "gains"), more)


def _targets(net: Any, mean: Any, deviation: Any, n: int) -> dict[str, Floats]:
    logistic = net.activation.name == "logistic"
    mu = as_vector((0.2 if logistic else 0.0) if mean is None else mean, "mean", n, "N")
    if (np.abs(mu) >= 1).any() or (logistic and (mu <= 0).any()):
        raise ValueError(f"`mean` must be {'above 0 and' if logistic else 'above -1 and'} below 1.")
    return {"mean": mu, "deviation": require_positive(as_vector(deviation, "deviation", n, "N"), "deviation")}


def adapt_reservoir(
    net: EchoState, inputs: ArrayLike, *, mean: ArrayLike | None = None, deviation: ArrayLike = 0.2, rate: float = 1e-3,
    y0: ArrayLike | None = None,
) -> EchoState:  # fmt: skip
    """Return a reservoir after intrinsic plasticity along some inputs; gains go into the rows of its weights.

    Parameters
    ----------
    net : EchoState
        With logistic or tanh units.
    inputs : array_like, shape (M, T)
    mean : float or array_like, shape (N,), optional
        mu; 0.2 for logistic units, 0 for tanh.
    deviation : float or array_like, shape (N,)
        sigma; for tanh only.
    rate : float
        Of one step.
    y0 : array_like, shape (N,), optional

    Examples
    --------
    >>> import numpy as np
    >>> from learning import adapt_reservoir
    >>> from recurrent import EchoState
    >>> u = np.random.default_rng(0).uniform(-1, 1, (1, 5000))
    >>> net = adapt_reservoir(EchoState.random(20, input_scale=0.1, rng=0), u)
    >>> round(float(net.harvest(u).std()), 1)
    0.2
    """
    step, n = _step_of(as_instance(net, "net", EchoState), STEPS), net.state_dim
    u, speed = np.atleast_2d(as_floats(inputs, "inputs")), as_number(rate, "rate", positive=True)
    if len(u) != net.input_dim or not u.size:
        raise ValueError(f"`inputs` must have shape (M, T) with M = {net.input_dim} and T > 0; got {u.shape}.")
    aim = _targets(net, mean, deviation, n)
    x = np.zeros(n) if y0 is None else net.check_state(y0, "y0").copy()
    g, b = np.ones(n), np.array(net.biases)
    for t in range(u.shape[1]):
        z = net.weights @ x + net.input_weights @ u[:, t]
        o = net.activation(g * z + b)
        d = step.py_func(o, aim["mean"], aim["deviation"])
        b += speed * d
        g += speed * (1.0 / g + z * d)
        x += float(net.leak) * (o - x)
        if not (g > 0).all():
            raise ArithmeticError(f"gains did not stay above 0 after {t + 1} `inputs`: make them smaller, or the `rate`.")
    return net.replace(weights=g[:, np.newaxis] * net.weights, input_weights=g[:, np.newaxis] * net.input_weights, biases=b)
