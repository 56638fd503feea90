"""Names of places and units."""

import numpy as np
import pytest

import neuronwidget as nw
from neuronwidget.live.structure.sites import Site, SiteTable, natural_key

TABLE = SiteTable(
    [Site(f"mlp.{i}", f"transformer.h.{i}.mlp.c_proj", "in", "mlp", 64, i) for i in range(12)]
    + [Site(f"resid.{i}", f"transformer.h.{i}", "out", "resid", 16, i) for i in range(12)]
    + [Site("lm_head", "lm_head", "out", "module", 100)]
)


@pytest.mark.parametrize(
    "name",
    [
        "mlp.10",
        "transformer.h.10.mlp.c_proj.in",
        "transformer.h.10.mlp.c_proj.input",
        "model.transformer.h.10.mlp.c_proj.in",
        "blocks.10.mlp.hook_post",
        "_orig_mod.transformer.h.10.mlp.c_proj.in",
        "  mlp.10 ",
        "mlp_act.10",
        "path.transformer.h.10.mlp.c_proj.in",
    ],
)
def test_one_resolver_takes_the_names_people_use(name: str) -> None:
    assert TABLE[name].name == "mlp.10"
    assert name in TABLE


def test_the_stream_is_found_by_hook_name_and_by_output() -> None:
    assert TABLE["blocks.3.hook_resid_post"].name == "resid.3"
    assert TABLE["model.transformer.h.3.output"].name == "resid.3"
    assert TABLE["resid_post.3"].name == TABLE["resid_pre.4"].name == TABLE["blocks.4.hook_resid_pre"].name == "resid.3"
    assert "resid_post.99" not in TABLE


def test_a_miss_names_the_nearest() -> None:
    with pytest.raises(KeyError, match=r"no site 'mpl\.2'.*mlp\.2"):
        TABLE.resolve("mpl.2")
    assert "mlp.99" not in TABLE


def test_layers_sort_as_numbers() -> None:
    names = ["mlp.10", "mlp.2", "mlp.1"]
    assert sorted(names, key=natural_key) == ["mlp.1", "mlp.2", "mlp.10"]


def test_units_in_every_spelling() -> None:
    unit = nw.Unit("mlp.2", 41)
    assert TABLE.unit("mlp.2:41") == TABLE.unit(("mlp.2", 41)) == TABLE.unit(unit) == unit
    assert nw.Ablate(("mlp.2", np.int64(41)), to="zero").units == (41,)  # as a row of a table has it
    assert TABLE.unit("blocks.2.mlp.hook_post:41") == TABLE.unit("mlp_act.2:41") == unit
    assert str(unit) == "mlp.2:41"
    with pytest.raises(ValueError, match=r"Write the site, a colon and a number"):
        nw.Unit.parse("mlp.2")
    with pytest.raises(IndexError, match=r"0 to 63, not 64"):
        TABLE.unit("mlp.2:64")


def test_the_table_as_a_frame() -> None:
    frame = TABLE.table()
    assert list(frame.columns[:5]) == ["name", "kind", "width", "layer", "canonical"]
    assert len(frame) == 25
    assert "and 13 more" in repr(TABLE)
