"""Ready-made tasks; see :class:`neurodynamics.Task` for how to make one."""

from neuroevolution.tasks.falling_objects import CategoricalPerception, VisualOrientation
from neuroevolution.tasks.pole_balancing import PoleBalancing
from neuroevolution.tasks.trajectory_fitting import TrajectoryFitting
from neuroevolution.tasks.walker import LeggedWalker

__all__ = ["CategoricalPerception", "LeggedWalker", "PoleBalancing", "TrajectoryFitting", "VisualOrientation"]
