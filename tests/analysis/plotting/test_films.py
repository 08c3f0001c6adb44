"""Films: each frame shows the state and the energy of its moment."""

import matplotlib.pyplot as plt
import numpy as np
import pytest

from analysis import energy_surface, plotting
from hopfield import DiscreteHopfield, GradedHopfield, patterns
from neurodynamics import simulate

XI = patterns.letters("AB", (8, 6))


@pytest.fixture(autouse=True)
def _no_figures():
    yield
    plt.close("all")


@pytest.mark.parametrize("record", [True, "changes"])
def test_a_film_of_a_recall_shows_the_states_one_by_one(record, tmp_path):
    net = DiscreteHopfield.from_patterns(XI, "pseudo_inverse")
    recall = net.recall(patterns.flip(XI, 0.2, rng=0), rng=1, record=record)
    film = plotting.animate_recall(recall, (8, 6), probe=1)
    film.save(tmp_path / "film.gif", writer="pillow", dpi=20)
    assert (tmp_path / "film.gif").read_bytes()[:4] == b"GIF8"
    last = recall.trace.states.shape[2] - 1
    for k in (0, last):
        film._func(k)
        ax = film._fig.axes[0]
        np.testing.assert_array_equal(ax.images[0].get_array().ravel(), recall.trace.states[1, :, k])
        assert f"E = {net.energy(recall.trace.states[1, :, k]):.4g}" in ax.get_title()


def test_a_ball_rolls_downhill_on_the_surface(tmp_path):
    net = GradedHopfield([[0, 1], [1, 0]], gain=2)
    surface, path = energy_surface(net, resolution=10), simulate(net, 10, [1.5, -1.4])
    film = plotting.animate_descent(surface, path, frames=6)
    ax = film._fig.axes[0]
    heights = []
    for k in range(6):
        film._func(k)
        x, y, z = (np.atleast_1d(part)[0] for part in ax.lines[-1].get_data_3d())
        heights.append(z)
    assert (np.diff(heights) <= 1e-9).all()
    assert heights[0] == pytest.approx(net.energy([1.5, -1.4]))
    assert heights[-1] == pytest.approx(net.energy(path.final))
    np.testing.assert_allclose((x, y), surface.project(path.final[None])[0])
    film.save(tmp_path / "ball.gif", writer="pillow", dpi=20)
    resting = plotting.animate_descent(surface, np.zeros((3, 2)), frames=2)  # goes nowhere
    resting.save(tmp_path / "rest.gif", writer="pillow", dpi=20)


def test_films_say_what_they_need():
    net = DiscreteHopfield.from_patterns(XI)
    with pytest.raises(ValueError, match="`recall` has no trace"):
        plotting.animate_recall(net.recall(XI), (8, 6))
    recall = net.recall(XI, record=True)
    for options, words in (({"shape": (5, 5)}, "`shape`"), ({"shape": (8, 6), "probe": 2}, "`probe`"),
                           ({"shape": (8, 6), "fps": 0}, "`fps`")):  # fmt: skip
        with pytest.raises(ValueError, match=words):
            plotting.animate_recall(recall, **options)
