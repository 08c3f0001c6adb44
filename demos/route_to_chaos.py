"""Three neurons on their way to chaos (Beer 1995): cycles are born at Hopf points and double their periods."""

from matplotlib.figure import Figure

from analysis import bifurcation_diagram
from ctrnn import CTRNN

NETWORK = CTRNN(
    weights=[[5.422, -0.018, 2.75], [-0.24, 4.59, 1.21], [0.535, -2.25, 3.885]],
    biases=[-4.108, -2.787, -1.114],
    time_constants=[1.0, 2.5, 1.0],
)
NAME = "biases[2]"


def figure(bounds: tuple[float, float] = (-1.5, -0.6), sections: int = 12) -> Figure:
    """Equilibria and cycles over the third bias, and the periods of the cycles."""
    diagram = bifurcation_diagram(NETWORK, NAME, bounds, sections=sections)
    above = diagram.plot()
    above.set_title("beyond a period doubling (PD) a cycle of twice the period takes over", loc="left", fontsize="medium")
    return above.figure
