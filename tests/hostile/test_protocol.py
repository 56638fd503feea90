"""Messages from the page are checked once; what is wrong is answered with a sentence, never with a traceback."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from neuronwidget.stream.protocol import asks
from neuronwidget.stream.protocol.checks import MAX_TEXT, ProtocolError
from neuronwidget.stream.protocol.shared import LIMITS, PANELS
from neuronwidget.widgets.frames.kinds.registry import KINDS

GOOD: dict[str, Any] = {
    "v": 2,
    "kind": "ask",
    "seq": 3,
    "input": {"kind": "text", "text": "ab", "focus": 1},
    "site": "mlp.0",
    "parts": {"map": {"height": 10, "width": 10, "order": "index"}},
}

anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=8,
)
FIELDS = ["v", "kind", "seq", "input", "site", "unit", "pins", "token", "mode", "pinned", "parts", "pad", "changes"]
OF_INPUT = ["kind", "text", "focus", "width", "height", "row"]
MESSAGES = ["ask", "probe", "set", "echo", "hello", "nudge", "hidden"]


@settings(max_examples=500)
@given(
    st.sampled_from(MESSAGES),
    st.dictionaries(st.sampled_from(FIELDS), anything, max_size=4),
    st.dictionaries(st.sampled_from(OF_INPUT), anything | st.sampled_from(list(KINDS)), max_size=2),
    st.dictionaries(st.sampled_from(PANELS), st.dictionaries(st.text(max_size=8), anything, max_size=3), max_size=2),
)
def test_whatever_comes_is_read_or_refused_with_a_sentence(
    kind: str, changes: dict[str, Any], subject: dict[str, Any], parts: dict[str, Any]
) -> None:
    message: object = None
    refusal: ProtocolError | None = None
    good = {**GOOD, "input": {**GOOD["input"], **subject}, "parts": {**GOOD["parts"], **parts}}
    try:
        message = asks.read({**good, "kind": kind, **changes})
    except ProtocolError as error:
        refusal = error
    if refusal is not None:
        assert str(refusal).endswith(".")
        assert refusal.hint.endswith(".")
        assert len(str(refusal)) < 400
    elif isinstance(message, asks.Ask):
        assert "map" not in message.parts or 1 <= message.parts["map"].height <= LIMITS["bins"]
        assert 0 <= message.pad <= LIMITS["echo"]
        if message.input.kind == "text":
            message.input.value.text.encode("utf-8")
    else:
        assert isinstance(message, (asks.Probe, asks.Set, asks.Echo, asks.Signal))


@given(anything)
def test_what_is_no_message_at_all(content: Any) -> None:
    with pytest.raises(ProtocolError):
        asks.read(content)


@pytest.mark.parametrize("field", ["v", "kind", "input", "site"])
def test_a_refusal_stays_a_sentence_however_long_what_came(field: str) -> None:
    with pytest.raises(ProtocolError) as refusal:
        asks.read({**GOOD, field: ["x" * 10_000] * 3})
    assert len(str(refusal.value)) < 400


@pytest.mark.parametrize(
    ("changes", "says", "hint"),
    [
        ({"v": 3}, "version 3", "pip install -U neuronwidget"),
        ({"v": 0}, "version 0", "reload it"),
        ({"v": None}, "version None", "reload it"),
        ({"kind": "dance"}, "'dance'", "pip install -U neuronwidget"),
        ({"input": {"kind": "text", "text": "x" * (MAX_TEXT + 1)}}, "2,000,001 characters", "Paste a part"),
        ({"changes": {"catalog": {}}}, "cannot change catalog", "Reload"),
        ({"parts": {"dance": {}}}, "no panel 'dance'", "pip install -U neuronwidget"),
        ({"pinned": [3, 1]}, "a lower and a higher", "Reload"),
    ],
)
def test_a_refusal_says_what_to_do(changes: dict[str, Any], says: str, hint: str) -> None:
    with pytest.raises(ProtocolError, match=says) as caught:
        asks.read({**GOOD, **changes})
    assert hint in caught.value.hint
    assert caught.value.seq == 3
