"""Standard streams and limits as a careless caller leaves them."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.cli.conftest import Program


def by_shell(program: Program, line: str) -> subprocess.CompletedProcess[str]:
    """Run a line of the shell in which `$q` is the program."""
    env = program.env | {"q": f"{sys.executable} -m queuectl"}
    return subprocess.run(["sh", "-c", line], env=env, cwd=program.folder, capture_output=True, text=True, timeout=60)


@pytest.mark.parametrize("closed", [">&-", "2>&-", "<&-", "<&- >&- 2>&-"])
def test_a_closed_standard_stream_is_no_error(program: Program, closed: str) -> None:
    answer = by_shell(program, f"$q enqueue true {closed}")
    assert (answer.returncode, answer.stderr) == (0, "")
    assert [job["command"] for job in program.jobs()] == ["true"]


def test_a_pool_without_standard_streams_does_its_work(program: Program) -> None:
    program.ok("enqueue", "true")
    assert by_shell(program, "$q worker start --drain <&- >&- 2>&-").returncode == 0
    assert program.jobs()[0]["state"] == "completed"


def test_more_workers_than_descriptors_are_refused_with_a_hint(program: Program) -> None:
    answer = by_shell(program, "ulimit -n 20; $q worker start --count 16 --drain")
    assert answer.returncode == 1
    assert answer.stderr == (
        "Error: 16 workers need 48 file descriptors, and the limit is 20\n"
        "Hint: raise it with `ulimit -n`, or start fewer workers\n"
    )
