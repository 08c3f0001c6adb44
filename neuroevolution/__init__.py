"""Evolution of networks: search methods, runs that resume, and tasks to be a controller in."""

from neuroevolution import tasks
from neuroevolution.evolving import evolve
from neuroevolution.run import Individual, Run, load_run
from neuroevolution.search import (
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
    "BeerGA",
    "HillClimbing",
    "Individual",
    "MicrobialGA",
    "ParticleSwarm",
    "RandomSearch",
    "Run",
    "Search",
    "SimulatedAnnealing",
    "Stop",
    "evolve",
    "load_run",
    "tasks",
]
