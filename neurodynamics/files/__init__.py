"""Files of arrays with a header, replaced as a whole and read without pickle; what is saved registers here."""

from neurodynamics.files import npz
from neurodynamics.files.atomic import replacing
from neurodynamics.files.marks import digest_of, mark
from neurodynamics.files.registry import Saved, load, reads, writes

__all__ = [
    "Saved",
    "digest_of",
    "load",
    "mark",
    "npz",
    "reads",
    "replacing",
    "writes",
]
