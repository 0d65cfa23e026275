"""Attempts as the store's rows hold them."""

from __future__ import annotations

from queuectl.core.attempt import Attempt, Outcome
from queuectl.store.rows import Row


def attempt_of(row: Row) -> Attempt:
    """The attempt of a row that the statement `attempts` gives."""
    fields: Row = (*row[:6], Outcome(row[6]), *row[7:])
    return Attempt(*fields)
