"""A worker process for the tests: `stage.py STORE SOCKET LIFE`, the latter two being inherited descriptors."""

import socket
import sys

from queuectl.core.place import Place
from queuectl.worker.channel import Channel
from queuectl.worker.poolfile import PoolFile
from queuectl.worker.worker import run_worker

SLOT = 1


def main(store: str, end: str, life: str) -> None:
    place = Place(store)
    file = PoolFile.create(place)
    channel = Channel(socket.socket(fileno=int(end)))
    run_worker(place, channel, int(life), lambda number, fence: file.mark_begun(SLOT, number, fence))


if __name__ == "__main__":
    main(*sys.argv[1:])
