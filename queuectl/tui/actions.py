"""The one registry of everything a key can do: bindings, footer, help, palette and the README's table come from it.

An action's `name` is stable: it is the id of its bindings. Every binding runs `do(name)`.
"""

from __future__ import annotations

from typing import NamedTuple

from queuectl.core.job import ENDED, WAITING, Job, State
from queuectl.tui.panes import LISTS, Pane

JOBS = frozenset(LISTS)
MAIN = frozenset(Pane)
JOB = "job"
"""The scope of the job screen, beside the panes of the main screen."""
JOBS_AND_JOB: frozenset[str] = JOBS | {Pane.DETAIL, JOB}

ANY_STATE = frozenset(State)
NOT_RUNNING = ANY_STATE - {State.PROCESSING}


class Action(NamedTuple):
    """One thing a person can do.

    `scopes` are the panes where its keys mean it. `states`: of the job under the cursor; None if
    it needs none. `rank` orders the footer, 0 keeps it out. `twin` is the command line that does
    the same. `changes`: not with --read-only.
    """

    name: str
    keys: tuple[str, ...]
    title: str
    help: str
    scopes: frozenset[str] = MAIN
    states: frozenset[State] | None = None
    rank: int = 0
    changes: bool = False
    twin: str = ""


def _deed(
    name: str,
    key: str,
    title: str,
    help: str,
    scopes: frozenset[str],
    rank: int,
    twin: str,
    states: frozenset[State] | None = None,
) -> Action:
    return Action(name, (key,), title, help, scopes, states, rank, changes=True, twin=twin)


_WORKERS = frozenset({Pane.WORKERS})
_CONFIG = frozenset({Pane.CONFIG})
_OUTPUT = frozenset({JOB})

ACTIONS: tuple[Action, ...] = (
    # Jobs
    _deed(
        "queue.retry", "r", "Retry", "Run dead, done or cancelled jobs again; one that waits for its retry, now.",
        JOBS_AND_JOB, 1, "queuectl retry ID", frozenset({*ENDED, State.FAILED}),
    ),
    _deed(
        "queue.retry-with", "R", "Retry…", "Retry after a delay, or at a rate.",
        JOBS_AND_JOB, 2, "queuectl retry ID --delay 5m --rate 10/s", frozenset({*ENDED, State.FAILED}),
    ),
    _deed(
        "queue.edit", "e", "Edit", "Edit a waiting job; one that has ended is edited and run again.",
        JOBS_AND_JOB, 3, "queuectl edit ID --command '…'", NOT_RUNNING,
    ),
    _deed(
        "queue.cancel", "x", "Cancel", "Stop jobs; running ones get SIGTERM, and SIGKILL after kill-grace.",
        JOBS_AND_JOB, 4, "queuectl cancel ID", frozenset({*WAITING, State.PROCESSING}),
    ),
    _deed(
        "queue.kill", "K", "Kill", "Stop running jobs at once, without grace.",
        JOBS_AND_JOB, 0, "queuectl cancel --force ID", frozenset({State.PROCESSING}),
    ),
    _deed(
        "queue.delete", "d", "Delete", "Remove jobs for good, with their attempts and output.",
        JOBS_AND_JOB, 5, "queuectl delete ID", NOT_RUNNING,
    ),
    _deed("queue.new", "n", "New", "Add a job.", JOBS | {Pane.DETAIL}, 6, "queuectl enqueue -- '…'"),
    _deed(
        "queue.clone", "c", "Clone", "A new job with the values of this one.",
        JOBS_AND_JOB, 0, "queuectl enqueue -- '…'", ANY_STATE,
    ),
    _deed(
        "queue.next", "i", "Run next", "Put a waiting job before all others.",
        JOBS_AND_JOB, 0, "queuectl edit ID --next", WAITING,
    ),
    _deed(
        "queue.hold", "H", "Hold/release", "Keep waiting jobs from being run, or let held ones run.",
        JOBS_AND_JOB, 0, "queuectl hold ID", WAITING,
    ),
    Action(
        "queue.undo", ("u",), "Undo", "Take back the last retry, cancel, hold, release or edit, for 10 s.",
        MAIN | {JOB}, changes=True,
    ),
    Action("queue.copy", ("y",), "Copy", "Copy the id.", JOBS_AND_JOB, ANY_STATE),
    Action(
        "queue.copy-menu", ("Y",), "Copy…", "Copy the command, command line, last 200 lines, JSON or a failure report.",
        JOBS_AND_JOB, ANY_STATE,
    ),
    Action(
        "queue.pager", ("o",), "Pager", "The output in $PAGER.",
        JOBS_AND_JOB, ANY_STATE, 0, twin="queuectl logs ID",
    ),
    Action(
        "queue.open", ("enter",), "Open", "All of the job: attempts and output.",
        JOBS, ANY_STATE, 7, twin="queuectl show ID",
    ),
    # Selecting
    Action("queue.mark", ("space",), "Mark", "Mark the job and move down.", JOBS, ANY_STATE, 8),
    Action(
        "queue.mark-range", ("v",), "Mark range", "Mark all from here to where the cursor goes; again to end.",
        JOBS, ANY_STATE,
    ),
    Action("queue.mark-up", ("shift+up",), "Mark up", "Mark and move up.", JOBS, ANY_STATE),
    Action("queue.mark-down", ("shift+down",), "Mark down", "Mark and move down.", JOBS, ANY_STATE),
    Action(
        "queue.mark-all", ("A",), "All matching", "Mark all that match the filter, seen or not.",
        JOBS, ANY_STATE, 9,
    ),
    Action("queue.unmark", ("M",), "Clear marks", "Forget all marks.", JOBS),
    Action(
        "dlq.groups", ("t",), "Group", "Dead jobs by error and back.",
        frozenset({Pane.DLQ}), rank=10, twin="queuectl dlq groups",
    ),
    Action(
        "view.filter", ("slash",), "Filter", "Show only what matches: words, cmd: err: exit: prio> age<; Esc clears.",
        JOBS, rank=11,
    ),
    Action("view.sort", ("s",), "Sort", "Next order: arrival, priority, age in state.", JOBS),
    Action("view.sort-reverse", ("S",), "Reverse", "Turn the order round.", JOBS),
    # Workers
    _deed(
        "pool.add", "n", "Add", "Start a pool of workers, or one worker more.",
        _WORKERS, 1, "queuectl worker start --detach",
    ),
    _deed(
        "pool.scale", "equals_sign", "Set count", "How many workers the pool has.",
        _WORKERS, 2, "queuectl worker scale N POOL",
    ),
    _deed("pool.stop", "x", "Stop", "Finish what runs, then end the pool.", _WORKERS, 3, "queuectl worker stop POOL"),
    _deed(
        "pool.kill", "K", "Kill", "End the pool now; its jobs go back.",
        _WORKERS, 4, "queuectl worker stop POOL --force",
    ),
    # Config
    _deed("config.edit", "e", "Edit", "Change the value.", _CONFIG, 1, "queuectl config set KEY VALUE"),
    _deed("config.reset", "d", "Default", "Back to the default.", _CONFIG, 2, "queuectl config reset KEY"),
    # Output, on the job screen
    Action("output.follow", ("f",), "Follow", "Stay at the end while it grows.", _OUTPUT, rank=8),
    Action("output.search", ("slash",), "Search", "Find text in the output.", _OUTPUT, rank=9),
    Action("output.next", ("n",), "Next", "The next match.", _OUTPUT, rank=10),
    Action("output.previous", ("N",), "Previous", "The match before.", _OUTPUT),
    Action("output.wrap", ("w",), "Wrap", "Break long lines, or cut them.", _OUTPUT, rank=11),
    Action(
        "output.older", ("left_square_bracket",), "Attempt before", "The output of the attempt before.",
        _OUTPUT, rank=12,
    ),
    Action("output.newer", ("right_square_bracket",), "Next attempt", "The output of the next attempt.", _OUTPUT),
    Action("job.part", ("tab",), "Part", "Output, attempts, or every field.", _OUTPUT, rank=7),
    Action("job.part-back", ("shift+tab",), "Part before", "The part before.", _OUTPUT),
    # Moving about
    Action("move.down", ("j", "down"), "Down", "Move down.", MAIN | {JOB}),
    Action("move.up", ("k", "up"), "Up", "Move up.", MAIN | {JOB}),
    Action("move.top", ("g", "home"), "Top", "To the first.", MAIN | {JOB}),
    Action("move.bottom", ("G", "end"), "Bottom", "To the last.", MAIN | {JOB}),
    Action("move.half-down", ("ctrl+d",), "Half a page down", "Half a page down.", MAIN | {JOB}),
    Action("move.half-up", ("ctrl+u",), "Half a page up", "Half a page up.", MAIN | {JOB}),
    Action("move.page-down", ("pagedown",), "Page down", "A page down.", MAIN | {JOB}),
    Action("move.page-up", ("pageup",), "Page up", "A page up.", MAIN | {JOB}),
    Action("focus.pending", ("1",), "Pending", "The pane of waiting jobs."),
    Action("focus.processing", ("2",), "Processing", "The pane of running jobs."),
    Action("focus.dlq", ("3",), "DLQ", "The pane of dead jobs."),
    Action("focus.workers", ("4",), "Workers", "The pane of pools and workers."),
    Action("focus.config", ("5",), "Config", "The pane of settings."),
    Action("focus.done", ("6",), "Done", "The pane of completed and cancelled jobs."),
    Action("focus.metrics", ("7",), "Metrics", "Charts of the last hour or day."),
    Action("focus.detail", ("0",), "Detail", "The pane of the job under the cursor."),
    Action("focus.next", ("tab", "l", "right"), "Next pane", "The next pane."),
    Action("focus.previous", ("shift+tab", "h", "left"), "Pane before", "The pane before."),
    Action("view.zoom-in", ("plus",), "Zoom", "The pane larger: half the screen, then all of it.", rank=12),
    Action("view.zoom-out", ("underscore",), "Zoom out", "The pane smaller."),
    Action("view.back", ("escape",), "Back", "One level back: filter, marks, zoom, screen.", MAIN | {JOB}),
    # The app
    Action("app.palette", ("colon", "ctrl+p"), "Command", "All actions and panes by name.", MAIN | {JOB}, rank=13),
    Action("app.log", ("at",), "Command log", "What was done, as command lines.", MAIN | {JOB}),
    Action("view.freeze", ("F",), "Freeze", "Stop the picture, or let it go on."),
    Action("view.refresh", ("ctrl+r",), "Refresh", "Read everything again."),
    Action("view.redraw", ("ctrl+l",), "Redraw", "Draw the screen again.", MAIN | {JOB}),
    Action("app.help", ("question_mark",), "Help", "The keys of this pane.", MAIN | {JOB}, rank=98),
    Action("app.quit", ("q",), "Quit", "Leave the app; workers go on.", rank=99),
    Action("job.close", ("q",), "Back", "Back to the lists.", _OUTPUT, rank=99),
    Action("app.quit-anywhere", ("ctrl+q",), "Quit", "Leave the app from anywhere.", MAIN | {JOB}),
)  # fmt: skip
BY_NAME = {action.name: action for action in ACTIONS}


def allowed(action: Action, scope: str, job: Job | None, marked: bool, read_only: bool) -> bool | None:
    """Whether the action applies where the focus is: False hides it, None shows it greyed.

    `marked`: jobs are marked; then what does not fit is skipped, whatever the cursor is on.
    """
    if scope not in action.scopes or _never_fits(action, scope):
        return False
    if action.changes and read_only:
        return None
    if action.states is None:
        return True
    if marked:
        return True
    return True if job is not None and job.state in action.states else None


def _never_fits(action: Action, scope: str) -> bool:
    """Whether no job that the pane can list is in a state for the action."""
    listed = LISTS.get(Pane(scope)) if scope in JOBS else None
    return listed is not None and action.states is not None and action.states.isdisjoint(listed.states)


def footer(scope: str) -> list[Action]:
    """The actions of the scope that the footer has room for, most useful first."""
    shown = [action for action in ACTIONS if action.rank and scope in action.scopes]
    return sorted(shown, key=lambda action: action.rank)


KEY_NAMES = {
    "slash": "/", "colon": ":", "equals_sign": "=", "plus": "+", "underscore": "_", "at": "@", "question_mark": "?",
    "left_square_bracket": "[", "right_square_bracket": "]", "pagedown": "PgDn", "pageup": "PgUp", "escape": "Esc",
    "up": "↑", "down": "↓", "left": "←", "right": "→", "shift+up": "shift+↑", "shift+down": "shift+↓",
    "enter": "Enter", "space": "Space", "tab": "Tab", "shift+tab": "shift+Tab", "home": "Home", "end": "End",
}  # fmt: skip


def key_name(key: str) -> str:
    """A key as people write it."""
    return KEY_NAMES.get(key, key)
