"""`queuectl retry`."""

from __future__ import annotations

from queuectl.cli.change import Manner, change, changes_jobs
from queuectl.cli.door import command as make_command
from queuectl.cli.door import open_queue
from queuectl.cli.selectors import Selection
from queuectl.core.lifecycle import Retry


@make_command("queuectl retry job-1", "queuectl retry --state dead --queue media --yes", name="retry")
@changes_jobs()
def command(selection: Selection, manner: Manner) -> None:
    """Run jobs again.

    A job that has ended (dead, cancelled, completed) is pending again with all its attempts
    before it; one that waits for its retry (failed) is due now and keeps the attempts it made.

    Named ids are changed all or none. A filter takes what fits and skips the rest; if it
    matches more than one job you are asked, or give --yes.
    """
    change(open_queue(create=True), selection, Retry(), "retried", manner)
