"""What both sides of the wire read from `shared.json` is what Python's own code goes by."""

from neuronwidget.analysis.inspect import find, text_matches
from neuronwidget.atlas.exemplars import choose as exemplars
from neuronwidget.atlas.states import STATES
from neuronwidget.stream.protocol import shared
from neuronwidget.widgets.frames.kinds.registry import KINDS
from neuronwidget.widgets.frames.order import order_units
from neuronwidget.widgets.frames.panels.registry import PANELS
from tests.golden.models import table


def test_kinds_and_panels_are_those_that_are_registered() -> None:
    assert tuple(KINDS) == shared.KINDS
    assert tuple(PANELS) == shared.PANELS
    assert {panel.reading for panel in PANELS.values()} - {""} == set(shared.READINGS)


def test_words_of_an_atlas_are_those_that_the_page_lists() -> None:
    assert set(exemplars.GROUPS) == set(shared.GROUPS)
    assert set(STATES) == set(shared.STATES)
    assert find.ORDERS == shared.FIND_ORDERS
    assert text_matches.PLACES == shared.FIND_PLACES


def test_every_order_of_rows_is_one() -> None:
    values = table().record({"age": 20, "sex": "male"})["dense.0"].numpy()
    for order in shared.ORDERS:
        assert sorted(order_units(values, order)) == [0, 1, 2]
