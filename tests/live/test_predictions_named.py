"""What an output speaks of can be named, where its shape does not tell."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor, nn

import neuronwidget as nw
from neuronwidget.widgets.frames.build import FrameBuilder
from tests.asks import ask_text

TEXT = "naming"


class Tagger(nn.Module):
    """Tells one of nine phonemes at each letter, or one for the whole text; nothing of it looks ahead."""

    def __init__(self, whole: bool = False) -> None:
        super().__init__()
        torch.manual_seed(0)
        self.embed, self.head, self.whole = nn.Embedding(128, 16), nn.Linear(16, 9), whole

    def forward(self, ids: Tensor) -> Tensor:
        told: Tensor = self.head(self.embed(ids))
        return told.mean(1) if self.whole else told


def attached(whole: bool = False, classes: list[str] | None = None, **named: str) -> nw.LiveModel:
    inputs = nw.TextInputs(lambda t: [*map(ord, t)], lambda ids: "".join(map(chr, ids)), classes=classes)
    return nw.attach(Tagger(whole), inputs=inputs, **named)


def test_what_is_named_is_what_python_and_the_page_say() -> None:
    assert attached().predicts == "next"
    live = attached(predicts="here", output="phoneme")
    assert live.predicts == "here"
    assert list(live.predict(TEXT, k=2)) == ["phoneme", "probability"]
    assert set(live.predict(TEXT, k=9)["phoneme"]) == {str(i) for i in range(9)}
    frame = FrameBuilder(live).build(ask_text(TEXT, live.sites.defaults[0].name, guesses={"most": 3}))
    part = frame.parts["guesses"]
    assert part["about"] == "here"
    assert all(item["text"].startswith("phoneme ") for item in part["list"])
    names = [f"/{letter}/" for letter in "abcdefghi"]
    assert set(attached(classes=names, output="phoneme").predict(TEXT, k=9)["phoneme"]) == set(names)


def test_what_an_output_cannot_speak_of_is_refused() -> None:
    with pytest.raises(nw.AttachError, match="one of next, here, first, whole, not 'before'"):
        attached(predicts="before")
    for predicts in ("next", "here"):
        with pytest.raises(nw.AttachError, match="no row for each token"):
            attached(whole=True, predicts=predicts)
    assert attached(whole=True, predicts="whole").predicts == "whole"
