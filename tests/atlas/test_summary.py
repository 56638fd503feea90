"""Running summaries say what all values at once would say, however the data are cut and joined."""

from fractions import Fraction

import numpy as np
import pytest
import torch
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from neuronwidget.atlas.count import histogram
from neuronwidget.atlas.count.candidates import Candidates
from neuronwidget.atlas.count.chunk import ChunkSummary
from neuronwidget.atlas.count.moments import Moments, MomentTree
from neuronwidget.atlas.count.records import Records
from neuronwidget.atlas.count.summary import Summary, merged
from neuronwidget.atlas.exemplars.choose import shown
from neuronwidget.atlas.files.write import dense
from neuronwidget.passes.batch import Batch
from neuronwidget.passes.threads import Threads
from tests.atlas.atlas_data import Data, largest, make, strongest

seeds = st.integers(0, 10_000)
NO_SHRINKING = (Phase.explicit, Phase.reuse, Phase.generate)  # a seed does not get simpler


def everything(summary: Summary) -> dict[str, torch.Tensor]:
    summary.settle()
    return {**dense(summary), **vars(shown(summary, 0, summary.units))}


def assert_same(a: dict[str, torch.Tensor], b: dict[str, torch.Tensor]) -> None:
    assert a.keys() == b.keys()
    for name, tensor in a.items():
        assert tensor.shape == b[name].shape, name
        assert tensor.dtype == b[name].dtype, name
        assert tensor.contiguous().numpy().tobytes() == b[name].contiguous().numpy().tobytes(), name


@settings(max_examples=12)
@given(seeds, st.data())
def test_any_split_and_any_order_give_the_same_bits(seed: int, draw: st.DataObject) -> None:
    data = make(seed, chunks=7, holes=seed % 3 == 0)
    whole = everything(data.summary(list(range(7))))
    workers = draw.draw(st.integers(1, 5))
    order = draw.draw(st.permutations(range(7)))
    shards = [[chunk for chunk in order if (chunk * 7 + seed) % workers == worker] for worker in range(workers)]
    parts = [data.summary(shard) for shard in draw.draw(st.permutations(shards))]
    assert_same(whole, everything(merged(parts)))


@settings(max_examples=8)
@given(seeds, st.integers(1, 6))
def test_a_summary_goes_on_after_being_written_down(seed: int, pause: int) -> None:
    data = make(seed, chunks=7)
    first = Summary.from_state({k: v.clone() for k, v in data.summary(list(range(pause))).state().items()})
    for chunk in range(pause, 7):
        counted = first.start(chunk)
        for values, batch in data.chunks[chunk]:
            counted.add(values, batch, _helpers())
        first.add(counted)
    assert_same(everything(data.summary(list(range(7)))), everything(first))


def _helpers() -> object:
    from tests.atlas.atlas_data import HELPERS

    return HELPERS


@settings(max_examples=8)
@given(seeds, st.booleans(), st.booleans())
def test_strongest_exemplars_are_those_of_all_data_at_once(seed: int, coarse: bool, holes: bool) -> None:
    data = make(seed, chunks=8, coarse=coarse, holes=holes)
    summary = data.summary(list(range(8)))
    summary.settle()
    found = shown(summary, 0, data.units)
    for unit in range(data.units):
        for group, sign in ((0, 1), (1, -1)):
            here = found[(found.unit == unit) & (found.group == group)]
            rows = zip(*(t.tolist() for t in (here.value, here.ordinal, here.position)), strict=True)
            assert list(rows) == strongest(data, unit, sign)
            assert here.rank.tolist() == list(range(len(here.rank)))


@settings(max_examples=10)
@given(seeds, st.booleans())
def test_numbers_are_those_of_all_data_at_once(seed: int, holes: bool) -> None:
    data = make(seed, holes=holes, coarse=False)
    found = dense(data.summary(list(range(5))))
    values = torch.cat(data.values).double().numpy()
    for unit in range(data.units):
        x = values[:, unit][np.isfinite(values[:, unit])]
        assert found["seen"][unit] == len(x)
        assert found["nonfinite"][unit] == len(values) - len(x)
        assert found["positive"][unit] == (x > 0).sum()
        assert found["active"][unit] == (np.abs(x) > np.float32(1e-6)).sum()
        assert found["min"][unit] == x.min()
        assert found["max"][unit] == x.max()
        d = x - x.mean()
        assert found["mean"][unit].item() == pytest.approx(x.mean(), rel=1e-9, abs=1e-7 * x.std() + 1e-12)
        assert found["std"][unit].item() == pytest.approx(x.std(), rel=1e-6)
        if x.std() > 0:
            assert found["skew"][unit].item() == pytest.approx((d**3).mean() / x.std() ** 3, rel=1e-5, abs=1e-5)
            assert found["kurtosis"][unit].item() == pytest.approx((d**4).mean() / x.std() ** 4 - 3, rel=1e-5, abs=1e-5)
        width = 2.0 ** int(found["exponent"][unit])
        cell, count = np.unique(np.floor(x / width).astype(int), return_counts=True)
        expected = np.zeros(64, int)
        expected[cell % 64] = count
        assert found["bins"][unit].tolist() == expected.tolist()


@settings(max_examples=12)
@given(seeds)
def test_strata_hold_what_they_say(seed: int) -> None:
    data = make(seed, chunks=8, coarse=seed % 2 == 0)
    summary = data.summary(list(range(8)))
    summary.settle()
    found = shown(summary, 0, data.units)
    for unit in range(data.units):
        peaks = [float(values[:, unit].max()) for values in data.values]
        documents = {document: value for document, (value, _, _) in largest(data, unit).items()}
        for group in (2, 3):
            here = found[(found.unit == unit) & (found.group == group)]
            for stratum in range(5):
                part = here[here.stratum == stratum]
                owners = [data.documents[w] for w in part.ordinal.tolist()]
                assert len(set(owners)) == len(owners) <= 5
                reads = [int(data.context_hashes[w][p]) for w, p in zip(part.ordinal, part.position, strict=True)]
                assert len(set(reads)) == len(reads)
                assert part.value.tolist() == sorted((peaks[w] for w in part.ordinal.tolist()), reverse=True)
        for stratum, of in intervals(documents).items():
            part = found[(found.unit == unit) & (found.group == 2) & (found.stratum == stratum)]
            assert {data.documents[w] for w in part.ordinal.tolist()} <= of
            assert bool(len(part.ordinal)) == bool(of)
        ranks = found[(found.unit == unit) & (found.group == 3)]
        lowest = [ranks.value[ranks.stratum == s].min().item() for s in range(5) if (ranks.stratum == s).any()]
        assert lowest == sorted(lowest)


def intervals(values: dict[int, float]) -> dict[int, set[int]]:
    """Which documents lie in which fifth of the range of their values, reckoned with fractions."""
    low, high = (Fraction(end(values.values(), default=0.0)) for end in (min, max))
    found: dict[int, set[int]] = {stratum: set() for stratum in range(5)}
    for document, value in values.items():
        stratum = 4 if low == high else min(4, int((Fraction(value) - low) * 5 / (high - low)))
        found[stratum].add(document)
    return found


@settings(max_examples=40, phases=NO_SHRINKING)
@given(seeds, st.sampled_from(["even", "steep", "clustered", "ulps", "huge", "tiny"]), st.integers(1, 4))
def test_every_interval_that_holds_documents_shows_one(seed: int, kind: str, parts: int) -> None:
    """Of values spread in every way, in whatever order they come and however many tables are merged."""
    g = torch.Generator().manual_seed(seed)
    count = int(torch.randint(2, 1500, (), generator=g))
    x = torch.rand(count, generator=g)
    edge = torch.randint(1, 5, (count,), generator=g) / 5
    peaks = {
        "even": x + 0.1,
        "steep": x**12 * 10 + 0.01,
        "clustered": torch.where(x < 0.98, edge + (x - 0.5) / 500, x * 0 + torch.rand(count, generator=g)) + 1,
        "ulps": 1 + (x * 40).floor() * 2.0**-23,
        "huge": (x.double() - 0.5) * 6.7e38,
        "tiny": (x**4 * 1e-38) + 1e-44,
    }[kind].float()
    summaries = [_from_peaks(peaks, part, parts) for part in range(parts)]
    found = shown(merged(summaries), 0, 1)
    for stratum, documents in intervals(dict(enumerate(peaks.tolist()))).items():
        here = set(found.ordinal[(found.group == 2) & (found.stratum == stratum)].tolist())
        assert here <= documents
        assert bool(here) == bool(documents)


def test_every_interval_that_has_documents_shows_some() -> None:
    """One document in each of twenty values, and a thousand at the lowest: none of the intervals is empty."""
    g = torch.Generator().manual_seed(0)
    peaks = torch.cat([torch.rand(1000, generator=g) * 0.1 + 0.01, torch.linspace(0.1, 10, 20)])
    summary = _from_peaks(peaks)
    found = shown(summary, 0, 1)
    intervals = found[found.group == 2]
    assert [int((intervals.stratum == s).sum()) for s in range(5)] == [5, 4, 4, 4, 4]


def test_quantiles_are_ranks_of_a_random_sample() -> None:
    peaks = torch.arange(1, 2001).float()[torch.randperm(2000, generator=torch.Generator().manual_seed(1))]
    found = shown(_from_peaks(peaks), 0, 1)
    for stratum in range(5):
        middle = found.value[(found.group == 3) & (found.stratum == stratum)].mean() / 2000
        assert abs(float(middle) - (stratum + 0.5) / 5) < 0.12


def _from_peaks(peaks: torch.Tensor, share: int = 0, shares: int = 1) -> Summary:
    """Of documents with these largest values; of every so many chunks the one that is this share's."""
    from neuronwidget.corpus.hashes import sample_keys

    summary = Summary(1, 25)
    for chunk, part in list(enumerate(torch.arange(len(peaks)).split(64)))[share::shares]:
        counted = summary.start(chunk)
        values = torch.full((len(part), 4, 1), torch.finfo(torch.float32).min)
        values[:, 2, 0] = peaks[part]
        hashes = torch.arange(4 * len(part)).view(-1, 4) + int(part[0]) * 4
        drawn = {i: int(sample_keys(d)) for i, d in enumerate(part)}
        counted.add(values, Batch(part.int(), part.int(), [4] * len(part), 0, hashes, drawn), _helpers())
        summary.add(counted)
    summary.settle()
    return summary


@given(st.permutations(range(11)), st.integers(1, 10))
def test_the_tree_of_moments_has_one_result(order: list[int], cut: int) -> None:
    g = torch.Generator().manual_seed(3)
    parts = [Moments.of(torch.randn(17, 3, generator=g) * 10**i) for i in range(11)]
    straight = MomentTree()
    for i, part in enumerate(parts):
        straight.add(i, part)
    a, b = MomentTree(), MomentTree()
    for place, i in enumerate(order):
        (a if place < cut else b).add(i, parts[i])
    b.merge(a)
    assert len(straight.nodes) <= 4
    for x, y in zip(straight.total(3).tensors(), b.total(3).tensors(), strict=True):
        assert torch.equal(x, y)


def test_moments_keep_their_digits_far_from_zero_and_in_all_sizes() -> None:
    g = torch.Generator().manual_seed(4)
    base = torch.randn(4096, 1, generator=g)
    sizes = torch.tensor([1e-18, 1e-9, 1.0, 1e9, 1e15])
    found = Moments.of(base * sizes)
    assert torch.allclose(found.kurtosis, found.kurtosis[2], rtol=1e-5, atol=1e-6)
    assert torch.allclose(found.skew, found.skew[2], rtol=1e-5, atol=1e-7)
    assert torch.allclose(found.variance.sqrt() / sizes.double(), found.variance[2].sqrt(), rtol=1e-6)
    far = (base + 4096.0).float()
    x = far.double().numpy()
    assert Moments.of(far).variance.item() == pytest.approx(x.var(), rel=1e-7)


@settings(max_examples=25)
@given(seeds, st.floats(-44, 37), st.floats(-3, 6), st.booleans())
def test_moments_of_any_size_are_those_of_exact_fractions(seed: int, size: float, far: float, compiled: bool) -> None:
    """Units of all sizes that float32 has, near zero and far from it; some chunks of them do not vary at all."""
    g = torch.Generator().manual_seed(seed)
    values = torch.rand(6, 64, 3, generator=g) ** 3
    values[..., 1] += 10**far
    values[::2, :, 2] = values[::2, :1, 2]
    values = (values.double() / values.amax() * 10**size).float()
    summary = Summary(3, 25)
    for chunk, part in enumerate(values.split(2)):
        counted = summary.start(chunk)
        for windows in part.split(1):
            ordinals = torch.full((1,), 2 * chunk, dtype=torch.int32)
            batch = Batch(ordinals, ordinals, [64], 0, torch.arange(64).view(1, 64))
            counted.add(windows, batch, Threads(1, compiled=compiled))
        summary.add(counted)
    found = dense(summary)
    for unit in range(3):
        exact = [Fraction(value) for value in values[..., unit].double().flatten().tolist()]
        mean = sum(exact) / len(exact)
        widest = max(abs(x - mean) for x in exact)
        if not widest:
            assert bool(found["skew"][unit].isnan())
            continue
        second, third, fourth = (
            float(sum(((x - mean) / widest) ** power for x in exact) / len(exact)) for power in (2, 3, 4)
        )
        assert found["mean"][unit].item() == pytest.approx(float(mean), rel=1e-6)
        assert found["std"][unit].item() == pytest.approx(second**0.5 * float(widest), rel=1e-5)
        assert found["skew"][unit].item() == pytest.approx(third / second**1.5, rel=1e-4, abs=1e-4)
        assert found["kurtosis"][unit].item() == pytest.approx(fourth / second**2 - 3, rel=1e-4, abs=1e-4)


@pytest.mark.parametrize("value", [0.3, 1e-30, -1e-44, 3e38])
def test_what_does_not_vary_has_no_skew(value: float) -> None:
    summary = Summary(1, 25)
    for chunk in range(3):
        counted = summary.start(chunk)
        ordinals = torch.full((1,), chunk, dtype=torch.int32)
        counted.add(
            torch.full((1, 90, 1), value), Batch(ordinals, ordinals, [90], 0, torch.zeros(1, 90).long()), _helpers()
        )
        summary.add(counted)
    found = dense(summary)
    assert (found["std"].item(), found["mean"].item()) == (0.0, torch.tensor(value).item())
    assert found["skew"].isnan().all()
    assert found["kurtosis"].isnan().all()


@given(st.floats(-42, 36))
def test_a_histogram_of_any_size_tells_values_apart(size: float) -> None:
    """The more so the more digits the numbers of that size have."""
    values = (torch.rand(2000, 1, generator=torch.Generator().manual_seed(0)).double() * 10**size).float()
    low, high = values.amin(0), values.amax(0)
    count = histogram.count(values, torch.ones_like(values, dtype=torch.bool), low, high)
    assert int(count.sum()) == 2000
    assert int((count > 0).sum()) >= (30 if size > -36 else 1)


@given(seeds, st.floats(-30, 30), st.floats(-30, 30))
def test_bins_that_grew_are_bins_that_were_wide_at_once(seed: int, a: float, b: float) -> None:
    g = torch.Generator().manual_seed(seed)
    x = torch.randn(50, 2, generator=g) * 10 ** (a / 10)
    y = torch.randn(50, 2, generator=g) * 10 ** (b / 10) + a
    both = torch.cat([x, y])
    low, high, every = both.amin(0), both.amax(0), torch.ones_like(both, dtype=torch.bool)
    grown = sum(
        histogram.regrid(histogram.count(part, every[: len(part)], *ends), *ends, low, high)
        for part in (x, y)
        for ends in [(part.amin(0), part.amax(0))]
    )
    assert torch.equal(grown, histogram.count(both, every, low, high))
    exponent = histogram.exponents(low, high)
    assert bool((histogram.cells(high, exponent) - histogram.cells(low, exponent) < 64).all())


def test_a_chunk_is_taken_once() -> None:
    data: Data = make(0)
    summary = data.summary([0, 1])
    counted = summary.start(1)
    for values, batch in data.chunks[1]:
        counted.add(values, batch, _helpers())
    with pytest.raises(ValueError, match="twice"):
        summary.add(counted)


@pytest.mark.parametrize("compiled", [True, False])
def test_helpers_and_threads_leave_every_bit(compiled: bool, threads: int) -> None:
    """Blocks that are not full, windows of all lengths: however many threads there are, the same comes out."""
    g = torch.Generator().manual_seed(0)
    values = torch.randn(9, 700, 4200, generator=g)[..., 4096 - 70 :]
    lengths = [700, 699, 650, 500, 333, 48, 47, 33, 700]
    documents = torch.arange(9, dtype=torch.int32)
    batch = Batch(documents, documents, lengths, 32, torch.arange(9 * 700).view(9, 700))
    rows = torch.cat([values[i, 32:n] for i, n in enumerate(lengths)])
    found = []
    for intra, helpers in ((1, 1), (2, 2), (2, 1), (1, 3)):
        torch.set_num_threads(intra)
        threads = Threads(helpers, compiled=compiled)
        summary = Summary(values.shape[2], 25)
        counted = summary.start(0)
        counted.add(values, batch, threads)
        summary.add(counted)
        found.append(everything(summary))
        threads.close()
    for other in found[1:]:
        assert_same(found[0], other)
    assert found[0]["positive"].tolist() == (rows > 0).sum(0).tolist()
    assert found[0]["active"].tolist() == (rows.abs() > 1e-6).sum(0).tolist()
    exponent = histogram.exponents(rows.amin(0), rows.amax(0))
    slots = histogram.cells(rows, exponent) & 63
    assert torch.equal(
        found[0]["bins"], torch.zeros(rows.shape[1], 64).scatter_add_(1, slots.T, torch.ones(rows.T.shape)).long()
    )


def kept(counted: ChunkSummary, group: str) -> tuple[torch.Tensor, Candidates]:
    """Units and candidates of a group, of the one batch of a chunk: in the order of windows, then of units."""
    (blocks,) = counted.records
    every = Records.joined(blocks)
    some = every.at(every.chosen(group, counted.totals.largest))
    some = some.at((some.windows.long() << 32 | some.units.long()).argsort())
    return some.units, some.candidates


@pytest.mark.parametrize("bound", [None, "tanh", "sigmoid"])
@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
def test_the_compiled_loop_counts_what_torch_counts(bound: str | None, dtype: torch.dtype) -> None:
    """Blocks that are not full, values on the edges of bins, tiny and huge ones, NaN and infinity."""
    g = torch.Generator().manual_seed(1)
    values = torch.randn(5, 90, 1100, generator=g) * torch.logspace(-30, 20, 1100)
    values[..., ::3] = (torch.randn(5, 90, 367, generator=g) * 4).round() / 4
    values[..., 1::9] = values[..., 1::9].relu()
    values[..., 5::50] = torch.tanh(torch.randn(5, 90, 22, generator=g) * 3)
    values[..., 7::50] = torch.sigmoid(torch.randn(5, 90, 22, generator=g) * 5)
    values[..., 2::11] = 0.0
    values[1, 40, 600], values[2, 30, 601] = float("nan"), float("-inf")
    values = values.to(dtype)
    documents = torch.arange(5, dtype=torch.int32)
    keys = {0: 4, 1: 9, 3: 2}
    batch = Batch(documents, documents, [90, 90, 71, 33, 64], 7, torch.arange(5 * 90).view(5, 90), keys)
    found = []
    for compiled in (True, False):
        counted = Summary(1100, 25).start(0)
        counted.add(values, batch, Threads(1, compiled=compiled), bound)
        found.append(counted)
    loop, torches = found
    for name, counts in torches.counts.by_name.items():
        assert torch.equal(loop.counts.by_name[name], counts), name
    assert torch.equal(loop.counts.bins, torches.counts.bins)
    assert int(loop.counts.bins.sum()) == int(loop.counts.by_name["seen"].sum()) == 313 * 1100 - 2
    ours, theirs = loop.moments(), torches.moments()
    assert torch.equal(ours.n, theirs.n)
    assert bool(((ours.mean - theirs.mean).abs() <= 1e-5 * theirs.variance.sqrt()).all())
    torch.testing.assert_close(ours.m2, theirs.m2, rtol=1e-5, atol=0.0)
    torch.testing.assert_close(ours.m4, theirs.m4, rtol=1e-5, atol=0.0)
    torch.testing.assert_close(ours.skew, theirs.skew, rtol=0.0, atol=1e-4, equal_nan=True)
    for group in ("top", "bottom", "middle"):
        (units, candidates), (others, expected) = kept(loop, group), kept(torches, group)
        assert len(units) > 1000
        assert torch.equal(units, others)
        assert all(torch.equal(getattr(candidates, name), tensor) for name, tensor in vars(expected).items())
    assert len(loop.samples) == 3
    for sample, expected in zip(loop.samples, torches.samples, strict=True):
        assert all(torch.equal(getattr(sample, name), tensor) for name, tensor in vars(expected).items())


def test_a_window_in_which_nothing_happens_hides_no_other() -> None:
    """A document's first window has peak 0 and is not kept; its second, in the same cell, is."""
    summary = Summary(1, 25)
    for chunk, peaks in enumerate(([-8.0, 8.0], [0.0, 0.25])):
        counted = summary.start(chunk)
        documents = torch.tensor([0, 1] if chunk == 0 else [2, 2], dtype=torch.int32)
        ordinals = torch.arange(2, dtype=torch.int32) + 2 * chunk
        counted.add(
            torch.tensor(peaks).view(2, 1, 1),
            Batch(ordinals, documents, [1, 1], 0, ordinals.long().view(2, 1)),
            _helpers(),
        )
        summary.add(counted)
        summary.settle()
    kept = summary.middle.value[summary.middle.used]
    assert sorted(kept.tolist()) == [-8.0, 0.25, 8.0]


def test_the_names_in_a_saved_state_stay() -> None:
    """A scan that an earlier version began goes on, and can be read, whatever fields are called here."""
    names = set(make(0).summary([0]).state())
    fields = ("value", "ordinal", "document", "position", "twin", "power", "near")
    expected = {f"{group}.{field}" for group in ("top", "bottom", "middle") for field in fields}
    expected |= {f"sample.{field}" for field in (*fields, "lot", "tokens", "tokens_power")}
    expected |= {f"counts.{name}" for name in ("seen", "positive", "active", "pinned", "nonfinite")}
    expected |= {"low", "high", "bins", "peaks.low", "peaks.high", "tree.0.0", "last_chunk"}
    assert names == expected
