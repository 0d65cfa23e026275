"""Peers that are libraries of Python. A job is a call that runs `true` as a subprocess, without a shell."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.benchmarks.peers_parts.processes import fresh_folder, patience_s, running, until
from tests.benchmarks.peers_parts.servers import no_postgres, no_redis, postgres, redis
from tests.benchmarks.stamping import Stamps

_TASKS = Path(__file__).parent.parent / "peers_tasks"
_LINE = 20
_WARM = 3


def installed() -> Path:
    """The folder that install_peers.sh filled."""
    cache = os.environ.get("XDG_CACHE_HOME") or os.path.join(os.path.expanduser("~"), ".cache")
    return Path(os.environ.get("QUEUECTL_PEERS") or os.path.join(cache, "queuectl-peers"))


@dataclass(frozen=True)
class Site:
    """Where one run of a peer happens."""

    folder: Path
    python: str
    env: dict[str, str]

    def noted(self, name: str) -> list[int]:
        """The times that its jobs have noted."""
        file = self.folder / name
        return [int(line) for line in file.read_text().split()] if file.exists() else []

    def count(self, name: str) -> int:
        file = self.folder / name
        return file.stat().st_size // _LINE if file.exists() else 0


class Library:
    """What they have in common.

    Inside the time of a drain: from the moment when each worker holds its first job (which waits for the others, so
    that their start is outside) to the end of the last `true`. All is queued before a worker starts.
    """

    name: str
    module: str
    packages: tuple[str, ...]

    def missing(self) -> str | None:
        python = self._python()
        if not os.path.exists(python):
            return "not installed (tests/benchmarks/install_peers.sh)"
        found = subprocess.run([python, "-c", f"import {', '.join(self.packages)}"], capture_output=True, text=True)
        return f"not installed: {found.stderr.strip().rpartition(chr(10))[2]}" if found.returncode else None

    def drain(self, jobs: int, workers: int) -> float:
        with self._site() as site:
            put = [site.python, str(_TASKS / "put.py"), self.module, str(jobs), str(workers)]
            subprocess.run(put, env=site.env, check=True, timeout=patience_s(jobs))
            with self._workers(site, workers) as said:
                until(lambda: site.count("ends") >= jobs, f"{self.name} to end", patience_s(jobs), said)
            return (max(site.noted("ends")) - max(site.noted("gates"))) / 1e9

    def starts_ms(self, count: int) -> list[float]:
        """With two workers, from a program that stays open; the pauses between are of no fixed length."""
        starts: list[float] = []
        with (
            self._site() as site,
            closing(Stamps(site.folder)) as stamps,
            self._workers(site, 2),
            _adder(self.module, site) as adder,
        ):
            assert adder.stdin
            assert adder.stdout
            for number in range(count + _WARM):
                time.sleep(random.uniform(0.05, 0.15) if number else 1.0)
                adder.stdin.write(json.dumps(stamps.argv) + "\n")
                adder.stdin.flush()
                starts.append((stamps.next_ns() - int(adder.stdout.readline())) / 1e6)
        return starts[_WARM:]

    @contextmanager
    def _site(self) -> Iterator[Site]:
        with fresh_folder() as folder, self._server(folder) as address:
            own = {"PEER_FOLDER": str(folder), "PEER_ADDRESS": address, "PYTHONPATH": str(_TASKS)}
            # What is compiled stays out of this repository.
            site = Site(folder, self._python(), os.environ | own | {"PYTHONDONTWRITEBYTECODE": "1"})
            self._prepare(site)
            yield site

    @contextmanager
    def _server(self, folder: Path) -> Iterator[str]:
        """The address of what it keeps its jobs in: a file, if nothing else is said."""
        yield str(folder / "queue.db")

    @contextmanager
    def _workers(self, site: Site, workers: int) -> Iterator[Path]:
        """Its workers; what they say is in the file."""
        said = site.folder / "workers.log"
        with ExitStack() as all_of_them:
            for command in self._commands(site, workers):
                all_of_them.enter_context(running([site.python, *command], said, site.env, cwd=site.folder))
            yield said

    def _python(self) -> str:
        return str(installed() / "venv" / "bin" / "python")

    def _prepare(self, site: Site) -> None:
        """What must be there before jobs can be added."""

    def _commands(self, site: Site, workers: int) -> list[list[str]]:
        """One for each process that is to be started, without the interpreter."""
        return [["-c", f"import {self.module}; {self.module}.work()"]] * workers


@contextmanager
def _adder(module: str, site: Site) -> Iterator[subprocess.Popen[str]]:
    """A program that adds what it reads."""
    command = [site.python, str(_TASKS / "put.py"), module]
    with subprocess.Popen(command, env=site.env, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as adder:
        yield adder


class Litequeue(Library):
    """It brings no worker: a loop that looks every 10 ms when there is nothing, a process for each worker."""

    name = "litequeue (bare loop)"
    module = "litequeue_peer"
    packages = ("litequeue",)


class SmallestLoop(Library):
    """Ours, of 20 lines and apsw, by the shell: what no queue on SQLite in Python can be much faster than."""

    name = "smallest loop over SQLite"
    module = "loop_peer"
    packages = ("apsw",)

    def _python(self) -> str:
        return sys.executable


class Huey(Library):
    """On SQLite, its consumer with threads: its default, and not slower than with processes; results kept."""

    name = "huey (SQLite)"
    module = "huey_peer"
    packages = ("huey",)

    def _commands(self, site: Site, workers: int) -> list[list[str]]:
        return [["-m", "huey.bin.huey_consumer", "huey_peer.huey", "-q", "-w", str(workers)]]


class _OnRedis(Library):
    def missing(self) -> str | None:
        return no_redis() or super().missing()

    @contextmanager
    def _server(self, folder: Path) -> Iterator[str]:
        with redis(folder) as place:
            yield str(place)


class Rq(_OnRedis):
    """Its default worker, a process for each job; quiet; results kept."""

    name = "RQ (Redis)"
    module = "rq_peer"
    packages = ("rq", "redis")
    _worker = "rq.worker.Worker"

    def _commands(self, site: Site, workers: int) -> list[list[str]]:
        address = f"unix://{site.env['PEER_ADDRESS']}"
        return [["-m", "rq.cli", "worker", "-q", "-w", self._worker, "-u", address]] * workers


class RqSimple(Rq):
    """The same with its worker that runs jobs in its own process: what takes that down takes the worker down."""

    name = "RQ, SimpleWorker (Redis)"
    _worker = "rq.worker.SimpleWorker"


class Celery(_OnRedis):
    """Its default pool, of processes; quiet; results kept."""

    name = "Celery (Redis)"
    module = "celery_peer"
    packages = ("celery", "redis")

    def _commands(self, site: Site, workers: int) -> list[list[str]]:
        return [["-m", "celery", "-A", "celery_peer", "worker", "-l", "warning", "-c", str(workers)]]


class Procrastinate(Library):
    """A process for each worker, which is faster than one that runs so many at once; a commit waits for the disk,
    as Postgres does by default."""

    name = "procrastinate (Postgres)"
    module = "procrastinate_peer"
    packages = ("procrastinate", "psycopg")
    _APP = ("-m", "procrastinate", "--app", "procrastinate_peer.app")

    def missing(self) -> str | None:
        return no_postgres() or super().missing()

    @contextmanager
    def _server(self, folder: Path) -> Iterator[str]:
        with postgres() as address:
            yield address

    def _prepare(self, site: Site) -> None:
        command = [site.python, *self._APP, "schema", "--apply"]
        subprocess.run(command, env=site.env, check=True, capture_output=True, timeout=60)

    def _commands(self, site: Site, workers: int) -> list[list[str]]:
        return [[*self._APP, "worker", "-c", "1"]] * workers
