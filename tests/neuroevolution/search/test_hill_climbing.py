"""Annealing visits four states as Boltzmann says."""

import numpy as np

from neuroevolution import SimulatedAnnealing

LEVELS = np.array([0.0, 1.0, -0.5, 0.5])


def test_four_states_are_visited_in_proportion_to_their_boltzmann_factors():
    search = SimulatedAnnealing(4000, step=1.0, temperature=0.7, cooling=1.0).start(1, rng=1)
    for _ in range(150):
        genes = search.ask()
        search.tell(genes, LEVELS[np.minimum((2 * (genes[:, 0] + 1)).astype(int), 3)])
    counts = np.bincount(np.minimum((2 * (search.genes[:, 0] + 1)).astype(int), 3), minlength=4)
    expected = 4000 * np.exp(LEVELS / 0.7) / np.exp(LEVELS / 0.7).sum()
    assert ((counts - expected) ** 2 / expected).sum() < 16.3  # chi-square with 3 degrees of freedom, p = 0.001
