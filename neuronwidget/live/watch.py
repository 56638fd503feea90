"""Runs a model once with an eye on every module."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field

from torch import Tensor, nn

from neuronwidget.live.capture import first_tensor, undisturbed


@dataclass
class Event:
    """One call of one module: what went in and what came out."""

    path: str
    call: int
    inside: Tensor | None
    outside: Tensor | None
    versions: tuple[int, int]

    @property
    def changed_later(self) -> tuple[bool, bool]:
        """Did the model write into the input or the output after this call?"""
        return (
            self.inside is not None and self.inside._version != self.versions[0],
            self.outside is not None and self.outside._version != self.versions[1],
        )


@dataclass
class Trace:
    """All calls of a pass, in the order in which they ended, and what the model returned."""

    events: list[Event] = field(default_factory=list)
    output: object = None


def watch_pass(root: nn.Module, modules: dict[str, nn.Module], run: Callable[[], object]) -> Trace:
    """Run the model with an eye on every module."""
    trace = Trace()
    calls: dict[str, int] = {}
    handles = []
    thread = threading.get_ident()

    def note(path: str) -> Callable[..., None]:
        def hook(_: nn.Module, args: tuple[object, ...], kwargs: dict[str, object], output: object) -> None:
            if threading.get_ident() != thread:
                return
            call = calls[path] = calls.get(path, -1) + 1
            inside, outside = first_tensor((args, kwargs)), first_tensor(output)
            versions = (inside._version if inside is not None else 0, outside._version if outside is not None else 0)
            trace.events.append(Event(path, call, inside, outside, versions))

        return hook

    try:
        for path, module in modules.items():
            if path:
                handles.append(module.register_forward_hook(note(path), with_kwargs=True))
        with undisturbed(root):
            trace.output = run()
    finally:
        for handle in handles:
            handle.remove()
    return trace
