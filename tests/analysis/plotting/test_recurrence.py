"""What is drawn of recurrences."""

import numpy as np

from analysis import recurrence_plot


def test_the_matrix_is_the_picture():
    found = recurrence_plot(np.sin(np.arange(60) / 5))
    (image,) = found.plot().images
    np.testing.assert_array_equal(image.get_array(), np.asarray(found.matrix))
