"""What a real worker process makes of real commands: their outcome, surroundings and end."""

import os
import resource
import signal
import stat
import sys

import pytest

from queuectl.core.attempt import Outcome
from queuectl.worker import descendants, poolfile
from tests.worker.hired import HiredWorker, lives

# --- outcomes ---


@pytest.mark.parametrize("code", [0, 1, 126, 127, 255])
def test_an_exit_code_is_reported_as_it_is(worker, code):
    result = worker.run(f"exit {code}").result
    assert (result.outcome, result.exit_code, result.signal) == (Outcome.EXITED, code, None)
    assert result.error == (f"exit {code}" if code else None)


def test_the_error_is_the_reason_and_the_last_line_of_output(worker):
    result = worker.run("echo first; echo 'curl: (6) Could not resolve host' >&2; echo; exit 6").result
    assert result.error == "exit 6 · curl: (6) Could not resolve host"


@pytest.mark.parametrize("name", ["SIGKILL", "SIGTERM", "SIGSEGV", "SIGHUP"])
def test_a_command_killed_by_a_signal_is_reported_with_its_name(worker, name):
    result = worker.run(f"kill -{name[3:]} $$").result
    assert (result.outcome, result.exit_code, result.signal, result.error) == (Outcome.SIGNALLED, None, name, name)


def test_a_program_that_is_not_found_is_a_failed_attempt(worker):
    result = worker.run("no-such-program-anywhere").result
    assert (result.outcome, result.exit_code) == (Outcome.EXITED, 127)


@pytest.mark.parametrize("command", ["-foo", "+foo", "--", "-c true"])
def test_a_command_that_begins_like_an_option_is_a_command(worker, command):
    assert worker.run(command).result.exit_code == 127


@pytest.mark.parametrize(
    ("fields", "error"),
    [
        ({"cwd": "/no/such/folder"}, "cannot enter /no/such/folder: No such file or directory"),
        ({"cwd": "/dev/null"}, "cannot enter /dev/null: Not a directory"),
        ({"shell": "/no/such/shell"}, "cannot start /no/such/shell: No such file or directory"),
        ({"shell": "/dev/null"}, "cannot start /dev/null: Permission denied"),
        ({"env": {"HUGE": "x" * 200_000}}, "cannot start /bin/sh: Argument list too long"),
    ],
    ids=lambda value: value if isinstance(value, str) else next(iter(value)),
)
def test_what_cannot_be_started_here_is_a_failed_attempt_and_the_worker_goes_on(worker, fields, error):
    report = worker.run("true", **fields)
    assert (report.result.outcome, report.result.error) == (Outcome.NOT_STARTED, error)
    assert (report.result.exit_code, report.trouble) == (None, "")
    assert worker.run("exit 3").result.exit_code == 3


def test_a_host_without_room_for_another_file_is_trouble_and_no_result(worker):
    worker.run("true")
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.prlimit(worker.pid, resource.RLIMIT_NOFILE, (3, hard))
    report = worker.run("true")
    assert report.result is None
    assert report.trouble == "no descriptor for a command: Too many open files"
    resource.prlimit(worker.pid, resource.RLIMIT_NOFILE, (256, hard))
    assert worker.run("exit 3").result.exit_code == 3


def test_a_host_without_room_for_a_handle_starts_nothing_that_stays(worker):
    worker.run("true")
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    taken = {int(entry) for entry in os.listdir(f"/proc/{worker.pid}/fd")}
    free = [number for number in range(256) if number not in taken]
    outcomes = []
    for room in range(9):
        resource.prlimit(worker.pid, resource.RLIMIT_NOFILE, (free[room], hard))
        report = worker.run("exec sleep 1000", timeout_s=0.01)
        outcomes.append(report.result.outcome if report.result else report.trouble)
        assert _children_of(worker) == []
    trouble = "no descriptor for a command: Too many open files"
    assert outcomes == [trouble] * 6 + [Outcome.TIMED_OUT] * 3
    resource.prlimit(worker.pid, resource.RLIMIT_NOFILE, (256, hard))
    assert worker.run("true").result.exit_code == 0


def test_a_command_that_comes_too_late_is_not_started(worker, tmp_path):
    report = worker.run(f"touch {tmp_path}/started", begin_before=0.0)
    assert (report.result, report.trouble) == (None, "")
    assert not (tmp_path / "started").exists()
    assert poolfile.begun(worker.place, "p1") == frozenset()


def test_what_was_begun_stands_in_the_pools_file(worker, bell):
    worker.assign(f"echo > {bell.path}; exec sleep 1000", number=7, fence=3, timeout_s=0.5)
    bell.hear()
    assert poolfile.begun(worker.place, "p1") == {(7, 3)}
    worker.report()


# --- what was measured ---


def test_an_attempt_has_its_times_and_cpu_seconds_of_all_that_it_waited_for(worker):
    burn = f"{sys.executable} -c 'import time\nwhile time.process_time() < 0.3: pass'"
    result = worker.run(f"({burn}); true").result
    assert result.cpu_s >= 0.3
    assert result.duration_ms >= 300
    assert abs(result.finished_at - result.started_at - result.duration_ms) < 1000


def test_cpu_seconds_of_what_was_left_count_too(worker, bell):
    burn = f'import time\nwhile time.process_time() < 0.3: pass\nprint(file=open("{bell.path}", "w"))\ntime.sleep(999)'
    worker.assign(f"{sys.executable} -c '{burn}' & read line < {bell.path}")
    assert worker.report().result.cpu_s >= 0.3


def test_peak_memory_is_that_of_the_largest_process_or_unknown(worker):
    ours = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024  # and the worker's, which is forked from here
    size = ours + (100 << 20)
    result = worker.run(f"{sys.executable} -c 'x = bytearray({size})'").result
    assert size < result.max_rss_bytes < size + (100 << 20)
    assert worker.run("true").result.max_rss_bytes is None


# --- its surroundings ---


def test_a_command_sees_the_pools_environment_and_its_own_but_no_inherited_names_of_queuectl(place):
    worker = HiredWorker(place, {"QUEUECTL_JOB_ID": "outer", "QUEUECTL_SECRET": "x", "COLOUR": "red", "SIZE": "small"})
    env = {"SIZE": "large", "QUEUECTL_CLAIM": "store:1:1"}
    lines = worker.output_of("env", env=env).splitlines()
    worker.let_go()
    assert {line for line in lines if line.startswith("QUEUECTL_")} == {"QUEUECTL_CLAIM=store:1:1"}
    assert {"COLOUR=red", "SIZE=large"} <= set(lines)


def test_a_command_runs_in_its_directory_and_the_next_one_in_its_own(worker, tmp_path):
    assert worker.output_of("pwd", cwd=str(tmp_path)) == f"{tmp_path}\n"
    assert worker.output_of("pwd", cwd="/") == "/\n"


def test_standard_input_is_empty(worker):
    assert worker.output_of("cat; readlink /proc/self/fd/0") == "/dev/null\n"


def test_signals_are_at_their_defaults_and_none_is_blocked(worker):
    lines = worker.output_of("cat /proc/self/status").splitlines()
    masks = dict(line.split(":") for line in lines if line.startswith(("SigIgn", "SigBlk")))
    for mask in masks.values():
        assert not [number for number in signal.valid_signals() if int(mask, 16) & 1 << (number - 1)]
    assert len(masks) == 2


def test_a_closed_pipe_ends_a_command_as_in_a_shell(worker):
    assert worker.run("set -e; yes | head -n 1; exit 0", timeout_s=10).result.exit_code == 0


def test_a_command_has_a_session_of_its_own_and_no_terminal(worker):
    pid, session, terminal = worker.output_of("cut -d ' ' -f 1,6,7 /proc/self/stat; true").split()
    assert session != str(os.getsid(worker.pid))
    assert pid != session
    assert terminal == "0"


def test_a_command_inherits_no_descriptors_not_even_those_that_the_pool_was_started_with(place):
    reading, writing = os.pipe()
    os.set_inheritable(writing, True)
    worker = HiredWorker(place)
    os.close(reading)
    os.close(writing)
    listed = worker.output_of("exec ls /proc/self/fd").split()
    worker.let_go()
    assert listed == ["0", "1", "2", "3"], "3 is the folder that ls reads"


def test_the_shell_is_the_one_that_was_asked_for(worker, tmp_path):
    shell = tmp_path / "shell"
    shell.write_text('#!/bin/sh\necho "[$1] [$2]"\n')
    shell.chmod(shell.stat().st_mode | stat.S_IXUSR)
    assert worker.output_of("a  b", shell=str(shell)) == "[-c] [a  b]\n"


# --- its end ---


def test_what_a_command_leaves_running_is_gone_before_it_is_reported(worker):
    output = worker.output_of("sleep 1000 & echo $!")
    assert not lives(int(output))


def test_a_child_that_holds_the_output_open_keeps_nobody_waiting(worker):
    result = worker.run("sleep 1000 & echo done").result
    assert result.output == b"done\n"
    assert result.duration_ms < 10_000


@pytest.mark.parametrize("ending", ["exit 0", "sleep 1000", "kill -9 $$"])
def test_a_daemon_with_a_session_and_an_environment_of_its_own_is_gone_too(worker, bell, ending):
    daemon = f"setsid env -i /bin/sh -c 'trap \"\" TERM HUP; echo $$ > {bell.path}; while :; do sleep 1000; done'"
    worker.assign(
        f"({daemon} &) ; read line < {bell.path}; echo $line > {bell.path}; {ending}", kill_grace_s=0.1, timeout_s=1.0
    )
    worker.report()
    assert not lives(int(bell.hear()))
    assert _children_of(worker) == []


def test_a_command_that_runs_too_long_is_ended_and_says_so(worker):
    result = worker.run("echo working; exec sleep 1000", timeout_s=0.2).result
    assert (result.outcome, result.signal) == (Outcome.TIMED_OUT, "SIGTERM")
    assert result.error == "timed out after 200ms (SIGTERM) · working"
    assert 200 <= result.duration_ms < 5000


def test_a_command_that_ignores_sigterm_is_killed_after_its_grace(worker):
    result = worker.run("trap '' TERM; while :; do sleep 1000; done", timeout_s=0.1, kill_grace_s=0.3).result
    assert (result.outcome, result.signal) == (Outcome.TIMED_OUT, "SIGKILL")
    assert 400 <= result.duration_ms < 5000


def test_children_may_use_the_grace_when_their_shell_is_gone_already(worker):
    child = "trap 'sleep 0.3; echo tidied; exit' TERM; echo ready; while :; do sleep 0.01; done"
    result = worker.run(f'sh -c "{child}" & wait', timeout_s=0.5, kill_grace_s=10).result
    assert result.signal == "SIGTERM"
    assert result.output.endswith(b"tidied\n")
    assert result.duration_ms < 8000


def test_a_stopped_command_hears_that_it_is_to_end(worker):
    result = worker.run("kill -STOP $$", timeout_s=0.2, kill_grace_s=10).result
    assert (result.outcome, result.signal) == (Outcome.TIMED_OUT, "SIGTERM")
    assert result.duration_ms < 8000


def test_hundreds_of_children_are_all_gone_after_a_cancel(worker, bell):
    worker.assign(f"trap '' TERM; for i in $(seq 300); do sleep 1000 & done; echo > {bell.path}; wait")
    bell.hear()
    worker.end(grace_s=0.1)
    assert worker.report().result.signal == "SIGKILL"
    assert _children_of(worker) == []


def test_a_time_limit_of_years_is_a_time_limit(worker):
    assert worker.run("exit 3", timeout_s=3e9).result.exit_code == 3


def _children_of(worker):
    return descendants.descendants([worker.pid])
