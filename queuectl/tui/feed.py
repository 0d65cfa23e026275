"""The one thread that reads for the app: what is on screen, and only when the store or the screen changed."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from contextlib import closing

from queuectl.core.panes import Interrupted
from queuectl.errors import QueuectlError, StoreBusy
from queuectl.queue import Queue
from queuectl.queue.clock import Stopwatch
from queuectl.tui.picture import Picture, Trouble, Want
from queuectl.tui.reading import WITHIN_S, Reading

LOOK_S = 0.25
"""How often the store is asked whether it changed; also the shortest time between two pictures of a busy one."""
PULSE_S = 1.0
"""How often what leaves no trace in the store is looked at: pools that live, the output of what runs."""

SHARE = 15
"""On a store that changes all the time a picture comes only after so many times what the one before took of a core."""

Hear = Callable[[Picture | Trouble | Exception], None]


class Feed(threading.Thread):
    """Hands pictures, or the trouble that keeps it from reading, to `hear` on its own thread.

    A fault of its own is handed over too, and ends it. A store that is busy, gone or unreadable is
    tried again for as long as the feed lives.
    """

    def __init__(
        self,
        open_queue: Callable[[], Queue],
        hear: Hear,
        stopwatch: Stopwatch = time.monotonic,
        within_s: float = WITHIN_S,
    ) -> None:
        super().__init__(name="feed", daemon=True)
        self._open = open_queue
        self._hear = hear
        self._stopwatch = stopwatch
        self._within_s = within_s
        self._wake = threading.Condition()
        self._want = Want()
        self._asked = 0
        self._again = False
        self._closed = False
        self._frozen = False
        self._queue: Queue | None = None
        self._since: float | None = None
        self._idle = False
        self._patient = False

    @property
    def idle(self) -> bool:
        """Whether all that is wanted has been told, and the feed waits for something new."""
        return self._idle

    def want(self, want: Want) -> None:
        """From now on read this; what is being read for an older wish is given up."""
        with self._wake:
            if want == self._want:
                return
            if self._patient or _filters(want) != _filters(self._want):
                self._interrupt()
            self._want = want
            self._asked += 1
            self._idle = False
            self._wake.notify()

    def refresh(self) -> None:
        """Read everything again, and try again at once what failed."""
        with self._wake:
            if self._patient:
                self._interrupt()
            self._again = True
            self._idle = False
            self._wake.notify()

    def freeze(self, frozen: bool) -> None:
        """Read nothing but what is newly wanted, or go on."""
        with self._wake:
            self._frozen = frozen
            self._wake.notify()

    def close(self) -> None:
        """End soon; nothing is handed out any more."""
        with self._wake:
            self._closed = True
            self._interrupt()
            self._wake.notify()

    def _interrupt(self) -> None:
        if self._queue is not None:
            self._queue.panes.interrupt()

    def run(self) -> None:
        while not self._closed:
            with self._wake:
                self._again = False
            try:
                with closing(self._open()) as queue:
                    self._attach(queue)
                    try:
                        self._read_on(Reading(queue, self._stopwatch, self._within_s))
                    finally:
                        self._attach(None)
            except QueuectlError as error:
                self._tell_trouble(error)
                self._pause(PULSE_S)
            except Exception as fault:  # noqa: BLE001 - without its feed the app would stand still and look alive
                self._hear(fault)
                return

    def _attach(self, queue: Queue | None) -> None:
        with self._wake:
            self._queue = queue

    def _read_on(self, reading: Reading) -> None:
        picture: Picture | None = None
        served, pulse, rest_until, spent_s = -1, 0.0, 0.0, time.process_time()
        while not self._closed:
            with self._wake:
                want, asked, again = self._want, self._asked, self._again
                self._again = False
            try:
                rested = not self._frozen and time.monotonic() >= rest_until
                changed = (rested and reading.queue.panes.changed()) or again or picture is None
                due = changed or (not self._frozen and time.monotonic() - pulse >= PULSE_S)
                if due or asked != served:
                    picture = reading.picture(want, picture, changed, due)
                    served, pulse = asked, time.monotonic()
                    self._tell(picture)
                    if changed:  # what is asked for because of it is paid by it, too
                        before_s, spent_s = spent_s, time.process_time()
                        rest_until = pulse + min(SHARE * (spent_s - before_s), PULSE_S)
                elif picture is not None and (more := self._more(reading, picture, want, asked)) is not None:
                    picture = more
                    self._tell(picture)
            except Interrupted:
                picture = None
                continue
            except StoreBusy as error:
                picture = None
                self._tell_trouble(error)
            self._pause(0.0 if reading.going or _is_looking(picture) else LOOK_S, served)

    def _more(self, reading: Reading, picture: Picture, want: Want, asked: int) -> Picture | None:
        """The picture with more of what takes long; any other wish comes first."""
        more = reading.step(picture, want)
        if more is not None:
            return more
        with self._wake:
            self._patient = self._asked == asked and not self._again and not self._closed
        if not self._patient:
            return None
        try:
            return reading.rest_of_lists(picture)
        finally:
            with self._wake:
                self._patient = False

    def _tell(self, picture: Picture) -> None:
        self._since = None
        if not self._closed:
            self._hear(picture)

    def _tell_trouble(self, error: QueuectlError) -> None:
        self._since = self._stopwatch() if self._since is None else self._since
        if not self._closed:
            self._hear(Trouble(error.message, error.hint, isinstance(error, StoreBusy), self._since))

    def _pause(self, seconds: float, served: int | None = None) -> None:
        """Wait so long, or until something is asked for that has not been served."""
        with self._wake:
            self._idle = seconds > 0 and not self._again and served in {None, self._asked}
            self._wake.wait_for(
                lambda: self._closed or self._again or (served is not None and self._asked != served), seconds
            )
            self._idle = False


def _is_looking(picture: Picture | None) -> bool:
    return picture is not None and any(shown.looking for shown in picture.lists.values())


def _filters(want: Want) -> list[object]:
    return [*((pane, one.where) for pane, one in want.lists.items()), want.groups]
