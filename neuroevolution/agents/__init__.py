"""Agents taken apart: lesions, noise on their parameters, tonic input."""

from neuroevolution.agents.lesions import Lesions, lesion
from neuroevolution.agents.perturbations import Perturbations, robustness, tonic_input

__all__ = ["Lesions", "Perturbations", "lesion", "robustness", "tonic_input"]
