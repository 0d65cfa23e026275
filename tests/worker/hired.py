"""A worker process as its dispatcher and its keeper see it, and what commands tell the tests."""

import os
import select
import time
import traceback

import pytest

from queuectl.worker import descendants
from queuectl.worker.channel import Channel, pair
from queuectl.worker.messages import Assignment, End, Recall, Why
from queuectl.worker.poolfile import PoolFile
from queuectl.worker.worker import run_worker

SLOT = 1
LATE_S = 20
"""What has not happened by then never will."""


def await_readable(descriptor, timeout_s=LATE_S):
    poll = select.poll()
    poll.register(descriptor, select.POLLIN)
    if not poll.poll(timeout_s * 1000):
        pytest.fail(f"nothing came within {timeout_s} s")


def lives(pid):
    process = descendants.look_up(pid)
    return process is not None and process.state not in "ZX"


def await_death(pid):
    process = descendants.look_up(pid)
    if process is not None:
        assert descendants.await_end(process, LATE_S), f"{pid} lives on"


class Bell:
    """A FIFO into which commands write lines."""

    def __init__(self, path):
        self.path = path
        os.mkfifo(path)
        self._file = os.open(path, os.O_RDWR | os.O_NONBLOCK)
        self._heard = b""

    def hear(self):
        """The next line."""
        while b"\n" not in self._heard:
            await_readable(self._file)
            self._heard += os.read(self._file, 4096)
        line, _, self._heard = self._heard.partition(b"\n")
        return line.decode()

    def close(self):
        os.close(self._file)


class HiredWorker:
    """One worker process; `environment` is what its pool was started with, besides that of the tests."""

    def __init__(self, place, environment=None):
        self.place = place
        ours, theirs = pair()
        life, self._life_end = os.pipe()
        self.pid = os.fork()
        if self.pid == 0:
            ours.close()
            os.close(self._life_end)
            os.environ.update(environment or {})
            _be_worker(place, Channel(theirs), life)
        theirs.close()
        os.close(life)
        self.channel = Channel(ours)
        self._exit_code = None

    def assign(self, command, **fields):
        self.channel.send(an_assignment(command, **fields))

    def end(self, why=Why.CANCEL, grace_s=5.0, number=1):
        self.channel.send(End(number, 1, why, grace_s))

    def recall(self):
        self.channel.send(Recall())

    def report(self):
        while True:
            for message in self.channel.receive():
                return message
            await_readable(self.channel)

    def run(self, command, **fields):
        self.assign(command, **fields)
        return self.report()

    def output_of(self, command, **fields):
        return self.run(command, **fields).result.output.decode()

    def lose_dispatcher(self):
        self.channel.close()

    def lose_keeper(self):
        if self._life_end is not None:
            os.close(self._life_end)
            self._life_end = None

    def exit_code(self):
        """What it ended with, once it has ended."""
        if self._exit_code is None:
            await_death(self.pid)
            self._exit_code = os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])
        return self._exit_code

    def let_go(self):
        self.lose_dispatcher()
        self.lose_keeper()
        return self.exit_code()


def _be_worker(place, channel, life):
    code = 70
    try:
        file = PoolFile.create(place)
        run_worker(place, channel, life, lambda *mark: file.mark_begun(SLOT, *mark))
        code = 0
    except BaseException:  # noqa: BLE001 - nothing of the tests may go on in the child
        traceback.print_exc()
    finally:
        os._exit(code)


def an_assignment(command, **fields):
    given = {
        "number": 1,
        "fence": 1,
        "line": 0,
        "command": command,
        "cwd": "/",
        "env": {},
        "timeout_s": None,
        "kill_grace_s": 5.0,
        "log_limit_bytes": 1 << 20,
        "shell": "/bin/sh",
        "begin_before": time.monotonic() + LATE_S,
    }
    return Assignment(**{**given, **fields})
