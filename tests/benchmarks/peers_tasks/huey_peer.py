"""huey on SQLite: results are kept, all else is its default."""

import task
from huey import SqliteHuey

huey = SqliteHuey(filename=task.address())


@huey.task()
def run(command):
    return task.run(command)


@huey.task()
def gate(workers):
    return task.gate(workers)


put, put_gate = run, gate
