"""The program as people run it: a process, its exit code, standard output and standard error apart."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]


@dataclass
class Answer:
    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


class Program:
    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.store = folder / "queue.db"
        self.env = {
            "PATH": os.environ["PATH"],
            "HOME": str(folder),
            "QUEUECTL_DB_PATH": str(self.store),
            "PYTHONPATH": str(ROOT),
            "PYTHONPYCACHEPREFIX": os.path.join(tempfile.gettempdir(), f"queuectl-tests-{os.getuid()}"),
            "LANG": "C.UTF-8",
        }

    def start(self, *args: str, **settings: Any) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", "queuectl", *args]
        pipes: dict[str, Any] = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
        return subprocess.Popen(command, env=self.env, cwd=self.folder, **pipes | settings)

    def __call__(self, *args: str, stdin: str | bytes | None = None, code: int | None = None) -> Answer:
        with self.start(*args, stdin=subprocess.PIPE) as process:
            data = stdin.encode() if isinstance(stdin, str) else stdin
            out, err = process.communicate(data, timeout=60)
        answer = Answer(process.returncode, out.decode(), err.decode())
        assert "Traceback" not in answer.err
        assert code is None or answer.code == code, answer
        return answer

    def ok(self, *args: str, stdin: str | bytes | None = None) -> Answer:
        return self(*args, stdin=stdin, code=0)

    def jobs(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.ok("list", "--json").json
        return found


@pytest.fixture
def program(tmp_path: Path) -> Program:
    return Program(tmp_path)


@pytest.fixture
def pool(program: Program) -> Iterator[Program]:
    """The program, with a pool of two workers running."""
    program.ok("worker", "start", "--count", "2", "--detach")
    yield program
    program("worker", "stop", "--force", "--timeout", "20s")
