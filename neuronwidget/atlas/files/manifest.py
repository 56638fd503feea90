"""Checks what a manifest says before any of it is believed: its checksum tells of accidents, not of intentions."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from neuronwidget.atlas.files.thumbnails import FILE as PICTURES
from neuronwidget.corpus.kinds.registry import KINDS, kind_of

Test = Callable[[Any], bool]
#: In which form the files of an atlas are. Atlases of the first form are read, and no longer written.
FORMAT, EARLIER = 2, 1
#: Units of a file of exemplars, so that a card of one of many units is read from a small file.
FILE_UNITS = 4096
DOCUMENTS, TEXTS = "documents.parquet", "texts.safetensors"
JOURNALS = ("pieces", "windows", "documents", "vocabulary", "pictures")


class StrangeError(ValueError):
    """Something in a manifest that no scan writes."""


def check(manifest: dict[str, Any]) -> None:
    """Raises `StrangeError`, with what is strange, where this is not what a scan wrote."""
    _check(manifest, _ALL, "")
    _check(manifest, {key: test for key, test in _MAY.items() if key in manifest}, "")
    finished, done = manifest["finished"], manifest["done"]
    if len({site["name"] for site in manifest["sites"]}) < len(manifest["sites"]):
        raise StrangeError("two sites have one name")
    if kind_of(manifest["settings"]["input"]).pictures:
        _check(manifest["settings"], {"picture": _several(_whole(1, 64), 3)}, "settings.")
    if not finished:
        _check(done, _UNFINISHED, "done.")
        return
    _check(manifest, {"files": _mapping(_of(_RECORD)), "bounds": _mapping(_text)}, "")
    # A site may claim many units: their files are counted before they are named.
    names = file_names(manifest) if len(manifest["files"]) == _count(manifest) else iter(())
    if set(names) != set(manifest["files"]):
        raise StrangeError("files are not those of its sites")


def file_names(manifest: Mapping[str, Any]) -> Iterator[str]:
    """The files of a finished atlas."""
    earlier = manifest["format"] == EARLIER
    for number, site in enumerate(manifest["sites"]):
        yield site_file(number)
        for block in range(-(-site["width"] // FILE_UNITS)):
            yield exemplars_file(number, block, "parquet" if earlier else "safetensors")
    yield DOCUMENTS
    if not earlier:
        yield TEXTS
    if kind_of(manifest["settings"]["input"]).pictures:
        yield PICTURES


def site_file(number: int) -> str:
    """What is known of every unit of a site."""
    return f"sites/{number:03d}.safetensors"


def exemplars_file(number: int, block: int, suffix: str = "safetensors") -> str:
    """The exemplars of a block of units of a site."""
    return f"exemplars/{number:03d}-{block:05d}.{suffix}"


def _count(manifest: Mapping[str, Any]) -> int:
    """How many names `file_names` gives."""
    blocks = sum(1 - (-site["width"] // FILE_UNITS) for site in manifest["sites"])
    return int(blocks + 1 + (manifest["format"] != EARLIER) + kind_of(manifest["settings"]["input"]).pictures)


# ---- what is what ----------------------------------------------------------------------------------------------------


def _check(mapping: Mapping[str, Any], tests: Mapping[str, Test], place: str) -> None:
    for key, test in tests.items():
        if key not in mapping:
            raise StrangeError(f"it has no {place}{key}")
        if not test(mapping[key]):
            raise StrangeError(f"{place}{key} is {_shown(mapping[key])}")


def _shown(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 40 else f"{text[:40]}…"


def _whole(low: int, high: int) -> Test:
    return lambda value: type(value) is int and low <= value <= high


def _text(value: Any) -> bool:
    return isinstance(value, str) and len(value) <= 10_000


def _matching(pattern: str) -> Test:
    return lambda value: isinstance(value, str) and re.fullmatch(pattern, value) is not None


def _one_of(*values: Any) -> Test:
    return lambda value: isinstance(value, (str, bool)) and value in values


def _maybe(test: Test) -> Test:
    return lambda value: value is None or test(value)


def _listed(test: Test) -> Test:
    return lambda value: isinstance(value, list) and all(map(test, value))


def _several(test: Test, count: int) -> Test:
    return lambda value: isinstance(value, list) and len(value) == count and all(map(test, value))


def _mapping(test: Test) -> Test:
    return lambda value: isinstance(value, dict) and all(map(test, value.values()))


def _of(tests: Mapping[str, Test], may: Mapping[str, Test] | None = None) -> Test:
    """A mapping with these keys, and perhaps `may`; what else it has nobody reads."""

    def test(value: Any) -> bool:
        return (
            isinstance(value, dict)
            and all(key in value and one(value[key]) for key, one in tests.items())
            and all(one(value[key]) for key, one in (may or {}).items() if key in value)
        )

    return test


_NUMBER, _DIGEST = _whole(0, 1 << 53), _matching("[0-9a-f]{64}")
_JOURNAL: dict[str, Test] = {"size": _NUMBER, "sha256": _DIGEST}
_RECORD: dict[str, Test] = {**_JOURNAL, "pages": _DIGEST}
_MAP: dict[str, Test] = {
    "grid": _several(_whole(1, 1 << 24), 2),
    "lead": _whole(0, 1 << 24),
    "kept": _several(_whole(1, 256), 2),
}
_SITE: dict[str, Test] = {
    "name": _text,
    "canonical": _text,
    "kind": _text,
    "width": _whole(1, 100_000_000),
    "layer": _maybe(_whole(-(1 << 31), 1 << 31)),
    "per_token": _one_of(True, False),
}
_SETTINGS: dict[str, Test] = {"input": lambda value: isinstance(value, str) and value in KINDS}
_MAY_SETTINGS: dict[str, Test] = {"window": _whole(1, 1 << 40), "overlap": _whole(0, 1 << 40), "keep": _one_of("top")}
_COUNTS: dict[str, Test] = dict.fromkeys(("chunks", "documents", "windows", "tokens"), _NUMBER)


def _is_number(value: Any) -> bool:
    return isinstance(value, float) or (type(value) is int and abs(value) <= 1 << 53)


_WAY: dict[str, Test] = {"torch": _text, "device": _text, "counted": _text}
_ALL: dict[str, Test] = {
    "model": _text,
    "sites": _listed(_of(_SITE, {"map": _of(_MAP)})),
    "settings": _of(_SETTINGS, _MAY_SETTINGS),
    "finished": _one_of(True, False),
    "done": _of({**_COUNTS, "digest": _matching("([0-9a-f]{64})?")}),
}
_MAY: dict[str, Test] = {
    "saes": _mapping(_text),
    "edits": _listed(_of({"edit": _text, "sample": _maybe(_listed(_mapping(_listed(_is_number))))})),
    "sample": _maybe(lambda value: _text(value) or _listed(_mapping(_listed(_is_number)))(value)),
    "computed": _listed(_of(_WAY, {"threads": _whole(1, 1 << 20)})),
    "batch_tokens": _whole(1, 1 << 40),
    "bounds": _mapping(_text),
    "versions": _mapping(_text),
    "keeping": _whole(0, 1 << 20),
    "looks_back": _one_of(True, False),
}
_UNFINISHED: dict[str, Test] = {
    "state": _maybe(_matching(r"state-\d{9,}\.safetensors")),
    "record": _maybe(_of(_RECORD)),
    # Earlier versions noted lengths alone: `ScanState` says what to do with such a scan.
    "journals": _of(dict.fromkeys(JOURNALS, lambda value: _NUMBER(value) or _of(_JOURNAL)(value))),
}
