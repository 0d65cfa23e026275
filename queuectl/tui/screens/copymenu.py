"""What can be copied of a job."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum

from textual import events, on
from textual.content import Content
from textual.widget import Widget
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from queuectl.tui.screens.dialog import Dialog
from queuectl.tui.widgets.options import Options


class Copied(StrEnum):
    """Something that can be copied; the value is its key."""

    COMMAND = "c"
    LINE = "l"
    OUTPUT = "o"
    JSON = "j"
    REPORT = "f"


WORDS = {
    Copied.COMMAND: "the command",
    Copied.LINE: "the command line that adds the same job",
    Copied.OUTPUT: "the last 200 lines of output",
    Copied.JSON: "JSON",
    Copied.REPORT: "a failure report",
}


class CopyMenu(Dialog[Copied]):
    """What was chosen, by its letter or with Enter; left with Esc, None."""

    AUTO_FOCUS = "OptionList"
    DEFAULT_CSS = """
    CopyMenu {
        OptionList { height: auto; background: $surface; &, &:focus { border: none; } }
    }
    """

    def __init__(self, id: str) -> None:
        super().__init__(f"Copy of {id}")

    def body(self) -> Iterable[Widget]:
        options = [Option(Content.assemble((kind.value, "bold"), f"  {WORDS[kind]}"), kind.name) for kind in Copied]
        yield Options(*options, markup=False)

    def foot(self) -> Iterable[Widget]:
        yield Static(Content("a letter or enter copies · esc back"), id="how")

    @on(OptionList.OptionSelected)
    def _chosen(self, event: OptionList.OptionSelected) -> None:
        self.dismiss(list(Copied)[event.option_index])

    def on_key(self, event: events.Key) -> None:
        if event.key == "escape":
            event.stop()
            self.dismiss(None)
        elif event.key in list(Copied):
            event.stop()
            self.dismiss(Copied(event.key))
