"""The net below everything that is drawn: no line leaves the app with a character that could drive the terminal.

What comes from jobs has gone through `plain` long before, which makes such characters visible.
This is for what was forgotten.
"""

from __future__ import annotations

from rich.cells import cell_len
from rich.segment import Segment
from textual.color import Color
from textual.filter import LineFilter

from queuectl.core.plain import plain


class ControlFilter(LineFilter):
    """Takes out every character that `plain` would make visible, and links; the layout stays.

    Keep one instance: strips remember what each filter made of them.
    """

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:  # noqa: ARG002 - Textual's signature
        for text, style, _ in segments:
            if not text.isprintable() or (style is not None and style.link):
                return [_harmless(segment) for segment in segments]
        return segments


NET = ControlFilter()
"""For `App.get_line_filters`."""


def _harmless(segment: Segment) -> Segment:
    text, style, _ = segment
    if style is not None and style.link:
        style = style.update_link(None)
    return Segment(text if plain(text) == text else "".join(map(_kept, text)), style)


def _kept(character: str) -> str:
    """The character, or as many spaces as it was taken to be wide."""
    return character if plain(character) == character else " " * cell_len(character)
