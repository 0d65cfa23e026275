"""Everything around the panes of the main screen: header, tabs, banner, filter line, borders, footer."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from textual.content import Content
from textual.screen import ModalScreen

from queuectl.tui.actions import FILTER, Action, footer
from queuectl.tui.desk import content
from queuectl.tui.lens import order_words
from queuectl.tui.panes import Pane
from queuectl.tui.screens import aims
from queuectl.tui.titles import banner_words, empty_words, list_subtitle
from queuectl.tui.widgets.oneline import put_on_border
from queuectl.tui.wording import from_home

if TYPE_CHECKING:
    from collections.abc import Sequence

    from queuectl.core.errorgroup import Group
    from queuectl.tui.picture import Picture
    from queuectl.tui.screens.main import MainScreen


def in_view(screen: MainScreen) -> bool:
    """Whether nothing but dialogs lies above it; Textual paints all of a screen anew when one below it changes.

    Not while the app ends: its timers and messages outlive the widgets by a moment.
    """
    opaque = [one for one in screen.app.screen_stack if not isinstance(one, ModalScreen)]
    return bool(opaque) and opaque[-1] is screen and screen.app.is_running and bool(screen.children)


def refresh(screen: MainScreen) -> None:
    """All of it but the header, as things are now."""
    show_filter(screen)
    show_keys(screen)
    app = screen.app
    screen.banner.show(*banner_words(screen.picture, app.trouble, app.busy_s, app.read_only))
    for pane in (screen.grid.detail, screen.grid.workers_pane, screen.grid.config_pane):
        pane.set_read_only(app.read_only)
    if screen.picture is not None:
        _show_lists(screen, screen.picture)
        if screen.picture.groups is not None:
            _show_groups(screen, screen.picture.groups)


def _show_lists(screen: MainScreen, picture: Picture) -> None:
    screen.tabs.show(picture.status.counts, picture.status.active_workers, screen.pane)
    for pane, shown in picture.lists.items():
        jobs = screen.grid.lists[pane]
        put_on_border(jobs, subtitle=Content(list_subtitle(pane, shown, picture.rates)))
        jobs.set_empty(empty_words(pane, screen.lenses[pane], shown, picture, screen.app.read_only))


def _show_groups(screen: MainScreen, groups: Sequence[Group]) -> None:
    lens, shown = screen.lenses[Pane.DLQ], screen.grid.groups
    jobs = sum(group.size for group in groups)
    put_on_border(shown, subtitle=Content(f"{len(groups):,} error{'s' * (len(groups) != 1)} · {jobs:,} jobs"))
    shown.set_empty(content(f"No dead job matches {lens.text} · Esc clears" if lens.filtered else "No job is dead."))


def show_header(screen: MainScreen) -> None:
    """How the queue does, and how old the picture is."""
    app = screen.app
    location = from_home(app.location, os.path.expanduser("~"))
    screen.header.show(screen.picture, app.trouble, location, app.age_s, app.time_of_day, app.frozen, app.busy_s)


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
    """The keys that mean something where the focus is; below a dialog none does.

    What is read-only has none that change anything. While rows are being read, those of the row before stay.
    """
    if aims.awaited(screen):
        return
    if not screen.is_active:
        screen.keys.show([])
        return
    scope = FILTER if screen.filter_bar.is_open else screen.scope
    actions = footer(scope, screen.app.desk.undoable)
    shown = [(action, screen.check_action("do", (action.name,))) for action in actions]
    hidden = screen.app.read_only
    known = [(action, bool(on)) for action, on in shown if on is not False and not (hidden and action.changes)]
    screen.keys.show([(_as_now(screen, action), on) for action, on in known])


def _as_now(screen: MainScreen, action: Action) -> Action:
    """The action by the name of what it would do now."""
    if action.name == "queue.hold" and screen.pointed is not None and screen.pointed.held:
        return action._replace(title="Release", short="")
    return action._replace(title="Jobs", short="") if action.name == "dlq.groups" and screen.shows_groups else action
