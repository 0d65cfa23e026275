"""The schema as a row of steps: 0001.sql makes version 1, each further file the next one."""

from __future__ import annotations

import os

import apsw

VERSION = 1
"""The version of the schema that this program reads and writes."""
APPLICATION_ID = 0x71637431
"""Says in the file's header that it is a store of queuectl."""

_FOLDER = os.path.dirname(__file__)


def migrate(connection: apsw.Connection, present: int) -> None:
    """Bring the schema from version `present` (0: nothing there) to VERSION.

    Belongs into a transaction: a process that dies half-way must leave the old version.
    """
    for version in range(present + 1, VERSION + 1):
        connection.execute(_step(version))
    connection.pragma("application_id", APPLICATION_ID)
    connection.pragma("user_version", VERSION)


def _step(version: int) -> str:
    with open(f"{_FOLDER}/{version:04}.sql", encoding="utf-8") as file:
        return file.read()
