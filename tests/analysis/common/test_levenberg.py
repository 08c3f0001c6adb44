"""Errors of roots, from the Jacobian: of each equation its own, none where it is not known."""

import numpy as np

from analysis.common.levenberg import reach_of


def test_how_far_residuals_reach():
    """Of a diagonal Jacobian r_i / J_ii, whatever the units of equations; inf where J is singular, or no number."""
    odd = [[[np.nan, 0], [0, 1]], [[np.inf, 0], [0, 1]]]
    J = np.array([np.diag([2.0, 1e-8]), np.diag([1e200, 1e-200]), np.diag([1.0, 0.0]), *odd])
    r = np.array([[4.0, 1e-8], [1e190, 1e-210], [1.0, 1.0], [1.0, 1.0], [1.0, 1.0]])
    np.testing.assert_allclose(reach_of(J, r), [2.0, 1e-10, np.inf, np.inf, np.inf], rtol=1e-12)
