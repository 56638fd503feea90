"""Every view that people see, as cells of a notebook: what they are made of, and one line a view."""

from __future__ import annotations

from collections.abc import Sequence

from tests.browser.conftest import TEXT

#: Models and atlases.
MODELS = """
import neuronwidget as nw

from neuronwidget.atlas.scan.observer import Plan

code, digits, cancer, shortcut = (nw.demo(name) for name in ("code", "digits", "cancer", "digits-shortcut"))
texts = code.atlas(size=20_000, progress=False)
pictures, rows = digits.atlas(progress=False), cancer.atlas(progress=False)

def scanning():
    # A scan on its way, held still: what an observer is told of one.
    view = nw.ScanProgress(["state.1:92", "mlp.0:3"])
    view._displayed = True  # the last line of its cell shows it
    look = lambda site, unit, n: texts.exemplars((site, unit), "top", n).to_dict("records")
    view.begin(Plan(["mlp.0", "state.1"], 1200, look))
    for share in (0.1, 0.4):
        done = {"documents": int(1200 * share), "tokens": int(90_000 * share), "rate": 5200.0, "seconds": 17 * share}
        view.report(done)
        view._next_update = 0.0
    return view
"""

#: Answers to questions, each of so few inputs that all of them take less time than one page.
RESULTS = """
import textwrap, argparse, csv
from pathlib import Path

import numpy as np
from sklearn.datasets import load_breast_cancer, load_digits

drawn, tumours = load_digits(), load_breast_cancer(as_frame=True)
images, numbers = (drawn.images[:600] * 255 / 16).astype("uint8"), drawn.target[:600]
diagnoses = tumours.target_names[tumours.target]
library = [Path(module.__file__).read_text(encoding="utf-8") for module in (textwrap, csv, argparse)]
sources = [text[start : start + 400] for text in library for start in range(0, len(text), 400)][:120]
lines = list(dict.fromkeys(line for text in sources for line in text.splitlines() if 12 <= len(line) <= 72))[:600]

few = {"bootstraps": 4, "nulls": 1}
responses = nw.collect(digits, images, ["conv.2", "dense.0"], labels=numbers)
conv, dense = (nw.patterns(digits, responses, site, **few) for site in ("conv.2", "dense.0"))
of_lines = nw.patterns(code, nw.collect(code, lines, ["mlp.0"], how="last"), "mlp.0", **few)
of_rows = nw.patterns(cancer, nw.collect(cancer, tumours.data, ["dense.0"], labels=diagnoses), "dense.0", **few)
alike = nw.groups(code, sources, "mlp.2", nulls=1, atlas=texts)
channels = nw.groups(digits, images, ["conv.1", "conv.2"], nulls=1, atlas=pictures)

chance = np.random.default_rng(0)
marked = images.repeat(2, 1).repeat(2, 2)
for number in np.flatnonzero(chance.random(len(marked)) < 0.5):
    down, right = (slice(-3, None) if end else slice(3) for end in chance.integers(0, 2, 2))
    marked[number, down, right] = [[255, 0, 255], [0, 255, 0], [255, 0, 255]]
leans = nw.shortcuts(shortcut, marked, numbers, sites=["conv.0", "conv.1"], most_tried=2)
upright = nw.shortcuts(digits, images[:300], numbers[:300], sites=["conv.0"], most_tried=2)

differ = nw.compare(shortcut, nw.right_wrong(shortcut, marked, numbers), nulls=2)
concepts = {name: nw.python_tokens(name) for name in ("string", "comment", "keyword")}
parts = nw.compare(code, concepts, ["mlp.2", "state.1"], data=sources, nulls=1)
comments = nw.compare(code, nw.python_tokens("comment"), ["mlp.2", "state.1"], data=sources, nulls=2)
malign = nw.compare(cancer, {name: tumours.data[diagnoses == name] for name in tumours.target_names}, nulls=2)

health = nw.health(texts)
where = nw.localise(digits, images, numbers, "dense.0", of=["0", "5"], splits=2)

def testing(name, unit, *moves, **how):
    # A blind test in which a person did this; its evidence stays with a model of its own.
    test = nw.BlindTest(nw.demo(name), unit=unit, test=12, explain=12, **how)
    for move in moves:
        test.move = {"step": test.blind_info["step"], **move}
    return test
"""

MODEL_NAMES = ("nw", "code", "digits", "cancer", "shortcut", "texts", "pictures", "rows", "scanning")
RESULT_NAMES = (
    *("conv", "dense", "of_lines", "of_rows", "alike", "channels", "differ", "parts", "comments", "malign", "leans"),
    *("upright", "health", "where", "testing", "images", "sources"),
)
EDIT = {"edit": "scale", "unit": "state.1:92", "factor": 0}
#: Views of models and atlases, and of results.
OF_MODELS = {
    "strip": f"nw.TokenStrip(code, {TEXT!r}, unit='state.1:92')",
    "heatmap": f"nw.Heatmap(code, {TEXT!r}, site='mlp.1')",
    "explorer": f"nw.explore(code, {TEXT!r})",
    "picture": "nw.explore(digits)",
    "row": "nw.explore(cancer)",
    "explorer-atlas": f"nw.explore(code, {TEXT!r}, atlas=texts)",
    "picture-atlas": "nw.explore(digits, atlas=pictures)",
    "row-atlas": "nw.explore(cancer, atlas=rows)",
    "card": "nw.UnitCard(code, texts, 'state.1:92')",
    "card-concepts": f"nw.UnitCard(code, texts, 'mlp.1:38', {TEXT!r})",
    "exemplars": "nw.ExemplarGrid(texts, unit='state.1:92')",
    "exemplars-narrow": "nw.ExemplarGrid(texts, unit='state.1:92', layout={'width': '360px'})",
    "finder": "nw.UnitFinder(texts)",
    "finder-text": "nw.UnitFinder(texts, query={'text': '#'})",
    "edited": f"nw.explore(nw.demo('code'), {TEXT!r}, edits=[{EDIT}], pins=['state.0:60'])",
    "scan": "scanning()",
}
OF_RESULTS = {
    "patterns": "nw.PatternView(conv, digits, flow=dense, pattern=int(conv.table()['pattern'].iloc[0]))",
    "patterns-text": "nw.PatternView(of_lines, code, pattern=int(of_lines.table()['pattern'].iloc[0]))",
    "patterns-row": "nw.PatternView(of_rows, cancer)",
    "patterns-alone": "nw.PatternView(dense, pattern=-1)",
    "groups": "nw.GroupView(alike, group=int(alike.table()['group'].iloc[0]))",
    "groups-picture": "nw.GroupView(channels, explorer=nw.explore(digits))",
    "compare": "nw.CompareView(differ, explorer=nw.explore(shortcut))",
    "compare-text": "nw.CompareView(comments, code)",
    "compare-three": "nw.CompareView(parts, code, texts)",
    "compare-row": "nw.CompareView(malign, explorer=nw.explore(cancer))",
    "shortcuts": "nw.ShortcutView(leans, explorer=nw.explore(shortcut))",
    "shortcuts-none": "nw.ShortcutView(upright)",
    "health": "nw.HealthView(health, atlas=texts, unit=health.table()['unit'].iloc[0])",
    "localise": "nw.LocaliseView(where, explorer=nw.explore(digits))",
    "blind": "testing('code', 'state.1:92', data=sources[:60], label='inside a comment')",
    "blind-asks": "testing('code', 'state.1:92', data=sources[:60], label='')",
    "blind-round": "testing('code', 'state.1:92', {}, data=sources[:60], label='inside a comment')",
    "blind-told": "testing('digits', 'dense.0:5', {}, {'answer': [0]}, data=images, label='a loop at the top')",
    "blind-end": "testing('code', 'state.1:92', *[{}, {'answer': [0]}] * 12, data=sources[:60], label='a comment')",
}
VIEWS = {
    **OF_MODELS,
    **OF_RESULTS,
    "scatter": "nw.UnitScatter(texts).widget",  # the last: of what altair shows a saved notebook keeps no picture
}
#: Those of which a saved notebook keeps no picture.
FLEETING = {"scan", "scatter"}
#: What a person opens in a view before looking at it.
OPENED = {"card-concepts": "[data-nw=concepts-fold]"}


def setup(views: Sequence[str]) -> tuple[str, tuple[str, ...]]:
    """The cell that these views need before them, and the names that it gives."""
    if OF_RESULTS.keys().isdisjoint(views):
        return MODELS, MODEL_NAMES
    return MODELS + RESULTS, (*MODEL_NAMES, *RESULT_NAMES)
