"""Measuring side by side: A B A B …, so that a machine that is slow for a while is slow for both."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from statistics import median

Measure = Callable[[], float]


def in_turns(measures: Mapping[str, Measure], rounds: int, warm: int = 1) -> dict[str, list[float]]:
    """The figures of each measure, one a round; those of the first `warm` rounds only fill caches."""
    figures: dict[str, list[float]] = {name: [] for name in measures}
    for number in range(-warm, rounds):
        for name, measure in measures.items():
            figure = measure()
            if number >= 0:
                figures[name].append(figure)
    return figures


def quantile(figures: Sequence[float], percent: int) -> float:
    """The figure that so many percent of all do not exceed."""
    ranked = sorted(figures)
    return ranked[min(len(ranked) * percent // 100, len(ranked) - 1)]


def spread(figures: Sequence[float]) -> tuple[float, float]:
    """Between which two most of the figures lie: all of a few, four fifths of many."""
    return quantile(figures, 10), quantile(figures, 90)


def ratio(ours: Sequence[float], theirs: Sequence[float]) -> float:
    """Of the medians."""
    return median(ours) / median(theirs)


def process_s(command: Sequence[str], env: Mapping[str, str], folder: Path) -> float:
    """How long a whole process takes; what it prints goes nowhere. Fails if it does."""
    began = time.perf_counter()
    with open(os.devnull, "wb") as nothing:
        done = subprocess.Popen(
            command, env=dict(env), cwd=folder, stdin=subprocess.DEVNULL, stdout=nothing, stderr=subprocess.PIPE
        )
        _, said = done.communicate()
    took = time.perf_counter() - began
    assert done.returncode == 0, said.decode()
    return took
