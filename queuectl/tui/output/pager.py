"""Output in the person's pager."""

from __future__ import annotations

import asyncio
import os
import shlex
import shutil
import tempfile
import threading
from collections.abc import Iterable
from typing import Any

from textual.app import App

from queuectl.core.plain import PlainStream
from queuectl.errors import NotFound, QueuectlError
from queuectl.tui.terminal import run_program

_DEFAULTS = (["less", "-R", "-+F"], ["more"])
"""`-+F`: with `-F`, which some have in LESS, a short text would be gone before it is read."""


def file_name(job_id: str, run: int) -> str:
    """The name under which a pager shows the output of an attempt."""
    return f"{job_id}-{run}.log"


async def page(app: App[Any], chunks: Iterable[bytes], name: str) -> None:
    """Show output in $PAGER (else less, else more) and come back when that ends.

    Colours stay, every other control sequence is made visible. The chunks are read in a thread and
    written to a file of that name in a new directory (0700) first, which goes again afterwards;
    meanwhile the app goes on, and cancelling stops that. Raises QueuectlError if there is no output
    or no pager, it fails, or there is no room.
    """
    words = _pager()
    cancelled = threading.Event()
    folder = ""
    try:
        folder = tempfile.mkdtemp(prefix="queuectl-")
        path = os.path.join(folder, name)
        if not await asyncio.to_thread(_write, path, chunks, cancelled):
            raise NotFound("no pager was opened: there is no output", "press o again once something is printed")
        code = run_program(app, [*words, path], _environment())
    except FileNotFoundError:
        raise QueuectlError(f"there is no program {words[0]!r}", "set PAGER to one that is installed") from None
    except OSError as error:
        raise QueuectlError(f"the pager cannot be used: {error.strerror}", f"PAGER is {shlex.join(words)}") from error
    finally:
        cancelled.set()
        if folder:
            shutil.rmtree(folder, ignore_errors=True)
    if code > 0:
        raise QueuectlError(f"{words[0]} ended with exit code {code}", "set PAGER to another program")


def _write(path: str, chunks: Iterable[bytes], cancelled: threading.Event) -> bool:
    """Whether there was anything to write."""
    stream = PlainStream(colours=True)
    with open(path, "x", encoding="utf-8", newline="") as file:
        for chunk in chunks:
            if cancelled.is_set():
                return False
            file.write(stream.feed(chunk))
        file.write(stream.end())
        return file.tell() > 0


def _pager() -> list[str]:
    given = os.environ.get("PAGER", "")
    try:
        words = shlex.split(given)
    except ValueError:
        raise QueuectlError(f"PAGER cannot be read: {given}", "it has a quote without its other half") from None
    if words and words != ["cat"]:  # it would be gone before it is read; other programs take it for "none", too
        return words
    for words in _DEFAULTS:
        if shutil.which(words[0]):
            return words
    raise QueuectlError("there is no pager", "install less, or set PAGER")


def _environment() -> dict[str, str]:
    """Ours; less shows colours, and the file itself, not what a preprocessor makes of it."""
    ours = {name: value for name, value in os.environ.items() if name not in {"LESSOPEN", "LESSCLOSE"}}
    return {"LESS": "R", **ours}
