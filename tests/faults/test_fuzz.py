"""Fault 39: whatever is typed or handed over is answered with a right result or a clear error, and soon."""

from __future__ import annotations

import json
import operator
import os
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from hypothesis import strategies as st

from queuectl.cli.files import of_file
from queuectl.cli.specs import Specs
from queuectl.core.errorgroup import group_key
from queuectl.core.intake import new_job
from queuectl.core.job import Job, NewJob, State
from queuectl.core.jsontext import parse_object
from queuectl.core.selector import EVERYTHING, LONGEST, matches, parse, unparse
from queuectl.errors import BadValue
from queuectl.store import open_pool_store, open_store
from queuectl.store.sqlite import PersonSide
from tests.cli.conftest import Program
from tests.faults.fuzzing import (
    DIGITS,
    DURATIONS,
    HOSTILE,
    KINDS,
    MOMENTS,
    NAMES,
    PRIORITIES,
    RATES,
    SETTINGS,
    TRICKY,
    VARIABLES,
    WILD,
    Given,
    answer,
    fuzz,
    good_or_not,
    in_time,
    mutated,
)
from tests.faults.sizes import in_two_sizes
from tests.store.conftest import NOW
from tests.store.test_reading import many_kinds


@in_two_sizes
@pytest.mark.parametrize("kind", KINDS)
def test_39_fuzz_of_values(kind: str, share: int) -> None:
    """What is read means what was written, letter by letter; all else is refused."""
    read, good, right, all_taken = KINDS[kind]

    def check(given: Given) -> bool:
        value = answer(read, given.text)
        assert value is not None or not (given.good and all_taken), "a good one is refused"
        assert value is None or right(given.text, value), f"read as {value!r}"
        return value is not None

    fuzz(check, good_or_not(good), 2_000 if share == 1 else 200, *map(Given, TRICKY))


# Filters


class Part(NamedTuple):
    """One part of a filter, and what it means for a job."""

    text: str
    field: str
    equal: bool
    holds: Callable[[Job], bool]


COMPARED = {
    ":": operator.eq,
    "=": operator.eq,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
WORDS = st.one_of(
    st.sampled_from(["run", "RUN 50%", "50%_1", "_", "%", "\\", '"', "Ä", "ä", "j1", "J2", "exit", "état", "*", "?"]),
    st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1, max_size=9),
)
EXACT: dict[str, list[str]] = {
    "id": ["j1", "j7", "j40", "J1"],
    "queue": ["a", "b", "c", "A"],
    "tag": ["x", "y", "z"],
    "worker": ["p1", "w1", "p1/w2", "w"],
    "state": [*State, "DEAD"],
}


def folded(text: str) -> str:
    """ASCII letters only, as documented."""
    return "".join(chr(ord(each) + 32) if "A" <= each <= "Z" else each for each in text)


def has(job: Job, field: str, value: str) -> bool:
    if field == "worker":
        return job.worker is not None and (value == job.worker or value in job.worker.split("/"))
    if field == "tag":
        return value in job.tags
    if field == "state":
        return job.state.value == value.lower()
    if field == "group":
        return group_key(job.command, job.error) == value
    if field in EXACT:
        return getattr(job, field) == value
    texts = {"cmd": [job.command], "err": [job.error or ""], "word": [job.id, job.command]}[field]
    return any(folded(value) in folded(text) for text in texts)


def quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


@st.composite
def parts(draw: st.DrawFn) -> Part:
    field = draw(st.sampled_from(["word", "cmd", "err", *EXACT, "exit", "prio", "tries", "age"]))
    if field == "age":
        op, ms = (
            draw(st.sampled_from(["<", "<=", ">", ">="])),
            draw(st.one_of(st.integers(0, 99), st.integers(0, 10**12))),
        )
        return Part(f"age{op}{ms}ms", field, False, lambda job: COMPARED[op](NOW + 90 - job.state_since, ms))
    if field in {"exit", "prio", "tries"}:
        op, number = (
            draw(st.sampled_from(list(COMPARED))),
            draw(st.one_of(st.integers(-1, 5), st.integers(-(10**9), 10**9))),
        )
        name = {"exit": "exit_code", "prio": "priority", "tries": "attempts"}[field]

        def holds(job: Job) -> bool:
            value = getattr(job, name)
            return value is not None and COMPARED[op](value, number)

        return Part(f"{field}{op}{number}", field, op in ":=", holds)
    value = str(draw(st.sampled_from(EXACT[field]) if field in EXACT else WORDS))
    shown = value if value.isalnum() and value.isascii() and draw(st.booleans()) else quoted(value)
    name = "" if field == "word" else draw(st.sampled_from([field, field.upper()])) + ":"
    return Part(name + shown, field, True, lambda job: has(job, field, value))


@st.composite
def filters(draw: st.DrawFn) -> tuple[str, list[Part]]:
    """A good filter with its parts."""
    chosen = []
    for part in draw(st.lists(parts(), max_size=6)):
        if draw(st.integers(0, 3)):
            chosen.append(part)
        else:
            chosen.append(Part("-" + part.text, part.field, False, lambda job, part=part: not part.holds(job)))
    blanks = st.sampled_from([" ", "  ", "\t", "\n"])
    return "".join(part.text + draw(blanks) for part in chosen), chosen


def picks(chosen: list[Part], job: Job) -> bool:
    """All parts hold; of those that ask one field for one value each, one does."""
    either: dict[str, list[bool]] = {}
    for number, part in enumerate(chosen):
        alike = part.equal and part.field != "word"
        either.setdefault(part.field if alike else str(number), []).append(part.holds(job))
    return all(map(any, either.values()))


@pytest.fixture
def kinds(tmp_path: Path) -> Iterator[PersonSide]:
    """A store with jobs of many kinds, which nobody changes."""
    path = str(tmp_path / "kinds.db")
    store, pool = open_store(path, create=True), open_pool_store(path)
    many_kinds(store, pool)
    yield store
    pool.close()
    store.close()


def found_by(store: PersonSide, condition: Any) -> list[str]:
    with in_time():
        found = [job.id for job in store.reader.page(condition, "arrival", None, 999, NOW + 90)]
        assert store.reader.count(condition, NOW + 90) == len(found)
    return found


@in_two_sizes
def test_39_fuzz_of_good_filters(kinds: PersonSide, share: int) -> None:
    """The store finds the jobs for which the parts hold; a filter that is written out again is the same."""
    jobs = kinds.reader.page(EVERYTHING, "arrival", None, 999, NOW + 90)

    def check(given: tuple[str, list[Part]]) -> bool:
        text, chosen = given
        condition = answer(parse, text)
        assert condition is not None, "a good filter is refused"
        found = found_by(kinds, condition)
        assert found == [job.id for job in jobs if picks(chosen, job)]
        assert repr(parse(unparse(condition))) == repr(condition)
        return bool(found)

    fuzz(check, filters(), 8_000 if share == 1 else 300)


@in_two_sizes
def test_39_fuzz_of_filters(kinds: PersonSide, share: int) -> None:
    """Any text is refused, or is a filter that the store can answer."""
    jobs = kinds.reader.page(EVERYTHING, "arrival", None, 999, NOW + 90)
    good = filters().map(lambda given: given[0])

    def check(text: str) -> bool:
        condition = answer(parse, text)
        if condition is None:
            return False
        assert found_by(kinds, condition) == [job.id for job in jobs if matches(condition, job, NOW + 90)]
        written = unparse(condition)
        assert len(written) > LONGEST or repr(parse(written)) == repr(condition)  # quotes and backslashes take two
        return True

    fuzz(check, st.one_of(mutated(good), mutated(good), WILD), 8_000 // share, *TRICKY)


# Jobs

TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1, max_size=20)
COMMANDS = TEXTS.filter(lambda text: not text.isspace())


def is_(values: st.SearchStrategy[Any]) -> st.SearchStrategy[tuple[Any, Any]]:
    return values.map(lambda value: (value, value))


JOB = {
    "id": ("id", is_(NAMES)),
    "queue": ("queue", is_(NAMES)),
    "priority": ("priority", st.one_of(is_(st.integers(-(10**6), 10**6)), st.just(("high", 10)), st.just((" -7", -7)))),
    "max_retries": ("max_retries", st.one_of(is_(st.integers(0, 10**6)), st.just(("3", 3)), st.just((3.0, 3)))),
    "timeout": ("timeout_s", st.one_of(is_(st.integers(1, 10**9)), st.just(("1h30m", 5400.0)), st.just(("none", 0.0)))),
    "run_at": ("run_at", st.integers(0, 10**9).map(lambda second: (second, second * 1000))),
    "delay": ("run_at", st.integers(0, 10**9).map(lambda second: (second, NOW + second * 1000))),
    "env": ("env", is_(st.dictionaries(st.sampled_from(["A", "_b1", "PATH"]), TEXTS | st.just(""), max_size=3))),
    "tags": ("tags", st.lists(NAMES, max_size=5).map(lambda tags: (tags, tuple(dict.fromkeys(tags))))),
    "hold": ("held", is_(st.booleans())),
    "cwd": ("cwd", st.sampled_from([("/x", "/x"), ("y/./z", "/here/y/z"), ("../q", "/here/../q"), (None, "/here")])),
    "unique_key": ("unique_key", is_(NAMES)),
    "state": (None, is_(TEXTS)),
}
"""Keys of a job object: the field, and values with what they come to."""


@st.composite
def job_objects(draw: st.DrawFn) -> tuple[str, dict[str, Any]]:
    """The text of a good object, and the fields that its job has."""
    command = draw(COMMANDS)
    spec, expected = {"command": command}, {"command": command}
    for key in draw(st.lists(st.sampled_from(list(JOB)), unique=True)):
        field, values = JOB[key]
        if not (field == "run_at" and "run_at" in expected):
            spec[key], came_to = draw(values)
            expected |= {field: came_to} if field else {}
    text = json.dumps(spec, ensure_ascii=draw(st.booleans()), indent=draw(st.sampled_from([None, 1])))
    return text, expected


def new_of(text: str) -> NewJob | None:
    value = answer(parse_object, text)
    return None if value is None else answer(new_job, value, NOW, "/here")


def kept(store: PersonSide, job: NewJob) -> None:
    """The store takes it, and hands it out as it was given; unless its id is there already."""
    if job.id is not None and store.adder.taken_ids([job.id]):
        return
    (added,) = store.adder.add([job], NOW)
    assert added is not None
    if added.new:
        back = store.reader.get(added.id)
        same = ("command", "cwd", "queue", "priority", "tags", "held", "unique_key")
        assert [getattr(back, name) for name in same] == [getattr(job, name) for name in same]
        assert (back.env or {}) == (job.env or {})
        assert job.run_at in {None, back.run_at}


@in_two_sizes
def test_39_fuzz_of_job_objects(tmp_path: Path, share: int) -> None:
    """A good one is the job that it says; what comes of any other text the store can hold."""
    store = open_store(str(tmp_path / "queue.db"), create=True)

    def check(given: tuple[str, dict[str, Any] | None]) -> bool:
        text, expected = given
        job = new_of(text)
        if expected is not None:
            assert job is not None, "a good job is refused"
            assert {name: getattr(job, name) for name in expected} == expected
        if job is not None:
            kept(store, job)
        return job is not None

    good = job_objects()
    bad = st.one_of(mutated(good.map(lambda given: given[0])), WILD).map(lambda text: (text, None))
    fuzz(check, st.one_of(good, bad), 10_000 // share, *((text, None) for text in TRICKY))
    store.close()


LINES: list[tuple[bytes, list[str | None]]] = [
    (b"echo 1", ["echo 1"]),
    (b"  spaced  ", ["spaced"]),
    (b"[ -f x ] && y", ["[ -f x ] && y"]),
    (b"{ a; b; }", ["{ a; b; }"]),
    (b'{"command": "o"}', ["o"]),
    (b'[{"command": "a"}, {"command": "b"}, 7]', ["a", "b", None]),
    (b"[]", []),
    (b"# a note", []),
    (b"", []),
    (b"\xff\xfe", [None]),
    (b'{"command": 5}', [None]),
    (b'{"command": "x", "command": "y"}', [None]),
    (b'{"priority": 1}', [None]),
    ('echo "Ä\u202e"'.encode(), ['echo "Ä\u202e"']),
]
"""Lines of a batch, with the commands that they stand for; None is one that cannot be added."""


@st.composite
def batches(draw: st.DrawFn) -> tuple[bytes, list[str | None] | None]:
    lines = draw(st.lists(st.sampled_from(LINES), max_size=12))
    data = draw(st.sampled_from([b"", b"\xef\xbb\xbf"]))
    while lines and lines[0][0][:1] in {b" ", b"#"}:  # these have a test of their own below
        del lines[0]
    data += draw(st.sampled_from([b"\n", b"\r\n"])).join(line for line, _ in lines)
    if draw(st.booleans()):
        return data, [command for _, commands in lines for command in commands]
    begin = draw(st.integers(0, len(data)))
    put = draw(st.one_of(st.binary(max_size=20), HOSTILE.map(lambda text: text.encode(errors="surrogatepass"))))
    return data[:begin] + put + data[begin + draw(st.integers(0, 9)) :], None


def commands_in(path: Path, data: bytes) -> list[str | None]:
    """The commands that are found in a file; None stands for one that cannot be added."""
    path.write_bytes(data)
    pieces = of_file(str(path), commands=True)
    with pieces.file:
        jobs = [each.job for each in Specs(pieces, {}, NOW, "/here").candidates()]
    assert all(job.message and job.hint for job in jobs if isinstance(job, BadValue))
    return [None if isinstance(job, BadValue) else job.command for job in jobs]


@in_two_sizes
def test_39_fuzz_of_batches(tmp_path: Path, share: int) -> None:
    """Each line is a job or is named as bad; nothing is lost on the way."""

    def check(given: tuple[bytes, list[str | None] | None]) -> bool:
        data, expected = given
        found = answer(commands_in, tmp_path / "batch", data)
        assert expected is None or found == expected
        return found is not None and None not in found

    fuzz(check, batches(), 8_000 // share)


@pytest.mark.parametrize(
    ("before", "batch"),
    [
        (b"\xef\xbb\xbf", b'  {"command": "x"}\n'),
        (b"\xef\xbb\xbf", b"  # a note\n"),
        (b"# a note\n", b'[{"command": "x"}]\n'),
        (b"# a note\n", b'[\n  {"command": "x"}\n]\n'),
    ],
    ids=["mark, object", "mark, note", "note, array", "note, long array"],
)
def test_39_what_says_nothing_before_a_batch(tmp_path: Path, before: bytes, batch: bytes) -> None:
    """A byte order mark, and lines that begin with `#`, make no difference."""
    alone = answer(commands_in, tmp_path / "batch", batch)
    assert answer(commands_in, tmp_path / "batch", before + batch) == alone


# Whole command lines

_VERBS = """enqueue;enqueue;enqueue;list;show;status;logs;wait --timeout 1ms;retry;cancel;hold;release;delete;edit;
purge;dlq list;dlq show;dlq groups;dlq retry;dlq purge;worker list;worker stop;worker scale;config show;config get;
config set;config reset;config path;init;help;dlq;worker;lst"""
_FLAGS = """--json --jsonl --quiet --yes --all --dry-run --hold --force --next --retry --skip-bad --skip-existing
--show-env --progress --help --version --"""
VERBS = st.sampled_from(_VERBS.split(";")).map(str.split)
FLAGS = st.sampled_from(_FLAGS.split()).map(lambda flag: [flag])
IDS = st.sampled_from(["j1", "j2", "j3", "nope", "-1", ".."])
VALUES: dict[str, st.SearchStrategy[str]] = {
    "--state": st.sampled_from(list(State)).map(str),
    "--older-than --newer-than --delay": DURATIONS,
    "--priority -p": PRIORITIES,
    "--max-retries --limit --tail --attempt --from-line": DIGITS,
    "--run-at": MOMENTS,
    "--env": VARIABLES,
    "--queue --tag --unique-key --id": NAMES,
    "--match --error --command -c --cwd": TEXTS,
    "--filter": filters().map(lambda given: given[0]),
    "--sort": st.sampled_from(["arrival", "-priority", "state-age"]),
    "--rate": RATES,
    "--file": st.sampled_from(["-", "nowhere.json", "."]),
}
OPTIONS = st.sampled_from(
    [(option, values) for options, values in VALUES.items() for option in options.split()]
).flatmap(lambda pair: st.one_of(pair[1], mutated(pair[1])).map(lambda value: [pair[0], value]))
WORD = st.one_of(
    IDS, job_objects().map(lambda given: given[0]), TEXTS, SETTINGS, st.sampled_from(["-", "@x", "lease", "3s"])
)
LEFT_OUT = re.compile("-[^-]*f|--(f|d|t)", re.DOTALL)
"""What never ends (--follow), takes another store (--db), or waits longer (--timeout)."""
RAW = re.compile(r"Error: [A-Za-z]+(Error|Exception|Exit|Iteration|Interrupt|Warning): ")
"""How the program tells of an exception that nobody foresaw."""
HARMFUL = re.compile("[\0-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")


@st.composite
def command_lines(draw: st.DrawFn) -> list[str]:
    words = WORD.map(lambda word: [word]) | st.one_of(mutated(WORD), WILD).map(lambda word: [word])
    given = draw(st.lists(st.one_of(FLAGS, OPTIONS, words), max_size=5))
    line = [as_argument(text[:20_000]) for texts in given for text in texts]
    return [*draw(VERBS), *(text for text in line if not LEFT_OUT.match(text) or text == "--file")]


def as_argument(text: str) -> str:
    """As the system hands a program what has these bytes; none of them can be 0."""
    return os.fsdecode(text.replace("\0", "").encode(errors="surrogatepass"))


@in_two_sizes
def test_39_fuzz_of_command_lines(program: Program, share: int) -> None:
    """Each ends with a code of the contract, and if not with 0, says why."""

    def check(given: tuple[list[str], bytes]) -> bool:
        line, stdin = given
        said = program(*line, stdin=stdin)
        assert said.code in ({0, 1, 2, 3, 124} if line[0] == "wait" else {0, 1, 2, 3})
        assert not RAW.search(said.err)
        assert said.code == 0 or said.err
        assert not HARMFUL.search(said.err)
        return said.code == 0

    fuzz(check, st.tuples(command_lines(), batches().map(lambda batch: batch[0])), 5_000 if share == 1 else 200)
    assert isinstance(program.jobs(), list)
    assert program.ok("status", "--json").json["jobs"]["total"] == len(program.jobs())
