"""Whatever a model raises, the page gets a sentence, and the next key is answered."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn

import neuronwidget as nw
from tests.hostile.page import Page


class SpeechlessError(Exception):
    """Cannot say what it is."""

    def __str__(self) -> str:
        raise ValueError("no words")

    __repr__ = __str__


ERRORS: list[BaseException] = [
    SystemExit(),
    SystemExit(3),
    KeyboardInterrupt(),
    GeneratorExit(),
    asyncio.CancelledError(),
    BaseException("bare"),
    StopIteration(),
    KeyError(),
    KeyError("a key"),
    KeyError(7),
    KeyError("one", "two"),
    IndexError(),
    IndexError(b"\xff"),
    UnicodeDecodeError("utf-8", b"\xff", 0, 1, "reason"),
    RuntimeError("half \ud800 a pair"),
    RuntimeError("x" * 1_000_000),
    SpeechlessError(),
    KeyError(SpeechlessError()),
    OSError(),
    RuntimeError(["several", object()]),
    RecursionError(),
    MemoryError(),
]


class Raises(nn.Module):
    """Two layers; raises `error` when there is one."""

    def __init__(self, first: nn.Module) -> None:
        super().__init__()
        self.first, self.second = first, nn.Linear(6, 4)
        self.error: BaseException | None = None

    def forward(self, x: Tensor) -> Tensor:
        hidden = self.first(x)
        if self.error is not None:
            raise self.error
        return self.second(torch.relu(hidden))


def of_text() -> tuple[nw.LiveModel, Raises]:
    inputs = nw.TextInputs(lambda text: [min(ord(c), 127) for c in text], lambda ids: "".join(map(chr, ids)))
    module = Raises(nn.Embedding(128, 6))
    return nw.attach(module, inputs=inputs), module


def of_pictures() -> tuple[nw.LiveModel, Raises]:
    module = Raises(nn.Sequential(nn.Flatten(), nn.Linear(48, 6)))
    return nw.attach(module, inputs=nw.ImageInputs(4, classes=list("abcd"))), module


def of_rows() -> tuple[nw.LiveModel, Raises]:
    module = Raises(nn.Linear(2, 6))
    return nw.attach(module, inputs=nw.TableInputs({"a": (0, 1), "b": (0, 1)}, classes=list("abcd"))), module


KINDS: dict[str, tuple[Any, dict[str, Any], list[bytes]]] = {
    "text": (of_text, {"subject": "some text"}, []),
    "image": (
        of_pictures,
        {"subject": {"kind": "image", "width": 4, "height": 4}, "parts": {"trace": {}, "classes": {}}},
        [bytes(48)],
    ),
    "table": (
        of_rows,
        {
            "subject": {"kind": "table", "row": {"a": 0.5}},
            "parts": {"trace": {}, "sweep": {"column": "a", "points": 3}},
        },
        [],
    ),
}


@pytest.fixture(params=KINDS)
def case(request: pytest.FixtureRequest) -> Iterator[tuple[Page, Raises, dict[str, Any], list[bytes]]]:
    make, question, buffers = KINDS[request.param]
    torch.manual_seed(0)
    live, module = make()
    explorer = nw.explore(live, unit=live.sites.defaults[-1].unit(0))
    yield Page(explorer), module, question, buffers
    module.error = None
    explorer.close()


@pytest.mark.parametrize("error", ERRORS, ids=lambda error: type(error).__name__)
def test_every_error_of_a_model_is_a_sentence_and_the_next_key_is_answered(
    case: tuple[Page, Raises, dict[str, Any], list[bytes]], error: BaseException
) -> None:
    page, module, question, buffers = case
    assert page.ask(buffers=buffers, **question)["kind"] == "frame"
    subject = question["subject"]
    other = {**question, "subject": "another text" if isinstance(subject, str) else {**subject, "row": {"a": 0.25}}}
    noise = [np.random.default_rng(0).bytes(len(buffer)) for buffer in buffers]
    module.error = error
    answer = page.ask(buffers=noise, **other)
    # What was reached before it is painted; the panels that miss something say why in their places.
    told = [answer] if answer["kind"] == "error" else [*answer["head"]["failed"].values()]
    assert told
    for each in told:
        assert type(error).__name__ in each["message"]
        assert len(each["message"]) < 5_000
        assert each["hint"].endswith(".")
    assert page.widget.last_error is error
    module.error = None
    assert page.ask(buffers=noise, **other)["kind"] == "frame"


def test_an_error_out_of_a_function_that_an_exemplar_is_given_to_is_a_sentence(tmp_path: Any) -> None:
    live, _ = of_text()
    atlas = nw.scan(live, ["some text", "and more"], out=tmp_path, progress=False)
    grid = nw.ExemplarGrid(atlas, next(iter(atlas.sites)).unit(0))
    page, error = Page(grid), ERRORS[0]

    def fails(_: object) -> None:
        raise error

    grid.on_use(fails)
    for seq, error in enumerate(ERRORS):
        page.say({"v": 2, "kind": "atlas", "seq": seq, "want": "use", "unit": str(grid.unit), "key": 0})
        answer = page.answer(seq)
        assert type(error).__name__ in answer["error"]
    page.say({"v": 2, "kind": "atlas", "seq": 99, "want": "card", "unit": str(grid.unit)})
    assert "error" not in page.answer(99)
    grid.close()
