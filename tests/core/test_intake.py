import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from queuectl.core.intake import ALIASES, EDITABLE, IGNORED, KEYS, by_name, changes, ignored_keys, new_job
from queuectl.core.job import NewJob
from queuectl.core.jsontext import parse_object
from queuectl.errors import BadValue
from tests.core.examples import NOW


def read(**spec: Any) -> NewJob:
    return new_job({"command": "true", **spec}, NOW, "/home/me")


def test_a_command_is_all_that_a_job_needs() -> None:
    assert new_job({"command": "echo 1"}, NOW, "/home/me") == NewJob(command="echo 1", cwd="/home/me")


def test_every_key_reaches_its_field() -> None:
    spec = {
        "id": "job-1",
        "command": "make",
        "queue": "build",
        "priority": "high",
        "max_retries": 5,
        "timeout": "5m",
        "run_at": "2027-01-01T00:00:00Z",
        "cwd": "/src",
        "env": {"LANG": "C", "_x1": ""},
        "tags": ["a", "b", "a"],
        "hold": True,
        "unique_key": "make /src",
    }
    assert new_job(spec, NOW, "/home/me") == NewJob(
        id="job-1",
        command="make",
        queue="build",
        priority=10,
        max_retries=5,
        timeout_s=300.0,
        run_at=1_798_761_600_000,
        cwd="/src",
        env={"LANG": "C", "_x1": ""},
        tags=("a", "b"),
        held=True,
        unique_key="make /src",
    )
    assert set(spec) == set(KEYS) - {"delay"}


@pytest.mark.parametrize("alias", ALIASES)
def test_an_alias_is_as_good_as_its_key(alias: str) -> None:
    value = 5 if ALIASES[alias] != "run_at" else "2027-01-01T00:00:00Z"
    assert read(**{alias: value}) == read(**{ALIASES[alias]: value})
    with pytest.raises(BadValue, match="given twice"):
        read(**{alias: value, ALIASES[alias]: value})


@pytest.mark.parametrize(
    ("spec", "field", "value"),
    [
        ({"max_retries": 3.0}, "max_retries", 3),
        ({"max_retries": "3"}, "max_retries", 3),
        ({"max_retries": 0}, "max_retries", 0),
        ({"priority": -5}, "priority", -5),
        ({"priority": "7"}, "priority", 7),
        ({"timeout": 1.5}, "timeout_s", 1.5),
        ({"timeout": "90"}, "timeout_s", 90.0),
        ({"timeout": " None "}, "timeout_s", 0.0),
        ({"delay": 2}, "run_at", NOW + 2000),
        ({"delay": "2s"}, "run_at", NOW + 2000),
        ({"run_at": 1_800_000_000}, "run_at", 1_800_000_000_000),
        ({"run_at": 1_800_000_000.5}, "run_at", 1_800_000_000_500),
        ({"cwd": "sub"}, "cwd", "/home/me/sub"),
        ({"cwd": "."}, "cwd", "/home/me"),
        ({"cwd": "link/../x"}, "cwd", "/home/me/link/../x"),
        ({"cwd": "/a//b/./c"}, "cwd", "/a/b/c"),
        ({"queue": None, "timeout": None}, "queue", "default"),
        ({"command": "echo 'grün' \x1b[0m\nls"}, "command", "echo 'grün' \x1b[0m\nls"),
        ({"command": "x" * 131_071}, "command", "x" * 131_071),
        ({"env": {}}, "env", {}),
        ({"tags": []}, "tags", ()),
        ({"id": "a" * 128}, "id", "a" * 128),
        ({"unique_key": "ü " * 100}, "unique_key", "ü " * 100),
    ],
)
def test_what_is_allowed_is_taken(spec: dict[str, Any], field: str, value: object) -> None:
    assert getattr(read(**spec), field) == value


HUGE = 10**400
BAD = [
    {"command": ""},
    {"command": " \n\t"},
    {"command": None},
    {"command": 5},
    {"command": ["echo"]},
    {"command": "a\0b"},
    {"command": "\udcff"},
    {"command": "x" * 131_072},
    {"command": "ü" * 65_536},
    {"id": ""},
    {"id": ".."},
    {"id": "../../x"},
    {"id": "-rf"},
    {"id": "a" * 129},
    {"id": "a\n"},
    {"id": "a b"},
    {"id": "ä"},
    {"id": 7},
    {"queue": "a/b"},
    {"queue": True},
    {"priority": True},
    {"priority": 1.5},
    {"priority": "urgent"},
    {"priority": HUGE},
    {"priority": float("nan")},
    {"priority": float("inf")},
    {"max_retries": -1},
    {"max_retries": True},
    {"max_retries": 1_000_001},
    {"max_retries": "3.5"},
    {"max_retries": []},
    {"timeout": 0},
    {"timeout": -1},
    {"timeout": "0.0001"},
    {"timeout": True},
    {"timeout": float("nan")},
    {"timeout": HUGE},
    {"delay": -1},
    {"delay": "later"},
    {"delay": 1, "run_at": 1},
    {"run_at": -1},
    {"run_at": HUGE},
    {"run_at": float("inf")},
    {"run_at": False},
    {"run_at": {}},
    {"cwd": ""},
    {"cwd": "a\0"},
    {"cwd": "\udcff"},
    {"cwd": "x" * 4096},
    {"cwd": 1},
    {"env": []},
    {"env": {"A": 1}},
    {"env": {"A=B": "x"}},
    {"env": {"": "x"}},
    {"env": {"1A": "x"}},
    {"env": {"Ä": "x"}},
    {"env": {"QUEUECTL_CLAIM": "x"}},
    {"env": {"A": "a\0"}},
    {"env": {"A": "\ud800"}},
    {"env": {"A": "x" * 131_070}},
    {"tags": "a"},
    {"tags": [1]},
    {"tags": ["a b"]},
    {"tags": [f"t{n}" for n in range(33)]},
    {"hold": 1},
    {"hold": "true"},
    {"unique_key": ""},
    {"unique_key": "x" * 201},
    {"unique_key": "a\x1b"},
    {"unique_key": 5},
]


@pytest.mark.parametrize("spec", BAD)
def test_what_is_not_allowed_is_refused_with_the_place_and_a_hint(spec: dict[str, Any]) -> None:
    with pytest.raises(BadValue) as caught:
        new_job({"command": "true", **spec}, NOW, "/home/me", "line 12")
    assert caught.value.message.startswith("line 12: ")
    assert caught.value.message.isprintable()
    assert len(caught.value.message) < 200
    assert caught.value.hint


def test_an_environment_variable_may_fill_its_argument_exactly() -> None:
    assert read(env={"A": "x" * 131_069}).env == {"A": "x" * 131_069}


def test_a_directory_that_is_no_utf8_is_refused() -> None:
    with pytest.raises(BadValue, match="cwd is not valid UTF-8"):
        new_job({"command": "true"}, NOW, "/home/\udcff")


def test_an_unknown_key_names_the_nearest() -> None:
    with pytest.raises(BadValue, match="unknown key 'comand'") as caught:
        new_job({"comand": "true"}, NOW, "/")
    assert caught.value.hint == "did you mean command?"


def test_keys_of_a_listed_job_are_ignored_and_named() -> None:
    spec = {"command": "true", "state": "dead", "attempts": 3, "created_at": 1, "updated_at": []}
    assert ignored_keys(spec) == sorted(IGNORED, key=list(spec).index)
    assert new_job(spec, NOW, "/") == NewJob(command="true", cwd="/")


@pytest.mark.parametrize("value", [None, 5, "echo", [], True])
def test_what_is_no_object_is_no_job(value: object) -> None:
    with pytest.raises(BadValue, match="a job is a JSON object"):
        new_job(value, NOW, "/")


def test_keys_are_put_under_their_own_names() -> None:
    assert by_name({"maxRetries": 1, "runAt": None, "state": "x"}) == {"max_retries": 1}


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ('{"command": "a \\"b\\""}', {"command": 'a "b"'}),
        (
            r"{\"id\":\"api-call\",\"command\":\"python api.py\",\"max_retries\":5}",
            {"id": "api-call", "command": "python api.py", "max_retries": 5},
        ),
        (r"{\"command\":\"echo \\\"x\\\" C:\\\\dir\"}", {"command": 'echo "x" C:\\dir'}),
        ("[1, {}]", [1, {}]),
    ],
)
def test_json_is_read_also_as_powershell_hands_it_over(text: str, value: object) -> None:
    assert parse_object(text) == value


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('{"command": "x"', "line 3: this is not valid JSON: Expecting ',' delimiter at column 16"),
        (r"{\"command\": x}", "line 3: this is not valid JSON"),
        ("{'command': 'x'}", "line 3: this is not valid JSON"),
        ('{"a": 1, "a": 2}', "line 3: key 'a' is there twice"),
        ('{"x": [{"a": 1, "a": 2}]}', "line 3: key 'a' is there twice"),
        ('{"a": NaN}', "line 3: NaN is not a number"),
        ('{"a": -Infinity}', "line 3: -Infinity is not a number"),
        ("[" * 200_000, "line 3: the JSON is nested too deeply"),
        ('{"a":' * 200_000, "line 3: the JSON is nested too deeply"),
        ("[" + "9" * 5000 + "]", "line 3: a number in the JSON is too large"),
        ("", "line 3: this is not valid JSON"),
    ],
)
def test_bad_json_says_where_and_why(text: str, message: str) -> None:
    with pytest.raises(BadValue) as caught:
        parse_object(text, "line 3")
    assert caught.value.message.startswith(message)


def test_a_duplicate_among_very_many_keys_is_found_at_once() -> None:
    keys = ",".join(f'"{n}": 0' for n in range(200_000))
    with pytest.raises(BadValue, match="key '199999' is there twice"):
        parse_object("{" + keys + ', "199999": 0}')


JSON = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text()),
    lambda inner: st.one_of(st.lists(inner), st.dictionaries(st.text(), inner)),
    max_leaves=5,
)


@given(st.dictionaries(st.one_of(st.sampled_from([*KEYS, *ALIASES]), st.text(max_size=8)), JSON, max_size=5))
def test_any_object_is_a_job_or_a_bad_value(spec: dict[str, Any]) -> None:
    try:
        job = new_job(spec, NOW, "/")
    except BadValue:
        return
    assert job.command.strip()
    assert job.command == spec["command"]


@given(st.text(st.sampled_from('{}[]":,\\ abn1-.eE'), max_size=40))
def test_any_text_is_json_or_a_bad_value(text: str) -> None:
    try:
        value = parse_object(text)
    except BadValue:
        return
    assert json.loads(json.dumps(value)) == value


def test_changes_of_a_job_are_read_as_those_of_a_new_one() -> None:
    asked = {
        "command": "ls", "queue": "q", "priority": "high", "max_retries": "5", "timeout": "5m",
        "run_at": "2027-01-01T00:00:00Z", "cwd": "sub", "env": {"A": "b"}, "tags": ["t", "t"],
    }  # fmt: skip
    assert set(asked) == set(EDITABLE)
    assert changes(asked, NOW, "/home/me") == {
        "command": "ls", "queue": "q", "priority": 10, "max_retries": 5, "timeout_s": 300.0,
        "run_at": 1_798_761_600_000, "cwd": "/home/me/sub", "env": {"A": "b"}, "tags": ("t",),
    }  # fmt: skip


@pytest.mark.parametrize("value", [None, "none", " None "])
def test_a_timeout_can_be_taken_away(value: object) -> None:
    assert changes({"timeout": value}, NOW, "/") == {"timeout_s": None}


@pytest.mark.parametrize(
    "spec", [{"id": "x"}, {"unique_key": "k"}, {"delay": "5s"}, {"hold": True}, {"command": " "}, {"timeout": "0"}]
)
def test_changes_that_are_not_allowed_are_refused_with_a_hint(spec: dict[str, Any]) -> None:
    with pytest.raises(BadValue) as caught:
        changes(spec, NOW, "/")
    assert caught.value.hint
