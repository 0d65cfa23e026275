"""A text as a person edits it: stand-ins for what a terminal must not get, which is sent as it was unless edited."""

from __future__ import annotations

from collections.abc import Sequence

from queuectl.core.plain import plain


class ExactText:
    """Characters, each with what stands for it on the screen.

    `lines`: each stays a line on the screen, its own line breaks have stand-ins. With `one_line`
    there is a single one.
    """

    def __init__(self, lines: Sequence[str], *, one_line: bool = False) -> None:
        self._one_line = one_line
        self._exact: list[str] = []
        self._shown: list[str] = []
        for number, line in enumerate(lines):
            if number:
                self._put(len(self._exact), len(self._exact), "\n", [*"\n"])
            self._put(len(self._exact), len(self._exact), line, self._stand_ins(line, within_line=True))

    @classmethod
    def of(cls, text: str, *, one_line: bool = False) -> ExactText:
        """A text whose line breaks are lines on the screen too, unless `one_line`."""
        return cls([text] if one_line else text.split("\n"), one_line=one_line)

    @property
    def shown(self) -> str:
        return "".join(self._shown)

    @property
    def exact(self) -> str:
        return "".join(self._exact)

    @property
    def lines(self) -> list[str]:
        """The exact text of each line of the screen."""
        lines = [""]
        for shown, exact in zip(self._shown, self._exact, strict=True):
            if shown == "\n":
                lines.append("")
            else:
                lines[-1] += exact
        return lines

    def became(self, shown: str, cursor: int) -> None:
        """A person has edited it in one place, and this is on the screen now: the rest is what it was.

        Behind an edit stands the cursor, so what is behind that is compared first: of two tabs in
        a row only the place tells which one is gone.
        """
        last, end = self._same_end(0, shown, cursor, len(shown))
        first, start = 0, 0
        while first < last and shown.startswith(self._shown[first], start, end):
            start += len(self._shown[first])
            first += 1
        last, end = self._same_end(first, shown, start, end, last)
        typed = shown[start:end]
        self._put(first, last, typed, [*typed])

    def _same_end(self, first: int, shown: str, start: int, end: int, last: int | None = None) -> tuple[int, int]:
        """How far back from `end` and `last` all is as it was, but not before `start` and `first`."""
        last = len(self._shown) if last is None else last
        while last > first and shown.endswith(self._shown[last - 1], start, end):
            last -= 1
            end -= len(self._shown[last])
        return last, end

    def paste(self, start: int, end: int, exact: str) -> str:
        """Put a text in place of what is shown from `start` to `end`; returns what stands for it."""
        stand_ins = self._stand_ins(exact, within_line=self._one_line)
        self._put(self._edge(start), self._edge(end), exact, stand_ins)
        return "".join(stand_ins)

    def _edge(self, offset: int) -> int:
        """The number of the character that begins at a place on the screen; a stand-in that is cut becomes text."""
        at = 0
        for number, shown in enumerate(self._shown):
            if at == offset:
                return number
            if offset < at + len(shown):
                self._put(number, number + 1, shown, [*shown])
                return number + offset - at
            at += len(shown)
        return len(self._shown)

    def _stand_ins(self, text: str, *, within_line: bool) -> list[str]:
        return [*text] if text.isprintable() else [plain(character, within_line) for character in text]

    def _put(self, first: int, last: int, exact: str, shown: list[str]) -> None:
        self._exact[first:last] = [*exact]
        self._shown[first:last] = shown
