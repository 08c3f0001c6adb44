"""Evolution of networks: search methods, runs that resume, and tasks to be a controller in."""

from neuroevolution import tasks
from neuroevolution.agents import Lesions, Perturbations, lesion, robustness, tonic_input
from neuroevolution.comparison import Comparison, Difference, compare
from neuroevolution.embodied import EmbodiedGenotype
from neuroevolution.environments import GymTask
from neuroevolution.evolving import evolve
from neuroevolution.policies import CTRNNPolicy
from neuroevolution.replication import Replicates, replicates
from neuroevolution.run import Individual, Run, load_run
from neuroevolution.search import (
    CMAES,
    BeerGA,
    HillClimbing,
    MAPElites,
    MicrobialGA,
    ParticleSwarm,
    RandomSearch,
    Search,
    SimulatedAnnealing,
)
from neuroevolution.stages import evolve_in_stages
from neuroevolution.stopping import Stop

__all__ = [
    "CMAES",
    "BeerGA",
    "CTRNNPolicy",
    "Comparison",
    "Difference",
    "EmbodiedGenotype",
    "GymTask",
    "HillClimbing",
    "Individual",
    "Lesions",
    "MAPElites",
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
    "evolve_in_stages",
    "lesion",
    "load_run",
    "replicates",
    "robustness",
    "tasks",
    "tonic_input",
]
