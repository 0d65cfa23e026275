"""What keys do to the main screen itself: moving about, marking, filtering, sorting, zooming, opening other screens."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from queuectl.core.job import State
from queuectl.tui.actions import ACTIONS, belongs, key_name
from queuectl.tui.layout import NORMAL
from queuectl.tui.panes import LISTS, Pane
from queuectl.tui.screens import chrome

if TYPE_CHECKING:
    from queuectl.tui.screens.main import MainScreen

_ROUND = (Pane.PENDING, Pane.PROCESSING, Pane.DLQ, Pane.WORKERS, Pane.CONFIG, Pane.DONE, Pane.DETAIL)


def do(screen: MainScreen, name: str) -> bool:
    """Whether the action is one of the screen's own; then it is done."""
    family, _, verb = name.partition(".")
    if name in _DOINGS:
        _DOINGS[name](screen)
    elif family == "move":
        screen.grid.widget(screen.pane).move(verb)
        screen.want()  # at once: it is read while what is known is painted
        chrome.show_filter(screen)
        chrome.show_keys(screen)
        return True
    elif family == "focus":
        focus(screen, Pane(verb))
        return True
    else:
        return False
    chrome.refresh(screen)
    return True


def helps(screen: MainScreen, name: str) -> bool:
    """Whether there is anything that the action could do: a pool to stop, a value to put back. True for most."""
    match name:
        case "pool.stop" | "pool.kill":
            return screen.grid.workers_pane.cursor is not None
        case "pool.open":
            return _running_job(screen) is not None
        case "config.reset":
            setting = screen.grid.config_pane.cursor
            return setting is not None and setting.source != "default"
        case "dlq.open-group":
            return screen.grid.groups.cursor is not None
        case "queue.mark-all":
            return not (screen.jobs.all_matching or screen.jobs.empty)
        case "queue.unmark":
            return screen.jobs.all_matching or bool(screen.jobs.marks)
        case "view.zoom-in" | "view.zoom-out":
            return screen.zoomed(1 if name == "view.zoom-in" else -1) != screen.zoom
    return True


def refusal(screen: MainScreen, key: str) -> str:
    """Why a key does nothing where the focus is; empty if that is plain to see."""
    actions = [action for action in ACTIONS if key in action.keys]
    here = [action for action in actions if belongs(action, screen.scope)]
    if not here:
        return f"{key_name(key)} means nothing here: ? shows the keys that do"
    action, job = here[0], screen.pointed
    if action.changes and screen.app.read_only:
        return "The store is open read-only: nothing is changed here"
    if action.states is None:
        return ""
    if job is None:
        return f"There is no job for {key_name(key)} {action.title}"
    stop = ": x stops it first" if job.state is State.PROCESSING else ""
    return f"{job.id} is {job.state}, which {key_name(key)} {action.title} is not for{stop}"


def focus(screen: MainScreen, pane: Pane) -> None:
    """Metrics has a screen of its own."""
    if pane is Pane.METRICS:
        screen.app.open_metrics()
    else:
        screen.focus_pane(pane)


def filter_by(screen: MainScreen, text: str) -> None:
    """Show what matches as it is typed; a filter that says nothing yet leaves the last good one."""
    if screen.lens.type(text):
        screen.jobs.clear_marks()
        _look_anew(screen)
    chrome.refresh(screen)


def sort_by(screen: MainScreen, order: str) -> None:
    """Another order, from its beginning."""
    screen.lens.order = order
    _look_anew(screen)
    chrome.refresh(screen)


def _look_anew(screen: MainScreen) -> None:
    screen.jobs.forget()
    screen.grid.groups.forget()
    screen.want()


def _step(screen: MainScreen, by: int) -> None:
    """The next pane: of those on screen where several are, else of all."""
    layout = screen.arrangement()
    shown = layout.panes if layout.wide and len(layout.panes) > 1 else _ROUND
    screen.focus_pane(shown[(shown.index(screen.pane) + by) % len(shown)])


def _open(screen: MainScreen) -> None:
    if screen.pointed is not None:
        screen.app.open_job(screen.pointed.id)


def _running_job(screen: MainScreen) -> str | None:
    worker = screen.grid.workers_pane.worker
    return None if worker is None else worker.job


def _open_running(screen: MainScreen) -> None:
    job = _running_job(screen)
    if job is not None:
        screen.app.open_job(job)


def _open_group(screen: MainScreen) -> None:
    """The jobs of one error: a filter that says which. Esc leads back."""
    group = screen.grid.groups.cursor
    if group is not None:
        before = screen.lens.text
        filter_by(screen, f"{before} group:{group.key}".strip())
        screen.lens.opened_from = before
        _set_grouped(screen, False)


def _close_group(screen: MainScreen) -> None:
    filter_by(screen, screen.lens.opened_from or "")
    screen.lens.opened_from = None
    _set_grouped(screen, True)


def _set_grouped(screen: MainScreen, grouped: bool) -> None:
    screen.grid.grouped = grouped
    screen.focus_pane(Pane.DLQ)


def _mark(screen: MainScreen) -> None:
    """Unlike a range, marking one by one takes marks away too."""
    screen.jobs.mark()
    screen.jobs.move("down")


def _toggle_groups(screen: MainScreen) -> None:
    _set_grouped(screen, not screen.grid.grouped)


def _read_again(screen: MainScreen) -> None:
    screen.app.feed.refresh()


def _freeze(screen: MainScreen) -> None:
    screen.app.freeze()
    chrome.show_header(screen)


def _open_filter(screen: MainScreen) -> None:
    if screen.pane in LISTS:
        screen.filter_bar.open(screen.lens.text)
        screen.lay_out()


def _clear_filter(screen: MainScreen) -> None:
    screen.filter_bar.action_clear()


def _next_order(screen: MainScreen) -> None:
    screen.lens.next_order()
    sort_by(screen, screen.lens.order)


def _reverse(screen: MainScreen) -> None:
    screen.lens.reverse()
    sort_by(screen, screen.lens.order)


def _back(screen: MainScreen) -> None:
    """One level: from Detail to its list; of a list the filter, marks, groups; zoom."""
    if screen.pane is Pane.DETAIL:
        screen.focus_pane(screen.lens.pane)
    elif screen.pane in LISTS and _undress(screen):
        return
    elif screen.zoom != NORMAL:
        screen.set_zoom(NORMAL)


def _undress(screen: MainScreen) -> bool:
    """Take the outermost thing away that narrows the list; whether there was one."""
    if screen.lens.opened_from is not None:
        _close_group(screen)
    elif screen.lens.filtered or screen.lens.problem:
        filter_by(screen, "")
    elif screen.jobs.marks or screen.jobs.all_matching:
        screen.jobs.clear_marks()
    elif screen.shows_groups:
        _set_grouped(screen, False)
    else:
        return False
    return True


_DOINGS: dict[str, Callable[[MainScreen], object]] = {
    "queue.open": _open,
    "queue.mark": _mark,
    "queue.mark-down": lambda screen: screen.jobs.mark_and_move(1),
    "queue.mark-up": lambda screen: screen.jobs.mark_and_move(-1),
    "queue.mark-range": lambda screen: screen.jobs.toggle_range(),
    "queue.mark-all": lambda screen: screen.jobs.mark_all_matching(),
    "queue.unmark": lambda screen: screen.jobs.clear_marks(),
    "dlq.groups": _toggle_groups,
    "dlq.open-group": _open_group,
    "pool.open": _open_running,
    "view.filter": _open_filter,
    "filter.keep": lambda screen: screen.focus_pane(screen.lens.pane),
    "filter.clear": _clear_filter,
    "view.sort": _next_order,
    "view.sort-reverse": _reverse,
    "view.zoom-in": lambda screen: screen.set_zoom(screen.zoomed(1)),
    "view.zoom-out": lambda screen: screen.set_zoom(screen.zoomed(-1)),
    "view.back": _back,
    "view.freeze": _freeze,
    "view.refresh": _read_again,
    "view.redraw": lambda screen: screen.app.refresh(layout=True),
    "focus.next": lambda screen: _step(screen, 1),
    "focus.previous": lambda screen: _step(screen, -1),
    "focus.metrics": lambda screen: screen.app.open_metrics(),
    "app.palette": lambda screen: screen.app.action_command_palette(),
    "app.log": lambda screen: screen.app.open_log(),
    "app.help": lambda screen: screen.app.open_help(screen.scope),
    "app.quit": lambda screen: screen.app.exit(),
    "app.quit-anywhere": lambda screen: screen.app.exit(),
}
