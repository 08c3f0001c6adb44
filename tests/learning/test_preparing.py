"""What first gradients need is compiled beforehand, by the one command for it."""

from learning import preparing
from learning.frames import entry
from learning.sweeps import carry_ahead, carry_back, take_steps
from neurodynamics.prepare import OTHERS


def test_gradients_are_prepared():
    """All sweeps are compiled, of one trial and of several."""
    assert preparing.__name__ in OTHERS
    entry.cache_clear()
    preparing.WORK["gradients"]()
    assert entry.cache_info().currsize == 5
    for way, lanes in ((take_steps, 1), (take_steps, 8), (carry_back, 1), (carry_back, 8), (carry_ahead, 1)):
        entry(way, lanes)
    assert entry.cache_info().currsize == 5
