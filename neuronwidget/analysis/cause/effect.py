"""Effect of edits: on what the model says, on units behind them, on other inputs, and beside random units."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch import Tensor

from neuronwidget.analysis.cause.controls import Controls, Trial
from neuronwidget.analysis.cause.downstream import changed_units, spreads, stds_of
from neuronwidget.analysis.cause.measure import divergence, inputs_of, mean_interval, measure_of, output_number
from neuronwidget.analysis.cause.unrelated import collateral, unrelated_to
from neuronwidget.analysis.inspect.outputs import output_name
from neuronwidget.analysis.result import Provenance, Result
from neuronwidget.analysis.steps import Progress, to_the_end
from neuronwidget.analysis.theme import altair, themed
from neuronwidget.live.model import LiveModel

if TYPE_CHECKING:
    import pandas as pd

    from neuronwidget.atlas.atlas import Atlas

_OUTPUTS, _UNITS = 10, 20


@dataclass(frozen=True, eq=False, repr=False)
class Effect(Result):
    """What edits do. Made by `effect`.

    Attributes
    ----------
    edits
        What was done, in words.
    inputs
        On how many inputs.
    control
        The effect with its interval, beside that of the same edits on random units.
    outputs
        output, index, before, after, change: probabilities of the outputs that changed most (of a text, behind its
        end), or of those that were chosen; over several inputs the means.
    rows
        Of one input a row a position, of several a row an input: kl; for texts loss_before, loss_after, the
        surprise at the token that follows.
    units
        unit, before, after, change: units behind the edits that changed most on the first input, the change in
        standard deviations of their own; infinite where nothing at the site moved before.
    collateral, unrelated
        KL on inputs that the edits are not meant for, with its interval (`collateral_low`, `collateral_high`), and how
        many these were; NaN and 0 where there were none. `aside` says which.
    """

    edits: tuple[str, ...]
    inputs: int
    control: Controls
    outputs: pd.DataFrame
    rows: pd.DataFrame
    units: pd.DataFrame
    collateral: float
    collateral_low: float
    collateral_high: float
    unrelated: int
    provenance: Provenance
    aside: str = ""

    parts = (Controls,)

    @property
    def verdict(self) -> str:
        """What the edits do, and whether that is more than chance."""
        control = self.control
        many = "1 input" if self.inputs == 1 else f"{self.inputs:,} inputs"
        interval = "" if np.isnan(control.low) else f" ({control.low:.3g} to {control.high:.3g})"
        s = "s" if len(self.edits) == 1 else ""
        did = f"change{s} what the model says by {control.measure} {control.effect:.3g}{interval}"
        if control.measure != "KL":
            did = f"change{s} the {control.measure} by {control.effect:+.3f}{interval}"
        side = (
            f" On {self.aside or f'{self.unrelated:,} unrelated inputs'} it is KL {self.collateral:.3g}."
            if self.unrelated
            else " What it does to unrelated inputs was not tried: give unrelated=, or set live.references to some."
        )
        return f"{' and '.join(self.edits)} {did} on {many}: {control.verdict}.{side}"

    def table(self) -> pd.DataFrame:
        """What was measured: value, low, high."""
        import pandas as pd

        control, none = self.control, float("nan")
        entries = [(control.measure, control.effect, control.low, control.high)]
        if control.random:
            low, high = np.percentile(control.random, [2.5, 97.5])
            entries.append((f"{control.measure}, {control.words}", float(np.mean(control.random)), low, high))
            entries.append((f"{control.measure}, the largest of them", max(control.random), none, none))
        shown = {"kl": "KL", "loss_before": "loss before", "loss_after": "loss after"}
        entries += [
            (words, float(self.rows[name].mean()), none, none)
            for name, words in shown.items()
            if name in self.rows and words != control.measure
        ]
        if self.unrelated:
            entries.append(("KL, unrelated inputs", self.collateral, self.collateral_low, self.collateral_high))
        return pd.DataFrame(entries, columns=["what", "value", "low", "high"])

    def chart(self) -> Any:
        """The effect as a line among the random counterparts as ticks."""
        import pandas as pd

        alt, control = altair(), self.control
        random = pd.DataFrame({"effect": control.random, "of": control.words})
        ticks = (
            alt.Chart(random, title=alt.Title(" and ".join(self.edits), subtitle=control.verdict))
            .mark_tick(thickness=2, color="#888")
            .encode(x=alt.X("effect:Q", title=f"effect ({control.measure})"), tooltip=["of:N", "effect:Q"])
        )
        own = pd.DataFrame([{"effect": control.effect, "low": control.low, "high": control.high}])
        line = alt.Chart(own).mark_rule(color="#d55e00", strokeWidth=3).encode(x="effect:Q", tooltip=["effect:Q"])
        layers = [ticks, line]
        if not np.isnan(control.low):
            band = alt.Chart(own).mark_rect(color="#d55e00", opacity=0.2)
            layers.append(band.encode(x=alt.X("low:Q", title=f"effect ({control.measure})"), x2="high:Q"))
        return themed(alt.layer(*layers))


def effect(
    live: LiveModel,
    x: Any,
    edits: Any,
    *,
    outputs: Sequence[str | int] | None = None,
    labels: Sequence[str | int] | None = None,
    unrelated: Sequence[Any] | None = None,
    controls: int = 20,
    atlas: Atlas | None = None,
    seed: int = 0,
    progress: Progress | None = None,
) -> Effect:
    """What edits do to a model on an input, or on a list of inputs, beside the same edits on random units.

    Parameters
    ----------
    edits
        One or several, in the order in which they act.
    outputs
        Classes or tokens whose probabilities are wanted; None for those that change most.
    labels
        The right answer for each input: then the effect is the change of the share that is answered right.
    unrelated
        Inputs that the edits are not meant for, on which any change is collateral. Default: documents of `atlas`, or
        of `live.references`, or the examples that the model's inputs bring along; [] for none.
    controls
        How many random sets of units of the same sites the edits are compared with: see `compare_with_random`.
    atlas
        Gives the standard deviations that changes of other units are measured in; else the input itself does.
    progress
        Called with the number of passes that are done and of all, but for those over unrelated inputs.

    Examples
    --------
    >>> import neuronwidget as nw, torch
    >>> def off(rows):
    ...     rows[:, 3] = 0
    ...     return rows
    >>> result = effect(nw.demo("cancer"), 0, nw.Edit("dense.0", off), controls=3)
    >>> result.control.measure, len(result.control.random), result.table()["what"][0]
    ('KL', 3, 'KL')
    """
    inputs, several = inputs_of(x), list(edits) if isinstance(edits, (list, tuple)) else [edits]
    trial, listener = Trial(live, inputs, several, measure_of(live, labels, len(inputs))), _Listener(live, inputs)
    control = to_the_end(trial.steps(controls, seed, listener=listener), progress)
    edited, words = live.edited(*several), tuple(map(str, several))
    others = unrelated_to(live, inputs, unrelated, atlas)
    aside = collateral(live, edited, others.inputs)
    settings = {
        "edits": list(words),
        "controls": controls,
        "labels": None if labels is None else [str(label) for label in labels],
        "atlas": None if atlas is None else str(atlas.manifest["done"]["digest"]),
    }
    return Effect(
        words,
        len(inputs),
        control,
        _outputs(live, listener.probabilities, outputs),
        listener.rows,
        _units(live, edited, inputs[0], several, atlas),
        float(aside.mean()) if len(aside) else float("nan"),
        *mean_interval(aside, seed),
        len(aside),
        Provenance.of_live(edited, data={"inputs": len(inputs), "unrelated": len(aside)}, seed=seed, **settings),
        others.words,
    )


class _Listener:
    """What is said with and without the edits, taken in batch by batch: by position or input, and of all outputs."""

    def __init__(self, live: LiveModel, inputs: Sequence[Any]) -> None:
        self._live, self._inputs = live, inputs
        self._tables: list[pd.DataFrame] = []
        self._sum: Tensor | None = None
        self._seen = 0

    def __call__(self, given: Any, count: int, before: Tensor, after: Tensor) -> None:
        import pandas as pd

        live, first = self._live, self._seen
        kl = divergence(before, after)
        if live.tells_each_token:
            table = pd.DataFrame({"kl": kl.tolist(), **_losses(live, given, before, after)})
            if len(self._inputs) == 1:
                self._tables.append(_positions(live, self._inputs[0], table))
            else:
                self._tables.append(pd.DataFrame([{"input": first, **table.mean().to_dict()}]))
            before, after = before[-1:], after[-1:]
        else:
            numbers = range(first, first + count) if count > 1 else [first] * len(kl)
            self._tables.append(pd.DataFrame({"input": list(numbers), "kl": kl.tolist()}))
        both = torch.stack([before.exp(), after.exp()]).double().sum(1) * (count / len(before))
        self._sum = both if self._sum is None else self._sum + both
        self._seen += count

    @property
    def rows(self) -> pd.DataFrame:
        import pandas as pd

        return pd.concat(self._tables, ignore_index=True)

    @property
    def probabilities(self) -> Tensor:
        """Of all outputs the mean over the inputs: [without and with the edits, outputs]."""
        assert self._sum is not None
        return self._sum / self._seen


def _positions(live: LiveModel, x: Any, frame: pd.DataFrame) -> pd.DataFrame:
    pieces = live.record(x, sites=[live.sites[0].name]).positions
    frame.insert(0, "position", range(len(frame)))
    frame.insert(1, "text", pieces[: len(frame)])
    return frame


def _losses(live: LiveModel, given: Any, before: Tensor, after: Tensor) -> dict[str, list[float]]:
    """The surprise at the token that follows each one, where that is what is predicted; NaN behind the last."""
    if live.predicts != "next":
        return {}
    follow = torch.tensor(given[1:], dtype=torch.long)[:, None]
    return {
        name: [*(-logarithms[:-1].gather(1, follow)[:, 0]).tolist(), float("nan")]
        for name, logarithms in (("loss_before", before), ("loss_after", after))
    }


def _outputs(live: LiveModel, probabilities: Tensor, outputs: Sequence[str | int] | None) -> pd.DataFrame:
    import pandas as pd

    before, after = probabilities
    if outputs is None:
        indices = (after - before).abs().topk(min(_OUTPUTS, len(before))).indices.tolist()
    else:
        indices = [output_number(live, one) for one in outputs]
    table = [(output_name(live, i), i, float(before[i]), float(after[i]), float(after[i] - before[i])) for i in indices]
    return pd.DataFrame(table, columns=["output", "index", "before", "after", "change"])


def _units(live: LiveModel, edited: LiveModel, x: Any, edits: Sequence[Any], atlas: Atlas | None) -> pd.DataFrame:
    import pandas as pd

    own = {live.sites.resolve(edit.site).canonical for edit in edits}
    sites = [site for site in live.sites.defaults if site.canonical not in own]
    changed: list[Any] = []
    if sites:
        names = [site.name for site in sites]
        one, other = live.record(x, sites=names), edited.record(x, sites=names)
        before = {name: one[name].numpy() for name in names if one[name].shape == other[name].shape}
        _, stds = spreads(before, stds_of(atlas, {site.name: site.width for site in sites}))
        changed = changed_units(before, {name: other[name].numpy() for name in before}, stds, _UNITS)
    entries = [(str(unit), before, after, change) for unit, before, after, change, _ in changed]
    return pd.DataFrame(entries, columns=["unit", "before", "after", "change"])
