from __future__ import annotations

import os
import pty
import select
import signal

from tests.cli.conftest import Program


def test_named_ids_are_changed_all_or_none(program: Program) -> None:
    program.ok("enqueue", "-", stdin="true\ntrue\ntrue\n")
    assert program.ok("hold", "j1", "j2").out == "Held: j1\nHeld: j2\n"
    assert "j1" in program("hold", "j3", "j1", code=3).err
    program("hold", "j3", "nobody", code=1)
    assert [job["held"] for job in program.jobs()] == [True, True, False]
    assert program.ok("release", "j1", "--json").json == {"matched": 1, "changed": 1, "skipped": []}
    assert "is not held" in program("release", "j1", code=3).err


def test_a_filter_of_more_than_one_needs_yes_and_says_what_it_skips(program: Program) -> None:
    program.ok("enqueue", "-", stdin="true\ntrue\ntrue\n")
    program.ok("hold", "j2")
    answer = program("hold", "--all", code=2)
    assert "2 of 3 jobs would be held: j1, j3 (1 cannot); nothing was changed" in answer.err
    assert "--yes" in answer.err
    assert program.ok("hold", "--all", "--dry-run").out == "2 of 3 jobs would be held: j1, j3 (1 cannot)\n"
    assert program.ok("cancel", "--all", "--dry-run").out == "3 jobs would be cancelled: j1, j2, j3\n"
    assert [job["held"] for job in program.jobs()] == [False, True, False]
    done = program.ok("hold", "--all", "--yes", "--json").json
    assert (done["matched"], done["changed"], [one["id"] for one in done["skipped"]]) == (3, 2, ["j2"])
    nothing = program.ok("hold", "--match", "no such")
    assert (nothing.out, nothing.err) == ("0 jobs held\n", "nothing matches the filter\n")


def test_a_dry_run_of_named_ids_is_refused_as_the_change_would_be(program: Program) -> None:
    program.ok("enqueue", "-", stdin="true\ntrue\n")
    program.ok("cancel", "j1")
    assert "j1 is cancelled already" in program("cancel", "j2", "j1", "--dry-run", code=3).err
    assert "'nobody'" in program("cancel", "nobody", "--dry-run", code=1).err
    assert program.ok("delete", "j1", "j2", "--dry-run").out == "2 jobs would be deleted: j1, j2\n"
    assert [job["state"] for job in program.jobs()] == ["cancelled", "pending"]


def test_quiet_prints_the_ids_that_a_filter_changed_and_no_others(program: Program) -> None:
    program.ok("enqueue", "-", stdin="true\n" * 600)
    program.ok("hold", "j2")
    answer = program.ok("hold", "--all", "--yes", "--quiet")
    assert answer.out.splitlines() == ["j1", *(f"j{number}" for number in range(3, 601))]
    assert answer.err == ""


def test_what_was_skipped_is_counted_by_reason(program: Program) -> None:
    program.ok("enqueue", "-", stdin="true\n" * 9)
    program.ok("cancel", "j1", "j2")
    program.ok("hold", "j9")
    err = program.ok("release", "--all", "--yes").err.splitlines()
    assert err[0] == "8 jobs skipped:"
    assert "  2 is cancelled; it cannot be released: j1, j2" in err
    assert "  6 is not held; it cannot be released: j3, j4, j5, j6, j7, …" in err


def test_a_job_that_is_due_later_or_held_is_not_said_to_run_at_once(program: Program) -> None:
    program.ok("enqueue", "--delay", "120m29s", "true")
    program.ok("enqueue", "--hold", "true")
    assert "it runs in 2h 00m; `queuectl cancel` stops it" in program("retry", "j1", code=3).err
    assert "it is held; `queuectl release j2` lets it run" in program("retry", "j2", code=3).err


def test_cancelling_a_running_job_says_that_it_is_being_stopped(pool: Program) -> None:
    pool.ok("config", "set", "kill-grace", "60s")
    pool.ok("enqueue", "--id", "run1", "trap '' TERM; echo ready; sleep 30 & wait; sleep 30")
    with pool.start("logs", "-f", "run1") as following:
        assert following.stdout is not None
        assert following.stdout.readline() == b"ready\n"
        answer = pool.ok("cancel", "run1")
        assert answer.out == "Stopping: run1\n"
        assert "SIGTERM now, SIGKILL after 1m 00s" in answer.err
        again = pool.ok("cancel", "--force", "--wait", "run1")
        assert "was being stopped already" in again.err
        assert "SIGKILL now" in again.err
    assert pool.jobs()[0]["state"] == "cancelled"


def test_cancelling_a_job_whose_pool_is_gone_says_who_ends_it(program: Program) -> None:
    with program.start("worker", "start", start_new_session=True) as started:
        program.ok("enqueue", "--id", "run1", "echo ready; sleep 60")
        with program.start("logs", "-f", "run1") as following:
            assert following.stdout is not None
            assert following.stdout.readline() == b"ready\n"
            following.kill()
        os.killpg(started.pid, signal.SIGKILL)
    answer = program.ok("cancel", "run1")
    assert "its pool p1 is gone" in answer.err
    assert "SIGTERM" not in answer.err
    program.ok("worker", "start", "--drain")
    assert program.jobs()[0]["state"] == "cancelled"


def test_resetting_several_keys_asks_and_says_what_they_were(program: Program) -> None:
    program.ok("config", "set", "lease", "5s")
    assert program.ok("config", "reset", "lease").err == "lease was 5s and is 30s\n"
    program.ok("config", "set", "lease", "5s")
    program.ok("config", "set", "max-retries", "7")
    assert "2 keys would be reset: max-retries (7), lease (5s)" in program("config", "reset", code=2).err
    assert program.ok("config", "get", "lease").out == "5s\n"
    answer = program.ok("config", "reset", "--yes")
    assert answer.out == "all keys: back to the default\n"
    assert "max-retries was 7 and is 3" in answer.err
    assert program.ok("config", "get", "lease").out == "30s\n"


def test_a_shell_that_is_not_here_is_set_with_a_warning(program: Program) -> None:
    assert "There is no program /bin/nosuch here" in program.ok("config", "set", "shell", "/bin/nosuch").err
    assert program.ok("config", "get", "shell").out == "/bin/nosuch\n"
    assert "no program" not in program.ok("config", "set", "shell", "/bin/sh").err


def test_waiting_jobs_can_be_cancelled_retried_and_deleted(program: Program) -> None:
    program.ok("enqueue", "true")
    assert program.ok("cancel", "j1").out == "Cancelled: j1\n"
    assert "cancelled" in program("cancel", "j1", code=3).err
    assert program.ok("retry", "j1").out == "Retried: j1\n"
    assert "pending" in program("retry", "j1", code=3).err
    assert program.ok("delete", "--state", "pending").out == "1 job deleted\n"
    assert program.jobs() == []


def test_purge_takes_completed_and_cancelled_jobs_only(program: Program) -> None:
    program.ok("enqueue", "-", stdin="true\ntrue\n")
    program.ok("cancel", "j1")
    program.ok("purge", "--older-than", "1h")
    assert len(program.jobs()) == 2
    program.ok("purge", "--all", "--yes")
    assert [job["id"] for job in program.jobs()] == ["j2"]


def test_the_dlq_refuses_jobs_that_are_not_dead(program: Program) -> None:
    program.ok("enqueue", "true")
    for words in (["dlq", "retry", "j1"], ["dlq", "purge", "j1"], ["dlq", "show", "j1"]):
        assert "j1 is pending, not dead" in program(*words, code=3).err
    assert program.ok("dlq", "list", "--json").json == []
    assert program.ok("dlq", "purge", "--all", "--yes").out == "0 jobs deleted\n"
    assert len(program.jobs()) == 1


def test_a_person_is_asked_on_a_terminal_and_no_changes_nothing(program: Program) -> None:
    program.ok("enqueue", "-", stdin="true\ntrue\n")
    assert "Go on? [y/N]" in at_a_terminal(program, b"n\n", "cancel", "--all")
    assert {job["state"] for job in program.jobs()} == {"pending"}
    at_a_terminal(program, b"y\n", "cancel", "--all")
    assert {job["state"] for job in program.jobs()} == {"cancelled"}


def at_a_terminal(program: Program, typed: bytes, *words: str) -> str:
    ours, theirs = pty.openpty()
    with program.start(*words, stdin=theirs, stdout=theirs, stderr=theirs) as process:
        os.close(theirs)
        os.write(ours, typed)
        shown = b""
        while select.select([ours], [], [], 20)[0]:
            try:
                part = os.read(ours, 4096)
            except OSError:  # the other end is closed
                break
            shown += part
        process.wait(timeout=20)
    os.close(ours)
    return shown.decode()


def test_a_terminal_gets_tables_of_its_width_in_colours_and_nothing_that_drives_it(program: Program) -> None:
    program.env["COLUMNS"] = "60"
    program.ok("enqueue", "echo '\x1b]0;x\x07' " + "y" * 200)
    program.ok("cancel", "j1")
    shown = at_a_terminal(program, b"", "list")
    assert "\x1b[2mcancelled\x1b[0m" in shown
    plain = shown.replace("\x1b[2m", "").replace("\x1b[0m", "")
    assert "\x1b" not in plain
    assert all(len(line) <= 60 for line in plain.splitlines())
    program.env["NO_COLOR"] = "1"
    assert "\x1b" not in at_a_terminal(program, b"", "list")


def test_a_person_who_adds_a_job_hears_that_no_worker_runs(program: Program) -> None:
    assert "No worker is running; start one in another terminal" in at_a_terminal(program, b"", "enqueue", "true")
    assert "No worker" not in at_a_terminal(program, b"", "enqueue", "--quiet", "true")
