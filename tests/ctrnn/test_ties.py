"""Left and right: what follows what, and what symmetric networks do."""

from __future__ import annotations

import numpy as np
import pytest

from ctrnn import CTRNN, Genotype, Groups, MotorCTRNN


def test_left_and_right_are_mirror_images(rng):
    """Mirrored inputs and states give mirrored slopes: the equations of one side are those of the other."""
    template = MotorCTRNN(np.zeros((5, 5)), input_weights=np.zeros((5, 3)), motor_weights=np.zeros((2, 5)))
    free = {"weights": (-3, 3), "biases": (-3, 3), "input_weights": (-3, 3), "motor_weights": (-3, 3)}
    genotype = Genotype(template, free, symmetry="bilateral")
    assert genotype.size == 13 + 3 + 8 + 5
    net = genotype.network(genotype.random(1, rng)[0])
    y, u = rng.normal(size=5), rng.normal(size=3)
    here = net.weights @ (1 / (1 + np.exp(-(y + net.biases)))) + net.input_weights @ u
    there = net.weights @ (1 / (1 + np.exp(-(y[::-1] + net.biases)))) + net.input_weights @ u[::-1]
    assert there[::-1] == pytest.approx(here, rel=1e-13)
    assert net.motors(y[::-1])[::-1] == pytest.approx(net.motors(y), rel=1e-13)
    np.testing.assert_array_equal(genotype.decode(genotype.encode(net)), net.params)
    other = Genotype(template, free).network(rng.uniform(-1, 1, 5 * 5 + 5 + 15 + 10))  # the control
    assert other.motors(y[::-1])[::-1] != pytest.approx(other.motors(y), rel=1e-3)


def test_groups_are_mirrored_in_themselves():
    genotype = Genotype(CTRNN(np.zeros((5, 5))), {"biases": (-1, 1)}, symmetry=Groups(motors=2, inner=3))
    assert genotype.names == ["biases[0]", "biases[2]", "biases[3]"]
    assert genotype.network([0.1, 0.2, 0.3]).biases == pytest.approx([0.1, 0.1, 0.2, 0.3, 0.2])
    later = Genotype(CTRNN(np.zeros((2, 2))), {"weights[0, 1]": (-1, 1)}, symmetry="bilateral")  # the image leads elsewhere
    assert later.network([0.5]).weights.tolist() == [[0, 0.5], [0.5, 0]]


@pytest.mark.parametrize(
    ("symmetry", "biases", "message"),
    [("radial", 0, "bilateral"), (Groups(a=2), 0, "3 neurons"), ("bilateral", [1, 0, 2], r"'biases\[0\]' and 'biases")],
)
def test_what_has_no_sides(symmetry, biases, message):
    with pytest.raises(ValueError, match=message):
        Genotype(CTRNN(np.zeros((3, 3)), biases), {"weights": (-1, 1)}, symmetry=symmetry)
