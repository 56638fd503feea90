"""Shortcuts: units that a model leans on and should not, chosen on one half of the data and proved on the other."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from neuronwidget.analysis.responses.asked import responses_of
from neuronwidget.analysis.responses.predictions import answer_site
from neuronwidget.analysis.responses.responses import Responses
from neuronwidget.analysis.step_count import StepCount
from neuronwidget.analysis.steps import Progress
from neuronwidget.analysis.which.shortcuts.question import Question
from neuronwidget.analysis.which.shortcuts.result import Shortcuts
from neuronwidget.live.model import LiveModel

if TYPE_CHECKING:
    from neuronwidget.live.edits.edit import BaseEdit


def shortcuts(
    live: LiveModel,
    data: Any,
    labels: Iterable[Any] | None = None,
    *,
    sites: Sequence[str] | None = None,
    how: str | None = None,
    most_tried: int = 5,
    randoms: int = 20,
    most: int = 4_000,
    edits: Sequence[BaseEdit] = (),
    seed: int = 0,
    progress: Progress | None = None,
    overtaken: Callable[[], bool] | None = None,
) -> Shortcuts:
    """Does a model lean on something it should not?

    Give data in which what the model may lean on does not always go with the label: other hospitals, other backgrounds,
    marks that moved. On one half of them units are chosen that differ between wrong and right answers, or that go with
    a plain property of the input which tells the labels by itself. On the other half each is held at its mean. A unit
    is a shortcut if more answers become right than chance allows, and more than with any of some random units of its
    site that are changed as much. Where no unit is one alone, units that go with the same are held together, beside
    random sets of as many.

    Parameters
    ----------
    data
        Texts, pictures or rows as `nw.scan` takes them, or what `nw.collect` made of them.
    labels
        The right answer for each input: names of the model's classes or their numbers. By default those the data has.
    sites
        Names of sites; None for the default ones.
    how
        What the positions of an input come to: "max" by default. See `nw.collect`.
    most_tried, randoms
        So many units are tried on the second half, each beside so many random ones.
    most
        At most so many inputs are run, drawn by `seed`.
    progress
        Called with steps done and steps in all. `overtaken`: asked while the model runs; True ends it.

    Examples
    --------
    >>> import neuronwidget as nw
    >>> live = nw.demo("digits-shortcut")
    >>> pictures, digits = zip(*live.inputs.gallery)                     # doctest: +SKIP
    >>> nw.shortcuts(live, pictures, labels=digits).found                # doctest: +SKIP
    [Unit(site='conv.0', index=0)]
    """
    if edits:
        live = live.edited(*edits)
    if most_tried < 1:
        raise ValueError("most_tried= is at least 1: a unit is told a shortcut only where it was tried.")
    step = StepCount(5 + most_tried, progress, overtaken)
    names = _searched(live, data, sites)
    taken = responses_of(live, data, names, how, "max", labels=labels, most=most, seed=seed, overtaken=overtaken)
    step()
    question = Question(live, taken, names, seed, overtaken)
    screened = question.screened(step)
    proved = question.proved(screened, most_tried, randoms, step)
    settings = {"sites": question.sites, "how": taken.how, "most_tried": most_tried, "randoms": randoms, "most": most}
    result = question.result(proved, replace(taken.provenance, settings=settings, seed=seed))
    step()
    return result


def _searched(live: LiveModel, data: Any, sites: Sequence[str] | None) -> list[str]:
    """Names of the sites whose units are searched: by default all but the one that holds the answers themselves."""
    if sites is not None:
        return [site.name for site in live.choose(sites)]
    chosen = list(data.values) if isinstance(data, Responses) else [site.name for site in live.sites.defaults]
    answer = answer_site(live)
    return [name for name in chosen if answer is None or name != answer.site.name] or chosen
