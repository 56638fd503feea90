"""Direct path from a unit to the outputs: its own weights into the stream, then those of the output head.

Whether a model is built so that this can be said is tried out on a short input, not guessed from names: what the
unit's matrix writes must arrive in the stream unchanged, and between the last block and the head must lie one
normalisation at most.
"""

from __future__ import annotations

import weakref
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

import torch
from torch import Tensor, nn

from neuronwidget.corpus.kinds.registry import kind_of
from neuronwidget.live.hooks import Hooks
from neuronwidget.live.replica.devices import home
from neuronwidget.live.structure.parts import takes_rows
from neuronwidget.live.structure.sites import Site
from neuronwidget.live.tensor_model import TensorModel
from neuronwidget.live.tensors import first_tensor
from neuronwidget.live.token_model import TokenModel

if TYPE_CHECKING:
    from neuronwidget.live.model import LiveModel

_CLOSE = 1e-3
_TOKENS = 12


class NoPathError(Exception):
    """Why the direct path of a unit cannot be told."""


@dataclass
class _End:
    """From the stream, `width` wide, to the outputs: the path of the normalisation, or None, and that of the head."""

    width: int
    norm: str | None
    head: str


_ends: weakref.WeakKeyDictionary[LiveModel, _End | str] = weakref.WeakKeyDictionary()
_writers: weakref.WeakKeyDictionary[LiveModel, dict[str, str]] = weakref.WeakKeyDictionary()


def direct_effects(live: LiveModel, site: Site, index: int) -> tuple[Tensor, str]:
    """The change of every output [outputs] for one unit more, and what the figures leave out."""
    with live.running():
        if kind_of(live.kind).whole:
            effects = _last_layer(cast(TensorModel, live), site, index)
            return effects, "Exact: nothing lies between this unit and the output but one matrix."
        end = _end_of(live)
        effects = stream_effects(live, directions(live, site, [index]))[0]
    left_out = "an approximation: what later layers make of it is left out"
    if end.norm is not None:
        left_out += ", and the final normalisation counts with its weights but not its division"
    return effects, f"Direct path, {left_out}."


def stream_effects(live: LiveModel, added: Tensor) -> Tensor:
    """The change of every output [n, outputs] for rows [n, width] added to the stream behind the last block."""
    with live.running():
        end = _end_of(live)
        if end.norm is not None:
            scale, centred = _norm_scale(live.parts[end.norm], end.width)
            added = (added - added.mean(1, keepdim=True) if centred else added) * scale
        return _head(live, end.head, added) - _head(live, end.head, torch.zeros_like(added[:1]))


# ---- from the stream to the outputs ----------------------------------------------------------------------------------


def _end_of(live: Any) -> _End:
    """The way from the stream to the outputs, tried once for each live model."""
    if live not in _ends:
        try:
            _ends[live] = _find_end(live)
        except NoPathError as error:
            _ends[live] = str(error)
    end = _ends[live]
    if isinstance(end, str):
        raise NoPathError(end)
    return end


def _find_end(live: TokenModel) -> _End:
    head, unembed = live.head_site, live.parts.get("unembed")  # the latter in models of TransformerLens
    if live.predicts not in ("next", "here") or (head is None and not hasattr(unembed, "W_U")):
        raise NoPathError("No single matrix was found that turns the model's stream into its outputs.")
    streams = [site for site in live.sites if site.kind == "resid" and not site.call]
    if not streams:
        raise NoPathError("The model has no stream to which its layers add.")
    last = max(streams, key=lambda site: site.layer)
    ids = live.sample_ids(_TOKENS)
    seen = live.whole_pass(ids, [last] if head is None else [last, head])
    stream = seen[last]

    def arrives(rows: Tensor) -> bool:
        """Are these rows, made of the stream, what the head is given?"""
        if head is not None:
            return rows.shape == seen[head].shape and _alike(rows, seen[head])
        return _alike(_head(live, "unembed", rows[-1:])[0], live.logits(ids).detach().to("cpu", torch.float32))

    path = "unembed" if head is None else head.module
    if arrives(stream):
        return _End(last.width, None, path)
    for name, module in reversed(_norms(live, last.width)):
        normed = _call(module, stream)
        if arrives(normed):
            return _End(last.width, name, path)
    raise NoPathError("Between the last block and the head lies more than one normalisation.")


def _norms(live: LiveModel, width: int) -> list[tuple[str, nn.Module]]:
    """Modules with one weight for each dimension of the stream, and those without any that are called so."""

    def fits(module: nn.Module) -> bool:
        own = getattr(module, "weight", getattr(module, "w", None))  # the latter in TransformerLens
        if isinstance(own, Tensor):
            return own.shape == (width,)
        return "norm" in type(module).__name__.lower() and not any(True for _ in module.parameters())

    return [(path, module) for path, module in live.parts.items() if fits(module)]


def _norm_scale(module: nn.Module, width: int) -> tuple[Tensor, bool]:
    """What a normalisation multiplies each dimension by, and whether it takes the mean away: asked of it, by trying."""
    sign = torch.ones(1, width)
    sign[:, 1::2] = -1  # mean 0 and mean square 1, if the width is even; nearly so if it is odd
    both = _call(module, torch.cat([sign, -sign, sign + 1]))
    scale = (both[0] - both[1]) / 2 * sign[0]
    return scale, _alike(both[2], both[0])


def _call(module: nn.Module, rows: Tensor) -> Tensor:
    weight = next((p for p in module.parameters()), rows)
    output = first_tensor(module(rows.to(weight.device, weight.dtype)[None]))
    assert output is not None
    return output[0].detach().to("cpu", torch.float32)


def _head(live: LiveModel, path: str, rows: Tensor) -> Tensor:
    """What the head's matrix makes of rows [n, width], before anything is done to logits behind it: [n, outputs]."""
    head = live.parts[path]
    weight = next(head.parameters())
    logits: Tensor = head(rows.to(home(head), weight.dtype)[None])[0]
    return logits.detach().to("cpu", torch.float32)


# ---- from the unit to the stream -------------------------------------------------------------------------------------


def directions(live: LiveModel, site: Site, units: Sequence[int]) -> Tensor:
    """What one more of each of some units adds to the stream: [units, width]."""
    with live.lock, torch.no_grad():
        if site.kind == "heads":
            raise NoPathError("What a head adds has no one direction: it depends on the token.")
        if site.kind == "sae":
            return _into_stream(live, site_under(live, site), decoded(live, site, units))
        if site.read is not None:
            raise NoPathError(f"{site.name} is made of another place: what its units add has no one direction.")
        return _into_stream(live, site, _one_more(units, site.width))


def site_under(live: LiveModel, site: Site) -> Site:
    """The site that an autoencoder's features are of."""
    under = next((s for s in live.sites if s.canonical == site.canonical and s.read is None), None)
    if under is None or not callable(getattr(getattr(site.read, "sae", None), "decode", None)):
        raise NoPathError("The autoencoder has no decode: what a feature stands for is not known.")
    return under


def decoded(live: LiveModel, site: Site, units: Sequence[int]) -> Tensor:
    """What one more of each of some features adds to the site that they are of: [units, width of that site]."""
    under, sae = site_under(live, site), getattr(site.read, "sae", None)
    features = torch.cat([torch.zeros(1, site.width), _one_more(units, site.width)])
    parameters = sae.parameters() if isinstance(sae, nn.Module) else iter(())
    weight = next((p for p in parameters if p.is_floating_point()), features)
    with torch.no_grad():
        rows = cast(Any, sae).decode(features.to(weight.device, weight.dtype)).detach().to("cpu", torch.float32)
    change: Tensor = (rows[1:] - rows[:1]).flatten(1)
    if change.shape[1] != under.width:
        raise NoPathError("The autoencoder decodes to another width than its site has.")
    return change


def _one_more(units: Sequence[int], width: int) -> Tensor:
    rows = torch.zeros(len(units), width)
    rows[range(len(units)), list(units)] = 1.0
    return rows


def _into_stream(live: LiveModel, site: Site, change: Tensor) -> Tensor:
    """What changes of a site's units [n, width of the site] are in the stream: [n, width]."""
    if site.kind == "resid":
        return change
    matrix = live.parts[site.module]
    if site.side == "in" and takes_rows(matrix):
        _check_writer(live, site)
        return _call(matrix, change) - _call(matrix, torch.zeros(1, site.width))
    written = _written(live, site)
    if written is None:
        raise NoPathError(f"The units of {site.name} do not go into the stream by one matrix.")
    _check_writer(live, site)
    return change @ written


def _written(live: LiveModel, site: Site) -> Tensor | None:
    """The matrix [units, width] with which the module around a hook point of TransformerLens writes."""
    owner = live.parts[site.module.rpartition(".")[0]]
    matrix = getattr(owner, {"mlp": "W_out", "attn": "W_O"}.get(site.kind, ""), None)
    if not isinstance(matrix, Tensor):
        return None
    flat = matrix.detach().to("cpu", torch.float32).reshape(-1, matrix.shape[-1])
    return flat if len(flat) == site.width else None


def _check_writer(live: Any, site: Site) -> None:
    """Does what the site's matrix writes arrive in the stream as it is? Tried once for each site.

    What attention writes is read by the MLP behind it, which changes the stream too; so a block is tried by its MLP.
    """
    reasons = _writers.setdefault(live, {})
    if site.kind == "attn":
        site = next((s for s in live.sites if s.kind == "mlp" and s.layer == site.layer and not s.call), site)
    if site.name not in reasons:
        reasons[site.name] = _tried(live, site)
    if reasons[site.name]:
        raise NoPathError(reasons[site.name])


def _tried(live: TokenModel, site: Site) -> str:
    stream = next((s for s in live.sites if s.kind == "resid" and s.layer == site.layer and not s.call), None)
    matrix = live.parts[site.module]
    if not takes_rows(matrix):
        matrix = live.parts[site.module.rpartition(".")[0]]
    if stream is None:
        return f"{site.name} does not write into a stream that goes on to the output."
    ids = live.sample_ids(_TOKENS)
    before = live.whole_pass(ids, [stream])[stream]
    added = torch.linspace(-1, 1, stream.width).roll(stream.width // 3) * before.std()

    def more(output: Any) -> Any:
        fits = isinstance(output, Tensor) and output.shape[-1] == len(added)
        return output + added.to(output.device, output.dtype) if fits else output

    with Hooks() as hooks:
        hooks.edit(matrix, "out", more)
        after = live.whole_pass(ids, [stream])[stream]
    if _alike(after - before, added.expand_as(before), 1e-2):
        return ""
    return f"What {site.name} writes does not arrive in the stream as it is: something lies between."


# ---- models of pictures and rows -------------------------------------------------------------------------------------


def _last_layer(live: TensorModel, site: Site, index: int) -> Tensor:
    """The outputs' weights on a unit of the layer that the last matrix reads."""
    outputs = max(live.classes, 1)
    inside = [s for s in live.sites if s.side == "in" and s.read is None and not s.call]
    heads = [s for s in inside if takes_rows(live.parts[s.module])]
    head = heads[-1] if live.classes and heads else None
    if head is None:
        raise NoPathError("The model has no last matrix whose outputs are classes.")
    if site.module == head.module and site.side == "out":
        raise NoPathError("These units are the outputs themselves.")
    prepared = live.inputs.samples()[0]
    seen = live.record(prepared, sites=list({site.name: None, head.name: None}))
    matrix = live.parts[head.module]
    if _call(matrix, seen[head.name]).shape != (1, outputs):
        raise NoPathError("The last matrix of the model does not give its classes.")
    if seen[site.name].shape != seen[head.name].shape or not _alike(seen[site.name], seen[head.name]):
        raise NoPathError(f"Between {site.name} and the output lie other layers: its units have no direct path.")
    one = torch.zeros(2, site.width)
    one[1, index] = 1.0
    both = _call(matrix, one)
    return both[1] - both[0]


def _alike(a: Tensor, b: Tensor, close: float = _CLOSE) -> bool:
    """Equal, up to what rounding in the model's own dtype makes of it."""
    return float((a - b).abs().max()) <= close * max(1e-6, float(b.abs().max()))
