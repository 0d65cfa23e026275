"""Pokes: a byte into each pool's FIFO after the commit of anything that could run. A hint, never the truth."""

from __future__ import annotations

import contextlib
import os
import stat

from queuectl.core.place import Place

_SUFFIX = ".fifo"
_WORK, _MORE = b"+", b"."


def poke(place: Place, besides: str | None = None, only_work: bool = False) -> None:
    """Wake every pool of the store but `besides`; who does not listen is no error.

    With `only_work` a pool has to claim, and need not look what else has changed.
    """
    try:
        names = os.listdir(place.pools)
    except OSError:
        return
    for name in names:
        if name.endswith(_SUFFIX) and name != f"{besides}{_SUFFIX}":
            _poke(f"{place.pools}/{name}", _WORK if only_work else _MORE)


def _poke(path: str, word: bytes) -> None:
    try:
        fifo = os.open(path, os.O_WRONLY | os.O_NONBLOCK | os.O_NOFOLLOW | os.O_CLOEXEC)
    except OSError:
        return
    try:
        if stat.S_ISFIFO(os.fstat(fifo).st_mode):
            os.write(fifo, word)
    except OSError:
        # Full: it has been poked often enough, and what else was asked is seen by its next look.
        pass
    finally:
        os.close(fifo)


class Ears:
    """A pool's end of its FIFO: readable as soon as somebody poked. Open it after the fork."""

    def __init__(self, place: Place, name: str) -> None:
        self._path = place.fifo(name)
        self._make()
        self._file = os.open(self._path, os.O_RDWR | os.O_NONBLOCK | os.O_NOFOLLOW | os.O_CLOEXEC)

    def fileno(self) -> int:
        return self._file

    def drain(self) -> bool:
        """Forget the pokes so far; whether any of them told of more than work."""
        more = False
        with contextlib.suppress(BlockingIOError):
            while words := os.read(self._file, 4096):
                more |= bool(words.strip(_WORK))
        return more

    def close(self) -> None:
        """Stop listening; the FIFO goes too."""
        os.close(self._file)
        self._remove()

    def _make(self) -> None:
        try:
            os.mkfifo(self._path, 0o600)
        except FileExistsError:
            self._remove()
            os.mkfifo(self._path, 0o600)

    def _remove(self) -> None:
        try:
            os.unlink(self._path)
        except FileNotFoundError:
            return
