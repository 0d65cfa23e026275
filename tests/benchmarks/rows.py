"""A line of the table: figures, those of what stands beside, the budget, and whether it is met."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from tests.benchmarks.turns import ratio, spread

NONE = "–"


@dataclass(frozen=True)
class Limit:
    """A budget: of the ratio, or with a `unit` of the figure itself."""

    bound: float
    unit: str = "×"
    least: bool = False

    def holds(self, value: float) -> bool:
        return value >= self.bound if self.least else value <= self.bound

    def __str__(self) -> str:
        return f"{'≥' if self.least else '≤'} {self.bound:,g} {self.unit}"


def at_most(bound: float, unit: str = "×") -> Limit:
    return Limit(bound, unit)


def at_least(bound: float, unit: str = "×") -> Limit:
    return Limit(bound, unit, least=True)


@dataclass(frozen=True)
class Row:
    """`number` is that of the budget. What could not be measured is `left_out`, with the reason."""

    number: int
    what: str
    unit: str = ""
    ours: Sequence[float] = ()
    beside: str = ""
    theirs: Sequence[float] = ()
    limit: Limit | None = None
    note: str = ""
    left_out: str = ""

    @property
    def ratio(self) -> float | None:
        return ratio(self.ours, self.theirs) if self.ours and self.theirs else None

    @property
    def judged(self) -> float | None:
        """What the budget is about."""
        if self.limit is None or not self.ours:
            return None
        return self.ratio if self.limit.unit == "×" else median(self.ours)

    @property
    def verdict(self) -> str:
        """Of a budget `met` or `lost`; without one, who is `ahead` or `behind` of what stands beside."""
        if self.left_out:
            return "left out"
        if self.judged is not None and self.limit is not None:
            return "met" if self.limit.holds(self.judged) else "lost"
        if self.ratio is None:
            return NONE
        more_is_better = self.unit.endswith("/s")
        return "ahead" if (self.ratio >= 1) is more_is_better else "behind"

    @property
    def used(self) -> float | None:
        """What part of the budget is used up; above 1 it is lost."""
        if self.limit is None or not self.judged:
            return None
        return self.limit.bound / self.judged if self.limit.least else self.judged / self.limit.bound

    def cells(self) -> tuple[str, ...]:
        """As the table shows it."""
        ratio_text = NONE if self.ratio is None else f"{self.ratio:.2f}"
        limit = NONE if self.limit is None else str(self.limit)
        ours, theirs = (_cells(figures, self.unit) for figures in (self.ours, self.theirs))
        beside = self.left_out or self.beside or NONE
        return (str(self.number), self.what, *ours, beside, *theirs, ratio_text, limit, self.verdict)

    def record(self) -> dict[str, object]:
        """As the JSON file has it, with every figure."""
        return {
            "row": self.number,
            "what": self.what,
            "unit": self.unit,
            "ours": list(self.ours),
            "beside": self.beside or None,
            "theirs": list(self.theirs),
            "median": median(self.ours) if self.ours else None,
            "median_beside": median(self.theirs) if self.theirs else None,
            "ratio": self.ratio,
            "budget": None if self.limit is None else str(self.limit),
            "judged": self.judged,
            "verdict": self.verdict,
            "note": self.note or None,
            "left_out": self.left_out or None,
        }


def said(figure: float) -> str:
    """Three digits of it, whatever its size."""
    if abs(figure) >= 100:
        return f"{figure:,.0f}"
    return f"{figure:.{1 if abs(figure) >= 10 else 2 if abs(figure) >= 0.1 else 3}f}"


def _cells(figures: Sequence[float], unit: str) -> tuple[str, str]:
    if not figures:
        return NONE, NONE
    low, high = spread(figures)
    return f"{said(median(figures))} {unit}".strip(), NONE if len(figures) == 1 else f"{said(low)} … {said(high)}"
