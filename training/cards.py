"""The code model's card: as JSON for programs, as Markdown for people."""

from __future__ import annotations

import json
import platform
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch

from neuronwidget.demos import corpus, weights
from neuronwidget.demos.architectures.code import CodeModel

Card = dict[str, Any]


@dataclass(frozen=True)
class Detector:
    """A single unit that tells one property of a character."""

    property: str
    site: str
    unit: int
    sign: int
    """1 where the unit is high when the property is, -1 where it is low."""
    threshold: float | None
    """For the binary properties: the value that parts them best on the training modules."""
    measure: str
    training: float
    held_out: float
    twin: float
    """The untrained twin's best single unit, picked on the held-out modules."""


def describe(
    path: Path,
    model: CodeModel,
    detectors: list[Detector],
    bits: dict[str, float],
    training: list[corpus.Module],
    held_out: list[corpus.Module],
    windows: int,
) -> Card:
    """Everything the card says, ready for JSON."""
    stored = weights.about(path)
    recipe = stored["recipe"]
    return {
        "name": "code",
        "parameters": sum(parameter.numel() for parameter in model.parameters()),
        "bytes": path.stat().st_size,
        "config": asdict(model.config),
        "recipe": recipe,
        "steps": stored["steps"],
        "minutes": stored["minutes"],
        "characters_read": stored["steps"] * recipe["batch"] * recipe["window"],
        "characters": {part: sum(len(m.text) for m in each) for part, each in _parts(training, held_out)},
        "modules": {part: sorted({m.top for m in each}) for part, each in _parts(training, held_out)},
        "windows": windows,
        "python": platform.python_version(),
        "torch": torch.__version__,
        "bits_per_character": {name: round(value, 3) for name, value in bits.items()},
        "detectors": [asdict(detector) for detector in detectors],
    }


def _parts(training: list[corpus.Module], held_out: list[corpus.Module]) -> list[tuple[str, list[corpus.Module]]]:
    return [("training", training), ("held_out", held_out)]


def write(card: Card, model: Path) -> None:
    """Write ``code.json`` and ``code.md`` beside the model file."""
    model.with_suffix(".json").write_text(json.dumps(card, indent=1) + "\n", encoding="utf-8")
    model.with_suffix(".md").write_text(markdown(card), encoding="utf-8")


def table(card: Card) -> str:
    """The detectors as a Markdown table."""
    lines = [
        "| property | unit | on when | measure | training modules | held-out modules | untrained twin's best |",
        "|---|---|---|---|---|---|---|",
    ]
    for each in card["detectors"]:
        threshold = each["threshold"]
        direction = "high" if each["sign"] > 0 else "low"
        cut = direction if threshold is None else f"{'>=' if each['sign'] > 0 else '<='} {threshold:.2g}"
        measure = each["measure"].replace("|", "\\|")  # a bar would end the cell
        lines.append(
            f"| {each['property']} | `{each['site']}:{each['unit']}` | {cut} | {measure} | "
            f"{each['training']:.3f} | **{each['held_out']:.3f}** | {each['twin']:.3f} |"
        )
    return "\n".join(lines)


def _causes(card: Card) -> str:
    """Whether the model uses what its detectors tell, as a part of the page."""
    if "causes" not in card:
        return ""
    how = card["causes_measured"]
    lines = [
        "| property | unit | effect (KL) | interval | largest of random units | verdict |",
        "|---|---|---|---|---|---|",
        *(
            f"| {each['property']} | `{each['unit']}` | {each['effect']:.4f} | {each['low']:.4f} … {each['high']:.4f} "
            f"| {max(each['random']):.4f} | {each['verdict']} |"
            for each in card["causes"]
        ),
    ]
    return f"""
## Does the model use them?
A unit that tells a property need not be what the model uses for it. So each of the first three was held at its mean
(`nw.Ablate`) in {how["windows"]} windows of {how["window"]} held-out characters, and `nw.effect` measured how far what
the model says next moves (KL), with a bootstrap interval over windows, beside what
{len(card["causes"][0]["random"])} random units of the same site do that are changed as much. "No larger than chance"
means: a good detector, but not shown to be a cause.

{chr(10).join(lines)}
"""


def markdown(card: Card) -> str:
    """The card as a page."""
    config, recipe, bits = card["config"], card["recipe"], card["bits_per_character"]
    return f"""# `code`: a small language model over the characters of Python source

Made for teaching: small enough to answer each key press, and some of its single units can be read.
It predicts the next character; it is no use as a programmer.

## What it is
A causal transformer of {config["layers"]} blocks, width {config["width"]}, {config["heads"]} attention heads,
{config["hidden"]} neurons a block ({config["activation"]}), a window of {config["context"]} characters,
{card["parameters"]:,} parameters, stored as float16 ({card["bytes"] / 1e6:.1f} MB).

**It is not a plain GPT.** Each block begins with a *memory* of {config["memory"][0]} recurrent channels. A channel
keeps one number between -1 and 1 from character to character:
`h += sigmoid(gate + a·h) · (tanh(candidate + b·h) - h)`, where gate and candidate come from the stream and a, b
belong to the channel. A channel never sees another channel's number, which is why one channel tends to hold one thing.
Training also pays for activity: {recipe["memory_penalty"]} × the mean \\|h\\| of each memory and
{recipe["neuron_penalty"]} × the mean activation of each MLP. The labels below took no part in training.

Sites: `state.0` … the channels, `mlp.0` … the neurons.

## How it was trained
On the standard library of Python {card["python"]} ({card["characters"]["training"]:,} characters; without tests and
generated tables), predicting the next character. {card["steps"]:,} steps of {recipe["batch"]} windows of
{recipe["window"]} characters ({card["characters_read"] / 1e6:.0f} million characters read; from
step {recipe["anywhere"]:,} on the windows begin with a line, as what people type does),
{card["minutes"]:.0f} minutes on two shared CPU cores, torch {card["torch"]}, bfloat16 products, Muon for the blocks'
matrices and AdamW for the rest, seed {recipe["seed"]}. The untrained twin (`trained=False`) is the model as that seed
made it.

Bits per character on whole modules it never saw: **{bits["held_out"]:.3f}** (training modules {bits["training"]:.3f};
untrained twin {bits["untrained"]:.3f}).

## Units to look at
For each property the one unit that tells it best, chosen **on training modules only** (which unit, sign, threshold),
and its score on the held-out modules. The twin is given the advantage: its best unit is picked on the held-out
modules. {card["windows"]} windows of {config["context"]} characters each for choosing and for judging, cut at line
starts anywhere in a module: a window may begin in the middle of a string, which no one has told the model.

{table(card)}

What is true of a character is the state of Python's own `tokenize` after reading it: *string*, a string literal is
open (from its opening quote up to the character before the closing ones); *comment*, from `#` to the end of the line;
*keyword*, part of a reserved word (which only its end makes sure); *column*, characters before it in its line;
*indentation*, indented blocks that are open; *bracket*, brackets that are open outside strings. AUROC is the chance
that a character with the property has the higher activation; \\|r\\| is the size of Pearson's correlation.
{_causes(card)}
## Held-out modules
{", ".join(f"`{name}`" for name in card["modules"]["held_out"])} ({card["characters"]["held_out"]:,} characters).

## Make it again
```
python -m training.train code      # seeded; killed and started again, it goes on where it was
python -m training.evaluate code   # measures it and writes this card
```
Another Python version has another standard library, and another processor rounds differently: expect the same kind of
units under other numbers.
"""
