"""What is drawn of tongues and of the stability of synchrony."""

import numpy as np
import pytest

from analysis import arnold_tongues, master_stability
from ctrnn import CTRNN
from neurodynamics import models


def test_tongues_have_their_fractions_in_the_legend():
    found = arnold_tongues(models.circle_map(), {"omega": np.linspace(0, 1, 11), "k": [0.0, 0.9]}, [0.0], 200)
    ax = found.plot(largest=2)
    labels = {text.get_text() for text in ax.get_legend().get_texts()}
    assert labels == {f"{p}/{q}" if q > 1 else f"{p}" for p, q in found.fractions(2)} >= {"0", "1"}
    with pytest.raises(ValueError, match="`largest`"):
        found.plot(largest=0)


def test_the_band_is_two_errors_wide():
    found = master_stability(CTRNN([[0.5]], activation="tanh"), [0.0, 1.0], duration=50)
    ax = found.plot()
    np.testing.assert_allclose(ax.lines[1].get_ydata(), found.values)
    heights = ax.collections[0].get_paths()[0].vertices[:, 1]
    assert heights.max() == pytest.approx((found.values + 2 * found.errors).max())
