"""A neuron that excites itself remembers: strong pulses switch it on and off, weak ones are forgotten."""

from matplotlib.figure import Figure

from analysis import plotting
from ctrnn import CTRNN, Pulse, simulate

NETWORK = CTRNN(weights=[[8.0]], biases=[-4.0])
THRESHOLD = 4.0  # the unstable equilibrium between the two stable ones
STRONG, WEAK = 1.0, 0.4  # widths of pulses of the same height

PULSES = (
    Pulse(t0=10, width=WEAK, amplitude=8)
    + Pulse(t0=20, width=STRONG, amplitude=8)
    + Pulse(t0=40, width=WEAK, amplitude=-8)
    + Pulse(t0=50, width=STRONG, amplitude=-8)
)


def figure(duration: float = 70.0) -> Figure:
    """Input, state and output of the neuron over time."""
    solution = simulate(NETWORK, duration, [0.0], inputs=[PULSES])

    fig = plotting.plot_time_panels(solution)
    for panel in fig.axes:
        panel.get_legend().remove()  # there is only one neuron
    states = fig.axes[1]
    states.axhline(THRESHOLD, linestyle="--", color="#222222", linewidth=0.9)
    states.set_title("dashed: the threshold, an unstable equilibrium", loc="left", fontsize="medium")
    fig.axes[0].set_title(f"pulses of one height: {WEAK:g} long is forgotten, {STRONG:g} long switches", loc="left")
    return fig
