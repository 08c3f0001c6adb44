"""Two neurons that oscillate: every trajectory but the equilibrium itself winds onto one limit cycle."""

import matplotlib.pyplot as plt
from matplotlib.figure import Figure

from analysis import plotting
from ctrnn import CTRNN, simulate

NETWORK = CTRNN(weights=[[4.5, 1.0], [-1.0, 4.5]], biases=[-2.75, -1.75])
EQUILIBRIUM = (2.75, 1.75)  # both outputs are 1/2 there
STARTS = [(0.0, 0.0), (3.2, 1.75), (6.0, 4.0)]


def figure(duration: float = 120.0) -> Figure:
    """Phase plane with nullclines on the left, outputs over time on the right."""
    solutions = [simulate(NETWORK, duration, start) for start in STARTS]

    fig = plt.figure(figsize=(11, 4.2), layout="constrained")
    left, right = fig.subplots(1, 2, width_ratios=[1.0, 1.1])
    plotting.plot_phase_plane(NETWORK, solutions=solutions, equilibria=[EQUILIBRIUM], ax=left)
    plotting.plot_time_series(solutions[0], ax=right)
    left.set_title("states: nullclines and trajectories")
    right.set_title("outputs, from the start (0, 0)")
    return fig
