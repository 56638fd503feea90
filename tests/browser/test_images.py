"""The Explorer of pictures in JupyterLab: what a person does, and what follows in the page and in Python."""

from __future__ import annotations

import struct
import zlib
from pathlib import Path

import numpy as np
import pytest

from tests.browser import lab
from tests.browser.conftest import Opener, Spares, fits_and_is_dark, shoot

pytestmark = pytest.mark.browser

SETUP = """
import numpy as np, torch, neuronwidget as nw
from torch import nn
torch.manual_seed(0)
module = nn.Sequential(
    nn.Conv2d(3, 8, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(8, 12, 3), nn.ReLU(),
    nn.Flatten(), nn.Linear(12 * 36, 5),
).eval()
draw = np.random.default_rng(0)
gallery = [(draw.integers(0, 256, (16, 16, 3), np.uint8), f"noise {i}") for i in range(12)]
names = ["ant", "bee", "cat", "dog", "emu"]
live = nw.attach(module, inputs=nw.ImageInputs(size=16, classes=names, gallery=gallery))
def is_picture(i):
    return w.input.shape == (16, 16, 3) and bool((w.input == gallery[i][0]).all())
"""
EXPLORE = "w = nw.explore(live, 0, site='conv.0', unit='conv.0:3'); w"
# A picture twice as large, linear between its pixels.
DOUBLED = """
def doubled(picture):
    tensor = torch.from_numpy(np.ascontiguousarray(picture)).permute(2, 0, 1)[None].double()
    scaled = nn.functional.interpolate(tensor, scale_factor=2, mode="bilinear", align_corners=False)
    return scaled[0].permute(1, 2, 0).round().int().numpy()
"""
READY = "[data-nw=gallery] button:nth-of-type(12)"


def pixels(explorer: lab.Widget, part: str = "picture") -> np.ndarray:
    """What is on the screen below the overlay: [height, width, 3]."""
    found = (
        explorer.part(part)
        .locator("canvas")
        .first.evaluate(
            """(canvas) => {
            const { width, height } = canvas;
            return [height, width, [...canvas.getContext("2d").getImageData(0, 0, width, height).data]];
        }"""
        )
    )
    return np.array(found[2], np.uint8).reshape(found[0], found[1], 4)[..., :3]


def wait_pixels(explorer: lab.Widget, expression: str) -> None:
    """Wait until the screen shows a picture that the kernel holds, in every pixel."""
    explorer.wait(
        """(root, expected) => {
            const canvas = root.querySelector("[data-nw=picture] canvas");
            const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
            return data.length === expected.length && expected.every((value, i) => data[i] === value);
        }""",
        explorer.notebook.value(f"np.insert({expression}, 3, 255, axis=2).ravel().tolist()"),
    )


def drag(explorer: lab.Widget, *path: tuple[float, float]) -> None:
    """Draw through fractions of the picture with the pointer held down."""
    explorer.part("picture").scroll_into_view_if_needed()
    box = explorer.part("picture").bounding_box()
    assert box is not None
    points = [(box["x"] + x * box["width"], box["y"] + y * box["height"]) for x, y in path]
    explorer.page.mouse.move(*points[0])
    explorer.page.mouse.down()
    for point in points[1:]:
        explorer.page.mouse.move(*point, steps=6)
    explorer.page.mouse.up()


def png(picture: np.ndarray) -> bytes:
    """An RGB picture as a PNG file."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    height, width, _ = picture.shape
    lines = b"".join(b"\0" + row.tobytes() for row in picture)
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    parts = chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(lines)) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + parts


def test_a_picked_picture_is_looked_at(explorer: lab.Widget) -> None:
    shoot(explorer.notebook, "images-1400")
    explorer.root.locator("[data-nw=gallery] button").nth(4).click()
    explorer.notebook.eventually("is_picture(4)")
    explorer.wait("(root) => root.querySelector('[data-index=\"4\"]').getAttribute('aria-selected') === 'true'")
    expected = explorer.notebook.python(
        "import torch\nwith torch.no_grad(): p = module(live.inputs.prepare(w.input)).softmax(1)[0].tolist()", "p"
    )
    best = ["ant", "bee", "cat", "dog", "emu"][int(np.argmax(expected))]
    explorer.wait(
        "(root, [best, text]) => root.querySelector(`[data-class=${best}] .nw-number`)?.firstChild.data === text",
        [best, f"{100 * max(expected):.0f} %"],
    )
    assert (pixels(explorer) == np.array(explorer.notebook.value("w.input.tolist()"))).all()


def test_the_gallery_by_keys(explorer: lab.Widget) -> None:
    explorer.root.locator("[data-nw=gallery] button").first.focus()
    explorer.page.keyboard.press("ArrowRight")
    explorer.page.keyboard.press("ArrowRight")
    explorer.notebook.eventually("is_picture(2)")
    explorer.page.keyboard.press("End")
    explorer.notebook.eventually("is_picture(11)")


def test_painting_is_followed_and_undone_to_the_bit(explorer: lab.Widget) -> None:
    explorer.part("tool-paint").click()
    explorer.part("brush-colour").fill("#ff0000")
    drag(explorer, (0.1, 0.1), (0.9, 0.1), (0.9, 0.9))
    for corner in ((1, 1), (1, 14), (14, 14)):
        explorer.notebook.eventually(f"w.input[{corner}].tolist() == [255, 0, 0]")
    wait_pixels(explorer, "w.input")
    # The first tile is the unit that is strongest in the painted picture.
    strongest = explorer.notebook.python(
        "r = live.record(w.input, sites=['conv.0'])['conv.0']", "'conv.0:' + str(int(r.abs().amax(0).argmax()))"
    )
    explorer.wait("(root, unit) => root.querySelector('[data-nw=tiles] [data-unit]').dataset.unit === unit", strongest)
    shoot(explorer.notebook, "images-painted")
    explorer.part("picture").focus()
    explorer.page.keyboard.press("ControlOrMeta+z")
    explorer.notebook.eventually("is_picture(0)")
    explorer.page.keyboard.press("ControlOrMeta+Shift+z")
    explorer.notebook.eventually("not is_picture(0)")
    explorer.part("reset").click()
    explorer.notebook.eventually("is_picture(0)")


def test_the_picture_by_keys_alone(explorer: lab.Widget) -> None:
    before = pixels(explorer)
    explorer.part("picture").focus()
    explorer.page.keyboard.press("ArrowRight")
    explorer.notebook.eventually("not is_picture(0)")
    after = np.array(explorer.notebook.value("w.input.tolist()"))
    assert (after[:, 1:] == before[:, :-1]).all()
    explorer.part("tool-erase").press("Enter")
    explorer.part("picture").focus()
    explorer.page.keyboard.press("]")
    explorer.wait("(root) => root.querySelector('[data-nw=turn]').value === '5'")


def holds(part: str) -> str:
    """A test, for the kernel, that the picture is a part of the first one, scaled to 16 × 16 as the page does it."""
    return f"np.abs(w.input.astype(int) - doubled(gallery[0][0][{part}])).max() <= 1"


def test_a_dragged_part_is_all_that_the_model_sees(explorer: lab.Widget) -> None:
    explorer.notebook.python(DOUBLED)
    explorer.part("tool-crop").click()
    drag(explorer, (0.26, 0.01), (0.5, 0.2), (0.76, 0.52))
    # While it is framed the model follows; the picture is still there in full.
    explorer.notebook.eventually(holds("0:8, 4:12"))
    assert (pixels(explorer) == np.array(explorer.notebook.value("gallery[0][0].tolist()"))).all()
    explorer.wait_words("[data-nw=crop-words]", "8 × 8 pixels")
    shoot(explorer.notebook, "images-crop-1400")
    # Taken in the middle it moves, by a corner it changes its size.
    drag(explorer, (0.5, 0.25), (0.5, 0.5), (0.75, 0.75))
    explorer.notebook.eventually(holds("8:16, 8:16"))
    grip = explorer.root.locator("[data-grip='-1 -1']")
    box = grip.bounding_box()
    assert box is not None
    easel = explorer.part("picture").bounding_box()
    assert easel is not None
    explorer.page.mouse.move(box["x"] + 5, box["y"] + 5)
    explorer.page.mouse.down()
    explorer.page.mouse.move(easel["x"] + easel["width"] * 0.75, easel["y"] + easel["height"] * 0.75, steps=4)
    explorer.page.mouse.up()
    explorer.wait_words("[data-nw=crop-words]", "4 × 4 pixels")
    explorer.part("crop-apply").click()
    assert explorer.part("tool-move").evaluate("(node) => node === document.activeElement")
    explorer.notebook.eventually("w.input[0, 0].tolist() == gallery[0][0][12, 12].tolist()")
    wait_pixels(explorer, "w.input")
    shoot(explorer.notebook, "images-cropped")
    explorer.part("undo").click()
    explorer.notebook.eventually("is_picture(0)")
    explorer.part("redo").click()
    explorer.notebook.eventually("not is_picture(0)")
    explorer.part("reset").click()
    explorer.notebook.eventually("is_picture(0)")


def test_a_crop_by_keys_with_other_edits(explorer: lab.Widget) -> None:
    explorer.notebook.python(DOUBLED)
    explorer.part("tool-crop").press("Enter")
    explorer.part("picture").focus()
    keys = explorer.page.keyboard
    keys.press("ArrowRight")
    explorer.wait_words("[data-nw=crop-words]", "12 × 12 pixels")
    for _ in range(4):
        keys.press("Shift+ArrowLeft")
    keys.press("ArrowUp")
    explorer.notebook.eventually(holds("1:9, 2:10"))
    explorer.wait_words("[data-nw=said]", "8 × 8 pixels, 13 % from the left, 6 % from the top")
    keys.press("Escape")
    explorer.notebook.eventually("is_picture(0)")
    explorer.part("tool-crop").press("Enter")
    explorer.part("picture").focus()
    keys.press("ArrowRight")
    for _ in range(4):
        keys.press("Shift+ArrowUp")
    keys.press("Enter")
    explorer.wait_words("[data-nw=said]", "Cropped to 8 × 8 pixels")
    explorer.notebook.eventually(holds("2:10, 2:10"))
    # Then shifted: what was cut away does not come back.
    for _ in range(4):
        keys.press("ArrowRight")
    explorer.notebook.eventually(
        "np.abs(w.input[:, 4:].astype(int) - doubled(gallery[0][0][2:10, 2:10])[:, :12]).max() <= 1"
    )
    assert explorer.notebook.value("len(np.unique(w.input[:, :3].reshape(-1, 3), axis=0))") == 1
    for _ in range(2):  # the shift, and the crop
        keys.press("ControlOrMeta+z")
    explorer.notebook.eventually("is_picture(0)")


def test_a_tile_chooses_its_unit_and_python_chooses_a_tile(explorer: lab.Widget) -> None:
    tile = explorer.root.locator("[data-nw=tiles] [data-unit]").nth(1)
    name = tile.get_attribute("data-unit")
    tile.click()
    explorer.notebook.eventually(f"str(w.unit) == {name!r}")
    explorer.notebook.python("w.unit = 'conv.0:5'")
    explorer.wait(
        "(root) => root.querySelector('[data-nw=tiles] [data-unit=\"conv.0:5\"]').getAttribute('aria-pressed')"
        " === 'true'"
    )
    explorer.wait("(root) => root.querySelector('[data-nw=legend] .nw-strong').textContent.trim() === 'conv.0:5'")


def test_a_cell_is_read_exactly_and_its_field_is_framed(explorer: lab.Widget) -> None:
    explorer.root.locator("[data-nw=site]").select_option("conv.1")
    explorer.notebook.python("w.unit = 'conv.1:2'")
    explorer.wait("(root) => root.querySelector('[data-nw=picture] canvas:nth-of-type(2)')?.width === 6")
    explorer.part("picture").scroll_into_view_if_needed()
    box = explorer.part("picture").bounding_box()
    assert box is not None
    # The cell in row 1 and column 4 of 6 × 6.
    explorer.page.mouse.move(box["x"] + box["width"] * 4.5 / 6, box["y"] + box["height"] * 1.5 / 6)
    explorer.root.locator("[data-nw=picture] [data-nw=box]").wait_for()
    value = explorer.notebook.python(
        "r = live.record(w.input, sites=['conv.1'])", "float(r['conv.1'].reshape(6, 6, -1)[1, 4, 2])"
    )
    shown = explorer.root.locator("[data-nw=tooltip] b").inner_text().replace("−", "-")
    assert float(shown) == pytest.approx(value, rel=1e-6, abs=1e-7)
    style = explorer.root.locator("[data-nw=picture] [data-nw=box]").evaluate("(node) => node.style.cssText")
    field = explorer.notebook.value("live.field(live.sites.resolve('conv.1'), 6 + 4)")
    assert f"left: {100 * field[0] / 16:g}%" in style
    assert f"width: {100 * (field[2] - field[0]) / 16:g}%" in style


def test_python_sets_the_picture(explorer: lab.Widget) -> None:
    explorer.notebook.python("w.input = gallery[7][0][::-1]")
    wait_pixels(explorer, "gallery[7][0][::-1]")


def test_a_file_is_opened_and_one_that_is_no_image_is_refused(explorer: lab.Widget, tmp_path: Path) -> None:
    picture = np.zeros((40, 40, 3), np.uint8)
    picture[:, :20] = (10, 200, 30)
    file = tmp_path / "half.png"
    file.write_bytes(png(picture))
    explorer.part("file").set_input_files(file)
    explorer.notebook.eventually("w.input.shape == (256, 256, 3) and w.input[128, 10].tolist() == [10, 200, 30]")
    assert explorer.notebook.value("w.input[128, 250].tolist()") == [0, 0, 0]
    broken = tmp_path / "broken.png"
    broken.write_bytes(b"no image")
    explorer.part("file").set_input_files(broken)
    explorer.root.get_by_text("broken.png").wait_for()


@pytest.mark.parametrize("kind", ["paste", "drop"])
def test_a_picture_is_pasted_and_dropped(explorer: lab.Widget, kind: str) -> None:
    explorer.part("picture").evaluate(
        """async (node, kind) => {
            const canvas = document.createElement("canvas");
            canvas.width = canvas.height = 16;
            const context = canvas.getContext("2d");
            context.fillStyle = "rgb(12 34 56)";
            context.fillRect(0, 0, 16, 16);
            const blob = await new Promise((done) => canvas.toBlob(done));
            const data = new DataTransfer();
            data.items.add(new File([blob], "flat.png", { type: "image/png" }));
            const common = { bubbles: true, cancelable: true };
            node.dispatchEvent(
                kind === "paste"
                    ? new ClipboardEvent("paste", { ...common, clipboardData: data })
                    : new DragEvent("drop", { ...common, dataTransfer: data }),
            );
        }""",
        kind,
    )
    explorer.notebook.eventually("w.input.shape[0] == 256 and (w.input == [12, 34, 56]).all()")


def test_a_saved_notebook_shows_the_picture_without_a_kernel(open_notebook: Opener, spares: Spares) -> None:
    notebook = open_notebook(SETUP, EXPLORE, name="saved_picture.ipynb", height=1500)
    notebook.run_all()
    widget = notebook.widget()
    widget.wait_seq(0)
    with widget.repaint():
        widget.part("picture").press("ArrowRight")
    notebook.eventually("not is_picture(0)")
    expected = np.array(notebook.value("w.input.tolist()"))
    widget.save()
    spares.keep(notebook)
    again = open_notebook(name="saved_picture.ipynb", height=1500)
    reopened = again.widget()
    reopened.wait_state("no-kernel")
    reopened.root.locator("[data-nw=tiles] [data-unit]").first.wait_for()
    assert (pixels(reopened) == expected).all()
    assert reopened.root.locator("[data-nw=tool-paint]").is_disabled()
    shoot(again, "images-saved-without-kernel")


@pytest.mark.parametrize("width", [600, 1400])
def test_it_fits_and_is_dark_where_the_host_is(open_notebook: Opener, width: int) -> None:
    """The notebook's own margins take about 170 pixels, the side bar is closed."""
    notebook = open_notebook(
        SETUP, EXPLORE, name=f"images_dark_{width}.ipynb", dark=True, width=width + 170, height=1500
    )
    fits_and_is_dark(notebook)
    shoot(notebook, f"images-dark-{width}")
    widget = notebook.widget()
    widget.part("tool-crop").click()
    widget.part("crop-alike").uncheck()
    drag(widget, (0.1, 0.2), (0.9, 0.6))
    widget.wait_words("[data-nw=crop-words]", "scaled to fit")
    assert widget.root.evaluate("(root) => root.scrollWidth <= root.clientWidth")
    shoot(notebook, f"images-crop-dark-{width}")
