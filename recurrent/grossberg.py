"""Grossberg's networks: shunting competition, and Cohen and Grossberg's with an energy."""

from __future__ import annotations

import functools
from typing import Any, ClassVar, NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from neurodynamics import Activation, activation as activation_of
from neurodynamics.compiling import kernel, offset, pointer_kernel
from neurodynamics.systems import add_product, dual_kernel, lifted, scratch
from neurodynamics.validation import Floats, as_count, as_floats, as_number, as_size
from recurrent.network import NOT_NEGATIVE, RecurrentNetwork, as_matrix, as_square, as_vector


class Feedback(NamedTuple):
    """A signal function ``f(w) = gain w^power / (half + saturation w^power)`` of w > 0, zero below.

    Examples
    --------
    >>> from recurrent import Feedback
    >>> Feedback.slower_than_linear(2.0, 0.5)
    Feedback(gain=2.0, power=1, half=0.5, saturation=1.0)
    """

    gain: float = 1.0
    power: int = 1
    half: float = 1.0
    saturation: float = 0.0

    @classmethod
    def faster_than_linear(cls, gain: float = 1.0, power: int = 2) -> Feedback:
        """Return ``gain w^power``: the winner takes all."""
        return cls(as_number(gain, "gain"), as_count(power, "power", minimum=1))

    @classmethod
    def slower_than_linear(cls, gain: float = 1.0, half: float = 1.0) -> Feedback:
        """Return ``gain w / (half + w)``: differences vanish."""
        return cls(as_number(gain, "gain"), 1, as_number(half, "half", positive=True), 1.0)

    @classmethod
    def sigmoid(cls, gain: float = 1.0, half: float = 1.0, power: int = 2) -> Feedback:
        """Return ``gain w^power / (half + w^power)``: what is below a threshold is quenched, the rest enhanced."""
        return cls(as_number(gain, "gain"), as_count(power, "power", minimum=1), as_number(half, "half", positive=True), 1.0)


LINEAR = Feedback()


@kernel
def feedback(w, signal):
    """f(w) = gain w^power / (half + saturation w^power)."""
    if not w.real > 0.0:
        return 0.0 * w
    count, square, power = int(signal[1].real), w, 1.0 + 0.0 * w
    while count > 0:  # squares: a power of any size ends soon
        power = power * square if count % 2 == 1 else power
        square, count = square * square, count // 2
    return signal[0] * power / (signal[2] + signal[3] * power)


@dual_kernel
def _shunting_rhs(index, t, y, n, u, m, params, p, out, k):
    """Membrane: x_i' = -A x_i + (B - x_i) (sum_j C_ij f(x_j) + I_i) - (x_i + D) (sum_j E_ij f(x_j) + J_i)."""
    A, B, D, signal = params, offset(params, n), offset(params, 2 * n), offset(params, 3 * n)
    C = 3 * n + 4
    f, excited, inhibited = scratch(out, n), scratch(out, n), scratch(out, n)
    for i in range(n):
        f[i] = feedback(y[i], signal)
        excited[i], inhibited[i] = u[i], u[n + i]
    add_product(params, C, f, n, excited, n)
    add_product(params, C + n * n, f, n, inhibited, n)
    for i in range(n):
        out[i] = -A[i] * y[i] + (B[i] - y[i]) * excited[i] - (y[i] + D[i]) * inhibited[i]


class Shunting(RecurrentNetwork):
    """A shunting network: ``x_i' = -A x_i + (B - x_i)(C f(x) + I)_i - (x_i + D)(E f(x) + J)_i``, on-centre off-surround.

    Activities stay in ``[-D, B]`` for inputs >= 0. The inputs are the excitatory I (N), then the inhibitory J (N).

    Parameters
    ----------
    units : int, optional
        N; not needed where a kernel is given.
    decay, upper, lower : float or array_like, shape (N,)
        A, B and D.
    feedback : Feedback
        f.
    excitation, inhibition : array_like, shape (N, N), optional
        C >= 0 and E >= 0; by default each unit excites itself and inhibits all others.

    References
    ----------
    .. [1] Grossberg (1973), Contour enhancement, short term memory, and constancies in reverberating neural networks,
       Studies in Applied Mathematics 52, 213.

    Examples
    --------
    >>> from neurodynamics import simulate
    >>> from recurrent import Feedback, Shunting
    >>> net = Shunting(4, decay=1, upper=3, feedback=Feedback.faster_than_linear(2.0))
    >>> float(simulate(net, 200, [0.1, 0.2, 0.3, 0.4]).final.max().round(6))
    2.822876
    """

    limits: ClassVar = dict.fromkeys(("decay", "excitation", "inhibition"), NOT_NEGATIVE)

    def __init__(
        self, units: int | None = None, *, decay: ArrayLike = 1.0, upper: ArrayLike = 1.0, lower: ArrayLike = 0.0,
        feedback: ArrayLike = LINEAR, excitation: ArrayLike | None = None, inhibition: ArrayLike | None = None,
    ) -> None:  # fmt: skip
        given = excitation if excitation is not None else inhibition
        if units is None and given is None:
            raise ValueError("`units`, the number of units, must be given, or `excitation` or `inhibition`.")
        n = as_size(units, "units", minimum=1) if units is not None else len(np.atleast_2d(given))  # type: ignore[arg-type]
        kernels = {
            "excitation": np.eye(n) if excitation is None else excitation,
            "inhibition": 1.0 - np.eye(n) if inhibition is None else inhibition,
        }
        arrays = {name: as_vector(value, name, n, "N") for name, value in
                  {"decay": decay, "upper": upper, "lower": lower}.items()}  # fmt: skip
        arrays["feedback"] = as_vector(feedback, "feedback", 4, "gain, power, half, saturation")
        arrays |= {name: as_matrix(value, name, (n, n), "(N, N)") for name, value in kernels.items()}
        self._build({"rhs": _shunting_rhs}, arrays, n, 2 * n, kind="flow")

    def check_params(self, vector: Floats) -> None:
        """Raise ValueError where a parameter is NaN or infinite, or activities would leave ``[-D, B]``."""
        super().check_params(vector)
        gain, power, half, saturation = np.moveaxis(self.layout.view(vector, "feedback"), -1, 0)
        if (power != np.round(power)).any() or (power < 1).any():
            raise ValueError(f"`feedback[1]`, the power, must be a whole number of at least 1; got {power}.")
        if (half <= 0).any() or (saturation < 0).any():
            raise ValueError("`feedback` must have half > 0 and saturation >= 0, so that it has no pole.")
        if (gain < 0).any():
            raise ValueError(f"`feedback[0]`, the gain, must not be negative; got {gain}.")
        if (self.layout.view(vector, "upper") + self.layout.view(vector, "lower") <= 0).any():
            raise ValueError("`upper` must be above minus `lower`: activities lie between them.")


@functools.cache
def _cohen_grossberg_functions(activation: Activation) -> dict[str, Any]:
    d, value, potential = lifted(activation), activation.value, activation.potential

    @dual_kernel
    def cohen_grossberg_rhs(index, t, y, n, u, m, params, p, out, k):
        """Unit: x_i' = (a0_i + a1_i x_i) (b0_i + u_i - b1_i x_i - sum_j c_ij d(x_j))."""
        a, b = params, offset(params, 2 * n)  # a0 and a1, b0 and b1 of each unit
        o, rest = scratch(out, n), scratch(out, n)
        for i in range(n):
            o[i] = d(y[i])
            rest[i] = 0.0 * y[i]
        add_product(params, 4 * n, o, n, rest, n)
        for i in range(n):
            out[i] = (a[2 * i] + a[2 * i + 1] * y[i]) * (b[2 * i] + u[i] - b[2 * i + 1] * y[i] - rest[i])

    @pointer_kernel
    def cohen_grossberg_energy(index, t, y, n, u, m, params, p, out, k):
        """V = -sum_i integral b_i d' + d'C d / 2, where integral x d' = x d - integral d."""
        b, total = offset(params, 2 * n), 0.0
        for i in range(n):
            o = value(y[i])
            total -= (b[2 * i] + u[i]) * o - b[2 * i + 1] * (y[i] * o - potential(y[i]))
            for j in range(n):
                total += 0.5 * o * params[4 * n + j * n + i] * value(y[j])
        out[0] = total

    functions = {"rhs": cohen_grossberg_rhs}
    return functions if potential is None else functions | {"energy": cohen_grossberg_energy}


class CohenGrossberg(RecurrentNetwork):
    """Cohen and Grossberg's network: ``x_i' = a_i(x_i) (b_i(x_i) - sum_j c_ij d(x_j))``, here with linear a and b.

    ``a_i(x) = a0 + a1 x`` and ``b_i(x) = b0 + u - b1 x``. Where C is symmetric and d never decreases, the energy
    ``V = -sum_i integral b_i d' + sum_ij c_ij d_i d_j / 2`` never rises as long as all a_i >= 0.
    With a = x and d = x these are the equations of Lotka and Volterra.

    Parameters
    ----------
    weights : array_like, shape (N, N)
        C; positive entries inhibit.
    amplification : array_like, shape (2,) or (2, N)
        a0 and a1.
    intrinsic : array_like, shape (2,) or (2, N)
        b0 and b1.
    activation : str or Activation
        d.

    References
    ----------
    .. [1] Cohen & Grossberg (1983), Absolute stability of global pattern formation and parallel memory storage by
       competitive neural networks, IEEE Trans. Systems, Man and Cybernetics 13, 815.

    Examples
    --------
    >>> from recurrent import CohenGrossberg
    >>> net = CohenGrossberg([[0.0, -1.0], [-1.0, 0.0]], activation="tanh")
    >>> net.has("energy"), net.rhs(0, [0.0, 1.0]).round(4).tolist()
    (True, [0.7616, -1.0])
    """

    options: ClassVar[tuple[str, ...]] = ("activation",)

    def __init__(
        self, weights: ArrayLike, amplification: ArrayLike = (1.0, 0.0), intrinsic: ArrayLike = (0.0, 1.0), *,
        activation: str | Activation = "tanh",
    ) -> None:  # fmt: skip
        self.activation = activation_of(activation)
        C = as_square(weights, "weights")
        n = len(C)
        arrays: dict[str, Any] = {}
        for name, value in (("amplification", amplification), ("intrinsic", intrinsic)):
            pair = as_floats(value, name)
            pair = pair[:, np.newaxis] if pair.ndim == 1 else pair
            pair = np.broadcast_to(pair, (2, n)) if pair.shape == (2, 1) else pair
            arrays[name] = as_matrix(pair, name, (2, n), "(2, N)")
        arrays["weights"] = C
        self._build(_cohen_grossberg_functions(self.activation), arrays, n, n, kind="flow")

    def has(self, role: str) -> bool:
        """Whether there is this function; there is an energy where C is symmetric and d never decreases."""
        if role == "energy" and not (self.activation.monotone and np.array_equal(self.weights, self.weights.T)):
            return False
        return super().has(role)


def may_leonard(alpha: float, beta: float) -> CohenGrossberg:
    """Return May and Leonard's three competitors, ``x_i' = x_i (1 - x_i - alpha x_(i+1) - beta x_(i+2))``.

    References
    ----------
    .. [1] May & Leonard (1975), Nonlinear aspects of competition between three species, SIAM J. Appl. Math. 29, 243.

    Examples
    --------
    >>> from recurrent import may_leonard
    >>> may_leonard(0.8, 1.3).rhs(0, [0.5, 0.0, 0.0]).tolist()
    [0.25, 0.0, 0.0]
    """
    a, b = as_number(alpha, "alpha"), as_number(beta, "beta")
    return CohenGrossberg([[1, a, b], [b, 1, a], [a, b, 1]], (0.0, 1.0), (1.0, 0.0), activation="linear")
