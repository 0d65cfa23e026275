"""Texts as people and programs write them, good and bad, and what must be true of what is made of them."""

from __future__ import annotations

import re
import signal
import string
from calendar import timegm
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from fractions import Fraction
from typing import Any, NamedTuple

from hypothesis import HealthCheck, Phase, example, given, seed, settings
from hypothesis import strategies as st

from queuectl.core import fields, keys, units
from queuectl.errors import BadValue
from tests.faults.sizes import dice
from tests.store.conftest import NOW

_LIMIT_S = 0.5
"""Of the processor, for one text: other programs that use it do not count."""


class Hang(AssertionError):
    """A reader works on and on."""


@contextmanager
def in_time() -> Iterator[None]:
    def over(number: int, frame: object) -> None:
        raise Hang(f"more than {_LIMIT_S} s of the processor")

    before = signal.signal(signal.SIGVTALRM, over)
    signal.setitimer(signal.ITIMER_VIRTUAL, _LIMIT_S)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)


def answer(read: Callable[..., Any], *args: object) -> Any:
    """What a reader makes of it; None if it refuses it, which takes a sentence and a hint."""
    try:
        with in_time():
            return read(*args)
    except BadValue as error:
        refusal = error
    assert refusal.message, "an error that does not say what is wrong"
    assert refusal.hint, f"no hint what to do about: {refusal.message}"
    return None


def fuzz(check: Callable[[Any], bool], texts: st.SearchStrategy[Any], times: int, *found: object) -> None:
    """Check so many texts, and those that something was once found with; both answers must have come up."""
    answers: list[bool] = []

    def one(text: Any) -> None:
        answers.append(check(text))

    number = dice().randrange(2**32)
    quiet = settings(
        max_examples=times,
        deadline=None,
        database=None,
        print_blob=True,
        suppress_health_check=list(HealthCheck),
        phases=(Phase.explicit, Phase.generate, Phase.shrink),
    )
    run = quiet(seed(number)(given(texts)(one)))
    for text in found:
        run = example(text)(run)
    run()
    accepted = sum(answers)
    print(f"{len(answers)} texts, {accepted} of them accepted")  # noqa: T201 - to be read
    assert len(answers) >= times, "it was not tried as often as asked"
    assert len(answers) / 20 < accepted < len(answers) * 19 / 20, "the texts are too much alike"


# Texts that go wrong

ANY = st.characters(exclude_categories=())
TRICKY = [
    "9" * 5_000, "0" * 5_000, "." * 3_000, "1s " * 3_000, "a:" * 3_000, '"' * 3_001, "\\" * 3_001, " " * 5_000,
    "[" * 100_000, '{"command":' * 20_000, "2027-02-30", "25:61", "backoff-base=1.5", "backoff-jitter=0.25", "\x1f1/s",
    '{"command": "\udcff"}', '{"command": "\\ud800"}', '{"command": "x\\u0000"}',
]  # fmt: skip
"""What takes careless readers long or in, and is tried every time."""
HOSTILE = st.sampled_from([
    "\0", "\udcff", "\u202e", "\u2066", "\x1b[2J", "\x85", "\u2028", "\xa0", "\ufeff", "\U0001f468\u200d", "\r\n",
    "٣", "９", "İ", "\u212a", "ſ", "ß", "e\u0301", "1e9", "1_0", "0x1", "-0", "+", "-", ".", ",", "nan", "Infinity",
    *TRICKY, "[" * 20, '{"a":' * 20, "null", "{}", "%s", "'; --", "${HOME}",
])  # fmt: skip
WILD = st.one_of(st.text(ANY), st.text(string.printable), HOSTILE, st.lists(HOSTILE, max_size=4).map("".join))


@st.composite
def mutated(draw: st.DrawFn, texts: st.SearchStrategy[str]) -> str:
    text = draw(texts)
    for _ in range(draw(st.integers(1, 3))):
        begin = draw(st.integers(0, len(text)))
        end = draw(st.integers(begin, min(len(text), begin + 6)))
        put = draw(st.one_of(st.text(ANY, max_size=3), st.text(string.printable, max_size=2), HOSTILE))
        put = draw(st.sampled_from([put, put, "", text[begin:end] * 2, text[begin:end].swapcase()]))
        text = text[:begin] + put + text[end:]
    return text


class Given(NamedTuple):
    """A text, and whether it is known to be a good one."""

    text: str
    good: bool = False


def good_or_not(texts: st.SearchStrategy[str]) -> st.SearchStrategy[Given]:
    good = texts.map(lambda text: Given(text, good=True))
    return st.one_of(good, good, mutated(texts).map(Given), WILD.map(Given))


# Values: durations, sizes, numbers, times, names, settings

UNITS = {"ms": Fraction(1, 1000), "s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 7 * 86_400, "": 1, "min": 60}
SIZES = {"": 1, "b": 1}
for power, prefix in enumerate("kmgt", 1):
    SIZES |= {prefix: 1024**power, f"{prefix}ib": 1024**power, f"{prefix}b": 1000**power}
PARTS = re.compile(r"([0-9.]+)\s*([^0-9.\s]*)")
DIGITS = st.integers(0, 99_999).map(str)
NUMBERS = st.one_of(DIGITS, st.tuples(DIGITS, st.text(string.digits, min_size=1, max_size=9)).map(".".join))
DURATIONS = st.one_of(
    NUMBERS,
    st.lists(st.tuples(NUMBERS, st.sampled_from(["ms", "s", "m", "h", "d", "w", "H "])).map("".join), min_size=1),
).map(lambda parts: parts if isinstance(parts, str) else "".join(parts[:6]))
NAMES = st.tuples(
    st.sampled_from(string.ascii_letters + string.digits),
    st.text(string.ascii_letters + string.digits + "._:@-", max_size=9),
).map("".join)
MOMENTS = st.builds(
    "{:04}-{:02}-{:02}{}{:02}:{:02}:{:02}{}{}".format,
    *(st.integers(1971, 9998), st.integers(1, 12), st.integers(1, 28), st.sampled_from("T t"), st.integers(0, 23)),
    *(st.integers(0, 59), st.integers(0, 59), st.sampled_from(["", ".5", ".123456"])),
    st.sampled_from(["Z", "z", "+00:00", "+05:30", "-1130", "+14:00"]),
)


def near(value: float, true: Fraction, within: float) -> bool:
    return abs(Fraction(value) - true) <= Fraction(within) + true / 10**15


def right_duration(text: str, value: float) -> bool:
    total = sum(Fraction(number) * UNITS[unit] for number, unit in PARTS.findall(text.lower()))
    return near(value, Fraction(total), 0.000501) and units.seconds(units.duration_text(value)) == value


def right_size(text: str, value: int) -> bool:
    ((number, unit),) = PARTS.findall(text.lower())
    return near(value, Fraction(number) * SIZES[unit], 0.5) and units.size_bytes(units.size_text(value)) == value


def right_rate(text: str, value: float) -> bool:
    number, _, unit = text.lower().partition("/")
    return near(value * float(UNITS[unit.strip() or "s"]), Fraction(number.strip()), 1e-6 * float(number.strip()))


def right_priority(text: str, value: int) -> bool:
    words = {"low": -10, "normal": 0, "high": 10}
    return value == words.get(text.strip().lower(), None if text.strip().isalpha() else int(Fraction(text.strip())))


def right_moment(text: str, value: int) -> bool:
    found = re.fullmatch(
        r"(\d+)-(\d+)-(\d+)[T ](\d+):(\d+):(\d+)(\.\d+)?(?:Z|([+-])(\d\d):?(\d\d))", text.strip().upper()
    )
    if found is None:  # of this host's time zone, or with less in it
        return units.moment(units.iso(value), NOW) == value
    second = timegm(tuple(int(found[n]) for n in range(1, 7)))
    offset = (int(found[9]) * 3600 + int(found[10]) * 60) * (1 if found[8] == "+" else -1) if found[8] else 0
    return near(value, 1000 * (second - offset + Fraction("0" + (found[7] or ""))), 0.501)


def right_name(text: str, value: str) -> bool:
    known = set(string.ascii_letters + string.digits)
    return text == value and text[0] in known and len(text) <= 128 and set(text) <= known | set("._:@-")


def right_variable(text: str, value: dict[str, str]) -> bool:
    name, _, content = text.partition("=")
    letters = string.ascii_letters + "_"
    known = name[0] in letters and set(name) <= set(letters + string.digits) and not name.startswith("QUEUECTL_")
    return known and value == {name: content} and "\0" not in content and bool(content.encode() or True)


def read_setting(text: str) -> str:
    name, _, value = text.partition("=")
    return keys.canonical_text(name, value)


def right_setting(text: str, value: str) -> bool:
    """What is stored means what was given, and is stored as it is when it is given again."""
    name, _, given_value = text.partition("=")
    name = keys.canonical(name)
    if keys.canonical_text(name, value) != value:
        return False
    return name in keys.IGNORED or keys.BY_NAME[name].read(value) == keys.BY_NAME[name].read(given_value)


PRIORITIES = st.one_of(st.integers(-(10**6), 10**6).map(str), st.sampled_from(["low", "Normal", " HIGH ", "+7", "-0"]))
RATES = st.one_of(
    st.tuples(st.integers(1, 10**5).map(str), st.sampled_from(["s", "min", "m", " h", "H"])).map("/".join)
)
SIZE_TEXTS = st.tuples(NUMBERS, st.sampled_from(["", " "]), st.sampled_from([*SIZES, "MiB", "GB"])).map("".join)
VARIABLES = st.tuples(st.text(string.ascii_letters + "_", min_size=1, max_size=9), st.text(max_size=9)).map("=".join)
SETTINGS = st.one_of(
    st.tuples(
        st.sampled_from(["timeout", "keep-completed", "Backoff_Max", "kill-grace", "lease", "poll-interval"]), DURATIONS
    ),
    st.tuples(st.sampled_from(["log-limit", "output_total"]), SIZE_TEXTS),
    st.tuples(st.sampled_from(["max-retries", "base", "backoff-jitter", "max-interruptions"]), NUMBERS),
    st.tuples(st.sampled_from(["shell", "timeout"]), st.sampled_from(["/bin/sh", "none", " None ", "/x y", "sh"])),
).map("=".join)

KINDS: dict[str, tuple[Callable[[str], Any], st.SearchStrategy[str], Callable[[str, Any], bool], bool]] = {
    "duration": (units.seconds, DURATIONS, right_duration, False),
    "size": (units.size_bytes, SIZE_TEXTS, right_size, False),
    "rate": (units.rate, RATES, right_rate, True),
    "priority": (units.priority, PRIORITIES, right_priority, True),
    "time": (lambda text: units.moment(text, NOW), MOMENTS, right_moment, True),
    "name": (lambda text: fields.checked_name(text, "an id"), NAMES, right_name, True),
    "variable": (
        lambda text: fields.env({text.partition("=")[0]: text.partition("=")[2]}),
        VARIABLES,
        right_variable,
        False,
    ),
    "setting": (read_setting, SETTINGS, right_setting, False),
}
"""How it is read, good texts, what must be true of what they are read as, and whether all of them are in range."""
