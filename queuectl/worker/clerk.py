"""A dispatcher's way to the store: a thread that waits for it, so that a busy store never makes the pool deaf."""

from __future__ import annotations

import contextlib
import os
import queue
import select
import threading
import time
from collections import deque
from collections.abc import Callable
from typing import TYPE_CHECKING

from queuectl.core.place import Place
from queuectl.core.turn import Look
from queuectl.errors import QueuectlError, StoreBusy, StoreFull
from queuectl.worker.clock import wall_ms

if TYPE_CHECKING:
    from queuectl.core.ports import PoolStore

LOOK_S = 1.0
"""How often the store is looked at when nothing else happens, in seconds; nothing wakes more often."""
_AGAIN_S = 0.1
_SLIGHTLY_S = 0.001

Then = Callable[[object], None]
Ask = Callable[["PoolStore"], object]
_NOTHING: tuple[Ask, Then] = (lambda _: None, lambda _: None)


class Clerk:
    """Does one thing at a time with the store and hands the answers to the dispatcher's own thread.

    `answered` is readable when there are answers; `deliver` calls what waits for them. Once a
    second it looks at the store by itself, and tells `on_look` if anything has changed.
    """

    def __init__(self, store: PoolStore, place: Place, pool: str, queues: tuple[str, ...]) -> None:
        self._store, self._pool, self._queues = store, pool, queues
        self.place, self.store_id = place, store.id
        self._requests: queue.SimpleQueue[tuple[Ask, Then] | None] = queue.SimpleQueue()
        self._at_store = threading.Lock()
        self._wakes_at = 0.0
        self._answers: deque[tuple[Then, object]] = deque()
        self.answered, self._answer = os.pipe2(os.O_CLOEXEC | os.O_NONBLOCK)
        self._answer_poll = select.poll()
        self._answer_poll.register(self.answered, select.POLLIN)
        self._next_due: int | None = None
        self._looked_at = time.monotonic()
        self._on_look: Then = lambda _: None
        self._on_tick: Callable[[PoolStore], bool] = lambda _: True
        self._on_due: Then = lambda _: None
        self._on_failure: Callable[[BaseException], None] = lambda _: None
        self._thread = threading.Thread(target=self._work, name="store", daemon=True)

    def begin(
        self,
        on_look: Then,
        on_due: Then,
        on_tick: Callable[[PoolStore], bool],
        on_failure: Callable[[BaseException], None],
    ) -> None:
        """`on_look` and `on_due` are called by `deliver`; `on_tick` in the store's thread with each look.

        The next look comes soon if `on_tick` is False: it could not do what it has to. `on_failure`
        is called there, too, with what nobody had thought of; it does not return.
        """
        self._on_look, self._on_due, self._on_tick, self._on_failure = on_look, on_due, on_tick, on_failure
        self._thread.start()

    def ask(self, what: Ask, then: Then) -> None:
        """Have `what` done with the store; `then` gets what it returned, or the QueuectlError that it raised."""
        self._requests.put((what, then))

    def ask_at_once(self, what: Ask, then: Then) -> None:
        """As `ask`, but done by the caller unless others keep it waiting: to change threads takes as long as a claim.

        It waits for the disk.
        """
        value = self._at_once(what)
        if value is _NOTHING or isinstance(value, StoreBusy):
            self.ask(what, then)
            return
        if self._patience_s() + _SLIGHTLY_S < self._wakes_at - time.monotonic():
            self._requests.put(_NOTHING)  # so that the thread sees what becomes due sooner than it thought
        then(value)

    def _at_once(self, what: Ask) -> object:
        """What it returned or raised; _NOTHING if somebody else is at the store, or has been and was not heard yet."""
        if not self._at_store.acquire(blocking=False):
            return _NOTHING
        try:
            if self._answers or not self._requests.empty():
                return _NOTHING
            with self._store.without_waiting():
                return _attempt(what, self._store)
        finally:
            self._at_store.release()

    def expect(self, next_due: int | None) -> None:
        """When the next job becomes due, in milliseconds UTC; called within what is asked."""
        self._next_due = next_due

    def answer(self, then: Then, value: object) -> None:
        """Have `then` called with the value by the dispatcher's own thread."""
        self._answers.append((then, value))
        with contextlib.suppress(BlockingIOError):  # it is readable already, which is all that is wanted
            os.write(self._answer, b".")

    def await_answer(self, timeout_s: float) -> None:
        """Wait for an answer, and for nothing else, so many seconds at most."""
        self._answer_poll.poll(timeout_s * 1000)

    def deliver(self) -> None:
        os.read(self.answered, 4096)
        while self._answers:
            then, value = self._answers.popleft()
            then(value)

    def close(self) -> None:
        """Close the store once what was asked is done."""
        self._requests.put(None)
        self._thread.join(LOOK_S)

    def _work(self) -> None:
        try:
            while self._serve():
                pass
            self._store.close()
        except BaseException as error:  # noqa: BLE001 - a dispatcher without this thread would hold its claims for ever
            self._on_failure(error)

    def _serve(self) -> bool:
        """Do the next thing that is asked, or look; False once nothing more will be asked."""
        patience_s = self._patience_s()
        self._wakes_at = time.monotonic() + patience_s
        try:
            request = self._requests.get(timeout=patience_s)
        except queue.Empty:
            request = _NOTHING
        if request is None:
            return False
        what, then = request
        with self._at_store:
            if request is not _NOTHING:
                self.answer(then, _attempt(what, self._store))
            if request is _NOTHING or time.monotonic() - self._looked_at >= LOOK_S:
                self._tick()
        return True

    def _patience_s(self) -> float:
        until_look = self._looked_at + LOOK_S - time.monotonic()
        if self._next_due is not None:
            until_look = min(until_look, (self._next_due - wall_ms()) / 1000 + 0.001)
        return max(0.0, until_look)

    def _tick(self) -> None:
        now = wall_ms()
        if self._next_due is not None and self._next_due <= now:
            self._next_due = None
            self.answer(self._on_due, None)
        if time.monotonic() - self._looked_at < LOOK_S:
            return
        self._looked_at = time.monotonic()
        look = _attempt(lambda store: store.look(self._pool, self._queues, now), self._store)
        if look is not None:
            if isinstance(look, Look):
                self._next_due = look.next_due
            self.answer(self._on_look, look)
        if not self._on_tick(self._store):
            self._looked_at -= LOOK_S - _AGAIN_S


def _attempt(what: Ask, store: PoolStore) -> object:
    try:
        return what(store)
    except QueuectlError as error:
        return error


def may_pass(error: QueuectlError) -> bool:
    """Whether the same thing may succeed later."""
    return isinstance(error, StoreBusy | StoreFull)
