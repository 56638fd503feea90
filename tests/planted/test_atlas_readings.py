"""What reads the same is shown once, with the number of documents in which it stands; values keep their size."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import torch
from torch import Tensor, nn

import neuronwidget as nw
from neuronwidget.atlas.files.folder import AtlasError, Folder
from neuronwidget.atlas.scan.observer import ScanPaused

WORDS, STRONG, UNITS, WINDOW, OVERLAP = 100, 90, 6, 40, 5


class Reader(nn.Module):
    """Units that are functions of the token and, a little, of all tokens before it (or, not `causal`, of all)."""

    def __init__(self, causal: bool) -> None:
        super().__init__()
        torch.manual_seed(0)
        self.embed, self.act, self.causal = nn.Embedding(WORDS, UNITS), nn.Identity(), causal
        self.embed.weight.data[STRONG:] *= 3

    def forward(self, ids: Tensor) -> Tensor:
        x = self.embed(ids)
        mean = x.cumsum(1) / torch.arange(1, x.shape[1] + 1)[:, None] if self.causal else x.mean(1, keepdim=True)
        return self.act(x + 0.05 * mean)


class Last(Reader):
    """One row for a whole text."""

    def __init__(self, causal: bool) -> None:
        super().__init__(causal)
        self.last = nn.Identity()

    def forward(self, ids: Tensor) -> Tensor:
        return self.last(super().forward(ids)[:, -1])


def attach(module: nn.Module) -> nw.LiveModel:
    inputs = nw.TextInputs(lambda text: [ord(c) - 200 for c in text], lambda ids: "".join(chr(i + 200) for i in ids))
    inputs.sample = "".join(chr(200 + i) for i in range(40))
    return nw.attach(module, inputs=inputs)


def text(ids: list[int]) -> str:
    return "".join(chr(200 + i) for i in ids)


@pytest.fixture(scope="module")
def documents() -> list[list[int]]:
    """Eight snippets around a strong token, each in many documents, behind other beginnings and before other ends."""
    g = torch.Generator().manual_seed(3)

    def draw(n: int, most: int = STRONG) -> list[int]:
        return torch.randint(0, most, (n,), generator=g).tolist()

    snippets = [[*draw(16), STRONG + i, *draw(8)] for i in range(8)]
    found = [draw(4 + i % 9) + snippets[i % 8] + draw(i % 5) for i in range(150)]
    found += [draw(3) + snippets[i % 8][: 20 - i % 4] for i in range(30)]  # the same up to the strong token
    found += [draw(20 + i) for i in range(60)] + [draw(30, WORDS) for _ in range(60)]
    found += [snippets[i][:] for i in (0, 1, 0)] + [draw(100) + snippets[i] * 2 for i in (2, 3)] + [[1, 2], []]
    order = torch.randperm(len(found), generator=g).tolist()
    return [found[i] for i in order]


Place = tuple[int, int, tuple[Any, ...]]


def windows(document: list[int]) -> list[tuple[int, list[int]]]:
    starts = [0] if document else []
    while starts and starts[-1] + WINDOW < len(document):
        starts.append(starts[-1] + WINDOW - OVERLAP)
    return [(start, document[start : start + WINDOW]) for start in starts]


def read(window: list[int], at: int, causal: bool) -> tuple[Any, ...]:
    """What is shown around a token, before and behind it."""
    behind = () if causal else tuple(window[at + 1 : at + 9])
    return tuple(window[max(0, at - 16) : at + 1]), behind


def readings(documents: list[list[int]], causal: bool) -> dict[tuple[Any, ...], set[int]]:
    """All that can be read, with the documents in which it stands."""
    found: dict[tuple[Any, ...], set[int]] = {}
    for number, document in enumerate(documents):
        for start, window in windows(document):
            for at in range(OVERLAP if start else 0, len(window)):
                found.setdefault(read(window, at, causal), set()).add(number)
    return found


def strongest(documents: list[list[int]], module: Reader, unit: int, sign: int) -> list[Place]:
    """The strongest documents that read differently: number, position, what is read."""
    entries = []
    for number, document in enumerate(documents):
        best = (0.0, 0, ())
        for start, window in windows(document):
            skip = OVERLAP if start else 0
            values = module(torch.tensor([window]))[0, skip:, unit].detach() * sign
            at = int(values.argmax()) + skip
            if float(values.max()) > best[0]:
                best = (float(values.max()), start + at, read(window, at, module.causal))
        if best[0] > 0:
            entries.append((-best[0], number, best[1], best[2]))
    found: dict[tuple[Any, ...], Place] = {}
    for _, number, position, reading in sorted(entries):
        found.setdefault(reading, (number, position, reading))
    return list(found.values())[:20]


def scan(live: nw.LiveModel, documents: list[list[int]], out: Path, **options: Any) -> nw.Atlas:
    return nw.scan(live, list(map(text, documents)), ["act"], out=out, window=WINDOW, overlap=OVERLAP, **options)


@pytest.mark.parametrize("causal", [True, False])
def test_what_reads_the_same_comes_once_and_copies_are_counted(
    causal: bool, documents: list[list[int]], tmp_path: Path
) -> None:
    module = Reader(causal)
    atlas = scan(attach(module), documents, tmp_path / "atlas", progress=False)
    standing = readings(documents, causal)
    for unit in range(UNITS):
        shown = atlas.exemplars(("act", unit))
        shown["reads"] = [
            (
                tuple(ord(c) - 200 for c in row.pieces[: row.peak + 1]),
                () if causal else tuple(ord(c) - 200 for c in row.pieces[row.peak + 1 :]),
            )
            for row in shown.itertuples()
        ]
        assert not shown.duplicated(["group", "stratum", "reads"]).any()
        assert shown["copies"].tolist() == [len(standing[reads]) for reads in shown["reads"]]
        for group, sign in (("top", 1), ("bottom", -1)):
            here = shown[shown["group"] == group]
            found = list(zip(here["document"], here["position"], here["reads"], strict=True))
            assert found == strongest(documents, module, unit, sign)
        assert shown["copies"].max() > 10


def test_a_scan_that_goes_on_counts_the_same(documents: list[list[int]], tmp_path: Path) -> None:
    whole = scan(attach(Reader(True)), documents, tmp_path / "whole", progress=False)
    parts, stops = None, 0
    while parts is None:
        done: list[Any] = []
        try:
            parts = scan(
                attach(Reader(True)),
                documents,
                tmp_path / "parts",
                progress=done.append,
                stop=lambda: bool(done),  # noqa: B023
            )
        except ScanPaused:
            stops += 1
    assert stops > 2
    for unit in range(UNITS):
        a, b = (atlas.exemplars(("act", unit)) for atlas in (whole, parts))
        pd.testing.assert_frame_equal(a, b, check_exact=True)


def test_an_unfinished_scan_of_another_version_is_refused_and_a_finished_one_opens(
    documents: list[list[int]], tmp_path: Path
) -> None:
    done: list[Any] = []
    live, folder = attach(Reader(True)), Folder(tmp_path / "atlas")
    with pytest.raises(ScanPaused):
        scan(live, documents, folder.path, progress=done.append, stop=lambda: bool(done))
    now = folder.manifest()
    folder.write_manifest({name: value for name, value in now.items() if name != "keeping"})
    with pytest.raises(AtlasError, match=r"another version .* Give another out=, or remove it\."):
        scan(live, documents, folder.path, progress=False)
    folder.write_manifest(now)
    whole = scan(live, documents, folder.path, progress=False)
    later = folder.manifest()
    folder.write_manifest({name: value for name, value in later.items() if name not in ("keeping", "looks_back")})
    again = scan(live, documents, folder.path, progress=False)
    pd.testing.assert_frame_equal(whole.units, again.units)


def test_sites_of_whole_texts_tell_texts_by_all_of_them(tmp_path: Path) -> None:
    """The first tokens are all that is shown, but not all that the value is about."""
    g = torch.Generator().manual_seed(0)
    begin = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]
    documents = [begin + torch.randint(0, 90, (20,), generator=g).tolist() for _ in range(12)]
    atlas = nw.scan(
        attach(Last(True)), list(map(text, documents + documents[:5])), ["last"], out=tmp_path / "a", progress=False
    )
    for unit in range(UNITS):
        shown = atlas.exemplars(("last", unit))
        assert (shown["group"] == "top").sum() == 12
        assert shown["copies"].tolist() == [2 if number % 12 < 5 else 1 for number in shown["document"]]


def test_rows_that_are_the_same_come_once(tmp_path: Path) -> None:
    torch.manual_seed(0)
    live = nw.attach(
        nn.Sequential(nn.Linear(3, 4), nn.ReLU()), inputs=nw.TableInputs(dict.fromkeys("abc", (-3.0, 3.0)))
    )
    rows = np.random.default_rng(0).normal(size=(40, 3)).round(3)
    atlas = nw.scan(live, np.concatenate([rows, rows[:7], rows[:7]]), out=tmp_path / "rows", progress=False)
    site = atlas.sites[0].name
    for unit in range(4):
        shown = atlas.exemplars((site, unit))
        assert not shown.assign(reads=shown["row"].map(str)).duplicated(["group", "stratum", "reads"]).any()
        assert shown["copies"].tolist() == [1 if 7 <= number < 40 else 3 for number in shown["document"]]


class Sizes(nn.Module):
    """The same values in sizes that float16 has and has not."""

    SIZES = (1.0, 1e-12, 1e-30, 1e9, 1e30, 3e38)

    def __init__(self) -> None:
        super().__init__()
        torch.manual_seed(0)
        self.embed, self.act = nn.Embedding(WORDS, len(self.SIZES)), nn.Identity()
        values = torch.rand(WORDS, 1).double() * torch.tensor(self.SIZES, dtype=torch.float64)
        self.embed.weight.data = (values * torch.where(torch.arange(WORDS) % 3 == 0, -1, 1)[:, None]).float()

    def forward(self, ids: Tensor) -> Tensor:
        return self.act(self.embed(ids))


def test_values_around_a_peak_keep_their_size(tmp_path: Path) -> None:
    module = Sizes()
    g = torch.Generator().manual_seed(0)
    documents = [torch.randint(0, WORDS, (30,), generator=g).tolist() for _ in range(100)]
    atlas = nw.scan(attach(module), list(map(text, documents)), ["act"], out=tmp_path / "a", progress=False)
    weights = module.embed.weight.data.double()
    for unit in range(len(Sizes.SIZES)):
        shown = atlas.exemplars(("act", unit))
        assert set(shown["group"]) == {"top", "bottom", "intervals", "quantiles"}
        for row in shown.itertuples():
            expected = weights[[ord(c) - 200 for c in row.pieces], unit].numpy()
            assert row.values[row.peak] == row.value == expected[row.peak]
            assert np.allclose(row.values, expected, rtol=2**-11, atol=np.abs(expected).max() * 2.0**-40)
            if unit == 0:  # what float16 has is as it was
                rest = np.arange(len(expected)) != row.peak
                assert (np.asarray(row.values)[rest] == expected.astype(np.float16)[rest]).all()
        assert atlas.similar(("act", unit), n=1)["correlation"].iloc[0] > 0.999


class Broken(nn.Module):
    """A value for each token; some are no numbers."""

    def __init__(self) -> None:
        super().__init__()
        self.embed, self.act = nn.Embedding(WORDS, 1), nn.Identity()
        self.embed.weight.data = torch.arange(WORDS).float()[:, None] / 64 + 1e7
        self.embed.weight.data[:3, 0] = torch.tensor([float("nan"), float("inf"), -float("inf")])

    def forward(self, ids: Tensor) -> Tensor:
        return self.act(self.embed(ids))


def test_what_is_no_number_around_a_peak_leaves_the_rest(tmp_path: Path) -> None:
    """NaN is 0, and an infinity the largest magnitude around, as docs/atlas.md says."""
    documents = [[10 + i, 0, 1, 2, 50 + i] for i in range(20)]
    atlas = nw.scan(attach(Broken()), list(map(text, documents)), ["act"], out=tmp_path / "a", progress=False)
    for row in atlas.exemplars(("act", 0), group="top").itertuples():
        expected = [1e7, 0.0, 1e7, -1e7, row.value]
        assert row.values.tolist() == pytest.approx(expected, rel=1e-3)
