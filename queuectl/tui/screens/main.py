"""The main screen: five panes and their company. It hands pictures down and keys on; it decides nothing of jobs."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.getters import query_one
from textual.screen import ModalScreen, Screen

from queuectl.core.job import Job
from queuectl.core.selector import All, Term
from queuectl.tui.actions import BY_NAME, allowed
from queuectl.tui.bindings import bindings_for
from queuectl.tui.desk import Target
from queuectl.tui.layout import FULL, NORMAL, Layout, arrange
from queuectl.tui.lens import Lens
from queuectl.tui.panes import LISTS, Pane
from queuectl.tui.picture import Picture, Want
from queuectl.tui.screens import chrome, doings
from queuectl.tui.widgets.banner import Banner
from queuectl.tui.widgets.counts import Counts
from queuectl.tui.widgets.filterbar import FilterBar
from queuectl.tui.widgets.grid import PaneGrid
from queuectl.tui.widgets.groups import GroupList
from queuectl.tui.widgets.header import Header
from queuectl.tui.widgets.joblist import JobList
from queuectl.tui.widgets.keyfooter import KeyFooter
from queuectl.tui.widgets.tabs import TabStrip

if TYPE_CHECKING:
    from queuectl.tui.app import QueueApp


class MainScreen(Screen[None]):
    """All panes over one feed; what is on screen is what it wants read.

    Keys run `do(name)`; what a name does to this screen is in `doings`, the rest are deeds.
    """

    BINDINGS: ClassVar[list[BindingType]] = [*bindings_for(Pane)]

    banner = query_one(Banner)
    counts = query_one(Counts)
    filter_bar = query_one(FilterBar)
    grid = query_one(PaneGrid)
    header = query_one(Header)
    keys = query_one(KeyFooter)
    tabs = query_one(TabStrip)

    app: QueueApp
    pane: Pane
    zoom: int

    def __init__(self) -> None:
        super().__init__()
        self.lenses = {pane: Lens(pane) for pane in LISTS}
        self.pane = Pane.PENDING
        self.zoom = NORMAL
        self.picture: Picture | None = None
        self._list_pane = Pane.PENDING
        self._away_since = dict.fromkeys(LISTS, 0)

    def compose(self) -> ComposeResult:
        yield Header(self.app.read_only)
        yield Counts()
        yield TabStrip()
        yield Banner()
        yield FilterBar()
        yield PaneGrid()
        yield KeyFooter()

    def on_mount(self) -> None:
        self.focus_pane(self.pane)

    # The focus, and what deeds are for

    def focus_pane(self, pane: Pane) -> None:
        self.pane = pane
        if pane in LISTS:
            self._list_pane = pane
        self.lay_out()
        self.grid.widget(pane).focus()
        chrome.refresh(self)
        self.want()

    @property
    def jobs(self) -> JobList:
        """The list that has, or had last, the focus."""
        return self.grid.lists[self._list_pane]

    @property
    def lens(self) -> Lens:
        return self.lenses[self._list_pane]

    @property
    def shows_groups(self) -> bool:
        return self._list_pane is Pane.DLQ and self.grid.grouped

    @property
    def pointed(self) -> Job | None:
        """The job under the cursor."""
        return None if self.shows_groups else self.jobs.cursor

    def target(self) -> Target | None:
        """What a deed is for now: a group of errors, all that match, the marked jobs, or the one under the cursor.

        In Workers it names the pool, in Config the key.
        """
        if self.pane in {Pane.WORKERS, Pane.CONFIG}:
            pool, setting = self.grid.workers_pane.cursor, self.grid.config_pane.cursor
            named = (pool and pool.name) if self.pane is Pane.WORKERS else (setting and setting.key.name)
            return Target(self.pane, (named,)) if named else None
        if self.shows_groups:
            return self._group()
        jobs = self.jobs
        if jobs.all_matching:
            return self.lens.all_matching()
        if jobs.marks:
            return Target(self._list_pane, tuple(jobs.marks), jobs.marked_jobs)
        return None if jobs.cursor is None else Target(self._list_pane, (jobs.cursor.id,), (jobs.cursor,))

    def _group(self) -> Target | None:
        group = self.grid.groups.cursor
        if group is None:
            return None
        where = All((self.lens.where, Term("group", ":", group.key)))
        return Target(Pane.DLQ, where=where, filter=f"{self.lens.text} group:{group.key}".strip())

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Whether a key means something where the focus is: the registry says it."""
        if action != "do":
            return True
        chosen = self.jobs.all_matching or bool(self.jobs.marks) or (self.shows_groups and self.target() is not None)
        return allowed(BY_NAME[str(parameters[0])], self.pane, self.pointed, chosen, self.app.read_only)

    async def action_do(self, name: str) -> None:
        """Do what a key, the palette or a click in the footer names."""
        if not doings.do(self, name):
            self.app.run_deed(name, self.target() or Target(self.pane))

    # The layout

    def set_zoom(self, zoom: int) -> None:
        self.zoom = max(NORMAL, min(FULL, zoom))
        self.lay_out()
        self.want()

    def arrangement(self) -> Layout:
        return arrange(self.size.width, self.size.height, self.pane, self.zoom)

    def lay_out(self) -> None:
        layout = self.arrangement()
        self.grid.place(layout)
        self.counts.display = layout.wide
        self.tabs.display = not layout.wide
        self.filter_bar.display = layout.filter_line or self.filter_bar.is_open

    def on_resize(self, _: events.Resize) -> None:
        self.lay_out()
        self.call_after_refresh(self.want)

    def on_screen_resume(self) -> None:
        self.want()

    @on(events.DescendantFocus)
    def _focus_moved(self, event: events.DescendantFocus) -> None:
        """A click moves the focus without a key."""
        pane = self.grid.pane_of(event.widget)
        if pane is not None and pane is not self.pane:
            self.focus_pane(pane)

    # What is wanted, and what came

    def want(self) -> None:
        """Tell the feed what is on screen now; below another screen nothing is, below a dialog all is."""
        if not (self.is_current or isinstance(self.app.screen, ModalScreen)):
            return
        shown = self.arrangement().panes
        self.app.feed.want(
            Want(
                lists={
                    pane: self.lenses[pane].want(*self._place_of(pane))
                    for pane in shown
                    if pane in LISTS and not (pane is Pane.DLQ and self.grid.grouped)
                },
                groups=self.lenses[Pane.DLQ].where if Pane.DLQ in shown and self.grid.grouped else None,
                job=self._detailed() if Pane.DETAIL in shown else None,
            )
        )

    def _detailed(self) -> str | None:
        """The id of the job that Detail is about: of a group the newest."""
        if self.shows_groups:
            group = self.grid.groups.cursor
            return None if group is None else group.newest_id
        return None if self.jobs.cursor is None else self.jobs.cursor.id

    def _place_of(self, pane: Pane) -> tuple[Job | None, int, int, int]:
        """Where the list stands: its first row in view, how many, and since when it is away from the top."""
        jobs = self.grid.lists[pane]
        at_top = jobs.top is None and jobs.index == 0
        self._away_since[pane] = 0 if at_top else self._away_since[pane] or self.app.clock()
        return jobs.top, jobs.index, max(jobs.rows_in_view, 1), self._away_since[pane]

    def show(self, picture: Picture) -> None:
        """A new picture: each part to the widget that shows it."""
        self.picture = picture
        for pane, shown in picture.lists.items():
            if (shown.want.where, shown.want.order) == (self.lenses[pane].where, self.lenses[pane].order):
                self.grid.lists[pane].show(shown, picture.at)
        if picture.groups is not None:
            self.grid.groups.show(picture.groups)
        pools = picture.status.pools
        running = picture.lists[Pane.PROCESSING].window.jobs if Pane.PROCESSING in picture.lists else ()
        self.grid.workers_pane.show(picture.workers, pools, picture.at, running)
        self.grid.config_pane.show(picture.settings, picture.at)
        self.grid.detail.show(picture.job, pools, picture.at)
        self.counts.show(picture.status, picture.rates, picture.at)
        chrome.refresh(self)
        self.want()

    def tick(self) -> None:
        """A second has gone by: ages, run times and the time of day."""
        chrome.show_header(self)
        if not self.app.frozen:
            for jobs in self.grid.lists.values():
                jobs.show_at(self.app.clock())

    # What widgets say

    @on(JobList.Looked)
    @on(JobList.Pointed)
    def _moved(self) -> None:
        chrome.show_keys(self)
        self.want()

    @on(JobList.Opened)
    @on(GroupList.Opened)
    def _opened(self) -> None:
        doings.do(self, "queue.open")

    @on(GroupList.Pointed)
    def _group_pointed(self) -> None:
        chrome.show_keys(self)
        self.want()

    @on(JobList.Gone)
    def _gone(self, event: JobList.Gone) -> None:
        self.app.tell_where(event.id)

    @on(JobList.Sorted)
    def _sorted(self, event: JobList.Sorted) -> None:
        doings.sort_by(self, event.order)

    @on(TabStrip.Chosen)
    def _tab_chosen(self, event: TabStrip.Chosen) -> None:
        doings.focus(self, event.pane)

    @on(FilterBar.Changed)
    def _filter_typed(self, event: FilterBar.Changed) -> None:
        doings.filter_by(self, event.text)

    @on(FilterBar.Kept)
    def _filter_kept(self) -> None:
        self.focus_pane(self._list_pane)

    @on(FilterBar.Cleared)
    def _filter_cleared(self) -> None:
        doings.filter_by(self, "")
        self.focus_pane(self._list_pane)
