"""The full-screen app. `run` is the way in; importing the rest of this package costs what Textual costs."""

from __future__ import annotations

from collections.abc import Callable

from queuectl.queue import Queue


def run(location: str, connect: Callable[..., Queue], *, read_only: bool = False, temporary: bool = False) -> int:
    """Run the app over a store on the terminal until it is quit; returns the exit code.

    0 after quitting, 128 and its number after a signal. Raises QueuectlError if the app met a fault;
    what there is to know of it is kept beside the store, unless the store is `temporary`.
    """
    from queuectl.tui import crash, terminal  # Textual is loaded here and nowhere before
    from queuectl.tui.app import QueueApp

    try:
        return terminal.run(QueueApp(location, connect, read_only))
    except Exception as error:
        folder = None if temporary else location.removeprefix("sqlite:///") + ".d"
        raise crash.reported(error, folder) from error
