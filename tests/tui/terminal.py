"""A program on a real pseudo-terminal: what it shows, every byte that it sends, and how it leaves it."""

from __future__ import annotations

import fcntl
import os
import re
import select
import signal
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Self

import pyte

from tests.cli.conftest import PYCACHE
from tests.tui.sequences import tokens

ROOT = Path(__file__).parents[2]
DEADLINE_S = 30.0
KEYS = {
    "enter": "\r", "esc": "\x1b", "tab": "\t", "shift+tab": "\x1b[Z", "space": " ", "backspace": "\x7f",
    "up": "\x1b[A", "down": "\x1b[B", "right": "\x1b[C", "left": "\x1b[D", "home": "\x1b[H", "end": "\x1b[F",
    "pgup": "\x1b[5~", "pgdn": "\x1b[6~", "delete": "\x1b[3~", "shift+up": "\x1b[1;2A", "shift+down": "\x1b[1;2B",
}  # fmt: skip
_COLOURS = re.compile(rb"\x1b\[[0-9;]*m")
MODES_OFF = {1000, 1003, 1004, 1006, 1015, 1016, 1049, 2004, 2026, 2048}
"""Private modes that a shell needs reset: mouse, focus, alternate screen, paste, held painting, size reports."""
MODES_ON = {7, 25}
"""Those that it needs set: line wrap, cursor."""
_IN_SHELL = 'exec "$@" 0<>"$0" 1>&0 2>&0'
"""Opened by the leader of a session, the terminal becomes the one that controls it."""


class Terminal:
    """Runs `python -m queuectl ARGS`, or any other command, on a pseudo-terminal of its own.

    Leaving the `with` block ends it for good. Every wait has a deadline, and what is on the screen
    is said when it passes.
    """

    def __init__(
        self,
        args: Sequence[str] = (),
        size: tuple[int, int] = (80, 24),
        env: Mapping[str, str] | None = None,
        command: Sequence[str] = (sys.executable, "-m", "queuectl"),
    ) -> None:
        self.recorded = bytearray()
        """Every byte that was sent to the terminal."""
        self._held = b""
        self._drawn = 0
        self._screen = pyte.Screen(*size)
        self._stream = pyte.ByteStream(self._screen)
        self._ours, self._theirs = os.openpty()
        self.resize(*size)
        self.attributes = termios.tcgetattr(self._theirs)
        words = ["/bin/sh", "-c", _IN_SHELL, os.ttyname(self._theirs), *command, *args]
        self.process = subprocess.Popen(words, env=environment(env or {}), cwd=ROOT, start_new_session=True)
        self.pid = self.process.pid

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        self.hang_up()
        os.close(self._theirs)

    def hang_up(self) -> None:
        """Take the terminal away, as a closed window or a lost connection does."""
        if self._ours >= 0:
            os.close(self._ours)
            self._ours = -1

    def resize(self, columns: int, lines: int) -> None:
        self._draw()
        self._screen.resize(lines, columns)
        fcntl.ioctl(self._ours, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))

    def press(self, *keys: str) -> None:
        """Keys by name (`enter`, `esc`, `ctrl+d`, `down`), others as they are (`3`, `/`, `err:resolve`)."""
        for key in keys:
            self.send(_bytes_of(key))
            if key == "esc":  # alone, or the next key would be taken for one with alt
                self.read_for(0.15)

    def send(self, data: bytes) -> None:
        """Raw input; reads meanwhile what the program answers, so that neither waits for the other."""
        rest = memoryview(data)
        deadline = time.monotonic() + DEADLINE_S
        while rest:
            assert time.monotonic() < deadline, f"the program reads nothing\n{self.text}"
            readable, writable, _ = select.select([self._ours], [self._ours], [], 0.1)
            if readable:
                self._read()
            if writable:
                rest = rest[os.write(self._ours, rest[:1024]) :]

    def until(self, text: str, within_s: float = DEADLINE_S) -> None:
        """Wait until a text is on the screen."""
        self.until_true(lambda: text in self.text, repr(text), within_s)

    def until_gone(self, text: str, within_s: float = DEADLINE_S) -> None:
        """Wait until a text is no longer on the screen."""
        self.until_true(lambda: text not in self.text, f"{text!r} to vanish", within_s)

    def until_true(self, condition: Callable[[], bool], what: str, within_s: float = DEADLINE_S) -> None:
        """Wait until it holds, reading meanwhile what the program sends."""
        deadline = time.monotonic() + within_s
        while not condition():
            assert time.monotonic() < deadline, f"waited {within_s:g} s for {what}; on the screen:\n{self.text}"
            if self._read_within(0.05):
                while self._read_within(0):
                    pass
            else:
                ended = self.process.poll()
                assert ended is None or condition(), f"ended with {ended} before {what}; on the screen:\n{self.text}"
                time.sleep(0.01)

    def settle(self, quiet_s: float = 0.08, within_s: float = DEADLINE_S) -> None:
        """Wait until nothing has come for a while: what was pressed has been drawn."""
        deadline = time.monotonic() + within_s
        while self._read_within(quiet_s):
            assert time.monotonic() < deadline, f"it draws without end\n{self.text}"

    def read_for(self, seconds: float) -> None:
        """Read what comes in that time: for what must not happen."""
        deadline = time.monotonic() + seconds
        while (left := deadline - time.monotonic()) > 0:
            if not self._read_within(left):
                time.sleep(min(left, 0.01))

    def wait_exit(self, within_s: float = DEADLINE_S) -> int:
        """Wait until the program ends; returns its code, or minus the number of a signal."""
        self.until_true(lambda: self.process.poll() is not None, "the program to end", within_s)
        while self._read_within(0):
            pass
        return self.process.returncode

    def kill(self, number: signal.Signals) -> None:
        os.kill(self.pid, number)

    def is_stopped(self) -> bool:
        """Whether a signal has stopped it (SIGSTOP, SIGTSTP)."""
        return Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()[0] == "T"

    @property
    def text(self) -> str:
        return "\n".join(self.screen_lines())

    def screen_lines(self) -> list[str]:
        """Not pyte's own `display`, which fails at half of a wide character."""
        self._draw()
        screen = self._screen
        rows = ("".join(screen.buffer[y][x].data for x in range(screen.columns)) for y in range(screen.lines))
        return [row.rstrip() for row in rows]

    def usable(self) -> None:
        """Fails, naming each, if anything of the terminal is not as it was before."""
        left = self.modes()
        wrong = [f"mode {mode} is on" for mode in sorted(MODES_OFF) if left.get(mode)]
        wrong += [f"mode {mode} is off" for mode in sorted(MODES_ON) if not left.get(mode, True)]
        if depth := self._pushed_keyboards():
            wrong.append(f"{depth} kitty keyboard modes are left")
        if self.attributes_now() != self.attributes:
            wrong.append("the line discipline is not as it was")
        assert not wrong, f"{wrong}\n{self.text}"

    def attributes_now(self) -> list[Any]:
        """Of the line discipline."""
        return termios.tcgetattr(self._theirs)

    def modes(self) -> dict[int, bool]:
        """The private modes that were set or reset, as they were left."""
        found = re.findall(rb"\x1b\[\?([0-9;]+)([hl])", self.recorded)
        return {int(mode): end == b"h" for numbers, end in found for mode in numbers.split(b";")}

    def _pushed_keyboards(self) -> int:
        depth = 0
        for found in re.findall(rb"\x1b\[([<>])[0-9]*u", self.recorded):
            depth = depth + 1 if found == b">" else max(depth - 1, 0)
        return depth

    def _read_within(self, seconds: float) -> bool:
        if self._ours < 0 or not select.select([self._ours], [], [], seconds)[0]:
            return False
        return self._read()

    def _read(self) -> bool:
        try:
            data = os.read(self._ours, 65_536)
        except OSError:  # nobody has the other end any more
            return False
        self.recorded += data
        return bool(data)

    def _draw(self) -> None:
        """What has come, when somebody looks, and without colours: pyte takes longer to draw than the app.

        Only what pyte understands; it takes the rest (kitty keys, questions) for text, or fails.
        """
        data, self._drawn = self._held + self.recorded[self._drawn :], len(self.recorded)
        shown = b""
        cut = b""
        for token in tokens(_COLOURS.sub(b"", data)):
            if token.kind == "cut":
                cut = token.data
            elif token.kind == "csi":
                shown += _simple(token.data)
            elif token.kind != "osc":
                shown += token.data
        self._held = cut
        self._stream.feed(shown)


def environment(extra: Mapping[str, str]) -> dict[str, str]:
    """What a person's shell would hand on, without what changes pictures from one machine to the next."""
    base: dict[str, Any] = {
        "PATH": os.environ["PATH"],
        "HOME": "/nonexistent",
        "TERM": "xterm-256color",
        "COLORTERM": "truecolor",
        "LANG": "C.UTF-8",
        "TZ": "UTC",
        "PYTHONPATH": str(ROOT),
        "PYTHONPYCACHEPREFIX": PYCACHE,
    }
    return base | dict(extra)


def _simple(sequence: bytes) -> bytes:
    """What pyte knows of a sequence; it has no second screen, so entering and leaving it clears the one."""
    if re.fullmatch(rb"\x1b\[\?1049[hl]", sequence):
        return b"\x1b[0m\x1b[2J\x1b[H"
    if re.fullmatch(rb"\x1b\[[0-9]+;[0-9;]*[A-GJ-Z]", sequence):
        return b""  # the beginning of one that a kill cut short, and a letter of what came next: pyte fails there
    return sequence if re.fullmatch(rb"\x1b\[\??[0-9;]*[A-Za-z]", sequence) else b""


def _bytes_of(key: str) -> bytes:
    if key in KEYS:
        return KEYS[key].encode()
    if found := re.fullmatch(r"ctrl\+(.)", key):
        return bytes([ord(found[1].upper()) & 0x1F])
    return key.encode()
