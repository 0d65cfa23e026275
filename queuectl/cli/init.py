"""`queuectl init`, which is `init-db` and `config init-db` too."""

from __future__ import annotations

from queuectl.cli.door import command as make_command
from queuectl.cli.door import open_queue
from queuectl.cli.printing import say


@make_command("queuectl init", "queuectl --db ./jobs.db init", name="init")
def command() -> None:
    """Make the store, or upgrade it. Commands that write do so by themselves."""
    initialise()


def initialise() -> None:
    """Make the store and say where it is."""
    queue = open_queue(create=True)
    say(f"Database initialized at: {queue.location}")
