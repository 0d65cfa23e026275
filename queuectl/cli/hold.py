"""`queuectl hold`."""

from __future__ import annotations

from queuectl.cli.change import Manner, change, changes_jobs
from queuectl.cli.door import command as make_command
from queuectl.cli.door import open_queue
from queuectl.cli.selectors import Selection
from queuectl.core.lifecycle import Hold


@make_command("queuectl hold job-1", "queuectl hold --queue media --yes", name="hold")
@changes_jobs()
def command(selection: Selection, manner: Manner) -> None:
    """Keep waiting jobs from being run, until `queuectl release`.

    Named ids are changed all or none. A filter takes what fits and skips the rest; if it
    matches more than one job you are asked, or give --yes.
    """
    change(open_queue(create=True), selection, Hold(), "held", manner)
