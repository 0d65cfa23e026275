"""Pools seen and started from another process."""

from __future__ import annotations

import json
import os
import sys
import threading
import time
from collections.abc import Sequence

from queuectl.core.place import Place
from queuectl.errors import QueuectlError
from queuectl.worker import poolfile

_READY_S = 30.0
_PACKAGE_PARENT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
"""So that a checkout that is not installed works as well, whatever the directory."""


class PoolControl:
    """What a person's commands need to know of pools besides the store (the port `PoolFiles`)."""

    def __init__(self, place: Place) -> None:
        self._place = place

    def alive(self, name: str) -> bool:
        return poolfile.alive(self._place, name)

    def reason(self, name: str) -> str:
        return poolfile.reason(self._place, name)

    def silent_s(self, name: str) -> float:
        try:
            return max(0.0, time.time() - os.stat(self._place.pool(name)).st_mtime)
        except OSError:
            return 0.0

    def start(self, count: int, queues: Sequence[str], drain: bool) -> str:
        """Start a pool in the background; returns its name once its workers stand.

        Raises what kept it from starting; what it started then ends by itself.
        """
        import subprocess  # 10 ms that only this needs

        reading, writing = os.pipe2(os.O_CLOEXEC)
        command = [sys.executable, "-m", "queuectl", "--db", self._place.store, "worker", "start"]
        command += ["--count", str(count), "--ready-fd", str(writing)]
        command += [word for queue in queues for word in ("--queue", queue)] + ["--drain"] * drain
        paths = filter(None, (_PACKAGE_PARENT, os.environ.get("PYTHONPATH")))
        with open(os.devnull, "r+b") as nothing:
            keeper = subprocess.Popen(
                command,
                stdin=nothing,
                stdout=nothing,
                stderr=nothing,
                pass_fds=[writing],
                start_new_session=True,
                cwd="/",
                env=os.environ | {"PYTHONPATH": os.pathsep.join(paths)},
            )
        # A caller that lives on, as the app does, must not keep it as a zombie once it has ended.
        threading.Thread(target=keeper.wait, daemon=True).start()
        os.close(writing)
        try:
            return _await_ready(reading)
        finally:
            os.close(reading)


def _await_ready(descriptor: int) -> str:
    """The name of the pool that says on this descriptor that it stands."""
    import select

    poll = select.poll()
    poll.register(descriptor, select.POLLIN)
    said = b""
    while not said.endswith(b"\n") and poll.poll(_READY_S * 1000):
        part = os.read(descriptor, 4096)
        if not part:
            break
        said += part
    words = json.loads(said) if said.endswith(b"\n") else {}
    if "name" in words:
        return str(words["name"])
    error = QueuectlError(
        words.get("error") or "the pool did not start",
        words.get("hint") or "`queuectl worker start` in the foreground shows why",
    )
    error.exit_code = int(words.get("exit_code") or 1)
    raise error
