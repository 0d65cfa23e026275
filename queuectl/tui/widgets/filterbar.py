"""The filter of the focused pane: a line to type in, and what it found."""

from __future__ import annotations

from typing import ClassVar, NamedTuple

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.content import Content
from textual.getters import query_one
from textual.message import Message
from textual.suggester import Suggester
from textual.widgets import Input, Static

from queuectl.core.job import State
from queuectl.core.panes import Tally
from queuectl.core.plain import plain
from queuectl.core.selector import LONGEST, NUMBERS, TEXTS
from queuectl.tui.widgets.oneline import DOT, fitted

_STATES = "state:"
_PADDING = 2
_FEWEST_TYPED, _AROUND, _PROBLEM_PERCENT = 22, 5, 70
"""Columns that are kept for what is typed, those between the parts, and what a problem may take of all."""
_EXAMPLE = "words, cmd: err: exit: prio> tries> age<2h -word"


class FieldSuggester(Suggester):
    """Goes on with the word that is being typed: a field's name, or a state behind `state:`."""

    def __init__(self) -> None:
        super().__init__(use_cache=False, case_sensitive=True)

    async def get_suggestion(self, value: str) -> str | None:
        word = value.rpartition(" ")[2].removeprefix("-")
        if not word or '"' in word:
            return None
        known = (*(f"{field}:" for field in TEXTS), *NUMBERS, *(f"{_STATES}{state}" for state in State))
        whole = next((text for text in known if text.startswith(word) and text != word), None)
        return None if whole is None else value + whole[len(word) :]


class Found(NamedTuple):
    """What the filter found: `matched` of `of` jobs; `marked` and `order` in words, `problem` if it is no filter."""

    matched: Tally | None = None
    of: int = 0
    marked: str = ""
    order: str = ""
    problem: str = ""


def found_line(found: Found, columns: int) -> Content:
    """`1,204+ of 12,408 · 3 marked · sort: priority↓` in so many columns; a `+` while it is still counted."""
    if found.problem:
        return fitted([Content.styled(f"? {plain(found.problem)}", "bold $text-warning")], columns)
    tally = found.matched
    count = "" if tally is None else f"{tally.count:,}{'' if tally.sure else '+'}"
    counted = f"{count} of {found.of:,}" if count else ""
    order = f"sort: {found.order}" if found.order else ""
    forms = ((counted, found.marked, order), (counted, found.marked), (count, found.marked), (count,))
    return fitted((Content(plain(DOT.join(filter(None, parts)))) for parts in forms), columns)


class FilterBar(Horizontal):
    """A line to type in, and at its right what it found or what is wrong with it.

    `open` begins to type; Enter keeps the text, Esc clears it. `is_open` while somebody types.
    """

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "clear", show=False)]

    class Changed(Message):
        """Another text was typed."""

        def __init__(self, text: str) -> None:
            super().__init__()
            self.text = text

    class Kept(Message):
        """The text stays, as far as it is a filter, and typing is over."""

    class Cleared(Message):
        """There is no filter any more, and typing is over."""

    text = query_one(Input)
    found = query_one("#found", Static)

    def __init__(self) -> None:
        super().__init__()
        self.is_open = False
        self._found = Found()
        self._shown = Content()
        self._room = 0

    def compose(self) -> ComposeResult:
        yield Static(Content("/"), id="sign")
        field = Input(compact=True, select_on_focus=False, max_length=LONGEST, suggester=FieldSuggester())
        field.cursor_blink = False
        yield field
        yield Static(id="found")

    def open(self, text: str) -> None:
        """Begin to type: in place of this text, or with an arrow key or End to go on from it."""
        self.put(text)
        self.text.action_select_all()
        self.is_open = self.display = True
        self.text.placeholder = _EXAMPLE
        self.text.focus()

    def put(self, text: str) -> None:
        """Show the filter of another pane, unless somebody types; nothing is said to have changed."""
        if self.is_open or text == self.text.value:
            return
        with self.prevent(Input.Changed):
            self.text.value = text
            self.text.cursor_position = len(text)

    def show(self, matched: Tally | None, of: int, marked: str, order: str, problem: str) -> None:
        """`matched` of `of` jobs; `marked` and `order` in words; `problem` says why the text is no filter."""
        self._found = Found(matched, of, marked, order, problem)
        self._redraw()

    def on_resize(self) -> None:
        self._redraw()

    def _redraw(self) -> None:
        columns = self.size.width
        room = columns * _PROBLEM_PERCENT // 100 if self._found.problem else columns - _FEWEST_TYPED
        shown = found_line(self._found, room - _AROUND)
        if not shown.is_same(self._shown):
            self._shown = shown
            self.found.update(shown, layout=self._fit(shown.cell_length))

    def _fit(self, cells: int) -> bool:
        """Make room for so many cells, and no less than before while somebody types: each time all is laid out."""
        if cells == self._room or (cells < self._room and self.is_open):
            return False
        self._room = cells
        self.found.styles.width = cells + _PADDING
        return True

    def action_clear(self) -> None:
        self._close()
        self.put("")
        self.post_message(self.Cleared())

    def _close(self) -> None:
        self.is_open = False
        self.text.placeholder = ""

    @on(Input.Changed)
    def _changed(self, event: Input.Changed) -> None:
        event.stop()
        self.is_open = True
        self.post_message(self.Changed(event.value))

    @on(Input.Submitted)
    def _submitted(self, event: Input.Submitted) -> None:
        """What is no filter is not kept: one goes on typing where it says what is wrong."""
        event.stop()
        if not self._found.problem:
            self._keep()

    @on(Input.Blurred)
    def _left(self, event: Input.Blurred) -> None:
        """Whoever goes elsewhere in the middle of typing keeps the last good filter."""
        event.stop()
        self._keep()

    def _keep(self) -> None:
        if self.is_open:
            self._close()
            self.post_message(self.Kept())
