"""Tells what the parts of a model are: matrices, convolutions, nonlinearities, recurrent layers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from torch import Tensor, nn

from neuronwidget.live.structure.trace import Event


def is_matrix(module: nn.Module) -> bool:
    """Linear, or anything else that multiplies each position by one matrix.

    That may be Hugging Face's Conv1D, a convolution that sees one position, a layer whose weights are packed, or one
    that wraps another, as adapters do.
    """
    if isinstance(module, (nn.Embedding, nn.EmbeddingBag)):
        return False
    if isinstance(module, nn.Conv1d):
        return module.kernel_size == (1,) and module.stride == (1,)
    if weight_dimensions(module):
        return weight_dimensions(module) == 2
    sizes = (getattr(module, "in_features", None), getattr(module, "out_features", None))
    packed = not any(True for _ in module.parameters())
    return packed and all(isinstance(size, int) for size in sizes)


def takes_rows(module: nn.Module) -> bool:
    """A matrix that can be called on rows [positions, units]."""
    return is_matrix(module) and not isinstance(module, nn.Conv1d)


def weight_dimensions(module: nn.Module) -> int:
    """How many dimensions `weight` has; 0 where there is no such tensor."""
    parametrized = getattr(module, "parametrizations", None)
    if (
        isinstance(parametrized, nn.ModuleDict) and "weight" in parametrized
    ):  # making it from what it is kept as may take long
        return max((parameter.ndim for parameter in parametrized["weight"].parameters(recurse=False)), default=0)
    weight = getattr(module, "weight", None)
    return weight.ndim if isinstance(weight, Tensor) else 0


def is_convolution(module: nn.Module) -> bool:
    """A convolution, or an adapter around one."""
    return isinstance(getattr(module, "base_layer", module), nn.modules.conv._ConvNd)


def is_nonlinearity(module: nn.Module) -> bool:
    """An activation of torch, or of a library: without weights."""
    if any(True for _ in module.parameters()):
        return False
    return type(module).__module__.startswith(("torch.nn.modules.activation", "transformers.activations"))


def is_recurrent(module: nn.Module) -> bool:
    """A layer that carries a state along the positions, or says so."""
    return isinstance(module, nn.RNNBase) or getattr(module, "carries_state", False) is True


def is_mixer(module: nn.Module) -> bool:
    """Has it a convolution along the positions beside its matrices, as state-space models do?"""
    beside = [child for child in module.children() if isinstance(child, nn.Conv1d) and not is_matrix(child)]
    return bool(beside) and not isinstance(module, nn.ModuleList)


def without_makers(modules: Mapping[str, nn.Module]) -> dict[str, nn.Module]:
    """The parts of a model by path, but for those that only make a weight, as parametrisations do."""
    return {path: module for path, module in modules.items() if "parametrizations" not in path.split(".")}


def unseen(modules: Mapping[str, nn.Module], events: Sequence[Event]) -> list[str]:
    """What should be said of matrices whose tensors hold only inside a function that maps over them."""
    paths = [e.path for e in events if e.outside is None and is_matrix(modules[e.path])]
    return [f"{', '.join(paths)}: what runs inside torch.vmap cannot be looked at."] if paths else []


def layers_of(modules: Mapping[str, nn.Module], events: Sequence[Event]) -> list[Event]:
    """Calls of the smallest parts, where a matrix or a convolution is one part whatever it is made of."""
    whole = {event.path for event in events if is_matrix(modules[event.path]) or is_convolution(modules[event.path])}
    return [
        event
        for event in events
        if (event.path in whole or not any(True for _ in modules[event.path].children()))
        and not any(event.path[:end] in whole for end, letter in enumerate(event.path) if letter == ".")
    ]
