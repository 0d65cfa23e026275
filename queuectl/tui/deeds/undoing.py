"""Taking the last change back."""

from __future__ import annotations

import time

from queuectl.errors import QueuectlError
from queuectl.tui.desk import Desk, Target


async def undo(desk: Desk, _: Target) -> None:
    """Bring back what the last change found, as long as nothing has happened to it since."""
    last, desk.undo = desk.undo, None
    if last is None or time.monotonic() > last.until_s:
        desk.tell("Nothing to undo: a retry, cancel, hold, release or edit can be for 10 s", "warning")
        return
    what = f"undo of: {last.what}"
    try:
        changed = await desk.ask(lambda queue: queue.jobs.undo(last.before))
    except QueuectlError as error:
        desk.undo = last
        desk.tell_error(error)
        desk.note("", f"{what}: {error.message}", failed=True)
        return
    left = len(changed.skipped)
    outcome = f"{changed.changed:,} brought back" + (f", {left:,} had moved on" if left else "")
    desk.tell(outcome, "information" if changed.changed else "warning")
    desk.note("", f"{what}: {outcome}", failed=not changed.changed, skipped=changed.skipped)
