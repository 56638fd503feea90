"""Checks the files of a saved model before anything of it is loaded: weights in safetensors, and no code."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import Any

from neuronwidget.live.errors import AttachError

CONFIG, INDEX = "config.json", "model.safetensors.index.json"
#: An index of a hundred thousand tensors has some ten million bytes.
MOST_BYTES = 1 << 28
_OTHERS = "other formats can run code when they are read"

#: A file of the model by its name; None where there is none.
Find = Callable[[str], "Path | None"]


def check_files(name: str, find: Find) -> dict[str, Any]:
    """The model's configuration. Refuses what would be read from anything but safetensors, or would run code."""
    config = read_json(name, find, CONFIG)
    if config is None:
        raise AttachError(f"{name} has no {CONFIG}: it is not a folder written by model.save_pretrained().")
    if find("adapter_config.json") is not None:
        raise AttachError(
            f"{name} holds an adapter. Load the model and its adapter yourself, with peft, and give the model and its "
            "tokenizer to nw.attach."
        )
    for key, value in _named(config, ("attn_implementation", "experts_implementation")):
        if "/" in value:
            raise AttachError(f"{key} in the {CONFIG} of {name} names code of somebody else: {_short(value)}.")
    named = config.get("transformers_weights")
    if named is not None:
        check_name(name, CONFIG, named)
        if str(named).endswith(".json"):
            check_index(name, find, str(named))
    elif find("model.safetensors") is None:
        check_index(name, find, INDEX)
    return config


def check_index(name: str, find: Find, index: str) -> None:
    """Every file that an index names is in safetensors, and beside it."""
    content = read_json(name, find, index)
    if content is None:
        raise AttachError(
            f"{name} has no weights in safetensors, and {_OTHERS}. Write them again with model.save_pretrained(folder)."
        )
    shards = content.get("weight_map")
    if not isinstance(shards, Mapping) or not shards or not isinstance(content.get("metadata", {}), Mapping):
        raise AttachError(f"{index} of {name} has no weight_map that says which file holds which tensor.")
    for shard in dict.fromkeys(map(_hashable, shards.values())):
        check_name(name, index, shard, (".safetensors",))


def check_name(
    name: str, inside: str, file: object, ends: tuple[str, ...] = (".safetensors", ".safetensors.index.json")
) -> None:
    """Refuses a name of a file that is not in safetensors, or that leads out of the model's folder."""
    if not isinstance(file, str) or not file.endswith(ends):
        raise AttachError(f"{inside} of {name} names {_short(file)}, which is not in safetensors, and {_OTHERS}.")
    for kind in (PurePosixPath, PureWindowsPath):
        path = kind(file)
        if path.is_absolute() or path.anchor or ".." in path.parts or "\0" in file:
            raise AttachError(f"{inside} of {name} names {_short(file)}, which lies outside of the model's folder.")


def read_json(name: str, find: Find, file: str) -> dict[str, Any] | None:
    """What a file of JSON says; None where there is none."""
    path = find(file)
    if path is None:
        return None
    if path.stat().st_size > MOST_BYTES:
        raise AttachError(f"{file} of {name} is too large: {path.stat().st_size:,} bytes.")
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise AttachError(f"{file} of {name} cannot be read: {error}.") from error
    if not isinstance(content, dict):
        raise AttachError(f"{file} of {name} holds no object of names and values.")
    return content


def _named(config: object, words: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    """All texts under keys that hold one of these words, at any depth."""
    if isinstance(config, list):
        for inner in config:
            yield from _named(inner, words)
    elif isinstance(config, dict):
        for key, value in config.items():
            if any(word in key for word in words):
                yield from ((key, text) for text in _texts(value))
            else:
                yield from _named(value, words)


def _texts(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, (list, dict)):
        for inner in value.values() if isinstance(value, dict) else value:
            yield from _texts(inner)


def _hashable(value: object) -> object:
    return value if isinstance(value, str) else repr(value)


def _short(value: object) -> str:
    shown = repr(value)
    return shown if len(shown) <= 80 else shown[:77] + "…"
