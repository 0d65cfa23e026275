"""How far the keys that move go."""

from __future__ import annotations


def lines_moved(how: str, height: int) -> int:
    """Lines down (negative: up) for `down`, `up`, `half-down`, `half-up`, `page-down` and `page-up` in a view."""
    page = max(height - 1, 1)
    far = {"half": max(page // 2, 1), "page": page}.get(how.partition("-")[0], 1)
    return -far if how.endswith("up") else far
