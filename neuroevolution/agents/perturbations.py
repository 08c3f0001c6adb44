"""How much an agent bears: noise on its parameters, and tonic input to its neurons."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from neurodynamics import AdditiveNetwork, Task
from neurodynamics.notices import quiet
from neurodynamics.pictures import drawn
from neurodynamics.records import Record
from neurodynamics.simulation import check_method, check_steps
from neurodynamics.validation import (
    Floats,
    as_count,
    as_floats,
    as_generator,
    as_instance,
    as_items,
    as_number,
    require_room,
)
from neuroevolution.objective import record_of_scores


@dataclass(frozen=True, eq=False, repr=False)
class Perturbations(Record):
    """Scores of an agent that is disturbed more and more.

    Attributes
    ----------
    intact : float
        The score of the agent as it is.
    values : array, shape (R,)
        How large the disturbance is.
    scores : array, shape (R, K)
        In K ways: directions of noise, or neurons. NaN where no network has these parameters.
    names : tuple of str
        What the K ways are called; empty for directions, which are alike.
    quantity : str
        What ``values`` are.
    """

    intact: float
    values: Floats
    scores: Floats
    names: tuple[str, ...]
    quantity: str

    plot = drawn("plot_perturbations", "Draw the scores over the size of the disturbance")

    def __repr__(self) -> str:
        medians = ", ".join(f"{value:.4g}" for value in np.nanmedian(self.scores, axis=1)[:6])
        return f"Perturbations({self.quantity}, intact {self.intact:.4g}, medians {medians})"


def robustness(
    network: AdditiveNetwork, task: Task, radii: ArrayLike, *, directions: int = 100,
    names: Sequence[str] = ("weights", "biases"), rng: np.random.Generator | int | None = None,
    task_rng: np.random.Generator | int | None = 0, **options: Any,
) -> Perturbations:  # fmt: skip
    """Score an agent whose parameters lie on spheres around its own.

    Some may be those of no network, such as time constants below zero: their scores are NaN, and a warning tells the first.

    Parameters
    ----------
    network : AdditiveNetwork
    task : Task
    radii : array_like, shape (R,)
        Of the spheres, in units of the parameters.
    directions : int
        How many, uniform on the sphere and the same for all radii.
    names : sequence of str
        Parameters that are disturbed: arrays or entries; of weights those that the network's mask leaves.
    rng : optional
        Of the directions.
    task_rng : optional
        Of the task, whose random numbers are the same for all directions and radii.
    **options
        For `evaluate`, see `lesion`.

    Returns
    -------
    Perturbations

    Examples
    --------
    >>> import numpy as np
    >>> from ctrnn import CTRNN
    >>> from neuroevolution import robustness, tasks
    >>> net = CTRNN(np.zeros((3, 3)), biases=[20, 20, -20])
    >>> robustness(net, tasks.LeggedWalker(), [0.1, 100], directions=20, rng=1).scores.shape
    (2, 20)
    """
    as_instance(network, "network", AdditiveNetwork)
    as_instance(task, "task", Task)
    sizes = _sizes(radii, "radii")
    if (sizes < 0.0).any():
        raise ValueError(f"`radii` must be at least 0; got {sizes.min():g}.")
    count = as_count(directions, "directions", minimum=1)
    require_room(sizes.size * count * network.param_dim, "directions")
    places = _places(network, as_items(names, "names"))
    arrows = as_generator(rng).normal(size=(count, places.size))
    arrows /= np.linalg.norm(arrows, axis=1, keepdims=True)
    rows = np.tile(network.params, (1 + sizes.size * count, 1))
    rows[1:, places] += (sizes[:, np.newaxis, np.newaxis] * arrows).reshape(-1, places.size)
    _leave_out(network, rows, sizes, {**getattr(task, "standard", {}), **options})

    def record(scores: Floats) -> Perturbations:
        return Perturbations(float(scores[0]), sizes, scores[1:].reshape(sizes.size, count), (), "radius of the noise")

    return record_of_scores(network, task, rows, {**options, "rng": task_rng}, record)


def _leave_out(network: AdditiveNetwork, rows: Floats, radii: Floats, options: Mapping[str, Any]) -> None:
    """Put NaN in the place of parameters that no network has, or none that is stepped with this dt."""
    dt, method = options.get("dt"), check_method(options.get("method", "euler"), network, noisy=True)

    def obstacle(some: Floats) -> str:
        try:
            network.check_params(some)
            if dt is not None:
                check_steps(network, method, as_number(dt, "dt", positive=True), some)
        except ValueError as error:
            return str(error)
        return ""

    with quiet():  # coarse steps are told of where all are evaluated
        if not obstacle(rows) or obstacle(rows[:1]):
            return
        found = [obstacle(rows[k : k + 1]) for k in range(len(rows))]
    bad = np.flatnonzero(found)
    rows[bad] = np.nan
    radius, direction = divmod(int(bad[0]) - 1, (len(rows) - 1) // radii.size)
    why = found[bad[0]].replace(" of member 0", "")
    warnings.warn(
        f"{len(bad)} of {len(rows) - 1} disturbed agents are no networks, and their scores NaN; the first, at radius "
        f"{radii[radius]:g} in direction {direction}: {why}", stacklevel=3,
    )  # fmt: skip


def _sizes(values: ArrayLike, name: str) -> Floats:
    sizes = np.atleast_1d(as_floats(values, name))
    if sizes.ndim != 1 or not sizes.size:
        raise ValueError(f"`{name}` must have shape (R,); got {sizes.shape}.")
    return sizes


def _places(network: AdditiveNetwork, names: Sequence[str]) -> np.ndarray:
    """Return where these parameters are, each once."""
    try:
        found = [np.ravel(network.layout.positions(name)) for name in names]
    except (TypeError, ValueError) as error:
        raise ValueError(f"`names`: {error}") from error
    if not found:
        raise ValueError("`names` must name at least one parameter.")
    mask = getattr(network, "mask", None)
    absent = [] if mask is None else network.layout.positions("weights")[~mask]
    places = np.setdiff1d(np.concatenate(found), absent)
    if not places.size:
        raise ValueError("`names` must name at least one parameter that the network's mask leaves.")
    return places


def tonic_input(network: AdditiveNetwork, task: Task, values: ArrayLike, **options: Any) -> Perturbations:
    """Score an agent one of whose neurons gets a constant input more, each in turn.

    Parameters
    ----------
    network : AdditiveNetwork
    task : Task
    values : array_like, shape (R,)
        Constant inputs.
    **options
        For `evaluate`, see `lesion`.

    Returns
    -------
    Perturbations
        With one column a neuron.

    Examples
    --------
    >>> import numpy as np
    >>> from ctrnn import CTRNN
    >>> from neuroevolution import tasks, tonic_input
    >>> net = CTRNN(np.zeros((3, 3)), biases=[20, 20, -20])
    >>> tonic_input(net, tasks.LeggedWalker(), [-40, 5]).scores.round(4).tolist()
    [[0.0001, 0.0306, 0.1253], [0.1253, 0.1253, 0.1253]]
    """
    as_instance(network, "network", AdditiveNetwork)
    as_instance(task, "task", Task)
    sizes, n = _sizes(values, "values"), network.state_dim
    require_room(sizes.size * n * network.param_dim, "values")
    rows = np.tile(network.params, (1 + sizes.size * n, 1))
    places = np.ravel(network.layout.positions("constant_inputs"))
    rows[1 + np.arange(sizes.size * n), np.tile(places, sizes.size)] += np.repeat(sizes, n)
    names = tuple(f"neuron {i}" for i in range(n))

    def record(scores: Floats) -> Perturbations:
        return Perturbations(float(scores[0]), sizes, scores[1:].reshape(-1, n), names, "tonic input")

    return record_of_scores(network, task, rows, options, record)
