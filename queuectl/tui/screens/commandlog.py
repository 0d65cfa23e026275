"""What was done in this session, as command lines."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from textual import events, on
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widget import Widget
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from queuectl.core.plain import cut, plain
from queuectl.tui.desk import Logged
from queuectl.tui.screens.dialog import Dialog
from queuectl.tui.widgets.options import Options

_WIDEST = 300
_UNSAID = "(in the app only)"


class CommandLog(Dialog[None]):
    """The newest first; below, the whole line that is under the cursor, what came of it and what was skipped."""

    AUTO_FOCUS = "OptionList"
    DEFAULT_CSS = """
    CommandLog {
        #box { width: 100%; height: 100%; }
        #body { height: 1fr; }
        OptionList { height: auto; &, &:focus { border: none; background: $surface; background-tint: $surface 0%; } }
        #whole { height: auto; max-height: 50%; border-top: solid $primary; }
    }
    """

    def __init__(self, entries: Sequence[Logged]) -> None:
        super().__init__("Command log")
        self._entries = tuple(reversed(entries))

    def body(self) -> Iterable[Widget]:
        if self._entries:
            yield Options(*[Option(_short(entry)) for entry in self._entries], markup=False)
        else:
            yield Static(Content("Nothing was done yet."))

    def foot(self) -> Iterable[Widget]:
        yield VerticalScroll(Static(id="line"), id="whole", can_focus=False)
        yield Static(Content("y copies the line · esc back"), id="how")

    @on(OptionList.OptionHighlighted)
    def _pointed(self, event: OptionList.OptionHighlighted) -> None:
        self.query_one("#line", Static).update(_whole(self._entries[event.option_index]))

    def on_key(self, event: events.Key) -> None:
        if event.key in {"escape", "at", "q"}:
            self.dismiss(None)
        elif event.key == "y":
            self._copy()
        elif not self._move(event.key):
            return
        event.stop()

    def _move(self, key: str) -> bool:
        """Move as in a list of jobs; whether the key says so. The list itself knows the arrow keys."""
        for entries in self.query(OptionList):
            ways = {
                "j": entries.action_cursor_down, "k": entries.action_cursor_up,
                "g": entries.action_first, "G": entries.action_last,
            }  # fmt: skip
            if key in ways:
                ways[key]()
                return True
        return False

    def _copy(self) -> None:
        for entries in self.query(OptionList):
            line = self._entries[entries.highlighted or 0].line
            if line:
                self.app.copy_to_clipboard(plain(line, one_line=False))
                self.app.notify("Copied the line", markup=False)


def _short(entry: Logged) -> Content:
    at = f"{datetime.fromtimestamp(entry.at / 1000).astimezone():%H:%M:%S}"
    mark = ("✗", "$text-error") if entry.failed else ("✓", "$text-success")
    line = cut(plain(entry.line or _UNSAID), _WIDEST)
    return Content.assemble((at, "dim"), " ", mark, f" {line}", (f"  → {cut(plain(entry.outcome), 80)}", "dim"))


def _whole(entry: Logged) -> Content:
    skipped = [f"\n  {plain(reason)}" for _, reason in entry.skipped]
    outcome = (f"\n{plain(entry.outcome)}", "$text-error" if entry.failed else "")
    return Content.assemble(plain(entry.line or _UNSAID, one_line=False), outcome, *skipped)
