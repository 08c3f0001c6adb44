"""The text of a network in C99: numbers, tables, and the functions that use them."""

from __future__ import annotations

from typing import Any

import numpy as np

ACTIVATIONS = {
    "logistic": "1 / (1 + EXP(-x))",
    "tanh": "TANH(x)",
    "relu": "x > 0 ? x : 0",
    "softplus": "(x > 0 ? x : 0) + LOG1P(EXP(-FABS(x)))",
    "linear": "x",
    "erf": "ERF(x)",
    "arctangent": "TWO_OVER_PI * ATAN(x / TWO_OVER_PI)",
    "hard_sigmoid": "x < -2 ? 0 : x > 2 ? 1 : x / 4 + HALF",
}
_FUNCTIONS = ("EXP", "TANH", "LOG1P", "FABS", "ERF", "ATAN")
KEYWORDS = frozenset(
    "auto break case char const continue default do double else enum extern float for goto if inline int long register "
    "restrict return short signed sizeof static struct switch typedef union unsigned void volatile while "
    "_Bool _Complex _Imaginary".split()
)

STEPS = {
    "euler": """\
    {n}_real f[{N}];
    int i;
    {n}_slopes(state->y, inputs, f);
    for (i = 0; i < {N}; i++)
        state->y[i] += {dt} * f[i];
""",
    "exponential_euler": """\
{factors}    {n}_real f[{N}];
    int i;
    {n}_slopes(state->y, inputs, f);
    for (i = 0; i < {N}; i++)
        state->y[i] += {dt} * factors[i] * f[i];
""",
    "rk4": """\
    {n}_real k1[{N}], k2[{N}], k3[{N}], k4[{N}], z[{N}];
    int i;
    {n}_slopes(state->y, inputs, k1);
    for (i = 0; i < {N}; i++)
        z[i] = state->y[i] + {half_dt} * k1[i];
    {n}_slopes(z, inputs, k2);
    for (i = 0; i < {N}; i++)
        z[i] = state->y[i] + {half_dt} * k2[i];
    {n}_slopes(z, inputs, k3);
    for (i = 0; i < {N}; i++)
        z[i] = state->y[i] + {dt} * k3[i];
    {n}_slopes(z, inputs, k4);
    for (i = 0; i < {N}; i++)
        state->y[i] += {sixth_dt} * (k1[i] + 2 * (k2[i] + k3[i]) + k4[i]);
""",
}


class Writer:
    """Writes numbers and tables of one precision, with the names of one network."""

    def __init__(self, name: str, dtype: str) -> None:
        self.name, self.single = name, dtype == "float32"
        self.real = "float" if self.single else "double"

    def number(self, value: float) -> str:
        """Write a number that reads back as itself."""
        text = repr(float(value)) if not self.single else str(np.float32(value))
        if "." not in text and "e" not in text:
            text += ".0"
        return text + "f" if self.single else text

    def table(self, name: str, values: Any) -> str:
        """Write a constant array of one or two dimensions, local to a function."""
        array = np.asarray(values)
        shape = "".join(f"[{size}]" for size in array.shape)
        return f"    static const {self.name}_real {name}{shape} = {self._braces(array)};\n"

    def _braces(self, array: Any) -> str:
        if array.ndim == 1:
            rows = [", ".join(self.number(x) for x in array[k : k + 8]) for k in range(0, len(array), 8)]
            return "{" + (",\n        ".join(rows)) + "}"
        return "{\n        " + ",\n        ".join(self._braces(row) for row in array) + "}"

    def mapped(self, i: int, scale: float, offset: float, low: float, high: float, threshold: float) -> str:
        """Write the map of motor i: threshold (NaN for none), scale and offset, limits."""
        at = f"outputs[{i}]"
        x = at if threshold != threshold else f"({at} > {self.number(threshold)} ? 1 : 0)"
        lines = [f"{at} = {self.number(scale)} * {x} + {self.number(offset)};"]
        for sign, limit in (("<", low), (">", high)):
            if np.isfinite(limit):
                lines += [f"if ({at} {sign} {self.number(limit)})", f"    {at} = {self.number(limit)};"]
        return "".join(f"    {line}\n" for line in lines)

    def activation(self, name: str) -> str:
        """Write the body of phi(x)."""
        text = ACTIVATIONS[name]
        for function in _FUNCTIONS:
            text = text.replace(f"{function}(", f"{function.lower()}{'f' if self.single else ''}(")
        return text.replace("TWO_OVER_PI", self.number(2 / np.pi)).replace("HALF", self.number(0.5))
