"""Lesions: what an agent does without a neuron, without a connection, without two of them."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations
from typing import Any, NamedTuple

import numpy as np

from neurodynamics import AdditiveNetwork, Task
from neurodynamics.pictures import drawn
from neurodynamics.records import Record
from neurodynamics.validation import Floats, as_flag, as_instance, as_number, require_room
from neuroevolution.objective import record_of_scores

SATURATED = 700.0  # an argument at which activations show their limits


@dataclass(frozen=True, eq=False, repr=False)
class Lesions(Record):
    """Scores of an agent without some of its parts.

    Attributes
    ----------
    intact : float
        The score of the whole agent.
    parts : tuple of str
        ``"neuron 2"``, and connections as the parameters that they are: ``"weights[0, 1]"``, ``"input_weights[2, 0]"``.
    scores : array, shape (K,)
        Without each part; NaN where the trial failed.
    pairs : array, shape (K, K), or None
        Without two parts, symmetric, with ``scores`` on the diagonal.
    """

    intact: float
    parts: tuple[str, ...]
    scores: Floats
    pairs: Floats | None

    plot = drawn("plot_lesions", "Draw the scores that are left, as bars or, of pairs, as a matrix")

    @property
    def interaction(self) -> Floats:
        """By how much two lesions do more or less than both alone: ``pair - one - other + intact``, (K, K)."""
        if self.pairs is None:
            raise ValueError("`pairs` were not lesioned; use lesion(.., pairs=True).")
        return self.pairs - self.scores[:, np.newaxis] - self.scores + self.intact

    def __repr__(self) -> str:
        worst = int(np.nanargmin(self.scores)) if np.isfinite(self.scores).any() else 0
        pairs = "" if self.pairs is None else ", and pairs of them"
        least = f"least {self.scores[worst]:.4g} without {self.parts[worst]}"
        return f"Lesions({len(self.parts)} parts{pairs}, intact {self.intact:.4g}, {least})"


class _Cut(NamedTuple):
    """A lesion: which parameters it sets, and to what."""

    name: str
    positions: np.ndarray
    values: Floats


def lesion(
    network: AdditiveNetwork, task: Task, *, connections: bool = True, pairs: bool = False, held: float = 0.0, **options: Any
) -> Lesions:
    """Score an agent without each of its neurons and connections, and without each pair of them.

    Parameters
    ----------
    network : AdditiveNetwork
        Such as a CTRNN.
    task : Task
    connections : bool
        Whether to cut connections that are not zero, besides neurons: among neurons, from sensors, to motors.
    pairs : bool
        Whether to cut all pairs of parts as well, neurons and connections alike.
    held : float
        The output that a lesioned neuron shows all the time.
    **options
        For `evaluate`: ``duration``, ``dt``, ``trials``, ``task_params``, ..; tasks of this package have those of the
        papers. All agents meet the same random numbers, those of the seed ``rng``, 0 by default.

    Returns
    -------
    Lesions

    Examples
    --------
    >>> import numpy as np
    >>> from ctrnn import CTRNN
    >>> from neuroevolution import lesion, tasks
    >>> net = CTRNN(np.zeros((3, 3)), biases=[20, 20, -20])  # foot down, push forwards
    >>> found = lesion(net, tasks.LeggedWalker())
    >>> found.parts, found.scores.round(4).tolist()
    (('neuron 0', 'neuron 1', 'neuron 2'), [0.0, -0.0, 0.1253])
    """
    as_instance(network, "network", AdditiveNetwork)
    as_instance(task, "task", Task)
    whole = network if "input_weights" in network.layout.shapes else network.replace(input_weights=np.eye(network.input_dim))
    cuts = [_without_neuron(whole, i, as_number(held, "held")) for i in range(whole.state_dim)]
    cuts += _connections(whole, task.sensors // task.agents) if as_flag(connections, "connections") else []
    chosen: list[tuple[_Cut, ...]] = [(), *((cut,) for cut in cuts)]
    if as_flag(pairs, "pairs"):
        require_room(len(cuts) ** 2 * whole.param_dim, "pairs")
        chosen += list(combinations(cuts, 2))
    rows = np.tile(whole.params, (len(chosen), 1))
    for row, group in zip(rows, chosen, strict=True):
        for cut in group:
            row[cut.positions] = cut.values
    return record_of_scores(whole, task, rows, options, lambda scores: _record(scores, cuts, pairs))


def _record(scores: Floats, cuts: list[_Cut], pairs: bool) -> Lesions:
    """Return the record: the first score is that of the whole agent, those behind the single parts are of pairs."""
    count = len(cuts)
    single, of_pairs, matrix = scores[1 : count + 1], scores[count + 1 :], None
    if pairs:
        matrix, above = np.diag(single), np.triu_indices(count, 1)
        matrix[above] = of_pairs
        matrix.T[above] = of_pairs
    return Lesions(float(scores[0]), tuple(cut.name for cut in cuts), single, matrix)


def _without_neuron(network: Any, i: int, held: float) -> _Cut:
    """Return the lesion of a neuron: nothing reaches it, and its bias holds its output."""
    layout = network.layout
    rows = [layout.positions(name)[i] for name in ("weights", "input_weights", "constant_inputs", "noise")]
    silent = np.concatenate([np.ravel(row) for row in rows])
    gain = float(network.gains[i])
    low, high = network.activation.range
    if not low <= held <= high:
        raise ValueError(f"`held` must be an output of the network, between {low:g} and {high:g}; got {held:g}.")
    if gain == 0.0:
        raise ValueError(f"`gains[{i}]` must not be 0: the neuron shows the same in any case.")
    inner = _inverse(network.activation, held)
    places, values = np.append(silent, layout.positions("biases")[i]), np.append(np.zeros(len(silent)), inner / gain)
    return _Cut(f"neuron {i}", places, values)


def _inverse(activation: Any, output: float) -> float:
    """Return an argument that gives the output."""
    if activation.inverse is None:
        raise ValueError(f"the activation {activation.name!r} has no inverse, which `held` needs.")
    with np.errstate(divide="ignore", invalid="ignore"):
        return float(np.clip(activation.inverse(output), -SATURATED, SATURATED))


def _connections(network: Any, sensors: int) -> list[_Cut]:
    """Return the lesions of all connections that are not zero; from inputs that nothing is sensed by, none."""
    names = [name for name in ("weights", "input_weights", "motor_weights") if name in network.layout.shapes]
    found = []
    for name in names:
        places, values = network.layout.positions(name), network.layout.view(network.params, name)
        for i, j in np.argwhere(values != 0.0):
            if name == "input_weights" and j >= sensors:
                continue
            found.append(_Cut(f"{name}[{i}, {j}]", np.array([places[i, j]]), np.zeros(1)))
    return found
