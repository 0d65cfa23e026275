"""The terminal that the app borrows: run an app on it, lend it to another program, give it back."""

from __future__ import annotations

import os
import select
import signal
import subprocess
import sys
import termios
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from types import FrameType
from typing import Any

from textual.app import App, SuspendNotSupported

from queuectl.errors import QueuectlError
from queuectl.tui.driver import ENDS, TerminalDriver

_INPUT = 0
_RESET = "".join(
    [
        "\x1b[?2026l",  # paint at once
        *(f"\x1b[?{mode}l" for mode in (1000, 1003, 1015, 1006, 1016)),  # mouse
        "\x1b[?2004l\x1b[?1004l\x1b[?2048l",  # pasting, focus, size reports
        "\x1b[?7h\x1b[0m\x1b[<u",  # wrap lines; no colour; keys as they were, before the screen is left
        "\x1b[?1049l\x1b[?25h",  # the other screen, the cursor
    ]
).encode()


def run(app: App[Any]) -> int:
    """Run an app on the terminal of standard input and standard error; returns its exit code.

    That is 128 and the number of the signal that ended it, if one did. Whatever happens, the terminal
    is as it was. What ended the app in `App._handle_exception` is raised.
    """
    before = _attributes()
    handlers = {number: signal.getsignal(number) for number in _HANDLED}
    app.driver_class = TerminalDriver
    try:
        app.run()
    finally:
        signal.alarm(0)
        driver = app._driver
        if isinstance(driver, TerminalDriver) and driver.drawing:
            give_back(before)
        for number, handler in handlers.items():
            signal.signal(number, handler)
        _let_go_if_gone()
    if app._exception is not None:
        raise app._exception
    return app.return_code or 0


_HANDLED = (*ENDS, signal.SIGALRM, signal.SIGTSTP, signal.SIGCONT, signal.SIGWINCH)


def give_back(attributes: list[Any] | None) -> None:
    """Last resort: make the terminal usable without the app; never waits for one that takes nothing."""
    screen = sys.__stderr__.fileno()  # type: ignore[union-attr] # it is a terminal
    with suppress(OSError, ValueError, termios.error):
        if select.select([], [screen], [], 0)[1]:
            os.write(screen, _RESET)
        if attributes is not None:
            termios.tcsetattr(_INPUT, termios.TCSANOW, attributes)
        termios.tcflush(_INPUT, termios.TCIFLUSH)


def run_program(app: App[Any], words: Sequence[str], environment: Mapping[str, str]) -> int:
    """Leave the terminal to another program until it ends; returns its code, or minus its signal's number.

    The app neither draws nor reads nor handles messages meanwhile. Ctrl+C and Ctrl+Z are the program's;
    a signal that ends the app ends it too. Raises OSError if it cannot be started.
    """
    failure: BaseException | None = None
    code = 0
    try:
        with app.suspend():
            try:
                code = _wait_for(words, environment)
            except BaseException as error:  # noqa: BLE001 - an exception that leaves `suspend` stops the app for ever
                failure = error
    except SuspendNotSupported:
        raise QueuectlError("there is no terminal to leave to another program") from None
    if failure is not None:
        raise failure
    return code


def _wait_for(words: Sequence[str], environment: Mapping[str, str]) -> int:
    screen = sys.__stderr__
    with _as_parent() as end_with_us:  # before there is a program: what is pressed in its first moment counts
        process = subprocess.Popen(words, env=environment, stdin=_INPUT, stdout=screen, stderr=screen)
        end_with_us(process)
        return _stopping_with(process)


def _stopping_with(process: subprocess.Popen[bytes]) -> int:
    """Wait for the program; stop when, and only after, it has stopped, so that the shell has the last word."""
    while True:
        try:
            now = os.waitid(os.P_PID, process.pid, os.WEXITED | os.WSTOPPED | os.WNOWAIT)
        except ChildProcessError:  # a signal's handler has seen its end
            return process.wait()
        if now is None or now.si_code != os.CLD_STOPPED:
            return process.wait()
        os.waitid(os.P_PID, process.pid, os.WSTOPPED | os.WNOHANG)
        os.kill(os.getpid(), signal.SIGSTOP)
        process.send_signal(signal.SIGCONT)


@contextmanager
def _as_parent() -> Iterator[Callable[[subprocess.Popen[bytes]], None]]:
    """Signals as whoever waits for a program in the foreground needs them; what it yields takes the program."""
    before: dict[int, Any] = {number: signal.getsignal(number) for number in (*ENDS, signal.SIGTSTP)}
    programs: list[subprocess.Popen[bytes]] = []
    ended = False

    def end_all(number: int, frame: FrameType | None) -> None:
        nonlocal ended
        ended = True
        for each in programs:
            each.terminate()
        handler = before[number]
        if callable(handler):
            handler(number, frame)

    def end_with_us(program: subprocess.Popen[bytes]) -> None:
        programs.append(program)
        if ended:
            program.terminate()

    for number in ENDS:
        if before[number] is not signal.SIG_IGN:
            signal.signal(number, end_all)
    for number in (signal.SIGINT, signal.SIGTSTP):  # ignored, they would be so in the program, too
        signal.signal(number, lambda *_: None)
    try:
        yield end_with_us
    finally:
        for each, handler in before.items():
            signal.signal(each, handler)


def _attributes() -> list[Any] | None:
    try:
        return termios.tcgetattr(_INPUT)
    except termios.error:
        return None


def _let_go_if_gone() -> None:
    """What Python still holds for a terminal that is gone must not spoil the exit code while it ends."""
    if _attributes() is None:
        nowhere = os.open(os.devnull, os.O_RDWR)
        for descriptor in (1, 2):
            if os.fstat(descriptor).st_rdev == os.fstat(_INPUT).st_rdev:
                os.dup2(nowhere, descriptor)
        os.close(nowhere)
