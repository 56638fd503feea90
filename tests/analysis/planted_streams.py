"""A model of letters whose stream holds planted things: which letters were read, and what follows from that."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn

import neuronwidget as nw

LETTERS = "abcdefgh"
WIDTH = 16
#: The stream's dimension that a block fills, and the one that the head reads for its first output.
GROUP, SAID = 3, 5


class Planted(nn.Module):
    """Three blocks over a stream.

    A letter of the first half of the alphabet sets dimension `GROUP` to 1, one of the second half to −1. Block 1 copies
    it into dimension `SAID` (one neuron for each sign); the head makes the first two outputs of that alone. Blocks 0
    and 2 write into other dimensions. With `carries`, block 1 copies it from the position that lies `carries` before.
    """

    def __init__(self, carries: int = 0) -> None:
        super().__init__()
        torch.manual_seed(0)
        self.carries = carries
        self.embed = nn.Embedding(len(LETTERS), WIDTH)
        self.blocks = nn.ModuleList(Block() for _ in range(3))
        self.head = nn.Linear(WIDTH, len(LETTERS), bias=False)
        with torch.no_grad():
            self.embed.weight *= 0.3
            self.embed.weight[:, GROUP] = torch.tensor([1.0] * 4 + [-1.0] * 4)
            self.embed.weight[:, SAID] = 0
            for block in self.blocks:
                block.up.weight[:, SAID] = 0
                block.down.weight[[GROUP, SAID]] = 0
            copying = self.blocks[1]
            copying.up.weight[:2] = 0
            copying.up.weight[0, GROUP], copying.up.weight[1, GROUP] = 1, -1
            copying.down.weight[:, :2] = 0
            copying.down.weight[SAID, 0], copying.down.weight[SAID, 1] = 1, -1
            self.head.weight *= 0
            self.head.weight[0, SAID], self.head.weight[1, SAID] = 4, -4

    def forward(self, ids: Tensor) -> Tensor:
        x = self.embed(ids)
        for number, block in enumerate(self.blocks):
            x = block(x, self.carries if number == 1 else 0)
        out: Tensor = self.head(x)
        return out


class Block(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.up, self.down = nn.Linear(WIDTH, 12), nn.Linear(12, WIDTH, bias=False)
        nn.init.zeros_(self.up.bias)
        with torch.no_grad():
            self.down.weight *= 0.3

    def forward(self, x: Tensor, carries: int = 0) -> Tensor:
        read = torch.roll(x, carries, 1) if carries else x
        if carries:
            read = torch.cat([torch.zeros_like(read[:, :carries]), read[:, carries:]], 1)
        added: Tensor = self.down(self.up(read).relu())
        return x + added


def attached(module: nn.Module) -> Any:
    inputs = nw.TextInputs(
        lambda text: [LETTERS.index(c) for c in text], lambda ids: "".join(LETTERS[i] for i in ids), sample=LETTERS * 4
    )
    return nw.attach(module.eval(), inputs=inputs, predicts="next")
