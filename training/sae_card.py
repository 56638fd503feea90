"""Card of the sparse autoencoder: what its features know beside single neurons, for programs and for people.

As for the code model, a feature (and its sign) is chosen on training modules only, and scored on modules that
neither the model nor the autoencoder ever saw. The untrained autoencoder's best is picked on the held-out modules.
"""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from neuronwidget.analysis.predicates.python_source import BINARY, PROPERTIES
from neuronwidget.demos import corpus, sae, weights
from neuronwidget.demos.architectures.code import CodeModel
from neuronwidget.demos.sae import SparseAutoencoder
from training.evaluate import BITS, Floats, Sample, auroc, correlation, sample, scores, shown, sites

Card = dict[str, Any]
Numbers = NDArray[np.float32]
_BLOCK = 64  # features looked at together: their columns are copied


def measure(path: Path, model_path: Path, count: int = 300) -> Card:
    """The card of the file at ``path``, for the model at ``model_path``; ``count`` windows to choose, and to judge."""
    model, encoder, twin = weights.read(model_path), sae.read(path), sae.twin(path)
    training, held_out = corpus.split(corpus.modules())
    choose, judge = (sample(each, model.config.context, count) for each in (training, held_out))
    rows = neurons(model, encoder.config.site, choose.ids)
    chosen = {
        "feature": best(features(encoder, rows), choose),
        "neuron": best(rows.numpy(), choose),
    }
    rows = neurons(model, encoder.config.site, judge.ids)
    told = features(encoder, rows)
    quality = {**explained(encoder, rows, told), "bits_per_character": bits(model, encoder, judge.ids)}
    judged = {"feature": told, "neuron": rows.numpy()}
    of_twin = best(features(twin, rows), judge)
    of_model = {each["property"]: each for each in json.loads(model_path.with_suffix(".json").read_text())["detectors"]}
    table = []
    for name in PROPERTIES:
        row: dict[str, Any] = {"property": name, "measure": "AUROC" if name in BINARY else "|r|"}
        for kind, units in judged.items():
            unit, sign, _ = chosen[kind][name]
            row[kind] = {"unit": unit, "sign": sign, **held_out_score(units[:, unit], judge, name, sign)}
        row["untrained"] = shown(of_twin[name][2], name)
        row["model"] = {key: of_model[name][key] for key in ("site", "unit", "held_out")}
        table.append(row)
    stored = sae.about(path)
    return {
        "name": sae.NAME,
        "parameters": sum(parameter.numel() for parameter in encoder.parameters()),
        "bytes": path.stat().st_size,
        "config": asdict(encoder.config),
        **stored,
        "windows": count,
        "held_out": quality,
        "table": table,
    }


def neurons(model: CodeModel, site: str, ids: Tensor) -> Tensor:
    """What the units of ``site`` do, [characters, units], for ``ids [windows, tokens]``."""
    rows: list[Tensor] = []
    handle = sites(model)[site].register_forward_hook(lambda _m, _i, out: rows.append(out.flatten(0, 1).clone()))
    try:
        with torch.inference_mode():
            for batch in ids.split(16):
                model(batch)
    finally:
        handle.remove()
    return torch.cat(rows)


def features(encoder: SparseAutoencoder, rows: Tensor) -> Numbers:
    """The features of neurons [characters, width]: [characters, features]."""
    table = np.empty((len(rows), encoder.config.features), np.float32)
    with torch.inference_mode():
        for start in range(0, len(rows), 4096):
            table[start : start + 4096] = encoder.encode(rows[start : start + 4096]).numpy()
    return table


def best(units: Numbers, labels: Sample) -> dict[str, tuple[int, int, float]]:
    """By property the best unit, its sign, and its signed score as `evaluate.scores` gives it."""
    signed: dict[str, Floats] = {name: np.zeros(units.shape[1]) for name in PROPERTIES}
    for start in range(0, units.shape[1], _BLOCK):
        columns = np.ascontiguousarray(units[:, start : start + _BLOCK].T)
        for name in PROPERTIES:
            label = labels.labels[name].ravel()
            for offset, column in enumerate(columns):
                signed[name][start + offset] = _score(column, label, name)
    picked = {name: int(np.abs(values).argmax()) for name, values in signed.items()}
    return {name: (u, 1 if signed[name][u] >= 0 else -1, float(signed[name][u])) for name, u in picked.items()}


def _score(values: Numbers, label: Floats, name: str) -> float:
    return 2 * sparse_auroc(values, label > 0) - 1 if name in BINARY else correlation(values, label)


def sparse_auroc(values: Numbers, positive: NDArray[np.bool_]) -> float:
    """`evaluate.auroc` of values that are never below 0 and mostly 0: only those above 0 are sorted."""
    active = values > 0
    caught, total = int(positive[active].sum()), int(positive.sum())
    false, others = int(active.sum()) - caught, len(values) - total
    if not total or not others:
        return 0.5
    above = auroc(values[active], positive[active]) * caught * false
    return (above + caught * (others - false) + (total - caught) * (others - false) / 2) / total / others


def held_out_score(values: Numbers, judge: Sample, name: str, sign: int) -> dict[str, float]:
    """The score of a unit whose sign was chosen before, and how much of the characters it is active at."""
    signed = sign * float(scores(values[:, None], judge.labels[name].ravel(), name)[0])
    return {"held_out": (1 + signed) / 2 if name in BINARY else signed, "active": float((values > 0).mean())}


def explained(encoder: SparseAutoencoder, inputs: Tensor, told: Numbers) -> dict[str, float]:
    """How well the neurons [characters, width] come back, and how many features that takes."""
    left = 0.0
    with torch.inference_mode():
        for start in range(0, len(inputs), 4096):
            rows = slice(start, start + 4096)
            left += float((encoder.decode(torch.from_numpy(told[rows])) - inputs[rows]).square().sum())
    total = float((inputs - inputs.mean(0)).square().sum())
    on = told > 0
    return {
        "mean_squared_error": left / inputs.numel(),
        "variance_explained": 1 - left / total,
        "active_features": float(on.sum(1).mean()),
        "active_neurons": float((inputs > 0).sum(1).float().mean()),
        "idle_features": int((~on.any(0)).sum()),
    }


def bits(model: CodeModel, encoder: SparseAutoencoder, ids: Tensor) -> dict[str, float]:
    """Bits per character of the model as it is, with the site decoded from its features, and with the site at 0."""

    def loss() -> float:
        with torch.inference_mode():
            each = [
                functional.cross_entropy(model(batch)[:, :-1].flatten(0, 1), batch[:, 1:].flatten()).item()
                for batch in ids.split(16)
            ]
        return float(np.mean(each)) * BITS

    losses = {"model": loss()}
    for name, change in {"decoded": encoder, "silent": torch.zeros_like}.items():
        handle = sites(model)[encoder.config.site].register_forward_hook(lambda _m, _i, out, change=change: change(out))
        try:
            losses[name] = loss()
        finally:
            handle.remove()
    return losses


def write(card: Card, path: Path) -> None:
    """Write the card beside the file at ``path``, as JSON and as Markdown."""
    path.with_suffix(".json").write_text(json.dumps(card, indent=1) + "\n", encoding="utf-8")
    path.with_suffix(".md").write_text(markdown(card), encoding="utf-8")


def table(card: Card) -> str:
    """Best feature, best neuron of the site, and best unit of the model, by property: held out."""
    lines = [
        f"| property | measure | best feature | | best neuron of `{card['config']['site']}` | | "
        "best unit of the model | | untrained autoencoder's best |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    for row in card["table"]:
        feature, neuron, unit = row["feature"], row["neuron"], row["model"]
        measure = row["measure"].replace("|", "\\|")  # a bar would end the cell
        names = {
            "feature": f"`sae.{card['config']['site'].split('.')[1]}:{feature['unit']}`",
            "neuron": f"`{card['config']['site']}:{neuron['unit']}`",
        }
        lines.append(
            f"| {row['property']} | {measure} | {names['feature']} | **{feature['held_out']:.3f}** | "
            f"{names['neuron']} | **{neuron['held_out']:.3f}** | `{unit['site']}:{unit['unit']}` | "
            f"{unit['held_out']:.3f} | {row['untrained']:.3f} |"
        )
    return "\n".join(lines)


def markdown(card: Card) -> str:
    """The card as a page."""
    config, recipe, quality = card["config"], card["recipe"], card["held_out"]
    loss = quality["bits_per_character"]
    better = [row["property"] for row in card["table"] if row["feature"]["held_out"] > row["neuron"]["held_out"]]
    verdict = f"The best feature beats the best neuron of the same site for {len(better)} of {len(card['table'])}"
    verdict += f" properties ({', '.join(better)})." if better else " properties."
    return f"""# `code-sae`: a sparse autoencoder for `{config["site"]}` of the `code` model

Made for looking at: `nw.demo("code", sae=True)` is the [code model](code.md) with a site `sae.{config["site"][-1]}`
more, whose units are this autoencoder's features.

## What it is
{config["features"]:,} features of the {config["width"]} neurons of `{config["site"]}`. At each character the
{config["active"]} features that go best with the neurons are active, all others are 0 (TopK):
`encode(x) = top{config["active"]}(relu(gain · (directions @ (x - centre) / scale) + bias))`, and decoding uses the same
directions (tied, of length 1). {card["parameters"]:,} parameters; directions stored as float16
({card["bytes"] / 1e6:.1f} MB).

## How it was trained
To give back what the neurons do, on the training modules of the code model only: {recipe["steps"]} steps of
{recipe["batch"]:,} characters ({recipe["steps"] * recipe["batch"] / 1e6:.1f} million, drawn from windows of 512 that
begin with a line), {card["minutes"]:.1f} minutes on one core, torch {card["torch"]}, bfloat16 products,
Adam, seed {recipe["seed"]}. In the first {recipe["revive"]:.0%} of the steps, features that had fallen idle were given
new directions. No label took part.

## How good it is
On {card["windows"]} windows of held-out modules (characters that neither it nor the model was trained on):

| | |
|---|---|
| variance explained | **{quality["variance_explained"]:.3f}** |
| mean squared error | {quality["mean_squared_error"]:.4f} |
| features active at a character, mean | {quality["active_features"]:.1f} of {config["features"]:,} |
| neurons active at a character, mean | {quality["active_neurons"]:.1f} of {config["width"]} |
| features that were never active | {quality["idle_features"]} |
| bits per character: the model as it is | {loss["model"]:.3f} |
| … with `{config["site"]}` decoded from the features | {loss["decoded"]:.3f} |
| … with `{config["site"]}` at 0 | {loss["silent"]:.3f} |

## Features and neurons
For each property the feature, and the neuron, that tells it best, **chosen on training modules only** (which one, and
which sign) and scored on held-out modules: {card["windows"]} windows for each, the first of those that
[the code model's card](code.md) is measured on, which takes 300. The best unit of the whole model, and its score, are
from that card. The last column is this autoencoder before training (the random directions of its seed, on the trained
model); it is given the advantage of being picked on the held-out modules.

{table(card)}

{verdict}
A feature is 0 wherever it is not among the {config["active"]} strongest, and AUROC and \\|r\\| count every such
character of a long string or a deep line against it: they ask for a gauge, not for a feature that says one thing at one
place. So the memory channels, which are gauges, stay ahead where a property lasts.

## Make it again
```
python -m training.train code-sae               # seeded; writes this card too
python -m training.train code-sae --card-only   # measures the file that is there
```
Another Python version has another standard library, and another processor rounds differently: expect features of the
same kind under other numbers.
"""
