"""`queuectl tui`, which is `dashboard` too, and `queuectl` alone on a terminal."""

from __future__ import annotations

import os
import sys
from contextlib import closing, suppress

import click

from queuectl.cli.door import command as make_command
from queuectl.cli.door import folder_words, location, on_terminal
from queuectl.errors import BadValue, QueuectlError


@make_command("queuectl tui", "queuectl tui --read-only", name="tui")
@click.option("--read-only", is_flag=True, help="Look only: the store is opened read-only, and nothing can be changed.")
def command(read_only: bool = False) -> None:
    """Look at everything and act on it, full-screen. `queuectl` alone on a terminal does the same.

    ? shows the keys, q quits. Workers started there go on when it is closed. It needs a terminal
    for standard input and standard error; where there is none, status, list and the other commands
    show the same.
    """
    if reason := obstacle():
        raise BadValue(f"the app cannot be shown: {reason}", "queuectl status and queuectl list show the jobs")
    from queuectl.tui import run  # Textual takes a third of a second
    from queuectl.wiring import connect

    store, greeting = location(), ""
    if not read_only:
        with suppress(QueuectlError):  # the app says what is wrong, and what can be done
            made = folder_words()
            connect(store, create=True).close()
            greeting = made
    code = run(store, connect, read_only=read_only, greeting=greeting)
    with suppress(QueuectlError, OSError):  # it was said in the app, or nobody is there to hear it
        _tell_of_workers(store)
    click.get_current_context().exit(code)


def obstacle() -> str | None:
    """Why the app cannot be shown here; None if it can."""
    if not on_terminal(sys.stdin):
        return "standard input is no terminal"
    if not on_terminal(sys.stderr):
        return "standard error is no terminal"
    kind = os.environ.get("TERM", "")
    return f"this terminal has no cursor (TERM={kind})" if kind in {"", "dumb"} else None


def _tell_of_workers(store: str) -> None:
    from queuectl.cli.printing import note
    from queuectl.wiring import connect, location_of

    with closing(connect(store)) as queue:
        running = len(queue.pools.workers())
    if running:
        which = "" if store == location_of() else f" --db {_quoted(store)}"
        keep = "worker keeps" if running == 1 else "workers keep"
        what = "it" if running == 1 else "them"
        note(f"{running} {keep} running; stop {what} with queuectl{which} worker stop")


def _quoted(text: str) -> str:
    import shlex

    return shlex.quote(text)
