from __future__ import annotations

import os
import pty
import select

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
    assert "3 jobs will be held: j1, j2, j3" in answer.err
    assert "--yes" in answer.err
    assert program.ok("hold", "--all", "--dry-run").out == "3 jobs would be taken: j1, j2, j3\n"
    assert [job["held"] for job in program.jobs()] == [False, True, False]
    done = program.ok("hold", "--all", "--yes", "--json").json
    assert (done["matched"], done["changed"], [one["id"] for one in done["skipped"]]) == (3, 2, ["j2"])
    assert program.ok("hold", "--match", "no such").out == "0 jobs held\n"


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
