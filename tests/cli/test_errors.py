from __future__ import annotations

import os
import signal
import sqlite3
import subprocess

import apsw
import pytest

from queuectl.cli import main
from queuectl.store.connection import PATIENCE_S, Role
from tests.cli.conftest import Program


@pytest.mark.parametrize(
    ("args", "code", "said"),
    [
        (["lits"], 2, "Did you mean 'list'?"),
        (["add", "true"], 2, "Did you mean 'enqueue'?"),
        (["ls"], 2, "Did you mean 'list'?"),
        (["help"], 2, "Did you mean '--help'?"),
        (["worker", "status"], 2, "Did you mean 'list'?"),
        (["worker", "strat"], 2, "Did you mean 'start'?"),
        (["show", "nobody"], 1, "nobody"),
        (["logs", "nobody"], 1, "nobody"),
        (["retry", "nobody"], 1, "nobody"),
        (["dlq", "retry", "nobody"], 1, "nobody"),
        (["wait", "nobody"], 1, "nobody"),
        (["retry"], 2, "no jobs were picked"),
        (["retry", "a", "--state", "dead"], 2, "both ids and filters"),
        (["list", "--state", "daed"], 2, "did you mean dead?"),
        (["list", "--filter", "stat:dead"], 2, "state"),
        (["list", "--older-than", "soon"], 2, "--older-than"),
        (["worker", "start", "--count", "0"], 2, "0"),
        (["worker", "start", "--count", "257"], 2, "257"),
        (["worker", "scale", "2"], 1, "no pool is running"),
        (["worker", "stop", "p9"], 1, "p9"),
        (["config", "set", "max-retires", "5"], 2, "did you mean max-retries?"),
        (["config", "set", "lease", "1s"], 2, "lease must be"),
        (["config", "set", "max-retries=5"], 2, "a space, not =: queuectl config set max-retries 5"),
        (["config", "set", "keep-completed", "forever"], 2, "or none"),
        (["config", "set", "timeout", "0"], 2, "100 years"),
        (["cancel", "nobody", "nothing"], 1, "'nobody', 'nothing'"),
        (["list", "--state", "pending,failed"], 2, "repeat it: --state pending --state failed"),
        (["list", "--filter", "error:x"], 2, "did you mean err?"),
        (["list", "--filter", "attempts>1"], 2, "did you mean tries?"),
        (["config", "get", "nonsense"], 2, "unknown key"),
        (["--db", "postgresql://host/db", "status"], 2, "Postgres"),
        (["--db", "", "status"], 2, "location is empty"),
        (["tui"], 2, "standard input is no terminal"),
    ],
)
def test_errors_are_one_sentence_one_hint_and_a_code(program: Program, args: list[str], code: int, said: str) -> None:
    answer = program(*args, code=code)
    assert answer.out == ""
    assert said in answer.err
    lines = answer.err.splitlines()
    assert [line.split(":")[0] for line in lines] == ["Error", "Hint"]


def test_looking_makes_no_store(program: Program) -> None:
    program.ok("status")
    program.ok("list")
    program.ok("config", "show")
    assert program.ok("worker", "stop").out == "No pool is running\n"
    program("show", code=1)
    assert list(program.folder.iterdir()) == []


def test_init_makes_the_store_for_its_owner_only(program: Program) -> None:
    for words in (["init"], ["init-db"], ["config", "init-db"]):
        assert program.ok(*words).out == f"Database initialized at: {program.store}\n"
    assert program.store.stat().st_mode & 0o777 == 0o600


def test_a_location_is_taken_before_and_after_the_command_and_from_the_environment(program: Program) -> None:
    program.ok("--db", "a.db", "enqueue", "true")
    program.ok("enqueue", "--db", "sqlite:///" + str(program.folder / "b.db"), "true")
    program.env |= {"QUEUECTL_DB_PATH": "", "QUEUECTL_DB": "c.db"}
    program.ok("enqueue", "true")
    del program.env["QUEUECTL_DB"]
    program.ok("enqueue", "true")
    for name in ("a.db", "b.db", "c.db", ".queuectl/queue.db"):
        assert (program.folder / name).is_file(), name


@pytest.mark.parametrize("words", [["enqueue", "true"], ["status"], ["list"], ["config", "set", "lease", "5s"]])
def test_a_file_that_is_no_store_is_refused_and_left_alone(program: Program, words: list[str]) -> None:
    program.store.write_text("precious notes, not a database\n" * 100)
    before = program.store.read_bytes()
    answer = program(*words, code=4)
    assert answer.err.startswith("Error: ")
    assert "\nHint: " in answer.err
    assert program.store.read_bytes() == before
    assert [path.name for path in program.folder.iterdir()] == ["queue.db"]


def test_a_busy_store_is_named_so(
    program: Program, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    program.ok("init")
    monkeypatch.setitem(PATIENCE_S, Role.PERSON, 0.3)
    holder = apsw.Connection(str(program.store))  # of the same library: in one process another's locks are not seen
    holder.execute("BEGIN IMMEDIATE")
    with pytest.raises(SystemExit) as ended:
        main(["--db", str(program.store), "enqueue", "true"])
    holder.execute("ROLLBACK")
    holder.close()
    assert ended.value.code == 4
    said = capfd.readouterr().err
    assert "busy" in said
    assert "database is locked" not in said
    program.ok("enqueue", "true")


def test_ctrl_c_while_the_store_is_busy_ends_at_once(program: Program) -> None:
    program.ok("init")
    holder = sqlite3.connect(program.store, isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    with program.start("enqueue", "true") as waiting:
        with pytest.raises(subprocess.TimeoutExpired):  # so it is waiting by now
            waiting.wait(timeout=2)
        waiting.send_signal(signal.SIGINT)
        _, err = waiting.communicate(timeout=4)
    holder.close()
    assert waiting.returncode == 130
    assert err == b"\nInterrupted\n"
    assert program.jobs() == []


def test_a_closed_pipe_is_no_error(program: Program) -> None:
    program.ok("enqueue", "-", stdin="true\n" * 3000)
    for words in (["list"], ["list", "--json"], ["list", "--quiet"]):
        with program.start(*words) as process:
            assert process.stdout is not None
            assert process.stderr is not None
            process.stdout.read(10)
            process.stdout.close()
            assert process.stderr.read() == b""
        assert process.returncode == 0


def test_a_standard_output_that_is_full_is_an_error(program: Program) -> None:
    if not os.path.exists("/dev/full"):
        pytest.skip("there is no /dev/full")
    with open("/dev/full", "wb") as full, program.start("status", stdout=full) as process:
        _, err = process.communicate(timeout=20)
    assert process.returncode == 1
    assert err.startswith(b"Error: the output cannot be written: ")


def test_the_cause_is_shown_on_demand(program: Program) -> None:
    program.env["QUEUECTL_DEBUG"] = "1"
    with program.start("show", "nobody") as process:
        _, err = process.communicate(timeout=20)
    assert b"Traceback" in err
    assert process.returncode == 1
