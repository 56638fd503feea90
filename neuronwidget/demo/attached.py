"""The bundled models as live models."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from neuronwidget.live.attach import attach
from neuronwidget.live.inputs.text import TextInputs
from neuronwidget.live.model import LiveModel

if TYPE_CHECKING:
    from neuronwidget.atlas.atlas import Atlas


def live_demo(name: str, *, trained: bool = True, sae: bool = False) -> LiveModel:
    """A bundled model, attached: see `neuronwidget.demo`. ``code-sae`` is ``code`` with its autoencoder."""
    from neuronwidget.demo import NAMES

    if name not in NAMES:
        raise ValueError(f"no demo model {name!r}; there are {', '.join(NAMES)}")
    if name == "code-sae":
        name, sae = "code", True
    if sae and name != "code":
        raise ValueError(f"there is no sparse autoencoder for {name!r}, only for 'code'")
    if name == "code":
        live = _live_code(trained=trained, sae=sae)
    else:
        from neuronwidget.demo.small import live_small

        live = live_small(name, trained=trained)
    live.own_atlas = partial(_atlas, name)
    return live


def _atlas(name: str, live: LiveModel, **options: Any) -> Atlas:
    from neuronwidget.demo.atlases import demo_atlas

    return demo_atlas(name, live, **options)


def _live_code(*, trained: bool, sae: bool) -> LiveModel:
    from neuronwidget.demo import card, load
    from neuronwidget.demo.code import CodeConfig

    name = "code"
    module, codec = load(name, trained)
    config = module.config
    assert isinstance(config, CodeConfig)

    def encode(text: str) -> tuple[list[int], list[tuple[int, int]]]:
        return codec.encode(text), [(i, i + 1) for i in range(len(text))]

    inputs = TextInputs(encode, lambda ids: "".join(map(codec.decode, ids)), context=config.context)
    live = attach(module, inputs=inputs, name=name if trained else f"{name} (untrained)")
    if trained:
        best = max(card(name)["detectors"], key=lambda detector: detector["held_out"])
        live.suggested = f"{best['site']}:{best['unit']}"
    if sae:
        from neuronwidget.demo.sae import attach_to

        attach_to(live, trained=trained)
    return live
