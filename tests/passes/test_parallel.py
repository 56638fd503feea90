"""Passes side by side: the same atlas as one after another, whatever the model keeps or does."""

import threading
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn

import neuronwidget as nw
from neuronwidget.atlas.scan.observer import ScanPaused
from neuronwidget.corpus.documents import Chunk, chunks, read_documents
from neuronwidget.corpus.kinds.text import TextCutter
from neuronwidget.live.structure.sites import Site
from neuronwidget.passes.batch import Batch
from neuronwidget.passes.parallel import AHEAD, ParallelRunners, replica_of
from neuronwidget.passes.runners import runner_of
from neuronwidget.passes.threads import Threads
from tests.hostile.atlas_victim import Small, documents, live
from tests.hostile.test_atlas_kill import digests


@pytest.fixture(autouse=True)
def three_threads(threads: int) -> Any:
    torch.set_num_threads(3)
    yield
    assert torch.get_num_threads() == 3, "a scan leaves the number of threads as it was"


def attached(module: nn.Module) -> nw.LiveModel:
    return nw.attach(module, inputs=live().inputs)


def scanned(model: nw.LiveModel, out: Path, threads: int, texts: list[str] | None = None, **settings: Any) -> Any:
    torch.set_num_threads(threads)
    try:
        nw.scan(model, texts or documents(), out=out, window=64, **{"progress": False, **settings})
    finally:
        torch.set_num_threads(3)
    return digests(out)


class Keeping(Small):
    """Keeps what it does in an attribute, as long as another pass takes, and goes on from there."""

    def forward(self, ids: Tensor) -> Tensor:
        self.kept = self.embed(ids).cumsum(1) / 8
        meeting.wait(0.01)
        return self.squash(self.down(self.act(self.mix(self.kept))))


meeting = threading.Event()  # never set


class Drawing(Small):
    """Draws random numbers also in evaluation."""

    def forward(self, ids: Tensor) -> Tensor:
        hidden = self.embed(ids).cumsum(1) / 8
        return self.squash(self.down(self.act(self.mix(hidden + torch.rand_like(hidden)))))


@pytest.mark.parametrize(("kind", "count"), [(Small, 400), (Keeping, 60)])
def test_the_number_of_cores_leaves_every_bit(kind: type[Small], count: int, tmp_path: Path) -> None:
    one = scanned(attached(kind()), tmp_path / "one", 1, documents(count))
    assert scanned(attached(kind()), tmp_path / "three", 3, documents(count)) == one


def test_a_model_that_draws_draws_the_same_again(tmp_path: Path) -> None:
    """It goes alone; how many threads torch then has within a pass may be seen in last bits."""
    one = scanned(attached(Drawing()), tmp_path / "one", 3, documents(40))
    assert scanned(attached(Drawing()), tmp_path / "again", 3, documents(40)) == one


def test_what_is_kept_by_one_pass_is_not_seen_by_another() -> None:
    model = attached(Keeping())
    other = model.apart()
    assert other is not None
    ids = torch.arange(5)[None]
    other.module(ids)
    assert not hasattr(model.module, "kept") or model.module.kept is not other.module.kept
    for ours, theirs in zip(model.module.parameters(), other.module.parameters(), strict=True):
        assert ours is theirs, "weights are shared, not copied"
    assert other.lock is not model.lock


@pytest.mark.parametrize("why", ["draws", "locked", "compiled"])
def test_models_that_go_alone(why: str) -> None:
    module: Any = Drawing() if why == "draws" else Small()
    if why == "locked":
        module.lock = threading.Lock()
    model = attached(module)
    if why == "compiled":
        module.mix.compile()
    runner = runner_of(model, model.choose(None), Threads(), 256)
    assert replica_of(runner) is None
    with ParallelRunners(runner) as runners:
        assert runners.threads == torch.get_num_threads() == 3


def test_no_more_is_read_ahead_than_there_are_cores(tmp_path: Path) -> None:
    """Else documents that come faster than the model runs would fill the memory."""
    read, most = 0, 0

    def texts() -> Any:
        nonlocal read
        for text in documents() * 4:
            read += 1
            yield text

    def look(done: dict[str, Any]) -> None:
        nonlocal most
        most = max(most, read - done["documents"])

    nw.scan(live(), texts(), out=tmp_path / "a", window=64, progress=look)
    chunk = len(documents()) * 4 / done_chunks(tmp_path / "a")
    assert read == len(documents()) * 4
    assert most <= 7 * chunk, "a chunk for each of three cores, one that waits, and what is being taken in and read"


def test_a_long_document_holds_up_no_other() -> None:
    """While one core is at it the others go on, but not without end."""
    model = live()
    runner = runner_of(model, model.choose(None), Threads(), 64)
    cutter = TextCutter(model.inputs, 64, 8)
    first = next(chunks(read_documents(documents(), cutter), cutter))
    texts = [*documents()[: len(first.documents)], " ".join(documents() * 2), *documents() * 20]
    begun: list[int] = []
    most = AHEAD * 3
    others_are_begun = threading.Event()

    class Nothing:
        """A sink that keeps nothing."""

        def add(self, site: Site, values: Tensor, batch: Batch, threads: Threads) -> None:
            pass

    def start(chunk: Chunk) -> Nothing:
        if chunk.number not in begun:
            begun.append(chunk.number)
        if len(begun) == 1 + most:
            others_are_begun.set()
        if chunk.number == 1:
            assert len(chunk.windows) > 70 * most / 2, "more than the others may begin"
            assert others_are_begun.wait(60)
        return Nothing()

    with ParallelRunners(runner) as runners:
        results = runners.run(chunks(read_documents(texts, cutter), cutter), start, lambda: False)
        assert next(results)[0].number == 0
        assert len(begun) <= 1 + 3, "nothing is known yet that would leave out anything"
        assert next(results)[0].number == 1
        assert sorted(begun) == list(range(1 + most))


def done_chunks(folder: Path) -> int:
    return int(nw.open_atlas(folder).manifest["done"]["chunks"])


def test_pictures_and_rows_go_side_by_side(tmp_path: Path) -> None:
    pictures = np.random.default_rng(0).integers(0, 256, (300, 8, 8), dtype=np.uint8)
    found = []
    for threads in (1, 3):
        torch.set_num_threads(threads)
        nw.scan(nw.demo("digits"), pictures, out=tmp_path / str(threads), progress=False, batch_size=16)
        found.append(digests(tmp_path / str(threads)))
    torch.set_num_threads(3)
    assert found[0] == found[1]


def test_an_error_of_the_model_comes_after_what_came_before_it(tmp_path: Path) -> None:
    class Faulty(Small):
        def forward(self, ids: Tensor) -> Tensor:
            if bool((ids == 9).any()):
                raise RuntimeError("a fault of the model")
            return super().forward(ids)

    texts = documents()
    seen: list[int] = []
    with pytest.raises(RuntimeError, match="a fault of the model"):
        scanned(
            attached(Faulty()),
            tmp_path / "a",
            3,
            [*texts[:-20], "a\tb", *texts[-19:]],
            progress=lambda done: seen.append(done["chunks"]),
        )
    assert seen == list(range(1, len(seen) + 1))
    assert len(seen) > 3


def test_documents_that_cannot_be_read_end_it_after_those_before(tmp_path: Path) -> None:
    def texts() -> Any:
        yield from documents()
        raise OSError("the disk is gone")

    seen: list[int] = []
    with pytest.raises(OSError, match="the disk is gone"):
        nw.scan(live(), texts(), out=tmp_path / "a", window=64, progress=lambda done: seen.append(done["documents"]))
    assert seen[-1] > 300
    before = len(seen)
    nw.scan(live(), documents(), out=tmp_path / "a", window=64, progress=lambda done: seen.append(done["documents"]))
    assert len(seen) - before <= 2, "what was done is not done again"
    assert digests(tmp_path / "a") == scanned(live(), tmp_path / "b", 1)


def test_stopped_and_gone_on_with_other_cores(tmp_path: Path) -> None:
    seen: list[int] = []
    with pytest.raises(ScanPaused):
        scanned(
            live(),
            tmp_path / "a",
            3,
            progress=lambda done: seen.append(done["chunks"]),
            stop=lambda: len(seen) >= 2,
        )
    assert scanned(live(), tmp_path / "a", 2) == scanned(live(), tmp_path / "b", 1)
