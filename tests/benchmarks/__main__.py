"""The budgets of speed, measured: `python -m tests.benchmarks [ROW…]`.

Each row stands beside its limit or its peers in the same run, in turns. The table goes to standard
output. Without numbers all rows are measured, which takes long, and gigabytes of the temporary folder
(TMPDIR); with `--plot` alone only how figures grow. `--short` takes minutes and says little about a million jobs.
"""

# ruff: noqa: T201 - a program that prints

from __future__ import annotations

import argparse
import signal
import tempfile
import time
import traceback
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.benchmarks import app, claims, command_line, drains, growth, looks, plot, pools, report, starts
from tests.benchmarks.rows import Row
from tests.benchmarks.run import SHORT_JOBS, Run, say

Measure = Callable[[Run], Iterable[Row]]
ROWS: dict[int, tuple[str, tuple[Measure, ...]]] = {
    1: ("a command's whole process", (command_line.row_1,)),
    2: ("a million jobs from a file", (command_line.row_2,)),
    3: ("drain of short jobs, beside xargs", (drains.row_3,)),
    4: ("the same and the start of a job, beside other queues", (drains.row_4,)),
    5: ("from the commit of a job to its first instruction", (starts.row_5,)),
    6: ("jobs of 50 ms", (drains.row_6,)),
    7: ("what an idle pool and an idle app cost", (pools.row_7, app.row_7)),
    8: ("memory of a pool", (pools.row_8,)),
    9: ("claims with a million jobs", (claims.row_9,)),
    10: ("looks and filters with a million jobs", (looks.row_10, app.row_10)),
    11: ("first paint of the app", (app.row_11,)),
    12: ("key to paint in the app", (app.row_12,)),
    13: ("the app open while jobs complete", (app.row_13,)),
    14: ("many pools and enqueuers on one store", (pools.row_14,)),
    15: ("a job running again after its worker was killed", (starts.row_15,)),
}


def main() -> None:
    chosen = _arguments()
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # what was started for a row ends with it
    rows: list[Row] = []
    try:
        _measure(chosen, rows)
    except KeyboardInterrupt:
        say("interrupted; what was measured:")
    if rows:
        print(f"{report.table(rows)}\n\n{report.summary(rows)}\n")


def _measure(chosen: argparse.Namespace, rows: list[Row]) -> None:
    with _run(chosen) as run:
        facts = report.machine(run.folder)
        say(report.machine_line(facts))
        for number in chosen.rows or ([] if chosen.plot else list(ROWS)):
            for row in _measured(number, run):
                rows.append(row)
                if chosen.json:
                    report.write_json(chosen.json, run, facts, rows, None)
        if chosen.plot:
            say("growth")
            grown = growth.measured(run)
            chosen.plot.write_text(plot.drawn(grown, report.machine_line(facts)))
            print(f"{growth.table(grown)}\n")
            if chosen.json:
                report.write_json(chosen.json, run, facts, rows, grown)
        print(f"{report.machine_line(facts)}\n")


def _measured(number: int, run: Run) -> Iterator[Row]:
    """What goes wrong in one row is a line of the table, and the others are measured all the same."""
    say(f"row {number}")
    began = time.monotonic()
    for measure in ROWS[number][1]:
        try:
            for row in measure(run):
                say(f"  {'  '.join(row.cells()[1:])}")
                yield row
        except Exception as error:  # noqa: BLE001 - told in full, and in the table
            say(traceback.format_exc())
            yield Row(number, "the rest of it", left_out=f"failed: {error!r}"[:80])
    say(f"  took {time.monotonic() - began:.0f} s")


@contextmanager
def _run(chosen: argparse.Namespace) -> Iterator[Run]:
    with tempfile.TemporaryDirectory(prefix="queuectl-benchmarks-") as folder:
        stores = chosen.stores or Path(folder) / "stores"
        stores.mkdir(parents=True, exist_ok=True)
        jobs = chosen.jobs or (SHORT_JOBS if chosen.short else 1_000_000)
        rounds = chosen.rounds or (3 if chosen.short else 5)
        yield Run(Path(folder), stores, jobs, rounds, chosen.short)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m tests.benchmarks",
        description=__doc__,
        epilog="rows:\n" + "\n".join(f"{number:>4}  {what}" for number, (what, _) in ROWS.items()),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("rows", nargs="*", type=int, choices=[*ROWS, []], metavar="ROW", help="which ones (all)")
    parser.add_argument("--short", action="store_true", help="small sizes, fewer turns")
    parser.add_argument("--jobs", type=_at_least(1_000), metavar="N", help="take N for a million (1,000 or more)")
    parser.add_argument("--rounds", type=_at_least(1), metavar="N", help="turns of each side (5)")
    parser.add_argument("--json", type=_writable, metavar="FILE", help="write all figures")
    parser.add_argument("--plot", type=_writable, metavar="FILE", help="measure how figures grow, and draw them (SVG)")
    parser.add_argument("--stores", type=Path, metavar="FOLDER", help="keep large stores here for the next run")
    return parser.parse_args()


def _at_least(least: int) -> Callable[[str], int]:
    def number(text: str) -> int:
        if not text.isdecimal() or int(text) < least:
            raise argparse.ArgumentTypeError(f"{text!r} is not a number of {least:,} or more")
        return int(text)

    return number


def _writable(text: str) -> Path:
    """To hear of it now, not after an hour."""
    path = Path(text)
    try:
        path.open("a").close()
    except OSError as error:
        raise argparse.ArgumentTypeError(f"cannot write {text!r}: {error.strerror}") from error
    return path


if __name__ == "__main__":
    main()
