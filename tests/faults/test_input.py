"""Faults 33 to 38: what comes in, what goes out, and who may look at it."""

from __future__ import annotations

import json
import os
import shutil
import signal
import stat
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from queuectl.core.job import State
from queuectl.core.selector import parse
from tests.cli.conftest import Answer, Program
from tests.cli.test_batch import unread
from tests.faults.disks import checksum, taken
from tests.faults.harness import GATED, LONG, Ground
from tests.faults.sizes import in_two_sizes
from tests.patience import DEADLINE_S, until

MIB = 1 << 20
NOBODY = 65_534
only_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can be another user or mount a disk")


def refused(answer: Answer, *said: str) -> None:
    """One sentence and one hint, harmless and short, with the reason in them; nothing on standard output."""
    assert (answer.code, answer.out) == (2, ""), answer
    error, hint = answer.err.splitlines()
    assert error.startswith("Error: ")
    assert hint.startswith("Hint: ")
    assert len(error) < 300
    assert all(line.isprintable() for line in (error, hint))
    assert all(words in error for words in said), error


# 33: ids and names of variables

BAD_IDS = [
    ".",
    "..",
    "../../x",
    "/etc/passwd",
    "a/b",
    "-rf",
    "--all",
    "a" * 300,
    "a\nb",
    "a\n",
    "",
    " ",
    "\x1b[31m",
    "é",
]


@pytest.mark.parametrize("id", BAD_IDS, ids=ascii)
def test_33_ids_that_mean_something_elsewhere(ground: Ground, program: Program, id: str) -> None:
    """They are refused however they come, and nothing is added; who asks for one is told that there is none."""
    refused(program("enqueue", f"--id={id}", "true"), "cannot be")
    refused(program("enqueue", json.dumps({"command": "true", "id": id})), "cannot be an id")
    for words in (["logs"], ["delete"]):
        answer = program(*words, "--", id, code=1)
        assert (answer.out, all(line.isprintable() for line in answer.err.splitlines())) == ("", True)
    assert ground.queue.counts().total == 0


@pytest.mark.parametrize("name", ["QUEUECTL_CLAIM", "QUEUECTL_JOB_ID", "QUEUECTL_DB_PATH", "A B", "1A", "É"])
def test_33_variables_that_are_not_the_callers_to_set(ground: Ground, program: Program, name: str) -> None:
    """They are refused of a new job and of an edited one, and a job of a pool never sees them changed."""
    id = ground.enqueue("true")
    refused(program("enqueue", "--env", f"{name}=1", "true"), "name" if name.startswith("QUEUECTL_") else "variable")
    refused(program("enqueue", f'{{"command": "true", "env": {{"{name}": "1"}}}}'))
    refused(program("edit", id, "--env", f"{name}=1"))
    assert ground.queue.counts().total == 1
    assert not ground.job(id).env


# 34: job objects

BAD_OBJECTS = {
    '{"command": 5}': "command must be a text",
    '{"command": null}': "command",
    '{"command": ["ls"]}': "command must be a text",
    '{"command": "a\\u0000b"}': "NUL",
    '{"command": "a\\ud800b"}': "UTF-8",
    '{"command": "ls", "priority": "urgent"}': "not a priority",
    '{"command": "ls", "priority": 1e400}': "priority",
    '{"command": "ls", "priority": 99999999999999999999}': "priority",
    '{"command": "ls", "priority": ' + "9" * 5000 + "}": "too large",
    '{"command": "ls", "max_retries": -1}': "max_retries",
    '{"command": "ls", "max_retries": 2.5}': "max_retries must be an integer",
    '{"command": "ls", "max_retries": true}': "max_retries",
    '{"command": "ls", "timeout": NaN}': "NaN",
    '{"command": "ls", "timeout": -Infinity}': "Infinity",
    '{"command": "ls", "timeout": 1e300}': "timeout",
    '{"command": "ls", "run_at": 1e18}': "run_at",
    '{"command": "ls", "env": ["A=1"]}': "env must be an object",
    '{"command": "ls", "env": {"A": 1}}': "env A must be a text",
    '{"command": "ls", "tags": "a"}': "tags must be an array",
    '{"command": "ls", "hold": 1}': "hold must be true or false",
    '{"command": "ls", "command": "rm"}': "'command' is there twice",
    '{"command": "ls", "env": {"A": "1", "A": "2"}}': "'A' is there twice",
    '{"command": "ls", "tags": ' + "[" * 100_000 + "]" * 100_000 + "}": "nested too deeply",
    "[" * 100_000: "nested too deeply",
    '{"command": "' + "x" * 10 * MIB + '"}': "command has 10,485,760 bytes",
    '{"command": "ls", "env": {"A": "' + "x" * MIB + '"}}': "env A has 1,048,576 bytes",
}


def test_34_job_objects_that_are_none(ground: Ground, program: Program) -> None:
    """Each is refused with its reason, as a word or, where Linux hands over no such word, from a file."""
    file = program.folder / "job.json"
    for text, said in BAD_OBJECTS.items():
        file.write_text(text)
        refused(program("enqueue", text if len(text) < 100_000 else "job.json"), said)
    assert ground.queue.counts().total == 0


def test_34_job_objects_that_are_none_among_good_ones(ground: Ground, program: Program) -> None:
    """A line that is none is never taken for a command, and the good ones do not go in without it."""
    bad = {text: said for text, said in BAD_OBJECTS.items() if text.startswith("{")}
    lines = ["true", *bad, "true"]
    answer = program("enqueue", "-", stdin="\n".join(lines), code=2)
    for number, said in enumerate([*bad.values()][:20], 2):
        assert any(line.startswith(f"line {number}: ") and said in line for line in answer.err.splitlines()), said
    assert f"{len(bad)} jobs cannot be added" in answer.err
    assert ground.queue.counts().total == 0


# 35: files and standard input


def test_35_thirty_bad_lines_of_ten_thousand(ground: Ground, program: Program) -> None:
    """The first 20 are named by their numbers, all are counted, and nothing is added."""
    bad = [7 + 333 * number for number in range(30)]
    lines = ["true" if number not in bad else '{"command": 5}' for number in range(1, 10_001)]
    (program.folder / "jobs").write_text("\n".join(lines))
    answer = program("enqueue", "@jobs", code=2)
    named = [line.split(":")[0] for line in answer.err.splitlines() if line.startswith("line ")]
    assert named == [f"line {number}" for number in bad[:20]]
    assert "and 10 more" in answer.err
    assert "30 jobs cannot be added" in answer.err
    assert (answer.out, ground.queue.counts().total) == ("", 0)


def test_35_a_producer_that_never_ends(ground: Ground, program: Program) -> None:
    """While it prints, others enqueue and their jobs run; nothing of it is in the store when it is cut short."""
    ground.start()
    ground.until_workers(1)
    endless = ["/bin/sh", "-c", "while :; do echo true; sleep 0.01; done"]
    with subprocess.Popen(endless, stdout=subprocess.PIPE) as producer:
        until(lambda: unread(producer.stdout) > 0, "the producer to print")
        with program.start("enqueue", "-", stdin=producer.stdout) as slow:
            until(lambda: unread(producer.stdout) == 0, "its lines to be read")
            id = ground.add("true")
            said = program.ok("enqueue", "--id", "mine", "true").out
            ground.until_state(id, State.COMPLETED, within_s=5)
            assert slow.poll() is None
            slow.send_signal(signal.SIGINT)
            _, err = slow.communicate(timeout=DEADLINE_S)
        producer.kill()
    assert (slow.returncode, b"Traceback" in err, said) == (130, False, "Enqueued job: mine\n")
    assert ground.queue.counts().total == 2


# 36: output


@in_two_sizes
def test_36_far_more_output_than_the_limit(ground: Ground, program: Program, share: int) -> None:
    """10 GB never take more than `log-limit` and 1 MiB; beginning, end and the gap can be read."""
    ground.queue.config.set("log-limit", "2MiB")
    id = ground.add(f"echo first; head -c {10**10 // share} /dev/zero | tr '\\0' x; echo; echo last")
    before, most = taken(ground.folder), 0
    ground.start()

    def ended() -> bool:
        nonlocal most
        most = max(most, taken(ground.folder) - before)
        return ground.job(id).state is State.COMPLETED

    until(ended, "the job to end", 30 + 300 / share)
    assert MIB < most <= 3 * MIB
    logs = program.ok("logs", id).out
    assert logs.startswith("first\nxxx")
    assert logs.endswith("xxx\nlast\n")
    assert "bytes left out here, see log-limit]" in logs


def test_36_output_by_name(ground: Ground, program: Program) -> None:
    """A command may open its standard output and error by their names, and in turns."""
    id = ground.add("echo 1 > /dev/stderr; echo 2 > /dev/stdout; echo 3 >&2; echo 4 >> /proc/self/fd/1")
    ground.start()
    ground.until_state(id, State.COMPLETED)
    assert program.ok("logs", id).out == "1\n2\n3\n4\n"


@contextmanager
def covered(folder: Path, options: str) -> Iterator[None]:
    """Another disk where the folder was."""
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", options, "tmpfs", folder], check=False)
    if mounted.returncode:
        pytest.skip("only root can mount a disk")
    try:
        yield
    finally:
        subprocess.run(["umount", "-l", folder], check=True)


@pytest.mark.parametrize(
    ("options", "why"), [("ro", "Read-only file system"), ("size=128k", "No space left on device")], ids=["ro", "full"]
)
def test_36_an_output_folder_that_takes_nothing(ground: Ground, program: Program, options: str, why: str) -> None:
    """The command goes on to its end; the ends of its output stay, and the gap is marked with the reason."""
    id = ground.add(f"{GATED}; echo first; seq 300000; echo last; touch done")
    ground.start()
    ground.begun(id)
    with covered(Path(f"{ground.queue.location}.d/output"), options):
        (ground.folder / "go").touch()
        job = ground.until_state(id, State.COMPLETED)
        logs = program.ok("logs", id).out
    assert (job.exit_code, job.attempts, (ground.folder / "done").exists()) == (0, 1, True)
    assert logs.startswith("first\n1\n2\n")
    assert f"bytes could not be written: {why}]" in logs
    ground.until_state(ground.add("true"), State.COMPLETED)


def test_36_an_output_folder_that_is_removed_meanwhile(ground: Ground, program: Program) -> None:
    """The command goes on to its end; the ends of its output stay, and the gap is marked."""
    id = ground.add(f"echo first; seq 100000; {GATED}; seq 100000; echo last")
    output = Path(f"{ground.queue.location}.d/output")
    ground.start()
    until(lambda: taken(output) > 500_000, "the first half of the output")
    shutil.rmtree(output)
    (ground.folder / "go").touch()
    job = ground.until_state(id, State.COMPLETED)
    logs = program.ok("logs", id).out
    assert (job.exit_code, job.attempts) == (0, 1)
    assert logs.startswith("first\n1\n2\n")
    assert logs.endswith("100000\nlast\n")
    assert "bytes could not be written: the file was removed]" in logs
    ground.until_state(ground.add("true"), State.COMPLETED)


def test_36_a_million_short_lines_followed_live(ground: Ground, program: Program) -> None:
    """Who follows gets each byte once and in order, and ends with the job."""
    id = ground.add(f"{GATED}; seq 1000000")
    ground.start()
    ground.begun(id)
    with program.start("logs", "--follow", id) as follower:
        (ground.folder / "go").touch()
        out, err = follower.communicate(timeout=DEADLINE_S)
    assert (follower.returncode, err) == (0, f"{id} is completed\n".encode())
    assert out == b"".join(b"%d\n" % number for number in range(1, 1_000_001))


# 37: other users of the machine


@pytest.fixture
def open_to_all() -> Iterator[Path]:
    """A folder that everybody may write to; that of pytest keeps others out, whatever lies in it."""
    with tempfile.TemporaryDirectory() as name:
        os.chmod(name, 0o777)
        yield Path(name)


def test_37_what_a_store_is_made_of_is_its_owners_only(ground: Ground, program: Program, open_to_all: Path) -> None:
    """Also with umask 000: files 0600, folders 0700, of all kinds, while a command runs and prints."""
    program.env["QUEUECTL_DB_PATH"] = str(open_to_all / "new" / "queue.db")
    go, ready = ground.folder / "go", ground.folder / "ready"
    with program.start("enqueue", f"seq 100000; touch {ready}; until test -e {go}; do sleep 0.05; done", umask=0) as it:
        assert it.wait(DEADLINE_S) == 0
    with program.start("worker", "start", "--detach", "--drain", umask=0) as it:
        assert it.wait(DEADLINE_S) == 0
    try:
        until(ready.exists, "the output")
        modes = {path.relative_to(open_to_all): path.lstat().st_mode for path in open_to_all.rglob("*")}
        reached = others_reach(open_to_all / "new") if os.geteuid() == 0 else None  # only root can be somebody else
    finally:
        go.touch()
        program.ok("worker", "stop")
    assert {stat.S_IFREG, stat.S_IFDIR, stat.S_IFIFO} <= {stat.S_IFMT(mode) for mode in modes.values()}
    assert any(path.parent.name == "output" for path in modes)
    right = {path: 0o700 if stat.S_ISDIR(mode) else 0o600 for path, mode in modes.items()}
    assert {path: stat.S_IMODE(mode) for path, mode in modes.items()} == right
    assert reached in (["./bait"], None)


def others_reach(folder: Path) -> list[str]:
    """What somebody else can read or write there, once let in, and a file that shows that he was."""
    (folder / "bait").touch(0o644)
    folder.chmod(0o755)
    find = ["find", ".", "-mindepth", "1", "(", "-readable", "-o", "-writable", ")", "-print"]
    found = subprocess.run(find, cwd=folder, user=NOBODY, group=NOBODY, extra_groups=[], capture_output=True, text=True)
    return found.stdout.split()


PLANTED = {
    "queue.db.d": (4, 4),
    "queue.db.d/gate": (0, 0),
    "queue.db.d/pools": (4, 4),
    "queue.db.d/output": (4, 4),
    "queue.db.d/pools/p1": (0, 0),
    "queue.db.d/pools/p1.fifo": (0, 0),
    "queue.db.d/pools/p1.log": (0, 4),
    "queue.db-wal": (4, 4),
    "queue.db-shm": (4, 4),
}
"""Where a link lies, and how `enqueue` and `worker start` end then."""


@pytest.mark.parametrize("leads", ["to something", "nowhere"])
@pytest.mark.parametrize("planted", PLANTED)
def test_37_a_link_that_was_planted(program: Program, open_to_all: Path, planted: str, leads: str) -> None:
    """It is not followed: what it leads to stays as it was; the store goes on without it, or is refused."""
    store, victim, link = open_to_all / "queue.db", open_to_all / "victim", open_to_all / planted
    program.env["QUEUECTL_DB_PATH"] = str(store)
    program.ok("init")
    was_folder = link.is_dir()
    if was_folder:
        shutil.rmtree(link)
    link.unlink(missing_ok=True)
    if leads == "to something":
        victim.mkdir(0o700) if was_folder else victim.write_text("precious")
    link.symlink_to(victim)
    before = state_of(victim)
    answers = [program("enqueue", "true"), program("worker", "start", "--detach", "--drain")]
    program("worker", "stop", "--force")
    assert state_of(victim) == before
    assert tuple(answer.code for answer in answers) == PLANTED[planted], answers
    assert all("move" in answer.err for answer in answers if answer.code)


def state_of(path: Path) -> tuple[int, list[str] | str] | None:
    """Mode and content of a file or a folder."""
    if not path.exists():
        return None
    return path.stat().st_mode, sorted(os.listdir(path)) if path.is_dir() else path.read_text()


@only_root
def test_37_a_store_of_another_owner(ground: Ground, program: Program) -> None:
    """It is refused with advice, also to root, and left as it was."""
    ground.enqueue("true")
    os.chown(program.store, NOBODY, NOBODY)
    before = checksum(program.store)
    for words in (["list"], ["enqueue", "true"], ["worker", "start"], ["delete", "--all", "--yes"], ["init"]):
        answer = program(*words, code=4)
        assert "belongs to another user" in answer.err
        assert "QUEUECTL_DB_PATH" in answer.err
    assert checksum(program.store) == before
    os.chown(program.store, os.geteuid(), os.getegid())
    assert ground.queue.counts().total == 1


def test_37_secrets_stay_where_they_belong(ground: Ground, program: Program) -> None:
    """The value of a variable reaches the command, and no list, status, process or log beside it."""
    secret = "hunter2-5f1e"
    program.env["GIVEN"] = secret
    (program.folder / "job").write_text('echo "$GIVEN" | wc -c; touch printed; ' + LONG)
    id = program.ok("enqueue", "--quiet", "--env", "GIVEN", "sh ./job").out.strip()
    del program.env["GIVEN"]
    ground.start(workers=2)
    until((program.folder / "printed").exists, "the command to print")
    looks = [["status"], ["status", "--json"], ["list", "--json"], ["show", id], ["show", id, "--json"]]
    looks += [["worker", "list", "--json"], ["config", "show", "--json"], ["list"], ["logs", id]]
    shown = "".join(program.ok(*words).out for words in looks)
    assert id in shown
    assert (secret in shown, secret in ground.said(), secret in command_lines()) == (False, False, False)
    assert program.ok("logs", id).out.strip() == str(len(secret) + 1)
    assert secret in program.ok("show", id, "--json", "--show-env").out


def command_lines() -> str:
    """What `ps` shows everybody."""
    return subprocess.run(["ps", "-eww", "-o", "args"], capture_output=True, text=True, check=True).stdout


# 38: SQL

SQL = ["x'; DROP TABLE jobs; --", "' OR '1'='1", '" OR ""="', "%", "_", "a\\", "?1", ":number", "$x @y", "1) OR (1=1"]


def test_38_sql_in_every_text_of_a_job(ground: Ground, program: Program) -> None:
    """It comes back exactly as it was given; where a name is asked for, it is refused."""
    specs = [{"unique_key": text, "env": {"A": text}, "cwd": text, "command": text} for text in SQL]
    program.ok("enqueue", "-", stdin="\n".join(map(json.dumps, specs)))
    jobs = program.ok("list", "--json", "--show-env").json
    got = [(job["command"], job["unique_key"], job["env"]["A"], job["cwd"]) for job in jobs]
    assert got == [(text, text, text, f"{program.folder}/{text}") for text in SQL]
    again = program.ok("enqueue", "-", stdin="\n".join(map(json.dumps, specs))).out.splitlines()
    assert again == [f"Already queued: {job['id']}" for job in jobs]
    for job, text in zip(jobs, SQL[:3], strict=False):
        program.ok("edit", job["id"], "--command", text + text)
        assert ground.job(job["id"]).command == text + text
        for option in ("--id", "--queue", "--tag"):
            refused(program("enqueue", f"{option}={text}", "true"), "cannot be")
    assert ground.queue.counts().total == len(SQL)


def quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


EXACT = ["id", "queue", "tag", "worker", "group"]


def test_38_sql_in_every_filter(ground: Ground, program: Program) -> None:
    """Each finds what holds the text, letter by letter, and nothing else; nothing is changed by asking."""
    (program.folder / "says").write_text('cat "$1" >&2; exit 1')
    commands = {}
    for number, text in enumerate(SQL):
        (program.folder / f"text{number}").write_text(text)
        command = f"sh says text{number} # {text}"
        commands[ground.enqueue(command, max_retries=1)] = command
    ground.start("--drain", workers=2).wait(DEADLINE_S)
    for text in SQL:
        holds = [id for id, command in commands.items() if text in command]
        assert program.ok("list", "--quiet", "--match", text).out.split() == holds
        assert program.ok("list", "--quiet", "--error", text).out.split() == holds
        for field in ("", "cmd:", "err:"):
            assert [job.id for job in ground.queue.jobs.stream(parse(field + quoted(text)))] == holds, field
        for field in EXACT:
            assert not [*ground.queue.jobs.stream(parse(f"{field}:{quoted(text)}"))], field
    for words in (["--queue", SQL[0]], ["--tag", SQL[1]], ["--filter", f"worker:{quoted(SQL[2])}"]):
        assert program.ok("delete", "--yes", *words).out == "0 jobs deleted\n"
    assert [(job["id"], job["state"]) for job in program.jobs()] == [(id, "dead") for id in commands]


def test_38_sql_where_other_words_are_expected(ground: Ground, program: Program) -> None:
    """As ids, states, orders and settings it is refused as unknown, and the store is as it was."""
    id = ground.enqueue("true")
    for text in SQL[:2]:
        for words in (["show"], ["logs"], ["cancel"], ["retry"], ["hold"], ["delete"], ["dlq", "retry"]):
            program(*words, "--", text, code=1)
        for words in (["list", "--sort"], ["list", "--state"], ["config", "get"], ["config", "set", "lease"]):
            program(*words, text, code=2)
    assert [job["id"] for job in program.jobs()] == [id]
