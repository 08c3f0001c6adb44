"""Genes of a network and of the body that it lives in."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from ctrnn import Genotype
from neurodynamics import Task
from neurodynamics.validation import Floats, as_floats, as_generator, as_instance


class EmbodiedGenotype(Genotype):
    """The genes of a network, followed by those of constants of its task, which evolve with it.

    `evolve` gives each member its own constants, for which nothing is compiled. ``network(genes)`` and ``decode(genes)`` are
    of the network; ``task(genes)`` is the task with the constants of the genes.

    Parameters
    ----------
    genotype : Genotype
        Of the network.
    task : Task
        One with parameters.
    free : mapping of str to tuple
        Which of its constants evolve, and their ranges, as for `Genotype`.

    Examples
    --------
    >>> import numpy as np
    >>> from ctrnn import CTRNN, Genotype
    >>> from neuroevolution import EmbodiedGenotype, tasks
    >>> network = Genotype(CTRNN(np.zeros((2, 2)), input_weights=np.zeros((2, 2))), {"input_weights": (-5, 5)})
    >>> genotype = EmbodiedGenotype(network, tasks.Phototaxis(), {"eye": (0, 1.5)})
    >>> genotype.names[-2:], genotype.size
    (['input_weights[1, 1]', 'eye'], 5)
    >>> genotype.task(np.ones(5)).params[2]
    np.float64(1.5)
    """

    def __init__(self, genotype: Genotype, task: Task, free: Mapping[str, Any]) -> None:
        self._network = as_instance(genotype, "genotype", Genotype)
        self._body = Genotype(as_instance(task, "task", Task), free)
        self.template = genotype.template
        self.names = [*genotype.names, *self._body.names]
        self.low, self.high = (np.concatenate([getattr(each, end) for each in (self._network, self._body)])
                               for end in ("low", "high"))  # fmt: skip

    def decode(self, genes: ArrayLike) -> Floats:
        """Return the parameters of networks (B, P) of genes (B, G), or (P,) of (G,)."""
        return self._network.decode(self._check_genes(genes)[..., : self._network.size])

    def task_params(self, genes: ArrayLike) -> Floats:
        """Return the constants (B, Q) of the task of genes (B, G), or (Q,) of (G,)."""
        return self._body.decode(self._check_genes(genes)[..., self._network.size :])

    def task(self, genes: ArrayLike) -> Any:
        """Return the task with the constants of one genotype (G,)."""
        return self._body.network(self._check_genes(genes)[..., self._network.size :])

    def encode(self, params: Any, task_params: Any = None) -> Floats:
        """Return the genes of parameters of networks and of constants of their tasks, the task's own by default."""
        genes = self._network.encode(params)
        task = self._body.template
        constants = task.params if task_params is None else as_floats(task_params, "task_params")
        if constants.ndim not in (1, 2) or constants.shape[-1] != task.param_dim:
            raise ValueError(f"`task_params` must have shape (Q,) = ({task.param_dim},) or (B, Q); got {constants.shape}.")
        own = self._body.encode(constants)
        return np.concatenate([genes, np.broadcast_to(own, (*genes.shape[:-1], self._body.size))], axis=-1)

    def random(
        self, count: int, rng: np.random.Generator | int | None = None, *, centre_crossing: bool = False
    ) -> Floats:
        """Return genes (count, G) of random individuals; see `Genotype.random`."""
        generator = as_generator(rng)
        genes = self._network.random(count, generator, centre_crossing=centre_crossing)
        return np.hstack([genes, self._body.random(count, generator)])
