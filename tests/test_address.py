"""The address of the repository is written in pyproject.toml, and the README has the same wherever it names it."""

import re
import runpy
from pathlib import Path

import pytest

REPO = Path(__file__).parents[1]
TOOL = runpy.run_path(str(REPO / "tools" / "address.py"))
README = (REPO / "README.md").read_text(encoding="utf-8")


def test_the_readme_has_the_address_of_pyproject() -> None:
    assert TOOL["filled"](README, TOOL["address"]()) == README, "run: python tools/address.py"


def test_another_address_reaches_the_badge_the_clone_line_and_the_pip_line() -> None:
    text = TOOL["filled"](README, "https://github.com/someone/widgets")
    assert len(re.findall("someone/widgets", text)) == 3
    assert "/v2/gh/someone/widgets/HEAD?urlpath=lab/tree/notebooks/00_quickstart.ipynb" in text
    assert "git clone https://github.com/someone/widgets neuronwidget\n" in text
    assert '"neuronwidget @ git+https://github.com/someone/widgets"' in text
    assert TOOL["filled"](text, TOOL["address"]()) == README


def test_binder_takes_repositories_that_stand_elsewhere() -> None:
    assert "/v2/git/https%3A%2F%2Fcode.example%2Fnw.git/HEAD?" in TOOL["binder"]("https://code.example/nw.git")


def test_a_readme_without_one_of_the_lines_is_refused() -> None:
    with pytest.raises(SystemExit, match="0 lines"):
        TOOL["filled"](README.replace("git clone", "clone"), "https://github.com/someone/widgets")


def test_the_badge_opens_a_notebook_that_is_there() -> None:
    link = re.search(r"urlpath=lab/tree/(\S+?)\)", README)
    assert link is not None
    assert (REPO / link[1]).is_file()
