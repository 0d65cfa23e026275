"""What this host and process are called."""

import os

from queuectl.worker import descendants
from queuectl.worker.host import Host, start_ticks


def test_a_host_is_known_by_its_boot_and_pid_namespace():
    here = Host.here()
    assert here.name == os.uname().nodename
    assert len(here.boot_id) == 36
    assert here.pid_ns.startswith("pid:[")
    assert here == Host.here()


def test_a_process_is_told_from_a_later_one_by_its_start():
    assert start_ticks(os.getpid()) == descendants.look_up(os.getpid()).start_ticks > 0


def test_a_process_that_is_not_there_never_started():
    child = os.posix_spawn("/bin/true", ["true"], os.environ)
    os.waitpid(child, 0)
    assert start_ticks(child) == 0
