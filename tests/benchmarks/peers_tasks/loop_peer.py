"""The smallest loop over SQLite that could be called a queue for the shell: it claims, runs, and stores the code."""

import json
import shlex
import time

import apsw
import task

_LOOK_S = 0.005
_CLAIM = """
UPDATE jobs SET state = 1 WHERE n = (SELECT n FROM jobs WHERE state = 0 ORDER BY n LIMIT 1) RETURNING n, command
"""

store = apsw.Connection(task.address())
store.set_busy_timeout(30_000)
store.pragma("journal_mode", "wal")
store.pragma("synchronous", "normal")
store.execute("CREATE TABLE IF NOT EXISTS jobs (n INTEGER PRIMARY KEY, state INTEGER, command TEXT, code INTEGER)")
store.execute("CREATE INDEX IF NOT EXISTS waiting ON jobs (n) WHERE state = 0")


def put(command):
    _put(["sh", "-c", shlex.join(command)])


def put_gate(workers):
    _put(workers)


def _put(asked):
    store.execute("INSERT INTO jobs (state, command) VALUES (0, ?)", (json.dumps(asked),))


def work():
    while True:
        # Read to its end: a statement that is not would keep its transaction open while the command runs.
        claimed = store.execute(_CLAIM).fetchall()
        if not claimed:
            time.sleep(_LOOK_S)
        for number, command in claimed:
            asked = json.loads(command)
            code = task.gate(asked) if isinstance(asked, int) else task.run(asked)
            store.execute("UPDATE jobs SET state = 2, code = ? WHERE n = ?", (code, number))
