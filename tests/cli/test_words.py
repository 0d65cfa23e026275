from __future__ import annotations

import click
import pytest

from queuectl.cli.enqueue import command
from queuectl.cli.words import EXACT, Words
from queuectl.errors import BadValue


def parsed(*args: str) -> tuple[dict[str, object], Words]:
    context = command.make_context(
        "queuectl enqueue",
        list(args),
        parent=click.Context(click.Command("queuectl"), help_option_names=["-h", "--help"]),
    )
    return context.params, Words(context.params["words"], context.meta[EXACT])


def test_options_of_the_command_are_left_alone() -> None:
    params, words = parsed("-p", "5", "ffmpeg", "-i", "x", "--", "-y")
    assert params["priority"] == "5"
    assert words.command == "ffmpeg -i x -- -y"


def test_options_may_follow_a_single_spec() -> None:
    params, words = parsed("echo hi", "--priority", "5", "--tag=x")
    assert (params["priority"], params["tag"], words.command) == ("5", ("x",), "echo hi")


def test_options_may_stand_between_json_objects() -> None:
    params, words = parsed('{"command": "a"}', "-q", "media", '{"command": "b"}')
    assert params["queue"] == "media"
    assert words.json
    assert len(words.texts) == 2


@pytest.mark.parametrize(
    "args",
    [
        ("ffmpeg", "-i", "x", "-p", "5"),
        ("ssh", "-p", "22", "host"),
        ("echo", "hi", "--queue=x"),
        ("df", "-h"),
        ("echo hi", "--help"),
        ("sh", "-c", "true", "x"),
    ],
)
def test_an_option_of_ours_among_the_words_is_refused(args: tuple[str, ...]) -> None:
    with pytest.raises(BadValue, match="among the words"):
        parsed(*args)


def test_after_two_dashes_the_program_gets_exactly_these_arguments() -> None:
    assert parsed("--", "grep", "-q", "two words", "*.txt")[1].command == "grep -q 'two words' '*.txt'"
    assert parsed("-q", "media", "--", "df", "-h")[1].command == "df -h"


def test_one_word_after_two_dashes_is_a_shell_command_as_it_stands() -> None:
    words = parsed("--", "{ a; b; }")[1]
    assert not words.json
    assert words.command == "{ a; b; }"


def test_a_mistyped_option_behind_a_command_with_spaces_is_named() -> None:
    with pytest.raises(click.NoSuchOption, match="--prority"):
        parsed("echo hi", "--prority", "5")


@pytest.mark.parametrize(
    ("texts", "file"),
    [
        (("-",), "-"),
        (("@jobs",), "jobs"),
        (("jobs.json",), "jobs.json"),
        (("a/b.jsonl",), "a/b.jsonl"),
        (("cat jobs.json",), None),
        (("cat", "jobs.json"), None),
        (("@",), None),
        (('{"command": "cat jobs.json"}',), None),
    ],
)
def test_one_word_may_be_a_file(texts: tuple[str, ...], file: str | None) -> None:
    assert Words(texts).file == file
    assert Words(texts, exact=True).file is None
