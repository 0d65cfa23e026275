"""Rows of pools and workers as the core's values."""

from __future__ import annotations

from queuectl.core.pool import PoolRecord, WorkerRecord
from queuectl.store.rows import Row, json_value


def pool_of(row: Row) -> PoolRecord:
    """The pool of a row of `pools`."""
    fields: Row = (*row[:8], tuple(json_value(row[8])), *row[9:])
    return PoolRecord(*fields)


def worker_of(row: Row) -> WorkerRecord:
    """The worker of a row of `workers`."""
    return WorkerRecord(*row)
