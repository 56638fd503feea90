"""The weights of each unit of a site: the direction that it writes, and the outputs that this raises and lowers."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator, Sequence
from functools import cache, partial
from itertools import repeat
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch import Tensor

from neuronwidget.analysis.inspect.direct_path import NoPathError, decoded, directions, site_under, stream_effects
from neuronwidget.analysis.inspect.outputs import output_name
from neuronwidget.live.structure.sites import Site

if TYPE_CHECKING:
    from neuronwidget.live.model import LiveModel

Json = dict[str, Any]
OUTPUTS, BARS = 10, 50
_BLOCK = 64
_NO_LOGITS = (
    *("pos_str", "pos_values", "neg_str", "neg_values"),
    *("logits_hist_data_bar_heights", "logits_hist_data_bar_values"),
)
#: The fields of a unit whose weights are not known.
UNKNOWN: Json = {name: [] for name in ("vector", "decoder_weights_dist", *_NO_LOGITS)}
#: Where in a block a unit's direction is added, as TransformerLens calls it.
_ADDED = {"mlp": "hook_mlp_out", "attn": "hook_attn_out", "resid": "hook_resid_post"}


def unit_weights(live: LiveModel, site: Site) -> Iterator[Json]:
    """The weights' fields of each unit of a site of an atlas. What cannot be told is said once, as a warning."""
    here = live.sites.resolve(site.name)
    name = cache(partial(output_name, live))
    warned: set[str] = set()
    for first in range(0, site.width, _BLOCK):
        units = range(first, min(first + _BLOCK, site.width))
        added = _known(site, warned, partial(directions, live, here, units))
        if added is None:
            yield from repeat(UNKNOWN, site.width - first)
            return
        effects = _known(site, warned, partial(stream_effects, live, added))
        heads = _heads(live, here, units)
        for i, vector in enumerate(added.tolist()):
            yield {
                "vector": vector,
                "decoder_weights_dist": [] if heads is None else heads[i].tolist(),
                **({key: [] for key in _NO_LOGITS} if effects is None else _logits(effects[i], name)),
            }


def steering_place(live: LiveModel, site: Site) -> str:
    """Where the vectors of a site's units are to be added: a hook point of TransformerLens."""
    here = live.sites.resolve(site.name)
    kind = (site_under(live, here) if here.kind == "sae" else here).kind
    return f"blocks.{here.layer}.{_ADDED[kind]}" if kind in _ADDED else here.canonical


def _known(site: Site, warned: set[str], find: Callable[[], Tensor]) -> Tensor | None:
    """What `find` gives, if that is finite; else None, and a warning why."""
    try:
        rows = find()
        if bool(torch.isfinite(rows).all()):
            return rows
        reason = "its weights are not all finite."
    except NoPathError as error:
        reason = str(error)
    except Exception as error:  # a model of any make: the rest of the export does not depend on it
        reason = f"{type(error).__name__}, {error}"
    if reason not in warned:
        warnings.warn(f"Weights of {site.name} are left out: {reason}", stacklevel=2)
        warned.add(reason)
    return None


def _heads(live: LiveModel, site: Site, units: Sequence[int]) -> Tensor | None:
    """How a feature of what attention heads give is spread over them: [units, heads], None for other units."""
    if site.kind != "sae" or site_under(live, site).kind != "attn":
        return None
    heads = next((s.width for s in live.sites if s.kind == "heads" and s.layer == site.layer), 0)
    rows = decoded(live, site, units)
    if not heads or rows.shape[1] % heads:
        return None
    norms: Tensor = rows.reshape(len(rows), heads, -1).norm(dim=2)
    return norms / norms.sum(1, keepdim=True).clamp_min(1e-30)


def _logits(effects: Tensor, name: Callable[[int], str]) -> Json:
    """The outputs that are raised and lowered most, by name, and the histogram of what becomes of all outputs."""
    k = min(OUTPUTS, len(effects))
    up, down = effects.topk(k), effects.topk(k, largest=False)
    raised = [(name(i), value) for value, i in zip(up.values.tolist(), up.indices.tolist(), strict=True) if value > 0]
    lowered = [
        (name(i), value) for value, i in zip(down.values.tolist(), down.indices.tolist(), strict=True) if value < 0
    ]
    heights, edges = np.histogram(effects.double().numpy(), BARS)
    return {
        "pos_str": [token for token, _ in raised],
        "pos_values": [value for _, value in raised],
        "neg_str": [token for token, _ in lowered],
        "neg_values": [value for _, value in lowered],
        "logits_hist_data_bar_heights": heights.tolist(),
        "logits_hist_data_bar_values": ((edges[:-1] + edges[1:]) / 2).tolist(),
    }
