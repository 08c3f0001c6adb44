"""Branches of cycles against shooting with 18 digits, exact solutions, and AUTO."""

import pickle
import time

import numpy as np
import pytest

from analysis import cycle_branch, fixed_point_branch, limit_cycle, normal_form
from ctrnn import CTRNN
from neurodynamics import DynamicalSystem, Interrupted, Status

CYCLES, HOMOCLINICS = 1e-8, 1e-6  # relative tolerances


def kinds(branch):
    return [str(end.kind) for end in branch.ends]


def from_hopf(net, parameter, bounds, label="H1", **options):
    branch = fixed_point_branch(net, parameter, bounds, **options.pop("equilibria", {}))
    return cycle_branch(net, parameter, bounds, start=branch.points[label], **options)


def oscillator(systems, b0=-2.75):
    return CTRNN(systems.OSCILLATOR, biases=[b0, -1.75])


@pytest.fixture(scope="module")
def between_hopf_points(systems):
    net = oscillator(systems)
    return cycle_branch(net, "biases[0]", (-6, 0), start=limit_cycle(net, [0, 0]))


# Between Hopf points -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("b0", "period", "multiplier"),
    [
        (-2.75, 28.9999078994859, 0.00197964995),
        (-2.7, 29.2516089298192, None),
        (-2.6, 31.6628001451057, None),
        (-2.55, 34.4663296913050, 0.01439095178),
    ],
)
def test_periods_and_multipliers_of_the_oscillator(between_hopf_points, b0, period, multiplier):
    (cycle,) = between_hopf_points.at(b0)
    assert cycle.period == pytest.approx(period, rel=CYCLES)
    assert cycle.stable
    if multiplier is not None:
        assert cycle.multipliers[1].real == pytest.approx(multiplier, rel=1e-7)


def test_the_branch_ends_at_both_hopf_points(between_hopf_points):
    branch = between_hopf_points
    assert kinds(branch) == ["Hopf", "Hopf"]
    ends = sorted(end.value for end in branch.ends)
    np.testing.assert_allclose(ends, [-3.0016133301879056, -2.4983866698120944], rtol=1e-10)
    assert len(branch.points) == 0
    assert branch.reliable.all()
    assert branch.trivial_error.max() < 1e-6
    assert branch.determinant_error.max() < 1e-6
    assert branch.status == Status.SUCCESS


@pytest.mark.parametrize(("label", "other"), [("H1", -2.4983866698120944), ("H2", -3.0016133301879056)])
def test_the_branch_from_one_hopf_point_ends_at_the_other(systems, label, other):
    branch = from_hopf(oscillator(systems), "biases[0]", (-6, 0), label)
    assert kinds(branch) == ["Hopf", "Hopf"]
    assert branch.ends[1].value == pytest.approx(other, rel=1e-10)
    (longest,) = branch.at(-2.5225948679)
    assert longest.period == pytest.approx(35.867737221993, rel=CYCLES)
    assert branch.period.max() <= longest.period


def test_an_item_is_the_limit_cycle_of_its_value(systems, between_hopf_points):
    k = len(between_hopf_points) // 2
    cycle = between_hopf_points[k]
    found = limit_cycle(oscillator(systems, between_hopf_points.values[k]), cycle.y[:, 0], period=cycle.period)
    assert cycle.period == pytest.approx(found.period, rel=1e-9)
    np.testing.assert_allclose(cycle.y.max(axis=1), found.y.max(axis=1), rtol=1e-3)
    np.testing.assert_allclose(cycle(0.3 * cycle.period), found(0.3 * found.period), atol=1e-2)
    np.testing.assert_allclose(cycle.multipliers, found.multipliers, rtol=1e-6)


def test_the_branch_leaves_through_the_bounds(systems):
    net = oscillator(systems)
    branch = cycle_branch(net, "biases[0]", (-2.8, -2.7), start=limit_cycle(net, [0, 0]))
    assert kinds(branch) == ["bounds", "bounds"]
    assert sorted(branch.values[[0, -1]]) == [-2.8, -2.7]
    assert branch.period[np.argmax(branch.values)] == pytest.approx(29.2516089298192, rel=CYCLES)


# Saddle-nodes on cycles, homoclinic orbits, folds ---------------------------------------------------------------------


def test_a_branch_between_two_saddle_nodes_on_the_cycle(systems):
    net = CTRNN(systems.W4, biases=[0.5, -6])
    branch = cycle_branch(net, "biases[0]", (-6, 6), start=limit_cycle(net, [0, 1]))
    low = -3.0219860565978919
    assert kinds(branch) == ["SNIC", "SNIC"]
    np.testing.assert_allclose(sorted(end.value for end in branch.ends), [low, 1 - low], rtol=1e-12)
    for end in branch.ends:
        assert end.evidence["slope"] == pytest.approx(-0.5, abs=0.02)
    for value, period in ((0.5, 7.80082775247245), (low + 0.1, 19.921274904006), (low + 0.01, 54.791017935899),
                          (low + 1e-3, 164.744959257)):  # fmt: skip
        (cycle,) = branch.at(value)
        assert cycle.period == pytest.approx(period, rel=CYCLES)
    k = np.argmin(np.abs(branch.values - 0.5))  # polynomials of degree 4: h^5 between nodes
    assert [branch.maximum[k, 0], branch.minimum[k, 0]] == pytest.approx([5.78593737, -6.78593737], rel=2e-6)
    assert branch.stable.all()


@pytest.mark.parametrize(
    ("weights", "b1", "value", "stable", "fold"),
    [
        ("W4", -7.25, -3.42645503543585, True, None),
        ("W1", -5.55, -3.89723012781608, False, (-3.91168112874816, 5.961427810465)),
        ("W1", -5.75, -4.18441656416356, False, None),
        ("W1", -5.5, None, False, (-3.83546132567094, 6.423005788757)),
    ],
)
def test_branches_that_end_at_homoclinic_orbits(systems, weights, b1, value, stable, fold):
    branch = from_hopf(CTRNN(getattr(systems, weights), biases=[-3.8, b1]), "biases[0]", (-6, 2))
    assert kinds(branch) == ["Hopf", "homoclinic"]
    end = branch.ends[1]
    assert end.evidence["rate"] == pytest.approx(end.evidence["leading rate"], rel=0.05)
    if value is not None:
        assert end.value == pytest.approx(value, rel=HOMOCLINICS)
        point = branch.points["HOM1"]
        assert abs(point.value - value) < max(3 * point.error, 1e-11) < 1e-9
        assert pickle.loads(pickle.dumps(branch)).points["HOM1"].value == point.value
    late = branch.reliable & (branch.period > 10)
    assert (branch.stable[late] == stable).all()
    folds = branch.points.of_kind("LPC")
    assert len(folds) == (fold is not None)
    if fold is not None:
        assert [folds[0].value, folds[0].period] == pytest.approx(fold, rel=CYCLES)


def test_lorenz_unstable_cycle_from_the_subcritical_hopf_point_to_the_homoclinic_orbit(systems):
    start = {"start": np.full(3, 7.0)}
    branch = from_hopf(systems.lorenz(20.0), "rho", (0.5, 30), equilibria=start)
    (cycle,) = branch.at(24.0)
    assert cycle.period == pytest.approx(0.679336764198217, rel=CYCLES)
    assert cycle.multipliers[0].real == pytest.approx(1.03208830, rel=CYCLES)
    assert not branch.stable.any()
    assert branch.ends[1].kind == "homoclinic"
    assert branch.ends[1].value == pytest.approx(13.92655740752013, rel=HOMOCLINICS)
    assert branch.points["HOM1"].value == pytest.approx(13.92655740752013, rel=1e-11)


def test_a_large_step_onto_the_hopf_point_at_the_other_end(systems):
    """The parameter is in the hundreds, and the last step before 212.0188 passes from cycles of half their size."""
    branch = from_hopf(systems.morris_lecar(0.0), "I", (-50, 300))
    assert kinds(branch) == ["Hopf", "Hopf"]
    assert branch.ends[1].value == pytest.approx(212.018816101, abs=1e-8)


def bautin(b1):
    def rhs(t, y, u, params, out):
        Y = y[1] - 0.2 * y[0] ** 2
        X = y[0] - 0.3 * Y**2
        R = X * X + Y * Y
        g, w = params[0] + R - 0.5 * R * R, 2 + 0.5 * R
        dY = w * X + g * Y
        out[0] = g * X - w * Y + 0.6 * Y * dY
        out[1] = dY + 0.4 * y[0] * out[0]

    return DynamicalSystem(rhs, 2, {"b1": b1})


def test_fold_of_cycles_of_an_exact_system():
    branch = from_hopf(bautin(-0.1), "b1", (-1, 0.5), equilibria={"start": [0, 0]})
    (fold,) = branch.points
    assert fold.kind == "LPC"
    assert fold.value == pytest.approx(-0.5, abs=CYCLES)
    assert fold.period == pytest.approx(2 * np.pi / 2.5, rel=CYCLES)
    cycles = sorted(branch.at(-0.3), key=lambda cycle: cycle.period)
    assert [cycle.period for cycle in cycles] == pytest.approx([2.23106432760809, 2.87721640993629], rel=CYCLES)
    assert abs(cycles[0].multipliers[1]) == pytest.approx(0.00998222353153, rel=1e-7)
    assert abs(cycles[1].multipliers[0]) == pytest.approx(3.81007830985662, rel=1e-7)
    assert [cycle.stable for cycle in cycles] == [True, False]


def test_an_isola_of_cycles_is_closed():
    """Cycles of radius r with mu^2 + (r - 1)^2 = 1/4 and period 2 pi / (1 + r)."""

    def rhs(t, y, u, params, out):
        r = np.sqrt(y[0] ** 2 + y[1] ** 2)
        g = 0.25 - params[0] ** 2 - (r - 1) ** 2
        out[0], out[1] = y[0] * g - y[1] * (1 + r), y[1] * g + y[0] * (1 + r)

    net = DynamicalSystem(rhs, 2, {"mu": 0.1})
    branch = cycle_branch(net, "mu", (-1, 1), start=limit_cycle(net, [1.4, 0]))
    assert kinds(branch) == ["closed", "closed"]
    folds = sorted((point.value, point.period) for point in branch.points)
    np.testing.assert_allclose(folds, [(-0.5, np.pi), (0.5, np.pi)], rtol=CYCLES)
    periods = sorted(cycle.period for cycle in branch.at(0.0))
    np.testing.assert_allclose(periods, [2 * np.pi / 2.5, 2 * np.pi / 1.5], rtol=CYCLES)


# Period doublings, Neimark-Sacker -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("label", "expected"),
    [
        ("H2", [(-1.20912791109273, 32.742052246011), (-1.00255907078862, 32.379224385888)]),
        ("H3", [(-1.19045493799634, 32.583568630582), (-0.91759582002926, 33.243298941515)]),
    ],
)
def test_period_doublings_on_beers_route_to_chaos(systems, label, expected):
    branch = from_hopf(systems.BEER, "biases[2]", (-3, 0), label)
    found = sorted((point.value, point.period) for point in branch.points)
    assert {point.kind for point in branch.points} == {"PD"}
    np.testing.assert_allclose(found, expected, rtol=CYCLES)
    assert kinds(branch) == ["Hopf", "Hopf"]


@pytest.fixture(scope="module")
def roessler_branch(systems):
    def rhs(t, y, u, params, out):
        out[0] = -y[1] - y[2]
        out[1] = y[0] + params[0] * y[1]
        out[2] = 0.2 + y[2] * (y[0] - params[1])

    net = DynamicalSystem(rhs, 3, {"a": 0.2, "c": 2.5})
    return cycle_branch(net, "c", (0.5, 4.2), start=limit_cycle(net, [1, 1, 0]))


def test_period_doubling_cascade_of_roessler(roessler_branch):
    (cycle,) = roessler_branch.at(2.5)
    assert cycle.period == pytest.approx(5.748991183278, rel=CYCLES)
    assert cycle.multipliers[1].real == pytest.approx(-0.769693642, rel=CYCLES)
    (first,) = roessler_branch.points
    assert [first.value, first.period] == pytest.approx([2.83244502786254, 5.76982001650656], rel=CYCLES)
    (doubled,) = first.branches()
    (second,) = doubled.points
    assert [second.value, second.period] == pytest.approx([3.83735816841009, 11.5726888044658], rel=CYCLES)
    assert kinds(doubled) == ["period doubling", "bounds"]
    np.testing.assert_array_equal(doubled.stable[1:-1], doubled.values[1:-1] < second.value)


def test_curve_of_period_doublings_of_roessler(roessler_branch):
    curve = roessler_branch.points["PD1"].curve("a", bounds=(0.2, 0.25))
    assert curve.values[-1] == pytest.approx([2.28143575931997, 0.25], rel=CYCLES)


def langford(alpha):
    def rhs(t, y, u, params, out):
        out[0] = (y[2] - 0.7) * y[0] - params[1] * y[1]
        out[1] = params[1] * y[0] + (y[2] - 0.7) * y[1]
        out[2] = 0.6 + params[0] * y[2] - y[2] ** 3 / 3 - (y[0] ** 2 + y[1] ** 2) * (1 + 0.25 * y[2])

    return DynamicalSystem(rhs, 3, {"alpha": alpha, "omega": 3.5})


def test_neimark_sacker_of_an_exact_system_and_its_curve():
    net = langford(0.5)
    radius = np.sqrt((0.6 + 0.5 * 0.7 - 0.7**3 / 3) / 1.175)
    branch = cycle_branch(net, "alpha", (0.3, 0.9), start=limit_cycle(net, [radius, 0, 0.7], period=2 * np.pi / 3.5))
    (point,) = branch.points
    assert point.kind == "NS"
    assert point.value == pytest.approx(0.697166666666667, rel=CYCLES)
    assert point.period == pytest.approx(2 * np.pi / 3.5, rel=CYCLES)
    assert np.sort(point.eigenvalues.real)[0] == pytest.approx(-0.804221811181, rel=CYCLES)
    curve = point.curve("omega", bounds=(3, 4), max_points=4)  # omega moves the period only
    np.testing.assert_allclose(curve.values[:, 0], 0.697166666666667, rtol=CYCLES)
    np.testing.assert_allclose(curve.period, 2 * np.pi / curve.values[:, 1], rtol=CYCLES)


def twist(a):
    def rhs(t, y, u_, params, out):
        r = np.sqrt(y[0] ** 2 + y[1] ** 2)
        c, s, u, Z, b = y[0] / r, y[1] / r, r - 1, y[2], 0.2
        P2 = (u * u * (1 + c) + Z * Z * (1 - c) + 2 * u * Z * s) / 2
        pc, ps = (u * (1 + c) + Z * s) / 2, (u * s + Z * (1 - c)) / 2
        qs, qc = (-u * (1 - c) + Z * s) / 2, (-u * s + Z * (1 + c)) / 2
        g = params[0] - P2
        du = g * pc + b * qs - Z / 2
        out[0], out[1], out[2] = du * c - y[1], du * s + y[0], g * ps - b * qc + u / 2

    return DynamicalSystem(rhs, 3, {"a": a})


def test_period_doubling_of_an_exact_system_and_the_doubled_branch():
    net = twist(-0.1)
    start = limit_cycle(net, [1, 0, 0], period=2 * np.pi)
    branch = cycle_branch(net, "a", (-0.5, 0.5), start=start)
    (point,) = branch.points
    assert point.kind == "PD"
    form = normal_form(net, point)
    assert form["b"] == pytest.approx(2 * np.pi, rel=1e-5)  # p(2 pi) = -p + 2 pi p^3 + ..
    assert form.verdict == "supercritical"
    assert point.value == pytest.approx(0.0, abs=CYCLES)
    (doubled,) = point.branches()
    (cycle,) = doubled.at(0.2)
    assert cycle.period == pytest.approx(4 * np.pi, rel=CYCLES)
    exact = np.exp([-8 * np.pi * 0.2, -0.8 * np.pi])
    np.testing.assert_allclose(np.sort(cycle.multipliers.real)[:2], np.sort(exact), rtol=1e-7)


def symmetric(mu):
    """A cycle of radius 1 in the plane z = 0, from which two others leave at mu = 0."""

    def rhs(t, y, u, params, out):
        grow, turn = 1 - y[0] ** 2 - y[1] ** 2, 1 + 0.3 * y[2] ** 2
        out[0] = y[0] * grow - y[1] * turn
        out[1] = y[1] * grow + y[0] * turn
        out[2] = params[0] * y[2] - y[2] ** 3

    return DynamicalSystem(rhs, 3, {"mu": mu})


def test_branch_point_of_cycles_and_the_branch_that_leaves_there():
    net = symmetric(-0.5)
    branch = cycle_branch(net, "mu", (-1, 1), start=limit_cycle(net, [1, 0, 0], period=2 * np.pi))
    (point,) = branch.points
    assert point.kind == "BP"
    assert point.value == pytest.approx(0.0, abs=CYCLES)
    (other,) = point.branches()
    (cycle,) = other.at(0.5)
    np.testing.assert_allclose(np.abs(cycle.y[2]), np.sqrt(0.5), rtol=CYCLES)
    assert cycle.period == pytest.approx(2 * np.pi / 1.15, rel=CYCLES)
    assert np.sort(cycle.multipliers.real)[1] == pytest.approx(np.exp(-cycle.period), rel=1e-6)
    assert other.stable[2:].all()
    assert not branch.stable[branch.values > 1e-6].any()


# Curves ---------------------------------------------------------------------------------------------------------------


def test_curve_of_folds_of_cycles_from_the_generalised_hopf_point(systems):
    branch = from_hopf(CTRNN(systems.W1, biases=[-3.8, -5.55]), "biases[0]", (-6, 2))
    curve = branch.points["LPC1"].curve("biases[1]", bounds=(-5.7, -5.5))
    assert curve.values[-1] == pytest.approx([-3.83546132567094, -5.5], rel=CYCLES)
    assert curve.period[-1] == pytest.approx(6.423005788757, rel=CYCLES)
    np.testing.assert_allclose(curve.values[0], [-4.088605071063968, -5.66134015984945], rtol=1e-3)


# Edges ----------------------------------------------------------------------------------------------------------------


def test_timeout_keeps_the_partial_branch(systems):
    net = oscillator(systems)
    start = limit_cycle(net, [0, 0])
    cycle_branch(net, "biases[0]", (-6, 0), start=start, timeout=0.0)  # compiled
    began = time.perf_counter()
    branch = cycle_branch(net, "biases[0]", (-6, 0), start=start, timeout=0.0)
    assert time.perf_counter() - began < 2
    assert branch.status == Status.TIMEOUT
    assert type(branch).__name__ == "CycleBranch"  # with its first point, where the machine has no other work
    branch = cycle_branch(net, "biases[0]", (-6, 0), start=[0, 0], timeout=0.0)  # no cycle is found in time
    assert branch.status == Status.TIMEOUT
    assert len(branch) == 0


def test_ctrl_c_keeps_the_partial_branch(systems, monkeypatch):
    from analysis.bifurcations.cycles import ends

    net, seen = oscillator(systems), []

    def closed(walk, point):
        seen.append(point)
        if len(seen) == 4:
            raise KeyboardInterrupt
        return False

    start = limit_cycle(net, [0, 0])
    monkeypatch.setattr(ends, "closes", closed)
    with pytest.raises(Interrupted) as caught:
        cycle_branch(net, "biases[0]", (-6, 0), start=start)
    assert len(caught.value.result) == 4
    assert caught.value.result.status == Status.INTERRUPTED


def test_canard_explosion_between_folds_is_followed(systems):
    """The cubic is odd, so that the folds lie symmetrically about I = 0.875."""
    branch = from_hopf(systems.fitzhugh_nagumo(), "I", (-1, 3), equilibria={"start": [-1.2, -0.6]})
    folds = sorted(point.value for point in branch.points.of_kind("LPC"))
    assert len(folds) == 2
    assert sum(folds) == pytest.approx(1.75, abs=1e-8)
    assert kinds(branch) == ["Hopf", "Hopf"]


def test_max_points_end_a_branch(systems):
    net = oscillator(systems)
    branch = cycle_branch(net, "biases[0]", (-6, 0), start=limit_cycle(net, [0, 0]), max_points=3)
    assert kinds(branch) == ["budget", "budget"]
    assert branch.status == Status.MAX_STEPS


def test_linear_centre_has_no_branch():
    net = CTRNN([[0, 1], [-1, 0]], activation="linear")
    both = {"weights[0, 0]": 1.0, "weights[1, 1]": 1.0}
    with pytest.raises(ValueError, match="degenerate Hopf point"):
        from_hopf(net, both, (-1.0, 2.0), equilibria={"start": [0, 0]})


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"bounds": (0, -6)}, "least < largest"),
        ({"bounds": (-2.5, 0)}, "outside `bounds`"),
        ({"parameter": "bias[0]"}, "bias"),
        ({"start": [0.0, 0.0, 0.0]}, "shape"),
        ({"intervals": 2}, "intervals"),
        ({"step": -1}, "step"),
    ],
)
def test_bad_input_is_explained(systems, options, message):
    net = oscillator(systems)
    given = {"parameter": "biases[0]", "bounds": (-6, 0), "start": [0.0, 0.0]} | options
    with pytest.raises(ValueError, match=message):
        cycle_branch(net, given.pop("parameter"), given.pop("bounds"), **given)


def test_systems_with_reset_and_maps_are_refused(systems):
    def event(t, y, u, params, out):
        out[0] = y[0] - 1.0

    def reset(event, t, y, u, params, out):
        out[0], out[1] = 0.0, y[1]

    jumping = oscillator(systems).with_events(event, event_dim=1, directions=[1], terminal=[False], reset=reset)
    with pytest.raises(ValueError, match="reset"):
        cycle_branch(jumping, "biases[0]", (-6, 0), start=[0, 0])
    with pytest.raises(ValueError, match="flow"):
        cycle_branch(systems.henon(), "a", (0, 1), start=[0, 0])


def test_resonances_on_a_neimark_sacker_curve_of_an_exact_system():
    """The pair turns with Omega^2 = 2 (lambda + alpha beta - beta^3 / 3) while the cycle turns with omega."""
    alpha, beta = 0.49 + 0.25 * (0.6 + 0.697166666666667 * 0.7 - 0.7**3 / 3) / 1.175, 0.7
    Omega = np.sqrt(2 * (0.6 + alpha * beta - beta**3 / 3))
    radius = np.sqrt((0.6 + 0.5 * 0.7 - 0.7**3 / 3) / 1.175)
    net = langford(0.5)
    branch = cycle_branch(net, "alpha", (0.3, 0.9), start=limit_cycle(net, [radius, 0, 0.7], period=2 * np.pi / 3.5))
    curve = branch.points["NS1"].curve("omega", bounds=(3, 6))
    assert curve.points.labels == ["R31", "R41"]
    found = [[point.parameters["alpha"], point.parameters["omega"]] for point in curve.points]
    np.testing.assert_allclose(found, [[alpha, 3 * Omega], [alpha, 4 * Omega]], rtol=1e-6)
    assert branch.points["NS1"].value == pytest.approx(alpha, rel=CYCLES)


def test_cusp_of_cycles_of_an_exact_system():
    """Cycles of radius 1 + u with a + b u = u^3: folds at 27 a^2 = 4 b^3, which meet at the origin."""

    def rhs(t, y, u, params, out):
        r = np.sqrt(y[0] ** 2 + y[1] ** 2)
        g = params[0] + params[1] * (r - 1) - (r - 1) ** 3
        out[0], out[1] = y[0] * g - y[1], y[1] * g + y[0]

    net = DynamicalSystem(rhs, 2, {"a": 0.0, "b": 0.3})
    start = limit_cycle(net, [1 + np.sqrt(0.3), 0], period=2 * np.pi)
    branch = cycle_branch(net, "a", (-0.5, 0.5), start=start)
    assert branch.points.labels == ["LPC1", "LPC2"]
    curve = branch.points["LPC1"].curve("b", bounds=(-0.2, 0.5), max_points=60)
    np.testing.assert_allclose(27 * curve.values[:, 0] ** 2, 4 * curve.values[:, 1] ** 3, atol=1e-7)
    (cusp,) = curve.points
    assert cusp.kind == "CPC"
    np.testing.assert_allclose(list(cusp.parameters.values()), [0, 0], atol=1e-5)
    assert {str(end.kind) for end in curve.ends} == {"bounds"}
