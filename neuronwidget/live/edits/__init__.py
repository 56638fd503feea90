"""Edits of a model's activations while it runs: what they are (`edit`, `kinds`), where (`places`, `scope`), how."""

from neuronwidget.live.edits.edit import BaseEdit as BaseEdit
from neuronwidget.live.edits.edit import Edit as Edit
from neuronwidget.live.edits.edit_set import EditSet as EditSet
from neuronwidget.live.edits.errors import EditError as EditError
from neuronwidget.live.edits.prefix import Prefix as Prefix
from neuronwidget.live.edits.prefix import Stale as Stale
