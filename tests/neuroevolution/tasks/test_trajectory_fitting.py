import numpy as np

from ctrnn import CTRNN, Genotype, simulate
from neuroevolution import BeerGA, Stop, evolve, tasks


def test_the_network_that_made_the_target_has_no_error():
    net, t = CTRNN([[2.0]], biases=[0.3]), np.linspace(0, 5, 26)
    task = tasks.TrajectoryFitting(simulate(net, 5, [0], t_eval=t, rtol=1e-10).outputs, t, eps0=0.01)
    np.testing.assert_allclose(task.scores(net, net.params[np.newaxis]), 100.0, rtol=1e-6)
    run = evolve(Genotype(net, {"biases": (-1, 1)}), task, BeerGA(10), generations=50, stop=Stop(learned=1.0), rng=1)
    assert run.reason == "learned = 1 reached"
