"""Attaching a model of 124 M parameters: `python -m benchmarks.attach`."""

from __future__ import annotations

import resource

import torch

import neuronwidget as nw
from benchmarks.models import words
from benchmarks.timing import HEADER, compare, machine


def main() -> None:
    from transformers import GPT2Config, GPT2LMHeadModel

    torch.manual_seed(0)
    module = GPT2LMHeadModel(GPT2Config()).eval()
    size = sum(parameter.numel() for parameter in module.parameters())
    inputs = words(1024)
    held: list[nw.LiveModel] = []

    def attach() -> None:
        held.append(nw.attach(module, inputs=inputs))

    ids = torch.tensor([[1, 2, 3, 4, 5, 6, 7]])

    def bare() -> None:
        with torch.no_grad():
            module(ids, use_cache=False)

    places = {name: value.data_ptr() for name, value in module.state_dict().items()}
    attach()  # imports what is imported once
    before = _peak()
    result = compare(attach, bare, rounds=11)
    grown = _peak() - before
    assert {name: value.data_ptr() for name, value in module.state_dict().items()} == places
    print(machine())
    print(HEADER)
    name = (
        f"attach transformers GPT-2 small ({size / 1e6:.0f} M) / bare forward of 7 tokens; {grown:.0f} MB more memory"
    )
    print(result.row(name, "≤ 300 ms"))


def _peak() -> float:
    """The most memory this process has had, MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3


if __name__ == "__main__":
    main()
