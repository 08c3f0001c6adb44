"""A network as a C header, for the microcontroller of a robot."""

from __future__ import annotations

import re
import textwrap
from os import PathLike
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from ctrnn.c_code.source import ACTIVATIONS, KEYWORDS, STEPS, Writer
from ctrnn.controllers import Controller, MotorCTRNN, MotorMap, motors_of
from neurodynamics import AdditiveNetwork
from neurodynamics.activations import ACTIVATIONS as BUILT_IN
from neurodynamics.files import replacing
from neurodynamics.notices import quiet
from neurodynamics.schemes import check_step, method_named
from neurodynamics.validation import Floats, as_choice, as_count, as_number, as_path

TEST_STEPS = 20
ROOM = 100.0  # what the self-test allows, in terms of the effect of rounding all parameters


def export_c(
    net: AdditiveNetwork,
    path: str | PathLike,
    *,
    dt: float,
    dtype: str = "float32",
    method: str = "euler",
    substeps: int = 1,
    y0: ArrayLike | None = None,
    motors: int | None = None,
    motor_map: MotorMap | None = None,
    name: str | None = None,
    self_test: bool = True,
) -> Path:
    """Write a network as one C99 header without allocation, global state or dependencies but ``math.h``.

    With the name ``controller`` the header declares ``controller_state``, ``controller_reset(&state)``,
    ``controller_step(&state, inputs, outputs)`` and, for the outputs without a step, ``controller_outputs``. They are what
    `Controller` shows with the same options. ``controller_self_test()`` takes a few steps with known results: it returns 0,
    or the number of the first step that is wrong.

    Parameters
    ----------
    net : CTRNN or other additive network
    path : str or path
        The file, usually ``.h``.
    dt : float
        Step of the integration.
    dtype : {"float32", "float64"}
    method : {"euler", "exponential_euler", "rk4"}
    substeps : int
        Steps of length ``dt`` in each call of ``controller_step``.
    y0 : array_like, shape (N,), optional
        State after a reset; zeros.
    motors : int, optional
        How many outputs are shown; all by default. A `MotorCTRNN` shows its motors.
    motor_map : MotorMap, optional
        What to make of them.
    name : str, optional
        Prefix of everything in the header, a C identifier; by default the file's name without its ending.
    self_test : bool
        Whether to write the self-test.

    Returns
    -------
    Path

    Examples
    --------
    >>> import pathlib, tempfile
    >>> from ctrnn import CTRNN, export_c
    >>> net = CTRNN([[4.5, 1], [-1, 4.5]], biases=[-2.75, -1.75])
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     text = export_c(net, pathlib.Path(folder, "controller.h"), dt=0.01).read_text()
    >>> "static inline void controller_step(controller_state *state" in text
    True
    """
    _check_network(net)
    path = Path(as_path(path))
    prefix = _check_name(path.stem if name is None else name)
    start = np.zeros(net.state_dim) if y0 is None else net.check_state(y0, "y0")
    shown, _, table = motors_of(net, motors, motor_map)
    if not np.isfinite(table[:2]).all():
        raise ValueError("`motor_map` must have a finite scale and offset.")
    loop = Loop(as_number(dt, "dt", positive=True), as_choice(method, "method", STEPS),
                as_count(substeps, "substeps", minimum=1), start, shown, table, motor_map)  # fmt: skip
    as_choice(dtype, "dtype", ["float32", "float64"])
    check_step(net, method_named(method), loop.dt, stacklevel=3)
    _check_precision(net, dtype)
    writer = Writer(prefix, dtype)
    parts = [_head(net, writer, loop), _outputs(net, writer, loop), _slopes(net, writer), _reset(writer, start),
             _step(net, writer, loop)]  # fmt: skip
    if self_test:
        parts.append(_self_test(net, writer, loop))
    with replacing(path) as file:  # as a whole, or not at all
        file.write("\n".join([*parts, f"#endif /* {prefix.upper()}_H */\n"]).encode())
    return path


class Loop(NamedTuple):
    """How a network is stepped and what it shows."""

    dt: float
    method: str
    substeps: int
    start: Floats
    motors: int
    table: Floats  # of the map of motors (5, motors), or (5, 0)
    motor_map: MotorMap | None


def _check_network(net: Any) -> None:
    if not isinstance(net, AdditiveNetwork):
        raise TypeError(f"`net` must be a CTRNN or another additive network; got {type(net).__name__}.")
    if net.state_dim == 0:
        raise ValueError("`net` must have at least one neuron.")
    name = net.activation.name
    if name not in ACTIVATIONS or BUILT_IN.get(name) is not net.activation:
        raise ValueError(
            f"the activation {net.activation.name!r} cannot be written in C; those built in are "
            f"{', '.join(map(repr, ACTIVATIONS))}."
        )
    if net.noise.any():
        raise ValueError("`net` must have no noise; use `net.replace(noise=0)`.")


def _check_name(name: str) -> str:
    if not isinstance(name, str) or not re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", name) or name in KEYWORDS:
        raise ValueError(f"`name` must be a C identifier, letters, digits and _; got {name!r}. Pass `name=` for another.")
    return name


def _check_precision(net: Any, dtype: str) -> None:
    with np.errstate(over="ignore"):
        rounded = net.params.astype(dtype)
    tau = rounded[net.layout.slice_of("time_constants")]
    bad = ~np.isfinite(rounded)
    bad[net.layout.slice_of("time_constants")] |= tau == 0
    if bad.any():
        k = int(np.argmax(bad))
        raise ValueError(f"`{net.layout.name_of(k)}` = {net.params[k]:g} does not fit into {dtype}.")


def _head(net: Any, w: Writer, loop: Loop) -> str:
    n, upper = w.name, w.name.upper()
    steps = "one step" if loop.substeps == 1 else f"{loop.substeps} steps"
    return textwrap.dedent(f"""\
        /* A recurrent neural network of {net.state_dim} neurons, {net.activation.name}, {loop.method}, dt = {loop.dt:g}.

             tau_i dy_i/dt = -lambda_i y_i + sum_j W_ij phi(g_j (y_j + b_j)) + inputs + c_i

           {n}_reset(&state) begins; {n}_step(&state, inputs, outputs) takes {steps} of dt. */
        #ifndef {upper}_H
        #define {upper}_H

        #include <math.h>

        typedef {w.real} {n}_real;

        #define {upper}_NEURONS {net.state_dim}
        #define {upper}_INPUTS {net.input_dim}
        #define {upper}_OUTPUTS {loop.motors}

        typedef struct {{
            {n}_real y[{net.state_dim}];
        }} {n}_state;

        static inline {n}_real {n}_phi({n}_real x)
        {{
            return {w.activation(net.activation.name)};
        }}
        """)


def _outputs(net: Any, w: Writer, loop: Loop) -> str:
    n, N = w.name, net.state_dim
    tables = w.table("gains", net.gains) + w.table("biases", net.biases)
    neurons = (
        f"static inline void {n}_neurons(const {n}_real *y, {n}_real *o)\n{{\n{tables}    int j;\n"
        f"    for (j = 0; j < {N}; j++)\n        o[j] = {n}_phi(gains[j] * (y[j] + biases[j]));\n}}\n"
    )
    head = f"\nstatic inline void {n}_outputs(const {n}_state *state, {n}_real *outputs)\n{{\n"
    if loop.motors == 0:
        return f"{neurons}{head}    (void)state;\n    (void)outputs;\n}}\n"
    table, declared, value, add = "", "i", "o[i]", ""
    if isinstance(net, MotorCTRNN):
        table, declared, value = w.table("motor_weights", net.motor_weights), "i, j", "0"
        add = f"        for (j = 0; j < {N}; j++)\n            outputs[i] += motor_weights[i][j] * o[j];\n"
    return (
        f"{neurons}{head}{table}    {n}_real o[{N}];\n    int {declared};\n    {n}_neurons(state->y, o);\n"
        f"    for (i = 0; i < {loop.motors}; i++) {{\n        outputs[i] = {value};\n{add}    }}\n"
        f"{''.join(w.mapped(i, *row) for i, row in enumerate(loop.table.T))}}}\n"
    )


def _slopes(net: Any, w: Writer) -> str:
    n, N, M = w.name, net.state_dim, net.input_dim
    weighted = "input_weights" in net.layout.shapes
    tables = w.table("weights", net.weights)
    if weighted and M:
        tables += w.table("input_weights", net.input_weights)
    for name, values in (("leaks", net.leaks), ("constants", net.constant_inputs), ("rates", 1 / net.time_constants)):
        tables += w.table(name, values)
    add = "        sum += inputs[i];\n"
    if weighted:
        add = f"        for (j = 0; j < {M}; j++)\n            sum += input_weights[i][j] * inputs[j];\n" if M else ""
    unused = "" if M else "    (void)inputs;\n"
    return (
        f"static inline void {n}_slopes(const {n}_real *y, const {n}_real *inputs, {n}_real *f)\n{{\n{tables}"
        f"    {n}_real o[{N}];\n    int i, j;\n{unused}    {n}_neurons(y, o);\n    for (i = 0; i < {N}; i++) {{\n"
        f"        {n}_real sum = constants[i];\n{add}        for (j = 0; j < {N}; j++)\n"
        f"            sum += weights[i][j] * o[j];\n        f[i] = (sum - leaks[i] * y[i]) * rates[i];\n    }}\n}}\n"
    )


def _reset(w: Writer, start: Floats) -> str:
    n = w.name
    return (
        f"static inline void {n}_reset({n}_state *state)\n{{\n{w.table('start', start)}    int i;\n"
        f"    for (i = 0; i < {len(start)}; i++)\n        state->y[i] = start[i];\n}}\n"
    )


def _step(net: Any, w: Writer, loop: Loop) -> str:
    n, dt, factors = w.name, loop.dt, ""
    if loop.method == "exponential_euler":
        x = net.leaks / net.time_constants * dt
        factors = w.table("factors", np.where(x == 0, 1.0, -np.expm1(-x) / np.where(x == 0, 1.0, x)))
    body = STEPS[loop.method].format(n=n, N=net.state_dim, dt=w.number(dt), half_dt=w.number(dt / 2),
                                     sixth_dt=w.number(dt / 6), factors=factors)  # fmt: skip
    return (
        f"static inline void {n}_advance({n}_state *state, const {n}_real *inputs)\n{{\n{body}}}\n\n"
        f"static inline void {n}_step({n}_state *state, const {n}_real *inputs, {n}_real *outputs)\n{{\n    int k;\n"
        f"    for (k = 0; k < {loop.substeps}; k++)\n        {n}_advance(state, inputs);\n"
        f"    {n}_outputs(state, outputs);\n}}\n"
    )


def _self_test(net: Any, w: Writer, loop: Loop) -> str:
    """Write a function that compares some steps with what was computed here."""
    n, M, K = w.name, net.input_dim, loop.motors
    generator = np.random.default_rng(0)
    inputs = generator.uniform(-1, 1, (TEST_STEPS, M)).astype(np.float32).astype(float)  # the same numbers in both
    expected = _course(net, loop, inputs)
    eps = np.finfo(np.float32 if w.single else np.float64).eps
    rounded = net.with_params(net.params * (1 + eps * generator.choice([-1.0, 1.0], net.param_dim)))
    effect = np.abs(_course(rounded, loop._replace(start=loop.start * (1 + eps)), inputs) - expected).max(initial=0.0)
    tolerance = ROOM * (effect + eps * max(1.0, np.abs(expected).max(initial=0.0)))
    tables = (w.table("inputs", inputs) if M else "") + (w.table("expected", expected) if K else "")
    compare = (
        f"        for (i = 0; i < {K}; i++)\n            if (!(fabs((double)(outputs[i] - expected[k][i])) <= "
        f"{tolerance:.3e}))\n                return k + 1;\n"
    )
    return (
        f"/* 0, or the number of the first step whose outputs are not those expected. */\n"
        f"static inline int {n}_self_test(void)\n{{\n{tables}    {n}_state state;\n    {n}_real outputs[{max(K, 1)}];\n"
        f"    int {'i, ' if K else ''}k;\n    {n}_reset(&state);\n    for (k = 0; k < {TEST_STEPS}; k++) {{\n"
        f"        {n}_step(&state, {'inputs[k]' if M else '0'}, outputs);\n{compare if K else ''}    }}\n    return 0;\n}}\n"
    )


def _course(net: Any, loop: Loop, inputs: Floats) -> Floats:
    with quiet():  # dt was looked at
        controller = Controller(net, loop.dt, loop.method, substeps=loop.substeps, y0=loop.start, motors=loop.motors,
                                motor_map=loop.motor_map)  # fmt: skip
    return np.array([controller.step(u).copy() for u in inputs])
