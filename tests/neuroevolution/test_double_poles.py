"""Double poles by CMA-ES, in no more evaluations than published (Igel 2003: 895 with velocities, 3521 without).

The networks are Elman's: their time constants are the control period, so that a neuron remembers what it has just sensed,
and the difference is a velocity. With longer ones the poles have fallen before a velocity is known.
"""

import numpy as np
import pytest

from ctrnn import CTRNN, Genotype
from neuroevolution import CMAES, Stop, evolve, tasks

PERIOD, BALANCED = 0.02, 20.0  # seconds; 1000 steps


def evaluations(task, neurons, seed):
    template = CTRNN(np.zeros((neurons, neurons)), input_weights=np.zeros((neurons, task.sensors)), time_constants=PERIOD)
    genotype = Genotype(template, {"weights": (-10, 10), "input_weights": (-10, 10), "biases": (-5, 5)})
    run = evolve(genotype, task, CMAES(), stop=Stop(score=BALANCED - 1e-6, evaluations=12_000), rng=seed,
                 initial=np.zeros(genotype.size), duration=BALANCED, dt=PERIOD, substeps=1)  # fmt: skip
    return run.evaluations if run.best.score >= BALANCED - 1e-6 else np.inf


@pytest.mark.parametrize(("velocities", "neurons", "most"), [(True, 1, 1500), (False, 3, 6000)])
def test_the_median_run_balances_both_poles(velocities, neurons, most):
    task = tasks.PoleBalancing(2, velocities=velocities)
    found = [evaluations(task, neurons, seed) for seed in range(3)]
    assert np.median(found) <= most
