"""A small app on what stands between Textual and the terminal: `python -m tests.tui.small FOLDER`.

Keys do what the tests need. With `--bare` in place of the folder for logs it runs on Textual alone.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import suppress
from typing import ClassVar

from textual.app import App, ComposeResult
from textual.events import Resize
from textual.widgets import Input, Static
from textual.worker import Worker, WorkerState

from queuectl.errors import QueuectlError


class Small(App[None]):
    BINDINGS: ClassVar = [("q", "quit", "quit"), ("o", "page", "pager"), ("x", "fail", "fail"), ("w", "hang", "hang")]
    AUTO_FOCUS = None

    def compose(self) -> ComposeResult:
        yield Static("ready", id="said")
        yield Static("", id="size")
        yield Input(id="input", max_length=2_000_000)

    def on_resize(self, event: Resize) -> None:
        self.query_one("#size", Static).update(f"size {event.size.width}x{event.size.height}")

    def say(self, text: str) -> None:
        self.query_one("#said", Static).update(text)

    def key_i(self) -> None:
        self.query_one(Input).focus()
        self.say("now type")

    def on_input_changed(self, event: Input.Changed) -> None:
        self.say(f"{len(event.value)} characters")

    def key_k(self) -> None:
        self.say("k was pressed")

    def on_mouse_down(self, event: object) -> None:
        self.say("the mouse was pressed")

    def action_page(self) -> None:
        from queuectl.tui.output.pager import file_name, page  # as below

        self.run_worker(page(self, _output(), file_name("j12", 2)), exit_on_error=False)

    def on_worker_state_changed(self, event: Worker.StateChanged) -> None:
        if event.state is WorkerState.ERROR and isinstance(event.worker.error, QueuectlError):
            self.say(f"{event.worker.error.message}; {event.worker.error.hint}")
        elif event.state is WorkerState.SUCCESS:
            self.say("back from the pager")

    def action_fail(self) -> None:
        raise ZeroDivisionError("of all things\x1b[2J")

    def action_hang(self) -> None:
        while True:
            self._driver.write("x" * 10_000)

    def key_s(self) -> None:
        with suppress(ZeroDivisionError), self.suspend():
            self.action_fail()
        self.say("came back")


def _output() -> Iterator[bytes]:
    yield b"\x1b[31mred\x1b[0m \x1b]0;title\x07"
    for n in range(1, 200):
        yield f"line {n}\r\n".encode()


def main(args: list[str]) -> int:
    app = Small()
    if "--bare" not in args:
        from tests.tui.mended import run  # changes Textual's driver where it is loaded

        return run(app, args[0])
    app.run()
    return app.return_code or 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
