"""Adds jobs to a library peer: `put.py MODULE JOBS WORKERS`, or one for each line of standard input, a command's
words as JSON, each answered by the time when it was added."""

import importlib
import json
import sys
import time


def main() -> None:
    peer = importlib.import_module(sys.argv[1])
    if sys.argv[2:]:
        jobs, workers = map(int, sys.argv[2:])
        for _ in range(workers):
            peer.put_gate(workers)
        for _ in range(jobs):
            peer.put(["true"])
    else:
        for line in sys.stdin:
            peer.put(json.loads(line))
            added = time.monotonic_ns()
            sys.stdout.write(f"{added}\n")
            sys.stdout.flush()


main()
