"""Whoever started a pool in the background and waits to hear how it went."""

from __future__ import annotations

import contextlib
import os


class Starter:
    """The other end of `--ready-fd`; None: nobody waits."""

    def __init__(self, descriptor: int | None) -> None:
        self._descriptor = descriptor

    def ready(self, name: str) -> None:
        self._tell({"name": name})

    def failed(self, message: str, hint: str, exit_code: int) -> None:
        self._tell({"error": message, "hint": hint, "exit_code": exit_code})

    def forget(self) -> None:
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None

    def _tell(self, words: dict[str, object]) -> None:
        if self._descriptor is not None:
            import json  # a pool in the foreground tells nobody

            with contextlib.suppress(OSError):
                os.write(self._descriptor, json.dumps(words).encode() + b"\n")
            self.forget()
