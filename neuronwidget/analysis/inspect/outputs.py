"""The outputs that a unit promotes and suppresses most by its direct path, by name."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

from neuronwidget.analysis.inspect.direct_path import NoPathError, direct_effects
from neuronwidget.corpus.kinds.registry import kind_of
from neuronwidget.live.structure.sites import Unit

if TYPE_CHECKING:
    import pandas as pd

    from neuronwidget.live.model import LiveModel
    from neuronwidget.live.tensor_model import TensorModel


@dataclass(frozen=True)
class Outputs:
    """The outputs that a unit promotes and suppresses most by its direct path.

    `promoted` and `suppressed` have the columns output (its words), index, effect; both are empty where `reason` says
    why there are none. `note` says what was left out.
    """

    promoted: pd.DataFrame
    suppressed: pd.DataFrame
    note: str = ""
    reason: str = ""


def direct_outputs(live: LiveModel, unit: Unit | str, n: int = 10) -> Outputs:
    """The `n` outputs that one unit more of this unit raises most and lowers most, by the direct path alone."""
    import pandas as pd

    name = live.sites.unit(unit)
    none = pd.DataFrame({"output": [], "index": [], "effect": []})
    try:
        effects, note = direct_effects(live, live.sites.resolve(name.site), name.index)
    except NoPathError as error:
        return Outputs(none, none, reason=str(error))
    k = min(n, len(effects))
    down, up = effects.topk(k, largest=False), effects.topk(k)
    return Outputs(_table(live, up, 1), _table(live, down, -1), note=note)


def _table(live: LiveModel, chosen: Any, sign: int) -> pd.DataFrame:
    """Only those that are raised (lowered): a model of few outputs may have fewer."""
    import pandas as pd

    rows = [
        (output_name(live, index), index, effect)
        for effect, index in zip(chosen.values.tolist(), chosen.indices.tolist(), strict=True)
        if effect * sign > 0
    ]
    return pd.DataFrame(rows, columns=["output", "index", "effect"])


def output_name(live: LiveModel, index: int) -> str:
    """What an output is called: a token's text, a class."""
    if kind_of(live.kind).whole:
        names: list[str] = cast("TensorModel", live).class_names
        return names[index] if index < len(names) else str(index)
    return str(live.inputs.label(index))
