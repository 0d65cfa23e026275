"""For which workers jobs are claimed, and how long none of them needs another."""

import math
import time

import pytest

from queuectl.core.attempt import Outcome, Result
from queuectl.worker.channel import Channel, pair
from queuectl.worker.crew import Crew
from queuectl.worker.loop import Loop
from queuectl.worker.messages import Hired, Recall, Report, Why
from tests.core.examples import a_running_job
from tests.worker.hired import an_assignment


@pytest.fixture
def crew():
    return Crew("p1", Loop(), lambda *_: None)


@pytest.fixture
def hire(crew):
    """Hires a worker; the other end of its channel is given back."""
    ends = []

    def hire(slot):
        ours, theirs = (Channel(end) for end in pair())
        ends.extend((ours, theirs))
        crew.hire(Hired(slot, 1000 + slot, 1), ours, 0)
        return theirs

    yield hire
    for end in ends:
        end.close()


def give(crew, slot, *numbers):
    for number in numbers:
        crew.assign(crew.hands[slot], a_running_job()._replace(number=number), an_assignment("true", number=number))


def end(crew, worker, slot, number, outcome=Outcome.EXITED, duration_ms=1):
    """A job of the worker ends."""
    give(crew, slot, number)
    worker.send(Report(number, 1, Result(outcome, 0, duration_ms, duration_ms)))
    crew._hear(crew.hands[slot])


def slots(crew, ahead=True):
    return [hand.slot for hand in crew.places(ahead)]


def test_who_has_nothing_to_do_comes_first_and_jobs_are_spread(crew, hire):
    workers = {slot: hire(slot) for slot in (1, 2, 3)}
    for slot, worker in workers.items():
        end(crew, worker, slot, 10 + slot, duration_ms=15)  # two of them within 30 ms
    give(crew, 1, 1, 2)
    give(crew, 2, 3)
    assert slots(crew) == [3, 2, 3, 1, 2, 3]
    assert slots(crew, ahead=False) == [3]


@pytest.mark.parametrize(
    ("outcome", "duration_ms", "places"),
    [
        (Outcome.EXITED, 0, 17),
        (Outcome.EXITED, 1, 17),
        (Outcome.EXITED, 7, 5),
        (Outcome.EXITED, 30, 2),
        (Outcome.EXITED, 31, 1),
        (Outcome.SIGNALLED, 1, 1),
        (Outcome.NOT_STARTED, 0, 1),
    ],
)
def test_the_shorter_a_job_was_the_more_may_be_ahead(crew, hire, outcome, duration_ms, places):
    end(crew, hire(1), 1, 9, outcome, duration_ms)
    assert len(slots(crew)) == places
    assert crew.has_place(ahead=True)


@pytest.mark.parametrize(("durations_ms", "places"), [((1, 30), 8), ((30, 1, 1), 2)])
def test_one_job_says_little_of_how_short_the_next_ones_are(crew, hire, durations_ms, places):
    worker = hire(1)
    for number, duration_ms in enumerate(durations_ms):
        end(crew, worker, 1, number, duration_ms=duration_ms)
    assert len(slots(crew)) == places


def test_a_job_that_comes_back_unbegun_ends_it(crew, hire):
    worker = hire(1)
    end(crew, worker, 1, 9)
    give(crew, 1, 1, 2)
    worker.send(Report(2, 1, None))
    crew._hear(crew.hands[1])
    assert slots(crew) == []
    assert not crew.has_place(ahead=True)


def test_a_report_of_an_older_claim_is_not_taken_for_one_of_the_newer(crew, hire):
    worker, heard = hire(1), []
    crew._on_report = lambda _, given, report: heard.append((given.job.fence, report.fence))
    for fence in (2, 3):
        job = a_running_job()._replace(number=7, fence=fence)
        crew.assign(crew.hands[1], job, an_assignment("true", number=7, fence=fence))
    for fence in (1, 2):
        worker.send(Report(7, fence, None))
    crew._hear(crew.hands[1])
    assert heard == [(2, 2)]
    assert [given.job.fence for given in crew.hands[1].given.values()] == [3]


def past_limit(crew):
    return [given.past_limit for given in crew.hands[1].given.values()]


def test_a_worker_that_hangs_is_named_once_and_what_was_only_asked_to_end_is_not_past_its_limit(crew, hire):
    hire(1)
    give(crew, 1, 1, 2)
    crew.end(crew.hands[1], a_running_job()._replace(number=2), Why.CANCEL, 1.0)
    now = time.monotonic()
    assert crew.overdue(now + 5.5) == []
    assert crew.overdue(now + 6.5) == [crew.hands[1]]
    assert crew.overdue(now + 7) == []
    assert crew.next_overdue() is None
    assert past_limit(crew) == [False, False]


def test_a_worker_that_does_not_end_a_job_at_its_limit_is_named(crew, hire):
    hire(1)
    job = a_running_job()._replace(number=1, timeout_s=1.0)
    crew.assign(crew.hands[1], job, an_assignment("a", number=1, timeout_s=1.0, kill_grace_s=2.0))
    now = time.monotonic()
    assert crew.overdue(now + 7.5) == []
    assert crew.overdue(now + 8.5) == [crew.hands[1]]
    assert past_limit(crew) == [True]


def test_who_was_stopped_itself_gives_the_worker_some_time(crew, hire):
    hire(1)
    job = a_running_job()._replace(number=1, timeout_s=1.0)
    crew.assign(crew.hands[1], job, an_assignment("a", number=1, timeout_s=1.0))
    now = time.monotonic() + 1000
    assert crew.overdue(now) == []
    assert crew.overdue(now + 4.5) == []
    assert crew.overdue(now + 5.5) == [crew.hands[1]]


def test_a_worker_that_does_not_give_back_what_it_cannot_begin_is_named(crew, hire):
    worker = hire(1)
    end(crew, worker, 1, 9)
    give(crew, 1, 1, 2)
    late = next(iter(list(crew.hands[1].given.values())[1:])).overdue_at
    assert late is not None
    assert crew.overdue(late - 1) == []
    worker.send(Report(1, 1, None))
    crew._hear(crew.hands[1])
    assert crew.next_overdue() is None, "it may run as long as it likes"
    give(crew, 1, 3)
    assert crew.overdue(crew.next_overdue()) == [crew.hands[1]]


def test_so_many_are_claimed_at_once_that_the_first_need_not_wait_for_the_last(crew, hire):
    for slot in range(1, 61):
        end(crew, hire(slot), slot, slot)
    assert len(slots(crew)) < 2 * 64
    for slot in range(61, 101):
        hire(slot)
    assert slots(crew) == [*range(1, 101)]


def test_only_who_has_something_that_has_not_begun_is_asked_for_it(crew, hire):
    workers = [hire(1), hire(2), hire(3)]
    give(crew, 1, 1)
    give(crew, 2, 2, 3)
    crew.deliver()
    crew.recall()
    heard = [list(worker.receive()) for worker in workers]
    assert [Recall() in messages for messages in heard] == [False, True, False]


def test_nobody_is_kept_waiting_for_results_to_gather(crew, hire):
    assert crew.slack_s == 0
    end(crew, hire(1), 1, 9)
    assert crew.slack_s == 0
    give(crew, 1, 1)
    assert crew.slack_s == 0
    give(crew, 1, 2, 3, 4)
    assert crew.slack_s == pytest.approx(0.002)
    end(crew, hire(2), 2, 10, duration_ms=5000)
    assert crew.slack_s == 0
    give(crew, 2, 11)
    assert crew.slack_s == pytest.approx(0.002)


def test_results_of_longer_jobs_gather_for_longer(crew, hire):
    end(crew, hire(1), 1, 9, duration_ms=10)
    give(crew, 1, 1, 2, 3, 4)
    assert crew.slack_s == pytest.approx(0.01)  # two of them, if they take half of the usual time


def test_without_short_jobs_nothing_gathers(crew, hire):
    end(crew, hire(1), 1, 9, duration_ms=5000)
    give(crew, 1, 1)
    assert math.isinf(crew.slack_s)
