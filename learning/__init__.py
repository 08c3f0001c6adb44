"""Gradients of trajectories, exact and checked, and learning with them."""

from learning import losses
from learning.diagnosis import GradientFlow, gradient_flow
from learning.excitability import adapt_reservoir, intrinsic
from learning.flow_graphs import Arc, FlowGraph, flow_graph
from learning.gradients import Gradient, gradient
from learning.iir_networks import FilterLayer, LayerGradient, causal_backpropagation, filter_graph
from learning.landscapes import LossLandscape, loss_landscape
from learning.optimisers import Adam, Descent, RMSProp, Rprop
from learning.plasticity import PlasticNetwork, hebbian, homeostatic, oja
from learning.readouts import Forced, force, recursive_least_squares
from learning.training import Fit, train
from learning.trials import Trial

__all__ = [
    "Adam",
    "Arc",
    "Descent",
    "FilterLayer",
    "Fit",
    "FlowGraph",
    "Forced",
    "Gradient",
    "GradientFlow",
    "LayerGradient",
    "LossLandscape",
    "PlasticNetwork",
    "RMSProp",
    "Rprop",
    "Trial",
    "adapt_reservoir",
    "causal_backpropagation",
    "filter_graph",
    "flow_graph",
    "force",
    "gradient",
    "gradient_flow",
    "hebbian",
    "homeostatic",
    "intrinsic",
    "loss_landscape",
    "losses",
    "oja",
    "recursive_least_squares",
    "train",
]
