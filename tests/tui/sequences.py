"""A recorded byte stream of a terminal, cut into what a terminal would take it for."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

_TOKEN = re.compile(
    rb"""
    (?P<csi>\x1b\[[\x30-\x3f]*[\x20-\x2f]*[\x40-\x7e])
  | (?P<osc>\x1b[\]PX^_][^\x07\x1b]*(?:\x07|\x1b\\))
  | (?P<escape>\x1b(?!\[|[\]PX^_])[\x20-\x2f]*[\x30-\x7e])
  | (?P<cut>\x1b(?:\[[\x30-\x3f]*[\x20-\x2f]*|[\]PX^_][^\x07\x1b]*\x1b?|[\x20-\x2f]*)?\Z)
  | (?P<control>[\x00-\x1f\x7f])
  | (?P<text>[^\x00-\x1f\x7f]+)
    """,
    re.VERBOSE,
)


class Token(NamedTuple):
    """`kind` is csi, osc, escape, control, text, or cut: the beginning of a sequence whose end is missing."""

    kind: str
    data: bytes


def tokens(data: bytes) -> Iterator[Token]:
    """Every byte is in one of them."""
    place = 0
    while place < len(data):
        found = _TOKEN.match(data, place)
        token = Token(str(found.lastgroup), found[0]) if found else Token("control", data[place : place + 1])
        yield token
        place += len(token.data)


# What Textual 8.2.8 sends, as recorded over an empty store: modes of its own, questions about two of
# them, the keyboard mode of kitty, the shape of the pointer, colours, and where to draw. A line ends
# with a line break, which the next place follows at once.
_MODES = rb"\x1b\[\?(?:7|25|1000|1003|1004|1006|1015|1016|1049|2004|2026|2048)[hl]"
_QUESTIONS = rb"\x1b\[\?(?:2026|2048)\$p"
_KEYBOARD = rb"\x1b\[(?:>25|<)u"
_POINTER = rb"\x1b\]22;[a-z-]{1,20}\x07"
_COLOURS = rb"\x1b\[[0-9;]*m"
_PLACE = rb"\x1b\[\d{1,4};\d{1,4}H"
TEXTUALS = re.compile(b"|".join((_MODES, _QUESTIONS, _KEYBOARD, _POINTER, _COLOURS, _PLACE)))
_LINE_END = re.compile(rb"\r\n(?=" + _PLACE + rb")")
_INVISIBLE = re.compile(
    "[\x80-\x9f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\ud800-\udfff\U000e0000-\U000e007f]"
)
"""C1 controls, bidirectional and invisible marks, line separators, tag characters."""


def strangers(recorded: bytes | bytearray) -> list[str]:
    """What a terminal was sent from the beginning of the app to its end that Textual did not make itself."""
    begun, ended = recorded.find(b"\x1b[?1049h"), recorded.rfind(b"\x1b[?1049l")
    assert begun >= 0, "the app never began to draw"
    during = bytes(recorded[begun : ended if ended >= 0 else len(recorded)])
    found = []
    for kind, data in tokens(_LINE_END.sub(b"", during)):
        if kind == "text":
            text = data.decode("utf-8", "surrogateescape")
            found += [f"{character!r} in text" for character in _INVISIBLE.findall(text)]
        elif kind != "cut" and not TEXTUALS.fullmatch(data):
            found.append(f"{kind} {data[:60]!r}")
    return sorted(set(found))
