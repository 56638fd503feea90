"""A real kernel of each ipykernel version, with a small model in it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.kernel.page import Page

VERSIONS = ("6.31.0", "7.3.0", "7.4.0")

MODEL = '''
import gc, os, threading, weakref
import torch
import neuronwidget as nw
from torch import nn

class Tiny(nn.Module):
    """Two layers over bytes; a text with "!" makes it raise, one with "?" makes it wait for `gate`."""

    def __init__(self):
        super().__init__()
        torch.manual_seed(0)
        self.embed = nn.Embedding(256, 8)
        self.first = nn.Linear(8, 12)
        self.second = nn.Linear(12, 6)
        self.inside, self.gate = threading.Event(), threading.Event()
        self.finished = []

    def forward(self, ids):
        if (ids == ord("!")).any():
            raise RuntimeError("the model dislikes exclamation marks")
        if (ids == ord("?")).any():
            self.inside.set()
            self.gate.wait()
        out = self.second(torch.relu(self.first(self.embed(ids))))
        self.finished.append(bytes(ids[0].tolist()).decode())
        return out

inputs = nw.TextInputs(
    encode=lambda text: list(text.encode("utf-8")),
    decode=lambda ids: bytes(ids).decode("utf-8", "replace"),
)
model = Tiny()
live = nw.attach(model, inputs=inputs)
'''


AWAY = """
import ipywidgets
if "model" in globals():
    model.gate.set()
ipywidgets.Widget.close_all()
"""


@pytest.fixture(scope="module", params=VERSIONS)
def kernel(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    """A running kernel; the tests of a file share it, since importing torch takes seconds."""
    page = Page(request.param, tmp_path_factory.mktemp("kernel"))
    yield page
    page.shut_down()


@pytest.fixture
def page(kernel: Page) -> Page:
    """A kernel without widgets, in which `live` is a fresh live model of two small layers."""
    kernel.run(AWAY)
    kernel.run(MODEL)
    return kernel
