from ctrnn import CTRNN, Genotype
from neuroevolution import RandomSearch, evolve


def test_the_best_is_drawn_over_the_generations():
    genotype = Genotype(CTRNN([[0.0]]), {"biases": (-1, 1)})
    run = evolve(genotype, lambda genes: genes[:, 0], RandomSearch(4), generations=3, rng=1)
    assert (run.plot().lines[-1].get_ydata() == run.history["best"]).all()
