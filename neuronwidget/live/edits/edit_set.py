"""Edit sets: puts the edits of a live model on the parts that run, for the passes of one thread, and takes them off.

`LiveModel.running` does that, and every pass goes through it; `LiveModel.edit` puts them on the user's own module. What
observers see at an edited place is what the model goes on with (see `hooks`).
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from typing import Any, Protocol

import torch
from torch import Tensor, nn

from neuronwidget.live.edits.binding import Bound, Gate, Host
from neuronwidget.live.edits.edit import BaseEdit, Edit
from neuronwidget.live.edits.errors import EditError
from neuronwidget.live.edits.prefix import Prefix
from neuronwidget.live.edits.scope import UNKNOWN, Stretch
from neuronwidget.live.edits.span import Span, SpanReader
from neuronwidget.live.hooks import Hooks, ModuleHooks, Side
from neuronwidget.live.replica.changes import Changes
from neuronwidget.live.structure.layout import Layout
from neuronwidget.live.structure.sites import Site
from neuronwidget.live.tensors import first_tensor, with_first_tensor

Spot = tuple[str, Side]


class EditTarget(Protocol):
    """What edits are put on: `editing` are those that act on it now, `prefix` what they were given before."""

    editing: EditSet | None
    prefix: Prefix | None


class EditSet:
    """The edits of a live model in the order in which they act, with their places there."""

    def __init__(self, bound: Sequence[Bound] = ()) -> None:
        self.bound = tuple(bound)
        self.edits = tuple(one.edit for one in bound)
        #: Where each acts: the site whose tensor the model goes on with.
        self.sites = tuple(one.place.stands for one in bound)
        functions = [edit.change for edit in self.edits if isinstance(edit, Edit)]
        self._functions = _Functions(functions) if functions else None
        self._changes = None if self._functions is None else Changes(self._functions)
        self._count = 0

    def __bool__(self) -> bool:
        return bool(self.edits)

    def __reduce__(self) -> tuple[Any, ...]:
        return EditSet, (self.bound,)

    def added(self, edits: Sequence[BaseEdit], host: Host) -> EditSet:
        """These and more of them, behind them. Raises `EditError` where one cannot act."""
        return EditSet([*self.bound, *host.bound(edits)])

    @property
    def shares_passes(self) -> bool:
        """Do they do the same to an input that is filled up to the length of others?"""
        return all(one.shares_passes for one in self.bound)

    def signature(self) -> object:
        """Another one as soon as another edit is on, or what the function of one leads to has changed."""
        self._count += self._changes is not None and bool(self._changes.look())
        return self.bound, self._count

    @contextmanager
    def on(self, target: EditTarget, parts: Mapping[str, nn.Module], prompt: int | None = None) -> Iterator[None]:
        """Inside, passes of this thread go through the edits. Those of another live model rest meanwhile.

        `prompt`: how many positions of what runs inside are the prompt, where a model generates.
        """
        before, now = target.editing, self if self.edits else None
        if now is before:
            yield
            return
        target.editing = now
        try:
            with Hooks() as hooks:
                if now is not None:
                    running = _Pass(self, parts[""], prompt, target)
                    self._put_on(hooks, parts, running, lambda: target.editing is self)
                yield
        finally:
            target.editing = before

    @contextmanager
    def on_module(self, module: nn.Module, rests: Callable[[], bool]) -> Iterator[None]:
        """Inside, passes of this thread through a user's own module go through the edits, but where `rests` says no.

        What `torch.compile` made runs as it was written meanwhile: compiled code knows of no hooks.
        """
        if not self.edits:
            yield
            return
        with ModuleHooks() as hooks, uncompiled():
            parts = dict(module.named_modules())
            self._put_on(hooks, parts, _Pass(self, parts[""]), lambda: not rests())
            yield

    def _put_on(self, hooks: Hooks, parts: Mapping[str, nn.Module], running: _Pass, acts: Callable[[], bool]) -> None:
        """Put the edits on parts of a model, by path. They act where `acts` says so."""
        for one in self.bound:
            if one.place.stands.module not in parts:
                raise EditError(
                    f"{one.edit}: the model has no part {one.place.stands.module!r} any more. Attach it again."
                )

        def act(spot: Spot, numbers: list[int], value: Any) -> Any:
            return running.edited(spot, numbers, value) if acts() else value

        hooks.observe(parts[""], "in", running.begin, first=True)
        hooks.observe(parts[""], "out", running.end)
        spots: dict[Spot, list[int]] = {}
        for number, site in enumerate(self.sites):
            spots.setdefault(_spot(site), []).append(number)
        for spot, numbers in spots.items():
            hooks.edit(parts[spot[0]], spot[1], partial(act, spot, numbers))
        gates: dict[Spot, list[Gate]] = {}
        for gate in {one.gate for one in self.bound if one.gate is not None and not _is_here(one)}:
            gates.setdefault(_spot(gate.site), []).append(gate)
        for spot, here in gates.items():
            hooks.observe(parts[spot[0]], spot[1], partial(running.look, spot, here))


class _Pass:
    """What is known while a model runs: calls of its parts so far, where conditions hold, which positions it is of.

    `target` is what a live model runs. Without it the module is run by its user, who may run parts of it alone: then
    calls are counted only of those that the whole calls more than once.
    """

    def __init__(
        self, edits: EditSet, root: nn.Module, prompt: int | None = None, target: EditTarget | None = None
    ) -> None:
        self._edits, self._target = edits, target
        self._reader = SpanReader(root, prompt)
        self._span = Span(prompt=prompt)
        self._calls: dict[Spot, int] = {}
        self._looks: dict[Spot, int] = {}
        self._fires: dict[Gate, Tensor] = {}

    def begin(self, given: Any) -> None:
        self._calls.clear()
        self._looks.clear()
        self._fires.clear()
        self._span = self._reader.read(*given)

    def end(self, _: Any) -> None:
        self._span = Span()

    def look(self, spot: Spot, gates: Sequence[Gate], value: Any) -> None:
        """Where conditions hold, once what they look at is there: bool [inputs, positions] each."""
        call = self._looks[spot] = self._looks.get(spot, -1) + 1
        for gate in gates:
            tensor = first_tensor(value)
            if self._is_call(gate.site, call, gate.repeats) and tensor is not None:
                layout, inputs = layout_of(gate.site, tensor, self._span.inputs)
                self._fires[gate] = torch.stack([gate.holds(rows) for rows in layout.rows(tensor, inputs)])

    def edited(self, spot: Spot, numbers: Sequence[int], value: Any) -> Any:
        call = self._calls[spot] = self._calls.get(spot, -1) + 1
        for number in numbers:
            if self._edits.sites[number].steps is not None:
                value = self._changed_step(number, value, call)
            elif self._is_call(self._edits.sites[number], call, self._edits.bound[number].place.repeats):
                value = self._changed(number, value)
        return value

    def _is_call(self, site: Site, call: int, repeats: bool) -> bool:
        return site.call == call or (self._target is None and not repeats)

    def _changed(self, number: int, value: Any) -> Any:
        """What a module took or gave, with what an edit makes of it."""
        one = self._edits.bound[number]
        site = one.place.stands
        tensor = first_tensor(value)
        if tensor is None:
            raise EditError(f"{one.edit}: {site.name} holds no tensor but {type(value).__name__}.")
        try:
            layout, inputs = layout_of(site, tensor, self._span.inputs)
            given = layout.rows(tensor, inputs)
        except RuntimeError as error:
            raise EditError(f"{one.edit}: {site.name} gave {list(tensor.shape)} on this input: {error}.") from error
        fires = self._where_it_holds(one, given)
        prefix = None if self._target is None else self._target.prefix
        changed = []
        for row, rows in enumerate(given):
            held = None if fires is None else fires[row]
            if prefix is None:
                stretch = self._span.stretch(row, len(rows), site.per_token)
                changed.append(one.changed(rows, held, stretch))
            else:
                changed.append(prefix.change(number, rows, held, partial(self._of_all, one)))
        # In memory it lies as it did, so that the next sums are made in the same order.
        return with_first_tensor(
            value, torch.empty_like(tensor).copy_(layout.tensor(torch.stack(changed), tensor.shape))
        )

    def _changed_step(self, number: int, value: Any, step: int) -> Any:
        """The same of one step of a loop, which is one position."""
        one = self._edits.bound[number]
        tensor = first_tensor(value)
        if tensor is None:
            raise EditError(f"{one.edit}: {one.place.name} holds no tensor but {type(value).__name__}.")
        if self._target is not None and self._target.prefix is not None:
            step += self._target.prefix.tokens
        stretch = Stretch(step, 1, UNKNOWN if self._span.prompt is None else self._span.prompt, UNKNOWN)
        given = tensor.reshape(-1, 1, one.place.stands.width)
        fires = self._where_it_holds(one, given)
        if fires is not None and fires.shape[1] > 1:  # what it looks at was there for all steps at once
            fires = fires[:, min(step, fires.shape[1] - 1)][:, None]
        changed = [one.changed(rows, None if fires is None else fires[row], stretch) for row, rows in enumerate(given)]
        return with_first_tensor(value, torch.empty_like(tensor).copy_(torch.stack(changed).reshape(tensor.shape)))

    def _of_all(self, one: Bound, rows: Tensor, fires: Tensor | None) -> Tensor:
        """What an edit makes of all rows of an input, those before the pass among them."""
        whole = Span(prompt=self._span.prompt)
        return one.changed(rows, fires, whole.stretch(0, len(rows), per_token=True))

    def _where_it_holds(self, one: Bound, given: Tensor) -> Tensor | None:
        gate = one.gate
        if gate is None:
            return None
        if _is_here(one):
            return torch.stack([gate.holds(rows) for rows in given])
        if gate not in self._fires:
            raise EditError(f"{one.edit}: the model did not come to {gate.seen.name} before {one.place.name}.")
        fires = self._fires[gate]
        if len(fires) != len(given):
            raise EditError(f"{one.edit}: {gate.site.name} and {one.place.name} do not tell inputs apart alike.")
        return fires


class _Functions(nn.Module):
    """Holds the functions of edits, so that `Changes` notices what they lead to."""

    def __init__(self, functions: list[Callable[[Tensor], Tensor]]) -> None:
        super().__init__()
        self.functions = functions


@contextmanager
def uncompiled() -> Iterator[None]:
    """Inside, what was compiled by `torch.compile` runs as it was written."""
    if "torch._dynamo" not in sys.modules:  # nothing was
        yield
        return
    with torch.compiler.set_stance("force_eager"):
        yield


def _spot(site: Site) -> Spot:
    return site.module, "in" if site.side == "in" else "out"


def _is_here(one: Bound) -> bool:
    """Does its condition look at the place where it acts?"""
    stands = one.place.stands
    return one.gate is not None and (*_spot(one.gate.site), one.gate.site.call) == (*_spot(stands), stands.call)


def layout_of(site: Site, tensor: Tensor, inputs: int = 0) -> tuple[Layout, int]:
    """Where positions and units lie in what is at a site now, and how many inputs it holds.

    `inputs`: how many share the pass, where that is known; their tokens may all stand in one dimension.
    """
    layout = site.layout
    if layout is None and site.axis is None and inputs and tensor.ndim == 3 and tensor.shape[0] == inputs:
        return Layout(0, (1,), tensor.shape[1], None), inputs  # a decoder's rows: it was attached with a single one
    if layout is None:
        along = site.axis is not None and site.axis < tensor.ndim
        axes = (site.axis,) if site.axis is not None and along else ()
        positions = tensor.shape[site.axis] if site.axis is not None and along else 1
        if axes == (0,) and tensor.ndim == 2 and inputs > 1 and positions % inputs == 0:
            return Layout(0, axes, positions // inputs, None), inputs
        layout = Layout(1 if axes == (0,) and tensor.ndim > 1 else 0, axes, positions, None)
    return layout, max(1, tensor.numel() // max(1, layout.positions * site.width))
