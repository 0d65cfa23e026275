"""What keys do to jobs: asked, done, told, kept in the log and taken back, over a real store."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path
from threading import Event

import pytest

from queuectl.core.job import State
from queuectl.core.lifecycle import Retry
from queuectl.tui.actions import ACTIONS
from queuectl.tui.deeds import DEEDS
from queuectl.tui.desk import Target, Undo
from queuectl.tui.panes import LISTS, Pane
from queuectl.tui.screens.progress import Progress
from tests.tui.clerk import Stock, locked, matching, office, on
from tests.tui.screen import piloted


@pytest.fixture
def stock(tmp_path: Path) -> Iterator[Stock]:
    stock = Stock(tmp_path / "queue.db")
    yield stock
    stock.close()


def test_every_action_that_changes_something_has_a_deed() -> None:
    assert {action.name for action in ACTIONS if action.changes} <= set(DEEDS)


# Retry


@piloted
async def test_one_dead_job_is_retried_without_a_question_and_can_be_brought_back(stock: Stock) -> None:
    (id,) = stock.dead()
    before = stock.job(id)
    async with office(stock.path) as clerk:
        await clerk.do("queue.retry", on(stock.queue, Pane.DLQ, id))
        assert clerk.told == f"Retried {id} → pending · u undo"
        assert stock.job(id).state is State.PENDING
        assert [entry.line for entry in clerk.app.desk.log] == [f"queuectl dlq retry {id}"]
        await clerk.do("queue.undo", Target(Pane.DLQ))
        assert clerk.told == f"Undone: {id} is dead as before"
        after = stock.job(id)
        assert after._replace(version=0, updated_at=0) == before._replace(version=0, updated_at=0)


@piloted
async def test_a_second_r_on_the_same_job_is_harmless(stock: Stock) -> None:
    (id,) = stock.dead()
    target = on(stock.queue, Pane.DLQ, id)
    async with office(stock.path) as clerk:
        await clerk.do("queue.retry", target)
        version = stock.job(id).version
        await clerk.do("queue.retry", target)
        assert f"{id} is pending; it cannot be retried" in clerk.told
        assert stock.job(id).version == version


@piloted
async def test_a_marked_job_that_has_completed_meanwhile_is_not_run_again(stock: Stock) -> None:
    ids = stock.dead(3)
    target = on(stock.queue, Pane.DLQ, *ids)
    stock.queue.jobs.change(ids[:1], Retry())
    stock.settle(stock.claim(), well=True)
    async with office(stock.path) as clerk:
        await clerk.do("queue.retry", target)
        assert clerk.told == "2 retried, 1 skipped · @ lists them · u undo"
        assert stock.job(ids[0]).state is State.COMPLETED
        assert clerk.app.desk.log[-1].skipped == ((ids[0], f"{ids[0]} is completed now"),)
        assert clerk.app.desk.log[-1].line == f"queuectl dlq retry {ids[1]} {ids[2]}"


@piloted
async def test_more_than_twenty_marked_jobs_are_asked_about(stock: Stock) -> None:
    ids = stock.dead(21)
    async with office(stock.path) as clerk:
        await clerk.do("queue.retry", on(stock.queue, Pane.DLQ, *ids[:20]))
        assert clerk.told == "20 retried · u undo"
        stock.dead(21)
        ids = stock.ids(State.DEAD)
        await clerk.begin("queue.retry", on(stock.queue, Pane.DLQ, *ids))
        assert "Retry 22 dead jobs?" in clerk.text
        await clerk.answer("enter")
        assert stock.ids(State.DEAD) == ids


@piloted
async def test_all_that_match_are_asked_about_with_the_number_that_is_changed(stock: Stock) -> None:
    stock.dead(38, command="curl example.org")
    stock.dead(3, command="ffmpeg")
    async with office(stock.path) as clerk:
        await clerk.begin("queue.retry", matching(Pane.DLQ, "cmd:curl"))
        for part in ("Retry 38 dead jobs?", "cmd:curl", "move 38 jobs to pending", "y  Retry 38"):
            assert part in clerk.text
        assert "queuectl dlq retry --filter cmd:curl --yes" in clerk.text
        await clerk.answer("y")
        assert clerk.told == "38 retried · u undo"
        assert len(stock.ids(State.PENDING)) == 38
        assert len(stock.ids(State.DEAD)) == 3


@piloted
async def test_all_that_match_are_asked_about_even_if_they_are_few(stock: Stock) -> None:
    stock.dead(2)
    async with office(stock.path) as clerk:
        await clerk.begin("queue.retry", matching(Pane.DLQ))
        assert "Retry 2 dead jobs?" in clerk.text
        await clerk.answer("escape")
        assert len(stock.ids(State.DEAD)) == 2


@piloted
async def test_jobs_that_die_while_the_question_is_open_are_not_swept_in(stock: Stock) -> None:
    stock.dead(30)
    async with office(stock.path) as clerk:
        await clerk.begin("queue.retry", matching(Pane.DLQ))
        late = stock.dead(5)
        await clerk.answer("y")
        assert clerk.told == "30 retried · u undo"
        assert stock.ids(State.DEAD) == late


@piloted
async def test_jobs_that_left_while_the_question_was_open_are_counted_as_skipped(stock: Stock) -> None:
    ids = stock.dead(30)
    async with office(stock.path) as clerk:
        await clerk.begin("queue.retry", matching(Pane.DLQ))
        stock.queue.jobs.change(ids[:2], Retry())
        await clerk.answer("y")
        assert clerk.told == "28 retried, 2 skipped (already gone) · u undo"


@piloted
async def test_a_retry_of_many_can_be_stopped_and_asking_again_finishes_it(stock: Stock) -> None:
    for _ in range(4):
        stock.dead(400)
    async with office(stock.path) as clerk:
        await clerk.begin("queue.retry", matching(Pane.DLQ))
        assert "Retry 1,600 dead jobs?" in clerk.text
        with locked(stock.path):  # nothing goes on until Esc was heard
            await clerk.pilot.press("y")
            await clerk.until(lambda: isinstance(clerk.app.screen, Progress), "the progress to show")
            await clerk.pilot.press("escape")
            await clerk.until(clerk.app.screen.stop_asked.is_set, "Esc to be heard")
        await clerk.until(lambda: not clerk.app.working, "the deed to end")
        assert clerk.told == "500 retried, stopped: 1,100 left as they were · u undo"
        assert len(stock.ids(State.DEAD)) == 1_100
        await clerk.do("queue.retry", matching(Pane.DLQ), "y")
        assert clerk.told == "1,100 retried"
        assert stock.ids(State.DEAD) == []


@piloted
async def test_many_marked_jobs_are_retried_in_batches_too(stock: Stock) -> None:
    ids = [id for _ in range(3) for id in stock.dead(400)]
    async with office(stock.path) as clerk:
        await clerk.do("queue.retry", on(stock.queue, Pane.DLQ, *ids), "y")
        assert clerk.told == "1,200 retried"
        assert clerk.app.desk.undo is None
        assert len(stock.ids(State.PENDING)) == 1_200


@piloted
async def test_a_group_of_one_error_is_retried_by_its_key(stock: Stock) -> None:
    stock.dead(25, command="curl example.org")
    stock.dead(3, command="ffmpeg -i x")
    *_, grouping = stock.queue.jobs.groups(LISTS[Pane.DLQ].where)
    group = next(one for one in grouping.groups() if one.command == "curl")
    async with office(stock.path) as clerk:
        await clerk.do("queue.retry", matching(Pane.DLQ, f"group:{group.key}"), "y")
        assert clerk.told == "25 retried · u undo"
        assert clerk.app.desk.log[-1].line == f"queuectl dlq retry --filter group:{group.key} --yes"


@piloted
async def test_a_retry_with_a_rate_spreads_the_jobs_over_time(stock: Stock) -> None:
    stock.dead(30)
    async with office(stock.path) as clerk:
        await clerk.begin("queue.retry-with", matching(Pane.DLQ))
        await clerk.pilot.press(*"5m 10/s")
        assert "queuectl dlq retry --delay 5m --rate 10/s --all --yes" in clerk.text
        await clerk.pilot.press("enter")
        await clerk.until(lambda: "Retry 30 dead jobs?" in clerk.text and clerk.asked, "the question")
        assert "in 5m 00s, the last in 5m 03s" in clerk.text
        await clerk.answer("y")
        due = [job.run_at for job in stock.jobs()]
        assert [at - due[0] for at in due] == [100 * k for k in range(30)]
        assert 299_000 < due[0] - stock.jobs()[0].updated_at <= 300_000


@piloted
async def test_the_prompt_of_a_retry_says_what_enter_does_and_names_the_jobs_as_they_are_dealt_with(
    stock: Stock,
) -> None:
    one, two, three = stock.dead(3)
    async with office(stock.path) as clerk:
        await clerk.begin("queue.retry-with", Target(Pane.DLQ, (three, one, two)))
        assert "empty: all at once, now" in clerk.text
        assert f"queuectl dlq retry {one} {two} {three}" in clerk.text
        await clerk.answer("escape")


@piloted
async def test_a_bad_rate_is_said_and_not_taken(stock: Stock) -> None:
    (id,) = stock.dead()
    async with office(stock.path) as clerk:
        await clerk.begin("queue.retry-with", on(stock.queue, Pane.DLQ, id))
        await clerk.pilot.press(*"x/s", "enter")
        assert "'x/s' is not a rate" in clerk.text
        await clerk.answer("escape")
        assert stock.job(id).state is State.DEAD


@piloted
async def test_a_job_that_waits_for_its_retry_is_due_now_and_keeps_its_tries(stock: Stock) -> None:
    (id,) = stock.add()
    stock.settle(stock.claim())
    assert stock.job(id).state is State.FAILED
    async with office(stock.path) as clerk:
        await clerk.do("queue.retry", on(stock.queue, Pane.PENDING, id))
        job = stock.job(id)
        assert (job.state, job.attempts) == (State.PENDING, 1)
        assert job.run_at <= stock.queue.clock()


@piloted
async def test_a_retry_that_its_unique_key_forbids_says_why(stock: Stock) -> None:
    (id,) = stock.dead(unique_key="k")
    stock.add(unique_key="k")
    async with office(stock.path) as clerk:
        await clerk.do("queue.retry", on(stock.queue, Pane.DLQ, id))
        assert clerk.told.startswith(f"{id} has the unique key of another job that is still to end")
        assert stock.job(id).state is State.DEAD


@piloted
async def test_a_retry_of_many_stops_behind_its_batch_when_the_app_ends(stock: Stock) -> None:
    stock.dead(1_100)
    async with office(stock.path) as clerk:
        await clerk.begin("queue.retry", matching(Pane.DLQ))
        clerk.app.desk.closing.set()
        await clerk.answer("y")
        assert len(stock.ids(State.DEAD)) == 600
        assert clerk.told.startswith("500 retried, stopped: 600 left as they were")


@piloted
async def test_of_dead_jobs_with_one_unique_key_the_question_counts_one(stock: Stock) -> None:
    for _ in range(3):
        stock.dead(unique_key="k")
    ids = stock.ids(State.DEAD)
    async with office(stock.path) as clerk:
        await clerk.begin("queue.retry", matching(Pane.DLQ))
        assert "Retry 1 dead job?" in clerk.text
        await clerk.answer("y")
        assert clerk.told.startswith("1 retried, 2 skipped")
        assert (stock.ids(State.PENDING), stock.ids(State.DEAD)) == (ids[:1], ids[1:])
        await clerk.do("queue.cancel", on(stock.queue, Pane.PENDING, ids[0]))
        await clerk.do("queue.retry", on(stock.queue, Pane.DLQ, *ids[1:]))
        assert clerk.told.startswith("1 retried, 1 skipped")
        assert stock.ids(State.PENDING) == [ids[1]]


@piloted
async def test_a_deed_that_changed_nothing_leaves_what_can_be_undone(stock: Stock) -> None:
    dead, other = stock.dead(2)
    async with office(stock.path, patience_s=0.2) as clerk:
        await clerk.do("queue.retry", on(stock.queue, Pane.DLQ, dead))
        with locked(stock.path):
            await clerk.do("queue.retry", on(stock.queue, Pane.DLQ, other))
        assert "busy" in clerk.told
        await clerk.do("queue.undo", Target(Pane.DLQ))
        assert stock.ids(State.DEAD) == [dead, other]


@piloted
async def test_a_key_that_is_pressed_twice_looks_again_once_the_first_is_done(stock: Stock) -> None:
    stock.dead(30)
    async with office(stock.path) as clerk:
        await clerk.begin("queue.retry", matching(Pane.DLQ))
        second = clerk.app.run_worker(DEEDS["queue.retry"](clerk.app.desk, matching(Pane.DLQ)))
        await clerk.answer("y")
        await second.wait()
        assert clerk.app.told == ["30 retried · u undo", "No job matches"]


@piloted
async def test_a_long_look_is_told_of(stock: Stock) -> None:
    (id,) = stock.dead()
    gate = Event()
    async with office(stock.path) as clerk:
        waiting = asyncio.ensure_future(clerk.app.desk.ask(lambda _: gate.wait(30)))
        clerk.app.working = True
        clerk.app.run_worker(clerk.app.do("queue.retry", on(stock.queue, Pane.DLQ, id)))
        await clerk.until(lambda: clerk.told == "Waiting for the store …", "the toast")
        gate.set()
        await waiting
        await clerk.until(lambda: not clerk.app.working, "the deed to end")
        assert stock.job(id).state is State.PENDING


# Cancel and kill


@piloted
async def test_a_waiting_job_is_cancelled_at_once_and_brought_back(stock: Stock) -> None:
    (id,) = stock.add()
    async with office(stock.path) as clerk:
        await clerk.do("queue.cancel", on(stock.queue, Pane.PENDING, id))
        assert clerk.told == f"Cancelled {id} · u undo"
        assert stock.job(id).state is State.CANCELLED
        await clerk.do("queue.undo", Target(Pane.PENDING))
        assert stock.job(id).state is State.PENDING


@piloted
async def test_a_running_job_is_cancelled_only_after_a_question(stock: Stock) -> None:
    (id,) = stock.add()
    stock.claim()
    async with office(stock.path) as clerk:
        target = on(stock.queue, Pane.PROCESSING, id)
        await clerk.begin("queue.cancel", target)
        assert "SIGTERM now, SIGKILL after 10s" in clerk.text
        await clerk.answer("escape")
        assert stock.job(id).cancel_asked == 0
        await clerk.do("queue.cancel", target, "y")
        assert stock.job(id).cancel_asked == 1
        assert clerk.app.desk.undo is None


@piloted
async def test_a_job_that_began_to_run_meanwhile_is_not_cancelled_unasked(stock: Stock) -> None:
    (id,) = stock.add()
    target = on(stock.queue, Pane.PENDING, id)
    stock.claim()
    async with office(stock.path) as clerk:
        await clerk.do("queue.cancel", target)
        assert f"{id} is processing" in clerk.told
        assert stock.job(id).cancel_asked == 0


@piloted
async def test_kill_always_asks_and_leaves_waiting_jobs_alone(stock: Stock) -> None:
    first, second = stock.add(2)
    stock.claim()
    async with office(stock.path) as clerk:
        await clerk.do("queue.kill", on(stock.queue, Pane.DETAIL, first, second), "y")
        assert stock.job(first).cancel_asked == 2
        assert stock.job(second).state is State.PENDING
        assert clerk.app.desk.log[-1].line == f"queuectl cancel --force {first}"


# Hold, release, next


@piloted
async def test_h_holds_what_is_free_and_releases_what_is_held(stock: Stock) -> None:
    ids = stock.add(3)
    async with office(stock.path) as clerk:
        target = on(stock.queue, Pane.PENDING, *ids)
        await clerk.do("queue.hold", on(stock.queue, Pane.PENDING, ids[0]))
        assert clerk.told == f"Held {ids[0]} · u undo"
        await clerk.do("queue.hold", target)
        assert [job.held for job in stock.jobs()] == [True, True, True]
        assert clerk.told == "2 held, 1 skipped · @ lists them · u undo"
        await clerk.do("queue.hold", matching(Pane.PENDING), "y")
        assert [job.held for job in stock.jobs()] == [False, False, False]
        assert clerk.app.desk.log[-1].line == "queuectl release --state pending --state failed --yes"


@piloted
async def test_i_puts_a_job_before_all_others(stock: Stock) -> None:
    stock.add(1, priority=7)
    (id,) = stock.add()
    async with office(stock.path) as clerk:
        await clerk.do("queue.next", on(stock.queue, Pane.PENDING, id))
        assert stock.job(id).priority == 8
        assert clerk.app.desk.log[-1].line == f"queuectl edit --next {id}"
        await clerk.do("queue.next", matching(Pane.PENDING))
        assert "one by one" in clerk.told


# Delete


@piloted
async def test_delete_asks_and_says_that_it_cannot_be_undone(stock: Stock) -> None:
    (id,) = stock.dead()
    async with office(stock.path) as clerk:
        await clerk.begin("queue.delete", on(stock.queue, Pane.DLQ, id))
        assert "cannot be brought back" in clerk.text
        await clerk.answer("enter")
        assert stock.ids(State.DEAD) == [id]
        await clerk.do("queue.delete", on(stock.queue, Pane.DLQ, id), "y")
        assert stock.jobs() == []
        assert clerk.told == f"Deleted {id}"
        assert clerk.app.desk.log[-1].line == f"queuectl dlq purge {id}"


@piloted
async def test_of_more_than_a_hundred_jobs_the_number_must_be_typed_before_they_are_deleted(stock: Stock) -> None:
    stock.dead(101)
    async with office(stock.path) as clerk:
        await clerk.begin("queue.delete", matching(Pane.DLQ))
        await clerk.pilot.press("y")
        assert len(stock.jobs()) == 101
        await clerk.answer(*"101", "y")
        assert stock.jobs() == []


# Undo


@piloted
async def test_undo_leaves_what_has_moved_on_and_counts_it(stock: Stock) -> None:
    ids = stock.dead(4)
    async with office(stock.path) as clerk:
        await clerk.do("queue.retry", on(stock.queue, Pane.DLQ, *ids))
        stock.claim()
        await clerk.do("queue.undo", Target(Pane.DLQ))
        assert clerk.told == "3 undone, 1 not: they have moved since · @ lists them"
        assert stock.ids(State.DEAD) == ids[1:]
        assert stock.ids(State.PROCESSING) == ids[:1]


@piloted
async def test_undo_is_over_after_its_time_and_works_once(stock: Stock) -> None:
    (id,) = stock.dead()
    async with office(stock.path) as clerk:
        await clerk.do("queue.retry", on(stock.queue, Pane.DLQ, id))
        last = clerk.app.desk.undo
        assert last is not None
        clerk.app.desk.undo = Undo(last.what, last.before, last.until_s - 11)
        await clerk.do("queue.undo", Target(Pane.DLQ))
        assert clerk.told.startswith("Nothing to undo")
        assert stock.job(id).state is State.PENDING
        clerk.app.desk.undo = last
        await clerk.do("queue.undo", Target(Pane.DLQ))
        await clerk.do("queue.undo", Target(Pane.DLQ))
        assert clerk.app.told[-2:] == [f"Undone: {id} is dead as before", clerk.told]
        assert clerk.told.startswith("Nothing to undo")


# What goes wrong


@piloted
async def test_a_busy_store_is_said_and_nothing_is_pretended(stock: Stock) -> None:
    (id,) = stock.dead()
    target = on(stock.queue, Pane.DLQ, id)
    async with office(stock.path, patience_s=0.3) as clerk:
        with locked(stock.path):
            await clerk.do("queue.retry", target)
        assert "Retried" not in clerk.told
        assert stock.job(id).state is State.DEAD
        entry = clerk.app.desk.log[-1]
        assert (entry.line, entry.failed) == (f"queuectl dlq retry {id}", True)
        assert clerk.app.desk.undo is None
        await clerk.do("queue.retry", target)
        assert stock.job(id).state is State.PENDING


@piloted
async def test_a_job_that_was_deleted_meanwhile_is_said_to_be_gone(stock: Stock) -> None:
    async with office(stock.path) as clerk:
        await clerk.do("queue.retry", Target(Pane.DLQ, ("j99",)))
        assert clerk.told.startswith("j99 is gone")
        await clerk.do("queue.retry", Target(Pane.DLQ, ("j98", "j99")))
        assert clerk.told == "None of 2 jobs can be retried"


@piloted
async def test_a_filter_that_matches_nothing_says_so(stock: Stock) -> None:
    async with office(stock.path) as clerk:
        await clerk.do("queue.delete", matching(Pane.DLQ, "nothing"))
        assert clerk.told == "No job matches"
