"""An edit in the last 8 of 512 tokens against the full recording: `python -m benchmarks.reuse`."""

from __future__ import annotations

import itertools

import neuronwidget as nw
from benchmarks.models import gpt2_small_shape, token_ids
from benchmarks.timing import HEADER, compare, machine


def main() -> None:
    print(machine())
    print(HEADER)
    demo = nw.demo("code")
    measure(gpt2_small_shape(), token_ids(512), token_ids(1000, seed=1))
    source = "def greet(name):\n    return f'hello {name}'  # a string\n" * 12
    measure(demo, demo.inputs.tokens(source[:512]).ids, demo.inputs.tokens("abcdefgh").ids)


def measure(live: nw.LiveModel, ids: list[int], others: list[int]) -> None:
    """`others`: what the token eight from the end becomes, one after the other, so that no two edits are alike."""
    sites = live.sites.defaults
    kept, fresh = live.reader(), live.reader()
    turns = itertools.cycle(others)

    def edited() -> list[int]:
        return [*ids[:-8], next(turns), *ids[-7:]]

    def edit() -> None:
        kept.read(edited(), sites)

    def whole() -> None:
        fresh.forget()
        fresh.read(edited(), sites)

    kept.read(ids, sites)
    result = compare(edit, whole)
    assert kept.reused == 504, kept.reused
    name = f"{live.name}: edit in the last 8 of 512 tokens / full recording, all sites"
    print(result.row(name, "≤ 0.20"), flush=True)


if __name__ == "__main__":
    main()
