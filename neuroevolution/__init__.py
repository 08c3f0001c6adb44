"""Evolution of networks: search methods, runs that resume, and tasks to be a controller in."""

from neuroevolution import tasks
from neuroevolution.agents import Lesions, Perturbations, lesion, robustness, tonic_input
from neuroevolution.comparison import Comparison, Difference, compare
from neuroevolution.evolving import evolve
from neuroevolution.replication import Replicates, replicates
from neuroevolution.run import Individual, Run, load_run
from neuroevolution.search import (
    CMAES,
    BeerGA,
    HillClimbing,
    MicrobialGA,
    ParticleSwarm,
    RandomSearch,
    Search,
    SimulatedAnnealing,
)
from neuroevolution.stopping import Stop

__all__ = [
    "CMAES",
    "BeerGA",
    "Comparison",
    "Difference",
    "HillClimbing",
    "Individual",
    "Lesions",
    "MicrobialGA",
    "ParticleSwarm",
    "Perturbations",
    "RandomSearch",
    "Replicates",
    "Run",
    "Search",
    "SimulatedAnnealing",
    "Stop",
    "compare",
    "evolve",
    "lesion",
    "load_run",
    "replicates",
    "robustness",
    "tasks",
    "tonic_input",
]
