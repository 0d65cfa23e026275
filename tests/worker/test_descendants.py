"""Who was started by whom, and ending all of it. The tests are a subreaper of their own in a process of its own."""

import os
import signal
import subprocess
import sys
import time
import traceback

import pytest

from queuectl.worker import descendants
from queuectl.worker.descendants import Process
from tests.worker.hired import await_death, lives


@pytest.fixture
def in_a_subreaper():
    """Runs a function in a process of its own that adopts the orphans among its descendants."""

    def run(check):
        child = os.fork()
        if child == 0:
            _be_subreaper(check)
        assert os.waitpid(child, 0)[1] == 0, "see the captured standard error"

    return run


@pytest.fixture
def sleeper():
    process = subprocess.Popen(["sleep", "1000"])
    yield descendants.look_up(process.pid)
    process.kill()
    process.wait()


def test_a_process_is_found_by_its_number():
    found = descendants.look_up(os.getpid())
    assert (found.pid, found.parent, found.state) == (os.getpid(), os.getppid(), "R")
    assert found.start_ticks > 0


def test_a_process_may_have_any_name(tmp_path):
    program = tmp_path / "a) R 1 (b"
    program.symlink_to("/bin/sleep")
    process = subprocess.Popen([program, "1000"])
    assert descendants.look_up(process.pid).parent == os.getpid()
    process.kill()
    process.wait()
    assert descendants.look_up(process.pid) is None


def test_a_signal_reaches_exactly_the_recorded_process(sleeper):
    stranger = Process(sleeper.pid, sleeper.parent, sleeper.state, sleeper.start_ticks - 1)
    assert not descendants.send(stranger, signal.SIGKILL)
    assert lives(sleeper.pid)
    assert descendants.send(sleeper, signal.SIGKILL)
    assert descendants.await_end(sleeper, 20)


def test_who_is_dead_cannot_be_signalled_and_has_ended(sleeper):
    descendants.send(sleeper, signal.SIGKILL)
    await_death(sleeper.pid)
    assert not descendants.send(sleeper, signal.SIGKILL)
    assert descendants.await_end(sleeper, 0)


def test_waiting_for_one_that_lives_ends_with_the_time(sleeper):
    assert not descendants.await_end(sleeper, 0.01)


def test_descendants_are_found_to_any_depth_whatever_their_session(bell):
    process = subprocess.Popen(["sh", "-c", f"setsid sh -c 'sleep 1000 & echo $! > {bell.path}; wait' & wait"])
    deepest = int(bell.hear())
    found = {each.pid: each for each in descendants.descendants([process.pid])}
    assert set(found) == {deepest, found[deepest].parent}
    assert found[found[deepest].parent].parent == process.pid
    for pid in (*found, process.pid):
        os.kill(pid, signal.SIGKILL)
    process.wait()


def test_those_to_be_kept_are_left_out_with_all_that_they_started(bell):
    process = subprocess.Popen(["sh", "-c", f"sh -c 'sleep 1000 & echo $! > {bell.path}; wait' & wait"])
    deepest = int(bell.hear())
    all_ = {each.pid: each for each in descendants.descendants([process.pid])}
    assert descendants.descendants([process.pid], keep={all_[deepest].parent}) == []
    for pid in (*all_, process.pid):
        os.kill(pid, signal.SIGKILL)
    process.wait()


def test_killing_all_leaves_none_of_a_tree_that_left_its_sessions_and_lost_its_parents(in_a_subreaper, bell):
    def check():
        tree = f"for i in 1 2 3; do (setsid sh -c 'trap \"\" TERM; sleep 1000 & echo $! > {bell.path}; wait' &) ; done"
        os.waitpid(os.posix_spawn("/bin/sh", ["sh", "-c", tree], os.environ), 0)
        pids = [int(bell.hear()) for _ in range(3)]
        descendants.kill_all()
        assert not any(lives(pid) for pid in pids)
        assert not descendants.has_children()

    in_a_subreaper(check)


def test_killing_all_overtakes_one_that_forks_as_fast_as_it_can(in_a_subreaper, bell):
    def check():
        hop = "import os\nfor _ in range(10_000):\n    if os.fork(): os._exit(0)\n"
        program = f"print(file=open('{bell.path}', 'w'))\n{hop}"
        os.posix_spawn(sys.executable, [sys.executable, "-c", program], os.environ)
        bell.hear()
        descendants.kill_all()
        assert not descendants.has_children()

    in_a_subreaper(check)


def test_killing_all_counts_the_cpu_seconds_of_the_killed(in_a_subreaper, bell):
    def check():
        burn = (
            f"import time\nwhile time.process_time() < 0.2: pass\nprint(file=open('{bell.path}', 'w'))\ntime.sleep(999)"
        )
        os.posix_spawn(sys.executable, [sys.executable, "-c", burn], os.environ)
        bell.hear()
        assert descendants.kill_all() >= 0.2

    in_a_subreaper(check)


@pytest.mark.skipif(
    os.geteuid() != 0, reason="only root can start a process as another user and become one that is not"
)
def test_a_process_of_another_user_is_left_alone_and_not_waited_for(in_a_subreaper, bell, tmp_path):
    def check():
        stranger = os.posix_spawn("/bin/sleep", ["sleep", "1000"], os.environ)
        os.setresuid(65534, 65534, 65534)
        own = os.posix_spawn("/bin/sleep", ["sleep", "1000"], os.environ)
        began = time.monotonic()
        descendants.kill_all()
        assert time.monotonic() - began < 10
        assert not lives(own)
        os.write(writing, str(stranger).encode())

    reading, writing = os.pipe()
    in_a_subreaper(check)
    stranger = int(os.read(reading, 20))
    assert lives(stranger)
    os.kill(stranger, signal.SIGKILL)
    os.close(reading)
    os.close(writing)


def test_one_look_spares_those_to_be_kept(in_a_subreaper):
    def check():
        kept, doomed = (os.posix_spawn("/bin/sleep", ["sleep", "1000"], os.environ) for _ in range(2))
        assert descendants.kill_once({kept})
        await_death(doomed)
        descendants.reap({kept})
        assert lives(kept)
        assert not descendants.kill_once({kept})
        descendants.kill_all()

    in_a_subreaper(check)


def test_terminating_all_wakes_those_that_are_stopped(in_a_subreaper):
    def check():
        pid = os.posix_spawn("/bin/sleep", ["sleep", "1000"], os.environ)
        os.kill(pid, signal.SIGSTOP)
        os.waitpid(pid, os.WUNTRACED)
        descendants.terminate_all()
        assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == -signal.SIGTERM

    in_a_subreaper(check)


def test_a_process_without_children_has_none(in_a_subreaper):
    def check():
        assert not descendants.has_children()
        assert descendants.kill_all() == 0
        child = os.fork()
        if child == 0:
            os._exit(0)
        assert descendants.has_children()
        await_death(child)
        assert descendants.has_children(), "one that is dead and was not reaped counts"
        descendants.reap()
        assert not descendants.has_children()

    in_a_subreaper(check)


def _be_subreaper(check):
    code = 1
    try:
        descendants.become_subreaper()
        check()
        code = 0
    except BaseException:  # noqa: BLE001 - nothing of the tests may go on in the child
        traceback.print_exc()
    finally:
        os._exit(code)
