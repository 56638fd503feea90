"""Base of the probes of inputs of one size."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from neuronwidget.analysis.kinds.probe import Probe
from neuronwidget.live.errors import AttachError
from neuronwidget.live.inputs.tensors import main_tensor
from neuronwidget.live.resume import Resume
from neuronwidget.live.structure.sites import Site


class TensorProbe(Probe):
    """An input of one size, as the model is given it."""

    def __init__(self, live: Any, given: Any) -> None:
        self._live, self.given = live, given

    def _take(self, live: Any) -> None:
        self._live = live

    def values(self, given: Any, site: Site) -> Tensor:
        values: Tensor = self._live.see(given, [site]).values[site]
        return values

    def outputs(self, given: Any) -> Tensor:
        self._check_classes()
        with self._live.running(whole=True):
            return self.outputs_of(self._live.feed([given]))

    def resumed(self, resume: Resume, edited: Any, overtaken: Callable[[], bool] | None = None) -> Tensor:
        self._check_classes()
        return self.outputs_of(resume.run(edited, [self.given], whole=True, overtaken=overtaken).output)

    def _check_classes(self) -> None:
        if not self._live.classes:
            raise AttachError(
                f"{self._live.name} tells no classes apart: its outputs have no probabilities. Name a unit."
            )

    def numbers(self, given: Any) -> Tensor:
        return main_tensor(given)

    def run(self, numbers: Tensor) -> object:
        with self._live.running(whole=True), torch.enable_grad():
            returned: object = self._live.feed([self._with(numbers)])
        return returned

    def outputs_of(self, returned: object) -> Tensor:
        logarithms: Tensor = self._live.log_probabilities(self._live.said(returned))[0]
        return logarithms

    def _with(self, numbers: Tensor) -> Any:
        """The input with other numbers in its main tensor."""
        if isinstance(self.given, Tensor):
            return numbers
        main = main_tensor(self.given)
        return {name: numbers if value is main else value for name, value in self.given.items()}
