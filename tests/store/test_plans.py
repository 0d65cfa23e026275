"""What must cost the same at any size is answered by an index, never by a scan of the jobs."""

from __future__ import annotations

import re
from pathlib import Path

import apsw
import pytest

from queuectl.core.job import State
from queuectl.core.selector import EVERYTHING, All, Term
from queuectl.store import statements
from queuectl.store.filters import compiled
from queuectl.store.migrations import migrate
from queuectl.store.reader import _merged
from queuectl.store.rows import JOB_COLUMNS
from queuectl.store.statements import SQLITE

# Begins at one end of an index, stops at its limit, and sorts nothing.
FROM_ONE_END = {
    "claimable",
    "any_ready",
    "scheduled_first",
    "scheduled_next",
    "promote",
    "work_left",
    "oldest_ready",
    "newest",
}
BY_SEARCH = {
    "claimable_in_queue",
    "any_ready_in_queue",
    "scheduled_first_in_queue",
    "promote_in_queue",
    "claim",
    "claimed",
    "settle",
    "settle_later",
    "claims",
    "claims_whole",
    "take_over",
    "job",
    "jobs_named",
    "jobs_numbered",
    "taken_ids",
    "live_keys",
    "ids_near",
    "expired",
    "bound",
    "delete",
    "retry",
    "cancel",
    "cancel_running",
    "hold",
    "release",
    "attempts",
    "output",
    "files_of",
    "outputs_known",
    "finished_since",
}


@pytest.fixture(scope="module")
def connection():
    connection = apsw.Connection(":memory:")
    migrate(connection, 0)
    yield connection
    connection.close()


def plan(connection, sql):
    values = dict.fromkeys(re.findall(r":(\w+)", sql), 1)
    return [row[3] for row in connection.execute(f"EXPLAIN QUERY PLAN {sql}", values)]


def scans(steps):
    return [step for step in steps if re.match(r"SCAN (jobs|attempts|live|j)\b", step)]


@pytest.mark.parametrize("name", sorted(BY_SEARCH))
def test_it_is_found_by_a_search(connection, name):
    assert scans(plan(connection, SQLITE[name])) == []


@pytest.mark.parametrize("name", sorted(FROM_ONE_END))
def test_it_begins_at_one_end_of_an_index(connection, name):
    steps = plan(connection, SQLITE[name])
    assert all("USING" in step or step == "SCAN jobs" for step in scans(steps))
    assert not [step for step in steps if "TEMP B-TREE" in step]
    assert "jobs_by" not in " ".join(steps)


def test_a_batch_is_looked_at_again_by_its_numbers_only(connection):
    where, _ = compiled(Term("state", ":", "pending"), 0)
    steps = plan(connection, SQLITE["still_matching"].replace("{where}", where))
    assert steps[0] == "SEARCH jobs USING INTEGER PRIMARY KEY (rowid=?)"


def test_counts_do_not_look_at_jobs(connection):
    assert plan(connection, SQLITE["counts"]) == ["SCAN counts"]


@pytest.mark.parametrize(
    "where",
    [EVERYTHING, Term("state", ":", "dead"), Term("queue", ":", "q"), Term("id", ":", "j1")],
    ids=str,
)
@pytest.mark.parametrize("order", ["arrival", "arrival_reversed", "state_age", "state_age_reversed"])
def test_a_first_page_is_found_by_a_search_and_sorts_only_what_an_index_found(connection, where, order):
    name = f"page_{order}"
    sql = (_merged(name, where) if f"{name}_order" in SQLITE else SQLITE[name]).replace(
        "{where}", compiled(where, 0)[0]
    )
    steps = plan(connection, sql)
    assert scans(steps) == []
    if where == EVERYTHING or "arrival" in order:
        assert not [step for step in steps if "TEMP B-TREE" in step]


def test_only_states_that_can_match_are_looked_at():
    where = All((Term("state", ":", "dead"), Term("cmd", ":", "x")))
    sql = _merged("page_state_age", where)
    assert [state for state in State if f"'{state.value}'" in sql] == [State.DEAD]


def test_rows_name_the_columns_of_the_schema(connection):
    columns = [row[1] for row in connection.execute("PRAGMA table_info(jobs)")]
    assert columns == ["n", *JOB_COLUMNS[1:]]


def test_a_statement_has_one_name_and_a_reason(tmp_path, monkeypatch):
    for text in ("-- x\n\n-- name: a\nSELECT 1", "-- x\n\n-- name: a — b\n1\n\n-- name: a — b\n2", "SELECT 1\n"):
        (tmp_path / "bad.sql").write_text(text)
        monkeypatch.setattr(statements, "__file__", str(tmp_path / "statements.py"))
        with pytest.raises(ValueError, match=r"bad\.sql"):
            statements.statements("bad.sql")


def test_no_sql_stands_in_python():
    for file in Path(statements.__file__).parent.rglob("*.py"):
        assert not re.search(
            r"\b(SELECT|INSERT INTO|UPDATE|DELETE FROM)\b .*\b(FROM|SET|VALUES|WHERE)\b", file.read_text()
        )


@pytest.mark.parametrize(
    "row",
    [
        "state = 'processing'",
        "state = 'pending', pool = 'p'",
        "state = 'completed', attempts = 1, held = 1",
        "cancel_asked = 1",
        "state = 'failed'",
        "state = 'dead', ready = 1",
        "held = 1, ready = 1",
        "state = 'other'",
        "attempts = 'many'",
        "tags = '{}'",
        "command = ''",
    ],
)
def test_an_impossible_row_is_impossible(connection, row):
    if not connection.execute("SELECT 1 FROM jobs").fetchall():
        connection.execute(SQLITE["add"], (1, "j1", "q", 0, 0, 0, 0, 3, 0, 0, 0, None, None, None, None, "/", "true"))
    with pytest.raises(apsw.ConstraintError):
        connection.execute(f"UPDATE jobs SET {row}")
