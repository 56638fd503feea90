"""Units are found by a text in atlases of hand-made models, where it is known which of them go with it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor, nn

import neuronwidget as nw

COMMENT = r"^\s*#"


class Units(nn.Module):
    """Units that are functions of the characters read so far, int64 [texts, tokens, characters of a token]."""

    def __init__(self, units: Callable[[Tensor], list[Tensor]], step: int) -> None:
        super().__init__()
        self.embed, self.act = nn.Embedding(128**step, 1), nn.Identity()
        self.units, self.step = units, step

    def forward(self, ids: Tensor) -> Tensor:
        characters = torch.stack([ids // 128**i % 128 for i in range(self.step)], -1)
        values: Tensor = self.act(torch.stack(self.units(characters), -1).float() + 0 * self.embed(ids))
        return values


def scanned(units: Callable[[Tensor], list[Tensor]], documents: list[str], out: Path, step: int = 1) -> nw.Atlas:
    """The atlas of a model with a token for every `step` characters."""

    def encode(text: str) -> list[int]:
        parts = [text[i : i + step] for i in range(0, len(text), step)]
        return [sum(ord(character) * 128**i for i, character in enumerate(part)) for part in parts]

    def decode(ids: list[int]) -> str:
        return "".join(chr(token // 128**i % 128) for token in ids for i in range(step) if token // 128**i)

    live = nw.attach(Units(units, step).eval(), inputs=nw.TextInputs(encode, decode))
    return nw.scan(live, documents, [live.sites.resolve("act").name], out=out, progress=False)


def at(character: str) -> Callable[[Tensor], Tensor]:
    """Is a character part of each token?"""
    return lambda characters: (characters == ord(character)).any(-1).float()


def in_comment(characters: Tensor) -> Tensor:
    return (at("#")(characters).cumsum(1) > 0).float()


def found(atlas: nw.Atlas, text: str) -> dict[int, dict[Any, Any]]:
    table = nw.find_units(atlas, text=text)
    return {int(unit): row for (_, unit), row in zip(table.index, table.to_dict("records"), strict=True)}


@pytest.mark.parametrize("step", [1, 2])
def test_the_line_of_a_peak_begins_where_it_does_in_the_document(step: int, tmp_path: Path) -> None:
    """Of what is kept around the peaks, "@" stands in no comment and "~" in one that begins the line."""
    comment = "# this is a long comment and in it is an {:02}th @ for once"
    code = "value = some_name + another_name      " + " " * 40 + "# {:02}~"
    documents = [f"first line\n{comment}\n{code}\nlast line\n".format(i, i) for i in range(30)]
    atlas = scanned(lambda characters: [at("@")(characters), at("~")(characters)], documents, tmp_path / "a", step)
    assert found(atlas, COMMENT) == {0: found(atlas, COMMENT)[0]}
    assert found(atlas, COMMENT)[0]["matches"] == 20
    assert found(atlas, r"^value = .*# \d\d~$")[1]["matches"] == 20

    imported = nw.import_atlas(atlas.export(tmp_path / "b"))  # keeps no documents: what is shown is all there is
    table = nw.find_units(imported, text=COMMENT)
    assert [unit for _, unit in table.index] == [1]


def test_a_line_without_an_end_is_looked_at_as_far_as_a_line_is_long(tmp_path: Path) -> None:
    documents = [f"# {i} " + "x" * 600 * i + "@" + "y" * 5000 for i in range(4)]
    atlas = scanned(lambda characters: [at("@")(characters)], documents, tmp_path / "a")
    assert found(atlas, "^#")[0]["matches"] == 2


def test_a_unit_that_follows_one_character_goes_with_less_of_the_text_than_one_that_is_on_all_along(
    tmp_path: Path,
) -> None:
    documents = [f"line {i}\n{'# ' * (i % 2)}some words and more of them" for i in range(60)]
    atlas = scanned(lambda c: [at("#")(c), in_comment(c), 0.5 - at("z")(c)], documents, tmp_path / "a")
    units = found(atlas, COMMENT)
    assert next(iter(units)) == 1
    assert units[1]["exclusive"] == pytest.approx(20 / 22)
    assert units[0]["matches"] == 20
    assert units[0]["exclusive"] < 0.4
    assert found(atlas, "^l")[2]["exclusive"] == 0, "one that never changes goes with nothing"


def test_of_a_signed_unit_the_end_that_goes_with_the_text_counts(tmp_path: Path) -> None:
    documents = [f"line {i}\n{'# ' * (i % 2)}some words and more of them" for i in range(60)]
    atlas = scanned(lambda c: [0.5 - in_comment(c), in_comment(c) - 0.5], documents, tmp_path / "a")
    units = found(atlas, COMMENT)
    assert {unit: row["end"] for unit, row in units.items()} == {0: "bottom", 1: "top"}
    assert units[0]["exclusive"] == pytest.approx(units[1]["exclusive"]) == pytest.approx(20 / 22)


def test_a_text_that_the_sample_has_not_is_found_by_the_strongest(tmp_path: Path) -> None:
    documents = [f"some words and more of them {i}{'@' if i in (7, 70, 170) else ''}" for i in range(200)]
    atlas = scanned(lambda c: [at("@")(c), at("s")(c), at("e")(c)], documents, tmp_path / "a")
    units = found(atlas, "@$")
    assert list(units) == [0]
    assert units[0]["exclusive"] == pytest.approx(3 / 5)
