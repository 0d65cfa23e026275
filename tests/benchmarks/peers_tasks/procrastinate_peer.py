"""procrastinate on Postgres: its defaults; tasks that block run in threads of its worker."""

import functools

import task
from procrastinate import App, PsycopgConnector

app = App(connector=PsycopgConnector(conninfo=task.address()))


@app.task(name="run")
def run(command):
    return task.run(command)


@app.task(name="gate")
def gate(workers):
    return task.gate(workers)


@functools.cache
def _open():
    """Once, as in a program that adds many: the worker opens it in its own way."""
    app.open()


def put(command):
    _open()
    run.defer(command=command)


def put_gate(workers):
    _open()
    gate.defer(workers=workers)
