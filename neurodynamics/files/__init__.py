"""Files of arrays with a header, replaced as a whole and read without pickle; what is saved registers here."""

from neurodynamics.files import npz
from neurodynamics.files.atomic import replacing
from neurodynamics.files.registry import Saved, load, reads, writes

__all__ = [
    "Saved",
    "load",
    "npz",
    "reads",
    "replacing",
    "writes",
]
