"""One shell command, from its start until nothing that it started is left."""

from __future__ import annotations

import errno
import os
import resource
import signal
import time
from collections.abc import Callable, Mapping
from typing import NamedTuple

from queuectl.core.attempt import Outcome, Result
from queuectl.core.units import duration_text
from queuectl.worker import descendants, descriptors
from queuectl.worker.clock import wall_ms
from queuectl.worker.messages import Assignment, End, Why
from queuectl.worker.output import Capture, Kept

_READ = 1 << 16
_DESCRIPTORS = 4
"""A handle of the process, a file of output, and two to look for what the command started."""
_NOT_ENOUGH = frozenset({errno.EAGAIN, errno.ENOMEM, errno.EMFILE, errno.ENFILE, errno.ENOSPC})
_DEFAULT_SIGNALS = frozenset(signal.valid_signals()) - {signal.SIGKILL, signal.SIGSTOP}


class HostTrouble(Exception):
    """The host could not start the command: no process, memory, file or disk was to be had."""


class CannotStart(Exception):
    """The command cannot be started on this host, now or later."""


class _Times(NamedTuple):
    """When the command began, by the clock on the wall (milliseconds) and by one that nobody sets (seconds)."""

    wall_ms: int
    monotonic_s: float

    @classmethod
    def now(cls) -> _Times:
        return cls(wall_ms(), time.monotonic())


class Command:
    """A command that runs. `ended` is readable when its shell has ended, `output` when it printed something."""

    def __init__(self, assignment: Assignment, environment: Mapping[str, str], capture: Capture) -> None:
        """Start it. Raises HostTrouble or CannotStart; then nothing is left of it."""
        self._assignment = assignment
        self._capture = capture
        self._began = _Times.now()
        self._pid, self.output = _start(assignment, environment)
        self.ended = _handle(self._pid, self.output)
        self._why: Why | None = None
        self._timed_out = False
        self._kill_at: float | None = None
        timeout = assignment.timeout_s
        self._time_limit_at = None if timeout is None else self._began.monotonic_s + timeout

    def deadline(self) -> float | None:
        """When `on_time` is to be called, by the monotonic clock in seconds; None: never."""
        moments = (self._time_limit_at, self._kill_at, self._capture.flush_at)
        return min((moment for moment in moments if moment is not None), default=None)

    def on_time(self, now: float) -> None:
        """Do what is due: write output down, end what ran too long, kill what did not end."""
        if self._capture.flush_at is not None and now >= self._capture.flush_at:
            self._capture.flush()
        if self._time_limit_at is not None and now >= self._time_limit_at:
            self._timed_out = True
            self._end(self._assignment.kill_grace_s, now)
        if self._kill_at is not None and now >= self._kill_at:
            self._kill_at = None
            descendants.terminate_all(signal.SIGKILL)

    def end(self, order: End, now: float) -> None:
        """End it because somebody asked; asking again can only shorten the grace."""
        if self._why is None or order.grace_s == 0:
            self._why = self._why or order.why
            self._end(order.grace_s, now)

    def _end(self, grace_s: float, now: float) -> None:
        self._time_limit_at = None
        if grace_s > 0:
            descendants.terminate_all()
        kill_at = now + grace_s
        self._kill_at = kill_at if self._kill_at is None else min(self._kill_at, kill_at)

    def note_end(self) -> None:
        """Its shell has ended: from here on it cannot run too long."""
        self._time_limit_at = None

    def read_output(self) -> bool:
        """Take what it printed; False once nobody can print any more."""
        try:
            data = os.read(self.output, _READ)
        except BlockingIOError:
            return True
        if data:
            self._capture.feed(data, time.monotonic())
        return bool(data)

    def in_grace(self) -> bool:
        """Whether it was asked to end and some of what it started still may use its grace to do so."""
        return self._kill_at is not None and bool(descendants.descendants([os.getpid()], {self._pid}))

    def finish(self, before_killing: Callable[[], None]) -> tuple[Result, Kept, Why | None]:
        """Reap it, kill what it left, and say what it came to. Call it when its shell has ended.

        `before_killing` is called if it left anything: to see that dead may take long.
        """
        _, status, usage = os.wait4(self._pid, 0)
        finished = _Times.now()
        cpu_s = usage.ru_utime + usage.ru_stime
        if descendants.has_children():
            before_killing()
            cpu_s += descendants.kill_all()
        self._drain()
        os.close(self.ended)
        kept = self._capture.finish()
        result = self._result(status, finished, cpu_s, usage.ru_maxrss, kept)
        return result, kept, self._why

    def _drain(self) -> None:
        """Take what is still in the pipe; whoever holds its other end now is none of ours and is not waited for."""
        while True:
            try:
                data = os.read(self.output, _READ)
            except BlockingIOError:
                break
            if not data:
                break
            self._capture.feed(data, time.monotonic())
        os.close(self.output)

    def _result(self, status: int, finished: _Times, cpu_s: float, max_rss_kib: int, kept: Kept) -> Result:
        code = os.waitstatus_to_exitcode(status)
        outcome, reason = self._outcome(code)
        last_line = self._capture.kept.last_line() if outcome is not Outcome.EXITED or code != 0 else ""
        return Result(
            outcome=outcome,
            started_at=self._began.wall_ms,
            finished_at=finished.wall_ms,
            duration_ms=round((finished.monotonic_s - self._began.monotonic_s) * 1000),
            exit_code=code if code >= 0 else None,
            signal=_signal_name(-code) if code < 0 else None,
            error=" · ".join(filter(None, (reason, last_line))) or None,
            cpu_s=cpu_s,
            max_rss_bytes=max_rss_kib * 1024 if max_rss_kib > _own_max_rss_kib() else None,
            output=kept.output,
            output_file=kept.file,
            output_bytes=self._capture.kept.total,
        )

    def _outcome(self, code: int) -> tuple[Outcome, str]:
        how = f"exit {code}" if code >= 0 else _signal_name(-code)
        if self._why is Why.CANCEL:
            return Outcome.CANCELLED, f"cancelled ({how})"
        if self._why is not None:
            return Outcome.INTERRUPTED, f"interrupted ({how})"
        if self._timed_out:
            return Outcome.TIMED_OUT, f"timed out after {duration_text(self._assignment.timeout_s or 0)} ({how})"
        if code < 0:
            return Outcome.SIGNALLED, how
        return Outcome.EXITED, how if code else ""


def _handle(pid: int, output: int) -> int:
    try:
        return os.pidfd_open(pid)
    except OSError as error:
        os.close(output)
        descendants.kill_all()
        raise HostTrouble(f"no handle of a process: {os.strerror(error.errno or 0)}") from error


def never_started(reason: str) -> Result:
    """The result of an attempt whose command cannot be started."""
    now = wall_ms()
    return Result(Outcome.NOT_STARTED, started_at=now, finished_at=now, duration_ms=0, error=reason)


def _start(assignment: Assignment, environment: Mapping[str, str]) -> tuple[int, int]:
    """Its process and the reading end of its output. The worker has one thread, so it may change its directory."""
    reading, writing = _pipe()
    try:
        os.chdir(assignment.cwd)
    except OSError as error:
        os.close(reading)
        os.close(writing)
        raise _sorted_out(error, f"cannot enter {assignment.cwd}") from error
    try:
        actions = [
            (os.POSIX_SPAWN_OPEN, 0, "/dev/null", os.O_RDONLY, 0),
            (os.POSIX_SPAWN_DUP2, writing, 1),
            (os.POSIX_SPAWN_DUP2, writing, 2),
        ]
        pid = os.posix_spawn(
            assignment.shell,
            _argv(assignment.shell, assignment.command),
            environment,
            file_actions=actions,
            setsid=True,
            setsigmask=(),
            setsigdef=_DEFAULT_SIGNALS,
        )
    except OSError as error:
        os.close(reading)
        raise _sorted_out(error, f"cannot start {assignment.shell}") from error
    finally:
        os.close(writing)
        os.chdir("/")
    return pid, reading


def _argv(shell: str, command: str) -> list[str]:
    """`--` keeps a command that begins like an option from being taken for one; not every shell knows it."""
    return [shell, "-c", "--", command] if command[:1] in ("-", "+") else [shell, "-c", command]


def _pipe() -> tuple[int, int]:
    try:
        reading, writing = os.pipe2(os.O_CLOEXEC)
        _check_room(reading, writing)
    except OSError as error:
        raise _sorted_out(error, "no descriptor for a command") from error
    os.set_blocking(reading, False)
    return reading, writing


def _check_room(reading: int, writing: int) -> None:
    """Raise OSError unless there are descriptors enough to see a command to its end, and to kill what it started."""
    try:
        descriptors.check_room(_DESCRIPTORS)
    except OSError:
        os.close(reading)
        os.close(writing)
        raise


def _sorted_out(error: OSError, what: str) -> HostTrouble | CannotStart:
    reason = f"{what}: {os.strerror(error.errno or 0)}"
    return HostTrouble(reason) if error.errno in _NOT_ENOUGH else CannotStart(reason)


def _signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"SIG{number}"


def _own_max_rss_kib() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
