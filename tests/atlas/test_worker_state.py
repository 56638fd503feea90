"""Workers that take chunks in any order, hand in epoch by epoch, and die: together they know what one alone would."""

import itertools
from dataclasses import dataclass, field
from random import Random
from typing import cast

import torch
from hypothesis import example, given, settings
from hypothesis import strategies as st

from neuronwidget.atlas.count.summary import Summary
from neuronwidget.atlas.scan.worker_state import WorkerState, flat, summaries
from neuronwidget.corpus.documents import Chunk
from neuronwidget.live.structure.sites import Site
from neuronwidget.passes.runner import Runner
from neuronwidget.passes.sink import MakeSink, S
from neuronwidget.passes.threads import Threads
from tests.atlas.atlas_data import HELPERS, WIDTH, Data, make
from tests.atlas.test_summary import assert_same, everything

CHUNKS = 18
SITE = Site("mlp.0", "blocks.0", "out", "mlp", 6, 0, 0, 1)


@dataclass
class Played:
    """The model's part: what it did on each chunk is known already."""

    data: Data
    sites: list[Site] = field(default_factory=lambda: [SITE])
    threads: Threads = HELPERS
    bounds: dict[Site, str] = field(default_factory=dict)

    def run(self, chunk: Chunk, make: MakeSink[S]) -> S:
        sink = make(chunk)
        for values, batch in self.data.chunks[chunk.number]:
            sink.add(SITE, values, batch, HELPERS)
        return sink


def chunk(number: int) -> Chunk:
    return Chunk(number, 0, 0, [], [], b"")


def played(data: Data, chance: Random, workers: int) -> Summary:
    """A scan of all chunks by so many workers, with epochs that overlap, deaths, and merges in any order."""

    def hire() -> WorkerState:
        return WorkerState(cast(Runner, Played(data)), {SITE: WIDTH})

    crew = [hire() for _ in range(workers)]
    total = Summary(data.units, WIDTH)
    edges = sorted({0, CHUNKS, *(chance.randrange(CHUNKS) for _ in range(3))})
    epochs = [list(range(a, b)) for a, b in itertools.pairwise(edges)]
    by: dict[int, tuple[int, int]] = {}

    def give(number: int, epoch: int) -> None:
        worker = chance.randrange(workers)
        crew[worker].take(epoch, chunk(number))
        by[number] = worker, epoch

    def die() -> None:
        """What only the dead one knew is done again, late, by whoever comes."""
        worker = chance.randrange(workers)
        crew[worker] = hire()
        lost = [number for number, (owner, _) in by.items() if owner == worker]
        chance.shuffle(lost)
        for number in lost:
            give(number, by[number][1])

    for e, numbers in enumerate(epochs):
        early = chance.randrange(3)
        following = epochs[e + 1][:early] if e + 1 < len(epochs) else []
        todo = [n for n in numbers if n not in by]
        if chance.random() < 0.3:
            chance.shuffle(todo)
        for number in todo:
            give(number, e)
            if chance.random() < 0.05:
                die()
        for number in following:
            give(number, e + 1)
        if chance.random() < 0.3:
            die()
        holders = sorted({worker for worker, epoch in by.values() if epoch == e})
        chance.shuffle(holders)
        for worker in holders:
            state = {name: tensor.clone() for name, tensor in crew[worker].state(e).items()}
            total.merge(summaries(state)[SITE.name])
            crew[worker].forget(e)
        by = {number: known for number, known in by.items() if known[1] != e}
    return total


@settings(max_examples=5)
@given(st.integers(0, 10_000), st.integers(1, 4))
@example(340, 1)  # zeros of both signs near a value that is not finite
def test_epochs_deaths_and_any_order_give_the_same_bits(seed: int, workers: int) -> None:
    data = make(seed, chunks=CHUNKS, holes=seed % 4 == 0)
    whole = data.summary(list(range(CHUNKS)))
    assert_same(everything(whole), everything(played(data, Random(seed), workers)))


def test_later_epochs_leave_out_what_earlier_ones_have_better_of() -> None:
    data = make(1, chunks=CHUNKS, coarse=False)
    share = WorkerState(cast(Runner, Played(data)), {SITE: WIDTH})
    for number in range(15):
        share.take(0, chunk(number))
    share.state(0)
    share.forget(0)
    share.take(1, chunk(15))
    (part,) = share._parts[1].values()
    alone = data.summary([15])
    part.settle()
    alone.settle()
    assert 0 < int(part.top.used.sum()) < int(alone.top.used.sum()) / 2


def test_a_state_is_the_same_after_its_way_through_tensors() -> None:
    data = make(2, chunks=5)
    summary = data.summary([0, 1, 2, 3, 4])
    state = {name: torch.from_numpy(tensor.numpy().copy()) for name, tensor in flat({"mlp.0": summary}).items()}
    assert_same(everything(data.summary([0, 1, 2, 3, 4])), everything(summaries(state)["mlp.0"]))
