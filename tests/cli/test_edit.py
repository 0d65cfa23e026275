from __future__ import annotations

from tests.cli.conftest import Program
from tests.patience import until


def test_every_field_that_is_named_is_changed_and_no_other(program: Program) -> None:
    program.env["COLOUR"] = "blue"
    program.ok("enqueue", "--tag", "old", "--timeout", "9s", "--env", "GONE=1", "echo one")
    before = program.jobs()[0]
    words = ["--command", "echo two", "--queue", "media", "--priority", "high", "--max-retries", "7", "--timeout", "5m"]
    words += ["--run-at", "2030-01-01T00:00:00Z", "--cwd", "sub", "--env", "COLOUR", "--env", "X=y=z", "--tag", "new"]
    assert program.ok("edit", "j1", *words).out == "Edited: j1\n"
    after = program.ok("show", "j1", "--json", "--show-env").json
    changed = {name: after[name] for name in before if after[name] != before[name] and name != "updated_at"}
    assert changed == {
        "command": "echo two", "queue": "media", "priority": 10, "max_retries": 7, "timeout": 300.0,
        "run_at": "2030-01-01T00:00:00.000Z", "cwd": str(program.folder / "sub"),
        "env": {"COLOUR": "blue", "X": "y=z"}, "tags": ["new"], "waiting": after["waiting"],
    }  # fmt: skip


def test_timeout_tags_and_environment_are_taken_away(program: Program) -> None:
    program.ok("enqueue", "--tag", "old", "--timeout", "9s", "--env", "GONE=1", "true")
    program.ok("edit", "j1", "--timeout", "none", "--tag", "", "--env", "")
    job = program.jobs()[0]
    assert (job["timeout"], job["tags"], job["env"]) == (None, [], None)


def test_all_named_jobs_are_edited_or_none(pool: Program) -> None:
    pool.ok("enqueue", "--delay", "1h", "true")
    pool.ok("enqueue", "--id", "runs", "sleep 60")
    until(lambda: pool.ok("show", "runs", "--json").json["state"] == "processing", "the job to run")
    refused = pool("edit", "j1", "runs", "--priority", "5", code=3)
    pool.ok("cancel", "--force", "--wait", "runs")
    assert "runs is processing; it cannot be edited" in refused.err
    assert "Hint: wait for it to end" in refused.err
    pool("edit", "j1", "nobody", "--priority", "5", code=1)
    assert pool.jobs()[0]["priority"] == 0
    answer = pool.ok("edit", "j1", "runs", "j1", "--priority", "5", "--json")
    assert answer.json == {"matched": 2, "changed": 2, "skipped": []}
    assert [(job["priority"], job["state"]) for job in pool.jobs()] == [(5, "pending"), (5, "cancelled")]


def test_a_dry_run_says_how_many_and_changes_nothing(program: Program) -> None:
    program.ok("enqueue", "-", stdin="true\ntrue\n")
    assert program.ok("edit", "j1", "j2", "--next", "--dry-run").out == "2 jobs would be edited: j1, j2\n"
    assert program.ok("edit", "j1", "-p", "3", "--quiet").out == "j1\n"
    assert [job["priority"] for job in program.jobs()] == [3, 0]


def test_what_runs_next_is_put_before_all_that_waits(program: Program) -> None:
    program.ok("enqueue", "--priority", "high", "true")
    program.ok("enqueue", "--run-at", "2030-01-01T00:00:00Z", "true")
    program.ok("edit", "j2", "--next")
    assert program.ok("list", "--sort", "priority", "--quiet").out.split() == ["j2", "j1"]
    second = program.jobs()[1]
    assert (second["priority"], second["run_at"] < "2030") == (11, True)
    program.ok("cancel", "j1")
    assert "j1 is cancelled; it cannot be run next" in program("edit", "j1", "--next", code=3).err
    program.ok("edit", "j1", "--next", "--retry")
    assert (program.jobs()[0]["priority"], program.jobs()[0]["state"]) == (12, "pending")


def test_edit_and_retry_is_one_step_and_the_attempts_before_say_what_they_ran(program: Program) -> None:
    program.ok("enqueue", "--max-retries", "1", "exit 3")
    program.ok("worker", "start", "--drain")
    assert program.jobs()[0]["state"] == "dead"
    answer = program.ok("edit", "j1", "--command", "echo \x1b[31mfine", "--max-retries", "2", "--retry")
    assert answer.out == "Edited and retried: j1\n"
    job = program.jobs()[0]
    assert (job["state"], job["attempts"], job["max_retries"]) == ("pending", 0, 2)
    program.ok("worker", "start", "--drain")
    shown = program.ok("show", "j1", "--json").json
    assert shown["state"] == "completed"
    assert [attempt["command"] for attempt in shown["attempts_history"]] == ["exit 3", None]
    assert "Attempt 1 ran another command: exit 3" in program.ok("show", "j1").out
    program.ok("edit", "j1", "--command", "true")
    shown_plain = program.ok("show", "j1").out
    assert "Attempt 2 ran another command: echo " in shown_plain
    assert "\x1b" not in shown_plain


def test_a_job_that_waits_for_its_retry_keeps_an_attempt_to_make(program: Program) -> None:
    program.ok("config", "set", "backoff-base", "1000")
    program.ok("enqueue", "exit 1")
    with program.start("worker", "start"):
        until(lambda: program.jobs()[0]["state"] == "failed", "the job to fail")
        program.ok("worker", "stop")
    answer = program("edit", "j1", "--max-retries", "1", code=3)
    assert "j1 has made 1 attempt already; max_retries must be more" in answer.err
    assert "queuectl cancel j1" in answer.err
    program.ok("edit", "j1", "--max-retries", "2")
    assert program.jobs()[0]["state"] == "failed"
    program.ok("cancel", "j1")
    program.ok("edit", "j1", "--max-retries", "1", "--retry")
    assert (program.jobs()[0]["state"], program.jobs()[0]["attempts"]) == ("pending", 0)


def test_what_cannot_be_changed_so_is_wrong_usage(program: Program) -> None:
    program.ok("enqueue", "true")
    for words, said in (
        ((), "nothing is to be changed"),
        (("--retry",), "nothing is to be changed"),
        (("--next", "--priority", "5"), "--next decides priority and time itself"),
        (("--next", "--run-at", "12:00"), "--next decides priority and time itself"),
        (("--command", " "), "the command is blank"),
        (("--priority", "urgent"), "'urgent' is not a priority"),
        (("--timeout", "0"), "timeout must be more than 0"),
        (("--queue", "../x"), "cannot be a queue"),
        (("--env", "QUEUECTL_CLAIM=1"), "a name that queuectl sets itself"),
        (("--env", "NOT_SET_HERE"), "it is not set here"),
        (("--tag", "a b"), "cannot be a tag"),
        (("--max-retries", "1.5"), "max_retries must be an integer"),
    ):
        assert said in program("edit", "j1", *words, code=2).err
    assert "Missing argument" in program("edit", code=2).err
    assert program.jobs()[0]["priority"] == 0
