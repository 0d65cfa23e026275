"""Colours of an output stay; everything else that is meant for a terminal is made visible."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.style import Style

from queuectl.core.plain import plain
from queuectl.tui.output.colours import Run, runs


@pytest.mark.parametrize(
    ("parameters", "style"),
    [
        ("31", "color(1)"),
        ("1;31", "bold color(1)"),
        ("97;44", "color(15) on color(4)"),
        ("103", "on color(11)"),
        ("38;5;208", "color(208)"),
        ("48;5;3", "on color(3)"),
        ("38;2;1;2;3", "#010203"),
        ("38:5:208", "color(208)"),
        ("4;7;9", "underline reverse strike"),
    ],
)
def test_colours_and_attributes_become_styles(parameters, style):
    assert runs(f"\x1b[{parameters}mtext".encode()) == (Run("text", Style.parse(style)),)


@pytest.mark.parametrize(("off", "left"), [("0", ""), ("", ""), ("39;22", "on color(4)"), ("49", "bold color(1)")])
def test_what_was_turned_on_is_turned_off(off, left):
    last = runs(f"\x1b[1;31;44mon\x1b[{off}moff".encode())[-1]
    found = last.style
    wanted = Style.parse(left) if left else Style()
    assert last.text == "off"
    assert (found.color, found.bgcolor, bool(found.bold)) == (wanted.color, wanted.bgcolor, bool(wanted.bold))


@pytest.mark.parametrize(
    "text",
    ["\x1b[2J", "\x1b]0;pwn\x07", "\x1b[10m", "\x1b[38;9m", "\x1b[38;5;300m", "\x1b[38;2;1m", "\x9b31m", "\x00\x7f",
     "\u202etxt", "\x1b]8;;http://x\x1b\\y", "\x1b[?1049h", "\x1b[1"],
)  # fmt: skip
def test_any_other_sequence_is_shown_as_text(text):
    shown = "".join(run.text for run in runs(text.encode()))
    assert shown == plain(text)


def test_bytes_that_are_not_text_are_shown_as_their_numbers():
    assert "".join(run.text for run in runs(b"a\xffb\xc3")) == "a\\xffb\\xc3"


@given(st.binary(max_size=200))
def test_no_line_can_hold_what_drives_a_terminal(line):
    text = "".join(run.text for run in runs(line.replace(b"\n", b"")))
    assert plain(text) == text
