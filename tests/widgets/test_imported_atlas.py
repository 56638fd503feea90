"""Atlases that another tool wrote open in every view, which says what they lack."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import ipywidgets
import pytest

import neuronwidget as nw
from tests.widgets.test_exemplar_grid import TEXTS, encode, questions
from tests.widgets.test_exemplar_grid import atlas as atlas
from tests.widgets.test_exemplar_grid import live as live

FORMATS = ("neuronpedia", "saedashboard")
UNIT = "dense.0:2"


@pytest.fixture(scope="module", params=FORMATS)
def imported(request: pytest.FixtureRequest, atlas: nw.Atlas, tmp_path_factory: pytest.TempPathFactory) -> Any:
    out = tmp_path_factory.mktemp("out") / request.param
    return nw.import_atlas(atlas.export(out, format=request.param))


@pytest.fixture(autouse=True)
def closed() -> Iterator[None]:
    yield
    ipywidgets.Widget.close_all()


def test_a_site_keeps_its_name_and_the_one_of_the_files_is_known_too(atlas: nw.Atlas, imported: Any) -> None:
    assert [(site.name, site.width) for site in imported.sites] == [("dense.0", 4)]
    assert imported.unit(UNIT)["density"] == atlas.unit(UNIT)["density"]
    assert imported.exemplars(UNIT, "top")["text"].tolist() == atlas.exemplars(UNIT, "top")["text"].tolist()
    if imported.format == "neuronpedia":
        assert imported.feature("0-dense:2") == imported.feature(UNIT)


def test_density_is_the_share_above_zero_also_of_units_that_go_below_it(atlas: nw.Atlas, imported: Any) -> None:
    signed = atlas.unit("dense.0:1")
    assert signed["active"] > signed["density"] > 0
    assert imported.units["density"].tolist() == pytest.approx(atlas.units["density"].tolist())
    sparse = nw.find_units(imported, density=(0.01, signed["density"] + 1e-9))
    ours = nw.find_units(atlas, density=(0.01, signed["density"] + 1e-9))
    assert sorted(sparse.index) == sorted(ours.index)


@pytest.mark.parametrize("name", ["its own name", "two.words", "deep.3.name"])
@pytest.mark.parametrize("format_", FORMATS)
def test_any_name_survives(name: str, format_: str, live: nw.LiveModel, tmp_path: Path) -> None:
    from tests.live.test_sae import Sae

    model = nw.attach(live.module, inputs=nw.TextInputs(encode, lambda ids: "".join(map(chr, ids)), context=64))
    model.add_sae("dense.0", Sae(4, 6), name=name)
    made = nw.scan(model, TEXTS, sites=[name, "dense.0"], out=tmp_path / "made", progress=False)
    read = nw.import_atlas(made.export(tmp_path / "out", format=format_))
    assert {site.name for site in read.sites} == {name, "dense.0"}


def test_names_that_two_sources_tell_are_not_believed(imported: Any, tmp_path: Path) -> None:
    """Files of others may say what they like: no unit may hide another."""
    import shutil

    folder = imported.root
    copied = tmp_path / "copied"
    shutil.copytree(folder, copied)
    if imported.format == "neuronpedia":
        (source,) = copied.glob("v1/*/*")
        other = source.with_name("9-other")
        shutil.copytree(source, other)
        for path in other.glob("*/*.gz"):
            lines = gzip.decompress(path.read_bytes()).replace(b"0-dense", b"9-other")
            path.write_bytes(gzip.compress(lines))
    else:
        other = copied / "other"
        shutil.copytree(copied / "dense.0", other)
        file = other / "batch-0.json"
        file.write_text(json.dumps({**json.loads(file.read_text()), "sae_set": "other", "layer": 9}))
    again = nw.import_atlas(copied)
    assert len(again) == 8
    assert len(again.sites) == 2
    (source_file,) = list(copied.rglob("source.jsonl"))[:1] or list(copied.rglob("site.txt"))[:1]
    for hostile in ("\u0000", "a" * 10_000, "\n\n"):
        source_file.write_text(
            json.dumps({"notes": "neuronwidget site " + hostile}) if "jsonl" in str(source_file) else hostile
        )
        assert len(nw.import_atlas(copied)) == 8


def test_the_grid_shows_what_the_files_hold_and_says_what_they_lack(atlas: nw.Atlas, imported: Any) -> None:
    grid = nw.ExemplarGrid(imported, unit=UNIT)
    ask = questions(grid)
    top = ask("exemplars", unit=UNIT, group="top", first=0, count=50)
    ours = atlas.exemplars(UNIT, "top")
    assert [row["pieces"] for row in top["rows"]] == [list(pieces) for pieces in ours["pieces"]]
    assert [row["value"] for row in top["rows"]] == ours["value"].tolist()
    assert {(row["document"], row["position"]) for row in top["rows"]} == {(None, None)}
    assert top["scale"]["hi"] >= ours["value"].max()
    parts = ask("exemplars", unit="dense.0:1", group="intervals", first=0, count=50)
    assert [part["first"] for part in parts["strata"]] == sorted(part["first"] for part in parts["strata"])
    for part in parts["strata"]:
        rows = parts["rows"][part["first"] : part["first"] + part["count"]]
        assert all(part["low"] <= row["value"] <= part["high"] for row in rows)
    for group in ("quantiles", "bottom"):
        none = ask("exemplars", unit=UNIT, group=group, first=0, count=50)
        assert (none["total"], none["rows"]) == (0, [])
        assert "imported" in none["missing"]
    assert "no whole documents" in ask("document", unit=UNIT, key=0)["error"]
    assert ask("use", unit=UNIT, key=0, document=False) | {"data": {}} == {
        "v": 2,
        "kind": "atlas",
        "seq": 7,
        "want": "use",
        "to": "grid.used",
        "arrays": [],
        "data": {},
    }
    assert grid.used["text"] == ours["text"].iloc[0]
    grid.picked = [0]
    assert grid.selected["text"].tolist() == [ours["text"].iloc[0]]
    assert "of the tokens" in grid._repr_mimebundle_()[0]["text/plain"]


def test_the_finder_finds_in_it_and_refuses_what_it_cannot_know(atlas: nw.Atlas, imported: Any) -> None:
    finder = nw.UnitFinder(imported, query={"text": "e"})
    assert ("dense.0", 2) in finder.table().index
    with_e = sum("e" in text for text in TEXTS)
    for at in ("peak", "window"):
        assert nw.find_units(imported, text="e", at=at).loc[("dense.0", 2), "matches"] == with_e
    ask = questions(finder)
    empty: dict[str, Any] = {
        "sites": [],
        "states": [],
        "density": None,
        "text": "",
        "fires": False,
        "similar": None,
        "order": "",
    }
    found = ask("find", **empty, count=10)
    assert (found["total"], found["of"]) == (4, 4)
    assert "say nothing of the states" in ask("find", **{**empty, "states": ["dead"]}, count=10)["error"]
    assert "no sample of tokens" in ask("find", **{**empty, "similar": UNIT}, count=10)["error"]
    with pytest.raises(ValueError, match="say nothing of the states"):
        nw.find_units(imported, state="dead")


def test_the_card_and_the_explorer_take_it_beside_a_live_model(live: nw.LiveModel, imported: Any) -> None:
    explorer = nw.explore(live, "here we are", atlas=imported)
    card = nw.UnitCard(live, imported, UNIT, "here we are")
    for widget in (explorer, card):
        assert "no states" in widget.atlas_info["about"]
        ask = questions(widget)
        shown = ask("card", unit=UNIT)
        assert shown["words"].startswith("Above zero at ")
        assert (shown["state"], shown["mean"], shown["site"]) == ("", None, [None, None])
        assert shown["max"] == pytest.approx(3.0)
        assert shown["data"]["counts"].sum() > 0
        kin = ask("kin", unit=UNIT, count=5)
        assert kin["similar"] == []
        assert "no sample of tokens" in kin["apart"]
        bundle = widget._repr_mimebundle_()[0]
        assert "text/html" in bundle
    assert card.card().words == nw.unit_card(live, imported, UNIT).words
    finder = nw.UnitFinder(imported, explorer, query={"fires": True})
    assert ("dense.0", 2) in finder.table().index
    assert nw.unit_card(live, imported, UNIT).provenance.data["format"] == imported.format


def test_files_of_others_open_with_what_little_they_hold(tmp_path: Path) -> None:
    """Units with gaps between their numbers, no density, no largest value, two intervals of seven, own outputs."""
    window = {"tokens": ["a", "b"], "values": [0.0, 2.5], "bin_min": -1, "bin_max": 2.5, "bin_contains": -1}
    low = [
        {**window, "values": [0.0, x], "bin_min": x - 0.1, "bin_max": x + 0.1, "bin_contains": 0.1} for x in (0.5, 1.5)
    ]
    features = [
        {
            "feature_index": 7,
            "pos_str": ["x"],
            "pos_values": [0.5],
            "neg_str": [],
            "neg_values": [],
            "activations": [{**window, "dataIndex": "a.txt"}, *low],
        },
        {"feature_index": 900, "activations": []},
    ]
    content = {"model_id": "gpt2", "layer": 3, "sae_set": "res-jb", "sae_id_suffix": None, "features": features}
    (tmp_path / "batch-0.json").write_text(json.dumps(content))
    imported = nw.import_atlas(tmp_path)
    grid = nw.ExemplarGrid(imported)
    assert str(grid.unit) == "3-res-jb:7"
    ask = questions(grid)
    parts = ask("exemplars", unit="3-res-jb:7", group="intervals", first=0, count=50)
    assert [(part["stratum"], part["count"]) for part in parts["strata"]] == [(1, 1), (0, 1)]
    assert [row["id"] for row in parts["rows"]] == ["", ""], "nothing is said of where they are from"
    silent = ask("exemplars", unit="3-res-jb:900", group="top", first=0, count=50)
    assert silent["total"] == 0
    shown = ask("card", unit="3-res-jb:7")
    assert "saedashboard" in shown["words"]
    assert (shown["density"], shown["max"]) == (None, 2.5)
    kin = ask("kin", unit="3-res-jb:7", count=5)
    assert (kin["promoted"], kin["reason"]) == ([["x", 0.5]], "")
    assert len(nw.find_units(imported)) == 2
    assert nw.find_units(imported, text="ab").index.tolist() == [("3-res-jb", 7)]
    with pytest.raises(Exception, match="There is no unit '3-res-jb:8'"):
        grid.unit = "3-res-jb:8"
    with pytest.raises(ValueError, match="do not say how often"):
        nw.find_units(imported, density=(0.1, None))
