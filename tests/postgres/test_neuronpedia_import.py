"""A real Postgres takes what is exported for Neuronpedia, whole: every line of every file, as it stands there."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import neuronwidget as nw
from tests.postgres.database import ABOUT, LINES, TABLES, Database, running

pytestmark = pytest.mark.postgres
TEXTS = ["import os\nfor name in os.listdir():\n    print(name)\n" * 6, "zero = '\\u0000'\n" * 9, "# \0 naïve ☃\n" * 9]


@pytest.fixture(scope="module")
def database() -> Iterator[Database]:
    with running() as server:
        yield server


@pytest.fixture(scope="module")
def exported(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder, model = tmp_path_factory.mktemp("exported"), nw.demo("code")
    atlas = nw.scan(model, TEXTS, ["state.0", "mlp.2"], out=folder / "atlas", progress=False)
    with pytest.warns(UserWarning, match=r"Weights of state\.0 are left out"):
        return atlas.export(folder / "out", live=model, dataset="snippets")


def sources(exported: Path) -> list[Path]:
    return sorted((exported / "v1").glob("*/*"))


def written(exported: Path) -> dict[str, list[dict[str, Any]]]:
    """All lines of all files, by the table that they go to; what belongs to several sources once."""
    rows: dict[str, list[dict[str, Any]]] = {}
    for name, table in ABOUT.items():
        lines = {(source / f"{name}.jsonl").read_text(encoding="utf-8") for source in sources(exported)}
        rows[table] = [json.loads(line) for line in lines]
    for name, table in LINES.items():
        files = [file for source in sources(exported) for file in sorted((source / name).iterdir())]
        lines = [line for file in files for line in gzip.decompress(file.read_bytes()).decode().splitlines()]
        rows[table] = [json.loads(line) for line in lines]
    return rows


def test_everything_goes_in_as_it_was_written(database: Database, exported: Path) -> None:
    database.make_tables()
    for source in sources(exported):
        database.take(source)
    rows = written(exported)
    assert len(rows["Neuron"]) == 96 + 768
    assert len(rows["Activation"]) > 864
    for table, lines in rows.items():
        assert database.count(table) == len(lines)
        key = TABLES[table]["key"]
        there = {tuple(row[name] for name in key): row for row in database.rows(table)}
        for line in lines:
            row = there[tuple(line[name] for name in key)]
            assert line == {name: row[name] for name in line}


def test_a_second_import_adds_nothing(database: Database, exported: Path) -> None:
    database.make_tables()
    for source in (*sources(exported), *sources(exported)):
        database.take(source)
    assert {t: database.count(t) for t in LINES.values()} == {t: len(written(exported)[t]) for t in LINES.values()}


@pytest.mark.parametrize(("name", "field"), [("model", "owner"), ("source", "creatorId"), ("activations", "id")])
def test_what_is_required_is_required(
    name: str, field: str, database: Database, exported: Path, tmp_path: Path
) -> None:
    """The tables are such as refuse a row in which something is left out."""
    import shutil

    database.make_tables()
    source = shutil.copytree(sources(exported)[0], tmp_path / "source")
    for file in [*source.glob(f"{name}.jsonl"), *source.glob(f"{name}/*")]:
        packed = file.suffix == ".gz"
        text = gzip.decompress(file.read_bytes()) if packed else file.read_bytes()
        rows = [json.loads(line) for line in text.splitlines()]
        lines = "".join(json.dumps({k: v for k, v in row.items() if k != field}) + "\n" for row in rows).encode()
        file.write_bytes(gzip.compress(lines) if packed else lines)
    with pytest.raises(RuntimeError, match=f'null value in column "{field}"'):
        database.take(source)
