"""The kinds of edits: a unit switched off, turned up, held; a site steered; a part of another input put in.

Each takes `scope` (at which positions: "all", "prompt", "generated", "last", numbers, a slice) and `when` (only where
another unit is above a value: `neuronwidget.when`).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor

from neuronwidget.live.edits.acts import Act, Add, Copy, Lengthen, Multiply, Put
from neuronwidget.live.edits.edit import AnyUnits, BaseEdit, Sources, units_of
from neuronwidget.live.edits.errors import EditError
from neuronwidget.live.edits.places import Place
from neuronwidget.live.edits.references import needed, of_width
from neuronwidget.live.edits.scope import AnyScope, Condition
from neuronwidget.live.recording import Recording

_TARGETS = {"mean": "to its mean", "zero": "to zero", "resample": "to what it does elsewhere"}
#: Positions whose values are taken in turn by "resample".
_DRAWN = 256


@dataclass(frozen=True, eq=False, repr=False)
class _OfUnits(BaseEdit):
    """Base of edits of units of one site."""

    unit: AnyUnits
    scope: AnyScope = field(default="all", kw_only=True)
    when: Condition | None = field(default=None, kw_only=True)
    site: str = field(init=False)
    units: tuple[int, ...] = field(init=False)

    def __post_init__(self) -> None:
        super().__post_init__()
        written, site, units = units_of(self.unit)
        for name, value in (("unit", written), ("site", site), ("units", units)):
            object.__setattr__(self, name, value)


@dataclass(frozen=True, eq=False, repr=False)
class Ablate(_OfUnits):
    """Units held at what they do on average, at zero, or at what they do at other positions, drawn at random.

    Attributes
    ----------
    unit
        A unit in any spelling, or a list of units of one site.
    to
        "mean", "zero" or "resample". Several units are drawn together, so that they go with each other; which position
        takes which is the same in every pass.
    data
        What means and other positions come from: an atlas, or a list of inputs. Default: `live.references`.

    Examples
    --------
    >>> import neuronwidget as nw
    >>> Ablate("mlp.1:7", to="zero")
    Ablate('mlp.1:7', to='zero', scope='all')
    >>> float(nw.demo("code").edited(Ablate("mlp.1:7", to="zero")).record("x = 1")["mlp.1"][:, 7].abs().max())
    0.0
    """

    to: str = field(default="mean", kw_only=False)
    data: Any = field(default=None, kw_only=True)

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.to not in _TARGETS:
            raise EditError(f'Ablate({self._what}): to= is one of "mean", "zero" and "resample", not {self.to!r}.')

    def act(self, place: Place, sources: Sources) -> Act:
        columns = place.columns(self.units)
        if self.to == "zero":
            return Put(columns, torch.zeros(len(columns)))
        references = needed(sources.references(self.data), str(self), place.site, 'to="zero"')
        if self.to == "mean":
            return Put(columns, of_width(references.mean(place.site.name), str(self), place.site)[columns])
        rows = of_width(references.samples(place.site.name, n=_DRAWN, seed=0), str(self), place.site)
        if not len(rows):
            raise EditError(f"{self}: data= has no positions to draw from at {place.name}.")
        return Put(columns, rows[:, columns])

    @property
    def _how(self) -> str:
        words = _TARGETS[self.to]
        return words if len(self.units) == 1 else words.replace("its", "their").replace("it does", "they do")


@dataclass(frozen=True, eq=False, repr=False)
class Scale(_OfUnits):
    """Units times a factor: 0 switches them off, 2 doubles them, −1 turns their sign.

    >>> str(Scale(["mlp.1:7", "mlp.1:9"], 2, scope="last"))
    'Scale(mlp.1:7, 9, × 2, at the last position)'
    """

    factor: float

    def __post_init__(self) -> None:
        super().__post_init__()
        _check_number(self, "factor", self.factor)

    def act(self, place: Place, sources: Sources) -> Act:
        return Multiply(place.columns(self.units), self.factor)

    @property
    def _how(self) -> str:
        return f"× {self.factor:g}"


@dataclass(frozen=True, eq=False, repr=False)
class Clamp(_OfUnits):
    """Units held at a value; heads at a length, in the direction that they have.

    >>> str(Clamp("mlp.1:7", 4.0))
    'Clamp(mlp.1:7, at 4)'
    """

    value: float

    def __post_init__(self) -> None:
        super().__post_init__()
        _check_number(self, "value", self.value)

    def act(self, place: Place, sources: Sources) -> Act:
        columns = place.columns(self.units)
        if place.group:
            return Lengthen(columns, place.group, self.value)
        return Put(columns, torch.full((len(columns),), float(self.value)))

    @property
    def _how(self) -> str:
        return f"at {self.value:g}"


@dataclass(frozen=True, eq=False, repr=False)
class Steer(BaseEdit):
    """A direction added to what a site gives.

    Attributes
    ----------
    site
        Where it is added: any name of a site.
    direction
        A number for each unit of the site: a tensor, list or array, or what has one as its `direction`.
    strength
        How much, in units of the length that the site typically has (the median over positions of `data`); so 1 adds a
        vector as long as what is there. With `raw=True` the direction is added times this number, as it is.
    data
        What the typical length comes from: an atlas, or a list of inputs. Default: `live.references`.

    Examples
    --------
    >>> import neuronwidget as nw
    >>> live = nw.demo("cancer")
    >>> plain = live.record(0)["dense.0"]
    >>> steered = live.edited(Steer("dense.0", torch.ones(16), 0.5, raw=True)).record(0)["dense.0"]
    >>> torch.allclose(steered, plain + 0.5)
    True
    """

    site: str
    direction: Any
    strength: float
    raw: bool = field(default=False, kw_only=True)
    data: Any = field(default=None, kw_only=True)
    scope: AnyScope = field(default="all", kw_only=True)
    when: Condition | None = field(default=None, kw_only=True)
    units: None = field(default=None, init=False)

    def __post_init__(self) -> None:
        super().__post_init__()
        _check_number(self, "strength", self.strength)
        given = getattr(self.direction, "direction", self.direction)
        try:
            vector = torch.as_tensor(given).detach().cpu().to(torch.float32, copy=True).flatten()
        except (TypeError, ValueError, RuntimeError) as error:
            raise EditError(f"{self}: the direction is no row of numbers: {error}.") from error
        if not bool(torch.isfinite(vector).all()):
            raise EditError(f"{self}: the direction holds numbers that are not finite.")
        object.__setattr__(self, "direction", vector)

    def act(self, place: Place, sources: Sources) -> Act:
        place.refuse_heads(self)
        vector: Tensor = self.direction
        if len(vector) != place.site.width:
            raise EditError(
                f"{self}: the direction has {len(vector):,} numbers, and {place.name} has {place.site.width:,} units."
            )
        if self.raw:
            return Add(self.strength * vector)
        length = float(torch.linalg.vector_norm(vector))
        if not length:
            raise EditError(f"{self}: the direction is all zeros and points nowhere.")
        instead = "raw=True, which adds the direction times strength"
        references = needed(sources.references(self.data), str(self), place.site, instead)
        typical = references.norm(place.site.name)
        return Add(self.strength * typical / length * vector)

    @property
    def _how(self) -> str:
        return f"{self.strength:g} × {'the direction' if self.raw else 'its typical length'}"


@dataclass(frozen=True, eq=False, repr=False)
class Patch(BaseEdit):
    """What a site does on another input, put in the place of what it does on this one.

    Attributes
    ----------
    site
        Any name of a site, or units of one, as in `Scale`.
    source
        The other input; or a recording of it, or a tensor [positions, units].
    positions
        Where alone: numbers of positions, the same in both. Default: everywhere, for inputs of one length.

    Examples
    --------
    >>> import neuronwidget as nw
    >>> live = nw.demo("code")
    >>> patched = live.edited(Patch("mlp.1", "y = 2", positions=[0]))
    >>> torch.equal(patched.record("x = 1")["mlp.1"][0], live.record("y = 2")["mlp.1"][0])
    True
    """

    site: str
    source: Any
    positions: Sequence[int] | None = None
    scope: AnyScope = field(default="all", kw_only=True)
    when: Condition | None = field(default=None, kw_only=True)
    units: tuple[int, ...] | None = field(default=None, init=False)

    def __post_init__(self) -> None:
        super().__post_init__()
        if not isinstance(self.site, str) or ":" in self.site:
            _, site, units = units_of(self.site)
            object.__setattr__(self, "site", site)
            object.__setattr__(self, "units", units)
        if self.positions is not None:
            positions: list[Any] = list(self.positions)
            if not positions or not all(isinstance(number, int) for number in positions):
                raise EditError(f"{self}: positions= is a list of whole numbers, not {self.positions!r}.")
            object.__setattr__(self, "positions", tuple(positions))

    def act(self, place: Place, sources: Sources) -> Act:
        values = self._values(place, sources)
        if values.ndim != 2 or values.shape[1] != place.site.width:
            raise EditError(
                f"{self}: the source is {list(values.shape)}, and {place.site.name} has {place.site.width:,} units: "
                "it must be [positions, units]."
            )
        beyond = [number for number in self.positions or () if not -len(values) <= number < len(values)]
        if beyond:
            raise EditError(f"{self}: the source has {len(values)} positions, and no position {beyond[0]}.")
        units = None if self.units is None else place.columns(self.units)
        return Copy(units, values, None if self.positions is None else tuple(self.positions))

    def _values(self, place: Place, sources: Sources) -> Tensor:
        if isinstance(self.source, Recording):
            return self.source[place.site.name].clone()
        if isinstance(self.source, Tensor) and self.source.ndim == 2 and self.source.is_floating_point():
            return self.source.detach().float().cpu().clone()
        return sources.recorded(self.source, place.site.name)

    @property
    def _how(self) -> str:
        source = repr(self.source) if isinstance(self.source, str) else type(self.source).__name__
        source = source if len(source) <= 40 else f"{source[:38]}…"
        return f"from {source}" + ("" if self.positions is None else f" at {', '.join(map(str, self.positions))}")


def _check_number(edit: BaseEdit, name: str, value: Any) -> None:
    if isinstance(value, Tensor) and value.numel() == 1:
        value = value.item()
        object.__setattr__(edit, name, value)
    if isinstance(value, bool) or not hasattr(value, "__float__") or not math.isfinite(value):
        raise EditError(f"{type(edit).__name__} of {edit._what}: {name}={value!r} is not a finite number.")
