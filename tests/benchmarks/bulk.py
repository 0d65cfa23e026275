"""The jobs of the bulk: the same in the file of JSON and in the rows that are inserted bare."""

from __future__ import annotations

import json
from pathlib import Path

QUEUES = 7


def command_of(n: int) -> str:
    return f"ffmpeg -i in/{n:07}.mov -vf scale=1280:-2 out/{n:07}.mp4"


def priority_of(n: int) -> int:
    return n * 7919 % 10


def write_lines(path: Path, count: int) -> None:
    """A job object a line."""
    with path.open("w") as file:
        for n in range(1, count + 1):
            job = {"command": command_of(n), "queue": f"q{n % QUEUES}", "priority": priority_of(n)}
            file.write(json.dumps(job) + "\n")
