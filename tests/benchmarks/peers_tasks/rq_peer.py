"""RQ on Redis: results are kept for the time that is its default."""

import task
from redis import Redis
from rq import Queue

queue = Queue(connection=Redis(unix_socket_path=task.address()))


def put(command):
    queue.enqueue(task.run, command)


def put_gate(workers):
    queue.enqueue(task.gate, workers)
