"""Kind of input: texts, with their tokens and the window that the model can see."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from torch import Tensor
from traitlets import TraitError

from neuronwidget.live.inputs.text import Tokens
from neuronwidget.live.replica.trust import Trust
from neuronwidget.live.reuse import Reader
from neuronwidget.live.structure.sites import Site
from neuronwidget.live.tensors import strongest_step
from neuronwidget.live.token_model import TokenModel
from neuronwidget.stream.frame import Frame
from neuronwidget.stream.protocol.checks import readable, shorten
from neuronwidget.stream.protocol.frames import Window
from neuronwidget.stream.protocol.inputs import Text, read_text
from neuronwidget.stream.raster import Scale
from neuronwidget.widgets.frames.frame_pass import Recorded, TextPass, Values
from neuronwidget.widgets.frames.kinds.kind import FrameKind, Members, ShownExemplars, ShownMembers
from neuronwidget.widgets.frames.kinds.member_text import members_of_texts
from neuronwidget.widgets.frames.kinds.resumed import Arrays, ResumedReader, SharedPasses, TokenizedText
from neuronwidget.widgets.frames.offsets import Utf16
from neuronwidget.widgets.frames.panels.panel import Needs
from neuronwidget.widgets.frames.reached import record_reached
from neuronwidget.widgets.frames.request import Request
from neuronwidget.widgets.saved import html
from neuronwidget.widgets.saved.bundle import Saved
from neuronwidget.widgets.saved.reading import extent, shaded_exemplar

if TYPE_CHECKING:
    import pandas as pd

    from neuronwidget.live.recording import Recording
    from neuronwidget.live.structure.sites import Unit

#: So many characters on either side of what an exemplar is about, where it is told in brief.
_AROUND = 24


class TextKind(FrameKind):
    """Kind of input: texts, as an editor has them."""

    name = "text"
    has_tokens = True
    bundle = "explorer"

    def read(self, content: Mapping[str, Any], buffers: Sequence[Any]) -> Text:
        return read_text(content, buffers)

    def recorder(self, live: TokenModel) -> TextRecorder:
        return TextRecorder(live, live.reader())

    def resumed(self, live: TokenModel, shared: SharedPasses) -> TextRecorder:
        return TextRecorder(live, ResumedReader(live, shared.resume), shared)

    def check(self, live: Any, value: Any) -> str:
        if isinstance(value, str):
            return readable(value)
        raise TraitError(f"The input of a model of text is a string, not {type(value).__name__}.")

    def from_page(self, live: Any, value: Any) -> Any:
        return value

    def info(self, live: Any) -> None:
        return None

    def guesses(self, live: TokenModel) -> bool:
        return bool(live.predicts)

    def first(self, live: Any, x: Any) -> str | None:
        return x if isinstance(x, str) and x else None

    def table(self, recording: Recording, names: Sequence[str], units: Sequence[Unit]) -> pd.DataFrame:
        """One row a token, one column a unit."""
        table = recording.table(names[0], units=[])
        for unit in units:
            values = recording[unit.site][:, unit.index]
            table[str(unit)] = values.numpy() if len(values) == len(table) else float(values[0])
        return table

    def asked(self, value: str, focus: int = 0) -> Text:
        return Text(value, focus)

    def at_hand(self, live: TokenModel, value: str) -> Saved:
        return Saved(f"the text {shorten(value)}", (html.plain_text(value),))

    def saved(self, live: TokenModel, value: str, frame: Frame) -> Saved:
        """The window's text, shaded by the unit; what stands around it is left out."""
        offsets, spans = Utf16(value), frame.arrays["input.spans"]
        ends = [(offsets.from_page(int(start)), offsets.from_page(int(end))) for start, end in spans]
        pieces, at = [], ends[0][0] if ends else 0
        for _, end in ends:  # a token may lie within the one before it, or after a gap
            pieces.append(value[at : max(at, end)])
            at = max(at, end)
        values = frame.arrays.get("trace.unit")
        of = f"{len(pieces)} tokens of {shorten(value)}"
        if values is None:
            return Saved(of, (html.plain_text("".join(pieces)),))
        scale = html.scale_of(frame.parts["trace"]["scale"])
        words = f"{of}; {extent(values, [f'token {i} {shorten(piece)}' for i, piece in enumerate(pieces)])}"
        return Saved(words, (html.shaded(pieces, values, scale), html.line(words, quiet=True)))

    def exemplars(self, shown: ShownExemplars) -> tuple[Mapping[str, Any], Mapping[str, NDArray[Any]]]:
        """What stands around the tokens in their documents: `around`, [before, behind] each."""
        inputs = shown.live.inputs if shown.live is not None and shown.live.kind == self.name else None
        # Only here: whoever has no atlas need not load what reads one.
        from neuronwidget.widgets.frames.kinds.document_text import around

        return {"around": around(shown.atlas, inputs, shown.rows)}, {}

    def brief(self, row: pd.Series) -> Mapping[str, Any]:
        pieces, peak = list(row["pieces"]), int(row["peak"])
        before, behind = "".join(pieces[:peak]), "".join(pieces[peak + 1 :])
        return {"words": "".join(pieces[peak : peak + 1]), "around": [before[-_AROUND:], behind[:_AROUND]]}

    def saved_exemplars(self, shown: ShownExemplars, scale: Scale) -> Sequence[str]:
        return [shaded_exemplar(scale, row["pieces"], row["values"]) for _, row in shown.rows.iterrows()]

    def members(self, shown: ShownMembers) -> Members:
        """`pieces` of each; `shades`: what the unit does on them, `scale` and `unit` with it."""
        return members_of_texts(shown)


class TextRecorder:
    """Records texts; tokens of an unchanged beginning are not run again."""

    def __init__(self, live: TokenModel, reader: Reader | ResumedReader, shared: SharedPasses | None = None) -> None:
        self.live = live
        self._reader = reader
        self._arrays = Arrays() if shared is None else shared.arrays
        self._tokenized = TokenizedText() if shared is None else shared.tokenized
        self._start = 0
        self._trust = Trust(live)
        self._ids: list[int] = []
        self._read: Mapping[Site, Tensor] = {}
        self._last: tuple[object, Recorded] | None = None

    def forget(self) -> None:
        self._reader.forget()
        self._arrays.forget()
        self._ids, self._read, self._last = [], {}, None

    def record(self, request: Request, needs: Needs, overtaken: Callable[[], bool] | None) -> Recorded:
        tokens, start, end, token = self._look_at(request.ask.input.value, request.ask.token)
        ids = tokens.ids[start:end]
        sites = needs.sites or (request.site,)
        head = self.live.head_site if needs.stream else None
        places = list(dict.fromkeys([*sites, *([head] if head else [])]))
        failed: Mapping[Site, Exception] = {}
        tensors: Mapping[Site, Tensor]
        asked = (tokens, start, end, token, sites, head)
        began = time.perf_counter()
        if request.edits and self._holds(ids, places):
            if self._last is not None and self._last[0] == asked:
                seconds = time.perf_counter() - began
                return replace(self._last[1], seconds=seconds, reused=len(ids), rows_kept=len(ids))
            tensors, reused = self._read, len(ids)
        else:
            tensors, failed, reused = self._recorded(ids, places, overtaken)
        self._ids, self._read = ids, tensors
        seconds = time.perf_counter() - began
        at_each = partial(_at_each_token, len(ids))
        values = {
            site: self._arrays.of(site, tensors[site], partial(at_each, site)) for site in sites if site in tensors
        }
        labels = {str(i - start): tokens.labels[i] for i in tokens.labels if start <= i < end}
        recorded = Recorded(
            values=Values(values, failed),
            seconds=seconds,
            reused=reused,
            rows_kept=reused,
            head={"kind": "text", "window": self._window(tokens, start, end), "labels": labels},
            arrays={
                "spans": self._tokenized.offsets.spans_to_page(tokens.spans[start:end]),
                "ids": np.array(ids, np.int32),
            },
            text=TextPass(self.live, tokens, start, end, token, tensors.get(head) if head else None),
            lasts=self._reader.lasts,
        )
        self._last = None if failed else (asked, recorded)
        return recorded

    def _recorded(
        self, ids: list[int], sites: list[Site], overtaken: Callable[[], bool] | None
    ) -> tuple[Mapping[Site, Tensor], Mapping[Site, Exception], int]:
        """What the sites did, what stood in the way of others, and how many tokens are as they were."""
        try:
            return self._reader.read(ids, sites, overtaken), {}, self._reader.reused
        except Exception as error:
            ordered = self.live.in_order(sites)
            tensors, failed = record_reached(lambda some: self._reader.read(ids, some, overtaken), ordered, error)
            return tensors, failed, 0  # nobody knows what is still as it was in the frame before

    def _holds(self, ids: list[int], sites: list[Site]) -> bool:
        """Is what was read of these tokens as it would be read again? Asked while edits of them change.

        A reader keeps rows where a model can run on from a cache; here they are kept of any.
        """
        if not self._read:
            return False
        return self._trust.holds() and ids == self._ids and all(site in self._read for site in sites)

    def _look_at(self, asked: Text, token: int | None) -> tuple[Tokens, int, int, int | None]:
        """The tokens, the window, and the token spoken of."""
        tokens = self._tokenized.of(self.live, asked.text)
        focus = tokens.at(self._tokenized.offsets.from_page(asked.focus))
        token = focus if token is None or not 0 <= token < len(tokens) else token
        start, end = tokens.window(focus or 0, self.live.context, self._start)
        self._start = start
        if token is not None and not start <= token < end:
            token = focus
        return tokens, start, end, token

    def _window(self, tokens: Tokens, start: int, end: int) -> Window:
        first = tokens.spans[start][0] if start < end and start > 0 else 0
        last = tokens.spans[end - 1][1] if start < end < len(tokens) else len(tokens.text)
        return {
            "start": self._tokenized.offsets.to_page(first),
            "end": self._tokenized.offsets.to_page(last),
            "first": start,
            "total": len(tokens),
            "without": tokens.left_out(start, end),
        }


def _at_each_token(tokens: int, site: Site, tensor: Tensor) -> Any:
    """Values [tokens, units]; a site that speaks of the whole input says the same at every token."""
    values = (tensor if site.steps is None or site.per_token else strongest_step(tensor)[None]).numpy()
    return values if site.per_token else np.repeat(values, tokens, axis=0)
