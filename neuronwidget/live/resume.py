"""Passes over one input under one set of edits after another, run again only from the first edited place on.

What lies before the first place where edits act is the same whatever they do. A `Resume` keeps what the model's parts
gave there, and in further passes over the same input these parts give it back and run nothing. The parts are those of
the live model's replica, which is ours; a model without one is run in full. So is one that gave other numbers when
that was tried, with edits at the same places, on a sample.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor, nn

from neuronwidget.live.capture import capture
from neuronwidget.live.edits.edit import Edit
from neuronwidget.live.hooks import Hooks
from neuronwidget.live.model import LiveModel
from neuronwidget.live.replica.kept import Call, Place, giving_back, is_plain, keeping
from neuronwidget.live.replica.trust import Trust
from neuronwidget.live.reuse import close
from neuronwidget.live.structure.sites import Site
from neuronwidget.live.tensors import describe_output


@dataclass(frozen=True)
class Pass:
    """What one pass did: float32 [positions, units] of each site; what the model returned, None where it was left."""

    values: dict[Site, Tensor]
    output: object | None


@dataclass(frozen=True)
class Plan:
    """What need not run again: the outermost `calls` that end before an edited place; parts `hidden` in them."""

    calls: frozenset[Call]
    hidden: frozenset[str]

    def hides(self, site: Site) -> bool:
        """Is a site not reached where the calls give back what they gave?"""
        return site.module in self.hidden or any(path in self.hidden for path, _ in site.parts)


class Resume:
    """Runs edited live models over one input after another, each from its first edited place on where it can.

    Attributes
    ----------
    resumed
        Did the last pass begin at the first edited place?

    Examples
    --------
    >>> import neuronwidget as nw
    >>> live = nw.demo("code")
    >>> resume, given, site = Resume(live), live.given("x = 1"), live.sites["mlp.2"]
    >>> for factor in (1.0, 2.0):
    ...     edited = live.edited(nw.Edit("mlp.1", lambda rows, factor=factor: rows * factor))
    ...     values = resume.run(edited, given, [site]).values[site]
    >>> resume.resumed, values.shape
    (True, torch.Size([5, 768]))
    """

    def __init__(self, live: LiveModel) -> None:
        self._live = live.unedited
        self._trust = Trust(self._live)
        self._plans: dict[frozenset[Place], Plan | None] = {}
        self.resumed = False
        self.forget()

    def forget(self) -> None:
        """Drop what is kept of the input."""
        self._given: Any = None
        self._plan: Plan | None = None
        self._kept: dict[Call, Any] = {}
        self._rows: dict[Site, Tensor] = {}

    def run(
        self,
        edited: LiveModel,
        given: Any,
        sites: Sequence[Site] = (),
        *,
        whole: bool = False,
        overtaken: Callable[[], bool] | None = None,
        ahead_of: LiveModel | None = None,
    ) -> Pass:
        """What `sites` did in a pass of `edited`, a live model over the same module, on what `LiveModel.given` made.

        `whole`: run the model to its end, for its output; else no deeper than the deepest of the sites. `ahead_of`:
        further edits behind its own, of a live model whose passes are to follow and shall begin where they first act.
        """
        with edited.lock:
            if not self._trust.holds():
                self._plans.clear()
                self.forget()
            places = places_of(ahead_of or edited)
            plan = self._planned(places)
            if not _same(given, self._given) or plan is None or plan is not self._plan:
                self.forget()
                self._given, self._plan = copy.deepcopy(given), plan
            hidden = [site for site in sites if plan is not None and plan.hides(site)]
            self.resumed = bool(self._kept) and all(site in self._rows for site in hidden)
            if not self.resumed or plan is None:
                return self._in_full(edited, sites, plan, places, whole, overtaken)
            values = {site: self._rows[site] for site in hidden}
            further = [site for site in sites if site not in values]
            output = None
            if further or whole:
                with edited.running(further, whole=whole) as parts, giving_back(parts, self._kept):
                    recorded, output = self._captured(edited, parts, further, whole, overtaken)
                values.update(recorded)
            return Pass({site: values[site] for site in sites}, output)

    def _in_full(
        self,
        edited: LiveModel,
        sites: Sequence[Site],
        plan: Plan | None,
        places: frozenset[Place],
        whole: bool,
        overtaken: Callable[[], bool] | None,
    ) -> Pass:
        """A pass through all that is wanted, which keeps what the next one can do without."""
        with edited.running(sites, whole=whole) as parts:
            if plan is None:
                return Pass(*self._captured(edited, parts, sites, whole, overtaken))
            with keeping(parts, plan.calls, places) as keeper:
                values, output = self._captured(edited, parts, sites, whole, overtaken)
        self._kept = keeper.kept if keeper.passed else {}
        self._rows.update({site: rows for site, rows in values.items() if plan.hides(site)})
        return Pass(values, output)

    def _captured(
        self,
        edited: LiveModel,
        parts: Mapping[str, nn.Module],
        sites: Sequence[Site],
        whole: bool,
        overtaken: Callable[[], bool] | None,
    ) -> tuple[dict[Site, Tensor], object]:
        given = self._given
        tensors, output = capture(
            parts,
            lambda: edited.run_given(given),
            sites,
            stop=not whole,
            overtaken=overtaken,
            checkpoints=edited.sites.defaults,
        )
        return {site: edited.rows_of(site, tensor, given) for site, tensor in tensors.items()}, output

    def _planned(self, places: frozenset[Place]) -> Plan | None:
        """What need not run again with edits at some places; None where all must."""
        if places not in self._plans:
            plan = _plan(self._live, places) if places else None
            self._plans[places] = plan if plan is not None and _gives_same_numbers(self._live, places, plan) else None
        return self._plans[places]


def places_of(edited: LiveModel) -> frozenset[Place]:
    """Where the edits of a live model act."""
    return frozenset((site.module, site.side, site.call) for site in edited.edited_sites)


# ---- what need not run again -----------------------------------------------------------------------------------------


@dataclass
class _Walk:
    """One pass, call by call: `ended` are the outermost calls that end before the first of `places`."""

    places: frozenset[Place]
    reached: bool = False
    ended: list[Call] = field(default_factory=list)
    inside: set[Call] = field(default_factory=set)
    every: list[Call] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._open: list[tuple[Call, int]] = []
        self._counts: dict[str, int] = {}

    def enter(self, path: str) -> None:
        number = self._counts[path] = self._counts.get(path, -1) + 1
        self.every.append((path, number))
        self._open.append(((path, number), len(self.ended)))
        self.reached = self.reached or (path, "in", number) in self.places

    def leave(self, path: str, output: object) -> None:
        call, first = self._open.pop()
        if not self.reached and is_plain(output):
            self.inside.update(self.ended[first:])
            self.ended[first:] = [call]
        self.reached = self.reached or (*call[:1], "out", call[1]) in self.places


def _plan(live: LiveModel, places: frozenset[Place]) -> Plan | None:
    """What a pass over a sample need not run again where edits act at `places`; None where that cannot be told."""
    walk, given = _Walk(places), live.sample_given()
    try:
        with live.running(whole=True) as parts, Hooks() as hooks:
            if not live.runs_a_copy or any(hasattr(part, "_hf_hook") for part in parts.values()):
                return None
            for path, part in parts.items():
                if path:
                    hooks.observe(part, "in", lambda _, path=path: walk.enter(path), first=True)  # type: ignore[misc]
                    hooks.observe(part, "out", lambda output, path=path: walk.leave(path, output))  # type: ignore[misc]
            live.run_given(given)
    except Exception:
        return None
    hidden = {path for path, _ in walk.inside}
    # A part that is called inside and outside of them would be counted wrongly where the calls inside are left out.
    apart = not hidden & {path for path, number in walk.every if (path, number) not in walk.inside}
    if live.draws or not walk.reached or not walk.ended or not apart:
        return None
    return Plan(frozenset(walk.ended), frozenset(hidden))


def _gives_same_numbers(live: LiveModel, places: frozenset[Place], plan: Plan) -> bool:
    """Do passes with edits at the same places give the numbers of full passes, also twice? Tried on a sample."""
    every = [site for site in live.sites if site.kind != "module"] or list(live.sites)
    sites, given = [site for site in every if not plan.hides(site) and site.steps is None], live.sample_given()
    try:
        first, second = (
            live.edited(
                *(Edit(Site("", path, side, call=call).canonical, change) for path, side, call in sorted(places))
            )
            for change in (_more, _less)
        )
        with first.running(whole=True) as parts:
            expected, whole = capture(parts, lambda: first.run_given(given), sites, stop=False)
        with second.running(whole=True) as parts, keeping(parts, plan.calls, places) as keeper:
            second.run_given(given)
        for _ in range(2):
            with first.running(whole=True) as parts, giving_back(parts, keeper.kept):
                recorded, output = capture(parts, lambda: first.run_given(given), sites, stop=False)
            pairs = [(expected[site], recorded[site]) for site in sites]
            pairs += (
                [(a, b)]
                if (a := describe_output(whole)) is not None and (b := describe_output(output)) is not None
                else []
            )
            if not pairs or not all(close(a, b) for a, b in pairs):
                return False
    except Exception:
        return False
    return keeper.passed


def _more(rows: Tensor) -> Tensor:
    return 1.5 * rows + rows.abs().mean()


def _less(rows: Tensor) -> Tensor:
    return 0.5 * rows - rows.abs().mean()


def _same(a: Any, b: Any) -> bool:
    """Is what a model was given twice the same?"""
    if type(a) is list and type(b) is list and {*map(type, a), *map(type, b)} <= {int}:
        return bool(a == b)  # the numbers of tokens
    if isinstance(a, Tensor) or isinstance(b, Tensor):
        return isinstance(a, Tensor) and isinstance(b, Tensor) and a.dtype == b.dtype and torch.equal(a, b)
    if isinstance(a, Mapping):
        return isinstance(b, Mapping) and a.keys() == b.keys() and all(_same(a[name], b[name]) for name in a)
    if isinstance(a, (list, tuple)):
        return isinstance(b, (list, tuple)) and len(a) == len(b) and all(map(_same, a, b))
    return bool(a == b)
