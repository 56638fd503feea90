"""Compiled loops, torch on the CPU and torch as on a graphics card find the same: counts, exemplars, samples."""

import subprocess
import sys

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from neuronwidget.atlas.count.by_numba.block import bits_of
from neuronwidget.atlas.count.by_numba.loops import Loop
from neuronwidget.atlas.count.by_numba.numbers import SIDE
from neuronwidget.atlas.count.float16 import narrow
from neuronwidget.atlas.count.summary import Summary
from neuronwidget.corpus.hashes import random_bits
from neuronwidget.passes.batch import Batch
from neuronwidget.passes.threads import Threads
from tests.atlas.atlas_data import WIDTH, Data, make
from tests.atlas.test_summary import assert_same, everything

ROUNDED = ("mean", "std", "skew", "kurtosis")
"""Sums of floating-point numbers, which torch adds in an order of its own."""


def counted(data: Data, threads: Threads) -> dict[str, torch.Tensor]:
    summary = Summary(data.units, WIDTH)
    for number, batches in enumerate(data.chunks):
        chunk = summary.start(number)
        for values, batch in batches:
            chunk.add(values, batch, threads)
        summary.add(chunk)
    return everything(summary)


@settings(max_examples=10)
@given(st.integers(0, 10_000), st.booleans(), st.booleans())
def test_all_ways_keep_the_same(seed: int, coarse: bool, holes: bool) -> None:
    data = make(seed, chunks=9, coarse=coarse, holes=holes)
    compiled, torches, device = (
        counted(data, Threads(1, compiled=way == "compiled", on_device=way == "device"))
        for way in ("compiled", "torch", "device")
    )
    for others in (torches, device):
        for name, tensor in compiled.items():
            if name not in ROUNDED:
                assert torch.equal(tensor, others[name]), name
        for name in ROUNDED:
            torch.testing.assert_close(compiled[name], others[name], rtol=1e-4, atol=1e-5, equal_nan=True)


def test_rows_of_any_size_become_the_same_float16() -> None:
    g = torch.Generator().manual_seed(0)
    rows = torch.randn(3000, 25, generator=g) * torch.logspace(-44, 37, 3000)[:, None]
    rows *= torch.randn(3000, 25, generator=g).abs().pow(6)  # within a row, too, some are tiny
    rows[::7, 3], rows[5], rows[9] = 0.0, 0.0, torch.tensor([2.0**-149] + 24 * [-0.0])
    rows = rows.nan_to_num(0.0, 3e38, -3e38)
    zeros = torch.tensor([0.0, -0.0]).repeat(13)[:25]
    rows[10], rows[21], rows[22] = zeros, zeros, -zeros
    rows[11, 2], rows[12, 7], rows[13, 8] = torch.nan, torch.inf, -torch.inf
    rows[21, 4], rows[21, 9], rows[21, 12] = torch.nan, torch.inf, -torch.inf
    expected, powers = narrow(rows)
    for i in (9, 10, 22, 100):  # a hole in one row changes no other
        assert (bits_of(narrow(rows[i : i + 1])[0][0]) == bits_of(expected[i])).all()
    beside, _ = narrow(rows.T.contiguous().T)  # nor does how rows lie in memory
    assert (bits_of(beside) == bits_of(expected)).all()
    side_by_side, halves = torch.empty(25, SIDE), torch.empty(25, SIDE, dtype=torch.float16)
    loop = Loop("numbers", "narrow")
    found = torch.empty(SIDE, dtype=torch.int8)
    for some, narrowed, its_powers in zip(rows.split(SIDE), expected.split(SIDE), powers.split(SIDE), strict=True):
        n = len(some)
        side_by_side[:, :n] = some.T
        loop(side_by_side.view(-1).numpy(), 25, n, bits_of(halves.view(-1)), found.numpy())
        assert (bits_of(halves[:, :n].T) == bits_of(narrowed)).all()
        assert torch.equal(found[:n], its_powers)


def test_documents_draw_the_same_bits() -> None:
    documents = torch.tensor([0, 1, 2, 77, 123_456_789, 2**31 - 1])
    loop = Loop("numbers", "random_bits")
    assert [loop(document) for document in documents.tolist()] == random_bits(documents).tolist()


@pytest.mark.parametrize("on_device", [True, False])
def test_a_sink_gets_values_where_it_wants_them(on_device: bool) -> None:
    """On the meta device there is nothing to copy: only who leaves the values there sees them."""
    from neuronwidget.passes.sink import where

    class Anywhere:
        def add(self, *_: object) -> None:
            pass

    sink = Anywhere()
    if on_device:
        sink.on_device = True  # type: ignore[attr-defined]
        assert where(sink, torch.empty(2, device="meta")).device.type == "meta"
    else:
        with pytest.raises(NotImplementedError):
            where(sink, torch.empty(2, device="meta"))


@pytest.mark.parametrize(("threads", "most"), [(1, 25_000), (2, 28_000)])
def test_a_scan_takes_so_many_bytes_a_unit(threads: int, most: int) -> None:
    """Beside the model and its passes. What threads leave in their heaps differs from run to run."""
    command = [sys.executable, "-m", "tests.atlas.peak_memory", str(threads)]
    output = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    assert float(output) < most


def test_holes_leave_every_bit_whatever_the_number_of_threads() -> None:
    """From a window with a hole on torch counts a block of units: which block that is, no cut into spans decides."""
    values = torch.randn(6, 80, 1100, generator=torch.Generator().manual_seed(2))
    values[3, 40, 700], values[4, 10, 20] = torch.nan, torch.inf
    numbers = torch.arange(6, dtype=torch.int32)
    batch = Batch(numbers, numbers, [80] * 6, 0, torch.arange(6 * 80).view(6, 80), {0: 5, 4: 2}, frozenset())
    states = []
    for helpers in (1, 2, 3):
        threads, summary = Threads(helpers, compiled=True), Summary(1100, 25)
        chunk = summary.start(0)
        chunk.add(values, batch, threads)
        summary.add(chunk)
        states.append(summary.state())
        threads.close()
    for other in states[1:]:
        assert_same(other, states[0])
    assert int(states[0]["counts.nonfinite"].sum()) == 2
