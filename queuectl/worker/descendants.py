"""Who was started by whom, and ending all of it (Linux: /proc, pidfd, child subreapers).

A worker is a child subreaper: whatever a command leaves behind becomes the worker's own child, so
everything that a command started is found by parentage, sessions and groups notwithstanding.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import select
import signal
from collections.abc import Container, Iterable
from functools import cache
from typing import NamedTuple

_PR_SET_CHILD_SUBREAPER = 36
_PASS_S = 0.1
_ENOUGH_LOOKS = 2
_GLANCES = 5


class Process(NamedTuple):
    """A process of this host. `start_ticks` (clock ticks after boot) tells it from a later one with its number."""

    pid: int
    parent: int
    state: str
    start_ticks: int


def become_subreaper() -> None:
    """Adopt the orphans among this process's descendants. Raises OSError if the kernel refuses."""
    if _libc().prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "prctl(PR_SET_CHILD_SUBREAPER)")


@cache
def _libc() -> ctypes.CDLL:
    """Once for all that are forked from here: it makes classes, and each process would copy the pages of these."""
    return ctypes.CDLL(None, use_errno=True)


def look_up(pid: int) -> Process | None:
    """The process of that number, None if there is none."""
    try:
        with open(f"/proc/{pid}/stat", "rb") as file:
            stat = file.read()
    except OSError:
        return None
    # The name in parentheses may hold anything, parentheses and spaces included.
    fields = stat[stat.rindex(b")") + 2 :].split()
    return Process(pid, int(fields[1]), fields[0].decode(), int(fields[19]))


def running() -> list[Process]:
    """All processes of this pid namespace that are not dead yet."""
    return [process for process in _all() if process.state not in "ZX"]


def descendants(roots: Iterable[int], keep: Container[int] = ()) -> list[Process]:
    """What the roots started, directly or not, but for those in `keep` and what these started."""
    children: dict[int, list[Process]] = {}
    for process in _all():
        if process.pid not in keep:
            children.setdefault(process.parent, []).append(process)
    found: list[Process] = []
    todo = list(roots)
    while todo:
        for process in children.get(todo.pop(), ()):
            todo.append(process.pid)
            found.append(process)
    return [process for process in found if process.state not in "ZX"]


def _all() -> list[Process]:
    """All processes of this pid namespace, those included that began while it looked, within reason."""
    found: list[Process] = []
    seen: set[str] = set()
    for _ in range(_GLANCES):
        new = [entry for entry in os.listdir("/proc") if entry.isdecimal() and entry not in seen]
        if not new:
            break
        seen.update(new)
        found += filter(None, map(look_up, map(int, new)))
    return found


def send(process: Process, number: int) -> bool:
    """Signal exactly this process; False if it is gone, whoever has its number now, or is not ours."""
    try:
        return _signalled(process, number)
    except PermissionError:
        return False


def _signalled(process: Process, number: int) -> bool:
    """Whether the process was there to be signalled; raises PermissionError if it runs as another user."""
    handle = _handle(process)
    if handle is None:
        return False
    try:
        signal.pidfd_send_signal(handle, number)
    except ProcessLookupError:
        return False
    else:
        return True
    finally:
        os.close(handle)


def await_end(process: Process, timeout_s: float) -> bool:
    """Wait until the process is dead; False if it still lives after the time."""
    handle = _handle(process)
    if handle is None:
        return True
    try:
        poll = select.poll()
        poll.register(handle, select.POLLIN)
        return bool(poll.poll(timeout_s * 1000))
    finally:
        os.close(handle)


def has_children() -> bool:
    """Whether this process has any child, dead ones that were not reaped included."""
    try:
        os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT)
    except ChildProcessError:
        return False
    return True


def terminate_all(number: int = signal.SIGTERM, keep: Container[int] = ()) -> None:
    """Signal all descendants of this process once; stopped ones are woken to hear it."""
    for process in descendants([os.getpid()], keep):
        if send(process, number) and process.state == "T":
            send(process, signal.SIGCONT)


def kill_all() -> float:
    """Kill all descendants of this process, until none is left, and reap them.

    Returns the CPU seconds of those reaped. One that the kernel cannot end (in an uninterruptible
    wait) is waited for: until it is dead nobody may call its job ended. One that runs as another
    user is left alone.
    """
    cpu_s, looks_at_strangers = 0.0, 0
    while has_children() and looks_at_strangers < _ENOUGH_LOOKS:
        found = descendants([os.getpid()])
        looks_at_strangers = 0 if _kill_each(found) or not found else looks_at_strangers + 1
        cpu_s += reap()
    return cpu_s


def kill_below(root: int) -> None:
    """Kill all descendants of a process that is a child subreaper and stopped, so that none escapes or is added."""
    empty_looks = 0
    while empty_looks < _ENOUGH_LOOKS:
        empty_looks = 0 if kill_once(root=root) else empty_looks + 1


def kill_once(keep: Container[int] = (), root: int = 0) -> bool:
    """Kill the descendants of `root` (0: this process) but `keep` that one look finds; False if it found none.

    Only two looks in a row that find none say that none is left: one may miss a process whose
    parent dies while it looks. Those of another user do not count.
    """
    return _kill_each(descendants([root or os.getpid()], keep))


def _kill_each(found: list[Process]) -> bool:
    """Kill them, and wait a moment for it; False if there is none but of another user."""
    doomed = [process for process in found if _kill(process)]
    if doomed:
        await_end(doomed[0], _PASS_S)
    return bool(doomed)


def _kill(process: Process) -> bool:
    """Kill it unless it is gone already; False if it runs as another user."""
    try:
        _signalled(process, signal.SIGKILL)
    except PermissionError:
        return False
    return True


def reap(keep: Container[int] = ()) -> float:
    """Reap dead children but those in `keep`; returns their CPU seconds."""
    cpu_s = 0.0
    for process in _dead_children():
        if process.pid not in keep:
            with contextlib.suppress(ChildProcessError):
                usage = os.wait4(process.pid, os.WNOHANG)[2]
                cpu_s += usage.ru_utime + usage.ru_stime
    return cpu_s


def _dead_children() -> list[Process]:
    if not has_children():
        return []
    me = os.getpid()
    return [process for process in _all() if process.parent == me and process.state in "ZX"]


def _handle(process: Process) -> int | None:
    """A pidfd of exactly this process.

    The number is looked at again after the pidfd was opened: it cannot come to mean the recorded
    process later, so if it means it now, it meant it then.
    """
    try:
        handle = os.pidfd_open(process.pid)
    except OSError:
        return None
    now = look_up(process.pid)
    if now is None or now.start_ticks != process.start_ticks or now.state in "ZX":
        os.close(handle)
        return None
    return handle
