"""What an attempt's report means for its job."""

import pytest

from queuectl.core.attempt import Outcome, Result
from queuectl.core.lifecycle import Fail, GiveBack, Succeed
from queuectl.core.settings import Settings
from queuectl.worker import verdict
from queuectl.worker.messages import Report, Why
from queuectl.worker.verdict import AFTER_STOP_S, BEFORE_STOP_S, Heard
from tests.core.examples import NOW, a_running_job

SETTINGS = Settings(max_interruptions=7)
AT = 1000.0
STOPPING = ["SIGTERM", "SIGINT", "SIGHUP", "SIGKILL"]


def test_exit_0_is_a_success():
    assert _event(a_result(exit_code=0)) == Succeed()


@pytest.mark.parametrize(
    "result",
    [
        {"exit_code": 1},
        {"outcome": Outcome.SIGNALLED, "signal": "SIGSEGV"},
        {"outcome": Outcome.TIMED_OUT, "exit_code": 0},
        {"outcome": Outcome.NOT_STARTED},
    ],
    ids=str,
)
def test_any_other_end_of_its_own_is_a_failure(result):
    assert _event(a_result(**result)) == Fail(2.0)


def test_the_delay_counts_the_attempt_that_just_failed_and_draws_the_jitter():
    job = a_running_job(attempts=2)
    settings = Settings(backoff_base=3.0, backoff_jitter=0.5)
    settled = verdict.failure(job, settings, a_result(exit_code=1), chance=0.5)
    assert settled.event == Fail(27 * 0.75)


@pytest.mark.parametrize("why", [Why.STOP, Why.CANCEL])
def test_a_command_ended_on_request_goes_back_uncharged_whatever_it_exited_with(why):
    settled = _settled(Report(1, 1, a_result(exit_code=0), why=why))
    assert settled.event == GiveBack(charged=False, max_interruptions=7)
    assert settled.result is not None


def test_a_claim_that_was_lost_is_not_settled():
    assert _settled(Report(1, 1, a_result(exit_code=0), why=Why.LOST)) is None


@pytest.mark.parametrize("trouble", ["", "no pipe: Too many open files"])
def test_a_command_that_was_not_started_goes_back_as_if_it_had_never_been_claimed(trouble):
    settled = _settled(Report(1, 1, None, trouble=trouble))
    assert (settled.event, settled.result) == (GiveBack(False, 7), None)


@pytest.mark.parametrize("name", STOPPING)
@pytest.mark.parametrize("stop_asked_at", [AT - AFTER_STOP_S, AT, AT + BEFORE_STOP_S])
def test_a_signal_around_a_stop_of_the_pool_is_part_of_it(name, stop_asked_at):
    settled = _settled(_signalled(name), stop_asked_at)
    assert settled.event == GiveBack(False, 7)
    assert (settled.result.outcome, settled.result.error) == (Outcome.INTERRUPTED, f"interrupted ({name})")


@pytest.mark.parametrize("stop_asked_at", [None, AT - AFTER_STOP_S - 0.01, AT + BEFORE_STOP_S + 0.01])
def test_a_signal_at_another_time_is_a_failure(stop_asked_at):
    assert _settled(_signalled("SIGTERM"), stop_asked_at).event == Fail(2.0)


@pytest.mark.parametrize("name", ["SIGSEGV", "SIGABRT", "SIGXCPU"])
def test_a_crash_during_a_stop_is_a_failure(name):
    assert _settled(_signalled(name), AT).event == Fail(2.0)


def test_a_timeout_during_a_stop_is_a_failure():
    timed_out = a_result(outcome=Outcome.TIMED_OUT, signal="SIGTERM")
    assert _settled(Report(1, 1, timed_out), AT).event == Fail(2.0)


@pytest.mark.parametrize("charged", [True, False])
def test_an_interruption_is_remembered_with_its_reason_and_time(charged):
    settled = verdict.interruption(a_running_job(), SETTINGS, NOW, "p1/w3 was lost", charged)
    assert settled.event == GiveBack(charged, 7)
    result = settled.result
    assert (result.outcome, result.error, result.duration_ms) == (Outcome.INTERRUPTED, "p1/w3 was lost", 1000)


def test_an_interruption_after_the_clock_was_set_back_has_no_negative_duration():
    job = a_running_job(started_at=NOW + 5000)
    assert verdict.interruption(job, SETTINGS, NOW, "lost", charged=True).result.duration_ms == 0


def test_a_settlement_carries_number_and_fence_of_its_claim():
    job = a_running_job(number=7, fence=3)
    settlements = [
        verdict.not_begun(job, SETTINGS),
        verdict.unknown_claim(7, 3, SETTINGS),
        verdict.failure(job, SETTINGS, a_result(exit_code=1), 0),
        verdict.interruption(job, SETTINGS, NOW, "lost", charged=True),
        verdict.settlement(Heard(job, Report(7, 3, a_result(exit_code=0)), AT), SETTINGS, 0, None),
    ]
    assert {(each.number, each.fence) for each in settlements} == {(7, 3)}


def a_result(outcome=Outcome.EXITED, **fields):
    return Result(outcome, started_at=NOW - 1000, finished_at=NOW, duration_ms=1000, **fields)


def _signalled(name):
    return Report(1, 1, a_result(outcome=Outcome.SIGNALLED, signal=name))


def _settled(report, stop_asked_at=None):
    return verdict.settlement(Heard(a_running_job(), report, AT), SETTINGS, 0, stop_asked_at)


def _event(result):
    return _settled(Report(1, 1, result)).event
