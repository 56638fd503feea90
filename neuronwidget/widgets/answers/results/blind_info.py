"""Trait of a blind test: examples, the present round without its answer, and in the end the score."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING, Any, cast

import numpy as np

from neuronwidget.analysis.labels.blind.example import Example, Mark
from neuronwidget.analysis.labels.blind.spots import peak_of
from neuronwidget.stream.protocol.checks import readable
from neuronwidget.stream.protocol.results.blind import BlindInfo, BlindItem, BlindRound, BlindRow
from neuronwidget.stream.raster import fit_scale
from neuronwidget.widgets.answers.results.shown import finite, small
from neuronwidget.widgets.frames.kinds.kind import ShownMembers
from neuronwidget.widgets.frames.kinds.registry import kind_of

if TYPE_CHECKING:
    from neuronwidget.analysis.labels.blind.blind import BlindRounds
    from neuronwidget.analysis.labels.blind.rounds import Round
    from neuronwidget.analysis.labels.blind.run import BlindRun
    from neuronwidget.analysis.labels.blind.score import BlindScore
    from neuronwidget.live.model import LiveModel
    from neuronwidget.stream.protocol.atlas import TableColumn
    from neuronwidget.stream.protocol.frames import ScaleHeader

#: The longer side of a picture.
SIDE = 64
#: So many rounds that were not answered right are shown in the end.
MISSED = 12


def info_of(
    run: BlindRun,
    live: LiveModel,
    scale: ScaleHeader,
    columns: Sequence[TableColumn],
    *,
    linked: bool,
    stored: str,
) -> BlindInfo:
    """All that the page shows now. `linked`: is there a view of the model? `stored`: where the score is, in words."""
    blind, answers, phase, score = run.blind, run.answers, run.phase, run.score
    # Right answers of rounds whose answers were shown: a sum would tell those of the others.
    tells = run.feedback == "round" or phase == "end"
    info: BlindInfo = {
        "unit": str(blind.unit),
        "input": blind.kind,
        "label": blind.label,
        "asks": run.asks,
        "phase": phase,
        "step": run.step,
        "rounds": len(blind.rounds),
        "answered": len(answers),
        "right": int(score.answers["right"].sum()) if tells else 0,
        "judged": len(score.answers) if tells else 0,
        "feedback": run.feedback,
        "linked": linked,
        "scale": scale,
        "columns": list(columns),
        "explain": explained(blind, live) if phase == "explain" and run.asks else [],
        "round": None,
        "outcome": "",
        "verdict": "",
        "rows": [],
        "missed": [],
        "stored": stored if phase == "end" else "",
    }
    if phase == "round":
        info["round"] = round_info(blind, live, len(answers))
    elif phase == "feedback":
        info["round"] = round_info(blind, live, len(answers) - 1, answers[-1])
    elif phase == "end":
        info |= {
            "outcome": score.outcome,
            "verdict": score.verdict,
            "rows": rows_of(score),
            "missed": missed(blind, live, answers),
        }
    return info


def scale_of(blind: BlindRounds) -> ScaleHeader:
    """Colours over what the unit does in all examples."""
    values = np.concatenate([one.values for one in (*blind.examples.explain, *blind.examples.test)])
    return fit_scale(float(values.min()), float(values.max()), "linear", None).header()


def columns_of(blind: BlindRounds, live: LiveModel) -> list[TableColumn]:
    """Columns of rows with their ends, [] of other inputs."""
    contents = [one.content for one in (*blind.examples.explain, *blind.examples.test)]
    members = kind_of(blind.kind).members(ShownMembers(contents, live))
    return list(members.common.get("columns", []))


def explained(blind: BlindRounds, live: LiveModel) -> list[BlindItem]:
    """Examples to form a label by, those that fire first, the strongest of them at the top."""
    sign = blind.examples.sign
    ordered = sorted(blind.examples.explain, key=lambda one: (not one.fires, -sign * one.value))
    marks = [peak_of(live, blind.unit, one) if one.fires else Mark() for one in ordered]
    return [
        cast("BlindItem", {**item, **_told(one)})
        for item, one in zip(_items(blind, live, ordered, marks), ordered, strict=True)
    ]


def round_info(blind: BlindRounds, live: LiveModel, number: int, chosen: Collection[int] | None = None) -> BlindRound:
    """A round as it is shown; with what was `chosen` also what is true."""
    one = blind.rounds[number]
    items = _items(blind, live, one.examples, _marks(blind, live, one, chosen))
    shown: BlindRound = {"number": number, "kind": one.kind, "items": items}
    if chosen is None:
        return shown
    told = [cast("BlindItem", {**item, **_told(of)}) for item, of in zip(items, one.examples, strict=True)]
    return {**shown, "items": told, "chosen": sorted(chosen), "truth": sorted(one.truth)}


def rows_of(score: BlindScore) -> list[BlindRow]:
    """The score as a row a kind of round, and one of all."""
    return [
        {
            "kind": str(row["kind"]),
            "judged": int(row["judged"]),
            "right": int(row["right"]),
            "score": _digits(row["score"]),
            "low": round(float(row["low"]), 4),
            "high": round(float(row["high"]), 4),
            "chance": _digits(row["chance"]),
            "verdict": str(row["verdict"]),
        }
        for row in score.table().to_dict("records")
    ]


def _digits(share: float) -> float | None:
    """A share in four digits; None where it is not known."""
    number = finite(share)
    return None if number is None else round(number, 4)


def missed(blind: BlindRounds, live: LiveModel, answers: Sequence[Collection[int]]) -> list[BlindRound]:
    """Rounds that were not answered right."""
    wrong = [number for number, answer in enumerate(answers) if set(answer) != set(blind.rounds[number].truth)]
    return [round_info(blind, live, number, answers[number]) for number in wrong[:MISSED]]


def _marks(blind: BlindRounds, live: LiveModel, one: Round, chosen: Collection[int] | None) -> Sequence[Mark]:
    """What is highlighted; once it was answered also where the unit is strongest, but for what was asked about."""
    if chosen is None or one.kind == "fuzzing":
        return one.marks
    return [peak_of(live, blind.unit, example) if example.fires else Mark() for example in one.examples]


def _items(blind: BlindRounds, live: LiveModel, examples: Sequence[Example], marks: Sequence[Mark]) -> list[BlindItem]:
    """Examples as their kind shows them, without what the unit does there."""
    kind = kind_of(blind.kind)
    members = kind.members(ShownMembers([one.content for one in examples], live))
    images = members.arrays.get("images")
    listed = []
    for place, (own, one, mark) in enumerate(zip(members.each, examples, marks, strict=True)):
        item: dict[str, Any] = dict(own)
        if one.pieces:
            item["pieces"] = [readable(piece) for piece in one.pieces]
        if images is not None:
            item["image"] = small(images[place], SIDE)
        given = {"marked": mark.token, "box": mark.box and list(mark.box), "column": mark.column}
        listed.append(cast("BlindItem", {**item, **{name: x for name, x in given.items() if x is not None}}))
    return listed


def _told(one: Example) -> dict[str, Any]:
    """What is told of an example that nobody has to judge any more."""
    told: dict[str, Any] = {"fires": one.fires, "why": one.why}
    if len(one.pieces) == len(one.values):
        told["shades"] = [round(float(value), 4) for value in one.values]
        if one.fires:
            told["peak"] = one.place
    return told
