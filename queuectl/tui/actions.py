"""The one registry of everything a key can do: bindings, footer, help, palette and the README's table come from it.

An action's `name` is stable: it is the id of its bindings. Every binding runs `do(name)`.
"""

from __future__ import annotations

from typing import NamedTuple

from queuectl.core.job import ENDED, WAITING, Job, State
from queuectl.tui.panes import LISTS, Pane

JOBS = frozenset(LISTS)
JOB, GROUPS, FILTER = "job", "groups", "filter"
"""Scopes beside the panes: the job screen, the DLQ while it shows its groups, and the line a filter is typed in."""
MAIN: frozenset[str] = frozenset({*Pane, GROUPS}) - {Pane.METRICS}
"""What the main screen can be at; Metrics has a screen of its own, as a job has."""
PANES: frozenset[str] = MAIN | {Pane.METRICS}
EVERYWHERE: frozenset[str] = PANES | {JOB}
JOBS_AND_JOB: frozenset[str] = JOBS | {Pane.DETAIL, JOB}

ANY_STATE = frozenset(State)
NOT_RUNNING = ANY_STATE - {State.PROCESSING}


class Action(NamedTuple):
    """One thing a person can do.

    `scopes` are the panes where its keys mean it. `states`: of the job under the cursor; None if
    it needs none. `twin` is the command line that does the same. `changes`: not with --read-only.
    `one`: it is for the job under the cursor, whatever is marked. `short` is the title in the footer.
    """

    name: str
    keys: tuple[str, ...]
    title: str
    help: str
    scopes: frozenset[str] = MAIN
    states: frozenset[State] | None = None
    changes: bool = False
    twin: str = ""
    one: bool = False
    short: str = ""


def _deed(
    name: str,
    key: str,
    title: str,
    help: str,
    scopes: frozenset[str],
    twin: str,
    states: frozenset[State] | None = None,
    one: bool = False,
    short: str = "",
) -> Action:
    return Action(name, tuple(key.split()), title, help, scopes, states, changes=True, twin=twin, one=one, short=short)


def _for_one(name: str, key: str, title: str, help: str, scopes: frozenset[str], twin: str = "") -> Action:
    return Action(name, (key,), title, help, scopes, ANY_STATE, twin=twin, one=True)


_WORKERS = frozenset({Pane.WORKERS})
_CONFIG = frozenset({Pane.CONFIG})
_OUTPUT = frozenset({JOB})

ACTIONS: tuple[Action, ...] = (
    # Jobs
    _deed(
        "queue.retry", "r", "Retry", "Run dead, done or cancelled jobs again; one that waits for its retry, now.",
        JOBS_AND_JOB | {GROUPS}, "queuectl retry ID", frozenset({*ENDED, State.FAILED}),
    ),
    _deed(
        "queue.retry-with", "R", "Retry…", "Retry after a delay, or at a rate.",
        JOBS_AND_JOB | {GROUPS}, "queuectl retry ID --delay 5m --rate 10/s", frozenset({*ENDED, State.FAILED}),
    ),
    _deed(
        "queue.edit", "e", "Edit", "Edit a waiting job; one that has ended is edited and run again.",
        JOBS_AND_JOB, "queuectl edit ID --command '…'", NOT_RUNNING,
    ),
    _deed(
        "queue.cancel", "x", "Cancel", "Stop jobs; running ones get SIGTERM, and SIGKILL after kill-grace.",
        JOBS_AND_JOB, "queuectl cancel ID", frozenset({*WAITING, State.PROCESSING}),
    ),
    _deed(
        "queue.kill", "K", "Kill", "Stop running jobs at once, without grace.",
        JOBS_AND_JOB, "queuectl cancel --force ID", frozenset({State.PROCESSING}),
    ),
    _deed(
        "queue.delete", "d", "Delete", "Remove jobs for good, with their attempts and output.",
        JOBS_AND_JOB | {GROUPS}, "queuectl delete ID", NOT_RUNNING,
    ),
    _deed("queue.new", "n", "New", "Add a job.", JOBS | {GROUPS, Pane.DETAIL}, "queuectl enqueue -- '…'"),
    _deed(
        "queue.clone", "c", "Clone", "A new job with the values of this one.",
        JOBS_AND_JOB, "queuectl enqueue -- '…'", ANY_STATE, one=True,
    ),
    _deed(
        "queue.next", "i", "Run next", "Put a waiting job before all others.",
        JOBS_AND_JOB, "queuectl edit ID --next", WAITING, short="Next",
    ),
    _deed(
        "queue.hold", "H", "Hold/release", "Keep waiting jobs from being run, or let held ones run.",
        JOBS_AND_JOB, "queuectl hold ID", WAITING, short="Hold",
    ),
    Action(
        "queue.undo", ("u",), "Undo", "Take back the last retry, cancel, hold, release or edit, for 10 s.",
        EVERYWHERE, changes=True,
    ),
    Action("queue.copy", ("y",), "Copy", "Copy the id.", JOBS_AND_JOB, ANY_STATE),
    _for_one(
        "queue.copy-menu", "Y", "Copy…", "Copy the command, command line, last 200 lines, JSON or a failure report.",
        JOBS_AND_JOB,
    ),
    _for_one("queue.pager", "o", "Pager", "The output in $PAGER.", JOBS_AND_JOB, "queuectl logs ID"),
    _for_one(
        "queue.open", "enter", "Open", "All of the job: attempts and output.",
        JOBS | {Pane.DETAIL}, "queuectl show ID",
    ),
    # Selecting
    _for_one("queue.mark", "space", "Mark", "Mark the job and move down.", JOBS),
    _for_one("queue.mark-range", "v", "Mark range", "Mark all from here to where the cursor goes; again to end.", JOBS),
    _for_one("queue.mark-up", "shift+up", "Mark up", "Mark and move up.", JOBS),
    _for_one("queue.mark-down", "shift+down", "Mark down", "Mark and move down.", JOBS),
    Action("queue.mark-all", ("A",), "All matching", "Mark all that match the filter, seen or not.", JOBS),
    Action("queue.unmark", ("M",), "Clear marks", "Forget all marks.", JOBS),
    Action(
        "dlq.groups", ("t",), "Group", "Dead jobs by error and back.",
        frozenset({Pane.DLQ, GROUPS}), twin="queuectl dlq groups",
    ),
    Action("dlq.open-group", ("enter",), "Open", "The jobs that died of this error.", frozenset({GROUPS})),
    Action(
        "view.filter", ("slash",), "Filter", "Show only what matches: words, cmd: err: exit: prio> age<; Esc clears.",
        JOBS | {GROUPS},
    ),
    Action("view.sort", ("s",), "Sort", "Next order: arrival, priority, age in state.", JOBS),
    Action("view.sort-reverse", ("S",), "Reverse", "Turn the order round.", JOBS),
    Action("filter.keep", ("enter",), "Keep", "Keep the filter, and go back to the list.", frozenset({FILTER})),
    Action("filter.clear", ("escape",), "Clear", "Show all again.", frozenset({FILTER})),
    # Workers
    _deed(
        "pool.add", "n", "Add", "Start a pool of workers, or one worker more.",
        _WORKERS, "queuectl worker start --detach",
    ),
    _deed(
        "pool.scale", "equals_sign", "Set count", "How many workers the pool has.",
        _WORKERS, "queuectl worker scale N POOL",
    ),
    _deed("pool.stop", "x", "Stop", "Finish what runs, then end the pool.", _WORKERS, "queuectl worker stop POOL"),
    _deed(
        "pool.kill", "K", "Kill", "End the pool now; its jobs go back.",
        _WORKERS, "queuectl worker stop POOL --force",
    ),
    Action("pool.open", ("enter",), "Open job", "The job that the worker runs.", _WORKERS),
    # Config
    _deed("config.edit", "e enter", "Edit", "Change the value.", _CONFIG, "queuectl config set KEY VALUE"),
    _deed("config.reset", "d", "Default", "Back to the default.", _CONFIG, "queuectl config reset KEY"),
    # Output, on the job screen
    Action("output.follow", ("f",), "Follow", "Stay at the end while it grows.", _OUTPUT),
    Action("output.search", ("slash",), "Search", "Find text in the output.", _OUTPUT),
    Action("output.next", ("n",), "Next", "The next match.", _OUTPUT),
    Action("output.previous", ("N",), "Previous", "The match before.", _OUTPUT),
    Action("output.wrap", ("w",), "Wrap", "Break long lines, or cut them.", _OUTPUT),
    Action("output.older", ("left_square_bracket",), "Attempt before", "The output of the attempt before.", _OUTPUT),
    Action("output.newer", ("right_square_bracket",), "Next attempt", "The output of the next attempt.", _OUTPUT),
    Action("job.part", ("tab",), "Part", "Output, attempts, or every field.", _OUTPUT),
    Action("job.part-back", ("shift+tab",), "Part before", "The part before.", _OUTPUT),
    # Moving about
    Action("move.down", ("j", "down"), "Down", "Move down.", EVERYWHERE),
    Action("move.up", ("k", "up"), "Up", "Move up.", EVERYWHERE),
    Action("move.top", ("g", "home"), "Top", "To the first.", EVERYWHERE),
    Action("move.bottom", ("G", "end"), "Bottom", "To the last.", EVERYWHERE),
    Action("move.half-down", ("ctrl+d",), "Half a page down", "Half a page down.", EVERYWHERE),
    Action("move.half-up", ("ctrl+u",), "Half a page up", "Half a page up.", EVERYWHERE),
    Action("move.page-down", ("pagedown",), "Page down", "A page down.", EVERYWHERE),
    Action("move.page-up", ("pageup",), "Page up", "A page up.", EVERYWHERE),
    Action("focus.pending", ("1",), "Pending", "The pane of waiting jobs.", PANES),
    Action("focus.processing", ("2",), "Processing", "The pane of running jobs.", PANES),
    Action("focus.dlq", ("3",), "DLQ", "The pane of dead jobs.", PANES),
    Action("focus.workers", ("4",), "Workers", "The pane of pools and workers.", PANES),
    Action("focus.config", ("5",), "Config", "The pane of settings.", PANES),
    Action("focus.done", ("6",), "Done", "The pane of completed and cancelled jobs.", PANES),
    Action("focus.metrics", ("7",), "Metrics", "Charts of the last hour or day.", PANES),
    Action("focus.detail", ("0",), "Detail", "The pane of the job under the cursor.", PANES),
    Action("focus.next", ("tab", "l", "right"), "Next pane", "The next pane.", PANES),
    Action("focus.previous", ("shift+tab", "h", "left"), "Pane before", "The pane before.", PANES),
    Action("view.zoom-in", ("plus",), "Zoom", "The pane larger: half the screen, then all of it."),
    Action("view.zoom-out", ("underscore",), "Zoom out", "The pane smaller."),
    Action("view.back", ("escape",), "Back", "One level back: filter, marks, zoom, screen.", EVERYWHERE),
    # Metrics
    Action("metrics.hours", ("t",), "Hour/day", "The last hour or the last day.", frozenset({Pane.METRICS})),
    # The app
    Action("app.palette", ("colon", "ctrl+p"), "Command", "All actions and panes by name.", EVERYWHERE),
    Action("app.log", ("at",), "Command log", "What was done, as command lines.", EVERYWHERE),
    Action("view.freeze", ("F",), "Freeze", "Stop the picture, or let it go on.", PANES),
    Action("view.refresh", ("ctrl+r",), "Refresh", "Read everything again.", PANES),
    Action("view.redraw", ("ctrl+l",), "Redraw", "Draw the screen again.", EVERYWHERE),
    Action("app.help", ("question_mark",), "Help", "The keys of this pane.", EVERYWHERE),
    Action("app.quit", ("q",), "Quit", "Leave the app; workers go on.", PANES),
    Action("job.close", ("q",), "Back", "Back to the lists.", _OUTPUT),
    Action("app.quit-anywhere", ("ctrl+q",), "Quit", "Leave the app from anywhere.", EVERYWHERE),
)  # fmt: skip
BY_NAME = {action.name: action for action in ACTIONS}


def allowed(action: Action, scope: str, job: Job | None, marked: bool, read_only: bool) -> bool | None:
    """Whether the action applies where the focus is: False hides it, None shows it greyed.

    `marked`: several jobs are meant; then what does not fit is skipped, whatever the cursor is on.
    """
    if not belongs(action, scope):
        return False
    if action.changes and read_only:
        return None
    if action.states is None or (marked and not action.one):
        return True
    return True if job is not None and job.state in action.states else None


def belongs(action: Action, scope: str) -> bool:
    """Whether the action can ever mean something there: a pane may list no job in a state for it."""
    listed = LISTS.get(Pane(scope)) if scope in JOBS else None
    never_fits = listed is not None and action.states is not None and action.states.isdisjoint(listed.states)
    return scope in action.scopes and not never_fits


FILTERING = ("filter.keep", "filter.clear")
"""What the keys mean while a filter is typed; all others are text then."""
ALWAYS = ("queue.undo", "app.help", "app.quit", "job.close")
"""What stands at the right of every footer."""
_VIEW = ("view.filter", "view.zoom-in", "app.palette")
_FOOTERS: dict[str, tuple[str, ...]] = {
    Pane.PENDING: (
        "queue.retry", "queue.open", "queue.new", "queue.edit", "queue.cancel", "queue.hold", "queue.next",
        "view.filter", "queue.mark", "queue.mark-all", "queue.delete", "view.zoom-in", "app.palette",
    ),
    Pane.PROCESSING: (
        "queue.open", "queue.cancel", "queue.kill", "queue.new", "queue.mark", "queue.mark-all", *_VIEW,
    ),
    Pane.DLQ: (
        "queue.retry", "queue.retry-with", "queue.edit", "queue.delete", "queue.mark", "queue.mark-all",
        "view.filter", "dlq.groups", "queue.open", "queue.new", "view.zoom-in", "app.palette",
    ),
    GROUPS: ("queue.retry", "queue.retry-with", "dlq.open-group", "queue.delete", "dlq.groups", *_VIEW),
    Pane.DONE: (
        "queue.open", "queue.retry", "queue.clone", "queue.edit", "queue.delete", "queue.mark", "queue.mark-all",
        *_VIEW,
    ),
    Pane.DETAIL: (
        "queue.open", "queue.retry", "queue.edit", "queue.cancel", "queue.kill", "queue.hold", "queue.next",
        "queue.delete", "queue.copy", "queue.pager", "queue.clone", "view.zoom-in", "app.palette",
    ),
    Pane.WORKERS: ("pool.add", "pool.scale", "pool.stop", "pool.kill", "pool.open", "view.zoom-in", "app.palette"),
    Pane.CONFIG: ("config.edit", "config.reset", "view.zoom-in", "app.palette"),
    Pane.METRICS: ("metrics.hours", "view.back", "view.freeze", "view.refresh", "app.log", "app.palette"),
    FILTER: FILTERING,
    JOB: (
        "output.follow", "output.search", "job.part", "queue.retry", "queue.cancel", "output.older", "output.next",
        "output.wrap", "queue.edit", "queue.pager", "queue.retry-with", "queue.delete", "app.palette",
    ),
}  # fmt: skip
"""What the footer has room for in each scope, most useful first."""


def footer(scope: str, undo: bool = False) -> list[Action]:
    """The actions that the footer of the scope shows as it has room, most useful first; `ALWAYS` at the end.

    `undo`: there is something to undo now.
    """
    always = [name for name in ALWAYS if scope in BY_NAME[name].scopes and (undo or name != "queue.undo")]
    return [BY_NAME[name] for name in (*_FOOTERS.get(scope, ()), *always)]


KEY_NAMES = {
    "slash": "/", "colon": ":", "equals_sign": "=", "plus": "+", "underscore": "_", "at": "@", "question_mark": "?",
    "left_square_bracket": "[", "right_square_bracket": "]", "pagedown": "PgDn", "pageup": "PgUp", "escape": "Esc",
    "up": "↑", "down": "↓", "left": "←", "right": "→", "shift+up": "shift+↑", "shift+down": "shift+↓",
    "enter": "Enter", "space": "Space", "tab": "Tab", "shift+tab": "shift+Tab", "home": "Home", "end": "End",
}  # fmt: skip


def key_name(key: str) -> str:
    """A key as people write it."""
    return KEY_NAMES.get(key, key)
