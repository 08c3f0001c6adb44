"""Methods compared by their replicates."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from neurodynamics.pictures import drawn
from neurodynamics.records import Record
from neurodynamics.validation import as_instance
from neuroevolution.replication import Replicates


@dataclass(frozen=True)
class Difference:
    """How the best scores of two methods differ: Mann and Whitney's test, two-sided.

    Attributes
    ----------
    first, second : str
    n : tuple of int
        Numbers of runs.
    p : float
        Probability of so large a difference if there were none; nan where no run of either has a score.
    better : float
        Share of pairs in which the first method's score is higher, ties counted half (Vargha and Delaney's A).
    """

    first: str
    second: str
    n: tuple[int, int]
    p: float
    better: float

    def __str__(self) -> str:
        if np.isnan(self.p):
            return f"{self.first} and {self.second}: undecided, none of n = {self.n[0]}, {self.n[1]} runs has a score"
        share = f"{self.first} above {self.second} in {self.better:.0%} of pairs"
        return f"{share}, p = {self.p:.2g}, n = {self.n[0]}, {self.n[1]}"


@dataclass(frozen=True, eq=False, repr=False)
class Comparison(Record):
    """Replicates of several methods.

    Attributes
    ----------
    replicates : dict of str to Replicates
    differences : tuple of Difference
        Of every pair.
    """

    replicates: Mapping[str, Replicates]
    differences: tuple[Difference, ...]

    plot = drawn("plot_comparison", "Draw the best scores of each method")

    def __str__(self) -> str:
        runs = [f"{name}: {each.summary()}" for name, each in self.replicates.items()]
        return "\n".join([*runs, *map(str, self.differences)])

    __repr__ = __str__


def compare(results: Mapping[str, Replicates]) -> Comparison:
    """Compare the best scores of replicates.

    Parameters
    ----------
    results : mapping of str to Replicates
        By the methods' names; one of them should be random search. The test takes them for independent, which they are where
        ``replicates(count, rng)`` had another `rng` for each: with the same one all begin with the same first populations.

    Returns
    -------
    Comparison

    References
    ----------
    .. [1] Mann & Whitney (1947), Ann. Math. Stat. 18, 50. Vargha & Delaney (2000), J. Educ. Behav. Stat. 25, 101.

    Examples
    --------
    >>> from ctrnn import CTRNN, Genotype
    >>> from neuroevolution import HillClimbing, RandomSearch, compare, evolve
    >>> genotype = Genotype(CTRNN([[0.0]]), {"biases": (-1, 1)})
    >>> def runs(method, rng):
    ...     return evolve(genotype, lambda genes: -abs(genes[:, 0]), method, generations=20, rng=1).replicates(10, rng)
    >>> print(compare({"climbing": runs(HillClimbing(), 2), "random": runs(RandomSearch(20), 3)}).differences[0].n)
    (10, 10)
    """
    as_instance(results, "results", Mapping)
    if len(results) < 2:
        raise ValueError(f"`results` must hold at least two methods; got {len(results)}.")
    for name, each in results.items():
        as_instance(each, f"results[{name!r}]", Replicates)
    return Comparison(dict(results), tuple(_difference(a, b, results) for a, b in combinations(results, 2)))


def _difference(first: str, second: str, results: Mapping[str, Replicates]) -> Difference:
    from scipy.stats import mannwhitneyu  # late: half a second of imports

    a, b = results[first].scores, results[second].scores
    if np.isneginf([*a, *b]).all():
        return Difference(first, second, (len(a), len(b)), np.nan, np.nan)
    test = mannwhitneyu(a, b)
    return Difference(first, second, (len(a), len(b)), float(test.pvalue), float(test.statistic) / (len(a) * len(b)))
