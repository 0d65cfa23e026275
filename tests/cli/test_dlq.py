from __future__ import annotations

from datetime import datetime

import pytest

from tests.cli.conftest import Program
from tests.cli.test_change import at_a_terminal


@pytest.fixture
def dead(program: Program) -> Program:
    """Three jobs that died of one thing and one of another."""
    lines = [f"sh -c 'echo no host h{n} >&2; exit {n + 1}'" for n in range(3)]
    program.ok("enqueue", "-", "--max-retries", "1", stdin="\n".join([*lines, "exit 9"]))
    program.ok("worker", "start", "--drain")
    return program


def due(program: Program) -> list[float]:
    """When each job is due, in seconds after the first."""
    times = [datetime.fromisoformat(job["run_at"]).timestamp() for job in program.jobs() if job["state"] == "pending"]
    return [round(time - times[0], 3) for time in times]


def test_dead_jobs_are_grouped_by_command_and_error_with_a_key_that_filters_take(dead: Program) -> None:
    most, other = dead.ok("dlq", "groups", "--json").json
    assert {name: most[name] for name in ("command", "error", "count", "newest_id")} == {
        "command": "sh", "error": "exit N · no host hN", "count": 3, "newest_id": "j3",
    }  # fmt: skip
    assert (other["command"], other["error"], other["count"], other["newest_id"]) == ("exit", "exit N", 1, "j4")
    answer = dead.ok("dlq", "groups")
    assert answer.out.splitlines()[0].split() == ["GROUP", "JOBS", "NEWEST", "COMMAND", "ERROR"]
    assert answer.out.splitlines()[1].split(None, 4) == [most["group"], "3", "j3", "sh", "exit N · no host hN"]
    assert answer.err == f"To retry the first of these: queuectl dlq retry --filter group:{most['group']} --yes\n"
    assert dead.ok("list", "--quiet", "--filter", f"group:{other['group']}").out == "j4\n"
    assert dead.ok("dlq", "retry", "--filter", f"group:{most['group']}", "--yes").out == "3 jobs retried\n"
    assert [one["group"] for one in dead.ok("dlq", "groups", "--json").json] == [other["group"]]
    assert dead.ok("dlq", "groups", "--match", "sh").err == "No dead jobs\n"


def test_a_terminal_gets_groups_of_its_width(dead: Program) -> None:
    dead.env["COLUMNS"] = "40"
    shown = at_a_terminal(dead, b"", "dlq", "groups").splitlines()
    assert all(len(line) <= 40 for line in shown[:-1])
    assert "queuectl dlq retry --filter group:" in shown[-1]


def test_an_empty_dlq_has_no_groups(program: Program) -> None:
    answer = program.ok("dlq", "groups")
    assert (answer.out, answer.err) == ("", "No dead jobs\n")
    assert program.ok("dlq", "groups", "--json").json == []


def test_a_rate_spreads_the_jobs_and_says_when_the_last_one_is_due(dead: Program) -> None:
    answer = dead.ok("dlq", "retry", "--all", "--rate", "30/min", "--delay", "1h", "--yes")
    assert answer.out == "4 jobs retried\n"
    assert answer.err.startswith("the last one is due at ")
    assert answer.err.endswith(", in 1h 00m\n")
    assert due(dead) == [0, 2, 4, 6]
    first = dead.jobs()[0]
    assert first["waiting"].startswith("until ")
    waits = datetime.fromisoformat(first["run_at"]) - datetime.fromisoformat(first["updated_at"])
    assert waits.total_seconds() == 3600


def test_a_rate_goes_on_over_batches(program: Program) -> None:
    program.ok("enqueue", "-", stdin="true\n" * 1_200)
    program.ok("cancel", "--all", "--yes")
    program.ok("retry", "--all", "--rate", "10/s", "--yes", "--quiet")
    assert due(program) == [n / 10 for n in range(1_200)]


def test_named_jobs_are_delayed_and_spread_too(dead: Program) -> None:
    answer = dead.ok("dlq", "retry", "j1", "--delay", "5m")
    assert answer.out == "Retried: j1\n"
    assert answer.err.startswith("it is due at ")
    answer = dead.ok("retry", "j2", "j3", "--rate", "1/h")
    assert answer.out == "Retried: j2\nRetried: j3\n"
    assert "the last one is due at " in answer.err
    assert due(dead)[2] - due(dead)[1] == 3600
    assert dead.ok("retry", "j4", "--delay", "5m", "--json").err == ""


def test_bad_rates_and_delays_are_wrong_usage(dead: Program) -> None:
    for words in (["--rate", "0/s"], ["--rate", "fast"], ["--rate", "-1"], ["--delay", "soon"]):
        answer = dead("dlq", "retry", "--all", "--yes", *words, code=2)
        assert f"Error: {words[0]}" in answer.err
    assert len(dead.ok("dlq", "list", "--json").json) == 4
