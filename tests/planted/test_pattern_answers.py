"""The answers that the notebook on patterns gives to its exercises are true of the bundled models."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from sklearn.metrics import roc_auc_score

import neuronwidget as nw
from neuronwidget.analysis.patterns.result import Patterns

NOTEBOOK = Path(__file__).parents[2] / "notebooks" / "06_patterns.ipynb"


def cell(begin: str) -> str:
    """The cell of the notebook that has these words."""
    sources = ["".join(cell["source"]) for cell in json.loads(NOTEBOOK.read_text(encoding="utf-8"))["cells"]]
    return next(source for source in sources if begin in source)


@cache
def names(begin: str, end: str) -> dict[str, Any]:
    """What the data of a cell are."""
    found: dict[str, Any] = {"nw": nw, "np": np, "pd": pd}
    source = cell(begin)
    exec(source[: source.index(end)], found)
    return found


@cache
def digits(site: str) -> Patterns:
    there = names("load_digits", "last =")
    return nw.patterns(there["live"], there["responses"], site, nulls=0)


@cache
def lines(site: str) -> Patterns:
    there = names("sysconfig", "first,")
    return nw.patterns(there["code"], there["of_lines"], site, nulls=0)


def test_the_1_alone_falls_into_several_patterns_none_of_which_holds() -> None:
    found = digits("dense.0")
    table = found.table()
    digit = table["pattern"].map(lambda number: found.members(number)["label"].mode()[0])
    pure = table["pattern"].map(lambda number: found.members(number)["label"].value_counts(normalize=True).iloc[0])
    assert (pure >= 0.95).all()
    ones = table[digit == "1"]
    assert len(ones) >= 3
    assert not ones["holds"].any()
    assert set(digit[table["holds"]]) == set("023456789")


def test_the_dense_layer_sorts_what_the_convolution_leaves_in_none() -> None:
    before, last = digits("conv.2"), digits("dense.0")
    assert before.noise > 0.6
    assert last.noise < 0.2
    flow = before.flow(last)
    going_on = flow[(flow["from"] >= 0)].groupby("from")["of_from"].max()
    assert going_on.median() > 0.9
    inputs = last.inputs
    assert (inputs["prediction"] == inputs["label"]).mean() > 0.95


def test_tumours_are_a_continuum_with_their_labels_at_its_ends() -> None:
    there = names("load_breast_cancer", "found =")
    labels = there["tumours"].target_names[there["tumours"].target]
    found = nw.patterns(there["cancer"], there["rows"], "dense.0", labels=labels, nulls=0)
    assert found.verdict.startswith("No patterns in dense.0: a continuum")
    apart = roc_auc_score(found.inputs["label"] == "benign", found.inputs["x"])
    assert max(apart, 1 - apart) > 0.95
    assert (found.inputs["prediction"] == found.inputs["label"]).mean() > 0.95


def test_the_first_layer_sorts_lines_by_their_last_character() -> None:
    found, rows = lines("mlp.0"), []
    for number in found.table().query("holds")["pattern"]:
        texts = found.members(number)["text"]
        last = texts.str[-1].value_counts(normalize=True)
        rows.append((len(texts), last.index[0], last.iloc[0]))
    alike = pd.DataFrame(rows, columns=["lines", "last", "share"])
    assert (alike["share"] > 0.9).mean() >= 0.8
    assert alike.sort_values("lines")["last"].iloc[-1] == ":"


def test_lines_that_end_in_an_s_are_mixed_at_the_first_layer_and_sorted_by_what_they_are_at_the_third() -> None:
    comments = {}
    for site in ("mlp.0", "mlp.2"):
        rows = lines(site).members()
        rows = rows[rows["text"].str.endswith("s") & (rows["pattern"] >= 0)]
        rows = rows.assign(comment=rows["text"].str.lstrip().str.startswith("#"))
        sizes = rows.groupby("pattern")["comment"].agg(["size", "mean"]).sort_values("size", ascending=False)
        comments[site] = sizes["mean"].iloc[:2]
    assert comments["mlp.0"].between(0.25, 0.6).all()
    assert comments["mlp.2"].iloc[0] > 0.8
    assert comments["mlp.2"].iloc[1] < 0.05


def test_a_stable_pattern_of_a_few_lines_does_not_hold() -> None:
    table = lines("mlp.2").table()
    assert ((table["stability"] > 0.99) & ~table["holds"] & (table["inputs"] < 15)).any()
