"""Runs the tests of model families and writes the tables in docs/models.md from those that passed.

`python tools/families.py`; ends with 1 and writes nothing if a test failed.
"""

from __future__ import annotations

import re
import sys
from collections import defaultdict
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "models.md"
TESTS = ROOT / "tests" / "unit"
TOKENIZERS = {"bpe": "byte-level BPE", "wordpiece": "WordPiece", "unigram": "Unigram"}
PREDICTS = {"next": "next token", "here": "token in a gap", "first": "first token of the answer"}


class Outcomes:
    """Collects which tests passed: {name of the test: {parameter}}."""

    def __init__(self) -> None:
        self.passed: dict[str, set[str]] = defaultdict(set)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        found = re.fullmatch(r".*::test_(\w+)\[(.+)\]", report.nodeid)
        if found and report.when == "call" and report.passed:
            self.passed[found[1]].add(found[2])


def main() -> int:
    sys.path.insert(0, str(ROOT))
    outcomes = Outcomes()
    files = [str(TESTS / name) for name in ("test_families.py", "test_images.py")]
    code = pytest.main(["-q", "-p", "no:cacheprovider", *files], plugins=[outcomes])
    if code:
        return int(code)
    page = PAGE.read_text(encoding="utf-8")
    page = put(page, "text", text_table(outcomes.passed))
    page = put(page, "pictures", picture_table(outcomes.passed))
    PAGE.write_text(page, encoding="utf-8")
    return 0


def text_table(passed: dict[str, set[str]]) -> list[str]:
    import neuronwidget as nw
    from tests.unit.families import FAMILIES, tokenizer

    lines = [
        "| family | class | tokenizer | places | neurons, stream, heads = hooks by hand | predicts, as the model does "
        "| prefix reuse = full pass | model left as it was |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for family in FAMILIES:
        live = nw.attach(family.make(), tokenizer(family.tokenizer))
        kinds = dict.fromkeys(re.sub(r"\.?\d+$", "", site.name) for site in live.sites if site.kind != "module")
        said = {test: family.name in passed[test] for test in ("neurons", "defaults", "predictions", "untouched")}
        reuse = "not used" if not family.reuse else mark(family.name in passed["reuse"])
        lines.append(
            f"| {family} | `{type(live.module).__name__}` | {TOKENIZERS[family.tokenizer]} "
            f"| {', '.join(f'`{kind}`' for kind in kinds)} | {mark(said['neurons'] and said['defaults'])} "
            f"| {PREDICTS[family.predicts]} {mark(said['predictions'])} | {reuse} | {mark(said['untouched'])} |"
        )
    return lines


def picture_table(passed: dict[str, set[str]]) -> list[str]:
    names = sorted(passed["sites_are_those_of_hooks_placed_by_hand"])
    return ["| model | places = hooks by hand |", "|---|---|", *(f"| {name} | {mark(True)} |" for name in names)]


def mark(passed: bool) -> str:
    return "✓" if passed else "—"


def put(page: str, name: str, lines: list[str]) -> str:
    """The page with the lines between the marks of a table."""
    begin, end = f"<!-- {name}: written by tools/families.py -->", f"<!-- end of {name} -->"
    before, _, rest = page.partition(begin)
    _, _, after = rest.partition(end)
    return "\n".join([before + begin, *lines, end]) + after


if __name__ == "__main__":
    sys.exit(main())
