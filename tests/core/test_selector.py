import pytest
from hypothesis import given
from hypothesis import strategies as st

from queuectl.core.job import State
from queuectl.core.selector import (
    EVERYTHING,
    LONGEST,
    MOST_TERMS,
    All,
    Condition,
    Either,
    Not,
    Term,
    from_options,
    matches,
    parse,
    unparse,
)
from queuectl.errors import BadValue
from tests.core.examples import NOW, a_job

JOB = a_job(
    id="Video-7",
    command="ffmpeg -i in.mp4 http://host/x  'two words'",
    state=State.DEAD,
    queue="media",
    tags=("nightly", "x"),
    worker="p1/w3",
    exit_code=137,
    error="exit 137 · Could not resolve",
    priority=5,
    attempts=2,
    state_since=NOW - 7_200_000,
)


@pytest.mark.parametrize(
    ("text", "condition"),
    [
        ("", EVERYTHING),
        (" \t\n ", EVERYTHING),
        ("state:dead", All((Term("state", ":", "dead"),))),
        ("STATE:Dead", All((Term("state", ":", "dead"),))),
        ("prio>5", All((Term("prio", ">", 5),))),
        ("prio:-5", All((Term("prio", "=", -5),))),
        ("exit:137", All((Term("exit", "=", 137),))),
        ("tries>=2", All((Term("tries", ">=", 2),))),
        ("age<2h", All((Term("age", "<", 7200.0),))),
        ("age>=1500ms", All((Term("age", ">=", 1.5),))),
        ("-word", All((Not(Term("word", ":", "word")),))),
        ("-state:dead", All((Not(Term("state", ":", "dead")),))),
        ('"quoted words"', All((Term("word", ":", "quoted words"),))),
        ('-"quoted words"', All((Not(Term("word", ":", "quoted words")),))),
        ('cmd:"two words"', All((Term("cmd", ":", "two words"),))),
        (r'"a \" b \\ \n"', All((Term("word", ":", r'a " b \ \n'),))),
        ('"state:dead"', All((Term("word", ":", "state:dead"),))),
        ("http://x", All((Term("word", ":", "http://x"),))),
        ("a_b:c", All((Term("word", ":", "a_b:c"),))),
        ("1:2", All((Term("word", ":", "1:2"),))),
        ("-", All((Term("word", ":", "-"),))),
        ("--rf", All((Not(Term("word", ":", "-rf")),))),
        ("it's", All((Term("word", ":", "it's"),))),
        ("a b", All((Term("word", ":", "a"), Term("word", ":", "b")))),
        ("tag:x prio>1 tag:y", All((Either((Term("tag", ":", "x"), Term("tag", ":", "y"))), Term("prio", ">", 1)))),
        ("exit:1 exit:2", All((Either((Term("exit", "=", 1), Term("exit", "=", 2))),))),
        ("tag:x tag:x", All((Term("tag", ":", "x"),))),
        ("-tag:x -tag:y", All((Not(Term("tag", ":", "x")), Not(Term("tag", ":", "y"))))),
        ("prio>1 prio<9", All((Term("prio", ">", 1), Term("prio", "<", 9)))),
    ],
)
def test_a_filter_is_read_as_documented(text: str, condition: Condition) -> None:
    assert repr(parse(text)) == repr(condition)  # tuples alone would not tell All from Either


@pytest.mark.parametrize(
    ("text", "message", "hint"),
    [
        ("stat:dead", "unknown field 'stat'", "state"),
        ("foo:1", "unknown field 'foo'", "fields are"),
        ("FOO=bar", "unknown field 'foo'", "Quotes"),
        ("state:deed", "unknown state 'deed'", "dead"),
        ("state:", "state of the filter is empty", "for example"),
        ('cmd:""', "cmd of the filter is empty", "for example"),
        ('""', "a part of the filter is empty", "for example"),
        ("exit:x", "exit must be an integer", "from"),
        ("exit:1_0", "exit must be an integer", "from"),
        ("prio>٣", "prio must be an integer", "from"),
        ("prio>99999999999999999999999", "prio must be an integer", "from"),
        ("age:2h", "an age is never hit exactly", "age<2h"),
        ("age<soon", "'soon' is not a duration", "for example"),
        ("cmd=x", "cmd is a text and cannot be compared with =", "cmd:x"),
        ('"open', "the quotes do not fit", "cmd:"),
        ('cmd:"x"y', "the quotes do not fit", "cmd:"),
        ('say"hi', "the quotes do not fit", "cmd:"),
        ("a\0b", "a character that no job can hold", "leave it out"),
        ("\udcff", "a character that no job can hold", "leave it out"),
        ("x" * (LONGEST + 1), "more than 4,000 characters", "shorter"),
        ("x " * (MOST_TERMS + 1), "more than 200 parts", "shorter"),
    ],
)
def test_what_a_filter_cannot_mean_is_refused_with_a_hint(text: str, message: str, hint: str) -> None:
    with pytest.raises(BadValue) as caught:
        parse(text)
    assert message in caught.value.message
    assert hint in caught.value.hint


PIECES = st.sampled_from(
    [
        "state:",
        "cmd:",
        "prio",
        "age",
        "exit:",
        "tag:",
        "dead",
        "-",
        '"',
        "\\",
        " ",
        "<",
        ">=",
        "=",
        ":",
        "//",
        "2h",
        "7",
        "x",
    ]
)


@given(st.one_of(st.text(), st.lists(PIECES, max_size=30).map("".join)))
def test_any_text_is_a_filter_that_survives_a_round_trip_or_a_bad_value(text: str) -> None:
    try:
        condition = parse(text)
    except BadValue:
        return
    assert repr(parse(unparse(condition))) == repr(condition)
    assert matches(condition, JOB, NOW) in {True, False}


@pytest.mark.parametrize(
    "text",
    [
        "state:dead cmd:FFMPEG err:resolve exit:137 worker:w3 queue:media tag:x prio>4 tries>=2 age<=2h",
        "video-7",
        "MP4",
        '"TWO WORDS"',
        "id:Video-7",
        "worker:p1",
        "worker:p1/w3",
        "tag:nightly",
        "tag:nope tag:x",
        "-state:pending",
        "-err:timeout",
        "age>119m",
        "age>=2h",
        "prio<=5",
        "exit=137",
        "",
    ],
)
def test_a_job_is_picked_by_what_it_has(text: str) -> None:
    assert matches(parse(text), JOB, NOW)
    assert not text or not matches(Not(parse(text)), JOB, NOW)


@pytest.mark.parametrize(
    "text",
    [
        "id:video-7",
        "id:Video",
        "worker:w",
        "worker:p1/",
        "tag:night",
        "queue:medi",
        "age<2h",
        "age>2h",
        "prio>5",
        "tries<2",
        "-video",
    ],
)
def test_a_job_is_not_picked_by_what_resembles_it(text: str) -> None:
    assert not matches(parse(text), JOB, NOW)


@pytest.mark.parametrize("text", ["exit:0", "exit<5", "exit>-5", "err:x", "worker:p1", "tag:x"])
def test_what_a_job_does_not_have_matches_nothing_so_that_its_opposite_holds(text: str) -> None:
    assert not matches(parse(text), a_job(), NOW)
    assert matches(parse("-" + text), a_job(), NOW)


def test_only_ascii_letters_are_alike_in_both_cases() -> None:
    assert matches(parse("GRÜN"), a_job(command="echo grÜn"), NOW)
    assert not matches(parse("GRÜN"), a_job(command="echo grün"), NOW)


def test_options_of_one_name_mean_either_and_different_ones_both() -> None:
    either = Either((Term("state", ":", "dead"), Term("state", ":", "failed")))
    assert repr(from_options(states=["dead", "failed"], queues=["q"])) == repr(All((either, Term("queue", ":", "q"))))
    either = Either((parse("state:dead prio>1"), parse("tag:x")))
    assert repr(from_options(filters=["state:dead prio>1", "tag:x"])) == repr(All((either,)))


def test_every_option_has_its_term() -> None:
    asked = from_options(tags=["t"], matches=["a b"], errors=["e"], older_than_s=[60.0], newer_than_s=[90.0])
    assert asked == parse('tag:t "a b" err:e age>60s age<90s')


def test_no_option_is_no_selector_and_all_is_everything() -> None:
    assert from_options() is None
    assert from_options(everything=True) == EVERYTHING


@pytest.mark.parametrize("text", ["", " "])
def test_a_blank_filter_option_does_not_take_every_job(text: str) -> None:
    with pytest.raises(BadValue, match="the filter is empty"):
        from_options(filters=[text])
    with pytest.raises(BadValue):
        from_options(matches=[""])


def test_bad_options_are_refused() -> None:
    with pytest.raises(BadValue, match="unknown state"):
        from_options(states=["runing"])
    with pytest.raises(BadValue, match="too much"):
        from_options(tags=["x"] * (MOST_TERMS + 1))


def test_a_condition_that_no_text_says_cannot_be_unparsed() -> None:
    with pytest.raises(ValueError, match="Not"):
        unparse(Not(EVERYTHING))
