"""Fault 40: many at once."""

from __future__ import annotations

import subprocess
import sys
from collections import Counter

from queuectl.core.job import State
from tests.faults.harness import Ground
from tests.faults.sizes import in_two_sizes
from tests.patience import DEADLINE_S, until

_ENQUEUERS, _JOBS = 8, 20_000


@in_two_sizes
def test_40_many_pools_and_enqueuers_at_once(ground: Ground, share: int) -> None:
    """Every job runs once, and nothing goes wrong."""
    pools, each = (16, _JOBS // _ENQUEUERS) if share == 1 else (6, _JOBS // _ENQUEUERS // share)
    for _ in range(pools):
        ground.start(workers=1)
    lines = 'echo "$QUEUECTL_JOB_ID" >> ran\n' * each
    command = [
        sys.executable,
        "-m",
        "queuectl",
        "--db",
        ground.queue.location,
        "enqueue",
        "--cwd",
        str(ground.folder),
        "-",
    ]
    enqueuers = [
        subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        for _ in range(_ENQUEUERS)
    ]
    said = [enqueuer.communicate(lines, timeout=DEADLINE_S * 4) for enqueuer in enqueuers]
    assert {enqueuer.returncode for enqueuer in enqueuers} == {0}
    assert {errors for _, errors in said} == {""}
    count = each * _ENQUEUERS
    until(lambda: ground.queue.counts().of(State.COMPLETED) == count, "all jobs to be completed", 30 + count / 50)
    ran = Counter((ground.folder / "ran").read_text().split())
    assert (len(ran), set(ran.values())) == (count, {1})
    assert not [ground.said(number) for number in range(pools) if "busy" in ground.said(number)]
