"""Loads models by folder or hub id: weights from safetensors only, and no code that comes with them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from neuronwidget.live.adapters.safe_files import check_files
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
        if not _reachable(name):
            raise
        return _load(transformers, name, local_files_only=False)


def _reachable(name: str) -> bool:
    """Does the hub answer at all? Asked once: loading asks again and again for half a minute."""
    import huggingface_hub

    try:
        huggingface_hub.get_hf_file_metadata(huggingface_hub.hf_hub_url(name, "config.json"), timeout=10)
    except Exception as error:
        kinds = {kind.__name__ for kind in type(error).__mro__}
        return not kinds & {"TransportError", "ConnectionError", "Timeout"}  # what it answers, loading tells better
    return True


def _check_folder(folder: Path) -> None:
    try:
        config = check_files(str(folder), _in(folder))
    except RecursionError as error:
        raise AttachError(f"The files of {folder} hold lists in lists that are nested too deep.") from error
    if "auto_map" in config and not _is_known(config):
        raise AttachError(
            f"The model in {folder} brings its own code, which is not run here. Load it yourself, if you trust it, and "
            "give the model and its tokenizer to nw.attach."
        )


def _in(folder: Path) -> Callable[[str], Path | None]:
    return lambda file: folder / file if (folder / file).is_file() else None


def _on_hub(transformers: Any, name: str, **where: Any) -> Callable[[str], Path | None]:
    """Files of a model of the hub, in the cache and, unless `where` says otherwise, over the network."""

    def find(file: str) -> Path | None:
        try:
            path = transformers.utils.cached_file(name, file, **where)
        except OSError:  # the model has no such file
            return None
        return None if path is None else Path(path)

    return find


def _is_known(config: dict[str, Any]) -> bool:
    """Does `transformers` have this kind of model itself? Then its code is used, and not that of the folder."""
    from transformers import CONFIG_MAPPING

    kind = config.get("model_type")
    return isinstance(kind, str) and kind in CONFIG_MAPPING


def _load(transformers: Any, name: str, **where: Any) -> tuple[Any, Any]:
    try:
        config = transformers.AutoConfig.from_pretrained(name, **SAFE, **where)
        if not Path(name).is_dir():
            if (revision := getattr(config, "_commit_hash", None)) is not None:
                where = {**where, "revision": revision}  # what is loaded is what was checked
            check_files(name, _on_hub(transformers, name, **where))
        model = _class_of(transformers, config).from_pretrained(name, config=config, use_safetensors=True, **where)
    except AttachError:
        raise
    except Exception as error:  # a configuration can be wrong in any way
        raise AttachError(_sentence(name, error)) from error
    try:
        tokenizer = transformers.AutoTokenizer.from_pretrained(name, **SAFE, **where)
    except Exception:  # attaching says what is missing
        return model.eval(), None
    # Where there are no files of a tokenizer, one is made that knows its marks and nothing else.
    empty = len(tokenizer.get_vocab()) <= len(set(tokenizer.all_special_ids))
    return model.eval(), None if empty else tokenizer


def _class_of(transformers: Any, config: Any) -> Any:
    """The class that the weights were saved from; one with a language head where that is not told."""
    names = config.architectures or []
    if not isinstance(names, (list, tuple)) or not all(isinstance(name, str) for name in names):
        raise AttachError(f"architectures in config.json is a list of names of classes, not {str(names)[:80]}.")
    for name in names:
        candidate = getattr(transformers, name, None)
        if isinstance(candidate, type) and issubclass(candidate, transformers.PreTrainedModel):
            return candidate
        if candidate is not None:
            raise AttachError(f"architectures in config.json names {name[:80]!r}, which is no class of models.")
    return transformers.AutoModelForCausalLM


def _sentence(name: str, error: Exception) -> str:
    message = str(error)
    if "trust_remote_code" in message or "custom code" in message:
        return (
            f"The model {name!r} brings its own code, which is not run here. Load it yourself, if you trust it, and "
            "give the model and its tokenizer to nw.attach."
        )
    if "safetensors" in message:
        return f"{name!r} has no weights in safetensors, and other formats can run code when they are read."
    if "connect" in message or "offline" in message or "cached" in message:
        return f"{name!r} is no folder here, was not downloaded before, and the hub cannot be reached from here."
    return f"{name!r} could not be loaded: {message.splitlines()[0] if message else type(error).__name__}"
