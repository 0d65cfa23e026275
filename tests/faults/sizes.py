"""Faults that take their time: a fiftieth of them at every run, all of them with `-m soak`."""

from __future__ import annotations

import random

import pytest

SHARE = 50
in_two_sizes = pytest.mark.parametrize(
    "share", [SHARE, pytest.param(1, marks=[pytest.mark.soak, pytest.mark.timeout(7_200)])], ids=["short", "long"]
)


def dice(seed: int | None = None) -> random.Random:
    """What chance decides comes from here; the seed is printed, which pytest shows when the test fails."""
    seed = random.randrange(1_000_000) if seed is None else seed
    print(f"seed {seed}")  # noqa: T201 - to be read
    return random.Random(seed)
