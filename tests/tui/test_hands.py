"""What hands do that know such programs: press what the footer shows, undress a list step by step, run a pool."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from queuectl.core.job import State
from queuectl.tui.actions import GROUPS, MAIN, footer
from queuectl.tui.panes import Pane
from queuectl.tui.screens.confirm import Confirm
from queuectl.tui.screens.job import JobScreen
from queuectl.tui.screens.main import MainScreen
from queuectl.tui.screens.prompt import Prompt
from tests.patience import DEADLINE_S
from tests.tui.flow import Flow, a_pool_of_elsewhere, flow
from tests.tui.screen import piloted

# The footer


async def _as_it_is(one: Flow) -> list[object]:
    """All that a key could change."""
    jobs = [*one.stock.jobs(), one.app.clipboard, one.app.screen, one.main.pane, one.main.lens.text, one.quits]
    lists = one.main.grid.lists.values()
    marks = [(shown.marks, shown.all_matching, shown.rows.cursor) for shown in lists]
    return [*jobs, *marks, one.main.arrangement(), one.main.grid.grouped, one.main.focused, one.app.desk.log[-1:]]


async def _press_all_that_are_lit(one: Flow, arrive: Callable[[], Awaitable[object]]) -> None:
    """Each key that the footer shows as working, one after the other."""
    await arrive()
    lit = [action for action in footer(one.main.scope) if one.main.check_action("do", (action.name,))]
    for action in lit:
        await arrive()
        before, told = await _as_it_is(one), len(one.told)
        await one.press(action.keys[0])
        deadline = time.monotonic() + DEADLINE_S
        while await _as_it_is(one) == before and len(one.told) == told:
            assert time.monotonic() < deadline, f"{action.name} does nothing in {one.main.scope}\n{one.text}"
            await one.pilot.pause(0.01)


@pytest.mark.parametrize("scope", sorted(MAIN - {Pane.WORKERS}))
@piloted
async def test_no_key_in_the_footer_of_an_empty_pane_does_nothing(tmp_path: Path, scope: str) -> None:
    async with flow(tmp_path) as one:
        with a_pool_of_elsewhere(tmp_path / "queue.db"):
            await _press_all_that_are_lit(one, lambda: one.at_nothing(scope))


@pytest.mark.parametrize(
    ("scope", "chosen"),
    [(Pane.PENDING, "A"), (Pane.PROCESSING, "space"), (Pane.DLQ, "A"), (Pane.DLQ, "space"), (Pane.DONE, "space")],
)
@piloted
async def test_no_key_in_the_footer_does_nothing_with_marks(tmp_path: Path, scope: str, chosen: str) -> None:
    async with flow(tmp_path) as one:
        with a_pool_of_elsewhere(tmp_path / "queue.db"):

            async def arrive() -> None:
                await one.at(scope)
                await one.press(chosen)

            await _press_all_that_are_lit(one, arrive)


@piloted
async def test_of_a_store_that_is_only_looked_at_no_key_that_changes_it_is_lit(tmp_path: Path) -> None:
    async with flow(tmp_path, read_only=True) as one:
        for scope in sorted(MAIN):
            await one.at(scope)
            lit = [action for action in footer(scope) if one.main.check_action("do", (action.name,))]
            assert not [action.name for action in lit if action.changes]
        await one.at(Pane.DLQ)
        before = one.stock.jobs()
        await one.press("r", "d", "x", "e", "n", "H", "i", "c", "u")
        assert one.stock.jobs() == before
        assert isinstance(one.app.screen, MainScreen)


# What a person does in one go


@piloted
async def test_what_was_dealt_with_is_marked_no_more(tmp_path: Path) -> None:
    async with flow(tmp_path) as one:
        await one.at(Pane.DLQ, number=5)
        await one.press("space", "space", "r")
        await one.until(lambda: len(one.stock.ids(State.PENDING)) == 2, "two to be retried")
        await one.until(lambda: not one.main.jobs.marks, "the marks to go")
        await one.press("A", "r")
        await one.yes()
        await one.until(lambda: len(one.stock.ids(State.PENDING)) == 5, "all to be retried")
        await one.until(lambda: not one.main.jobs.all_matching, "the mark of all to go")


@piloted
async def test_escape_takes_one_thing_away_at_a_time(tmp_path: Path) -> None:
    async with flow(tmp_path, size=(120, 40)) as one:
        await one.at(Pane.DLQ)
        await one.press("plus", "slash")
        await one.type("words")
        await one.press("enter", "space", "escape")
        assert not one.main.lens.filtered
        await one.press("space", "escape")
        assert not one.main.jobs.marks
        await one.press("t", "escape")
        assert not one.main.grid.grouped
        assert one.main.zoom
        await one.press("escape")
        assert not one.main.zoom


@piloted
async def test_escape_leads_from_the_jobs_of_an_error_back_to_the_errors_and_then_to_all(tmp_path: Path) -> None:
    async with flow(tmp_path) as one:
        await one.at(Pane.DLQ)
        one.stock.dead(2, command="other")
        await one.press("slash")
        await one.type("o")
        await one.press("enter", "t")
        await one.until(lambda: one.main.grid.groups.rows.count == 2, "two errors")
        await one.press("enter")
        await one.says("3 of 5")
        await one.press("escape")
        assert (one.main.grid.grouped, one.main.lens.text) == (True, "o")
        await one.press("escape")
        assert (one.main.grid.grouped, one.main.lens.text) == (True, "")
        await one.press("escape")
        assert not one.main.grid.grouped


@piloted
async def test_what_is_no_filter_is_neither_kept_nor_acted_on(tmp_path: Path) -> None:
    async with flow(tmp_path) as one:
        await one.at(Pane.DLQ)
        await one.press("slash")
        await one.type("exit>x")
        await one.says("? exit must be")
        await one.press("enter", "A", "r")
        assert one.main.filter_bar.is_open
        assert one.main.filter_bar.text.value == "exit>xAr"
        await one.press("escape")
        assert (one.main.lens.text, one.main.lens.problem) == ("", "")
        await one.press("slash")
        await one.type("words exit>x")
        await one.press("tab")
        await one.until(lambda: not one.main.filter_bar.is_open and not one.main.lens.problem, "typing to be over")
        assert one.main.lens.text == "words exit"


@piloted
async def test_a_key_that_does_nothing_says_why(tmp_path: Path) -> None:
    async with flow(tmp_path) as one:
        job = await one.at(Pane.PROCESSING, number=1)
        await one.press("e")
        await one.says("means nothing here")
        await one.press("6", "r")
        await one.says("There is no job for r Retry")
        await one.press("2", "0", "r")
        await one.says(f"{job.id} is processing, which r Retry")
    async with flow(tmp_path, read_only=True) as one:
        await one.press("n")
        await one.says("The store is open read-only")


@piloted
async def test_the_footer_names_what_a_key_does_now_and_nothing_below_a_dialog(tmp_path: Path) -> None:
    async with flow(tmp_path) as one:
        await one.at(Pane.PENDING, State.PENDING, number=1)
        await one.says("H Hold")
        await one.press("H")
        await one.says("H Release")
        await one.at(GROUPS)
        await one.says("t Jobs")
        await one.press("r")
        await one.is_at(Confirm)
        await one.until(lambda: "t Jobs" not in one.text, "the footer to be empty")
        await one.until(lambda: one.app.screen.hears, "the question to hear")
        await one.press("escape")
        await one.says("t Jobs")


@piloted
async def test_toasts_take_one_line_and_the_place_of_those_before(tmp_path: Path) -> None:
    async with flow(tmp_path) as one:
        await one.at(Pane.PENDING, State.PENDING)
        for _ in range(3):
            await one.press("H")
            await one.until(lambda: "u undo" in one.text, "a toast")
        await one.until(lambda: one.text.count("u undo") == 1, "one toast")
        assert len([line for line in one.text.splitlines() if "▌" in line]) == 1


# Workers, with a pool of their own


@piloted
async def test_the_keys_of_workers(tmp_path: Path) -> None:
    async with flow(tmp_path) as one:
        try:
            await _run_a_pool(one)
        finally:
            one.queue.pools.stop(force=True, timeout_s=DEADLINE_S)


async def _run_a_pool(one: Flow) -> None:
    await one.at(Pane.WORKERS)
    await one.press("x", "K", "enter")
    assert isinstance(one.app.screen, MainScreen)
    one.stock.add(1, command="exec sleep 600")
    await one.press("n")
    await one.until(lambda: "runs 1 worker" in one.text and "Starting" not in one.text, "the pool to be told")
    await one.press("equals_sign")
    await one.is_at(Prompt)
    await one.press("2", "enter")
    await one.until(lambda: len(one.queue.pools.workers()) == 2, "two workers")
    await one.until(lambda: "w2" in one.text and "busy" in one.text, "both on the screen")
    await one.press("n")
    await one.until(lambda: len(one.queue.pools.workers()) == 3, "three workers")
    busy = next(worker for worker in one.queue.pools.workers() if worker.job)
    await one.press("g", *["j"] * int(busy.name[-1]), "enter")
    await one.is_at(JobScreen)
    assert one.app.screen.job_id == busy.job
    await one.press("escape", "x")
    await one.yes()
    await one.says("stopping")
    await one.press("K")
    await one.yes()
    await one.until(lambda: not one.queue.pools.workers(), "the pool to be gone")
