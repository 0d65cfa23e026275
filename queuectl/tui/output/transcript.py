"""A sparse index over an output: any line of ten million is found with one short read, and none is kept.

Positions are bytes of all that the command printed, as in `Jobs.output`.
"""

from __future__ import annotations

import re
from array import array
from bisect import bisect_right
from collections import OrderedDict
from collections.abc import Callable, Iterator

BLOCK = 250_000
"""At least so many bytes lie between two places of the index; a chunk of an output is a little more."""
LONGEST = 4 * BLOCK
"""Of a line that is longer only the beginning and the end are read."""
MOST_SHOWN = 8192
"""So many bytes of a line are handed out."""
_BLOCKS_KEPT = 4
_MARK = re.compile(rb"\n\[queuectl: ([0-9]{1,20}) bytes left out here, see log-limit\]\n")
_MARK_BEGIN = b"\n[queuectl: "
_CUT_CHARACTER = re.compile(rb"[\xc0-\xff][\x80-\xbf]{0,2}\Z")

Read = Callable[[int], Iterator[bytes]]
"""What there is of the output, from a position on."""


class Transcript:
    r"""An output as numbered lines, the first of them 0; of one with `\r` counts what follows the last.

    `scan` reads on and may be called as often as more may have come. Where bytes are missing, a
    line says so, and lines that were dropped later are empty: numbers never change.
    """

    def __init__(self, read: Read) -> None:
        self._read = read
        self._chunks: Iterator[bytes] | None = None
        self._firsts = array("Q", [0])
        self._places = array("Q", [0])
        self._ended_lines = 0
        self._open = False
        self._kept: OrderedDict[tuple[int, int], bytes] = OrderedDict()
        self.end = 0

    @property
    def lines(self) -> int:
        """How many lines are known; the last may still grow."""
        return self._ended_lines + self._open

    @property
    def blocks(self) -> int:
        """How many parts the index has; all but the last are complete."""
        return len(self._firsts)

    def read_from(self, read: Read) -> None:
        """From now on read here: the same bytes at the same positions."""
        self._read, self._chunks = read, None

    def rest(self) -> None:
        """Keep only the index until something is wanted again."""
        self._chunks = None
        self._kept.clear()

    def scan(self) -> bool:
        """Take in the next chunk; False if there is none now."""
        if self._chunks is None:
            self._chunks = self._read(self.end)
        chunk = next(self._chunks, None)
        if chunk is None:
            self._chunks = None
            return False
        if missing := self._missing(self.end, chunk):
            self._chunks = None
            self._leave_out(missing)
        else:
            self._take(chunk)
        return True

    def _take(self, chunk: bytes) -> None:
        """Count the chunk's lines, with a place in the index at the first line behind each BLOCK."""
        at = 0
        while True:
            begin = max(at, self._places[-1] + BLOCK - self.end)
            cut = chunk.find(b"\n", begin) + 1 if begin < len(chunk) else 0
            self._ended_lines += chunk.count(b"\n", at, cut or len(chunk))
            if not cut:
                break
            at = cut
            self._add_place(self.end + at)
        self.end += len(chunk)
        self._open = not chunk.endswith(b"\n") if chunk else self._open

    def _leave_out(self, missing: int) -> None:
        self._ended_lines += self._open
        self._open = False
        self._add_place(self.end)
        self._ended_lines += 1  # the line that says how much is missing
        self.end += missing
        self._add_place(self.end)

    def _add_place(self, position: int) -> None:
        self._firsts.append(self._ended_lines)
        self._places.append(position)

    def _missing(self, position: int, chunk: bytes) -> int:
        """How many bytes are not there, given what is read from a position on; 0 if that is output.

        A command may print what looks like a mark; behind a real one of more than a byte is another.
        """
        found = _MARK.fullmatch(chunk)
        if found is None or found[1] == b"1":
            return 0 if found is None else 1
        behind = _MARK.fullmatch(next(self._read(position + 1), b""))
        return int(behind[1]) + 1 if behind else 0

    def block_of(self, line: int) -> int:
        return bisect_right(self._firsts, line) - 1

    def first(self, block: int) -> int:
        """The number of the block's first line."""
        return self._firsts[block]

    def rows(self, first: int, count: int) -> list[bytes]:
        """So many lines from one on, fewer at the end; each is cut after MOST_SHOWN bytes."""
        rows: list[bytes] = []
        block = self.block_of(first)
        while block < self.blocks and len(rows) < count:
            skipped = max(first - self._firsts[block], 0)
            rows += map(_cropped, self._lines(block)[skipped : skipped + count - len(rows)])
            block += 1
        return rows

    def _lines(self, block: int) -> list[bytes]:
        """As many as were counted, also where bytes have gone since."""
        count = self._count(block)
        lines = self.text(block).split(b"\n")
        return lines[:count] + [b""] * (count - len(lines))

    def _count(self, block: int) -> int:
        after = self._firsts[block + 1] if block + 1 < self.blocks else self.lines
        return after - self._firsts[block]

    def text(self, block: int) -> bytes:
        r"""The lines of a block as they are shown but uncut, with `\n` between them."""
        end = self._places[block + 1] if block + 1 < self.blocks else self.end
        key = (block, end)
        if key in self._kept:
            self._kept.move_to_end(key)
            return self._kept[key]
        text = self._text(self._places[block], end, self._count(block))
        self._kept[key] = text
        if len(self._kept) > _BLOCKS_KEPT:
            self._kept.popitem(last=False)
        return text

    def _text(self, begin: int, end: int, count: int) -> bytes:
        data = self._whole(begin, end)
        mark = next(self._read(begin), b"") if _MARK_BEGIN.startswith(data[: len(_MARK_BEGIN)]) else b""
        missing = self._missing(begin, mark)
        if not missing:
            return _overwritten(data)
        rest = self._whole(begin + missing, end) if begin + missing < end else b""
        left = _overwritten(rest).split(b"\n")[-(count - 1) :] if rest and count > 1 else []
        return b"\n".join([mark.strip(b"\n"), *[b""] * (count - 1 - len(left)), *left])

    def _whole(self, begin: int, end: int) -> bytes:
        """The bytes between the places of a block; of a very long line, which is its last, what may be shown."""
        if end - begin <= LONGEST:
            return self._bytes(begin, end)
        lines, newline, line = self._bytes(begin, begin + LONGEST).rpartition(b"\n")
        tail = self._bytes(end - BLOCK, end).rstrip(b"\r\n")
        return lines + newline + (tail if b"\r" in tail else line)

    def _bytes(self, begin: int, end: int) -> bytes:
        parts: list[bytes] = []
        for chunk in self._read(begin):
            parts.append(chunk[: end - begin])
            begin += len(parts[-1])
            if begin >= end:
                break
        return b"".join(parts)


def _overwritten(data: bytes) -> bytes:
    r"""Lines without the `\n` of the last, each without what a `\r` let the next thing overwrite."""
    text = data.removesuffix(b"\n")
    if b"\r" not in text:
        return text
    return b"\n".join(line.rstrip(b"\r").rpartition(b"\r")[2] for line in text.split(b"\n"))


def _cropped(line: bytes) -> bytes:
    return line if len(line) <= MOST_SHOWN else _CUT_CHARACTER.sub(b"", line[:MOST_SHOWN]) + "…".encode()
