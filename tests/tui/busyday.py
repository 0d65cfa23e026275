"""Two hours of a queue that encodes films: what arrives when, and how each command ends.

A pool of four works through it event by event, so that waits, run times, depths and counts belong
together. Nothing is drawn by lot: the same day comes out each time.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Iterator
from functools import cache
from itertools import groupby
from typing import NamedTuple

from queuectl.core.attempt import Result
from queuectl.core.job import Job, NewJob
from queuectl.core.turn import Settlement
from tests.tui.scene import HOUR, MEDIA, MINUTE, NOW, POOL_STARTED, SECOND, Scene, killed, result, settlement

WORKERS = 4
BACKOFF_BASE = 8
BEAT = 20 * SECOND
RESOLVE = "curl: (6) Could not resolve host: example.org"


class Arrival(NamedTuple):
    """A job that is added `at` (milliseconds UTC)."""

    at: int
    command: str
    fields: dict[str, object]


class End(NamedTuple):
    """How attempts of a command end: the first words of the command tell which. `took_ms` is near the truth."""

    begins: str
    took_ms: int
    code: int = 0
    error: str = ""


ENDS = (
    End("ffmpeg -i in/1004.mov", 14 * SECOND, 1, "[mov @ 0x55d0c8] moov atom not found"),
    End("curl -fsS https://example.org", 310, 6, RESOLVE),
    End("./report.sh --month 2026-06", 1_200, 1, "KeyError: 'month'"),
    End("./report.sh --months", 340, 2, "usage: report.sh --month YYYY-MM"),
    End("ffprobe", 40, 127, "sh: 1: ffprobe: not found"),
    End("python train.py --seed 7", 9_400, 1, "OSError: [Errno 28] No space left on device"),
    End("ffmpeg -c copy", 900, 1, "[mov @ 0x55d0c8] moov atom not found"),
    End("./thumbs.sh", 4_200),
    End("curl -fsS https://cdn.example.net", 640),
    End("ffmpeg", 19_000),
)
RUNNING = (
    "ffmpeg -i in/1004.mov",
    "./report.sh --month 2026-10",
    "curl -fsS https://example.org/dump",
    "python train.py --seed 8",
)
"""What runs at the end; of the first it is the third attempt."""


def busy_day(location: str) -> Scene:
    """The scene of the drawings: encodes that wait and run, feeds that could not be fetched, reports that failed."""
    scene = Scene(location, WORKERS)
    scene.configure("backoff-base", str(BACKOFF_BASE), NOW - 3 * HOUR)
    scene.configure("timeout", "300s", NOW - 3 * HOUR)
    Crew(scene).work(_arrivals())
    return scene


# What arrives


def _arrivals() -> Iterator[Arrival]:
    yield from _encodes()
    for n in range(38):
        yield Arrival(
            NOW - 100 * MINUTE + n * 125 * SECOND, "curl -fsS https://example.org/feed -o feed.xml", _tag("feed")
        )
    odd = ("./report.sh --month 2026-06", "./report.sh --months 06", "ffprobe in/0399.mov", "python train.py --seed 7")
    for n, command in enumerate(odd * 2):
        yield Arrival(NOW - 55 * MINUTE + n * 6 * MINUTE, command, {})
    yield Arrival(NOW - 38 * MINUTE, "./encode.sh in/0391.mov", {"timeout_s": 300.0})
    yield Arrival(NOW - 3 * HOUR, "./nightly.sh", {"run_at": NOW + 9 * HOUR, "queue": "night"})
    yield from _present()


def _encodes() -> Iterator[Arrival]:
    """Films come in waves of some minutes; each brings pictures and subtitles with it now and then."""
    film = 1
    for minute in range(130):
        at = POOL_STARTED + minute * MINUTE
        for n in range((9, 12, 15, 11, 6, 4, 7, 13, 10, 8)[minute // 3 % 10] + (8 if minute >= 120 else 0)):
            moment, name = at + n // 4 * 17 * SECOND, f"{film:04d}"
            if n % 6 == 4:
                yield Arrival(moment, f"./thumbs.sh in/{name}.mov", _tag("encode"))
            elif n % 6 == 5:
                yield Arrival(moment, f"curl -fsS https://cdn.example.net/{name}.srt -o {name}.srt", _tag("feed"))
            else:
                yield Arrival(moment, f"ffmpeg -i in/{name}.mov -vf scale=1280:-2 out/{name}.mp4", _tag("encode"))
                film += 1


def _present() -> Iterator[Arrival]:
    """What runs and waits when the scene is looked at."""
    first, report, dump, train = RUNNING
    yield Arrival(NOW - 290 * SECOND, f"{dump} -o dump.xml", {"priority": 9})
    yield Arrival(NOW - 155 * SECOND, f"{first} -vf scale=1280:-2 out/1004.mp4", {"priority": 9, "max_retries": 5})
    for n in range(3):
        command = f"ffmpeg -c copy -i in/{994 + 3 * n:04d}.mov out/{994 + 3 * n:04d}.mkv"
        yield Arrival(NOW - (70 - 9 * n) * SECOND, command, {"priority": 5, "max_retries": 4})
    yield Arrival(NOW - 26 * SECOND, report, {"priority": 9})
    yield Arrival(NOW - 30 * SECOND, train, {"priority": 9})
    yield Arrival(NOW - 17 * SECOND, "./thumbs.sh --all", {"priority": 5, "held": True})
    for n in range(5):
        priority = 9 if n > 2 else 5
        command = f"ffmpeg -i in/{1005 + n:04d}.mov -vf scale=1280:-2 out/{1005 + n:04d}.mp4"
        yield Arrival(NOW - (16 - 2 * n) * SECOND, command, {"priority": priority, **_tag("encode")})


def _tag(word: str) -> dict[str, object]:
    return {"tags": (word,)}


# How it is worked off


class Crew:
    """Workers that run what comes, event by event, until NOW."""

    def __init__(self, scene: Scene) -> None:
        self._scene = scene
        self._free = list(range(1, WORKERS + 1))
        """Workers without a job, who has waited longest first."""
        self._ends: list[tuple[int, int, Settlement]] = []
        """When which worker's attempt ends, the next one first."""
        self._due = NOW + 1
        """When a retry is due that nobody has taken."""
        self._beat = POOL_STARTED

    def work(self, arrivals: Iterable[Arrival]) -> None:
        arrivals = sorted(arrivals, key=lambda arrival: arrival.at)
        for at, together in groupby(arrivals, key=lambda arrival: arrival.at):
            self._until(at)
            self._scene.add_all([NewJob(one.command, MEDIA, **one.fields) for one in together], at)  # type: ignore[arg-type]
            self._turn(max(at, POOL_STARTED))
        self._until(NOW)

    def _until(self, at: int) -> None:
        """All that happens before that time."""
        while (moment := min(self._beat, self._due, *(end[0] for end in self._ends[:1]))) < at:
            self._turn(moment)
            if moment == self._beat:
                self._scene.beat(moment)
                self._beat += BEAT

    def _turn(self, at: int) -> None:
        ended = []
        while self._ends and self._ends[0][0] <= at:
            _, worker, settled = heapq.heappop(self._ends)
            self._free.append(worker)
            ended.append(settled)
        turned = self._scene.turn(at, tuple(ended), tuple(self._free))
        self._due = max(turned.next_due or NOW, at + 1) if self._free else NOW + 1
        for job in turned.claimed:
            self._begin(job, at)

    def _begin(self, job: Job, at: int) -> None:
        worker = int((job.worker or "").rpartition("w")[2])
        self._free.remove(worker)
        attempt = _attempt(job, at)
        if attempt is None:
            self._scene.prints(job, printed(job.command).encode())
        else:
            settled = settlement(job, attempt, float(BACKOFF_BASE ** (job.attempts + 1)))
            heapq.heappush(self._ends, (attempt.finished_at, worker, settled))


def _attempt(job: Job, at: int) -> Result | None:
    """What the attempt that begins now comes to; None if it still runs at the end."""
    if (
        job.command.startswith(RUNNING)
        and at > NOW - 5 * MINUTE
        and job.attempts == (2 if "1004" in job.command else 0)
    ):
        return None
    if job.command.startswith("./encode.sh"):
        return killed(at, 300 * SECOND, encoder_lines())
    end = next(end for end in ENDS if job.command.startswith(end.begins))
    took_ms = end.took_ms * (50 + job.number * 37 % 101) // 100
    if end.code:
        said = f"exit {end.code} · {end.error}"
        return result(at, took_ms, end.code, said, f"trying …\n\x1b[31m{end.error}\x1b[0m\n")
    return result(at, took_ms, output=printed(job.command))


# What commands print


def printed(command: str) -> str:
    """What such a command has printed after a while."""
    if command.startswith("ffmpeg"):
        return encoder_lines()
    return f"{command.split()[0]} at work\n" + "".join(f"  step {n} of 40 done\n" for n in range(1, 12))


@cache
def encoder_lines() -> str:
    """An encoder's output in colours: what it reads, its progress, a warning now and then."""
    head = (
        "ffmpeg version 7.1 Copyright (c) 2000-2026 the FFmpeg developers",
        "Input #0, mov,mp4,m4a,3gp, from \x1b[1min/1004.mov\x1b[0m:",
        "  Duration: 00:06:52.04, start: 0.000000, bitrate: 18220 kb/s",
        "  Stream #0:0: Video: \x1b[36mprores\x1b[0m (HQ), yuv422p10le, 3840x2160, 25 fps",
        "  Stream #0:1: Audio: \x1b[36mpcm_s24le\x1b[0m, 48000 Hz, stereo",
        "Output #0, mp4, to \x1b[1mout/1004.mp4\x1b[0m:",
        "  Stream #0:0: Video: \x1b[32mh264\x1b[0m, yuv420p, 1280x720, q=2-31, 25 fps",
    )
    return "".join(f"{line}\n" for line in (*head, *map(_frame, range(1, 240))))


def _frame(n: int) -> str:
    if n % 23 == 7:
        return f"\x1b[33m[mov @ 0x55d0c8] non monotonous DTS {n * 512}, trying to go on\x1b[0m"
    time = f"00:{n // 60:02d}:{n % 60:02d}.12"
    return (
        f"frame=\x1b[1m{n * 25:5d}\x1b[0m fps= 25 q=28.0 size={n * 293:8d}kB time={time} bitrate=2501.{n % 10}kbits/s"
    )
