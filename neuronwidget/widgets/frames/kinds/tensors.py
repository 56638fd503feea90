"""Base of kinds whose inputs have one size: what pictures, rows and further kinds share."""

from __future__ import annotations

import time
from abc import abstractmethod
from collections.abc import Callable, Hashable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from numpy.typing import NDArray
from torch import Tensor
from traitlets import TraitError

from neuronwidget.live.inputs.tensors import InputError
from neuronwidget.live.replica.trust import Trust
from neuronwidget.live.structure.sites import Site
from neuronwidget.live.tensor_model import Seen, TensorModel
from neuronwidget.stream.frame import Frame
from neuronwidget.widgets.frames.frame_pass import Floats, Recorded, TensorPass, Values
from neuronwidget.widgets.frames.kinds.kind import FrameKind
from neuronwidget.widgets.frames.kinds.resumed import SharedPasses
from neuronwidget.widgets.frames.panels.panel import Needs
from neuronwidget.widgets.frames.reached import record_reached
from neuronwidget.widgets.frames.request import Request
from neuronwidget.widgets.saved import html
from neuronwidget.widgets.saved.bundle import Saved
from neuronwidget.widgets.saved.reading import classes_of, extent, unit_map

if TYPE_CHECKING:
    import pandas as pd

    from neuronwidget.live.recording import Recording
    from neuronwidget.live.structure.sites import Unit


#: What a model gives in the end, which is recorded like a site, after all of them.
_OUTPUT = "output"
Place = Site | str


class TensorKind(FrameKind):
    """A kind whose inputs always have one size."""

    @abstractmethod
    def value(self, live: TensorModel, asked: Any) -> Any:
        """What the page asks about, as the model's inputs have it; what they begin with where that is left open."""

    @abstractmethod
    def key(self, value: Any) -> Hashable:
        """Equal for equal values."""

    def seen(self, live: TensorModel, prepared: Any) -> Mapping[str, NDArray[Any]]:
        """Arrays of the input itself, for the page."""
        return {}

    def recorder(self, live: TensorModel) -> TensorRecorder:
        return TensorRecorder(self, live)

    def resumed(self, live: TensorModel, shared: SharedPasses) -> TensorRecorder:
        return TensorRecorder(self, live, shared)

    def check(self, live: TensorModel, value: Any) -> Any:
        """An empty string stands for what the inputs begin with."""
        try:
            return live.inputs.start() if _is_nothing(value) else live.inputs.read(value)
        except InputError as error:
            raise TraitError(str(error)) from error

    def first(self, live: TensorModel, x: Any) -> Any:
        return live.inputs.start() if _is_nothing(x) else x

    def table(self, recording: Recording, names: Sequence[str], units: Sequence[Unit]) -> pd.DataFrame:
        """Units of sites whose positions differ, one below the other; all units of the site where none is chosen."""
        import pandas as pd

        parts = []
        for name in names:
            chosen = [unit.index for unit in units if unit.site == name]
            table = recording.table(name, units=chosen if units else None)
            keys = [column for column in ("position", "y", "x", "text") if column in table]
            parts.append(table.melt(id_vars=keys, var_name="unit", value_name="value"))
        names = ("unit", "position", "y", "x", "text", "value")
        return pd.concat(parts, ignore_index=True)[[name for name in names if any(name in part for part in parts)]]

    def at_hand(self, live: TensorModel, value: Any) -> Saved:
        return Saved(f"{self.name} input", tuple(self.picture_of(live, value)))

    def saved(self, live: TensorModel, value: Any, frame: Frame) -> Saved:
        """The input, the unit's map beside it, and what the model says."""
        looks = [*self.picture_of(live, value), *unit_map(frame)]
        side = "".join(f'<td style="padding:0 12px 0 0;text-align:left">{look}</td>' for look in looks)
        words = [f"{self.name} input"]
        if (values := frame.arrays.get("trace.unit")) is not None:
            words.append(extent(values, None))
        names, best = classes_of(frame)
        words += [best] if best else []
        summary = "; ".join(words)
        table = f"<table><tr>{side}</tr></table>" if looks else ""
        return Saved(summary, (html.line(summary, quiet=True), table, *names))

    def picture_of(self, live: TensorModel, value: Any) -> Sequence[str]:
        """The input as HTML."""
        return []


class TensorRecorder:
    """Records inputs of one size, and keeps what the last one did: looking elsewhere runs only what is new."""

    def __init__(self, kind: TensorKind, live: TensorModel, shared: SharedPasses | None = None) -> None:
        self.kind, self.live, self._shared = kind, live, shared
        self._trust = Trust(live)
        self._key: Hashable = None
        self._prepared: Any = None
        self._classes: Tensor | None = None
        self._values: dict[Site, Floats] = {}
        self._failed: dict[Place, Exception] = {}

    def forget(self) -> None:
        self._key, self._prepared, self._classes = None, None, None
        self._values.clear()
        self._failed.clear()

    def record(self, request: Request, needs: Needs, overtaken: Callable[[], bool] | None) -> Recorded:
        value = self.kind.value(self.live, request.ask.input.value)
        key = self.kind.key(value)
        if not self._trust.holds() or key != self._key:
            self.forget()
            self._prepared = self.live.inputs.prepare(value)
            self._key = key
        sites = list(dict.fromkeys([request.site, *needs.sites]))
        missing: list[Place] = [site for site in sites if site not in self._values and site not in self._failed]
        if needs.classes and self._classes is None and self.live.classes > 0 and _OUTPUT not in self._failed:
            missing.append(_OUTPUT)
        seconds = 0.0
        if missing:
            began = time.perf_counter()
            self._values.update(self._see_what_can_be(missing, overtaken))
            seconds = time.perf_counter() - began
        failed_sites = {site: error for site, error in self._failed.items() if isinstance(site, Site)}
        return Recorded(
            values=Values({site: self._values[site] for site in sites if site in self._values}, failed_sites),
            seconds=seconds,
            reused=0 if missing else 1,
            rows_kept=0,
            head={"kind": self.kind.name},
            arrays=self.kind.seen(self.live, self._prepared),
            tensor=TensorPass(self.live, value, self._classes if needs.classes else None, self._failed.get(_OUTPUT)),
            lasts=True,
        )

    def _see_what_can_be(self, places: list[Place], overtaken: Callable[[], bool] | None) -> dict[Site, Floats]:
        """What stood in the way of the others is kept."""
        values: Mapping[Place, Floats]
        try:
            values = self._see(places, overtaken)
        except Exception as error:
            sites = self.live.in_order(place for place in places if isinstance(place, Site))
            ordered: list[Place] = [*sites, *(place for place in places if not isinstance(place, Site))]
            values, failed = record_reached(lambda some: self._see(some, overtaken), ordered, error)
            self._failed.update(failed)
        return {site: rows for site, rows in values.items() if isinstance(site, Site)}

    def _see(self, places: Sequence[Place], overtaken: Callable[[], bool] | None) -> dict[Place, Floats]:
        """What sites did; where the output is wanted too, class probabilities are kept."""
        sites, classes = [place for place in places if isinstance(place, Site)], _OUTPUT in places
        done = self._run(sites, classes, overtaken)
        self._classes = done.classes if classes else self._classes
        if self._shared is None:
            return {site: tensor.numpy() for site, tensor in done.values.items()}
        return {site: self._shared.arrays.of(site, tensor) for site, tensor in done.values.items()}

    def _run(self, sites: list[Site], classes: bool, overtaken: Callable[[], bool] | None) -> Seen:
        """Run the model, of which edits may leave the beginning as it was."""
        if self._shared is None:
            return self.live.see(self._prepared, sites, classes=classes, overtaken=overtaken)
        done = self._shared.resume.run(self.live, [self._prepared], sites, whole=classes, overtaken=overtaken)
        return Seen(done.values, self.live.probabilities(done.output)[0] if classes else None)


def _is_nothing(value: Any) -> bool:
    return value is None or (isinstance(value, str) and not value)
