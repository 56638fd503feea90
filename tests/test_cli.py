"""The command line, as a shell sees it."""

import json
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import neuronwidget as nw
from neuronwidget.atlas.files.folder import Folder
from neuronwidget.corpus.files import Columns, documents, rows, texts
from neuronwidget.corpus.sources import DocumentError
from tests.hostile.test_atlas_kill import digests

TEXTS = [f"def f{i}(x):\n    return x + {i}\n" * (i % 7 + 1) for i in range(90)]
ALONE = {**os.environ, "OMP_NUM_THREADS": "1"}


def command(*arguments: object) -> list[str]:
    return [sys.executable, "-m", "neuronwidget.cli", *map(str, arguments)]


def run(*arguments: object, cwd: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command(*arguments), cwd=cwd, env=ALONE, capture_output=True, text=True)


def line_of_refusal(code: int, errors: str) -> str:
    """The one line that a command says when it cannot."""
    assert code in (1, 2)
    line = errors.strip().splitlines()[-1]
    if code == 1:
        assert errors.strip() == line, "one line, and no traceback"
        assert line.startswith("neuronwidget: ")
    return line


#: Runs commands one after another, which share the seconds that importing torch takes; after each stands its status.
EACH = """
import json, sys
from neuronwidget.cli import main
for arguments in json.loads(sys.argv[1]):
    try:
        code = main(arguments)
    except SystemExit as exit:
        code = exit.code
    print(f"\\0{code}\\0", end="", file=sys.stderr)
"""


def refused(*commands: list[str], cwd: Path) -> list[str]:
    """What commands say when they cannot, one line each."""
    program = [sys.executable, "-c", EACH, json.dumps(commands)]
    done = subprocess.run(program, cwd=cwd, env=ALONE, capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (0, ""), done.stderr
    told = done.stderr.split("\0")
    return [line_of_refusal(int(code), errors) for errors, code in zip(told[::2], told[1::2], strict=False)]


def test_help_has_examples_and_needs_no_torch() -> None:
    code = "import sys; from neuronwidget.cli import parser; parser().format_help(); print('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "False\n"
    done = subprocess.run(command("scan", "--help"), capture_output=True, text=True, check=True)
    assert "neuronwidget scan code my_project/ --out atlas/" in done.stdout
    assert "--engine {local,ray}" in done.stdout


def test_the_command_is_installed() -> None:
    script = Path(sys.executable).with_name("neuronwidget")
    done = subprocess.run([script, "--version"], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == f"neuronwidget {nw.__version__}"


def test_all_kinds_of_files_give_the_atlas_of_the_same_texts(tmp_path: Path) -> None:
    frame = pd.DataFrame({"body": TEXTS, "name": [f"n{i}" for i in range(len(TEXTS))], "kind": ["a", "b", "c"] * 30})
    frame.to_csv(tmp_path / "t.csv", index=False)
    frame.to_parquet(tmp_path / "t.parquet")
    frame.to_json(tmp_path / "t.jsonl", orient="records", lines=True)
    columns = ["--column", "body", "--id-column", "name", "--label-column", "kind"]
    done = run("scan", "code", "t.jsonl", *columns, "--sites", "mlp.0", "--out", "a/jsonl", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "Atlas(code: 1,024 units of 1 sites" in done.stdout or "units of 1 site" in done.stdout
    for kind in ("csv", "parquet"):
        found = list(documents([tmp_path / f"t.{kind}"], Columns("body", "name", "kind"), texts))
        assert found == list(documents([tmp_path / "t.jsonl"], Columns("body", "name", "kind"), texts))
    atlas = nw.open_atlas(tmp_path / "a" / "jsonl")
    assert atlas.document(4)["text"] == TEXTS[4]
    assert (atlas.document(4)["id"], atlas.document(4)["label"]) == ("n4", "b")


def test_a_folder_of_texts_stopped_and_gone_on_with(tmp_path: Path) -> None:
    """SIGTERM, as a scheduler sends it, saves and ends; the same command goes on; the rest is as ever."""
    (tmp_path / "texts").mkdir()
    for i, text in enumerate(TEXTS * 4):
        (tmp_path / "texts" / f"{i:04d}.py").write_text(text)
    scan = ["scan", "code", "texts", "--sites", "mlp.0", "mlp.1", "--checkpoint", "0"]
    process = subprocess.Popen(
        command(*scan, "--out", "a"), cwd=tmp_path, env=ALONE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    while process.poll() is None and not list((tmp_path / "a").glob("state-*.safetensors")):
        pass
    process.send_signal(signal.SIGTERM)
    _, errors = process.communicate()
    assert process.returncode == 130, errors
    assert errors.strip().splitlines()[-1].startswith("neuronwidget: Stopped. What is done is kept in a")
    before = Folder(tmp_path / "a").manifest()
    assert not before["finished"]
    assert before["done"]["documents"] > 0
    shutil.copytree(tmp_path / "a", tmp_path / "c")
    for out in ("a", "b"):
        assert run(*scan, "--out", out, cwd=tmp_path).returncode == 0
    assert digests(tmp_path / "a") == digests(tmp_path / "b")
    before["computed"][0]["torch"] = "2.2.0"
    Folder(tmp_path / "c").write_manifest(before)
    done = run(*scan, "--out", "c", "--threads", "2", "--quiet", cwd=tmp_path)
    (said,) = done.stderr.strip().splitlines()
    assert said.startswith("neuronwidget: The scan in c was begun with"), "a sentence, not a place in the code"
    assert done.returncode == 0


def test_models_of_rows_and_pictures(tmp_path: Path) -> None:
    np.save(tmp_path / "pictures.npy", np.random.default_rng(0).integers(0, 256, (70, 8, 8), dtype=np.uint8))
    done = run("scan", "digits", "pictures.npy", "--out", "p", "--quiet", cwd=tmp_path)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert len(nw.open_atlas(tmp_path / "p").documents(range(70))) == 70
    live = nw.demo("cancer")
    names = [column.name for column in live.inputs.columns]
    pd.DataFrame(np.random.default_rng(0).normal(10, 3, (80, len(names))), columns=names).to_csv(
        tmp_path / "rows.csv", index=False
    )
    done = run("scan", "cancer", "rows.csv", "--out", "r", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "80" in done.stdout


def test_what_it_cannot_do_it_says_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "t.jsonl").write_text('{"body": "x = 1"}\n')
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "precious.txt").write_text("mine")
    done = run("scan", "code", "nowhere", "--out", "a", cwd=tmp_path)
    assert "There is no file or folder nowhere" in line_of_refusal(done.returncode, done.stderr)
    assert not done.stdout
    column, site, other, near, gone, size, out = refused(
        ["scan", "code", "t.jsonl", "--out", "b"],
        ["scan", "code", "t.jsonl", "--sites", "mlp.O", "--out", "c"],
        ["scan", "code", "t.jsonl", "--column", "body", "--out", "other"],
        ["scan", "cod", "t.jsonl", "--out", "d"],
        ["scan", "./gone", "t.jsonl", "--out", "d"],
        ["scan", "code", "t.jsonl", "--batch-size", "many", "--out", "e"],
        ["scan", "code", "t.jsonl"],
        cwd=tmp_path,
    )
    assert "no text under 'text'; it has body" in column
    assert "There is no site 'mlp.O'" in site
    assert "mlp.0" in site
    assert "holds other files (precious.txt)" in other
    assert "Did you mean 'code'?" in near
    assert "There is no folder './gone'" in gone
    assert "--batch-size is a number" in size
    assert "required: --out" in out
    assert (tmp_path / "other" / "precious.txt").read_text() == "mine"


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.jsonl", b'{"text": "x"}\n{"text": ', "Line 2 of .* is not JSON"),
        ("a.parquet", b"not parquet at all", "cannot be read as Parquet"),
        ("a.txt", b"\xff\xfe\x00", "not text in UTF-8"),
    ],
)
def test_damaged_files(name: str, content: bytes, message: str, tmp_path: Path) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(DocumentError, match=message):
        list(documents([tmp_path / name], Columns(), texts))


def test_files_are_not_read_before_they_are_needed(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text('{"text": "first"}\nnonsense')
    assert next(rows(tmp_path / "a.jsonl")) == {"text": "first"}


def test_lines_that_are_texts_and_texts_longer_than_csv_allows(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text('"just a text"\n')
    (tmp_path / "b.csv").write_text("text,label\n" + '"' + "long " * 60_000 + '",z\n')
    (text,) = documents([tmp_path / "a.jsonl"], Columns(), texts)
    assert text["text"] == "just a text"
    (long,) = documents([tmp_path / "b.csv"], Columns(), texts)
    assert (len(long["text"]), long["label"]) == (300_000, "z")
    both = list(documents([tmp_path / "a.jsonl", tmp_path / "b.csv"], Columns(), texts))
    assert [Path(document["id"]).name for document in both] == ["a.jsonl:0", "b.csv:0"]
