"""Adapter for models of pictures: inputs from their processor."""

from __future__ import annotations

from typing import Any

import numpy as np

from neuronwidget.live.adapters.adaptation import Adaptation
from neuronwidget.live.errors import AttachError
from neuronwidget.live.inputs.image import ImageInputs

_SAMPLE = (64, 96, 3)


def is_picture_processor(candidate: Any) -> bool:
    """Does it say, as the processors of `transformers` do, that it makes `pixel_values`?"""
    return "pixel_values" in (getattr(candidate, "model_input_names", None) or ())


def adapt_images(model: Any, processor: Any, inputs: ImageInputs | None) -> Adaptation:
    """How a model of pictures is fed: as `inputs` say, else as its processor does it."""
    return Adaptation(image_inputs(model, processor) if inputs is None else inputs)


def image_inputs(model: Any, processor: Any) -> ImageInputs:
    """The processor's own size of pictures, and the model's own names of classes."""
    processor = getattr(processor, "image_processor", processor)  # of a processor for pictures and text
    made = processor(images=np.zeros(_SAMPLE, np.uint8), return_tensors="pt")["pixel_values"]
    if made.ndim != 4:
        raise AttachError(
            f"The processor makes tensors of {list(made.shape)}, not one picture [1, channels, height, width]: "
            "say with inputs=nw.ImageInputs(size=…, preprocess=…) how a picture becomes what the model eats."
        )
    names: dict[int, str] = getattr(getattr(model, "config", None), "id2label", None) or {}
    told = bool(names) and type(model).__name__.endswith("ForImageClassification")
    classes = [str(names[i]) for i in range(len(names))] if told else None
    return ImageInputs(tuple(made.shape[2:]), classes, channels=made.shape[1], preprocess=processor)
