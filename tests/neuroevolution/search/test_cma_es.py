import numpy as np
import pytest
from cma import CMAEvolutionStrategy

from neuroevolution import CMAES


def hill(genes):
    return -(np.array([1.0, 10.0, 100.0]) * (genes - [0.3, -0.5, 0.9]) ** 2).sum(axis=1)


def test_it_finds_the_top_of_a_badly_scaled_hill_and_leaves_the_global_generator_alone():
    before = np.random.get_state()[1].copy()  # noqa: NPY002
    search = CMAES().start(3, rng=2)
    for _ in range(120):
        genes = search.ask()
        assert genes.shape == (4 + int(3 * np.log(3)), 3)
        assert (np.abs(genes) <= 1).all()
        search.tell(genes, hill(genes))
    assert search.best_genes == pytest.approx([0.3, -0.5, 0.9], abs=1e-6)
    assert (np.random.get_state()[1] == before).all()  # noqa: NPY002


def test_restored_from_plain_arrays_it_goes_on_to_the_last_bit_also_past_new_starts():
    first, second = CMAES(population=6).start(3, rng=2), CMAES(population=6).start(3, rng=3)
    assert (first.ask() != second.ask()).any()
    for generation in range(400):
        if generation in (0, 7, 350):
            second.restore({name: array.copy() for name, array in first.state().items()})
        genes, again = first.ask(), second.ask()
        assert (genes == again).all()
        scores = hill(genes)
        scores[generation % 3] = np.nan if generation % 5 == 0 else scores[0]
        first.tell(genes, scores)
        second.tell(again, scores)
    assert first.strategy.countiter < 400  # it has converged and started anew


def test_the_mean_starts_at_given_genes_and_a_generation_may_fail():
    search = CMAES(sigma=1e-6).start(2, rng=1, initial=[0.25, -0.75])
    genes = search.ask()
    assert np.abs(genes - [0.25, -0.75]).max() < 1e-4
    search.tell(genes, np.full(len(genes), np.nan))
    assert np.isfinite(search.ask()).all()


def test_other_genes_than_those_asked_for_are_refused():
    search = CMAES().start(2, rng=1)
    with pytest.raises(ValueError, match="`genes` must be those that were asked for"):
        search.tell(np.zeros_like(search.ask()), np.zeros(len(search.ask())))


@pytest.mark.parametrize(("options", "word"), [({"sigma": 0.0}, "sigma"), ({"population": 1}, "population")])
def test_bad_settings_are_named(options, word):
    with pytest.raises(ValueError, match=f"`{word}`"):
        CMAES(**options)


def test_without_the_package_the_pip_line_is_named(monkeypatch):
    import sys

    monkeypatch.setitem(sys.modules, "cma", None)
    with pytest.raises(ImportError, match=r'pip install "neural-attractors\[cma\]"'):
        CMAES().start(2, rng=1)


def test_it_is_the_packages_own_strategy_with_its_own_random_numbers():
    """Population by population, with the normal numbers of the same generator behind the first population."""
    search = CMAES(population=9, sigma=0.4).start(3, rng=3, initial=[-0.5, -0.5, -0.5])
    seed = np.random.default_rng(3).integers(0, 2**63, 4).tolist()
    rng = np.random.Generator(np.random.PCG64(seed))
    rng.uniform(-1, 1, (9, 3))
    options = {"bounds": [-1, 1], "popsize": 9, "verbose": -9, "seed": np.nan, "randn": lambda *n: rng.standard_normal(n)}
    strategy = CMAEvolutionStrategy([-0.5] * 3, 0.4, options)
    for _ in range(30):
        genes = strategy.ask()
        assert np.array_equal(search.ask(), genes)
        search.tell(genes, hill(np.array(genes)))
        strategy.tell(genes, -hill(np.array(genes)))
