"""The files of the small models, and the models as live models.

A file holds weights in float16, a few pictures to begin with, and as metadata the shape and what is known of the
training: nothing else is needed to show a model, scikit-learn in particular is not.
"""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

import torch
from safetensors import safe_open
from torch import Tensor

from neuronwidget.demos import MODELS, demo_card
from neuronwidget.demos.architectures.cancer import CancerConfig, CancerNet
from neuronwidget.demos.architectures.digits import DigitsConfig, DigitsNet
from neuronwidget.demos.labels import labels_of
from neuronwidget.demos.weights import replace_file
from neuronwidget.live.inputs.image import ImageInputs
from neuronwidget.live.inputs.table import Number, TableInputs
from neuronwidget.live.model import BundledAtlas
from neuronwidget.live.tensor_model import TensorModel

NAMES = ("digits", "digits-shortcut", "cancer")
Net = DigitsNet | CancerNet
_GALLERY = "gallery"


def untrained(name: str, seed: int) -> Net:
    """A model as it is before the first step; the global random state stays as it was."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        return CancerNet() if name == "cancer" else DigitsNet()


def write(model: Net, path: Path, about: dict[str, Any], gallery: Tensor | None = None) -> None:
    """Write weights in float16, pictures [n, height, width] as bytes, and what is known."""
    tensors = {f"model.{name}": value.half() for name, value in model.state_dict().items()}
    if gallery is not None:
        tensors[_GALLERY] = (gallery.clamp(0, 1) * 255).round().to(torch.uint8)
    replace_file(path, tensors, {"config": json.dumps(asdict(model.config)), "about": json.dumps(about)})


def about(path: Path) -> dict[str, Any]:
    """What `write` was told."""
    training: dict[str, Any] = json.loads(_metadata(path)["about"])
    return training


def read(path: Path) -> Net:
    """The trained model, in float32 and evaluation mode."""
    shape = json.loads(_metadata(path)["config"])
    model: Net
    if "measurements" in shape:
        model = CancerNet(CancerConfig(shape["measurements"], tuple(shape["hidden"])))
    else:
        model = DigitsNet(DigitsConfig(tuple(shape["channels"]), shape["hidden"]))
    with safe_open(path, "pt") as file:
        model.load_state_dict({name: file.get_tensor(f"model.{name}").float() for name in model.state_dict()})
    return model.eval()


def gallery(path: Path) -> Tensor:
    """The pictures of a file: uint8 [n, height, width]."""
    with safe_open(path, "pt") as file:
        pictures: Tensor = file.get_tensor(_GALLERY)
    return pictures


def live_small(name: str, atlas: BundledAtlas | None = None, *, trained: bool = True) -> TensorModel:
    """A bundled small model, attached; untrained, it is as it was when the training began. `atlas` builds its own."""
    path = MODELS / f"{name}.safetensors"
    stored = about(path)
    module = read(path) if trained else untrained(name, stored["recipe"]["seed"]).eval()
    inputs: ImageInputs | TableInputs
    if name == "cancer":
        columns = [Number(c["name"], c["low"], c["high"], tuple(c["histogram"])) for c in stored["columns"]]
        standardise = ([c["mean"] for c in stored["columns"]], [c["deviation"] for c in stored["columns"]])
        inputs = TableInputs(columns, stored["classes"], standardise=standardise, rows=stored["rows"])
        with torch.no_grad():  # the first row is one that a single column can turn
            sure = [abs(float(module(inputs.prepare(row)).softmax(-1)[0, 0]) - 0.5) for row in inputs.rows]
        inputs.first, count = sure.index(min(sure)), len(inputs.rows)
    else:
        pixels = gallery(path).numpy()
        pictures = list(zip(pixels, stored["gallery"], strict=True))
        pictures.sort(key=lambda picture: "without" in picture[1])  # the first picture has what there is to find
        inputs = ImageInputs((pixels.shape[1], pixels.shape[2]), stored["classes"], channels=1, gallery=pictures)
        count = len(pictures)
    carriers = demo_card(name).get("carriers") if trained else None
    live = TensorModel(
        module,
        inputs,
        name=name if trained else f"{name} (untrained)",
        suggested=carriers[0] if carriers else None,
        labels=labels_of(name) if trained else None,
        atlas=atlas,
    )
    live.references = range(count)  # what comes along, by number
    return live


def _metadata(path: Path) -> dict[str, str]:
    with safe_open(path, "pt") as file:
        metadata: dict[str, str] = file.metadata()
    return metadata
