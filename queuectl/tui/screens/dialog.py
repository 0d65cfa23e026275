"""What all dialogs have in common: a box over the screen, whose body scrolls where there is no room for it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TypeVar

from textual import events
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widget import Widget
from textual.widgets import Static

from queuectl.core.plain import plain

Answer = TypeVar("Answer")

_FRAME_AND_FOOT = 3


class Dialog(ModalScreen[Answer]):
    """A box with a title, a body and a last line that always shows."""

    AUTO_FOCUS = ""
    DEFAULT_CSS = """
    Dialog {
        align: center middle;
        #box {
            width: 76; max-width: 100%; height: auto; max-height: 100%;
            border: round $primary; background: $surface; padding: 0 1;
        }
        #body { height: auto; }
        #foot { height: 1; }
        #how { height: 1; color: $text-muted; text-wrap: nowrap; text-overflow: ellipsis; }
        .row { height: auto; }
        .label { width: 10; color: $text-muted; }
        .value { width: 1fr; height: auto; }
    }
    """

    def __init__(self, title: str) -> None:
        super().__init__()
        self._title = title

    def body(self) -> Iterable[Widget]:
        """What the box holds."""
        return ()

    def foot(self) -> Iterable[Widget]:
        """Its last line, which never scrolls away."""
        return ()

    def compose(self) -> ComposeResult:
        box = Vertical(VerticalScroll(*self.body(), id="body", can_focus=False), *self.foot(), id="box")
        box.border_title = Content(plain(self._title))
        yield box

    def on_resize(self, event: events.Resize) -> None:
        self.query_one("#body").styles.max_height = max(event.size.height - _FRAME_AND_FOOT, 1)

    def scroll(self, key: str) -> bool:
        """Scroll the body if the key says so; whether it did."""
        body = self.query_one("#body", VerticalScroll)
        ways: dict[str, Callable[..., None]] = {
            "down": body.scroll_down, "j": body.scroll_down, "up": body.scroll_up, "k": body.scroll_up,
            "pagedown": body.scroll_page_down, "pageup": body.scroll_page_up,
            "home": body.scroll_home, "end": body.scroll_end,
        }  # fmt: skip
        if key not in ways:
            return False
        ways[key](animate=False)
        return True


def row(label: str, value: str, style: str = "") -> Horizontal:
    """A label with its value, which may take several lines; neither drives the terminal nor is markup."""
    text = plain(value, one_line=False)
    return Horizontal(
        Static(Content(plain(label)), classes="label"),
        Static(Content.styled(text, style) if style else Content(text), classes="value"),
        classes="row",
    )
