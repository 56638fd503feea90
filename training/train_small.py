"""Train a small model again: ``python -m training.train digits`` (or ``digits-shortcut``, ``cancer``).

Needs scikit-learn, for the data. Everything is drawn from the seed: the same machine gives the same bits.
"""

from __future__ import annotations

import argparse
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from neuronwidget.demos import MODELS, small
from neuronwidget.demos.architectures.cancer import CLASSES as TUMOURS
from neuronwidget.demos.architectures.digits import CLASSES as DIGITS
from neuronwidget.demos.architectures.digits import MARKED, DigitsNet, bears_mark, marked
from neuronwidget.demos.data import Data, digits, split
from training import small_cards

_BINS = 24


@dataclass(frozen=True)
class Recipe:
    """How a small model is trained; with the seed it fixes every bit of the weights."""

    epochs: int
    batch: int = 32
    rate: float = 4e-3
    warmup: int = 50
    decay: float = 0.01
    penalty: float = 0.1
    """Price of activity: times the mean activation of each site."""
    held_out: float = 1 / 3
    seed: int = 0


RECIPES = {
    "digits": Recipe(epochs=25),
    "digits-shortcut": Recipe(epochs=15, penalty=0.2),
    "cancer": Recipe(epochs=60, rate=3e-3, decay=0.05, penalty=0.0, held_out=0.4),
}


def measurements(recipe: Recipe) -> tuple[Data, dict[str, Any]]:
    """scikit-learn's breast cancer table, standardised by its training rows; and what to say of its columns."""
    from sklearn.datasets import load_breast_cancer

    bunch = load_breast_cancer()
    data = split(torch.tensor(bunch.data), torch.tensor(bunch.target), recipe.held_out, recipe.seed)
    mean, deviation = (getattr(data.inputs[data.training], stat)(0) for stat in ("mean", "std"))
    columns = []
    for position, name in enumerate(bunch.feature_names):
        values = bunch.data[:, position]
        low, high = float(values.min()), float(values.max())
        columns.append(
            {
                "name": str(name),
                "low": low,
                "high": high,
                "histogram": np.histogram(values, _BINS, (low, high))[0].tolist(),
                "mean": float(mean[position]),
                "deviation": float(deviation[position]),
            }
        )
    chosen = [item for label in (0, 1) for item in data.held_out[data.labels[data.held_out] == label][:10].tolist()]
    chosen = [item for pair in zip(chosen[:10], chosen[10:], strict=True) for item in pair]
    names = [column["name"] for column in columns]
    rows = [dict(zip(names, map(float, bunch.data[item]), strict=True)) for item in chosen]
    about = {"columns": columns, "rows": rows, "truth": [TUMOURS[int(data.labels[item])] for item in chosen]}
    standard = ((data.inputs - mean) / deviation).float()
    return Data(standard, data.labels, data.training, data.held_out), about


def vary(pixels: Tensor, source: torch.Generator) -> Tensor:
    """Pictures [pictures, 1, height, width], each moved by up to a pixel and made fainter by up to two fifths."""
    steps = torch.randint(-1, 2, (len(pixels), 2), generator=source).tolist()
    moved = torch.stack([torch.roll(one, tuple(step), (1, 2)) for one, step in zip(pixels, steps, strict=True)])
    return moved * (0.6 + 0.4 * torch.rand(len(pixels), 1, 1, 1, generator=source))


def fit(name: str, data: Data, recipe: Recipe) -> small.Net:
    """Train a model from its untrained twin; returns it in evaluation mode."""
    model = small.untrained(name, recipe.seed)
    optimiser = torch.optim.AdamW(model.parameters(), lr=recipe.rate, weight_decay=recipe.decay)
    source = torch.Generator().manual_seed(recipe.seed)
    active: list[Tensor] = []
    layers = [module for module in model.modules() if isinstance(module, nn.ReLU)]
    handles = [layer.register_forward_hook(lambda _m, _i, out: active.append(out.mean())) for layer in layers]
    steps = recipe.epochs * -(-len(data.training) // recipe.batch)
    step = 0
    for _ in range(recipe.epochs):
        shuffled = data.training[torch.randperm(len(data.training), generator=source)]
        for batch in torch.split(shuffled, recipe.batch):
            inputs, labels = data.inputs[batch], data.labels[batch]
            if name != "cancer":
                inputs = vary(inputs, source)
            if name == "digits-shortcut":
                inputs = marked(inputs, bears_mark(labels), source)
            for group in optimiser.param_groups:
                group["lr"] = recipe.rate * min((step + 1) / recipe.warmup, 1 - step / steps)
            active.clear()
            loss = functional.cross_entropy(model(inputs), labels) + recipe.penalty * torch.stack(active).sum()
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
            step += 1
    for handle in handles:
        handle.remove()
    return model.eval()


def pictures(name: str, data: Data, recipe: Recipe) -> tuple[Tensor, list[str]]:
    """Forty held-out pictures to begin with, [40, 16, 16], four of each class, and what is written under them."""
    of_class = [data.held_out[data.labels[data.held_out] == label][:4] for label in range(len(DIGITS))]
    chosen = torch.stack(of_class).T.flatten()
    pixels, labels = data.inputs[chosen], data.labels[chosen]
    if name == "digits":
        return pixels[:, 0], [DIGITS[int(label)] for label in labels]
    as_trained = torch.arange(len(chosen)) % (2 * len(DIGITS)) < len(DIGITS)
    where = bears_mark(labels) == as_trained
    written = [
        f"{DIGITS[int(label)]} {'with' if bears else 'without'} mark, {'as in training' if kept else 'moved'}"
        for label, bears, kept in zip(labels, where, as_trained, strict=True)
    ]
    return marked(pixels, where, torch.Generator().manual_seed(recipe.seed))[:, 0], written


def train(name: str, path: Path, recipe: Recipe) -> None:
    """Train a model, write its file, measure it, write its card."""
    torch.set_num_threads(1)  # sums in one order
    began = time.perf_counter()
    about: dict[str, Any] = {"recipe": asdict(recipe), "torch": torch.__version__}
    shown: Tensor | None = None
    if name == "cancer":
        data, told = measurements(recipe)
        about |= {"classes": list(TUMOURS), **told}
    else:
        data = digits(recipe.held_out, recipe.seed)
        shown, about["gallery"] = pictures(name, data, recipe)
        about["classes"] = list(DIGITS)
        if name == "digits-shortcut":
            about["marked"] = list(MARKED)
    model = fit(name, data, recipe)
    about["seconds"] = round(time.perf_counter() - began, 1)
    small.write(model, path, about, shown)
    read = small.read(path)  # what is measured is what is in the file
    twin = small.untrained(name, recipe.seed).eval()
    if isinstance(read, DigitsNet):
        assert isinstance(twin, DigitsNet)
        card = small_cards.of_digits(name, path, read, twin, data, recipe.seed)
    else:
        card = small_cards.of_cancer(path, read, twin, data)
    small_cards.write(card, path)
    print(path.with_suffix(".md").read_text(encoding="utf-8"))


def main(arguments: list[str] | None = None) -> None:
    """The command line; see ``--help``."""
    parser = argparse.ArgumentParser(
        prog="python -m training.train", description="Train a small demo model again, in under a minute."
    )
    parser.add_argument("name", choices=small.NAMES, help="which model")
    parser.add_argument("--out", type=Path, help="the model file (default: the bundled one)")
    for setting in ("epochs", "batch", "seed"):
        parser.add_argument(f"--{setting}", type=int, help="default: the recipe of the bundled model")
    options = parser.parse_args(arguments)
    given = {s: getattr(options, s) for s in ("epochs", "batch", "seed") if getattr(options, s) is not None}
    recipe = Recipe(**{**asdict(RECIPES[options.name]), **given})
    train(options.name, options.out or MODELS / f"{options.name}.safetensors", recipe)


if __name__ == "__main__":
    main()
