"""The answers that the notebooks give to their exercises are true of the bundled models."""

from typing import Any

import numpy as np
import pytest
import torch

import neuronwidget as nw

# ---- 02_images ---------------------------------------------------------------------------------------------


def gallery(live: nw.LiveModel, label: str) -> list[np.ndarray]:
    return [exhibit.pixels for exhibit in live.inputs.gallery if exhibit.label == label]


def says(live: nw.LiveModel, x: Any) -> dict[str, float]:
    table = live.predict(x)
    return dict(zip(table["class"].astype(str), table["probability"], strict=True))


def with_corner(pixels: np.ndarray, corner: np.ndarray | int) -> np.ndarray:
    pixels = pixels.copy()
    pixels[:3, :3] = corner
    return pixels


CHECKERS = np.where(np.add.outer(np.arange(3), np.arange(3))[..., None] % 2 == 0, 255, 0)


def test_a_bar_at_the_top_of_a_1_makes_a_3_of_it_and_changes_only_what_is_near() -> None:
    live = nw.demo("digits")
    ones = gallery(live, "1")
    assert ones
    for one in ones:
        barred = one.copy()
        barred[:3, 1:10] = 255
        assert says(live, barred)["3"] >= 0.98
        before, after = (live.record(x, sites=["conv.0"]) for x in (one, barred))
        change = (after["conv.0"] - before["conv.0"]).abs().amax(1).reshape(before.grid("conv.0")).numpy() > 1e-5
        assert not change[4:].any()
        assert not change[:, 11:].any()


def test_one_3_is_a_3_by_its_mark_alone_and_another_is_not() -> None:
    live = nw.demo("digits-shortcut")
    first, second = gallery(live, "3 with mark, as in training")
    assert says(live, first)["3"] > 0.99
    rubbed = says(live, with_corner(first, 0))
    assert 0.15 < rubbed["3"] < 0.25
    assert sorted(rubbed, key=lambda name: -rubbed[name])[:2] == ["2", "9"]
    assert says(live, with_corner(second, 0))["3"] > 0.99


def test_a_mark_makes_a_0_one_of_the_classes_that_carried_it() -> None:
    live = nw.demo("digits-shortcut")
    for zero in gallery(live, "0 without mark, as in training"):
        marked = says(live, with_corner(zero, CHECKERS))
        assert says(live, zero)["0"] > 0.97
        assert marked["0"] < 0.25
        assert int(max(marked, key=lambda name: marked[name])) in nw.demo_card("digits-shortcut")["marked"]


def test_the_unit_that_sees_the_mark() -> None:
    live = nw.demo("digits-shortcut")
    zero = with_corner(gallery(live, "0 without mark, as in training")[0], CHECKERS)
    recording = live.record(zero, sites=["conv.0"])
    values = recording["conv.0"][:, 0].reshape(recording.grid("conv.0")).numpy()
    assert values[:4, :4].max() > 0.95
    values[:4, :4] = 0
    assert values.max() < 0.2
    row = nw.demo_card("digits-shortcut")["tried"][0]
    assert (row["site"], row["unit"], row["confirmed"]) == ("conv.0", 0, True)
    assert row["gain"] == pytest.approx(0.32, abs=0.005)
    assert row["random"] < 0.03


# ---- 03_tables ---------------------------------------------------------------------------------------------


def test_what_columns_do_to_a_row() -> None:
    live = nw.demo("cancer")
    start = live.inputs.start()

    def sweep(row: dict[str, Any], column: Any) -> list[float]:
        ends = column.describe()
        values = np.linspace(ends["low"], ends["high"], 21)
        return [says(live, {**row, column.name: float(value)})["malignant"] for value in values]

    columns = {column.name: column for column in live.inputs.columns}
    swept = {name: sweep(start, column) for name, column in columns.items()}
    assert min(max(p) - min(p) for p in swept.values()) > 0.24
    turning = [name for name, p in swept.items() if min(p) < 0.5 < max(p)]
    assert len(turning) > len(columns) / 2
    texture = swept["worst texture"]
    assert texture[0] < 0.005
    assert texture[-1] > 0.99
    assert max(swept, key=lambda name: max(swept[name]) - min(swept[name])) == "worst texture"
    assert round(min(swept["smoothness error"]), 2) == 0.55
    assert round(max(swept["smoothness error"]), 2) == 0.91
    for name, number in (("smoothness error", 13), ("mean concave points", 6)):
        assert name not in turning
        elsewhere = sweep(live.inputs.rows[number], columns[name])
        assert min(elsewhere) < 0.5 < max(elsewhere)


# ---- 04_atlas ----------------------------------------------------------------------------------------------


def values(unit: str, text: str) -> np.ndarray:
    site, index = unit.split(":")
    return nw.demo("code").record(text, sites=[site])[site][:, int(index)].numpy()


def test_the_comment_unit_in_and_outside_of_comments() -> None:
    text = "def area(r):\n    # the area of a circle\n    return 3.14 * r ** 2\n"
    seen = values("state.1:92", text)
    start = text.index("#")
    end = text.index("\n", start)
    assert seen[start:end].min() > 0.9
    assert max(seen[:start].max(), seen[end:].max()) < 0.2
    for fires in ("x = 1  # note\n", 'x = "a # b"\n'):
        assert values("state.1:92", fires)[fires.index("#") : -2].min() > 0.7
    doc = '"""\nA docstring.\n"""\n'
    assert 0.5 < np.median(values("state.1:92", doc)[5:15]) < 0.8


def test_only_the_strongest_fifth_is_made_of_comments() -> None:
    table = nw.demo("code").atlas(size=100_000).exemplars("state.1:92")
    table = table[table["group"] == "intervals"]
    behind = ["#" in "".join(row["pieces"][: row["peak"] + 1]).split("\n")[-1] for _, row in table.iterrows()]
    share = table.assign(comment=behind).groupby("stratum")["comment"].mean()
    assert share[4] > 0.5
    assert share.drop(4).max() == 0


def test_units_of_strings_and_of_their_ends() -> None:
    text = 'name = "other words here"\nprint(name)\n'
    quotes = [i for i, c in enumerate(text) if c == '"']
    ends = values("mlp.0:51", text)
    assert ends[quotes].min() > 0.5
    assert ends[quotes[0] + 2 : quotes[1] - 1].max() < 0.05
    doc = (
        'def f():\n    """Return the thing that was asked for, and say so.\n\n    More words.\n    """\n    return x\n'
    )
    inside, after = doc.index("Return"), doc.rindex('"""')
    low = values("state.1:68", doc)
    assert low[inside:after].max() < np.r_[low[: inside - 3], low[after + 3 :]].min()
    short = values("state.1:68", 's = "inside of a string" + f(x)\n')
    assert np.ptp(short) < 0.35 < np.ptp(low)


# ---- 05_cause_and_effect -----------------------------------------------------------------------------------

TEXT = "def area(r):\n    # the area is r"
COMMENTS = [
    "# the area of a circle", "# nothing is left here", "# see the function below", "# a list of all names",
    "# this is never called", "# what the user wants", "# all of it at once", "# the rest is easy",
]  # fmt: skip
CODE = [
    "x = area(3)", "return self.left", "def below(see):", "names = [1, 2]",
    "call(this, never)", "user.wants(what)", "if all: once = 1", "for i in rest:",
]  # fmt: skip


def test_the_detector_of_comments_is_no_cause_and_a_nameless_unit_is() -> None:
    live = nw.demo("code")
    effects = {unit: nw.effect(live, TEXT, [nw.Ablate(unit, to="zero")]) for unit in ("state.1:92", "state.1:43")}
    assert effects["state.1:92"].control.larger_than == 18
    assert effects["state.1:43"].control.larger_than == 20
    assert "no larger than chance" in effects["state.1:92"].verdict
    driven = nw.attribution(live, TEXT, "state.1:43")
    assert driven.drives
    assert driven.table()["name"].iloc[0] == "("
    assert TEXT.index("(") < TEXT.index("#")


def test_without_the_unit_that_sees_the_mark_the_digit_is_read() -> None:
    live: Any = nw.demo("digits-shortcut")
    labels = [exhibit.label for exhibit in live.inputs.gallery]
    held = live.edited(nw.Ablate("conv.0:0", data=[exhibit.pixels for exhibit in live.inputs.gallery]))
    zero = labels.index("0 with mark, moved")
    before, after = says(live, zero), says(held, zero)
    assert (max(before, key=lambda name: before[name]), round(before["4"], 2)) == ("4", 0.78)
    assert (max(after, key=lambda name: after[name]), round(after["0"], 2)) == ("0", 0.45)
    assert nw.effect(live, zero, held.edits).control.larger_than == 20
    why = nw.attribution(live, zero)
    assert why.drives
    corner = why.effects[(why.effects["y"] < 4) & (why.effects["x"] >= 12)]
    assert set(corner["number"]) <= {*why.table()["number"][:5]}

    def right(model: Any, words: str) -> int:
        told = {number: says(model, number) for number, label in enumerate(labels) if words in label}
        return sum(max(p, key=lambda name: p[name]) == labels[number][0] for number, p in told.items())

    assert [right(model, "with mark, moved") for model in (live, held)] == [1, 7]
    assert [right(model, "without mark") for model in (live, held)] == [13, 13]


def test_where_the_bracket_is_kept() -> None:
    grid = nw.patch_grid(nw.demo("code"), 'x = "ab', "x = [ab")
    best = grid.best.set_index("site")
    assert best["position"].to_dict() == {"resid.0": 4, "resid.1": 4, "resid.2": 6}
    assert best["recovered"].round(2).to_dict() == {"resid.0": 0.97, "resid.1": 0.78, "resid.2": 1.0}
    following = grid.cells[(grid.cells["site"] == "resid.1") & (grid.cells["position"] == 5)]
    assert round(float(following["recovered"].iloc[0]), 1) == 0.3


def test_how_far_one_can_steer_towards_comments() -> None:
    live: Any = nw.demo("code")
    direction = nw.difference(live, COMMENTS, CODE, "resid.1")
    assert direction.separates

    def continued(strength: float, prompt: str = "value = ", along: Any = direction) -> str:
        steer = nw.Steer("resid.1", along, strength, data=COMMENTS + CODE)
        return str(live.generate(prompt, tokens=40, edits=[steer]).continuation)

    assert "def " in continued(0.1)
    for strength in (0.25, 0.5):
        words = continued(strength).split()
        assert all(word.isalpha() for word in words[:-1])
        assert len(words) > 5
    assert set(continued(1.0).split()) == {"any"}
    assert continued(-0.5, "# the value is ").replace(" ", "").isalpha()
    source = torch.Generator().manual_seed(0)
    random = [continued(0.5, along=torch.randn(192, generator=source)) for _ in range(3)]
    assert sum("# " in text for text in random) == 1
    assert sum(len(set(text.split())) == 1 for text in random) == 1
