"""What a form comes to: the job that is added or edited, and a command line that comes to the same."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from queuectl.cli.enqueue import command as enqueue
from queuectl.cli.job_options import specs_of
from queuectl.cli.root import root
from queuectl.core.job import Job, NewJob, State
from queuectl.core.settings import Settings
from queuectl.errors import BadValue
from queuectl.queue import Queue
from queuectl.tui.forms.difference import difference
from queuectl.tui.forms.draft import Draft, clone_of
from queuectl.tui.forms.exacttext import ExactText
from queuectl.tui.forms.sheets import EditSheet, NewSheet
from queuectl.wiring import connect
from tests.tui.listed import NOW, job

HOSTILE = "printf '\x1b]0;pwn\x07'\ttab \u202e \x9b2J it's \\n \x7f\nsecond [/] $HOME `id` é🎬"


def words_of(line: str) -> list[str]:
    """What a shell makes of a command line."""
    done = subprocess.run(["bash", "-c", f"printf '%s\\0' {line}"], capture_output=True, check=True)
    return done.stdout.decode().split("\0")[:-1]


def asked_by(line: str) -> NewJob:
    """The job that the real command line asks for."""
    program, verb, *args = words_of(line)
    assert (program, verb) == ("queuectl", "enqueue")
    with enqueue.make_context("enqueue", args) as context:
        asked = specs_of(context.params, NOW).job
    assert asked is not None
    return asked


def sheet(**configured: Any) -> NewSheet:
    return NewSheet(Draft(), Settings(**configured), os.getcwd(), NOW)


FULL = Draft(
    {
        "command": HOSTILE,
        "priority": " high ",
        "max_retries": "7",
        "timeout": "1h30m",
        "delay": "5m",
        "cwd": "../some where/it's",
        "id": "encode-1",
        "queue": "media",
        "tags": "a, b  c",
        "unique_key": "feed of example.org",
    },
    ("LANG=C", "WITH=a=b", "LINES=one\ntwo\x1b[31m", "EMPTY="),
    True,
)


@pytest.mark.parametrize(
    "draft",
    [
        FULL,
        Draft({"command": "echo hi"}),
        Draft({"command": "-rf --help"}),
        Draft({"command": '{"command": "x"}'}),
        Draft({"command": "@jobs.jsonl"}),
        Draft({"command": "a\n\nb\n", "run_at": "14:30"}),
        Draft({"command": "true", "priority": "-5", "cwd": "~/x"}),
    ],
    ids=range(7),
)
def test_the_line_of_a_new_job_asks_for_the_same_job(draft):
    assert sheet().problems(draft) == {}
    assert asked_by(sheet().line(draft)) == sheet().job(draft, NOW)


TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1, max_size=40)


@settings(max_examples=60, deadline=None)
@given(TEXT.filter(lambda text: not text.isspace()), TEXT, st.integers(-100, 100))
def test_whatever_is_typed_as_command_and_variable_is_what_the_line_says(command, value, priority):
    draft = Draft({"command": command, "priority": str(priority)}, (f"NAME={value}",))
    if not sheet().problems(draft):
        assert asked_by(sheet().line(draft)) == sheet().job(draft, NOW)


def test_defaults_are_left_to_the_store():
    assert sheet().job(Draft({"command": "true"}), NOW) == NewJob("true", os.getcwd())


@pytest.mark.parametrize(
    ("key", "text", "said"),
    [
        ("command", "  ", "needs a command"),
        ("command", "a\0b", "NUL"),
        ("command", "x" * 131_072, "131,071"),
        ("priority", "urgent", "not a priority"),
        ("delay", "soon", "not a duration"),
        ("max_retries", "-1", "from 0"),
        ("timeout", "0", "more than 0"),
        ("id", "a b", "cannot be an id"),
        ("queue", "ä", "cannot be a queue"),
        ("tags", "ok [no]", "cannot be a tag"),
        ("run_at", "tomorrow", "not a time"),
        ("unique_key", "k" * 201, "cannot be a unique_key"),
    ],
)
def test_each_field_is_checked_as_the_command_line_checks_it(key, text, said):
    found = sheet().problems(Draft({"command": "true", key: text}))
    assert list(found) == [key]
    assert said in found[key].message


def test_a_variable_without_a_value_and_a_name_of_queuectls_own_are_refused():
    assert "no value" in sheet().problems(Draft({"command": "true"}, ("LANG",)))["env"].message
    assert "sets itself" in sheet().problems(Draft({"command": "true"}, ("QUEUECTL_X=1",)))["env"].message


def test_a_delay_and_a_time_contradict_each_other():
    assert list(sheet().problems(Draft({"command": "true", "delay": "5m", "run_at": "14:30"}))) == ["run_at"]


def test_without_a_present_directory_one_must_be_named():
    nowhere = NewSheet(Draft(), Settings(), "", NOW)
    assert list(nowhere.problems(Draft({"command": "true"}))) == ["cwd"]
    assert nowhere.problems(Draft({"command": "true", "cwd": "/srv"})) == {}


def test_what_an_empty_field_means_comes_from_the_configuration():
    told = sheet(max_retries=9, timeout_s=300.0).placeholders
    assert (told["max_retries"], told["timeout"]) == ("9", "5m")


def test_a_clone_has_the_values_of_the_job_and_nothing_that_is_its_alone():
    old = job(
        4, command=HOSTILE, priority=5, timeout_s=1.5, env={"A": "x\ny"}, tags=("t",), queue="media",
        unique_key="only one", held=True, run_at=NOW + 99_000, max_retries=8,
    )  # fmt: skip
    new = sheet().job(clone_of(old, Settings()), NOW)
    assert new == NewJob(
        HOSTILE, "/srv", queue="media", priority=5, max_retries=8, timeout_s=1.5, env={"A": "x\ny"}, tags=("t",)
    )


def test_a_clone_of_a_job_without_a_limit_has_none_whatever_is_configured():
    configured = Settings(timeout_s=300.0)
    draft = clone_of(job(4, timeout_s=None), configured)
    form = sheet(timeout_s=300.0)
    assert form.problems(draft) == {}
    assert asked_by(form.line(draft)).timeout_s == form.job(draft, NOW).timeout_s == 0.0
    assert "timeout" not in clone_of(job(4, timeout_s=300.0), configured).texts


# Jobs that are there


def edited(queue: Queue, jobs: list[Job], draft: Draft) -> list[Job]:
    form = EditSheet(jobs, os.getcwd(), NOW)
    assert form.problems(draft) == {}
    queue.jobs.change(form.ids, form.edit(draft, NOW))
    return [queue.jobs.get(id) for id in form.ids]


def by_line(location: str, queue: Queue, jobs: list[Job], draft: Draft) -> list[Job]:
    form = EditSheet(jobs, os.getcwd(), NOW)
    root.main(["--db", location, *words_of(form.line(draft))[1:]], standalone_mode=False)
    return [queue.jobs.get(id) for id in form.ids]


def alike(jobs: list[Job]) -> list[Job]:
    """Without the moment of the change, which two changes do not share."""
    return [one._replace(updated_at=0, state_since=0, run_at=one.run_at if one.run_at > NOW else 0) for one in jobs]


CHANGES = [
    {"command": HOSTILE},
    {"priority": "9", "timeout": "none", "queue": "media"},
    {"priority": "", "timeout": "", "queue": ""},
    {"tags": "", "max_retries": "9"},
    {"tags": "x y", "cwd": "/srv", "run_at": "2030-01-01T00:00:00Z"},
]


@pytest.mark.parametrize("texts", CHANGES, ids=range(len(CHANGES)))
@pytest.mark.parametrize("state", [State.PENDING, State.CANCELLED])
def test_the_line_of_an_edit_does_what_the_form_does(tmp_path: Path, texts, state):
    results = []
    for number, change in enumerate((None, by_line)):
        location = str(tmp_path / f"{number}.db")
        queue = connect(location, create=True)
        old = NewJob("old \x1b command", "/", "j", priority=3, timeout_s=5.0, tags=("t",), env={"A": "1"}, queue="q")
        queue.jobs.add([old])
        if state is State.CANCELLED:
            root.main(["--db", location, "cancel", "j"], standalone_mode=False)
        jobs = [queue.jobs.get("j")]
        start = EditSheet(jobs, "/", NOW).start
        draft = start._replace(texts={**start.texts, **texts}, env=("B=two\nlines",))
        results.append(alike(edited(queue, jobs, draft) if change is None else change(location, queue, jobs, draft)))
        queue.close()
    assert [one._replace(created_at=0) for one in results[0]] == [one._replace(created_at=0) for one in results[1]]
    assert results[0][0].env == {"B": "two\nlines"}
    assert results[0][0].state is State.PENDING


def test_only_what_was_touched_is_changed():
    form = EditSheet([job(1, command=HOSTILE, env={"A": "x\ny"}, timeout_s=0.25, run_at=NOW + 1234)], "/", NOW)
    assert form.edit(form.start, NOW).changes == {}
    assert form.line(form.start) == ""
    draft = form.start._replace(texts={**form.start.texts, "priority": "9"})
    assert form.edit(draft, NOW).changes == {"priority": 9}
    assert form.line(draft) == "queuectl edit j0001 --priority 9"


def test_of_several_jobs_a_field_shows_what_they_share_and_is_left_alone_unless_touched():
    form = EditSheet([job(1, queue="media", priority=1), job(2, queue="media", priority=2)], "/", NOW)
    assert form.start.texts["queue"] == "media"
    assert form.start.text("priority") == ""
    draft = form.start._replace(texts={**form.start.texts, "timeout": "5m"})
    assert form.edit(draft, NOW).changes == {"timeout_s": 300.0}


def test_jobs_that_have_ended_are_run_again_even_if_nothing_is_changed():
    form = EditSheet([job(1, state=State.DEAD)], "/", NOW)
    assert form.edit(form.start, NOW).retry
    assert form.line(form.start) == "queuectl retry j0001"
    assert form.problems(form.start) == {}


def test_a_waiting_job_that_is_not_changed_is_not_sent():
    form = EditSheet([job(1)], "/", NOW)
    assert list(form.problems(form.start)) == [""]


def test_an_edit_says_what_is_wrong_at_its_field():
    form = EditSheet([job(1)], "/", NOW)
    bad = form.start._replace(texts={**form.start.texts, "command": " ", "max_retries": "", "timeout": "0s"})
    assert set(form.problems(bad)) == {"command", "max_retries", "timeout"}
    with pytest.raises(BadValue):
        form.edit(bad, NOW)


# Texts that a terminal must not get


def test_a_text_is_shown_harmless_and_sent_as_it_was():
    text = ExactText.of(HOSTILE)
    assert text.exact == HOSTILE
    assert text.shown.replace("\n", "").isprintable()
    assert text.shown.count("\n") == 1


@settings(max_examples=300, deadline=None)
@given(
    st.text(st.sampled_from("ab \t\n\x1b\x07\u202e\x9b"), max_size=30),
    st.integers(0, 40),
    st.integers(0, 5),
    st.text("ab\n ", max_size=4),
)
def test_an_edit_in_one_place_leaves_every_other_character_as_it_was(exact, place, gone, typed):
    text = ExactText.of(exact)
    pieces = [ExactText.of(character).shown for character in exact]
    first = min(place, len(pieces))
    last = min(first + gone, len(pieces))
    before = "".join((*pieces[:first], typed))
    text.became(before + "".join(pieces[last:]), len(before))
    assert text.shown == "".join((*pieces[:first], typed, *pieces[last:]))
    assert len(text.exact) == len(exact) - (last - first) + len(typed)
    for bad in "\x1b\x07\x9b\t\u202e":
        assert text.exact.count(bad) == (exact[:first] + exact[last:]).count(bad)


def test_a_change_back_to_what_was_shown_is_no_change():
    text = ExactText.of("a\x1bb")
    text.became(text.shown + "x", 4)
    text.became(text.shown[:-1], 3)
    assert text.exact == "a\x1bb"


def test_what_is_pasted_is_sent_exactly_and_may_replace_a_part():
    text = ExactText.of("one two")
    assert text.paste(4, 7, "\t\x1b[2J") == "    ␛[2J"
    assert (text.shown, text.exact) == ("one     ␛[2J", "one \t\x1b[2J")
    text.paste(5, 7, "x")
    assert text.exact == "one  x \x1b[2J"


def test_lines_keep_their_own_line_breaks():
    text = ExactText(["A=x\ny", "B=2"])
    assert text.shown == "A=x⏎y\nB=2"
    text.became("A=x⏎y\nB=2\nC=3", 13)
    assert text.lines == ["A=x\ny", "B=2", "C=3"]


# Differences


def test_a_difference_shows_both_commands_from_shortly_before_the_first_changed_word():
    shown = difference("a b c d e f ffmpeg -i in/1.mov out.mp4", "a b c d e f ffmpeg -i in/2.mov out.mp4")
    assert shown is not None
    assert shown.plain == "was  … f ffmpeg -i in/1.mov out.mp4\nnow  … f ffmpeg -i in/2.mov out.mp4"
    marked = [shown.plain[span.start : span.end] for span in shown.spans]
    assert marked == ["in/1.mov", "in/2.mov"]


def test_commands_that_are_alike_differ_in_nothing_and_huge_ones_cost_little():
    assert difference("a", "a") is None
    shown = difference("x " * 60_000, "y " * 60_000)
    assert shown is not None
    assert len(shown.plain) < 1_000


def test_a_difference_drives_no_terminal():
    shown = difference("a", HOSTILE)
    assert shown is not None
    assert shown.plain.replace("\n", "").isprintable()
