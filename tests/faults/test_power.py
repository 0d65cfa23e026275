"""Fault 30: the power goes, and with it all that was not synced. What is simulated stands in `power.py`.

Some people give commands to one store beside a pool. At a random moment everything is killed at
once and the disk forgets; what each command had promised by then is compared with what is left,
and the next round goes on with that.
"""

from __future__ import annotations

import json
import random
import shutil
import signal
import subprocess
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import wait as wait_for
from contextlib import closing, contextmanager
from functools import partial
from pathlib import Path
from threading import Event
from typing import Any, NamedTuple

import apsw
import pytest

from queuectl.core.job import ENDED, Job, State
from queuectl.core.selector import parse
from queuectl.wiring import connect
from queuectl.worker import descendants
from tests.cli.conftest import Answer, Program
from tests.faults.power import SITE, Disk, Powered
from tests.faults.sizes import dice, in_two_sizes
from tests.patience import until

_ROUNDS, _ROUNDS_A_STORE = 300, 30
_KEYS = ("kill-grace", "backoff-max", "timeout")
"""One for each person."""
_POOL = ("worker", "start", "--count", "2", "--queue", "default")
_COMMAND = 'echo "$QUEUECTL_JOB_ID" >> begun; sleep 0.0{}; exit {}'
_KILLED, _CONFLICT = -signal.SIGKILL, 3
_ANY = parse("")

Found = Mapping[str, Job | str]
"""Jobs by their ids, settings by their keys."""


class Wish(NamedTuple):
    """What must be true of a job or a setting: `value` says more, and depends on what is wished."""

    what: str
    value: Any = None

    def holds(self, found: Job | str | None, begun: int) -> bool:
        """`begun` is how often the job's command was."""
        match self.what:
            case "gone":
                return found is None
            case "set":
                return bool(found == self.value)
        if not isinstance(found, Job):
            return False
        match self.what:
            case "shelved":  # nobody but its person changes it
                return bool((found.state.value, found.held, found.priority) == self.value)
            case "stopped":
                return found.state is State.CANCELLED or bool(found.cancel_asked)
            case "again":  # it had ended after so many runs
                return found.state not in ENDED or bool(begun > self.value)
        assert self.what == "there"
        return True


class Deed(NamedTuple):
    """A command, what it is given to read, and what it promises once it has exited with 0."""

    args: tuple[str, ...]
    promises: dict[str, Wish]
    stdin: str | None = None


class Person:
    """Gives one command after another, until it is dark, about jobs that are nobody else's."""

    def __init__(self, name: str, key: str, program: Program, chance: random.Random) -> None:
        self.key = key
        self._name, self.program, self._chance = name, program, chance
        self.wishes: dict[str, Wish] = {}
        self.begun: Deed | None = None
        self.done = self._made = 0
        self.started: list[subprocess.Popen[bytes]] = []

    def work(self, dark: Event, pause_s: float) -> None:
        while not dark.wait(self._chance.uniform(0, pause_s)):
            self.begun = deed = self._next()
            answer = self._give(deed)
            if answer.code == _KILLED:
                return
            self.begun = None
            if answer.code == 0:
                self.wishes |= deed.promises
                self.done += 1
            else:
                assert answer.code == _CONFLICT, (deed, answer)
                assert deed.args[0] in {"retry", "cancel"}, (deed, answer)

    def _give(self, deed: Deed) -> Answer:
        """Now and then by a fresh interpreter."""
        if deed.stdin is not None or self._chance.random() < 0.9:
            return self.program(*deed.args, stdin=deed.stdin)
        process = self.program.start(*deed.args)
        self.started.append(process)
        out, err = process.communicate()
        return Answer(process.returncode, out.decode(), err.decode())

    def _next(self) -> Deed:
        kinds = [self._one, self._one, self._several, self._shelf, self._shelf, self._rerun, self._setting]
        return self._chance.choice(kinds)()

    def _spec(self, queue: str) -> dict[str, Any]:
        self._made += 1
        command = _COMMAND.format(self._chance.randrange(1, 6), self._chance.randrange(2))
        return {"id": f"{self._name}-{self._made}", "queue": queue, "command": command, "max_retries": 1}

    def _one(self) -> Deed:
        spec = self._spec("default")
        return Deed(("enqueue", json.dumps(spec)), {spec["id"]: Wish("there")})

    def _several(self) -> Deed:
        specs = [self._spec("shelf") for _ in range(self._chance.randrange(2, 40))]
        lines = "\n".join(map(json.dumps, specs))
        return Deed(("enqueue", "-"), {spec["id"]: _shelved("pending") for spec in specs}, lines)

    def _shelf(self) -> Deed:
        """One of the things that can be done to a job that no pool takes."""
        shelved = [(id, *wish.value) for id, wish in self.wishes.items() if wish.what == "shelved"]
        if not shelved:
            return self._several()
        id, state, held, priority = self._chance.choice(shelved)
        if state == "cancelled":
            deeds = {"retry": _shelved("pending", held, priority)}
        elif held:
            deeds = {"release": _shelved(state, False, priority)}
        else:
            deeds = {"hold": _shelved(state, True, priority), "cancel": _shelved("cancelled", False, priority)}
        deeds |= {"delete": Wish("gone"), "edit": _shelved(state, held, priority + 1)}
        what = self._chance.choice(list(deeds))
        more = ("--priority", str(priority + 1)) if what == "edit" else ()
        return Deed((what, id, *more), {id: deeds[what]})

    def _rerun(self) -> Deed:
        """Retry or cancel a job of the pool's; it may be in no state for that."""
        theirs = [id for id, wish in self.wishes.items() if wish.what in {"there", "again", "stopped"}]
        if not theirs:
            return self._one()
        id = self._chance.choice(theirs[-20:])
        if self._chance.random() < 0.3:
            return Deed(("cancel", id), {id: Wish("stopped")})
        return Deed(("retry", id), {id: Wish("again", _begun(self.program.folder)[id])})

    def _setting(self) -> Deed:
        value = f"{self._chance.randrange(20, 60)}s"
        return Deed(("config", "set", self.key, value), {self.key: Wish("set", value)})

    def compare(self, found: Found, begun: Counter[str]) -> None:
        """All that was promised holds; the command that was cut off did all that it was about, or nothing."""
        promises = self.begun.promises if self.begun else {}
        before = {id: self.wishes.get(id, Wish("gone")) for id in promises}
        for wishes in (self.wishes | before, self.wishes | promises):
            broken = {id: wish for id, wish in wishes.items() if not wish.holds(found.get(id), begun[id])}
            if not broken:
                self.wishes, self.begun = wishes, None
                return
        raise AssertionError({id: (wish, found.get(id)) for id, wish in broken.items()}, self.begun)


def _moving(processes: list[descendants.Process]) -> list[descendants.Process]:
    """Who starts a command cannot stop until that has begun, which cannot once it is stopped itself."""
    starting = {each.parent for each in processes if each.state == "T"}
    return [each for each in processes if each.state not in "TZX" and not (each.state == "D" and each.pid in starting)]


def _shelved(state: str, held: bool = False, priority: int = 0) -> Wish:
    return Wish("shelved", (state, held, priority))


def _begun(folder: Path) -> Counter[str]:
    """How often each job's command was begun."""
    proof = folder / "begun"
    return Counter(proof.read_text().split() if proof.exists() else ())


class Town:
    """A store, its people and its pool, whose power goes again and again."""

    def __init__(self, folder: Path, starters: list[Powered], chance: random.Random) -> None:
        self._folder, self._chance, self._starters = folder, chance, starters
        programs = [self._program(starter) for starter in starters]
        self._pool = programs.pop()
        programs[0].ok("config", "set", "max-interruptions", "1000")
        for key in _KEYS:
            programs[0].ok("config", "set", key, "30s")
        self._people = [
            Person(name, key, program, random.Random(chance.random()))
            for name, key, program in zip("abc", _KEYS, programs, strict=False)
        ]
        for person in self._people:
            person.wishes[person.key] = Wish("set", "30s")
        self.disk = Disk(self._pool.store)
        self.disk.begin()
        self._forgotten: Counter[str] = Counter()
        self.keepers: set[int] = set()
        self.dispatchers: set[int] = set()

    def _program(self, starter: Powered) -> Program:
        program = Program(self._folder, starter)
        (self._folder / "site").mkdir(exist_ok=True)
        (self._folder / "site" / "sitecustomize.py").write_text(SITE)
        program.env["PYTHONPATH"] = f"{self._folder / 'site'}:{program.env['PYTHONPATH']}"
        return program

    @property
    def done(self) -> int:
        return sum(person.done for person in self._people)

    def round(self) -> None:
        pause_s = self._chance.choice([0, 0.1])
        with self._at_work(*(partial(person.work, pause_s=pause_s) for person in self._people)):
            if not self.keepers:
                until(lambda: bool(_begun(self._folder)), "the pool to work, this once")
            time.sleep(self._chance.uniform(0.05, 0.9))  # at no moment in particular
        self.disk.after_the_cut(self._chance if self._chance.random() < 0.7 else None)
        if self._chance.random() < 0.5:
            shutil.rmtree(f"{self._pool.store}.d", ignore_errors=True)
        self.check(cuts=1)

    @contextmanager
    def _at_work(self, *work: Callable[[Event], None]) -> Iterator[None]:
        """A pool, and who works beside it until it is dark; all are dead at the end."""
        dark = Event()
        with ThreadPoolExecutor() as threads:
            everything = [threads.submit(each, dark) for each in (self._be_pool, *work)]
            try:
                yield
            finally:
                dark.set()
                self._kill(everything)
        for each in everything:
            each.result()

    def lose_a_result(self) -> tuple[Job, int]:
        """A job that was done when the power went, as it is then, and how often it was begun in the end."""
        program = self._people[0].program
        with self._at_work():
            program.ok("enqueue", "--id", "lost", "--queue", "default", _COMMAND.format(0, 0))
            program.ok("wait", "lost", "--timeout", "30s")
        self.disk.after_the_cut(None)
        self.check(cuts=1)
        with self._found() as (found, _):
            job = found["lost"]
        self.end()
        assert isinstance(job, Job)
        return job, _begun(self._folder)["lost"]

    def _be_pool(self, _: Event) -> None:
        answer = self._pool(*_POOL)
        assert answer.code == _KILLED, answer

    def _kill(self, everything: list[Future[Any]]) -> None:
        """All is stopped before the first dies: none sees another die, and none is in the midst of a note."""
        while not all(each.done() for each in everything):
            while moving := _moving(self._processes()):
                for process in moving:
                    descendants.send(process, signal.SIGSTOP)
            doomed = self._processes()
            self._tell_apart(doomed)
            for process in doomed:
                descendants.send(process, signal.SIGKILL)
            wait_for(everything, timeout=0.01)
        until(lambda: not [each for each in self._processes() if each.state not in "ZX"], "all to be dead")

    def _processes(self) -> list[descendants.Process]:
        fresh = [process.pid for person in self._people for process in person.started if process.poll() is None]
        top = [process for pid in fresh if (process := descendants.look_up(pid))]
        return [*top, *descendants.descendants([*fresh, *(starter.pid for starter in self._starters)])]

    def _tell_apart(self, doomed: list[descendants.Process]) -> None:
        keepers = {each.pid for each in doomed if each.parent == self._starters[-1].pid}
        self.keepers |= keepers
        self.dispatchers |= {each.pid for each in doomed if each.parent in keepers}

    def check(self, cuts: int) -> None:
        """What is left is whole and holds what was promised; at most one more run of a job was forgotten at a cut."""
        begun = _begun(self._folder)
        with self._found() as (found, jobs):
            for person in self._people:
                person.compare(found, begun)
        for job in jobs:
            forgotten = begun[job.id] - job.runs  # what was begun when the power went is told of only later, if at all
            assert forgotten <= self._forgotten[job.id] + cuts, (job, begun[job.id])
            self._forgotten[job.id] = forgotten

    @contextmanager
    def _found(self) -> Iterator[tuple[Found, list[Job]]]:
        """What a copy of the store holds: looking at the store itself would mend it."""
        copy = self._folder / "copy"
        copy.mkdir(exist_ok=True)
        for path in self._folder.glob("queue.db*"):
            if path.is_file():
                shutil.copy(path, copy)
        store = copy / "queue.db"
        with closing(apsw.Connection(str(store))) as connection:
            assert connection.pragma("integrity_check") == "ok"
            assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
        with closing(connect(str(store), must_exist=True)) as queue:
            jobs = list(queue.jobs.stream(_ANY))
            counts = Counter(job.state for job in jobs)
            assert {state: queue.counts().of(state) for state in State} == {state: counts[state] for state in State}
            yield {job.id: job for job in jobs} | {key: queue.config.get(key) for key in _KEYS}, jobs
        shutil.rmtree(copy)

    def end(self) -> None:
        """Let all that is to be run come to its end, and see what the store then says."""
        self._pool.ok("worker", "start", "--count", "4", "--queue", "default", "--drain")
        self.check(cuts=0)
        with self._found() as (_, jobs):
            assert {job.state for job in jobs if job.queue == "default"} <= ENDED

    def see_who_had_the_disk(self) -> None:
        """Every process had the disk that forgets."""
        assert self.disk.opened & self.keepers
        assert self.disk.wrote & self.dispatchers
        # Half, since the numbers of processes are used again.
        assert len(self.disk.wrote - self.keepers - self.dispatchers) > self.done / 2


@contextmanager
def _starters(count: int) -> Iterator[list[Powered]]:
    starters = [Powered() for _ in range(count)]
    try:
        yield starters
    finally:
        for starter in starters:
            starter.close()


@in_two_sizes
def test_30_the_power_goes(tmp_path: Path, share: int) -> None:
    """What a command said that it did is there, whatever the disk forgot; a job runs once more at most."""
    chance, rounds = dice(), _ROUNDS // share
    with _starters(len(_KEYS) + 1) as starters:
        for first in range(0, rounds, _ROUNDS_A_STORE):
            folder = tmp_path / str(first)
            folder.mkdir()
            town = Town(folder, starters, chance)
            for _ in range(first, min(first + _ROUNDS_A_STORE, rounds)):
                town.round()
            town.end()
            town.see_who_had_the_disk()


def test_30_a_result_that_nobody_synced(tmp_path: Path) -> None:
    """It is forgotten, as results may be, and its job runs once more; the enqueue before it is not."""
    with _starters(2) as starters:
        town = Town(tmp_path, starters, dice())
        job, begun = town.lose_a_result()
    assert job.state in {State.PENDING, State.PROCESSING}
    assert begun == 2


_WATCH = """import os
def watch(name):
    real = getattr(os, name)
    def call(first, *rest, **named):
        answer = real(first, *rest, **named)
        path = f"/proc/self/fd/{{first}}" if name == "fsync" else rest[0] if name == "link" else first
        path = os.path.realpath(path)
        with open({seen!r}, "a") as file:
            file.write(f"{{name}} {{path}}\\n")
        return answer
    setattr(os, name, call)
for name in ("mkdir", "link", "fsync"):
    watch(name)
"""
"""What Python itself does about files, which no VFS hears of."""


@pytest.fixture
def made(program: Program) -> list[tuple[str, Path]]:
    """What an enqueue made and synced, in this order, where there was neither a store nor its folder."""
    seen = program.folder / "seen"
    (program.folder / "sitecustomize.py").write_text(_WATCH.format(seen=str(seen)))
    program.env["PYTHONPATH"] = f"{program.folder}:{program.env['PYTHONPATH']}"
    program.env["QUEUECTL_DB_PATH"] = str(program.folder / "new" / "newer" / "queue.db")
    with program.start("enqueue", "true", stderr=None) as process:
        assert process.wait(20) == 0
    return [(what, Path(path)) for what, path in (line.split(" ", 1) for line in seen.read_text().splitlines())]


def test_30_a_new_store_is_synced(made: list[tuple[str, Path]]) -> None:
    """Its content before it appears, then its name, before the first job goes into it."""
    (linked,) = [number for number, (what, _) in enumerate(made) if what == "link"]
    store = made[linked][1]
    assert ".new" in [path.suffix for what, path in made[:linked] if what == "fsync"]
    assert ("fsync", store.parent) in made[linked:]


def test_30_the_folders_of_a_new_store_are_synced(made: list[tuple[str, Path]]) -> None:
    """Each folder's name is, too, on the way to the store; what lies beside the store may go."""
    folders = [
        (number, path) for number, (what, path) in enumerate(made) if what == "mkdir" and "queue.db" not in str(path)
    ]
    assert len(folders) == 2
    for number, path in folders:
        assert ("fsync", path.parent) in made[number:], path
