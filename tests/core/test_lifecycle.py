import pytest
from hypothesis import given
from hypothesis import strategies as st

from queuectl.core.attempt import Attempt, Outcome, Result, with_result, without_result
from queuectl.core.job import ENDED, WAITING, Job, State, has_ended
from queuectl.core.lifecycle import (
    Cancel,
    Claim,
    Edit,
    Event,
    Fail,
    GiveBack,
    Hold,
    Release,
    Retry,
    Succeed,
    TakeOver,
    before_all,
    check_deletable,
    transition,
    undone,
)
from queuectl.core.units import PRIORITY_LIMIT
from queuectl.errors import Conflict, WrongState
from tests.core.examples import NOW, a_job, a_running_job

CLAIM = Claim("p1", "p1/w3", 99, "here")
FAIL = Fail(8.0)
GIVEN_BACK = GiveBack(charged=True, max_interruptions=5)
UNCHARGED = GiveBack(charged=False, max_interruptions=5)

PENDING = a_job()
HELD = a_job(held=True)
LATER = a_job(run_at=NOW + 1)
FAILED = a_job(state=State.FAILED, attempts=1)
HELD_FAILED = FAILED._replace(held=True)
RUNNING = a_running_job()
LAST = a_running_job(attempts=2, interruptions=5)
CANCELLING = a_running_job(attempts=2, cancel_asked=1)
COMPLETED = a_job(state=State.COMPLETED, attempts=1)
DEAD = a_job(state=State.DEAD, attempts=3, interruptions=2)
CANCELLED = a_job(state=State.CANCELLED, attempts=1)


@pytest.mark.parametrize(
    ("job", "event", "expected"),
    [
        (
            PENDING,
            CLAIM,
            {
                "state": State.PROCESSING,
                "pool": "p1",
                "worker": "p1/w3",
                "worker_pid": 99,
                "fence": 1,
                "started_at": NOW,
            },
        ),
        (FAILED, CLAIM, {"state": State.PROCESSING, "attempts": 1, "fence": 1}),
        (RUNNING, Succeed(), {"state": State.COMPLETED, "attempts": 1, "pool": None, "worker": "p1/w3"}),
        (RUNNING, FAIL, {"state": State.FAILED, "attempts": 1, "run_at": NOW + 8000}),
        (LAST, FAIL, {"state": State.DEAD, "attempts": 3}),
        (a_running_job(max_retries=1), FAIL, {"state": State.DEAD, "attempts": 1}),
        (a_running_job(max_retries=0), FAIL, {"state": State.DEAD, "attempts": 1}),
        (RUNNING, GIVEN_BACK, {"state": State.PENDING, "attempts": 0, "interruptions": 1, "run_at": RUNNING.run_at}),
        (LAST, UNCHARGED, {"state": State.PENDING, "attempts": 2, "interruptions": 5, "run_at": LAST.run_at}),
        (LAST, GIVEN_BACK, {"state": State.DEAD, "attempts": 2, "interruptions": 6, "error": "interrupted 6 times"}),
        (PENDING, Cancel(), {"state": State.CANCELLED}),
        (HELD, Cancel(), {"state": State.CANCELLED, "held": False}),
        (FAILED, Cancel(force=True), {"state": State.CANCELLED, "attempts": 1}),
        (RUNNING, Cancel(), {"state": State.PROCESSING, "cancel_asked": 1}),
        (RUNNING, Cancel(force=True), {"state": State.PROCESSING, "cancel_asked": 2}),
        (RUNNING._replace(cancel_asked=2), Cancel(), {"cancel_asked": 2}),
        (CANCELLING, Succeed(), {"state": State.CANCELLED, "attempts": 2, "cancel_asked": 0}),
        (CANCELLING, FAIL, {"state": State.CANCELLED, "attempts": 2}),
        (CANCELLING, GIVEN_BACK, {"state": State.CANCELLED, "attempts": 2, "interruptions": 0}),
        (CANCELLING, TakeOver("p2"), {"state": State.PROCESSING, "pool": "p2", "fence": 2, "cancel_asked": 1}),
        (DEAD, Retry(), {"state": State.PENDING, "attempts": 0, "interruptions": 0, "run_at": NOW}),
        (CANCELLED, Retry(), {"state": State.PENDING, "attempts": 0, "run_at": NOW}),
        (COMPLETED, Retry(), {"state": State.PENDING, "attempts": 0, "run_at": NOW}),
        (FAILED, Retry(), {"state": State.PENDING, "attempts": 1, "run_at": NOW}),
        (PENDING, Hold(), {"state": State.PENDING, "held": True}),
        (FAILED, Hold(), {"state": State.FAILED, "held": True}),
        (HELD, Release(), {"state": State.PENDING, "held": False}),
        (HELD_FAILED, Release(), {"state": State.FAILED, "held": False}),
        (PENDING, Edit({"priority": 7}), {"state": State.PENDING, "priority": 7}),
        (FAILED, Edit({"command": "ls"}), {"state": State.FAILED, "command": "ls"}),
        (DEAD, Edit({"tags": ("x",)}), {"state": State.DEAD, "tags": ("x",)}),
        (DEAD, Edit({"max_retries": 1}), {"state": State.DEAD, "attempts": 3, "max_retries": 1}),
        (FAILED, Edit({"max_retries": 2}), {"state": State.FAILED, "attempts": 1, "max_retries": 2}),
        (PENDING, Edit({"max_retries": 0}), {"state": State.PENDING, "max_retries": 0}),
        (PENDING, Edit({"run_at": NOW}, next=True), {"state": State.PENDING, "run_at": NOW}),
        (DEAD, Retry(5.0), {"state": State.PENDING, "attempts": 0, "run_at": NOW + 5000}),
        (FAILED, Retry(5.0), {"state": State.PENDING, "attempts": 1, "run_at": NOW + 5000}),
        (DEAD, Retry(5.0, 10.0, 7), {"state": State.PENDING, "run_at": NOW + 5700}),
        (DEAD, Retry(rate=3.0, place=1, since=NOW - 1000), {"state": State.PENDING, "run_at": NOW - 667}),
        (
            DEAD,
            Edit({"command": "ls", "max_retries": 1}, retry=True),
            {"state": State.PENDING, "attempts": 0, "interruptions": 0, "run_at": NOW, "command": "ls"},
        ),
        (COMPLETED, Edit({"run_at": NOW + 9}, retry=True), {"state": State.PENDING, "run_at": NOW + 9}),
        (CANCELLED, Edit({"priority": 2}, retry=True, next=True), {"state": State.PENDING, "priority": 2}),
        (FAILED, Edit({"cwd": "/"}, retry=True), {"state": State.PENDING, "attempts": 1, "run_at": NOW, "cwd": "/"}),
    ],
)
def test_an_event_moves_a_job_as_the_table_says(job: Job, event: Event, expected: dict[str, object]) -> None:
    after = transition(job, event, NOW)
    assert {name: getattr(after, name) for name in expected} == expected
    assert (after.version, after.updated_at) == (job.version + 1, NOW)
    assert after.state_since == (job.state_since if after.state is job.state else NOW)


@pytest.mark.parametrize(
    ("job", "events"),
    [
        (PENDING, [Retry(), Release(), Succeed(), FAIL, GIVEN_BACK, TakeOver("p2"), Edit({"cwd": "/"}, retry=True)]),
        (HELD, [CLAIM, Hold(), Retry()]),
        (LATER, [CLAIM]),
        (FAILED, [Release(), Succeed(), FAIL, GIVEN_BACK, TakeOver("p2")]),
        (HELD_FAILED, [CLAIM, Hold()]),
        (RUNNING, [CLAIM, Retry(), Hold(), Release(), Edit({"priority": 1})]),
        (CANCELLING, [CLAIM, Retry(), Hold(), Release(), Edit({"priority": 1})]),
        *[
            (
                job,
                [CLAIM, Succeed(), FAIL, GIVEN_BACK, TakeOver("p2"), Cancel(), Hold(), Release(), Edit({}, next=True)],
            )
            for job in (COMPLETED, DEAD, CANCELLED)
        ],
    ],
)
def test_any_other_pair_is_refused_with_the_state_and_what_can_be_done(job: Job, events: list[Event]) -> None:
    for event in events:
        with pytest.raises(WrongState) as caught:
            transition(job, event, NOW)
        assert job.id in caught.value.message
        assert caught.value.hint
        if not isinstance(event, Hold | Release) or job.state not in WAITING:
            assert job.state in caught.value.message


def test_a_claim_forgets_the_attempt_before() -> None:
    failed = FAILED._replace(exit_code=1, error="exit 1", finished_at=NOW - 9, duration_ms=3, signal="TERM")
    after = transition(failed, CLAIM, NOW)
    assert (after.exit_code, after.error, after.finished_at, after.duration_ms, after.signal) == (None,) * 5


@pytest.mark.parametrize("job", [PENDING, HELD, FAILED, COMPLETED, DEAD, CANCELLED])
def test_every_job_but_a_running_one_may_be_deleted(job: Job) -> None:
    check_deletable(job)
    with pytest.raises(WrongState, match="j1 is processing; it cannot be deleted"):
        check_deletable(RUNNING)


def test_the_latest_attempt_stays_with_the_job() -> None:
    result = Result(Outcome.EXITED, NOW - 500, NOW, 480, exit_code=6, error="exit 6 · no host")
    after = with_result(transition(RUNNING, FAIL, NOW), result)
    assert (after.runs, after.started_at, after.finished_at, after.duration_ms) == (1, NOW - 500, NOW, 480)
    assert (after.exit_code, after.error, after.worker) == (6, "exit 6 · no host", "p1/w3")


def test_a_job_whose_command_never_began_has_no_attempt() -> None:
    after = without_result(transition(RUNNING, UNCHARGED, NOW), None)
    assert (after.runs, after.started_at, after.worker, after.host) == (0, None, None, None)


def test_a_job_that_was_claimed_for_nothing_shows_its_attempt_before() -> None:
    earlier = Attempt(1, "p2/w1", "host", 5, 9, 4, Outcome.EXITED, 6, None, "exit 6", 0.1, None, 0, None, None)
    after = without_result(transition(RUNNING, UNCHARGED, NOW), earlier)
    assert (after.worker, after.started_at, after.exit_code, after.error) == ("p2/w1", 5, 6, "exit 6")


def test_a_job_that_was_interrupted_too_often_says_so_whatever_its_last_attempt_said() -> None:
    result = Result(Outcome.INTERRUPTED, NOW - 500, NOW, 480, signal="KILL", error="killed by KILL")
    assert with_result(transition(LAST, GIVEN_BACK, NOW), result).error == "interrupted 6 times"


EVENTS = st.one_of(
    st.sampled_from(
        [CLAIM, CLAIM, Succeed(), TakeOver("p2"), Cancel(), Cancel(force=True), Retry(), Hold(), Release()]
    ),
    st.builds(Fail, st.floats(0, 3600)),
    st.builds(GiveBack, charged=st.booleans(), max_interruptions=st.integers(0, 2)),
    st.builds(lambda priority: Edit({"priority": priority}), st.integers(-5, 5)),
    st.builds(lambda most, retry: Edit({"max_retries": most}, retry), st.integers(0, 4), st.booleans()),
    st.builds(Retry, st.floats(0, 60), st.one_of(st.none(), st.floats(0.01, 100)), st.integers(0, 500)),
)
ASKED = (Cancel, Retry, Hold, Release, Edit)


def possible(job: Job) -> bool:
    running = job.state is State.PROCESSING
    return all(
        [
            running == (job.pool is not None) == (job.worker_pid is not None),
            job.attempts >= 0,
            job.state in ENDED or job.attempts < max(job.max_retries, 1),
            job.state is not State.FAILED or 1 <= job.attempts < job.max_retries,
            job.state is not State.COMPLETED or job.attempts >= 1,
            not job.held or job.state in WAITING,
            not job.cancel_asked or running,
            job.state_since <= job.updated_at,
            has_ended(job) == (job.state in ENDED),
        ]
    )


@given(st.integers(0, 4), st.lists(st.tuples(EVENTS, st.integers(0, 10_000)), max_size=40))
def test_no_sequence_of_events_reaches_an_impossible_job(max_retries: int, steps: list[tuple[Event, int]]) -> None:
    job, now = a_job(max_retries=max_retries), NOW
    for event, passed in steps:
        now += passed
        try:
            after = transition(job, event, now)
        except WrongState:
            continue
        assert possible(after)
        assert after.version == job.version + 1
        claims_anew = isinstance(event, Claim | TakeOver)
        assert after.fence == job.fence + claims_anew
        assert (after.number, after.id, after.created_at) == (job.number, job.id, job.created_at)
        job = after


def test_a_job_that_only_fails_is_dead_after_its_last_attempt() -> None:
    job, now = a_job(max_retries=3), NOW
    for _ in range(3):
        now = max(now, job.run_at)
        job = transition(transition(job, CLAIM, now), FAIL, now)
    assert (job.state, job.attempts) == (State.DEAD, 3)


def test_a_refusal_says_when_a_waiting_job_runs() -> None:
    soon = a_job(run_at=NOW + 9_000)
    with pytest.raises(WrongState) as refused:
        transition(soon, Retry(), NOW)
    assert refused.value.hint.startswith("it runs in 9s;")
    with pytest.raises(WrongState) as refused:
        transition(soon, Retry(), NOW + 9_000)
    assert refused.value.hint.startswith("it runs as soon as a worker is free;")
    with pytest.raises(WrongState) as refused:
        transition(soon._replace(held=True), Retry(), NOW)
    assert refused.value.hint == "it is held; `queuectl release j1` lets it run"


def test_what_is_so_already_is_refused_in_these_words() -> None:
    for job, event, said in (
        (a_job(state=State.CANCELLED), Cancel(), "j1 is cancelled already"),
        (a_job(held=True), Hold(), "j1 is held already"),
    ):
        with pytest.raises(WrongState) as refused:
            transition(job, event, NOW)
        assert refused.value.message == said


@given(st.integers(0, 4), st.lists(st.tuples(EVENTS, st.integers(0, 10_000)), min_size=1, max_size=30), st.data())
def test_undoing_gives_back_what_was_there_or_is_refused_and_never_makes_an_impossible_job(
    max_retries: int, steps: list[tuple[Event, int]], data: st.DataObject
) -> None:
    lives, now = [a_job(max_retries=max_retries)], NOW
    events: list[Event] = []
    for event, passed in steps:
        now += passed
        try:
            lives.append(transition(lives[-1], event, now))
        except WrongState:
            continue
        events.append(event)
    at = data.draw(st.integers(0, len(lives) - 1))
    before, job = lives[at], lives[-1]
    if at != len(lives) - 2 or before.state is State.PROCESSING:
        with pytest.raises(WrongState):
            undone(job, before, now)
    elif isinstance(events[-1], ASKED):
        back = undone(job, before, now)
        assert possible(back)
        assert (back.version, back.updated_at) == (job.version + 1, now)
        assert back == before._replace(version=back.version, updated_at=now)


@pytest.mark.parametrize(
    ("job", "asked"),
    [
        (DEAD, Retry()),
        (FAILED, Retry(5.0)),
        (PENDING, Cancel()),
        (HELD_FAILED, Cancel()),
        (PENDING, Hold()),
        (HELD, Release()),
        (FAILED, Edit({"command": "ls", "run_at": NOW})),
        (DEAD, Edit({"command": "ls"}, retry=True)),
    ],
)
def test_what_a_person_did_last_is_undone_and_the_version_goes_on(job: Job, asked: Event) -> None:
    back = undone(transition(job, asked, NOW), job, NOW + 9)
    assert back == job._replace(version=job.version + 2, updated_at=NOW + 9)


def test_what_has_moved_since_or_runs_is_not_undone() -> None:
    retried = transition(DEAD, Retry(), NOW)
    with pytest.raises(WrongState, match="j1 has moved since and is processing; it stays as it is"):
        undone(transition(retried, CLAIM, NOW), DEAD, NOW)
    with pytest.raises(WrongState, match="j1 was processing; what was asked of it cannot be undone"):
        undone(transition(RUNNING, Cancel(), NOW), RUNNING, NOW)


@pytest.mark.parametrize(("job", "most"), [(FAILED, 1), (a_job(attempts=2), 2), (a_job(attempts=2), 0)])
def test_a_waiting_job_keeps_an_attempt_to_make(job: Job, most: int) -> None:
    with pytest.raises(WrongState, match="already; max_retries must be more") as refused:
        transition(job, Edit({"max_retries": most}), NOW)
    assert "queuectl cancel j1" in refused.value.hint


def test_what_runs_next_is_above_the_highest_that_waits_and_due_now() -> None:
    assert before_all(Edit({"cwd": "/"}, next=True), 7, NOW).changes == {"cwd": "/", "priority": 8, "run_at": NOW}
    assert before_all(Edit({}, next=True), None, NOW).changes == {"run_at": NOW}
    assert before_all(Edit({"cwd": "/"}), 7, NOW) == Edit({"cwd": "/"})
    with pytest.raises(Conflict, match="there is no higher one"):
        before_all(Edit({}, next=True), PRIORITY_LIMIT, NOW)


@given(st.floats(0.00002, 1_000_000), st.integers(0, 100_000), st.floats(0, 1e6))
def test_spread_jobs_are_due_one_after_another(rate: float, place: int, delay_s: float) -> None:
    asked = Retry(delay_s, rate).behind(place, NOW)
    first, second = asked.run_at(NOW + 5), asked.behind(1, NOW + 7).run_at(NOW + 9)
    assert abs(first - (NOW + delay_s * 1000 + place * 1000 / rate)) <= 1.5
    assert 0 <= second - first <= 1000 / rate + 1


def test_a_refusal_of_running_next_says_so() -> None:
    with pytest.raises(WrongState, match="j1 is dead; it cannot be run next"):
        transition(DEAD, Edit({}, next=True), NOW)
