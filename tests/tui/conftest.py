"""What every test of the app needs.

Tests that type through the whole app, most of them on a real pseudo-terminal, take minutes: they run
with `--app`. Without it what is checked is everything below the screen, and each widget alone.
"""

from __future__ import annotations

from pathlib import Path

import pytest

WHOLE_APP = {
    "test_entry", "test_flows", "test_forms", "test_gone_stores", "test_hands", "test_hostile", "test_job_screen",
    "test_job_terminal", "test_keyline", "test_lifecycle", "test_pager", "test_pool_deeds", "test_rough_handling",
    "test_session", "test_snapshots", "test_states", "test_upstream",
}  # fmt: skip


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if config.getoption("--app"):
        return
    whole = [item for item in items if Path(item.path).stem in WHOLE_APP]
    items[:] = [item for item in items if item not in set(whole)]
    config.hook.pytest_deselected(items=whole)
