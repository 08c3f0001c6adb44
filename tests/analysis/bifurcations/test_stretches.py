"""What is proved between the sections of a diagram."""

import numpy as np

from analysis import bifurcation_diagram, fixed_points
from ctrnn import CTRNN


def test_between_sections_all_is_proved_but_small_gaps_around_folds(systems):
    """The six values at which the number of equilibria changes, by the closed parametrisation, lie in the gaps."""
    folds = np.array([-2.600169443133536, -3.445309697348464, -3.155956652306807, -3.844043347693193, -3.554690302651536,
                      -4.399830556866464])  # fmt: skip
    net = CTRNN([[6, 1], [1, 8]], biases=[0, -4.5])
    diagram = bifurcation_diagram(net, "biases[0]", (-6, -1), sections=8, cycles=False)
    low, high = diagram.gaps.T
    assert ((low[:, np.newaxis] < folds) & (folds < high[:, np.newaxis])).any(axis=0).all()
    assert 0.95 < diagram.coverage < 1
    for value in np.random.default_rng(0).uniform(-6, -1, 20):
        if not ((low <= value) & (value <= high)).any():
            found = fixed_points(net.with_params({"biases[0]": value}))
            assert found.complete
            assert len(found) == len(diagram.fixed_points_at(value))
    net = CTRNN(systems.OSCILLATOR, biases=[-3, -1.75])
    oscillator = bifurcation_diagram(net, "time_constants[0]", (0.5, 2), sections=3, cycles=False)
    assert (oscillator.coverage, len(oscillator.gaps)) == (1.0, 0)  # time constants move nothing
    gains = bifurcation_diagram(net, "gains", (0.5, 1), sections=3, cycles=False)
    assert gains.coverage == 0  # not enclosed


def test_an_isola_between_sections_is_found_by_the_stretches():
    net = CTRNN([[6, 1], [1, 8]], biases=[0, -4.5])
    diagram = bifurcation_diagram(net, "biases[0]", (-6, -1), sections=2, cycles=False)  # both outside of the two isolas
    assert len(diagram.branches) == 3
