"""Runs the tests of model families and writes the tables in docs/models.md from those that passed.

`python tools/families.py`; ends with 1 and writes nothing if a test failed or could not run.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
from collections import defaultdict
from importlib.metadata import version
from pathlib import Path
from xml.etree import ElementTree

import beside

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "models.md"
TESTS = ROOT / "tests" / "unit"
TOKENIZERS = {"bpe": "byte-level BPE", "wordpiece": "WordPiece", "unigram": "Unigram"}
PREDICTS = {"": "nothing", "next": "next token", "here": "token in a gap", "first": "first token of the answer"}
LENS = {
    "values_are_those_of_run_with_cache": "every hook point = `run_with_cache`",
    "the_places_people_look_at_have_short_names": "short names, heads",
    "text_is_cut_as_the_model_cuts_it": "tokens, as the model cuts text",
    "its_hooks_stay_and_it_is_left_as_it_was": "own hooks run, model left as it was",
}
Passed = dict[str, set[str]]
"""{name of the test: {parameter}}."""


def main() -> int:
    sys.path.insert(0, str(ROOT))
    beside.lay_out("lens")
    passed = run("not lens", "test_families.py", "test_images.py", "test_transformer_lens.py")
    lens = run("lens", "test_transformer_lens.py", "test_sae.py", beside=beside.CACHE / "lens")
    page = PAGE.read_text(encoding="utf-8")
    page = put(page, "text", text_table(passed))
    page = put(page, "pictures", picture_table(passed))
    page = put(page, "lens", lens_table(passed, lens))
    page = put(page, "saes", sae_table(lens))
    PAGE.write_text(page, encoding="utf-8")
    return 0


def run(marks: str, *files: str, beside: Path | None = None) -> Passed:
    """The tests that passed, with the packages in a folder before others; ends here if one did not."""
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.xml"
        env = os.environ | ({"PYTHONPATH": str(beside)} if beside else {})
        pytest = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-m", marks, f"--junitxml={report}"]
        code = subprocess.run([*pytest, *(str(TESTS / name) for name in files)], cwd=ROOT, env=env).returncode
        if code:
            sys.exit(code)
        cases = list(ElementTree.parse(report).iter("testcase"))
    passed: Passed = defaultdict(set)
    for case in cases:
        if case.find("skipped") is not None:
            sys.exit(f"{case.get('name')} did not run")
        if match := re.fullmatch(r"test_(\w+)\[(.+)\]", case.get("name", "")):
            passed[match[1]].add(match[2])
    return passed


def text_table(passed: Passed) -> list[str]:
    import neuronwidget as nw
    from tests.live.adapters.families import FAMILIES, tokenizer

    lines = [
        "| family | class | tokenizer | places | neurons, stream, heads = hooks by hand | scan = recordings "
        "| predicts, as the model does | prefix reuse = full pass | model left as it was |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    for family in FAMILIES:
        live = nw.attach(family.make(), tokenizer(family.tokenizer))
        kinds = dict.fromkeys(re.sub(r"\.?\d+$", "", site.name) for site in live.sites if site.kind != "module")
        tests = ("neurons", "defaults", "predictions", "scanned", "untouched")
        outcome = {test: family.name in passed[test] for test in tests}
        reuse = "not used" if not family.reuse else mark(family.name in passed["reuse"])
        lines.append(
            f"| {family} | `{type(live.module).__name__}` | {TOKENIZERS[family.tokenizer]} "
            f"| {', '.join(f'`{kind}`' for kind in kinds)} | {mark(outcome['neurons'] and outcome['defaults'])} "
            f"| {mark(outcome['scanned'])} | {PREDICTS[family.predicts]} {mark(outcome['predictions'])} | {reuse} "
            f"| {mark(outcome['untouched'])} |"
        )
    return lines


def picture_table(passed: Passed) -> list[str]:
    names = sorted(passed["sites_are_those_of_hooks_placed_by_hand"])
    return ["| model | places = hooks by hand |", "|---|---|", *(f"| {name} | {mark(True)} |" for name in names)]


def lens_table(passed: Passed, lens: Passed) -> list[str]:
    """Bridges as the main environment has them, and what only the TransformerLens before 4 has."""
    lines = [
        f"| model | TransformerLens | {' | '.join(LENS.values())} |",
        f"|---|---|{'---|' * len(LENS)}",
    ]
    for number, outcomes in ((version("transformer-lens"), passed), (pinned("transformer-lens"), lens)):
        for kind in sorted(set().union(*(outcomes[test] for test in LENS))):
            name = kind.replace("hooked", "`HookedTransformer`").replace("bridge", "`TransformerBridge`")
            marks = [mark(kind in outcomes[test]) for test in LENS]
            lines.append(f"| {name} | {number} | {' | '.join(marks)} |")
    return lines


def sae_table(lens: Passed) -> list[str]:
    """SAELens' classes by the hooks they were put on."""
    tried = {tuple(case.rsplit("-", 1)) for case in lens["saelens_objects_go_on_their_hook"]}
    hooks = sorted({hook for hook, _ in tried})
    heads = f"on `{'` | on `'.join(hooks)}`"
    rows = [
        f"| {kind} | {' | '.join(mark((hook, kind) in tried) for hook in hooks)} |"
        for kind in sorted({kind for _, kind in tried})
    ]
    return [f"| SAELens {pinned('sae-lens')} | {heads} |", f"|---|{'---|' * len(hooks)}", *rows]


def pinned(package: str) -> str:
    """The version in the set that is laid out beside the main environment."""
    return dict(wanted.split("==") for wanted in beside.SETS["lens"])[package]


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
