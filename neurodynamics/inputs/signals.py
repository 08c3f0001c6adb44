"""Inputs as functions of time that know where they jump or bend.

Every signal becomes rows of one table of numbers that kernels evaluate, plus the list of its breakpoints. Integrators
never step across a breakpoint; within a piece between two of them every built-in signal is a smooth function, selected by
a reference time inside the piece, so that values at the ends of a piece are those of the piece.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from neurodynamics.compiling import (
    SystemFunction,
    call,
    check_arguments,
    kernel,
    offset,
    pointer,
    row,
    stack,
    system_function,
)
from neurodynamics.validation import Floats, as_choice, as_floats, as_number, as_size

# Kinds of terms, the first column of the table but one; the channel is the first.
_FUNCTION, STEP, PULSE, TRAIN, SINE, RAMP, HOLD, LINEAR = range(8)
_COLUMNS = 8  # channel, kind, five values, and how many channels in a row the term drives
_COPIES = 7
MOST_PULSES = 10**7  # of a train
SAME_WIDTH = 1e-12  # share by which a pulse may be longer or shorter than it should be


class Signal:
    """An input of one channel as a function of time.

    Parameters
    ----------
    function : callable ``(t) -> float``
        Compiled; smooth between the breakpoints.
    breakpoints : array_like
        Times at which the function or one of its derivatives jumps. Integration is split there; a pulse that is not
        declared here can be stepped over.

    Examples
    --------
    >>> import math
    >>> from neurodynamics import Signal, Pulse
    >>> chirp = Signal(lambda t: math.sin(t * t)) + Pulse(t0=5, width=1, amplitude=2)
    >>> chirp.breakpoints
    array([5., 6.])
    """

    def __init__(self, function: Callable[[float], float], breakpoints: ArrayLike = ()) -> None:
        self._terms: tuple[_Term, ...] = (
            _Term(_FUNCTION, (), as_floats(breakpoints, "breakpoints"),
                  function=system_function("signal", function, name="function")),
        )

    @classmethod
    def _of(cls, *terms: _Term) -> Signal:
        signal = object.__new__(Signal)
        signal._terms = terms
        return signal

    def _set(self, kind: int, values: Sequence[float], breakpoints: ArrayLike) -> None:
        self._terms = (_Term(kind, tuple(map(float, values)), np.asarray(breakpoints, dtype=np.float64)),)

    __array_ufunc__ = None  # an array plus a signal is an error, not an array of signals

    def __add__(self, other: Any) -> Signal:
        for signal in (self, other):
            if isinstance(signal, Sampled) and signal._many:
                raise ValueError(
                    f"`Sampled` with {signal.channels} rows is the whole `inputs` of a system and cannot be added; "
                    "add to the signals of its channels, `sampled.split()[i]`."
                )
        if isinstance(other, (int, float, np.integer, np.floating)):
            other = constant(float(other))
        return Signal._of(*self._terms, *other._terms) if isinstance(other, Signal) else NotImplemented

    __radd__ = __add__

    @property
    def breakpoints(self) -> Floats:
        """Times at which the signal or a derivative of it jumps, sorted."""
        return np.unique(np.concatenate([term.breakpoints for term in self._terms]))

    def __call__(self, t: ArrayLike) -> Floats:
        """Return the value at the times t; at a breakpoint, the value after it."""
        times = as_floats(t, "t")
        values = Inputs([self], 1).at(times.ravel())[0]
        return values.reshape(times.shape) if times.ndim else values[0]

    def __repr__(self) -> str:
        return f"{type(self).__name__}({len(self._terms)} terms, {self.breakpoints.size} breakpoints)"


@dataclass(frozen=True)
class _Term:
    kind: int
    values: tuple[float, ...]
    breakpoints: Floats
    data: Floats = field(default_factory=lambda: np.empty(0))
    function: SystemFunction | None = None


def constant(value: float) -> Signal:
    """Return a signal of constant value."""
    return Signal._of(_Term(STEP, (as_number(value, "inputs"), -np.inf), np.empty(0)))


class Step(Signal):
    """``amplitude`` from time ``t0`` on, 0 before.

    Examples
    --------
    >>> Step(1.0, amplitude=2.0)([0, 1, 5])
    array([0., 2., 2.])
    """

    def __init__(self, t0: float, amplitude: float) -> None:
        self._set(STEP, (as_number(amplitude, "amplitude"), as_number(t0, "t0")), [t0])


class Pulse(Signal):
    """``amplitude`` from ``t0`` to ``t0 + width``, 0 elsewhere. Never missed, however short.

    Where times near ``t0`` cannot tell the width to 12 digits, the pulse is as long as they can tell, and the amplitude
    such that width times amplitude is what was asked for.

    Examples
    --------
    >>> Pulse(1.0, 0.5, amplitude=2.0)([0, 1.2, 5])
    array([0., 2., 0.])
    """

    def __init__(self, t0: float, width: float, amplitude: float) -> None:
        start, width = as_number(t0, "t0"), as_number(width, "width", positive=True)
        end = max(start + width, float(np.nextafter(start, np.inf)))
        height = _of_equal_area(as_number(amplitude, "amplitude"), width, end - start)
        self._set(PULSE, (height, start, end), [start, end])


def _of_equal_area(amplitude: float, width: float, length: float) -> float:
    """Return the amplitude of a pulse of another length with the same area."""
    if abs(length - width) <= SAME_WIDTH * width:
        return amplitude
    return amplitude * (width / length)


class PulseTrain(Signal):
    """``count`` pulses of ``amplitude`` and ``width``, one every ``period``, the first at ``t0``.

    Examples
    --------
    >>> PulseTrain(1.0, 0.5, 2.0, period=2.0, count=2)([1.2, 2.2, 3.2, 5.2])
    array([2., 0., 2., 0.])
    """

    def __init__(self, t0: float, width: float, amplitude: float, period: float, count: int) -> None:
        start, width = as_number(t0, "t0"), as_number(width, "width", positive=True)
        period = as_number(period, "period", positive=True)
        if width >= period:
            raise ValueError(f"`width` must be less than the period {period:g}; got {width:g}.")
        count, height = as_size(count, "count", minimum=1), as_number(amplitude, "amplitude")
        if count > MOST_PULSES:
            raise ValueError(f"`count` must be at most {MOST_PULSES}: each pulse has its breakpoints; got {count}.")
        if not math.isfinite(start + period * count):
            raise ValueError(f"`period` = {period:g} takes the last of {count} pulses beyond the largest number.")
        starts = start + period * np.arange(count)
        ends = starts + width
        if np.abs(ends - starts - width).max() <= SAME_WIDTH * width:
            self._set(TRAIN, (height, start, width, period, count), np.column_stack([starts, ends]).ravel())
            return
        ends = np.maximum(ends, np.nextafter(starts, np.inf))
        edges = np.column_stack([starts, ends]).ravel()
        if np.any(np.diff(edges) <= 0):
            raise ValueError(
                f"`period` = {period:g} is less than times from `t0` on, to {starts[-1]:g}, can be told apart by."
            )
        heights = np.column_stack([height * (width / (ends - starts)), np.zeros(count)]).ravel()
        before = np.nextafter(start, -np.inf)
        samples = np.concatenate([[before], edges, [0.0], heights])
        self._terms = (_Term(HOLD, (), edges, data=samples),)


class Sine(Signal):
    """``offset + amplitude sin(2 pi frequency t + phase)``.

    Examples
    --------
    >>> Sine(2.0, frequency=0.25)([0, 1, 3])
    array([ 0.,  2., -2.])
    """

    def __init__(self, amplitude: float, frequency: float, phase: float = 0.0, offset: float = 0.0) -> None:
        omega = 2 * np.pi * as_number(frequency, "frequency")
        values = (as_number(amplitude, "amplitude"), omega, as_number(phase, "phase"), as_number(offset, "offset"))
        self._set(SINE, values, [])


class Ramp(Signal):
    """0 until ``t0``, then linear to ``amplitude`` at ``t1``, constant after.

    Examples
    --------
    >>> Ramp(0.0, 2.0, amplitude=1.0)([-1, 1, 3])
    array([0. , 0.5, 1. ])
    """

    def __init__(self, t0: float, t1: float, amplitude: float) -> None:
        start, end = as_number(t0, "t0"), as_number(t1, "t1")
        if end <= start:
            raise ValueError(f"`t1` must be later than t0 = {start:g}; got {end:g}.")
        self._set(RAMP, (as_number(amplitude, "amplitude"), start, end), [start, end])


class Sampled(Signal):
    """Values at given times, held until the next one or joined by straight lines; constant outside.

    Parameters
    ----------
    t : array_like, shape (T,)
        Increasing times.
    values : array_like, shape (T,) or (M, T)
        One channel, or one row a channel: then it is the whole ``inputs`` of a system.
    kind : {"hold", "linear"}

    Examples
    --------
    >>> Sampled([0, 1, 2], [0, 5, 7])([0.5, 1.5])
    array([0., 5.])
    >>> Sampled([0, 1, 2], [0, 5, 7], kind="linear")([0.5, 1.5])
    array([2.5, 6. ])
    """

    def __init__(self, t: ArrayLike, values: ArrayLike, kind: str = "hold") -> None:
        times, samples = as_floats(t, "t"), as_floats(values, "values")
        code = {"hold": HOLD, "linear": LINEAR}[as_choice(kind, "kind", ["hold", "linear"])]
        if times.ndim != 1 or times.size == 0:
            raise ValueError(f"`t` must be a vector of at least one time; got shape {times.shape}.")
        if np.any(np.diff(times) <= 0):
            k = int(np.argmax(np.diff(times) <= 0)) + 1
            raise ValueError(f"`t` must increase; t[{k}] = {times[k]:g} does not exceed t[{k - 1}] = {times[k - 1]:g}.")
        if samples.shape[-1:] != times.shape or samples.ndim > 2:
            raise ValueError(f"`values` must have shape (T,) or (M, T) with T = {times.size}; got {samples.shape}.")
        self.channels = 1 if samples.ndim == 1 else samples.shape[0]
        self._terms = tuple(
            _Term(code, (), times if times.size > 1 else np.empty(0), data=np.concatenate([times, row]))
            for row in np.atleast_2d(samples)
        )
        self._many = samples.ndim == 2

    def split(self) -> list[Signal]:
        """Return one signal a channel."""
        return [Signal._of(term) for term in self._terms]


class Table(NamedTuple):
    """Signals as numbers: constants of the channels, terms, and the samples that some terms point to."""

    base: Floats
    terms: Any
    n_terms: int
    data: Floats


class Inputs:
    """What drives a system: constants and signals of its M channels as a table that kernels read.

    Parameters
    ----------
    inputs : None, array_like of M numbers and signals, Sampled with M rows, or callable ``t -> (M,)``
        What the keyword ``inputs`` of every function of this project takes. A callable runs uncompiled.
    input_dim : int
        M.
    """

    def __init__(self, inputs: Any, input_dim: int) -> None:
        self.given = inputs
        self.callable: Callable | None = None
        self.base = np.zeros(input_dim)
        rows: list[list[float]] = []
        data: list[Floats] = []
        breakpoints: list[Floats] = []
        self._functions: list[SystemFunction] = []
        for channel, item in enumerate(self._channels(inputs, input_dim)):
            if not isinstance(item, Signal):
                self.base[channel] = item
                continue
            for term in item._terms:
                values = list(term.values)
                if term.function is not None:
                    self._functions.append(term.function)
                    values = [float(term.function.address)]
                elif term.data.size:
                    values = [float(sum(map(len, data))), term.data.size // 2]
                    data.append(term.data)
                rows.append([channel, term.kind, *values, *[0.0] * (_COPIES - 2 - len(values)), 1])
                breakpoints.append(term.breakpoints)
        self.terms = np.array(rows, dtype=np.float64).reshape(-1, _COLUMNS)
        self.data = np.concatenate(data) if data else np.empty(0)
        self.breakpoints = np.unique(np.concatenate(breakpoints)) if breakpoints else np.empty(0)

    def _channels(self, inputs: Any, input_dim: int) -> list[Any]:
        if inputs is None:
            return [0.0] * input_dim
        if isinstance(inputs, Sampled) and inputs._many:
            channels: list[Any] = inputs.split()
        elif isinstance(inputs, Signal):
            channels = [inputs]
        elif callable(inputs):
            check_arguments("signal", inputs, "inputs")
            self.callable = inputs
            return [0.0] * input_dim
        elif isinstance(inputs, (list, tuple)) and any(isinstance(item, Signal) or callable(item) for item in inputs):
            channels = [_one_channel(item, i) for i, item in enumerate(inputs)]
        else:
            array = as_floats(inputs, "inputs")
            channels = list(np.full(input_dim, array) if array.ndim == 0 else array)
        if len(channels) != input_dim or any(np.ndim(c) for c in channels if not isinstance(c, Signal)):
            raise ValueError(f"`inputs` must have one entry for each of the {input_dim} inputs; got {len(channels)}.")
        return channels

    @property
    def constant(self) -> bool:
        """Whether nothing depends on time."""
        return self.callable is None and self.terms.size == 0

    @property
    def table(self) -> Table:
        """The signals as drivers take them; `terms` is the callable where there is one."""
        return Table(self.base, self.terms if self.callable is None else self.callable, len(self.terms), self.data)

    def raise_failures(self, *, as_they_were: bool = False) -> None:
        """Raise where a function among the signals reached outside its arrays since the last look."""
        for function in self._functions:
            error = function.failure(as_it_was=as_they_were)
            if error is not None:
                raise error

    def __reduce__(self) -> Any:
        """Copies, and other processes, make the table again: it holds addresses."""
        return _inputs_again, (self.given, self.base.size, self.breakpoints)

    def evaluate(self, t: float, t_ref: float, out: Floats) -> None:
        """Write u(t), on the smooth piece that holds t_ref, to out (M,)."""
        base, terms, number, data = self.table
        _evaluate_host(base, base.size, terms, number, data, t, t_ref, out)

    def at(self, t: Floats) -> Floats:
        """Return the values at the times t, shape (M, T); at a breakpoint, those after it."""
        out = np.empty((t.size, self.base.size))
        for time, values in zip(t, out, strict=True):
            self.evaluate(float(time), float(time), values)
        return out.T

    def shifted_terms(self, start: int) -> Floats:
        """Return the terms for samples that begin at ``start`` in a longer array of data."""
        terms = self.terms.copy()
        terms[terms[:, 1] >= HOLD, 2] += start
        return terms

    @staticmethod
    def over_lanes(terms: Floats, lanes: int, lane: int | None = None) -> Floats:
        """Return the terms for channels that are blocks of lanes: for all lanes of a channel, or for one of them."""
        spread = terms.copy()
        spread[:, 0] = terms[:, 0] * lanes + (lane or 0)
        spread[:, _COPIES] = lanes if lane is None else 1
        return spread

    def pulses(self) -> list[tuple[float, float, float]]:
        """Return start, end and amplitude of each pulse, those of trains too short for their times included."""
        found = [(float(term[3]), float(term[4]), float(term[2])) for term in self.terms if term[1] == PULSE]
        for term in self.terms[self.terms[:, 1] == HOLD]:
            first, count = int(term[2]), int(term[3])
            times, values = self.data[first : first + count], self.data[first + count : first + 2 * count]
            short = np.flatnonzero((np.diff(times) < SAME_WIDTH * np.abs(times[1:])) & (values[:-1] != 0))
            found += [(float(times[k]), float(times[k + 1]), float(values[k])) for k in short]
        return found

    @property
    def analytic(self) -> bool:
        """Whether the Taylor coefficients of every channel are known in closed form."""
        return self.constant or (self.callable is None and not (self.terms[:, 1] == _FUNCTION).any())


def _inputs_again(given: Any, input_dim: int, breakpoints: Floats) -> Inputs:
    inputs = Inputs(given, input_dim)
    inputs.breakpoints = breakpoints
    return inputs


def _one_channel(item: Any, index: int) -> Any:
    if isinstance(item, Sampled) and item.channels != 1:
        raise ValueError(f"`inputs[{index}]` must be a signal of one channel; got {item.channels} rows.")
    if isinstance(item, Signal):
        return item
    if callable(item):
        raise TypeError(
            f"`inputs[{index}]` is a Python function; wrap it as Signal(function, breakpoints), or pass one function "
            "t -> (M,) as `inputs`."
        )
    return as_number(item, f"inputs[{index}]")


def _evaluate_host(base, m, terms, number, data, t, t_ref, out):
    """The host twin of :func:`evaluate_inputs`: `terms` is a Python callable where there is one."""
    if callable(terms):
        values = terms(t)
        if np.shape(values) not in ((), (m,)):
            raise ValueError(f"the function `inputs` must return {m} numbers; got shape {np.shape(values)} at t = {t:g}.")
        out[:] = values
    else:
        _evaluate_arrays(base, terms, data, t, t_ref, out)


@kernel
def _evaluate_arrays(base, terms, data, t, t_ref, out):
    """:func:`evaluate_inputs` for arrays, from Python."""
    evaluate_inputs(pointer(base), base.size, pointer(terms), terms.shape[0], pointer(data), t, t_ref, pointer(out))


@kernel(host=_evaluate_host)
def evaluate_inputs(base, m, terms, number, data, t, t_ref, out):
    """u(t) of m channels on the smooth piece that holds t_ref."""
    for channel in range(m):
        out[channel] = base[channel]
    for r in range(number):
        term = row(terms, r, _COLUMNS)
        value = _term_value(term, data, t, t_ref)
        channel = int(term[0])
        for copy in range(int(term[_COPIES])):
            out[channel + copy] += value


@kernel
def _term_value(term, data, t, t_ref):
    kind = int(term[1])
    if kind == _FUNCTION:
        value = stack(1)
        call(int(term[2]), t, value, 0, value, 0, value, 0, value, 1)
        return value[0]
    if kind == STEP:
        return term[2] if t_ref >= term[3] else 0.0
    if kind == PULSE:
        return term[2] if term[3] <= t_ref < term[4] else 0.0
    if kind == TRAIN:
        k = np.floor((t_ref - term[3]) / term[5])
        if term[3] + (k + 1.0) * term[5] <= t_ref:  # rounding: the breakpoints decide
            k += 1.0
        elif term[3] + k * term[5] > t_ref:
            k -= 1.0
        return term[2] if 0.0 <= k < term[6] and t_ref < term[3] + k * term[5] + term[4] else 0.0
    if kind == SINE:
        return term[5] + term[2] * np.sin(term[3] * t + term[4])
    if kind == RAMP:
        if t_ref >= term[4]:
            return term[2]
        return term[2] * (t - term[3]) / (term[4] - term[3]) if t_ref >= term[3] else 0.0
    times = offset(data, int(term[2]))
    count = int(term[3])
    values = offset(times, count)
    k = _last_before(times, count, t_ref)
    if k < 0:
        return values[0]
    if kind == HOLD or k == count - 1:
        return values[k]
    return values[k] + (values[k + 1] - values[k]) * (t - times[k]) / (times[k + 1] - times[k])


@kernel
def _last_before(times, count, t):
    """Index of the last time that is not after t; -1 where all are."""
    low, high = -1, count
    while high - low > 1:
        middle = (low + high) // 2
        if times[middle] <= t:
            low = middle
        else:
            high = middle
    return low


@kernel
def input_coefficients(m, terms, number, data, t, t_ref, k, out):
    """The k-th Taylor coefficient (k >= 1) of u at t, on the smooth piece that holds t_ref."""
    for channel in range(m):
        out[channel] = 0.0
    for r in range(number):
        term = row(terms, r, _COLUMNS)
        channel = int(term[0])
        kind = int(term[1])
        if kind == SINE:
            factor = term[2]
            for j in range(1, k + 1):
                factor *= term[3] / j
            out[channel] += factor * np.sin(term[3] * t + term[4] + 0.5 * np.pi * k)
        elif k == 1 and kind == RAMP:
            if term[3] <= t_ref < term[4]:
                out[channel] += term[2] / (term[4] - term[3])
        elif k == 1 and kind == LINEAR:
            times = offset(data, int(term[2]))
            count = int(term[3])
            values = offset(times, count)
            i = _last_before(times, count, t_ref)
            if 0 <= i < count - 1:
                out[channel] += (values[i + 1] - values[i]) / (times[i + 1] - times[i])
