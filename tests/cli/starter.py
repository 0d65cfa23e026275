"""Runs command lines that come over a socket, each in a process of its own, forked from one that has its libraries.

A fresh interpreter for each takes a tenth of a second more, which hundreds of tests would add up.
"""

from __future__ import annotations

import gc
import json
import os
import socket
import sys

import apsw  # noqa: F401 - the point is to have it
import click  # noqa: F401 - likewise

from queuectl.cli import main

_LONGEST_REQUEST = 1 << 20


def serve(requests: socket.socket) -> None:
    """Answer each request (arguments, environment, folder, and the three standard files) with an exit code."""
    while True:
        data, files, _, _ = socket.recv_fds(requests, _LONGEST_REQUEST, 3)
        if not data:
            return
        child = os.fork()
        if child == 0:
            requests.close()
            become(json.loads(data), files)
        for file in files:
            os.close(file)
        _, status = os.waitpid(child, 0)
        requests.send(str(os.waitstatus_to_exitcode(status)).encode())


def become(asked: dict[str, object], files: list[int]) -> None:
    """Be the program, as if it had been started just now."""
    for number, file in enumerate(files):
        os.dup2(file, number)
        os.close(file)
    os.environ.clear()
    os.environ.update(asked["env"])
    os.chdir(asked["folder"])
    main(asked["args"])


if __name__ == "__main__":
    gc.freeze()  # what is shared stays shared: a child copies each page that it touches
    serve(socket.socket(fileno=int(sys.argv[1])))
