"""Motor maps: what is shown, scaled, shifted and clipped."""

import pickle

import numpy as np
import pytest

from ctrnn import (
    CTRNN,
    Controller,
    MotorMap,
    PopulationController,
    random_ctrnn,
)


def test_a_motor_map_is_applied_to_what_is_shown(rng):
    net, motor_map = (
        random_ctrnn(5, rng, input_dim=2),
        MotorMap(scale=[4, 1], offset=[-2, 0.5], high=1.2, threshold=[np.nan, 0.5]),
    )
    plain = Controller(net, 0.05, substeps=2)
    mapped = Controller(net, 0.05, substeps=2, motors=2, motor_map=motor_map)
    many = PopulationController(net, 3, 0.05, 2, motors=2, motor_map=motor_map)
    np.testing.assert_array_equal(mapped.reset(), motor_map(plain.reset()[:2]))
    for _ in range(30):
        u = rng.normal(size=2)
        shown = mapped.step(u)
        np.testing.assert_array_equal(shown, motor_map(plain.step(u)[:2]))
        np.testing.assert_array_equal(shown, many.step(np.tile(u, (3, 1)))[1])
        np.testing.assert_array_equal(mapped.motors, shown)
        np.testing.assert_array_equal(mapped.outputs, plain.outputs)
    again = pickle.loads(pickle.dumps(mapped))
    np.testing.assert_array_equal(again.step(u), mapped.step(u))


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"motors": 3}, ValueError, "`motors` must be at most the number of outputs, 2; got 3"),
        ({"motor_map": 3}, TypeError, "`motor_map` must be a MotorMap; got int"),
        ({"motor_map": MotorMap(scale=[1, 2, 3])}, ValueError, r"`scale` must be a number or have shape \(2,\)"),
    ],
)
def test_bad_motors_are_refused(arguments, error, message):
    with pytest.raises(error, match=message):
        Controller(CTRNN(np.zeros((2, 2))), 0.1, **arguments)
