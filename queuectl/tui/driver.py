"""Textual's driver for Linux, mended where a terminal or a signal could leave the app or the shell unusable.

What is mended was read and tried in textual 8.2.8. `tests/tui/test_upstream.py` shows each fault in the
unmended driver, and fails as soon as Textual has mended it itself: then the part here can go.
"""

from __future__ import annotations

import encodings.utf_8
import os
import select
import signal
import sys
from collections.abc import Callable
from contextlib import suppress
from itertools import chain
from types import FrameType
from typing import Any

from textual._xterm_parser import XTermParser
from textual.app import App
from textual.drivers.linux_driver import LinuxDriver

ENDS = (signal.SIGTERM, signal.SIGHUP, signal.SIGINT)
"""What ends the app; with 128 and its number, as shells expect. Ctrl+C is a key and no signal while it runs."""
STUCK_S = 4
"""How long the app may take to end; after that the process does."""
_BAD_INPUTS = 100
_ESCAPE_S = 0.02
"""How often it is looked whether an escape stands alone by now."""
_READ_BYTES = 4_096


class LenientDecoder(encodings.utf_8.IncrementalDecoder):
    """UTF-8 in which mistakes become U+FFFD; raises EOFError where there is no more input.

    The strict decoder ends the app at the first mouse report of the old kind, and takes the end of
    the input for a pause: then the driver asks again, for ever.
    """

    def __init__(self, errors: str = "replace") -> None:
        super().__init__(errors)

    def decode(self, data: Any, final: bool = False) -> str:
        if not data and not final:
            raise EOFError
        return super().decode(data, final)


class Screen:
    """The terminal as a file without a buffer; when nobody is at the other end, what is written vanishes."""

    def __init__(self, descriptor: int, encoding: str, on_gone: Callable[[], object]) -> None:
        self._descriptor = descriptor
        self._encoding = encoding
        self._on_gone = on_gone
        self._gone = False

    def write(self, text: str) -> None:
        rest = memoryview(text.encode(self._encoding, "replace"))
        while rest and not self._gone:
            try:
                rest = rest[os.write(self._descriptor, rest) :]
            except BlockingIOError:  # whoever shares the terminal made it so
                select.select([], [self._descriptor], [])
            except OSError:
                self._gone = True
                self._on_gone()

    def flush(self) -> None:
        """Nothing is held back."""

    def fileno(self) -> int:
        return self._descriptor


class TerminalDriver(LinuxDriver):
    """Ends, stops and continues in order, and outlives whatever comes from the terminal.

    Signals are only noted where they arrive, which can be anywhere, and dealt with by the event loop.
    """

    def __init__(self, app: App[Any], **settings: Any) -> None:
        super().__init__(app, **settings)
        self.drawing = False
        """Whether the terminal is the app's, so that it must be given back."""
        self._ended_by = 0
        self._wake = os.eventfd(0, os.EFD_CLOEXEC)
        self._file: Any = Screen(sys.__stderr__.fileno(), sys.__stderr__.encoding, self._lost)  # type: ignore[union-attr]
        for number in ENDS:
            if signal.getsignal(number) is not signal.SIG_IGN:  # as nohup leaves it
                signal.signal(number, self._asked_to_end)
        signal.signal(signal.SIGALRM, self._stuck)

    def _asked_to_end(self, number: int, _: FrameType | None) -> None:
        if self._ended_by:
            self._stuck()
        self._ended_by = number
        signal.alarm(STUCK_S)
        self._soon(self._app.exit, None, 128 + number)

    def _stuck(self, *_: object) -> None:
        """The loop does not answer (the terminal takes nothing, say): end without it."""
        from queuectl.tui.terminal import give_back  # which imports this module

        if self.drawing:
            give_back(self.attrs_before)
        os._exit(128 + (self._ended_by or signal.SIGHUP))

    def _lost(self) -> None:
        """The terminal is gone; its SIGHUP may be ignored, or go to somebody else."""
        self._soon(self._app.exit, None, 128 + signal.SIGHUP)

    def _soon(self, call: Callable[..., object], *arguments: object) -> None:
        with suppress(RuntimeError):  # the loop is closed: the app has ended already
            self._loop.call_soon_threadsafe(call, *arguments)

    def _sigtstp_application(self, *_: object) -> None:
        self._soon(self._app.call_later, self._stop)

    def _sigcont_application(self, *_: object) -> None:
        """Stopped by what cannot be caught: the shell has changed the terminal meanwhile."""
        if self.drawing and self._auto_restart:
            self._soon(self._app.call_later, self._begin_again)

    def _stop(self) -> None:
        with self._app.suspend():
            os.kill(os.getpid(), signal.SIGSTOP)

    def _begin_again(self) -> None:
        with self._app.suspend():
            pass

    def start_application_mode(self) -> None:
        while self._in_background():
            if self._ended_by:  # and the terminal is somebody else's
                os._exit(128 + self._ended_by)
            os.kill(os.getpid(), signal.SIGSTOP)
        self.drawing = True
        super().start_application_mode()  # type: ignore[no-untyped-call] # as Textual has it
        tell_size: Any = signal.getsignal(signal.SIGWINCH)
        # One handler may interrupt another between reading the size and telling it: the older would be last.
        signal.signal(signal.SIGWINCH, lambda *signalled: self._soon(tell_size, *signalled))

    def _in_background(self) -> bool:
        try:
            return os.tcgetpgrp(self.fileno) != os.getpgrp()
        except OSError:  # not a terminal that controls anybody
            return False

    def _disable_mouse_support(self) -> None:
        super()._disable_mouse_support()
        if self._mouse_pixels:
            self.write("\x1b[?1016l")

    def close(self) -> None:
        super().close()
        self.drawing = False

    def disable_input(self) -> None:
        os.eventfd_write(self._wake, 1)
        super().disable_input()
        os.eventfd_read(self._wake)

    def _run_input_thread(self) -> None:
        for _ in range(_BAD_INPUTS):
            try:
                return self.run_input_thread()
            except (OSError, EOFError):
                return self._lost()
            except Exception as error:  # noqa: BLE001 - nothing that a terminal sends may end the app
                last = error
        return self._soon(self._app._handle_exception, last)

    def run_input_thread(self) -> None:
        """Hand on what is typed. Sleeps until something comes, unless an escape may be the beginning of a key."""
        parser, decoder = XTermParser(self._debug), LenientDecoder()
        watched = [self.fileno, self._wake]
        while not self.exit_event.is_set():
            readable, _, _ = select.select(watched, [], [], None if parser._timeout_time is None else _ESCAPE_S)
            typed = decoder.decode(os.read(self.fileno, _READ_BYTES)) if self.fileno in readable else ""
            for message in chain(parser.feed(typed) if typed else (), parser.tick()):
                self.process_message(message)
