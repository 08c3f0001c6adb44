"""Gradients of trajectories, exact and checked, and learning with them."""

from learning import losses
from learning.gradients import Gradient, gradient
from learning.trials import Trial

__all__ = ["Gradient", "Trial", "gradient", "losses"]
