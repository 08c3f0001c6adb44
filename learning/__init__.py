"""Gradients of trajectories, exact and checked, and learning with them."""

from learning import losses
from learning.gradients import Gradient, gradient
from learning.optimisers import Adam, Descent, RMSProp, Rprop
from learning.training import Fit, train
from learning.trials import Trial

__all__ = ["Adam", "Descent", "Fit", "Gradient", "RMSProp", "Rprop", "Trial", "gradient", "losses", "train"]
