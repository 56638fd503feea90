"""The live model for inputs of one size: pictures, and rows of tables."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from neuronwidget.live.capture import capture, rows
from neuronwidget.live.errors import AttachError, BusyError
from neuronwidget.live.inputs.tensors import TensorInputs, noise_like
from neuronwidget.live.model import LiveModel
from neuronwidget.live.recording import Recording
from neuronwidget.live.replica.replica import WHOLE
from neuronwidget.live.structure.discover_tensors import discover_tensors
from neuronwidget.live.structure.receptive_fields import Fields, receptive_fields
from neuronwidget.live.structure.sites import Site, SiteTable
from neuronwidget.live.tensors import describe_output

Floats = NDArray[np.float32]
_TOGETHER = 32  # inputs of one pass, in sweeps


@dataclass(frozen=True)
class Seen:
    """What one input did: values by site, [positions, units]; class probabilities [classes] where there are any."""

    values: dict[Site, Tensor]
    classes: Tensor | None


class TensorModel(LiveModel):
    """A live model whose input is a picture or a row. Made by `neuronwidget.attach(module, inputs=…)`.

    Examples
    --------
    >>> from neuronwidget.live.inputs.image import ImageInputs
    >>> module = nn.Sequential(nn.Conv2d(1, 4, 3), nn.ReLU(), nn.Flatten(), nn.Linear(4 * 36, 2))
    >>> live = TensorModel(module, ImageInputs(size=8, channels=1))
    >>> recording = live.record(np.zeros((8, 8), np.uint8))
    >>> recording["conv.0"].shape, recording.grid("conv.0"), recording["dense.0"].shape
    (torch.Size([36, 4]), (6, 6), torch.Size([1, 2]))
    """

    inputs: TensorInputs

    def __init__(self, module: nn.Module, inputs: TensorInputs, **settings: Any) -> None:
        """`settings`: those of `LiveModel`."""
        super().__init__(module, inputs, **settings)
        self._fields: dict[Site, Fields | None] = {}
        #: About how long finding the receptive fields of a site may take.
        self.field_seconds = 2.0

    # ---- looking ---------------------------------------------------------------------------------------

    def _record(self, x: Any, sites: list[Site], focus: int | None, overtaken: Callable[[], bool] | None) -> Recording:
        """Of inputs of one size; `recording.grid(site)` tells how positions lie on a picture."""
        seen = self.see(self.inputs.prepare(x), sites, overtaken=overtaken)
        return Recording(self.sites, seen.values, [], (0, 1, 1))

    def see(
        self,
        prepared: Any,
        sites: Sequence[Site],
        *,
        classes: bool = False,
        overtaken: Callable[[], bool] | None = None,
    ) -> Seen:
        """Run the model on one prepared input; no deeper than `sites`, unless class probabilities are wanted."""
        wanted = classes and self.classes > 0
        with self.running(sites, whole=wanted) as parts:
            tensors, output = capture(
                parts,
                lambda: self.feed([prepared]),
                sites,
                stop=not wanted,
                overtaken=overtaken,
                checkpoints=self.sites.defaults,
            )
            values = {site: rows(site, tensor) for site, tensor in tensors.items()}
        return Seen(values, self.probabilities(output)[0] if wanted else None)

    def given(self, x: Any) -> list[Any]:
        """The one input, prepared."""
        return [self.inputs.prepare(x)]

    def batches(self, inputs: Sequence[Any]) -> list[tuple[list[Any], int]]:
        step = _TOGETHER if self.takes_many else 1
        pieces = [inputs[start : start + step] for start in range(0, len(inputs), step)]
        return [([self.inputs.prepare(x) for x in piece], len(piece)) for piece in pieces]

    def sample_given(self) -> list[Any]:
        return self.given(self.inputs.samples()[0])

    def run_given(self, given: list[Any]) -> object:
        return self.feed(given)

    def rows_of(self, site: Site, tensor: Tensor, given: list[Any]) -> Tensor:
        """Rows of a site; of several inputs those of the first."""
        if site.layout is None or len(given) == 1:
            return rows(site, tensor)
        return rows(site, tensor.narrow(site.layout.batch, 0, tensor.shape[site.layout.batch] // len(given)))

    def said(self, output: object) -> Tensor:
        """One row of numbers an input: [inputs, outputs]."""
        numbers = describe_output(output)
        assert numbers is not None
        return numbers

    def sweep(
        self, prepared: Sequence[Any], units: Mapping[Site, Sequence[int]]
    ) -> tuple[dict[Site, Floats], Floats | None]:
        """Run the model on many prepared inputs: [inputs, positions, units] of each site, [inputs, classes]."""
        values: dict[Site, list[Tensor]] = {site: [] for site in units if site.layout is not None}
        classes = []
        step = _TOGETHER if self.takes_many else 1
        for start in range(0, len(prepared), step):
            some = prepared[start : start + step]
            with self.running(whole=True) as parts:
                tensors, output = capture(
                    parts,
                    lambda some=some: self.feed(some),  # type: ignore[misc]
                    list(values),
                    stop=False,
                )
            for site, pieces in values.items():
                assert site.layout is not None
                positions = site.layout.rows(tensors[site], len(some))
                if site.read is not None:
                    positions = torch.stack([site.read(one) for one in positions])
                pieces.append(positions[:, :, list(units[site])].to("cpu", torch.float32))
            if self.classes:
                classes.append(self.probabilities(output))
        swept = {site: torch.cat(pieces).numpy() for site, pieces in values.items()}
        return swept, torch.cat(classes).numpy() if classes else None

    def _predicted(self, x: Any, k: int) -> tuple[str, list[list[tuple[str, float]]]]:
        if not self.classes:
            raise AttachError(f"{self.name} does not tell classes apart: its output is no row of one number a class.")
        classes = self.see(self.inputs.prepare(x), [], classes=True).classes
        assert classes is not None
        best = classes.topk(min(k, len(classes)))
        names = self.inputs.names(len(classes))
        return "class", [list(zip([names[i] for i in best.indices], best.values.tolist(), strict=True))]

    @property
    def class_names(self) -> list[str]:
        """What the model tells apart; empty where its output is something else."""
        return self.inputs.names(max(2, self.classes)) if self.classes else []

    def probabilities(self, output: object) -> Tensor:
        """Class probabilities [inputs, classes] from what the module returned."""
        numbers = self.said(output).detach().to("cpu", torch.float32)
        if numbers.shape[1] == 1:
            odds = numbers if self._is_probable else numbers.sigmoid()
            return torch.cat([1 - odds, odds], 1)
        return numbers if self._is_probable else numbers.softmax(1)

    def log_probabilities(self, outputs: Tensor) -> Tensor:
        """Logarithms of probabilities; of one number alone those of "no" and "yes".

        Gradients are kept, and what is all but sure keeps its distance from what is.
        """
        numbers = outputs.to("cpu", torch.float32)
        if self._is_probable:
            shares = torch.cat([1 - numbers, numbers], 1) if numbers.shape[1] == 1 else numbers
            return shares.clamp_min(1e-30).log()
        return torch.cat([torch.zeros_like(numbers), numbers] if numbers.shape[1] == 1 else [numbers], 1).log_softmax(1)

    def field(self, site: Site, position: int) -> tuple[int, int, int, int] | None:
        """The part of the picture that can reach a position: left, top, right, bottom in pixels the model sees.

        None where it is not known. Found by running the model, for up to `field_seconds`; kept for the next time.
        """
        if self.inputs.picture is None or site.layout is None:
            return None
        if site not in self._fields:
            self._fields[site] = receptive_fields(self.unedited, site, self.field_seconds)
        fields = self._fields[site]
        return None if fields is None else fields.box(position)

    def feed(self, prepared: Sequence[Any]) -> object:
        """Run the model on prepared inputs. Call it inside `running`."""
        first = next((p for p in self.module.parameters() if p.is_floating_point()), None)
        dtype = torch.float32 if first is None else first.dtype
        return self.run(*self.inputs.arguments(prepared, self.device, dtype))

    # ---- attaching -------------------------------------------------------------------------------------

    def _discover(self) -> SiteTable:
        prepared = [self.inputs.prepare(value) for value in self.inputs.samples()]

        def run(count: int) -> object:
            return self.feed([*prepared, *noise_like(prepared[0], count - len(prepared))][:count])

        try:
            with self._replica.running(WHOLE) as parts:
                structure = discover_tensors(parts, run, self.inputs.picture)
        except (AttachError, BusyError):
            raise
        except Exception as error:
            raise AttachError(
                f"The model raised {type(error).__name__} on a sample input ({error}). It was given "
                f"{_described(prepared[0])}; if it takes something else, say with preprocess= how that is made."
            ) from error
        if not len(structure.sites):
            raise AttachError("No part of the model gave a tensor that depends on the input.")
        names, outputs = self.inputs.classes, structure.classes
        if names is not None and outputs and len(names) != max(2, outputs):
            raise AttachError(f"classes= names {len(names)} classes, but the model's output has {outputs} numbers.")
        self.takes_many, self._is_probable = structure.takes_many, structure.is_probable
        self.classes = 0 if outputs == 1 and names is None else outputs  # one number alone is no choice
        self.predicts = "whole" if self.classes > 1 else ""
        return structure.sites


def _described(prepared: Any) -> str:
    if isinstance(prepared, Tensor):
        return f"a tensor {list(prepared.shape)}"
    return "tensors " + ", ".join(f"{name} {list(tensor.shape)}" for name, tensor in prepared.items())
