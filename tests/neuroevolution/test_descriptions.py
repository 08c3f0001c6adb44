"""What tells one task from another, so that a run is not resumed with what only looks alike."""

import functools

import numpy as np
import pytest

from ctrnn import Sine
from neuroevolution.descriptions import describe_task
from neuroevolution.tasks import TrajectoryFitting

TIMES = np.linspace(0, 1, 5)


def distance(genes, target):
    return -np.abs(genes[:, 0] - target)


def closing_over(target):
    weights = np.arange(3.0) + target
    return lambda genes: distance(genes, weights[0])


class Target:
    def __init__(self, value):
        self.value, self._calls = value, np.random.default_rng().random()

    def score(self, genes):
        return distance(genes, self.value)


class Further(Target):
    pass


@pytest.mark.parametrize("task", [
    lambda x: functools.partial(distance, target=x), lambda x: Target(x).score, lambda x: Target({"at": x}),
    lambda x: Target([x]), lambda x: Target((Target, Further)[x]), lambda x: Target(functools.partial(distance, target=x)),
    lambda x: TrajectoryFitting(np.ones(5), TIMES, inputs=[Sine(1, 1 + x)]), lambda x: (distance, Target(0).score)[x],
    lambda x: TrajectoryFitting(np.ones(5), TIMES, eps0=1 + x), lambda x: Target(np.array([0, x])),
    closing_over, lambda x: Target(closing_over(x)).value, lambda x: Target(np.int64(x)), lambda x: Target(np.array(x)),
])  # fmt: skip
def test_tasks_differ_by_what_they_are_made_of(task):
    assert describe_task(task(0)) == describe_task(task(0)) != describe_task(task(1))
