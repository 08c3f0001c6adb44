"""Tasks for evolved networks: bodies and worlds to be a controller in."""

from neuroevolution import tasks

__all__ = ["tasks"]
