"""Hooks see and change what they should, in order, for one thread, and leave nothing behind."""

import threading
from typing import Any

import pytest
import torch
from torch import nn

from neuronwidget.live.hooks import Hooks


def test_editors_come_before_observers_and_in_their_own_order() -> None:
    part, seen = nn.Identity(), []
    with Hooks() as hooks:
        hooks.observe(part, "out", lambda output: seen.append(output.item()))
        hooks.edit(part, "out", lambda output: output + 1)
        hooks.edit(part, "out", lambda output: output * 10)
        assert part(torch.tensor(2.0)).item() == 30
    assert seen == [30]
    assert part(torch.tensor(2.0)).item() == 2


def test_what_goes_in_can_be_seen_and_changed() -> None:
    class Part(nn.Module):
        def forward(self, x: torch.Tensor, *, times: float) -> torch.Tensor:
            return x * times

    part, seen = Part(), []

    def double(given: Any) -> Any:
        (x,), words = given
        return (x, ), {"times": 2 * words["times"]}  # fmt: skip

    with Hooks() as hooks:
        hooks.edit(part, "in", double)
        hooks.observe(part, "in", lambda given: seen.append(given[1]["times"]))
        assert part(torch.tensor(3.0), times=2.0).item() == 12
    assert seen == [4.0]


def test_an_observer_may_be_before_the_owners_own_hooks() -> None:
    part, seen = nn.Identity(), []
    part.register_forward_hook(lambda _, __, output: output + 5)
    with Hooks() as hooks:
        hooks.observe(part, "out", lambda output: seen.append(("first", output.item())), first=True)
        hooks.observe(part, "out", lambda output: seen.append(("last", output.item())))
        part(torch.tensor(1.0))
    assert seen == [("first", 1.0), ("last", 6.0)]
    assert len(part._forward_hooks) == 1, "the owner's own stays"


def test_other_threads_see_nothing_but_the_gate() -> None:
    part, seen, waited, outputs = nn.Identity(), [], [], []
    with Hooks() as hooks:
        hooks.observe(part, "out", seen.append)
        hooks.edit(part, "out", lambda output: output + 1)
        hooks.gate(part, lambda: waited.append(threading.current_thread()))
        other = threading.Thread(target=lambda: outputs.append(part(torch.tensor(1.0)).item()))
        other.start()
        other.join()
        assert (seen, waited, outputs) == ([], [other], [1.0])
        assert part(torch.tensor(1.0)).item() == 2
    assert len(seen) == 1
    assert waited == [other]


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt])
def test_they_are_gone_whatever_happens(error: type[BaseException]) -> None:
    part = nn.Identity()

    def fail(_: object) -> None:
        raise error

    with pytest.raises(error), Hooks() as hooks:  # noqa: PT012
        hooks.observe(part, "in", fail)
        hooks.edit(part, "out", lambda output: output)
        part(torch.ones(1))
    assert not part._forward_hooks
    assert not part._forward_pre_hooks
