"""Finds the units that carry a shortcut: screened on pictures that were trained on, confirmed on others.

A unit that feeds a wrong answer differs between wrong and right answers whether or not it is a shortcut, so that alone
proves nothing. A unit is called a carrier only if holding it at its mean makes more held-out pictures right than
chance allows (a bootstrap interval, corrected for the number of units tried) and than it does with random units.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

Floats = NDArray[np.float64]

TRIED, RANDOM, DRAWS = 5, 20, 2_000


@dataclass(frozen=True)
class Carrier:
    """A unit that was tried: what holding it at its mean does to the held-out accuracy, and what random units do."""

    site: str
    unit: int
    difference: float
    """Largest difference of medians between wrong and right answers, over the classes, in deviations of the unit."""
    gain: float
    low: float
    high: float
    random: float
    """The largest gain by one of some random units of the same site."""
    cost: float
    """What is lost of the accuracy on held-out pictures that are marked as in training."""
    confirmed: bool


def responses(model: nn.Module, sites: Mapping[str, nn.Module], pixels: Tensor) -> dict[str, Tensor]:
    """What the units of each site do, as the model computes it, by site."""
    kept: dict[str, Tensor] = {}
    handles = [
        module.register_forward_hook(lambda _m, _i, out, site=site: kept.__setitem__(site, out.clone()))
        for site, module in sites.items()
    ]
    try:
        with torch.no_grad():
            model(pixels)
    finally:
        for handle in handles:
            handle.remove()
    return kept


@contextmanager
def held(module: nn.Module, units: list[int], values: list[float]) -> Iterator[None]:
    """Hold some units of a module's output at fixed values, at all positions."""

    def hold(_: nn.Module, args: object, out: Tensor) -> Tensor:
        out = out.clone()
        for unit, value in zip(units, values, strict=True):
            out[:, unit] = value
        return out

    handle = module.register_forward_hook(hold)
    try:
        yield
    finally:
        handle.remove()


def right(model: nn.Module, pixels: Tensor, labels: Tensor) -> Tensor:
    """Which pictures are read rightly: [pictures]."""
    with torch.no_grad():
        right: Tensor = model(pixels).argmax(1) == labels
    return right


def screen(
    model: nn.Module, sites: Mapping[str, nn.Module], pixels: Tensor, labels: Tensor
) -> list[tuple[float, str, int]]:
    """All units by how much they differ between wrong and right answers to pictures of one class; largest first."""
    good = right(model, pixels, labels)
    scores = []
    for site, values in responses(model, sites, pixels).items():
        flat = values.flatten(2).amax(2) if values.ndim > 2 else values
        spread = flat.std(0).clamp_min(1e-6)
        best = torch.zeros(flat.shape[1])
        for label in sorted(set(labels.tolist())):
            wrong_ones, right_ones = flat[(labels == label) & ~good], flat[(labels == label) & good]
            if min(len(wrong_ones), len(right_ones)) >= 5:
                difference = wrong_ones.median(0).values - right_ones.median(0).values
                best = torch.maximum(best, difference.abs() / spread)
        scores += [(float(score), site, unit) for unit, score in enumerate(best)]
    return sorted(scores, key=lambda entry: (-entry[0], entry[1], entry[2]))


def carriers(
    model: nn.Module,
    sites: Mapping[str, nn.Module],
    trained_on: tuple[Tensor, Tensor],
    moved: tuple[Tensor, Tensor],
    usual: tuple[Tensor, Tensor],
    seed: int = 0,
) -> list[Carrier]:
    """The units tried, the confirmed ones first.

    `known`: pictures that were trained on, with the mark on a random half, and labels: there units are chosen, by the
    screen and then by their gain, and means are taken. `moved`: held-out pictures with the mark on the wrong classes;
    they take no part in choosing. `usual`: held-out pictures as those trained on.
    """
    source = np.random.default_rng(seed)
    means = {s: _means(v) for s, v in responses(model, sites, trained_on[0]).items()}
    ranked = screen(model, sites, *trained_on)
    screened = ranked[: len(ranked) // 2]
    gains = [float(_with(model, sites, site, unit, means, *trained_on).mean()) for _, site, unit in screened]
    before = right(model, *moved).double()
    carriers = []
    tried = [screened[at] for at in np.argsort(-np.array(gains), kind="stable")[:TRIED]]
    for difference, site, unit in tried:
        change = (_with(model, sites, site, unit, means, *moved) - before).numpy()
        resampled = change[source.integers(0, len(change), (DRAWS, len(change)))].mean(1)
        tail = 2.5 / TRIED
        low, high = np.percentile(resampled, [tail, 100 - tail])
        others = [u for u in range(len(means[site])) if (site, u) not in {(s, v) for _, s, v in tried}]
        picked = source.permutation(others)[:RANDOM]
        by_chance = max(float((_with(model, sites, site, int(u), means, *moved) - before).mean()) for u in picked)
        gain = float(change.mean())
        confirmed = bool(low > 0 and gain > by_chance)
        cost = float((right(model, *usual).double() - _with(model, sites, site, unit, means, *usual)).mean())
        carriers.append(Carrier(site, unit, difference, gain, float(low), float(high), by_chance, cost, confirmed))
    return sorted(carriers, key=lambda carrier: (not carrier.confirmed, -carrier.gain))


def accuracy_without(
    model: nn.Module,
    sites: Mapping[str, nn.Module],
    units: list[tuple[str, int]],
    pixels: Tensor,
    asked: tuple[Tensor, Tensor],
) -> float:
    """Accuracy with several units held at the means they have on `known`."""
    means = {s: _means(v) for s, v in responses(model, sites, pixels).items()}
    with _all_held(sites, units, means):
        return float(right(model, *asked).double().mean())


@contextmanager
def _all_held(sites: Mapping[str, nn.Module], units: list[tuple[str, int]], means: dict[str, Tensor]) -> Iterator[None]:
    with ExitStack() as stack:
        for site, module in sites.items():
            mine = [unit for place, unit in units if place == site]
            stack.enter_context(held(module, mine, [float(means[site][unit]) for unit in mine]))
        yield


def _with(
    model: nn.Module,
    sites: Mapping[str, nn.Module],
    site: str,
    unit: int,
    means: dict[str, Tensor],
    pixels: Tensor,
    labels: Tensor,
) -> Tensor:
    """Which pictures are read rightly with one unit held at its mean, as 0 and 1."""
    with held(sites[site], [unit], [float(means[site][unit])]):
        return right(model, pixels, labels).double()


def _means(values: Tensor) -> Tensor:
    """Of each unit the mean over pictures and positions: [units]."""
    return values.transpose(0, 1).flatten(1).mean(1)
