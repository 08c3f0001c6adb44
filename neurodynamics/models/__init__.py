"""Models from the literature that are no networks of this project, and templates for your own.

Each is a file: the right-hand side as the paper has it, its exact Jacobian, and a function that returns the
:class:`~neurodynamics.systems.DynamicalSystem` with the paper's parameters, by keyword and by name. Copy one to make
your own; ``@kernel`` keeps machine code on disk between processes, and a plain function works as well.
"""

from neurodynamics.models.chaos.lorenz import lorenz
from neurodynamics.models.chaos.lorenz84 import lorenz84
from neurodynamics.models.chaos.roessler import roessler
from neurodynamics.models.ecology.lotka_volterra import lotka_volterra
from neurodynamics.models.ecology.rosenzweig_macarthur import rosenzweig_macarthur
from neurodynamics.models.maps.circle import circle_map
from neurodynamics.models.maps.delayed_logistic import delayed_logistic_map
from neurodynamics.models.maps.henon import henon
from neurodynamics.models.maps.ikeda import ikeda
from neurodynamics.models.maps.logistic import logistic_map
from neurodynamics.models.maps.standard import standard_map
from neurodynamics.models.neural_masses.jansen_rit import jansen_rit
from neurodynamics.models.neural_masses.wilson_cowan import wilson_cowan
from neurodynamics.models.neurons.fitzhugh_nagumo import fitzhugh_nagumo
from neurodynamics.models.neurons.hindmarsh_rose import hindmarsh_rose
from neurodynamics.models.neurons.hodgkin_huxley import hodgkin_huxley
from neurodynamics.models.neurons.integrate_and_fire import integrate_and_fire
from neurodynamics.models.neurons.morris_lecar import morris_lecar
from neurodynamics.models.oscillators.bouncing_ball import bouncing_ball
from neurodynamics.models.oscillators.brusselator import brusselator
from neurodynamics.models.oscillators.duffing import duffing
from neurodynamics.models.oscillators.kuramoto import kuramoto
from neurodynamics.models.oscillators.pendulum import pendulum
from neurodynamics.models.oscillators.van_der_pol import van_der_pol

__all__ = [
    "bouncing_ball",
    "brusselator",
    "circle_map",
    "delayed_logistic_map",
    "duffing",
    "fitzhugh_nagumo",
    "henon",
    "hindmarsh_rose",
    "hodgkin_huxley",
    "ikeda",
    "integrate_and_fire",
    "jansen_rit",
    "kuramoto",
    "logistic_map",
    "lorenz",
    "lorenz84",
    "lotka_volterra",
    "morris_lecar",
    "pendulum",
    "roessler",
    "rosenzweig_macarthur",
    "standard_map",
    "van_der_pol",
    "wilson_cowan",
]
