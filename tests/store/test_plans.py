"""What must cost the same at any size is answered by an index, never by a scan of the jobs."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path

import apsw
import pytest

from queuectl.core.job import State
from queuectl.core.selector import Term, parse
from queuectl.errors import StoreUnusable
from queuectl.store import Role, open_pool_store, open_store, place_of, statements
from queuectl.store.filters import Span, compiled
from queuectl.store.listing import Listing
from queuectl.store.migrations import migrate
from queuectl.store.opening import opened
from queuectl.store.orders import ORDERS
from queuectl.store.rows import job_of
from queuectl.store.statements import SQLITE
from tests.big import fill
from tests.store.conftest import job, turn

NOW = 1_900_000_000_000

ONE_END = "begins at one end of an index and stops at its limit"
LITTLE = "what runs is little"
FILES = "files of output are few beside jobs, and each of them has just been looked at"
ALLOWED = {
    "claimable": ("SCAN jobs USING INDEX jobs_ready", ONE_END),
    "ahead": ("SCAN jobs USING COVERING INDEX jobs_ready", ONE_END),
    "any_ready": ("SCAN jobs USING COVERING INDEX jobs_ready", ONE_END),
    "oldest_ready": ("SCAN jobs USING COVERING INDEX jobs_ready", ONE_END),
    "scheduled_first": ("SCAN jobs USING INDEX jobs_scheduled", ONE_END),
    "work_left": (r"SCAN jobs USING (COVERING )?INDEX jobs_(ready|scheduled|running)", ONE_END),
    "newest": ("SCAN jobs", "the table itself, from its end"),
    "work_left_in_queue": ("SCAN jobs USING COVERING INDEX jobs_running", LITTLE),
    "running": ("SCAN jobs USING INDEX jobs_running|USE TEMP B-TREE FOR ORDER BY", LITTLE),
    "claims_whole": ("USE TEMP B-TREE FOR ORDER BY", LITTLE),
    "claims_numbered": ("SCAN jobs USING COVERING INDEX jobs_running", LITTLE),
    "claims_orphaned": ("SCAN jobs USING COVERING INDEX jobs_running", LITTLE),
    "copied_claims_orphan": ("SCAN jobs USING INDEX jobs_running", LITTLE),
    "counts": ("SCAN jobs USING COVERING INDEX jobs_running|USE TEMP B-TREE FOR (GROUP|ORDER) BY", LITTLE),
    "counts_sweep": ("SCAN jobs USING COVERING INDEX jobs_running", LITTLE),
    "outputs_oldest": ("USE TEMP B-TREE FOR ORDER BY", FILES),
}
"""Steps that read a whole index or sort, by the statement that may do it, each with its reason."""

LISTED = (
    "",
    "state:pending state:failed",
    "state:failed",
    "state:dead",
    "state:completed state:cancelled",
    "state:processing",
    "state:pending state:failed queue:q3",
    "state:dead queue:q3",
    "state:completed queue:q3",
    "queue:q3",
    "queue:rare",
    "state:pending queue:rare queue:q3",
    "state:pending state:failed prio<2",
    "state:dead prio:3 prio:4",
    "prio>8",
    "state:pending state:failed age>1s",
    "state:dead age<20h",
    "age<1s",
    "state:pending state:failed id:j4000",
    "id:j1 id:j2 id:j3",
    "state:pending state:failed ffmpeg",
    "err:resolve exit:1 tries>=1 worker:p1 tag:x group:g -cmd:x",
)
SCHEMA = (Path(statements.__file__).parent / "migrations/0001.sql").read_text()
INDEXES = re.findall(r"CREATE (?:UNIQUE )?INDEX (\w+)", SCHEMA)


@pytest.fixture(scope="module")
def path(tmp_path_factory):
    """Jobs in every state, most of them in large queues."""
    path = str(tmp_path_factory.mktemp("plans") / "queue.db")
    fill(path, 4_000, 500, 500)
    store, pool = open_store(path, create=False), open_pool_store(path)
    store.adder.add([job(queue="rare") for _ in range(50)], NOW)
    turn(pool, free=3, now=NOW)
    store.close()
    pool.close()
    return path


@pytest.fixture(scope="module")
def database(path):
    database = opened(place_of(path), Role.PERSON, create=False)
    yield database
    database.close()


def plan(database, sql):
    values: dict[str, object] | tuple[int, ...] = dict.fromkeys(re.findall(r":(\w+)", sql), 1)
    return [step for *_, step in database.query(f"EXPLAIN QUERY PLAN {sql}", values or (1,) * sql.count("?"))]


def named() -> dict[str, str]:
    """Every statement that is not put together for a list."""
    blank = {"{where}": compiled(parse("state:dead"), NOW)[0], "{states}": "'dead', 'failed'"}
    found = {}
    for name, block in SQLITE.items():
        sql = block
        for mark, text in blank.items():
            sql = sql.replace(mark, text)
        if re.match("SELECT|INSERT|UPDATE|DELETE|WITH", sql) and not re.search(r"\{\w+\}", sql):
            found[name] = sql
    return found


def listed(database, text: str, order: str, most: int) -> Iterator[tuple[str, str, Listing]]:
    """Every statement that is put together for a list: its kind, itself, and what put it together."""
    along, where = ORDERS[order], Listing(database, parse(text), NOW, "within_bound")
    yield "page", where.page(along, most), where
    yield "far page", where.far_page(along, most), where
    yield "newer", where.newer(along), where
    yield "counting", where.counting(), where
    yield "counting", where.counting(at_once=True), where
    yield "fitting", where.fitting(SQLITE["fits_hold"]), where


def wasteful(steps: Sequence[str]) -> list[str]:
    """Steps that take longer the more jobs there are."""
    aliases = "jobs|attempts|live|asked|first|j|a"
    return [step for step in steps if re.match(rf"SCAN ({aliases})\b|USE TEMP B-TREE", step)]


def wasteful_in_list(steps: Sequence[str]) -> list[str]:
    """The same but for what runs, which is little: it is read whole, and sorted."""
    found, last = [], ""
    for step in steps:
        last = step if re.match(r"(SCAN|SEARCH) jobs\b", step) else last
        found += [step] if wasteful([step]) and "jobs_running" not in last else []
    return found


@pytest.mark.parametrize("name", named())
def test_a_statement_reads_no_whole_index_of_jobs_and_sorts_none(database, name):
    steps = plan(database, named()[name])
    if not re.search(r"\b(jobs|attempts)\b", named()[name]):
        return
    allowed, _reason = ALLOWED.get(name, ("nothing", ""))
    assert [step for step in wasteful(steps) if not re.fullmatch(allowed, step)] == []


@pytest.mark.parametrize("name", ALLOWED)
def test_every_exception_is_one(database, name):
    assert wasteful(plan(database, named()[name]))


def untold(database, text: str, order: str, most: int) -> list[str]:
    """What is wasteful of the statements for a list, but for sorting few jobs, and counting by looking at all."""
    found = []
    for kind, sql, where in listed(database, text, order, most):
        steps = wasteful_in_list(plan(database, sql))
        few = where.few(ORDERS[order], most) if kind.endswith("page") else ()
        if few and sum(how_many(database, where, source) for source in few) <= 10 * most:
            steps = [step for step in steps if step != "USE TEMP B-TREE FOR ORDER BY"]
        if kind == "fitting" and SQLITE["from_table"] in sql:
            steps = [step for step in steps if step != "SCAN jobs"]
        found += [f"{kind} of {text!r} by {order}: {step}" for step in steps]
    return found


def how_many(database, where: Listing, source: str) -> int:
    values = {**where.parameters, "most": 10**9}
    ((count,),) = database.query(SQLITE["how_many"].replace("{source}", source), values)
    return count


@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize("text", LISTED)
def test_a_list_is_read_along_an_index_or_sorts_few_jobs(database, text, order):
    assert [*untold(database, text, order, 3), *untold(database, text, order, 140)] == []


@pytest.mark.parametrize("index", INDEXES)
def test_every_index_is_needed_and_missed(database, index):
    database.query("BEGIN")
    try:
        database.query(f"DROP INDEX {index}")
        assert missed(database)
    finally:
        database.query("ROLLBACK")


def missed(database) -> bool:
    """Whether any test above would fail."""
    try:
        for name, sql in named().items():
            allowed, _reason = ALLOWED.get(name, ("nothing", ""))
            if any(not re.fullmatch(allowed, step) for step in wasteful(plan(database, sql))):
                return True
        return any(untold(database, text, order, 140) for text in LISTED for order in ORDERS)
    except StoreUnusable:  # a statement names the index
        return True


@pytest.mark.parametrize("name", ["claim", "settle", "settle_later"])
def test_sqlite_keeps_no_journal_of_a_single_claim_or_settlement(database, name):
    """It would if a trigger inserted anything, or if a failure undid no more than the statement."""
    values = dict.fromkeys(re.findall(r":(\w+)", SQLITE[name]), 1)
    steps = database.query(f"EXPLAIN {SQLITE[name]}", values)
    by_triggers = [text.split()[1] for _, operation, *_, text, _, _ in steps if operation == "Trace"]
    undo_the_statement = 2
    halts = {on_failure for _, operation, _, on_failure, *_ in steps if operation in {"Halt", "HaltIfNull"}}
    assert by_triggers
    assert set(by_triggers) == {"UPDATE"}
    assert undo_the_statement not in halts


@pytest.mark.parametrize("table", ["jobs", "attempts"])
def test_no_check_of_a_row_needs_a_table_of_its_own(table):
    (columns,) = re.findall(rf"CREATE TABLE {table} \((.*?)\) STRICT", SCHEMA, re.DOTALL)
    assert "CHECK (" in columns
    assert not re.search(r"\bIN \([^,()]+,[^,()]+,", columns)


def test_a_batch_is_looked_at_again_by_its_numbers_only(database):
    where, _ = compiled(Term("state", ":", "pending"), 0)
    steps = plan(database, SQLITE["still_matching"].replace("{where}", where))
    assert steps[0] == "SEARCH jobs USING INTEGER PRIMARY KEY (rowid=?)"


IN_PANE = "state:pending state:failed "


@pytest.mark.parametrize(
    ("text", "order", "indexes"),
    [
        (IN_PANE + "queue:q3", "priority", {"jobs_ready_by_queue", "jobs_later_by_queue"}),
        (IN_PANE + "queue:q3 ffmpeg", "-priority", {"jobs_ready_by_queue", "jobs_later_by_queue"}),
        ("state:dead queue:q3", "-state-age", {"jobs_dead_by_queue"}),
        ("queue:q3", "-arrival", {"jobs_by_queue"}),
        (IN_PANE + "queue:rare", "state-age", {"jobs_by_queue"}),
        (IN_PANE + "prio<2", "priority", {"jobs_by_state_priority"}),
        ("state:dead age<20h", "-state-age", {"jobs_by_state_since"}),
        (IN_PANE + "age<1s", "priority", {"jobs_by_state_since"}),
        (IN_PANE + "prio>99", "state-age", {"jobs_by_state_priority"}),
        (IN_PANE + "id:j1", "state-age", {"sqlite_autoindex_jobs_1"}),
        ("state:processing", "state-age", {"jobs_running"}),
        ("-state:completed", "arrival", {"jobs_by_state", "jobs_running"}),
    ],
)
def test_what_is_asked_for_decides_on_the_index(database, text, order, indexes):
    steps = plan(database, Listing(database, parse(text), NOW).page(ORDERS[order], 140))
    assert {index for step in steps for index in re.findall(r"INDEX (\w+)", step)} == indexes


def test_a_large_queue_is_not_walked_if_others_than_wanted_may_stand_in_front(database):
    where = Listing(database, parse(IN_PANE + "queue:q3"), NOW)
    assert "jobs_by_state" in plan(database, where.page(ORDERS["arrival"], 3))[-1]


@pytest.mark.parametrize(
    ("text", "order", "bounds"),
    [
        ("prio<2", "priority", "state=? AND priority>? AND priority<?"),
        ("prio:3 prio:4", "-priority", "state=? AND priority>? AND priority<?"),
        ("age<20h", "-state-age", "state=? AND state_since>? AND state_since<?"),
        ("age>20h", "state-age", "state=? AND state_since>? AND state_since<?"),
    ],
)
def test_what_lies_behind_the_last_match_of_an_order_is_not_looked_at(database, text, order, bounds):
    steps = plan(database, Listing(database, parse(f"state:dead {text}"), NOW).page(ORDERS[order], 140))
    assert f"({bounds})" in steps[-1]


@pytest.mark.parametrize(
    ("order", "begin", "end"), [("priority", 5, 3), ("-priority", 3, 5), ("state-age", 3, 5), ("-state-age", 5, 3)]
)
def test_nor_is_what_lies_before_the_first_one(order, begin, end):
    along = ORDERS[order]
    first = along.within(Span(3, 5), along.before_all)
    assert first == {**along.before_all, along.field: begin, "end": end}
    inside = {**along.before_all, along.field: 4}
    assert along.within(Span(3, 5), inside) == {**inside, "end": end}


@pytest.mark.parametrize("order", ORDERS)
def test_what_is_skipped_on_the_way_to_a_far_page_is_read_in_the_index_only(database, order):
    steps = plan(database, Listing(database, parse(IN_PANE), NOW).far_page(ORDERS[order], 140))
    assert [step for step in steps if "COVERING INDEX jobs_by_state" in step]
    assert not [step for step in steps if "TEMP B-TREE" in step or re.search(r"jobs USING INDEX", step)]


def test_only_states_that_can_match_are_looked_at(database):
    sql = Listing(database, parse("state:dead cmd:x"), NOW).page(ORDERS["state-age"], 140)
    assert [state for state in State if f"'{state.value}'" in sql.replace("<> 'processing'", "")] == [State.DEAD]


def test_a_job_is_read_from_the_columns_of_the_schema(database):
    columns = [row[1] for row in database.query("PRAGMA table_info(jobs)")]
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
def test_an_impossible_row_is_impossible(row):
    connection = apsw.Connection(":memory:")
    migrate(connection, 0)
    connection.execute(SQLITE["add"], (1, "j1", "q", 0, 0, 0, 0, 3, 0, 0, 0, None, None, None, None, "/", "true"))
    with pytest.raises(apsw.ConstraintError):
        connection.execute(f"UPDATE jobs SET {row}")
