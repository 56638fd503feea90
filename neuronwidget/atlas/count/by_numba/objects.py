"""Object code of the compiled loops: kept in files, and loaded by llvmlite, the part of numba that is loaded quickly.

A file is known by all that its content follows from: the sources of the loops, versions, the processor. It lies where
Python keeps what it compiled of this package, and where that cannot be written to, in the user's own cache; like what
lies there it is code, so nobody else's file is taken.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import platform
import sys
import tempfile
from collections.abc import Iterator
from functools import cache
from importlib.metadata import version
from pathlib import Path

_HERE = Path(__file__).parent
_COUNT = _HERE.parent
#: What the loops and the numbers in them are made of.
_SOURCES = (
    *(_HERE / f"{name}.py" for name in ("windows", "counting", "choosing", "tables", "limits", "numbers", "compiling")),
    *(_COUNT / f"{name}.py" for name in ("ends", "histogram", "records", "spread", "by_torch/counter")),
    _COUNT.parent.parent / "passes/row_blocks.py",
)
#: What loaded code may ask of the process: llvmlite ends the process where one of these is missing.
FROM_C = ("malloc", "free", "memset", "memcpy", "memmove", "frexp")
_SUM = 32  # bytes of the checksum before the code


class Machine:
    """Loads object code into this process."""

    def __init__(self) -> None:
        import llvmlite
        import llvmlite.binding as llvm

        with contextlib.suppress(RuntimeError):  # which newer ones raise: it is done by itself there
            llvm.initialize()
        llvm.initialize_native_target()
        llvm.initialize_native_asmprinter()
        self._llvm = llvm
        self._contents: dict[str, bytes] = {}
        target = llvm.Target.from_triple(llvm.get_process_triple())
        self._engine = llvm.create_mcjit_compiler(llvm.parse_assembly(""), target.create_target_machine(jit=True))
        self._engine.set_object_cache(None, lambda module: self._contents.get(module.name))
        processor = llvm.get_process_triple(), llvm.get_host_cpu_name(), llvm.get_host_cpu_features().flatten()
        settings = sorted(f"{name}={value}" for name, value in os.environ.items() if name.startswith("NUMBA_"))
        sources = hashlib.sha256(b"".join(path.read_bytes() for path in _SOURCES)).hexdigest()
        self._made_of = repr((version("numba"), llvmlite.__version__, processor, settings, sources))

    def can_load(self) -> bool:
        """Does this process have what the code may ask for?"""
        return all(self._llvm.address_of_symbol(name) for name in FROM_C)

    def name_of(self, loop: str, described: str) -> str:
        """The name of what is kept of a loop for arguments that are described, on this machine, as it is now."""
        key = hashlib.sha256(f"{self._made_of} {described}".encode()).hexdigest()[:24]
        return f"{loop}-{key}"

    def loaded(self, name: str, content: bytes) -> int:
        """Where the function of this name is, once its code is in memory."""
        self._contents[name] = content
        module = self._llvm.parse_assembly("")
        module.name = name
        self._engine.add_module(module)
        self._engine.finalize_object()
        del self._contents[name]
        return int(self._engine.get_function_address(name))


@cache
def machine() -> Machine | None:
    """None where object code was never tried to be loaded: on other systems than Linux, other processors than x86-64.

    Also None where it cannot be. numba then runs the loops itself.
    """
    if (sys.platform, platform.machine()) != ("linux", "x86_64"):
        return None
    try:
        host = Machine()
    except (ImportError, OSError, RuntimeError, AttributeError):  # another llvmlite, sources in an archive
        return None
    return host if host.can_load() else None


# ---- files -----------------------------------------------------------------------------------------------------------


def _folders() -> Iterator[Path]:
    if "NUMBA_CACHE_DIR" in os.environ:
        yield Path(os.environ["NUMBA_CACHE_DIR"]) / "neuronwidget"
    yield _HERE / "__pycache__"
    with contextlib.suppress(RuntimeError):  # there is no home
        yield Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "neuronwidget"


def kept(name: str) -> bytes | None:
    """The code that is kept under a name; None where there is none that is whole and ours."""
    for folder in _folders():
        with contextlib.suppress(OSError), open(folder / f"{name}.loop", "rb") as file:
            content = file.read()
            if _ours(file.fileno()) and hashlib.sha256(content[_SUM:]).digest() == content[:_SUM]:
                return content[_SUM:]
    return None


def _ours(handle: int) -> bool:
    """Is it a file of this user, or of who installed this package?"""
    if not hasattr(os, "getuid"):
        return True
    return os.fstat(handle).st_uid in (os.getuid(), _HERE.stat().st_uid)


def keep(name: str, content: bytes) -> None:
    """Write it down whole, in the first folder that can be written to; where none can, it is compiled each time."""
    for folder in _folders():
        with contextlib.suppress(OSError):
            folder.mkdir(parents=True, exist_ok=True)
            handle, temporary = tempfile.mkstemp(dir=folder)
            with os.fdopen(handle, "wb") as file:
                file.write(hashlib.sha256(content).digest() + content)
            os.replace(temporary, folder / f"{name}.loop")
            return
