"""A command that says when it began, and the moment of a commit: the two ends of a start."""

from __future__ import annotations

import os
import select
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import apsw

from tests.patience import DEADLINE_S

_SOURCE = Path(__file__).with_name("stamp.c")
_IN_PYTHON = (
    "import time; now = time.monotonic_ns(); import os, sys; "
    "os.write(os.open(sys.argv[1], os.O_WRONLY), b'%d\\n' % now)"
)


class Stamps:
    """A FIFO and the program that writes into it when it began; `how` says what it is.

    It is compiled, and linked statically, for what it takes to load is not ours. Without a
    compiler Python notes the time, some 10 ms late on both sides.
    """

    def __init__(self, folder: Path) -> None:
        self.path = str(folder / "stamps")
        os.mkfifo(self.path)
        self._file = os.open(self.path, os.O_RDWR)
        self._heard = b""
        self.argv, self.how = self._compiled(folder)

    def _compiled(self, folder: Path) -> tuple[list[str], str]:
        compiler = shutil.which("cc") or shutil.which("gcc")
        program = str(folder / "stamp")
        for extra in (["-static"], []):
            build = [compiler or "", "-O2", *extra, "-o", program, str(_SOURCE)]
            if compiler and subprocess.run(build, capture_output=True).returncode == 0:
                return [program, self.path], "a static program in C" if extra else "a program in C"
        return [sys.executable, "-I", "-S", "-E", "-c", _IN_PYTHON, self.path], "Python, for want of a compiler"

    def next_ns(self) -> int:
        """When the next one began."""
        while b"\n" not in self._heard:
            ready, _, _ = select.select([self._file], [], [], DEADLINE_S)
            assert ready, "no command began"
            self._heard += os.read(self._file, 4096)
        line, _, self._heard = self._heard.partition(b"\n")
        return int(line)

    def close(self) -> None:
        os.close(self._file)


class Commits:
    """When connections that are opened inside `noted` committed last, by the monotonic clock."""

    def __init__(self) -> None:
        self.last_ns = 0

    @contextmanager
    def noted(self) -> Iterator[None]:
        apsw.connection_hooks.append(self._hook)
        try:
            yield
        finally:
            apsw.connection_hooks.remove(self._hook)

    def _hook(self, connection: apsw.Connection) -> None:
        connection.trace_v2(apsw.SQLITE_TRACE_PROFILE, self._statement_ended)

    def _statement_ended(self, event: dict[str, object]) -> None:
        if event.get("sql") == "COMMIT":
            self.last_ns = time.monotonic_ns()
