"""Units of which we know what they do are described as what they are, through the public API."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch
from torch import Tensor, nn

import neuronwidget as nw
from neuronwidget.atlas.states import Thresholds

ALPHABET = 100
RARE, STRONG, TIE = 90, 91, 92


class Planted(nn.Module):
    """Units that are functions of the token alone, with exact values; then squashed copies of some."""

    def __init__(self) -> None:
        super().__init__()
        self.embed = nn.Embedding(ALPHABET, 8)
        self.act = nn.ReLU()
        self.down = nn.Linear(8, 4, bias=False)
        self.squash = nn.Tanh()
        values = torch.zeros(ALPHABET, 8)
        number = torch.arange(ALPHABET).float()
        values[:, 0] = -1.0  # dead: never above zero after the ReLU
        values[RARE, 1] = 2.0  # rare: on one token
        values[:, 2] = 5.0  # always the same
        values[:, 3] = number + 1  # the token's number
        values[STRONG, 4], values[TIE, 4] = 7.0, 3.0  # known exemplars
        values[:, 5] = (number % 2) + 0.5  # dense
        values[:, 6] = number - 50  # half of the tokens
        values[:, 7] = torch.where(number == RARE, 9.0, 0.25)
        weights = torch.zeros(4, 8)
        weights[0, 2] = 4.0  # tanh(20): pinned
        weights[1, 6] = 0.01
        weights[2, 3] = -1.0  # pinned below, always
        weights[3, 4] = 0.1
        self.embed.weight.data, self.down.weight.data = values, weights

    def forward(self, ids: Tensor) -> Tensor:
        return self.squash(self.down(self.act(self.embed(ids))))


def attach() -> nw.LiveModel:
    inputs = nw.TextInputs(lambda text: [ord(c) - 200 for c in text], lambda ids: "".join(chr(i + 200) for i in ids))
    inputs.sample = "".join(chr(200 + i) for i in range(40))
    return nw.attach(Planted(), inputs=inputs)


def text(ids: list[int]) -> str:
    return "".join(chr(200 + i) for i in ids)


@pytest.fixture(scope="module")
def documents() -> list[list[int]]:
    """200 documents of 300 tokens; the rare token stands at 12 of 60,000 places: 1 in 5,000."""
    g = torch.Generator().manual_seed(0)
    found = [torch.randint(0, 90, (300,), generator=g).tolist() for _ in range(200)]
    for document in range(12):
        found[document * 16][(document * 37) % 300] = RARE
    found[7][250] = STRONG
    for document in (3, 150, 90):
        found[document][10] = TIE
    return found


@pytest.fixture(scope="module")
def atlas(documents: list[list[int]], tmp_path_factory: pytest.TempPathFactory) -> nw.Atlas:
    names = [f"doc-{i}" for i in range(200)]
    labels = ["even" if i % 2 == 0 else "odd" for i in range(200)]
    out = tmp_path_factory.mktemp("atlas") / "planted"
    sites = ["act", "squash"]
    return nw.scan(attach(), list(map(text, documents)), sites, out=out, ids=names, labels=labels, progress=False)


def test_states(atlas: nw.Atlas) -> None:
    act, squash = (atlas.units.loc[site.name] for site in atlas.sites)
    assert act["state"].tolist() == ["dead", "rare", "saturated", "dense", "rare", "dense", "ok", "dense"]
    assert squash["state"].tolist()[0] == "saturated"
    assert squash["state"].tolist()[2] == "saturated"
    assert squash["state"].tolist()[3] == "rare"
    assert atlas.units.attrs["thresholds"] == Thresholds().as_dict()
    dead = act.iloc[0]
    assert (dead["density_low"], dead["density_high"]) == (0.0, pytest.approx(1 - 0.05 ** (1 / 60_000)))


def test_a_unit_that_had_no_chance_to_fire_is_not_called_dead(tmp_path: Path) -> None:
    small = nw.scan(attach(), [text([1, 2, 3] * 20)], ["act"], out=tmp_path / "small", progress=False)
    assert small.units["state"].iloc[0] == "not seen"
    assert small.units["density_high"].iloc[0] == pytest.approx(1 - 0.05 ** (1 / 60))


def test_one_bound_is_told_of_a_unit_that_never_fired(atlas: nw.Atlas) -> None:
    """In the table, on the card and in the state's words; it is the exact one: 95 of 100 such samples would show it."""
    dead = atlas.unit((atlas.sites[0].name, 0))
    assert [name for name in atlas.units.columns if "bound" in name or "high" in name] == ["density_high"]
    assert (1 - dead["density_high"]) ** 60_000 == pytest.approx(0.05)
    assert dead["density_high"] == pytest.approx(4.99e-5, rel=1e-3)
    assert "at 0.005 % of them at most" in nw.unit_card(None, atlas, (atlas.sites[0].name, 0)).words
    always = atlas.unit((atlas.sites[0].name, 2))
    assert (always["density"], always["density_high"]) == (1.0, 1.0)
    assert always["density_low"] ** 60_000 == pytest.approx(0.05)


def test_counts_are_exact(atlas: nw.Atlas, documents: list[list[int]]) -> None:
    tokens = np.array(documents).ravel()
    act = atlas.units.loc[atlas.sites[0].name]
    assert (act["seen"] == 60_000).all()
    assert act["density"].iloc[1] == 12 / 60_000
    assert act["density"].iloc[6] == (tokens > 50).mean()
    assert act["density_low"].iloc[1] < 12 / 60_000 < act["density_high"].iloc[1]
    number = tokens + 1.0
    assert act["mean"].iloc[3] == pytest.approx(number.mean(), rel=1e-9)
    assert act["std"].iloc[3] == pytest.approx(number.std(), rel=1e-7)
    assert (act["min"].iloc[3], act["max"].iloc[3]) == (number.min(), number.max())
    bins = atlas.histogram((atlas.sites[0].name, 3))
    expected, _ = np.histogram(number, [*bins["low"], bins["high"].iloc[-1]])
    assert bins["count"].tolist() == expected.tolist()
    assert bins["count"].sum() == 60_000


def test_known_exemplars(atlas: nw.Atlas, documents: list[list[int]]) -> None:
    site = atlas.sites[0].name
    top = atlas.exemplars((site, 4), group="top")
    assert top["document"].tolist() == [7, 3, 90, 150]
    assert top["value"].tolist() == [7.0, 3.0, 3.0, 3.0]
    assert top["position"].tolist() == [250, 10, 10, 10]
    assert top["id"].tolist() == ["doc-7", "doc-3", "doc-90", "doc-150"]
    assert top["label"].tolist() == ["odd", "odd", "even", "even"]
    first = top.iloc[0]
    assert first["pieces"][first["peak"]] == text([STRONG])
    assert first["text"] == text(documents[7][234:256])  # as far as the window goes
    assert first["values"][first["peak"]] == 7.0
    rare = atlas.exemplars((site, 1), group="top")
    assert sorted(rare["document"]) == [i * 16 for i in range(12)]
    assert atlas.exemplars((site, 0), group="top").empty


def test_streamed_top_equals_offline_top(atlas: nw.Atlas, documents: list[list[int]]) -> None:
    """Ties by document, then by position: the largest number in each document, at its first place."""
    expected = sorted((-max(d) - 1.0, i, d.index(max(d))) for i, d in enumerate(documents))[:20]
    top = atlas.exemplars((atlas.sites[0].name, 3), group="top")
    assert list(zip(-top["value"], top["document"], top["position"], strict=True)) == expected


def test_values_along_the_window_are_the_models_own(atlas: nw.Atlas, documents: list[list[int]]) -> None:
    live = attach()
    for unit in ((atlas.sites[0].name, 3), (atlas.sites[1].name, 1)):
        for _, row in atlas.exemplars(unit, n=3).iterrows():
            values = live.record(text(documents[row["document"]]), [unit[0]])[unit[0]][:, unit[1]]
            begin = row["position"] - row["peak"]
            assert values[row["position"]] == row["value"]
            assert np.allclose(values[begin : begin + len(row["values"])], row["values"], rtol=1e-3)


def test_no_group_shows_a_document_twice(atlas: nw.Atlas) -> None:
    for unit in range(8):
        shown = atlas.exemplars((atlas.sites[0].name, unit))
        assert not shown.duplicated(["group", "stratum", "document"]).any()
        assert (shown.groupby(["group", "stratum"]).size() <= 20).all()


def test_copies_are_shown_once_with_their_number(tmp_path: Path) -> None:
    licence = text([5, 6, 7, 80, 8, 9])
    documents = [licence + text([i % 40] * 20) for i in range(30)] + [text([1, 2, 85, 3]) for _ in range(7)]
    unlike = [text([i % 40, i // 40, 60 + i % 5]) for i in range(40)]
    atlas = nw.scan(attach(), documents + unlike, ["act"], out=tmp_path / "copies", progress=False)
    top = atlas.exemplars((atlas.sites[0].name, 3), group="top")
    assert top["value"].iloc[0] == 86.0
    assert top["copies"].iloc[0] == 7
    assert top["document"].iloc[0] == 30


def test_similar_units(atlas: nw.Atlas) -> None:
    best = atlas.similar((atlas.sites[0].name, 6), n=3)
    assert best["unit"].iloc[0] == f"{atlas.sites[1].name}:1"
    assert best["correlation"].iloc[0] > 0.9


@pytest.mark.parametrize("as_source", [list, iter, pd.Series, lambda d: pd.DataFrame({"text": d})])
def test_all_sources_give_one_atlas(
    as_source: Callable[[list[str]], object], tmp_path: Path, documents: list[list[int]]
) -> None:
    texts = [text(d) for d in documents[:10]]
    a = nw.scan(attach(), texts, out=tmp_path / "a", progress=False)
    b = nw.scan(attach(), as_source(texts), out=tmp_path / "b", progress=False)
    pd.testing.assert_frame_equal(a.units, b.units)
    pd.testing.assert_frame_equal(a.exemplars((a.sites[0].name, 3)), b.exemplars((b.sites[0].name, 3)))


def test_a_folder_of_texts(tmp_path: Path) -> None:
    (tmp_path / "texts/b").mkdir(parents=True)
    (tmp_path / "texts/z.txt").write_text(text([1, 2, 3]), encoding="utf-8")
    (tmp_path / "texts/b/a.txt").write_text(text([4, 5]), encoding="utf-8")
    (tmp_path / "texts/picture.png").write_bytes(b"\x89PNG\x00\xff\xfe")
    atlas = nw.scan(attach(), tmp_path / "texts", out=tmp_path / "out", progress=False)
    assert [atlas.document(i)["id"] for i in range(2)] == ["b/a.txt", "z.txt"]
    assert atlas.tokens == 5


def test_padding_and_repeated_tokens_never_count(tmp_path: Path) -> None:
    """Documents of all lengths, cut into windows that overlap: every token is counted once."""
    g = torch.Generator().manual_seed(5)
    documents = [torch.randint(0, 90, (n,), generator=g).tolist() for n in (0, 1, 2, 5, 15, 16, 17, 31, 33, 100, 257)]
    atlas = nw.scan(
        attach(), list(map(text, documents)), ["act"], out=tmp_path / "a", window=16, overlap=5, progress=False
    )
    tokens = np.concatenate([np.array(d, int) for d in documents])
    unit = atlas.unit((atlas.sites[0].name, 3))
    assert unit["seen"] == len(tokens) == atlas.tokens
    assert unit["mean"] == pytest.approx(tokens.mean() + 1, rel=1e-9)
    assert atlas.histogram((atlas.sites[0].name, 3))["count"].sum() == len(tokens)
    top = atlas.exemplars((atlas.sites[0].name, 3), group="top")
    for _, row in top.iterrows():
        assert row["value"] == max(documents[row["document"]]) + 1
        assert documents[row["document"]][row["position"]] + 1 == row["value"]
