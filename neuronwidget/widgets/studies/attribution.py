"""Study of what drives the selected unit or the output: which tokens, patches or columns of the input shown."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import TYPE_CHECKING, Any

from neuronwidget.stream.protocol.checks import one_of
from neuronwidget.widgets.frames.readout import readable
from neuronwidget.widgets.frames.study_subject import StudySubject
from neuronwidget.widgets.studies.course import Course

if TYPE_CHECKING:
    from neuronwidget.analysis.cause.attribution import Attribution


def attribution_of(subject: StudySubject, about: Mapping[str, Any], course: Course) -> dict[str, Any]:
    """By the gradient first, a preview, where there is one; then by occlusion, with the check.

    `about["target"]`: "unit", or "output": of a text what is said at the token that is spoken of.
    """
    from neuronwidget.analysis.cause.attribution import attribution

    x, unit, position = subject.x, None, None
    if one_of(about, "target", ("unit", "output")) == "output":
        x = _up_to_the_token(subject)
    elif subject.unit is None:
        raise LookupError("No unit is chosen: choose one to see what drives it.")
    else:
        unit = subject.unit
        position = subject.selected if subject.live.sites.resolve(unit.site).per_token else None
    ask = partial(attribution, subject.live, x, unit, position=position)
    try:
        preview = ask(method="gradient", check=False)
    except Exception:  # occlusion will tell, or needs no gradients
        pass
    else:
        course.tell(0, len(preview.effects), _result(subject, preview))
    return _result(subject, ask(progress=lambda done, total: course.tell(done, total), overtaken=course.overtaken))


def _up_to_the_token(subject: StudySubject) -> Any:
    """The input; of a text whose model says what comes next as much as it has read at the token spoken of."""
    text, live = subject.text, subject.live
    if text is None or text.token is None or text.token == text.end - 1 or live.predicts != "next":
        return subject.x
    spans = text.tokens.spans
    cut = text.tokens.text[spans[text.start][0] : spans[text.token][1]]
    same = live.inputs.tokens(cut).ids == text.tokens.ids[text.start : text.token + 1] if cut else False
    return cut if same else subject.x


def _result(subject: StudySubject, found: Attribution) -> dict[str, Any]:
    """The effects in the order of the parts; of a picture with the rows and columns of its patches."""
    effects = found.effects
    values = [readable(float(value)) for value in effects["effect"]]
    grid = [int(effects[axis].nunique()) for axis in ("y", "x")] if "y" in effects else None
    text = subject.text
    if text is not None:
        pieces = text.tokens.pieces[text.start : text.end]
        if list(effects["name"]) != pieces[: len(values)]:
            raise LookupError("The part of the text that is looked at is cut into other tokens by itself.")
        values += [0.0] * (len(pieces) - len(values))
    return {
        "method": found.method,
        "target": found.target,
        "parts": found.parts_name,
        "effects": values,
        "names": [] if text is not None else [str(name) for name in effects["name"]],
        "grid": grid,
        "verdict": found.verdict,
    }
