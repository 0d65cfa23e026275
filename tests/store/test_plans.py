"""What must cost the same at any size is answered by an index, never by a scan of the jobs."""

from __future__ import annotations

import re
from pathlib import Path

import apsw
import pytest

from queuectl.core.job import State
from queuectl.core.records import Counts
from queuectl.core.selector import EVERYTHING, All, Either, Term
from queuectl.store import statements
from queuectl.store.filters import compiled
from queuectl.store.migrations import migrate
from queuectl.store.orders import ORDERS, listing
from queuectl.store.rows import job_of
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
    "highest_waiting_priority",
    "run_times",
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


def in_state(*states):
    return Either(tuple(Term("state", ":", state) for state in states))


PENDING, DEAD = in_state("pending", "failed"), in_state("dead")
MANY, FEW = Counts({"q": {State.PENDING: 1_000_000}}), Counts({"q": {State.PENDING: 10, State.COMPLETED: 4_000}})
IN_QUEUE = Term("queue", ":", "q")


@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize("where", [EVERYTHING, PENDING, DEAD, All((PENDING, Term("cmd", ":", "x"), IN_QUEUE))], ids=str)
def test_a_page_is_read_along_an_index_and_never_sorted(connection, where, order):
    steps = plan(connection, listing(where, lambda: MANY, 0).page(ORDERS[order]))
    assert scans(steps) == []
    assert not [step for step in steps if "TEMP B-TREE" in step]
    assert "jobs_by_queue" not in " ".join(steps)


@pytest.mark.parametrize("order", ORDERS)
def test_what_is_skipped_on_the_way_to_a_far_page_is_read_in_the_index_only(connection, order):
    steps = plan(connection, listing(PENDING, lambda: MANY, 0).far_page(ORDERS[order]))
    assert [step for step in steps if "COVERING INDEX jobs_by_state" in step]
    assert not [step for step in steps if "TEMP B-TREE" in step or re.search(r"jobs USING INDEX", step)]
    assert scans(steps) == []


@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize(
    ("term", "index"),
    [
        (Term("id", ":", "j1"), "sqlite_autoindex_jobs_1"),
        (Either((Term("id", ":", "j1"), Term("id", ":", "j2"))), "sqlite_autoindex_jobs_1"),
        (IN_QUEUE, "jobs_by_queue"),
        (Either((IN_QUEUE, Term("queue", ":", "none"))), "jobs_by_queue"),
    ],
    ids=str,
)
def test_an_id_or_a_small_queue_is_found_at_once_whatever_the_order(connection, term, index, order):
    for where in (All((PENDING, term)), All((PENDING, All((term, Term("cmd", ":", "x")))))):
        searches = [
            step for step in plan(connection, listing(where, lambda: FEW, 0).page(ORDERS[order])) if "jobs" in step
        ]
        assert searches
        assert all(f"SEARCH jobs USING INDEX {index} (" in step for step in searches)


@pytest.mark.parametrize("where", [PENDING, DEAD, EVERYTHING, All((PENDING, IN_QUEUE))], ids=str)
def test_counting_and_what_is_new_are_read_along_an_index_of_states(connection, where):
    (step,) = plan(connection, listing(where, lambda: MANY, 0).count_between())
    assert re.search(r"INDEX jobs_by_state \(state=\? AND rowid>\? AND rowid<\?\)", step)
    for order in ORDERS.values():
        steps = [step for step in plan(connection, listing(where, lambda: MANY, 0).newer(order)) if "jobs" in step]
        assert all("jobs_by_state_since (state=? AND state_since>?" in step for step in steps)


def test_only_states_that_can_match_are_looked_at():
    sql = listing(All((DEAD, Term("cmd", ":", "x"))), lambda: MANY, 0).page(ORDERS["state-age"])
    assert [state for state in State if f"'{state.value}'" in sql] == [State.DEAD]


def test_a_job_is_read_from_the_columns_of_the_schema(connection):
    columns = [row[1] for row in connection.execute("PRAGMA table_info(jobs)")]
    given = {column: f"what is in {column}" for column in columns}
    given |= {"state": "dead", "held": 1, "timeout_ms": 1500, "tags": '["a"]', "env": '{"A": "b"}'}
    read = job_of(tuple(given.values()))._asdict()
    special = {"number": given["n"], "held": True, "timeout_s": 1.5, "tags": ("a",), "env": {"A": "b"}}
    assert read == {name: special.get(name, given.get(name)) for name in read}


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
