"""`queuectl delete`."""

from __future__ import annotations

from queuectl.cli.change import Manner, change, changes_jobs
from queuectl.cli.door import command as make_command
from queuectl.cli.door import open_queue
from queuectl.cli.selectors import Selection
from queuectl.core.lifecycle import Delete


@make_command("queuectl delete job-1", "queuectl delete --state cancelled --older-than 1d --yes", name="delete")
@changes_jobs()
def command(selection: Selection, manner: Manner) -> None:
    """Remove jobs for good, with their attempts and output.

    Any job but a running one: cancel that first.

    Named ids are changed all or none. A filter takes what fits and skips the rest; if it
    matches more than one job you are asked, or give --yes.
    """
    change(open_queue(create=True), selection, Delete(), "deleted", manner)
