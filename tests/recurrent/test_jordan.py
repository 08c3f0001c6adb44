"""Jordan's network remembers what it said."""

import numpy as np

from neurodynamics import Sampled, simulate
from recurrent import Elman, Jordan


def outputs(net, x, y0=None):
    x = np.atleast_2d(x)
    drive = Sampled(np.arange(x.shape[1]), x)
    return simulate(net, x.shape[1], np.zeros(net.state_dim) if y0 is None else y0, inputs=drive).outputs[:, 1:]


def test_jordans_context_remembers_what_was_said(rng):
    W, U, V, b, d = (rng.normal(size=s) for s in ((3, 2), (3, 1), (2, 3), 3, 2))
    x, c = rng.normal(size=(1, 10)), np.zeros(2)
    expected = []
    for k in range(10):
        h = 1 / (1 + np.exp(-(W @ c + U @ x[:, k] + b)))
        expected.append(1 / (1 + np.exp(-(V @ h + d))))
        c = 0.7 * c + expected[-1]
    np.testing.assert_allclose(outputs(Jordan(W, U, V, b, d, 0.7), x), np.transpose(expected), rtol=1e-12)


def test_without_memory_of_its_own_the_context_is_the_last_output(rng):
    """alpha = 0 is the textbook's network; with V the identity it is Elman's."""
    W, U, b, x = (rng.normal(size=s) for s in ((3, 3), (3, 1), 3, (1, 20)))
    net = Jordan(W, U, np.eye(3), b, output_activation="linear")
    run = simulate(net, 20, np.zeros(6), inputs=Sampled(np.arange(20), x))
    np.testing.assert_array_equal(run.y[:3, 1:], run.y[3:, 1:])
    elman = simulate(Elman(W, U, np.eye(3), b), 20, np.zeros(3), inputs=Sampled(np.arange(20), x))
    np.testing.assert_array_equal(run.y[:3, 1:], elman.y[:, 1:])
