"""Comparisons: what groups may be given as, what is told of them, and bad groups get a sentence."""

from __future__ import annotations

import ast
import html
import inspect
import pdb
import textwrap
import zipfile
from functools import cache
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

import neuronwidget as nw
from neuronwidget.analysis.which.compare.result import Comparison
from neuronwidget.live.capture import Overtaken

COLUMNS = 4


def table_model(units: int = 12, seed: int = 0) -> nw.LiveModel:
    torch.manual_seed(seed)
    module = nn.Sequential(nn.Linear(COLUMNS, units), nn.Tanh(), nn.Linear(units, 2)).eval()
    return nw.attach(module, inputs=nw.TableInputs({f"c{n}": (-3.0, 3.0) for n in range(COLUMNS)}, ["no", "yes"]))


def rows(n: int, shift: float = 0.0, seed: int = 1) -> np.ndarray[Any, Any]:
    values = np.random.default_rng(seed).normal(size=(n, COLUMNS)).astype(np.float32)
    values[:, 0] += shift
    return values


def two(n: int = 60) -> dict[str, Any]:
    return {"high": rows(n, 2.0, 1), "low": rows(n, -2.0, 2)}


@cache
def on_rows() -> Comparison:
    return nw.compare(table_model(), two(), ["dense.0"], nulls=3)


def test_a_result_keeps_what_its_views_show() -> None:
    found = on_rows()
    assert list(found.groups) == ["high", "low"]
    assert found.groups["high"] == (30, 30)
    assert len(found.found)
    table = found.table()
    assert len(table) == 12
    assert table["found"].tolist() == sorted(table["found"], reverse=True)
    assert ((table["low"] <= table["effect"]) & (table["effect"] <= table["high"])).all()
    best = found.found.iloc[0]
    unit = nw.Unit(best["site"], int(best["unit"]))
    shown = found.distributions(unit)
    assert shown["group"].value_counts().to_dict() == {"high": 30, "low": 30}
    means = shown.groupby("group")["value"].mean()
    assert means.idxmax() == best["group"]
    exemplars = found.exemplars(str(unit))
    assert exemplars.groupby("group").size().to_dict() == {"high": 4, "low": 4}
    assert (exemplars["value"].groupby(exemplars["group"]).max() == shown.groupby("group")["value"].max()).all()
    recorded = table_model().record(found.document(int(exemplars["document"][0])), sites=["dense.0"])["dense.0"]
    assert float(recorded[0, unit.index]) == pytest.approx(exemplars["value"][0], abs=1e-5)
    again = Comparison.from_json(found.to_json())
    assert again.verdict == found.verdict in html.unescape(found._repr_html_())
    assert again.exemplars(unit)["row"].tolist() == exemplars["row"].tolist()
    assert again.distributions(unit).equals(shown)
    assert found.chart().to_dict()["mark"]["type"] == "circle"
    with pytest.raises(KeyError, match="was not kept"):
        found.distributions("dense.0:99")


def test_the_same_groups_given_in_other_ways_come_to_the_same() -> None:
    live, groups, expected = table_model(), two(), on_rows().table()
    first = np.arange(120) < 60
    together, labels = np.concatenate([*groups.values()]), ["high"] * 60 + ["low"] * 60
    responses = nw.collect(live, together, ["dense.0"], labels=labels)
    ways: list[Any] = [
        nw.compare(live, labels, ["dense.0"], data=together, nulls=0),
        nw.compare(live, responses, nulls=0),
        nw.compare(live, labels, data=responses, nulls=0),
        nw.compare(live, {"high": first, "low": ~first}, ["dense.0"], data=together, nulls=0),
        nw.compare(live, {name: nw.collect(live, given, ["dense.0"]) for name, given in groups.items()}, nulls=0),
    ]
    for found in ways:
        assert list(found.groups) == ["high", "low"]
        np.testing.assert_allclose(
            found.table().sort_values("unit")["effect"], expected.sort_values("unit")["effect"], atol=0.06
        )


def test_a_concept_makes_two_groups_and_may_be_a_function_or_a_column() -> None:
    import pandas as pd

    live = table_model()
    frame = pd.DataFrame(np.concatenate([*two().values()]), columns=[f"c{n}" for n in range(COLUMNS)])
    large = (frame["c0"] > 0).rename("large")
    column = nw.compare(live, large, ["dense.0"], data=frame, nulls=0)
    assert set(column.groups) == {"large", "not large"}
    function = nw.compare(live, lambda row: row["c0"] > 0, ["dense.0"], data=frame, nulls=0)
    assert sum(function.groups["a function"]) == int(large.sum())
    assert len(function.found) == len(column.found) > 0


def functions(module: Any) -> list[str]:
    """The functions of a module that the model was not trained on, with their comments."""
    text = inspect.getsource(module)
    found = [node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.FunctionDef)]
    pieces = ["".join(text.splitlines(True)[node.lineno - 1 : node.end_lineno]) for node in found]
    return [textwrap.dedent(piece)[:600] for piece in pieces if "#" in piece]


def test_comments_strings_and_keywords_have_the_units_that_the_card_names() -> None:
    """Of each document as many characters inside as outside; half of the documents find, the others report."""
    live, documents = nw.demo("code"), [*functions(pdb), *functions(zipfile)][:64]
    for kind, unit, higher in (
        ("comment", "state.1:92", "comment"),
        ("string", "state.1:68", "not string"),
        ("keyword", "mlp.1:571", "keyword"),
    ):
        sites = [unit.partition(":")[0]]
        found = nw.compare(live, nw.python_tokens(kind), sites, data=documents, nulls=2)
        assert set(found.groups) == {kind, f"not {kind}"}
        passed = found.found.assign(name=found.found["site"] + ":" + found.found["unit"].astype(str)).set_index("name")
        assert unit in passed.index
        assert passed["group"][unit] == higher
        assert abs(passed["effect"][unit]) >= 0.2
        assert (found.null["found"] == 0).all()
        assert "as many of one as of the other" in found.verdict
    named = found.table().set_index(["site", "unit"])["label"]
    assert named["mlp.1", 571].startswith("inside a keyword")
    twin = nw.demo("code", trained=False)
    found = nw.compare(live, nw.python_tokens("comment"), ["state.1"], data=documents[:24], nulls=0, twin=twin)
    assert found.twin is not None
    assert found.twin.searched == 96


def test_places_in_pictures_are_compared_where_the_site_has_places() -> None:
    live, source_ = nw.demo("digits"), np.random.default_rng(0)
    pictures = source_.integers(0, 60, (40, 8, 8)).astype("uint8")
    masks = np.zeros((40, 8, 8), bool)
    for picture, mask in zip(pictures, masks, strict=True):
        y, x = source_.integers(0, 5, 2)
        picture[y : y + 4, x : x + 4] = 250
        mask[y : y + 4, x : x + 4] = True
    known = [None, None, *masks[2:]]  # of two pictures nobody knows
    found = nw.compare(live, nw.predicate_of(known, "square"), ["conv.1", "dense.0"], data=pictures, nulls=0)
    assert set(found.groups) == {"square", "not square"}
    assert len(found.found)
    assert found.sites == ("conv.1",)
    assert sum(found.groups["square"]) <= 38
    with pytest.raises(ValueError, match="Of none of the 40 inputs is it known whether it has square"):
        nw.compare(live, nw.predicate_of([None] * 40, "square"), data=pictures)
    assert "dense.0 have one position an input, and were left out." in found.verdict


def test_documents_in_both_groups_are_left_out_and_said() -> None:
    groups = two()
    groups["low"] = np.concatenate([groups["low"], groups["high"][:3]])
    found = nw.compare(table_model(), groups, ["dense.0"], nulls=0)
    assert {name: sum(halves) for name, halves in found.groups.items()} == {"high": 57, "low": 60}
    assert "6 inputs in more than one group were left out." in found.verdict
    live = table_model()
    collected = {name: nw.collect(live, given, ["dense.0"]) for name, given in groups.items()}
    again = nw.compare(live, collected, nulls=0)
    assert again.groups == found.groups
    assert "6 inputs in more than one group were left out." in again.verdict


def test_pictures_of_which_not_all_are_kept_are_not_taken_for_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("neuronwidget.analysis.responses.kept.MOST_BYTES", 2_000)
    live = nw.demo("digits")
    pictures = np.random.default_rng(0).integers(0, 255, (40, 8, 8)).astype("uint8")
    responses = nw.collect(live, pictures, ["dense.0"], labels=["a", "b", "b", "a"] * 10)
    assert responses.inputs.pictures is not None
    assert len(responses.inputs.pictures) < 40
    found = nw.compare(live, responses, nulls=0)
    assert {name: sum(halves) for name, halves in found.groups.items()} == {"a": 20, "b": 20}
    parts = {name: nw.collect(live, given, ["dense.0"]) for name, given in (("a", pictures[:20]), ("b", pictures[20:]))}
    assert nw.compare(live, parts, nulls=0).groups == {"a": (10, 10), "b": (10, 10)}


def test_concepts_that_lie_in_each_other_get_the_reason_for_empty_groups() -> None:
    texts = [f'def {name}():\n    return "{name} {name}"\n' for name in "abcdef"]
    concepts = {kind: nw.python_tokens(kind) for kind in ("string", "indentation")}
    with pytest.raises(ValueError, match=r"'string' .* inputs without places of each group were left out"):
        nw.compare(nw.demo("code"), concepts, ["state.1"], data=texts, nulls=0)


def test_a_document_that_comes_twice_is_in_one_half() -> None:
    groups = two(8)
    twice = {name: np.concatenate([given, given]) for name, given in groups.items()}
    found = nw.compare(table_model(), twice, ["dense.0"], nulls=0)
    shown = found.distributions(("dense.0", 0))
    assert shown.groupby("group")["value"].nunique().tolist() == [4, 4]
    assert found.groups["high"] == (8, 8)


def test_an_untrained_twin_and_edits_are_told_of() -> None:
    twin = table_model(seed=5)
    found = nw.compare(table_model(), two(), ["dense.0"], nulls=0, twin=twin, edits=[nw.Clamp("dense.0:3", 0.0)])
    assert found.provenance.edits
    clamped = found.table().set_index("unit").loc[3]
    assert clamped["effect"] == 0
    assert clamped["p"] == 1
    assert found.twin is not None
    assert found.twin.searched == 12
    assert len(found.twin_units) == 12
    assert f"{twin.name}: {found.twin.found} of 12 units." in found.verdict


def test_many_documents_are_drawn_and_that_is_said() -> None:
    found = nw.compare(table_model(), two(200), ["dense.0"], nulls=0, most=50)
    assert {name: sum(halves) for name, halves in found.groups.items()} == {"high": 50, "low": 50}
    assert "Of high 50 of 200 inputs were compared, drawn with seed 0." in found.verdict
    read = {name: iter(given) for name, given in two(200).items()}
    again = nw.compare(table_model(), read, ["dense.0"], nulls=0, most=50)
    assert again.table()["effect"].tolist() == found.table()["effect"].tolist()


def test_the_last_layers_come_first_and_none_is_left_out() -> None:
    live = nw.demo("digits")
    pictures = np.random.default_rng(0).integers(0, 255, (24, 8, 8)).astype("uint8")
    found = nw.compare(live, ["a", "b"] * 12, data=pictures, nulls=0)
    assert found.sites == tuple(site.name for site in reversed(live.sites.defaults))
    assert found.how == "mean+max"
    assert set(found.table()["part"]) == {"mean", "max"}
    assert len(found.table()) == sum(site.width for site in live.sites.defaults)


def test_right_and_wrong_answers_are_groups() -> None:
    live = table_model()
    given = np.concatenate([*two().values()])
    answers = nw.collect(live, given, ["dense.0"], predictions=True).predictions
    assert answers is not None
    labels = [("no" if said == "yes" else "yes") if number % 3 == 0 else said for number, said in enumerate(answers)]
    groups = nw.right_wrong(live, given, labels, sites=["dense.0"])
    assert groups.counts == {"wrong": 40, "right": 80}
    assert groups.table()["group"].tolist() == ["wrong" if number % 3 == 0 else "right" for number in range(120)]
    found = nw.compare(live, groups, nulls=0)
    assert "answers 80 of 120 inputs right" in found.verdict
    assert nw.right_wrong(live, given, [["no", "yes"].index(label) for label in labels]).counts == groups.counts
    with pytest.raises(ValueError, match="no class 'maybe'"):
        nw.right_wrong(live, given, ["maybe"] * 120)
    with pytest.raises(ValueError, match="have no labels"):
        nw.right_wrong(live, given)


class Classifier(nn.Module):
    """Tells three classes of texts that have no names, by the mean over their letters."""

    def __init__(self) -> None:
        super().__init__()
        torch.manual_seed(1)
        self.letters, self.head = nn.Embedding(128, 8), nn.Linear(8, 3)

    def forward(self, ids: torch.Tensor) -> torch.Tensor:
        said: torch.Tensor = self.head(self.letters(ids).mean(1))
        return said


def test_answers_to_texts_are_right_by_the_numbers_of_classes_without_names() -> None:
    module = Classifier().eval()
    live = nw.attach(module, inputs=nw.TextInputs(lambda text: list(text.encode()), lambda ids: bytes(ids).decode()))
    texts = ["".join(map(chr, np.random.default_rng(n).integers(97, 120, 12))) for n in range(24)]
    answers = [int(module(torch.tensor([list(text.encode())])).argmax()) for text in texts]
    labels = [(one + 1) % 3 if number % 4 == 0 else one for number, one in enumerate(answers)]
    assert nw.right_wrong(live, texts, labels, sites=["dense.0"]).counts == {"wrong": 6, "right": 18}
    with pytest.raises(ValueError, match="has no class '3'"):
        nw.right_wrong(live, texts, [3] * 24)


def test_texts_that_surprise_the_model_are_the_worst() -> None:
    live = nw.demo("code")
    usual = [f"def name_{n}(self):\n    return self.value\n" for n in range(16)]
    noise = ["".join(chr(c) for c in np.random.default_rng(n).integers(33, 120, 44)) for n in range(16)]
    groups = nw.right_wrong(live, usual + noise, sites=["mlp.2"])
    assert groups.counts == {"worst": 8, "best": 8}
    assert set(groups.table().query("group == 'worst'")["name"]) <= {str(n) for n in range(16, 32)}
    assert "nats a token" in repr(groups)
    with pytest.raises(ValueError, match="4 are needed at each end"):
        nw.right_wrong(live, usual[:8])


@pytest.mark.parametrize(
    ("groups", "settings", "words"),
    [
        ({"a": rows(8), "b": []}, {}, "'b' is empty"),
        ({"a": rows(8), "b": rows(1, 1)}, {}, "'b' has 1 input; 4 are needed"),
        ({"a": rows(8)}, {}, "All 8 inputs are in one group, 'a'"),
        ({}, {}, "two groups or more"),
        (["x"] * 20, {"data": rows(20)}, "All 20 inputs are in one group, 'x'"),
        (["x", "y"] * 9, {"data": rows(20)}, "names 18 labels for 20 inputs"),
        (["x", "y"], {}, "groups= is list"),
        (
            {"a": rows(8), "b": rows(8)},
            {},
            "'a' is empty: give it inputs.*16 inputs in more than one group were left out",
        ),
        ({"a": rows(8), "b": rows(8, 1)}, {"how": "none"}, "keeps positions apart"),
        ({"a": rows(8), "b": rows(8, 1)}, {"level": 2}, "between 0 and 1"),
        ({n: rows(8, n) for n in range(3)}, {"how": "mean+max"}, "by one number a unit"),
        ({"a": rows(8), "b": rows(8, 1)}, {"correction": "holm"}, "bh, by"),
        ({"a": rows(8), "b": rows(8, 1)}, {"sites": ["mlp.7"]}, "no site 'mlp.7'"),
    ],
)
def test_groups_that_cannot_be_compared_get_a_sentence(groups: Any, settings: dict[str, Any], words: str) -> None:
    with pytest.raises((ValueError, KeyError, TypeError), match=words):
        nw.compare(table_model(), groups, **settings)


def test_responses_of_another_model_are_refused_and_work_ends_when_nobody_waits() -> None:
    live, given = table_model(), two()
    responses = nw.collect(live, given["high"], ["dense.0"], labels=["x", "y"] * 30)
    with pytest.raises(ValueError, match="collect them anew"):
        nw.compare(table_model(seed=3), responses)
    with pytest.raises(KeyError, match=r"not of dense\.1"):
        nw.compare(live, responses, ["dense.1"])
    with pytest.raises(Overtaken):
        nw.compare(live, given, overtaken=lambda: True)


def test_whether_found_units_are_causes_is_tried_beside_random_units() -> None:
    """Of twelve units that all tell the groups apart the head reads one; another tells them as well and is not read."""
    live = table_model(24)
    with torch.no_grad():
        module: Any = live.module
        first, head = module[0], module[2]
        first.weight.zero_()
        first.weight[:, 0] = torch.linspace(0.2, 0.4, 24)
        head.weight.zero_()
        head.weight[0, 5], head.weight[1, 5] = 3.0, -3.0
    live.changed()
    found = nw.compare(live, two(), ["dense.0"], nulls=0)
    assert len(found.found) == 24
    assert "was not tried: comparison.tried(live)" in found.verdict
    known = found.tried(live, 24, inputs=6, controls=19)
    assert known.causes is not None
    assert known.causes.query("cause")["unit"].tolist() == ["dense.0:5"]
    assert "dense.0:5 is a cause" in known.verdict
    assert "not tried" not in known.verdict
    assert Comparison.from_json(known.to_json()).verdict == known.verdict
    with pytest.raises(ValueError, match="is 2"):
        found.tried(live, inputs=1)


def test_malignant_and_benign_tumours_have_units_and_an_untrained_net_tells_less() -> None:
    import pandas as pd
    from sklearn.datasets import load_breast_cancer

    data = load_breast_cancer()
    frame = pd.DataFrame(data.data, columns=data.feature_names)
    labels = data.target_names[data.target].tolist()
    live, untrained = nw.demo("cancer"), nw.demo("cancer", trained=False)
    found = nw.compare(live, labels, ["dense.0", "dense.1"], data=frame, nulls=2, twin=untrained)
    assert list(found.groups) == ["malignant", "benign"]
    assert len(found.found) >= 20
    assert found.found["effect"].abs().max() >= 0.48
    assert (found.null["found"] <= 1).all()
    assert found.twin is not None
    assert found.twin.largest < found.found["effect"].abs().max()
    large = nw.compare(live, (frame["mean radius"] > 15).rename("large"), ["dense.0"], data=frame, nulls=0)
    assert list(large.groups) == ["large", "not large"]
    assert len(large.found)
