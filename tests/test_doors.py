"""Doors from lower to higher floors: each leads somewhere, and there is no other way up."""

import ast
import inspect
from pathlib import Path

import pytest

from neuronwidget import doors
from neuronwidget.atlas.atlas import Atlas
from neuronwidget.atlas.scan.observer import ScanObserver

PACKAGE = Path(doors.__file__).parent


@pytest.mark.parametrize("door", doors.DOORS)
def test_each_door_leads_to_something_that_can_be_called(door: str) -> None:
    behind = doors.enter(door)
    assert callable(behind)
    assert (behind.__module__, behind.__name__) == doors.DOORS[door]


def test_an_atlas_takes_what_the_functions_behind_its_doors_take() -> None:
    """A method and the function that it leads to have the same parameters."""
    for name in ("similar", "export"):
        method = list(inspect.signature(getattr(Atlas, name)).parameters)[1:]
        function = list(inspect.signature(doors.enter(f"Atlas.{name}")).parameters)[1:]
        assert method == function


def test_what_watches_a_scan_in_a_notebook_is_an_observer() -> None:
    assert issubclass(doors.enter("ScanObserver.in_notebook"), ScanObserver)


def test_nothing_else_loads_our_modules_by_name() -> None:
    """But for the package's face, which loads lazily what it offers."""
    others = set()
    for path in PACKAGE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Call) or not isinstance(node.func, (ast.Attribute, ast.Name)):
                continue
            name = node.func.attr if isinstance(node.func, ast.Attribute) else node.func.id
            constant = node.args[0].value if node.args and isinstance(node.args[0], ast.Constant) else ""
            third_party = isinstance(constant, str) and constant and not constant.startswith("neuronwidget")
            if name in {"import_module", "__import__"} and not third_party:
                others.add(path.relative_to(PACKAGE).as_posix())
    assert others == {"__init__.py", "doors.py"}
