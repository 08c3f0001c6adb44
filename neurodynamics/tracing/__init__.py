"""Right-hand sides as lists of operations: traced once, they have Taylor coefficients to any order."""

from neurodynamics.tracing.program import Kind, Operation, Program, Value
from neurodynamics.tracing.symbols import NotTraced, in_python, trace

__all__ = ["Kind", "NotTraced", "Operation", "Program", "Value", "in_python", "trace"]
