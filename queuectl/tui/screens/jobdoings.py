"""What keys do to the job screen itself, and when they would do nothing."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from queuectl.tui.actions import JOB

if TYPE_CHECKING:
    from queuectl.tui.screens.job import JobScreen


def do(screen: JobScreen, name: str) -> bool:
    """Whether the action is one of the screen's own; then it is done."""
    family, _, verb = name.partition(".")
    if name in _DOINGS:
        _DOINGS[name](screen)
    elif family == "move":
        screen.shown.move(verb)
    else:
        return False
    return True


def helps(screen: JobScreen, name: str) -> bool:
    """Whether there is anything to go on to: a match, another attempt. True for all other actions."""
    match name:
        case "output.next" | "output.previous":
            return bool(screen.log_view.needle) and screen.shows_output
        case "output.older":
            return screen.neighbour(-1) is not None
        case "output.newer":
            return screen.neighbour(1) is not None
    return True


_DOINGS: dict[str, Callable[[JobScreen], object]] = {
    "output.follow": lambda screen: screen.log_view.toggle_follow(),
    "output.search": lambda screen: screen.open_search(),
    "output.next": lambda screen: screen.log_view.next_match(),
    "output.previous": lambda screen: screen.log_view.next_match(backwards=True),
    "output.wrap": lambda screen: screen.log_view.toggle_wrap(),
    "output.older": lambda screen: screen.choose(screen.neighbour(-1)),
    "output.newer": lambda screen: screen.choose(screen.neighbour(1)),
    "job.part": lambda screen: screen.step_part(1),
    "job.part-back": lambda screen: screen.step_part(-1),
    "job.close": lambda screen: screen.dismiss(),
    "queue.pager": lambda screen: screen.open_pager(),
    "view.back": lambda screen: screen.back(),
    "view.redraw": lambda screen: screen.refresh(layout=True),
    "app.palette": lambda screen: screen.app.action_command_palette(),
    "app.log": lambda screen: screen.app.open_log(),
    "app.help": lambda screen: screen.app.open_help(JOB),
    "app.quit-anywhere": lambda screen: screen.app.exit(),
}
