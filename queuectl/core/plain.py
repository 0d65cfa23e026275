r"""Makes what untrusted text could do to a terminal harmless and visible.

Control characters become their pictures (`␛`), C1 controls, bidirectional marks, line
separators, invisible and tag characters become escapes (`\u202e`), bytes that are not UTF-8
become `\xNN`. Joiners and variation selectors stay: emoji and many scripts need them.
"""

from __future__ import annotations

import codecs
import re

# Patterns stay texts: compiling these takes 5 ms, and most of what is shown is harmless.
_SUSPECT = (
    "\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb"
    "\ud800-\udfff\U000e0000-\U000e007f"
)
"""All but tab and line break, as the inside of a character class."""
_IN_LINE = f"[\t\n{_SUSPECT}]"
_IN_TEXT = f"[\t{_SUSPECT}]"
# One class first, so that the search skips what is harmless by a table: ten times faster than alternatives.
_IN_OUTPUT = rf"[{_SUSPECT}](?:(?<=\x1b)\[([0-9;:]{{0,64}})m|(?<=\r)\r*\n?)?"
_CUT_SHORT = r"\x1b(?:\[[0-9;:]{0,64})?\Z"
_RESET = "\x1b[0m"
_TAB = "    "


def plain(text: str, one_line: bool = True) -> str:
    """The text as it may be printed to a terminal; a line break becomes `⏎` unless `one_line` is False."""
    if text.isprintable():
        return text
    return re.sub(_IN_LINE if one_line else _IN_TEXT, lambda found: visible(found[0]), text)


def visible(character: str) -> str:
    """What stands for a character that must not reach a terminal."""
    if character == "\t":
        return _TAB
    if character == "\n":
        return "⏎"
    code = ord(character)
    if code < 0x20:
        return chr(0x2400 + code)
    if code == 0x7F:
        return "␡"
    if 0xDC80 <= code <= 0xDCFF:  # a byte that Python could not decode
        return f"\\x{code - 0xDC00:02x}"
    if code <= 0xFF:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"


class PlainStream:
    r"""The output of a command on its way to a terminal, in chunks that may be cut anywhere.

    Colours (`ESC [ … m`) stay if `colours` and vanish if not; every other control sequence is
    made visible. Tabs and line breaks stay, and a lone `\r` begins a new line, so that progress
    bars can be read.
    """

    def __init__(self, colours: bool) -> None:
        self._colours = colours
        self._coloured = False
        self._decoder = codecs.getincrementaldecoder("utf-8")("surrogateescape")
        self._held = ""

    def feed(self, data: bytes) -> str:
        """What can be printed so far; what may be the beginning of a sequence is kept for the next call."""
        text = self._held + self._decoder.decode(data)
        whole = text.rstrip("\r")
        if len(whole) < len(text):
            self._held = "\r"
            return self._shown(whole)
        found = re.search(_CUT_SHORT, text[-67:])
        self._held = found[0] if found else ""
        return self._shown(text.removesuffix(self._held))

    def end(self) -> str:
        """The rest, and the end of any colour that is still on."""
        text = self._shown(self._held + self._decoder.decode(b"", final=True))
        self._held = ""
        reset, self._coloured = _RESET if self._coloured else "", False
        return text + reset

    def _shown(self, text: str) -> str:
        return text if text.isprintable() else re.sub(_IN_OUTPUT, self._replacement, text)

    def _replacement(self, found: re.Match[str]) -> str:
        if found[1] is not None:
            self._coloured = self._colours and bool(found[1].strip("0;:"))
            return found[0] if self._colours else ""
        return "\n" if found[0][0] == "\r" else visible(found[0])


def width(text: str) -> int:
    """How many columns of a terminal the text takes, which must be harmless already."""
    return len(text) if text.isascii() else sum(map(_columns, text))


def _columns(character: str) -> int:
    import unicodedata  # only texts beyond ASCII need it

    if unicodedata.category(character) in {"Mn", "Me", "Cf"}:
        return 0
    return 2 if unicodedata.east_asian_width(character) in {"W", "F"} else 1


def cut(text: str, columns: int) -> str:
    """The text in at most so many columns, with `…` at the end if something is missing.

    What stands on nothing of its own (combining marks) is limited too: eight characters a column.
    """
    if columns <= 0:
        return ""
    short = text[: columns * 8]
    if width(short) <= columns and len(short) == len(text):
        return text
    used, end = 0, 0
    for end, character in enumerate(short):  # noqa: B007 — `end` is where the text is cut
        used += _columns(character)
        if used > columns - 1:
            break
    return short[:end] + "…"
