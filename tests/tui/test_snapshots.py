"""How the app looks: pictures that a person has looked at, of every pane and screen in three sizes.

After a change that is meant: `pytest tests/tui/test_snapshots.py --snapshot-update`, and look at what git shows.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot

from queuectl.core.job import NewJob
from queuectl.tui.app import QueueApp
from queuectl.wiring import connect
from tests.tui.busyday import busy_day
from tests.tui.scene import MINUTE, NOW, SECOND, Scene, failures
from tests.tui.stage import Keys, app_at, app_over, at_home, play, stand_still

WIDE, USUAL, SMALL = (120, 40), (80, 24), (40, 12)
FILTER = ("slash", *"err:resolve", "enter")


@pytest.fixture(scope="module")
def day(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    """A store that is only looked at."""
    with at_home(tmp_path_factory.mktemp("day")) as location:
        scene = busy_day(str(location))
        yield scene
        scene.close()


@pytest.fixture
def small(tmp_path: Path) -> Iterator[Callable[..., Scene]]:
    """Makes a store of the test's own."""
    scenes = []
    with at_home(tmp_path) as location:

        def make(workers: int = 0) -> Scene:
            scenes.append(Scene(str(location), workers))
            return scenes[-1]

        yield make
        for scene in scenes:
            scene.close()


@pytest.fixture
def looks(snap_compare: Callable[..., bool]) -> Callable[..., bool]:
    """Whether the app looks as it did, once these keys are pressed and `sees` is there."""

    def compare(app: QueueApp, size: tuple[int, int], sees: str, *steps: Keys, theme: str = "") -> bool:
        async def prepare(pilot: Pilot[Any]) -> None:
            if theme:
                app.theme = theme
            await play(pilot, sees, *steps)
            app.clear_notifications()
            await stand_still(pilot, sees)

        return snap_compare(app, terminal_size=size, run_before=prepare)

    return compare


# The panes


def test_pending_has_the_focus_first(looks, day):
    assert looks(app_over(day), WIDE, "for a free worker")


def test_processing_marks_who_is_nearly_over_its_limit(looks, day):
    assert looks(app_over(day), WIDE, "busy!", "2")


def test_the_dlq_of_a_usual_terminal(looks, day):
    assert looks(app_over(day), USUAL, "No space left on device", "3")


def test_workers_of_a_usual_terminal(looks, day):
    assert looks(app_over(day), USUAL, "pool p1", "4")


def test_config_of_a_usual_terminal(looks, day):
    assert looks(app_over(day), USUAL, "backoff-base", "5")


def test_done_of_a_usual_terminal(looks, day):
    assert looks(app_over(day), USUAL, "✓ completed", "6")


def test_detail_of_a_dead_job_fills_the_screen_when_zoomed(looks, day):
    assert looks(app_over(day), USUAL, "Attempts", "3", "0", "+")


def test_pending_of_a_small_terminal(looks, day):
    assert looks(app_over(day), SMALL, "ffmpeg")


def test_the_dlq_of_a_small_terminal(looks, day):
    assert looks(app_over(day), SMALL, "exit 1", "3")


# Choosing


def test_a_filter_and_marks(looks, day):
    assert looks(app_over(day), WIDE, "3 marked", "3", FILTER, ["space"] * 3)


def test_dead_jobs_by_error(looks, day):
    assert looks(app_over(day), USUAL, "38", "3", "t")


def test_a_question_before_all_matching_are_retried(looks, day):
    assert looks(app_over(day), USUAL, "Retry 38 dead jobs?", "3", FILTER, "A", "r")


# Forms


def test_the_form_of_a_new_job(looks, day):
    assert looks(app_over(day), WIDE, "queuectl enqueue", "n", "make all")


def test_the_form_of_a_usual_terminal(looks, day):
    assert looks(app_over(day), USUAL, "queuectl enqueue", "n", "true")


def test_a_dead_job_is_edited_and_retried(looks, day):
    assert looks(app_over(day), WIDE, "Edit and retry", "3", "e", " --force")


def test_a_setting_is_edited(looks, day):
    assert looks(app_over(day), USUAL, "queuectl config set backoff-base", "5", "j", "e")


# Other screens


def test_a_running_job_with_its_attempts_and_output(looks, day):
    assert looks(app_over(day), WIDE, "FOLLOW on", "2", ["slash", *"1004", "enter"], ["enter"])


def test_the_attempts_of_a_dead_job(looks, day):
    assert looks(app_over(day), USUAL, "timed out", "3", ["slash", *"encode.sh", "enter"], ["enter"], ["tab"])


def test_a_job_on_a_small_terminal(looks, day):
    assert looks(app_over(day), SMALL, "Output #3", "2", ["slash", *"1004", "enter"], ["enter"])


def test_charts_of_the_last_hour(looks, day):
    assert looks(app_over(day), WIDE, "Waiting jobs", "7")


def test_the_keys_of_a_pane(looks, day):
    assert looks(app_over(day), WIDE, "Moving about", "?")


def test_the_palette(looks, day):
    assert looks(app_over(day), USUAL, "Retry", "3", ":", "retry")


def test_what_was_done_as_command_lines(looks, small):
    scene = small(workers=1)
    scene.add("./report.sh --month 2026-06", NOW - 20 * MINUTE)
    for failure in failures(NOW - 20 * MINUTE, 900, "KeyError: 'month'"):
        scene.run(failure.started_at, failure)
    scene.add("./slow.sh", NOW - MINUTE)
    assert looks(app_over(scene), USUAL, "queuectl hold", "3", "r", "1", "H", "@")


# States


def test_nothing_yet(looks, small):
    assert looks(app_over(small()), WIDE, "Empty. Jobs land here")


def test_work_waits_and_no_worker_runs(looks, small):
    scene = small()
    for n in range(3):
        scene.add_all([NewJob("make all", "/srv")], NOW - (n + 1) * 50 * SECOND)
    assert looks(app_over(scene), USUAL, "no worker runs")


def test_a_store_that_is_not_there(looks, small):
    small()
    assert looks(app_at("/nonexistent/queue.db", connect, NOW), USUAL, "no store")


def test_looking_only(looks, day):
    assert looks(app_over(day, read_only=True), USUAL, "READ-ONLY")


def test_without_colours(looks, day, monkeypatch):
    monkeypatch.setenv("NO_COLOR", "1")
    assert looks(app_over(day), WIDE, "No space left", "3", ["space"])


@pytest.mark.parametrize("theme", ["ansi-dark", "textual-light", "queuectl-cvd"])
def test_themes(looks, day, theme):
    assert looks(app_over(day), WIDE, "No space left", "3", ["space"], theme=theme)
