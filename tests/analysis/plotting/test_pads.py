"""The pad: clicks and buttons as a mouse makes them."""

import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.backend_bases import MouseEvent

from analysis import plotting
from hopfield import DiscreteHopfield, patterns


@pytest.fixture(autouse=True)
def _no_figures():
    yield
    plt.close("all")


@pytest.fixture(params=["bipolar", "binary"])
def pad(request):
    letters = patterns.letters("ABC", (8, 6), values=request.param)
    net = DiscreteHopfield.from_patterns(letters, "pseudo_inverse", diagonal=False, values=request.param)
    return plotting.letter_pad(net, (8, 6), rng=0)


def click(ax, x, y):
    canvas = ax.figure.canvas
    canvas.draw()
    place = ax.transData.transform((x, y))
    for name in ("button_press_event", "button_release_event"):
        canvas.callbacks.process(name, MouseEvent(name, canvas, *place, button=1))


def test_a_click_turns_one_pixel_over(pad):
    before = pad.state.copy()
    click(pad.figure.axes[0], 4.2, 2.9)  # column 4, row 3
    assert np.flatnonzero(pad.state != before).tolist() == [3 * 6 + 4]
    np.testing.assert_array_equal(pad.figure.axes[0].images[0].get_array(), pad.state.reshape(8, 6))
    click(pad.figure.axes[0], 4.2, 2.9)
    np.testing.assert_array_equal(pad.state, before)
    click(pad.figure.axes[1], 0.0, 0.0)  # beside the pad
    np.testing.assert_array_equal(pad.state, before)


def test_buttons_spoil_and_recall(pad):
    letters, bars = pad.network.patterns, pad.figure.axes[1].patches
    click(pad.buttons["noise"].ax, 0.5, 0.5)
    assert 0 < (pad.state != letters[0]).sum() < 20
    assert bars[0].get_width() == pytest.approx(pad.network.overlaps(pad.state)[0, 0])
    click(pad.buttons["step"].ax, 0.5, 0.5)
    click(pad.buttons["recall"].ax, 0.5, 0.5)
    np.testing.assert_array_equal(pad.state, letters[0])
    assert bars[0].get_width() == 1
    assert "at rest" in pad.figure.axes[0].get_title()
    click(pad.buttons["next"].ax, 0.5, 0.5)
    np.testing.assert_array_equal(pad.state, letters[1])


def test_pads_say_what_they_need():
    net = DiscreteHopfield.from_patterns(patterns.letters("AB", (8, 6)))
    with pytest.raises(ValueError, match=r"`shape` must be .* of 48 pixels"):
        plotting.letter_pad(net, (8, 8))
    with pytest.raises(ValueError, match="`network` must know its patterns"):
        plotting.letter_pad(DiscreteHopfield(np.eye(48)), (8, 6))
