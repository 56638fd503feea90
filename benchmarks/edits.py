"""Passes with edits against full passes: `python -m benchmarks.edits`."""

from __future__ import annotations

import itertools

import torch

import neuronwidget as nw
from benchmarks.models import gpt2_small_shape, gpt2_small_transformers, token_ids
from benchmarks.timing import HEADER, compare, machine
from neuronwidget.analysis.cause.controls import compare_with_random
from neuronwidget.live.capture import capture, of_tokens, rows
from neuronwidget.live.replica.replica import WHOLE
from neuronwidget.live.resume import Resume

TOKENS = 256
#: The first layer of the last quarter of the depth: an edit further behind costs less.
LAYER = 9


def main() -> None:
    print(machine())
    print(HEADER)
    for make in (gpt2_small_transformers, gpt2_small_shape):
        measure(make())


def measure(live: nw.LiveModel) -> None:
    ids = token_ids(TOKENS)
    text, site = " ".join(map(str, ids)), f"mlp.{LAYER}"
    name = f"{live.name}, {TOKENS} tokens"

    def whole() -> object:
        with live.running(whole=True):
            return live.run_given(ids)

    resume, factors = Resume(live), itertools.count(2)

    def slider() -> None:
        factor = next(factors)
        edited = live.edited(nw.Edit(site, lambda values: values * factor))
        resume.run(edited, ids, live.sites.defaults, whole=True)

    slider()
    result = compare(slider, whole)
    assert resume.resumed
    print(result.row(f"{name}: edit of {site}, all MLP sites and the output / full pass", "≤ 0.50"), flush=True)

    def controls() -> None:
        compare_with_random(live, text, [_off(site, 7)])

    result = compare(controls, whole, rounds=7, warmup=1)
    print(result.row(f"{name}: an edit of {site} and 20 controls / full pass", "≤ 8"), flush=True)

    def record() -> object:
        return live.record(text)

    def before_there_were_edits() -> object:
        tokens, sites = live.inputs.tokens(text), live.sites.defaults
        with live._replica.running(max(map(live._depth_of, sites), default=WHOLE)) as parts:
            tensors, _ = capture(parts, lambda: live.run_given(tokens.ids), sites)
            return {site: of_tokens(site, rows(site, tensor), TOKENS) for site, tensor in tensors.items()}

    result = compare(record, before_there_were_edits, rounds=25)
    print(result.row(f"{name}: recording without an edit / before there were edits", "≤ 1.03"), flush=True)


def _off(site: str, unit: int) -> nw.Edit:
    def off(values: torch.Tensor) -> torch.Tensor:
        values[:, unit] = 0
        return values

    return nw.Edit(site, off)


if __name__ == "__main__":
    main()
