"""The main screen: five panes and their company. It hands pictures down and keys on; it decides nothing of jobs."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.getters import query_one
from textual.reactive import Reactive
from textual.screen import Screen
from textual.widget import Widget

from queuectl.core.job import Job
from queuectl.tui.actions import BY_NAME, FILTER, FILTERING, GROUPS, MAIN, allowed
from queuectl.tui.bindings import bindings_for, refusals
from queuectl.tui.desk import Target
from queuectl.tui.layout import FULL, NORMAL, Layout, arrange
from queuectl.tui.lens import Lens
from queuectl.tui.panes import LISTS, Pane
from queuectl.tui.picture import Picture, Want
from queuectl.tui.screens import aims, chrome, doings
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

    BINDINGS: ClassVar[list[BindingType]] = [*bindings_for(MAIN), *refusals()]

    BLANK = True  # nothing is seen of it: Textual would draw all its lines with each line of a widget on it

    focused: Reactive[Widget | None] = Reactive(None, repaint=False)  # Textual paints all of the screen again otherwise

    banner = query_one(Banner)
    counts = query_one(Counts)
    filter_bar = query_one(FilterBar)
    header = query_one(Header)
    keys = query_one(KeyFooter)
    tabs = query_one(TabStrip)

    app: QueueApp
    pane: Pane
    zoom: int

    def __init__(self) -> None:
        super().__init__()
        self.grid = PaneGrid()
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
        yield self.grid
        yield KeyFooter()

    def on_mount(self) -> None:
        self.focus_pane(self.pane)
        chrome.show_header(self)
        self.app.begin()

    # The focus

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
    def scope(self) -> str:
        """Where the focus is, as the registry of actions calls it."""
        return GROUPS if self.pane is Pane.DLQ and self.grid.grouped else self.pane

    @property
    def pointed(self) -> Job | None:
        """The job under the cursor; in Detail, which may be on screen without its list, as that shows it."""
        cursor = None if self.shows_groups else self.jobs.cursor
        shown = self.picture.job if self.picture is not None and self.pane is Pane.DETAIL else None
        return shown.job if shown is not None and (cursor is None or shown.job.id == cursor.id) else cursor

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Whether a key means something where the focus is: the registry says it, and whether it helps now."""
        if action != "do":
            return True
        name = str(parameters[0])
        several = aims.takes_several(self) and aims.target(self) is not None
        scope = FILTER if name in FILTERING and self.filter_bar.is_open else self.scope
        allows = allowed(BY_NAME[name], scope, self.pointed, several, self.app.read_only)
        return allows if allows is not True or doings.helps(self, name) else None

    async def action_do(self, name: str) -> None:
        """Do what a key, the palette or a click in the footer names."""
        if not doings.do(self, name):
            self.app.run_deed(name, aims.target(self, BY_NAME[name].one) or Target(self.pane))

    def action_refuse(self, key: str) -> None:
        """A key that means nothing here, or helps nothing now."""
        said = doings.refusal(self, key)
        if said:
            self.app.desk.tell(said, "warning", seconds=3.0)

    def deal_with(self, target: Target) -> None:
        """All is done that was to be done with the target: its marks go."""
        if target.pane in LISTS:
            jobs = self.grid.lists[target.pane]
            if target.where is not None:
                jobs.clear_marks()
            jobs.unmark(target.ids)
            if chrome.in_view(self):
                chrome.refresh(self)

    # The layout

    def set_zoom(self, zoom: int) -> None:
        self.zoom = zoom
        self.lay_out()
        self.want()

    def zoomed(self, by: int) -> int:
        """The zoom after so many steps; where a step looks like none it is left out, where all do the zoom stays."""
        steps = range(self.zoom + by, FULL + 1 if by > 0 else NORMAL - 1, by)
        return next((zoom for zoom in steps if self.arrangement(zoom) != self.arrangement()), self.zoom)

    def arrangement(self, zoom: int | None = None) -> Layout:
        return arrange(self.size.width, self.size.height, self.pane, self.zoom if zoom is None else zoom)

    def lay_out(self) -> None:
        layout = self.arrangement()
        self.grid.place(layout)
        self.counts.display = layout.wide
        self.tabs.display = not layout.wide
        told = layout.filter_line and (layout.wide or self.pane in LISTS)
        self.filter_bar.display = told or self.filter_bar.is_open

    def on_resize(self, _: events.Resize) -> None:
        self.lay_out()
        self.call_after_refresh(self.want)

    def on_screen_suspend(self) -> None:
        chrome.show_keys(self)

    def on_screen_resume(self) -> None:
        if self.app.picture is not None:
            self.show(self.app.picture)
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
        if not chrome.in_view(self):
            return
        self.app.keys.wait(aims.awaited(self))
        shown = self.arrangement().panes
        self.app.feed.want(
            Want(
                lists={
                    pane: self.lenses[pane].want(*self._place_of(pane))
                    for pane in shown
                    if pane in LISTS and not (pane is Pane.DLQ and self.grid.grouped)
                },
                groups=self.lenses[Pane.DLQ].where if Pane.DLQ in shown and self.grid.grouped else None,
                job=aims.detailed(self) if Pane.DETAIL in shown else None,
            )
        )

    def _place_of(self, pane: Pane) -> tuple[Job | None, int, int, int]:
        """Where the list stands: its first row in view, how many, and since when it is away from the top."""
        jobs = self.grid.lists[pane]
        at_top = jobs.top is None and jobs.index == 0
        self._away_since[pane] = 0 if at_top else self._away_since[pane] or self.app.clock()
        return jobs.top, jobs.index, max(jobs.rows_in_view, 1), self._away_since[pane]

    def show(self, picture: Picture) -> None:
        """A new picture: each part to the widget that shows it, if anybody can see it."""
        if not chrome.in_view(self):
            return
        self.picture = picture
        for pane, shown in picture.lists.items():
            if (shown.want.where, shown.want.order) == (self.lenses[pane].where, self.lenses[pane].order):
                self.grid.lists[pane].show(shown, picture.at)
        if picture.groups is not None:
            self.grid.groups.show(picture.groups)
        pools = picture.status.pools
        self.grid.workers_pane.show(picture.workers, pools, picture.at)
        self.grid.config_pane.show(picture.settings, picture.at)
        self.grid.detail.show(picture.job, pools, picture.at)
        self.counts.show(picture.status, picture.rates, picture.at)
        chrome.show_header(self)
        chrome.refresh(self)
        self.want()

    def forget(self) -> None:
        """Nothing is known any more, and nothing marked: the store is gone."""
        for jobs in self.grid.lists.values():
            jobs.forget()
            jobs.clear_marks()

    def tick(self) -> None:
        """A second has gone by without a picture: ages, run times and the time of day."""
        if not chrome.in_view(self):
            return
        chrome.show_header(self)
        chrome.show_keys(self)
        if not self.app.frozen:
            for jobs in self.grid.lists.values():
                jobs.show_at(self.app.clock())

    # What widgets say

    @on(JobList.Looked)
    @on(JobList.Pointed)
    @on(GroupList.Pointed)
    def _moved(self) -> None:
        chrome.show_keys(self)
        self.want()

    @on(JobList.Opened)
    def _opened(self) -> None:
        doings.do(self, "queue.open")

    @on(GroupList.Opened)
    def _group_opened(self) -> None:
        doings.do(self, "dlq.open-group")

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
        self.lens.problem = ""  # of what is no filter nothing stays
        self.focus_pane(self._list_pane)

    @on(FilterBar.Cleared)
    def _filter_cleared(self) -> None:
        doings.filter_by(self, "")
        self.focus_pane(self._list_pane)
