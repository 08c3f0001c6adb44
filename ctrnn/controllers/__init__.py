"""Networks that control bodies step by step, alone or as a population."""

from ctrnn.controllers.controller import Controller
from ctrnn.controllers.motor_network import MotorCTRNN
from ctrnn.controllers.motors import MotorMap, motors_of
from ctrnn.controllers.population import PopulationController

__all__ = [
    "Controller",
    "MotorCTRNN",
    "MotorMap",
    "PopulationController",
    "motors_of",
]
