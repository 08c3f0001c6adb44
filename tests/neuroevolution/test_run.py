import numpy as np
import pytest

from ctrnn import CTRNN, Genotype
from neuroevolution import RandomSearch, evolve, load_run


def test_foreign_files_are_refused(tmp_path):
    (tmp_path / "a").write_bytes(b"something else")
    with pytest.raises(ValueError, match="is not an"):
        load_run(tmp_path / "a")


@pytest.mark.parametrize("other", [{"biases": (-2, 2)}, {"biases": (-1, 1), "gains": (1, 2)}])
def test_another_genotype_is_refused(tmp_path, other):
    genotype, path = Genotype(CTRNN([[0.0]]), {"biases": (-1, 1)}), tmp_path / "it.run"
    evolve(genotype, lambda genes: genes[:, 0], RandomSearch(4), generations=2, rng=1, checkpoint=path)
    assert load_run(path, genotype).best.network.biases.shape == (1,)
    with pytest.raises(ValueError, match=r"`genotype` is not that of the run in .*, 1 genes"):
        load_run(path, Genotype(CTRNN([[0.0]]), other))


def test_a_task_may_write_to_its_genes():
    def wiped(genes):
        scores = genes[:, 0].copy()
        genes[:] = 0.0
        return scores

    genotype = Genotype(CTRNN([[0.0]]), {"biases": (-1, 1)})
    best = evolve(genotype, wiped, RandomSearch(20), generations=2, rng=1).best
    assert best.genes[0] == best.score > 0.5


def test_the_history_in_pandas():
    pytest.importorskip("pandas")
    genotype = Genotype(CTRNN([[0.0]]), {"biases": (-1, 1)})
    run = evolve(genotype, lambda genes: genes[:, 0], RandomSearch(4), generations=3, rng=1)
    frame = run.to_pandas()
    assert list(frame.columns) == list(run.history)
    assert frame.index.name == "generation"
    np.testing.assert_array_equal(frame["best"], run.history["best"])
    assert frame["best"].iloc[-1] == run.best.score
