"""Plain text looked for in an output, step by step; what is kept does not grow with the number of matches."""

from __future__ import annotations

import re
from array import array
from bisect import bisect_right
from collections.abc import Iterator
from typing import NamedTuple

from queuectl.tui.output.transcript import Transcript

_COLOURS = re.compile(rb"\x1b\[[0-9;:]{0,64}m")


class Match(NamedTuple):
    """A line that matches, and which of all matching lines it is, from 1."""

    line: int
    ordinal: int


class Needle:
    """Text to look for; capitals count only if it holds one."""

    def __init__(self, text: str) -> None:
        self.text = text
        self._folded = text == text.lower()
        self._raw = re.compile(b"".join(map(self._either, text)) + b"[^\n]*")
        self._shown = re.compile(re.escape(text), re.IGNORECASE if self._folded else 0)

    def _either(self, character: str) -> bytes:
        """A pattern for the character; ASCII is made small before it is compared."""
        spellings = {character} if character.isascii() or not self._folded else {character, character.upper()}
        return b"(?:%b)" % b"|".join(re.escape(one.encode("utf-8", "surrogateescape")) for one in sorted(spellings))

    def rows(self, text: bytes) -> Iterator[int]:
        """Which of the lines of a text match, the first of them 0."""
        row = begin = 0
        text = self._prepared(text)
        for found in self._raw.finditer(text):
            row += text.count(b"\n", begin, found.start())
            begin = found.start()
            yield row

    def count(self, text: bytes) -> int:
        """How many lines of a text match."""
        return sum(1 for _ in self._raw.finditer(self._prepared(text)))

    def _prepared(self, text: bytes) -> bytes:
        if b"\x1b" in text:
            text = _COLOURS.sub(b"", text)
        return text.lower() if self._folded else text

    def spans(self, shown: str) -> list[tuple[int, int]]:
        """Where the text stands in a line as it is painted."""
        return [found.span() for found in self._shown.finditer(shown)] if self.text else []


class Search:
    """All lines of a transcript that match, counted while it goes on."""

    def __init__(self, transcript: Transcript, text: str) -> None:
        self.needle = Needle(text)
        self._transcript = transcript
        self._sums = array("Q", [0])
        self._tail = 0
        self._tail_end = -1

    @property
    def count(self) -> int:
        """How many lines are known to match."""
        return self._sums[-1] + self._tail

    @property
    def complete(self) -> bool:
        """Whether everything that is indexed was looked at."""
        return self._closed == self._transcript.blocks - 1 and self._tail_end == self._transcript.end

    @property
    def _closed(self) -> int:
        return len(self._sums) - 1

    def step(self) -> bool:
        """Look at one block more; False if there is nothing to look at now."""
        if self.complete:
            return False
        hits = self.needle.count(self._transcript.text(self._closed))
        if self._closed < self._transcript.blocks - 1:
            self._sums.append(self._sums[-1] + hits)
            self._tail, self._tail_end = 0, -1
        else:
            self._tail, self._tail_end = hits, self._transcript.end
        return True

    def next(self, line: int) -> Match | None:
        """The first match from `line` on, after the last one again the first; None: none, or not known yet."""
        block = self._transcript.block_of(line)
        if block > self._closed:
            return None
        wanted = self._sums[block] + sum(1 for hit in self._lines(block) if hit < line)
        if wanted < self.count:
            return self._match(wanted)
        return self._match(0) if self.complete and self.count else None

    def previous(self, line: int) -> Match | None:
        """The last match before `line`, before the first one again the last; None: none, or not known yet."""
        block = self._transcript.block_of(line)
        if block > self._closed:
            return None
        wanted = self._sums[block] + sum(1 for hit in self._lines(block) if hit < line) - 1
        if wanted >= 0:
            return self._match(wanted)
        return self._match(self.count - 1) if self.complete and self.count else None

    def _match(self, index: int) -> Match:
        """The match of that number, from 0."""
        block = bisect_right(self._sums, index) - 1
        return Match(list(self._lines(block))[index - self._sums[block]], index + 1)

    def _lines(self, block: int) -> Iterator[int]:
        first = self._transcript.first(block)
        return (first + row for row in self.needle.rows(self._transcript.text(block)))
