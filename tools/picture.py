"""Takes the README's picture of the Explorer from a real page: `python tools/picture.py`."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

REPO = Path(__file__).parents[1]
sys.path.insert(0, str(REPO))

from tests.browser import lab  # noqa: E402

SHOW = r"""
explorer = nw.explore(
    live,
    'price = 3  # not "a string"\nname = "text # no comment"\nif name:\n    print([name, (price, 1)])\n',
    pins=[f"{row['site']}:{row['unit']}" for row in nw.demo_card("code")["detectors"][::3]],
    atlas=live.atlas(size=100_000, progress=False),
)
explorer
"""


def main() -> None:
    """Open the Explorer in JupyterLab and keep what Chromium shows."""
    server = lab.Server(Path(tempfile.mkdtemp()))
    try:
        with lab.chromium() as browser:
            name = server.write("picture.ipynb", "import neuronwidget as nw\nlive = nw.demo('code')", SHOW)
            notebook = lab.Notebook(server, browser, name, width=1400, height=2400)
            notebook.run_all()
            widget = notebook.widget()
            widget.wait_state("live")
            with widget.repaint():
                widget.part("order").select_option("similarity")
            with widget.repaint():
                widget.token(44).click(force=True)  # the textarea lies above it and takes the click
            notebook.page.mouse.move(5, 5)
            widget.wait("(root) => root.querySelector('[data-nw=reads-said]')?.textContent")
            place, traces = widget.root.bounding_box(), widget.part("traces").bounding_box()
            assert place is not None
            assert traces is not None
            place["height"] = traces["y"] + traces["height"] + 8 - place["y"]
            notebook.page.screenshot(path=REPO / "docs" / "explorer.png", clip=place)
            notebook.close()
    finally:
        server.stop()


if __name__ == "__main__":
    main()
