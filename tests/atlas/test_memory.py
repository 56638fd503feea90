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
EIGHTH = DOCUMENTS // 8
SLACK = 200_000  # bytes: exemplars that wait, and a level of the tree of moments

# Objects that another thread is just making must not be looked at, and passes under way would blur the measure.
pytestmark = pytest.mark.usefixtures("one_thread")


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
    """Bytes of all tensors and Python objects made since the measuring began; what was there before is frozen."""
    gc.collect()
    tensors = [thing for thing in gc.get_objects() if type(thing) in (Tensor, nn.Parameter)]
    storages = (tensor.untyped_storage() for tensor in tensors)
    return sum({one.data_ptr(): one.nbytes() for one in storages}.values()) + tracemalloc.get_traced_memory()[0]


def growth(live: nw.LiveModel, documents: Iterator[str], folder: Path) -> int:
    """What a scan holds at most over the last eighth of the documents, beyond what it held over the fifth.

    By then the tables of exemplars are about full, and less waits to enter them.
    """
    early, late = [], []

    def note(done: dict[str, Any]) -> None:
        if 4 * EIGHTH <= done["documents"] < 5 * EIGHTH:
            early.append(held())
        elif done["documents"] > 7 * EIGHTH:
            late.append(held())

    gc.collect()
    gc.freeze()
    tracemalloc.start()
    try:
        nw.scan(live, documents, out=folder, progress=note)
    finally:
        tracemalloc.stop()
        gc.unfreeze()
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
