"""The net below everything that is drawn."""

from __future__ import annotations

import sys

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual.color import Color

from queuectl.core.plain import plain
from queuectl.tui.linefilter import NET

BLACK = Color(0, 0, 0)
EVERY = [chr(code) for code in range(sys.maxunicode + 1)]


def drawn(*segments: Segment) -> list[Segment]:
    return NET.apply(list(segments), BLACK)


def test_exactly_what_plain_makes_visible_is_taken_out() -> None:
    (left,) = drawn(Segment("".join(EVERY)))
    kept = "".join(character for character in EVERY if plain(character) == character)
    assert left.text.replace(" ", "") == kept.replace(" ", "")


def test_the_layout_stays() -> None:
    text = "a\x1b[2J\udcffb\u202e木\x9b"
    (left,) = drawn(Segment(text))
    assert cell_len(left.text) == cell_len(text)
    assert left.text == "a[2J b木"


def test_links_are_not_drawn() -> None:
    (left,) = drawn(Segment("text", Style(link="http://x\x1b]0;title\x07", bold=True)))
    assert left == Segment("text", Style(bold=True))


def test_harmless_lines_are_passed_on_as_they_are() -> None:
    line = [Segment("grün 木"), Segment("┏━ 1 Pending ━┓", Style(bold=True)), Segment("")]
    assert NET.apply(line, BLACK) is line


def test_joined_emoji_and_combining_marks_stay() -> None:
    text = "👩\u200d💻 e\u0301 \xa0"
    (left,) = drawn(Segment(text))
    assert left.text == text
