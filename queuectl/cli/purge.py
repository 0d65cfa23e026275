"""`queuectl purge`."""

from __future__ import annotations

from queuectl.cli.change import Manner, change, changes_jobs
from queuectl.cli.door import command as make_command
from queuectl.cli.door import open_queue
from queuectl.cli.selectors import Selection
from queuectl.core.lifecycle import Delete
from queuectl.core.selector import Either, Term

FINISHED = Either((Term("state", ":", "completed"), Term("state", ":", "cancelled")))


@make_command(
    "queuectl purge --older-than 7d --yes",
    "queuectl purge --all --dry-run",
    "queuectl purge --queue media",
    name="purge",
)
@changes_jobs(ids=False)
def command(selection: Selection, manner: Manner) -> None:
    """Remove completed and cancelled jobs, with their attempts and output.

    Dead jobs are never taken: `queuectl dlq purge` is for them. Pools remove completed jobs by
    themselves once they are older than `queuectl config get keep-completed`.
    """
    change(open_queue(create=True), selection.within(FINISHED), Delete(), "deleted", manner)
