"""neuronwidget: look inside a neural network while it runs.

>>> import neuronwidget as nw
>>> live = nw.demo("code")                    # or nw.attach(your_module, inputs=nw.TextInputs(encode, decode))
>>> nw.explore(live, "def greet(name):")      # in a notebook cell                              # doctest: +SKIP

Names are loaded when they are first used: `import neuronwidget` imports neither torch nor pandas.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from neuronwidget.version import __version__ as __version__

_WHERE = {
    "attach": "neuronwidget.live.attach",
    "AttachError": "neuronwidget.live.errors",
    "LiveModel": "neuronwidget.live.model",
    "Ablate": "neuronwidget.live.edits.kinds",
    "Clamp": "neuronwidget.live.edits.kinds",
    "Edit": "neuronwidget.live.edits.edit",
    "EditError": "neuronwidget.live.edits.errors",
    "Patch": "neuronwidget.live.edits.kinds",
    "Scale": "neuronwidget.live.edits.kinds",
    "Steer": "neuronwidget.live.edits.kinds",
    "when": "neuronwidget.live.edits.scope",
    "Recording": "neuronwidget.live.recording",
    "Site": "neuronwidget.live.structure.sites",
    "Unit": "neuronwidget.live.structure.sites",
    "TextInputs": "neuronwidget.live.inputs.text",
    "ImageInputs": "neuronwidget.live.inputs.image",
    "TableInputs": "neuronwidget.live.inputs.table",
    "Labels": "neuronwidget.live.labels.labels",
    "LabelsError": "neuronwidget.live.labels.label",
    "LabelTest": "neuronwidget.analysis.labels.label_test",
    "load_edits": "neuronwidget.live.edits.files",
    "save_edits": "neuronwidget.live.edits.files",
    "explore": "neuronwidget.widgets.explorer",
    "Explorer": "neuronwidget.widgets.explorer",
    "TokenStrip": "neuronwidget.widgets.token_strip",
    "Heatmap": "neuronwidget.widgets.heatmap",
    "ExemplarGrid": "neuronwidget.widgets.exemplar_grid",
    "demo": "neuronwidget.demos.demo",
    "demo_card": "neuronwidget.demos",
    "scan": "neuronwidget.atlas.scan.scan",
    "ScanProgress": "neuronwidget.widgets.scan_progress",
    "open_atlas": "neuronwidget.atlas.atlas",
    "Atlas": "neuronwidget.atlas.atlas",
    "import_atlas": "neuronwidget.export.imported",
    "ImportedAtlas": "neuronwidget.export.imported_atlas",
    "find_units": "neuronwidget.analysis.inspect.find",
    "effect": "neuronwidget.analysis.cause.effect",
    "dose": "neuronwidget.analysis.cause.dose",
    "interactions": "neuronwidget.analysis.cause.interactions",
    "unit_card": "neuronwidget.analysis.inspect.card",
    "output_weights": "neuronwidget.analysis.directions.output_weights",
    "difference": "neuronwidget.analysis.directions.difference",
    "layer_sweep": "neuronwidget.analysis.directions.layer_sweep",
    "groups": "neuronwidget.analysis.groups.groups",
    "health": "neuronwidget.analysis.which.health.health",
    "localise": "neuronwidget.analysis.which.localise.localise",
    "concepts": "neuronwidget.analysis.concepts.concepts",
    "concepts_of_site": "neuronwidget.analysis.concepts.site",
    "context": "neuronwidget.analysis.which.context.context",
    "dissect": "neuronwidget.analysis.which.dissect.dissect",
    "attribution": "neuronwidget.analysis.cause.attribution",
    "blind_rounds": "neuronwidget.analysis.labels.blind.blind",
    "continuations": "neuronwidget.analysis.cause.continuations",
    "patch_grid": "neuronwidget.analysis.cause.patch_grid",
    "collect": "neuronwidget.analysis.responses.collect",
    "compare": "neuronwidget.analysis.which.compare.compare",
    "patterns": "neuronwidget.analysis.patterns.patterns",
    "right_wrong": "neuronwidget.analysis.which.compare.groups.right_wrong",
    "predicate_of": "neuronwidget.analysis.predicates.given",
    "python_tokens": "neuronwidget.analysis.predicates.python_source",
    "shortcuts": "neuronwidget.analysis.which.shortcuts.shortcuts",
    "damp": "neuronwidget.analysis.which.damp",
    "damped": "neuronwidget.analysis.which.damped",
    "unit_scatter": "neuronwidget.charts",
    "UnitScatter": "neuronwidget.charts",
    "UnitCard": "neuronwidget.widgets.unit_card",
    "UnitFinder": "neuronwidget.widgets.unit_finder",
    "CompareView": "neuronwidget.widgets.results.compare_view",
    "PatternView": "neuronwidget.widgets.results.pattern_view",
    "BlindTest": "neuronwidget.widgets.blind_test",
    "GroupView": "neuronwidget.widgets.results.group_view",
    "HealthView": "neuronwidget.widgets.results.health_view",
    "LocaliseView": "neuronwidget.widgets.results.localise_view",
    "ShortcutView": "neuronwidget.widgets.results.shortcut_view",
}

__all__ = ["__version__", *sorted(_WHERE)]

if TYPE_CHECKING:
    from neuronwidget.analysis.cause.attribution import attribution as attribution
    from neuronwidget.analysis.cause.continuations import continuations as continuations
    from neuronwidget.analysis.cause.dose import dose as dose
    from neuronwidget.analysis.cause.effect import effect as effect
    from neuronwidget.analysis.cause.interactions import interactions as interactions
    from neuronwidget.analysis.cause.patch_grid import patch_grid as patch_grid
    from neuronwidget.analysis.concepts.concepts import concepts as concepts
    from neuronwidget.analysis.concepts.site import concepts_of_site as concepts_of_site
    from neuronwidget.analysis.directions.difference import difference as difference
    from neuronwidget.analysis.directions.layer_sweep import layer_sweep as layer_sweep
    from neuronwidget.analysis.directions.output_weights import output_weights as output_weights
    from neuronwidget.analysis.groups.groups import groups as groups
    from neuronwidget.analysis.inspect.card import unit_card as unit_card
    from neuronwidget.analysis.inspect.find import find_units as find_units
    from neuronwidget.analysis.labels.blind.blind import blind_rounds as blind_rounds
    from neuronwidget.analysis.labels.label_test import LabelTest as LabelTest
    from neuronwidget.analysis.patterns.patterns import patterns as patterns
    from neuronwidget.analysis.predicates.given import predicate_of as predicate_of
    from neuronwidget.analysis.predicates.python_source import python_tokens as python_tokens
    from neuronwidget.analysis.responses.collect import collect as collect
    from neuronwidget.analysis.which.compare.compare import compare as compare
    from neuronwidget.analysis.which.compare.groups.right_wrong import right_wrong as right_wrong
    from neuronwidget.analysis.which.context.context import context as context
    from neuronwidget.analysis.which.damp import damp as damp
    from neuronwidget.analysis.which.damped import damped as damped
    from neuronwidget.analysis.which.dissect.dissect import dissect as dissect
    from neuronwidget.analysis.which.health.health import health as health
    from neuronwidget.analysis.which.localise.localise import localise as localise
    from neuronwidget.analysis.which.shortcuts.shortcuts import shortcuts as shortcuts
    from neuronwidget.atlas.atlas import Atlas as Atlas
    from neuronwidget.atlas.atlas import open_atlas as open_atlas
    from neuronwidget.atlas.scan.scan import scan as scan
    from neuronwidget.charts import UnitScatter as UnitScatter
    from neuronwidget.charts import unit_scatter as unit_scatter
    from neuronwidget.demos import demo_card as demo_card
    from neuronwidget.demos.demo import demo as demo
    from neuronwidget.export.imported import import_atlas as import_atlas
    from neuronwidget.export.imported_atlas import ImportedAtlas as ImportedAtlas
    from neuronwidget.live.attach import attach as attach
    from neuronwidget.live.edits.edit import Edit as Edit
    from neuronwidget.live.edits.errors import EditError as EditError
    from neuronwidget.live.edits.files import load_edits as load_edits
    from neuronwidget.live.edits.files import save_edits as save_edits
    from neuronwidget.live.edits.kinds import Ablate as Ablate
    from neuronwidget.live.edits.kinds import Clamp as Clamp
    from neuronwidget.live.edits.kinds import Patch as Patch
    from neuronwidget.live.edits.kinds import Scale as Scale
    from neuronwidget.live.edits.kinds import Steer as Steer
    from neuronwidget.live.edits.scope import when as when
    from neuronwidget.live.errors import AttachError as AttachError
    from neuronwidget.live.inputs.image import ImageInputs as ImageInputs
    from neuronwidget.live.inputs.table import TableInputs as TableInputs
    from neuronwidget.live.inputs.text import TextInputs as TextInputs
    from neuronwidget.live.labels.label import LabelsError as LabelsError
    from neuronwidget.live.labels.labels import Labels as Labels
    from neuronwidget.live.model import LiveModel as LiveModel
    from neuronwidget.live.recording import Recording as Recording
    from neuronwidget.live.structure.sites import Site as Site
    from neuronwidget.live.structure.sites import Unit as Unit
    from neuronwidget.widgets.blind_test import BlindTest as BlindTest
    from neuronwidget.widgets.exemplar_grid import ExemplarGrid as ExemplarGrid
    from neuronwidget.widgets.explorer import Explorer as Explorer
    from neuronwidget.widgets.explorer import explore as explore
    from neuronwidget.widgets.heatmap import Heatmap as Heatmap
    from neuronwidget.widgets.results.compare_view import CompareView as CompareView
    from neuronwidget.widgets.results.group_view import GroupView as GroupView
    from neuronwidget.widgets.results.health_view import HealthView as HealthView
    from neuronwidget.widgets.results.localise_view import LocaliseView as LocaliseView
    from neuronwidget.widgets.results.pattern_view import PatternView as PatternView
    from neuronwidget.widgets.results.shortcut_view import ShortcutView as ShortcutView
    from neuronwidget.widgets.scan_progress import ScanProgress as ScanProgress
    from neuronwidget.widgets.token_strip import TokenStrip as TokenStrip
    from neuronwidget.widgets.unit_card import UnitCard as UnitCard
    from neuronwidget.widgets.unit_finder import UnitFinder as UnitFinder


def __getattr__(name: str) -> Any:
    if name in _WHERE:
        value = getattr(importlib.import_module(_WHERE[name]), name)
        globals()[name] = value
        return value
    raise AttributeError(f"module 'neuronwidget' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
