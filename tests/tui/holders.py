"""A process that keeps a store to itself until it is killed: `python -m tests.tui.holders HOW STORE`.

`writing` has begun to write; `alone` has it open so that nobody else may even read; `recovering` is
in the midst of putting a -wal right that somebody left unfinished: others must wait to read.
"""

from __future__ import annotations

import fcntl
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

import apsw

_WRITE, _RECOVER = 120, 122
"""Bytes of the -shm whose locks SQLite calls so."""
_HEADERS_BYTES = 96


@contextmanager
def held(store: str, how: str) -> Iterator[subprocess.Popen[bytes]]:
    """Meanwhile another process has the store, until it is killed."""
    command = [sys.executable, "-m", "tests.tui.holders", how, store]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as holder:
        try:
            assert holder.stdout is not None
            assert holder.stdout.readline() == b"held\n"
            yield holder
        finally:
            holder.kill()


def _hold(how: str, store: str) -> object:
    """What must be kept for as long as the store shall be held."""
    if how == "recovering":
        file = os.open(f"{store}-shm", os.O_RDWR)
        for byte in (_WRITE, _RECOVER):
            fcntl.lockf(file, fcntl.LOCK_EX, 1, byte)
        os.pwrite(file, bytes(_HEADERS_BYTES), 0)
        return file
    connection = apsw.Connection(store)
    if how == "alone":
        connection.pragma("locking_mode", "exclusive")
    connection.execute("BEGIN IMMEDIATE")
    return connection


if __name__ == "__main__":
    kept = _hold(*sys.argv[1:])
    os.write(1, b"held\n")
    time.sleep(600)
