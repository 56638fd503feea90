"""A scan holds the same number of bytes however many documents there are; and the measure sees what is held."""

import gc
import tracemalloc
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor, nn

import neuronwidget as nw

UNITS, TOKENS, DOCUMENTS = 64, 24, 1024
EARLY = DOCUMENTS // 8
SLACK = 200_000  # bytes: exemplars that wait, and a level of the tree of moments


class Small(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        torch.manual_seed(0)
        self.embed = nn.Embedding(100, UNITS)
        self.act = nn.ReLU()

    def forward(self, ids: Tensor) -> Tensor:
        return self.act(self.embed(ids))


def attach() -> nw.LiveModel:
    inputs = nw.TextInputs(
        lambda text: [ord(c) - 200 for c in text if c >= "\xc8"], lambda ids: "".join(chr(i + 200) for i in ids)
    )
    inputs.sample = "".join(chr(200 + i) for i in range(40))
    return nw.attach(Small(), inputs=inputs)


def texts() -> Iterator[str]:
    """Strings of their own, a thousand characters each, of which some are tokens."""
    g = torch.Generator().manual_seed(0)
    for number in range(DOCUMENTS):
        yield "".join(chr(200 + i) for i in torch.randint(0, 100, (TOKENS,), generator=g).tolist()) + f"{number:01000d}"


def held() -> int:
    """Bytes of all tensors that live, and of all Python objects made since the measuring began."""
    gc.collect()
    storages = {}
    for thing in gc.get_objects():
        if type(thing) in (Tensor, nn.Parameter):
            storage = thing.untyped_storage()
            storages[storage.data_ptr()] = storage.nbytes()
    return sum(storages.values()) + tracemalloc.get_traced_memory()[0]


def growth(live: nw.LiveModel, documents: Iterator[str], folder: Path) -> int:
    """What a scan holds at most over the last eighth of the documents, beyond what it held over the second."""
    early, late = [], []

    def note(done: dict[str, Any]) -> None:
        if EARLY <= done["documents"] < 2 * EARLY:
            early.append(held())
        elif done["documents"] > DOCUMENTS - EARLY:
            late.append(held())

    tracemalloc.start()
    try:
        nw.scan(live, documents, out=folder, progress=note)
    finally:
        tracemalloc.stop()
    return max(late) - max(early)


def test_a_scan_holds_the_same_however_many_documents(tmp_path: Path) -> None:
    assert growth(attach(), texts(), tmp_path / "atlas") < SLACK


@pytest.mark.parametrize("what", ["documents", "activations"])
def test_what_is_kept_of_every_document_is_seen(what: str, tmp_path: Path) -> None:
    live, documents, kept = attach(), texts(), []

    def keeping() -> Iterator[str]:
        for text in documents:
            kept.append(text)
            yield text

    if what == "activations":
        live.module.act.register_forward_hook(lambda _, __, out: kept.append(out.clone()))
    assert growth(live, keeping() if what == "documents" else documents, tmp_path / "atlas") > 2 * SLACK
