"""Taking the last change back."""

from __future__ import annotations

import time

from queuectl.errors import QueuectlError
from queuectl.queue import Changed
from queuectl.tui.desk import Desk, Target, Undo

LISTED = " · @ lists them"


async def undo(desk: Desk, _: Target) -> None:
    """Bring back what the last change found, as long as nothing has happened to it since."""
    async with desk.turn:
        last, desk.undo = desk.undo, None
        if last is None or time.monotonic() > last.until_s:
            desk.tell(
                "Nothing to undo: for 10 s a retry, hold, release, edit or cancel of a waiting job can be", "warning"
            )
            return
        what = f"undo of: {last.what}"
        try:
            changed = await desk.ask(lambda queue: queue.jobs.undo(last.before))
        except QueuectlError as error:
            desk.undo = last
            desk.tell_error(error)
            desk.note("", f"{what}: {error.message}", failed=True)
            return
        desk.tell(_told(last, changed), "information" if changed.changed else "warning")
        desk.note(
            "",
            f"{what}: {_told(last, changed).removesuffix(LISTED)}",
            failed=not changed.changed,
            skipped=changed.skipped,
        )


def _told(undo: Undo, changed: Changed) -> str:
    """Of one job what it is now, or why it could not be; of several how many."""
    first, left = undo.before[0], len(changed.skipped)
    if changed.matched == 1:
        return f"Not undone: {changed.skipped[0][1]}" if left else f"Undone: {first.id} is {first.state} as before"
    return f"{changed.changed:,} undone" + (f", {left:,} not: they have moved since{LISTED}" if left else "")
