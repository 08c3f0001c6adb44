"""Search methods: asked for genes in [-1, 1], and told their scores."""

from neuroevolution.search.beer_ga import BeerGA
from neuroevolution.search.cma_es import CMAES
from neuroevolution.search.hill_climbing import HillClimbing, SimulatedAnnealing
from neuroevolution.search.map_elites import MAPElites
from neuroevolution.search.method import Search, best_of, check_genes, check_scores, plain
from neuroevolution.search.microbial import MicrobialGA
from neuroevolution.search.particle_swarm import ParticleSwarm
from neuroevolution.search.random_search import RandomSearch

__all__ = [
    "CMAES",
    "BeerGA",
    "HillClimbing",
    "MAPElites",
    "MicrobialGA",
    "ParticleSwarm",
    "RandomSearch",
    "Search",
    "SimulatedAnnealing",
    "best_of",
    "check_genes",
    "check_scores",
    "plain",
]
