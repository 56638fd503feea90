"""What the view of a running scan tells its page."""

from __future__ import annotations

from pathlib import Path

import neuronwidget as nw


def test_the_last_update_says_all_documents(tmp_path: Path) -> None:
    """Updates are rare on purpose; the one at the end is never left out."""
    live = nw.demo("code")
    texts = [f"def f{number}(x):\n    return x\n" for number in range(200)]
    view = nw.ScanProgress(units=["mlp.0:3"], total=len(texts))
    nw.scan(live, texts, ["mlp.0"], out=tmp_path / "atlas", progress=view)
    assert view.phase == "done"
    assert view.done["documents"] == len(texts)
