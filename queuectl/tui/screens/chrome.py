"""Everything around the panes of the main screen: header, tabs, banner, filter line, borders, footer."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from textual.content import Content

from queuectl.tui.actions import footer
from queuectl.tui.lens import order_words
from queuectl.tui.titles import banner_words, empty_words, list_subtitle

if TYPE_CHECKING:
    from queuectl.tui.picture import Picture
    from queuectl.tui.screens.main import MainScreen


def refresh(screen: MainScreen) -> None:
    """All of it, as things are now."""
    show_header(screen)
    show_filter(screen)
    show_keys(screen)
    screen.banner.show(*banner_words(screen.picture, screen.app.trouble, time.monotonic()))
    if screen.picture is not None:
        _show_lists(screen, screen.picture)


def _show_lists(screen: MainScreen, picture: Picture) -> None:
    screen.tabs.show(picture.status.counts, picture.status.active_workers, screen.pane)
    for pane, shown in picture.lists.items():
        jobs = screen.grid.lists[pane]
        jobs.border_subtitle = Content(list_subtitle(pane, shown, picture.rates))
        jobs.set_empty(empty_words(pane, screen.lenses[pane], shown, picture.settings))


def show_header(screen: MainScreen) -> None:
    """How the queue does, and how old the picture is."""
    app = screen.app
    screen.header.show(screen.picture, app.trouble, app.location, app.age_s, app.time_of_day, app.frozen)


def show_filter(screen: MainScreen) -> None:
    """What the filter of the list says and finds, what is marked, and the order."""
    lens, jobs = screen.lens, screen.jobs
    shown = screen.picture.lists.get(lens.pane) if screen.picture is not None else None
    marked = "all matching marked" if jobs.all_matching else f"{len(jobs.marks):,} marked" if jobs.marks else ""
    screen.filter_bar.put(lens.text if lens.filtered else "")
    screen.filter_bar.show(
        shown.tally if shown is not None and shown.want.filtered else None,
        shown.total if shown is not None else 0,
        marked,
        order_words(lens.order),
        lens.problem,
    )


def show_keys(screen: MainScreen) -> None:
    """The keys that mean something where the focus is."""
    shown = [(action, screen.check_action("do", (action.name,))) for action in footer(screen.pane)]
    screen.keys.show([(action, bool(on)) for action, on in shown if on is not False])
