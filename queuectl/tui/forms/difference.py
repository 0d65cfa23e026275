"""Two commands one above the other, with the words in which they differ marked."""

from __future__ import annotations

import re
from collections.abc import Sequence
from difflib import SequenceMatcher

from textual.content import Content

from queuectl.core.plain import plain

_WORD = r"\S+|\s+"
_BEFORE = 6
"""Pieces that stand before the first difference, words and blanks, to tell where it is."""
_MOST = 60
"""Pieces that are compared and shown: what is on one line of a terminal, and cheap."""
_MARK = "bold underline"


def difference(old: str, new: str) -> Content | None:
    """`was` and `now`, a line each, from shortly before the first difference; None if there is none."""
    if old == new:
        return None
    was, now = re.findall(_WORD, old), re.findall(_WORD, new)
    same = 0
    while same < min(len(was), len(now)) and was[same] == now[same]:
        same += 1
    first = max(same - _BEFORE, 0)
    was, now = was[first : first + _MOST], now[first : first + _MOST]
    matches = SequenceMatcher(None, was, now, autojunk=False).get_opcodes()
    changed_was = {place for kind, a, b, _, _ in matches if kind != "equal" for place in range(a, b)}
    changed_now = {place for kind, _, _, a, b in matches if kind != "equal" for place in range(a, b)}
    before = "… " if first else ""
    return Content("\n").join([_line(f"was  {before}", was, changed_was), _line(f"now  {before}", now, changed_now)])


def _line(before: str, pieces: Sequence[str], changed: set[int]) -> Content:
    marked = [(plain(piece), _MARK if place in changed else "") for place, piece in enumerate(pieces)]
    return Content.assemble(before, *marked)
