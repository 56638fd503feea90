"""The newest request wins; a worker outlives errors and forgets what is closed."""

import gc
import threading
import weakref
from typing import Any

import pytest

from neuronwidget.stream.mailbox import Mailbox
from neuronwidget.stream.worker import Worker


def test_the_newest_of_each_kind_is_kept() -> None:
    box: Mailbox[int] = Mailbox()
    for number in range(5):
        box.put(number)
    box.put(99, "probe")
    assert box.dropped == 4
    assert box.waiting()
    assert box.take() == 4
    assert not box.waiting()
    assert (box.take(), box.take()) == (99, None)


def test_many_threads_put_and_the_last_is_served_last() -> None:
    box: Mailbox[int] = Mailbox()
    served: list[int] = []
    done = threading.Event()

    def handle(item: int) -> None:
        served.append(item)
        if item == -1:
            done.set()

    worker = Worker()
    worker.serve("a", box, handle)

    def put() -> None:
        for number in range(200):
            box.put(number)
            worker.wake()

    threads = [threading.Thread(target=put) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    box.put(-1)
    worker.wake()
    assert done.wait(60)
    assert served[-1] == -1
    worker.forget("a")


def test_widgets_take_turns() -> None:
    worker, order, both, done = Worker(), [], threading.Event(), threading.Event()
    boxes: dict[str, Mailbox[int]] = {name: Mailbox() for name in "ab"}

    def handler(name: str) -> Any:
        def handle(item: int) -> None:
            both.wait(60)  # turns are taken by those who are there: the first must not be done before the second comes
            order.append(name)
            if len(order) >= 20:
                done.set()
                return
            boxes[name].put(item + 1)  # always more to do, as when two people type at once

        return handle

    for name, box in boxes.items():
        box.put(0)
        worker.serve(name, box, handler(name))
    both.set()
    assert done.wait(60)
    assert abs(order[:20].count("a") - 10) <= 1


def test_a_mailbox_that_comes_filled_is_served_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    asleep = threading.Event()

    class Watched(threading.Condition):
        def wait(self, timeout: float | None = None) -> bool:
            asleep.set()
            return super().wait(timeout)

    with monkeypatch.context() as patch:
        patch.setattr(threading, "Condition", Watched)
        worker = Worker()
    empty, filled, done = Mailbox[int](), Mailbox[int](), threading.Event()
    worker.serve("empty", empty, lambda _: None)
    assert asleep.wait(60)  # and to serve is to have the lock, so it does sleep
    filled.put(1)
    worker.serve("filled", filled, lambda _: done.set())
    assert done.wait(60)
    worker.forget("empty")
    worker.forget("filled")


def test_a_handler_that_raises_is_reported_and_the_worker_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    reports: list[Any] = []
    monkeypatch.setattr(threading, "excepthook", reports.append)
    worker, box, done = Worker(), Mailbox[int](), threading.Event()

    def handle(item: int) -> None:
        if item == 0:
            done.clear()
            second.set()
            raise RuntimeError("boom")
        done.set()

    second = threading.Event()
    worker.serve("a", box, handle)
    box.put(0)
    worker.wake()
    assert second.wait(60)
    box.put(1)
    worker.wake()
    assert done.wait(60)
    assert [str(report.exc_value) for report in reports] == ["boom"]
    worker.forget("a")


def test_nothing_of_a_closed_widget_is_kept() -> None:
    class Model:
        def handle(self, _: int) -> None:
            done.set()

    done = threading.Event()
    worker, box, model = Worker(), Mailbox[int](), Model()
    other: Mailbox[int] = Mailbox()
    worker.serve("other", other, lambda _: None)  # keeps the thread alive
    worker.serve("a", box, model.handle)
    box.put(1)
    worker.wake()
    assert done.wait(60)
    gone = weakref.ref(model)
    worker.forget("a")
    cleared = threading.Event()
    worker.serve("probe", probe := Mailbox[int](), lambda _: cleared.set())
    probe.put(1)
    worker.wake()
    assert cleared.wait(60)
    del model
    gc.collect()
    assert gone() is None
    worker.forget("other")
    worker.forget("probe")
