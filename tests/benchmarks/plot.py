"""Growth as a picture: a panel for each measure, an SVG that brings its own ground for light and dark pages."""

from __future__ import annotations

import math
from collections.abc import Sequence
from html import escape
from statistics import median
from typing import Any

from tests.benchmarks.growth import ALONE, BESIDE, Growth
from tests.benchmarks.turns import spread

_WIDTH, _HEIGHT = 860, 576
_PANEL = (400, 190)
_CORNERS = ((30, 96), (440, 96), (30, 326), (440, 326))
_LEFT, _RIGHT, _BELOW = 52, 34, 26
_STYLE = """
  .ground { fill: #ffffff } .text { fill: #1f2328 } .faint { fill: #59636e } .grid { stroke: #d1d9e0 }
  .alone { stroke: #0969da; fill: #0969da } .beside { stroke: #bc4c00; fill: #bc4c00 }
  @media (prefers-color-scheme: dark) {
    .ground { fill: #0d1117 } .text { fill: #f0f6fc } .faint { fill: #9198a1 } .grid { stroke: #3d444d }
    .alone { stroke: #58a6ff; fill: #58a6ff } .beside { stroke: #f0883e; fill: #f0883e }
  }
  text { font: 13px system-ui, -apple-system, 'Segoe UI', 'Noto Sans', 'DejaVu Sans', sans-serif }
  .title { font-weight: 600; font-size: 17px } .name { font-weight: 600 } .small { font-size: 11px }
  .line { stroke-width: 2 } .dashed { stroke-dasharray: 6 4 } .whisker { stroke-width: 1 }
"""


def drawn(growth: Growth, machine: str) -> str:
    """The whole picture."""
    lines: Any = growth["lines"]
    million = f"{growth['jobs']:,}"
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img">',
        "<title>What a command takes as jobs grow more</title>",
        f"<style>{_STYLE}</style>",
        f'<rect class="ground" width="{_WIDTH}" height="{_HEIGHT}" rx="8"/>',
        _text(30, 34, "What it takes, by how many jobs wait", "text title"),
        *_legend(30, 60, ALONE, "only these in the store"),
        *_legend(250, 60, BESIDE, f"and {million} finished and {million} scheduled for later above them"),
    ]
    for (name, kinds), (x, y) in zip(lines.items(), _CORNERS, strict=True):
        parts += _panel(x, y, name, growth["sizes"], kinds)
    about = "Milliseconds by waiting jobs: medians, with bars from the 10th to the 90th percentile."
    parts += [
        _text(30, _HEIGHT - 28, about, "faint small"),
        _text(30, _HEIGHT - 12, machine, "faint small"),
        "</svg>\n",
    ]
    return "\n".join(parts)


def _panel(left: int, top: int, name: str, sizes: Any, kinds: dict[str, Sequence[Sequence[float]]]) -> list[str]:
    """One measure: from 0 on, so that what looks flat is flat. A bar that is much too long is cut off."""
    width, height = _PANEL[0] - _LEFT - _RIGHT, _PANEL[1] - _BELOW - 20
    most = _round_up(1.5 * max(median(figures) for each in kinds.values() for figures in each))
    lowest, highest = math.log10(sizes[0]), math.log10(sizes[-1])
    bottom = top + 20 + height

    def x(size: float) -> float:
        return left + _LEFT + width * (math.log10(size) - lowest) / (highest - lowest)

    def y(value: float) -> float:
        return bottom - height * value / most

    parts = [_text(left, top + 4, f"{name}, ms", "text name")]
    for share in (0.0, 0.5, 1.0):
        at = y(most * share)
        parts.append(f'<path class="grid" d="M{left + _LEFT} {at:.1f}h{width}"/>')
        parts.append(_text(left + _LEFT - 8, at + 4, f"{most * share:,g}", "faint small", "end"))
    parts += [_text(x(size), bottom + 18, f"{size:,}", "faint small", "middle") for size in sizes]
    for kind, each in kinds.items():
        shift = -3 if kind == ALONE else 3  # bars that lie on each other cannot be told apart
        points = [(x(size) + shift, figures) for size, figures in zip(sizes, each, strict=True)]
        parts.append(_line(kind, [(at, y(median(figures))) for at, figures in points]))
        for at, figures in points:
            low, high = spread(figures)
            parts.append(f'<path class="{kind} whisker" d="M{at:.1f} {y(low):.1f}V{y(min(high, most)):.1f}"/>')
            parts.append(_mark(kind, at, y(median(figures))))
    return parts


def _legend(x: int, y: int, kind: str, words: str) -> list[str]:
    return [_line(kind, [(x, y), (x + 28, y)]), _mark(kind, x + 14, y), _text(x + 36, y + 4, words, "text")]


def _line(kind: str, points: Sequence[tuple[float, float]]) -> str:
    path = "L".join(f"{x:.1f} {y:.1f}" for x, y in points)
    dashed = " dashed" if kind == BESIDE else ""
    return f'<path class="{kind} line{dashed}" style="fill: none" d="M{path}"/>'


def _mark(kind: str, x: float, y: float) -> str:
    """Round or square, so that nobody needs to tell the colours."""
    if kind == ALONE:
        return f'<circle class="{kind}" cx="{x:.1f}" cy="{y:.1f}" r="3.5"/>'
    return f'<rect class="{kind}" x="{x - 3.5:.1f}" y="{y - 3.5:.1f}" width="7" height="7"/>'


def _text(x: float, y: float, words: str, kind: str, anchor: str = "start") -> str:
    return f'<text class="{kind}" x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{escape(words)}</text>'


def _round_up(value: float) -> float:
    """To 1, 2, 4, 5 or 10 times a power of ten."""
    power = 10.0 ** math.floor(math.log10(value))
    return next(step * power for step in (1, 2, 4, 5, 10) if step * power >= value)
