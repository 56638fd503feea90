"""Reading: what units of a site read, by the matrix or convolution before them, found by trying, not from names.

A part of the model makes a site's units one by one if another output of it for one unit changes that unit and no other.
Where these parts are all that a unit is made of, it reads what goes into them, by its own weights. Units of the stream
are made of more, since a layer only adds to it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from neuronwidget.analysis.steps import Step, Steps
from neuronwidget.live.capture import CaptureError, capture, laid_out
from neuronwidget.live.hooks import Hooks
from neuronwidget.live.replica.devices import home
from neuronwidget.live.structure.parts import is_convolution, takes_rows
from neuronwidget.live.structure.sites import Site
from neuronwidget.live.tensors import first_tensor

if TYPE_CHECKING:
    from neuronwidget.live.model import LiveModel

_NEAR = 1e-5
Floats = np.ndarray[Any, np.dtype[np.float32]]


@dataclass(frozen=True)
class Reading:
    """Where what a unit reads is recorded, and how it counts.

    Attributes
    ----------
    words
        What that is, as a result says it.
    places
        What is recorded: what goes into a part of the model, or the site itself.
    weights
        Of each of these the weights of all units [inputs, units], or None where nothing is known of them.
    kernels
        Of each the convolution that it goes into, whose windows are what is read; None for a matrix.
    """

    words: str
    places: tuple[Site, ...]
    weights: tuple[Tensor | None, ...]
    kernels: tuple[nn.Module | None, ...]

    def rows(self, place: int, tensor: Tensor) -> Tensor:
        """What a place held on one input as float32 [positions, inputs of a unit], on the CPU."""
        kernel = self.kernels[place]
        if self.weights[place] is None:
            return laid_out(self.places[place], tensor).to("cpu", torch.float32)
        if kernel is None:
            return tensor.flatten(0, -2).to("cpu", torch.float32)
        return _windows(kernel, tensor).to("cpu", torch.float32)

    def embed(self, vectors: Sequence[Floats], units: Sequence[int]) -> Floats:
        """What a unit, or several as if they were one, read of vectors [n, inputs] of each place: [n, dimensions]."""
        parts = []
        for rows, weights in zip(vectors, self.weights, strict=True):
            if weights is None:
                others = rows.copy()
                others[:, list(units)] = 0
                parts.append(others)
            else:
                parts.append(rows * weights[:, list(units)].sum(1).numpy())
        return np.concatenate(parts, 1)


def reading_steps(live: LiveModel, site: Site, given: Any) -> Steps[Reading]:
    """What the units of a site read, a part of the model a step. `given`: an input on which it is tried."""
    try:
        with live.running(whole=True):
            paths = list(_makers(live, site))
        parts = []
        for number, path in enumerate(paths):
            with live.running(whole=True), torch.no_grad():
                parts += [path] if _makes(live, site, path, given) else []
            yield Step(number + 1, len(paths))
        with live.running(whole=True), torch.no_grad():
            if parts and _settle(live, site, parts, given):
                weights, kernels = zip(*(_read(live, path) for path in parts), strict=True)
                places = tuple(Site(f"{path}.in", path, "in") for path in parts)
                words = f"what goes into {', '.join(parts)}, times the unit's weights there"
                return Reading(words, places, weights, kernels)
    except CaptureError:
        pass
    return Reading(f"what all other units of {site.name} do", (site,), (None,), (None,))


def _makers(live: LiveModel, site: Site) -> Iterator[str]:
    """Parts whose outputs may be a site's units, each one of them."""
    if site.read is not None or site.pick is not None or site.steps is not None or site.call:
        return
    for path, module in live.parts.items():
        fits = takes_rows(module) or (is_convolution(module) and _plain(module))
        if fits and not (path == site.module and site.side == "in") and _outputs(module) == site.width:
            yield path


def _outputs(module: nn.Module) -> int:
    """How many outputs a matrix or a convolution has; 0 where it is not told."""
    for name in ("out_features", "out_channels", "nf"):
        number = getattr(module, name, None)
        if isinstance(number, int):
            return number
    return 0


def _plain(module: nn.Module) -> bool:
    """A convolution over pictures whose windows can be cut out: of one group, filled up with zeros."""
    return (
        isinstance(module, nn.Conv2d)
        and module.groups == 1
        and module.padding_mode == "zeros"
        and not isinstance(module.padding, str)
    )


def _makes(live: LiveModel, site: Site, path: str, given: Any) -> bool:
    """Does another output of a part for one unit change that unit of the site, where it stood, and nothing else?"""
    before = _values(live, site, given)
    position, unit = divmod(int(before.abs().argmax()), before.shape[1])
    with Hooks() as hooks:
        hooks.edit(live.parts[path], "out", _other(live, path, site, unit, 1.5))
        after = _values(live, site, given)
    change = (after - before).abs()
    scale = float(before.abs().max().clamp_min(1e-30))
    others = change.clone()
    others[:, unit] = 0
    return float(change[position, unit]) > _NEAR * scale and float(others.max()) <= _NEAR * scale


def _settle(live: LiveModel, site: Site, paths: Sequence[str], given: Any) -> bool:
    """Is a unit the same everywhere, on two inputs, where these parts give one number for it: is it made of no more?"""
    unit = int(_values(live, site, given).abs().amax(0).argmax())
    with Hooks() as hooks:
        for path in paths:
            hooks.edit(live.parts[path], "out", _other(live, path, site, unit, 0.0))
        there = torch.cat([_values(live, site, each)[:, unit] for each in (given, live.sample_given())])
    return float(there.max() - there.min()) <= _NEAR * float(there.abs().max().clamp_min(1e-30))


def _other(live: LiveModel, path: str, site: Site, unit: int, factor: float) -> Any:
    """An editor of what a part gives for one unit: times a factor, and one more; 0 makes it the same everywhere."""
    axis = 1 if is_convolution(live.parts[path]) else -1

    def edit(output: Any) -> Any:
        if not isinstance(output, Tensor) or output.ndim < 2 or output.shape[axis] != site.width:
            return output
        changed = output.clone()
        changed.select(axis, unit).mul_(factor).add_(1.0)
        return changed

    return edit


def _values(live: LiveModel, site: Site, given: Any) -> Tensor:
    tensors, _ = capture(live.parts, lambda: live.run_given(given), [site])
    return live.rows_of(site, tensors[site], given).to("cpu", torch.float32)


def _read(live: LiveModel, path: str) -> tuple[Tensor, nn.Module | None]:
    """The weights [inputs of a unit, units] of a part, and the part where it is a convolution."""
    module: Any = live.parts[path]
    if is_convolution(module):
        return module.weight.detach().flatten(1).T.to("cpu", torch.float32), module
    weight = next(parameter for parameter in module.parameters() if parameter.ndim == 2)
    width = weight.numel() // _outputs(module)
    rows = torch.cat([torch.eye(width), torch.zeros(1, width)]).to(home(module), weight.dtype)
    output = first_tensor(module(rows[None]))
    assert output is not None
    outputs = output[0].to("cpu", torch.float32)
    return outputs[:-1] - outputs[-1:], None


def _windows(kernel: Any, tensor: Tensor) -> Tensor:
    """The windows of a convolution over one picture: [positions, channels × height × width]."""
    cut = functional.unfold(tensor, kernel.kernel_size, kernel.dilation, kernel.padding, kernel.stride)
    return cut[0].T
