"""Leaves the interpreter while something is under way: `python leaver.py KIND HOW`. Prints "under way" before."""

from __future__ import annotations

import contextlib
import sys
import threading
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

import neuronwidget as nw

LAYERS, WIDTH, TOKENS = 60, 256, 1024


class Deep(nn.Module):
    """Many layers, each of some milliseconds; says when a pass is under way. `stubborn`: catches whatever is raised."""

    def __init__(self, first: nn.Module, *, stubborn: bool = False) -> None:
        super().__init__()
        self.first, self.stubborn = first, stubborn
        self.layers = nn.ModuleList(nn.Linear(WIDTH, WIDTH) for _ in range(LAYERS))
        self.under_way = threading.Event()
        self.on = False

    def forward(self, x: Tensor) -> Tensor:
        x = self.first(x)
        for layer in self.layers:
            if self.on:
                self.under_way.set()
            with contextlib.suppress(BaseException) if self.stubborn and self.on else contextlib.nullcontext():
                x = x + torch.relu(layer(x))
        return x


class Rows(nn.Module):
    """A picture or row, as many times as there are rows."""

    def __init__(self, numbers: int) -> None:
        super().__init__()
        self.dense = nn.Linear(numbers, WIDTH)

    def forward(self, x: Tensor) -> Tensor:
        return self.dense(x.flatten(1))[:, None].expand(-1, TOKENS, -1).contiguous()


def model_of(kind: str) -> tuple[nw.LiveModel, Deep, dict[str, Any], list[bytes]]:
    """A live model, its module, what to ask, and the bytes that go with it."""
    if kind == "image":
        module = Deep(Rows(48))
        live = nw.attach(module, inputs=nw.ImageInputs(4))
        return live, module, {"input": {"kind": "image", "width": 4, "height": 4}}, [bytes(range(48))]
    if kind == "table":
        module = Deep(Rows(2))
        live = nw.attach(module, inputs=nw.TableInputs({"a": (0, 1), "b": (0, 1)}))
        parts = {"trace": {}, "sweep": {"column": "a", "points": 50}}
        return live, module, {"input": {"kind": "table", "row": {"a": 0.7}}, "parts": parts}, []
    module = Deep(nn.Embedding(256, WIDTH), stubborn=kind == "stubborn")
    inputs = nw.TextInputs(lambda text: list(text.encode()), lambda ids: bytes(ids).decode(), context=TOKENS)
    live = nw.attach(module, inputs=inputs)
    parts = {"trace": {}, "map": {"height": 50, "width": 50}}
    return live, module, {"input": {"kind": "text", "text": "x" * TOKENS}, "parts": parts}, []


def press(live: nw.LiveModel, module: Deep, ask: dict[str, Any], buffers: list[bytes]) -> nw.Explorer:
    """A key: the page asks, the worker answers."""
    explorer = nw.Explorer(live)
    module.on = True
    last = live.sites.defaults[-1].name
    explorer._receive(explorer, {"v": 2, "kind": "ask", "seq": 1, "site": last, **ask}, buffers)
    module.under_way.wait()
    return explorer


def main() -> None:
    kind, how, folder = sys.argv[1:]
    live, module, ask, buffers = model_of(kind)
    shown = press(live, module, ask, buffers)
    if how == "scan":
        # In the middle of a scan with helper threads, while a key is answered.
        torch.set_num_threads(2)
        other = nw.demo("code")
        texts = (f"def f{i}(x): return {i}" for i in range(100_000))

        def leave(_: object) -> None:
            module.under_way.clear()
            other = {**ask, "input": {"kind": "text", "text": "y" * TOKENS}}
            shown._receive(shown, {"v": 2, "kind": "ask", "seq": 2, "site": shown.site, **other}, [])
            module.under_way.wait()
            print("under way", flush=True)
            sys.exit(3)

        nw.scan(other, texts, out=Path(folder) / "atlas", sites=["mlp.0"], progress=leave)
    print("under way", flush=True)
    if how == "raise":
        raise RuntimeError("the end")
    if how == "exit":
        sys.exit(3)


if __name__ == "__main__":
    main()
