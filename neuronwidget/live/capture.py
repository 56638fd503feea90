"""Captures what chosen sites do in one run: hooks on, run, hooks off.

One function, `capture`, runs a torch module once and brings back what chosen sites did. From top to bottom:

1. `Watch` observes the module of each site (see `hooks`). It counts the module's calls, and keeps a copy of the tensor
   that went in or came out, or hands the tensor on at once.
2. When the last wanted tensor has come, the hook raises `Reached`: nothing that lies deeper is run.
3. Before that, each hook asks whether the result is still wanted, and raises `Overtaken` if it is not.
4. `capture` takes the hooks off again, whatever happened. The pass runs on the model's replica: see `replica`.
5. What was kept becomes float32 on the CPU, [positions, units].
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

import torch
from torch import Tensor, nn

from neuronwidget.live.hooks import Hooks, Side
from neuronwidget.live.structure.sites import Site
from neuronwidget.live.tensors import copied, first_tensor


class Reached(BaseException):
    """The deepest wanted site has been seen. A `BaseException`, so that no `except Exception` of the model eats it."""


class Overtaken(BaseException):
    """A newer request came while the model ran."""


def stop_if(overtaken: Callable[[], bool] | None) -> None:
    """Raises `Overtaken` where the result is not wanted any more; between passes, as hooks do at each site."""
    if overtaken is not None and overtaken():
        raise Overtaken


class CaptureError(RuntimeError):
    """A site was not reached, or held something that is not positions × units; `sites`: which, where that is known."""

    def __init__(self, words: str, sites: Iterable[Site] = ()) -> None:
        super().__init__(words)
        self.sites = tuple(sites)


class Watch:
    """Hooks on the modules of sites, for one run.

    `stop`: leave the model when every site has been seen. `overtaken`: asked at each site and at each `checkpoint`.
    `take`: what to do with each tensor at the moment it is seen; it holds for that moment only, for the model may write
    to it later. By default a copy is kept in `tensors`.
    """

    def __init__(
        self,
        modules: Mapping[str, nn.Module],
        sites: Sequence[Site],
        *,
        stop: bool = True,
        overtaken: Callable[[], bool] | None = None,
        checkpoints: Iterable[Site] = (),
        take: Callable[[Site, Tensor], None] | None = None,
    ) -> None:
        self.seen: set[Site] = set()
        self.tensors: dict[Site, Tensor] = {}
        self._steps: dict[Site, list[Tensor]] = {}
        self._take = self._keep if take is None else take
        self._wanted = dict.fromkeys(sites)
        self._stop = stop
        self._overtaken = overtaken
        self._calls: dict[tuple[str, str], int] = {}
        self._hooks = Hooks()
        self._gathered: dict[Site, list[tuple[str, Tensor]]] = {}
        places: dict[tuple[str, str], list[Site]] = {}
        for site in sites:
            places.setdefault((site.module, site.side), []).append(site)
        if overtaken is not None:
            for site in checkpoints:
                places.setdefault((site.module, site.side), [])
        try:
            for site in sites:
                for part in site.parts:
                    self._gather(modules[part[0]], part, site)
            for (path, side), here in places.items():
                self._install(_part(modules, path), (path, side), here)
        except BaseException:
            self.remove()
            raise

    def _install(self, module: nn.Module, place: tuple[str, str], sites: list[Site]) -> None:
        by_call: dict[int, list[Site]] = {}
        for site in sites:
            if site.steps is None:
                by_call.setdefault(site.call, []).append(site)
        stepping = [site for site in sites if site.steps is not None]

        def look(value: object) -> None:
            call = self._calls[place] = self._calls.get(place, -1) + 1
            for site in by_call.get(call, ()):
                self._take(site, tensor_at(site, self._gathered[site] if site.parts else value).detach())
                self.seen.add(site)
            for site in stepping:
                is_step = call >= site.call and (call - site.call) % site.every == 0
                if is_step and (step := first_tensor(value)) is not None:
                    self._steps.setdefault(site, []).append(copied(step))
            if self._overtaken is not None and self._overtaken():
                raise Overtaken
            if self._stop and len(self.seen) == len(self._wanted):
                raise Reached

        self._hooks.observe(module, _side(place[1]), look)

    def _gather(self, module: nn.Module, part: tuple[str, str], site: Site) -> None:
        """Keep what one of a site's parts holds until `pick` asks for it."""
        gathered = self._gathered.setdefault(site, [])

        def look(value: object) -> None:
            tensor = first_tensor(value)
            if tensor is not None:
                if part == site.parts[0]:
                    gathered.clear()
                gathered.append((part[0], copied(tensor)))

        self._hooks.observe(module, _side(part[1]), look)

    def _keep(self, site: Site, tensor: Tensor) -> None:
        self.tensors[site] = copied(tensor)

    def check(self) -> None:
        """Raise `CaptureError` unless every site was seen."""
        missing = [site for site in self._wanted if site not in self.seen]
        if missing:
            raise not_reached(missing)

    def finish(self) -> None:
        """Keep what sites gave step by step: only at the end is it known that no step follows."""
        for site, steps in self._steps.items():
            if len({step.shape for step in steps}) > 1:
                raise CaptureError(
                    f"{site.name} gave other shapes at later steps: they are not positions of one kind.", [site]
                )
            if site.layout is not None:
                steps = self._filled(site, site.layout.positions, steps)
            assert site.steps is not None
            self._take(site, torch.stack(steps, site.steps))
            self.seen.add(site)

    @staticmethod
    def _filled(site: Site, most: int, steps: list[Tensor]) -> list[Tensor]:
        """As many steps as there are positions; NaN where this input took fewer."""
        if len(steps) > most:
            raise CaptureError(
                f"{site.name} took {len(steps)} steps where it took {most} when the model was attached.", [site]
            )
        return [*steps, *(torch.full_like(steps[0], torch.nan) for _ in range(most - len(steps)))]

    def remove(self) -> None:
        self._hooks.remove()


def not_reached(sites: Sequence[Site]) -> CaptureError:
    """What to say of sites that the model did not come to."""
    return CaptureError(
        f"The model did not reach {', '.join(site.name for site in sites)} on this input: it took another way through "
        "its parts. Change the input, or look at another site; live.sites lists them.",
        sites,
    )


def tensor_at(site: Site, value: object) -> Tensor:
    """What a site speaks of, in what its module took or gave; with its history, where gradients are wanted."""
    tensor = first_tensor(value) if site.pick is None else site.pick(value)
    if tensor is None:
        raise CaptureError(f"{site.name} holds no tensor but {type(value).__name__}.", [site])
    return tensor


def _side(side: str) -> Side:
    return "in" if side == "in" else "out"


def _part(modules: Mapping[str, nn.Module], path: str) -> nn.Module:
    if path not in modules:
        raise CaptureError(f"The model has no part {path!r} any more: it was replaced. Attach the model again.")
    return modules[path]


def capture(
    parts: Mapping[str, nn.Module],
    run: Callable[[], object],
    sites: Sequence[Site],
    *,
    stop: bool = True,
    overtaken: Callable[[], bool] | None = None,
    checkpoints: Iterable[Site] = (),
) -> tuple[dict[Site, Tensor], object]:
    """Run the model once and return what `sites` did, and what the model returned (None where it was left early).

    Parameters
    ----------
    parts
        What `LiveModel.running` gives: the parts of what runs, by path. `run` calls it.
    stop
        Leave as soon as the last of `sites` has been seen.
    overtaken
        Asked at each site (and at `checkpoints`); True raises `Overtaken`.

    Returns
    -------
    Tensors as they were when they were seen: see `rows`.
    """
    output = None
    watch = Watch(parts, sites, stop=stop, overtaken=overtaken, checkpoints=checkpoints)
    try:
        output = run()
        watch.finish()
    except Reached:
        pass
    finally:
        watch.remove()
    watch.check()
    return watch.tensors, output


def rows(site: Site, tensor: Tensor) -> Tensor:
    """A site's tensor as float32 on the CPU: [positions, units], one row where the site speaks of the whole input."""
    if torch.is_grad_enabled():  # a pass runs without gradients, and to say so once more takes as long as the rest
        with torch.no_grad():
            return rows(site, tensor)
    flat = laid_out(site, tensor)
    return flat if flat.dtype == torch.float32 and flat.is_cpu else flat.to("cpu", torch.float32)


def laid_out(site: Site, tensor: Tensor) -> Tensor:
    """Tensor of a site as positions × units, in its own type and place, and with its history."""
    if site.layout is not None:
        flat = site.layout.rows(tensor)[0]
    elif site.steps is not None:
        flat = tensor.movedim(site.steps, 0).flatten(1)
    elif site.axis is None:
        flat = tensor.reshape(1, -1)
    elif tensor.ndim <= site.axis:
        raise CaptureError(f"{site.name} gave {list(tensor.shape)} where it gave positions × units before.", [site])
    else:
        flat = tensor.movedim(site.axis, 0).reshape(tensor.shape[site.axis], -1)
    if site.read is not None:
        flat = site.read(flat)
    if flat.shape[1] != site.width:
        raise CaptureError(f"{site.name} gave {flat.shape[1]} units where it gave {site.width} before.", [site])
    return flat


def of_tokens(site: Site, values: Tensor, tokens: int) -> Tensor:
    """The rows of the tokens among those of a site, [positions, units]: a model may fill its input up at the end."""
    if not site.per_token:
        return values
    if len(values) < tokens:
        raise CaptureError(f"{site.name} gave {len(values)} positions for {tokens} tokens.", [site])
    return values[:tokens]
