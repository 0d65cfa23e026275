from __future__ import annotations

import json

from tests.cli.conftest import Program

JOB_KEYS = [
    *("id", "command", "state", "queue", "priority", "attempts", "max_retries", "interruptions", "run_at"),
    *("created_at", "updated_at", "started_at", "finished_at", "duration", "exit_code", "signal", "error"),
    *("worker", "worker_pid", "host", "timeout", "cwd", "env", "tags", "unique_key", "held", "waiting"),
]


def test_a_job_has_the_keys_of_the_contract(program: Program) -> None:
    program.ok("enqueue", "true")
    assert list(program.jobs()[0]) == JOB_KEYS
    assert list(program.ok("show", "--json").json) == [*JOB_KEYS, "attempts_history"]


def test_list_shows_what_is_picked_in_the_order_that_is_asked_for(program: Program) -> None:
    lines = [{"id": f"n{n}", "command": f"echo {n}", "priority": n % 3, "tags": ["odd"] * (n % 2)} for n in range(6)]
    program.ok("enqueue", "-", stdin="\n".join(map(json.dumps, lines)))

    def ids(*words: str) -> list[str]:
        return program.ok("list", "--quiet", *words).out.split()

    assert ids() == ["n0", "n1", "n2", "n3", "n4", "n5"]
    assert ids("--limit", "2") == ["n4", "n5"]
    assert ids("--sort", "priority", "--limit", "3") == ["n2", "n5", "n1"]
    assert ids("--sort", "-arrival", "--limit", "2") == ["n5", "n4"]
    assert ids("--tag", "odd", "--filter", "prio>0") == ["n1", "n5"]
    assert ids("--match", "echo 3", "--match", "echo 4") == ["n3", "n4"]
    assert ids("n4", "n1") == ["n4", "n1"]


def test_the_newest_of_many_are_found_without_holding_them_all(program: Program) -> None:
    program.ok("enqueue", "-", stdin="true\n" * 1500)
    found = program.ok("list", "--quiet", "--limit", "1200").out.split()
    assert found == [f"j{n}" for n in range(301, 1501)]
    lines = program.ok("list", "--jsonl").out.splitlines()
    assert [json.loads(line)["id"] for line in lines] == [f"j{n}" for n in range(1, 1501)]


def test_status_counts_and_warns(program: Program) -> None:
    program.ok("enqueue", "-", "--queue", "media", stdin="true\ntrue\n")
    program.ok("cancel", "j1")
    status = program.ok("status", "--json")
    assert status.err == ""
    assert status.json["jobs"] == {
        "pending": 1, "processing": 0, "completed": 0, "failed": 0, "dead": 0, "cancelled": 1, "total": 2,
    }  # fmt: skip
    assert status.json["queues"] == [{"name": "media", "pending": 1, "processing": 0, "failed": 0, "dead": 0}]
    assert status.json["workers"] == {"active": 0, "busy": 0}
    assert "jobs are due and no worker is running" in program.ok("status").err


def test_wait_tells_good_ends_from_bad_ones_and_gives_up_in_time(program: Program) -> None:
    program.ok("enqueue", "true")
    said = program("wait", "--all", "--timeout", "0.1s", code=124).err
    assert said.startswith("Waiting for j1: no worker is running")
    assert "Error: j1 has not ended yet\nHint: j1: no worker" in said
    program.ok("cancel", "j1")
    assert "j1: cancelled" in program("wait", "j1", code=1).err
    assert "No job matches" in program.ok("wait", "--state", "dead").err


def test_jobs_that_are_held_or_not_due_are_not_warned_about_but_named_by_who_waits(program: Program) -> None:
    program.ok("enqueue", "--hold", "true")
    program.ok("enqueue", "--hold", "true")
    program.ok("enqueue", "--delay", "1h", "true")
    assert program.ok("status").err == ""
    said = program("wait", "--all", "--timeout", "0s", code=124).err
    assert "Waiting for 2 jobs (j1 …): held; queuectl release lets it run" in said
    assert "Error: j1 and 2 others have not ended yet" in said


def test_logs_of_a_job_that_never_ran_say_so(program: Program) -> None:
    program.ok("enqueue", "--hold", "true")
    answer = program.ok("logs")
    assert answer.out == ""
    assert answer.err.splitlines() == [
        "j1 waits: held; queuectl release j1 lets it run",
        "j1 is pending and has not run so far",
    ]


def test_settings_are_kept_checked_and_reset(program: Program) -> None:
    assert program.ok("config", "get", "max_retries").out == "3\n"
    assert program.ok("config", "set", "default_max_retries", "5").out == "max-retries = 5\n"
    assert program.ok("config", "get", "max-retries").out == "5\n"
    program("config", "set", "max-retries", "-1", code=2)
    program("config", "set", "shell", "sh", code=2)
    shown = program.ok("config", "show", "--json").json
    assert list(shown["max-retries"]) == ["value", "default", "source", "applies"]
    assert (shown["max-retries"]["value"], shown["max-retries"]["source"]) == ("5", "store")
    assert program.ok("enqueue", "--json", "true").json["max_retries"] == 5
    program.ok("config", "reset")
    assert program.ok("config", "get", "max-retries").out == "3\n"
    assert program.ok("config", "list").out == program.ok("config", "show").out


def test_settings_that_other_queues_need_are_checked_and_ignored(program: Program) -> None:
    assert "not needed; ignored" in program.ok("config", "set", "poll-interval", "1s").out
    program("config", "set", "poll-interval", "often", code=2)
    assert program.ok("config", "path").out == f"{program.store}\n"
