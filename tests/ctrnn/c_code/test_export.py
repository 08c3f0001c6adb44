"""Networks in C: compiled with every warning an error, and compared with ours step by step."""

from __future__ import annotations

import shutil
import subprocess

import numpy as np
import pytest

from ctrnn import CTRNN, Activation, Controller, DynamicalSystem, MotorCTRNN, MotorMap, export_c
from neurodynamics.activations.catalogue import ACTIVATIONS

COMPILER = shutil.which("gcc") or shutil.which("clang") or shutil.which("cc")
needs_compiler = pytest.mark.skipif(COMPILER is None, reason="no C compiler is installed")
FLAGS = ["-std=c99", "-Wall", "-Wextra", "-Werror", "-pedantic", "-O2"]
MAIN = """
#include <stdio.h>
#include "net.h"
#include "net.h"
int main(void)
{
    net_state state;
    net_real inputs[NET_INPUTS + 1], outputs[NET_OUTPUTS + 1];
    double value;
    int i, k, steps;
    if (scanf("%d", &steps) != 1)
        return 2;
    net_reset(&state);
    for (k = 0; k < steps; k++) {
        for (i = 0; i < NET_INPUTS; i++) {
            if (scanf("%lf", &value) != 1)
                return 2;
            inputs[i] = (net_real)value;
        }
        net_step(&state, inputs, outputs);
        for (i = 0; i < NET_OUTPUTS; i++)
            printf("%.17g ", (double)outputs[i]);
    }
    return SELF_TEST;
}
"""


def compiled(folder, net, *, test=True, change=None, **options):
    """Export, compile, and return a function that runs the program on inputs (T, M)."""
    header = export_c(net, folder / "net.h", self_test=test, **options)
    if change:
        header.write_text(header.read_text().replace(*change))
    (folder / "main.c").write_text(MAIN.replace("SELF_TEST", "net_self_test()" if test else "0"))
    command = [COMPILER, *FLAGS, str(folder / "main.c"), "-o", str(folder / "main"), "-lm"]
    made = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert made.returncode == 0, made.stderr

    def run(inputs):
        text = f"{len(inputs)} " + " ".join(f"{x:.17g}" for x in np.ravel(inputs))
        done = subprocess.run([str(folder / "main")], input=text, capture_output=True, text=True, timeout=60)
        return np.array(done.stdout.split(), dtype=float).reshape(len(inputs), -1), done.returncode

    return run


def contracting(rng, n, m=None, **options):
    """A network that forgets, so that rounding does not grow."""
    given = {} if m is None else {"input_weights": rng.normal(size=(n, m))}
    return CTRNN(rng.normal(size=(n, n)) * 0.5 / n, rng.normal(size=n), rng.uniform(0.5, 2, n),
                 gains=rng.uniform(0.5, 1.5, n), constant_inputs=rng.normal(size=n), **given, **options)  # fmt: skip


def ours(net, inputs, dt, method):
    controller = Controller(net, dt, method)
    return np.array([controller.step(u).copy() for u in inputs])


@needs_compiler
@pytest.mark.parametrize("method", ["euler", "exponential_euler", "rk4"])
@pytest.mark.parametrize(("dtype", "tolerance"), [("float64", 1e-12), ("float32", 2e-5)])
def test_ten_thousand_steps_agree(tmp_path, rng, method, dtype, tolerance):
    net = contracting(rng, 5, 3)
    inputs = rng.normal(size=(10_000, 3)).astype(np.float32)
    outputs, code = compiled(tmp_path, net, dt=0.02, method=method, dtype=dtype)(inputs)
    assert code == 0
    assert np.abs(outputs - ours(net, inputs, 0.02, method)).max() < tolerance  # some roundings of numbers of size 1


@needs_compiler
@pytest.mark.parametrize("name", ACTIVATIONS)
@pytest.mark.parametrize(("dtype", "tolerance"), [("float64", 1e-12), ("float32", 1e-4)])
def test_every_activation(tmp_path, rng, name, dtype, tolerance):
    net = contracting(rng, 4, activation=name)
    inputs = rng.normal(size=(300, 4)).astype(np.float32)
    outputs, code = compiled(tmp_path, net, dt=0.05, dtype=dtype)(inputs)
    assert code == 0
    assert np.abs(outputs - ours(net, inputs, 0.05, "euler")).max() < tolerance


@needs_compiler
@pytest.mark.parametrize("inputs", [0, 1])
def test_one_neuron_with_and_without_inputs(tmp_path, rng, inputs):
    net = contracting(rng, 1, inputs)
    seen = rng.normal(size=(50, inputs))
    outputs, code = compiled(tmp_path, net, dt=0.05, dtype="float64")(seen)
    assert code == 0
    assert outputs == pytest.approx(ours(net, seen, 0.05, "euler"), abs=1e-13)


@needs_compiler
def test_motor_weights(tmp_path, rng):
    net = MotorCTRNN(rng.normal(size=(3, 3)) / 3, motor_weights=rng.normal(size=(2, 3)))
    seen = rng.normal(size=(50, 3))
    outputs, code = compiled(tmp_path, net, dt=0.05, dtype="float64")(seen)
    assert code == 0
    neurons = ours(CTRNN(net.weights, input_weights=np.eye(3)), seen, 0.05, "euler")
    assert outputs == pytest.approx(neurons @ net.motor_weights.T, abs=1e-13)


@needs_compiler
@pytest.mark.parametrize("own_weights", [False, True])
def test_substeps_and_motor_maps(tmp_path, rng, own_weights):
    """As `Controller` shows them: a threshold, limits, fewer motors than neurons, three steps a call."""
    net = contracting(rng, 5, 2)
    if own_weights:
        net = MotorCTRNN(net.weights, net.biases, net.time_constants, input_weights=net.input_weights,
                         motor_weights=rng.normal(size=(3, 5)))  # fmt: skip
    inputs = rng.normal(size=(500, 2))
    plain = Controller(net, 0.05, substeps=3, motors=3)
    middle = np.median([plain.step(u)[1] for u in inputs])
    motor_map = MotorMap([2, 1, -3], [-1, 0.5, 1], [-0.2, 0, -np.inf], [0.2, 2, np.inf], [np.nan, middle + 1e-9, np.nan])
    options = {"dt": 0.05, "substeps": 3, "motors": 3, "motor_map": motor_map}
    seen, status = compiled(tmp_path, net, dtype="float64", **options)(inputs)
    controller = Controller(net, **options)
    expected = np.array([controller.step(u).copy() for u in inputs])
    assert seen == pytest.approx(expected, abs=1e-12)
    assert status == 0
    assert len(np.unique(expected[:, 1])) == 2
    with pytest.raises(ValueError, match="finite scale"):
        export_c(net, tmp_path / "no.h", dt=0.1, motor_map=MotorMap(scale=np.inf))


@needs_compiler
def test_the_self_test_finds_a_wrong_sign(tmp_path, rng):
    change = ("sum - leaks[i]", "sum + leaks[i]")
    _, code = compiled(tmp_path, contracting(rng, 3), dt=0.05, change=change)(np.zeros((1, 3)))
    assert code > 0


def test_reset_takes_the_state_given(tmp_path):
    text = export_c(CTRNN([[1.0]]), tmp_path / "a.h", dt=0.1, dtype="float64", y0=[0.25]).read_text()
    assert "start[1] = {0.25};" in text
    assert "malloc" not in text
    assert "a_self_test" not in export_c(CTRNN([[1.0]]), tmp_path / "a.h", dt=0.1, self_test=False).read_text()


@pytest.mark.parametrize("name", ["my-net", "2nd", "", "double", "a b", "für"])
def test_names_that_c_does_not_allow(tmp_path, name):
    with pytest.raises(ValueError, match="C identifier"):
        export_c(CTRNN([[1.0]]), tmp_path / "x.h", dt=0.1, name=name)
    assert not (tmp_path / "x.h").exists()


def test_a_file_name_that_is_no_identifier_needs_a_name(tmp_path):
    with pytest.raises(ValueError, match="name="):
        export_c(CTRNN([[1.0]]), tmp_path / "my-net.h", dt=0.1)
    assert export_c(CTRNN([[1.0]]), tmp_path / "my-net.h", dt=0.1, name="my_net").exists()


def test_what_cannot_be_exported(tmp_path):
    net, path = CTRNN([[1.0]]), tmp_path / "x.h"
    with pytest.raises(OSError, match="missing"):
        export_c(net, tmp_path / "missing" / "x.h", dt=0.1)
    with pytest.raises(TypeError, match="additive network"):
        export_c(DynamicalSystem(lambda t, y, u, params, out: out.fill(0.0), 1), path, dt=0.1)
    with pytest.raises(ValueError, match="'euler', 'exponential_euler', 'rk4'"):
        export_c(net, path, dt=0.1, method="heun")
    with pytest.raises(ValueError, match="float32"):
        export_c(net, path, dt=0.1, dtype="float16")
    with pytest.raises(ValueError, match="does not fit into float32"):
        export_c(CTRNN([[1e300]]), path, dt=0.1)
    with pytest.raises(ValueError, match="noise"):
        export_c(net.replace(noise=1.0), path, dt=0.1)
    with pytest.raises(ValueError, match="at most 2"):
        export_c(net, path, dt=2.5)
    own = CTRNN([[1.0]], activation=Activation.from_functions("mine", value=lambda x: x / 2, derivative=lambda x: 0.5))
    with pytest.raises(ValueError, match="cannot be written in C"):
        export_c(own, path, dt=0.1)
