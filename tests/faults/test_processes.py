"""Faults 1 to 15: processes die, hang, stop or stay."""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

import apsw
import pytest

from queuectl.core.attempt import Outcome
from queuectl.core.job import State
from queuectl.core.lifecycle import Cancel
from queuectl.core.place import Place
from queuectl.worker import descendants
from queuectl.worker.descendants import Process
from tests.cli.conftest import Program
from tests.faults.harness import GATED, LONG, Ground
from tests.patience import DEADLINE_S, until
from tests.pools.conftest import alive
from tests.tui.terminal import Terminal


def test_01_kill_9_of_a_worker(ground: Ground) -> None:
    """The command is killed and run once more within 2 s, also when every other worker is busy."""
    id, other = ground.add(LONG), ground.add(LONG)
    ground.start(workers=2)
    first, _ = ground.begun(id), ground.begun(other)
    os.kill(ground.worker_of(id), signal.SIGKILL)
    since = time.monotonic()
    second = ground.begun(id, 2)
    assert time.monotonic() - since < 2.0
    assert (alive(first.pid), alive(second.pid)) == (False, True)
    job = ground.job(id)
    assert (job.state, job.attempts, job.interruptions) == (State.PROCESSING, 0, 1)
    assert [attempt.outcome for attempt in ground.queue.jobs.attempts(job)] == [Outcome.INTERRUPTED]
    assert len(ground.runs(other)) == 1


def test_02_kill_9_of_the_dispatcher(ground: Ground) -> None:
    """Its commands are gone within 2 s without grace; the keeper starts another, and the jobs run again."""
    ids = [ground.add(f"trap '' TERM; {LONG}") for _ in range(2)]
    pool = ground.start(workers=2)
    before = [ground.begun(id).pid for id in ids]
    os.kill(ground.dispatcher(), signal.SIGKILL)
    until(lambda: not any(map(alive, before)), "the commands to be gone", 2.0)
    for id in ids:
        ground.begun(id, 2)
        assert (ground.job(id).attempts, ground.job(id).interruptions) == (0, 1)
    assert pool.poll() is None


def test_02_kill_9_of_one_dispatcher_after_the_other(ground: Ground) -> None:
    """How often a job may be interrupted is what was configured, also for a dispatcher that has just begun."""
    ground.queue.config.set("max-interruptions", "1000")
    id = ground.add(LONG)
    ground.start()
    for times in range(1, 11):
        ground.begun(id, times)
        os.kill(ground.dispatcher(), signal.SIGKILL)
    ground.begun(id, 11)
    assert ground.until_state(id, State.PROCESSING).interruptions == 10


def test_02_kill_9_of_the_keeper(ground: Ground) -> None:
    """All of its pool is gone within 2 s; the next pool gives the jobs back at once."""
    id = ground.add(LONG)
    pool = ground.start(workers=2)
    first = ground.begun(id)
    family = [process.pid for process in descendants.descendants([pool.pid])]
    pool.kill()
    until(lambda: not any(map(alive, family)), "the pool and its command to be gone", 2.0)
    ground.start()
    second = ground.begun(id, 2)
    assert (alive(first.pid), alive(second.pid), ground.job(id).interruptions) == (False, True, 1)


def test_03_kill_9_of_a_whole_pool_at_one_instant(ground: Ground) -> None:
    """Its command lives on; the next pool kills it, and what left its session, before the job runs again."""
    id = ground.add(f"(setsid sleep 1000 & echo $! >> strays); {LONG}")
    ground.start(workers=2)
    first = ground.begun(id)
    until((ground.folder / "strays").exists, "the stray")
    ground.kill_at_one_instant()
    stray = int((ground.folder / "strays").read_text())
    assert (alive(first.pid), alive(stray)) == (True, True)
    ground.start()
    ground.begun(id, 2)
    assert (alive(first.pid), alive(stray), ground.job(id).interruptions) == (False, False, 1)


def test_04_kill_9_of_a_dispatcher_between_claim_and_start(ground: Ground) -> None:
    """The job is started once, and no interruption is counted."""
    ground.start()
    (worker,) = ground.until_workers(1)
    os.kill(worker, signal.SIGSTOP)  # it is told to start the job, and does not hear it
    id = ground.add(LONG)
    ground.until_state(id, State.PROCESSING)
    os.kill(ground.dispatcher(), signal.SIGKILL)
    ground.begun(id)
    job = ground.until_state(id, State.PROCESSING)
    assert (len(ground.runs(id)), job.attempts, job.interruptions) == (1, 0, 0)


def test_04_a_dispatcher_that_hangs_between_claim_and_start(ground: Ground) -> None:
    """Past its lease another pool starts the job; the one that hung never does."""
    ground.queue.config.set("lease", "3s")
    ground.start()
    (worker,) = ground.until_workers(1)
    os.kill(worker, signal.SIGSTOP)
    id = ground.add("true")
    ground.until_state(id, State.PROCESSING)
    hung = ground.pool_processes()
    ground.hit(signal.SIGSTOP, *hung)
    ground.start()
    job = ground.until_state(id, State.COMPLETED)
    ground.hit(signal.SIGCONT, *hung)
    ground.until_state(ground.add("true"), State.COMPLETED)
    assert (len(ground.runs(id)), job.interruptions, ground.job(id).version) == (1, 0, job.version)


def test_05_kill_9_between_the_end_of_a_command_and_its_result(ground: Ground) -> None:
    """What it came to is not known: one more run, which the history tells of."""
    id = ground.add(GATED)
    ground.start()
    first = ground.begun(id)
    worker = ground.worker_of(id)
    os.kill(worker, signal.SIGSTOP)
    (ground.folder / "go").touch()
    until(lambda: ground.runs(id)[0].end is not None and not alive(first.pid), "the command to end")
    os.kill(worker, signal.SIGKILL)
    job = ground.until_state(id, State.COMPLETED)
    assert (len(ground.runs(id)), job.attempts, job.interruptions) == (2, 1, 1)
    outcomes = [attempt.outcome for attempt in ground.queue.jobs.attempts(job)]
    assert outcomes == [Outcome.INTERRUPTED, Outcome.EXITED]


def test_06_a_pool_that_hangs_past_its_lease(ground: Ground) -> None:
    """Another pool runs its job; when it goes on, its old result is refused and its old command is dead."""
    ground.queue.config.set("lease", "3s")
    id = ground.add(f"test -e go || {LONG}")
    ground.start()
    first = ground.begun(id)
    hung = ground.pool_processes()
    ground.hit(signal.SIGSTOP, *hung)
    (ground.folder / "go").touch()
    ground.start()
    job = ground.until_state(id, State.COMPLETED)
    assert (len(ground.runs(id)), job.interruptions, alive(first.pid)) == (2, 1, False)
    ground.hit(signal.SIGCONT, *hung)
    ground.until_state(ground.add("true"), State.COMPLETED)
    assert ground.job(id).version == job.version


def test_06_a_result_that_comes_after_the_lease(ground: Ground) -> None:
    """It is refused: what the other pool's run came to stays."""
    ground.queue.config.set("lease", "3s")
    code = ground.folder / "code"
    id = ground.add("until test -e code; do sleep 0.05; done; exit $(cat code)", max_retries=1)
    ground.start()
    first = ground.begun(id)
    hung = ground.dispatcher()
    os.kill(hung, signal.SIGSTOP)
    code.write_text("0")
    until(lambda: not alive(first.pid), "the first run to end")
    code.write_text("7")
    ground.start()
    job = ground.until_state(id, State.DEAD)
    ground.pools[1].terminate()
    assert ground.pools[1].wait(DEADLINE_S) == 0
    os.kill(hung, signal.SIGCONT)
    ground.until_state(ground.add("true"), State.COMPLETED)
    assert (ground.job(id).version, ground.job(id).exit_code, ground.job(id).attempts) == (job.version, 7, 1)


@contextmanager
def stranger(pid: int | None = None) -> Iterator[Process]:
    """A process that has nothing to do with any of this; skips the test where it cannot have that number."""
    found: Process | None = None
    for _ in range(500):  # others take numbers, too
        if pid is not None:
            _count_from(pid)
        found = descendants.look_up(os.posix_spawn("/bin/sleep", ["sleep", "1000"], os.environ))
        assert found is not None
        if pid in (None, found.pid):
            break
        _end(found)
    else:
        pytest.skip("others took the number")
    try:
        yield found
    finally:
        _end(found)


def _count_from(pid: int) -> None:
    """The next process gets this number, if it is free."""
    try:
        Path("/proc/sys/kernel/ns_last_pid").write_text(str(pid - 1))
    except OSError:
        pytest.skip("only root can say which number the next process gets")


def _end(process: Process) -> None:
    os.kill(process.pid, signal.SIGKILL)
    os.waitpid(process.pid, 0)


def _untouched(process: Process) -> bool:
    now = descendants.look_up(process.pid)
    return now is not None and now.start_ticks == process.start_ticks and now.state not in "TZX"


def test_07_a_number_that_belongs_to_a_stranger_now(ground: Ground) -> None:
    """Somebody has the number of a dead pool's worker when the next pool takes its job over: it is left alone."""
    id = ground.add(LONG)
    ground.start()
    first, number = ground.begun(id), ground.worker_of(id)
    ground.kill_at_one_instant()
    until(lambda: descendants.look_up(number) is None, "the number to be free")
    with stranger(number) as process:
        ground.start()
        ground.begun(id, 2)
        assert (_untouched(process), alive(first.pid), ground.job(id).interruptions) == (True, False, 1)


@pytest.mark.parametrize(
    ("column", "value"),
    [("workers.start_ticks", 1), ("pools.boot_id", "'before'"), ("pools.pid_ns", "'pid:[1]'")],
    ids=["another start", "before a restart of the machine", "in another container"],
)
def test_07_what_the_store_says_of_a_stranger(ground: Ground, column: str, value: str | int) -> None:
    """All but one thing that tells a worker from a stranger is as it was: it is left alone."""
    id = ground.add(LONG)
    ground.start()
    first = ground.begun(id)
    ground.kill_at_one_instant()
    table, _, column = column.partition(".")
    with stranger() as process, closing(apsw.Connection(ground.queue.location)) as connection:
        connection.execute("UPDATE workers SET pid = ?, start_ticks = ?", (process.pid, process.start_ticks))
        connection.execute("UPDATE jobs SET worker_pid = ?", (process.pid,))
        connection.execute(f"UPDATE {table} SET {column} = {value}")
        ground.start()
        ground.begun(id, 2)
        assert (_untouched(process), alive(first.pid), ground.job(id).interruptions) == (True, False, 1)


def test_08_two_pools_started_at_the_same_instant(ground: Ground) -> None:
    """They share the jobs: each runs once."""
    ids = [ground.add("true") for _ in range(100)]
    for _ in range(2):
        ground.start("--drain", workers=2)
    assert [pool.wait(DEADLINE_S) for pool in ground.pools] == [0, 0]
    assert {ground.job(id).state for id in ids} == {State.COMPLETED}
    assert sorted(run.job for run in ground.runs()) == sorted(ids)
    assert len({str(ground.job(id).worker).partition("/")[0] for id in ids}) == 2


def test_09_a_command_that_ignores_sigterm(ground: Ground) -> None:
    """SIGKILL comes after `kill-grace`, not before."""
    ground.queue.config.set("kill-grace", "0.5s")
    id = ground.add(f"trap 'read now _ </proc/uptime; echo $now >> told' TERM; {LONG} & wait; {LONG}")
    ground.start()
    ground.begun(id)
    since = time.monotonic()
    ground.queue.jobs.change([id], Cancel())
    job = ground.until_state(id, State.CANCELLED)
    assert time.monotonic() - since >= 0.5
    assert (job.attempts, job.signal) == (0, "SIGKILL")
    assert (ground.folder / "told").exists()


@pytest.mark.parametrize("end", ["timeout", "cancel", "normal end", "kill -9 of its worker"])
def test_10_children_that_have_left_everything(ground: Ground, end: str) -> None:
    """A command that double-forks, leaves its session and clears its environment leaves nothing when it ends."""
    ground.queue.config.set("kill-grace", "0.2s")
    stay = GATED
    body = f"(setsid env -i /bin/sh -c '/bin/sleep 1000 & echo $! > stray' &) ; until test -s stray; do :; done; {stay}"
    id = ground.add(body, timeout="1s" if end == "timeout" else None, max_retries=1)
    ground.start()
    ground.begun(id)
    until(lambda: (ground.folder / "stray").exists() and (ground.folder / "stray").read_text(), "the stray")
    stray = int((ground.folder / "stray").read_text())
    worker = ground.worker_of(id)
    match end:
        case "cancel":
            ground.queue.jobs.change([id], Cancel())
        case "normal end":
            (ground.folder / "go").touch()
        case "kill -9 of its worker":
            os.kill(worker, signal.SIGKILL)
            ground.begun(id, 2)
    until(lambda: not alive(stray), "the stray to be gone", 5)
    if end == "kill -9 of its worker":
        (ground.folder / "go").touch()
    expected = {"timeout": State.DEAD, "cancel": State.CANCELLED}.get(end, State.COMPLETED)
    ground.until_state(id, expected)


def test_11_a_child_that_holds_the_output_open(ground: Ground) -> None:
    """The job ends with its command, at once; the child is gone."""
    id = ground.add("sleep 1000 & echo $! > child")
    ground.start()
    job = ground.until_state(id, State.COMPLETED, within_s=5)
    assert job.duration_ms is not None
    assert job.duration_ms < 2_000
    child = int((ground.folder / "child").read_text())
    until(lambda: not alive(child), "the child to be gone", 2)


def test_12_a_command_with_2000_children(ground: Ground) -> None:
    """Cancel leaves none of them."""
    id = ground.add("n=0; while [ $n -lt 2000 ]; do sleep 1000 & n=$((n+1)); done; touch ready; wait")
    ground.start()
    first = ground.begun(id)
    until((ground.folder / "ready").exists, "2,000 children")
    family = [process.pid for process in descendants.descendants([first.pid])]
    assert len(family) >= 2_000
    ground.queue.jobs.change([id], Cancel())
    ground.until_state(id, State.CANCELLED)
    assert not any(map(alive, family))


def test_13_how_commands_end(ground: Ground) -> None:
    """A signal, a dumped core, exit codes 126, 127 and 255 are told as what they are, each as one failed attempt."""
    ends = {
        "kill -KILL $$": (None, "SIGKILL"),
        "ulimit -c unlimited; kill -SEGV $$": (None, "SIGSEGV"),
        "/etc/passwd": (126, None),
        "no-such-command": (127, None),
        "exit 255": (255, None),
    }
    ids = {
        body: ground.add(body if "exit" in body or "kill" in body else f"{body} || exit", max_retries=1)
        for body in ends
    }
    ground.start("--drain").wait(DEADLINE_S)
    jobs = {body: ground.job(id) for body, id in ids.items()}
    assert {body: (job.exit_code, job.signal) for body, job in jobs.items()} == ends
    assert {(job.state, job.attempts) for job in jobs.values()} == {(State.DEAD, 1)}


def test_14_the_kernel_takes_a_command_for_want_of_memory(ground: Ground) -> None:
    """A killed command is a failed attempt; one that is refused memory says so itself. The pool goes on."""
    ground.queue.config.set("backoff-base", "1")
    killed = ground.add(f"echo $$ > victim; {LONG}", max_retries=1)
    ground.start()
    first = ground.begun(killed)
    os.kill(first.pid, signal.SIGKILL)
    job = ground.until_state(killed, State.DEAD)
    assert (job.signal, job.attempts, job.interruptions) == ("SIGKILL", 1, 0)
    greedy = f"ulimit -v 200000; {sys.executable} -c 'bytearray(10**9)' || exit 9"
    refused = ground.until_state(ground.add(greedy, max_retries=1), State.DEAD)
    assert refused.exit_code == 9
    assert "MemoryError" in str(refused.error)
    ground.until_state(ground.add("true"), State.COMPLETED)


def test_14_the_kernel_takes_a_command_and_then_its_worker(ground: Ground) -> None:
    """That is one failed attempt, or one interruption if the worker could not say so any more; the job runs again."""
    ground.queue.config.set("backoff-base", "1")
    id = ground.add(LONG)
    ground.start()
    first, worker = ground.begun(id), ground.worker_of(id)
    os.kill(first.pid, signal.SIGKILL)
    os.kill(worker, signal.SIGKILL)
    second = ground.begun(id, 2)
    job = ground.job(id)
    assert (job.attempts, job.interruptions) in {(1, 0), (0, 1)}
    assert (alive(first.pid), alive(second.pid), ground.worker_of(id) != worker) == (False, True, True)


SIGNALS = pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])


@SIGNALS
def test_15_one_signal_to_a_pool(ground: Ground, number: signal.Signals) -> None:
    """What runs is finished, what waits stays, and the pool ends with 0."""
    id, waiting = ground.add(GATED), ground.add("true")
    pool = ground.start()
    ground.begun(id)
    pool.send_signal(number)
    until(lambda: "stopping" in ground.said(), "the signal to be heard")
    (ground.folder / "go").touch()
    assert pool.wait(DEADLINE_S) == 0
    assert (ground.job(id).state, ground.job(waiting).state) == (State.COMPLETED, State.PENDING)


@SIGNALS
@pytest.mark.parametrize("times", [1, 2])
def test_15_signals_to_a_pool_in_the_background(
    ground: Ground, program: Program, number: signal.Signals, times: int
) -> None:
    """As to one in the foreground: the first lets what runs end, the second ends it; no attempt is charged.

    Only SIGHUP may come again and again: a terminal that closes says it more than once.
    """
    id, waiting = ground.add(GATED), ground.add("true")
    program.ok("worker", "start", "--detach")
    command = ground.begun(id).pid
    (pool,) = ground.queue.pools.all()
    log = Path(Place(ground.queue.location).log(pool.name))
    os.kill(pool.pid, number)
    until(lambda: "stopping once" in log.read_text(), "the first signal to be heard")
    assert alive(command)
    again = signal.SIGINT if number == signal.SIGHUP else number
    os.kill(pool.pid, again) if times == 2 else (ground.folder / "go").touch()
    until(lambda: not alive(pool.pid), "the pool to end")
    states = (ground.job(id).state, ground.job(waiting).state)
    assert states == (State.COMPLETED if times == 1 else State.PENDING, State.PENDING)
    assert (ground.job(id).attempts, ground.job(id).interruptions, alive(command)) == (2 - times, 0, False)


def test_15_a_second_interrupt(ground: Ground) -> None:
    """It ends what runs; no attempt is charged."""
    id = ground.add(LONG)
    pool = ground.start()
    command = ground.begun(id).pid
    pool.send_signal(signal.SIGINT)
    until(lambda: "stopping" in ground.said(), "the first signal to be heard")
    pool.send_signal(signal.SIGINT)
    assert pool.wait(DEADLINE_S) == 130
    job = ground.job(id)
    assert (job.state, job.attempts, job.interruptions, alive(command)) == (State.PENDING, 0, 0, False)


def test_15_sigterm_to_all_at_once(ground: Ground) -> None:
    """As a service manager or a shutdown sends it, to the pool and its commands: no attempt is charged."""
    id = ground.add(f"exec {LONG}")
    pool = ground.start()
    command = ground.begun(id).pid
    for pid in [command, *(each.pid for each in ground.pool_processes())]:
        with suppress(ProcessLookupError):  # what was told first may have ended what comes later
            os.kill(pid, signal.SIGTERM)
    assert pool.wait(DEADLINE_S) == 0
    job = ground.job(id)
    assert (job.state, job.attempts, job.interruptions) == (State.PENDING, 0, 0)


def test_15_ctrl_c_on_a_terminal(ground: Ground) -> None:
    """The terminal sends it to the whole foreground; the commands are not in it, and are finished."""
    id = ground.add(GATED)
    with Terminal(["--db", ground.queue.location, "worker", "start"]) as terminal:
        ground.begun(id)
        terminal.press("ctrl+c")
        terminal.until("stopping")
        (ground.folder / "go").touch()
        assert terminal.wait_exit() == 0
    assert ground.job(id).state is State.COMPLETED
