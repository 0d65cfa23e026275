"""A bare loop around litequeue: no shell, no output and no result kept, nothing rescued, as it brings no worker."""

import json
import time

import task
from litequeue import LiteQueue

queue = LiteQueue(task.address())
_LOOK_S = 0.01


def put(command):
    queue.put(json.dumps(command))


def put_gate(workers):
    queue.put(json.dumps(workers))


def work():
    while True:
        message = queue.pop()
        if message is None:
            time.sleep(_LOOK_S)
            continue
        asked = json.loads(message.data)
        task.gate(asked) if isinstance(asked, int) else task.run(asked)
        queue.done(message.message_id)
