"""A model of tokens with hand-set units: of the token, of two tokens, of the one before, of the position, of more."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

import neuronwidget as nw

NAMES = ("token", "before", "bigram", "position")


class Reads(nn.Module):
    """Units 0 to 3 read what `NAMES` says, with a little noise of the whole text; the rest read six tokens back.

    What is read of a token is one of two things, drawn by `seed`: so two tokens in a row fit at a quarter of places.
    """

    def __init__(self, vocabulary: int, others: int, seed: int) -> None:
        super().__init__()
        source = torch.Generator().manual_seed(seed)
        self.marked = nn.Embedding.from_pretrained((torch.rand(vocabulary, 1, generator=source) < 0.5).float())
        self.angles = nn.Embedding.from_pretrained(6.283 * torch.rand(vocabulary, others, generator=source))
        self.units = nn.Identity()
        self.out = nn.Linear(4 + others, vocabulary)

    def forward(self, ids: Tensor) -> Tensor:
        marked = self.marked(ids)
        before = torch.cat([torch.zeros_like(marked[:, :1]), marked[:, :-1]], 1)
        position = torch.arange(ids.shape[1], device=ids.device)[None, :, None].expand(len(ids), -1, -1) / 32
        far = angles = self.angles(ids)
        for back in range(1, 6):
            far = far + torch.cat([torch.zeros_like(far[:, :back]), angles[:, :-back]], 1)
        far = far.sin()
        units = torch.cat([marked, before, marked * before, position.sin()], 2) + 0.1 * far[:, :, :1]
        out: Tensor = self.out(self.units(torch.cat([units, far], 2)))
        return out


def model(vocabulary: int, others: int, seed: int) -> Any:
    """Attached; a text is the numbers of its tokens, between blanks."""
    inputs = nw.TextInputs(
        lambda text: [int(number) for number in text.split()],
        lambda ids: "".join(f"{number} " for number in ids),
        sample=" ".join(map(str, range(min(vocabulary, 20)))),
    )
    return nw.attach(Reads(vocabulary, others, seed).eval(), inputs=inputs)


def texts(vocabulary: int, documents: int, length: int, seed: int) -> list[str]:
    """Tokens drawn at random, some of them much more often than others, as words are."""
    source = np.random.default_rng(seed)
    odds = 1 / (3 + np.arange(vocabulary))
    drawn = source.choice(vocabulary, (documents, length), p=odds / odds.sum())
    return [" ".join(map(str, row)) for row in drawn]
