"""The panes side by side or one above the other: it makes them, places them, and says which widget shows which."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.containers import Container, Vertical
from textual.content import Content
from textual.widget import Widget

from queuectl.tui.layout import Layout
from queuectl.tui.panes import LISTS, Pane
from queuectl.tui.titles import pane_title
from queuectl.tui.widgets.config import ConfigPane
from queuectl.tui.widgets.detail import Detail
from queuectl.tui.widgets.groups import GroupList
from queuectl.tui.widgets.joblist import JobList
from queuectl.tui.widgets.workers import WorkersPane

PaneWidget = JobList | GroupList | Detail | WorkersPane | ConfigPane
_LEFT_PERCENT = 62


class Column(Vertical):
    """Panes one above the other, which leave nothing of it to be seen."""

    BLANK = True  # as the screen's


class PaneGrid(Container):
    """Every pane, placed by `place`. With `grouped` the DLQ shows its groups in place of its jobs."""

    BLANK = True
    grouped = False

    def __init__(self) -> None:
        super().__init__()
        self.lists = {pane: JobList(pane) for pane in LISTS}
        self.groups = GroupList()
        self.detail, self.workers_pane, self.config_pane = Detail(), WorkersPane(), ConfigPane()
        self._others: dict[Pane, PaneWidget] = {
            Pane.DETAIL: self.detail,
            Pane.WORKERS: self.workers_pane,
            Pane.CONFIG: self.config_pane,
        }
        self._left = Column(*self.lists.values(), self.groups, id="left")
        self._right = Column(*self._others.values(), id="right")

    def on_mount(self) -> None:
        for pane in (*LISTS, *self._others):
            self.widget(pane).border_title = Content(pane_title(pane))
        self.groups.border_title = Content(f"{pane_title(Pane.DLQ)} by error")

    def compose(self) -> ComposeResult:
        yield self._left
        yield self._right

    def widget(self, pane: Pane) -> PaneWidget:
        """What shows the pane now."""
        if pane is Pane.DLQ and self.grouped:
            return self.groups
        return self.lists[pane] if pane in LISTS else self._others[pane]

    def pane_of(self, widget: Widget | None) -> Pane | None:
        """The pane that the widget shows or is a part of."""
        return next((pane for pane in (*LISTS, *self._others) if _within(widget, self.widget(pane))), None)

    def place(self, layout: Layout) -> None:
        """Show the panes of the layout with their shares of the height, and no other."""
        shares = {**layout.left, **layout.right}
        for pane in (*LISTS, *self._others):
            widget = self.widget(pane)
            widget.display = pane in shares
            widget.styles.height = f"{shares.get(pane, 1)}fr"
        (self.lists[Pane.DLQ] if self.grouped else self.groups).display = False
        left = sum(share for pane, share in shares.items() if pane in LISTS)
        right = sum(share for pane, share in shares.items() if pane not in LISTS)
        self._left.display, self._right.display = left > 0, right > 0
        self.set_class(not layout.wide, "-stacked")
        if layout.wide:
            self._left.styles.width = f"{_LEFT_PERCENT if right else 100}%"
            self._left.styles.height = self._right.styles.height = "100%"
        else:
            self._left.styles.width = "100%"
            self._left.styles.height, self._right.styles.height = f"{max(left, 1)}fr", f"{max(right, 1)}fr"


def _within(widget: Widget | None, pane: Widget) -> bool:
    return widget is not None and (widget is pane or pane in widget.ancestors)
