"""Networks in bodies: tasks, and populations that are evaluated in them."""

from neurodynamics.closed_loop.draws import draw_normal, draw_uniform
from neurodynamics.closed_loop.evaluation import Evaluation
from neurodynamics.closed_loop.lanes import LANES, lane_outputs_address
from neurodynamics.closed_loop.population import evaluate
from neurodynamics.closed_loop.task import Task

__all__ = [
    "LANES",
    "Evaluation",
    "Task",
    "draw_normal",
    "draw_uniform",
    "evaluate",
    "lane_outputs_address",
]
