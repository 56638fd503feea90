"""A unit's card, the finder, the direct path to the outputs, and the charts, on atlases of models built for it."""

import math
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn

import neuronwidget as nw
from neuronwidget.analysis.inspect import search as search_module
from neuronwidget.analysis.inspect.card import quantile_of
from neuronwidget.analysis.inspect.outputs import direct_outputs
from neuronwidget.analysis.inspect.search import EndlessError, Search
from neuronwidget.stream.protocol.asks import AtlasAsk
from neuronwidget.widgets.answers.answers import AtlasAnswers
from neuronwidget.widgets.answers.context import AtlasContext
from tests.live.adapters.families import FAMILIES, tokenizer

ALPHABET = "abcdefgh "
WIDTH, NEURONS = 12, 10


class Block(nn.Module):
    def __init__(self, post_norm: bool) -> None:
        super().__init__()
        self.norm = nn.LayerNorm(WIDTH)
        self.up = nn.Linear(WIDTH, 2 * NEURONS)
        self.down = nn.Linear(2 * NEURONS, WIDTH)
        self.post_norm = post_norm

    def forward(self, x: Tensor) -> Tensor:
        if self.post_norm:
            return self.norm(x + self.down(self.up(x).relu()))
        return x + self.down(self.up(self.norm(x)).relu())


class Model(nn.Module):
    """Reads letters one by one; neuron 0 of block 0 never fires, neuron 1 fires at "a" alone."""

    def __init__(self, post_norm: bool = False, final: nn.Module | None = None) -> None:
        super().__init__()
        torch.manual_seed(3)
        self.embed = nn.Embedding(len(ALPHABET), WIDTH)
        self.blocks = nn.ModuleList(Block(post_norm) for _ in range(2))
        self.final = final or nn.LayerNorm(WIDTH)
        self.head = nn.Linear(WIDTH, len(ALPHABET))
        with torch.no_grad():
            for part in self.modules():
                if isinstance(part, nn.LayerNorm):
                    part.weight.uniform_(0.5, 2)
            up = self.blocks[0].up
            up.weight[0], up.bias[0] = 0.0, -1.0
            normed = self.blocks[0].norm(self.embed.weight)
            if not post_norm:
                others = normed[1:] - normed[0]
                direction = torch.linalg.lstsq(others, -torch.ones(len(others), 1)).solution[:, 0]
                up.weight[1], up.bias[1] = direction, 0.5 - direction @ normed[0]

    def forward(self, ids: Tensor) -> Tensor:
        x = self.embed(ids)
        for block in self.blocks:
            x = block(x)
        return self.head(self.final(x))


def attached(model: nn.Module) -> nw.LiveModel:
    inputs = nw.TextInputs(
        encode=lambda text: [ALPHABET.index(c) if c in ALPHABET else 8 for c in text],
        decode=lambda ids: "".join(ALPHABET[i] for i in ids),
    )
    return nw.attach(model.eval(), inputs=inputs)


DOCUMENTS = ["bcd efg", "hhg fed", "a bc", "fed cab", "gg hh ee", "dada", "bb cc dd"] * 3


@pytest.fixture(scope="module")
def live() -> nw.LiveModel:
    return attached(Model())


@pytest.fixture(scope="module")
def atlas(live: nw.LiveModel, tmp_path_factory: pytest.TempPathFactory) -> nw.Atlas:
    documents = [f"{text} {'fgh'[i % 3]}" for i, text in enumerate(DOCUMENTS)]
    return nw.scan(live, documents, out=tmp_path_factory.mktemp("atlas") / "a", progress=False)


# ---- the card ------------------------------------------------------------------------------------------------------


def test_the_card_tells_where_a_value_stands_as_counting_all_values_does(live: nw.LiveModel, atlas: nw.Atlas) -> None:
    unit = ("mlp.1", 3)
    card = nw.unit_card(live, atlas, unit)
    every = np.concatenate([live.record(atlas.document(i)["text"])["mlp.1"][:, 3].numpy() for i in range(21)])
    for value in (float(np.quantile(every, 0.7)), float(every.max()), 0.0, -1.0):
        standing = card.where(value)
        assert standing.low - 1e-9 <= (every < value).mean() <= standing.high + 1e-9
        assert standing.low <= standing.quantile <= standing.high
    best = card.top["value"].to_numpy()
    assert card.where(float(best[0]) + 1).rank == 1
    assert "beyond all" in str(card.where(float(best[0]) + 1))
    between = float(best[2] + best[3]) / 2
    assert card.where(between).rank == 1 + int((best > between).sum())
    assert card.where(float(best[-1]) - 1e-3).rank is None
    assert card.where(math.nan).rank is None


def test_values_below_zero_are_ranked_among_the_most_negative(live: nw.LiveModel, tmp_path: Path) -> None:
    atlas = nw.scan(live, DOCUMENTS, sites=["resid.1"], out=tmp_path / "r", progress=False)
    card = nw.unit_card(None, atlas, "resid.1:0")
    lowest = float(card.bottom["value"].min())
    assert lowest < 0
    standing = card.where(lowest * 2)
    assert (standing.group, standing.rank, standing.quantile) == ("bottom", 1, 0.0)


def test_a_quantile_of_nothing_is_not_a_number(atlas: nw.Atlas) -> None:
    assert all(math.isnan(x) for x in quantile_of(atlas.histogram("mlp.0:1").iloc[:0], 1.0))


def test_states_are_told_in_words_with_their_bounds(atlas: nw.Atlas) -> None:
    silent = nw.unit_card(None, atlas, "mlp.0:0")
    assert silent.state == "not seen"
    assert f"never fired in {atlas.tokens}" in silent.words
    assert "at most (95 %)" in silent.words
    assert "too little to call it dead" in silent.words
    dense = nw.find_units(atlas, state="dense")
    if len(dense):
        assert nw.unit_card(None, atlas, dense.index[0]).words.startswith("Dense: above zero at ")
    assert silent.outputs.reason.startswith("The atlas alone holds no weights")


def test_a_unit_that_is_mostly_below_zero_is_called_that(tmp_path: Path) -> None:
    class Low(nn.Module):
        """Its unit 0 is below zero at every letter but "!"."""

        def __init__(self) -> None:
            super().__init__()
            self.embed, self.act = nn.Embedding(128, 2), nn.Tanh()
            nn.init.constant_(self.embed.weight, -1.0)
            with torch.no_grad():
                self.embed.weight[ord("!")] = 1.0

        def forward(self, ids: Tensor) -> Tensor:
            return self.act(self.embed(ids))

    low = nw.attach(Low(), inputs=nw.TextInputs(lambda text: [*map(ord, text)], lambda ids: "".join(map(chr, ids))))
    site = low.sites.resolve("act").name
    atlas = nw.scan(low, ["abcdefgh" * 20] * 10 + ["!"], [site], out=tmp_path / "a", progress=False)
    atlas.thresholds = type(atlas.thresholds)(saturated=2.0)
    words = nw.unit_card(None, atlas, (site, 0)).words
    assert words == "Mostly below zero: it fires at 100 % of 1,601 tokens, above zero at 0.062 %."


# ---- the direct path -----------------------------------------------------------------------------------------------


def test_cards_take_model_atlas_and_unit_in_one_order(live: nw.LiveModel, atlas: nw.Atlas) -> None:
    for card in (nw.unit_card, nw.UnitCard):
        for first, second in ((atlas, live), (atlas, "mlp.0:1"), (live, "mlp.0:1")):
            with pytest.raises(TypeError, match=r"takes a live model, an atlas and a unit, in this order, and got"):
                card(first, second, "mlp.0:1")
    view = nw.UnitCard(live, atlas, "mlp.0:1")
    assert view.card().unit == nw.unit_card(live, atlas, "mlp.0:1").unit == nw.Unit("mlp.0", 1)
    view.close()
    for view_class in (nw.ExemplarGrid, nw.UnitFinder):
        with pytest.raises(TypeError, match=r"has no argument 'unti'\. Near it: unit"):
            view_class(atlas, unti="mlp.0:1")
    with pytest.raises(TypeError, match=r"is not an atlas: .* The atlas comes before the live model"):
        nw.UnitFinder(live, atlas)


def test_the_direct_path_is_the_weights_times_the_unembedding(live: nw.LiveModel) -> None:
    model = live.module
    found = direct_outputs(live, "mlp.0:4", n=9)
    direction = model.blocks[0].down.weight[:, 4]
    direction = (direction - direction.mean()) * model.final.weight
    expected = (model.head.weight @ direction).detach()
    told = {row["index"]: row["effect"] for table in (found.promoted, found.suppressed) for _, row in table.iterrows()}
    assert told == pytest.approx({i: float(e) for i, e in enumerate(expected) if e != 0}, rel=1e-3, abs=1e-5)
    assert found.promoted["effect"].is_monotonic_decreasing
    assert found.promoted["output"].tolist() == [ALPHABET[i] for i in found.promoted["index"]]
    assert "approximation" in found.note
    assert "division" in found.note


def test_without_a_final_norm_only_later_layers_are_left_out() -> None:
    live = attached(Model(final=nn.Identity()))
    found = direct_outputs(live, "mlp.1:2", n=9)
    direction = live.module.blocks[1].down.weight[:, 2]
    best = int((live.module.head.weight @ direction).argmax())
    assert found.promoted["index"].iloc[0] == best
    assert "normalisation" not in found.note


def test_it_stays_away_with_a_reason_where_the_structure_does_not_allow_it() -> None:
    post = attached(Model(post_norm=True))
    assert "does not arrive in the stream as it is" in direct_outputs(post, "mlp.0:4").reason
    twisted = attached(Model(final=nn.Sequential(nn.Linear(WIDTH, WIDTH), nn.Tanh())))
    assert "more than one normalisation" in direct_outputs(twisted, "mlp.0:4").reason
    digits = nw.demo("digits")
    assert "lie other layers" in direct_outputs(digits, "conv.0:1").reason
    assert direct_outputs(digits, "dense.0:1").note.startswith("Exact")


def test_trying_out_leaves_the_model_as_it_was(live: nw.LiveModel) -> None:
    fresh = attached(Model())
    hooks = [len(part._forward_hooks) for part in fresh.module.modules()]
    before = fresh.record("abc")["mlp.1"]
    direct_outputs(fresh, "mlp.0:4")
    assert [len(part._forward_hooks) for part in fresh.module.modules()] == hooks
    assert torch.equal(fresh.record("abc")["mlp.1"], before)
    assert not any(p.grad is not None for p in fresh.module.parameters())


# ---- the finder ----------------------------------------------------------------------------------------------------


def test_units_are_found_by_what_their_exemplars_say(atlas: nw.Atlas) -> None:
    only_a = nw.find_units(atlas, sites="mlp.0", text="a", at="window")
    assert ("mlp.0", 1) in only_a.index
    top = atlas.exemplars("mlp.0:1", "top")
    assert only_a.loc[("mlp.0", 1), "matches"] == sum("a" in text for text in top["text"])
    assert only_a["exclusive"].is_monotonic_decreasing
    assert nw.find_units(atlas, text="a", order="matches")["matches"].is_monotonic_decreasing
    assert not len(nw.find_units(atlas, text="zebra"))
    with pytest.raises(ValueError, match="is no regular expression"):
        nw.find_units(atlas, text="(")


def test_units_that_go_with_a_text_and_little_else_come_first(tmp_path: Path) -> None:
    """One unit in comments alone, one at every letter, one at a letter that stands once, and in a comment."""

    class Comments(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.embed, self.act = nn.Embedding(128, 1), nn.ReLU()

        def forward(self, ids: Tensor) -> Tensor:
            inside = ((ids == 35).long().cumsum(1) > 0).float()
            steps = torch.arange(ids.shape[1], dtype=torch.float32)
            lone = (ids == ord("~")).float() - 0.5
            grows = inside * (1 + (7 * steps % 5) / 10)
            return self.act(torch.stack([steps.expand_as(inside) % 9, lone, grows], -1) + 0 * self.embed(ids))

    model = nw.attach(Comments(), inputs=nw.TextInputs(lambda t: [*map(ord, t)], lambda ids: "".join(map(chr, ids))))
    plain = [f"plain text {i} and more of it" for i in range(40)]
    documents = [*plain, *(f"  # {i} was said about it" for i in range(30)), "# one ~"]
    site = model.sites.resolve("act").name
    atlas = nw.scan(model, documents, [site], out=tmp_path / "a", progress=False)
    found = nw.find_units(atlas, text=r"^\s*#")
    assert found.index[0] == (site, 2)
    assert found["exclusive"].iloc[0] > 0.4 > found["exclusive"].iloc[1:].max()
    assert found.loc[(site, 1), "matches"] == 1, "of the strongest, those at which it fires"
    assert not len(nw.find_units(atlas, text="about it$", density=(None, 0.01))), "what stands behind the peak"
    with pytest.raises(ValueError, match="one of peak, window"):
        nw.find_units(atlas, text="a", at="end")
    with pytest.raises(ValueError, match="says where to look"):
        nw.find_units(atlas, at="peak")


def test_patterns_find_what_re_finds(atlas: nw.Atlas) -> None:
    texts = {unit: atlas.exemplars(unit, "top")["text"].tolist() for unit in ("mlp.0:1", "mlp.1:3")}
    for pattern in (r"a.*d$", re.compile("B|C", re.IGNORECASE), r"(?s)^.", r"[^\W\d]{3}", ""):
        found = nw.find_units(atlas, text=pattern, at="window")
        for unit, said in texts.items():
            site, _, index = unit.partition(":")
            count = sum(re.search(pattern, text) is not None for text in said)
            assert found["matches"].get((site, int(index)), 0) == count
    assert not len(nw.find_units(atlas, text="\ud800"))


def test_a_pattern_that_never_ends_is_refused(
    live: nw.LiveModel, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(search_module, "PATIENCE", 2.0)
    atlas = nw.scan(live, ["a" * 60 + "b"], sites=["mlp.0"], out=tmp_path / "a", progress=False)
    with Search(re.compile("(a+)+$")) as search:
        assert list(search.hits(["ba", "ab", ""] * 400)) == [True, False, False] * 400
        with pytest.raises(ValueError, match="takes too long"):
            list(search.hits(["a" * 60 + "b"]))
    fine, endless = nw.find_units(atlas, text="a+$"), "(((((((a+)+)+)+)+)+)+)+c"
    with pytest.raises(ValueError, match="repetition inside of another"):
        nw.find_units(atlas, text=endless)
    message, _ = AtlasAnswers(AtlasContext(atlas)).answer(AtlasAsk(1, "find", {"text": endless, "count": 5}))
    assert "takes too long" in message["error"]
    assert message["hint"] == "Change what is looked for."
    assert len(nw.find_units(atlas, text="a+$")) == len(fine), "the next search is none the worse"


def test_one_bound_holds_for_all_texts_together(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(search_module, "PATIENCE", 3.0)
    monkeypatch.setattr(search_module, "TEXTS", 1)
    answered: list[bool] = []
    with Search(re.compile("(a+)+$")) as search, pytest.raises(EndlessError, match="after 3 s it was through"):
        answered.extend(search.hits(["a" * 19 + "b"] * 5_000))  # each takes some hundredths of a second
    assert answered, "no single text was too much"


def test_units_are_found_by_state_and_density(atlas: nw.Atlas) -> None:
    assert ("mlp.0", 0) in nw.find_units(atlas, state="not seen").index
    half = nw.find_units(atlas, density=(0.2, 0.5))
    assert half["density"].between(0.2, 0.5).all()
    expected = atlas.units["density"].between(0.2, 0.5).sum()
    assert len(half) == expected > 0
    with pytest.raises(ValueError, match="There is no state 'sleepy'; there are"):
        nw.find_units(atlas, state="sleepy")


def test_what_fires_here_is_measured_against_the_atlas(live: nw.LiveModel, atlas: nw.Atlas) -> None:
    found = nw.find_units(atlas, fires=live.record("dad"))
    assert ("mlp.0", 1) in found.index
    assert ("mlp.0", 1) not in nw.find_units(atlas, fires=live.record("bcd")).index
    recording = live.record("dad")
    row = found.loc[("mlp.0", 1)]
    assert row["value"] == pytest.approx(float(recording["mlp.0"][:, 1].max()))
    assert row["strength"] == pytest.approx(row["value"] / atlas.unit("mlp.0:1")["max"])
    assert ("mlp.0", 1) in nw.find_units(atlas, fires=recording, at=1).index
    assert ("mlp.0", 1) not in nw.find_units(atlas, fires=recording, at=0).index


def test_conditions_join_and_likeness_leads(atlas: nw.Atlas) -> None:
    similar = nw.find_units(atlas, similar="mlp.1:3", sites="mlp.1", n=4)
    assert similar["correlation"].is_monotonic_decreasing
    assert set(similar.index.get_level_values("site")) == {"mlp.1"}
    assert ("mlp.1", 3) not in similar.index


# ---- what the page asks --------------------------------------------------------------------------------------------


def test_the_page_is_answered_as_python_is(live: nw.LiveModel, atlas: nw.Atlas) -> None:
    view = nw.explore(live, "dad", atlas=atlas)
    answers = AtlasAnswers(AtlasContext(atlas, live, view))
    message, buffers = answers.answer(AtlasAsk(1, "card", {"unit": "mlp.0:1"}))
    histogram = atlas.histogram("mlp.0:1")
    assert np.frombuffer(buffers[0], np.int32).tolist() == histogram["count"].tolist()
    assert message["low"] + message["width"] == pytest.approx(histogram["high"].iloc[0])
    assert np.frombuffer(buffers[1], np.float32).tolist() == atlas.exemplars("mlp.0:1", "top")["value"].tolist()
    site = atlas.units.loc["mlp.0"]
    assert message["site"] == [pytest.approx(site["min"].min()), pytest.approx(site["max"].max())]
    message, _ = answers.answer(AtlasAsk(2, "kin", {"unit": "mlp.0:4", "count": 3}))
    assert message["promoted"][0][0] == direct_outputs(live, "mlp.0:4").promoted["output"].iloc[0]
    message, _ = answers.answer(AtlasAsk(3, "find", {"fires": True, "count": 5}))
    found = nw.find_units(atlas, fires=live.record("dad"))
    assert (message["total"], message["rows"][0][0]) == (len(found), "{}:{}".format(*found.index[0]))
    assert message["order"] == "strength"
    message, _ = answers.answer(AtlasAsk(4, "find", {"count": 3}))
    assert (message["total"], message["of"], message["order"]) == (len(atlas), len(atlas), "max")
    most = atlas.units["max"].sort_values(ascending=False, kind="stable").index[:3]
    assert [row[0] for row in message["rows"]] == [f"{site}:{unit}" for site, unit in most]
    message, _ = answers.answer(AtlasAsk(5, "find", {"text": "(", "count": 5}))
    assert "no regular expression" in message["error"]
    message, _ = answers.answer(AtlasAsk(6, "find", {"text": "a", "count": 5}))
    ends = nw.find_units(atlas, text="a")["end"].tolist()[:5]
    assert [row[1 + message["columns"].index("end")] for row in message["rows"]] == ends
    view.close()


def test_the_finder_and_the_card_in_python(live: nw.LiveModel, atlas: nw.Atlas) -> None:
    view = nw.explore(live, "dad", atlas=atlas)
    finder = nw.UnitFinder(atlas, view)
    finder.unit = "mlp.1:2"
    assert str(view.unit) == "mlp.1:2"
    view.unit = "mlp.0:1"
    assert str(finder.unit) == "mlp.0:1"
    finder.query = {"fires": True, "states": ["ok"], "sites": ["mlp.0"]}
    assert (finder.table()["state"] == "ok").all()
    assert ("mlp.0", 1) in finder.table().index
    card = nw.UnitCard(live, atlas, "mlp.0:1", "dad")
    assert (card.layout_kind, card.card().state) == ("card", "ok")
    for widget in (finder, card, view):
        widget.close()


# ---- charts --------------------------------------------------------------------------------------------------------


def test_the_scatter_draws_every_unit_and_gives_back_what_is_brushed(atlas: nw.Atlas) -> None:
    scatter = nw.UnitScatter(atlas, "density", "max", log=())
    drawn = scatter.chart.to_dict()
    (points,) = drawn["datasets"].values()
    assert len(points) == len(atlas)
    assert scatter.selected.empty
    units = atlas.units
    brushed = units[units["density"].between(0.3, 0.6) & units["max"].between(0.1, 0.8)]
    changed = []
    scatter.observe(changed.append)
    selection = {"value": {"density_drawn": [0.3, 0.6], "max_drawn": [0.1, 0.8]}, "store": []}
    scatter.widget._vl_selections = {"brush": selection}
    assert scatter.selected.index.tolist() == brushed.index.tolist()
    assert len(brushed)
    assert changed[-1].index.tolist() == brushed.index.tolist()


def test_a_logarithmic_axis_keeps_what_never_fires(atlas: nw.Atlas) -> None:
    (points,) = nw.unit_scatter(atlas).to_dict()["datasets"].values()
    places = {point["unit"]: point for point in points}
    assert places["mlp.0:0"]["density_drawn"] > 0
    with pytest.raises(ValueError, match="no column 'nonsense'; there are"):
        nw.unit_scatter(atlas, y="nonsense")


def test_pictures_and_rows_are_counted_by_what_they_are(tmp_path: Path) -> None:
    digits = nw.demo("digits")
    pictures = np.random.default_rng(0).integers(0, 256, (6, 16, 16), np.uint8)
    atlas = nw.scan(digits, pictures, out=tmp_path / "digits", progress=False)
    assert " of 6 pictures" in nw.unit_card(digits, atlas, "dense.0:1").words.replace("in 6 pictures", "of 6 pictures")
    assert "places in pictures" in nw.unit_card(None, atlas, "conv.0:1").words
    cancer = nw.demo("cancer")
    rows = nw.scan(cancer, cancer.inputs.rows * 4, out=tmp_path / "cancer", progress=False)
    assert " rows" in nw.unit_card(None, rows, "dense.0:1").words
    found = nw.find_units(atlas, fires=digits.record(pictures[0]), sites="conv.0")
    assert (found["value"].abs() > 0).all()


@pytest.mark.parametrize("name", ["GPT-2", "Llama"])
def test_the_direct_path_of_models_of_transformers(name: str) -> None:
    family = next(family for family in FAMILIES if family.name == name)
    model: Any = family.make()
    live = nw.attach(model, tokenizer(family.tokenizer))
    found = direct_outputs(live, "mlp.1:3")
    if name == "GPT-2":
        direction = model.transformer.h[1].mlp.c_proj.weight[3]
        direction = (direction - direction.mean()) * model.transformer.ln_f.weight
    else:
        direction = model.model.layers[1].mlp.down_proj.weight[:, 3] * model.model.norm.weight
    effects = (model.lm_head.weight @ direction).detach()
    assert found.promoted["effect"].tolist() == pytest.approx(effects.topk(10).values.tolist(), rel=1e-3)
    assert found.suppressed["index"].tolist() == effects.topk(10, largest=False).indices.tolist()


def test_a_norm_behind_the_mlp_is_in_the_way() -> None:
    family = next(family for family in FAMILIES if family.name == "Gemma 2")
    live = nw.attach(family.make(), tokenizer(family.tokenizer))
    assert "something lies between" in direct_outputs(live, "mlp.1:3").reason


@pytest.mark.lens
def test_the_direct_path_of_hook_points_of_transformer_lens() -> None:
    from transformer_lens import HookedTransformer, HookedTransformerConfig

    torch.manual_seed(0)
    config = HookedTransformerConfig(
        n_layers=2, d_model=16, n_ctx=64, d_head=8, n_heads=2, d_vocab=9, act_fn="gelu", d_mlp=32, device="cpu"
    )
    model = HookedTransformer(config)
    live = attached(model)
    for unit, matrix in (("mlp.0:3", model.blocks[0].mlp.W_out), ("attn.0:3", model.blocks[0].attn.W_O.flatten(0, 1))):
        direction = matrix[3] - matrix[3].mean()
        effects = ((direction * model.ln_final.w) @ model.W_U).detach()
        found = direct_outputs(live, unit)
        assert found.promoted["index"].iloc[0] == int(effects.argmax()), found.reason
        assert found.promoted["effect"].iloc[0] == pytest.approx(float(effects.max()), rel=1e-3)
