"""Evolution of networks: search methods, runs that resume, and tasks to be a controller in."""

from neuroevolution import tasks
from neuroevolution.comparison import Comparison, Difference, compare
from neuroevolution.embodied import EmbodiedGenotype
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
    "EmbodiedGenotype",
    "HillClimbing",
    "Individual",
    "MicrobialGA",
    "ParticleSwarm",
    "RandomSearch",
    "Replicates",
    "Run",
    "Search",
    "SimulatedAnnealing",
    "Stop",
    "compare",
    "evolve",
    "load_run",
    "replicates",
    "tasks",
]
