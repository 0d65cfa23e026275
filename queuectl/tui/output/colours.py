"""The colours that a command gave its output, as styles; whatever else it sent to its terminal is made visible."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

from rich.color import Color
from rich.style import Style

from queuectl.core.plain import plain

_SEQUENCE = re.compile(r"\x1b\[([0-9;:]{0,64})m")
_PLAIN = Style()
_ATTRIBUTES: dict[int, dict[str, bool]] = {
    1: {"bold": True}, 2: {"dim": True}, 3: {"italic": True}, 4: {"underline": True}, 5: {"blink": True},
    6: {"blink2": True}, 7: {"reverse": True}, 8: {"conceal": True}, 9: {"strike": True},
    22: {"bold": False, "dim": False}, 23: {"italic": False}, 24: {"underline": False},
    25: {"blink": False, "blink2": False}, 27: {"reverse": False}, 28: {"conceal": False}, 29: {"strike": False},
}  # fmt: skip
_NAMED = {
    **{code: code - 30 for code in range(30, 38)},
    **{code: code - 90 + 8 for code in range(90, 98)},
    **{code: code - 40 for code in range(40, 48)},
    **{code: code - 100 + 8 for code in range(100, 108)},
}
"""The terminal's own sixteen, by the code that asks for them."""


class Run(NamedTuple):
    """A part of a line in one style; the text is harmless."""

    text: str
    style: Style


@lru_cache(maxsize=256)
def runs(line: bytes) -> tuple[Run, ...]:
    """A line of output as it may be painted. Colours begin anew with each line.

    A sequence that asks for anything but colours and the usual attributes is shown as text.
    """
    return tuple(_runs(line.decode("utf-8", "surrogateescape")))


def _runs(text: str) -> Iterator[Run]:
    style, begin = _PLAIN, 0
    for found in _SEQUENCE.finditer(text):
        after = _styled(style, found[1])
        if after is None:
            continue
        if found.start() > begin:
            yield Run(plain(text[begin : found.start()]), style)
        style, begin = after, found.end()
    if begin < len(text):
        yield Run(plain(text[begin:]), style)


def _styled(style: Style, parameters: str) -> Style | None:
    """The style after a sequence; None if it asks for something that is not allowed."""
    codes = [int(code or 0) for code in parameters.replace(":", ";").split(";")]
    while codes:
        code = codes.pop(0)
        if code == 0:
            style = _PLAIN
        elif code in _ATTRIBUTES:
            style += Style(**_ATTRIBUTES[code])  # type: ignore[arg-type]
        elif code == 39:
            style = style.without_color + Style(bgcolor=style.bgcolor)
        elif code == 49:
            style = style.without_color + Style(color=style.color)
        else:
            colour = _colour(code, codes)
            if colour is None:
                return None
            style += _coloured(code, colour)
    return style


def _coloured(code: int, colour: Color) -> Style:
    background = code in range(40, 50) or code >= 100
    return Style(bgcolor=colour) if background else Style(color=colour)


def _colour(code: int, rest: list[int]) -> Color | None:
    """The colour of a code, which takes what belongs to it from the rest."""
    if code in _NAMED:
        return Color.from_ansi(_NAMED[code])
    if code not in {38, 48} or not rest:
        return None
    kind, count = rest[0], {5: 1, 2: 3}.get(rest[0], 0)
    values = rest[1 : 1 + count]
    del rest[: 1 + count]
    if not count or len(values) < count or max(values) > 255:
        return None
    return Color.from_ansi(values[0]) if kind == 5 else Color.from_rgb(*values)
