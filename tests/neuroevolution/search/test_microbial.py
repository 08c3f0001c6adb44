import numpy as np

from neuroevolution import MicrobialGA


def test_only_losers_change():
    search = MicrobialGA(10, deme=2).start(3, rng=1)
    genes = search.ask()
    search.tell(genes, np.arange(10.0))
    assert 9 not in search.losers
    assert len(set(search.losers)) == len(search.ask()) <= 5
