"""Sites: places in a model whose units are looked at, and the names people call them by."""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from numbers import Integral
from typing import TYPE_CHECKING, Any, overload

if TYPE_CHECKING:
    import pandas as pd
    from torch import Tensor

    from neuronwidget.live.structure.layout import Layout

DEFAULT_KINDS = ("mlp", "mixer", "state", "conv", "dense", "rnn")


@dataclass(frozen=True, order=True)
class Unit:
    """One neuron, channel, head or feature at a site; written `mlp.2:417`.

    >>> str(Unit("mlp.2", 417)), Unit.parse("mlp.2:417")
    ('mlp.2:417', Unit(site='mlp.2', index=417))
    """

    site: str
    index: int

    def __str__(self) -> str:
        return f"{self.site}:{self.index}"

    @classmethod
    def parse(cls, name: str | Unit | tuple[str, int]) -> Unit:
        """A unit from any of its spellings."""
        if isinstance(name, Unit):
            return name
        if isinstance(name, (tuple, list)) and len(name) == 2:
            return cls(str(name[0]), int(name[1]))
        site, colon, index = name.rpartition(":") if isinstance(name, str) else ("", "", "")
        if not colon or not index.strip().isdigit():
            raise ValueError(f"{name!r} is not a unit. Write the site, a colon and a number: 'mlp.2:417'.")
        return cls(site.strip(), int(index))

    @classmethod
    def is_one(cls, name: object) -> bool:
        """Is it one unit, in some spelling, and not several? Numbers may come out of a table.

        >>> Unit.is_one("mlp.2:417"), Unit.is_one(("mlp.2", 417)), Unit.is_one(("mlp.2:417", "mlp.2:3"))
        (True, True, False)
        """
        return isinstance(name, (str, Unit)) or (
            isinstance(name, tuple) and len(name) == 2 and isinstance(name[1], Integral)
        )

    @classmethod
    def several(cls, names: Any) -> list[Unit]:
        """Units, where one is named or several; each once.

        >>> Unit.several("mlp.2:417") == Unit.several([("mlp.2", 417), "mlp.2:417"]) == [Unit("mlp.2", 417)]
        True
        """
        return list(dict.fromkeys(map(cls.parse, [names] if cls.is_one(names) else names)))


@dataclass(frozen=True)
class Site:
    """The output (or input) of a module, seen as positions × units.

    `axis` is the dimension that follows the length of the input in the tensor there, None where a site speaks of the
    whole input; `call` counts the module's calls in one pass, from 0, for modules that are used more than once. `read`
    makes the units out of what is there, [positions, …] → [positions, width]: an SAE's features, the strength of heads.
    `pick` takes the tensor out of what a module took or gave, where it is not simply the first.
    With `parts`, (module, side) each, `pick` makes it of what those places held since the first of them was last seen:
    a list of (module, tensor).
    `steps`: all calls of a pass are the positions, stacked along this dimension; None where one call is looked at.
    They are the calls from `call` on, and of those each `every`-th.
    `layout` stands for `axis` where inputs have one size: a picture's positions may lie along two dimensions.

    Examples
    --------
    >>> import neuronwidget as nw
    >>> site = nw.demo("cancer").sites["dense.0"]
    >>> site.name, site.width, str(site.unit(3))
    ('dense.0', 16, 'dense.0:3')
    """

    name: str
    module: str
    side: str = "out"
    kind: str = "module"
    width: int = 0
    layer: int = -1
    call: int = 0
    axis: int | None = 1
    read: Callable[[Tensor], Tensor] | None = field(default=None, compare=False, repr=False)
    steps: int | None = None
    every: int = 1
    layout: Layout | None = field(default=None, repr=False)
    pick: Callable[[object], Tensor] | None = field(default=None, compare=False, repr=False)
    parts: tuple[tuple[str, str], ...] = field(default=(), compare=False, repr=False)

    def __hash__(self) -> int:
        """By the name alone: a frame looks sites up a hundred times, and to take all fields in costs more than that."""
        return hash(self.name)

    @property
    def axes(self) -> tuple[int, ...]:
        """The dimensions that count positions."""
        if self.layout is not None:
            return self.layout.axes
        return () if self.axis is None else (self.axis,)

    @property
    def grid(self) -> tuple[int, int] | None:
        """Rows and columns that the positions form over a picture; None where a site speaks of the whole input."""
        return None if self.layout is None else self.layout.grid

    @property
    def canonical(self) -> str:
        """The module's path, `.in` for its input, `#2` for its second call."""
        return self.module + (".in" if self.side == "in" else "") + (f"#{self.call + 1}" if self.call else "")

    @property
    def per_token(self) -> bool:
        return self.axis is not None

    def unit(self, index: int) -> Unit:
        """A unit here, checked."""
        if not 0 <= index < self.width:
            raise IndexError(f"{self.name} has the units 0 to {self.width - 1}, not {index}.")
        return Unit(self.name, index)


def natural_key(name: str) -> list[tuple[int, int | str]]:
    """Sorts numbers in names as numbers: `mlp.2` before `mlp.10`."""
    return [(0, int(part)) if part.isdigit() else (1, part) for part in re.split(r"(\d+)", name) if part]


class SiteTable(Sequence[Site]):
    """All sites of a model, in the order they run. `table["mlp.2"]` takes any name that people use.

    The default sites have short names (`mlp.2`); every other module that could be used is listed under its path.
    """

    def __init__(self, sites: Iterable[Site], notes: Iterable[str] = (), also: Mapping[str, str] | None = None) -> None:
        self._sites = list(sites)
        self.notes = list(notes)
        #: Further names that a framework has for sites: {name: the site's name}.
        self.also = dict(also or {})
        self._by_name: dict[str, Site] = {}
        for site in self._sites:
            self._by_name.setdefault(site.canonical, site)
        for site in self._sites:
            self._by_name[site.name] = site
        for other, name in self.also.items():
            self._by_name.setdefault(other, self._by_name[name])

    def added(self, *sites: Site) -> SiteTable:
        """A table with more sites, each behind those of the same place."""
        listed = list(self._sites)
        for site in sites:
            places = [
                i for i, s in enumerate(listed) if (s.module, s.side, s.call) == (site.module, site.side, site.call)
            ]
            listed.insert(places[-1] + 1 if places else len(listed), site)
        return SiteTable(listed, self.notes, self.also)

    def __len__(self) -> int:
        return len(self._sites)

    def __iter__(self) -> Iterator[Site]:
        return iter(self._sites)

    @overload
    def __getitem__(self, key: int | str) -> Site: ...
    @overload
    def __getitem__(self, key: slice) -> Sequence[Site]: ...
    def __getitem__(self, key: int | str | slice) -> Site | Sequence[Site]:
        if isinstance(key, str):
            return self.resolve(key)
        return self._sites[key]

    def __contains__(self, name: object) -> bool:
        if not isinstance(name, str):
            return name in self._sites
        return any(alias in self._by_name for alias in aliases(name))

    @property
    def defaults(self) -> list[Site]:
        """What is looked at when nothing is said: neurons, or other layers after their nonlinearity."""
        named = [site for site in self._sites if site.kind in DEFAULT_KINDS]
        return named or [site for site in self._sites if site.kind == "resid"] or list(self._sites)

    def resolve(self, name: str) -> Site:
        """The site that a person means; a miss raises with the nearest candidates."""
        if name in self._by_name:  # as nearly always
            return self._by_name[name]
        for alias in aliases(name):
            if alias in self._by_name:
                return self._by_name[alias]
        near = difflib.get_close_matches(name, sorted(self._by_name, key=natural_key), n=4, cutoff=0.4)
        if not near:
            near = [site.name for site in self.defaults[:4]]
        raise KeyError(f"There is no site {name!r} in this model. Near it: {', '.join(near) or 'none'}.")

    def unit(self, name: str | Unit | tuple[str, int]) -> Unit:
        """A unit by any name of its site, checked."""
        unit = Unit.parse(name)
        return self.resolve(unit.site).unit(unit.index)

    def table(self) -> pd.DataFrame:
        """One row a site: name, kind, width, layer, canonical."""
        import pandas as pd

        rows = [(s.name, s.kind, s.width, s.layer, s.canonical, s.per_token) for s in self._sites]
        return pd.DataFrame(rows, columns=["name", "kind", "width", "layer", "canonical", "per_token"])

    def __repr__(self) -> str:
        shown = [f"{s.name:12} {s.kind:7} {s.width:6}  {s.canonical}" for s in self.defaults]
        others = len(self) - len(shown)
        tail = [f"… and {others} more in .table()"] if others else []
        return "\n".join([f"{'site':12} {'kind':7} {'units':>6}  module", *shown, *tail, *self.notes])

    def _repr_html_(self) -> str:
        table, defaults = self.table(), {site.name for site in self.defaults}
        html: str = table[table["name"].isin(defaults)].to_html(index=False)
        others = len(self) - len(defaults)
        return html + (f"<p>… and {others:,} more in <code>.table()</code></p>" if others else "")


#: What others call a place of a layer, and what we do: TransformerLens' hooks and interp-engine's addresses.
_ADDRESSES = tuple(
    (re.compile(theirs.replace(".", r"\.").replace("N", r"(\d+)")), ours)
    for theirs, ours in (
        ("blocks.N.mlp.hook_post", "mlp.{}"),
        ("blocks.N.mlp.hook_mid", "mlp.{}"),
        ("blocks.N.hook_resid_post", "resid.{}"),
        ("blocks.N.attn.hook_z", "attn.{}"),
        ("blocks.N.hook_resid_pre", "resid_pre.{}"),
        ("blocks.N.hook_resid_mid", "resid_mid.{}"),
        ("blocks.N.hook_attn_out", "attn_out.{}"),
        ("blocks.N.hook_mlp_out", "mlp_out.{}"),
        ("mlp_act.N", "mlp.{}"),
        ("resid_post.N", "resid.{}"),
        ("z.N", "attn.{}"),
        ("router_logits.N", "router.{}"),
        ("resid_pre.N", "blocks.{}.hook_resid_pre"),
        ("resid_mid.N", "blocks.{}.hook_resid_mid"),
        ("attn_out.N", "blocks.{}.hook_attn_out"),
        ("mlp_out.N", "blocks.{}.hook_mlp_out"),
    )
)


def aliases(name: str) -> Iterator[str]:
    """The ways a name may be meant: as written, addresses of others, nnsight's and torch.compile's prefixes."""
    name = name.strip()
    yield name
    for pattern, ours in _ADDRESSES:
        match = pattern.fullmatch(name)
        if match:
            yield ours.format(match[1])
    before = re.fullmatch(r"blocks\.(\d+)\.hook_resid_pre|resid_pre\.(\d+)", name)
    if before and int(before[1] or before[2]):
        yield f"resid.{int(before[1] or before[2]) - 1}"  # what a block is given is what the one before it gave
    bare = name.replace("_orig_mod.", "").removeprefix("path.")
    for suffix, side in ((".output", ""), (".input", ".in"), ("", "")):
        if suffix and not bare.endswith(suffix):
            continue
        stem = bare[: len(bare) - len(suffix)] if suffix else bare
        yield stem + side
        if stem.startswith("model."):
            yield stem[len("model.") :] + side
        yield "model." + stem + side
