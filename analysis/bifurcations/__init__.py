"""TODO"""


__all__ = [
]
