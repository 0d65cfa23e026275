"""Textual's lists of options, where keys may come before they are laid out.

The fault was read and tried in textual 8.2.8; `tests/tui/test_upstream.py` tells when it is mended there.
"""

from __future__ import annotations

from typing import Literal

from textual.widgets import OptionList


def is_laid_out(options: OptionList) -> bool:
    """Whether it has room for a page: without it Textual looks for a line that is not there (KeyError)."""
    return bool(options.scrollable_content_region)


class Options(OptionList):
    """A list of options that stays where it is while there are no pages."""

    def _move_page(self, direction: Literal[-1, 1]) -> None:
        if is_laid_out(self):
            super()._move_page(direction)
