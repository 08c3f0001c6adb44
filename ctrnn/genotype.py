"""Between the numbers that evolution varies, all in [-1, 1], and the parameters of networks."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from ctrnn.groups import Groups
from ctrnn.network import CTRNN
from ctrnn.sampling import centred_biases
from ctrnn.ties import followers
from neurodynamics import DynamicalSystem, Task
from neurodynamics.validation import (
    Floats,
    as_choice,
    as_count,
    as_flag,
    as_floats,
    as_generator,
    as_number,
    as_real,
    entry,
    require_room,
)

TOLERANCE = 1e-12  # relative: what rounding may do to parameters that are to be encoded
CORRECTIONS = 4  # of genes, by the slope, until they give the parameter to the last bit; one is mostly enough
NEIGHBOURS = 4  # numbers on either side of a gene that are tried then
WORDS = ("log", "shared")


class Genotype:
    """A linear, or logarithmic, map from genes in [-1, 1] to the parameters of a network, and its inverse.

    Parameters
    ----------
    template : DynamicalSystem
        Gives the parameters that are not free, and everything else. (A Task with parameters will do as well.)
    free : mapping of str to tuple
        What evolves: an array or an entry by name, such as ``"weights"``, ``"weights[0, 1]"``, ``"input_weights"``
        (sensors) or ``"motor_weights"`` (of a `MotorCTRNN`), with ``(low, high)``. Further words: ``"log"`` makes the
        logarithm uniform; ``"shared"`` gives all entries one gene together. Weights that the template's mask excludes
        have no gene. An entry named by itself goes before the array that holds it.
    tie : iterable of (str, str, sign), optional
        ``(a, b, +1)``: b is always equal to a; ``-1``: to minus a. b then has no gene of its own. Arrays of the same
        shape can be tied to each other as well.
    symmetry : "bilateral" or Groups, optional
        Left and right are mirror images: neuron i has the parameters of neuron N - 1 - i, and the same holds for inputs and
        motors. `Groups` are mirrored each in itself, as are the sensors, interneurons and motors of
        `tasks.CategoricalPerception`.

    Attributes
    ----------
    names : list of str
        A name for each gene: that of its (first) parameter; of the array where it is shared.
    size : int
        G, the number of genes.

    Examples
    --------
    >>> import numpy as np
    >>> from ctrnn import CTRNN, Genotype
    >>> template = CTRNN(np.zeros((2, 2)))
    >>> free = {"weights": (-16, 16), "biases": (-16, 16), "time_constants": (0.5, 10, "log")}
    >>> genotype = Genotype(template, free, tie=[("weights[0, 1]", "weights[1, 0]", +1)])
    >>> genotype.names[:4]
    ['weights[0, 0]', 'weights[0, 1]', 'weights[1, 1]', 'biases[0]']
    >>> params = genotype.decode(np.zeros((100, genotype.size)))
    >>> params.shape, genotype.network(np.ones(genotype.size)).time_constants
    ((100, 16), array([10., 10.]))
    """

    def __init__(
        self, template: Any, free: Mapping[str, Any], tie: Iterable[tuple[str, str, float]] = (),
        *, symmetry: str | Groups | None = None,
    ) -> None:  # fmt: skip
        if not isinstance(template, (DynamicalSystem, Task)):
            raise TypeError(f"`template` must be a network or a DynamicalSystem; got {type(template).__name__}.")
        if not isinstance(free, Mapping):
            raise TypeError(f"`free` must be a dict of names and ranges; got {type(free).__name__}.")
        if not isinstance(tie, (list, tuple)):
            raise TypeError(f"`tie` must be a list of (name, name, sign); got {type(tie).__name__}.")
        self.template = template
        specs = {name: _Range.of(name, value) for name, value in free.items()}
        spec_of = _spec_of(template, specs)
        named = np.array([spec is not None for spec in spec_of])
        leaders, signs = followers(template, tie, symmetry, named)
        self._assign(specs, spec_of, leaders, signs)
        self._check_what_is_fixed(symmetry is not None)
        self._check_ends()

    def _assign(
        self, specs: dict[str, _Range], spec_of: list[str | None], leaders: np.ndarray, signs: Floats
    ) -> None:  # fmt: skip
        """Give genes to parameters: `_gene` (P,) is the number of a parameter's gene, -1 for none."""
        p = self.template.param_dim
        self._gene, self._sign = np.full(p, -1), signs
        self.names: list[str] = []
        kept: list[_Range] = []
        shared: dict[str, int] = {}
        for position in _reading_order(self.template, specs, spec_of):
            spec = spec_of[position]
            if spec is None or leaders[position] != position:
                continue
            if spec not in shared:
                self.names.append(spec if specs[spec].shared else self.template.layout.name_of(position))
                kept.append(specs[spec])
            self._gene[position] = shared.get(spec, len(self.names) - 1)
            if specs[spec].shared:
                shared[spec] = self._gene[position]
        self._gene = self._gene[leaders]
        self._tied = np.flatnonzero((leaders != np.arange(p)) & (self._gene < 0))
        self._leaders = leaders
        self._first = np.array([int(np.flatnonzero((self._gene == g) & (leaders == np.arange(p)))[0])
                                for g in range(len(self.names))], dtype=int)  # fmt: skip
        self.low, self.high = (np.array([getattr(r, end) for r in kept]) for end in ("low", "high"))
        self._log = np.array([r.log for r in kept], dtype=bool)

    def _check_what_is_fixed(self, symmetric: bool) -> None:
        """Refuse a template that is not symmetric where nothing is free."""
        params, fixed = self.template.params, self._tied[self._gene[self._leaders[self._tied]] < 0]
        wrong = fixed[params[fixed] != self._sign[fixed] * params[self._leaders[fixed]]]
        if symmetric and len(wrong):
            here, there = (self.template.layout.name_of(int(p)) for p in (self._leaders[wrong[0]], wrong[0]))
            raise ValueError(f"`symmetry`: {here!r} and {there!r} of the template differ and are not free.")

    def _check_ends(self) -> None:
        for genes in (-np.ones(self.size), np.ones(self.size)):
            try:
                self.template.check_params(self._decode(genes))
            except ValueError as error:
                raise ValueError(f"`free` or `tie` allows what the network does not: {error}") from error

    @property
    def size(self) -> int:
        """G, the number of genes."""
        return len(self.names)

    def decode(self, genes: ArrayLike) -> Floats:
        """Return the parameters (B, P) of genes (B, G), or (P,) of (G,)."""
        return self._decode(self._check_genes(genes))

    def network(self, genes: ArrayLike) -> Any:
        """Return the network of one genotype (G,)."""
        vector = as_floats(genes, "genes")
        if vector.ndim != 1:
            raise ValueError(f"`genes` must have shape (size,) = ({self.size},); got {vector.shape}.")
        return self.template.with_params(self.decode(vector))

    def encode(self, params: Any) -> Floats:
        """Return the genes (B, G) of parameters (B, P), or (G,) of (P,) or of a network; the inverse of `decode`.

        Parameters that `decode` has returned come back to the last bit: ``decode(encode(decode(genes)))`` equals
        ``decode(genes)``. Several genes can give the same parameter, of which one is returned; it differs from the one
        that was decoded by rounding, at most 4 times ``2**-53`` times the larger end over half the width of the range, or
        the same of logarithms.

        Parameters that no genes give, because they are out of range, differ from the template where they are not free,
        or break a tie, are refused.
        """
        rows = as_floats(params.params if isinstance(params, DynamicalSystem) else params, "params")
        if rows.ndim not in (1, 2) or rows.shape[-1] != self.template.param_dim:
            p = self.template.param_dim
            raise ValueError(f"`params` must have shape (P,) = ({p},) or (B, P); got {rows.shape}.")
        values = rows[..., self._first]
        self._check_range(values)
        genes = self._to_genes(values)
        decoded = self._decode(genes)
        wrong = np.abs(decoded - rows) > TOLERANCE * np.maximum(1.0, np.abs(rows))
        if wrong.any():
            where = tuple(int(i) for i in np.argwhere(wrong)[0])
            name = self.template.layout.name_of(where[-1])
            reason = "is not free" if self._gene[where[-1]] < 0 else "shares its gene with another parameter"
            raise ValueError(f"`{name}`{_member(where)} {reason} and must be {decoded[where]:g}; got {rows[where]:g}.")
        return genes

    def random(
        self, count: int, rng: np.random.Generator | int | None = None, *, centre_crossing: bool = False
    ) -> Floats:
        """Return genes (count, G) of random individuals, uniform in [-1, 1].

        With `centre_crossing` the biases are those of `ctrnn.centre_crossing` instead, as far as their ranges go: neurons
        are most sensitive where their inputs lie, and many networks oscillate (Mathayomchan & Beer, 2002).
        """
        rows = as_count(count, "count")
        require_room(rows * self.size, "count")
        genes = as_generator(rng).uniform(-1.0, 1.0, (rows, self.size))
        if as_flag(centre_crossing, "centre_crossing"):
            biases = np.isin(self._first, self.template.layout.positions("biases"))
            if not biases.any():
                raise ValueError("`centre_crossing` needs biases that are free: name them in `free`.")
            if not isinstance(self.template, CTRNN):
                raise TypeError(f"`centre_crossing` needs a CTRNN as the template; got {type(self.template).__name__}.")
            params, view = self._decode(genes), self.template.layout.view
            view(params, "biases")[...] = centred_biases(self.template, lambda name: view(params, name))
            genes[:, biases] = self._to_genes(params[:, self._first])[:, biases]
        return genes

    def _check_genes(self, genes: ArrayLike) -> Floats:
        array = as_real(genes, "genes")
        if array.ndim not in (1, 2) or array.shape[-1] != self.size:
            raise ValueError(f"`genes` must have shape (size,) = ({self.size},) or (B, {self.size}); got {array.shape}.")
        outside = ~(np.abs(array) <= 1.0)
        if outside.any():
            where = tuple(int(i) for i in np.argwhere(outside)[0])
            name = self.names[where[-1]]
            raise ValueError(f"`{entry('genes', where)}` ({name}) must lie in [-1, 1]; got {array[where]:g}.")
        return array

    def _check_range(self, values: Floats) -> None:
        slack = TOLERANCE * np.maximum(np.abs(self.low), np.abs(self.high))
        outside = (values < self.low - slack) | (values > self.high + slack)
        if outside.any():
            where = tuple(int(i) for i in np.argwhere(outside)[0])
            g = where[-1]
            raise ValueError(
                f"`{self.template.layout.name_of(self._first[g])}`{_member(where)} must lie in [{self.low[g]:g}, "
                f"{self.high[g]:g}]; got {values[where]:g}."
            )

    def _scale(self) -> tuple[Floats, Floats]:
        """Return middle and half width of the ranges, of their logarithms where the scale is logarithmic."""
        low, high = (np.log(x, where=self._log, out=x.copy()) for x in (self.low, self.high))
        return 0.5 * (low + high), 0.5 * (high - low)

    def _values(self, genes: Floats) -> Floats:
        """Return the free parameters (.., G) of genes, not yet tied."""
        middle, half = self._scale()
        values = middle + half * genes
        values = np.where(self._log, np.exp(np.where(self._log, values, 0.0)), values)
        return np.where(genes == -1.0, self.low, np.where(genes == 1.0, self.high, np.clip(values, self.low, self.high)))

    def _decode(self, genes: Floats) -> Floats:
        values = self._values(genes)
        rows = np.broadcast_to(self.template.params, (*genes.shape[:-1], self.template.param_dim)).copy()
        free = self._gene >= 0
        rows[..., free] = self._sign[free] * values[..., self._gene[free]]
        rows[..., self._tied] = self._sign[self._tied] * rows[..., self._leaders[self._tied]]
        return rows

    def _to_genes(self, values: Floats) -> Floats:
        middle, half = self._scale()
        inside = np.clip(values, self.low, self.high)
        genes = np.clip((np.log(inside, where=self._log, out=inside.copy()) - middle) / half, -1.0, 1.0)
        genes = np.where(inside == self.low, -1.0, np.where(inside == self.high, 1.0, genes))
        return self._corrected(genes, inside)

    def _corrected(self, genes: Floats, values: Floats) -> Floats:
        """Genes that give the values to the last bit, wherever there are any."""
        half = self._scale()[1] * np.where(self._log, values, 1.0)
        for _ in range(CORRECTIONS):
            off = values - self._values(genes)
            if not off.any():
                return genes
            genes = np.clip(genes + off / half, -1.0, 1.0)
        for direction in (-2.0, 2.0):
            tried = genes
            for _ in range(NEIGHBOURS):
                tried = np.clip(np.nextafter(tried, direction), -1.0, 1.0)
                better = np.abs(values - self._values(tried)) < np.abs(values - self._values(genes))
                genes = np.where(better, tried, genes)
        return genes

    def __repr__(self) -> str:
        return f"Genotype({self.size} genes -> {self.template.param_dim} parameters)"


class _Range:
    """What one entry of `free` says."""

    def __init__(self, low: float, high: float, log: bool, shared: bool) -> None:
        self.low, self.high, self.log, self.shared = low, high, log, shared

    @classmethod
    def of(cls, name: str, value: Any) -> _Range:
        """Check a tuple (low, high, words ..)."""
        if not isinstance(value, (tuple, list)) or len(value) < 2:
            raise ValueError(f"`free[{name!r}]` must be (low, high), with 'log' or 'shared' after it; got {value!r}.")
        low, high = (as_number(x, f"free[{name!r}][{i}]") for i, x in enumerate(value[:2]))
        words = [as_choice(word, f"free[{name!r}]", WORDS) for word in value[2:]]
        if not low < high:
            raise ValueError(f"`free[{name!r}]` must be a range with low < high; got ({low:g}, {high:g}).")
        if "log" in words and low <= 0:
            raise ValueError(f"`free[{name!r}]` must be positive to be logarithmic; got ({low:g}, {high:g}).")
        return cls(low, high, "log" in words, "shared" in words)


def _member(where: tuple[int, ...]) -> str:
    return f" of member {where[0]}" if len(where) == 2 else ""


def _spec_of(template: Any, specs: Mapping[str, Any]) -> list[str | None]:
    """Return the name in `free` of every parameter, None where it has none."""
    spec_of: list[str | None] = [None] * template.param_dim
    for name in sorted(specs, key=lambda name: "[" in name):  # entries after the arrays that hold them
        for position in np.atleast_1d(template.layout.positions(name)).ravel():
            spec_of[position] = name
    for position in _masked(template):
        spec_of[position] = None
    return spec_of


def _masked(template: Any) -> np.ndarray:
    """Return the positions of the weights that the template's mask excludes."""
    mask = getattr(template, "mask", None)
    return np.empty(0, dtype=int) if mask is None else template.layout.positions("weights")[~mask]


def _reading_order(template: Any, specs: Mapping[str, Any], spec_of: list[str | None]) -> list[int]:
    """Return the positions of free parameters in the order in which `free` names them, matrices row by row."""
    order: dict[int, None] = {}
    for name in specs:
        for position in np.atleast_1d(template.layout.positions(name)).ravel():
            if spec_of[position] == name:
                order[int(position)] = None
    return list(order)
