"""The record of an evolution, and the file that it is kept in."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from ctrnn import Genotype
from neurodynamics.files import npz, reads
from neurodynamics.pictures import drawn
from neurodynamics.records import Record
from neurodynamics.status import Status
from neurodynamics.systems import floats
from neurodynamics.tables import table
from neurodynamics.validation import Floats, as_instance
from neuroevolution.descriptions import describe_genotype
from neuroevolution.embodied import EmbodiedGenotype
from neuroevolution.replication import Replicates, replicates
from neuroevolution.search import best_of

SCHEMA = 1
COLUMNS = ("generation", "best", "top", "median", "q25", "q75", "diversity", "evaluations", "failed", "seconds")
POISONOUS = ("generation", "member", "genes")


@dataclass(frozen=True, eq=False)
class Individual:
    """Genes, their score, and the network that they are."""

    genes: Floats  # NaN, and the score -inf, where nothing has a score
    score: float
    genotype: Any = field(default=None, repr=False)

    @property
    def network(self) -> Any:
        """The network of the genes."""
        if self.genotype is None:
            raise ValueError("`genotype` is not known: a file of a run holds genes only. Use load_run(path, genotype).")
        if np.isnan(self.genes).any():
            raise ValueError("there is no best network: no score was a number above -inf.")
        return self.genotype.network(self.genes)

    @property
    def task(self) -> Any:
        """The task with the constants of the genes, where these have evolved (`EmbodiedGenotype`)."""
        if not isinstance(self.genotype, EmbodiedGenotype):
            raise ValueError("`genotype` is that of a network alone: its genes say nothing of a task.")
        return self.genotype.task(self.genes)


@dataclass(frozen=True, eq=False, repr=False)
class Run(Record):
    """How an evolution went.

    Attributes
    ----------
    best : Individual
        ``.genes``, ``.score`` and ``.network``.
    history : dict of str to array, shape (generations,)
        Columns of the table that `to_pandas` makes: best so far, and of each generation the top, median, quartiles,
        diversity (mean standard deviation of the genes), evaluations and seconds so far, and how many scores were NaN.
    reason : str
        Why it stopped.
    status : Status
        SUCCESS where a rule stopped it, NON_FINITE where no score until then was a number; else INTERRUPTED or TIMEOUT.
    state : dict of str to array
        What the search remembers.
    poisonous : dict of str to array, shape (K,)
        The members that workers of a cluster did not survive: ``generation``, ``member`` and ``genes``, (K, n).
    again : callable or None
        ``again(rng=seed)`` evolves anew with another seed, as `replicates` does; not known of a run from a file.
    """

    best: Individual
    history: dict[str, np.ndarray]
    reason: str
    status: Status
    state: dict[str, np.ndarray] = field(repr=False)
    description: Mapping[str, Any] = field(default_factory=dict)
    poisonous: dict[str, np.ndarray] = field(default_factory=lambda: {name: np.empty(0) for name in POISONOUS}, repr=False)
    again: Callable[..., Run] | None = field(default=None, repr=False)

    plot = drawn("plot_run", "Draw the scores over the generations")

    def to_pandas(self) -> Any:
        """Return the history as a ``pandas.DataFrame``, a row a generation.

        Needs the package pandas: ``pip install "neural-attractors[pandas]"``.
        """
        return table(self.history, called="generation")

    @property
    def generations(self) -> int:
        """How many there were."""
        return len(self.history["best"])

    @property
    def evaluations(self) -> int:
        """How many networks were scored."""
        return int(self.state["evaluations"])

    def replicates(self, count: int, rng: np.random.Generator | int | None = None) -> Replicates:
        """Evolve anew with `count` seeds, drawn from `rng`; return :class:`Replicates`.

        Methods that have the same `rng` begin with the same first populations: give each its own before you `compare` them.
        """
        if self.again is None:
            raise ValueError("`run` comes from a file, which does not hold its task: use replicates(evolution, count).")
        return replicates(self.again, count, rng)

    def save(self, path: str | os.PathLike) -> None:
        """Write it to a file as a whole or not at all: plain arrays and JSON; `load_run` reads it, `evolve` goes on."""
        arrays = {f"history.{name}": column for name, column in self.history.items()}
        arrays |= {f"state.{name}": array for name, array in self.state.items()}
        arrays |= {f"poisonous.{name}": array for name, array in self.poisonous.items()}
        header = {"schema": SCHEMA, "reason": self.reason, "status": int(self.status), **self.description}
        npz.write(path, "run", header, arrays)

    def __repr__(self) -> str:
        return f"Run({self.generations} generations, best {self.best.score:.6g}, {self.reason})"


def no_run(genotype: Genotype, reason: str, status: Status) -> Run:
    """Return the record of an evolution that has not begun."""
    nobody, history = np.full(genotype.size, np.nan), {name: np.empty(0) for name in COLUMNS}
    state = {"best_genes": nobody, "best_score": np.array(-np.inf), "evaluations": np.array(0)}
    return Run(Individual(nobody, -np.inf, genotype), history, reason, status, state)


@reads("run")
def load_run(path: str | os.PathLike, genotype: Any = None) -> Run:
    """Return a run from its file.

    Parameters
    ----------
    path : str or path
    genotype : Genotype, optional
        For ``run.best.network``: the file holds genes.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> from ctrnn import CTRNN, Genotype
    >>> from neuroevolution import RandomSearch, evolve, load_run
    >>> genotype = Genotype(CTRNN([[0.0]]), {"biases": (-1, 1)})
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     file = pathlib.Path(folder, "it.run")
    ...     run = evolve(genotype, lambda genes: genes[:, 0], RandomSearch(4), generations=3, rng=1, checkpoint=file)
    ...     load_run(file).best.score == run.best.score
    True
    """
    if genotype is not None:
        as_instance(genotype, "genotype", Genotype)
    header, arrays = npz.read(path, "run")
    if header.get("schema") != SCHEMA:
        raise ValueError(f"{os.fspath(path)!r} has version {header.get('schema')} of runs; this release reads {SCHEMA}.")
    if genotype is not None and header.get("genotype") != describe_genotype(genotype):
        raise ValueError(f"`genotype` is not that of the run in {os.fspath(path)!r}, {header.get('genotype')}; got "
                         f"{describe_genotype(genotype)}.")  # fmt: skip
    history, state, poisonous = (
        {name.removeprefix(part): array for name, array in arrays.items() if name.startswith(part)}
        for part in ("history.", "state.", "poisonous.")
    )
    try:
        size = len(floats(state, "best_genes"))
        best = Individual(best_of(state, size), float(state["best_score"]), genotype)
        description = {name: header[name] for name in ("genotype", "task", "options", "method", "seed")}
        description["initial"] = header.get("initial")  # releases before did not know it
        columns = {name: history[name] for name in COLUMNS}
        listed = {name: poisonous.get(name, np.empty(0)) for name in POISONOUS}  # releases before had none
        return _checked(Run(best, columns, header["reason"], Status(header["status"]), state, description, listed))
    except KeyError as error:
        raise ValueError(f"{os.fspath(path)!r} is damaged: it lacks {error}.") from error
    except (AttributeError, OverflowError, TypeError, ValueError) as error:
        raise ValueError(f"{os.fspath(path)!r} is damaged: {error}") from error


def _checked(run: Run) -> Run:
    """Raise ValueError where what a file holds is no run: columns of one length, finite where they have to be."""
    count = len(run.history["generation"])
    for name, column in run.history.items():
        if column.shape != (count,) or column.dtype.kind not in "if":
            raise ValueError(f"`{name}` does not fit to the rest.")
    if (run.history["generation"] != np.arange(1, count + 1)).any() or not isinstance(run.reason, str):
        raise ValueError("`generation` and `reason` are not those of a run.")
    if len({len(array) for array in run.poisonous.values()}) > 1:
        raise ValueError("`poisonous` has columns of different lengths.")
    for name, array in (("seconds", run.history["seconds"]),
                        *((("best_score", run.best.score),) if run.status >= 0 else ())):  # fmt: skip
        if not np.isfinite(array).all():
            raise ValueError(f"`{name}` is not finite.")
    known = run.best.genotype
    if run.best.genes.ndim != 1 or (known is not None and len(run.best.genes) != known.size):
        raise ValueError(f"`best_genes` has shape {run.best.genes.shape}, and `genotype` {known and known.size} genes.")
    for name, rows in run.state.items():
        if name.endswith("genes") and (rows.dtype.kind != "f" or rows.shape[-1:] != run.best.genes.shape):
            raise ValueError(f"`{name}` has shape {rows.shape} of {rows.dtype}, and `best_genes` {run.best.genes.shape}.")
    if run.state["evaluations"].shape or run.state["evaluations"].dtype.kind != "i":
        raise ValueError("`evaluations` is no number.")
    if run.state["evaluations"] < 0 or (run.history["evaluations"] < 0).any() or (run.history["seconds"] < 0).any():
        raise ValueError("`evaluations` or `seconds` are below zero.")
    return run
