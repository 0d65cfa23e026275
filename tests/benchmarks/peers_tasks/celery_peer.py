"""Celery on Redis: results are kept, all else is its default."""

import task
from celery import Celery

_ADDRESS = f"redis+socket://{task.address()}"
app = Celery("celery_peer", broker=_ADDRESS, backend=_ADDRESS)


@app.task
def run(command):
    return task.run(command)


@app.task
def gate(workers):
    return task.gate(workers)


put, put_gate = run.delay, gate.delay
