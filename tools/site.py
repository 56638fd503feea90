"""Hook of MkDocs: makes the README the first page of the site, and leads links out of docs/ to the repository.

`mkdocs build` calls these functions; `mkdocs.yml` names this file.
"""

from __future__ import annotations

import posixpath
import re
from pathlib import Path
from typing import Any

from address import address  # MkDocs looks for what a hook imports beside it
from mkdocs.structure.files import File

ROOT = Path(__file__).resolve().parents[1]
HOME = "index.md"
#: `](target` of a link or picture that is no address of its own, and no place in the page itself.
TARGET = re.compile(r"(?<=\]\()(?![a-z]+:|#)[^)#\s]+")


def on_files(files: Any, config: Any) -> Any:
    """The README is one of the pages."""
    files.append(File.generated(config, HOME, content=(ROOT / "README.md").read_text(encoding="utf-8")))
    return files


def on_page_markdown(markdown: str, page: Any, config: Any, files: Any) -> str:
    """Targets of links as they are from docs/, or in the repository where they are not in there."""
    folder = "" if page.file.src_uri == HOME else "docs"

    def target(match: re.Match[str]) -> str:
        path = posixpath.normpath(posixpath.join(folder, match[0]))
        inside = path.removeprefix("docs/")
        return inside if inside != path else f"{address()}/blob/HEAD/{path}"

    return TARGET.sub(target, markdown)
