"""What a first try gets wrong is told in a sentence that says what to do."""

from __future__ import annotations

import re
import socket
import threading
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor, nn

import neuronwidget as nw
from neuronwidget.corpus.sources import DocumentError


def numbers(text: str) -> list[int]:
    return [ord(c) % 128 for c in text]


def letters(ids: list[int]) -> str:
    return "".join(map(chr, ids))


def model(rows: int = 128) -> nn.Module:
    torch.manual_seed(0)
    return nn.Sequential(nn.Embedding(rows, 16), nn.Linear(16, 32), nn.Tanh())


@pytest.mark.parametrize(
    ("module", "first"),
    [
        (nn.Sequential(nn.Conv2d(1, 4, 3), nn.Flatten(), nn.Linear(144, 2)), "pictures: inputs=nw.ImageInputs(size="),
        (nn.Sequential(nn.Linear(3, 8), nn.ReLU()), "rows of numbers: inputs=nw.TableInputs("),
        (model(), "text: its tokenizer, nw.attach(model, tokenizer), or inputs=nw.TextInputs("),
    ],
)
def test_without_inputs_all_kinds_are_named_and_the_likely_one_first(module: nn.Module, first: str) -> None:
    with pytest.raises(nw.AttachError, match=re.escape(f"What does Sequential read? For {first}")) as refused:
        nw.attach(module)
    assert all(f"nw.{kind}Inputs(" in str(refused.value) for kind in ("Text", "Image", "Table"))


@pytest.mark.parametrize(
    ("encode", "decode", "words"),
    [
        (numbers, lambda ids: ids, "decode returned list for [84]: it must return a string"),
        (numbers, lambda ids: bytes(ids), "decode returned bytes"),
        (list, letters, "encode returned ['T', 'h'"),
        (lambda text: None, letters, "encode returned None"),
        (lambda text: [ord(c) + 900 for c in text], letters, "number 984, but the model's embedding has only 128 rows"),
        (
            lambda text: [-1 for _ in text],
            lambda ids: "x" * len(ids),
            "number -1, but the model's embedding has only 128 rows",
        ),
    ],
)
def test_callables_that_do_not_fit_are_told_what_they_must_return(encode: Any, decode: Any, words: str) -> None:
    with pytest.raises(nw.AttachError, match=re.escape(words)):
        nw.attach(model(), inputs=nw.TextInputs(encode, decode))


def test_a_number_beyond_the_embedding_is_told_when_it_is_typed() -> None:
    live = nw.attach(model(123), inputs=nw.TextInputs(numbers, letters, sample="abc"))
    for look in (live.record, live.predict):
        with pytest.raises(ValueError, match="token number 126, but the model's embedding has only 123 rows"):
            look("a~b")


def test_an_index_error_of_the_models_own_stays_what_it_is() -> None:
    class Own(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.body = model()

        def forward(self, ids: Tensor) -> Any:
            return self.body([ids][int((ids == ord("!")).any())])

    live = nw.attach(Own(), inputs=nw.TextInputs(numbers, letters, sample="abc"))
    with pytest.raises(IndexError, match="list index out of range"):
        live.record("a!")


def test_what_is_no_text_is_told_how_to_become_one() -> None:
    live = nw.attach(model(), inputs=nw.TextInputs(numbers, letters))
    for wrong in ([1, 2, 3], torch.tensor([1]), b"abc", 7, []):
        with pytest.raises(ValueError, match=r"given a string, not \w+\. .*live\.inputs\.decode"):
            live.record(wrong)


@pytest.mark.parametrize("nothing", [[], (), iter(())])
def test_a_scan_of_nothing_is_refused_and_its_folder_can_be_used(nothing: Any, tmp_path: Path) -> None:
    live = nw.attach(model(), inputs=nw.TextInputs(numbers, letters))
    with pytest.raises(DocumentError, match="no documents to scan"):
        nw.scan(live, nothing, out=tmp_path / "a", progress=False)
    assert len(nw.scan(live, ["abc"], out=tmp_path / "a", progress=False).exemplars("dense.0:0"))


def test_a_hub_that_does_not_answer_is_not_asked_for_long(monkeypatch: pytest.MonkeyPatch) -> None:
    constants = pytest.importorskip("huggingface_hub.constants")
    pytest.importorskip("transformers")
    asked = []
    with socket.create_server(("127.0.0.1", 0)) as server:

        def hang_up() -> None:
            while True:
                try:
                    connection, _ = server.accept()
                except OSError:
                    return
                asked.append(1)
                connection.close()

        thread = threading.Thread(target=hang_up)
        thread.start()
        endpoint = f"http://127.0.0.1:{server.getsockname()[1]}"
        monkeypatch.setattr(constants, "ENDPOINT", endpoint)
        monkeypatch.setattr(
            constants, "HUGGINGFACE_CO_URL_TEMPLATE", endpoint + "/{repo_id}/resolve/{revision}/{filename}"
        )
        with pytest.raises(nw.AttachError, match="the hub cannot be reached from here"):
            nw.attach("nobody/nothing")
        server.shutdown(socket.SHUT_RDWR)
    thread.join()
    assert len(asked) <= 2, "loading would ask more than ten times"
