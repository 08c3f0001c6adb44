"""Ready-made tasks; see :class:`neurodynamics.Task` for how to make one."""

from neuroevolution.tasks.falling_objects import CategoricalPerception, VisualOrientation
from neuroevolution.tasks.klinotaxis import Klinotaxis
from neuroevolution.tasks.perceptual_crossing import PerceptualCrossing
from neuroevolution.tasks.phototaxis import Phototaxis
from neuroevolution.tasks.pole_balancing import PoleBalancing
from neuroevolution.tasks.t_maze import TMaze
from neuroevolution.tasks.trajectory_fitting import TrajectoryFitting
from neuroevolution.tasks.walker import LeggedWalker

__all__ = [
    "CategoricalPerception",
    "Klinotaxis",
    "LeggedWalker",
    "PerceptualCrossing",
    "Phototaxis",
    "PoleBalancing",
    "TMaze",
    "TrajectoryFitting",
    "VisualOrientation",
]
