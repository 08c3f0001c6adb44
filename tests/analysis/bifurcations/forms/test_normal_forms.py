"""Normal forms of codimension two against systems that are normal forms, seen through a nonlinear change of coordinates."""

import numpy as np
import pytest

from analysis import normal_form
from neurodynamics import DynamicalSystem

SHEAR = 0.3  # of the change of coordinates: a linear one, and a quadratic one in a single state after the other


def complex_parts(*values):
    return [part for value in values for part in (value.real, value.imag)]


def seen(map_of_states, n, kind):
    """A map, or a flow, in coordinates y with x = S(y): x_1 = y_1 + s y_n^2 and, for n > 1, x_n = y_n - s x_1^2 / 2.

    Distances of eigenvectors are those of the rotation R, which changes none.
    """
    rng = np.random.default_rng(n)
    R = np.linalg.qr(rng.normal(size=(n, n)))[0]

    def forward(y):
        x = R @ y
        x[0] += SHEAR * x[-1] ** 2 if n > 1 else SHEAR * x[0] ** 2
        if n > 1:
            x[-1] -= SHEAR * x[0] ** 2 / 2
        return x

    def back(x):
        x = x.copy()
        if n > 1:
            x[-1] += SHEAR * x[0] ** 2 / 2
            x[0] -= SHEAR * x[-1] ** 2
        else:
            x[0] = (np.sqrt(1 + 4 * SHEAR * x[0]) - 1) / (2 * SHEAR)
        return R.T @ x

    def slope(y):  # of `forward`, by hand
        x, first = R @ y, np.eye(n)
        if n == 1:
            return (1 + 2 * SHEAR * x[0]) * R
        first[0, -1] = 2 * SHEAR * x[-1]
        second = np.eye(n)
        second[-1, 0] = -SHEAR * forward(y)[0]
        return second @ first @ R

    def rhs(t, y, u, params, out):
        out[:] = back(map_of_states(forward(y))) if kind == "map" else np.linalg.solve(slope(y), map_of_states(forward(y)))

    return DynamicalSystem(rhs, n, {"p": 0.0}, kind=kind, host=True)


@pytest.mark.parametrize(("low", "high"), [(0.7, 1.9)])
def test_double_hopf(low, high):
    p = np.array([[-0.5, 0.3], [0.8, -0.2]])

    def field(x):
        z = x[:2] @ [1, 1j], x[2:] @ [1, 1j]
        r = np.abs(z) ** 2 / 2  # q has length 1: |z|^2 is twice |w|^2
        return np.array(complex_parts(*(z[k] * (1j * w + p[k] @ r) for k, w in enumerate((low, high)))))

    form = normal_form(seen(field, 4, "flow"), np.zeros(4), kind="HH")
    found = [[form["p11"], form["p12"]], [form["p21"], form["p22"]]]
    np.testing.assert_allclose(found, p, rtol=1e-6)


def test_zero_hopf():
    """In another time, too: orbits stay, and with them all four coefficients."""
    b, c, d, e = 0.4, -0.7, 0.25, 0.6

    def field(x):
        z = x[1:] @ [1, 1j]
        slow = 1 + 0.2 * x[0]
        return slow * np.array([b * x[0] ** 2 + c * abs(z) ** 2 / 2, *complex_parts(z * (1.3j + d * x[0] + e * x[0] ** 2))])

    form = normal_form(seen(field, 3, "flow"), np.zeros(3), kind="ZH")
    sign = np.sign(form["b"] * b)  # of q0
    assert [sign * form["b"], sign * form["c"], sign * form["d"]] == pytest.approx([b, c, d], rel=1e-7)
    assert form["e"] == pytest.approx(e, rel=1e-5)
    assert form["omega"] == pytest.approx(1.3, rel=1e-9)


def test_generalised_period_doubling():
    form = normal_form(seen(lambda x: -x + 0.6 * x**5, 1, "map"), np.zeros(1), kind="GPD")
    assert form["c"] == pytest.approx(0.6, rel=1e-4)


def turning(theta, nonlinear):
    def step(x):
        w = (x @ [1, 1j]) / np.sqrt(2)
        return np.sqrt(2) * np.array(complex_parts(np.exp(1j * theta) * w + nonlinear(w)))

    return seen(step, 2, "map")


def test_chenciner():
    theta, d1, d2 = 0.9, 0.8j, -0.35 + 0.2j
    system = turning(theta, lambda w: np.exp(1j * theta) * w * (d1 * abs(w) ** 2 + d2 * abs(w) ** 4))
    form = normal_form(system, np.zeros(2), kind="CH")
    assert form["l2"] == pytest.approx(d2.real + d1.imag**2 / 2, rel=1e-4)


def test_resonances_one_to_three_and_one_to_four():
    b, c = 0.4 - 0.3j, -0.2 + 0.5j
    form = normal_form(turning(2 * np.pi / 3, lambda w: b * np.conj(w) ** 2 + c * w * abs(w) ** 2), np.zeros(2), kind="R3")
    assert abs(form["b"]) == pytest.approx(abs(b), rel=1e-7)
    form = normal_form(turning(np.pi / 2, lambda w: b * np.conj(w) ** 3 + c * w * abs(w) ** 2), np.zeros(2), kind="R4")
    assert [abs(form["d"]), form["c"]] == pytest.approx([abs(b), c], rel=1e-5)
    assert form["A"] == pytest.approx(-1j * c / abs(b), rel=1e-5)


def test_resonance_one_to_two():
    c, d = 0.45, -0.3

    def step(x):
        return np.array([-x[0] + x[1], -x[1] + c * x[0] ** 3 + d * x[0] ** 2 * x[1]])

    form = normal_form(seen(step, 2, "map"), np.zeros(2), kind="R2")
    assert [form["c"], form["d"]] == pytest.approx([c, d], rel=1e-5)
