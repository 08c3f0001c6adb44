"""Hopfield's graded network, as a parametrisation of the additive network."""

from __future__ import annotations

from typing import Any, Self

from numpy.typing import ArrayLike

from hopfield.checks import ALPHABETS, as_patterns, to_spins
from hopfield.couplings import as_coupling
from hopfield.graded.base import GradedNetwork, leaks_of
from hopfield.graded.ranges import for_outputs
from hopfield.recall import Recall
from hopfield.rules import learn
from neurodynamics import Activation
from neurodynamics.activations import activation as activation_of
from neurodynamics.validation import as_choice

MAX_TIME = 1000.0


class GradedHopfield(GradedNetwork):
    """Hopfield's network of graded units.

        ``C_i du_i/dt = sum_j W_ij V_j - u_i / R_i + I_i,    V_i = phi(gain_i (u_i + b_i))``

    With symmetric W the flow goes downhill in
    ``E = -V.WV/2 - I.V + sum_i (1/R_i) integral of u_i dV_i``, and ends in fixed points [1]_.

    Parameters
    ----------
    weights : Coupling or array_like, shape (N, N)
        ``W[i, j]`` from unit j to unit i. Couplings of patterns are written out only when a function needs the matrix.
    currents : float or array_like, shape (N,)
        I.
    capacitances, resistances : float or array_like, shape (N,)
        C and R, positive; ``C R`` is the time constant.
    gain : float or array_like, shape (N,)
        The factor inside phi. Hopfield's ``g = (2/pi) atan(pi lambda u / 2)`` is "arctangent" with this gain.
    biases : float or array_like, shape (N,)
        b, mostly 0.
    noise : float or array_like, shape (N,)
        Amplitude of white noise on du.
    input_weights : array_like, shape (N, M), optional
        Without them each unit has an input of its own.
    activation : str or Activation
        "tanh", "logistic", "arctangent", "erf", .., or your own; the energy needs its ``potential``.
    patterns : array_like, shape (p, N), optional
        Patterns of +-1 that the overlaps of results refer to.

    References
    ----------
    .. [1] Hopfield (1984), PNAS 81, 3088.

    Examples
    --------
    Two units that support each other have two minima, and a saddle between them.

    >>> from hopfield import GradedHopfield
    >>> net = GradedHopfield([[0, 1], [1, 0]], gain=1.4, activation="arctangent")
    >>> r = net.recall([[0.1, 0.0], [0.0, 0.0]])
    >>> r
    Recall(2 probes of 2 units: 1 fixed_point, 1 saddle)
    >>> net.outputs(r.states[0]).round(6)
    array([0.572873, 0.572873])
    """

    def __init__(
        self,
        weights: Any,
        currents: ArrayLike = 0.0,
        capacitances: ArrayLike = 1.0,
        resistances: ArrayLike = 1.0,
        *,
        gain: ArrayLike = 1.0,
        biases: ArrayLike = 0.0,
        noise: ArrayLike = 0.0,
        input_weights: ArrayLike | None = None,
        activation: str | Activation = "tanh",
        patterns: ArrayLike | None = None,
    ) -> None:
        self.activation = activation_of(activation)
        coupling = as_coupling(weights, "weights")
        vectors = vectors_of(coupling.shape[0], currents, capacitances, resistances, gain, biases, noise)
        self._set_graded(coupling, vectors, input_weights, patterns)

    @classmethod
    def from_patterns(
        cls,
        patterns: ArrayLike,
        rule: Any = "pseudo_inverse",
        gain: ArrayLike = 4.0,
        *,
        values: str = "bipolar",
        activation: str | Activation = "tanh",
        **options: Any,
    ) -> Self:
        """Return the network that a learning rule makes of patterns.

        With an activation between other values than -1 and 1, such as the logistic function, couplings and currents
        are those with which the fields are the same for outputs at the two ends.

        Parameters
        ----------
        patterns : array_like, shape (p, N)
            A pattern in each row.
        rule : str or callable
            A name in ``rules.RULES``, or a function from bipolar patterns to couplings.
        gain : float or array_like, shape (N,)
            Large: outputs are close to two values, and there are many minima. 1 / gain is like a temperature.
        values : {"bipolar", "binary"}
            The alphabet of the patterns.
        activation : str or Activation
            With a bounded range.
        **options
            Go to the rule.

        Examples
        --------
        >>> from hopfield import GradedHopfield, patterns
        >>> xi = patterns.random(5, 100, rng=0)
        >>> net = GradedHopfield.from_patterns(xi)
        >>> r = net.recall(patterns.flip(xi, 0.2, rng=1))
        >>> (r.overlaps.diagonal() > 0.99).all(), (r.max_energy_rise < 1e-12).all()
        (np.True_, np.True_)
        """
        rows = to_spins(as_patterns(patterns, values=as_choice(values, "values", ALPHABETS)), values)
        coupling, currents = for_outputs(learn(rule, rows, **options), activation_of(activation))
        return cls(coupling, currents, gain=gain, activation=activation, patterns=rows)

    def recall(
        self,
        probes: ArrayLike,
        *,
        values: str | None = None,
        method: str | None = None,
        tolerance: float = 1e-8,
        max_time: float = MAX_TIME,
        record: bool = False,
        timeout: float | None = None,
        on_interrupt: str = "raise",
    ) -> Recall:
        """Let the network relax from each probe until ``max |du/dt| < tolerance``.

        Parameters
        ----------
        probes : array_like, shape (N,) or (K, N)
            States u to start from; noisy patterns of +-1 will do.
        values : {"bipolar", "binary"}, optional
            Says that probes are patterns of this alphabet: those of 0 and 1 start at u = -1 and +1.
        method : str, optional
            "certified": constant steps of which none can raise the energy, of the largest length for which that is
            proved; all probes at once, and nothing of size N x N is needed. Or an adaptive method of integration
            ("dopri5", "dop853", "taylor", "LSODA", ..), which follows the flow to ten digits and reports whether the
            energy rose. By default "certified" where there is an energy, else "dop853"; of networks of up to 2000
            units, probes that still move after 2000 proved steps go on by "LSODA", and the energy is looked at after
            each of its steps.
        tolerance : float
            Of ``|du_i/dt|``.
        max_time : float
            Where to stop at the latest, in the units of the capacitances.
        record : bool
            Whether to keep every step of "certified", in ``Recall.trace``.
        timeout : float, optional
            Seconds; what was reached until then is returned.
        on_interrupt : {"raise", "return"}
            Ctrl-C raises ``Interrupted`` with the partial ``result``, or returns that.

        Returns
        -------
        Recall
            ``states`` are u, positive where a unit is on; ``net.outputs(states.T)`` are V. A probe at rest is at a fixed
            point that attracts, or at a saddle. ``max_energy_rise`` is the largest step of the energy, from step to step;
            not above rounding where it always fell.
        """
        return self._recall(self._rows(probes, values), method, tolerance, max_time, record, timeout, on_interrupt)


def vectors_of(
    n: int, currents: ArrayLike, capacitances: ArrayLike, resistances: ArrayLike, gain: ArrayLike, biases: ArrayLike,
    noise: ArrayLike,
) -> dict[str, ArrayLike]:  # fmt: skip
    """Hopfield's quantities by the names of the additive network."""
    return {
        "time_constants": capacitances,
        "leaks": leaks_of(resistances, n),
        "biases": biases,
        "gains": gain,
        "constant_inputs": currents,
        "noise": noise,
    }
