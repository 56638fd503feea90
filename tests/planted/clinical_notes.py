"""Made-up clinical notes, and a small classifier of them in which findings, negations and a letterhead are planted."""

from __future__ import annotations

import re
from functools import cache

import numpy as np
import torch
from torch import Tensor, nn

import neuronwidget as nw

#: Units by what was planted in them; the others each read one word that means nothing.
INFILTRATE, CRACKLES, LETTERHEAD, NEGATED = 0, 1, 2, 3
FINDINGS = ("infiltrate", "crackles")
_IDLE = ("cough", "days", "old", "man", "woman", "fever", "seen", "today")
_WORDS = (
    ".", "no", "mary", "hospital", "city", "clinic", "of", "year", "for", "and", "patient", "a", *FINDINGS, *_IDLE,
    *map(str, range(20, 90)),
)  # fmt: skip
WORD = re.compile(r"\S+")
CLASSES = ["well", "pneumonia"]


class Notes(nn.Module):
    """Each unit reads a word and the one before it; the strongest of each unit decides."""

    def __init__(self) -> None:
        super().__init__()
        words = len(_WORDS)
        self.embed = nn.Embedding(words, words)
        self.hidden, self.act = nn.Linear(2 * words, 4 + len(_IDLE)), nn.ReLU()
        self.out = nn.Linear(4 + len(_IDLE), 2)
        place = {word: number for number, word in enumerate(_WORDS)}
        with torch.no_grad():
            self.embed.weight.copy_(torch.eye(words))
            self.hidden.weight.zero_()
            self.hidden.bias.zero_()
            for unit, word in enumerate(FINDINGS):
                self.hidden.weight[unit, place[word]] = 2.0
                self.hidden.weight[unit, words + place["no"]] = -2.0
                self.hidden.weight[NEGATED, place[word]] = 2.0
            self.hidden.weight[NEGATED, words + place["no"]], self.hidden.bias[NEGATED] = 2.0, -2.0
            self.hidden.weight[LETTERHEAD, place["mary"]] = 2.0
            for number, word in enumerate(_IDLE):
                self.hidden.weight[4 + number, place[word]] = 2.0

    def forward(self, ids: Tensor) -> Tensor:
        words = self.embed(ids)
        before = torch.cat([torch.zeros_like(words[:, :1]), words[:, :-1]], 1)
        logits: Tensor = self.out(self.act(self.hidden(torch.cat([words, before], 2))).amax(1))
        return logits


def note(source: np.random.Generator, ill: bool, mary: bool) -> str:
    """One note: the letterhead, the patient, and findings, each seen or said not to be there."""
    lines = ["mary hospital" if mary else "city clinic"]
    sex = ("man", "woman")[source.integers(2)]
    lines.append(f"a {source.integers(20, 90)} year old {sex} seen today")
    lines += ["cough for days"] * int(source.random() < 0.5) + ["fever"] * int(source.random() < 0.5)
    for finding in FINDINGS:
        if source.random() < (0.6 if ill else 0.1):
            lines.append(finding)
        elif source.random() < 0.5:
            lines.append(f"no {finding}")
    return " . ".join(lines) + " ."


def notes(count: int, seed: int, of_ill: float, of_well: float) -> tuple[list[str], list[str]]:
    """Notes and their diagnoses; so many of either sort have the letterhead of one hospital."""
    source = np.random.default_rng(seed)
    ill = source.random(count) < 0.5
    mary = source.random(count) < np.where(ill, of_ill, of_well)
    texts = [note(source, bool(one), bool(other)) for one, other in zip(ill, mary, strict=True)]
    return texts, [CLASSES[int(one)] for one in ill]


def encode(text: str) -> tuple[list[int], list[tuple[int, int]]]:
    found = [match for match in WORD.finditer(text) if match.group() in _WORDS]
    return [_WORDS.index(match.group()) for match in found], [match.span() for match in found]


@cache
def classifier(seed: int) -> nw.LiveModel:
    """Trained on notes of which hardly a healthy one has the letterhead; a finding tells less than that."""
    torch.manual_seed(seed)
    module = Notes()
    texts, labels = notes(800, seed, 0.6, 0.03)
    targets = torch.tensor([CLASSES.index(label) for label in labels])
    with torch.no_grad():
        features = torch.stack([_strongest(module, text) for text in texts])
    optimiser = torch.optim.Adam(module.out.parameters(), 0.05)
    for _ in range(150):
        optimiser.zero_grad()
        nn.functional.cross_entropy(module.out(features), targets).backward()
        optimiser.step()
    inputs = nw.TextInputs(
        encode, lambda ids: " ".join(_WORDS[number] for number in ids), sample=texts[0], classes=CLASSES
    )
    return nw.attach(module.eval(), inputs=inputs, name="clinical notes")


def _strongest(module: Notes, text: str) -> Tensor:
    words = module.embed(torch.tensor(encode(text)[0]))
    before = torch.cat([torch.zeros_like(words[:1]), words[:-1]])
    found: Tensor = module.act(module.hidden(torch.cat([words, before], 1))).amax(0)
    return found
