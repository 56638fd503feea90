"""Compiles a loop with numba into object code that runs without numba."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import llvmlite.binding as llvm
import numba

from neuronwidget.atlas.count.by_numba.numbers import COMPILED

# What loops ask of numba while they run: memory, whose head has five words (references, two that are not used, where it
# begins, its size), and the exponent of a number. Memory begins at a multiple of 64.
_RUNTIME = """
declare i8* @malloc(i64)
declare void @free(i8*)
declare double @frexp(double, i32*)

define i8* @NRT_MemInfo_alloc_aligned(i64 %size, i32 %align) {
  %room = add i64 %size, 128
  %block = call i8* @malloc(i64 %room)
  %none = icmp eq i8* %block, null
  br i1 %none, label %end, label %fill
fill:
  %place = ptrtoint i8* %block to i64
  %beyond = add i64 %place, 127
  %begin = and i64 %beyond, -64
  %data = inttoptr i64 %begin to i8*
  %head = bitcast i8* %block to {i64, i8*, i8*, i8*, i64}*
  store {i64, i8*, i8*, i8*, i64} {i64 1, i8* null, i8* null, i8* null, i64 0}, {i64, i8*, i8*, i8*, i64}* %head
  %start = getelementptr {i64, i8*, i8*, i8*, i64}, {i64, i8*, i8*, i8*, i64}* %head, i32 0, i32 3
  store i8* %data, i8** %start
  br label %end
end:
  ret i8* %block
}

define void @NRT_MemInfo_call_dtor(i8* %block) {
  call void @free(i8* %block)
  ret void
}

define double @numba_frexp(double %x, i32* %exponent) {
  %part = call double @frexp(double %x, i32* %exponent)
  %bits = bitcast double %x to i64
  %size = and i64 %bits, 9218868437227405312
  %strange = icmp eq i64 %size, 9218868437227405312
  br i1 %strange, label %zero, label %end
zero:
  store i32 0, i32* %exponent
  br label %end
end:
  ret double %part
}
"""
_HEAD = "{i64, i8*, i8*, i8*, i64}"
_OURS = ("NRT_MemInfo_alloc_aligned", "NRT_MemInfo_call_dtor", "numba_frexp")


def object_code(dispatcher: Any, args: tuple[Any, ...], name: str, from_c: Sequence[str]) -> bytes | None:
    """Code of a loop for such arguments, as a function of this `name`; None where that asks for more of numba.

    `from_c`: what it may ask of the process. The function takes where to put its result and what it raises, then the
    parts of the arguments.
    """
    plain: dict[str, Any] = {**COMPILED, "cache": False, "no_cpython_wrapper": True, "no_cfunc_wrapper": True}
    loop = numba.njit(**plain)(dispatcher.py_func)
    types = tuple(map(numba.typeof, args))
    loop.compile(types)
    if loop.overloads[types].signature.return_type not in (numba.types.none, numba.boolean, numba.int64):
        return None
    module = llvm.parse_assembly(loop.inspect_llvm(types))
    entry = loop.overloads[types].fndesc.llvm_func_name
    asked = {f.name for f in module.functions if f.is_declaration and not f.name.startswith("llvm.")}
    if not asked <= {*_OURS, *from_c} or not _heads_are_ours():
        return None
    runtime = llvm.parse_assembly(_RUNTIME)
    runtime.triple, runtime.data_layout = module.triple, module.data_layout
    module.link_in(runtime)
    for function in module.functions:
        if not function.is_declaration and function.name != entry:
            function.linkage = "internal"  # so that several can be loaded side by side
    module.get_function(entry).name = name
    module.verify()
    code: bytes = _target_machine().emit_object(module)
    return code


def _heads_are_ours() -> bool:
    """Does memory of this numba begin as `_RUNTIME` says?"""
    from numba.core.runtime import nrtdynmod

    return str(getattr(nrtdynmod, "_meminfo_struct_type", "")).replace(" ", "") == _HEAD.replace(" ", "")


def _target_machine() -> Any:
    """The processor, as numba compiles for it."""
    target = llvm.Target.from_triple(llvm.get_process_triple())
    static = llvm.get_process_triple().startswith(("x86", "i386", "i686"))
    return target.create_target_machine(
        cpu=llvm.get_host_cpu_name(),
        features=llvm.get_host_cpu_features().flatten(),
        opt=3,
        reloc="static" if static else "default",
        codemodel="jitdefault",
        jit=True,
    )
