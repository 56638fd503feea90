"""Models of text of other kinds in JupyterLab: masks, classes, answers; token numbers, chats, features, marked text."""

from __future__ import annotations

import pytest

from tests.browser import lab
from tests.browser.conftest import EXPLORE, IMPORT, TEXT, Opener, shoot

pytestmark = pytest.mark.browser

SMALL = f"""
import sys; sys.path.insert(0, {str(lab.REPO)!r})
import torch, transformers, neuronwidget as nw
from tests.live.adapters.families import PLAIN, TEXT, VOCABULARY, build, tokenizer
"""
NAMES = "id2label={0: 'calm', 1: 'cross', 2: 'very glad indeed'}, num_labels=3"
BERT = SMALL + f"live = nw.attach(build('%s', 'BertConfig', **PLAIN, {NAMES})(), tokenizer('wordpiece'))"
T5 = (
    SMALL
    + """
shape = dict(d_model=32, d_kv=8, d_ff=72, num_layers=2, num_heads=4, decoder_start_token_id=0)
model = build('T5ForConditionalGeneration', 'T5Config', vocab_size=VOCABULARY, **shape)()
live = nw.attach(model, tokenizer('unigram'))
"""
)
SHOW = "w = nw.explore(live, TEXT); w"


def shown(widget: lab.Widget) -> list[str]:
    """The names in the panel of guesses."""
    return widget.root.locator("[data-nw=guesses] .nw-bar-name").all_inner_texts()


def test_a_model_that_fills_gaps_says_what_it_expects_at_the_token(open_notebook: Opener) -> None:
    notebook = open_notebook(BERT % "BertForMaskedLM", SHOW, height=1500)
    notebook.run_all()
    widget = notebook.widget()
    widget.wait_seq(0)
    widget.root.locator("[data-nw=guesses][data-about=here]").wait_for()
    widget.click_token(5)
    said = widget.wait_words("[data-nw=guesses]", "at token 5")
    assert "What does the model expect here?" in said
    assert "Really here:" in said
    # [CLS] stands above the text and [SEP] below it, as what they are, with their numbers on demand.
    chips = widget.root.locator(".nw-labels[data-place=before] .nw-label")
    assert [chip[:5] for chip in chips.all_inner_texts()] == ["[CLS]"]
    last = widget.root.locator(".nw-labels[data-place=after] .nw-label")
    assert [chip[:5] for chip in last.all_inner_texts()] == ["[SEP]"]
    number = notebook.value("live.inputs.tokens(TEXT).ids[0]")
    assert f"id {number}" in (chips.first.get_attribute("title") or "")
    shoot(notebook, "texts-masked")


def test_a_classifier_of_texts_has_bars_for_its_classes(open_notebook: Opener) -> None:
    notebook = open_notebook(BERT % "BertForSequenceClassification", SHOW, height=1500)
    notebook.run_all()
    widget = notebook.widget()
    widget.wait_seq(0)
    widget.root.locator("[data-nw=guesses][data-about=whole] .nw-bar-row").nth(2).wait_for()
    widget.write("What a day")
    widget.wait_text("What a day")
    assert shown(widget) == notebook.value("live.predict('What a day')['class'].tolist()")
    # The marks stand where the bars were for the text that the view began with.
    calm = notebook.value("float(live.predict(TEXT).set_index('class')['probability']['calm'])")
    left = widget.root.locator(".nw-bar-row", has_text="calm").locator(".nw-was").evaluate("(mark) => mark.style.left")
    assert float(left.rstrip("%")) == pytest.approx(100 * calm, rel=1e-3)
    shoot(notebook, "texts-classes")


def test_an_encoder_with_a_decoder_says_how_its_answer_begins(open_notebook: Opener) -> None:
    notebook = open_notebook(T5, SHOW, height=1500)
    notebook.run_all()
    widget = notebook.widget()
    widget.wait_seq(0)
    said = widget.wait_words("[data-nw=guesses]", "How does the answer begin?")
    assert "first token that the decoder would write" in said
    widget.root.locator("[data-nw=guesses] .nw-bar-row").nth(7).wait_for()
    assert len(shown(widget)) == 8
    shoot(notebook, "texts-answer")


def test_the_number_of_a_token_is_told_on_demand(open_notebook: Opener) -> None:
    notebook = open_notebook(IMPORT, EXPLORE)
    notebook.run_all()
    widget = notebook.widget()
    widget.wait_text(TEXT)
    widget.point_at(4)
    number = notebook.value(f"live.inputs.tokens({TEXT!r}).ids[4]")
    widget.wait_words("[data-nw=tooltip]", f"id {number}")


def test_marked_text_is_a_span_in_python(open_notebook: Opener) -> None:
    text = "🙂 = 'one'\nx = 2\n"
    notebook = open_notebook(IMPORT, f"w = nw.explore(live, {text!r}, unit='mlp.1:7'); w")
    notebook.run_all()
    widget = notebook.widget()
    widget.wait_text(text)
    keyboard = notebook.page.keyboard
    widget.part("editor").focus()
    keyboard.press("ControlOrMeta+Home")
    for _ in range(4):
        keyboard.press("ArrowRight")
    for _ in range(5):
        keyboard.press("Shift+ArrowRight")
    notebook.eventually("w.selection == {'token': None, 'span': [4, 9]}")
    assert notebook.value("w.input[slice(*w.selection['span'])]") == "'one'"
    keyboard.press("ArrowRight")
    notebook.eventually("w.selection == {'token': 8, 'span': [8, 9]}")
    # With the pointer, backwards, over a line's end.
    begin, end = widget.token(13).bounding_box(), widget.token(7).bounding_box()
    assert begin is not None
    assert end is not None
    # At whole pixels, as a mouse does: a press at a fraction of one began no selection.
    notebook.page.mouse.move(int(begin["x"]) + 4, int(begin["y"]) + 10)
    notebook.page.mouse.down()
    notebook.page.mouse.move(int(end["x"]) + 1, int(end["y"]) + 10, steps=8)
    notebook.page.mouse.up()
    notebook.eventually("w.selection['token'] is None and w.selection['span'][1] > 11 > w.selection['span'][0]")
    keyboard.type("#")
    notebook.eventually("w.selection == {'token': None, 'span': None} and '#' in w.input and '\\n' in w.input")


def test_a_feature_is_searched_and_shown(open_notebook: Opener) -> None:
    notebook = open_notebook(
        "import neuronwidget as nw\nlive = nw.demo('code', sae=True)", f"w = nw.explore(live, {TEXT!r}); w", height=1500
    )
    notebook.run_all()
    widget = notebook.widget()
    widget.wait_text(TEXT)
    site = notebook.value("next(site.name for site in live.sites if site.kind == 'sae')")
    with widget.repaint():
        widget.part("site").select_option(site)
    notebook.eventually(f"w.site == {site!r}")
    widget.wait_words(".nw-area-pictures", "features of a sparse autoencoder")
    # A feature that is on somewhere in this text, and one that is nowhere.
    on, off = notebook.python(
        f"peaks = live.record(w.input, sites=[{site!r}])[{site!r}].amax(0)",
        "[int(peaks.argmax()), int(peaks.argmin())]",
    )
    rows = [on, off]  # the strongest first
    with widget.repaint():
        widget.part("filter").fill(f"{on}, {off}")
    widget.wait_axis("(ticks, rows) => ticks.join() === rows.join()", rows)
    box = widget.part("map").bounding_box()
    assert box is not None
    with widget.repaint():
        widget.part("map").click(position={"x": 60, "y": box["height"] * (0.25 + 0.5 * rows.index(on))})
    notebook.eventually(f"str(w.unit) == '{site}:{on}'")
    widget.wait_words("[data-nw=reading]", f"{site}:{on}")
    shoot(notebook, "texts-feature")


def test_features_added_later_can_be_chosen(open_notebook: Opener) -> None:
    notebook = open_notebook(IMPORT, EXPLORE)
    notebook.run_all()
    widget = notebook.widget()
    widget.wait_text(TEXT)
    notebook.python(
        "class Twice(torch.nn.Module):\n"
        "    def encode(self, x): return torch.cat([x, -x], -1).relu()\n"
        "    def decode(self, f): return f[..., :f.shape[-1] // 2] - f[..., f.shape[-1] // 2:]\n"
        "added = live.add_sae('mlp.1', Twice())"
    )
    name, width = notebook.value("[added.name, added.width]")
    widget.wait("(root, name) => !!root.querySelector(`[data-nw=site] option[value='${name}']`)", name)
    with widget.repaint():
        widget.part("site").select_option(name)
    widget.wait_words(".nw-area-pictures", f"{width:,} units")
