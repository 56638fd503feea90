"""What stands in the way of one panel is said in its place, and the others are there."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn

import neuronwidget as nw
from neuronwidget.widgets.frames.build import FrameBuilder
from tests.asks import ask_image, ask_of, ask_text

MAP = {"rows": None, "cols": None, "height": 8, "width": 40, "order": "index", "hold": False, "units": None}
EVERYTHING: dict[str, Any] = {
    "map": MAP, "overview": {"width": 40}, "guesses": {"most": 3}, "top": {"most": 3},
}  # fmt: skip


class Body(nn.Module):
    """Token numbers → numbers for each; subclasses say how."""

    second: nn.Module
    out: nn.Module

    def __init__(self) -> None:
        super().__init__()
        torch.manual_seed(0)
        self.embed = nn.Embedding(128, 8)
        self.first = nn.Sequential(nn.Linear(8, 12), nn.ReLU())
        self.second = nn.Sequential(nn.Linear(12, 12), nn.ReLU())
        self.out = nn.Linear(12, 128)


class Branching(Body):
    """Goes round its second part where there is a z in the text."""

    def forward(self, ids: Tensor) -> Any:
        x = self.first(self.embed(ids))
        return self.out(x if bool((ids == ord("z")).any()) else self.second(x))


class Short(Body):
    """Says something of the first nine tokens only."""

    def __init__(self) -> None:
        super().__init__()
        self.table = nn.Parameter(torch.randn(128, 12))

    def forward(self, ids: Tensor) -> Any:
        return nn.functional.linear(self.second(self.first(self.embed(ids))), self.table)[:, :9]


class Raises(nn.Module):
    """Raises where one number of its input is above a bound."""

    def __init__(self, inner: nn.Module) -> None:
        super().__init__()
        self.inner, self.bound = inner, float("inf")

    def forward(self, x: Tensor) -> Any:
        if float(x.max()) > self.bound:
            raise ArithmeticError("too much of it")
        return self.inner(x)


def _bound(part: nn.Module, bound: float) -> None:
    assert isinstance(part, Raises)
    part.bound = bound


class Fragile(Body):
    """Its head, or its second part, raises once a bound is set."""

    def __init__(self) -> None:
        super().__init__()
        self.second = Raises(self.second)
        self.out = Raises(self.out)

    def forward(self, ids: Tensor) -> Any:
        return self.out(self.second(self.first(self.embed(ids))))


def attach(module: nn.Module) -> nw.LiveModel:
    def encode(text: str) -> list[int]:
        return [min(ord(character), 127) for character in text]

    return nw.attach(module.eval(), inputs=nw.TextInputs(encode, lambda ids: "".join(map(chr, ids))))


def failed(frame: Any) -> dict[str, str]:
    return {name: problem["message"] for name, problem in frame.head.get("failed", {}).items()}


def test_a_site_that_an_input_does_not_reach() -> None:
    live = attach(Branching())
    first, second, third = (site.name for site in live.sites.defaults)
    builder = FrameBuilder(live)
    whole = builder.build(ask_text("abc", second, unit=f"{second}:1", **EVERYTHING))
    assert failed(whole) == {}
    assert whole.parts["overview"]["sites"] == [first, second, third]
    assert "missing" not in whole.parts["overview"]

    frame = builder.build(ask_text("azc", second, unit=f"{second}:1", pins=(f"{first}:0",), **EVERYTHING))
    assert set(failed(frame)) == {"trace", "map", "top"}
    for words in failed(frame).values():
        assert words.startswith(f"The model did not reach {second} on this input")
        assert first not in words
    assert frame.parts["overview"]["sites"] == [first, third]
    assert frame.parts["overview"]["missing"] == [second]
    assert sum(guess["p"] for guess in frame.parts["guesses"]["list"]) > 0
    np.testing.assert_array_equal(frame.arrays["input.spans"][:, 0], [0, 1, 2])

    # Another site of the same input, and the site of before once it is reached again.
    other = builder.build(ask_text("azc", first, unit=f"{first}:0", **EVERYTHING))
    assert failed(other) == {}
    np.testing.assert_allclose(other.arrays["trace.unit"], live.record("azc", sites=[first])[first][:, 0], atol=1e-6)
    again = builder.build(ask_text("abc", second, unit=f"{second}:1", **EVERYTHING))
    assert failed(again) == {}
    np.testing.assert_array_equal(again.arrays["map.cells"], whole.arrays["map.cells"])


def test_an_output_shorter_than_the_input() -> None:
    live = attach(Short())
    site = live.sites.defaults[0].name
    text = "photograph" * 2
    frame = FrameBuilder(live).build(ask_text(text, site, unit=f"{site}:1", **EVERYTHING))
    assert failed(frame) == {"guesses": "The model's output ends after 9 positions: it says nothing of token 19."}
    assert frame.head["failed"]["guesses"]["hint"] == ""
    assert frame.parts["map"]["cols"] == [0, len(text)]
    early = FrameBuilder(live).build(ask_text(text, site, token=4, **EVERYTHING))
    assert failed(early) == {}
    assert early.parts["guesses"]["actual"]["text"] == "g"


def test_a_head_that_raises() -> None:
    module = Fragile()
    live = attach(module)
    _bound(module.out, -1.0)
    live.changed()
    site = live.sites.defaults[0].name
    frame = FrameBuilder(live).build(ask_text("abc", site, unit=f"{site}:1", **EVERYTHING))
    assert set(failed(frame)) == {"guesses"}
    assert failed(frame)["guesses"].startswith("ArithmeticError: too much of it (in forward, ")
    assert frame.head["failed"]["guesses"]["hint"] == "The exception is in widget.last_error."
    assert {"trace", "map", "overview", "top"} <= set(frame.parts)


def test_a_part_that_raises_on_the_way() -> None:
    module = Fragile()
    live = attach(module)
    first, second = (site.name for site in live.sites.defaults[:2])
    _bound(module.second, -1.0)
    live.changed()
    frame = FrameBuilder(live).build(ask_text("abc", first, unit=f"{second}:1", **EVERYTHING))
    assert set(failed(frame)) == {"trace", "guesses"}
    assert frame.parts["overview"]["missing"] == [site.name for site in live.sites.defaults[1:]]
    assert frame.parts["map"]["total"] == 12


def test_where_nothing_is_left_it_is_an_error_as_before() -> None:
    module = Fragile()
    live = attach(module)
    second = live.sites.defaults[1].name
    _bound(module.second, -1.0)
    live.changed()
    with pytest.raises(ArithmeticError, match="too much of it"):
        FrameBuilder(live).build(ask_text("abc", second, unit=f"{second}:1"))


class Picture(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        torch.manual_seed(0)
        self.conv = nn.Sequential(nn.Conv2d(1, 4, 3), nn.ReLU())
        self.head = Raises(nn.Sequential(nn.Flatten(), nn.Linear(4 * 36, 3)))

    def forward(self, x: Tensor) -> Any:
        return self.head(self.conv(x))


def test_a_head_of_pictures_that_raises_and_comes_back() -> None:
    module = Picture()
    live = nw.attach(module.eval(), inputs=nw.ImageInputs(size=8, channels=1))
    builder = FrameBuilder(live)
    pixels = np.full((8, 8, 3), 200, np.uint8)
    asks = {"tiles": {"count": 4, "height": 8, "width": 8}, "classes": {}, "top": {"most": 3}}
    _bound(module.head, -1.0)
    live.changed()
    frame = builder.build(ask_image(pixels, "conv.0", unit="conv.0:1", **asks))
    assert set(failed(frame)) == {"classes"}
    assert frame.arrays["tiles.cells"].shape == (4, 6, 6)
    _bound(module.head, float("inf"))
    live.changed()
    frame = builder.build(ask_image(pixels, "conv.0", unit="conv.0:1", **asks))
    assert failed(frame) == {}
    assert sum(frame.parts["classes"]["probabilities"]) == pytest.approx(1, abs=1e-5)


def test_a_sweep_that_raises_leaves_the_row_and_its_classes() -> None:
    class Rows(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            torch.manual_seed(0)
            self.first = nn.Sequential(nn.Linear(2, 5), nn.ReLU())
            self.out = nn.Linear(5, 2)

        def forward(self, x: Tensor) -> Any:
            if float(x.max()) > 50:
                raise ArithmeticError("too old")
            return self.out(self.first(x))

    live = nw.attach(
        Rows().eval(), inputs=nw.TableInputs({"age": (0, 100), "size": (0, 2)}, rows=[{"age": 20, "size": 1}])
    )
    asks = {"sweep": {"column": "age", "points": 8}, "classes": {}}
    frame = FrameBuilder(live).build(ask_of("table", {"age": 20.0}, "dense.0", unit="dense.0:1", **asks))
    assert set(failed(frame)) == {"sweep"}
    assert "too old" in failed(frame)["sweep"]
    assert len(frame.parts["classes"]["probabilities"]) == 2


def test_the_error_of_a_panel_is_kept_for_python() -> None:
    from tests.golden.make import Page

    explorer = nw.explore(attach(Short()), "photograph" * 2)
    Page(explorer).ask(1, "photograph" * 2, focus=20, parts={"trace": {}, "guesses": {"most": 3}})
    assert "ends after 9 positions" in str(explorer.last_error)
    explorer.close()
