"""Machine code for kernels that are entered, and for no others.

Numba makes machine code of every function that it compiles, with a wrapper for Python and one for C, and optimises each
again in every caller. Most kernels are only ever called by kernels. Here each is compiled in the way it is used:

* INNER, called by other kernels: unoptimised LLVM code without wrappers, which is linked into what calls it;
* ADDRESS, entered by its address: optimised together with all that it calls, with the wrapper for C. What is kept of it
  is machine code alone, which LLVM loads without numba's types and registries;
* PYTHON, called from Python: the same with the wrapper for Python.

What is linked in becomes internal to the module, so no two processes can mistake one closure of a factory for another.
"""

from __future__ import annotations

import contextlib
import functools
import inspect
import json
import sys
import weakref
from collections.abc import Callable, Iterator
from typing import Any

import llvmlite.binding as llvm
from numba.core import codegen, cpu, dispatcher as numba_dispatcher, event, ir, ir_utils, sigutils
from numba.core.compiler import CompilerBase, DefaultPassBuilder
from numba.core.compiler_lock import global_compiler_lock
from numba.core.compiler_machinery import PassManager
from numba.core.registry import CPUDispatcher
from numba.core.typed_passes import NopythonRewrites
from numba.core.untyped_passes import InlineClosureLikes, WithLifting

from neurodynamics.compiling.cache import DiskCache
from neurodynamics.compiling.turns import one_at_a_time
from neurodynamics.compiling.waiting import told, whole

RUNTIME = "NRT_"  # of numba, shared: fitted to the calls in one module, it would be wrong for those of others
INNER, ADDRESS, PYTHON = "inner", "address", "python"


class KernelLibrary(codegen.JITCodeLibrary):
    """The LLVM code of a function; optimised, and made machine code, only when somebody asks for an address in it."""

    def __init__(self, generator: Any, name: str) -> None:
        super().__init__(generator, name)
        self.environments: dict[str, Any] = {}
        self._for_callers: Any = None

    @property
    def codegen(self) -> Any:
        """What makes code; while there is none, what remembers the environments that it will need."""
        return self._codegen if self._finalized else _Later(self)

    @property
    def brings_no_callees(self) -> bool:
        """Whether callers link this without what it calls."""
        return self._for_callers is not None or not self._finalized

    def add_linking_library(self, library: Any) -> None:
        """Remember what this calls."""
        if not isinstance(library, KernelLibrary):
            library._ensure_finalized()
        self._linking_libraries.append(library)

    def get_pointer_to_function(self, name: str) -> int:
        """Return where a function is, 0 where there is none of that name."""
        if not self._finalized and not _defines(self._final_module, name):
            return 0
        return super().get_pointer_to_function(name)

    def _optimize_functions(self, module: Any) -> None:
        """Leave that to whoever links this: it all begins anew there."""
        module.data_layout = self._codegen._data_layout

    def finalize(self) -> None:
        """Link all that this calls, directly or not, and make machine code."""
        self._raise_if_finalized()
        inside: set[str] = set()
        for library in _callees(self):
            self._reload_init.update(library._reload_init)
            if isinstance(library, KernelLibrary):
                module = library._module_for_callers()
                inside.update(f.name for f in module.functions if not f.is_declaration and not f.name.startswith(RUNTIME))
                self.environments.update(library.environments)
            else:
                module = library._get_module_for_linking()
            self._final_module.link_in(module, preserve=True)
        for function in self._final_module.functions:
            if function.name in inside and not function.is_declaration:
                function.linkage = "internal"
        self._optimize_final_module()
        self._final_module.verify()
        self._finalize_final_module()
        there = {variable.name for variable in self._final_module.global_variables}
        for name in there & self.environments.keys():
            self._codegen.set_env(name, self.environments[name])

    def code(self, entry: str) -> bytes | None:
        """Return machine code to be entered at one function, with what it needs; None where only this process can run it."""
        module = self._final_module
        variables = [variable for variable in module.global_variables if variable.name.startswith("_ZN08NumbaEnv")]
        text = str(module) if variables else ""
        if self.has_dynamic_globals or any(text.count(f"@{variable.name}") > 1 for variable in variables):
            return None
        parts = [*module.functions, *module.global_variables]
        needs = [part.name for part in parts if part.is_declaration and not part.name.startswith("llvm.")]
        header = {"library": self.name, "entry": entry, "needs": needs}
        return json.dumps(header).encode() + b"\n" + self._get_compiled_object()

    @classmethod
    def from_code(cls, context: Any, code: bytes) -> tuple[KernelLibrary, int] | None:
        """Return a library of kept machine code, and the address of its entry; None where something is not to be had."""
        first, _, machine_code = code.partition(b"\n")
        header = json.loads(first)
        if not _all_there(header["needs"]):
            context.refresh()  # numba's runtime, and what comes with its registries
            if not _all_there(header["needs"]):
                return None
        generator = context.codegen()
        library = cls(generator, header["library"])
        library.enable_object_caching()
        library._set_compiled_object(machine_code)
        library._finalize_final_module()
        return library, generator._engine.get_function_address(header["entry"])

    def _module_for_callers(self) -> Any:
        """Return the code as callers link it: what is not referred to is left out, what several bring is merged."""
        if self._for_callers is None:
            if self._finalized:
                return self._get_module_for_linking()
            module = self._final_module.clone()
            for function in module.functions:
                if not function.is_declaration and function.linkage == llvm.Linkage.external:
                    function.linkage = "linkonce_odr"
            self._for_callers = module
        return self._for_callers


class _Later:
    """The code generator of a library without machine code."""

    def __init__(self, library: KernelLibrary) -> None:
        self._library = library

    def set_env(self, name: str, environment: Any) -> None:
        """Remember the environment of a function."""
        self._library.environments[name] = environment

    def __getattr__(self, name: str) -> Any:
        return getattr(self._library._codegen, name)


def _all_there(symbols: list[str]) -> bool:
    return all(llvm.address_of_symbol(name) is not None for name in symbols)


def _defines(module: Any, name: str) -> bool:
    try:
        return not module.get_function(name).is_declaration
    except NameError:
        return False


def _callees(root: Any) -> list[Any]:
    """Return the libraries below a library, callers before what they call; those with machine code bring their own."""
    done: list[Any] = []
    seen = {root}

    def visit(library: Any) -> None:
        if isinstance(library, KernelLibrary) and (library is root or library.brings_no_callees):
            for callee in library._linking_libraries:
                if callee not in seen:
                    seen.add(callee)
                    visit(callee)
        done.append(library)

    visit(root)
    return done[-2::-1]


@contextlib.contextmanager
def _for_kernels(context: Any) -> Iterator[None]:
    """Let what is compiled meanwhile, overloads of numba included, be kernel libraries; under the compiler lock.

    The modules that register what numba knows are imported once, not a thousand times.
    """
    generator = context.codegen()
    before = generator._library_class, context.load_additional_registries
    context.refresh()

    def install() -> None:
        for registry in list(context._registries):
            context.install_registry(registry)

    generator._library_class, context.load_additional_registries = KernelLibrary, install
    try:
        yield
    finally:
        generator._library_class, context.load_additional_registries = before


class _Pipeline(CompilerBase):
    """The default pipeline of numba without what kernels have no use for."""

    def define_pipelines(self) -> list[Any]:
        """Return the one pipeline."""
        full = DefaultPassBuilder.define_nopython_pipeline(self.state)
        if self.state.func_ir is not None or _has_functions_inside(self.state.func_id.func):
            return [full]
        lean = PassManager("nopython")
        for step, description in full.passes:
            if step not in _NOT_FOR_KERNELS:
                lean.add_pass(step, description)
        lean.finalize()
        return [lean]


_NOT_FOR_KERNELS = {WithLifting, InlineClosureLikes, NopythonRewrites}  # the last is for expressions of whole arrays


def _has_functions_inside(function: Any) -> bool:
    return any(hasattr(constant, "co_code") for constant in function.__code__.co_consts)


class _Compiler(numba_dispatcher._FunctionCompiler):
    """Compiles with the wrappers that a use needs."""

    use = PYTHON

    def _customize_flags(self, flags: Any) -> Any:
        flags.no_cpython_wrapper = self.use != PYTHON
        flags.no_cfunc_wrapper = self.use != ADDRESS
        return flags


class KernelDispatcher(CPUDispatcher):
    """What stands for a kernel: numba's dispatcher, with a compiled version for each use."""

    def __init__(self, function: Callable, targetoptions: dict[str, Any]) -> None:
        super().__init__(function, {}, targetoptions, pipeline_class=_Pipeline)
        self._compiler.__class__ = _Compiler  # made by numba with all that it needs
        self._inner: dict[Any, Any] = {}
        self._entered: dict[Any, tuple[KernelLibrary, int]] = {}
        weakref.finalize(self, _release, self._inner, self.targetctx).atexit = False

    def __reduce__(self) -> Any:
        """Say where it is: functions of users call our kernels, and numba would send the source of those along."""
        module, name = sys.modules.get(self.__module__), self.__name__
        return name if getattr(module, name, None) is self else super().__reduce__()

    def compile(self, sig: Any) -> Any:
        """Compile for calls from Python."""
        args = tuple(sigutils.normalize_signature(sig)[0])
        if args not in self.overloads:
            whole(lambda: self._compile_once(args, sig))
        return self.overloads[args].entry_point

    def _compile_once(self, args: tuple[Any, ...], sig: Any) -> None:
        with global_compiler_lock:
            if args not in self.overloads:
                self.add_overload(self._compiled(PYTHON, sig))

    def address(self, signature: Any) -> int:
        """Return the address of the compiled kernel of a signature; it stays valid while the kernel lives."""
        args = tuple(signature.args)
        if args not in self._entered:
            whole(lambda: self._enter(args, signature))
        return self._entered[args][1]

    def _enter(self, args: tuple[Any, ...], signature: Any) -> None:
        with global_compiler_lock:
            if args not in self._entered:
                self._entered[args] = self._load(signature) or self._load_or_make(signature)

    def _load_or_make(self, signature: Any) -> tuple[KernelLibrary, int]:
        with self._turn("code", signature) as somebody_made_it:
            return (somebody_made_it and self._load(signature)) or self._make(signature)

    def _turn(self, use: str, signature: Any) -> contextlib.AbstractContextManager[bool]:
        return one_at_a_time(self._cache.path(use, signature) if isinstance(self._cache, DiskCache) else None)

    def _load(self, signature: Any) -> tuple[KernelLibrary, int] | None:
        """Return the library and the address of a kernel that is entered by its address, if it was kept."""
        if not isinstance(self._cache, DiskCache):
            return None
        code = self._cache.load_code(signature, self.targetctx.codegen())
        found = None if code is None else KernelLibrary.from_code(self.targetctx, code)
        (self._cache_misses if found is None else self._cache_hits)[signature] += 1
        return found

    def _make(self, signature: Any) -> tuple[KernelLibrary, int]:
        """Compile and keep a kernel that is entered by its address."""
        with told():
            result = self._compiled(ADDRESS, signature)
            library, name = result.library, result.fndesc.llvm_cfunc_wrapper_name
            address = library.get_pointer_to_function(name)
        code = library.code(name) if isinstance(self._cache, DiskCache) else None
        if code is not None:
            self._cache.save_code(signature, code)
        return library, address

    def get_call_template(self, args: Any, kws: Any) -> Any:
        """Compile for a call from another kernel; return what numba's type inference wants."""
        with global_compiler_lock:
            signature, folded = self._compiler.fold_argument_types(args, kws)
            if tuple(folded) not in self._inner:
                self._inner[tuple(folded)] = self._compiled(INNER, tuple(folded))
            name = self.py_func.__name__
            template = numba_dispatcher.typing.make_concrete_template(
                f"CallTemplate({name})", key=name, signatures=self.nopython_signatures
            )
            return template, signature, folded, {}

    @property
    def nopython_signatures(self) -> list[Any]:
        """Signatures for which other kernels can call this one."""
        return [result.signature for result in self._inner.values()]

    def get_overload(self, sig: Any) -> Any:
        """Return the key by which numba finds the version for a call from another kernel."""
        args, _ = sigutils.normalize_signature(sig)
        return self._inner[tuple(args)].entry_point

    def _compiled(self, use: str, sig: Any) -> Any:
        """Load a version from disk or compile it."""
        kept = use == PYTHON and isinstance(self._cache, DiskCache)
        with told() if use == PYTHON else contextlib.nullcontext(), self._compiling_counter, _for_kernels(self.targetctx):
            return (kept and self._kept(use, sig)) or self._made(use, sig, kept)

    def _kept(self, use: str, sig: Any) -> Any:
        """Load a version from disk, or None."""
        result = self._cache.load_overload(sig, self.targetctx, use)
        (self._cache_misses if result is None else self._cache_hits)[sig] += 1
        return result

    def _made(self, use: str, sig: Any, keep: bool) -> Any:
        """Compile a version, and keep it; or load it where another process just has."""
        with self._turn(use, sig) as somebody_made_it:
            if keep and somebody_made_it and (result := self._kept(use, sig)):
                return result
            args, returns = sigutils.normalize_signature(sig)
            details = {"dispatcher": self, "args": args, "return_type": returns}
            self._compiler.use = use
            with event.trigger_event("numba:compile", data=details):
                result = self._compiler.compile(args, returns)
            if keep:
                self._cache.save_overload(sig, result, use)
            return result


def _aliases(assign: Any, args: Any, typemap: Any, func_ir: Any, alias_map: Any, arg_aliases: Any) -> None:
    """Tell numba (0.68) that parts of a record, and what is made of arrays, are the same memory.

    It knows that of elements taken by index, and of attributes of arguments. What it does not know it takes for dead code
    where an overload is inlined: the last write through an attribute of a local record, or through unpacked names.
    """
    value, name = assign.value, assign.target.name
    if isinstance(value, ir.Expr) and not ir_utils.is_immutable_type(name, typemap):
        parts = {"getattr": lambda: [value.value], "exhaust_iter": lambda: [value.value], "build_tuple": lambda: value.items,
                 "call": lambda: [*value.args, *(part for _, part in value.kws)]}.get(value.op, list)()  # fmt: skip
        for part in parts:
            if not ir_utils.is_immutable_type(part.name, typemap):
                ir_utils._add_alias(name, part.name, alias_map, arg_aliases)


ir_utils.alias_analysis_extensions[ir.Assign] = _aliases


def _release(results: dict[Any, Any], context: Any) -> None:
    for result in results.values():
        with contextlib.suppress(KeyError):
            context.remove_user_function(result.entry_point)


@functools.cache
def is_numba_as_known() -> bool:
    """Say whether numba's private pieces that this file leans on have the shape it was written for."""
    try:
        return all(list(inspect.signature(piece).parameters) == names for piece, names in (
            (CPUDispatcher.compile, ["self", "sig"]),
            (CPUDispatcher.get_call_template, ["self", "args", "kws"]),
            (CPUDispatcher.get_overload, ["self", "sig"]),
            (numba_dispatcher._FunctionCompiler._customize_flags, ["self", "flags"]),
            (ir_utils._add_alias, ["lhs", "rhs", "alias_map", "arg_aliases"]),
            (cpu.CPUContext.load_additional_registries, ["self"]),
            (cpu.CPUContext.install_registry, ["self", "registry"]),
            (codegen.JITCodeLibrary.add_linking_library, ["self", "library"]),
            (codegen.JITCodeLibrary.finalize, ["self"]),
            (codegen.JITCodeLibrary._optimize_final_module, ["self"]),
            (codegen.JITCodeLibrary._finalize_final_module, ["self"]),
            (codegen.JITCodeLibrary._get_module_for_linking, ["self"]),
        )) and codegen.JITCPUCodegen._library_class is codegen.JITCodeLibrary  # fmt: skip
    except (AttributeError, TypeError, ValueError):
        return False
