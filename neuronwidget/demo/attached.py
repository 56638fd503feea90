"""The bundled models as live models."""

from __future__ import annotations

from neuronwidget.live.attach import attach
from neuronwidget.live.inputs.text import TextInputs
from neuronwidget.live.model import LiveModel


def live_demo(name: str, *, trained: bool = True, sae: bool = False) -> LiveModel:
    """A bundled model, attached: see `neuronwidget.demo`. ``code-sae`` is ``code`` with its autoencoder."""
    from neuronwidget.demo import NAMES, card, load
    from neuronwidget.demo.code import CodeConfig

    if name not in NAMES:
        raise ValueError(f"no demo model {name!r}; there are {', '.join(NAMES)}")
    if name == "code-sae":
        name, sae = "code", True
    if sae and name != "code":
        raise ValueError(f"there is no sparse autoencoder for {name!r}, only for 'code'")
    if name != "code":
        from neuronwidget.demo.small import live_small

        return live_small(name, trained=trained)
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
