"""Right and wrong: groups that the model makes itself, by its answers or by what surprises it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from neuronwidget.analysis.cause.passes import Passes
from neuronwidget.analysis.responses.collect import collect
from neuronwidget.analysis.responses.responses import Responses
from neuronwidget.analysis.which.answers import answered_right, right_outputs
from neuronwidget.analysis.which.compare.groups.input_groups import FEWEST, Ask, InputGroups, usual_how
from neuronwidget.analysis.which.compare.groups.pool import Pool
from neuronwidget.corpus.kinds.registry import kind_of
from neuronwidget.corpus.sources import Item, items
from neuronwidget.live.capture import stop_if

if TYPE_CHECKING:
    from neuronwidget.live.edits.edit import BaseEdit
    from neuronwidget.live.model import LiveModel

ANSWERS, LOSSES = ("wrong", "right"), ("worst", "best")


def right_wrong(
    live: LiveModel,
    data: Any,
    labels: Iterable[Any] | None = None,
    *,
    share: float = 0.25,
    sites: Sequence[str] | None = None,
    how: str | None = None,
    most: int = 10_000,
    edits: Sequence[BaseEdit] = (),
    seed: int = 0,
    progress: Callable[[int], object] | None = None,
    overtaken: Callable[[], bool] | None = None,
) -> InputGroups:
    """Inputs that the model gets wrong, and those that it gets right, for `nw.compare`.

    Where the inputs have labels: by whether the model answers with the label. A model that continues texts needs none:
    then the groups are the documents in which it expects least what follows, and those in which it expects it most,
    by its loss per token.

    Parameters
    ----------
    data
        Inputs as `nw.scan` takes them; or what `nw.collect` made of them, whose predictions are taken.
    labels
        The right answer for each input, by name or number; by default those that the data has.
    share
        Of documents without labels this share is "worst", and as many are "best"; the rest is in neither.
    sites, how
        As in `nw.compare`, which takes what is collected here.
    most
        At most so many inputs are looked at, drawn by `seed`.
    progress
        Called with the number of inputs that were run. `overtaken`: asked while the model runs; True ends it.

    Examples
    --------
    >>> import neuronwidget as nw
    >>> live = nw.demo("cancer", trained=False)
    >>> right_wrong(live, live.inputs.rows, ["benign"] * len(live.inputs.rows)).names
    ('wrong', 'right')
    """
    if edits:
        live = live.edited(*edits)
    names = None if sites is None else tuple([sites] if isinstance(sites, str) else sites)
    ask = Ask(names, how, most, seed, progress, overtaken)
    given = None if labels is None else list(labels)
    if isinstance(data, Responses):
        return _by_answers(live, data if given is None else data.with_labels(given), overtaken)
    answered = how or usual_how(live, live.choose(names), 2)
    if given is None and live.predicts == "next":
        return _by_loss(live, data, share, answered, ask)
    responses = collect(
        live, data, names, how=answered, labels=given, most=most, seed=seed, progress=progress, overtaken=overtaken
    )
    return _by_answers(live, responses, overtaken)


def _by_answers(live: LiveModel, responses: Responses, overtaken: Callable[[], bool] | None) -> InputGroups:
    """By whether the model's answer is the label."""
    labelled = np.array([label is not None for label in responses.labels], bool)
    if not labelled.any():
        raise ValueError("These inputs have no labels, so nothing tells right from wrong: give labels=, one for each.")
    if not live.predicts:
        raise ValueError(
            f"{live.name} answers nothing, so nothing tells right from wrong: give nw.compare groups of your own."
        )
    if not labelled.all():
        responses = responses.only(responses.documents[labelled])
    outputs = right_outputs(live, [str(label) for label in responses.labels])
    right = answered_right(live, responses, outputs, overtaken).tolist()
    notes = [f"{live.name} answers {sum(right):,} of {len(right):,} inputs right."]
    if not labelled.all():
        notes.append(f"{int((~labelled).sum()):,} inputs that had no label were left out.")
    if responses.sample:
        notes.append(f"These were {responses.sample}.")
    return InputGroups(ANSWERS, responses.with_labels([ANSWERS[one] for one in right]), tuple(notes))


def _by_loss(live: LiveModel, data: Any, share: float, how: str, ask: Ask) -> InputGroups:
    """By the loss per token: the documents in which the model expects least what follows, and most."""
    if not 0 < share <= 0.5:
        raise ValueError(f"share= is above 0 and at most .5, since it is taken at both ends, not {share!r}.")
    cutter = kind_of(live.kind).cutter(live.inputs, None, None)
    pool = Pool(["documents"], ask.most, ask.seed)
    for item in items(data, cutter.lookup(None), None, None):
        pool.add("documents", item)
    read = [item for _, item in pool.taken()]
    losses = _losses(live, [cutter.document(item).content for item in read], ask)
    measured = np.flatnonzero(~np.isnan(losses))
    count = int(share * len(measured))
    if count < FEWEST:
        raise ValueError(
            f"{len(measured):,} documents have two tokens or more, and {share:g} of them are {count}: {FEWEST} are "
            "needed at each end. Give more documents, or a larger share=."
        )
    order = measured[np.argsort(-losses[measured], kind="stable")]
    chosen = np.sort(np.concatenate([order[:count], order[-count:]]))
    worst = set(order[:count].tolist())
    listed = [Item(read[at].content, read[at].id, LOSSES[0 if at in worst else 1]) for at in chosen.tolist()]
    responses = Ask(ask.sites, how, ask.most, ask.seed, None, ask.overtaken).run(live, listed, 2)
    least, largest = losses[order[count - 1]], losses[order[-count]]
    notes = [
        f"Worst are the {count:,} of {len(measured):,} documents with a loss of {least:.3g} nats a token or more, "
        f"best the {count:,} with {largest:.3g} or less; the rest is in neither. Loss falls along a text, so that "
        "short documents seem worse: compare such as are about as long.",
        *pool.notes,
    ]
    return InputGroups(LOSSES, responses, tuple(notes))


def _losses(live: LiveModel, texts: Sequence[str], ask: Ask) -> NDArray[np.float64]:
    """The loss per token of each text, in nats, over the window at its end; NaN for one of fewer than two tokens."""
    import torch

    long = [place for place, text in enumerate(texts) if len(live.inputs.tokens(text)) > 1]
    losses: NDArray[np.float64] = np.full(len(texts), np.nan)
    if not long:
        return losses
    passes = Passes(live, [texts[place] for place in long])
    for done, (place, (given, _)) in enumerate(zip(long, passes.batches, strict=True)):
        stop_if(ask.overtaken)
        logarithms = passes.say(live, given, list(range(len(given) - 1)))
        follow = torch.tensor(given[1:], dtype=torch.long)[:, None]
        losses[place] = float(-logarithms.gather(1, follow).double().mean())
        if ask.progress is not None:
            ask.progress(done + 1)
    return losses
