"""Linearisation: products and derivatives are those of complex steps or differences, and say which they are."""

import numpy as np
import pytest

from ctrnn import CTRNN
from hopfield import GradedHopfield
from neurodynamics import DynamicalSystem, linearise
from recurrent import GRU, Elman


def central(f, x):
    """Differences of fourth order, good to about 1e-10."""
    columns = []
    for j in range(x.size):
        e = np.zeros(x.size)
        e[j] = 1e-3
        columns.append((8 * (f(x + e) - f(x - e)) - (f(x + 2 * e) - f(x - 2 * e))) / 12e-3)
    return np.stack(columns, axis=1)


def pendulum(t, y, u, params, out):
    out[0] = y[1]
    out[1] = u[0] * t - params[0] * np.sin(y[0])


def systems():
    rng = np.random.default_rng(3)
    W, V, tau = rng.normal(size=(4, 4)), rng.normal(size=(4, 2)), rng.uniform(1, 2, 4)
    yield CTRNN(W, [1, 2, 3, 4], tau, gains=tau[::-1], leaks=0.5, input_weights=V, noise=0.1), "closed form"
    yield CTRNN(W, 0.1, tau, activation="tanh"), "closed form"
    yield GradedHopfield(W + W.T, gain=2.0), "closed form"
    yield GRU(rng.normal(size=(9, 3)), rng.normal(size=(9, 2)), 0.3), "dual numbers"
    yield Elman(W, V, rng.normal(size=(1, 4))), "dual numbers"
    yield DynamicalSystem(pendulum, 2, [2.0], 1), "differences"
    yield DynamicalSystem(pendulum, 2, [2.0], 1, host=True), "differences"


@pytest.mark.parametrize(("system", "how"), list(systems()), ids=lambda x: type(x).__name__ if not isinstance(x, str) else x)
def test_derivatives_are_those_of_differences(system, how, rng):
    y, u, t = rng.normal(size=system.state_dim), rng.normal(size=system.input_dim), 0.7
    at = linearise(system, y, u, t=t)
    assert at.how == how
    assert at.exact == (how != "differences")
    close = {"atol": 1e-7 * max(1.0, np.abs(at.dfdparams()).max())}
    J = central(lambda y: system.rhs(t, y, u), y)
    v, w = rng.normal(size=(system.state_dim, 3)), rng.normal(size=system.state_dim)
    np.testing.assert_allclose(at.jvp(v), J @ v, **close)
    np.testing.assert_allclose(at.jvp(v[:, 0]), J @ v[:, 0], **close)
    np.testing.assert_allclose(at.vjp(w), J.T @ w, **close)
    np.testing.assert_allclose(at.dfdinputs(), central(lambda u: system.rhs(t, y, u), u) if u.size else 0, **close)
    names = [name for name in system.layout.shapes if name != "noise"]
    where = np.concatenate([np.ravel(system.layout.positions(name), order="F") for name in names])

    def of_params(values):
        params = system.params.copy()
        params[where] = values
        return system.with_params(params).rhs(t, y, u)

    np.testing.assert_allclose(at.dfdparams(names), central(of_params, system.params[where]), **close)
    np.testing.assert_array_equal(system.jvp(t, y, v, u), at.jvp(v))
    np.testing.assert_array_equal(system.vjp(t, y, w, u), at.vjp(w))
    np.testing.assert_array_equal(system.dfdinputs(t, y, u), at.dfdinputs())
    np.testing.assert_array_equal(system.dfdparams(t, y, u, names), at.dfdparams(names))
    name = names[0]
    np.testing.assert_allclose(at.dfdparams(name), at.dfdparams()[:, : np.size(system.param(name))], rtol=1e-14)


def test_products_of_a_large_network_form_no_matrix():
    """w'(J v) = (J'w)'v, and both agree with a difference of two right-hand sides."""
    rng = np.random.default_rng(0)
    net = CTRNN(rng.normal(size=(300, 300)) / 17, activation="tanh")
    y, v, w = rng.normal(size=(3, 300))
    at = linearise(net, y)
    assert w @ at.jvp(v) == pytest.approx(at.vjp(w) @ v, rel=1e-11)
    np.testing.assert_allclose(at.jvp(v), (net.rhs(0, y + 1e-5 * v) - net.rhs(0, y - 1e-5 * v)) / 2e-5, atol=1e-7)


def test_bad_arguments_are_named():
    net = CTRNN([[1.0]])
    with pytest.raises(TypeError, match="`system` must be a network"):
        linearise([[1.0]], [0])
    with pytest.raises(ValueError, match=r"`y` must have shape"):
        linearise(net, [0, 0])
    with pytest.raises(ValueError, match=r"`u` must have shape"):
        linearise(net, [0], [1, 2])
    with pytest.raises(ValueError, match=r"`v` must have shape"):
        linearise(net, [0]).jvp([1, 2])
    with pytest.raises(ValueError, match="unknown parameter name 'weight'"):
        linearise(net, [0]).dfdparams("weight")
