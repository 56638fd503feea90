"""A second live model over the same weights, for passes in another thread.

A module may keep things of a pass in its attributes, so two passes must not run through one. A twin has modules of its
own, copied with all they hold except the parameters, which are shared.
"""

from __future__ import annotations

import copy
import threading
import weakref
from typing import TYPE_CHECKING

from torch import nn

from neuronwidget.live.capture import is_compiled

if TYPE_CHECKING:
    from neuronwidget.live.model import LiveModel


def twin(live: LiveModel) -> LiveModel | None:
    """None where the model cannot be copied, is compiled, or is not on the processor alone."""
    module = live.module
    if any(map(_is_special, module.modules())) or any(t.device.type != "cpu" for t in module.parameters()):
        return None
    try:
        copied = copy.deepcopy(module, {id(parameter): parameter for parameter in module.parameters()})
    except Exception:  # whatever a module holds that cannot be copied
        return None
    other = copy.copy(live)
    other._module, other._kept, other.lock = weakref.ref(copied), copied, threading.RLock()
    return other


def _is_special(part: nn.Module) -> bool:
    """Is it compiled, or does accelerate move its weights about?"""
    return is_compiled(part) or hasattr(part, "_hf_hook")
