"""Fault 32: no text from outside drives the terminal, seen by the bytes that the terminal gets."""

from __future__ import annotations

import base64
import json
import os
import pty
import re
import shlex
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest

from queuectl import NewJob, connect
from queuectl.core.job import State
from queuectl.core.plain import plain
from tests.cli.conftest import Program
from tests.cli.test_terminal import parts
from tests.patience import until
from tests.tui.hostile import HOSTILE, HOSTILE_OUTPUT
from tests.tui.sequences import strangers, tokens
from tests.tui.terminal import ROOT, Terminal, environment

EVIL = "a\x1b]0;pwned\x07\u202e\x9b2J\nb"
BEGUN = b"\x1b[?1049h\x1b[38;5;1mtext\x1b[0m\x1b[1;2H"


@pytest.mark.parametrize(
    "evil",
    [
        b"\x1b[2J", b"\x1b]0;t\x07", b"\x1b]8;;x\x1b\\", b"\x1b[31;x", b"\x1bc", b"\x1b[?1000;25h", b"\x1b[>1u",
        b"\x1b[6n", b"\x1b]22;x;y\x07",
        b"\x1bPq\x1b\\", b"\x07", b"\x08", b"\x7f", b"\r", b"\n", b"\x00", b"\xc2\x9b2J", b"\x9b2J", "\u202e".encode(),
        "\u200b".encode(), "\u2028".encode(), "\U000e0041".encode(),
    ],
)  # fmt: skip
def test_32_the_check_finds_what_textual_did_not_make(evil: bytes) -> None:
    assert strangers(BEGUN) == []
    assert strangers(BEGUN + evil + b"x" + BEGUN)
    assert b"".join(token.data for token in tokens(BEGUN + evil)) == BEGUN + evil


QUICK = {"ESCDELAY": "20"}
"""So many milliseconds an escape may be the beginning of a key."""


@pytest.fixture
def posters() -> Iterator[Terminal]:
    with Terminal(size=(100, 40), command=(sys.executable, "-m", "tests.tui.posters")) as terminal:
        yield terminal


def test_32_the_net_holds_what_was_not_made_visible(posters: Terminal) -> None:
    posters.until("all were shown")
    posters.press("ctrl+q")
    assert posters.wait_exit() == 0
    posters.usable()
    assert strangers(posters.recorded) == []
    assert b"EVIL" in posters.recorded
    assert b"pwned" in posters.recorded
    assert len(HOSTILE) > 20


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Its path, commands, directories, unique keys, outputs and errors are hostile, in every state; two jobs run."""
    folder = tmp_path_factory.mktemp("hostile")
    (folder / EVIL).mkdir()
    with closing(connect(str(folder / EVIL / "queue.db"), create=True)) as queue:
        queue.jobs.add(_jobs(folder))
        queue.jobs.add([NewJob(text, "/tmp", id=f"held-{name}", held=True) for name, text in HOSTILE.items()])
        _program("--db", queue.location, "worker", "start", "--count", "4", "--detach")
        wanted = len(HOSTILE_OUTPUT)
        try:
            until(lambda: queue.counts().of(State.DEAD) >= wanted, "all that die to be dead", 60)
            until(lambda: queue.counts().of(State.COMPLETED) >= wanted, "all others to be done", 60)
            until(lambda: queue.counts().of(State.PROCESSING) == 2, "two to run")
            yield queue.location
        finally:
            queue.pools.stop(force=True)


def _program(*words: str) -> None:
    subprocess.run([sys.executable, "-m", "queuectl", *words], env=environment({}), cwd=ROOT, check=True)


def _jobs(folder: Path) -> list[NewJob]:
    jobs = []
    for name, output in HOSTILE_OUTPUT.items():
        text = HOSTILE.get(name, name)
        place = os.path.join(folder, text.replace("/", "_")[:60])
        os.makedirs(place, exist_ok=True)
        file = folder / f"{name}.out"
        file.write_bytes(output)
        shown = f"cat {shlex.quote(str(file))}"
        key = text[:60] if name in HOSTILE else None
        jobs.append(NewJob(f"{shown}; exit 3 # {text}", id=f"dead-{name}", cwd=place, max_retries=1, unique_key=key))
        jobs.append(NewJob(f"{shown}; exit 0 # {text}", id=f"done-{name}", cwd=place))
    everything = f"cat {shlex.quote(str(folder))}/*.out; sleep 600"
    jobs += [NewJob(f"{everything} # {HOSTILE[name]}", id=f"run-{name}", cwd="/tmp") for name in ("title", "bidi")]
    return jobs


def test_32_no_pane_lets_a_text_drive_the_terminal(store: str) -> None:
    with Terminal(["--db", store, "tui"], size=(120, 40), env=QUICK) as terminal:
        terminal.until("1 Pending")
        _look_at_each(terminal, "1", "held-")
        _look_at_each(terminal, "2", "run-", _job)
        _look_at_each(terminal, "3", "dead-", _output)
        _look_at_each(terminal, "6", "done-")
        _press(terminal, *"3tt457", "esc", "3", "R", "esc", "d", "esc", "Y", "esc", "?", "esc", "@", "esc")
        _leave(terminal)


def test_32_no_form_and_no_narrow_pane_lets_a_text_drive_the_terminal(store: str) -> None:
    with Terminal(["--db", store, "tui"], size=(80, 24), env=QUICK) as terminal:
        terminal.until("1 Pending")
        _look_at_each(terminal, "1", "held-", _form)
        _look_at_each(terminal, "3", "dead-")
        _leave(terminal)


def test_32_what_is_copied_drives_no_terminal_that_it_is_pasted_into(store: str) -> None:
    with Terminal(["--db", store, "tui"], size=(80, 24), env=QUICK) as terminal:
        terminal.until("1▸Pending")
        for name in ("title", "clipboard", "c1", "bidi"):
            terminal.press("/", f"held-{name}", "enter")
            terminal.until(f"▸  held-{name} ")
            for key in "clj":
                terminal.press("Y")
                terminal.until(f"Copy of held-{name}")
                terminal.press(key)
                terminal.until_gone(f"Copy of held-{name}")
            terminal.press("esc")
        terminal.press("ctrl+q")
        assert terminal.wait_exit() == 0
    copied = [base64.b64decode(text) for text in re.findall(rb"\x1b\]52;c;([A-Za-z0-9+/=]*)\x07", terminal.recorded)]
    assert len(copied) == 12
    assert any(b"pwned" in text for text in copied)
    assert all(plain(text.decode(), one_line=False) == text.decode() for text in copied)


def _press(terminal: Terminal, *keys: str) -> None:
    for key in keys:
        terminal.press(key)
        terminal.settle(0.12)


def _leave(terminal: Terminal) -> None:
    terminal.press("ctrl+q")
    assert terminal.wait_exit() == 0
    terminal.usable()
    assert strangers(terminal.recorded) == []
    assert "␛]0;pwned␇".encode() in terminal.recorded


def _look_at_each(terminal: Terminal, pane: str, ids: str, look: Callable[[Terminal], None] | None = None) -> None:
    """Every row of the pane with its detail, and what opens on it."""
    terminal.press(pane, "g")
    seen: set[str] = set()
    for _ in range({"held-": len(HOSTILE), "run-": 2}.get(ids, len(HOSTILE_OUTPUT))):
        terminal.until_true(lambda: _is_new(_row(terminal), ids, seen), f"a row of {ids} and its detail")
        seen.add(_row(terminal))
        if look is not None:
            look(terminal)
        terminal.press("j")
    terminal.settle(0.12)
    assert _row(terminal) in seen, "that was the last one"


def _row(terminal: Terminal) -> str:
    """The job under the cursor of the pane with focus, which has a heavy border, once Detail shows it, too."""
    lines = terminal.screen_lines()
    row = next((found[1] for line in lines if (found := re.search(r"┃▸ +(\S+)", line))), "")
    return row if any(f"0 Detail  {row} " in line for line in lines) else ""


def _is_new(row: str, ids: str, seen: set[str]) -> bool:
    return row.startswith(ids) and row not in seen


def _form(terminal: Terminal) -> None:
    terminal.press("e")
    terminal.until("ctrl+s")
    terminal.send(b"\x1b")
    terminal.until_gone("ctrl+s")


def _output(terminal: Terminal) -> None:
    terminal.press("enter")
    terminal.until("─ Job ")
    terminal.until("% ━┛")
    terminal.press("q")
    terminal.until_gone("─ Job ")


def _job(terminal: Terminal) -> None:
    terminal.press("enter")
    terminal.until("─ Job ")
    _press(terminal, "w", "tab", "tab", "esc")
    terminal.until_gone("─ Job ")


# The command line


@pytest.fixture
def hostile(program: Program, store: str) -> Program:
    """The program, over the store of hostile texts."""
    program.env |= {"QUEUECTL_DB_PATH": store, "TERM": "xterm-256color", "COLUMNS": "300"}
    return program


def on_terminal(program: Program, *words: str, code: int = 0) -> str:
    """What a terminal gets of the command, which is well-formed, with plain line ends."""
    ours, theirs = pty.openpty()
    with program.start(*words, stdin=theirs, stdout=theirs, stderr=theirs) as process:
        os.close(theirs)
        said = b"".join(parts(ours))
    os.close(ours)
    assert process.returncode == code, said
    return said.decode().replace("\r\n", "\n")


def on_terminals(program: Program, *commands: str) -> Iterator[str]:
    """The same of each of these commands, two at a time."""
    with ThreadPoolExecutor(2) as threads:
        yield from threads.map(lambda words: on_terminal(program, *words.split()), commands)


def harmless(said: str) -> str:
    """The same, once nothing but text, tabs, line ends, and what joins emoji was found in it."""
    found = {character for character in said if not character.isprintable()} - {"\n", "\t", "\u200d"}
    assert not found, ascii(found)
    return said


COLOUR = re.compile(r"\x1b\[([0-9;]*)m")
LOOKS = ["list --limit 0", "list --state processing", "dlq list", "dlq groups", "status"]


def test_32_lists_on_a_terminal(hostile: Program) -> None:
    """They show it harmlessly, with and without colours: a job is a row of its own, whatever its command holds."""
    coloured = list(on_terminals(hostile, *LOOKS))
    hostile.env["NO_COLOR"] = "1"
    bare = list(on_terminals(hostile, *LOOKS))
    for said, seen in zip(coloured, bare, strict=True):
        assert "␛" in harmless(seen)
        harmless(COLOUR.sub("", said))
        assert [found[1] for found in COLOUR.finditer(said)][-1:] in ([], ["0"])
    listed = bare[0].splitlines()
    assert [line.split()[0] for line in listed] == ["ID", *(job["id"] for job in hostile.jobs())]


def test_32_a_job_on_a_terminal(hostile: Program) -> None:
    """`show` shows its command, key, directory and error harmlessly."""
    hostile.env["NO_COLOR"] = "1"
    for said in on_terminals(hostile, *(f"show dead-{name}" for name in HOSTILE)):
        names = {line[:15].strip() for line in harmless(said).splitlines()}
        assert {"id", "command", "unique key", "directory", "error"} <= names, said


def test_32_output_on_a_terminal(hostile: Program) -> None:
    """Text, and colours that end; all else is made visible, and none of it is missing."""
    said = dict(
        zip(HOSTILE_OUTPUT, on_terminals(hostile, *(f"logs dead-{name}" for name in HOSTILE_OUTPUT)), strict=True)
    )
    for text in said.values():
        harmless(COLOUR.sub("", text))
        assert [found[1] for found in COLOUR.finditer(text)][-1:] in ([], ["0"])
    assert said["colours"] == "\x1b[31mred\x1b[0m"
    assert (said["nul"], said["broken"]) == ("a␀b␀", r"\xff\xfe\xc3(\xed\xa0\x80\x80")
    assert said["mebibyte"] == "y" * 2**20


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("enqueue", "--tag", EVIL, "true"), 2),
        (("enqueue", "--queue", EVIL, "true"), 2),
        (("enqueue", "--id", EVIL, "true"), 2),
        (("enqueue", "--env", f"{EVIL}=1", "true"), 2),
        (("enqueue", "--timeout", EVIL, "true"), 2),
        (("enqueue", f"@{EVIL}"), 2),
        (("enqueue", f'{{"{EVIL}": 1}}'), 2),
        (("list", "--filter", f"{EVIL}:x"), 2),
        (("config", "set", EVIL, "1"), 2),
        (("config", "set", "lease", EVIL), 2),
        ((EVIL,), 2),
        (("list", f"--{EVIL}"), 2),
        (("show", EVIL), 1),
        (("worker", "stop", EVIL), 1),
        (("--db", f"/dev/null/{EVIL}", "list"), 4),
    ],
    ids=lambda value: ascii(" ".join(value)) if isinstance(value, tuple) else None,
)
def test_32_errors_on_a_terminal(hostile: Program, words: tuple[str, ...], code: int) -> None:
    """What was typed is named harmlessly, in one line and another with a hint."""
    before = len(hostile.ok("list", "--quiet").out.split())
    said = harmless(on_terminal(hostile, *words, code=code))
    assert [line.split(":")[0] for line in said.splitlines()] == ["Error", "Hint"]
    assert len(hostile.ok("list", "--quiet").out.split()) == before


def test_32_json_gives_commands_back_exactly(program: Program) -> None:
    """However they came: as a word, as JSON Lines, or as an array in a file."""
    for text in HOSTILE.values():
        program.ok("enqueue", "--", text)
    specs = [
        {"command": text, "env": {"A": text}, "cwd": f"/{text[:60].replace('/', '_')}"} for text in HOSTILE.values()
    ]
    program.ok("enqueue", "-", stdin="\n".join(map(json.dumps, specs)))
    (program.folder / "array").write_text(json.dumps([{"command": text} for text in HOSTILE.values()]))
    program.ok("enqueue", "@array")
    answer = program.ok("list", "--json", "--show-env")
    assert answer.out.isascii()
    assert [job["command"] for job in answer.json] == [*HOSTILE.values()] * 3
    given = answer.json[len(HOSTILE) : 2 * len(HOSTILE)]
    assert [{name: job[name] for name in specs[0]} for job in given] == specs
    for job in given[::4]:
        assert program.ok("show", "--json", job["id"]).json["command"] == job["command"]


BAD = {
    "a word": (["enqueue", "echo \udcff"], b""),
    "words": (["enqueue", "--", "echo", "\udcff"], b""),
    "a JSON word": (["enqueue", '{"command": "a\\u0000b"}'], b""),
    "a JSON word of bytes": (["enqueue", '{"command": "a\udcffb"}'], b""),
    "edit": (["edit", "there", "--command", "echo \udcff"], b""),
    "NUL in a file": (["enqueue", "@file"], b"true\necho a\x00b\n"),
    "bytes in a file": (["enqueue", "@file"], b"true\necho \xff\xfe\n"),
    "NUL in a line": (["enqueue", "-"], b"true\necho a\x00b\n"),
    "bytes in a line": (["enqueue", "-"], b"true\necho \xc3\x28\n"),
    "NUL in JSON Lines": (["enqueue", "-"], b'{"command": "true"}\n{"command": "a\\u0000b"}\n'),
    "raw NUL in JSON Lines": (["enqueue", "-"], b'{"command": "true"}\n{"command": "a\x00b"}\n'),
    "half a pair in JSON Lines": (["enqueue", "-"], b'{"command": "true"}\n{"command": "a\\ud800b"}\n'),
    "bytes in JSON Lines": (["enqueue", "-"], b'{"command": "true"}\n{"command": "a\xed\xa0\x80b"}\n'),
    "bytes in an array": (["enqueue", "@file"], b'[{"command": "true"},\n {"command": "a\xffb"}]'),
}


@pytest.mark.parametrize("how", BAD)
def test_32_commands_that_no_process_can_be_given(program: Program, how: str) -> None:
    """NUL, and what is no UTF-8, is refused with the reason, and nothing of what came with it is added."""
    program.ok("enqueue", "--id", "there", "echo first")
    words, data = BAD[how]
    (program.folder / "file").write_bytes(data)
    answer = program(*words, stdin=data, code=2)
    assert (answer.out, [(job["id"], job["command"]) for job in program.jobs()]) == ("", [("there", "echo first")])
    assert all(line.isprintable() for line in answer.err.splitlines())
    assert re.search(r"NUL|UTF-8|control character", answer.err), answer.err
