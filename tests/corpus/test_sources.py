"""What people have their data in, and what a scan takes from it."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from neuronwidget.corpus.kinds.image import picture_lookup
from neuronwidget.corpus.kinds.table import row_lookup
from neuronwidget.corpus.kinds.text import text_lookup
from neuronwidget.corpus.sources import DocumentError, Item, Lookup, items

TEXT, IMAGE = text_lookup(), picture_lookup()
TABLE = row_lookup({"age", "label"})


def texts(source: Any, lookup: Lookup = TEXT, **columns: Any) -> list[tuple[Any, str, str | None]]:
    found = items(source, lookup, columns.get("ids"), columns.get("labels"))
    return [(item.content, item.id, item.label) for item in found]


def test_texts() -> None:
    assert texts(["a", "b"]) == [("a", "0", None), ("b", "1", None)]
    assert texts(iter([("x", "a")])) == [("a", "x", None)]
    assert texts(word for word in "ab") == [("a", "0", None), ("b", "1", None)]
    assert texts([{"text": "a", "id": 7, "label": 0}]) == [("a", "7", "0")]
    assert texts(["a"], ids=["x"], labels=[3]) == [("a", "x", "3")]
    assert texts([Item("a", "n", "l")], labels=["other"]) == [("a", "n", "other")]
    assert texts(pd.Series(["a", "b"], index=["x", "y"])) == [("a", "x", None), ("b", "y", None)]


def test_frames_take_no_more_than_is_asked_for() -> None:
    frame = pd.DataFrame({"text": ["a", "b"], "label": [None, "l"], "other": [1, 2]}, index=[5, 6])
    assert texts(frame) == [("a", "0", None), ("b", "1", "l")]
    assert texts(frame.rename(columns={"text": "body"}), text_lookup("body")) == [("a", "0", None), ("b", "1", "l")]
    with pytest.raises(DocumentError, match=r"no column 'txt'; it has text, label, other\. Say which with column="):
        texts(frame, text_lookup("txt"))


def test_long_frames_keep_their_order() -> None:
    frame = pd.DataFrame({"age": np.arange(10_000)})
    assert [row["age"] for row, _, _ in texts(frame, TABLE)] == list(range(10_000))


def test_pictures_with_labels_or_names() -> None:
    picture = np.zeros((4, 4), np.uint8)
    assert [found[1:] for found in texts([(picture, 3)], IMAGE)] == [("0", "3")]
    assert [found[1:] for found in texts([("name", picture)], IMAGE)] == [("name", None)]
    assert [found[1:] for found in texts([{"image": picture, "label": "cat"}], IMAGE)] == [("0", "cat")]
    assert texts([("folder/1.png", "cat")], IMAGE) == [("folder/1.png", "0", "cat")]


def test_a_column_called_label_may_be_a_measurement() -> None:
    row = {"age": 4, "label": 2}
    assert texts([row], TABLE) == [(row, "0", None)]
    assert texts([{**row, "id": "x"}], TABLE) == [(row, "x", None)]
    assert texts([({"age": 4}, "ill")], TABLE) == [({"age": 4}, "0", "ill")]
    assert texts([(4.0, 2.0)], TABLE) == [((4.0, 2.0), "0", None)]


class Listed:
    """What a data set of Hugging Face looks like from outside."""

    column_names = ("text", "label", "picture")

    def __init__(self, rows: list[dict[str, Any]]) -> None:
        self.rows = rows

    def __iter__(self) -> Iterator[dict[str, Any]]:
        return iter(self.rows)


def test_anything_with_column_names() -> None:
    assert texts(Listed([{"text": "a", "label": 1}])) == [("a", "0", "1")]
    with pytest.raises(DocumentError, match="no column 'body'; it has text, label, picture"):
        texts(Listed([]), text_lookup("body"))


def test_data_sets_of_hugging_face() -> None:
    datasets = pytest.importorskip("datasets")
    features = datasets.Features(
        {
            "text": datasets.Value("string"),
            "label": datasets.ClassLabel(names=["no", "yes"]),
            "n": datasets.Value("int8"),
        }
    )
    found = datasets.Dataset.from_dict({"text": ["a", "b"], "label": [1, 0], "n": [1, 2]}, features=features)
    assert texts(found) == [("a", "0", "yes"), ("b", "1", "no")]
    assert texts(found.to_iterable_dataset()) == [("a", "0", "yes"), ("b", "1", "no")]
    rows = texts(found.remove_columns("text"), row_lookup({"n"}))
    assert rows == [({"n": 1}, "0", "yes"), ({"n": 2}, "1", "no")]
    with pytest.raises(DocumentError, match=r"'train', 'test'\. Give one of them"):
        texts(datasets.DatasetDict({"train": found, "test": found}))


def test_pictures_of_hugging_face() -> None:
    datasets, image = pytest.importorskip("datasets"), pytest.importorskip("PIL.Image")
    pictures = [image.fromarray(np.full((4, 4), grey, np.uint8)) for grey in (0, 200)]
    features = datasets.Features({"image": datasets.Image(), "label": datasets.ClassLabel(names=["cat", "dog"])})
    found = datasets.Dataset.from_dict({"image": pictures, "label": [1, 0]}, features=features)
    assert [(np.asarray(p).max(), id_, label) for p, id_, label in texts(found, IMAGE)] == [
        (0, "0", "dog"),
        (200, "1", "cat"),
    ]


@pytest.mark.parametrize(
    ("source", "lookup", "words"),
    [
        ("some text", TEXT, "is not a folder"),
        ({"a": 1, "b": 2}, TEXT, "Give one of its parts: 'a', 'b'"),
        (7, TEXT, "int is not that"),
        ([{"body": "a"}], TEXT, "Document 0 has no text under 'text'"),
        (Path("/nowhere/at/all"), TEXT, "no folder"),
        (Path(__file__).parent, TABLE, "rows come from a DataFrame"),
    ],
)
def test_what_is_no_data_set_is_said(source: Any, lookup: Lookup, words: str) -> None:
    with pytest.raises(DocumentError, match=words):
        texts(source, lookup)


@pytest.mark.parametrize("columns", [{"ids": ["x"]}, {"labels": ["x", "y", "z"]}, {"ids": [], "labels": ["x", "y"]}])
def test_as_many_ids_and_labels_as_documents(columns: dict[str, list[str]]) -> None:
    with pytest.raises(DocumentError, match="not as many"):
        texts(["a", "b"], **columns)


def test_a_folder_without_texts(tmp_path: Path) -> None:
    (tmp_path / "a.bin").write_bytes(b"\xff\xfe")
    with pytest.raises(DocumentError, match="no texts below"):
        texts(tmp_path)
