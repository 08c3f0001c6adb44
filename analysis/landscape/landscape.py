"""Energy landscapes: minima, saddles, the barriers between them, and the tree that they make."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import ArrayLike
from scipy.sparse import csr_array
from scipy.spatial import cKDTree

from analysis.common import constant_drive, require_autonomous, require_system
from analysis.equilibria import Unresolved
from analysis.landscape.additive import additive_model
from analysis.landscape.explore import Exploration
from analysis.landscape.general import general_model
from analysis.landscape.labels import Label, MinimumKind, labels_of, patterns_of, spins_of
from analysis.landscape.path import EnergyPath, joined, steepest_descent
from analysis.landscape.report import described, expanded
from analysis.landscape.stationary import Model, size_of
from analysis.landscape.tree import Superbasin, route, superbasins, transition_graph
from analysis.landscape.volumes import Volumes
from neurodynamics import DynamicalSystem, Status
from neurodynamics.extras import extra_package
from neurodynamics.lazily import cached_property
from neurodynamics.pictures import drawn
from neurodynamics.records import Record
from neurodynamics.validation import Floats, as_count, as_floats, as_generator, as_number_of
from neurodynamics.watched import as_on_interrupt, as_timeout, long_call

MIRRORED = 1e-6  # of the size: how closely -u lies on a stationary point


@dataclass(frozen=True, eq=False, repr=False)
class EnergyLandscape(Record):
    """Stationary points of an energy, and what joins them.

    Points are in the order of their index, and of their energy where that is the same: minima come first, and the id of a
    minimum is its number.

    Attributes
    ----------
    x : array, shape (K, N)
        States.
    energy : array, shape (K,)
    index : array of int, shape (K,)
        Number of directions in which the energy falls: 0 for a minimum, 1 for the saddles between minima.
    certified : array of bool, shape (K,)
        Whether existence and uniqueness are proved.
    complete : bool
        Whether it is proved that there are no other stationary points.
    reason : str
        Why the list is not complete.
    missed : float
        Estimate of how many points were not found (Chao); 0 for a complete list.
    unresolved : tuple of Unresolved
        Sets in which nothing is proved, such as continua of minima, in the variables of `x`.
    saddles : array of int, shape (S,)
        Numbers of the points of index 1 whose steepest descents are known.
    joins : array of int, shape (S, 2)
        The minima that each leads to; -1 where a descent did not end at a known one.
    tree : tuple of Superbasin
        Which minima are joined at which energy, from the lowest joint to the highest.
    passes : array, shape (M, M)
        The lowest energy to which one must rise between two minima; infinite where no way is known, NaN for a pair of
        the same.
    volumes : Volumes
        Shares of random states that go to each minimum.
    labels : tuple of Label
        What each minimum is.
    morse_sum : int
        ``sum (-1)^index``: 1 for a complete list of isolated points of a network that is bounded.
    mirror : array of int, shape (K,), or None
        The number of the point at -x, -1 where there is none; None where the energy is not symmetric.
    classes : int
        Neurons that differ: the number of variables in which points were sought.
    status : Status
    """

    x: Floats
    energy: Floats
    index: np.ndarray
    certified: np.ndarray
    complete: bool
    reason: str
    missed: float
    unresolved: tuple[Unresolved, ...]
    saddles: np.ndarray
    joins: np.ndarray
    tree: tuple[Superbasin, ...]
    passes: Floats
    volumes: Volumes
    labels: tuple[Label, ...]
    mirror: np.ndarray | None
    classes: int
    status: Status
    system: DynamicalSystem
    patterns: Floats | None
    _model: Model = field(repr=False)

    @property
    def minima(self) -> Floats:
        """States (M, N) of the minima, lowest first."""
        return self.x[self.index == 0]

    @property
    def morse_sum(self) -> int:
        """``sum (-1)^index`` over all points."""
        return int((1 - 2 * (self.index % 2)).sum())

    @property
    def outputs(self) -> Floats:
        """V (K, N) at the points; of a user's system what it shows."""
        return self._model.full_outputs(self.x)

    @property
    def barriers(self) -> Floats:
        """``barriers[i, j]``: how far one must climb from minimum i to reach j, (M, M)."""
        return self.passes - self.energy[: len(self.passes), np.newaxis]

    @property
    def symmetric(self) -> bool:
        """Whether the energy is symmetric under ``x -> -x`` and every point has its mirror image in the list."""
        return self.mirror is not None and bool((self.mirror >= 0).all())

    @property
    def overlaps(self) -> Floats:
        """Overlaps (M, p) of the outputs of the minima, brought to -1 .. 1, with the patterns."""
        if self.patterns is None:
            raise ValueError("no patterns are known; pass `patterns` to energy_landscape.")
        ends = np.array(getattr(getattr(self.system, "activation", None), "range", (-1.0, 1.0)))
        middle, half = (ends.mean(), np.ptp(ends) / 2) if np.isfinite(ends).all() else (0.0, 1.0)
        v = self._model.full_outputs(self.minima)
        return (v - middle) / half @ self.patterns.T / self.patterns.shape[1]

    @cached_property
    def _direct(self) -> tuple[csr_array, np.ndarray]:
        energy = self.energy[self.saddles]
        lowest = float(self.energy.min(initial=0.0)) if len(self.energy) else 0.0
        return transition_graph(len(self.passes), energy, self.joins, lowest)

    @property
    def graph(self) -> csr_array:
        """Minima joined by one saddle, for scipy.sparse.csgraph: its energy above the lowest minimum, (M, M)."""
        return self._direct[0]

    def to_networkx(self) -> Any:
        """Return a networkx.MultiGraph: minima with energy, label and volume, saddles as edges with number and energy."""
        graph = extra_package("networkx", "graphs", "to_networkx needs networkx").MultiGraph()
        share = self.volumes.share
        for k in range(len(self.passes)):
            graph.add_node(k, energy=float(self.energy[k]), label=self.labels[k].name, volume=float(share[k]))
        for saddle, (a, b) in zip(self.saddles, self.joins, strict=True):
            if a >= 0 and b >= 0:
                graph.add_edge(int(a), int(b), saddle=int(saddle), energy=float(self.energy[saddle]))
        return graph

    def path(self, start: int, end: int) -> EnergyPath:
        """Return the way from one minimum to another whose highest point is lowest: down from each saddle on both sides.

        Parameters
        ----------
        start, end : int
            Numbers of minima.
        """
        start, end = (as_number_of(k, f, len(self.passes), "minimum") for k, f in ((start, "start"), (end, "end")))
        stops = route(self.graph, start, end)
        if not stops:
            raise ValueError(f"no way is known from minimum {start} to minimum {end}: no saddles were found that join them.")
        legs, points = [], [start]
        for a, b in zip(stops, stops[1:], strict=False):
            saddle = int(self.saddles[self._direct[1][a, b]])
            to_a, to_b = (steepest_descent(self._model, self.x, saddle, end) for end in (a, b))
            legs += [to_a[::-1], to_b]
            points += [saddle, b]
        legs = legs or [self.x[[start, start]]]
        points = points if len(points) > 1 else [start, start]
        names = [self.labels[k].name if k < len(self.labels) else f"saddle {k}" for k in points]
        return joined(legs, self._model.full_outputs, self._model.full_energy, points, names, self.system)

    plot = drawn("plot_landscape", "Draw minima and saddles by their energies")

    plot_tree = drawn("plot_disconnectivity", "Draw the disconnectivity tree")

    def __repr__(self) -> str:
        return described(self)


def energy_landscape(
    system: DynamicalSystem,
    *,
    inputs: Any = None,
    patterns: ArrayLike | None = None,
    certify: bool | str = "auto",
    bounds: ArrayLike | None = None,
    samples: int | None = None,
    box: ArrayLike | None = None,
    starts: int | None = None,
    rng: np.random.Generator | int | None = 0,
    timeout: float | None = None,
    on_interrupt: str = "raise",
) -> EnergyLandscape:
    """Find the minima and saddles of a network's energy, and how they are joined.

    Networks with symmetric weights, positive gains and leaks, and an activation whose integral is known go downhill in an
    energy. Their stationary points are sought in as few variables as there are different neurons: a memory of p patterns
    has at most 2^(p-1) kinds of them, however many neurons there are. Where `fixed_points` reaches, the list is complete
    and proved. Elsewhere it comes from random starts, from descents from the patterns, their mixtures and random states,
    and from eigenvector following from the minima up to the saddles, and the result tells how many points were probably
    missed. From every saddle of index 1 both steepest descents are followed.

    Parameters
    ----------
    system : DynamicalSystem
        An additive network with symmetric couplings, or any flow with an ``energy``.
    inputs : array_like, shape (M,), optional
        Constants.
    patterns : array_like, shape (p, N), optional
        Of -1 and +1, by which minima are labelled; by default those that the network carries.
    certify : {"auto", True, False}
        As in :func:`fixed_points`.
    bounds : array_like, shape (N, 2) or (2,), optional
        Where to look for points; for systems that are no networks.
    samples : int, optional
        Random states whose steepest descents measure the volumes of the basins; 0 for none. By default up to 1000.
    box : array_like, shape (N, 2), optional
        Rows (least, largest): where these states are drawn. By default outputs are drawn uniformly from their range.
    starts : int, optional
        Random starts of a search without proof.
    rng : Generator or int, optional
    timeout : float, optional
        Seconds; what was found until then is returned.
    on_interrupt : {"raise", "return"}
        Ctrl-C raises `Interrupted`, with what was found as ``.result``, or returns it.

    Returns
    -------
    EnergyLandscape

    Raises
    ------
    ValueError
        Where there is no energy: couplings that are not symmetric, gains or leaks that are not positive, an activation
        without ``potential``, a user's system without ``energy``.

    Notes
    -----
    Certificates are those of the couplings as they are computed in floating point. Only saddles of index 1 join minima: a
    path over a point of higher index can be lowered.

    References
    ----------
    .. [1] Wales (2003), Energy Landscapes, Cambridge University Press, chapters 5 and 6.

    Examples
    --------
    >>> from analysis import energy_landscape
    >>> from hopfield import GradedHopfield
    >>> land = energy_landscape(GradedHopfield([[0, 1], [1, 0]], gain=1.4, activation="arctangent"))
    >>> land
    EnergyLandscape(2 minima, 1 saddle of index 1, complete: certified, Morse sum 1)
    >>> land.energy.round(8).tolist()
    [-0.05300983, -0.05300983, 0.0]
    >>> land.barriers[0, 1].round(8)
    np.float64(0.05300983)
    """
    begin = time.perf_counter()
    if require_system(system).kind != "flow":
        raise ValueError("`system` must be a flow; the energy of a map is not followed downhill.")
    drive = constant_drive(system, inputs)
    model = additive_model(system, drive) if system.structure("additive") is not None else general_model(system, drive)
    rows = patterns_of(system, patterns)
    seconds = as_timeout(timeout)
    search = Exploration(
        model, certify=certify, patterns=rows, rng=as_generator(rng),
        samples=None if samples is None else as_count(samples, "samples"),
        starts=None if starts is None else as_count(starts, "starts"), box=_as_box(box, system.state_dim),
        bounds=_as_bounds(bounds, model), deadline=None if seconds is None else begin + seconds,
    )  # fmt: skip

    def work() -> EnergyLandscape:
        require_autonomous(system, drive)
        search.run()
        return _result(search, system, rows)

    land: EnergyLandscape = long_call(
        work, lambda status: _result(search.seen(status), system, rows), timeout=seconds,
        on_interrupt=as_on_interrupt(on_interrupt),
    )  # fmt: skip
    return land


def _as_box(box: Any, n: int) -> Floats | None:
    if box is None:
        return None
    array = as_floats(box, "box")
    if array.shape != (n, 2) or not (array[:, 0] < array[:, 1]).all():
        raise ValueError(f"`box` must be {n} rows (least, largest), one a state; got {array.tolist()}.")
    return array


def _as_bounds(bounds: Any, model: Model) -> Floats | None:
    if bounds is None:
        return None
    n, array = model.system.state_dim, as_floats(bounds, "bounds")
    array = np.tile(array, (n, 1)) if array.shape == (2,) else array
    if array.shape != (n, 2) or not (array[:, 0] <= array[:, 1]).all():
        raise ValueError(f"`bounds` must be (least, largest) or {n} such rows, one a state; got {array.tolist()}.")
    return model.bounds(array)


def _result(search: Exploration, system: DynamicalSystem, patterns: Floats | None) -> EnergyLandscape:
    model, points = search.model, search.points
    energy = model.energy(points.x)
    count, span = len(points.minima), float(np.ptp(energy)) if len(energy) else 0.0
    tree, passes = superbasins(count, search.saddles, energy[search.saddles], search.joins, span)
    x = model.expand(points.x)
    if patterns is None:
        labels = tuple(Label(MinimumKind.UNKNOWN, f"minimum {k}") for k in range(count))
    else:
        labels = tuple(labels_of(spins_of(system, model.full_outputs(x[:count])), patterns))
    return EnergyLandscape(
        x, energy, points.index, points.certified, points.complete, points.reason, points.missed,
        tuple(expanded(each, model) for each in points.unresolved), search.saddles, search.joins, tree, passes,
        search.volumes, labels, _mirror(model, points.x), model.network.state_dim, search.status, system, patterns, model,
    )  # fmt: skip


def _mirror(model: Model, x: Floats) -> np.ndarray | None:
    if not model.odd or not len(x):
        return None
    distance, partner = cKDTree(x).query(-x)
    return np.where(distance <= MIRRORED * size_of(x), partner, -1)
