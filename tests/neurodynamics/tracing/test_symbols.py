"""What a right-hand side computes, told by running it on symbols; and why some cannot be told."""

from __future__ import annotations

import math

import numba
import numpy as np
import pytest

from neurodynamics import DynamicalSystem
from neurodynamics.tracing import Kind, NotTraced, trace

RATE = 3.0


@numba.njit
def helper(x):
    return math.exp(-x) * RATE


def plain_helper(x):
    return helper(x) + np.sqrt(x)


def kinds(program):
    return [Kind(each.kind) for each in program.operations]


def test_equal_operations_are_made_once_and_what_nothing_needs_is_left_out():
    def rhs(t, y, u, params, out):
        unused = np.sin(y[0])  # noqa: F841
        out[0] = y[0] * y[1] + y[0] * y[1]
        out[1] = y[1] * y[0]

    program = trace(rhs, 2, 0, 0)
    assert kinds(program) == [Kind.MULTIPLY, Kind.ADD]


def test_what_is_constant_is_computed_once():
    def rhs(t, y, u, params, out):
        out[0] = (params[0] * 2.0 + RATE) * y[0] / params[1] + t

    program = trace(rhs, 1, 0, 2)
    assert kinds(program) == [Kind.SCALE, Kind.SHRINK, Kind.ADD]
    assert {Kind(each.kind) for each in program.constants} == {Kind.PARAMETER, Kind.LITERAL, Kind.SCALE, Kind.ADD}


def test_loops_arrays_and_helpers_are_followed():
    weights = np.array([[1.0, 2.0], [0.0, -1.0]])

    def rhs(t, y, u, params, out):
        temporary = np.zeros(2)
        for i in range(2):
            temporary[i] = plain_helper(y[i])
        out[:] = weights @ temporary + u[0]

    program = trace(rhs, 2, 1, 0)
    assert (program.states, program.inputs, len(program.outputs)) == (2, 1, 2)
    assert kinds(program).count(Kind.GROW) == 4  # two exponentials, two roots


REFUSED = {
    "a branch": lambda t, y, u, p, out: out.fill(1.0 if y[0] > 0 else 2.0),
    "an absolute value": lambda t, y, u, p, out: out.fill(abs(y[0])),
    "a sign": lambda t, y, u, p, out: out.fill(np.sign(y[0])),
    "a maximum": lambda t, y, u, p, out: out.fill(max(y[0], 0.0)),
    "a maximum of numpy": lambda t, y, u, p, out: out.fill(np.maximum(y[0], 0.0)),
    "an index": lambda t, y, u, p, out: out.fill(p[int(t)]),
    "a remainder": lambda t, y, u, p, out: out.fill(t % 1.0),
    "rounding": lambda t, y, u, p, out: out.fill(np.floor(y[0])),
    "where": lambda t, y, u, p, out: out.fill(np.where(y[0] > 0, 1.0, y[0])),
    "a function without a series": lambda t, y, u, p, out: out.fill(math.gamma(y[0])),
}


@pytest.mark.parametrize("what", REFUSED)
def test_what_depends_on_values_is_refused_with_the_reason(what):
    with pytest.raises(NotTraced, match=r"branch|raises|computes with"):
        trace(REFUSED[what], 1, 0, 1)


def test_a_function_without_end_is_refused():
    def rhs(t, y, u, params, out):
        x = y[0]
        for _ in range(100_000):
            x = x * y[0] + 1.0
        out[0] = x

    with pytest.raises(NotTraced, match="operations"):
        trace(rhs, 1, 0, 0)


def test_parameters_that_are_not_used_do_not_count():
    assert len(trace(lambda t, y, u, params, out: out.fill(params[1999] * y[0]), 1, 0, 2000).constants) == 1


def test_a_system_is_traced_once_and_says_why_not():
    system = DynamicalSystem(lambda t, y, u, params, out: out.fill(-1.0), state_dim=1)
    assert system.program() is system.program()
    assert system.with_params([]).program() is system.program()
    refused = DynamicalSystem(REFUSED["an absolute value"], state_dim=1)
    for _ in range(2):
        with pytest.raises(NotTraced, match="values"):
            refused.program()
