"""Labels that bundled models bring along are what their cards say, where that beats the untrained twin, and tested."""

from __future__ import annotations

import pytest

import neuronwidget as nw
from neuronwidget.demos import NAMES, demo_card
from neuronwidget.demos.labels import labels_of, labels_path
from neuronwidget.live.replica.fingerprint import model_digest
from training.labels import held_out_source, named

LABELLED = [name for name in NAMES if labels_path(name).is_file()]


def test_the_unit_that_is_shown_first_says_what_it_is() -> None:
    live = nw.demo("code")
    explorer = nw.explore(live, "x = 1  # one")
    assert str(explorer.unit) == "state.1:92"
    assert explorer.labels["state.1:92"] == "inside a comment"
    words, mark, says = explorer.evidence["state.1:92"]
    assert (words, mark) == ("inside a comment", "held up")
    assert says.startswith("AUROC .99, untrained twin .68; AP 0.9")
    assert explorer.labels["state.0:60"] == "falls along the line"


@pytest.mark.parametrize("name", NAMES)
def test_labels_are_of_units_of_the_model(name: str) -> None:
    live = nw.demo(name)
    for unit in live.labels:
        assert str(live.sites.unit(unit)) == unit
    assert (len(live.labels) > 0) == (name in LABELLED) == (name not in ("digits", "cancer"))
    if live.labels:
        assert live.labels.weights == model_digest(live)


@pytest.mark.parametrize("name", LABELLED)
def test_labels_are_those_of_the_card_with_its_figures(name: str) -> None:
    labels, expected = labels_of(name), list(named(name))
    assert dict(labels) == {one.unit: one.words for one in expected}
    for one in expected:
        card = labels.label(one.unit).tests[0]
        assert (card["kind"], card["short"]) == ("card", one.measured)


def test_what_an_untrained_unit_tells_as_well_is_no_name() -> None:
    labels = nw.demo("code", sae=True).labels
    for row in demo_card("code")["detectors"]:
        assert (f"{row['site']}:{row['unit']}" in labels) == (row["held_out"] > row["twin"] + 0.1)
    assert "state.1:83" not in labels
    assert sum(str(unit).startswith("sae.1:") for unit in labels) > 0


def test_a_mark_is_what_a_test_gives_again() -> None:
    """On other parts of modules that the model never saw."""
    live = nw.demo("code")
    found = live.labels.test(live, "state.1:92", nw.python_tokens("comment"), held_out_source(30_000), end="high")
    assert found.outcome == live.labels.label("state.1:92").tests[1]["outcome"] == "held up"
    assert found.scores["value"][0] > 0.8


@pytest.mark.parametrize("name", NAMES)
def test_an_untrained_model_has_no_labels(name: str) -> None:
    assert nw.demo(name, trained=False).labels == {}
