"""How the rules of the compiled engine are compiled: each typed by Numba, all optimised at once.

Numba would optimise each function by itself, together with all that it calls, and then again as a
part of each that calls it; that takes eight times as long. So this is a target of its own (see
:mod:`numba.core.target_extension`), whose functions stay as they are lowered until all are known.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from functools import cached_property
from typing import Any, TypeVar, cast

import llvmlite.binding as _binding
import numba
from numba.core import codegen, compiler, cpu, registry, target_extension, types
from numba.core.runtime import nrt

from simsched.engine.object_files import target_machine

F = TypeVar("F", bound=Callable[..., Any])

_OPTIONS: dict[str, Any] = {
    "nopython": True,
    "nogil": True,
    "error_model": "numpy",
    "no_cpython_wrapper": True,
    "no_cfunc_wrapper": True,
}

_UNUSED_PASSES = (
    "WithLifting",
    "InlineClosureLikes",
    "GenericRewrites",
    "RewriteDynamicRaises",
    "MakeFunctionToJitFunction",
    "InlineInlinables",
    "FindLiterallyCalls",
    "LiteralUnroll",
    "LiteralPropagationSubPipelinePass",
    "InlineOverloads",
    "NopythonRewrites",
    "AnnotateTypes",
    "DumpParforDiagnostics",
)
"""Passes of Numba for what no rule has: closures, arrays, lists, raised errors."""

_NAME = "simsched"

_config: Any = numba.config
_int64: Any = numba.int64
_llvm: Any = _binding
_runtime: Any = nrt.rtsys

# LLVM 22 fails on some loops of the rules in this pass, which gains nothing measurable here.
_llvm.set_option("simsched", "-disable-lsr")

# Numba names a function by the types of its arguments, and a record by all of its fields. That
# makes a hundred megabytes of names, and longer ones than LLVM reads; a number will do.
_kinds: Any = (types.Record, types.NamedTuple)
for _kind in _kinds:
    _kind.mangling_args = property(lambda self: (f"{type(self).__name__}{self._code}", ()))


class _Library(codegen.JITCodeLibrary):
    """The code of a function as it is lowered, and which libraries have what it calls."""

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self.modules: list[Any] = []
        self.called: list[_Library] = []

    def add_llvm_module(self, ll_module: Any) -> None:
        self.modules.append(ll_module)

    def add_linking_library(self, library: Any) -> None:
        if isinstance(library, _Library):  # the other is Numba's runtime, which no rule needs
            self.called.append(library)

    def finalize(self) -> None:
        self._finalized = True

    def get_pointer_to_function(self, name: str) -> int:
        del name
        return 0  # there is none: nothing is called from Python

    def whole(self) -> Any:
        """Return one module of this function and all that it calls, directly or not."""
        module = _llvm.parse_assembly("")
        found, left = {self}, [self]
        while left:
            one = left.pop()
            for each in one.modules:
                module.link_in(each, preserve=True)
            left += [each for each in dict.fromkeys(one.called) if each not in found]
            found.update(one.called)
        return module


class _Codegen(codegen.JITCPUCodegen):
    _library_class = _Library

    def set_env(self, env_name: str, env: Any) -> None:
        """Set nothing: the rules need nothing of Python."""


class _Context(cpu.CPUContext):
    def init(self) -> None:
        super().init()
        self._internal_codegen = _Codegen(_NAME)

    def load_additional_registries(self) -> None:
        # The first context to get here compiles Numba's runtime for all. By this one it would be
        # without code, for whatever else a program has Numba compile.
        _runtime.initialize(registry.cpu_target.target_context)
        super().load_additional_registries()


class _Description(registry.CPUTarget):
    @cached_property
    def _toplevel_target_context(self) -> _Context:
        return _Context(self.typing_context, self._target_name)


class _Target(target_extension.CPU):
    pass


class _Compiler(compiler.Compiler):
    def define_pipelines(self) -> list[Any]:
        pipelines: list[Any] = super().define_pipelines()
        for each in pipelines:
            each.passes = [one for one in each.passes if one[0].__name__ not in _UNUSED_PASSES]
        return pipelines


target_extension.target_registry[_NAME] = _Target


class _Dispatcher(registry.CPUDispatcher):
    targetdescr = _Description(_NAME)

    def __init__(self, function: Callable[..., Any], **options: Any) -> None:
        super().__init__(function, targetoptions=_OPTIONS | options, pipeline_class=_Compiler)

    def get_call_template(self, args: Any, kws: Any) -> Any:
        """Take a constant for any other number, so that a function is not compiled for each."""
        return super().get_call_template([types.unliteral(each) for each in args], kws)


target_extension.dispatcher_registry[_Target] = _Dispatcher
target_extension.jit_registry[_Target] = lambda **_: rule


def rule(function: F) -> F:
    """Return *function*, compiled into every caller: most rules are a few lines."""
    return _compiled(function, forceinline=True)


def apart(function: F) -> F:
    """Return *function*, compiled on its own: it is called rarely, or from many places."""
    # Without the explicit option, Numba hands down the caller's: a function that a rule calls would
    # be compiled into it.
    return _compiled(function, forceinline=False)


def _compiled(function: F, **options: bool) -> F:
    return function if _config.DISABLE_JIT else cast("F", _Dispatcher(function, **options))


def object_code(function: Callable[..., int], name: str) -> bytes:
    """Return machine code for *function* of int64 values, under *name*, as an object file.

    It refers to nothing outside itself: neither to Numba nor to Python. By Numba's calling
    convention it returns a status, and takes two more arguments first: the address of its result,
    and one for an exception.
    """
    dispatcher = _Dispatcher(function)
    dispatcher.compile(_int64(*[_int64] * len(inspect.signature(function).parameters)))
    result: Any
    (result,) = dispatcher.overloads.values()
    module = result.library.whole()
    entry = module.get_function(result.fndesc.llvm_func_name)
    for each in (*module.functions, *module.global_variables):
        if not each.is_declaration and each != entry:
            each.linkage = "internal"
    entry.name = name
    return _emitted(module)


def _emitted(module: Any) -> bytes:
    """Optimise a module, and return its machine code."""
    machine = target_machine()
    how = _llvm.create_pipeline_tuning_options(speed_level=3)
    how.loop_vectorization = how.slp_vectorization = False  # there are no arrays to go through
    how.loop_interleaving = how.loop_unrolling = False
    passes = _llvm.create_pass_builder(machine, how)
    passes.getModulePassManager().run(module, passes)
    return cast("bytes", machine.emit_object(module))
