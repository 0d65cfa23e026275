"""`queuectl release`."""

from __future__ import annotations

from queuectl.cli.change import Manner, change, changes_jobs
from queuectl.cli.door import command as make_command
from queuectl.cli.door import open_queue
from queuectl.cli.selectors import Selection
from queuectl.core.lifecycle import Release


@make_command("queuectl release job-1", "queuectl release --all --yes", name="release")
@changes_jobs()
def command(selection: Selection, manner: Manner) -> None:
    """Let held jobs run again.

    Named ids are changed all or none. A filter takes what fits and skips the rest; if it
    matches more than one job you are asked, or give --yes.
    """
    change(open_queue(create=True), selection, Release(), "released", manner)
