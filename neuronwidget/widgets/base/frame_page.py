"""Base class of widgets whose page asks for frames, and long questions about them: how both are answered."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from neuronwidget.live.capture import Overtaken
from neuronwidget.stream.protocol import answers, asks
from neuronwidget.widgets.base.page import PageWidget
from neuronwidget.widgets.errors import explain
from neuronwidget.widgets.frames.build import FrameBuilder

if TYPE_CHECKING:
    from neuronwidget.widgets.studies.studies import Answer, Studies

#: Where messages wait for the worker, the newest of each sort.
_SLOTS = {asks.Ask: "ask", asks.Probe: "probe"}
#: Long questions have another step to do.
_STEP = asks.Signal("step")
_Long = asks.Study | asks.Stop | asks.Signal
_Job = asks.Ask | asks.Probe | _Long | asks.AtlasAsk


class FramePage(PageWidget):
    """A widget whose page asks for frames of one live model; `_builder` makes them, and is None once it is closed."""

    _builder: FrameBuilder | None = None
    _studies: Studies | None = None

    def _on_message(self, message: Any) -> None:
        if (slot := _SLOTS.get(type(message))) is not None:
            self._enqueue(message, slot)
            self._set_traits(getattr(message, "changes", None) or {})
        elif isinstance(message, asks.Study):
            self._enqueue(message, f"study {message.question}")  # one of another name may wait, too
        elif isinstance(message, asks.Stop):
            self._enqueue(message, f"stop {message.seq}")
        elif isinstance(message, asks.Echo):
            self.send(answers.echoed(message.id), [bytes(message.size)])
        elif isinstance(message, asks.Signal) and message.kind == "hidden":
            self._enqueue(message, "hidden")
        else:
            self._on_other(message)

    def _on_other(self, message: Any) -> None:
        """What the page says beside that."""

    def _answer(self, message: _Job) -> None:
        """On the worker: run the model, send the frame; an error is an answer too."""
        if isinstance(message, asks.AtlasAsk):
            self.send(answers.atlas(message.seq, message.question, error="This view has no atlas.", hint=""))
            return
        builder = self._builder
        if builder is None:
            return
        if isinstance(message, asks.Signal) and message is not _STEP:  # hidden
            builder.forget()
        if isinstance(message, _Long):
            if self._studies is not None or isinstance(message, asks.Study):
                self._answer_long(message, builder)
            return
        try:
            if isinstance(message, asks.Probe):
                reading = builder.probe(message)
                if reading is not None:
                    self.send(answers.probed(message.seq, reading))
                return
            frame = builder.build(message, overtaken=self._box.waiting)
            for failure in builder.failed.values():
                self.last_error = failure
            content, buffers = frame.encode(at_least=message.pad)
            self.send(content, buffers)
            if (studies := self._studies) is not None:
                self._tell(studies, studies.keep_to(builder.studied))
        except Overtaken:
            self.send(answers.overtaken(message.seq))
        except BaseException as error:  # also what the model meant for the interpreter: SystemExit, KeyboardInterrupt
            self.last_error = error
            self.send(answers.error(message.seq, *explain(error)))

    def _answer_long(self, message: _Long, builder: FrameBuilder) -> None:
        """Begin or end a long question, or go on with those that are open: frames come between two steps."""
        studies = self._studies
        if studies is None:
            # Only here: whoever asks nothing at length needs none of it.
            from neuronwidget.widgets.studies.studies import Studies

            studies = self._studies = Studies(lambda: self._box.waiting())
        if isinstance(message, asks.Study):
            told = studies.begin(message, builder.studied)
        elif message is _STEP:
            told = studies.step()
        elif isinstance(message, asks.Stop):
            told = studies.stop(message.seq)
        else:  # nobody waits for anything
            told = studies.keep_to(None)
        self._tell(studies, told)
        if studies and not self._box.waiting("step"):
            self._enqueue(_STEP, "step")

    def _tell(self, studies: Studies, told: Sequence[Answer]) -> None:
        for answer in told:
            self.send(answer)
        failed, studies.failed = studies.failed, None
        self.last_error = failed or self.last_error

    def close(self) -> None:
        """Free what frames are made with; the page keeps its last picture and says so."""
        self._builder, self._studies = None, None
        super().close()
