"""Base class of our widgets: what a page may set of their traits, and how that differs from what Python sets."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, ClassVar

import anywidget
import ipywidgets

from neuronwidget.stream import protocol
from neuronwidget.stream.kernel import keep_default_shell, mend_replies
from neuronwidget.widgets.errors import words_of

_HOSTS_OWN = frozenset(ipywidgets.DOMWidget.class_trait_names())


class OwnWidget(anywidget.AnyWidget):
    """A widget with a page of ours.

    Attributes
    ----------
    last_error
        The last exception that was answered with an error, for looking at it in Python.
    """

    #: Traits that its page may set.
    from_page: ClassVar[Collection[str]] = ()

    last_error: BaseException | None = None

    def __init__(self, **traits: Any) -> None:
        super().__init__(**traits)
        mend_replies()
        if self.comm is not None:
            keep_default_shell(self.comm)
        self.on_msg(self._receive)

    def _receive(self, _: Any, content: Any, buffers: Any) -> None:
        """A message from the page. May come on the main thread or on another."""

    def set_state(self, sync_data: Any) -> None:
        """What the page sets, in a message of ours or as ipywidgets synchronises traits; Python never comes this way.

        So what only Python may set is refused here and in the `from_json` of a trait, which is called from nowhere
        else. A refusal is answered, and nothing changes.
        """
        try:
            super().set_state(protocol.state(sync_data, {*self.from_page, *_HOSTS_OWN}))
        except (Exception, SystemExit, GeneratorExit) as error:  # also of functions that observe the traits
            self.last_error = error
            words = words_of(error) or type(error).__name__
            self.send(protocol.error(-1, f"Python could not take the change: {words}", "The page is unchanged."))
