from __future__ import annotations

import subprocess
import sys

import pytest

from tests.cli.conftest import Program

LOADED = """
import sys
from queuectl.cli import main
try:
    main(sys.argv[2:], sys.argv[1])
finally:
    print(*sys.modules, file=sys.stderr)
"""
HEAVY = {"textual", "rich", "asyncio", "psycopg", "subprocess", "pathlib", "logging", "argparse", "psutil", "tempfile"}
HEAVY |= {"dataclasses", "signal"}


def loaded(program: Program, *words: str, module: str = "root") -> set[str]:
    command = [sys.executable, "-c", LOADED, module, *words]
    done = subprocess.run(command, env=program.env, cwd=program.folder, capture_output=True, text=True, check=True)
    return set(done.stderr.split())


OTHERS = {"queuectl.core.lifecycle", "queuectl.core.ports", "queuectl.store.turns", "queuectl.worker"}
OTHERS |= {"queuectl.store.creation", "queuectl.core.version", "queuectl.core.attempt", "struct"}


@pytest.mark.parametrize("words", [["enqueue", "true"], ["list"], ["status"]])
def test_what_runs_often_loads_nothing_heavy_and_nothing_of_the_pool(program: Program, words: list[str]) -> None:
    program.ok("init")
    modules = loaded(program, *words)
    assert "queuectl.store.sqlite" in modules
    assert not (HEAVY | OTHERS) & modules


def test_a_plain_command_is_enqueued_without_what_only_looking_and_json_need(program: Program) -> None:
    modules = loaded(program, "enqueue", "true")
    assert not {"json", "queuectl.core.selector", "queuectl.core.views", "queuectl.core.keys"} & modules


@pytest.mark.parametrize(
    ("words", "spared"),
    [
        (["list", "--limit", "50"], {"queuectl.core.views", "queuectl.core.records", "json"}),
        (["status"], {"queuectl.core.selector", "queuectl.core.pool", "json"}),
    ],
)
def test_who_only_looks_loads_no_more_than_what_is_shown(program: Program, words: list[str], spared: set[str]) -> None:
    program.ok("init")
    assert not ({"queuectl.store.gate", "fcntl"} | spared) & loaded(program, *words)


@pytest.mark.parametrize("words", [["--help"], ["--version"], ["enqueue", "--help"]])
def test_help_and_version_need_no_store(program: Program, words: list[str]) -> None:
    assert not {"apsw", "queuectl.store", "queuectl.queue.pools", "queuectl.worker"} & loaded(program, *words)


def test_help_imports_no_command(program: Program) -> None:
    modules = loaded(program, "--help")
    assert not {"queuectl.cli.enqueue", "queuectl.cli.worker"} & modules


def test_a_pool_has_in_memory_nothing_of_the_command_line_and_no_ciphers(program: Program) -> None:
    program.ok("init")
    modules = loaded(program, str(program.store), "1", "1", "-", module="pool")
    assert {"queuectl.worker.worker", "queuectl.store.upkeep"} <= modules
    assert not {"click", "queuectl.cli.root", "dataclasses", "inspect", "random", "hashlib", "secrets"} & modules


def test_worker_start_becomes_that_whatever_lies_where_it_is_started(program: Program) -> None:
    (program.folder / "signal.py").write_text("raise SystemExit('a file of somebody else was loaded')")
    program.ok("init")
    command = [sys.executable, "-P", "-m", "queuectl", "worker", "start", "--drain"]
    done = subprocess.run(command, env=program.env, cwd=program.folder, capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (0, "")
    assert "1 worker started" in done.stderr
