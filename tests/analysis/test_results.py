"""Results: their sentence, table and chart, JSON and back, and how they show themselves without a kernel."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import neuronwidget as nw
from neuronwidget.analysis.inspect.card import Card
from neuronwidget.analysis.result import Result, ResultError
from tests.analysis.test_unit_card import DOCUMENTS, Model, attached
from tests.golden import results


@pytest.fixture(scope="module")
def live() -> nw.LiveModel:
    return attached(Model())


@pytest.fixture(scope="module")
def cards(live: nw.LiveModel, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Card]:
    """A card of each kind of input."""
    folder = tmp_path_factory.mktemp("atlases")
    text = nw.scan(live, DOCUMENTS, out=folder / "text", progress=False)
    digits = nw.demo("digits")
    pictures = np.random.default_rng(0).integers(0, 256, (30, 16, 16), dtype=np.uint8)
    image = nw.scan(digits, pictures, ["conv.0"], out=folder / "image", progress=False)
    cancer: Any = nw.demo("cancer")
    rows = np.random.default_rng(0).normal(size=(30, len(cancer.inputs.columns)))
    table = nw.scan(cancer, rows, ["dense.0"], out=folder / "table", progress=False)
    return {
        "text": nw.unit_card(live, text, "mlp.0:1"),
        "image": nw.unit_card(digits, image, "conv.0:1"),
        "table": nw.unit_card(None, table, "dense.0:1"),
        "dead": nw.unit_card(live, text, "mlp.0:0"),
    }


@pytest.mark.parametrize("kind", ["text", "image", "table", "dead"])
def test_a_result_comes_back_from_json_as_it_was(cards: dict[str, Card], kind: str) -> None:
    card = cards[kind]
    again = Card.from_json(card.to_json())
    assert again.to_json() == card.to_json()
    assert (again.unit, again.state, again.words, again.verdict) == (card.unit, card.state, card.words, card.verdict)
    for name in ("histogram", "top", "bottom", "similar"):
        pd.testing.assert_frame_equal(getattr(again, name), getattr(card, name))
    pd.testing.assert_series_equal(again.row, card.row)
    pd.testing.assert_frame_equal(again.table(), card.table())
    pd.testing.assert_frame_equal(again.outputs.promoted, card.outputs.promoted)
    assert (again.outputs.note, again.outputs.reason) == (card.outputs.note, card.outputs.reason)
    assert str(again.where(0.5)) == str(card.where(0.5))
    assert again.provenance == card.provenance


def test_a_result_says_what_it_rests_on(cards: dict[str, Card], live: nw.LiveModel, tmp_path: Path) -> None:
    atlas = nw.scan(live, DOCUMENTS, out=tmp_path / "a", progress=False)
    rests_on = cards["text"].provenance
    assert rests_on == nw.unit_card(live, atlas, "mlp.0:1").provenance
    assert rests_on.weights == atlas.manifest["weights"]
    assert rests_on.data == {key: atlas.manifest["done"][key] for key in ("documents", "tokens", "digest")}
    assert rests_on.settings["unit"] == "mlp.0:1"
    assert rests_on.settings["scan"]["input"] == "text"
    assert rests_on.versions["neuronwidget"] == nw.__version__
    other = nw.scan(live, DOCUMENTS[1:], out=tmp_path / "b", progress=False)
    assert nw.unit_card(live, other, "mlp.0:1").provenance != rests_on


@pytest.mark.parametrize("kind", ["text", "image", "table", "dead"])
def test_a_result_shows_itself_without_a_kernel(cards: dict[str, Card], kind: str) -> None:
    """Its HTML holds all that it shows, has no script, and loads nothing."""
    card = cards[kind]
    html = card._repr_html_()
    assert str(card.unit) in html
    assert f"{int(card.row['seen'])}" in html
    assert "<script" not in html
    assert "http" not in html
    assert repr(card).startswith(card.verdict)
    assert card.verdict.startswith(f"Unit {card.unit}. ")


def test_what_others_named_is_text_in_html(tmp_path: Path) -> None:
    live = attached(Model())
    live.name = "<script>alert(1)</script>"
    atlas = nw.scan(live, DOCUMENTS, out=tmp_path / "a", progress=False)
    html = nw.unit_card(None, atlas, "mlp.0:1")._repr_html_()
    assert "<script>" not in html
    assert "&lt;script&gt;" in html


def test_a_chart_draws_what_the_histogram_counts(cards: dict[str, Card]) -> None:
    pytest.importorskip("altair")
    card = cards["text"]
    drawn = card.chart().to_dict()
    (rows,) = drawn["datasets"].values()
    assert sum(row["count"] for row in rows) == card.histogram["count"].sum()


def test_what_is_no_result_is_refused(cards: dict[str, Card]) -> None:
    text = cards["text"].to_json()
    known = json.loads(text)

    class Other(Card):
        pass

    with pytest.raises(ResultError, match="This is a Card, not a Other"):
        Other.from_json(text)
    with pytest.raises(ResultError, match="version 2"):
        Card.from_json(json.dumps({**known, "version": 2}))
    pointer = {"dtype": "|O", "shape": [1], "base64": "AAAAAAAAAAA="}
    damaged: list[Any] = [
        "", "[]", "null", "{}", text[:-20], json.dumps({**known, "content": {}}), json.dumps({**known, "content": 3}),
        json.dumps({**known, "provenance": {"$mapping": [["model", "m"]]}}),
        json.dumps({**known, "content": {**known["content"], "unit": {"$os": {"system": "true"}}}}),
        json.dumps({**known, "content": {**known["content"], "unit": {"$array": pointer}}}),
        json.dumps({**known, "content": {**known["content"], "unit": "[" * 50}})[:-1],
        "[" * 100_000,
    ]  # fmt: skip
    for content in damaged:
        with pytest.raises(ResultError):
            Card.from_json(content)


def test_every_result_can_be_asked_the_same() -> None:
    for name in ("verdict", "table", "chart"):
        assert name in Result.__abstractmethods__
    assert not Card.__abstractmethods__


def test_units_in_tables_have_the_names_that_they_had_when_it_was_asked() -> None:
    live = nw.demo("code")
    live.labels["resid.1:3"] = "a direction"
    weights = nw.output_weights(live, "mlp.1:571", "resid.1")
    assert list(weights.table()) == ["unit", "label", "weight"]
    assert weights.table().set_index("unit").loc["resid.1:3", "label"] == "a direction (untested)"
    live.labels["resid.1:3"] = "another name"
    again = type(weights).from_json(weights.to_json())
    assert again.table().equals(weights.table())
    numbers = pd.DataFrame({"site": ["resid.1"] * 2, "unit": [3, 4], "q": [0.1, 0.2]})
    assert weights.named(numbers)["label"].tolist() == ["a direction (untested)", ""]
    indexed = weights.named(numbers.set_index(["site", "unit"]))
    assert (list(indexed), indexed["label"].tolist()) == (["label", "q"], ["a direction (untested)", ""])
    assert weights.named(numbers.query("unit == 4"))["label"].tolist() == [""]


def test_each_table_of_units_has_a_column_for_what_they_are_called(cards: dict[str, Card]) -> None:
    """Also where nothing has a name; what is shown then has no empty column."""
    card = cards["text"]
    for result in (results.comparison(), results.shortcuts(), results.health(), card):
        table = result.table()
        plain = table.reset_index() if "unit" in table.index.names else table
        assert {"unit", "label"} <= set(plain), type(result)
        assert not plain["label"].any()
        assert "label" not in repr(result).split("\n")[1]
        unit = plain.iloc[0]["unit"]
        name = unit if isinstance(unit, str) else f"{plain.iloc[0]['site']}:{unit}"
        called = replace(result, provenance=replace(result.provenance, names={name: "a (held up)"}))
        assert called.table()["label"].tolist() == ["a (held up)", *[""] * (len(table) - 1)]
        assert "a (held up)" in repr(called)
        assert "a (held up)" in called._repr_html_()
