"""The form of a job: new, cloned or edited, with the command line that does the same."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, NamedTuple

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.getters import query_one
from textual.screen import ModalScreen
from textual.widget import Widget
from textual.widgets import Checkbox, Input, Static, TextArea

from queuectl.core.views import RUNNING, PoolView
from queuectl.errors import QueuectlError
from queuectl.tui.desk import content
from queuectl.tui.forms.difference import difference
from queuectl.tui.forms.draft import FIELDS, Draft
from queuectl.tui.forms.exacttext import ExactText
from queuectl.tui.forms.fields import BoxField, FormRow, LineField, TextField
from queuectl.tui.forms.sheets import Sheet
from queuectl.tui.widgets.jobhead import folded_text

_ROWS = (
    ("command",),
    ("priority", "delay", "max_retries", "timeout"),
    ("cwd", "id"),
    ("queue", "tags"),
    ("run_at", "unique_key"),
    ("env",),
)
_LABELS = {field.key: field.label for field in FIELDS}
_LONGEST_SHOWN = 4_000
"""Characters of a command line: more than there is room for."""
_LEAST_HEIGHT = 13


class Filled(NamedTuple):
    """A form as it was left: `sent`, or given up. `start_worker`: one is wanted too."""

    draft: Draft
    sent: bool
    start_worker: bool = False


class JobForm(ModalScreen[Filled]):
    """A sheet to fill in, beginning with `draft`. It checks as one types and is sent only if nothing is wrong.

    `pools` are those of the store, for a job that needs a worker; None says nothing of workers.
    A draft that was left is told as such, and one key begins anew. `refused` is the field and the
    error with which what was sent before came back.
    """

    HORIZONTAL_BREAKPOINTS = [  # noqa: RUF012 - Textual declares it as a variable of the instance
        (0, "-narrow"),
        (70, "-roomy"),
    ]
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+s", "send", "Send"),
        Binding("escape", "leave", "Cancel"),
        Binding("ctrl+n", "begin_anew", "Begin anew"),
    ]

    same = query_one("#same", Static)
    change = query_one("#change", Static)
    lack = query_one("#lack", Static)
    problem = query_one("#problem", Static)
    form = query_one("#form", Vertical)
    rows = query_one("#rows", VerticalScroll)

    def __init__(
        self,
        sheet: Sheet,
        draft: Draft | None = None,
        pools: Sequence[PoolView] | None = None,
        refused: tuple[str, QueuectlError] | None = None,
    ) -> None:
        super().__init__()
        self._sheet = sheet
        self._draft = sheet.start if draft is None else draft
        self._pools = pools
        self._refused = refused
        self._left = draft is not None and refused is None
        self._tried = False
        self._line = ""
        self._shown: list[str] | None = None
        self._command: TextField
        self._env: TextField
        self._lines: dict[str, LineField] = {}
        self._fields: dict[str, Widget] = {}
        self._hold = BoxField("Hold: not before it is released", self._draft.hold, compact=True, id="hold")
        self._start = BoxField("also start 1 worker", True, compact=True, id="start")
        self._rows: list[tuple[tuple[str, ...], FormRow]] = []

    def _make_fields(self) -> None:
        """Textual's fields can be made only once there is an app."""
        hints = self._sheet.placeholders
        lines = [key for key in self._sheet.keys if key not in {"command", "env"}]
        self._lines = {key: LineField(key, self._draft.texts.get(key, ""), hints.get(key, "")) for key in lines}
        command, env = ExactText.of(self._draft.texts.get("command", "")), ExactText(self._draft.env)
        self._command = TextField("command", command, hints.get("command", "enter = new line"))
        self._env = TextField("env", env, hints.get("env", "NAME=value, a line each"))
        self._fields = {"command": self._command, **self._lines, "env": self._env}

    def compose(self) -> ComposeResult:
        self._make_fields()
        with Vertical(id="form") as form:
            anew = "empties it" if self._sheet.start == Draft() else "begins anew"
            left = f", as you left it (ctrl+n {anew})" if self._left else ""
            form.border_title = content(f"{self._sheet.title}{left}")
            form.border_subtitle = content(f"ctrl+s {self._sheet.verb} · esc cancel")
            with VerticalScroll(id="rows", can_focus=False):
                yield from self._compose_rows()
            yield Static(id="change", classes="problem")
            yield Static(id="same")
            with Horizontal(id="nobody"):
                yield Static(id="lack")
                yield self._start
            yield Static(id="problem", classes="problem")

    def _compose_rows(self) -> ComposeResult:
        for keys in _ROWS:
            fields: list[tuple[str, Widget]] = [
                (_LABELS[key], self._fields[key]) for key in keys if key in self._fields
            ]
            if fields:
                row = FormRow(fields)
                self._rows.append((keys, row))
                yield row
        self._hold.display = self._sheet.can_hold
        yield self._hold

    def on_mount(self) -> None:
        refused = self._refused[0] if self._refused else ""
        self._fields[refused if refused in self._fields else "command"].focus()
        self._command.move_cursor(self._command.document.end)
        self.screen_layout_refresh_signal.subscribe(self, lambda _: self._fit())
        self._update()

    @property
    def draft(self) -> Draft:
        """The form as it is filled in now."""
        texts = {"command": self._typed_command, **{key: field.text for key, field in self._lines.items()}}
        variables = tuple(line for line in self._env.exact.lines if line.strip())
        return Draft({key: text for key, text in texts.items() if text}, variables, self._hold.value)

    @property
    def _typed_command(self) -> str:
        """Without line breaks at its end, which come of the key Enter; but one that was there already is left alone."""
        command = self._command.exact.exact
        return command if command == self._sheet.start.text("command") else command.rstrip("\n")

    @on(Input.Changed)
    @on(TextArea.Changed)
    @on(Checkbox.Changed)
    def _update(self) -> None:
        """Say what the form comes to now."""
        draft = self.draft
        if self._refused and draft != self._draft:
            self._refused = None
        self._say_problems(draft)
        self._line = self._sheet.line(draft)
        old = self._sheet.old_command
        change = None if old is None else difference(old, draft.text("command"))
        self.change.update(change or "")
        self.change.display = change is not None
        lack = self._lack(draft.text("queue") or "default")
        self.lack.update(content(f"! {lack}, the job will wait"))
        self.query_one("#nobody").display = bool(lack)
        self._fit()

    def _fit(self) -> None:
        """Give the form the height it needs, and the command line the room that the rest leaves."""
        if not self.form.size:
            return
        fields = sum(row.outer_size.height for row in self.rows.children if row.display)
        others = (self.change, self.query_one("#nobody"), self.problem)
        taken = 2 + fields + sum(one.outer_size.height for one in others if one.display)
        lines = (
            folded_text(f"Same as  {self._line[:_LONGEST_SHOWN]}", self.form.content_size.width) if self._line else []
        )
        room = max(self.size.height - taken, 1)
        shown = lines[:room]
        if len(lines) > room:
            shown[-1] = f"{shown[-1][:-1]}…"
        if shown != self._shown:
            self._shown = shown
            self.same.update(Content("\n".join(shown)))
            self.same.display = bool(shown)
        self.form.styles.height = max(taken + len(shown), _LEAST_HEIGHT)

    def _say_problems(self, draft: Draft) -> None:
        """What a person has not come to yet is no problem before the form is sent."""
        found: dict[str, QueuectlError] = {**self._sheet.problems(draft)}
        if not self._tried:
            found.pop("", None)
        if not self._tried and draft.is_blank("command"):
            found.pop("command", None)
        if self._refused:
            key, error = self._refused
            found[key if key in self._fields else ""] = error
        for keys, row in self._rows:
            row.show_problem("\n".join(f"{_LABELS[key]}: {_words(found[key])}" for key in keys if key in found))
        self.problem.update(content(_words(found[""]) if "" in found else ""))
        self.problem.display = "" in found

    def _lack(self, queue: str) -> str:
        """Why nobody would run a job of that queue; empty if somebody does."""
        if self._pools is None:
            return ""
        running = [pool for pool in self._pools if pool.workers and pool.state == RUNNING]
        if not running:
            return "no worker is running"
        return "" if any(pool.serves(queue) for pool in running) else f"no worker serves queue {queue}"

    def focus_next(self, selector: str | type[Widget] = "*") -> Widget | None:
        return _ready_to_replace(super().focus_next(selector))

    def focus_previous(self, selector: str | type[Widget] = "*") -> Widget | None:
        return _ready_to_replace(super().focus_previous(selector))

    @on(Input.Submitted)
    def _next_field(self) -> None:
        self.focus_next()

    def action_send(self) -> None:
        """Hand the form in, or go to the first field that something is wrong with."""
        draft = self.draft
        problems = self._sheet.problems(draft)
        if not problems:
            wanted = bool(self._lack(draft.text("queue") or "default")) and self._start.value
            self.dismiss(Filled(draft, True, wanted))
            return
        self._tried = True
        self._say_problems(draft)
        first = next((key for key in self._fields if key in problems), None)
        if first is not None:
            self._fields[first].focus()

    def action_begin_anew(self) -> None:
        """Begin anew in place of what was left."""
        if not self._left:
            return
        self._left = False
        self.form.border_title = content(self._sheet.title)
        start = self._sheet.start
        self._command.fill(ExactText.of(start.texts.get("command", "")))
        self._env.fill(ExactText(start.env))
        for key, field in self._lines.items():
            field.fill(start.texts.get(key, ""))
        self._hold.value = start.hold
        self._command.focus()

    def action_leave(self) -> None:
        self.dismiss(Filled(self.draft, False))


def _ready_to_replace(field: Widget | None) -> Widget | None:
    """Who goes on to a field of one line and types replaces what is in it."""
    if isinstance(field, LineField):
        field.select_all()
    return field


def _words(error: QueuectlError) -> str:
    return f"{error.message}; {error.hint}" if error.hint else error.message
