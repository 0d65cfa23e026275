"""The pool's parent, which `worker start` becomes: forks dispatcher and workers, reaps and replaces them.

It opens no store and has one thread, so that what it forks shares its memory and inherits
neither a connection nor a lock but the pool's own.
"""

from __future__ import annotations

import contextlib
import gc
import os
import signal
import sys
import time
from collections.abc import Callable
from functools import partial

from queuectl.errors import QueuectlError
from queuectl.worker import descendants, descriptors, events
from queuectl.worker.channel import Channel, pair
from queuectl.worker.dispatcher import Dispatcher
from queuectl.worker.events import Events
from queuectl.worker.host import pool_record, start_ticks
from queuectl.worker.loop import Loop
from queuectl.worker.messages import Ended, Hired, Hung, Progress, Ready, Retired, StopAsked, Wanted
from queuectl.worker.plan import PoolPlan
from queuectl.worker.poolfile import PoolFile
from queuectl.worker.restarts import Restarts
from queuectl.worker.staff import Staff
from queuectl.worker.starter import Starter
from queuectl.worker.worker import run_worker

_PASSED_ON = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)
_CLEAN_LOOK_S = 0.02
_WHY_HINT = "QUEUECTL_DEBUG=1 shows where"


def run_pool(plan: PoolPlan) -> int:
    """Be a pool until it is told to stop; returns what the process exits with.

    That is 0 after a stop and 130 after a forced one. Raises QueuectlError, with its exit code,
    when the store cannot be used any more or the pool cannot work at all.
    """
    starter = Starter(plan.ready_fd)
    try:
        descriptors.check(plan.workers)
        return Keeper(plan, starter).run()
    except QueuectlError as error:
        starter.failed(error.message, error.hint, error.exit_code)
        raise


class Keeper:
    """Knows its processes by pid; everything about jobs is the dispatcher's."""

    def __init__(self, plan: PoolPlan, starter: Starter) -> None:
        self._plan, self._starter = plan, starter
        self._file = PoolFile.create(plan.place)
        if plan.ready_fd is not None:
            events.open_log(plan.place.log(self._file.name))
        self._events = Events(self._file.name, bounded=plan.ready_fd is not None)
        self._loop = Loop()
        self._life, self._life_end = os.pipe2(os.O_CLOEXEC)
        self._signalled, self._signal = os.pipe2(os.O_CLOEXEC | os.O_NONBLOCK)
        self._restarts = Restarts()
        self._staff = Staff(plan.workers)
        self._dispatcher: Channel | None = None
        self._dispatcher_pid = 0
        self._hire_at = 0.0
        self._stops = 0
        self._ready = self._has_worked = self._in_trouble = False
        self._ended: Ended | None = None

    def run(self) -> int:
        descendants.become_subreaper()
        self._take_signals()
        gc.collect()
        gc.freeze()  # what is forked from here shares these pages, as long as nobody counts through them
        while self._ended is None:
            self._replace(time.monotonic())
            self._loop.turn(self._patience_s())
            self._clean_up()
        self._staff.let_end([self._dispatcher_pid])
        self._file.remove()
        if self._ended.message:
            error = QueuectlError(self._ended.message, self._ended.hint)
            error.exit_code = self._ended.exit_code
            raise error
        return self._ended.exit_code

    def _take_signals(self) -> None:
        for number in (*_PASSED_ON, signal.SIGCHLD):
            signal.signal(number, lambda *_: None)
        signal.set_wakeup_fd(self._signal, warn_on_full_buffer=False)
        self._loop.watch(self._signalled, self._hear_signals)

    # --- forking ---

    def _replace(self, now: float) -> None:
        """Fork what is missing, unless deaths come too fast."""
        if now < self._hire_at or self._staff.to_clean_up:
            return
        if self._dispatcher is None:
            self._start_dispatcher()
        if not self._stops:
            for slot in self._staff.free_slots():
                self._hire(slot)

    def _start_dispatcher(self) -> None:
        ours, theirs = pair()
        record = pool_record(self._file.name, self._staff.wanted, self._plan.queues)
        first = not self._has_worked

        def be_dispatcher() -> None:
            ours.close()
            channel = Channel(theirs, takes_descriptors=True)
            try:
                Dispatcher(self._plan, self._file, channel, record, first).run()
            except QueuectlError as error:
                channel.send(Ended(error.exit_code, error.message, error.hint))

        pid = self._fork(be_dispatcher)
        theirs.close()
        if pid is None:
            ours.close()
            return
        self._dispatcher_pid, self._dispatcher, self._ready = pid, Channel(ours), False
        self._loop.watch(ours.fileno(), self._hear_dispatcher)
        if self._stops:
            self._dispatcher.send(StopAsked(self._stops > 1))

    def _hire(self, slot: int) -> None:
        dispatcher = self._dispatcher
        if dispatcher is None:
            return
        ours, theirs = pair()

        def be_worker() -> None:
            ours.close()
            dispatcher.close()

            run_worker(self._plan.place, Channel(theirs), self._life, partial(self._file.mark_begun, slot))

        pid = self._fork(be_worker)
        theirs.close()
        if pid is not None:
            self._staff.pids[slot] = pid
            with contextlib.suppress(OSError):  # a dispatcher that is gone is noticed by its closed socket
                dispatcher.send_with_descriptor(Hired(slot, pid, start_ticks(pid)), ours.fileno())
        ours.close()

    def _fork(self, child: Callable[[], None]) -> int | None:
        """The child's pid; None if the host has no room for another process, to be tried again."""
        try:
            pid = os.fork()
        except OSError as error:
            self._death(f"cannot fork: {os.strerror(error.errno or 0)}")
            return None
        if pid:
            return pid
        code = 1
        try:
            self._forget_parenthood()
            child()
            code = 0
        except BaseException as error:  # noqa: BLE001 - the last place to say why this process ends
            self._events.say(f"a process of the pool failed: {error!r}")
            if os.environ.get("QUEUECTL_DEBUG"):
                sys.excepthook(*sys.exc_info())
        finally:
            os._exit(code)

    def _forget_parenthood(self) -> None:
        signal.set_wakeup_fd(-1)
        for number in _PASSED_ON:
            signal.signal(number, signal.SIG_IGN)
        for descriptor in (self._life_end, self._signal, self._signalled):
            os.close(descriptor)
        self._starter.forget()

    # --- deaths ---

    def _hear_signals(self) -> None:
        for number in os.read(self._signalled, 512):
            if number == signal.SIGCHLD:
                self._reap()
            elif number != signal.SIGHUP or not self._stops:  # a closing terminal says it more than once
                self._stops += 1
                if self._dispatcher is not None:
                    self._dispatcher.send(StopAsked(self._stops > 1))

    def _reap(self) -> None:
        while True:
            try:
                pid, status = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                return
            if pid == 0:
                return
            how = _how(status)
            if pid == self._dispatcher_pid:
                self._lost_dispatcher(how)
            slot = self._staff.lost(pid, how)
            if slot is not None:
                self._death(f"w{slot} ended ({how})")

    def _lost_dispatcher(self, how: str) -> None:
        """Without one the workers end at once, and kill their commands; then all begins anew."""
        self._dispatcher_pid = 0
        if self._dispatcher is not None:
            self._hear_dispatcher()
        if self._dispatcher is not None:
            self._loop.forget(self._dispatcher.fileno())
            self._dispatcher.close()
            self._dispatcher = None
        if self._ended is None:
            self._staff.let_end([])
            self._death(f"the dispatcher ended ({how})")
            if not self._ready and (self._stops or not self._has_worked):
                self._ended = Ended(1, f"the dispatcher ended before it could work ({how})", _WHY_HINT)

    def _death(self, what: str) -> None:
        now = time.monotonic()
        pause = self._restarts.pause_s(now)
        self._hire_at = now + pause
        self._events.say(f"{what}; next try in {pause:g} s" if pause else what)
        self._say_trouble(f"{what}, again and again; next try in {pause:g} s" if pause else "")

    def _say_trouble(self, reason: str) -> None:
        """The dispatcher has reasons of its own in the same place: only ours is taken back."""
        if reason or self._in_trouble:
            self._in_trouble = bool(reason)
            self._file.say(reason)

    def _clean_up(self) -> None:
        """Kill what dead workers left, and only then say that they are gone."""
        if not self._staff.to_clean_up:
            return
        for gone in self._staff.clean_up([self._dispatcher_pid]):
            if self._dispatcher is not None:
                self._dispatcher.send(gone)

    def _patience_s(self) -> float | None:
        if self._staff.to_clean_up:
            return _CLEAN_LOOK_S
        missing = self._dispatcher is None or (self._staff.missing and not self._stops)
        return max(0.0, self._hire_at - time.monotonic()) if missing else None

    # --- the dispatcher's words ---

    def _hear_dispatcher(self) -> None:
        if self._dispatcher is None:
            return
        try:
            for message in self._dispatcher.receive():
                self._obey(message)
        except EOFError:
            self._loop.forget(self._dispatcher.fileno())  # its death is dealt with when it is reaped

    def _obey(self, message: object) -> None:
        match message:
            case Ready():
                self._ready = self._has_worked = True
                self._say_ready()
            case Wanted(count):
                self._staff.wanted = min(count, descriptors.most_workers())
            case Retired(slot):
                self._staff.retire(slot)
            case Hung(slot):
                self._staff.kill(slot)
            case Progress():
                self._restarts.progress()
                self._say_trouble("")
            case Ended():
                self._ended = message

    def _say_ready(self) -> None:
        count = len(self._staff.pids)
        self._events.say(f"{count} worker{'s' if count != 1 else ''} started")
        self._starter.ready(self._file.name)


def _how(status: int) -> str:
    code = os.waitstatus_to_exitcode(status)
    return f"exit {code}" if code >= 0 else signal.Signals(-code).name
