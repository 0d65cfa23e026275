"""How a worker process gets on with its dispatcher and its keeper."""

import os
import signal
import time

import pytest

from queuectl.core.attempt import Outcome
from queuectl.worker.messages import Report, Why
from tests.worker.hired import an_assignment, await_death, lives

IGNORES_ALL = "trap '' TERM INT HUP; echo $$ > {bell}; while :; do sleep 1000; done"


def test_a_worker_that_is_let_go_ends(worker):
    assert worker.let_go() == 0


def test_a_worker_whose_keeper_is_gone_ends(worker):
    worker.lose_keeper()
    assert worker.exit_code() == 0


@pytest.mark.parametrize("lose", ["lose_dispatcher", "lose_keeper"])
def test_without_dispatcher_or_keeper_the_command_is_killed_at_once_and_the_worker_ends(worker, bell, lose):
    worker.assign(IGNORES_ALL.format(bell=bell.path), kill_grace_s=1000)
    pid = int(bell.hear())
    began = time.monotonic()
    getattr(worker, lose)()
    assert worker.exit_code() == 1
    assert time.monotonic() - began < 2
    assert not lives(pid)


def test_a_dispatcher_that_is_gone_before_the_command_begins_leaves_nothing_running(worker, bell):
    worker.assign(IGNORES_ALL.format(bell=bell.path))
    worker.lose_dispatcher()
    assert worker.exit_code() == 1


def test_the_signals_of_a_terminal_are_the_keepers_business(worker):
    worker.run("true")
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        os.kill(worker.pid, number)
    assert worker.run("exit 3").result.exit_code == 3


@pytest.mark.parametrize(
    ("why", "outcome"),
    [(Why.CANCEL, Outcome.CANCELLED), (Why.STOP, Outcome.INTERRUPTED), (Why.LOST, Outcome.INTERRUPTED)],
)
def test_a_command_that_is_asked_to_end_ends_and_the_report_says_why(worker, bell, why, outcome):
    worker.assign(f"echo $$ > {bell.path}; exec sleep 1000")
    bell.hear()
    worker.end(why)
    report = worker.report()
    assert (report.why, report.result.outcome, report.result.signal) == (why, outcome, "SIGTERM")


def test_a_command_may_tidy_up_within_its_grace(worker, bell):
    worker.assign(f"trap 'echo tidied; exit 0' TERM; echo > {bell.path}; while :; do sleep 0.01; done")
    bell.hear()
    worker.end()
    result = worker.report().result
    assert (result.outcome, result.exit_code) == (Outcome.CANCELLED, 0)
    assert result.output.endswith(b"tidied\n")


def test_a_command_that_ignores_its_grace_is_killed_after_it(worker, bell):
    worker.assign(IGNORES_ALL.format(bell=bell.path))
    bell.hear()
    began = time.monotonic()
    worker.end(grace_s=0.3)
    assert worker.report().result.signal == "SIGKILL"
    assert 0.3 <= time.monotonic() - began < 5


def test_without_grace_a_command_is_killed_at_once(worker, bell):
    worker.assign(f"trap 'echo tidied; exit 0' TERM; echo > {bell.path}; while :; do sleep 0.01; done")
    bell.hear()
    worker.end(grace_s=0)
    result = worker.report().result
    assert (result.signal, result.output) == ("SIGKILL", b"")


def test_asking_again_without_grace_shortens_it_and_keeps_the_first_reason(worker, bell):
    worker.assign(IGNORES_ALL.format(bell=bell.path))
    bell.hear()
    worker.end(Why.CANCEL, grace_s=1000)
    worker.end(Why.STOP, grace_s=0)
    report = worker.report()
    assert (report.why, report.result.signal) == (Why.CANCEL, "SIGKILL")


def test_asking_again_with_a_longer_grace_changes_nothing(worker, bell):
    worker.assign(IGNORES_ALL.format(bell=bell.path))
    bell.hear()
    worker.end(Why.CANCEL, grace_s=0.2)
    worker.end(Why.STOP, grace_s=1000)
    assert worker.report().why is Why.CANCEL


def test_an_order_to_end_that_comes_together_with_the_assignment_is_heard(worker):
    worker.channel.put(an_assignment("exec sleep 1000"))
    worker.end()
    report = worker.report()
    assert (report.result, report.why) == (None, Why.CANCEL)


def test_what_it_is_given_is_run_in_order(worker):
    for number in (1, 2, 3):
        worker.channel.put(an_assignment(f"echo {number}", number=number))
    worker.channel.flush()
    assert [worker.report().result.output for _ in range(3)] == [b"1\n", b"2\n", b"3\n"]


def test_what_cannot_begin_in_time_goes_back_while_the_command_before_it_runs(worker, bell):
    worker.assign(f"echo > {bell.path}; exec sleep 1000")
    worker.assign(f"echo late > {bell.path}", number=2, begin_before=time.monotonic() + 0.2)
    worker.assign("true", number=3)
    bell.hear()
    report = worker.report()
    assert (report.number, report.result, report.trouble, report.why) == (2, None, "", None)
    worker.end()
    assert [worker.report().number for _ in range(2)] == [1, 3]


def test_what_is_recalled_goes_back_and_what_runs_goes_on(worker, bell):
    os.mkfifo(f"{bell.path}.2")
    worker.assign(f"echo > {bell.path}; read line < {bell.path}.2")
    for number in (2, 3):
        worker.assign("true", number=number, begin_before=time.monotonic() + 1000)
    bell.hear()
    worker.recall()
    assert [worker.report() for _ in range(2)] == [Report(2, 1, None), Report(3, 1, None)]
    with open(f"{bell.path}.2", "w") as pipe:
        pipe.write("go on\n")
    assert worker.report().result.exit_code == 0


def test_what_is_recalled_while_one_short_command_follows_another_goes_back(worker, bell):
    worker.channel.put(an_assignment(f"echo > {bell.path}"))
    for number in range(2, 1_000):
        worker.channel.put(an_assignment("true", number=number, begin_before=time.monotonic() + 1000))
    worker.channel.flush()
    bell.hear()
    worker.recall()
    reports = [worker.report() for _ in range(999)]
    assert sum(report.result is None for report in reports) > 900


def test_behind_a_command_that_leaves_something_nothing_waits_until_that_is_dead(worker):
    worker.channel.put(an_assignment("sleep 1000 & exit 3", number=1))
    worker.channel.put(an_assignment("true", number=2))
    worker.channel.flush()
    assert worker.report() == Report(2, 1, None)
    assert worker.report().result.exit_code == 3


def test_an_order_to_end_hits_the_command_that_is_meant_and_no_other(worker, bell):
    worker.assign(f"echo > {bell.path}; exec sleep 1000")
    for number in (2, 3):
        worker.assign("exit 3", number=number)
    bell.hear()
    worker.end(number=2)
    assert worker.report() == Report(2, 1, None, why=Why.CANCEL)
    worker.end()
    reports = [worker.report() for _ in range(2)]
    assert [report.result.outcome for report in reports] == [Outcome.CANCELLED, Outcome.EXITED]


def test_an_order_to_end_that_comes_too_late_does_not_hit_the_next_command(worker):
    worker.run("true")
    worker.end()
    assert worker.run("exit 3").result.exit_code == 3


def test_a_cancel_after_the_time_limit_is_a_cancel(worker, bell):
    worker.assign(f"trap 'echo > {bell.path}' TERM; while :; do sleep 0.01; done", timeout_s=0.1, kill_grace_s=1000)
    bell.hear()
    worker.end(grace_s=0)
    assert worker.report().result.outcome is Outcome.CANCELLED


def test_processes_that_outlive_their_shell_are_killed_when_the_dispatcher_is_gone(worker, bell):
    daemon = f"setsid env -i /bin/sh -c 'echo $$ > {bell.path}; exec sleep 1000'"
    worker.assign(f"({daemon} &) ; exec sleep 1000")
    pid = int(bell.hear())
    worker.lose_dispatcher()
    assert worker.exit_code() == 1
    await_death(pid)
