"""Names that bundled models bring along are what their cards say, and only where that beats the untrained twin."""

from __future__ import annotations

import pytest

import neuronwidget as nw
from neuronwidget.demos import NAMES, demo_card


def test_the_unit_that_is_shown_first_says_what_it_is() -> None:
    live = nw.demo("code")
    explorer = nw.explore(live, "x = 1  # one")
    assert str(explorer.unit) == "state.1:92"
    assert explorer.labels["state.1:92"] == "inside a comment (AUROC .99, untrained twin .68)"
    assert explorer.labels["state.0:60"].startswith("falls along the line (|r| .88")


@pytest.mark.parametrize("name", NAMES)
def test_named_units_are_units_of_the_model(name: str) -> None:
    live = nw.demo(name)
    for unit in live.labels:
        assert str(live.sites.unit(unit)) == unit
    assert (len(live.labels) > 0) == (name not in ("digits", "cancer"))


def test_what_an_untrained_unit_tells_as_well_is_no_name() -> None:
    labels = nw.demo("code", sae=True).labels
    for row in demo_card("code")["detectors"]:
        assert (f"{row['site']}:{row['unit']}" in labels) == (row["held_out"] > row["twin"] + 0.1)
    assert "state.1:83" not in labels
    assert sum(unit.startswith("sae.1:") for unit in labels) > 0


@pytest.mark.parametrize("name", NAMES)
def test_an_untrained_model_has_no_names(name: str) -> None:
    assert nw.demo(name, trained=False).labels == {}
