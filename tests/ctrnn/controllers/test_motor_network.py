"""Networks whose motor weights are parameters."""

import numpy as np

from ctrnn import (
    Controller,
    MotorCTRNN,
    PopulationController,
)


def test_motor_weights_are_those_of_the_network(rng):
    net = MotorCTRNN(rng.normal(size=(4, 4)), motor_weights=rng.normal(size=(2, 4)))
    controller, many = Controller(net, 0.1), PopulationController(net, 1, 0.1)
    for _ in range(10):
        u = rng.normal(size=4)
        motors = controller.step(u)
        np.testing.assert_allclose(motors, net.motors(controller.outputs), rtol=1e-14, atol=1e-15)
        np.testing.assert_array_equal(motors, many.step(u[np.newaxis])[0])
