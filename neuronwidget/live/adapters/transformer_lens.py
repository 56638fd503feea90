"""Models of TransformerLens: `HookedTransformer` and the bridges.

Their hook points are modules that hand on what they are given, so a place is seen where a hook of TransformerLens would
see it. Structure does not tell them apart: their names do.
"""

from __future__ import annotations

import weakref
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from neuronwidget.live.adapters.adaptation import Adaptation
from neuronwidget.live.adapters.tokens import LONGEST, inputs_from
from neuronwidget.live.errors import AttachError
from neuronwidget.live.inputs.text import TextInputs
from neuronwidget.live.structure.naming import Norms
from neuronwidget.live.structure.sites import Site, SiteTable

#: Hook points of a block that have short names: what a `HookedTransformer` calls them, and what a bridge does.
_NAMED = {
    "mlp": ("mlp.hook_post", "mlp.out.hook_in"),
    "attn": ("attn.hook_z", "attn.o.hook_in"),
    "resid": ("hook_resid_post", "hook_out"),
}


def adapt(model: Any, tokenizer: Any, inputs: TextInputs | None) -> Adaptation:
    """How TransformerLens cuts text, and what its hook points are called."""
    if inputs is None:
        tokenizer = tokenizer if tokenizer is not None else model.tokenizer
        if tokenizer is None:
            raise AttachError(f"This {type(model).__name__} has no tokenizer: give one, nw.attach(model, tokenizer).")
        inputs = inputs_from(tokenizer, context=min(model.cfg.n_ctx, LONGEST))
        inputs.encode = _Encode(model, inputs.encode)
    return Adaptation(inputs, named=lambda table: _by_hook_points(model, table))


class _Encode:
    """Cuts text as `model.to_tokens` does, which puts a mark before it or does not, as the model is configured."""

    def __init__(self, model: Any, encode: Callable[[str], Any]) -> None:
        self._model: Callable[[], Any] = weakref.ref(model)
        self._encode = encode

    def __call__(self, text: str) -> Any:
        found = self._encode(text)
        ids, spans = found if isinstance(found, tuple) else (found, None)
        model = self._model()
        if model is None or model.tokenizer is None:
            return found
        own = model.to_tokens(text, truncate=False)[0].tolist()
        if spans is not None and own == ids:
            return own, spans
        if spans is not None and own[1:] == ids:
            return own, [(0, 0), *spans]
        if spans is not None and own == ids[1:]:
            return own, spans[1:]
        return own


def _by_hook_points(model: Any, table: SiteTable) -> SiteTable:
    """Places under the names of hook points; the neurons, heads and stream of each block under short names."""
    paths = {id(part): path for path, part in model.named_modules()}
    hooks = {paths[id(point)]: name for name, point in model.hook_dict.items() if id(point) in paths}
    short: dict[str, tuple[str, int]] = {}
    for layer in range(model.cfg.n_layers):
        for kind, names in _NAMED.items():
            known = [name for name in (f"blocks.{layer}.{name}" for name in names) if name in model.hook_dict]
            if known:
                short[known[0]] = (kind, layer)
    listed: list[Site] = []
    for site in table:
        hook = hooks.get(site.module) if site.side == "out" else None
        if hook is None:
            if site.read is None:  # what structure made of other places is left to the hook points
                listed.append(replace(site, name=site.canonical, kind="module", layer=-1))
            continue
        kind, layer = short.get(hook, ("hook", _layer(hook)))
        name = hook if kind == "hook" else f"{kind}.{layer}"
        listed.append(replace(site, name=name + (f"#{site.call + 1}" if site.call else ""), kind=kind, layer=layer))
        if kind == "attn" and site.width % model.cfg.n_heads == 0:
            heads = replace(listed[-1], name=f"heads.{layer}", kind="heads", width=model.cfg.n_heads)
            listed.append(replace(heads, read=Norms(model.cfg.n_heads)))
    shown = {site.canonical: site.name for site in listed if site.read is None and site.side == "out"}
    also = {hook: shown[paths[id(point)]] for hook, point in model.hook_dict.items() if paths.get(id(point)) in shown}
    return SiteTable(listed, table.notes, also)


def _layer(hook: str) -> int:
    parts = hook.split(".")
    return int(parts[1]) if parts[0] == "blocks" else -1
