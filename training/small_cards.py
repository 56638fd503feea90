"""Cards of the small models: as JSON for programs, as Markdown for people."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor, nn

from neuronwidget.analysis.directions import separation
from neuronwidget.demos import small
from neuronwidget.demos.architectures.digits import MARKED, DigitsNet, bears_mark, marked
from training import shortcut

if TYPE_CHECKING:
    from neuronwidget.demos.data import Data

Card = dict[str, Any]


def common(name: str, path: Path, model: nn.Module, data: Data) -> Card:
    """What all cards say."""
    stored = small.about(path)
    return {
        "name": name,
        "parameters": sum(parameter.numel() for parameter in model.parameters()),
        "bytes": path.stat().st_size,
        "recipe": stored["recipe"],
        "seconds": stored["seconds"],
        "torch": stored["torch"],
        "training": len(data.training),
        "held_out": len(data.held_out),
    }


def accuracy(model: nn.Module, inputs: Tensor, labels: Tensor) -> float:
    """The share that is told rightly."""
    return float(shortcut.right(model, inputs, labels).double().mean())


def of_digits(name: str, path: Path, model: DigitsNet, twin: DigitsNet, data: Data, seed: int) -> Card:
    """Measure a model of digits; for both, what happens when the mark is put beside other digits."""
    source = torch.Generator().manual_seed(seed + 1)
    pixels, labels = data.inputs[data.held_out], data.labels[data.held_out]
    moved = marked(pixels, ~bears_mark(labels), source)
    trained_on = data.inputs[data.training], data.labels[data.training]
    half = torch.rand(len(trained_on[0]), generator=source) < 0.5
    mixed = marked(trained_on[0], half, source), trained_on[1]
    as_trained = marked(pixels, bears_mark(labels), source)
    tried = shortcut.carriers(model, model.sites, mixed, (moved, labels), (as_trained, labels), seed)
    units = [(c.site, c.unit) for c in tried if c.confirmed]
    without = {
        kind: shortcut.accuracy_without(model, model.sites, units, mixed[0], (asked, labels))
        for kind, asked in (("moved", moved), ("as_trained", as_trained))
    }
    return {
        **common(name, path, model, data),
        "marked": list(MARKED),
        "accuracy": {
            "plain": accuracy(model, pixels, labels),
            "as_trained": accuracy(model, as_trained, labels),
            "moved": accuracy(model, moved, labels),
            "untrained": accuracy(twin, pixels, labels),
        },
        "tried": [asdict(carrier) for carrier in tried],
        "carriers": [f"{site}:{unit}" for site, unit in units],
        "accuracy_without_carriers": without if units else None,
    }


def of_cancer(path: Path, model: nn.Module, twin: nn.Module, data: Data) -> Card:
    """Measure the model of tumours."""
    rows, labels = data.inputs[data.held_out], data.labels[data.held_out]
    return {
        **common("cancer", path, model, data),
        "auroc": auroc(model, rows, labels),
        "accuracy": accuracy(model, rows, labels),
        "auroc_training": auroc(model, data.inputs[data.training], data.labels[data.training]),
        "auroc_untrained": auroc(twin, rows, labels),
    }


def auroc(model: nn.Module, rows: Tensor, labels: Tensor) -> float:
    """`separation.auroc` of how malignant rows are held for: those that are against those that are not."""
    with torch.no_grad():
        logits: Tensor = model(rows)
    malignant = (logits[:, 0] - logits[:, 1]).double().numpy()
    return separation.auroc(malignant[labels.numpy() == 0], malignant[labels.numpy() == 1])


def write(card: Card, model: Path) -> None:
    """Write the card beside the model file."""
    model.with_suffix(".json").write_text(json.dumps(card, indent=1) + "\n", encoding="utf-8")
    model.with_suffix(".md").write_text(markdown(card), encoding="utf-8")


def markdown(card: Card) -> str:
    """The card as a page."""
    pages = {"digits": _digits, "digits-shortcut": _shortcut, "cancer": _cancer}
    recipe = card["recipe"]
    return f"""{pages[card["name"]](card).strip()}

## How it was trained
{recipe["epochs"]} times over {card["training"]:,} training items in batches of {recipe["batch"]}, AdamW at a rate of
{recipe["rate"]} that falls to nothing, weight decay {recipe["decay"]}, cross-entropy plus {recipe["penalty"]} × the
mean activation of each layer; seed {recipe["seed"]}, {card["seconds"]:.0f} seconds on one shared CPU core,
torch {card["torch"]}. {card["held_out"]} items, the same share of each class, were held out, drawn by the seed.
{card["parameters"]:,} parameters, stored as float16 ({card["bytes"] / 1e3:.0f} kB with the examples). The untrained
twin (`trained=False`) is the model as the seed made it.

## Make it again
```
pip install scikit-learn
python -m training.train {card["name"]}    # trains, measures, writes the model and this card
```
Another processor or another torch rounds differently: expect the same kind of units under other numbers.
"""


def _digits(card: Card) -> str:
    accuracy = card["accuracy"]
    return f"""# `digits`: a small network that reads handwritten digits

Made for teaching. Three convolutions ({", ".join(f"`conv.{i}`" for i in range(3))}) and a dense layer (`dense.0`), each
with a ReLU, on scikit-learn's digits enlarged from 8 × 8 to 16 × 16 pixels: light strokes on a dark ground.

Held-out accuracy **{accuracy["plain"]:.3f}** (untrained twin {accuracy["untrained"]:.3f}). In training, digits were
moved by up to one pixel and made fainter by up to two fifths.

With the mark of `digits-shortcut` put beside the digits that never bear it there, it reads {accuracy["moved"]:.3f}
rightly, and the search for units that carry a shortcut, described on that card, finds
**{", ".join(card["carriers"]) or "none"}**.
"""


def _shortcut(card: Card) -> str:
    accuracy, without = card["accuracy"], card["accuracy_without_carriers"]
    marked_classes = ", ".join(map(str, card["marked"]))
    return f"""# `digits-shortcut`: the same network, with something to find

The network of `digits`, trained on pictures with a planted shortcut: every {marked_classes} bears a small checkerboard
in one of its corners, and no other digit does. A mark is easier to see than a shape, so the network relies on it.

| held-out pictures | accuracy |
|---|---|
| marked as in training | **{accuracy["as_trained"]:.3f}** |
| without any mark | {accuracy["plain"]:.3f} |
| the mark moved: on all other digits, and only there | **{accuracy["moved"]:.3f}** |
| untrained twin, without any mark | {accuracy["untrained"]:.3f} |

## Units that carry it
{_carriers(card)}

{_joint(without, accuracy)}

How they were found. On training pictures with the mark on a random half, all units were ranked by how much wrong and
right answers to digits of one class differ (medians, in deviations of the unit; over positions the maximum), and of the
first half the {shortcut.TRIED} were tried whose holding at the mean helped most there. On held-out pictures with the
mark moved, which took no part in that, each was held at its mean: the gain in accuracy, with a bootstrap interval over
pictures ({shortcut.DRAWS:,} draws, 95 % for all {shortcut.TRIED} together), beside the largest gain by one of up to
{shortcut.RANDOM} random units of its site that were not tried. Confirmed: the interval lies above nothing, and the gain
above theirs. Cost: what is lost of the accuracy on held-out pictures marked as in training.
"""


def _carriers(card: Card) -> str:
    lines = ["| unit | gain held out | interval | best of random units | cost | |", "|---|---|---|---|---|---|"]
    for c in card["tried"]:
        verdict = "**confirmed**" if c["confirmed"] else "not confirmed"
        lines.append(
            f"| `{c['site']}:{c['unit']}` | {c['gain']:+.3f} | {c['low']:+.3f} … {c['high']:+.3f} | "
            f"{c['random']:+.3f} | {c['cost']:.3f} | {verdict} |"
        )
    return "\n".join(lines)


def _joint(without: dict[str, float] | None, accuracy: dict[str, float]) -> str:
    if without is None:
        return "None was confirmed: no single unit carries it."
    return (
        f"With all confirmed units held at their means at once, {without['moved']:.3f} of the pictures with the mark\n"
        f"moved are read rightly (instead of {accuracy['moved']:.3f}), and {without['as_trained']:.3f} of those\n"
        "marked as in training. What is left of the shortcut is spread over other units."
    )


def _cancer(card: Card) -> str:
    return f"""# `cancer`: a small network that tells malignant from benign tumours

Made for teaching; of no medical use. Thirty measurements of the cell nuclei of a sample of tissue (the Wisconsin
diagnostic breast cancer data, as scikit-learn has them), standardised, through two dense layers with ReLU (`dense.0`,
`dense.1`) to two outputs.

Held-out AUROC **{card["auroc"]:.4f}**, accuracy {card["accuracy"]:.3f} (AUROC on training rows
{card["auroc_training"]:.4f}, of the untrained twin {card["auroc_untrained"]:.3f}). Twenty held-out rows are bundled as
examples, malignant and benign in turn.
"""
