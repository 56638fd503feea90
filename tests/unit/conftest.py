"""What several modules of tests begin with."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import torch


@pytest.fixture
def threads() -> Iterator[int]:
    """How many threads torch has; as many again afterwards."""
    before = torch.get_num_threads()
    yield before
    torch.set_num_threads(before)


@pytest.fixture
def one_thread(threads: int) -> None:
    """Sums are in one order, and a scan makes no pass in another thread."""
    torch.set_num_threads(1)
