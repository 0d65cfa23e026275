"""The fields of a form: what is typed or pasted is what is sent, and what a terminal must not get has stand-ins."""

from __future__ import annotations

from collections.abc import Sequence

from textual import events
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Checkbox, Input, Label, Static, TextArea

from queuectl.core.plain import plain
from queuectl.tui.desk import content
from queuectl.tui.forms.exacttext import ExactText


class LineField(Input):
    """A field of one line."""

    def __init__(self, key: str, text: str, placeholder: str) -> None:
        self._kept = ExactText.of(text, one_line=True)
        super().__init__(self._kept.shown, content(placeholder).plain, compact=True, id=key, select_on_focus=False)

    def fill(self, text: str) -> None:
        """Put this in place of what is in it."""
        self._kept = ExactText.of(text, one_line=True)
        self.value = self._kept.shown

    @property
    def text(self) -> str:
        """What is to be sent."""
        self._kept.became(self.value, self.cursor_position)
        return self._kept.exact

    def _on_paste(self, event: events.Paste) -> None:
        event.stop()
        event.prevent_default()
        self._paste(event.text)

    def action_paste(self) -> None:
        self._paste(self.app.clipboard)

    def _paste(self, text: str) -> None:
        """Its first line, as Input does."""
        start, end = sorted(self.selection)
        self._kept.became(self.value, self.cursor_position)
        self.replace(self._kept.paste(start, end, _unix(text).partition("\n")[0]), start, end)


class TextField(TextArea):
    """A field of several lines. With `lines` each of them is a value of its own, which may hold line breaks itself."""

    def __init__(self, key: str, kept: ExactText, placeholder: str) -> None:
        self._kept = kept
        shown = content(placeholder)
        super().__init__(kept.shown, id=key, compact=True, placeholder=shown, highlight_cursor_line=False)

    def fill(self, kept: ExactText) -> None:
        """Put this in place of what is in it."""
        self._kept = kept
        self.text = kept.shown

    @property
    def exact(self) -> ExactText:
        """What is to be sent."""
        self._kept.became(self.text, self._offset(self.cursor_location))
        return self._kept

    async def _on_paste(self, event: events.Paste) -> None:
        event.stop()
        event.prevent_default()
        self._paste(event.text)

    def action_paste(self) -> None:
        self._paste(self.app.clipboard)

    def _paste(self, text: str) -> None:
        start, end = sorted(self.selection)
        self._kept.became(self.text, self._offset(self.cursor_location))
        done = self.replace(self._kept.paste(self._offset(start), self._offset(end), _unix(text)), start, end)
        self.move_cursor(done.end_location)

    def get_cursor_line_start_location(self, smart_home: bool = False) -> tuple[int, int]:  # noqa: ARG002
        """Of the line itself, where Textual's is the start of the row that the line is broken into."""
        return self.cursor_location[0], 0

    def get_cursor_line_end_location(self) -> tuple[int, int]:
        """Of the line itself too."""
        row = self.cursor_location[0]
        return row, len(self.document[row])

    def _offset(self, place: tuple[int, int]) -> int:
        """How many characters stand before a place, which is a line and a column."""
        return sum(len(line) + 1 for line in self.document.lines[: place[0]]) + place[1]


class BoxField(Checkbox):
    """A box to tick, which says what it holds without colours too."""

    def render(self) -> Content:
        label = self.label.pad(1, 1).stylize_before(self.get_visual_style("toggle--label"))
        return Content.assemble("[x]" if self.value else "[ ]", label)


def _unix(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n")


class FormRow(Vertical):
    """Fields beside each other, or one above the other where it is narrow, and below them what is wrong with them."""

    def __init__(self, fields: Sequence[tuple[str, Widget]]) -> None:
        super().__init__()
        self._fields = fields
        self._problem = Static(classes="problem")

    def compose(self) -> ComposeResult:
        with Horizontal(classes="fields"):
            for label, widget in self._fields:
                with Horizontal(classes="field"):
                    yield Label(label, classes="label", markup=False)
                    yield widget
        yield self._problem

    def show_problem(self, text: str) -> None:
        """Say it below the fields, harmless but for its lines; an empty text takes it away."""
        self._problem.update(Content(plain(text, one_line=False)))
        self._problem.display = bool(text)
