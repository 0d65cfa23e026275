"""What a change hands out for its undoing, and dead jobs in groups, through the one door."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from threading import Thread

import pytest

from queuectl import NewJob, Queue, connect
from queuectl.core.job import State
from queuectl.core.lifecycle import Cancel, Delete, Edit, Hold, Retry
from queuectl.core.selector import EVERYTHING, parse
from tests.big import fill


@pytest.fixture
def queue(tmp_path: Path) -> Iterator[Queue]:
    queue = connect(str(tmp_path / "queue.db"), create=True)
    yield queue
    queue.close()


def add(queue: Queue, number: int) -> list[str]:
    added = queue.jobs.add([NewJob("true", cwd="/") for _ in range(number)])
    return [one.id for one in added if one is not None]


def test_what_was_changed_by_name_or_by_a_filter_is_put_back(queue: Queue) -> None:
    ids = add(queue, 3)
    by_name = queue.jobs.change(ids[:1], Edit({"priority": 5}))
    by_filter = queue.jobs.change_matching(parse("prio:0"), Cancel(), queue.jobs.bound())
    assert queue.jobs.undo(by_name.before).changed == 1
    assert queue.jobs.undo(by_filter.before)[:3] == (2, 2, ())
    jobs = queue.jobs.page(EVERYTHING)
    assert [(job.state, job.priority, job.version) for job in jobs] == [(State.PENDING, 0, 3)] * 3
    again = queue.jobs.undo(by_name.before)
    assert (again.changed, again.skipped) == (0, (("j1", "j1 has moved since and is pending; it stays as it is"),))


def test_up_to_500_jobs_can_be_put_back_and_of_more_none(queue: Queue) -> None:
    add(queue, 500)
    changed = queue.jobs.change_matching(EVERYTHING, Hold(), queue.jobs.bound())
    assert [job.id for job in changed.before] == [f"j{n}" for n in range(1, 501)]
    assert queue.jobs.undo(changed.before).changed == 500
    add(queue, 1)
    seen = []
    changed = queue.jobs.change_matching(
        EVERYTHING, Hold(), queue.jobs.bound(), lambda so_far, _: seen.append(len(so_far.before))
    )
    assert (changed.changed, changed.before, seen) == (501, (), [500, 0])
    assert queue.jobs.change_matching(parse("id:j1"), Delete(), queue.jobs.bound()).before == ()


def test_a_spread_goes_on_from_batch_to_batch_from_the_moment_at_which_it_began(queue: Queue) -> None:
    add(queue, 1_100)
    queue.jobs.change_matching(EVERYTHING, Cancel(), queue.jobs.bound())
    changed = queue.jobs.change_matching(EVERYTHING, Retry(60.0, 4.0), queue.jobs.bound())
    due = [job.run_at - changed.began for job in queue.jobs.stream(EVERYTHING)]
    assert due == [60_000 + 250 * n for n in range(1_100)]


def test_no_two_jobs_that_are_put_first_at_once_get_the_same_priority(queue: Queue) -> None:
    ids = add(queue, 30)

    def put_first(mine: list[str]) -> None:
        other = connect(queue.location)
        for name in mine:
            other.jobs.change([name], Edit({}, next=True))
        other.close()

    threads = [Thread(target=put_first, args=(ids[n::3],)) for n in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(job.priority for job in queue.jobs.stream(EVERYTHING)) == list(range(1, 31))


def test_groups_grow_step_by_step_until_every_dead_job_is_in_one(tmp_path: Path) -> None:
    path = str(tmp_path / "big.db")
    fill(path, pending=10, dead=4_500, completed=10)
    queue = connect(path)
    seen = [sum(group.size for group in grouping.groups()) for grouping in queue.jobs.groups(EVERYTHING)]
    queue.close()
    assert seen == [2_000, 4_000, 4_500]


def test_a_queue_without_dead_jobs_has_no_groups(queue: Queue) -> None:
    add(queue, 1)
    assert [grouping.groups() for grouping in queue.jobs.groups(EVERYTHING)] == [[]]
