"""Disks of a test's own, small ones and full ones, and what lies on disks."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest


@contextmanager
def mounted(folder: Path, size: str) -> Iterator[Path]:
    """A new folder with a disk of that size, as tmpfs takes it; skips the test for who cannot mount one."""
    folder.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", f"size={size},mode=700", "tmpfs", str(folder)]
    if subprocess.run(command, check=False).returncode:
        pytest.skip("only root can mount a disk")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)


def fill(folder: Path, leave: int = 0) -> Path:
    """Take all the room but so many bytes; there is room again without the file."""
    file = folder / "fill"
    with suppress(OSError), file.open("wb", buffering=0) as filling:
        while True:
            filling.write(bytes(4096))
    os.truncate(file, file.stat().st_size - leave)
    return file


def taken(folder: Path) -> int:
    """What all files below the folder hold; files come and go meanwhile."""
    total = 0
    for root, _, names in os.walk(folder):
        for name in names:
            try:
                total += os.lstat(f"{root}/{name}").st_size
            except FileNotFoundError:
                continue
    return total


def checksum(path: Path) -> str:
    """Of a file that this process must not open: it has it open through SQLite, whose locks would be gone."""
    return subprocess.run(["sha256sum", path], capture_output=True, text=True, check=True).stdout
