"""The bundled models as live models."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from torch import nn

from neuronwidget.demos import MODELS, NAMES, demo_card, weights
from neuronwidget.demos.architectures import code
from neuronwidget.demos.corpus import some_texts
from neuronwidget.demos.labels import labels_of
from neuronwidget.demos.sae import attach_to
from neuronwidget.demos.small import live_small
from neuronwidget.live.inputs.text import TextInputs
from neuronwidget.live.model import BundledAtlas, LiveModel
from neuronwidget.live.token_model import TokenModel

if TYPE_CHECKING:
    from neuronwidget.atlas.atlas import Atlas


class Codec(NamedTuple):
    """A text's tokens and back: `encode(text) -> ids`, `decode(id) -> text`."""

    encode: Callable[[str], list[int]]
    decode: Callable[[int], str]


def demo(name: str = "code", *, trained: bool = True, sae: bool = False) -> LiveModel:
    """A bundled model, ready to look into, offline.

    Parameters
    ----------
    name
        "code", "digits", "digits-shortcut" or "cancer"; "code-sae" is "code" with its autoencoder.
    trained
        False: its untrained twin, the model that the training began with.
    sae
        For "code": with a sparse autoencoder, whose features are the units of the site `sae.1`.

    Examples
    --------
    >>> import neuronwidget as nw
    >>> nw.demo("code").sites["mlp.0"].kind
    'mlp'
    """
    if name not in NAMES:
        raise ValueError(f"no demo model {name!r}; there are {', '.join(NAMES)}")
    if name == "code-sae":
        name, sae = "code", True
    if sae and name != "code":
        raise ValueError(f"there is no sparse autoencoder for {name!r}, only for 'code'")
    atlas = DemoAtlas(name, "about a minute" if name == "code" else "a few seconds")
    if name == "code":
        return _live_code(atlas, trained=trained, sae=sae)
    return live_small(name, atlas, trained=trained)


def load(name: str, trained: bool = True) -> tuple[nn.Module, Codec]:
    """The code model in evaluation mode, and its codec; untrained, it is the twin the training began with."""
    if name != "code":
        raise ValueError(f"no demo model {name!r} of text; nw.demo has {', '.join(NAMES)}")
    path = MODELS / f"{name}.safetensors"
    return weights.read(path) if trained else weights.twin(path), Codec(code.encode, code.decode)


@dataclass
class DemoAtlas:
    """Builds or opens the atlas of a bundled model; see `neuronwidget.demos.atlases`."""

    name: str
    takes: str

    def __call__(self, live: LiveModel, /, **options: Any) -> Atlas:
        from neuronwidget.demos.atlases import demo_atlas

        return demo_atlas(self.name, live, **options)


def _live_code(atlas: BundledAtlas, *, trained: bool, sae: bool) -> LiveModel:
    name = "code"
    module, codec = load(name, trained)
    config = module.config
    assert isinstance(config, code.CodeConfig)

    def encode(text: str) -> tuple[list[int], list[tuple[int, int]]]:
        return codec.encode(text), [(i, i + 1) for i in range(len(text))]

    inputs = TextInputs(encode, lambda ids: "".join(map(codec.decode, ids)), context=config.context)
    best = max(demo_card(name)["detectors"], key=lambda detector: detector["held_out"])
    suggested = f"{best['site']}:{best['unit']}" if trained else None
    live = TokenModel(
        module,
        inputs,
        name=name if trained else f"{name} (untrained)",
        suggested=suggested,
        labels=labels_of(name, *(["code-sae"] if sae else [])) if trained else None,
        atlas=atlas,
    )
    live.references = some_texts
    if sae:
        attach_to(live, trained=trained)
    return live
