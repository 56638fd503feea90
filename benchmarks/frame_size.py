"""Bytes of one frame at a 900 × 400 view: `python -m benchmarks.frame_size`."""

from __future__ import annotations

import json
from typing import Any

import torch
from torch import Tensor, nn

import neuronwidget as nw
from neuronwidget.stream.protocol.asks import Ask
from neuronwidget.stream.protocol.inputs import AskedInput, Text
from neuronwidget.widgets.frames.build import FrameBuilder
from neuronwidget.widgets.frames.panels.registry import PANELS

PARTS: dict[str, dict[str, Any]] = {
    "trace": {},
    "map": {"rows": None, "cols": None, "height": 400, "width": 900, "order": "strength"},
    "overview": {"width": 900},
    "guesses": {"most": 8},
    "top": {"most": 20},
}


class Noise(nn.Module):
    """64 layers of 16,384 units each that say random numbers."""

    class Layer(nn.Module):
        """Says random numbers and hands the stream on."""

        def __init__(self) -> None:
            super().__init__()
            self.down = nn.Linear(16_384, 8, bias=False)

        def forward(self, x: Tensor) -> Tensor:
            return x + self.down(torch.randn(1, x.shape[1], 16_384)) * 0

    def __init__(self) -> None:
        super().__init__()
        self.embed = nn.Embedding(128, 8)
        self.layers = nn.ModuleList(self.Layer() for _ in range(64))

    def forward(self, ids: Tensor) -> Tensor:
        x = self.embed(ids)
        for layer in self.layers:
            x = layer(x)
        return x


def main() -> None:
    inputs = nw.TextInputs(lambda t: [ord(c) % 128 for c in t], lambda ids: "".join(map(chr, ids)), context=2048)
    print("| model | tokens | bytes of arrays | bytes of header | wanted |\n|---|---|---|---|---|")
    for live, text in (
        (nw.demo("code"), "def greet(name):\n    return f'hello {name}'\n" * 6),
        (nw.attach(Noise(), inputs=inputs, name="random 64 × 16,384"), "x" * 2048),
    ):
        site = live.sites.defaults[-1]
        ask = Ask(
            seq=1,
            input=AskedInput("text", Text(text, len(text))),
            site=site.name,
            unit=f"{site.name}:0",
            pins=tuple(f"{site.name}:{i}" for i in range(1, 6)),
            parts={name: PANELS[name].read(asked) for name, asked in PARTS.items()},
        )
        content, buffers = FrameBuilder(live).build(ask).encode()
        arrays, header = sum(map(len, buffers)), len(json.dumps(content))
        print(f"| {live.name} | {len(live.inputs.tokens(text))} | {arrays:,} | {header:,} | ≤ 400,000 |", flush=True)


if __name__ == "__main__":
    main()
