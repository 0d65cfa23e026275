"""Dead jobs by what they died of."""

from __future__ import annotations

import pytest

from queuectl.core.errorgroup import Grouping, group_key
from queuectl.core.lifecycle import Retry
from queuectl.core.selector import EVERYTHING, Not, matches, parse
from tests.store.conftest import NOW, failed, job, turn


@pytest.fixture
def dead(store, pool):
    """Six dead jobs of three groups, and one that waits for its retry with the same error."""
    commands = ["curl a", "curl b", "wget", "curl c", "\t wget x", "wget", "curl d"]
    store.adder.add([job(command, max_retries=1 if n < 6 else 3) for n, command in enumerate(commands)], NOW)
    claimed = turn(pool, free=7).claimed
    for n, each in enumerate(claimed):
        error = None if n == 5 else f"exit {n}"
        settled = failed(each)
        turn(pool, settled._replace(result=settled.result._replace(error=error)), now=NOW + n)
    return store


def test_dead_jobs_come_in_pages_those_that_died_last_first(dead):
    seen, behind = [], None
    while page := dead.reader.failures(EVERYTHING, behind, 2, NOW):
        seen += page
        behind = page[-1]
    assert [(each.id, each.command, each.error) for each in seen] == [
        ("j6", "wget", None),
        ("j5", "\t wget x", "exit 4"),
        ("j4", "curl c", "exit 3"),
        ("j3", "wget", "exit 2"),
        ("j2", "curl b", "exit 1"),
        ("j1", "curl a", "exit 0"),
    ]
    assert [each.id for each in dead.reader.failures(parse("cmd:curl"), seen[2], 9, NOW)] == ["j2", "j1"]


def test_a_group_has_as_many_jobs_as_its_key_picks(dead):
    grouping = Grouping()
    grouping.add(dead.reader.failures(EVERYTHING, None, 99, NOW))
    found = grouping.groups()
    assert [(one.command, one.error, one.size, one.newest_id) for one in found] == [
        ("curl", "exit N", 3, "j4"),
        ("wget", "exit N", 2, "j5"),
        ("wget", "", 1, "j6"),
    ]
    for one in found:
        assert dead.reader.count(parse(f"state:dead group:{one.key}"), NOW) == one.size


def test_sql_and_python_agree_on_groups(dead):
    everything = dead.reader.page(EVERYTHING, "arrival", None, 99, NOW)
    for key in ("nobody", *(group_key(each.command, each.error) for each in everything)):
        for where in (parse(f"group:{key}"), Not(parse(f"group:{key}"))):
            picked = dead.reader.page(where, "arrival", None, 99, NOW)
            assert picked == [each for each in everything if matches(where, each, NOW)]


def test_a_group_is_retried_and_no_other(dead):
    where = parse(f"state:dead group:{group_key('curl', 'exit 1')}")
    batch = dead.changer.change_matching(where, Retry(), dead.changer.bound(NOW + 9), 0, NOW + 9)
    assert batch.ids == ("j1", "j2", "j4")
