"""What a deed, or Detail, is for: of all that the main screen shows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from queuectl.core.selector import All, Term
from queuectl.tui.desk import Target
from queuectl.tui.panes import LISTS, Pane
from queuectl.tui.widgets.rowlist import RowList

if TYPE_CHECKING:
    from queuectl.tui.screens.main import MainScreen


def takes_several(screen: MainScreen) -> bool:
    """Whether a deed is for more than the job under the cursor; Detail is about one only."""
    if screen.pane not in LISTS:
        return False
    return screen.shows_groups or screen.jobs.all_matching or bool(screen.jobs.marks)


def awaited(screen: MainScreen) -> bool:
    """Whether the row that a deed would be for has yet to be read, and is being read."""
    rows, stands_still = screen.grid.widget(screen.pane), screen.app.frozen or screen.app.trouble is not None
    return isinstance(rows, RowList) and rows.awaited and not screen.filter_bar.is_open and not stands_still


def detailed(screen: MainScreen) -> str | None:
    """The id of the job that Detail is about: of a group the newest; while rows are being read, that before."""
    if screen.shows_groups:
        group = screen.grid.groups.cursor
        return None if group is None else group.newest_id
    cursor, before = screen.jobs.cursor, None if screen.picture is None else screen.picture.job
    if cursor is None and before is not None and screen.jobs.awaited:
        return before.job.id
    return None if cursor is None else cursor.id


def target(screen: MainScreen, one: bool = False) -> Target | None:
    """What a deed is for now: a group of errors, all that match, the marked jobs, or the one under the cursor.

    With `one` the last, whatever is marked. In Workers it names the pool, in Config the key.
    """
    if screen.pane in {Pane.WORKERS, Pane.CONFIG}:
        return _named(screen)
    jobs, pointed = screen.jobs, screen.pointed
    if one or not takes_several(screen):
        return None if pointed is None else Target(screen.lens.pane, (pointed.id,), (pointed,))
    if screen.shows_groups:
        return _group(screen)
    if jobs.all_matching:
        return screen.lens.all_matching()
    return Target(screen.lens.pane, tuple(jobs.marks), jobs.marked_jobs)


def _named(screen: MainScreen) -> Target | None:
    pool, setting = screen.grid.workers_pane.cursor, screen.grid.config_pane.cursor
    name = (pool and pool.name) if screen.pane is Pane.WORKERS else (setting and setting.key.name)
    return Target(screen.pane, (name,)) if name else None


def _group(screen: MainScreen) -> Target | None:
    group = screen.grid.groups.cursor
    if group is None:
        return None
    where = All((screen.lens.where, Term("group", ":", group.key)))
    return Target(Pane.DLQ, where=where, filter=f"{screen.lens.text} group:{group.key}".strip())
