"""The README's table of keys, made from the registry of actions: `python -m tests.tui.keytable` writes it."""

from __future__ import annotations

from pathlib import Path

from queuectl.tui.actions import ACTIONS, EVERYWHERE, FILTER, MAIN, PANES, Action, belongs, key_name
from queuectl.tui.panes import TITLES, Pane
from queuectl.tui.screens.help import HEADINGS

README = Path(__file__).parents[2] / "README.md"
BEGIN, END = "<!-- keys -->", "<!-- /keys -->"

_WIDE = {EVERYWHERE: "everywhere", PANES: "every pane", MAIN: "every pane but Metrics"}


def key_table() -> str:
    """One Markdown table of all actions: keys, what they do, where, and the command line that does the same."""
    lines = ["| Keys | | What it does | Where | On the command line |", "|---|---|---|---|---|"]
    for heading, prefixes in HEADINGS.items():
        shown = [action for action in ACTIONS if action.name.startswith(prefixes)]
        lines += [_row(heading if place == 0 else "", action) for place, action in enumerate(shown)]
    return "\n".join(lines)


def _row(heading: str, action: Action) -> str:
    keys = " ".join(f"`{key_name(key)}`" for key in action.keys)
    twin = f"`{action.twin}`" if action.twin else ""
    name = f"**{heading}:** {action.title}" if heading else action.title
    return "| " + " | ".join((keys, name, action.help, _where(action), twin)) + " |"


def _where(action: Action) -> str:
    """The panes, unless it is all of them."""
    for scopes, words in _WIDE.items():
        if action.scopes >= scopes:
            return words
    panes = [TITLES[pane] for pane in Pane if belongs(action, pane)]
    others = {"job": "job", FILTER: "in a filter"}
    return ", ".join([*panes, *(words for scope, words in others.items() if scope in action.scopes)])


def put_into(text: str) -> str:
    """The text with the table between its markers. ValueError if they are not there."""
    before, begin, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise ValueError(f"no {BEGIN} … {END}")
    return f"{before}{BEGIN}\n{key_table()}\n{END}{after}"


if __name__ == "__main__":
    README.write_text(put_into(README.read_text()))
