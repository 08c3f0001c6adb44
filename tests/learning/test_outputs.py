"""What a system shows, and its derivatives, against those of its outputs as a function."""

import numpy as np

from ctrnn import CTRNN
from learning.outputs import Outputs
from neurodynamics import DynamicalSystem
from recurrent import Elman


def still(t, y, u, params, out):
    out[0] = out[1] = 0.0


def product(y, params, out):
    out[0] = params[0] * y[0] * y[1] if y[0] > 0 else params[1] * y[1]


def systems(rng):
    yield CTRNN(rng.normal(size=(3, 3)), biases=rng.normal(size=3), gains=[1.0, 2.0, 0.5])
    yield Elman(rng.normal(size=(3, 3)), np.zeros((3, 0)), rng.normal(size=(2, 3)), 0.1, 0.2)
    yield DynamicalSystem(still, 2, params=[2.0, 3.0], outputs=product, output_dim=1)


def test_back_and_along_are_the_derivatives(rng):
    for system in systems(rng):
        states = rng.normal(size=(7, system.state_dim))
        seen = Outputs(system, states)
        np.testing.assert_allclose(seen.shown, [system.outputs(state) for state in states], rtol=1e-14)
        weights, by_params = rng.normal(size=seen.shown.shape), np.zeros(system.param_dim)
        back = seen.back(weights, by_params)
        h, direction, d_states = 1e-6, rng.normal(size=system.param_dim), rng.normal(size=states.shape)
        if isinstance(system, CTRNN):
            for name in ("time_constants", "noise"):  # outputs know nothing of them
                direction[system.layout.slice_of(name)] = 0.0
        ends = [Outputs(system.with_params(system.params + e * direction), states + e * d_states).shown for e in (h, -h)]
        change = (ends[0] - ends[1]) / (2 * h)
        np.testing.assert_allclose(
            (weights * change).sum(), (back * d_states).sum() + by_params @ direction, rtol=1e-7, atol=1e-9
        )
        np.testing.assert_allclose(
            seen.along(d_states[:, :, np.newaxis], direction[:, np.newaxis])[..., 0], change, rtol=1e-6, atol=1e-8
        )


def test_states_themselves(rng):
    net = CTRNN([[1.0]])
    seen = Outputs(net, np.array([[0.3], [0.4]]), of="states")
    assert seen.shown.tolist() == [[0.3], [0.4]]
    assert seen.back(np.ones((2, 1)), np.zeros(net.param_dim)).tolist() == [[1.0], [1.0]]
