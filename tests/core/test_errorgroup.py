import pytest
from hypothesis import given
from hypothesis import strategies as st

from queuectl.core.errorgroup import Grouping, group_key
from queuectl.core.records import Failure
from queuectl.core.selector import matches, parse
from tests.core.examples import NOW, a_job


def failure(number: int, command: str, error: str | None) -> Failure:
    return Failure(number, f"j{number}", NOW - number, command, error)


@pytest.mark.parametrize(
    ("error", "shown"),
    [
        ("exit 6 · curl: (6) Could not resolve host", "exit N · curl: (N) Could not resolve host"),
        ("interrupted 6 times", "interrupted N times"),
        ("at 12:03:04.5 from 10.0.0.7:8080, 1,204 bytes", "at N from N, N bytes"),
        ("job 550e8400-e29b-41d4-a716-446655440000 lost", "job N lost"),
        ("segfault at 0x7ffe12ab in 0xFF", "segfault at N in N"),
        ("no commit deadbeef12 nor 5f3a91c2", "no commit N nor N"),
        ("a decade of facades, defaced", "a decade of facades, defaced"),
        ("cannot open '/tmp/tmpk2x_9q/out.txt': denied", "cannot open '/tmp/N': denied"),
        ("/dev/sd3 is full", "/dev/sdN is full"),
        (None, ""),
    ],
)
def test_of_an_error_everything_counts_but_what_differs_from_run_to_run(error: str | None, shown: str) -> None:
    grouping = Grouping()
    grouping.add([failure(1, "x", error)])
    assert grouping.groups()[0].error == shown


def test_jobs_are_alike_by_the_first_word_of_the_command_and_by_the_error() -> None:
    key = group_key("curl https://a/1", "exit 6 · no host")
    assert group_key("  curl --fail x", "exit 28 · no host") == key
    assert group_key("wget https://a/1", "exit 6 · no host") != key
    assert group_key("curl https://a/1", "exit 6 · no route") != key


def test_a_key_is_the_same_in_every_version_of_the_program() -> None:
    assert group_key("curl x", "exit 6 · curl: (6) Could not resolve host") == "4atcns"


def test_groups_come_with_most_jobs_first_and_the_one_that_died_last() -> None:
    grouping = Grouping()
    grouping.add([failure(9, "a 1", "exit 1"), failure(8, "b 1", "exit 2"), failure(7, "b 2", "exit 3")])
    grouping.add([failure(6, "c", None)])
    assert [(one.command, one.error, one.size, one.newest_id) for one in grouping.groups()] == [
        ("b", "exit N", 2, "j8"),
        ("a", "exit N", 1, "j9"),
        ("c", "", 1, "j6"),
    ]
    assert grouping.groups()[0].view()["group"] == group_key("b", "exit 9")


def test_the_filter_language_picks_a_group() -> None:
    job = a_job(command="curl x", error="exit 6")
    assert matches(parse(f"group:{group_key('curl', 'exit 7')}"), job, NOW)
    assert not matches(parse(f"group:{group_key('wget', 'exit 7')}"), job, NOW)
    assert matches(parse("-group:nobody"), job, NOW)


@given(st.text(), st.one_of(st.none(), st.text()))
def test_any_text_has_a_key_that_a_filter_can_say(command: str, error: str | None) -> None:
    key = group_key(command, error)
    assert matches(parse(f"group:{key}"), a_job(command=command, error=error), NOW)


def test_long_texts_are_alike_by_their_beginnings() -> None:
    assert group_key("x" * 200_000, "e" * 200_000) == group_key("x" * 1_000, "e" * 1_000)
