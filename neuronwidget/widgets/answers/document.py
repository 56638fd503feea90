"""Answers with the document around an exemplar, and where in it the exemplar's tokens stand."""

from __future__ import annotations

from neuronwidget.stream.protocol.atlas import DocumentAnswer
from neuronwidget.stream.protocol.checks import ProtocolError, whole
from neuronwidget.widgets.answers.context import AtlasContext, Fields, Reply
from neuronwidget.widgets.frames.kinds.document_text import Spans, by_tokens, locate
from neuronwidget.widgets.frames.kinds.registry import kind_of
from neuronwidget.widgets.frames.offsets import Utf16

# More of a document than this is not sent: the part around the exemplar is.
MOST_TEXT = 200_000


def document(context: AtlasContext, params: Fields) -> Reply[DocumentAnswer]:
    """A document's text. `key` is an exemplar's row in `atlas.exemplars(unit)`.

    The array `spans` [tokens around the exemplar, 2] says where in the text each of its `pieces` stands, in UTF-16
    units; it is empty where that cannot be told. `cut` is the part of the document (in characters) that is sent.
    """
    table, key = context.exemplars(context.unit(params)), whole(params, "key")
    if not 0 <= key < len(table):
        raise ProtocolError(f"The unit has {len(table)} exemplars, there is no number {key}.", "Reload the page.")
    if "document" in context.atlas.lacks:
        raise ProtocolError(context.atlas.lacks["document"], "What is shown is all there is.")
    if not kind_of(context.atlas.input).has_tokens:
        raise ProtocolError("Only documents of text are sent whole.", "Reload the page.")
    row = table.iloc[key]
    whole_document = context.atlas.document(int(row["document"]))
    text, pieces = str(whole_document["text"]), list(row["pieces"])
    first = int(row["position"]) - int(row["peak"])
    live = context.live
    inputs = live.inputs if live is not None and kind_of(live.kind).has_tokens else None
    spans = by_tokens(inputs, text, pieces, first) or locate(text, pieces, first, int(whole_document["tokens"]))
    begin, end = _part(text, spans)
    shown = text[begin:end]
    spans = [(max(a - begin, 0), min(b, end) - begin) for a, b in spans]
    return Reply(
        {
            "document": int(row["document"]),
            "id": str(whole_document["id"]),
            "tokens": int(whole_document["tokens"]),
            "key": key,
            "text": shown,
            "cut": [begin, end, len(text)],
        },
        {"spans": Utf16(shown).spans_to_page(spans)},
    )


def _part(text: str, spans: Spans) -> tuple[int, int]:
    if len(text) <= MOST_TEXT:
        return 0, len(text)
    middle = spans[len(spans) // 2][0] if spans else 0
    begin = min(max(0, middle - MOST_TEXT // 2), len(text) - MOST_TEXT)
    return begin, begin + MOST_TEXT
