"""Asking the store for something that may go wrong: then a toast says why, and the command log keeps it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from queuectl.errors import QueuectlError
from queuectl.queue import Queue
from queuectl.tui.desk import Desk

T = TypeVar("T")


async def tried(desk: Desk, line: str, call: Callable[[Queue], T]) -> T | None:
    """What the call returns; None if it failed, which has been told by then."""
    try:
        return await desk.ask(call)
    except QueuectlError as error:
        desk.tell_error(error)
        desk.note(line, error.message, failed=True)
        return None
