"""Exponents over parameters and over planes of starts, drawn; the records are made by hand."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

from analysis.plotting import plot_finite_time_field, plot_lyapunov_map, plot_transition_to_chaos
from neurodynamics import models


def found(*sizes):
    """A record over as many parameters as there are sizes; the last member failed."""
    exponents = np.linspace(-1.0, 0.5, int(np.prod(sizes))).reshape(*sizes, 1)
    exponents.ravel()[-1] = np.nan
    values = tuple(np.linspace(0.0, 1.0, size) for size in sizes)
    return SimpleNamespace(exponents=exponents, standard_errors=np.full(exponents.shape, 0.01), values=values,
                           names=("a", "b")[: len(sizes)])  # fmt: skip


def test_over_one_parameter_it_is_a_line_with_its_errors():
    record = found(7)
    ax = plot_lyapunov_map(record)
    np.testing.assert_array_equal(ax.lines[-1].get_ydata(), record.exponents[:, 0])
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("a", "largest Lyapunov exponent")
    assert ax.collections[0].get_paths()[0].vertices[:, 1].min() < record.exponents[0, 0]  # the errors


def test_over_two_parameters_colours_part_at_zero_and_failures_are_named():
    record = found(4, 3)
    ax = plot_lyapunov_map(record)
    (mesh,) = ax.collections
    np.testing.assert_array_equal(np.ma.filled(mesh.get_array(), np.nan), record.exponents[..., 0].T)
    assert mesh.norm.vcenter == 0.0
    ticks = mesh.colorbar.get_ticks()  # each side of zero has its own scale, and numbers
    assert np.count_nonzero(ticks < 0) >= 2
    assert np.count_nonzero(ticks > 0) >= 2
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["no exponent"]


def test_an_exponent_that_is_not_there_is_refused():
    with pytest.raises(ValueError, match="`number` must be below 1"):
        plot_lyapunov_map(found(3), number=1)


def test_a_field_is_seen_at_its_starts():
    x, y = np.linspace(0, 1, 4), np.linspace(0, 2, 3)
    values = np.arange(12.0).reshape(3, 4)
    field = SimpleNamespace(x=x, y=y, values=values, plane=(0, 1), duration=5.0, system=models.pendulum())
    (mesh,) = plot_finite_time_field(field).collections
    np.testing.assert_array_equal(mesh.get_array(), field.values)


def test_the_theory_is_a_line_over_the_gain():
    theory = [SimpleNamespace(gain=gain, exponent=gain - 1.0) for gain in (1.0, 1.5, 2.0)]
    ax = plot_transition_to_chaos(theory)
    line = next(line for line in ax.lines if len(line.get_xdata()) == 3)
    np.testing.assert_allclose(line.get_ydata(), line.get_xdata() - 1.0)
    assert ax.get_xlabel() == "gain g"
