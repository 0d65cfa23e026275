"""All keys of a pane, and the filter language."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import zip_longest
from typing import ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.getters import query_one
from textual.screen import ModalScreen
from textual.widgets import Static

from queuectl.core.selector import NUMBERS, TEXTS
from queuectl.tui.actions import ACTIONS, GROUPS, JOB, Action, belongs, key_name
from queuectl.tui.panes import TITLES, Pane

TWO_COLUMNS_FROM = 72
_GAP = 3
_MOST_KEYS = 14
_FEWEST_BESIDE = 16
HEADINGS = {
    "Jobs": ("queue.", "dlq."),
    "Workers": ("pool.",),
    "Configuration": ("config.",),
    "Output": ("output.",),
    "View": ("view.", "filter.", "metrics.", "app.", "job."),
    "Moving about": ("move.", "focus."),
}
"""The headings, and how the names of the actions below them begin."""
_FILTER = (
    ("words", "each is in the id or the command"),
    ("cmd:ffmpeg err:resolve", "in the command, in the error"),
    (" ".join(f"{field}:" for field in TEXTS if field not in {"cmd", "err"}), "exactly this"),
    ("exit:137 prio>5 tries>=2", " ".join(NUMBERS) + " are compared"),
    ("age<2h", "since the job entered its state"),
    ("-word", "must not match"),
    ('cmd:"two words"', "quotes hold words together"),
    ("tag:a tag:b", "the same field twice: either"),
)


def scope_title(scope: str) -> str:
    """The place whose keys these are."""
    titles: dict[str, str] = {GROUPS: "DLQ by error", JOB: "Job"}
    return titles.get(scope) or TITLES[Pane(scope)]


def keys_of(action: Action) -> str:
    """All keys of an action, as people write them."""
    return " ".join(map(key_name, action.keys))


def help_lines(scope: str, columns: int) -> list[Content]:
    """The keys that mean something in the scope, by what they are about, and the filter language."""
    shown = [action for action in ACTIONS if belongs(action, scope)]
    halves = columns >= TWO_COLUMNS_FROM
    width = (columns - _GAP) // 2 if halves else columns
    blocks = [
        _block(heading, [(keys_of(action), action.help) for action in shown if action.name.startswith(prefixes)], width)
        for heading, prefixes in HEADINGS.items()
    ]
    blocks.append(_block("Filter", _FILTER, width))
    blocks = [block for block in blocks if block]
    return _beside(*_halved(blocks), width) if halves else [line for block in blocks for line in block]


def _block(heading: str, entries: Sequence[tuple[str, str]], columns: int) -> list[Content]:
    if not entries:
        return []
    keys = max((len(key) for key, _ in entries if len(key) <= _MOST_KEYS), default=0) + 2
    keys = keys if columns - keys >= _FEWEST_BESIDE else 2
    lines = [line for key, text in entries for line in _entry(key, text, keys, columns)]
    return [Content.styled(heading, "bold underline"), *lines, Content()]


def _entry(key: str, text: str, keys: int, columns: int) -> list[Content]:
    """The key, and beside it what it does; below it where the key is longer than `keys` columns."""
    told = [line.rstrip() for line in Content(text).wrap(max(columns - keys, 1))]
    name = Content.styled(key, "bold $text-primary")
    indented = [Content.assemble(" " * keys, line) for line in told]
    if len(key) > keys - 2:
        return [*name.wrap(columns), *indented]
    return [Content.assemble(name, " " * (keys - len(key)), told[0]), *indented[1:]]


def _halved(blocks: Iterable[list[Content]]) -> tuple[list[Content], list[Content]]:
    """Two columns: each block goes to the one that is shorter so far."""
    left: list[Content] = []
    right: list[Content] = []
    for block in blocks:
        shorter = left if len(left) <= len(right) else right
        shorter += block
    return left, right


def _beside(left: list[Content], right: list[Content], width: int) -> list[Content]:
    nothing = Content()
    return [
        Content.assemble(one, " " * (width + _GAP - one.cell_length), two)
        for one, two in zip_longest(left, right, fillvalue=nothing)
    ]


class HelpScreen(ModalScreen[None]):
    """The keys of the place where it was asked for; `scope` is a pane, or the job screen."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,question_mark,q", "leave", "Back"),
        Binding("j,down", "scroll(1)", "Down"),
        Binding("k,up", "scroll(-1)", "Up"),
        Binding("ctrl+d", "scroll(10)", "Half a page down"),
        Binding("ctrl+u", "scroll(-10)", "Half a page up"),
        Binding("pagedown,space", "scroll(20)", "Page down"),
        Binding("pageup", "scroll(-20)", "Page up"),
        Binding("g,home", "scroll(-10000)", "Top"),
        Binding("G,end", "scroll(10000)", "Bottom"),
    ]

    pane = query_one(VerticalScroll)
    body = query_one(Static)

    def __init__(self, scope: str) -> None:
        super().__init__()
        self._scope = scope

    def compose(self) -> ComposeResult:
        with VerticalScroll(can_focus=False) as pane:
            pane.border_title = Content(f"Help · {scope_title(self._scope)}")
            pane.border_subtitle = Content("j k scroll · esc back")
            yield Static()

    def on_resize(self, _: events.Resize) -> None:
        self.call_after_refresh(self._fill)

    def _fill(self) -> None:
        columns = self.pane.scrollable_content_region.width - 1  # beside the scroll bar
        self.body.update(Content("\n").join(help_lines(self._scope, columns)))

    def action_leave(self) -> None:
        self.dismiss(None)

    def action_scroll(self, lines: int) -> None:
        self.pane.scroll_relative(y=lines, animate=False)
