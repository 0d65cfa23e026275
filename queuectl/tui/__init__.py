"""The full-screen app. `run` is the way in; importing the rest of this package costs what Textual costs."""

from __future__ import annotations

import gc
import sys
from collections.abc import Callable

from queuectl.queue import Queue

_GARBAGE = (10_000, 10, 100)
"""Painting makes much that lives and nearly no garbage: to look for it as often as Python does took 50 ms a time."""
_SWITCH_S = 0.001
"""So soon the feed's thread makes room for the one that draws, and that for the one that writes to the terminal."""


def run(
    location: str,
    connect: Callable[..., Queue],
    *,
    read_only: bool = False,
    temporary: bool = False,
    greeting: str = "",
) -> int:
    """Run the app over a store on the terminal until it is quit; returns the exit code.

    0 after quitting, 128 and its number after a signal. Raises QueuectlError if the app met a fault;
    what there is to know of it is kept beside the store, unless the store is `temporary`. A
    `greeting` is shown at first.
    """
    gc.disable()
    from queuectl.tui import crash, terminal  # Textual is loaded here and nowhere before
    from queuectl.tui.app import QueueApp

    app = QueueApp(location, connect, read_only, greeting=greeting)
    gc.freeze()  # what was loaded is never garbage
    gc.set_threshold(*_GARBAGE)
    gc.enable()
    sys.setswitchinterval(_SWITCH_S)
    try:
        return terminal.run(app)
    except Exception as error:
        folder = None if temporary else location.removeprefix("sqlite:///") + ".d"
        raise crash.reported(error, folder) from error
