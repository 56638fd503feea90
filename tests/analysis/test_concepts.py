"""What a unit reads is found by trying, what follows a concept is seen, and bad input gets a sentence."""

from __future__ import annotations

from html import escape
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn import functional

import neuronwidget as nw
from neuronwidget.analysis.concepts.clusters import directions, silhouette
from neuronwidget.analysis.concepts.peaks import peak_steps, stacked
from neuronwidget.analysis.concepts.result import Concepts, SiteConcepts
from neuronwidget.analysis.steps import to_the_end


class Block(nn.Module):
    """A block that adds an MLP, whose neurons are its inner layer."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.up, self.act, self.down = nn.Linear(width, 4 * width), nn.GELU(), nn.Linear(4 * width, width)

    def forward(self, rows: torch.Tensor) -> torch.Tensor:
        after: torch.Tensor = rows + self.down(self.act(self.up(rows)))
        return after


def text_model() -> nw.LiveModel:
    torch.manual_seed(3)
    module = nn.Sequential(nn.Embedding(128, 16), Block(16), Block(16), nn.Linear(16, 128)).eval()
    inputs = nw.TextInputs(lambda text: list(text.encode()), lambda ids: bytes(ids).decode(errors="replace"))
    return nw.attach(module, inputs=inputs)


def texts() -> list[str]:
    source = np.random.default_rng(0)
    return ["".join(map(chr, source.integers(97, 120, 30))) for _ in range(40)]


def picture_model() -> nw.LiveModel:
    torch.manual_seed(4)
    layers = [nn.Conv2d(1, 6, 3, padding=1, stride=2), nn.ReLU(), nn.Flatten(), nn.Linear(6 * 16, 2)]
    return nw.attach(nn.Sequential(*layers).eval(), inputs=nw.ImageInputs(size=8, channels=1))


def pictures() -> np.ndarray[Any, Any]:
    return np.random.default_rng(1).random((60, 8, 8)).astype(np.float32)


@pytest.mark.parametrize("kind", ["text", "image"])
def test_what_a_unit_reads_adds_up_to_what_it_does(kind: str, tmp_path: Path) -> None:
    live = text_model() if kind == "text" else picture_model()
    data: Any = texts() if kind == "text" else pictures()
    make: Any = functional.gelu if kind == "text" else functional.relu
    site = live.sites.defaults[0]
    atlas = nw.scan(live, data, out=tmp_path / "atlas")
    unit = 2
    frame = atlas.exemplars(site.unit(unit), "top", 6)
    peaks = list(zip(frame["document"], frame["position"], strict=True))
    found = to_the_end(peak_steps(live, atlas, site, [unit], peaks, data=data))
    reads = found.reading.embed(stacked(found.read, peaks), [unit])
    part = dict(live.module.named_modules())[found.reading.places[0].module]
    bias: Any = part.bias
    values = make(torch.from_numpy(reads.sum(1)) + bias.detach()[unit])
    np.testing.assert_allclose(values.numpy(), frame["value"], rtol=1e-4, atol=1e-5)
    assert "times the unit's weights" in found.reading.words


def test_a_few_exemplars_apart_from_all_others_are_no_second_concept() -> None:
    source = np.random.default_rng(0)
    near = [directions(np.eye(20)[axis] + 0.05 * source.normal(size=(30, 20))) for axis in (0, 1)]
    stray = directions(source.normal(size=(3, 20)))
    two = silhouette(np.concatenate(near), np.ones(60), np.repeat([0, 1], 30))
    one = silhouette(np.concatenate([near[0], stray]), np.ones(33), np.repeat([0, 1], [30, 3]))
    assert two > 0.8
    assert one < 0.7


def test_units_without_a_layer_of_their_own_are_read_by_what_the_others_do(tmp_path: Path) -> None:
    live, data = text_model(), texts()
    stream = next(site for site in live.sites if site.kind == "resid")
    atlas = nw.scan(live, data, sites=[stream.name], out=tmp_path / "atlas")
    found = nw.concepts(live, atlas, f"{stream.name}:1", behind=[])
    assert found.by == f"what all other units of {stream.name} do"
    assert found.followers.empty


class Two(nn.Module):
    """Hidden unit 0 fires for columns a and b; behind it unit 0 reads a alone and unit 1 reads b alone."""

    def __init__(self) -> None:
        super().__init__()
        self.first, self.act, self.second, self.then = nn.Linear(8, 12), nn.ReLU(), nn.Linear(12, 6), nn.ReLU()
        self.out = nn.Linear(6, 2)
        with torch.no_grad():
            self.first.weight.copy_(torch.cat([torch.zeros(4, 8), torch.eye(8)]))
            self.first.weight[0, :2] = 1
            self.first.bias.fill_(-0.1)
            self.second.weight.zero_()
            self.second.weight[range(4), range(4, 8)] = 1
            self.second.bias.zero_()

    def forward(self, row: torch.Tensor) -> torch.Tensor:
        said: torch.Tensor = self.out(self.then(self.second(self.act(self.first(row)))))
        return said


def test_each_concept_is_followed_by_the_unit_that_reads_it(tmp_path: Path) -> None:
    live = nw.attach(Two().eval(), inputs=nw.TableInputs({f"c{n}": (0, 2) for n in range(8)}, ["no", "yes"]))
    source = np.random.default_rng(2)
    rows = (source.random((900, 8)) < 0.1) * source.uniform(0.5, 1.5, (900, 8)) + 0.02 * source.random((900, 8))
    atlas = nw.scan(live, rows.astype(np.float32), out=tmp_path / "atlas")
    found = nw.concepts(live, atlas, "dense.0:0", behind=["dense.1"])
    assert found.number == 2
    sure = found.followers[(found.followers["q"] <= 0.05) & (found.followers["difference"] > 0)]
    assert {"dense.1:0", "dense.1:1"} == set(sure["unit"])
    assert sure["concept"].nunique() == 2
    assert found.exemplars.query("concept >= 0")["weight"].min() > 0
    again = Concepts.from_json(found.to_json())
    assert again.verdict == found.verdict
    assert escape(found.verdict) in found._repr_html_()
    assert set(found.concepts["followers"]) == {"dense.1:0", "dense.1:1"}
    assert found.chart().to_dict()["mark"]["type"] == "circle"
    whole = nw.concepts_of_site(live, atlas, "dense.0", units=[0, 4, 5, 6])
    assert SiteConcepts.from_json(whole.to_json()).table()["unit"].tolist() == whole.table()["unit"].tolist()
    assert whole.several["unit"].tolist() == ["dense.0:0"]
    assert whole.chart().to_dict()["mark"]["type"] == "circle"


def test_what_cannot_be_told_is_said_in_a_sentence(tmp_path: Path) -> None:
    live, data = picture_model(), pictures()
    atlas = nw.scan(live, data, out=tmp_path / "atlas")
    with pytest.raises(TypeError, match="in this order"):
        nw.concepts(atlas, live, "conv.0:1")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="end= is one of top, bottom"):
        nw.concepts(live, atlas, "conv.0:1", end="left")
    with pytest.raises(KeyError, match="no site"):
        nw.concepts(live, atlas, "conv.7:1")
    few = nw.scan(live, data[:5], out=tmp_path / "few")
    with pytest.raises(ValueError, match="8 are needed at least"):
        nw.concepts(live, few, "conv.0:1")
    still = nw.scan(live, np.repeat(data[:1], 20, 0), out=tmp_path / "still")
    with pytest.raises(ValueError, match=r"No unit of conv\.0 has 8 different exemplars"):
        nw.concepts_of_site(live, still, "conv.0")
    with torch.no_grad():
        live.module.get_parameter("0.weight").mul_(3.0)
    with pytest.raises(ValueError, match="now does something else than the atlas says"):
        nw.concepts(live, atlas, "conv.0:1", data=data)
