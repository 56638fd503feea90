"""What holds for all tests, and what several of them begin with."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import torch
from hypothesis import HealthCheck, settings

# No test is judged by the clock: neither an example's deadline nor the time that making one takes.
settings.register_profile("without a clock", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("without a clock")


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
