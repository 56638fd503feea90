"""Base class of all widgets: how they come and go, and what a page may set of their traits."""

from __future__ import annotations

import difflib
import inspect
import os
import uuid
from collections.abc import Collection
from typing import Any, ClassVar

import anywidget
import ipywidgets
import traitlets

from neuronwidget.stream.kernel import keep_default_shell, mend_replies
from neuronwidget.stream.protocol import answers, asks
from neuronwidget.widgets.base.bundles import bundle
from neuronwidget.widgets.errors import words_of
from neuronwidget.widgets.saved import html
from neuronwidget.widgets.saved.bundle import Maker, Making, Saved, with_saved

_HOSTS_OWN = frozenset(ipywidgets.DOMWidget.class_trait_names())
#: What a page says of itself, and an argument's other name: nothing that a person gives when a widget is made.
_OF_THE_PAGE = frozenset({"input", "status", "snapshot", "atlas_snapshot"})


class OwnWidget(anywidget.AnyWidget):
    """A widget with a page of ours. Once it is closed nothing here holds it.

    Attributes
    ----------
    last_error
        The last exception that was answered with an error, for looking at it in Python.
    """

    #: Traits that its page may set.
    from_page: ClassVar[Collection[str]] = ()

    #: Seconds that the end of a cell waits for the saved picture at most: a model may be slow.
    patience: ClassVar[float] = 1.5

    #: The module and sheet that its page gets; an instance may choose another than its class before it is made.
    bundle: str

    last_error: BaseException | None = None

    _esm: Any
    _css: Any
    _made_layout: ipywidgets.Layout | None = None

    #: What its saved picture is called in a notebook, so that its page can hide that while there is more to see.
    saved_as = traitlets.Unicode(read_only=True).tag(sync=True)

    @traitlets.default("saved_as")
    def _name_of_picture(self) -> str:
        return f"neuronwidget-saved-{uuid.uuid4().hex}"

    def __init__(self, **traits: Any) -> None:
        self._check_names(traits)
        files = bundle(self.bundle)
        # anywidget follows a file by a function that holds the widget, for as long as there is its class. Given text it
        # follows nothing. A page replaces sheets by the id: it is that of the bundle, not of the class.
        self._esm, self._css = str(files.module), str(files.sheet)
        super().__init__(**traits, _anywidget_id=f"neuronwidget.{self.bundle}")
        if os.environ.get("ANYWIDGET_HMR") == "1":
            files.module.changed.connect(self._take_module)  # a method is held weakly
            files.sheet.changed.connect(self._take_sheet)
        self._made_layout = None if isinstance(traits.get("layout"), ipywidgets.Layout) else self.layout
        mend_replies()
        if self.comm is not None:
            keep_default_shell(self.comm)
        self.on_msg(self._receive)

    @classmethod
    def _check_names(cls, given: Collection[str]) -> None:
        """Refuses arguments that no trait has the name of, and names those that are near; traitlets drops them."""
        unknown = [name for name in given if name not in cls.class_trait_names()]
        if unknown:
            arguments = [name for name in inspect.signature(cls).parameters if name != "traits"]
            settable = [name for name in cls.class_trait_names() if name in cls.from_page and name not in _OF_THE_PAGE]
            names = list(dict.fromkeys([*arguments, *settable]))
            near = difflib.get_close_matches(unknown[0], names, n=3)
            hint = f"Near it: {', '.join(near)}." if near else f"It takes {', '.join(names)}."
            raise TypeError(f"{cls.__name__} has no argument {unknown[0]!r}. {hint}")

    def _take_module(self, text: str) -> None:
        self._esm = text

    def _take_sheet(self, text: str) -> None:
        self._css = text

    def close(self) -> None:
        """Close the widget, and the layout that was made for it: ipywidgets would keep that one."""
        super().close()
        layout, self._made_layout = self._made_layout, None
        if layout is not None:
            layout.close()

    def _repr_mimebundle_(self, **kwargs: Any) -> Any:
        """The live view, and for readers of a saved notebook a sentence; a picture follows when the cell ends."""
        maker = Maker(self.saved_as, self._safely_at_hand, self._saved, self.patience)
        return with_saved(super()._repr_mimebundle_(**kwargs), maker)

    def _saved(self, making: Making) -> Saved:
        """What is shown, as a saved notebook keeps it; may raise. On a thread of its own."""
        raise NotImplementedError

    def _at_hand(self) -> Saved:
        """What can be said of it at once: without running a model or reading files."""
        return self._called()

    def _called(self) -> Saved:
        name = f"{type(self).__name__} of neuronwidget"
        return Saved(name, (html.title(name),))

    def _safely_at_hand(self) -> Saved:
        try:
            return self._at_hand()
        except Exception:  # an input of a class of the user's own
            return self._called()

    def _receive(self, _: Any, content: Any, buffers: Any) -> None:
        """A message from the page. May come on the main thread or on another."""

    def set_state(self, sync_data: Any) -> None:
        """What the page sets, in a message of ours or as ipywidgets synchronises traits; Python never comes this way.

        So what only Python may set is refused here and in the `from_json` of a trait, which is called from nowhere
        else. A refusal is answered, and nothing changes.
        """
        try:
            super().set_state(asks.state(sync_data, {*self.from_page, *_HOSTS_OWN}))
        except (Exception, SystemExit, GeneratorExit) as error:  # also of functions that observe the traits
            self.last_error = error
            words = words_of(error) or type(error).__name__
            self.send(answers.error(-1, f"Python could not take the change: {words}", "The page is unchanged."))
