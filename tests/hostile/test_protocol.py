"""Messages from the page are checked once; what is wrong is answered with a sentence, never with a traceback."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from neuronwidget.stream.protocol import asks as protocol

GOOD: dict[str, Any] = {
    "v": 1,
    "kind": "ask",
    "seq": 3,
    "text": "ab",
    "focus": 1,
    "site": "mlp.0",
    "map": {"height": 10, "width": 10, "order": "index"},
}

anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=8,
)
FIELDS = ["v", "kind", "seq", "text", "focus", "site", "unit", "pins", "token", "mode", "pinned", "map", "overview"]
FIELDS += ["guesses", "top", "pad", "changes"]
KINDS = ["ask", "probe", "set", "echo", "hello", "nudge", "hidden"]


@settings(max_examples=500)
@given(st.sampled_from(KINDS), st.dictionaries(st.sampled_from(FIELDS), anything, max_size=4))
def test_whatever_comes_is_read_or_refused_with_a_sentence(kind: str, changes: dict[str, Any]) -> None:
    message: object = None
    refusal: protocol.ProtocolError | None = None
    try:
        message = protocol.read({**GOOD, "kind": kind, **changes})
    except protocol.ProtocolError as error:
        refusal = error
    if refusal is not None:
        assert str(refusal).endswith(".")
        assert refusal.hint.endswith(".")
        assert len(str(refusal)) < 400
    elif isinstance(message, protocol.Ask):
        assert message.map is None or 1 <= message.map.height <= protocol.MAX_BINS
        assert 0 <= message.pad <= protocol.MAX_ECHO
        message.text.encode("utf-8")
    else:
        assert isinstance(message, (protocol.Probe, protocol.Set, protocol.Echo, protocol.Signal))


@given(anything)
def test_what_is_no_message_at_all(content: Any) -> None:
    with pytest.raises(protocol.ProtocolError):
        protocol.read(content)


@pytest.mark.parametrize("field", ["v", "kind", "text", "site"])
def test_a_refusal_stays_a_sentence_however_long_what_came(field: str) -> None:
    with pytest.raises(protocol.ProtocolError) as refusal:
        protocol.read({**GOOD, field: ["x" * 10_000] * 3})
    assert len(str(refusal.value)) < 400


@pytest.mark.parametrize(
    ("changes", "says", "hint"),
    [
        ({"v": 2}, "version 2", "pip install -U neuronwidget"),
        ({"v": 0}, "version 0", "reload it"),
        ({"v": None}, "version None", "reload it"),
        ({"kind": "dance"}, "'dance'", "pip install -U neuronwidget"),
        ({"text": "x" * (protocol.MAX_TEXT + 1)}, "2,000,001 characters", "Paste a part"),
        ({"changes": {"catalog": {}}}, "cannot change catalog", "Reload"),
        ({"pinned": [3, 1]}, "a lower and a higher", "Reload"),
    ],
)
def test_a_refusal_says_what_to_do(changes: dict[str, Any], says: str, hint: str) -> None:
    with pytest.raises(protocol.ProtocolError, match=says) as caught:
        protocol.read({**GOOD, **changes})
    assert hint in caught.value.hint
    assert caught.value.seq == 3
