"""One job written anew, guarded by its version: after a person's change, and after its undoing."""

from __future__ import annotations

from queuectl.core.job import Job
from queuectl.errors import KeyTaken
from queuectl.store.connection import Database, Refused
from queuectl.store.rows import parameters_of


def write(database: Database, before: Job, after: Job, now: int) -> None:
    """Write `after` in place of `before`; call it within a transaction that has read `before`.

    Raises Conflict, and has written nothing, if another live job has its unique_key. Attempts
    remember what they ran as long as that is not the job's command.
    """
    try:
        database.change("change", parameters_of(after, now))
    except Refused as error:
        if before.unique_key is None:
            raise
        raise KeyTaken(before.id) from error
    if after.command != before.command:
        database.change("command_keep", {"command": before.command, "number": before.number})
        database.change("command_same", {"command": after.command, "number": before.number})
