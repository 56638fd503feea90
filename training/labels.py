"""Labels of the bundled models' units, tested: `python -m training.labels`.

The units are those that the models' cards measure, where they beat the untrained twin. Each label keeps the card's
figures, and what `labels.test` says of it on inputs that the models did not see; only that makes a mark. The files lie
beside the cards.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np

import neuronwidget as nw
from neuronwidget.demos import MODELS, corpus, demo_card
from neuronwidget.demos.architectures.digits import bears_mark, marked
from neuronwidget.demos.atlases import source
from neuronwidget.demos.data import digits
from neuronwidget.demos.labels import labels_path
from neuronwidget.demos.small import about

#: What the larger values of a unit go with, what the smaller ones do, and the concept that this is tested by.
_WORDS: dict[str, tuple[str, str, dict[str, Any]]] = {
    "string": ("inside a string", "below zero inside a string", {}),
    "comment": ("inside a comment", "below zero inside a comment", {}),
    "keyword": ("inside a keyword", "below zero inside a keyword", {}),
    "column": ("rises along the line", "falls along the line", {"least": 24, "name": "24 characters into the line"}),
    "indentation": ("rises with indentation", "falls with indentation", {"least": 2}),
    "bracket": ("rises with open brackets", "falls with open brackets", {"name": "inside of brackets"}),
}
#: A unit is named where its score lies this far above that of the twin's best unit.
MARGIN = 0.1
CHARACTERS = 150_000


class Named(NamedTuple):
    """A unit with its words, what its card measured, and how its label is tested."""

    unit: str
    words: str
    measured: str
    end: str | None
    concept: Any


def named(name: str) -> Iterator[Named]:
    """The units of a bundled model that its card speaks for."""
    card = demo_card(name)
    for row in card.get("detectors", ()):
        yield from _detector(f"{row['site']}:{row['unit']}", row, row, row["twin"])
    for row in card.get("table", ()) if name == "code-sae" else ():
        yield from _detector(f"sae.1:{row['feature']['unit']}", row, row["feature"], row["untrained"])
    for row in card.get("tried", ()):
        if row["confirmed"]:
            measured = f"held at its mean: +{_short(row['gain'])} accuracy where the mark misleads"
            yield Named(f"{row['site']}:{row['unit']}", "the planted mark", measured, None, None)


def _detector(unit: str, row: dict[str, Any], scores: dict[str, Any], twin: float) -> Iterator[Named]:
    """Nothing where chance might have made as good a unit."""
    if scores["held_out"] >= twin + MARGIN:
        rises, falls, settings = _WORDS[row["property"]]
        low = scores["sign"] < 0
        measured = f"{row['measure']} {_short(scores['held_out'])}, untrained twin {_short(twin)}"
        concept = nw.python_tokens(row["property"], **settings)
        yield Named(unit, falls if low else rises, measured, "low" if low else "high", concept)


def _short(score: float) -> str:
    return f"{score:.2f}".removeprefix("0")


def held_out_source(characters: int = CHARACTERS) -> list[str]:
    """Parts of the modules that the code model was not trained on."""
    data = source(10**9)
    names = [str(name) for name in data.ids or ()]
    texts = [
        text
        for name, text in zip(names, data.documents, strict=True)
        if corpus.held_out(name.split("/")[0].split(":")[0].removesuffix(".py"))
    ]
    order = np.random.default_rng(0).permutation(len(texts))
    chosen: list[str] = []
    for place in order:
        if sum(map(len, chosen)) < characters:
            chosen.append(texts[place])
    return chosen


def held_out_digits() -> tuple[Any, list[bool]]:
    """Pictures that `digits-shortcut` was not trained on, each with the mark or without, drawn by chance."""
    import torch

    recipe = about(MODELS / "digits-shortcut.safetensors")["recipe"]
    data = digits(recipe["held_out"], recipe["seed"])
    pixels, labels = data.inputs[data.held_out], data.labels[data.held_out]
    bears = torch.from_numpy(np.random.default_rng(1).random(len(labels)) < 0.5)
    assert bears.shape == bears_mark(labels).shape
    pictures = marked(pixels, bears, torch.Generator().manual_seed(1))
    return (pictures[:, 0].clamp(0, 1) * 255).round().to(torch.uint8).numpy(), bears.tolist()


def write(name: str) -> nw.Labels:
    """Name and test the units of a model, into its file."""
    path = labels_path(name)
    path.unlink(missing_ok=True)
    live = nw.demo(name)
    labels = nw.Labels(path, author="training.labels", for_model=live)
    pictures, bears = held_out_digits() if name == "digits-shortcut" else ([], [])
    data: Any = pictures if name == "digits-shortcut" else held_out_source()
    for one in named(name):
        labels[one.unit] = one.words
        labels.add_test(one.unit, {"kind": "card", "outcome": "measured", "short": one.measured})
        concept = nw.predicate_of(bears, "the mark") if one.concept is None else one.concept
        print(labels.test(live, one.unit, concept, data, end=one.end).verdict)
    return labels


def main(arguments: list[str] | None = None) -> None:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m training.labels", description=__doc__)
    parser.add_argument("names", nargs="*", default=["code", "code-sae", "digits-shortcut"], help="which models")
    for name in parser.parse_args(arguments).names:
        print(write(name))


if __name__ == "__main__":
    main()
