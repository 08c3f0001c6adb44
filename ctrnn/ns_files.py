"""Networks in Beer's text format, `.ns`: numbers between white space, and nothing else.

``N, tau_1 .. tau_N, theta_1 .. theta_N, g_1 .. g_N, w[1->1] .. w[1->N], .., w[N->N]``: the weights by **presynaptic**
neuron, the transpose of ours. States are not part of a file.
"""

from __future__ import annotations

import math
import os
import re
import warnings

import numpy as np

from ctrnn.network import CTRNN
from neurodynamics import AdditiveNetwork
from neurodynamics.files import replacing
from neurodynamics.validation import as_path

_TOKEN = re.compile(r"\S+")
_COUNT = re.compile(r"[0-9]{1,9}")


def read_ns(path: str | os.PathLike) -> CTRNN:
    """Return the network in a `.ns` file: a logistic CTRNN with biases, gains and time constants.

    Any white space separates, be it a carriage return alone. Numbers behind the last weight, which some programs write,
    are left out with a warning.

    Parameters
    ----------
    path : str or path

    Raises
    ------
    ValueError
        Where a number is missing, or something is not a number; with its line, its place and its meaning.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> from ctrnn import read_ns
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = pathlib.Path(folder, "one.ns")
    ...     _ = path.write_text("1  0.5  -2  1  4.5")
    ...     read_ns(path).weights
    array([[4.5]])
    """
    tokens = _tokens(as_path(path))
    if not tokens:
        raise ValueError(f"{os.fspath(path)!r} is empty; a .ns file starts with the number of neurons.")
    if not _COUNT.fullmatch(tokens[0][0]):
        raise ValueError(f"{_place(path, tokens, 0)} must be the number of neurons; got {_shown(tokens[0][0])}.")
    n = int(tokens[0][0])
    needed = 1 + 3 * n + n * n
    values = np.array([_number(path, tokens, k, n) for k in range(1, min(len(tokens), needed))])
    if len(tokens) < needed:
        raise ValueError(
            f"{os.fspath(path)!r} is truncated: {n} neurons need {needed} numbers, it holds {len(tokens)}; the first that "
            f"is missing is {_meaning(len(tokens), n)}."
        )
    if len(tokens) > needed:
        warnings.warn(
            f"{os.fspath(path)!r} holds {len(tokens) - needed} more than the {needed} numbers that {n} neurons need; what "
            f"begins with {_shown(tokens[needed][0])} in line {tokens[needed][1]} was left out.",
            stacklevel=2,
        )
    tau, theta, gain = values[: 3 * n].reshape(3, n)
    return CTRNN.from_beer(values[3 * n :].reshape(n, n), theta, tau, gain)


def write_ns(net: CTRNN, path: str | os.PathLike) -> None:
    """Write a network to a `.ns` file, with as many digits as it takes to read back the same numbers.

    Parameters
    ----------
    net : CTRNN
        Logistic, with an input of its own for every neuron, and without leaks, constant inputs and noise, for which the
        format has no place; see :func:`fold_leaks`, :func:`fold_constant_inputs` and :func:`to_logistic`.
    path : str or path
        Replaced as a whole, or not at all.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> from ctrnn import CTRNN, write_ns
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = pathlib.Path(folder, "one.ns")
    ...     write_ns(CTRNN([[4.5]], biases=-2), path)
    ...     path.read_text().split()
    ['1', '1.0', '-2.0', '1.0', '4.5']
    """
    if not isinstance(net, AdditiveNetwork):
        raise TypeError(f"`net` must be a CTRNN; got {type(net).__name__}.")
    path = as_path(path)
    obstacle = _obstacle(net)
    if obstacle:
        raise ValueError(f"`net` cannot be written as a .ns file: {obstacle}. `net.save(path)` keeps everything (.npz).")
    rows = [net.time_constants, net.biases, net.gains]
    blocks = [str(net.state_dim), *map(_line, rows), "\n".join(map(_line, net.weights.T))]
    with replacing(path) as file:
        file.write(("\n\n".join(blocks) + "\n").encode("ascii"))


def _obstacle(net: CTRNN) -> str:
    if net.activation.name != "logistic":
        return f"its activation is {net.activation.name!r}, and the format means 'logistic' (tanh: see `to_logistic`)"
    if (net.leaks != 1).any():
        return "it has leaks other than 1 (see `fold_leaks`)"
    if net.constant_inputs.any():
        return "it has constant inputs (see `fold_constant_inputs`)"
    if net.noise.any():
        return "it has noise"
    if not np.array_equal(net.input_weights, np.eye(net.state_dim)):
        return "it has input weights"
    return ""


def _line(values: np.ndarray) -> str:
    return " ".join(repr(float(value)) for value in values)


def _tokens(path: str | os.PathLike) -> list[tuple[str, int]]:
    """Return the tokens of a file, each with its line."""
    with open(path, "rb") as file:
        data = file.read()
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ValueError(f"{os.fspath(path)!r} is not a text file; a .ns file holds numbers only.") from error
    lines = re.split(r"\r\n|\r|\n", text)
    return [(match[0], k) for k, line in enumerate(lines, start=1) for match in _TOKEN.finditer(line)]


def _number(path: str | os.PathLike, tokens: list[tuple[str, int]], k: int, n: int) -> float:
    token = tokens[k][0]
    try:
        value = float(token) if "_" not in token else math.nan
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise ValueError(f"{_place(path, tokens, k)} must be a number, {_meaning(k, n)}; got {_shown(token)}.")
    if k <= n and value <= 0:
        raise ValueError(f"{_place(path, tokens, k)}, {_meaning(k, n)}, must be positive; got {_shown(token)}.")
    return value


def _place(path: str | os.PathLike, tokens: list[tuple[str, int]], k: int) -> str:
    return f"{os.fspath(path)!r}, line {tokens[k][1]}: number {k + 1} of the file"


def _meaning(k: int, n: int) -> str:
    """Say what number k of a file (the first is 0) stands for; neurons are counted from 1, as in the format."""
    names = ("time constant", "bias", "gain")
    if k <= 3 * n:
        return f"the {names[(k - 1) // n]} of neuron {(k - 1) % n + 1}"
    source, target = divmod(k - 1 - 3 * n, n)
    return f"the weight from neuron {source + 1} to neuron {target + 1}"


def _shown(token: str) -> str:
    return repr(token if len(token) <= 30 else token[:27] + "...")
