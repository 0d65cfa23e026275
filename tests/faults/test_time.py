"""Fault 20: machines that sleep."""

from __future__ import annotations

import signal
import time

from queuectl.core.job import State
from queuectl.worker import descendants
from tests.faults.harness import Ground
from tests.patience import until

_LEASE_S = 3


def test_20_a_machine_asleep_past_the_lease(ground: Ground) -> None:
    """When it wakes, every pool still has its jobs: time in which nobody could look does not count."""
    ground.queue.config.set("lease", f"{_LEASE_S}s")
    ids = [ground.add("until test -e go; do sleep 0.1; done") for _ in range(2)]
    for _ in ids:
        ground.start()
    begun = [ground.begun(id) for id in ids]
    everything = [each for pool in ground.pools for each in descendants.descendants([pool.pid])]
    for pool in ground.pools:
        pool.send_signal(signal.SIGSTOP)
    ground.hit(signal.SIGSTOP, *everything)
    time.sleep(_LEASE_S + 1)  # asleep
    ground.hit(signal.SIGCONT, *everything)
    for pool in ground.pools:
        pool.send_signal(signal.SIGCONT)
    before = ground.beats()
    until(lambda: all(beat > before[name] + 1 for name, beat in ground.beats().items()), "signs of life of both")
    (ground.folder / "go").touch()
    for id in ids:
        ground.until_state(id, State.COMPLETED)
    assert [run.pid for run in ground.runs()] == [run.pid for run in begun]
    assert {ground.job(id).interruptions for id in ids} == {0}
