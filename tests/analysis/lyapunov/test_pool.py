"""Estimates from several starts, pooled."""

import pytest

from analysis import lyapunov_spectrum, pooled


def test_several_starts_are_pooled_and_disagreement_is_told(known):
    ls = lyapunov_spectrum(known.LORENZ, duration=200, starts=3, rng=0)
    assert ls.duration == pytest.approx(600)
    assert abs(ls.exponents[0] - 0.9056) <= 4 * ls.errors[0]
    one = lyapunov_spectrum(known.OSCILLATOR, [0, 0], duration=500, rng=0)
    other = lyapunov_spectrum(known.OSCILLATOR.replace(weights=[[4.5, 0.2], [-1, 4.5]]), [0, 0], duration=500, rng=0)
    assert any("disagree" in note for note in pooled([one, other]).notes)
    with pytest.raises(ValueError, match="at least one"):
        pooled([])
