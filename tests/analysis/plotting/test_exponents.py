"""Spectra of exponents, drawn."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np

from analysis import plotting
from ctrnn import CTRNN


def spectrum(size):
    return SimpleNamespace(
        exponents=np.linspace(0.1, -1.0, size), errors=np.full(size, 0.01), history=np.ones((size, 4)) * 0.5,
        history_t=np.array([1.0, 2.0, 3.0, 4.0]), system=CTRNN(np.zeros((size, size))),
    )  # fmt: skip


def test_exponents_converge_into_bands():
    given = spectrum(3)
    ax = plotting.plot_lyapunov_spectrum(given)
    lines = ax.lines[1:]
    np.testing.assert_array_equal(lines[2].get_data(), [given.history_t, given.history[2]])
    assert lines[0].get_label() == "0.1 ± 0.01"
    assert ax.get_ylabel() == "Lyapunov exponent per unit of time"


def test_many_exponents_are_drawn_in_order():
    given = spectrum(30)
    given.exponents[-1] = -np.inf
    ax = plotting.plot_lyapunov_spectrum(given)
    np.testing.assert_array_equal(ax.lines[1].get_data(), [np.arange(29), given.exponents[:-1]])
    assert ax.get_xlabel() == "number of the exponent"


def test_mean_field():
    theory = SimpleNamespace(gain=2.0, exponent=0.11246, lags=np.array([0.0, 1.0]), autocorrelation=np.array([1.0, 0.5]))
    ax = plotting.plot_mean_field(theory)
    np.testing.assert_array_equal(ax.lines[0].get_data(), [theory.lags, theory.autocorrelation])
    assert ax.get_legend().get_texts()[0].get_text() == "gain 2: exponent 0.1125"
