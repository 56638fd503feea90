"""Models with weights set by hand, so that every number of a golden frame is exact on any processor."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

import neuronwidget as nw

WORDS = ["<bos>", "a", "é", "b", "\n", "</script>"]
TEXT = "aéb\n"


class Lengths:
    """The memory of a model that looks at one token only: how many tokens there were."""

    def __init__(self) -> None:
        self.lengths = [0]

    def crop(self, length: int) -> None:
        self.lengths = [min(self.lengths[0], length)]


class TextModel(nn.Module):
    """Token numbers → a vector of dyadic numbers → two layers with ReLU → the logits 0 and −200."""

    def __init__(self) -> None:
        super().__init__()
        self.table = nn.Embedding(len(WORDS), 3)
        self.first, self.second, self.head = nn.Linear(3, 4), nn.Linear(4, 3), nn.Linear(3, len(WORDS))
        self.relus = nn.ModuleList([nn.ReLU(), nn.ReLU()])
        _set(self.table, [[0, 0, 0], [1, 0, 0.5], [0, 1, -0.25], [1, 1, 0], [0.5, 0, 0], [2, 0, 1]])
        _set(self.first, [[1, 0, 0], [0, 2, 0], [-1, 1, 4], [0.5, 0.5, 0]], [0, 0, 0, 0.25])
        _set(self.second, [[1, 0, 0, 0], [0, -0.5, 1, 0], [0, 0, 0, 2]])
        # Where the third is above a half all is as likely as anything, else only the line break and the tag.
        _set(self.head, [[0, 0, -400], [0, 0, 0], [0, 0, 0], [0, 0, -400], [0, 0, 0], [0, 0, 0]])

    def new_cache(self) -> Lengths:
        return Lengths()

    def forward(self, ids: Tensor, cache: Lengths | None = None) -> Tensor:
        if cache is not None:
            cache.lengths = [cache.lengths[0] + ids.shape[1]]
        inner = self.relus[0](self.first(self.table(ids)))
        return self.head(self.relus[1](self.second(inner)))


class Marked(nn.Conv2d):
    """A convolution whose output is NaN where it would be 1: a value that is no number has a place of its own."""

    def forward(self, x: Tensor) -> Tensor:
        made = super().forward(x)
        return torch.where(made == 1, torch.nan, made)


class Clean(nn.Module):
    """Zero for what is no number."""

    def forward(self, x: Tensor) -> Tensor:
        return x.nan_to_num()


def text(**settings: Any) -> nw.LiveModel:
    """A live model of text; `bos`: every text begins with a token that is no text."""
    bos = settings.pop("bos", False)

    def encode(said: str) -> tuple[list[int], list[tuple[int, int]]]:
        ids, spans, place = ([0], [(0, 0)], 0) if bos else ([], [], 0)
        while place < len(said):
            word = next(word for word in (*WORDS[5:], *WORDS[1:5], said[place]) if said.startswith(word, place))
            ids.append(WORDS.index(word) if word in WORDS else 1)
            spans.append((place, place + len(word)))
            place += len(word)
        return ids, spans

    def decode(ids: list[int]) -> str:
        return "".join(WORDS[i] for i in ids)

    sample = "aéb\naabb"
    inputs = nw.TextInputs(encode, decode, specials={0: "<bos>"}, sample=sample, **settings)
    return nw.attach(TextModel(), inputs=inputs, name="golden text")


def image() -> nw.LiveModel:
    """Pictures of 2 × 4 grey pixels: a convolution over columns, one of 2 × 2 with a border, and two classes."""
    model = nn.Sequential(
        nn.Conv2d(1, 4, (2, 1)), nn.ReLU(), Marked(4, 3, 2, padding=(1, 0)), Clean(), nn.Flatten(), nn.Linear(18, 2)
    )
    first, second, head = model[0], model[2], model[5]
    _set(first, np.array([[1, 0], [0, 1], [0.5, 0.5], [1, -1]]).reshape(4, 1, 2, 1))
    weight = np.zeros((3, 4, 2, 2))
    weight[0, 0, 1, 0], weight[1, 1, 1, 1], weight[2, 2, 0, 0], weight[2, 3, 1, 1] = 1, -0.5, 2, 0.25
    _set(second, weight)
    _set(head, np.zeros((2, 18)), [math.log(3), 0])
    picture = np.array([[0, 64, 128, 255], [255, 32, 16, 0]], np.uint8)

    def preprocess(pixels: Any) -> Tensor:
        return torch.from_numpy(np.ascontiguousarray(pixels[:, :, 0])).float()[None] / 64

    gallery = [(picture, "steps"), (picture[::-1].copy(), "</script>")]
    inputs = nw.ImageInputs(
        (2, 4), ["three", "</script>"], channels=1, preprocess=preprocess, gallery=gallery
    )  # fmt: skip
    return nw.attach(model, inputs=inputs, name="golden image")


def table() -> nw.LiveModel:
    """Rows of a number and a word: three units, and two classes that are certain but at 54."""
    model = nn.Sequential(nn.Linear(3, 3), nn.ReLU(), nn.Linear(3, 2))
    _set(model[0], [[1 / 64, 0, 0], [0, 1, 0], [-1 / 64, 0, 1]], [0, 0.5, 2])
    _set(model[2], [[512, 0, 0], [0, 0, 0]], [-512 * 54 / 64, 0])
    inputs = nw.TableInputs({"age": (18, 90), "sex": ["female", "male"]}, ["ill", "well"])
    return nw.attach(model, inputs=inputs, name="golden table")


def _set(module: nn.Module, weight: Any, bias: Any = 0.0) -> None:
    with torch.no_grad():
        module.weight.copy_(torch.tensor(np.asarray(weight), dtype=torch.float32))
        if getattr(module, "bias", None) is not None:
            module.bias.copy_(torch.tensor(bias, dtype=torch.float32).expand_as(module.bias))
