"""An atlas of the strongest exemplars alone: what it has is that of a whole one, and what it lacks it says."""

from pathlib import Path

import pytest

import neuronwidget as nw
from neuronwidget.atlas.files.folder import AtlasError
from tests.hostile.atlas_victim import documents, live

KEPT = ["value", "document", "id", "position", "peak", "copies", "text"]


@pytest.fixture(scope="module")
def atlases(tmp_path_factory: pytest.TempPathFactory) -> tuple[nw.Atlas, nw.Atlas]:
    whole, top = (
        nw.scan(live(), documents(70), out=tmp_path_factory.mktemp(keep) / "a", window=64, keep=keep, progress=False)
        for keep in ("all", "top")
    )
    return whole, top


def test_what_it_has_is_that_of_a_whole_one(atlases: tuple[nw.Atlas, nw.Atlas]) -> None:
    whole, top = atlases
    top.verify()
    assert top.units.equals(whole.units)
    for site, unit in list(whole.units.index)[::5]:
        expected, found = (atlas.exemplars((site, unit), group="top") for atlas in (whole, top))
        assert found[KEPT].equals(expected[KEPT])
        assert found["pieces"].map(list).equals(expected["pieces"].map(list))
        assert [values.tolist() for values in found["values"]] == [[value] for value in found["value"]]
        assert set(top.exemplars((site, unit))["group"]) <= {"top"}
        assert top.histogram((site, unit)).equals(whole.histogram((site, unit)))


def test_it_takes_less_than_a_seventh(atlases: tuple[nw.Atlas, nw.Atlas]) -> None:
    """Bytes of what grows with the units; texts are there once."""

    def taken(atlas: nw.Atlas) -> float:
        files = atlas.manifest["files"].items()
        return float(sum(record["size"] for name, record in files if "/" in name)) / len(atlas)

    whole, top = map(taken, atlases)
    assert top < 1000
    assert whole < 7000
    assert top < whole / 7


@pytest.mark.parametrize("group", ["bottom", "intervals", "quantiles"])
def test_other_groups(group: str, atlases: tuple[nw.Atlas, nw.Atlas]) -> None:
    with pytest.raises(AtlasError, match=r'keep="top", which keeps no .*: scan with keep="all"\.'):
        atlases[1].exemplars((atlases[1].sites[0].name, 0), group=group)


def test_what_asks_for_more_says_so(atlases: tuple[nw.Atlas, nw.Atlas], tmp_path: Path) -> None:
    whole, top = atlases
    unit = (top.sites[0].name, 0)
    with pytest.raises(AtlasError, match="no sample of tokens"):
        top.similar(unit)
    with pytest.raises(AtlasError, match="no values of a unit around its peaks"):
        top.export(tmp_path / "out")
    assert not (tmp_path / "out").exists()
    card = nw.unit_card(None, top, unit)
    assert card.verdict == nw.unit_card(None, whole, unit).verdict
    assert not len(card.similar)
    found, expected = (nw.find_units(atlas, text="e", at="window") for atlas in (top, whole))
    assert "exclusive" not in found
    at_top = expected[expected["end"] == "top"]
    assert found.loc[at_top.index, "matches"].equals(at_top["matches"])
    with pytest.raises(ValueError, match="how exclusively a unit goes with a text"):
        nw.find_units(top, text="e", at="window", order="exclusive")


def test_one_cannot_go_on_as_the_other(atlases: tuple[nw.Atlas, nw.Atlas]) -> None:
    for atlas, keep in zip(atlases, ("top", "all"), strict=True):
        with pytest.raises(AtlasError, match="other settings"):
            nw.scan(live(), documents(70), out=atlas.folder.path, window=64, keep=keep, progress=False)
    with pytest.raises(ValueError, match=r"keep= is one of 'all', 'top', not 'some'\."):
        nw.scan(live(), documents(5), keep="some")


def test_the_page_is_told(atlases: tuple[nw.Atlas, nw.Atlas]) -> None:
    from neuronwidget.widgets.answers.context import AtlasContext
    from neuronwidget.widgets.answers.exemplars import exemplars

    top = atlases[1]
    context = AtlasContext(top)
    unit = f"{top.sites[0].name}:0"
    for group in ("top", "bottom", "intervals", "quantiles"):
        answer = exemplars(context, {"unit": unit, "group": group, "first": 0, "count": 5}).fields
        assert answer.get("missing", "").startswith('This atlas was scanned with keep="top"') == (group != "top")
        assert all(row["values"] == 1 for row in answer["rows"])


def test_pictures(tmp_path: Path) -> None:
    model = nw.demo("digits")
    pictures = [exhibit.pixels for exhibit in model.inputs.gallery]
    whole, top = (
        nw.scan(model, pictures, ["conv.0"], out=tmp_path / keep, keep=keep, progress=False) for keep in ("all", "top")
    )
    expected, found = (atlas.exemplars("conv.0:1", group="top") for atlas in (whole, top))
    columns = ["value", "document", "position", "y", "x", "peak"]
    assert found[columns].equals(expected[columns])
    assert "map" not in found
