"""JSON files of one value: an array's items one by one, so that its size is no matter."""

from __future__ import annotations

import codecs
import json
import re
from collections.abc import Iterator
from typing import IO

from queuectl.errors import BadValue

_CHUNK = 1 << 18
_LARGEST_ITEM = 16 << 20
_BLANK = re.compile(r"[ \t\r\n]*")
_BEGINS_VALUE = re.compile(r'\[\s*(?:[\[{"\]]|$)|\{\s*(?:["}]|$)')
_COMPLETE_OBJECT = re.compile(r"\}\s*$")


def looks_whole(first: str) -> bool:
    """Whether a file's first line, which does not parse alone, begins a value that goes on below."""
    return bool(_BEGINS_VALUE.match(first)) and not (first[0] == "{" and _COMPLETE_OBJECT.search(first))


def items(file: IO[bytes]) -> Iterator[str]:
    """The text of each item of an array, or of the one object. Raises BadValue for what is neither."""
    return _Reader(file).items()


class _Reader:
    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self._text = ""
        self._at = 0
        self._ended = False
        self._decoder = codecs.getincrementaldecoder("utf-8-sig")()

    def items(self) -> Iterator[str]:
        if self._next() == "{":
            yield self._value()
        else:
            self._at += 1
            yield from self._of_array()
        if self._next():
            raise self._broken("something follows the end of the value")

    def _of_array(self) -> Iterator[str]:
        if self._next() == "]":
            self._at += 1
            return
        while True:
            yield self._value()
            separator = self._next()
            self._at += 1
            if separator == "]":
                return
            if separator != ",":
                raise self._broken("a comma or the array's end is missing")

    def _next(self) -> str:
        """The next character that is not blank; empty at the end of the file."""
        while True:
            blank = _BLANK.match(self._text, self._at)
            self._at = blank.end() if blank else self._at
            if self._at < len(self._text) or not self._more():
                return self._text[self._at : self._at + 1]

    def _value(self) -> str:
        self._next()
        decoder = json.JSONDecoder()
        while True:
            try:
                _, end = decoder.raw_decode(self._text, self._at)
            except RecursionError:
                raise self._broken("it is nested too deeply") from None
            except ValueError as error:
                if len(self._text) - self._at > _LARGEST_ITEM or not self._more():
                    raise self._broken(getattr(error, "msg", "a number is too large")) from None
                continue
            value, self._at = self._text[self._at : end], end
            return value

    def _more(self) -> bool:
        """Read on, twice as much as is there, so that a long item costs its length and not its square."""
        if self._ended:
            return False
        size = max(_CHUNK, 2 * (len(self._text) - self._at))
        data = self._file.read(size)
        self._ended = not data
        try:
            self._text = self._text[self._at :] + self._decoder.decode(data, self._ended)
        except UnicodeDecodeError:
            raise self._broken("it is not UTF-8") from None
        self._at = 0
        return bool(data)

    @staticmethod
    def _broken(why: str) -> BadValue:
        return BadValue(f"the file is not valid JSON: {why}", 'an array of objects: [{"command": "echo hello"}, …]')
