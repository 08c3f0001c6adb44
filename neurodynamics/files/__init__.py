"""Files of arrays with a header, replaced as a whole and read without pickle."""

from neurodynamics.files import npz
from neurodynamics.files.npz import replacing

__all__ = [
    "npz",
    "replacing",
]
