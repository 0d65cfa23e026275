"""The job screen: a job's attempts on a time line, their output live, everything that is known of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from typing import TYPE_CHECKING, ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.getters import query_one
from textual.message import Message
from textual.screen import Screen

from queuectl.core.job import Job
from queuectl.core.plain import plain
from queuectl.errors import QueuectlError, StoreBusy
from queuectl.queue import Queue
from queuectl.tui.actions import BY_NAME, JOB, allowed, footer
from queuectl.tui.bindings import bindings_for
from queuectl.tui.desk import Target
from queuectl.tui.output.feed import JobFeed, News
from queuectl.tui.output.news import JobNews, OutputNews
from queuectl.tui.output.pager import file_name, page
from queuectl.tui.panes import Pane, pane_of
from queuectl.tui.screens import jobdoings
from queuectl.tui.widgets.banner import Banner
from queuectl.tui.widgets.jobhead import PARTS, JobHead, standing, title
from queuectl.tui.widgets.keyfooter import KeyFooter
from queuectl.tui.widgets.logview import LogView
from queuectl.tui.widgets.oneline import put_on_border
from queuectl.tui.widgets.searchline import SearchLine
from queuectl.tui.widgets.sheet import AttemptSheet, Sheet, SpecSheet
from queuectl.tui.widgets.timeline import Timeline, tries

if TYPE_CHECKING:
    from queuectl.tui.app import QueueApp

_HEIGHT_FOR_HEAD = 10
_HEIGHT_FOR_TIMELINE = 14


class JobScreen(Screen[None]):
    """Follows one job, also through a retry, until it is left. `open_viewer` opens the queue it reads."""

    BINDINGS: ClassVar[list[BindingType]] = [*bindings_for({JOB})]
    AUTO_FOCUS = "LogView"

    class Heard(Message):
        """What the reading thread tells; of each kind only the latest counts."""

        def __init__(self, news: News) -> None:
            super().__init__()
            self.news = news

        def can_replace(self, message: Message) -> bool:
            return isinstance(message, JobScreen.Heard) and type(message.news) is type(self.news)

    app: QueueApp

    banner = query_one(Banner)
    head = query_one(JobHead)
    keys = query_one(KeyFooter)
    log_view: query_one[LogView] = query_one(LogView)
    search = query_one(SearchLine)
    timeline = query_one(Timeline)
    top = query_one("#job", Vertical)

    def __init__(self, open_viewer: Callable[[], Queue], job_id: str) -> None:
        super().__init__()
        self.job_id = job_id
        self.news: JobNews | None = None
        self.part = PARTS[0]
        self._open_viewer = open_viewer
        self._feed = JobFeed(open_viewer, job_id, self._hear)

    def compose(self) -> ComposeResult:
        yield Banner()
        with Vertical(id="job"):
            yield JobHead()
            yield Timeline()
        yield LogView()
        yield AttemptSheet()
        yield SpecSheet()
        yield SearchLine()
        yield KeyFooter()

    def on_mount(self) -> None:
        self.log_view.words = "reading …"
        self.show_part(PARTS[0])
        self._feed.start()

    def on_unmount(self) -> None:
        self._feed.close()

    def on_screen_suspend(self) -> None:
        self._feed.rest(True)

    def on_screen_resume(self) -> None:
        self._feed.rest(False)

    def on_resize(self, _: events.Resize) -> None:
        self._lay_out()

    # News

    def _hear(self, news: News | Exception) -> None:
        """On the feed's thread."""
        if isinstance(news, JobNews | OutputNews | QueuectlError):
            self.post_message(self.Heard(news))
        else:
            self.app.call_later(self.app._handle_exception, news)

    def on_job_screen_heard(self, message: Heard) -> None:
        news = message.news
        if isinstance(news, QueuectlError):
            self._tell_trouble(news)
            return
        if isinstance(news, JobNews):
            self.news = news
            gone = f"{news.job.id} was deleted; this is how it was" if news.gone else ""
            self.banner.show(gone, "warning")
            self._lay_out()
            self._show_keys()
        elif news.run == self._wanted_run:
            turned = news.run != self.log_view.news.run
            self.log_view.show(news, self._words(news))
            if turned:  # only now, so that all of it is painted at once
                self._lay_out()
                self._show_keys()
        self._retitle()

    @property
    def _wanted_run(self) -> int:
        return self.log_view.run or (self.news.latest if self.news else 0)

    def _tell_trouble(self, error: QueuectlError) -> None:
        busy = isinstance(error, StoreBusy)
        self.banner.show("store busy · trying again" if busy else f"! {error.message}", "warning" if busy else "error")
        if self.news is None:
            self.log_view.show(OutputNews(), plain(error.hint or error.message))

    def _words(self, news: OutputNews) -> str:
        """What stands where there is no output."""
        if not news.run:
            return "it has not run so far; its output will stand here"
        if news.indexed < 1:
            return "reading …"
        if news.live:
            return "nothing printed so far"
        return "the output is no longer kept" if news.printed else "it printed nothing"

    # What is where

    def show_part(self, part: str) -> None:
        """Show the output, the table of attempts or the fields."""
        self.part = part
        shown = self.shown
        for widget in (self.log_view, *self.query(Sheet)):
            widget.display = widget is shown
        self.search.display = self.shows_output and bool(self.log_view.needle)
        shown.focus()
        self._lay_out()
        self._show_keys()

    @property
    def shown(self) -> LogView | Sheet:
        """The part that keys move in."""
        return (self.log_view, self.query_one(AttemptSheet), self.query_one(SpecSheet))[PARTS.index(self.part)]

    @property
    def shows_output(self) -> bool:
        return self.shown is self.log_view

    def _lay_out(self) -> None:
        height, news = self.size.height, self.news
        self.top.display = height >= _HEIGHT_FOR_HEAD and news is not None
        if news is None:
            return
        self.head.show(news, self.part, max(min(height // 6, 5), 1))
        count = len(tries(news))
        self.timeline.display = height >= _HEIGHT_FOR_TIMELINE and count > 0
        self.timeline.styles.height = min(count, max(height // 3 - 4, 1))
        self.timeline.show(news, self._wanted_run)
        put_on_border(self.top, title=title(news), subtitle=standing(news))
        for sheet in self.query(Sheet):
            sheet.show(news, self._wanted_run)

    def _retitle(self) -> None:
        view = self.log_view
        news = view.news
        count = f"{news.lines:,} line{'' if news.lines == 1 else 's'}"
        words = ["stdout+stderr", count] if news.indexed >= 1 else [f"{count} … indexing {news.indexed:.0%}"]
        words.append(f"FOLLOW {'on' if view.follow else 'off'}")
        words.append(f"{view.percent} %")
        put_on_border(
            view,
            title=Content(f"Output #{news.run}" if news.run else "Output"),
            subtitle=Content(" · ".join(words)),
        )
        self.search.show(view.match_words)

    def _show_keys(self) -> None:
        shown = [(action, self.check_action("do", (action.name,))) for action in footer(JOB)]
        self.keys.show([(action, bool(on)) for action, on in shown if on is not False])
        self.refresh_bindings()

    # What widgets say

    @on(LogView.Looked)
    def _looked(self) -> None:
        self._feed.want(self.log_view.want)
        if not self.log_view.holds:  # or it is painted twice: what comes brings another title
            self._retitle()

    @on(Timeline.Chosen)
    def _chosen(self, event: Timeline.Chosen) -> None:
        self.choose(event.n)

    @on(SearchLine.Changed)
    def _searched(self, event: SearchLine.Changed) -> None:
        self.log_view.search(event.text)
        self._show_keys()

    @on(SearchLine.Kept)
    def _search_kept(self) -> None:
        self.log_view.focus()
        self.search.display = bool(self.log_view.needle)

    # Keys

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Whether a key means something now: the registry says it."""
        if action != "do":
            return True
        name = str(parameters[0])
        if not jobdoings.helps(self, name):
            return None
        return allowed(BY_NAME[name], JOB, self._job, False, self.app.read_only)

    @property
    def _job(self) -> Job | None:
        return None if self.news is None or self.news.gone else self.news.job

    async def action_do(self, name: str) -> None:
        """Do what a key, the palette or a click in the footer names."""
        if not jobdoings.do(self, name):
            job = self._job
            target = Target(Pane.DETAIL) if job is None else Target(pane_of(job.state), (job.id,), (job,))
            self.app.run_deed(name, target)

    def step_part(self, by: int) -> None:
        self.show_part(PARTS[(PARTS.index(self.part) + by) % len(PARTS)])

    def neighbour(self, by: int) -> int | None:
        """The number of the attempt so many before (negative) or behind the one that is shown; None: there is none."""
        numbers = [one.n for one in tries(self.news)] if self.news else []
        place = numbers.index(self._wanted_run) + by if self._wanted_run in numbers else -1
        return numbers[place] if 0 <= place < len(numbers) else None

    def choose(self, n: int | None) -> None:
        """Show the output of this attempt."""
        if n is None:
            return
        self.log_view.choose(0 if self.news is not None and n == self.news.latest else n)

    def open_search(self) -> None:
        self.show_part(PARTS[0])
        self.search.open()

    def back(self) -> None:
        """End the search that is seen, or leave the screen."""
        if self.search.display:
            self.search.close()
            self.log_view.search("")
            self.shown.focus()
            self._show_keys()
        else:
            self.dismiss()

    def open_pager(self) -> None:
        self.run_worker(self._page(), group="pager", exclusive=True)

    async def _page(self) -> None:
        try:
            await page(self.app, self.everything(), file_name(self.job_id, self._wanted_run))
        except QueuectlError as error:
            self.app.desk.tell_error(error)

    def everything(self) -> Iterator[bytes]:
        """All output of the attempt that is shown; read by the thread that iterates, on a queue of its own."""
        news, run = self.news, self._wanted_run
        if news is None or not run:
            return
        with closing(self._open_viewer()) as queue:
            yield from queue.jobs.output(news.job, next((one for one in news.attempts if one.n == run), None))
