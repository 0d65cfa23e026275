"""One worker process: takes assignments, runs their commands one by one, reports what became of each."""

from __future__ import annotations

import contextlib
import os
import select
import signal
import time
from collections import deque
from collections.abc import Callable, Mapping

from queuectl.core.place import Place
from queuectl.worker import descendants
from queuectl.worker.channel import Channel
from queuectl.worker.command import CannotStart, Command, HostTrouble, never_started
from queuectl.worker.messages import Assignment, End, Recall, Report
from queuectl.worker.output import Capture

_AT_ONCE_MS = 3
_GRACE_LOOK_S = 0.05
_LONGEST_WAIT_S = 86_400.0
"""poll() takes no more than 24 days."""

MarkBegun = Callable[[int, int, int], None]
"""Notes in a line of the pool's file that the command of a number and fence begins."""


class Worker:
    """Runs one command at a time. `life` is readable once the keeper is gone."""

    def __init__(self, place: Place, channel: Channel, life: int, mark_begun: MarkBegun) -> None:
        self._place = place
        self._channel = channel
        self._life = life
        self._mark_begun = mark_begun
        self._environment = {name: value for name, value in os.environ.items() if not name.startswith("QUEUECTL_")}
        self._poll = select.poll()
        self._poll.register(channel.fileno(), select.POLLIN)
        self._poll.register(life, select.POLLIN)
        self._waiting: deque[Assignment] = deque()
        self._running: tuple[Assignment, Command] | None = None

    def serve(self) -> None:
        """Work until the dispatcher lets go of this worker, or it or the keeper is gone."""
        while True:
            # A report that is not on its way yet would be lost with a worker that dies in its next command.
            if self._waiting and not self._channel.unsent:
                self._channel.send(self._run(self._waiting.popleft()))
                continue
            self._poll.modify(self._channel.fileno(), select.POLLIN | (select.POLLOUT if self._channel.unsent else 0))
            if any(descriptor == self._life for descriptor, _ in self._poll.poll()):
                return
            self._channel.flush()
            try:
                self._obey_what_came()
            except EOFError:
                return

    def _run(self, assignment: Assignment) -> Report:
        number, fence = assignment.number, assignment.fence
        capture = Capture(self._place, number, fence, assignment.log_limit_bytes)
        environment: Mapping[str, str] = {**self._environment, **assignment.env}
        if time.monotonic() > assignment.begin_before:
            return Report(number, fence, None)
        self._mark_begun(assignment.line, number, fence)
        try:
            command = Command(assignment, environment, capture)
        except HostTrouble as trouble:
            return Report(number, fence, None, trouble=str(trouble))
        except CannotStart as reason:
            return Report(number, fence, never_started(str(reason)))
        self._running = assignment, command
        self._attend(command)
        self._running = None
        result, kept, why = command.finish(self._give_back_all)
        return Report(number, fence, result, why=why, scratch=kept.scratch)

    def _attend(self, command: Command) -> None:
        """Stay with the command until its shell has ended, and its grace is over if it has one."""
        self._poll.register(command.ended, select.POLLIN)
        printing, ended = False, self._ended_at_once(command)
        if not ended:
            self._poll.register(command.output, select.POLLIN)
            printing = True
        while not ended or command.in_grace():
            for descriptor, _ in self._poll.poll(self._patience_ms(command, ended)):
                if descriptor == command.ended:
                    ended = True
                    self._note_end(command)
                elif descriptor == command.output:
                    printing = command.read_output()
                    if not printing:
                        self._poll.unregister(command.output)
                else:
                    self._hear(descriptor)
            now = time.monotonic()
            command.on_time(now)
            self._give_back_late(now)
        if printing:
            self._poll.unregister(command.output)

    def _ended_at_once(self, command: Command) -> bool:
        """Whether it ends within a few milliseconds; what it prints can wait so long, and is read after its end."""
        ended = False
        for descriptor, _ in self._poll.poll(_AT_ONCE_MS):
            if descriptor == command.ended:
                ended = True
                self._note_end(command)
            else:
                self._hear(descriptor)
        return ended

    def _note_end(self, command: Command) -> None:
        command.note_end()
        self._poll.unregister(command.ended)

    def _patience_ms(self, command: Command, ended: bool) -> float | None:
        """How long to wait for an event; in grace nothing tells of the end of what is not our child."""
        deadline = command.deadline()
        if self._waiting:
            late_at = self._waiting[0].begin_before
            deadline = late_at if deadline is None else min(deadline, late_at)
        wait = None if deadline is None else max(0.0, deadline - time.monotonic())
        if ended:
            wait = min(_GRACE_LOOK_S, wait or _GRACE_LOOK_S)
        return None if wait is None else min(wait, _LONGEST_WAIT_S) * 1000

    def _hear(self, descriptor: int) -> None:
        if descriptor == self._life:
            self._abandon()
        try:
            self._obey_what_came()
        except EOFError:
            self._abandon()

    def _obey_what_came(self) -> None:
        """Raises EOFError once the dispatcher is gone."""
        for message in self._channel.receive():
            match message:
                case Assignment():
                    self._waiting.append(message)
                case End():
                    self._end(message)
                case Recall():
                    self._give_back_all()

    def _end(self, order: End) -> None:
        """What has been reported already is not here any more."""
        if self._running is not None and _is_meant(self._running[0], order):
            self._running[1].end(order, time.monotonic())
        for waiting in [each for each in self._waiting if _is_meant(each, order)]:
            self._waiting.remove(waiting)
            self._channel.send(Report(order.number, order.fence, None, why=order.why))

    def _give_back_late(self, now: float) -> None:
        """Another worker may have time for what cannot begin here."""
        while self._waiting and now > self._waiting[0].begin_before:
            self._give_back(1)

    def _give_back_all(self) -> None:
        self._give_back(len(self._waiting))

    def _give_back(self, count: int) -> None:
        for _ in range(count):
            waiting = self._waiting.popleft()
            self._channel.send(Report(waiting.number, waiting.fence, None))

    def _abandon(self) -> None:
        """Dispatcher or keeper is gone: whoever comes next runs the job again, so it must not go on here."""
        descendants.kill_all()
        os._exit(1)


def _is_meant(assignment: Assignment, order: End) -> bool:
    return (assignment.number, assignment.fence) == (order.number, order.fence)


def _keep_descriptors() -> None:
    """Let no command have what this process inherited, such as the lock that whoever started the pool holds."""
    for entry in os.listdir("/proc/self/fd"):
        with contextlib.suppress(OSError):
            os.set_inheritable(int(entry), False)


def run_worker(place: Place, channel: Channel, life: int, mark_begun: MarkBegun) -> None:
    """Be a worker process, from just after the fork to the end."""
    for number in (signal.SIGINT, signal.SIGHUP, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    descendants.become_subreaper()
    _keep_descriptors()
    os.chdir("/")
    Worker(place, channel, life, mark_begun).serve()
