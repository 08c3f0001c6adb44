"""Initial guesses for fixed points."""

from __future__ import annotations

from typing import Any

import numpy as np

from analysis.common import phase_box
from analysis.cycles import without_noise
from analysis.equilibria.net_inputs import region_of
from neurodynamics import DynamicalSystem, simulate_ensemble
from neurodynamics.validation import Floats

SCALES = (0.1, 30.0)  # of starts where nothing is known about a system
LARGE, SETTLED, MOST_STEPS = 20, 60.0, 2000.0  # states; slowest time constants, and steps, that starts are carried along
FURTHER, SHARE = 1e4, 0.25  # scale up to which that share of them lies, for roots far away
CLOSER, FEW = 1e-10, 0.05  # scale down to which that share lies, for states in units that are large


def draw_starts(
    system: DynamicalSystem, drive: Floats, bounds: Floats | None, count: int, rng: np.random.Generator,
    far: bool = False,
) -> Floats:  # fmt: skip
    """Return starts (count, N), for the search for roots some of them ``far`` away.

    Between the bounds; for a network, where its outputs can drive it and where its activations bend; for other systems,
    normally distributed at many scales.
    """
    n, angles = system.state_dim, system.angles
    if bounds is not None:
        return rng.uniform(bounds[:, 0], bounds[:, 1], (count, n))
    if system.structure("additive") is not None:
        return _of_network(system, drive, count, rng)
    low, high = np.log(SCALES)
    scale = np.exp(rng.uniform(low, high, (count, 1)))
    some = slice(0, int(SHARE * count) if far else 0)
    low, high = np.log([SCALES[1], FURTHER])
    scale[some] = np.exp(rng.uniform(low, high, scale[some].shape))
    few = slice(some.stop, some.stop + int(FEW * count) if far else some.stop)
    low, high = np.log([CLOSER, SCALES[0]])
    scale[few] = np.exp(rng.uniform(low, high, scale[few].shape))
    starts = scale * rng.normal(size=(count, n))
    starts[:, angles.states] = rng.uniform(-0.5, 0.5, (count, angles.states.size)) * angles.periods
    return starts


def attracted(system: DynamicalSystem, drive: Floats, starts: Floats, seconds: float | None) -> Floats:
    """Return states (K, N) that a large network is drawn to from starts: most attractors are small targets for a search."""
    net = system.structure("additive")
    if net is None or system.state_dim < LARGE:
        return starts[:0]
    slowest = float(net.time_constants.max())
    rate = float(((np.abs(net.leaks) + np.linalg.norm(net.weights * net.gains, 2) * net.activation.max_slope)
                  / net.time_constants).max())  # fmt: skip
    dt = min(1.0 / rate, 0.1 * float(net.time_constants.min()))
    duration = min(SETTLED * slowest, MOST_STEPS * dt)
    run = simulate_ensemble(without_noise(system), duration, starts, inputs=drive, method="rk4", dt=dt, save="final",
                            timeout=seconds)  # fmt: skip
    return run.y[np.isfinite(run.y).all(axis=1)]


def reach_of_starts(system: DynamicalSystem, bounds: Floats | None) -> str:
    """Return where the starts were, in words."""
    if bounds is not None:
        return " within `bounds`"
    return " in the network's box" if system.structure("additive") is not None else f" of sizes up to {FURTHER:g}"


def _of_network(network: Any, drive: Floats, count: int, rng: np.random.Generator) -> Floats:
    ends = region_of(network, drive)
    box = phase_box(network, inputs=drive)
    starts = rng.uniform(box[:, 0], box[:, 1], (count, network.state_dim))
    if ends is None:
        return starts
    driven = count // 2
    outputs = rng.uniform(*ends, (driven, network.state_dim))
    saturated = rng.random((driven, 1)) < 0.5  # corners of the cube of outputs, where most attractors are
    outputs = np.where(saturated, np.where(rng.random(outputs.shape) < 0.5, *ends), outputs)
    current = network.constant_inputs + network.input_weights @ drive
    starts[:driven] = (outputs @ network.weights.T + current) / network.leaks
    return starts
