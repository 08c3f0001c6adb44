import numpy as np
import pytest

from neuroevolution import RandomSearch


def test_failed_scores_come_last_and_bad_ones_are_named():
    search = RandomSearch(3).start(2, rng=1)
    genes = search.ask()
    search.tell(genes, [np.nan, -5.0, np.nan])
    assert (search.best_genes == genes[1]).all()
    with pytest.raises(ValueError, match=r"`genes\[0, 0\]` must lie in"):
        search.tell(2 + genes, [0.0, 0.0, 0.0])
