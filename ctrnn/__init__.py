"""Continuous-time recurrent neural networks: build them, simulate them, control with them."""

from ctrnn.network import CTRNN
from neurodynamics import *  # noqa: F403
from neurodynamics import __all__ as _common

__all__ = ["CTRNN", *_common]
