"""Direct path of an edited unit to the outputs, by its weights, beside the change of them that was measured."""

from __future__ import annotations

from typing import TypedDict

import numpy as np
import torch
from torch import Tensor

from neuronwidget.live.model import LiveModel
from neuronwidget.live.structure.sites import Unit
from neuronwidget.stream.protocol.checks import readable as readable_text
from neuronwidget.stream.protocol.frames import Value
from neuronwidget.widgets.errors import in_place
from neuronwidget.widgets.frames.frame_pass import Compared, Recorded
from neuronwidget.widgets.frames.readout import readable

#: So many outputs that are raised most, and as many that are lowered.
_EACH = 3


class DirectOutput(TypedDict):
    """Changes of an output's logit, less the mean of all outputs: what the weights say, and what was measured."""

    text: str
    weights: Value
    measured: Value


class DirectPart(TypedDict):
    """The outputs that a unit raises and lowers most; `note`: what is left out, or why there are none."""

    unit: str
    note: str
    outputs: list[DirectOutput]


class DirectPath:
    """What the direct path of the unit that was asked last says: kept while neither unit nor weights change."""

    def __init__(self) -> None:
        self._kept: tuple[Unit, object, tuple[str, list[int], Tensor]] | None = None
        self._of: object = None

    def forget(self) -> None:
        self._kept = None

    def part(self, compared: Compared, unit: Unit, change: float, token: int | None) -> DirectPart | None:
        """`change`: by how much the unit changes at the `token` that is spoken of. None where no output is told."""
        # Only here: whoever edits nothing needs no analyses.
        from neuronwidget.analysis.inspect.outputs import output_name

        live = _live_of(compared.before)
        logits = [_logits(side, token) for side in (compared.before, compared.after)]
        if live is None or logits[0] is None or logits[1] is None:
            return None
        note, chosen, effects = self._effects(live, unit, compared.before.values)
        moved = logits[1] - logits[0]
        outputs: list[DirectOutput] = [
            {
                "text": readable_text(output_name(live, index)),
                "weights": readable(float(effects[index] * change)),
                "measured": readable(float(moved[index])),
            }
            for index in chosen
        ]
        return {"unit": str(unit), "note": note, "outputs": outputs}

    def _effects(self, live: LiveModel, unit: Unit, values: object) -> tuple[str, list[int], Tensor]:
        """What is to be said of them, the chosen outputs, and one unit more's effect on each of all outputs.

        Where the model's `values` are those of the frame before, its recorder has looked for changes already.
        """
        kept, of, self._of = self._kept, self._of, values
        if kept is None or kept[0] != unit or of is not values:
            signature = live.signature()
            if kept is None or kept[:2] != (unit, signature):
                kept = self._kept = unit, signature, _effects(live, unit)
        return kept[2]


def _effects(live: LiveModel, unit: Unit) -> tuple[str, list[int], Tensor]:
    from neuronwidget.analysis.inspect.direct_path import NoPathError, direct_effects

    try:
        effects, note = direct_effects(live, live.sites.resolve(unit.site), unit.index)
    except NoPathError as error:
        return str(error), [], torch.empty(0)
    except Exception as error:  # a model of a make that nobody foresaw: the rest of the panel is there
        return in_place(error), [], torch.empty(0)
    each = min(_EACH, len(effects) // 2)
    up, down = effects.topk(each).indices.tolist(), effects.topk(each, largest=False).indices.tolist()
    return note, [*up, *reversed(down)], effects - effects.mean()


def _live_of(recorded: Recorded) -> LiveModel | None:
    seen = recorded.text or recorded.tensor
    return None if seen is None else seen.live


def _logits(recorded: Recorded, token: int | None) -> Tensor | None:
    """What is said, less its mean [outputs]; None where it is no list of outputs, or none of finite numbers."""
    if recorded.text is not None:
        logits = None if token is None or not recorded.text.live.predicts else recorded.text.logits(token)
    else:
        classes = None if recorded.tensor is None else recorded.tensor.classes
        logits = None if classes is None else classes.log()
    if logits is None or logits.ndim != 1 or not np.isfinite(float(logits.float().sum())):
        return None
    return logits.float() - logits.float().mean()
