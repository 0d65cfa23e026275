from __future__ import annotations

import json

import pytest

from tests.cli.conftest import Program


def test_a_command_of_one_word_or_several_becomes_a_job(program: Program) -> None:
    assert program.ok("enqueue", "echo hi | cat").out == "Enqueued job: j1\n"
    assert program.ok("enqueue", "--quiet", "echo", "hello").out == "j2\n"
    assert program.ok("enqueue", "--quiet", "--", "echo", "two words").out == "j3\n"
    assert [job["command"] for job in program.jobs()] == ["echo hi | cat", "echo hello", "echo 'two words'"]


def test_every_key_of_a_job_object_is_stored(program: Program) -> None:
    spec = {
        "id": "all", "command": "true", "queue": "media", "priority": "high", "maxRetries": 5, "timeout": "1m30s",
        "next_run": "2099-01-01T00:00:00Z", "cwd": "sub", "env": {"A": "1"}, "tags": ["x"], "hold": True,
        "unique_key": "k", "state": "dead",
    }  # fmt: skip
    answer = program.ok("enqueue", json.dumps(spec))
    assert "ignored: state (queuectl keeps these itself)\n" in answer.err
    job = program.jobs()[0]
    assert (job["state"], job["queue"], job["priority"], job["max_retries"]) == ("pending", "media", 10, 5)
    assert (job["timeout"], job["run_at"]) == (90.0, "2099-01-01T00:00:00.000Z")
    assert (job["cwd"], job["env"], job["tags"]) == (str(program.folder / "sub"), {"A": None}, ["x"])
    assert (job["held"], job["unique_key"], job["waiting"]) == (True, "k", "held; queuectl release all lets it run")


def test_no_limit_is_asked_for_by_none_against_a_configured_one(program: Program) -> None:
    program.ok("config", "set", "timeout", "300s")
    program.ok("enqueue", "--timeout", "none", "true")
    program.ok("enqueue", '{"command": "true", "timeout": "none"}')
    program.ok("enqueue", '{"command": "true", "timeout": null}')
    program.ok("enqueue", "true")
    assert [job["timeout"] for job in program.jobs()] == [None, None, 300.0, 300.0]


def test_options_win_over_what_the_job_says_and_env_and_tags_add(program: Program) -> None:
    spec = '{"command": "true", "retries": 5, "run_at": "2099-01-01", "tags": ["a"], "env": {"A": "1"}}'
    options = ["--max-retries", "2", "--delay", "1h", "--tag", "b", "--env", "B=2", "--env", "HOME"]
    job = program.ok("enqueue", spec, *options, "--json").json
    assert (job["max_retries"], job["tags"], sorted(job["env"])) == (2, ["a", "b"], ["A", "B", "HOME"])
    assert job["run_at"] < "2099"
    shown = program.ok("show", "--show-env", "--json").json
    assert shown["env"] == {"A": "1", "B": "2", "HOME": str(program.folder)}


def test_json_as_powershell_hands_it_over_is_understood(program: Program) -> None:
    program.ok("enqueue", r"{\"id\":\"api-call\",\"command\":\"python api.py\",\"max_retries\":5}")
    assert program.jobs()[0]["command"] == "python api.py"


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (['{"command": "x"'], "not valid JSON"),
        (['{"comand": "x"}'], "did you mean command?"),
        (['{"cmd": "x"}'], "did you mean command?"),
        (['{"command": "x", "priority": true}'], "priority"),
        (["a.json", "b.json"], "one file at a time"),
        (["@c.json", "echo"], "one file at a time"),
        (["-", "extra"], "one file at a time"),
        (['["x"]'], "a job is a JSON object"),
        (["[ -f x ]"], "not valid JSON"),
        (["missing.json"], "missing.json cannot be read"),
        (["@missing"], "missing cannot be read"),
        (["echo", "hi", "--queue", "x"], "among the words"),
        (["-p", "very", "true"], "priority"),
        (["--timeout", "5 parsecs", "true"], "not a duration"),
        (["--run-at", "25:99", "true"], "not a time"),
        (["--delay", "1s", "--run-at", "12:00", "true"], "both given"),
        (["--id", "../x", "true"], "cannot be"),
        (["--env", "QUEUECTL_CLAIM=1", "true"], "QUEUECTL_CLAIM"),
        (["--env", "NOT_SET_HERE", "true"], "not set here"),
        (["-c", "true", "true"], "given twice"),
        ([], "nothing to enqueue"),
        (["--nonsense", "true"], "No such option"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_is_added(program: Program, args: list[str], said: str) -> None:
    answer = program("enqueue", *args, code=2)
    assert answer.out == ""
    assert said in answer.err
    assert answer.err.startswith("Error: ")
    assert "\nHint: " in answer.err
    assert len(answer.err.splitlines()) == 2


def test_a_duplicate_id_is_a_conflict_and_adds_nothing(program: Program) -> None:
    program.ok("enqueue", "--id", "a", "true")
    assert "a" in program("enqueue", "--id", "a", "false", code=3).err
    program("enqueue", '{"id": "b", "command": "true"}', '{"id": "a", "command": "true"}', code=3)
    program("enqueue", '[{"id": "c", "command": "true"}, {"id": "c", "command": "true"}]', code=3)
    assert [job["id"] for job in program.jobs()] == ["a"]


def test_a_unique_key_that_waits_adds_nothing(program: Program) -> None:
    program.ok("enqueue", "--unique-key", "k", "true")
    assert program.ok("enqueue", "--unique-key", "k", "true").out == "Already queued: j1\n"
    assert len(program.jobs()) == 1


def test_when_a_job_runs_that_does_not_run_at_once_is_said(program: Program) -> None:
    program.env["TZ"] = "UTC"
    later = program.ok("enqueue", "--run-at", "2099-01-01T03:30", "true")
    assert later.out == "Enqueued job: j1\n"
    assert later.err.startswith("It runs at 2099-01-01 03:30:00 UTC, in ")
    assert "as soon as a worker is free" in program.ok("enqueue", "--run-at", "2020-01-01", "true").err
    assert "held until `queuectl release`" in program.ok("enqueue", '{"command": "true", "hold": true}').err
    for words in (["true"], ["--delay", "1h", "--quiet", "true"], ["--delay", "1h", "--json", "true"]):
        assert program.ok("enqueue", *words).err == ""


def test_a_file_without_its_at_sign_is_a_command_and_a_question(program: Program) -> None:
    (program.folder / "commands.txt").write_text("echo 1\n")
    answer = program.ok("enqueue", "commands.txt")
    assert answer.out == "Enqueued job: j1\n"
    assert "did you mean @commands.txt?" in answer.err
    (program.folder / "commands.txt").chmod(0o700)
    assert program.ok("enqueue", "./commands.txt").err == ""
    (program.folder / "true").write_text("not the one that runs\n")
    assert program.ok("enqueue", "true").err == ""


def test_run_and_enqueue_name_a_taken_id_in_the_same_words(program: Program) -> None:
    program.ok("enqueue", "--id", "a", "true")
    for words in (["enqueue"], ["run"]):
        answer = program(*words, "--id", "a", "true")
        assert answer.err.startswith("Error: a is there already; nothing was added\nHint: choose another id, or ")
        assert ("--skip-existing" in answer.err) == (words == ["enqueue"])
        assert answer.code == {"enqueue": 3, "run": 125}[words[0]]


def test_a_new_directory_of_a_store_that_was_named_is_told(program: Program) -> None:
    assert program.ok("--db", "new/x.db", "enqueue", "--json", "true").err == ""
    assert "Made the store " in program.ok("--db", "typo/x.db", "enqueue", "true").err
    assert program.ok("--db", "typo/y.db", "enqueue", "true").err == ""


def test_json_answers_with_the_job_or_an_array_of_them(program: Program) -> None:
    assert program.ok("enqueue", "--json", "true").json["id"] == "j1"
    answer = program.ok("enqueue", "--json", '[{"command": "true", "state": "dead"}]')
    assert [job["id"] for job in answer.json] == ["j2"]
    assert answer.err == ""


def test_hostile_text_comes_back_exactly_in_json_and_harmless_for_people(program: Program) -> None:
    hostile = "echo '\x1b]0;x\x07\u202e\x9b31m'"
    program.ok("enqueue", hostile)
    assert program.jobs()[0]["command"] == hostile
    for answer in (program.ok("list"), program.ok("show")):
        assert not {"\x1b", "\x07", "\u202e", "\x9b"} & set(answer.out)
    assert program.ok("list", "--json").out.isascii()


def test_a_command_that_linux_could_not_start_is_refused(program: Program) -> None:
    assert "131,072 bytes" in program("enqueue", "-", stdin="x" * 131_072, code=2).err
    program.ok("enqueue", "-", stdin="x" * 131_071)


def test_a_command_that_is_not_utf8_is_refused(program: Program) -> None:
    answer = program("enqueue", "echo \udcff", code=2)
    assert "UTF-8" in answer.err
