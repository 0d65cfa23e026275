"""The app: it opens the feed and the desk, knows which screen is shown, and passes news on."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any, ClassVar

from textual import events
from textual.app import App
from textual.filter import LineFilter
from textual.message import Message
from textual.screen import Screen

from queuectl.core.units import local
from queuectl.errors import QueuectlError
from queuectl.queue import Queue
from queuectl.queue.clock import Clock, utc_ms
from queuectl.tui import crash
from queuectl.tui.actions import BY_NAME
from queuectl.tui.deeds import DEEDS
from queuectl.tui.desk import Desk, Target, dialog_opened
from queuectl.tui.feed import Feed
from queuectl.tui.keyline import KeyLine
from queuectl.tui.linefilter import NET
from queuectl.tui.palette import ActionProvider
from queuectl.tui.picture import Picture, Trouble, Want
from queuectl.tui.screens import chrome
from queuectl.tui.screens.commandlog import CommandLog
from queuectl.tui.screens.help import HelpScreen
from queuectl.tui.screens.job import JobScreen
from queuectl.tui.screens.main import MainScreen
from queuectl.tui.screens.metrics import MetricsScreen
from queuectl.tui.screens.trouble import TroubleScreen
from queuectl.tui.themes import register
from queuectl.tui.wording import job_word

_TOLD_EVERY_S, _TOLD_FOR_S = 10.0, 3.0
PATIENCE_S = 2.0
"""How long a deed waits for a store that is busy; then it says so."""


class QueueApp(App[None]):
    """The full-screen app over one store. `connect` opens a queue: `connect(location, viewer=True)` to look only."""

    CSS_PATH = "app.tcss"
    TITLE = "queuectl"
    COMMANDS: ClassVar[set[Any]] = {ActionProvider}

    class News(Message):
        """What the feed has read, or why it cannot; only the latest counts."""

        def __init__(self, news: Picture | Trouble) -> None:
            super().__init__()
            self.news = news

        def can_replace(self, message: Message) -> bool:
            return isinstance(message, QueueApp.News)

    def __init__(
        self, location: str, connect: Callable[..., Queue], read_only: bool = False, clock: Clock = utc_ms
    ) -> None:
        super().__init__()
        self.location = location
        self.read_only = read_only
        self.clock = clock
        self.picture: Picture | None = None
        self.trouble: Trouble | None = None
        self.frozen = False
        self._connect = connect
        self._read_at = self._told_at = time.monotonic()
        self.keys = KeyLine(self, super().on_event)
        self.feed = self._new_feed()
        self.desk = self._new_desk()
        self.main = MainScreen()

    def _new_feed(self) -> Feed:
        return Feed(self.open_viewer, self._hear)

    def _hear(self, news: Picture | Trouble) -> None:
        """On the feed's thread."""
        self.post_message(self.News(news))

    def _new_desk(self) -> Desk:
        settings = {"viewer": True} if self.read_only else {"patience_s": PATIENCE_S}
        return Desk(self, lambda: self._connect(self.location, **settings), self.read_only)

    def open_viewer(self) -> Queue:
        """A queue to look at, which the caller closes. Raises StoreUnusable."""
        return self._connect(self.location, viewer=True)

    def get_default_screen(self) -> Screen[Any]:
        return self.main

    def get_line_filters(self) -> list[LineFilter]:
        return [*super().get_line_filters(), NET]

    def on_mount(self) -> None:
        register(self)
        self.set_interval(1.0, self._tick)

    def on_ready(self) -> None:
        """Everything is mounted: pictures can be shown."""
        self.feed.start()

    def on_unmount(self) -> None:
        self.feed.close()
        self.desk.close()

    async def on_event(self, event: events.Event) -> None:
        if isinstance(event, events.Key) and not event.is_forwarded:
            await self.keys.take(event)
        else:
            await super().on_event(event)

    def _handle_exception(self, error: Exception) -> None:
        crash.caught(self, error)

    # News

    @property
    def age_s(self) -> float:
        """How old the picture is, in seconds."""
        return time.monotonic() - self._read_at

    @property
    def time_of_day(self) -> str:
        return local(self.clock())[11:19]

    def on_queue_app_news(self, message: News) -> None:
        news = message.news
        if isinstance(news, Trouble):
            self.trouble = news
            chrome.refresh(self.main)
            if not news.passing:
                self._show_trouble(news)
            return
        self.trouble, self._read_at = None, time.monotonic()
        self.picture = news
        if isinstance(self.screen, TroubleScreen):
            self.pop_screen()
        self.main.show(news)
        if isinstance(self.screen, MetricsScreen) and news.metrics is not None:
            self.screen.show(news.metrics, news.at)

    def on_metrics_screen_hours(self, message: MetricsScreen.Hours) -> None:
        """While charts are shown nothing else is read."""
        if message.hours:
            self.feed.want(Want(metrics_hours=message.hours))
        else:
            self.main.want()

    def _tick(self) -> None:
        self.main.tick()

    def _show_trouble(self, trouble: Trouble) -> None:
        if isinstance(self.screen, TroubleScreen):
            self.screen.show(trouble)
        else:
            self.push_screen(TroubleScreen(trouble, self.location), self._answered)

    def _answered(self, answer: str | None) -> None:
        """What to do about a store that cannot be read: quit, try again, or look at another one."""
        if answer == "quit":
            self.exit()
        elif answer == "retry":
            self.feed.refresh()
        elif answer:
            self.location = answer
            self.feed.close()
            self.desk.close()
            self.feed, self.desk = self._new_feed(), self._new_desk()
            self.feed.start()
            self.main.want()

    def freeze(self) -> None:
        """Let the picture stand still, or go on."""
        self.frozen = not self.frozen
        self.feed.freeze(self.frozen)

    # Deeds and screens

    def run_deed(self, name: str, target: Target) -> None:
        """Begin a deed of the registry; what goes wrong is told in a toast."""
        if self.read_only and BY_NAME[name].changes:
            self.desk.tell("The store is open read-only: queuectl tui without --read-only can change it", "warning")
            return
        self.run_worker(self._do(name, target, self.keys.hold()), group="deeds", name=name)

    async def _do(self, name: str, target: Target, let_keys_go: Callable[[], None]) -> None:
        dialog_opened.set(let_keys_go)
        try:
            await DEEDS[name](self.desk, target)
        except QueuectlError as error:
            self.desk.tell_error(error)
        finally:
            let_keys_go()
        self.feed.refresh()

    def tell_where(self, id: str) -> None:
        """Say what became of a job that left the list from under the cursor; not of each where many do."""
        if time.monotonic() - self._told_at >= _TOLD_EVERY_S:
            self._told_at = time.monotonic()
            self.run_worker(self._tell_where(id), group="where", exclusive=True)

    async def _tell_where(self, id: str) -> None:
        try:
            job = await self.desk.ask(lambda queue: queue.jobs.get(id))
        except QueuectlError:
            return
        self.desk.tell(f"{id} {job_word(job)}", seconds=_TOLD_FOR_S)

    def open_job(self, id: str) -> None:
        """All of one job."""
        self.push_screen(JobScreen(self.open_viewer, id))

    def open_metrics(self) -> None:
        self.push_screen(MetricsScreen())

    def open_log(self) -> None:
        """What was done, as command lines."""
        self.push_screen(CommandLog(self.desk.log))

    def open_help(self, scope: str) -> None:
        """The keys of a pane."""
        self.push_screen(HelpScreen(scope))
