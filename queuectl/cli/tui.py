"""`queuectl tui`, which is `dashboard` too."""

from __future__ import annotations

from queuectl.cli.door import command as make_command
from queuectl.errors import QueuectlError


@make_command("queuectl tui", name="tui")
def command() -> None:
    """The full-screen app: it comes with the next release."""
    raise QueuectlError(
        "the full-screen app comes with the next release", "queuectl status and queuectl list show the jobs"
    )
