"""Controllers as C code."""

from ctrnn.c_code.export import export_c

__all__ = [
    "export_c",
]
