"""SAEDashboard itself takes what is exported for it."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pytest

import neuronwidget as nw

pytestmark = pytest.mark.lens


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """The same atlas in SAEDashboard's format and in Neuronpedia's."""
    folder, model = tmp_path_factory.mktemp("exported"), nw.demo("code")
    texts = ["import os\nfor name in os.listdir():\n    print(name)\n" * 6]
    atlas = nw.scan(model, texts, ["mlp.2"], out=folder / "atlas", progress=False)
    return atlas.export(folder / "a", "saedashboard", live=model) / "mlp.2", atlas.export(folder / "b", live=model)


def test_its_classes_hold_every_field_and_know_no_other(folders: tuple[Path, Path]) -> None:
    from sae_dashboard.neuronpedia.neuronpedia_dashboard import NeuronpediaDashboardBatch

    files = sorted(folders[0].glob("batch-*.json"))
    assert len(files) == 3
    for file in files:
        content = json.loads(file.read_text(encoding="utf-8"))
        assert NeuronpediaDashboardBatch(**content).to_dict() == content


def test_its_converter_makes_the_rows_that_our_own_export_has(folders: tuple[Path, Path], tmp_path: Path) -> None:
    converter = pytest.importorskip(
        "sae_dashboard.neuronpedia.neuronpedia_export",
        reason="no release of SAEDashboard has its converter yet: put a checkout and orjson first on PYTHONPATH",
    )
    settings = converter.NeuronpediaExportConfig(
        saedashboard_output_dir=str(folders[0]),
        exports_dir=str(tmp_path),
        creator_name="unknown",
        creator_id=converter.FALLBACK_CREATOR_ID,
        release_id="code",
        release_title="code",
        url="",
        model_name="code",
        neuronpedia_source_set_id="mlp",
        neuronpedia_source_set_description="mlp",
        hf_weights_repo_id="",
        hf_weights_path="",
        hook_point="hook_mlp_out",
        layer_num=2,
        prompts_huggingface_dataset_path="",
        n_prompts_total=1,
        n_tokens_in_prompt=256,
    )
    theirs = Path(converter.export_neuronpedia_dashboards(settings))
    for name in ("features", "activations"):
        ours = rows(folders[1] / "v1/code/2-mlp" / name)
        other = rows(theirs / name)
        assert len(ours) == len(other) > 700
        for row, same in zip(ours, other, strict=True):
            told = {"id", "index", "dataIndex", "sourceSetName", "maxActApprox", "vectorDefaultSteerStrength"}
            assert {k: row[k] for k in row.keys() - told} == {k: same[k] for k in row.keys() - told}
            assert row["index"] == str(same["index"])


def rows(folder: Path) -> list[dict[str, Any]]:
    files = sorted(folder.glob("batch-*.jsonl.gz"))
    return [json.loads(line) for file in files for line in gzip.decompress(file.read_bytes()).splitlines()]
