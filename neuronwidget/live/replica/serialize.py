"""Turns a live model into bytes, so that another process gets one that is the same to the last bit.

This is for processes of one scan that trust each other: reading the bytes runs code, as every pickle does.
"""

from __future__ import annotations

import io
import pickle
import threading
import weakref
from typing import TYPE_CHECKING, Any, TypeVar

import torch

if TYPE_CHECKING:
    from types import ModuleType

    from neuronwidget.live.model import LiveModel

T = TypeVar("T")


class SerializeError(RuntimeError):
    """A model that cannot be sent to another process."""


def packed(live: LiveModel, cloudpickle: ModuleType) -> bytes:
    """The model, its inputs and sites. `cloudpickle` is a module that can pickle functions made in a notebook."""

    class Pickler(cloudpickle.Pickler):  # type: ignore[name-defined, misc]
        def reducer_override(self, thing: Any) -> Any:
            """Adapters hold the module weakly, and live models have a lock: both are made anew over there."""
            if isinstance(thing, weakref.ref):
                return _weakly, (thing(),)
            if isinstance(thing, _LOCK):
                return threading.RLock, ()
            return super().reducer_override(thing)

    class Way:
        """What `torch.save` asks of a pickle module."""

    Way.Pickler = Pickler  # type: ignore[attr-defined]
    file = io.BytesIO()
    try:
        # The module on its own too: a live model may hold it weakly.
        torch.save((live.module, live), file, pickle_module=Way)
    except Exception as error:
        raise SerializeError(
            f"{live.name} cannot be sent to another process: {type(error).__name__}: {error}. "
            "Something in the model, its tokenizer or its inputs holds what belongs to this process alone."
        ) from error
    return file.getvalue()


def unpacked(content: bytes) -> LiveModel:
    """The live model, on a graphics card if it was on one and this process has one."""

    def place(storage: Any, location: str) -> Any:
        return storage.cuda() if location.startswith("cuda") and torch.cuda.is_available() else storage

    module, live = torch.load(io.BytesIO(content), map_location=place, pickle_module=pickle, weights_only=False)
    live._kept = module
    return live  # type: ignore[no-any-return]


_LOCK = type(threading.RLock())


def _weakly(thing: T | None) -> Any:
    return _gone if thing is None else weakref.ref(thing)


def _gone() -> None:
    return None
