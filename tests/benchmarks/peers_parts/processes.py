"""Processes which are ended with all that they have started, and a gate that holds jobs back."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

STARTED_S = 60.0
_GRACE_S = 10.0
_LOOK_S = 0.005


@contextmanager
def fresh_folder(within: str | None = None) -> Iterator[Path]:
    """An empty folder with a short name, for a socket's is 107 characters at most."""
    with tempfile.TemporaryDirectory(prefix="qp-", dir=within, ignore_cleanup_errors=True) as folder:
        yield Path(folder)


@contextmanager
def running(
    command: Sequence[str], said: Path, env: Mapping[str, str], end: int = signal.SIGTERM, **more: object
) -> Iterator[None]:
    """A program in a session of its own, which is ended with its children; `said` has what it printed."""
    with said.open("ab") as output:
        process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=output, stderr=output, env=env, start_new_session=True, **more
        )  # type: ignore[call-overload]
    try:
        yield
    finally:
        os.kill(process.pid, end)  # `send_signal` would reap one that has ended
        with suppress(TimeoutError):
            until(lambda: _has_ended(process.pid), "its end", _GRACE_S)
        # It is not reaped yet, so that its number still stands for its group and for no other.
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def _has_ended(pid: int) -> bool:
    return os.waitid(os.P_PID, pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None


def until(condition: Callable[[], object], what: str, within_s: float, said: Path | None = None) -> None:
    """Wait until it holds. What was printed so far tells why it did not."""
    deadline = time.monotonic() + within_s
    while not condition():
        if time.monotonic() > deadline:
            end = said.read_text(errors="replace")[-2000:] if said and said.exists() else ""
            raise TimeoutError(f"waited {within_s:g} s for {what}\n{end}")
        time.sleep(_LOOK_S)


def patience_s(jobs: int) -> float:
    """For so many jobs: a second for five of them."""
    return STARTED_S + jobs / 5


def lacking(package: str, *programs: str) -> str | None:
    """Says that a program is not installed, if so."""
    gone = [program for program in programs if shutil.which(program) is None]
    return f"{', '.join(gone)} not installed (Debian: {package})" if gone else None


class Gate:
    """A FIFO which `commands` wait at until it is opened: what is queued behind them does not begin before."""

    def __init__(self, folder: Path) -> None:
        self._path = str(folder / "gate")
        os.mkfifo(self._path)
        # Both ends are open here, so that to open it never waits; a reader waits for our end to close.
        self._file = os.open(self._path, os.O_RDWR)
        self.command = ["sh", "-c", f"echo >> {folder}/arrived; read line < {self._path}"]
        self._arrived = folder / "arrived"

    def until_reached(self, count: int) -> None:
        until(lambda: self._arrived.exists() and self._arrived.stat().st_size >= count, "the gate", STARTED_S)

    def open(self) -> None:
        """For all who wait, and who come later find it gone; a second time does no harm."""
        if self._file >= 0:
            os.unlink(self._path)
            os.close(self._file)
            self._file = -1
