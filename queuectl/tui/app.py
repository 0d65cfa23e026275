"""The app: it opens the feed and the desk, knows which screen is shown, and passes news on.

What the first picture does not need is imported when it is wanted: it took a fifth of the time to start.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, ClassVar

from textual import events
from textual.app import App
from textual.filter import LineFilter
from textual.message import Message
from textual.screen import Screen

from queuectl.core.units import local
from queuectl.errors import QueuectlError
from queuectl.queue import Queue
from queuectl.queue.clock import Clock, Stopwatch, utc_ms
from queuectl.tui import crash
from queuectl.tui.actions import BY_NAME
from queuectl.tui.desk import DealtWith, Desk, Target, dialog_opened
from queuectl.tui.feed import Feed
from queuectl.tui.keyline import KeyLine
from queuectl.tui.linefilter import NET
from queuectl.tui.palette import ActionProvider, Palette
from queuectl.tui.panes import Pane
from queuectl.tui.picture import Picture, Trouble, Want
from queuectl.tui.screens import chrome
from queuectl.tui.screens.main import MainScreen
from queuectl.tui.screens.trouble import TroubleScreen
from queuectl.tui.themes import register
from queuectl.tui.titles import lost_words

if TYPE_CHECKING:
    from queuectl.tui.screens.metrics import MetricsScreen

_TICK_S = 1.0
_TOLD_EVERY_S = 10.0
PATIENCE_S = 2.0
"""How long a deed waits for a store that is busy; then it says so."""


class QueueApp(App[None]):
    """The full-screen app over one store. `connect` opens a queue: `connect(location, viewer=True)` to look only.

    `greeting` is what a person shall know at once.
    """

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
        self,
        location: str,
        connect: Callable[..., Queue],
        read_only: bool = False,
        clock: Clock = utc_ms,
        stopwatch: Stopwatch = time.monotonic,
        greeting: str = "",
    ) -> None:
        super().__init__()
        self.location = location
        self.read_only = read_only
        self.clock = clock
        self._stopwatch = stopwatch
        self._greeting = greeting
        self.picture: Picture | None = None
        self.trouble: Trouble | None = None
        self.frozen = False
        self._connect = connect
        self._read_at = stopwatch()
        self._told_at = self._read_at - _TOLD_EVERY_S
        self.keys = KeyLine(self, super().on_event)
        self.feed: Feed = Feed(self.open_viewer, self._hear, stopwatch)
        self.desk = Desk(self, self._open_for_deeds, read_only, clock)
        self.main = MainScreen()
        self._charts: MetricsScreen | None = None

    def _hear(self, news: Picture | Trouble | Exception) -> None:
        """On the feed's thread."""
        if isinstance(news, Exception):
            self.call_later(self._handle_exception, news)
        else:
            self.post_message(self.News(news))

    def _open_for_deeds(self) -> Queue:
        if self.read_only:
            return self.open_viewer()
        return self._connect(self.location, must_exist=True, patience_s=PATIENCE_S)

    def open_viewer(self) -> Queue:
        """A queue to look at, which the caller closes. Raises StoreUnusable."""
        return self._connect(self.location, viewer=True)

    def get_default_screen(self) -> Screen[Any]:
        return self.main

    def get_line_filters(self) -> list[LineFilter]:
        return [*super().get_line_filters(), NET]

    def on_mount(self) -> None:
        register(self)
        self.set_interval(_TICK_S, self._tick)

    def begin(self) -> None:
        """Everything is mounted: pictures can be shown."""
        self.feed.start()
        if self._greeting:
            self.desk.tell(self._greeting, seconds=10.0)

    def on_unmount(self) -> None:
        self.feed.close()
        self.desk.close()

    async def on_event(self, event: events.Event) -> None:
        if isinstance(event, events.Key) and not event.is_forwarded:
            await self.keys.take(event)
        elif self.screen_stack or not isinstance(event, events.Key):  # a key that is late finds no screen any more
            await super().on_event(event)

    def _handle_exception(self, error: Exception) -> None:
        crash.caught(self, error)

    # News

    @property
    def age_s(self) -> float:
        """How old the picture is, in seconds."""
        return self._stopwatch() - self._read_at

    @property
    def busy_s(self) -> float:
        """For how long the store has been looked at in vain, in seconds."""
        return 0.0 if self.trouble is None else self._stopwatch() - self.trouble.since

    @property
    def time_of_day(self) -> str:
        return local(self.clock())[11:19]

    def on_queue_app_news(self, message: News) -> None:
        news = message.news
        if not self.is_running:
            return  # what would show it is being taken apart
        if isinstance(news, Trouble):
            self.trouble = news
            chrome.show_header(self.main)
            chrome.refresh(self.main)
            self.keys.wait(False)
            if not news.passing:
                self._show_trouble(news)
            return
        self._tell_losses(self.picture, news)
        self.trouble, self._read_at, self.picture = None, self._stopwatch(), news
        if isinstance(self.screen, TroubleScreen):
            self.pop_screen()
        self.main.show(news)
        if news.metrics is not None and self._charts is not None and self._charts.is_current:
            self._charts.show(news.metrics, news.at)

    def _tell_losses(self, before: Picture | None, now: Picture) -> None:
        said = "" if before is None else lost_words(before, now)
        if said and self._stopwatch() - self._told_at >= _TOLD_EVERY_S:
            self._told_at = self._stopwatch()
            self.desk.tell(said, "warning")

    def on_metrics_screen_hours(self, message: MetricsScreen.Hours) -> None:
        """While charts are shown nothing else is read."""
        if message.hours:
            self.feed.want(Want(metrics_hours=message.hours))
        else:
            self.main.want()

    def _tick(self) -> None:
        if self.age_s >= _TICK_S:  # else a picture has just brought all of it
            self.main.tick()
        if self._charts is not None and self._charts.is_current:
            self._charts.tell()

    def _show_trouble(self, trouble: Trouble) -> None:
        if isinstance(self.screen, TroubleScreen):
            self.screen.show(trouble)
        else:
            # What comes back may be another store: nothing that was seen or begun in this one is for that.
            self.desk.open_anew()
            self._leave_all()
            self.main.forget()
            self.push_screen(TroubleScreen(trouble, self.location), self._answered)

    def _leave_all(self) -> None:
        """Back to the main screen; what was typed into a form is kept for the next one."""
        for screen in reversed(self.screen_stack[1:]):
            getattr(screen, "action_leave", screen.dismiss)()

    def _answered(self, answer: str | None) -> None:
        """What to do about a store that cannot be read: quit, try again, or look at another one."""
        if answer == "quit":
            self.exit()
        elif answer:
            if answer != "retry":
                self.location = answer
            self.feed.refresh()

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
        from queuectl.tui.deeds import DEEDS

        dialog_opened.set(let_keys_go)
        self.desk.begin()
        try:
            await DEEDS[name](self.desk, target)
        except QueuectlError as error:
            self.desk.tell_error(error)
        finally:
            let_keys_go()
        self.feed.refresh()

    def on_dealt_with(self, message: DealtWith) -> None:
        self.main.deal_with(message.target)

    def open_job(self, id: str) -> None:
        """All of one job."""
        from queuectl.tui.screens.job import JobScreen

        self.push_screen(JobScreen(self.open_viewer, id))

    def open_metrics(self) -> None:
        """The charts."""
        from queuectl.tui.screens.metrics import MetricsScreen

        self._charts = MetricsScreen()
        self.push_screen(self._charts, self._went_to)

    def _went_to(self, pane: Pane | None) -> None:
        self._charts = None
        if pane is not None:
            self.main.focus_pane(pane)

    def action_command_palette(self) -> None:
        """All that can be done here, by name."""
        if not isinstance(self.screen, Palette):
            self.push_screen(Palette())

    def open_log(self) -> None:
        """What was done, as command lines."""
        from queuectl.tui.screens.commandlog import CommandLog

        self.push_screen(CommandLog(self.desk.log))

    def open_help(self, scope: str) -> None:
        """The keys of a pane."""
        from queuectl.tui.screens.help import HelpScreen

        self.push_screen(HelpScreen(scope))
