"""What keys do to jobs, pools and settings, by the names of `queuectl.tui.actions`."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from queuectl.tui.deeds import cancelling, copying, deleting, forms, holding, paging, pools, retrying, settings, undoing
from queuectl.tui.desk import Desk, Target

Deed = Callable[[Desk, Target], Awaitable[None]]
"""Tells what goes wrong itself, or raises QueuectlError."""

DEEDS: dict[str, Deed] = {
    "queue.retry": retrying.retry,
    "queue.retry-with": retrying.retry_with,
    "queue.edit": forms.edit,
    "queue.cancel": cancelling.cancel,
    "queue.kill": cancelling.kill,
    "queue.delete": deleting.delete,
    "queue.new": forms.new,
    "queue.clone": forms.clone,
    "queue.next": holding.run_next,
    "queue.hold": holding.hold,
    "queue.undo": undoing.undo,
    "queue.copy": copying.copy_id,
    "queue.copy-menu": copying.copy_something,
    "queue.pager": paging.show_output,
    "pool.add": pools.add,
    "pool.scale": pools.scale,
    "pool.stop": pools.stop,
    "pool.kill": pools.kill,
    "config.edit": forms.edit_setting,
    "config.reset": settings.reset,
}
