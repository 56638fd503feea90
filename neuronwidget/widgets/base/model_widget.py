"""Base class of views of a live model: its traits, and what each of them may hold."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import traitlets
from traitlets import TraitError

from neuronwidget.live.labels.labelled import Labelled
from neuronwidget.live.model import LiveModel
from neuronwidget.live.structure.sites import Unit
from neuronwidget.stream.protocol import answers, asks
from neuronwidget.stream.protocol.checks import shorten
from neuronwidget.stream.protocol.edits import read_edits
from neuronwidget.stream.protocol.shared import COMPARES, MODES, ORDERS, VIEW
from neuronwidget.widgets.base.catalog import catalog
from neuronwidget.widgets.base.frame_page import FramePage
from neuronwidget.widgets.base.page import worker_of
from neuronwidget.widgets.base.shared_edits import SharedEdits, shared_edits
from neuronwidget.widgets.base.traits import (
    EditsTrait,
    InputTrait,
    UnitTrait,
    beside_from_page,
    beside_to_json,
    input_from_page,
    input_to_json,
    units_to_json,
)
from neuronwidget.widgets.errors import words_of
from neuronwidget.widgets.frames.build import FrameBuilder
from neuronwidget.widgets.frames.edited import EditedModel, look_up
from neuronwidget.widgets.frames.frame_pass import Over
from neuronwidget.widgets.frames.kinds.kind import FrameKind
from neuronwidget.widgets.frames.kinds.registry import kind_of
from neuronwidget.widgets.saved.bundle import Making, Saved
from neuronwidget.widgets.saved.live_view import saved_input, saved_view

if TYPE_CHECKING:
    import pandas as pd

_VIEW_CHOICES: dict[str, tuple[str, ...]] = {"order": ORDERS, "mode": MODES, "compare": COMPARES}
_NOTHING_SELECTED: dict[str, Any] = {"token": None, "span": None}


class ModelWidget(FramePage):
    """A view of one live model. Traits are two-way: setting them in Python moves the page.

    Attributes
    ----------
    input : str, array or dict
        The text being looked at; a picture, uint8 [height, width, 3]; or a row.
    site : str
        The site shown.
    unit : Unit or None
        The selected unit; any spelling can be set.
    pins : list of Unit
        Units followed beside it.
    edits : list of dict
        What is done to units while the model is looked at: `[{"edit": "scale", "unit": "mlp.2:417", "factor": 0}]`;
        also `"clamp"` with a `"value"`, `"ablate"` with `"to"`, "zero", "mean" or "resample", and `"steer"` with a
        `"strength"`: along the output weights of the unit, or a direction of `live.directions`. Each may have a
        `"scope"` ("all", "last", numbers of tokens), a condition `"when": {"unit": …, "above": …}`, and `"on": False`.
        `view["compare"]` says what is shown: "after", "before" or "difference". All views of a live model have the same
        edits, and `live.edits.in_views` lists those that are on; what Python runs stays as it is.
    beside : str, array, dict or None
        Another input to compare with. It takes the place of what was before: `view["compare"]` shows this input
        ("after"), what the other one does ("before"), or the difference, in the model as it is, edits included.
    selection : dict
        `token`: the selected token's number; `span`: its start and end in the text.
    status : str
        What the page last said of itself: "not shown", "live", "error: …".
    """

    bundle = "text"

    _live: LiveModel | None = None
    _kind: FrameKind
    _shared: SharedEdits | None = None

    input = InputTrait().tag(sync=True, echo_update=False, to_json=input_to_json, from_json=input_from_page)
    beside = InputTrait(None, allow_none=True).tag(
        sync=True, echo_update=False, to_json=beside_to_json, from_json=beside_from_page
    )
    site = traitlets.Unicode("").tag(sync=True, echo_update=False)
    pins = traitlets.List(UnitTrait(allow_none=False)).tag(sync=True, echo_update=False, to_json=units_to_json)
    edits = EditsTrait().tag(sync=True, echo_update=False)
    selection = traitlets.Dict(_NOTHING_SELECTED).tag(sync=True, echo_update=False)
    view = traitlets.Dict(VIEW).tag(sync=True, echo_update=False)
    catalog = traitlets.Dict().tag(sync=True)
    # Written by the page only, so that a saved notebook can show the last picture; it never travels to the kernel.
    snapshot = traitlets.Unicode("").tag(sync=True, echo_update=False)

    def __init__(self, live: LiveModel, x: Any = "", **traits: Any) -> None:
        self._live, self._kind = live, kind_of_live(live)
        if "input" in traits:
            call = f"nw.{type(self).__name__}(live, {self._kind.name})"
            raise TypeError(f"Give the input as the second argument: {call}.")
        self._builder = FrameBuilder(live, self.over)
        unit = traits.get("unit")
        if not traits.get("site"):
            traits["site"] = Unit.parse(unit).site if unit is not None else live.sites.defaults[0].name
        super().__init__(worker_of(live), input=x, catalog=catalog(live), **traits)
        live.tell_of_offers(self._list_offers)
        self._shared = shared_edits(live)
        self._shared.join(self, brings="edits" in traits)

    # ---- traits ----------------------------------------------------------------------------------------

    @property
    def live(self) -> LiveModel:
        """The live model."""
        if self._live is None:
            raise RuntimeError("This widget was closed.")
        return self._live

    @property
    def over(self) -> Over | None:
        """What is known of the model's units over a data set."""
        return None

    def knows_direction(self, name: str) -> bool:
        """Is there a direction of this name to steer along?"""
        return self._live is not None and name in self._live.directions

    @traitlets.validate("site")
    def _known_site(self, proposal: Any) -> Any:
        return self._resolve(lambda live: live.sites.resolve(proposal["value"]).name, proposal["value"])

    @traitlets.validate("unit")
    def _known_unit(self, proposal: Any) -> Any:
        value = proposal["value"]
        return None if value is None else self._resolve(lambda live: live.sites.unit(value), value)

    @traitlets.validate("pins")
    def _known_pins(self, proposal: Any) -> Any:
        value = proposal["value"]
        return self._resolve(lambda live: list(dict.fromkeys(live.sites.unit(unit) for unit in value)), value)

    @traitlets.validate("view")
    def _whole_view(self, proposal: Any) -> dict[str, Any]:
        unknown = sorted(set(proposal["value"]) - set(VIEW))
        if unknown:
            raise TraitError(f"view has {', '.join(VIEW)}, not {', '.join(unknown)}.")
        view = {**VIEW, **proposal["value"]}
        for name, value in view.items():
            choices = _VIEW_CHOICES.get(name)
            if type(value) is not type(VIEW[name]) or (choices is not None and value not in choices):
                wanted = f"one of {', '.join(choices)}" if choices else f"a {type(VIEW[name]).__name__}"
                raise TraitError(f"view['{name}'] is {wanted}, not {shorten(value)}.")
        return view

    @traitlets.validate("selection")
    def _whole_selection(self, proposal: Any) -> dict[str, Any]:
        selection = {**_NOTHING_SELECTED, **proposal["value"]}
        token, span = selection["token"], selection["span"]
        fits = selection.keys() == _NOTHING_SELECTED.keys() and (token is None or type(token) is int)
        if not fits or not (span is None or (len(span) == 2 and all(type(end) is int for end in span))):
            raise TraitError(f"selection has a token's number and a span's two ends, not {shorten(proposal['value'])}.")
        return selection

    def _resolve(self, look_up: Any, unchanged: Any) -> Any:
        if self._live is None:
            return unchanged
        try:
            return look_up(self._live)
        except (KeyError, IndexError, ValueError) as error:
            raise TraitError(words_of(error)) from error

    def _what_is_named(self) -> Labelled:
        return self.live

    def known_unit(self, unit: Unit) -> Unit:
        return unit if self._live is None else self._live.sites.unit(unit)

    @traitlets.observe("edits")
    def _views_share_edits(self, change: Any) -> None:
        if self._shared is not None:
            self._shared.put_on(change["new"])

    @traitlets.observe("unit")
    def _unit_moves_site(self, change: Any) -> None:
        if change["new"] is not None and change["new"].site != self.site:
            self.site = change["new"].site

    @traitlets.observe("site")
    def _site_drops_unit(self, change: Any) -> None:
        if self.unit is not None and self.unit.site != change["new"]:
            self.unit = None

    def _list_offers(self) -> None:
        if self._live is not None:
            self.catalog = dict(catalog(self._live))

    # ---- requests --------------------------------------------------------------------------------------

    def _on_other(self, message: Any) -> None:
        if isinstance(message, asks.Pick):
            self._pick(message.index)
        elif message.kind == "gallery":
            items, buffers = ([], []) if self._live is None else self._kind.gallery(self._live)
            self.send(answers.gallery(items), buffers)

    def _pick(self, index: int) -> None:
        """One of the examples becomes the input; the page hears of it as of any change in Python."""
        try:
            self.input = index
        except TraitError as error:
            self.send(answers.error(-1, str(error), "The page is unchanged."))

    # ---- Python's side ---------------------------------------------------------------------------------

    def table(self) -> pd.DataFrame:
        """What is shown, as a table: one row a token, one column for the selected unit and for each pin.

        Where edits act, values are those of the edited model, unless the page shows the model before.
        """
        units = list(dict.fromkeys([*([self.unit] if self.unit is not None else []), *self.pins]))
        names = list(dict.fromkeys(unit.site for unit in units)) or [self.site]
        edits = () if self.view["compare"] == "before" else look_up(read_edits(self.edits), self.live)[0]
        live = EditedModel.of(self.live, edits, self.over).live
        return self._kind.table(live.record(self.input, sites=names), names, units)

    def _saved(self, making: Making) -> Saved:
        return saved_view(self, self._kind, making.late)

    def _at_hand(self) -> Saved:
        return saved_input(self, self._kind)

    def close(self) -> None:
        """Free the model and all that was kept; the page keeps its last picture and says so."""
        shared, self._shared = self._shared, None
        if shared is not None:
            shared.leave(self)
        self._live = None
        super().close()


def kind_of_live(live: object) -> FrameKind:
    """The kind of input of a live model; refuses what is none in a sentence."""
    if not isinstance(live, LiveModel):
        raise TypeError(f"{type(live).__name__} is not a live model: give nw.attach(…) or nw.demo('code').")
    return kind_of(live.kind)


def check_has_tokens(live: LiveModel, view: str) -> None:
    """For views that are made of tokens: refuses a model of anything else."""
    if not kind_of_live(live).has_tokens:
        raise TypeError(f"{view} shows text, and {live.name} reads {live.kind}s: use nw.explore(live).")
