import numpy as np

from neuroevolution import RandomSearch


def test_initial_genes_come_first():
    given = np.full((2, 3), 0.25)
    assert (RandomSearch(5).start(3, rng=1, initial=given).ask()[:2] == given).all()
