"""Gradients of trajectories, exact and checked, and learning with them."""

from learning import losses
from learning.flow_graphs import Arc, FlowGraph, flow_graph
from learning.gradients import Gradient, gradient
from learning.iir_networks import FilterLayer, LayerGradient, causal_backpropagation, filter_graph
from learning.trials import Trial

__all__ = [
    "Arc",
    "FilterLayer",
    "FlowGraph",
    "Gradient",
    "LayerGradient",
    "Trial",
    "causal_backpropagation",
    "filter_graph",
    "flow_graph",
    "gradient",
    "losses",
]
