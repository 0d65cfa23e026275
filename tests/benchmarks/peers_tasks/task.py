"""What the jobs of library peers do; runs in the peers' own environment, in their workers."""

import os
import subprocess
import time

_FOLDER = os.environ["PEER_FOLDER"]
_LINE = 20
_DEADLINE_S = 60.0


def address() -> str:
    """Of the peer's store or server."""
    return os.environ["PEER_ADDRESS"]


def run(command: list[str]) -> int:
    """Run it without a shell and without keeping its output; what is noted takes 0.02 ms."""
    subprocess.run(command, check=True)
    _note("ends")
    return 0


def gate(workers: int) -> int:
    """Wait until each worker stands here: only then is the time taken, so that no start of a worker is inside."""
    _note("gates")
    deadline = time.monotonic() + _DEADLINE_S
    while os.stat(os.path.join(_FOLDER, "gates")).st_size < workers * _LINE:
        if time.monotonic() > deadline:
            raise TimeoutError("not all workers came")
        time.sleep(0.001)
    return 0


def _note(name: str) -> None:
    """Now, on a line of its own: opened for it, as some workers are a new process for each job."""
    file = os.open(os.path.join(_FOLDER, name), os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    os.write(file, b"%019d\n" % time.monotonic_ns())
    os.close(file)
