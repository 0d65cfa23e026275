from __future__ import annotations

import subprocess
import sys

import pytest

from tests.cli.conftest import Program

LOADED = """
import sys
from queuectl.cli import main
try:
    main(sys.argv[1:])
finally:
    print(*sys.modules, file=sys.stderr)
"""
HEAVY = {"textual", "rich", "asyncio", "psycopg", "subprocess", "pathlib", "logging", "argparse", "psutil", "tempfile"}


def loaded(program: Program, *words: str) -> set[str]:
    command = [sys.executable, "-c", LOADED, *words]
    done = subprocess.run(command, env=program.env, cwd=program.folder, capture_output=True, text=True, check=True)
    return set(done.stderr.split())


@pytest.mark.parametrize("words", [["enqueue", "true"], ["list"], ["status"]])
def test_what_runs_often_loads_nothing_heavy(program: Program, words: list[str]) -> None:
    modules = loaded(program, *words)
    assert "queuectl.store.sqlite" in modules
    assert not HEAVY & modules


def test_help_imports_no_command(program: Program) -> None:
    modules = loaded(program, "--help")
    assert not {"queuectl.cli.enqueue", "queuectl.cli.worker", "queuectl.worker"} & modules
