"""The compiled loops, as they are called: without numba, which takes a second of a core to be loaded.

Each is a function of a module beside this one, which numba compiles once for each kind of arguments; what came of it is
kept (`objects`), and called here as a function of C is. Arguments are arrays, tuples of them, integers and truths; what
is returned is an integer or a truth, as an integer.
"""

from __future__ import annotations

import ctypes
import threading
from collections.abc import Callable
from typing import Any

import numpy as np

from neuronwidget.atlas.count.by_numba import objects

_FLAGS = 0x1 | 0x2 | 0x100 | 0x400  # numpy's: in the order of C, of Fortran, aligned, writeable
_DONE = (0, -2)  # what numba's functions return where nothing was raised; −2 with a result of None
_one_at_a_time = threading.Lock()

Function = Callable[[list[Any], tuple[Any, ...]], int]


class Loop:
    """A loop by its module and name; called like a function."""

    def __init__(self, module: str, name: str) -> None:
        self.module, self.name = module, name
        self._functions: dict[tuple[Any, ...], Function] = {}

    def __call__(self, *args: Any) -> int:
        plain: list[Any] = []
        kinds: list[Any] = []
        for arg in args:
            _take_apart(arg, plain, kinds)
        function = self._functions.get(tuple(kinds))
        if function is None:
            with _one_at_a_time:
                function = self._functions[tuple(kinds)] = self._made(args)
        return function(plain, args)

    def _made(self, args: tuple[Any, ...]) -> Function:
        """What runs the loop for arguments of these kinds."""
        types: list[Any] = []
        described = ", ".join(_described(arg, types) for arg in args)
        address = self._address(described, args)
        return self._by_numba if address is None else _native(address, types)

    def _address(self, described: str, args: tuple[Any, ...]) -> int | None:
        """Where its code lies in memory; None where only numba can run it. What is not kept is compiled."""
        machine = objects.machine()
        if machine is None:
            return None
        name = machine.name_of(self.name, f"{self.module}.{self.name}({described})")
        content = objects.kept(name)
        if content is None:
            from neuronwidget.atlas.count.by_numba.compiling import object_code

            content = object_code(self._dispatcher(), args, name, objects.FROM_C)
            if content is None:
                return None
            objects.keep(name, content)
        return machine.loaded(name, content)

    def _dispatcher(self) -> Any:
        """The loop as numba calls it."""
        from neuronwidget.atlas.count.by_numba import choosing, counting, limits, numbers, tables, windows

        modules = (choosing, counting, limits, numbers, tables, windows)
        named = {module.__name__.rpartition(".")[2]: module for module in modules}
        return getattr(named[self.module], self.name)

    def _by_numba(self, _: list[Any], args: tuple[Any, ...]) -> int:
        """Where its code is of no use without numba."""
        return int(self._dispatcher()(*args) or 0)


def _take_apart(arg: Any, plain: list[Any], kinds: list[Any]) -> None:
    """Adds to `plain` what numba's functions take for an argument, and to `kinds` what tells its type."""
    if isinstance(arg, np.ndarray):
        # Who counts references to it and who owns it, nobody; entries, bytes of each, where they are, shape, strides.
        plain += (0, 0, arg.size, arg.itemsize, arg.__array_interface__["data"][0], *arg.shape, *arg.strides)
        kinds += (arg.dtype.char, arg.ndim, arg.flags.num & _FLAGS)
    elif isinstance(arg, tuple):
        for one in arg:
            _take_apart(one, plain, kinds)
    else:
        plain.append(arg)
        kinds.append(type(arg))


def _described(arg: Any, types: list[Any]) -> str:
    """The type of an argument in letters; adds to `types` what C calls the parts of `_take_apart`.

    >>> _described((np.zeros((2, 3), np.float32), True), [])
    '(<f4 2 C w, bool)'
    """
    if isinstance(arg, np.ndarray):
        types += [ctypes.c_void_p] * 2 + [ctypes.c_int64] * 2 + [ctypes.c_void_p] + [ctypes.c_int64] * (2 * arg.ndim)
        flags = arg.flags
        order = "C" if flags.c_contiguous else "F" if flags.f_contiguous else "A"
        words = [arg.dtype.str, str(arg.ndim), order, *["w"] * flags.writeable, *["crooked"] * (not flags.aligned)]
        return " ".join(words)
    if isinstance(arg, tuple):
        return f"({', '.join(_described(one, types) for one in arg)})"
    types.append(ctypes.c_bool if isinstance(arg, bool) else ctypes.c_int64)
    return "bool" if isinstance(arg, bool) else "int"


def _native(address: int, types: list[Any]) -> Function:
    """The function that lies there. While it runs, other threads do, too."""
    function = ctypes.CFUNCTYPE(ctypes.c_int32, ctypes.c_void_p, ctypes.c_void_p, *types)(address)

    def call(plain: list[Any], _: tuple[Any, ...]) -> int:
        result, raised = ctypes.c_int64(), ctypes.c_void_p()
        status = function(ctypes.addressof(result), ctypes.addressof(raised), *plain)
        if status not in _DONE:
            raise MemoryError("A compiled loop found no memory to work in.")
        return result.value

    return call


take_in = Loop("windows", "take_in")
take, widen_cells, cell_rulers = (Loop("tables", name) for name in ("take", "widen_cells", "cell_rulers"))
find_least, find_cell_limits = (Loop("limits", name) for name in ("find_least", "find_cell_limits"))
