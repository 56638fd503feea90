"""Atlases in the formats of other tools, and back."""

import gzip
import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import neuronwidget as nw
from neuronwidget.atlas.store import AtlasError
from tests.hostile.atlas_victim import documents, live
from tests.unit.interchange_schemas import ABOUT, ACTIVATION, DASHBOARD, FEATURE

FORMATS = ("neuronpedia", "saedashboard")
SITES = ["act", "squash"]


@pytest.fixture(scope="module")
def atlas(tmp_path_factory: pytest.TempPathFactory) -> nw.Atlas:
    out = tmp_path_factory.mktemp("atlas") / "made"
    names = [f"text {i}" for i in range(120)]
    return nw.scan(live(), documents(120), SITES, out=out, window=64, ids=names, progress=False)


@pytest.fixture(scope="module", params=FORMATS)
def imported(request: pytest.FixtureRequest, atlas: nw.Atlas, tmp_path_factory: pytest.TempPathFactory) -> Any:
    out = atlas.export(tmp_path_factory.mktemp("out") / request.param, format=request.param, dataset="letters")
    return nw.import_atlas(out)


def test_units_come_back(atlas: nw.Atlas, imported: nw.ImportedAtlas) -> None:
    assert len(imported) == len(atlas) == 64
    assert imported.model == "Small"
    for ours, theirs in zip(atlas.sites, imported.sites, strict=True):
        units = atlas.units.loc[ours.name]
        assert imported.units.loc[theirs]["density"].tolist() == units["active"].tolist()
        if imported.format == "neuronpedia":
            assert imported.units.loc[theirs]["max"].tolist() == units["max"].tolist()
            assert imported.units.loc[theirs]["hook"].eq(ours.canonical).all()
        else:
            assert imported.units.loc[theirs]["documents"].eq(120).all()


def test_exemplars_come_back(atlas: nw.Atlas, imported: nw.ImportedAtlas) -> None:
    for number in (0, 17, 47):
        for group in ("top", "intervals"):
            ours = atlas.exemplars((atlas.sites[0].name, number), group)
            theirs = imported.exemplars((imported.sites[0], number), group)
            assert theirs["value"].tolist() == ours["value"].tolist()
            for column in ("pieces", "values"):
                pairs = zip(ours[column], theirs[column], strict=True)
                assert all(np.array_equal(a, b) for a, b in pairs)
            assert theirs["peak"].tolist() == ours["peak"].tolist()
            assert theirs["rank"].tolist() == ours["rank"].tolist()
            if imported.format == "neuronpedia":
                assert theirs["id"].tolist() == ours["id"].tolist()
            if group == "intervals":
                inside = theirs["value"].between(theirs["low"] - 1e-6, theirs["high"] + 1e-6)
                assert inside.all()
    assert len(imported.exemplars((imported.sites[0], 0), n=3)) == 6


def test_histograms_come_back(atlas: nw.Atlas, imported: nw.ImportedAtlas) -> None:
    for ours, theirs in zip(atlas.sites, imported.sites, strict=True):
        a, b = atlas.histogram((ours.name, 3)), imported.histogram((theirs, 3))
        assert a["count"].tolist() == b["count"].tolist()  # both sites have values below zero: all are counted
        assert b["low"].to_numpy() == pytest.approx(a["low"].to_numpy(), abs=1e-9)


def test_zeros_of_units_that_are_never_negative_stay_out(tmp_path: Path) -> None:
    """The formats' histogram is one of values that are not zero."""
    model = nw.demo("code")
    atlas = nw.scan(model, ["import os\n" * 30], ["mlp.0"], out=tmp_path / "a", progress=False)
    imported = nw.import_atlas(atlas.export(tmp_path / "b"))
    for number in range(40):
        unit = atlas.unit(("mlp.0", number))
        assert imported.histogram(("0-mlp", number))["count"].sum() == round(unit["active"] * unit["seen"])


def test_files_are_what_the_formats_say(atlas: nw.Atlas, tmp_path: Path) -> None:
    jsonschema = pytest.importorskip("jsonschema")

    def check(content: Any, schema: dict[str, Any]) -> None:
        jsonschema.Draft202012Validator(schema).validate(content)

    jsonschema.Draft202012Validator.check_schema(DASHBOARD)
    files = sorted(atlas.export(tmp_path / "dashboards", "saedashboard").rglob("*"))
    assert [f.name for f in files if f.is_file()] == ["batch-0.json", "batch-0.json"]
    for file in files:
        if file.is_file():
            check(json.loads(file.read_text(encoding="utf-8")), DASHBOARD)
    for folder in (atlas.export(tmp_path / "bulk") / "v1/Small").iterdir():
        names = sorted(p.relative_to(folder).as_posix() for p in folder.rglob("*.jsonl*"))
        assert names == [
            "activations/batch-0.jsonl.gz",
            "features/batch-0.jsonl.gz",
            *(f"{n}.jsonl" for n in sorted(ABOUT)),
        ]
        for name, schema in ABOUT.items():
            check(json.loads((folder / f"{name}.jsonl").read_text(encoding="utf-8")), schema)
        for name, schema in (("features", FEATURE), ("activations", ACTIVATION)):
            text = gzip.decompress((folder / name / "batch-0.jsonl.gz").read_bytes()).decode()
            for line in text.splitlines():
                check(json.loads(line), schema)


def test_what_is_not_known_is_left_out(atlas: nw.Atlas, tmp_path: Path) -> None:
    feature = nw.import_atlas(atlas.export(tmp_path / "out", sites=["act"])).feature("0-dense:0")
    assert feature["hasVector"] is False
    assert (
        not {"vector", "pos_str", "neg_str", "logits_hist_data_bar_values", "creatorId", "createdAt"} & feature.keys()
    )


@pytest.mark.parametrize("index", [-1, None, 7])
def test_where_the_token_that_qualified_was_cut_off_the_largest_value_is_meant(
    index: int | None, tmp_path: Path
) -> None:
    """In files of SAEDashboard the index is −1 then. The column `value` is there whatever the file holds."""
    window = {"tokens": ["a", "b", "c"], "values": [0.5, 2.5, 0.0], "bin_min": -1, "bin_max": 2.5, "bin_contains": -1}
    nothing = {**window, "tokens": [], "values": []}
    features = [
        {"feature_index": 0, "activations": [{**window, "qualifying_token_index": index}]},
        {"feature_index": 1, "activations": [{**nothing, "qualifying_token_index": index}]},
    ]
    (tmp_path / "batch-0.json").write_text(json.dumps({"sae_set": "res", "layer": 3, "features": features}))
    imported = nw.import_atlas(tmp_path)
    shown = imported.exemplars("3-res:0")
    assert (shown["value"].tolist(), shown["peak"].tolist()) == ([2.5], [1])
    assert imported.exemplars("3-res:1")["value"].isna().all()


def test_files_of_the_other_tools(tmp_path: Path) -> None:
    """With fields that an atlas does not have, and without some that it has."""
    activation = {"tokens": ["a", "b"], "values": [0.0, 2.5], "bin_min": -1, "bin_max": 2.5, "bin_contains": -1}
    low = {**activation, "bin_min": 0.5, "bin_max": 1.0, "bin_contains": 0.2, "qualifying_token_index": 1}
    feature = {"feature_index": 7, "frac_nonzero": 0.25, "pos_str": ["x"], "activations": [low, activation]}
    content = {"model_id": "gpt2", "layer": 3, "sae_set": "res-jb", "sae_id_suffix": None, "features": [feature]}
    (tmp_path / "batch-0.json").write_text(json.dumps(content))
    for path in (tmp_path, tmp_path / "batch-0.json"):
        imported = nw.import_atlas(path)
        assert (imported.model, imported.sites, len(imported)) == ("gpt2", ["3-res-jb"], 1)
        shown = imported.exemplars("3-res-jb:7")
        assert shown["group"].tolist() == ["top", "intervals"]
        assert shown["value"].tolist() == [2.5, 2.5]
        assert shown["text"].tolist() == ["ab", "ab"]
        assert imported.feature("3-res-jb:7")["pos_str"] == ["x"]
        assert imported.histogram("3-res-jb:7").empty
    bulk = tmp_path / "v1/gpt2/3-res-jb"
    for name in ("features", "activations", "explanations"):
        (bulk / name).mkdir(parents=True)
    place = {"modelId": "gpt2", "layer": "3-res-jb", "index": "7"}
    lines = {
        "features": {**place, "frac_nonzero": 0.5},
        "activations": {**place, "tokens": ["a"], "values": [1.0], "binMin": -1, "binContains": -1},
        "explanations": {**place, "description": "the letter a"},
    }
    for name, line in lines.items():
        with gzip.open(bulk / name / "batch-0.jsonl.gz", "wt") as file:
            file.write(json.dumps(line) + "\n")
    imported = nw.import_atlas(tmp_path / "v1")
    assert imported.units.loc[("3-res-jb", 7), "description"] == "the letter a"
    assert imported.exemplars("3-res-jb:7")["value"].tolist() == [1.0]


def test_refusals(atlas: nw.Atlas, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="There is no format 'html'; there are neuronpedia, saedashboard"):
        atlas.export(tmp_path / "a", format="html")
    (tmp_path / "full").mkdir()
    (tmp_path / "full/note.txt").write_text("mine")
    with pytest.raises(FileExistsError, match="Give a new folder"):
        atlas.export(tmp_path / "full")
    with pytest.raises(AtlasError, match="holds neither"):
        nw.import_atlas(tmp_path / "full")
    (tmp_path / "batch-0.json").write_text("{")
    with pytest.raises(AtlasError, match="damaged"):
        nw.import_atlas(tmp_path / "batch-0.json")
    with pytest.raises(AtlasError, match="no file or folder"):
        nw.import_atlas(tmp_path / "none")
    with pytest.raises(KeyError, match="There is no unit 'act:999'"):
        nw.import_atlas(atlas.export(tmp_path / "b", sites=["act"])).exemplars("act:999")
    rows = nw.attach(nw.demo("cancer").module, inputs=nw.demo("cancer").inputs)
    table = pd.DataFrame([rows.inputs.start()])
    with pytest.raises(AtlasError, match="made for texts"):
        nw.scan(rows, table, out=tmp_path / "rows", progress=False).export(tmp_path / "c")
