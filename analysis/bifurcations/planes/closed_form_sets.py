"""All folds and Hopf points of two neurons over the plane of their inputs, in closed form: no continuation.

With ``D_i = g_i phi'(x_i)`` the determinant and the trace of ``T^-1 (W D - Lambda)`` vanish where

    D_1 = lambda_1 (lambda_0 - w_00 D_0) / (lambda_0 w_11 - det(W) D_0),    D_1 = (t - w_00 D_0 / tau_0) tau_1 / w_11,

a Moebius and an affine function (t = lambda_0 / tau_0 + lambda_1 / tau_1). The net input x_0 is the parameter of each arc,
x_1 one of the two with slope D_1, and the inputs are read off.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from analysis.bifurcations.family import Family
from analysis.bifurcations.forms.jets import taylor
from analysis.bifurcations.parameters import plane_of, two_parameters
from analysis.bifurcations.planes.planar import first_lyapunov, fold_curvature
from analysis.bifurcations.planes.reading_off import Plane, net_input_of_slope, why_no_closed_form
from analysis.bifurcations.records import Points, SpecialKind, SpecialPoint
from analysis.bifurcations.setting import checked_drive
from analysis.bifurcations.special import Event, residual, special_point
from neurodynamics import DynamicalSystem
from neurodynamics.pictures import drawn
from neurodynamics.records import Record
from neurodynamics.validation import Floats
from neurodynamics.watched import long_call

POINTS = 200  # of an arc, at first
FINEST, HALVINGS = 0.1, 30  # of the bounds: longest step within them
APART = 1e-3  # net inputs: a generalised Hopf point nearer to a double zero belongs to that
FURTHEST = 38.0  # natural widths: where slopes vanish
ROOTS, ROUNDING = 60, 1e-15  # secants for a zero, at the most; relative width of an interval that is one
BESIDE = np.outer([1.0, -1.0], 10.0 ** -np.arange(1, 16)).reshape(-1, 1)  # of an interval: how far from its secant's zero
PIECE, NET, VALUES, STATES = 1, slice(2, 4), slice(4, 6), slice(6, 8)  # columns of a table of points, the first is x


class Arc(NamedTuple):
    """A piece of a set: values (K, 2) of the parameters, states (K, 2), net inputs (K, 2), coefficient (K,)."""

    values: Floats
    x: Floats
    net: Floats
    coefficient: Floats


@dataclass(frozen=True, eq=False, repr=False)
class BifurcationSets(Record):
    """All folds and Hopf points of two neurons over a plane of inputs.

    Attributes
    ----------
    parameters : tuple of str
    bounds : array, shape (2, 2)
    folds, hopf : tuple of Arc
        Pieces with the fields ``values`` (K, 2), ``x`` (K, 2) and ``coefficient`` (K,): of folds <w, B(v, v)>, of Hopf
        points omega l1, negative where they are supercritical. Pieces meet at their ends; together they are the whole set.
    points : Points
        Cusps, Bogdanov-Takens and generalised Hopf points within the bounds.
    """

    parameters: tuple[str, str]
    bounds: Floats
    folds: tuple[Arc, ...]
    hopf: tuple[Arc, ...]
    points: Points
    family: Family

    plot = drawn("plot_bifurcation_sets", "Draw the sets")

    def __repr__(self) -> str:
        return (f"BifurcationSets({', '.join(self.parameters)}; {len(self.folds)} pieces of folds, {len(self.hopf)} of "
                f"Hopf points; {', '.join(self.points.labels) or 'no special points'})")  # fmt: skip


def bifurcation_sets(
    system: DynamicalSystem, parameters: Any = ("biases[0]", "biases[1]"), bounds: ArrayLike | None = None, *,
    inputs: Any = None,
) -> BifurcationSets:  # fmt: skip
    """Return all folds and Hopf points of two neurons over the plane of their biases or inputs, in closed form.

    Parameters
    ----------
    system : AdditiveNetwork
        Two neurons with a logistic, tanh, erf or arctangent activation.
    parameters : pair of str
        The bias or the input of either neuron.
    bounds : array_like, shape (2, 2), optional
        Special points outside are left out.
    inputs : array_like, shape (M,), optional

    Returns
    -------
    BifurcationSets

    Examples
    --------
    >>> from ctrnn import CTRNN
    >>> from analysis import bifurcation_sets
    >>> sets = bifurcation_sets(CTRNN([[11, -10], [7, -1]]))
    >>> sets.points.labels
    ['CP1', 'CP2', 'BT1', 'BT2', 'BT3', 'BT4', 'GH1', 'GH2']
    >>> round(sets.points["GH2"].parameters["biases[0]"], 10)
    -4.0886050711
    """
    drive = checked_drive(system, inputs)
    pair = two_parameters(system, parameters, drive)
    plane = Plane.of(system, pair, drive)
    if reason := why_no_closed_form(system, plane):
        raise ValueError(f"`system` and `parameters`: {reason}; use bifurcation_curve.")
    assert plane is not None
    within = np.array([[-np.inf, np.inf]] * 2) if bounds is None else plane_of(system, pair, bounds)
    sets: BifurcationSets = long_call(lambda: closed_sets(Family(system, pair, drive), plane, within))
    return sets


@np.errstate(divide="ignore", invalid="ignore")
def closed_sets(family: Family, plane: Plane, bounds: Floats, finest: float = FINEST) -> BifurcationSets:
    """Return the sets of two neurons, with special points inside the bounds; there, steps are at most `finest` of these."""
    model = _Model(plane, bounds, finest)
    folds, hopf = tuple(model.arcs(model.fold_slope, "fold")), tuple(model.arcs(model.hopf_slope, "hopf"))
    raw = [(SpecialKind.CP, net) for net in model.zeros(folds, model.fold_slope, "fold")]
    meeting = model.double_zeros()
    raw += [(SpecialKind.BT, net) for net in meeting]
    raw += [(SpecialKind.GH, net) for net in model.zeros(hopf, model.hopf_slope, "hopf")
            if all(np.abs(net - other).max() > APART for other in meeting)]  # fmt: skip
    found = []
    for kind, net in raw:
        values, y = plane.values(net[np.newaxis])
        if ((values[0] >= bounds[:, 0]) & (values[0] <= bounds[:, 1])).all():
            found.append(_special_point(family, kind, np.concatenate([y[0], values[0]])))
    names = family.parameters[0].name, family.parameters[1].name
    return BifurcationSets(names, bounds, folds, hopf, Points.numbered(found), family)


class _Model:
    """Two neurons in terms of their slopes."""

    def __init__(self, plane: Plane, bounds: Floats, finest: float) -> None:
        net = plane.network
        self.bounds, self.finest = bounds, finest
        self.plane, self.net, self.phi = plane, net, net.activation
        self.w, self.leak, self.tau, self.g = net.weights, net.leaks, net.time_constants, net.gains
        self.det = float(self.w[0, 0] * self.w[1, 1] - self.w[0, 1] * self.w[1, 0])
        self.top = self.g * self.phi.max_slope  # the steepest slope of either neuron, with its sign

    def fold_slope(self, D0: Floats) -> Floats:
        """Return D_1 where the determinant vanishes."""
        (w00, _), (_, w11) = self.w
        return self.leak[1] * (self.leak[0] - w00 * D0) / (self.leak[0] * w11 - self.det * D0)

    def hopf_slope(self, D0: Floats) -> Floats:
        """Return D_1 where the trace vanishes."""
        t = (self.leak / self.tau).sum()
        return (t - self.w[0, 0] * D0 / self.tau[0]) * self.tau[1] / self.w[1, 1]

    def arcs(self, partner: Any, kind: str) -> list[Arc]:
        """Return the pieces of a set, both signs of x_1."""
        ends = self._intervals(partner, kind)[:, :, np.newaxis]
        x0 = ends.mean(axis=1) - 0.5 * np.diff(ends, axis=1)[:, 0] * np.cos(np.linspace(0.0, np.pi, POINTS))
        table = self._finer(np.repeat(x0, 2, axis=0), functools.partial(self._net, partner=partner))
        coefficients = self.coefficient(table[:, NET], kind)
        if kind == "fold" and self.w[0, 1] * self.w[1, 0] == 0.0:
            more = self._folds_of_first()
            table, coefficients = np.concatenate([table, more]), np.append(coefficients, np.full(len(more), np.nan))
        cuts = np.flatnonzero(np.diff(table[:, PIECE])) + 1
        parts = zip(np.split(table, cuts), np.split(coefficients, cuts), strict=True) if len(table) else ()
        return [Arc(rows[:, VALUES], rows[:, STATES], rows[:, NET], c) for rows, c in parts if np.isfinite(rows).all()]

    def _folds_of_first(self) -> Floats:
        """Where one neuron does not hear the other, neuron 0 folds by itself, whatever x_1 is."""
        place = float(net_input_of_slope(self.phi, np.array(self.leak[0] / self.w[0, 0] / self.g[0])))
        far = FURTHEST / (4.0 * self.phi.max_slope)
        x1 = np.linspace(-far, far, POINTS)
        return self._finer(np.array([x1, x1] if np.isfinite(place) else []).reshape(-1, POINTS),
                           lambda x, sign: np.column_stack([sign * place, x]), -2.0)  # fmt: skip

    def _finer(self, x: Floats, curve: Callable[[Floats, Floats], Floats], piece: float = 0.0) -> Floats:
        """Return the table of pieces at x (pieces, K), and between where steps through the bounds are long.

        Pieces have the numbers from `piece` on, and take turns in the sign that `curve` is given.
        """
        low, high = self.bounds.T

        def rows(x: Floats, pieces: Floats) -> Floats:
            net = curve(x, 1.0 - 2.0 * (pieces % 2))
            return np.column_stack([x, pieces, net, *self.plane.values(net)])

        parts = [rows(x.ravel(), np.repeat(piece + np.arange(len(x)), x.shape[1]))]
        whole = parts[0][1:, PIECE] == parts[0][:-1, PIECE]
        a, b = parts[0][:-1][whole], parts[0][1:][whole]
        for _ in range(HALVINGS):
            first, last = np.minimum(a[:, VALUES], b[:, VALUES]), np.maximum(a[:, VALUES], b[:, VALUES])
            bulge = 0.5 * np.minimum(last - first, high - low)
            near = ((last + bulge >= low) & (first - bulge <= high)).all(axis=1)
            long = near & (last - first > self.finest * (high - low)).any(axis=1)
            if not long.any():
                break
            a, b = a[long], b[long]
            middle = rows(0.5 * (a[:, 0] + b[:, 0]), a[:, PIECE])
            parts.append(middle)
            a, b = np.concatenate([a, middle]), np.concatenate([middle, b])
        table = np.concatenate(parts)
        return table[np.lexsort((table[:, 0], table[:, PIECE]))] if len(parts) > 1 else table

    def _net(self, x0: Floats, sign: Floats, partner: Any) -> Floats:
        ratio = np.clip(partner(self.g[0] * self.phi.slopes(x0)) / self.top[1], 1e-300, 1.0)
        return np.column_stack([x0, sign * net_input_of_slope(self.phi, ratio * self.phi.max_slope)])

    def _intervals(self, partner: Any, kind: str) -> Floats:
        """Where x_0 has a partner: 0 < D_1 / top_1 <= 1, and a positive determinant at Hopf points."""
        far = FURTHEST / (4.0 * self.phi.max_slope)
        slopes = [D0 for D1 in (0.0, self.top[1], np.nan) for D0 in self._partners_of(D1, kind)]
        places = net_input_of_slope(self.phi, np.array(slopes) / self.g[0])
        places = places[places < far]
        edges = np.unique(np.concatenate([[-far, 0.0, far], places, -places]))
        valid = self._valid(0.5 * (edges[1:] + edges[:-1]), partner, kind) & (np.diff(edges) > 1e-12)
        return np.column_stack([edges[:-1], edges[1:]])[valid]

    def _partners_of(self, D1: float, kind: str) -> list[float]:
        """Slopes D_0 that bound an interval: whose partner is D1; with NaN, where the determinant vanishes on a Hopf set."""
        (w00, w01), (w10, w11) = self.w
        if np.isnan(D1):
            return list(self._meeting_slopes()) if kind == "hopf" else [self.leak[0] * w11 / np.float64(self.det)]
        if kind == "hopf":
            return [((self.leak / self.tau).sum() - w11 * D1 / self.tau[1]) * self.tau[0] / w00]
        return [self.leak[0] * (self.leak[1] - w11 * D1) / (self.leak[1] * w00 - self.det * D1)]

    def _valid(self, x0: Floats, partner: Any, kind: str) -> np.ndarray:
        D0 = self.g[0] * self.phi.slopes(x0)
        D1 = partner(D0)
        valid = (D1 / self.top[1] > 0.0) & (D1 / self.top[1] <= 1.0)
        return valid if kind == "fold" else valid & (self._determinant(D0, D1) > 0.0)

    def _determinant(self, D0: Any, D1: Any) -> Any:
        (w00, w01), (w10, w11) = self.w
        return (w00 * D0 - self.leak[0]) * (w11 * D1 - self.leak[1]) - w01 * w10 * D0 * D1

    def _meeting_slopes(self) -> Floats:
        """Slopes D_0 at which determinant and trace vanish: the roots of a quadratic."""
        (w00, w01), (w10, w11) = self.w
        t, (l0, l1), (t0, t1) = (self.leak / self.tau).sum(), self.leak, self.tau
        if w11 == 0.0:
            D0 = np.array([t * t0 / w00]) if w00 else np.empty(0)
            return D0
        a, b = t * t1 / w11, -w00 * t1 / (t0 * w11)  # D_1 = a + b D_0
        coefficients = [self.det * b, self.det * a - w00 * l1 - w11 * l0 * b, l0 * l1 - w11 * l0 * a]
        found = np.roots(coefficients)
        return found[np.abs(found.imag) <= 1e-9 * np.abs(found)].real

    def double_zeros(self) -> list[Floats]:
        """Return the net inputs of all Bogdanov-Takens points."""
        out = []
        for D0 in self._meeting_slopes():
            D1 = float((self.fold_slope if self.w[1, 1] == 0.0 else self.hopf_slope)(np.array(D0)))
            places = [float(net_input_of_slope(self.phi, np.array(D / g))) for D, g in zip((D0, D1), self.g, strict=True)]
            if np.isfinite(places).all():
                out += [np.array([s * places[0], r * places[1]]) for s in (1.0, -1.0) for r in (1.0, -1.0)]
        return _distinct(out)

    def coefficient(self, net: Floats, kind: str) -> Floats:
        """Return <w, B(v, v)> of folds, omega l1 of Hopf points."""
        g, series = self.g[:, np.newaxis], taylor(self.phi, net.T, 3 if kind == "hopf" else 2)
        D, H = g * series[1], 2.0 * g**2 * series[2]
        if kind == "fold":
            return fold_curvature(self.w, self.leak, D, H)
        return first_lyapunov(self.w, self.leak, self.tau, D, H, 6.0 * g**3 * series[3])

    def zeros(self, arcs: tuple[Arc, ...], partner: Any, kind: str) -> list[Floats]:
        """Return the net inputs at which the coefficient changes sign along arcs."""
        steps = [(arc, k) for arc in arcs for k in np.flatnonzero(arc.coefficient[:-1] * arc.coefficient[1:] < 0.0)]
        exact = [arc.net[j] for arc in arcs for j in np.flatnonzero(arc.coefficient == 0.0) if 0 < j < len(arc.net) - 1]
        if not steps:
            return _distinct(exact)
        a, b = (np.array([[*arc.net[k + side], arc.coefficient[k + side]] for arc, k in steps]) for side in (0, 1))
        sign = np.copysign(1.0, a[:, 1] + b[:, 1])

        def test(places: Floats) -> Floats:
            net = self._net(places.ravel(), np.broadcast_to(sign, places.shape).ravel(), partner)
            return self.coefficient(net, kind).reshape(places.shape)

        return _distinct([*self._net(_roots(test, a[:, 0], b[:, 0], a[:, 2], b[:, 2]), sign, partner), *exact])


def _roots(f: Callable[[Floats], Floats], a: Floats, b: Floats, fa: Floats, fb: Floats) -> Floats:
    """Return zeros between a and b (K,), by secants around whose zeros many points are looked at.

    `f` takes and returns (S, K).
    """
    for _ in range(ROOTS):
        width = np.abs(b - a)
        beside = a - fa * (b - a) / (fb - fa) + width * BESIDE
        x = np.sort(np.concatenate([[a], [b], np.clip(beside, np.minimum(a, b), np.maximum(a, b))]), axis=0)
        values, roots = f(x), np.arange(len(a))
        k = np.argmax((values[1:] > 0) != (values[:-1] > 0), axis=0)
        a, b, fa, fb = x[k, roots], x[k + 1, roots], values[k, roots], values[k + 1, roots]
        if not (b - a < 0.5 * width).any() or (b - a <= ROUNDING * np.abs(a)).all():
            break
    return np.where(np.abs(fa) < np.abs(fb), a, b)


def _distinct(points: list[Floats]) -> list[Floats]:
    out: list[Floats] = []
    for point in points:
        if all(np.abs(point - other).max() > 1e-9 for other in out):
            out.append(point)
    return out


def _special_point(family: Family, kind: SpecialKind, z: Floats) -> SpecialPoint:
    angle = float(np.abs(np.linalg.eigvals(family(z)[1][:, :2]).imag).max()) if kind == SpecialKind.GH else 0.0
    return special_point(family, Event(kind, z, angle, 1e-14 * max(1.0, float(np.abs(z).max())), residual(family, z)))
