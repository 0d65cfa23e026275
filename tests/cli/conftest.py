"""The program as people run it: a process, its exit code, standard output and standard error apart."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
PYCACHE = os.path.join(tempfile.gettempdir(), f"queuectl-tests-{os.getuid()}")


@dataclass
class Answer:
    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


class Starter:
    """Runs a module that serves as `tests/cli/starter.py` does; sequenced packets keep requests apart."""

    module = "tests.cli.starter"

    def __init__(self) -> None:
        self._requests, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            command = [sys.executable, "-m", self.module, str(theirs.fileno())]
            pycache = {"PYTHONPYCACHEPREFIX": PYCACHE, "LANG": "C.UTF-8"}
            self._process = subprocess.Popen(command, env=pycache, cwd=ROOT, pass_fds=[theirs.fileno()])

    def run(self, request: dict[str, object], files: list[int]) -> int:
        socket.send_fds(self._requests, [json.dumps(request).encode()], files)
        self._requests.settimeout(60)
        return int(self._requests.recv(100))

    def close(self) -> None:
        self._requests.close()
        self._process.wait(timeout=20)


class Program:
    def __init__(self, folder: Path, starter: Starter) -> None:
        self.folder = folder
        self._starter = starter
        self.store = folder / "queue.db"
        self.env = {
            "PATH": os.environ["PATH"],
            "HOME": str(folder),
            "QUEUECTL_DB_PATH": str(self.store),
            "PYTHONPATH": str(ROOT),
            "PYTHONPYCACHEPREFIX": PYCACHE,
            "LANG": "C.UTF-8",
        }

    def start(self, *args: str, **settings: Any) -> subprocess.Popen[bytes]:
        """A fresh interpreter, with pipes to its standard files."""
        command = [sys.executable, "-m", "queuectl", *args]
        pipes: dict[str, Any] = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
        return subprocess.Popen(command, env=self.env, cwd=self.folder, **pipes | settings)

    def __call__(self, *args: str, stdin: str | bytes | None = None, code: int | None = None) -> Answer:
        with tempfile.TemporaryFile() as given, tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
            given.write(stdin.encode() if isinstance(stdin, str) else stdin or b"")
            given.seek(0)
            request = {"args": args, "env": self.env, "folder": str(self.folder)}
            returned = self._starter.run(request, [file.fileno() for file in (given, out, err)])
            out.seek(0)
            err.seek(0)
            answer = Answer(returned, out.read().decode(), err.read().decode())
        assert "Traceback" not in answer.err
        assert code is None or answer.code == code, answer
        return answer

    def ok(self, *args: str, stdin: str | bytes | None = None) -> Answer:
        return self(*args, stdin=stdin, code=0)

    def jobs(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.ok("list", "--json").json
        return found


@pytest.fixture(scope="session")
def starter() -> Iterator[Starter]:
    starter = Starter()
    yield starter
    starter.close()


@pytest.fixture
def program(tmp_path: Path, starter: Starter) -> Program:
    return Program(tmp_path, starter)


@pytest.fixture
def pool(program: Program) -> Iterator[Program]:
    """The program, with a pool of two workers running."""
    program.ok("worker", "start", "--count", "2", "--detach")
    yield program
    program("worker", "stop", "--force", "--timeout", "20s")
