"""What a deed may use: the queue on a thread of its own, dialogs, toasts, the command log, undo."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from contextvars import ContextVar
from threading import Event
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from textual.content import Content
from textual.message import Message
from textual.screen import ModalScreen

from queuectl.core.job import Job
from queuectl.core.plain import plain
from queuectl.core.selector import Condition
from queuectl.errors import Conflict, QueuectlError, StoreBusy, StoreFull, StoreUnusable
from queuectl.queue import Queue
from queuectl.queue.clock import Clock, utc_ms
from queuectl.tui.panes import Pane

if TYPE_CHECKING:
    from textual.app import App

    from queuectl.tui.forms.draft import Draft

T = TypeVar("T")

UNDO_S = 10.0
ERROR_STAYS_S = 1.5
"""For so long no other toast takes an error's place."""
MOST_LOGGED = 500


dialog_opened: ContextVar[Callable[[], object]] = ContextVar("dialog_opened", default=lambda: None)
"""What a deed's dialog calls as soon as it can take keys."""

_begun_in: ContextVar[int | None] = ContextVar("begun_in", default=None)
"""Which of the stores that were opened one after another a deed was begun in."""


class Target(NamedTuple):
    """What a deed is for: the jobs that are named, or all that match `where`.

    `jobs` are those of `ids` that were on screen, as they were last seen. `where` holds for the
    pane's states and what was filtered for; `filter` is what was typed, empty for all of the pane:
    on the command line it is `--state` for each of the pane's states, and `--filter`.
    """

    pane: Pane
    ids: tuple[str, ...] = ()
    jobs: tuple[Job, ...] = ()
    where: Condition | None = None
    filter: str = ""


class Logged(NamedTuple):
    """One line of the command log: what would do the same on the command line, and what came of it.

    `skipped` names up to 1,000 jobs that were passed over, with the reason.
    """

    at: int
    line: str
    outcome: str
    failed: bool = False
    skipped: tuple[tuple[str, str], ...] = ()


class Undo(NamedTuple):
    """What `u` brings back: the jobs as they were before, until `until_s` (monotonic seconds)."""

    what: str
    before: tuple[Job, ...]
    until_s: float


class EditLeft(NamedTuple):
    """What was typed into the form of jobs that are there: the next one for the same, unchanged, goes on with it.

    `seen` holds the jobs' ids and versions.
    """

    seen: tuple[tuple[str, int], ...]
    draft: Draft


class DealtWith(Message):
    """All that was to be done with a target is done, as far as it could be: nothing of it needs to stay marked."""

    def __init__(self, target: Target) -> None:
        super().__init__()
        self.target = target


class Desk:
    """The hands of the app. Its calls run one after another, on a connection of their own.

    `open_queue` is called on that thread, again after an error that closed the store.
    """

    def __init__(self, app: App[Any], open_queue: Callable[[], Queue], read_only: bool, clock: Clock = utc_ms) -> None:
        self.app = app
        self.read_only = read_only
        self._clock = clock
        self.log: list[Logged] = []
        self.undo: Undo | None = None
        self.draft: Draft | None = None
        """What was typed into the form of a new job that was left; the next one goes on with it."""
        self.edited: EditLeft | None = None
        self.open_queue = open_queue
        self._queue: Queue | None = None
        self._store = 0
        self.closing = Event()
        """Set when the app ends: what takes several batches stops behind the one that is under way."""
        self._error_until_s = 0.0
        self.turn = asyncio.Lock()
        """Held while jobs are changed, from the look at them to the toast: a key pressed meanwhile looks afterwards."""
        self._thread = ThreadPoolExecutor(1, "deeds")

    def begin(self) -> None:
        """What the running task asks from now on is for the store that is looked at now, and for no other."""
        _begun_in.set(self._store)

    @property
    def is_elsewhere(self) -> bool:
        """Whether another store is looked at than that in which the running task began."""
        return _begun_in.get() not in {None, self._store}

    async def ask(self, call: Callable[[Queue], T]) -> T:
        """What the call returns, run on the desk's thread. Raises what it raises, QueuectlError for the store.

        Raises Conflict in a task that was begun in another store.
        """
        if self.is_elsewhere:
            raise Conflict("the store is not the one that this was begun in", "look at it, and begin again")
        return await asyncio.wrap_future(self._thread.submit(self._call, call))

    def _call(self, call: Callable[[Queue], T]) -> T:
        try:
            if self._queue is None:
                self._queue = self.open_queue()
            return call(self._queue)
        except (StoreBusy, StoreFull):
            raise
        except StoreUnusable:
            self._let_go()
            raise

    def open_anew(self) -> None:
        """From the next call on look at what is there by then; what was done before cannot be undone there."""
        self.undo = self.edited = None
        self._store += 1
        self._thread.submit(self._let_go)

    def _let_go(self) -> None:
        queue, self._queue = self._queue, None
        if queue is not None:
            with suppress(QueuectlError):
                queue.close()

    async def answer(self, dialog: ModalScreen[T]) -> T | None:
        """What a person answers; None if the dialog was left. Only from a deed: it waits."""
        dialog.call_after_refresh(dialog_opened.get())
        return await self.app.push_screen_wait(dialog)

    def tell(self, text: str, severity: str = "information", seconds: float = 5.0) -> None:
        """A toast in place of those before it, but for one that has only just said what went wrong.

        Whatever the text holds, it neither drives the terminal nor is markup.
        """
        if time.monotonic() >= self._error_until_s:
            self.app.clear_notifications()
        if severity == "error":
            self._error_until_s = time.monotonic() + ERROR_STAYS_S
        self.app.notify(plain(text, one_line=False), severity=severity, timeout=seconds, markup=False)  # type: ignore[arg-type]

    def tell_error(self, error: QueuectlError) -> None:
        """A toast that says what is wrong and what to do."""
        self.tell(f"{error.message}\n{error.hint}" if error.hint else error.message, "error", 10.0)

    def note(self, line: str, outcome: str, *, failed: bool = False, skipped: tuple[tuple[str, str], ...] = ()) -> None:
        """Keep a line in the command log; an empty one has no twin on the command line."""
        self.log.append(Logged(self._clock(), line, outcome, failed, skipped))
        del self.log[:-MOST_LOGGED]

    def can_undo(self, what: str, before: Sequence[Job]) -> None:
        """Remember what `u` can bring back; nothing if there is too much of it."""
        self.undo = Undo(what, tuple(before), time.monotonic() + UNDO_S) if before else None

    @property
    def undoable(self) -> bool:
        """Whether `u` can bring something back now."""
        return self.undo is not None and time.monotonic() <= self.undo.until_s

    def close(self) -> None:
        """Let go of the store once the call that runs is done; nothing more is taken on."""
        self.closing.set()
        self._thread.submit(self._let_go)
        self._thread.shutdown(wait=False)


def content(text: str, style: str = "") -> Content:
    """Untrusted text as widgets take it: harmless to the terminal, and no markup."""
    return Content.styled(plain(text), style) if style else Content(plain(text))
