from __future__ import annotations

import json
import os
import signal
import subprocess
import sys

from tests.cli.conftest import Program


def test_a_detached_pool_is_seen_scaled_and_stopped(program: Program) -> None:
    with program.start("worker", "start", "-d", "--count", "2") as starting:
        # Its output ends, so the pool has let go of it.
        out, err = starting.communicate(timeout=20)
    assert out == b"Started pool p1 with 2 workers\n"
    assert err.decode() == f"Its events go to {program.store}.d/pools/p1.log\n"
    assert (program.folder / "queue.db.d" / "pools" / "p1.log").is_file()
    program.ok("enqueue", "true")
    program.ok("wait", "j1", "--timeout", "20s")
    status = program.ok("status", "--json").json
    assert status["workers"]["active"] == 2
    assert [(pool["name"], pool["state"]) for pool in status["pools"]] == [("p1", "running")]
    workers = program.ok("worker", "list", "--json").json
    assert [worker["name"] for worker in workers] == ["p1/w1", "p1/w2"]
    assert sum(worker["done"] for worker in workers) == 1
    assert program.ok("worker", "scale", "1").out == "Scaling pool p1 to 1 worker\n"
    assert program.ok("worker", "stop").out == "Stopped: p1\n"
    assert program.ok("status", "--json").json["workers"]["active"] == 0
    assert program.ok("worker", "list", "--json").json == []


def test_a_pool_in_the_foreground_drains_and_says_what_happened_on_standard_error(program: Program) -> None:
    program.ok("enqueue", "echo hi")
    program.ok("enqueue", "--max-retries", "1", "echo oh no; exit 6")
    answer = program.ok("worker", "start", "--drain")
    assert answer.out == ""
    assert "j1 completed" in answer.err
    dead = program.ok("dlq", "list", "--json").json
    assert [(job["id"], job["error"], job["exit_code"]) for job in dead] == [("j2", "exit 6 · oh no", 6)]
    assert "oh no" in program.ok("dlq", "list").out
    history = program.ok("dlq", "show", "j2", "--json").json["attempts_history"]
    assert [attempt["outcome"] for attempt in history] == ["exited"]
    assert program.ok("dlq", "retry", "j2").out == "Retried: j2\n"


def test_a_job_cannot_start_workers(program: Program) -> None:
    program.env["QUEUECTL_CLAIM"] = "x"
    assert "cannot start workers" in program("worker", "start", code=3).err


def test_output_is_exact_when_piped(pool: Program) -> None:
    command = r"printf 'a\033[31m\000\377\r\n'; head -c 100000 /dev/zero; echo end"
    pool.ok("enqueue", "--id", "bytes", command)
    pool.ok("wait", "bytes", "--timeout", "20s")
    with pool.start("logs", "bytes") as process:
        out, _ = process.communicate(timeout=20)
    assert out == b"a\x1b[31m\x00\xff\r\n" + bytes(100_000) + b"end\n"
    assert pool.ok("logs", "--tail", "1", "bytes").out == bytes(100_000).decode() + "end\n"
    assert "no attempt 2" in pool("logs", "bytes", "--attempt", "2", code=1).err


def test_following_waits_for_a_start_and_goes_on_through_retries(pool: Program) -> None:
    pool.ok("config", "set", "backoff-base", "1")
    twice = 'echo "run $QUEUECTL_ATTEMPT"; sleep 0.2; test $QUEUECTL_ATTEMPT = 2'
    pool.ok("enqueue", "--id", "twice", "--hold", twice)
    with pool.start("logs", "-f", "twice") as follower:
        assert follower.stderr is not None
        assert follower.stderr.readline() == b"twice waits: held; queuectl release twice lets it run\n"
        pool.ok("release", "twice")
        out, err = follower.communicate(timeout=30)
    assert (out, follower.returncode) == (b"run 1\nrun 2\n", 0)
    between, end = err.decode().splitlines()
    assert between.startswith("attempt 1 of 3 of twice failed: exit 1 · run 1; the next in ")
    assert end == "twice is completed"


def test_run_follows_the_output_and_exits_with_the_commands_code(pool: Program) -> None:
    answer = pool("run", "echo one; sleep 0.2; echo two; exit 7", code=7)
    assert answer.out == "one\ntwo\n"
    assert pool("run", "kill -9 $$").code == 137
    assert pool("run", "--timeout", "0.3s", "sleep 30").code == 124
    assert pool("run", "--id", "once", "true").code == 0
    assert pool("run", "--id", "once", "true").code == 125
    assert pool("run", '[{"command": "true"}, {"command": "true"}]').code == 2


def test_ctrl_c_in_run_cancels_the_job(pool: Program) -> None:
    with pool.start("run", "--id", "long", "echo started; exec sleep 60") as running:
        assert running.stdout is not None
        assert running.stdout.readline() == b"started\n"
        running.send_signal(signal.SIGINT)
        _, err = running.communicate(timeout=20)
    assert running.returncode == 130
    assert b"Cancelling long" in err
    assert pool.ok("show", "long", "--json").json["state"] == "cancelled"


def test_a_running_job_is_cancelled_and_waited_for(pool: Program) -> None:
    pool.ok("enqueue", "--id", "long", "echo started; exec sleep 60")
    with pool.start("logs", "-f", "long") as follower:
        assert follower.stdout is not None
        assert follower.stdout.readline() == b"started\n"
        assert "cannot be retried" in pool("retry", "long", code=3).err
        with pool.start("worker", "stop") as stopping:
            assert stopping.stderr is not None
            assert stopping.stderr.readline() == b"Waiting for p1: 1 job runs; --force ends it\n"
            stopping.send_signal(signal.SIGINT)
            _, err = stopping.communicate(timeout=20)
        assert b"the pools go on stopping" in err
        assert "busy, stopping" in pool.ok("worker", "list").out
        pool.ok("cancel", "--wait", "--force", "long")
        follower.communicate(timeout=20)
    assert pool.ok("show", "--json").json["state"] == "cancelled"


def test_a_job_can_enqueue_into_its_own_store(pool: Program) -> None:
    environment = f"PYTHONPATH={pool.env['PYTHONPATH']}"
    pool.ok("enqueue", "--id", "parent", "--env", environment, f"{sys.executable} -m queuectl enqueue --id child true")
    pool.ok("wait", "parent", "--timeout", "30s")
    pool.ok("wait", "child", "--timeout", "30s")


def test_the_demo_shows_jobs_of_every_kind_and_leaves_nothing(program: Program) -> None:
    program.env["TMPDIR"] = str(program.folder)
    answer = program.ok("demo")
    for word in ("third-time", "hopeless", "too-long", "completed 10", "dead 3"):
        assert word in answer.out
    assert answer.err == ""
    assert list(program.folder.iterdir()) == []


def test_the_demo_leaves_nothing_after_ctrl_c(program: Program) -> None:
    program.env["TMPDIR"] = str(program.folder)
    with program.start("demo") as demo:
        assert demo.stdout is not None
        os.read(demo.stdout.fileno(), 10)
        demo.send_signal(signal.SIGINT)
        demo.communicate(timeout=30)
    assert demo.returncode == 130
    assert list(program.folder.iterdir()) == []
    assert subprocess.run(["pgrep", "-f", f"{program.folder}/queuectl-demo"]).returncode == 1


def test_all_three_ways_to_call_it_are_one_program(program: Program) -> None:
    command = [sys.executable, "-m", "queuectl.cli", "enqueue", '{"id":"job1","command":"echo Hello World"}']
    done = subprocess.run(command, env=program.env, capture_output=True, text=True, check=True)
    assert done.stdout == "Enqueued job: job1\n"
    assert json.loads(program.ok("list", "--json").out)[0]["id"] == "job1"
