"""Finds where units live in a model whose input has one size: a picture, a row of a table.

The model runs on one input and on two. The dimension that doubles counts the inputs; which of the others counts units
is told by the kind of the module, else by the proportions of the picture. Convolutions and dense layers are looked at
after their nonlinearity; blocks of a transformer get the names they have in language models (see `naming`).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from torch import Tensor, nn

from neuronwidget.live.structure.addresses import addresses
from neuronwidget.live.structure.discover_tokens import PROBE
from neuronwidget.live.structure.functional import Elementwise, nonlinearity_between
from neuronwidget.live.structure.layout import Layout, batch_axis, guess_unit_axis, lay_out, unit_axis
from neuronwidget.live.structure.loops import steps_of_whole_inputs, without_steps
from neuronwidget.live.structure.mixtures.find import find_mixtures, without_experts
from neuronwidget.live.structure.mixtures.sites import with_mixtures
from neuronwidget.live.structure.naming import in_a_loop, short_names
from neuronwidget.live.structure.parts import (
    is_convolution,
    is_matrix,
    is_nonlinearity,
    layers_of,
    unseen,
    without_makers,
)
from neuronwidget.live.structure.sites import Site, SiteTable
from neuronwidget.live.structure.trace import Event, Place, Trace, trace_modules


@dataclass(frozen=True)
class TensorStructure:
    """What discovery found in a model whose input has one size.

    `classes` is how many numbers a row of the output has, 0 where the output is no row; `takes_many`: can several
    inputs go in at once? `is_probable`: do probabilities come out?
    """

    sites: SiteTable
    classes: int
    takes_many: bool
    is_probable: bool


_PASSES_ON = (nn.modules.batchnorm._NormBase, nn.GroupNorm, nn.LayerNorm, nn.modules.dropout._DropoutNd, nn.Identity)


def discover_tensors(
    modules: dict[str, nn.Module], run: Callable[[int], object], picture: tuple[int, int] | None
) -> TensorStructure:
    """Find the sites of a model. `run(n)` calls it on n inputs; `picture`: height and width of one, if it has any."""
    modules = without_makers(modules)
    one = trace_modules(modules, lambda: run(1))
    notes = []
    two: Trace | None = None
    try:
        two = trace_modules(modules, lambda: run(2))
    except Exception:
        notes.append("The model takes one input at a time; sweeps run it once for each point.")
    traces = [one] if two is None else [one, two]
    mixtures = find_mixtures(modules, traces, lambda: trace_modules(modules, lambda: run(PROBE)))
    one = without_experts(one, mixtures)
    two = None if two is None else without_experts(two, mixtures)
    others = {(event.path, event.call): event for event in two.events} if two is not None else {}
    layouts = _layouts(one, others if two is not None else None, modules, picture)
    steps = steps_of_whole_inputs(modules, one, layouts)
    one.events = without_steps(one.events, steps)
    sites: dict[Place, Site] = {}
    for event in one.events:
        for side, tensor in (("in", event.inside), ("out", event.outside)):
            layout = layouts.get((event.path, event.call, side))
            if tensor is None or layout is None:
                continue
            width = tensor.numel() // layout.positions
            site = Site("", event.path, side, width=width, call=event.call, axis=None, layout=layout)
            stepping = steps.get((event.path, event.call, side))
            sites[event.path, event.call, side] = stepping or replace(site, name=site.canonical)
    named, said = _named(modules, one.events, sites)
    order = {(event.path, event.call): place for place, event in enumerate(one.events)}
    listed = sorted(named, key=lambda site: (order[site.module, site.call], site.side == "out"))
    output = one.output
    flat = output is not None and output.ndim == 2 and batch_axis(output, _output_of(two)) == 0
    classes = output.shape[1] if flat and output is not None else 0
    table = SiteTable(listed, [*notes, *said, *unseen(modules, one.events)], addresses(listed, one.events))
    table = with_mixtures(modules, traces, mixtures, table, sites)
    # How many steps a loop takes may depend on what runs beside an input.
    takes_many = two is not None and not steps
    return TensorStructure(table, classes, takes_many, classes > 0 and _is_probable(one, two, modules))


def _is_probable(one: Trace, two: Trace | None, modules: dict[str, nn.Module]) -> bool:
    """Does the model return probabilities, and not numbers still to be made into such?"""
    output = one.output
    makers = (nn.Softmax, nn.Sigmoid)
    if any(event.outside is output and isinstance(modules[event.path], makers) for event in one.events):
        return True
    outputs = [o.detach().float() for o in (output, _output_of(two)) if o is not None]
    return all(o.shape[1] > 1 and bool((o >= 0).all()) and bool(((o.sum(1) - 1).abs() < 1e-3).all()) for o in outputs)


def _output_of(trace: Trace | None) -> Tensor | None:
    return None if trace is None else trace.output


def _layouts(
    one: Trace,
    others: dict[tuple[str, int], Event] | None,
    modules: dict[str, nn.Module],
    picture: tuple[int, int] | None,
) -> dict[Place, Layout]:
    """The layout of every tensor that went into or came out of a module, as far as it can be told."""
    told: dict[int, int | None] = {}  # id of a tensor → its dimension of units; the trace keeps the tensors alive
    layouts: dict[Place, Layout] = {}
    grids: list[tuple[int, int]] = []
    for event in one.events:
        module = modules[event.path]
        other = others.get((event.path, event.call)) if others is not None else None
        if others is not None and other is None:
            continue
        for side, tensor, twice in (
            ("in", event.inside, other.inside if other else None),
            ("out", event.outside, other.outside if other else None),
        ):
            batch = None if tensor is None or (other and twice is None) else batch_axis(tensor, twice)
            if tensor is None or batch is None:
                continue
            if id(tensor) not in told:
                axis = unit_axis(module, tensor, batch)
                if axis is None and tensor.ndim > 2:
                    inside = event.inside
                    same = inside is not None and inside.shape == tensor.shape and id(inside) in told
                    axis = told[id(inside)] if same else guess_unit_axis(tensor, picture)
                told[id(tensor)] = axis
            layout = lay_out(tensor, batch, told[id(tensor)], picture, grids)
            layouts[event.path, event.call, side] = layout
            if tensor.ndim == 4 and layout.grid is not None and isinstance(module, nn.modules.conv._ConvNd):
                grids.append(layout.grid)
    return layouts


# ---- names -----------------------------------------------------------------------------------------------------------


def _named(
    modules: dict[str, nn.Module], events: Sequence[Event], sites: dict[Place, Site]
) -> tuple[list[Site], list[str]]:
    """Short names: those of a transformer's blocks where there are any, `conv.N` and `dense.N` for the rest."""
    named, notes = short_names(modules, events, sites)
    if any(site.kind in ("mlp", "mixer", "attn") for site in named):
        renamed: dict[Place, Site] = {}
        made = []  # sites that are read from others, such as heads, share their place
        for site in named:
            if site.read is None:
                renamed[site.module, site.call, site.side] = site
            else:
                made.append(site)
        blocks = tuple(site.module + "." for site in named if site.kind == "resid")
    else:
        renamed, made, notes, blocks = dict(sites), [], [], ()
    leaves = layers_of(modules, events)
    for kind, belongs in (("conv", is_convolution), ("dense", _is_dense)):
        layers = [e for e in leaves if belongs(modules[e.path]) and e.inside is not None and e.outside is not None]
        layers = [e for e in layers if not e.call and (not blocks or not e.path.startswith(blocks))]
        taken: set[Place] = set()
        number = 0
        for event in layers:
            place, read = _after_nonlinearity(event, leaves, events, modules)
            own = (event.path, event.call, "out")
            elsewhere = place in taken or place not in sites or in_a_loop(sites, place) != in_a_loop(sites, own)
            place, read = (own, read if place == own else None) if elsewhere else (place, read)
            if place in sites and renamed[place].kind == "module":
                taken.add(place)
                site = replace(sites[place], name=f"{kind}.{number}", kind=kind, layer=number, read=read)
                if read is None:
                    renamed[place] = site
                else:
                    made.append(site)  # the module's own output stays a place too
                number += 1
    return [*renamed.values(), *made], notes


def _after_nonlinearity(
    event: Event, leaves: Sequence[Event], events: Sequence[Event], modules: dict[str, nn.Module]
) -> tuple[Place, Elementwise | None]:
    """Where a layer's output has been through its normalisation and nonlinearity; its own output if that is nowhere.

    A nonlinearity that is a function, not a module, shows in what the next module takes: as that, or, where something
    else was done to it on the way, as a function to be applied to the layer's own output.
    """
    place: Place = (event.path, event.call, "out")
    settled = place  # where the normalisation, if there is one, has been done
    tensor = event.outside
    assert tensor is not None
    for following in leaves[leaves.index(event) + 1 :]:
        if following.inside is tensor:
            module = modules[following.path]
            if isinstance(module, _PASSES_ON) and following.outside is not None:
                tensor = following.outside
                settled = (following.path, following.call, "out")
                continue
            if is_nonlinearity(module):
                return (following.path, following.call, "out"), None
            return place, None
        if following.inside is None or _known_before(following.inside, event, events):
            return place, None
        if following.inside.shape == tensor.shape:
            return (following.path, following.call, "in"), None
        return settled, nonlinearity_between(tensor, following.inside)
    return place, None


def _known_before(tensor: Tensor | None, event: Event, events: Sequence[Event]) -> bool:
    """Was this tensor there before a module ran? Then it did not come out of that module."""
    upto = events[: events.index(event) + 1]
    return any(tensor is e.inside or tensor is e.outside for e in upto)


def _is_dense(module: nn.Module) -> bool:
    return is_matrix(module) and not is_convolution(module)
