"""Names that other libraries have for places that we list under a module's path: `resid_mid.3`, `attn_out.3`.

The names are those of interp-engine; `sites.aliases` makes them of TransformerLens' names.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import torch
from torch import Tensor

from neuronwidget.live.structure.sites import Site
from neuronwidget.live.structure.trace import Event


def addresses(sites: Iterable[Site], events: Sequence[Event]) -> dict[str, str]:
    """{address: name of the site} for what attention and MLP write, and the stream before and between them."""
    plain = [site for site in sites if site.read is None and not site.call]
    places = {(site.module, site.side): site.name for site in plain}
    short = {site.name: site for site in plain}
    first = {event.path: event for event in reversed(events)}
    names: dict[str, str] = {}

    def say(address: str, place: tuple[str, str] | None) -> None:
        if place in places:
            names[address] = places[place]

    for site in plain:
        if site.name != f"resid.{site.layer}":
            continue
        layer, block = site.layer, first[site.module]
        for kind in ("attn", "mlp"):
            if (written := short.get(f"{kind}.{layer}")) is not None:
                say(f"{kind}_out.{layer}", (written.module, "out"))
        inside = [other for other in plain if other.layer == layer and other.kind in ("attn", "mlp", "mixer")]
        if all(other.module.startswith(block.path + ".") for other in inside):  # the layer, and not only its last part
            if f"resid.{layer - 1}" not in short:
                say(f"resid_pre.{layer}", (block.path, "in"))
            attention, mlp = short.get(f"attn.{layer}"), short.get(f"mlp.{layer}")
            if attention is not None:
                start, stop = events.index(first[attention.module]), events.index(first[mlp.module] if mlp else block)
                say(f"resid_mid.{layer}", _between(block, events[start:stop]))
    return names


def _between(block: Event, events: Sequence[Event]) -> tuple[str, str] | None:
    """Where the stream is once attention has written to it: what the block was given, and what attention gave.

    `events` are those from attention's last matrix up to the MLP's.
    """
    stream = block.inside
    written: list[Tensor] = []
    if stream is None:
        return None
    for event in events:
        for side, tensor in (("in", event.inside), ("out", event.outside)):
            if tensor is None or tensor is stream or tensor.shape != stream.shape:
                continue
            if any(torch.equal(stream + part, tensor) for part in written):
                return event.path, side
        if event.outside is not None and event.outside.shape == stream.shape:
            written.append(event.outside)
    return None
