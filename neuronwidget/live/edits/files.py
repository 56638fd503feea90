"""Edits in files: JSON that says what is done to which model, and safetensors with the numbers that it takes.

Directions, means and what was recorded of another input go along, so that edits do the same where they are read. A
file is a stranger's: nothing in it is run or unpickled, and what does not fit is said.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any, Protocol, cast

import torch
from torch import Tensor

from neuronwidget.live.edits.acts import Act, Copy, Put
from neuronwidget.live.edits.binding import Bound
from neuronwidget.live.edits.edit import BaseEdit
from neuronwidget.live.edits.edit_set import EditSet
from neuronwidget.live.edits.errors import EditError
from neuronwidget.live.edits.kinds import Ablate, Clamp, Patch, Scale, Steer
from neuronwidget.live.edits.scope import Condition, when
from neuronwidget.live.replica.fingerprint import weights_digest

FORMAT = 1
_MOST_BYTES = 64 << 20


class EditedModel(Protocol):
    """What is asked of a live model here."""

    name: str

    @property
    def module(self) -> Any: ...

    @property
    def edit_set(self) -> EditSet: ...

    def edited(self, *edits: BaseEdit) -> Any: ...

    @property
    def unedited(self) -> Any: ...


class SavedValues:
    """Reference values that were saved with an edit: what they were where it was put on."""

    def __init__(self, values: Tensor, typical: float = 0.0) -> None:
        self.values, self.typical = values, typical

    def mean(self, site: str, /) -> Tensor:
        return self.values

    def samples(self, site: str, /, n: int, seed: int = 0) -> Tensor:
        return self.values[:n]

    def norm(self, site: str, /) -> float:
        return self.typical


def save_edits(path: str | os.PathLike[str], edits: EditedModel | Iterable[BaseEdit], live: Any = None) -> Path:
    """Write edits as JSON; numbers go beside it, into a file of the same name that ends in `.safetensors`.

    Parameters
    ----------
    edits
        A live model, whose edits they are, or a list of edits.
    live
        The model that a list of edits is for. What they look up (means, another input) is looked up there and saved.

    Returns
    -------
    The path of the JSON.

    Examples
    --------
    >>> import neuronwidget as nw, tempfile
    >>> live = nw.demo("cancer")
    >>> path = save_edits(tempfile.mkdtemp() + "/edits.json", live.edited(nw.Scale("dense.0:3", 2)))
    >>> load_edits(path, live)
    [Scale('dense.0:3', 2, scope='all')]
    """
    edited: Any = edits if live is None else live.unedited.edited(*cast("Iterable[BaseEdit]", edits))
    if not isinstance(getattr(edited, "edit_set", None), EditSet):
        raise EditError("Which model are these edits for? Write save_edits(path, edits, live).")
    path = Path(path)
    tensors: dict[str, Tensor] = {}
    entries = [_described(one, f"edit.{number}", tensors) for number, one in enumerate(edited.edit_set.bound)]
    content: dict[str, Any] = {
        "format": FORMAT,
        "model": edited.name,
        "weights": weights_digest(edited.module),
        "edits": entries,
    }
    if tensors:
        from safetensors.torch import save

        data = save(tensors)
        content["tensors"] = {"file": path.with_suffix(".safetensors").name, "sha256": _digest(data)}
        _write(path.with_suffix(".safetensors"), data)
    _write(path, (json.dumps(content, indent=2, ensure_ascii=False) + "\n").encode(errors="surrogatepass"))
    return path


def load_edits(path: str | os.PathLike[str], live: EditedModel, *, force: bool = False) -> list[BaseEdit]:
    """Read edits for a live model: `live.edited(*nw.load_edits("edits.json", live))`.

    Raises `EditError` where they were saved for another model, unless `force` says that they are to be taken for this
    one; and where a file is not what `save_edits` writes.

    Examples
    --------
    >>> import neuronwidget as nw, tempfile
    >>> live = nw.demo("cancer")
    >>> path = save_edits(tempfile.mkdtemp() + "/edits.json", live.edited(nw.Clamp("dense.0:3", 1)))
    >>> live.edited(*load_edits(path, live)).edits
    [Clamp('dense.0:3', 1, scope='all')]
    """
    path = Path(path)
    try:
        content = json.loads(_read(path))
        if not isinstance(content, dict) or content.get("format") != FORMAT:
            raise EditError(f"{path} is no file of edits of format {FORMAT}. Was it written by another version?")
        if not force and content["weights"] != weights_digest(live.module):
            raise EditError(
                f"{path} was saved for another model ({content['model']!r}; {live.name!r} has other weights). Its "
                "units need not mean the same here. force=True takes them all the same."
            )
        tensors = _tensors(path, content.get("tensors"))
        edits = [_READ[entry["edit"]](entry, tensors) for entry in content["edits"]]
    except (KeyError, TypeError, ValueError, AttributeError, RecursionError) as error:
        raise EditError(f"{path} is damaged: {type(error).__name__}: {error}.") from error
    live.unedited.edited(*edits)  # says what does not fit this model
    return edits


# ---- writing ---------------------------------------------------------------------------------------------------------


def _described(one: Bound, name: str, tensors: dict[str, Tensor]) -> dict[str, Any]:
    """An edit as JSON; what it takes in numbers is added to `tensors`."""
    edit = one.edit
    condition = None if edit.when is None else {"unit": str(edit.when.unit), "above": edit.when.above}
    entry: dict[str, Any] = {"edit": type(edit).__name__, "scope": _scope_written(edit.scope), "when": condition}
    if isinstance(edit, (Ablate, Scale, Clamp)):
        entry["unit"] = [f"{edit.site}:{unit}" for unit in edit.units]
    if isinstance(edit, Ablate):
        entry["to"] = edit.to
        if edit.to != "zero":
            assert isinstance(one.act, Put)
            values = torch.zeros(*one.act.values.shape[:-1], one.place.site.width)
            values[..., one.act.units] = one.act.values
            tensors[name] = values
    elif isinstance(edit, Scale):
        entry["factor"] = edit.factor
    elif isinstance(edit, Clamp):
        entry["value"] = edit.value
    elif isinstance(edit, Steer):
        entry |= {"site": edit.site, "strength": edit.strength, "raw": edit.raw}
        tensors[name] = edit.direction
        if not edit.raw and edit.strength:
            entry["typical"] = _length(one.act) / abs(edit.strength)
    elif isinstance(edit, Patch):
        assert isinstance(one.act, Copy)
        units = None if edit.units is None else [f"{edit.site}:{unit}" for unit in edit.units]
        positions = None if edit.positions is None else list(edit.positions)
        entry |= {"site": edit.site, "unit": units, "positions": positions}
        tensors[name] = one.act.values.contiguous()
    else:
        raise EditError(f"{edit} is a function, and functions are not saved: use another kind, or keep its code.")
    return entry | ({"tensor": name} if name in tensors else {})


def _length(act: Act) -> float:
    vector: Tensor = act.vector  # type: ignore[attr-defined]
    return float(torch.linalg.vector_norm(vector))


def _scope_written(scope: Any) -> Any:
    if isinstance(scope, slice):
        return {"slice": [scope.start, scope.stop, scope.step]}
    return list(scope) if isinstance(scope, tuple) else scope


def _write(path: Path, data: bytes) -> None:
    """Whole or not at all."""
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        beside.write_bytes(data)
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


# ---- reading ---------------------------------------------------------------------------------------------------------


def _read(path: Path, most: int = _MOST_BYTES) -> bytes:
    if not path.is_file():
        raise EditError(f"There is no file {path}.")
    if path.stat().st_size > most:
        raise EditError(f"{path} has more than {most >> 20} MB: that is no file of edits.")
    return path.read_bytes()


def _tensors(path: Path, record: Any) -> dict[str, Tensor]:
    """The numbers that the JSON at `path` names."""
    if record is None:
        return {}
    from safetensors import SafetensorError
    from safetensors.torch import load

    beside = path.with_name(Path(str(record["file"])).name)  # nowhere but beside it
    data = _read(beside, 64 * _MOST_BYTES)
    if _digest(data) != record["sha256"]:
        raise EditError(f"{beside} is not the file that was saved with {path.name}: copy both together.")
    try:
        return load(data)
    except SafetensorError as error:
        raise EditError(f"{beside} is damaged: {error}.") from error


def _where(entry: Mapping[str, Any]) -> dict[str, Any]:
    """Scope and condition as they are given to an edit."""
    scope, condition = entry["scope"], entry["when"]
    if isinstance(scope, dict):
        scope = slice(*scope["slice"])
    held: Condition | None = None if condition is None else when(condition["unit"], condition["above"])
    return {"scope": scope, "when": held}


def _unit(entry: Mapping[str, Any]) -> Any:
    units = entry["unit"]
    return units[0] if len(units) == 1 else units


def _ablate(entry: Mapping[str, Any], tensors: Mapping[str, Tensor]) -> BaseEdit:
    data = SavedValues(tensors[entry["tensor"]]) if entry["to"] != "zero" else None
    return Ablate(_unit(entry), entry["to"], data=data, **_where(entry))


def _steer(entry: Mapping[str, Any], tensors: Mapping[str, Tensor]) -> BaseEdit:
    direction, typical = tensors[entry["tensor"]], float(entry.get("typical", 0.0))
    data = None if entry["raw"] else SavedValues(direction, typical)
    return Steer(entry["site"], direction, entry["strength"], raw=entry["raw"], data=data, **_where(entry))


def _patch(entry: Mapping[str, Any], tensors: Mapping[str, Tensor]) -> BaseEdit:
    site = entry["site"] if entry["unit"] is None else entry["unit"]
    return Patch(site, tensors[entry["tensor"]], entry["positions"], **_where(entry))


_READ: dict[str, Callable[[Mapping[str, Any], Mapping[str, Tensor]], BaseEdit]] = {
    "Ablate": _ablate,
    "Scale": lambda entry, _: Scale(_unit(entry), entry["factor"], **_where(entry)),
    "Clamp": lambda entry, _: Clamp(_unit(entry), entry["value"], **_where(entry)),
    "Steer": _steer,
    "Patch": _patch,
}
