"""Base class of widgets whose page asks for frames, and longer questions about them: how both are answered."""

from __future__ import annotations

from typing import Any

from neuronwidget.live.capture import Overtaken
from neuronwidget.stream.protocol import answers, asks
from neuronwidget.widgets.base.page import PageWidget
from neuronwidget.widgets.errors import explain
from neuronwidget.widgets.frames.build import FrameBuilder
from neuronwidget.widgets.frames.edit_questions.long_question import LongQuestions

#: Where messages wait for the worker, the newest of each sort.
_SLOTS = {
    asks.Ask: "ask",
    asks.Probe: "probe",
    asks.Control: "control",
    asks.Continue: "continue",
    asks.Dose: "dose",
}
#: Long questions to edits have another step to do.
_STEP = asks.Signal("step")
_Long = asks.Continue | asks.Dose | asks.Stop | asks.Signal
_Job = asks.Ask | asks.Probe | asks.Control | asks.Study | _Long | asks.AtlasAsk


class FramePage(PageWidget):
    """A widget whose page asks for frames of one live model; `_builder` makes them, and is None once it is closed."""

    _builder: FrameBuilder | None = None

    def __init__(self, *args: Any, **traits: Any) -> None:
        self._long = LongQuestions()
        super().__init__(*args, **traits)

    def _on_message(self, message: Any) -> None:
        if (slot := _SLOTS.get(type(message))) is not None:
            self._enqueue(message, slot)
            self._set_traits(getattr(message, "changes", None) or {})
        elif isinstance(message, asks.Study):
            self._enqueue(message, f"study {message.question}")  # one of another sort may be under way
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
        if isinstance(message, _Long):
            self._answer_long(message, builder)
            return
        try:
            if isinstance(message, asks.Probe):
                reading = builder.probe(message)
                if reading is not None:
                    self.send(answers.probed(message.seq, reading))
                return
            if isinstance(message, asks.Control | asks.Study):
                self.send(self._answer_at_length(builder, message) or answers.overtaken(message.seq))
                return
            frame = builder.build(message, overtaken=self._box.waiting)
            for failure in builder.failed.values():
                self.last_error = failure
            content, buffers = frame.encode(at_least=message.pad)
            self.send(content, buffers)
            for seq in self._long.keep_to(builder.subject):
                self.send(answers.overtaken(seq))
        except Overtaken:
            self.send(answers.overtaken(message.seq))
        except BaseException as error:  # also what the model meant for the interpreter: SystemExit, KeyboardInterrupt
            self.last_error = error
            self.send(answers.error(message.seq, *explain(error)))

    def _answer_at_length(
        self, builder: FrameBuilder, message: asks.Control | asks.Study
    ) -> answers.ControlAnswer | answers.StudyAnswer | None:
        """What takes many passes; a newer request breaks it off. None where another frame has been built since."""
        if isinstance(message, asks.Control):
            return builder.control(message, self._box.waiting)
        subject = builder.studied
        if subject is None or subject.seq != message.of or not message.question:
            return None
        # Only here: whoever asks nothing at length needs no analyses.
        from neuronwidget.widgets.studies.studies import study

        slots = ("ask", f"study {message.question}", "study ")  # the last one: somebody stops it
        return study(message, subject, self.send, lambda: any(map(self._box.waiting, slots)))

    def _answer_long(self, message: _Long, builder: FrameBuilder) -> None:
        """Begin or end a question to the edits, or go on with those that are open: frames come between two steps."""
        told: list[answers.LongAnswer] = []
        if isinstance(message, asks.Continue):
            told = self._long.begin("continue", message.seq, lambda: builder.continuation(message, self._box.waiting))
        elif isinstance(message, asks.Dose):
            told = self._long.begin("dose", message.seq, lambda: builder.dose(message, self._box.waiting))
        elif isinstance(message, asks.Stop):
            told = self._long.stop(message.seq)
        elif message is _STEP:
            told = self._long.step()
        else:  # hidden: nobody waits for anything
            builder.forget()
            self._long.keep_to(None)
        self.last_error = self._long.failed or self.last_error
        for answer in told:
            self.send(answer)
        if self._long and not self._box.waiting("step"):
            self._enqueue(_STEP, "step")

    def close(self) -> None:
        """Free what frames are made with; the page keeps its last picture and says so."""
        self._builder = None
        super().close()
