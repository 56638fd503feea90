"""Models by folder or hub id: weights from safetensors only, and no code that comes with them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from neuronwidget.live.errors import AttachError

SAFE = {"trust_remote_code": False}


def load(name: str) -> tuple[Any, Any]:
    """A model of the `transformers` library in evaluation mode, and its tokenizer (None where there is none)."""
    try:
        import transformers
    except ImportError as error:
        raise AttachError(
            f"Loading {name!r} needs the transformers library: pip install 'neuronwidget[transformers]'."
        ) from error
    folder = Path(name).expanduser()
    if folder.is_dir():
        _check_folder(folder)
        return _load(transformers, str(folder), local_files_only=True)
    if name.count("/") > 1 or name.startswith((".", "/", "~")) or "\\" in name:
        raise AttachError(f"There is no folder {name!r}.")
    try:
        return _load(transformers, name, local_files_only=True)  # what was downloaded before needs no network
    except AttachError:
        return _load(transformers, name, local_files_only=False)


def _check_folder(folder: Path) -> None:
    config = folder / "config.json"
    if not config.is_file():
        raise AttachError(f"{folder} has no config.json: it is not a folder written by model.save_pretrained().")
    said = json.loads(config.read_text(encoding="utf-8"))
    if "auto_map" in said and not _is_known(said):
        raise AttachError(
            f"The model in {folder} brings its own code, which is not run here. Load it yourself, if you trust it, and "
            "give the model and its tokenizer to nw.attach."
        )
    if not any(folder.glob("*.safetensors")):
        raise AttachError(
            f"{folder} has no weights in safetensors, and other formats can run code when they are read. Write them "
            "again with model.save_pretrained(folder)."
        )


def _is_known(config: dict[str, Any]) -> bool:
    """Does `transformers` have this kind of model itself? Then its code is used, and not that of the folder."""
    from transformers import CONFIG_MAPPING

    return config.get("model_type") in CONFIG_MAPPING


def _load(transformers: Any, name: str, **where: bool) -> tuple[Any, Any]:
    try:
        config = transformers.AutoConfig.from_pretrained(name, **SAFE, **where)
        model = _class_of(transformers, config).from_pretrained(
            name, config=config, use_safetensors=True, **_without_code(config), **where
        )
    except (OSError, ValueError) as error:
        raise AttachError(_sentence(name, error)) from error
    try:
        tokenizer = transformers.AutoTokenizer.from_pretrained(name, **SAFE, **where)
    except (OSError, ValueError, KeyError):
        return model.eval(), None  # attaching says what is missing
    # Where there are no files of a tokenizer, one is made that knows its marks and nothing else.
    empty = len(tokenizer.get_vocab()) <= len(set(tokenizer.all_special_ids))
    return model.eval(), None if empty else tokenizer


def _class_of(transformers: Any, config: Any) -> Any:
    """The class that the weights were saved from; one with a language head where that is not told."""
    for architecture in config.architectures or ():
        found = getattr(transformers, architecture, None)
        if found is not None:
            return found
    return transformers.AutoModelForCausalLM


def _without_code(config: Any) -> dict[str, bool]:
    return SAFE if not config.architectures else {}


def _sentence(name: str, error: Exception) -> str:
    said = str(error)
    if "trust_remote_code" in said or "custom code" in said:
        return (
            f"The model {name!r} brings its own code, which is not run here. Load it yourself, if you trust it, and "
            "give the model and its tokenizer to nw.attach."
        )
    if "safetensors" in said:
        return f"{name!r} has no weights in safetensors, and other formats can run code when they are read."
    if "connect" in said or "offline" in said or "cached" in said:
        return f"{name!r} is no folder here, was not downloaded before, and the hub cannot be reached from here."
    return f"{name!r} could not be loaded: {said.splitlines()[0] if said else type(error).__name__}"
