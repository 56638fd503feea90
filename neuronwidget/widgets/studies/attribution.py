"""Study of what drives the selected unit or the output: which tokens, patches or columns of the input shown."""

from __future__ import annotations

from collections.abc import Hashable
from typing import TYPE_CHECKING, Any

from neuronwidget.analysis.steps import IsOvertaken, Step
from neuronwidget.stream.protocol.checks import one_of
from neuronwidget.widgets.frames.readout import readable
from neuronwidget.widgets.frames.study_subject import StudySubject
from neuronwidget.widgets.studies.question import About, Answering

if TYPE_CHECKING:
    from neuronwidget.analysis.cause.attribution import Attribution


def attribution_of(subject: StudySubject, about: About, overtaken: IsOvertaken) -> Answering:
    """Answers by the gradient first, a preview, where there is one; then by occlusion, with the check.

    `about["target"]`: "unit", or "output": of a text what is said at the token that is spoken of.
    """
    from neuronwidget.analysis.cause.attribution import attribution, attribution_steps
    from neuronwidget.analysis.cause.target import target_of
    from neuronwidget.analysis.kinds.registry import probe_of
    from neuronwidget.analysis.result import Provenance

    live, x, unit, position = subject.shown, subject.x, None, None
    if one_of(about, "target", ("unit", "output")) == "output":
        x = _up_to_the_token(subject)
    elif subject.unit is None:
        raise LookupError("No unit is chosen: choose one to see what drives it.")
    else:
        unit = subject.unit
        position = subject.selected if live.sites.resolve(unit.site).per_token else None
    try:
        preview = attribution(live, x, unit, position=position, method="gradient", check=False)
    except Exception:  # occlusion will tell, or needs no gradients
        pass
    else:
        yield Step(0, len(preview.effects), _result(subject, preview))
    probe = probe_of(live, x)
    target = target_of(live, probe, unit, None, position)
    rests_on = Provenance.of_live(live, seed=0, target=target.name)
    return _result(subject, (yield from attribution_steps(live, probe, target, rests_on)))


def attribution_follows_from(subject: StudySubject, about: About) -> Hashable:
    """Key of an answer: what is shown, and the unit or the token that is asked about."""
    spoken = None if subject.text is None else subject.text.token
    driven = (subject.unit, subject.selected) if about.get("target") == "unit" else spoken
    return subject.of_what_is_shown(), driven


def _up_to_the_token(subject: StudySubject) -> Any:
    """The input; of a text whose model says what comes next as much as it has read at the token spoken of."""
    text, live = subject.text, subject.shown
    if text is None or text.token is None or text.token == text.end - 1 or live.predicts != "next":
        return subject.x
    spans = text.tokens.spans
    cut = text.tokens.text[spans[text.start][0] : spans[text.token][1]]
    same = live.inputs.tokens(cut).ids == text.tokens.ids[text.start : text.token + 1] if cut else False
    return cut if same else subject.x


def _result(subject: StudySubject, attribution: Attribution) -> dict[str, Any]:
    """The effects in the order of the parts; of a picture with the rows and columns of its patches."""
    effects = attribution.effects
    values = [readable(float(value)) for value in effects["effect"]]
    grid = [int(effects[axis].nunique()) for axis in ("y", "x")] if "y" in effects else None
    text = subject.text
    if text is not None:
        pieces = text.tokens.pieces[text.start : text.end]
        if list(effects["name"]) != pieces[: len(values)]:
            raise LookupError("The part of the text that is looked at is cut into other tokens by itself.")
        values += [0.0] * (len(pieces) - len(values))
    return {
        "method": attribution.method,
        "target": attribution.target,
        "parts": attribution.parts_name,
        "effects": values,
        "names": [] if text is not None else [str(name) for name in effects["name"]],
        "grid": grid,
        "verdict": attribution.verdict,
    }
