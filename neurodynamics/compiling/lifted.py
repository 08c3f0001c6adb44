"""Machine code that reads a user's constants from memory: compiled once for a source, loaded again for other values.

A number or an array that a function takes from outside is a load from a table, a global variable of its module. The
machine code is kept as an object file, which each set of values loads with a table of its own, in a millisecond.
"""

from __future__ import annotations

import ctypes
import itertools
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import llvmlite.binding as llvm
import numpy as np
from llvmlite import ir
from numba import typeof
from numba.core import cgutils, types
from numba.core.compiler import CompilerBase, DefaultPassBuilder
from numba.core.compiler_machinery import FunctionPass, register_pass
from numba.core.ir import Assign, Expr, FreeVar, Global, Var
from numba.core.ir_utils import build_definitions
from numba.core.untyped_passes import InlineClosureLikes, TranslateByteCode
from numba.extending import intrinsic

WORD = ir.IntType(64)
INTEGER = types.int64
ENVIRONMENT = "_ZN08NumbaEnv"  # of numba: how the variables begin that hold what a function needs of Python
_names = (f"neurodynamics_table_{number}" for number in itertools.count())
_targets: list[Any] = []  # machines to make engines of; one is enough


def kind_of(value: Any) -> Any:
    """Return the type with which a captured value is read from the table, or None where it is compiled in."""
    if type(value) in (float, np.float64):
        return types.float64
    if type(value) in (int, np.int64):
        return INTEGER if -(2**63) <= value < 2**63 else None
    if type(value) is np.ndarray and value.dtype.kind in "fiub" and value.dtype.isnative and value.flags.c_contiguous:
        return typeof(value).copy(readonly=True, layout="C") if value.flags.aligned and value.size else None
    return None


class Slot:
    """What stands for a captured value while the function that takes it is compiled."""

    def __init__(self, load: Any) -> None:
        self.load = load


class Table:
    """The places of captured values in the memory of a module; place 0 is the address of the record of failures.

    Parameters
    ----------
    kinds : iterable
        The numba types of the values, in their order.
    """

    def __init__(self, kinds: Iterable[Any]) -> None:
        self.kinds, self.name, self.size = tuple(kinds), next(_names), 1
        self.record = Slot(self._loader(0, INTEGER))
        self.slots = [self._slot(kind) for kind in self.kinds]

    def _slot(self, kind: Any) -> Slot:
        place = self.size
        self.size += 1 + getattr(kind, "ndim", 0)  # of an array: where it is, then its shape
        return Slot(self._loader(place, kind))

    def _loader(self, place: int, kind: Any) -> Any:
        @intrinsic
        def load(typingctx: Any) -> Any:
            def codegen(context: Any, builder: Any, sig: Any, args: Any) -> Any:
                if not isinstance(kind, types.Array):
                    return self._word(builder, place, context.get_value_type(kind))
                shape = [self._word(builder, place + 1 + axis) for axis in range(kind.ndim)]
                return _array(context, builder, kind, self._word(builder, place), shape)

            return kind(), codegen

        return load

    def _word(self, builder: Any, place: int, wanted: Any = WORD) -> Any:
        """Load a word; nothing changes it while the code runs, so that loads can be taken out of loops."""
        module, whole = builder.module, ir.ArrayType(WORD, self.size)
        table = module.globals.get(self.name)
        if table is None:
            table = ir.GlobalVariable(module, whole, self.name)
            table.linkage, table.initializer = "common", ir.Constant(whole, None)
        at = builder.gep(table, [ir.Constant(ir.IntType(32), 0), ir.Constant(ir.IntType(32), place)])
        word = builder.load(builder.bitcast(at, wanted.as_pointer()))
        word.set_metadata("invariant.load", module.add_metadata([]))
        return word

    def words(self, values: Iterable[Any], record: int) -> tuple[np.ndarray, list[np.ndarray]]:
        """Return the content of the table, and the copies of arrays that it points to."""
        words, kept = np.zeros(self.size, dtype=np.int64), []
        words[0], place = record, 1
        for kind, value in zip(self.kinds, values, strict=True):
            if isinstance(kind, types.Array):
                kept.append(value.copy())
                words[place : place + 1 + value.ndim] = kept[-1].ctypes.data, *value.shape
                place += value.ndim
            else:
                words[place : place + 1] = np.array([value], dtype=str(kind)).view(np.int64)
            place += 1
        return words, kept


def _array(context: Any, builder: Any, kind: Any, address: Any, shape: list[Any]) -> Any:
    """Return a contiguous array of memory that numba does not own."""
    from numba.np.arrayobj import populate_array  # with numba's registries, whose import takes a while

    array = context.make_array(kind)(context, builder)
    element = context.get_data_type(kind.dtype)
    step = ir.Constant(WORD, context.get_abi_sizeof(element))
    strides = [step]
    for length in reversed(shape[1:]):
        strides.insert(0, builder.mul(strides[0], length))
    lengths, steps = (cgutils.pack_array(builder, words, WORD) for words in (shape, strides[: len(shape)]))
    data = builder.inttoptr(address, element.as_pointer())
    populate_array(array, data=data, shape=lengths, strides=steps, itemsize=step, meminfo=None)
    return array._getvalue()


# The pass that puts loads where captured values stand -------------------------------------------------------------------


@register_pass(mutates_CFG=False, analysis_only=False)
class LoadSlots(FunctionPass):
    """Replace what stands for captured values by loads from the table."""

    _name = "load_slots"

    def __init__(self) -> None:
        FunctionPass.__init__(self)

    def run_pass(self, state: Any) -> bool:
        """Rewrite the function; say whether anything was there."""
        found = False
        for block in state.func_ir.blocks.values():
            body: list[Any] = []
            for each in block.body:
                value = getattr(each, "value", None)
                if isinstance(each, Assign) and isinstance(value, (Global, FreeVar)) and isinstance(value.value, Slot):
                    loader = Var(block.scope, f"{each.target.name}.load", each.loc)
                    body.append(Assign(Global(f"load_{value.name}", value.value.load, each.loc), loader, each.loc))
                    each, found = Assign(Expr.call(loader, (), (), each.loc), each.target, each.loc), True
                body.append(each)
            block.body = body
        if found:
            state.func_ir._definitions = build_definitions(state.func_ir.blocks)
        return found


class WithTable(CompilerBase):
    """The default pipeline of numba, with captured values read from a table."""

    def define_pipelines(self) -> list[Any]:
        """Return the one pipeline."""
        passes = DefaultPassBuilder.define_nopython_pipeline(self.state)
        for after in (TranslateByteCode, InlineClosureLikes):
            if any(step is after for step, _ in passes.passes):
                passes.add_pass_after(LoadSlots, after)
        passes.finalize()
        return [passes]


# Code that is loaded again ----------------------------------------------------------------------------------------------


class Template:
    """Machine code for all functions that differ in captured values only.

    Parameters
    ----------
    build : callable ``(record, slots) -> dispatcher``
        Compiles; `slots` maps what was captured to what stands for it.
    signature
        Of the function.
    kinds : mapping
        What was captured, and its type.
    """

    def __init__(self, build: Callable[[Any, Mapping[Any, Slot]], Any], signature: Any, kinds: Mapping[Any, Any]) -> None:
        self.table = Table(kinds.values())
        dispatcher = build(self.table.record, dict(zip(kinds, self.table.slots, strict=True)))
        compiled = dispatcher.get_compile_result(signature)
        library, self._entry = compiled.library, compiled.fndesc.llvm_cfunc_wrapper_name
        library.get_pointer_to_function(self._entry)  # makes the machine code
        module, engine = library._final_module, library._codegen._engine
        environments = [each.name for each in module.global_variables if each.name.startswith(ENVIRONMENT)]
        self._environments = {name: engine.get_global_value_address(name) for name in environments}
        needs = [each.name for each in module.functions if each.is_declaration and not each.name.startswith("llvm.")]
        self.movable = all(llvm.address_of_symbol(name) is not None for name in needs)
        self._code = library._get_compiled_object()
        self._alive = dispatcher

    def load(self, values: Iterable[Any], record: int) -> Loaded:
        """Return the code for other values."""
        words, arrays = self.table.words(values, record)
        loaded = Loaded(self._code, self._entry, arrays)
        loaded.write(self.table.name, words)
        for name, place in self._environments.items():
            loaded.write(name, (ctypes.c_int64 * 1).from_address(place))
        return loaded


class Loaded:
    """A copy of machine code, with memory of its own."""

    def __init__(self, code: bytes, entry: str, kept: list[np.ndarray]) -> None:
        if not _targets:
            _targets.append(llvm.Target.from_default_triple())
        machine = _targets[0].create_target_machine(jit=True)
        self._engine = llvm.create_mcjit_compiler(llvm.parse_assembly(""), machine)
        self._engine.add_object_file(llvm.ObjectFileRef.from_data(code))
        self._engine.finalize_object()
        self.address, self._kept = self._engine.get_function_address(entry), kept

    def write(self, name: str, words: Any) -> None:
        """Fill a variable, where the code has it."""
        place = self._engine.get_global_value_address(name)
        if place:
            content = bytes(words)
            ctypes.memmove(place, content, len(content))
