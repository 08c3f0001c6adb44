import pytest

from neuroevolution import ParticleSwarm


def test_the_constriction_is_the_published_one():
    assert ParticleSwarm(attraction=4.1).constriction == pytest.approx(0.7298, abs=5e-5)
