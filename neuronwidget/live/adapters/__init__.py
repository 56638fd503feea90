"""What a framework's models need said: how they are called, how text becomes their tokens, where their cache is.

One small module a framework, imported only when an object of that framework arrives.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from torch import Tensor, nn

    from neuronwidget.live.inputs.text import TextInputs
    from neuronwidget.live.reuse import Causal
    from neuronwidget.live.structure.sites import SiteTable


@dataclass(frozen=True)
class Adaptation:
    """What an adapter says of a model.

    `causal` is a way to run on from a cache, to be tried; `predicts` overrides what the output looks like (see
    `LiveModel.predicts`); `named` names places where the framework knows better than structure tells;
    `notes` are for the person; `finish` is what the model does to the output of its head, if that is to be tried.
    """

    inputs: TextInputs
    causal: Causal | None = None
    predicts: str | None = None
    named: Callable[[SiteTable], SiteTable] | None = None
    notes: Sequence[str] = ()
    finish: Callable[[Tensor], Tensor] | None = None

    def apply(self, sites: SiteTable) -> SiteTable:
        """The table with what is known of the framework."""
        table = self.named(sites) if self.named is not None else sites
        table.notes.extend(self.notes)
        return table


def adapt(model: nn.Module, tokenizer: Any, inputs: TextInputs | None) -> Adaptation | None:
    """What the framework of `model` says of it; None for a plain torch module."""
    frameworks = {base.__module__.partition(".")[0] for base in type(model).__mro__}
    if "transformer_lens" in frameworks:
        from neuronwidget.live.adapters import transformer_lens

        return transformer_lens.adapt(model, tokenizer, inputs)
    if "transformers" in frameworks and hasattr(getattr(model, "config", None), "get_text_config"):
        from neuronwidget.live.adapters import transformers

        return transformers.adapt(model, tokenizer, inputs)
    return None
