"""A Postgres of its own with the tables that Neuronpedia's import fills, and rows going in as that import puts them.

`columns.json` holds the facts: columns, types, what a row is refused without, keys and references, as of August 2026.
No column has a default here, so nothing is filled in that a file left out.
"""

from __future__ import annotations

import gzip
import json
import os
import pwd
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

TABLES: dict[str, Any] = json.loads((Path(__file__).parent / "columns.json").read_text(encoding="utf-8"))
ABOUT = {"release": "SourceRelease", "model": "Model", "sourceset": "SourceSet", "source": "Source"}
LINES = {"features": "Neuron", "activations": "Activation"}
_ACCOUNT = "nobody"  # Postgres does not run as root


class Database:
    """A running server, spoken to through psql."""

    def __init__(self, programs: Path, folder: Path) -> None:
        self._psql = [
            *(str(programs / "psql"), "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1"),
            *("-h", str(folder), "-U", _ACCOUNT, "-d", "postgres", "-f", "-"),
        ]

    def run(self, script: str) -> str:
        """What a script of SQL prints. An error of Postgres is raised in its words."""
        letters = {**os.environ, "PGCLIENTENCODING": "UTF8"}
        done = subprocess.run(self._psql, input=script, capture_output=True, encoding="utf-8", env=letters)
        if done.returncode:
            raise RuntimeError(done.stderr)
        return done.stdout

    def make_tables(self) -> None:
        self.run("DROP SCHEMA public CASCADE; CREATE SCHEMA public;")
        for table, about in TABLES.items():
            rows = [
                f'"{name}" {column["type"]}{" NOT NULL" if column["required"] else ""}'
                for name, column in about["columns"].items()
            ]
            rows.append(f"PRIMARY KEY ({_names(about['key'])})")
            for ours, theirs in about["references"].items():
                other, _, column = theirs.partition(".")
                target = column.split(",") if column else TABLES[other]["key"]
                rows.append(f'FOREIGN KEY ({_names(ours.split(","))}) REFERENCES "{other}" ({_names(target)})')
            self.run(f'CREATE TABLE "{table}" ({", ".join(rows)})')

    def take(self, source: Path) -> dict[str, int]:
        """Import one v1/MODEL/SOURCE/ folder. Returns how many lines its files have, by table."""
        lines = {}
        for name, table in ABOUT.items():
            text = (source / f"{name}.jsonl").read_text(encoding="utf-8")
            for row in text.splitlines():
                assert json.loads(row).keys() <= TABLES[table]["columns"].keys(), "what it does not know, it refuses"
            lines[table] = self._insert(table, text)
        for name, table in LINES.items():
            files = sorted((source / name).glob("*.jsonl.gz"))
            lines[table] = sum(self._insert(table, gzip.decompress(file.read_bytes()).decode()) for file in files)
        return lines

    def _insert(self, table: str, text: str) -> int:
        """Rows as they are, in the columns of the first line; what is there already stays as it is."""
        rows = text.replace("\\u0000", " ").strip().split("\n")
        known = TABLES[table]["columns"]
        columns = [name for name in json.loads(rows[0]) if name in known]
        typed = ", ".join(f'"{name}" {known[name]["type"]}' for name in columns)
        self.run(
            "CREATE TEMP TABLE line (row text);\n"
            "COPY line FROM STDIN (FORMAT csv, QUOTE e'\\x01', DELIMITER e'\\x02');\n"
            + "\n".join(rows)
            + f'\n\\.\nINSERT INTO "{table}" ({_names(columns)})\n'
            f"SELECT {_names(columns, 't.')} FROM line, jsonb_to_record(row::jsonb) AS t({typed})\n"
            "ON CONFLICT DO NOTHING;"
        )
        return len(rows)

    def count(self, table: str) -> int:
        return int(self.run(f'SELECT count(*) FROM "{table}"'))

    def rows(self, table: str) -> list[dict[str, Any]]:
        text = self.run(f'SELECT to_jsonb(t) FROM "{table}" AS t')
        return [json.loads(line) for line in text.strip().split("\n")]


@contextmanager
def running() -> Iterator[Database]:
    """A server in a new folder that hears nobody but this machine's users, and is gone afterwards."""
    programs = _programs()
    who = {"user": _ACCOUNT, "group": pwd.getpwnam(_ACCOUNT).pw_gid, "extra_groups": []} if os.getuid() == 0 else {}
    folder = Path(tempfile.mkdtemp(prefix="pg-", dir="/tmp"))  # a socket's path may have 107 letters
    if who:
        os.chown(folder, pwd.getpwnam(_ACCOUNT).pw_uid, -1)

    def control(name: str, *arguments: str) -> None:
        # Its output goes to a file: the server would hold a pipe open.
        with open(folder / f"{name}.log", "w+") as log:
            command = [str(programs / name), *arguments]
            done = subprocess.run(command, cwd=folder, stdout=log, stderr=log, **who)  # type: ignore[call-overload]
            log.seek(0)
            assert done.returncode == 0, log.read()

    try:
        control(
            *("initdb", "-D", str(folder / "data"), "-U", _ACCOUNT, "--auth=trust", "--encoding=UTF8"),
            *("--locale=C", "--no-sync"),
        )
        settings = f"-F -c listen_addresses= -c unix_socket_directories={folder}"
        control("pg_ctl", "start", "-w", "-D", str(folder / "data"), "-o", settings)
        try:
            yield Database(programs, folder)
        finally:
            control("pg_ctl", "stop", "-w", "-m", "immediate", "-D", str(folder / "data"))
    finally:
        shutil.rmtree(folder)


def _programs() -> Path:
    """The folder of Postgres' programs, the newest of Debian's or the one on the path."""
    debian = sorted(
        Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda p: int(re.sub(r"\D", "", p.parts[4]) or 0)
    )
    here = shutil.which("initdb")
    return debian[-1].parent if debian else Path(here or "").parent


def _names(columns: list[str], before: str = "") -> str:
    return ", ".join(f'{before}"{name}"' for name in columns)
