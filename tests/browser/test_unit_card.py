"""Cards, the finder and the scatter of units in JupyterLab, beside an Explorer and alone."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import expect

import neuronwidget as nw
from tests.browser import lab
from tests.browser.conftest import Opener, Spares, fits_and_is_dark, shoot
from tests.browser.programs import documents

pytestmark = pytest.mark.browser

TEXT = "def is_(value):\n    return value  # is\n"
UNIT = "mlp.1:3"
#: Two concepts, and exemplars enough to tell.
DOUBLE = "mlp.1:38"
EXPLORE = f"w = nw.explore(live, {TEXT!r}, atlas=atlas, unit={UNIT!r}); w"


@pytest.fixture(scope="module")
def setup(tmp_path_factory: pytest.TempPathFactory) -> str:
    out: Path = tmp_path_factory.mktemp("atlas")
    nw.scan(nw.demo("code"), documents(), sites=["mlp.1", "mlp.2"], out=out, progress=False)
    return f"import neuronwidget as nw\nlive = nw.demo('code')\natlas = nw.open_atlas({str(out)!r})"


@pytest.fixture
def notebook(fresh: lab.Notebook) -> lab.Notebook:
    return fresh


@pytest.fixture
def explorer(explorer: lab.Widget) -> lab.Widget:
    """With the card of its unit."""
    wait_card(explorer, UNIT)
    return explorer


def wait_card(widget: lab.Widget, unit: str) -> None:
    """Wait until a unit's card is whole."""
    widget.root.locator(f"[data-nw=card][data-unit='{unit}'][data-fresh=true][data-kin='{unit}']").wait_for()


def wait_reads(widget: lab.Widget, unit: str) -> None:
    """Wait until the card says what its unit reads, and what that is at the present token."""
    widget.root.locator(f"[data-nw=reads][data-unit='{unit}'][data-fresh=true]").wait_for()


def test_the_card_says_what_the_unit_reads_and_whether_it_is_several(
    explorer: lab.Widget, notebook: lab.Notebook
) -> None:
    wait_reads(explorer, UNIT)
    notebook.python(f"read = nw.context(live, atlas, {UNIT!r}, most=20_000)")
    assert explorer.part("reads-said").get_attribute("title") == notebook.value("read.verdict")
    explorer.part("editor").press("Control+End")
    explorer.part("editor").press("x")
    explorer.wait_text(f"{TEXT}x")
    wait_reads(explorer, UNIT)
    for table in ("token", "bigram", "position"):
        share = notebook.value(f"float(read.by.set_index('by')['r2']['{table}'])")
        shown = explorer.part(f"read-{table}").locator("b").inner_text().replace("−", "-")
        assert float(shown) == pytest.approx(share, abs=0.006)
        expect(explorer.part(f"read-{table}")).to_contain_text("here ")
    explorer.part("concepts-fold").press("Enter")
    expect(explorer.part("concepts-said")).to_contain_text("different exemplars at which it fires")
    notebook.python(f"several = nw.concepts(live, atlas, {DOUBLE!r}, behind=[])\nw.unit = {DOUBLE!r}")
    explorer.root.locator(f"[data-nw=concepts][data-unit='{DOUBLE}']").wait_for()
    assert explorer.part("concepts-said").inner_text() == notebook.value("several.verdict")
    assert explorer.part("concepts").locator("li").count() == notebook.value("several.number")
    explorer.part("concepts-fold").scroll_into_view_if_needed()
    shoot(notebook, "unit-card-concepts")


def test_the_card_is_what_python_says(explorer: lab.Widget, notebook: lab.Notebook) -> None:
    notebook.python(f"card = nw.unit_card(live, atlas, {UNIT!r})")
    states = notebook.value("[card.state] if card.state != 'ok' else []")
    assert explorer.part("state").all_inner_texts() == states
    assert explorer.part("state-words").inner_text() == notebook.value("card.words")
    similar = explorer.part("similar").locator("button").all_inner_texts()
    assert similar == notebook.value("card.similar['unit'].tolist()")
    promoted = (
        explorer.part("promoted").locator(".nw-token").evaluate_all("all => all.map(one => JSON.parse(one.title))")
    )
    assert promoted == notebook.value("card.outputs.promoted['output'].tolist()")
    assert explorer.part("histogram").locator("rect").count() == notebook.value("len(card.histogram)")
    assert "approximation" in explorer.part("outputs-note").inner_text()


def test_the_mark_follows_every_key_without_a_question_to_the_atlas(
    explorer: lab.Widget, notebook: lab.Notebook
) -> None:
    notebook.python(
        "asked = []\nanswer = w._answers.answer\n"
        "w._answers.answer = lambda ask: (asked.append(ask.want), answer(ask))[1]"
    )
    typed = TEXT
    explorer.part("editor").press("Control+End")
    for key in "class X:":
        typed += key
        explorer.part("editor").press(key if key != " " else "Space")
        explorer.wait_text(typed)
        mark = float(explorer.part("mark-peak").get_attribute("data-value") or "nan")
        notebook.python(f"values = live.record({typed!r}, sites=['mlp.1'])['mlp.1'][:, 3]")
        assert mark == pytest.approx(notebook.value("float(values[values.abs().argmax()])"), rel=1e-4)
        here = float(explorer.part("mark-here").get_attribute("data-value") or "nan")
        assert here == pytest.approx(notebook.value("float(values[-1])"), rel=1e-4, abs=1e-5)
    assert notebook.value("asked") == []


def test_the_rank_among_the_exemplars_is_told(explorer: lab.Widget, notebook: lab.Notebook) -> None:
    notebook.python("card = nw.unit_card(None, atlas, 'mlp.1:3')\nstrong = card.top.iloc[4]")
    whole = notebook.value("atlas.document(int(strong['document']))['text']")
    notebook.python(f"w.input = {whole!r}")
    explorer.wait_text(whole)
    value = float(explorer.part("mark-peak").get_attribute("data-value") or "nan")
    rank = notebook.value(f"card.where({value!r}).rank")
    assert rank in (4, 5, 6)
    expect(explorer.part("live-peak")).to_contain_text(f"It would be number {rank} of the ")


def test_a_similar_unit_becomes_the_selection_everywhere(explorer: lab.Widget, notebook: lab.Notebook) -> None:
    button = explorer.part("similar").locator("button").first
    unit = button.inner_text()
    button.click()
    wait_card(explorer, unit)
    notebook.eventually(f"str(w.unit) == {unit!r}")
    explorer.root.locator(f"[data-nw=exemplars][data-unit='{unit}']").wait_for()
    notebook.python(f"w.unit = {UNIT!r}")
    wait_card(explorer, UNIT)


def test_a_site_that_was_not_scanned_says_so(explorer: lab.Widget, notebook: lab.Notebook) -> None:
    notebook.python("w.unit = 'mlp.0:1'")
    expect(explorer.part("not-scanned")).to_contain_text("mlp.0")
    notebook.python(f"w.unit = {UNIT!r}")
    wait_card(explorer, UNIT)


def test_the_finder_finds_what_python_finds_and_moves_the_selection(
    explorer: lab.Widget, notebook: lab.Notebook
) -> None:
    explorer.part("find-fold").press("Enter")
    explorer.part("find-text").fill(r"def \w+_")
    explorer.part("find-fires").check()
    explorer.part("find-text").press("Enter")
    rows = explorer.part("find-row")
    notebook.python(
        "found = nw.find_units(atlas, text=r'def \\w+_', fires=live.record(w.input, sites=['mlp.1', 'mlp.2']))"
    )
    expected = notebook.value("[f'{s}:{i}' for s, i in found.index]")
    # Every unit is listed until the answer comes: the sentence tells the one list from the other.
    expect(explorer.part("find-count")).to_contain_text(f"{len(expected):,} of 1,536 units fit")
    assert rows.evaluate_all("all => all.map(row => row.dataset.unit)") == expected[:200]
    first = rows.nth(0).locator("button")
    first.focus()
    first.press("ArrowDown")
    notebook.page.keyboard.press("Enter")
    wait_card(explorer, expected[1])
    notebook.eventually(f"str(w.unit) == {expected[1]!r}")
    explorer.part("find-text").fill("(")
    explorer.part("find").click()
    expect(explorer.part("find-problem")).to_contain_text("no regular expression")


def test_colours_keep_the_ends_of_the_data_set_while_one_types(explorer: lab.Widget, notebook: lab.Notebook) -> None:
    legends = explorer.part("legend")
    ends = "all => all.map(one => one.querySelector('.nw-ramp').getAttribute('aria-label'))"
    explorer.wait(
        "(root) => { const words = [...root.querySelectorAll('.nw-legend-what')];"
        " return words.length > 1 && words.every((one) => /ends of the data set/.test(one.textContent)); }"
    )
    before = legends.evaluate_all(ends)
    explorer.write("x")
    explorer.wait_text("x")
    assert legends.evaluate_all(ends) == before
    notebook.eventually("'mlp.1' in w.view['pinned']")
    low, high = notebook.value("w.view['pinned']['mlp.1']")
    assert low <= notebook.value("float(atlas.units.loc['mlp.1', 'min'].min())")
    assert high >= notebook.value("float(atlas.units.loc['mlp.1', 'max'].max())")
    explorer.part("pin-atlas").press("Space")
    notebook.eventually("w.view['pinned'] == {}")
    explorer.wait(
        "(root) => ![...root.querySelectorAll('.nw-legend-what')].some((one) => /data set/.test(one.textContent))"
    )


def test_a_card_alone_is_live_and_a_finder_alone_moves_an_explorer(open_notebook: Opener, setup: str) -> None:
    notebook = open_notebook(
        setup,
        EXPLORE,
        f"c = nw.UnitCard(live, atlas, {UNIT!r}, 'for'); c",
        "f = nw.UnitFinder(atlas, w); f",
        height=1600,
    )
    notebook.run_all()
    card = notebook.widget("unit-card")
    card.wait_text("for")
    wait_card(card, UNIT)
    card.part("editor").press("Control+End")
    card.part("editor").press("X")
    card.wait_text("forX")
    notebook.eventually("c.input == 'forX'")
    card.root.locator("[data-nw=exemplar]").first.wait_for()
    card.part("exemplars").scroll_into_view_if_needed()
    shoot(notebook, "unit-card-alone")
    finder = notebook.widget("unit-finder")
    finder.part("find-row").first.wait_for()
    shoot(notebook, "unit-finder-opened")
    expect(finder.part("find-count")).to_contain_text("All 1,536 units, those with the largest values first")
    listed = finder.part("find-row").evaluate_all("all => all.map(row => row.dataset.unit)")
    assert listed == notebook.value("[f'{s}:{i}' for s, i in f.table().index[:200]]")
    finder.part("find-state").select_option("ok")
    finder.part("find-order").select_option("density")
    finder.part("find").click()
    expect(finder.part("find-count")).to_contain_text("those that fire most often first")
    row = finder.part("find-row").first
    row.locator("button").click()
    unit = row.get_attribute("data-unit")
    notebook.eventually(f"str(f.unit) == {unit!r} and str(w.unit) == {unit!r}")
    assert unit == notebook.value("'{}:{}'.format(*f.table().index[0])")
    wait_card(notebook.widget(), unit or "")


def test_without_a_kernel_the_saved_card_and_exemplars_are_shown(
    server: lab.Server, open_notebook: Opener, spares: Spares, setup: str
) -> None:
    cells = EXPLORE, f"c = nw.UnitCard(live, atlas, {UNIT!r}, 'for'); c", "f = nw.UnitFinder(atlas); f"
    notebook = open_notebook(setup, *cells, name="saved-atlas.ipynb", height=3600)
    notebook.run_all()
    explorer, card, finder = notebook.widget(), notebook.widget("unit-card"), notebook.widget("unit-finder")
    explorer.wait_text(TEXT)
    card.wait_text("for")
    for widget in (explorer, card):
        wait_card(widget, UNIT)
        wait_reads(widget, UNIT)
    explorer.root.locator("[data-nw=exemplar-tab][data-group=intervals]").click()
    explorer.root.locator("[data-nw=exemplars][data-group=intervals][data-fresh=true]").wait_for()
    finder.part("find-row").first.wait_for()
    explorer.save()
    card.save()
    said = [widget.part("card").inner_text() for widget in (explorer, card)]
    rows = explorer.part("exemplar").all_inner_texts()
    listed = finder.part("find-row").all_inner_texts()
    spares.keep(notebook)
    again = open_notebook(name="saved-atlas.ipynb", height=3600)
    explorer, card, finder = again.widget(), again.widget("unit-card"), again.widget("unit-finder")
    for widget in (explorer, card, finder):
        widget.wait_state("no-kernel")
    wait_card(explorer, UNIT)
    wait_card(card, UNIT)
    shoot(again, "atlas-saved-without-kernel")
    assert [widget.part("card").inner_text() for widget in (explorer, card)] == said
    assert explorer.part("exemplar").all_inner_texts() == rows
    assert finder.part("find-row").all_inner_texts() == listed
    for widget in (explorer, card):
        assert "not live" in widget.part("atlas-status").inner_text()
    assert "not live" in finder.part("status").inner_text()
    assert len(str(server.read("saved-atlas.ipynb").metadata.widgets)) < 2_000_000


# Alone a picture may give another last bit than among others.
AMONG_THE_FIRST = re.compile(r"(number [12] of the|Beyond all) 20 strongest")
INPUTS = """
import tempfile, numpy as np, neuronwidget as nw
from sklearn import datasets
def pictures():
    images = datasets.load_digits().images[:80]
    return [np.repeat(np.kron(image * 15, np.ones((2, 2))).astype(np.uint8)[:, :, None], 3, 2) for image in images]
def rows():
    return datasets.load_breast_cancer(as_frame=True).data[:80]
def atlas_of(name, data):
    live = nw.demo(name)
    return live, nw.scan(live, data, out=tempfile.mkdtemp(), progress=False)
"""


def test_a_card_alone_of_pictures_has_its_picture_and_exemplars(open_notebook: Opener) -> None:
    made = f"{INPUTS}live, atlas = atlas_of('digits', pictures())"
    notebook = open_notebook(made, "c = nw.UnitCard(live, atlas, 'conv.1:2', 0); c", height=1500)
    notebook.run_all()
    card = notebook.widget("unit-card")
    wait_card(card, "conv.1:2")
    pixels = card.root.locator("[data-key='0'] canvas").first.evaluate(
        "canvas => [...canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data]"
    )
    image = notebook.value("c.atlas.exemplars('conv.1:2').loc[0, 'image'].ravel().tolist()")
    assert [value for place, value in enumerate(pixels) if place % 4 < 3] == image
    with card.repaint():
        card.root.locator("[data-key='0'] [data-nw=exemplar-use]").click()
    notebook.eventually("(c.input == c.atlas.exemplars('conv.1:2').loc[0, 'image']).all()")
    expect(card.part("live-peak")).to_contain_text(AMONG_THE_FIRST)
    card.root.locator("[data-key='3']").click()
    notebook.eventually("c.picked == [3]")
    card.wait_words("[data-nw=picked-count]", "1 exemplar picked: card.selected")
    with card.repaint():
        card.part("picture").press("ArrowRight")
    notebook.eventually("not (c.input == c.atlas.exemplars('conv.1:2').loc[0, 'image']).all()")
    for width in (1400, 600):
        notebook.set_width(card, width, 1500)
        assert card.root.evaluate("(root) => root.scrollWidth <= root.clientWidth")
        shoot(notebook, f"unit-card-pictures-{width}")


def test_a_card_alone_of_rows_has_its_row_and_exemplars(open_notebook: Opener) -> None:
    made = f"{INPUTS}live, atlas = atlas_of('cancer', rows())"
    notebook = open_notebook(made, "c = nw.UnitCard(live, atlas, 'dense.0:5'); c", dark=True, height=1500)
    notebook.run_all()
    card = notebook.widget("unit-card")
    wait_card(card, "dense.0:5")
    expect(card.root.locator("[data-key='0'] [role=img]")).to_have_count(1)
    card.root.locator("[data-key='0'] [data-nw=exemplar-use]").click()
    notebook.eventually("c.input['mean area'] == c.atlas.exemplars('dense.0:5').loc[0, 'row']['mean area']")
    expect(card.part("live-peak")).to_contain_text(AMONG_THE_FIRST)
    card.root.locator("[data-column='mean radius'] input[type=number]").fill("11.5")
    card.page.keyboard.press("Enter")
    notebook.eventually("c.input['mean radius'] == 11.5")
    for width in (1400, 600):
        notebook.set_width(card, width, 1500)
        assert card.root.evaluate("(root) => root.scrollWidth <= root.clientWidth")
        shoot(notebook, f"unit-card-rows-dark-{width}")


def test_it_fits_narrow_pages_and_follows_a_dark_theme(open_notebook: Opener, setup: str) -> None:
    notebook = open_notebook(setup, EXPLORE, dark=True, height=1600)
    fits_and_is_dark(notebook)
    widget = notebook.widget()
    wait_card(widget, UNIT)
    for width in (1400, 600):
        notebook.set_width(widget, width, 1600)
        assert widget.root.evaluate("(root) => root.scrollWidth <= root.clientWidth")
        shoot(notebook, f"unit-card-dark-{width}")


def test_units_in_the_brush_of_the_scatter_come_back_to_python(open_notebook: Opener, setup: str) -> None:
    notebook = open_notebook(setup, "s = nw.UnitScatter(atlas, y='max', log=()); s", height=1000)
    notebook.run_all()
    chart = notebook.page.locator(".vega-embed canvas, .vega-embed svg").first
    chart.wait_for()
    box = chart.bounding_box()
    assert box is not None
    notebook.page.mouse.move(box["x"] + 80, box["y"] + 60)
    notebook.page.mouse.down()
    notebook.page.mouse.move(box["x"] + 300, box["y"] + 200, steps=4)
    notebook.page.mouse.up()
    # The brush is sent while it is drawn: what it holds is compared with its ends of the same moment.
    notebook.eventually("0 < len(s.selected) < 1536")
    ends = "*s.widget.selections.brush.value['max_drawn']"
    notebook.eventually(f"s.selected['max'].between({ends}).all()")
    shoot(notebook, "unit-scatter")
