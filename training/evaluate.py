"""Scores the single units of the code model: ``python -m training.evaluate code``.

A detector (which unit, which sign, which threshold) is chosen on training modules only; its score is
what it reaches on whole modules the model never saw. The untrained twin is given the advantage: its
best unit is picked on the held-out modules themselves.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from neuronwidget.analysis.directions import separation
from neuronwidget.analysis.predicates.python_source import BINARY, PROPERTIES, truth
from neuronwidget.demos import MODELS, corpus, weights
from neuronwidget.demos.architectures.code import CodeModel, encode
from neuronwidget.demos.architectures.memory import Memory
from training import cards, causes
from training.cards import Detector

BITS = 1.4426950408889634  # one nat
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Sample:
    """Windows cut from modules: ``ids [windows, tokens]``, ``labels`` of the same shape by property."""

    ids: Tensor
    labels: dict[str, NDArray[np.float64]]


def sample(modules: Iterable[corpus.Module], window: int, count: int, seed: int = 0) -> Sample:
    """Cut each module into windows, one behind the other, that begin where a line begins; draw ``count`` of them."""
    ids: list[list[int]] = []
    labels: dict[str, list[NDArray[np.float64]]] = {name: [] for name in PROPERTIES}
    for module in modules:
        properties, numbers = truth(module.text), encode(module.text)
        for start in _windows(module.text, window):
            ids.append(numbers[start : start + window])
            for name in PROPERTIES:
                labels[name].append(properties[name][start : start + window].astype(np.float64))
    chosen = np.random.default_rng(seed).permutation(len(ids))[:count]
    return Sample(
        torch.tensor([ids[i] for i in chosen]),
        {name: np.stack([values[i] for i in chosen]) for name, values in labels.items()},
    )


def _windows(text: str, window: int) -> Iterator[int]:
    start = 0
    while start + window <= len(text):
        yield start
        start = text.find("\n", start + window - 1) + 1
        if not start:
            return


def activations(model: CodeModel, ids: Tensor) -> tuple[dict[str, NDArray[np.float32]], float]:
    """What every neuron and memory channel does, ``[characters, units]`` by site; and bits per character."""
    values: dict[str, list[Tensor]] = {}
    loss: list[float] = []
    handles = [
        module.register_forward_hook(lambda _m, _i, out, site=site: values.setdefault(site, []).append(out.clone()))
        for site, module in sites(model).items()
    ]
    try:
        with torch.inference_mode():
            for batch in torch.split(ids, 16):
                logits = model(batch)
                loss.append(functional.cross_entropy(logits[:, :-1].flatten(0, 1), batch[:, 1:].flatten()).item())
    finally:
        for handle in handles:
            handle.remove()
    return {site: torch.cat(rows).flatten(0, 1).numpy() for site, rows in values.items()}, float(np.mean(loss)) * BITS


def sites(model: CodeModel) -> dict[str, nn.Module]:
    """Short names, as in `live.sites`, of the places with units, and the modules whose outputs they are."""
    named: dict[str, nn.Module] = {}
    for name, module in model.named_modules():
        parts = name.split(".")
        if isinstance(module, Memory):
            named[f"state.{parts[1]}"] = module
        elif parts[-1] == "act":
            named[f"mlp.{parts[1]}"] = module
    return named


def scores(units: NDArray[np.float32], labels: NDArray[np.float64], name: str) -> Floats:
    """Signed score of each unit, ``[units]`` in -1…1: 2 · AUROC - 1 for the binary properties, Pearson's r else."""
    if name in BINARY:
        return np.array([2 * auroc(column, labels > 0) - 1 for column in units.T])
    return np.array([correlation(column, labels) for column in units.T])


def correlation(values: NDArray[np.float32], labels: Floats) -> float:
    """Pearson's r; 0 where either never changes."""
    one, other = values - values.mean(dtype=np.float64), labels - labels.mean()
    power = float(np.sqrt((one @ one) * (other @ other)))
    return float(one @ other) / power if power else 0.0


def auroc(values: NDArray[np.float32], positive: NDArray[np.bool_]) -> float:
    """`separation.auroc` of positives and the others; .5 where one of the two is missing."""
    those, others = np.sort(values[positive]), values[~positive]  # numbers in order are looked up sooner
    return separation.auroc(those, others) if len(those) and len(others) else 0.5


def best_threshold(values: NDArray[np.float32], positive: NDArray[np.bool_], sign: int) -> float:
    """The value that maximises (share of positives caught) - (share of others caught)."""
    order = np.argsort(-sign * values, kind="stable")
    ordered, hits = values[order], positive[order]
    gain = np.cumsum(hits) / max(hits.sum(), 1) - np.cumsum(~hits) / max((~hits).sum(), 1)
    gain[:-1][ordered[:-1] == ordered[1:]] = -1  # a cut between equal values is none
    return float(ordered[int(np.argmax(gain))])


def shown(score: float, name: str) -> float:
    """The size of a signed score in its own measure: AUROC, or ``|r|``."""
    return (1 + abs(score)) / 2 if name in BINARY else abs(score)


def detectors(
    model: CodeModel, twin: CodeModel, choose: Sample, judge: Sample
) -> tuple[list[Detector], dict[str, float]]:
    """One detector a property, chosen on ``choose`` and scored on ``judge``; and bits per character."""
    # one pass at a time: the activations of a few hundred windows are gigabytes
    units, bits_training = activations(model, choose.ids)
    picked = [_pick(units, choose.labels[name].ravel(), name) for name in PROPERTIES]
    units, bits = activations(model, judge.ids)
    held_out = [
        float(sign * scores(units[site][:, [unit]], judge.labels[name].ravel(), name)[0])
        for name, (site, unit, sign, _, _) in zip(PROPERTIES, picked, strict=True)
    ]
    units, bits_twin = activations(twin, judge.ids)
    twins = [_pick(units, judge.labels[name].ravel(), name)[-1] for name in PROPERTIES]
    found = [
        Detector(
            property=name,
            site=site,
            unit=unit,
            sign=sign,
            threshold=threshold,
            measure="AUROC" if name in BINARY else "|r|",
            training=shown(best, name),
            # the sign was chosen, so a detector that turns round on new modules scores below chance
            held_out=(1 + judged) / 2 if name in BINARY else judged,
            twin=shown(of_twin, name),
        )
        for name, (site, unit, sign, threshold, best), judged, of_twin in zip(
            PROPERTIES, picked, held_out, twins, strict=True
        )
    ]
    return found, {"training": bits_training, "held_out": bits, "untrained": bits_twin}


def _pick(
    units: dict[str, NDArray[np.float32]], labels: Floats, name: str
) -> tuple[str, int, int, float | None, float]:
    """The best unit for one property: its site, number, sign, threshold and size of score."""
    table = {site: scores(values, labels, name) for site, values in units.items()}
    site = max(table, key=lambda each: float(np.abs(table[each]).max()))
    unit = int(np.abs(table[site]).argmax())
    sign = 1 if table[site][unit] >= 0 else -1
    threshold = best_threshold(units[site][:, unit], labels > 0, sign) if name in BINARY else None
    return site, unit, sign, threshold, float(abs(table[site][unit]))


def main(arguments: list[str] | None = None) -> None:
    """The command line: measure a model file and write its card beside it."""
    parser = argparse.ArgumentParser(prog="python -m training.evaluate", description=__doc__)
    parser.add_argument("name", choices=["code"], help="which model")
    default = MODELS / "code.safetensors"
    parser.add_argument("--model", type=Path, default=default, help="the model file (%(default)s)")
    parser.add_argument("--windows", type=int, default=300, help="windows for choosing, and for judging (%(default)s)")
    options = parser.parse_args(arguments)
    model, twin = weights.read(options.model), weights.twin(options.model)
    training, held_out = corpus.split(corpus.modules())
    choose, judge = (sample(each, model.config.context, options.windows) for each in (training, held_out))
    best, bits = detectors(model, twin, choose, judge)
    card = cards.describe(options.model, model, best, bits, training, held_out, options.windows)
    print(cards.table(card))
    card |= causes.measured(card, training, held_out)
    cards.write(card, options.model)


if __name__ == "__main__":
    main()
