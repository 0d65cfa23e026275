"""A network file system with an empty folder and nobody behind it: the kernel's FUSE, answered by a thread."""

from __future__ import annotations

import ctypes
import errno
import os
import struct
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

_LOOKUP, _FORGET, _GETATTR, _INIT, _FORGET_MANY = 1, 2, 3, 26, 42
_INIT_OUT = struct.pack("<IIIIHHI", 7, 31, 0, 0, 8, 6, 4096) + bytes(40)
_ATTRIBUTES = struct.pack("<QIIQQQQQQIIIIIIIIII", 0, 0, 0, 1, *[0] * 8, 0o40700, 2, os.geteuid(), 0, 0, 4096, 0)


@contextmanager
def network_disk(folder: Path, kind: str) -> Iterator[list[int]]:
    """Meanwhile the folder is on a file system of that kind; yields the numbers of what is asked of it."""
    if os.geteuid() or not os.path.exists("/dev/fuse"):
        pytest.skip("only root can mount a file system, and the kernel needs FUSE")
    folder.mkdir()
    device = os.open("/dev/fuse", os.O_RDWR | os.O_CLOEXEC)
    asked: list[int] = []
    options = f"fd={device},rootmode=40000,user_id=0,group_id=0".encode()
    try:
        if ctypes.CDLL(None, use_errno=True).mount(b"server:/home", str(folder).encode(), kind.encode(), 0, options):
            pytest.skip(f"cannot mount: {os.strerror(ctypes.get_errno())}")
        threading.Thread(target=_serve, args=(device, asked), daemon=True).start()
        try:
            yield asked
        finally:
            subprocess.run(["umount", "-l", str(folder)], check=True)
    finally:
        os.close(device)


def _serve(device: int, asked: list[int]) -> None:
    while True:
        try:
            request = os.read(device, 1 << 17)
        except OSError:  # nobody has it mounted any more
            return
        what, unique = struct.unpack_from("<4xIQ", request)
        asked.append(what)
        if what in (_FORGET, _FORGET_MANY):
            continue
        answer = {_INIT: _INIT_OUT, _GETATTR: _ATTRIBUTES}.get(what, b"")
        wrong = 0 if answer else errno.ENOENT if what == _LOOKUP else errno.ENOSYS
        os.write(device, struct.pack("<IiQ", 16 + len(answer), -wrong, unique) + answer)
