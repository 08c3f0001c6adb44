"""Theory against figures of the literature, quadrature, exact limits and brute-force maximisation."""

import mpmath
import numpy as np
import pytest
from scipy.special import ndtr

from hopfield import capacity, capacity_curve
from hopfield.capacity import (
    critical_load,
    critical_overlap,
    dense_memory,
    gardner,
    mceliece,
    overlap,
    retrieval_temperature,
    single_bit_error,
    spin_glass_temperature,
    theory,
)
from hopfield.capacity.thermal import averages


def test_the_critical_point_of_hebbs_rule():
    """REFERENCE figures, and alpha(y) = [erf(y)/y - 2 exp(-y^2)/sqrt(pi)]^2 / 2 maximised to 30 digits."""
    assert critical_load("hebb") == pytest.approx(0.1379055665, abs=5e-11)
    assert critical_overlap("hebb") == pytest.approx(0.9674171, abs=5e-8)
    with mpmath.workdps(30):

        def load(y):
            return (mpmath.erf(y) / y - 2 / mpmath.sqrt(mpmath.pi) * mpmath.exp(-y * y)) ** 2 / 2

        y = mpmath.findroot(lambda y: mpmath.diff(load, y), 1.5)
        assert critical_load("hebb") == pytest.approx(float(load(y)), abs=1e-15)
        assert critical_overlap("hebb") == pytest.approx(float(mpmath.erf(y)), abs=1e-14)


@pytest.mark.parametrize(("alpha", "m"), [(0.05, 0.999992), (0.10, 0.997999), (0.12, 0.993223)])
def test_overlaps_of_hebbs_rule(alpha, m):
    assert overlap(alpha) == pytest.approx(m, abs=5e-7)


@pytest.mark.parametrize(("kind", "load"), [("bam", 0.1998), ("sequence", 0.269), ("dilute", 2 / np.pi)])
def test_critical_loads_of_the_literature(kind, load):
    assert critical_load(kind) == pytest.approx(load, abs=1e-3 if kind != "dilute" else 1e-15)


NOISE = {
    "hebb": lambda c: 1 / (1 - c) ** 2,
    "bam": lambda c: (1 + c * c) / (1 - c * c) ** 2,
    "sequence": lambda c: 1 / (1 - c * c),
    "dilute": lambda c: 1.0,
}


@pytest.mark.parametrize("kind", NOISE)
def test_overlaps_solve_the_equations_and_end_at_the_critical_load(kind):
    """m = erf y, y = m / sqrt(2 alpha r), C = sqrt(2 / (pi alpha r)) exp(-y^2), with r from these."""
    largest = critical_load(kind)
    for alpha in np.linspace(0.3, 0.999, 12) * largest:
        m = overlap(alpha, kind=kind)
        y = float(mpmath.erfinv(m))
        r = m * m / (2 * alpha * y * y)
        c = np.sqrt(2 / (np.pi * alpha * r)) * np.exp(-y * y)
        assert r == pytest.approx(NOISE[kind](c), rel=1e-6)  # erfinv amplifies the last place of m
    assert overlap(largest * (1 + 1e-9), kind=kind) == 0
    assert overlap(largest * (1 - 1e-14), kind=kind) == pytest.approx(critical_overlap(kind), abs=1e-5)
    assert overlap(0.0, kind=kind) == 1
    y = np.linspace(0.05, 6, 200_001) if kind != "dilute" else np.linspace(1e-3, 6, 200_001)
    m = 2 * ndtr(np.sqrt(2) * y) - 1
    loads = m**2 / (2 * y**2 * NOISE[kind](2 * y * np.exp(-y * y) / (np.sqrt(np.pi) * m)))
    assert largest >= loads.max()
    assert largest == pytest.approx(loads.max(), rel=1e-5)


def test_averages_over_the_noise_are_those_of_quadrature():
    for a, b in ((0.1, 0.2), (2, 0.999), (2, 1.001), (1, 5), (30, 20), (0, 1), (0.01, 300)):
        with mpmath.workdps(20):
            kink = -mpmath.mpf(a) / b
            width = mpmath.mpf(6) / b
            inner = [kink - width, kink, kink + width]
            ends = sorted({mpmath.mpf(-12), *[x for x in inner if -12 < x < 12], mpmath.mpf(12)})
            m = mpmath.quad(lambda z, a=a, b=b: mpmath.tanh(a + b * z) * mpmath.npdf(z), ends)
            s = mpmath.quad(lambda z, a=a, b=b: mpmath.sech(a + b * z) ** 2 * mpmath.npdf(z), ends)
        np.testing.assert_allclose(averages(a, b), (float(m), float(s)), rtol=0, atol=2e-13)


@pytest.mark.parametrize(("alpha", "temperature"), [(0.01, 0.3), (0.05, 0.4), (0.1, 0.1), (0.03, 0.02), (0.001, 0.9)])
def test_overlaps_above_zero_solve_the_equations(alpha, temperature):
    """m = <tanh>, q = <tanh^2>, r = q / (1 - beta (1 - q))^2, iterated from m = 1 with averages by a plain sum."""
    beta, m, q = 1 / temperature, 1.0, 1.0 - 1e-12
    z, step = np.linspace(-9, 9, 4001, retstep=True)
    weights = step * np.exp(-z * z / 2) / np.sqrt(2 * np.pi)
    before = 0.0
    while abs(m - before) > 1e-14:
        before = m
        r = q / (1 - beta * (1 - q)) ** 2
        t = np.tanh(beta * (m + np.sqrt(alpha * r) * z))
        m, q = weights @ t, weights @ t**2
    assert m > 0.3
    assert overlap(alpha, temperature) == pytest.approx(m, abs=1e-9)


def test_zero_temperature_is_the_limit():
    assert overlap(0.1, 1e-4) == pytest.approx(overlap(0.1), abs=1e-6)
    assert critical_load(temperature=1e-4) == pytest.approx(critical_load(), abs=1e-5)
    assert critical_load("dilute", temperature=1e-3) == pytest.approx(2 / np.pi, abs=1e-5)


def test_retrieval_temperatures():
    """T = 1 without load, 1 - 1.95 sqrt(alpha) for small loads, and the load is critical there."""
    assert retrieval_temperature(0.0) == 1
    for alpha in (1e-5, 1e-4):
        assert (1 - retrieval_temperature(alpha)) / np.sqrt(alpha) == pytest.approx(1.95, abs=0.02)
    for alpha in (0.02, 0.1, 0.137, 0.138):
        assert critical_load(temperature=retrieval_temperature(alpha)) == pytest.approx(alpha, rel=1e-7)
    assert retrieval_temperature(0.139) == 0
    assert spin_glass_temperature(0.25) == 1.5


def test_hebbs_critical_load_first_grows_with_temperature():
    """Replica-symmetric re-entrance: 0.138187 near T = 0.023 (Naef & Canning 1992)."""
    warmest, largest = theory._best_temperature()
    assert largest == pytest.approx(0.138187, abs=2e-6)
    assert warmest == pytest.approx(0.023, abs=1e-3)


def test_dilute_networks_above_zero_lose_the_overlap_continuously():
    """m = <tanh(beta (m + sqrt(alpha) z))>; the critical load has <sech^2> = T."""
    t = 0.5
    largest = critical_load("dilute", temperature=t)
    m = overlap(0.3 * largest, t, kind="dilute")
    assert averages(m / t, np.sqrt(0.3 * largest) / t)[0] == pytest.approx(m, abs=1e-12)
    assert 0 < overlap(largest * 0.9999, t, kind="dilute") < 0.05
    assert overlap(largest * 1.0001, t, kind="dilute") == 0


def test_gardners_capacity():
    assert gardner() == 2
    for kappa in (-0.5, 0.3, 1.0, 3.0):
        integral = mpmath.quad(lambda t, k=kappa: mpmath.npdf(t) * (t + k) ** 2, [-kappa, 0 if kappa > 0 else 5, 20])
        assert gardner(kappa) == pytest.approx(float(1 / integral), rel=1e-10)


def test_other_bounds():
    assert mceliece(1000) == pytest.approx(1000 / (2 * np.log(1000)))
    assert mceliece(1000, every=True) == mceliece(1000) / 2
    assert dense_memory(1000, 2) == pytest.approx(mceliece(1000))
    assert dense_memory(100, 3) == pytest.approx(100**2 / (2 * 3 * np.log(100)))
    assert dense_memory(100, 4) == pytest.approx(100**3 / (2 * 15 * np.log(100)))
    assert single_bit_error(1000, 138) == pytest.approx(ndtr(-np.sqrt(1000 / 138)))


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: critical_load("hebbian"), "Did you mean 'hebb'"),
        (lambda: critical_load("bam", temperature=0.1), "known for kind 'hebb' and 'dilute' only"),
        (lambda: overlap(-0.1), "`load` must be at least 0"),
        (lambda: overlap(0.1, -0.1), "`temperature` must be at least 0"),
        (lambda: overlap(np.nan), "`load` must be finite"),
        (lambda: dense_memory(10, 1), "`degree` must be at least 2"),
        (lambda: mceliece(1), "`size` must be at least 2"),
    ],
)
def test_bad_input_is_refused_with_its_name(call, message):
    with pytest.raises(ValueError, match=message):
        call()


def test_a_measured_curve_brings_its_theory():
    curve = capacity_curve("hebbian", 60, [0.05], networks=1, probes=2, rng=0)
    loads, overlaps = curve.theory
    k = len(loads) // 3
    assert overlaps[k] == pytest.approx(capacity.overlap(loads[k]))
    assert loads[-1] > capacity.critical_load()
    assert curve.plot().get_legend_handles_labels()[1][0] == "overlap, theory"
    assert capacity_curve("hebbian", 60, [0.05], networks=1, rng=0, rule_options={"diagonal": True}).theory is None
    assert capacity_curve("pseudo_inverse", 60, [0.05], networks=1, rng=0).theory is None
