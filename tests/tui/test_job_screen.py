"""The job screen over real stores: it shows a job as it is, follows it, and closes what it opened."""

from __future__ import annotations

import random
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, closing
from pathlib import Path
from typing import ClassVar

import pytest
from textual.app import App
from textual.pilot import Pilot
from textual.screen import Screen

from queuectl.core.attempt import Result
from queuectl.core.job import Job, State
from queuectl.core.lifecycle import Delete, Retry, Succeed
from queuectl.core.turn import Settlement, Turn
from queuectl.errors import StoreBusy
from queuectl.queue import Queue
from queuectl.store import open_pool_store, place_of
from queuectl.tui.desk import Target
from queuectl.tui.output.news import JobNews, OutputWant
from queuectl.tui.output.reading import OutputReading
from queuectl.tui.output.transcript import Transcript
from queuectl.tui.screens.job import JobScreen
from queuectl.wiring import connect
from queuectl.worker.outputfile import OutputFiles, OutputWriter
from tests.patience import until
from tests.tui.lone import STYLES, holds, shown
from tests.tui.scene import HOST, MINUTE, NOW, SECOND, Scene, failures, result
from tests.tui.screen import piloted, screen_lines, screen_text, sizes

HOSTILE = "\x1b]0;pwn\x07\x1b[2J\u202e[/] [@click=app.quit]x[/]"


class Around(App[None]):
    """What the job screen needs of the app around it."""

    CSS_PATH: ClassVar = str(STYLES)

    def __init__(self, open_viewer: Callable[[], Queue], id: str, read_only: bool = False) -> None:
        super().__init__()
        self.read_only = read_only
        self.deeds: list[tuple[str, Target]] = []
        self._opened = JobScreen(open_viewer, id)

    def on_mount(self) -> None:
        self.push_screen(self._opened)

    def run_deed(self, name: str, target: Target) -> None:
        self.deeds.append((name, target))


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Scene]:
    scene = Scene(str(tmp_path / "queue.db"))
    yield scene
    scene.close()


def viewer(scene: Scene) -> Callable[[], Queue]:
    return lambda: connect(scene.location, viewer=True, clock=lambda: scene.now)


def door(scene: Scene) -> closing[Queue]:
    """A person's way in, beside the screen."""
    return closing(connect(scene.location, clock=lambda: scene.now))


def reading() -> bool:
    """Whether a screen's reading thread lives."""
    return any(thread.name == "job feed" for thread in threading.enumerate())


def ends(scene: Scene, job: Job, ended: Result) -> None:
    """A job that runs completes."""
    with closing(open_pool_store(scene.location)) as pool:
        settled = Settlement(job.number, job.fence, Succeed(), ended)
        pool.turn(Turn("p1", HOST, (), (settled,), ()), ended.finished_at)


@asynccontextmanager
async def opened(
    scene: Scene, id: str = "j1", size: tuple[int, int] = (100, 24), read_only: bool = False
) -> AsyncIterator[Pilot[None]]:
    app = Around(viewer(scene), id, read_only)
    async with app.run_test(size=size) as pilot:
        yield pilot


def dead(scene: Scene, output: bool = True) -> None:
    """j1: three attempts of a command, each with an output that says which it is."""
    scene.add("./encode.sh in/0391.mov", NOW - 20 * MINUTE, max_retries=3)
    for n, failed in enumerate(failures(NOW - 19 * MINUTE, 30 * SECOND, "moov atom not found"), 1):
        text = "".join(f"attempt {n} frame {k}\n" for k in range(1, 201)).encode() if output else b""
        scene.run(failed.started_at, failed._replace(output=text, output_bytes=len(text)), n, 2.0**n)


def running(scene: Scene, output: bytes = b"") -> tuple[Job, OutputWriter]:
    scene.add("./slow.sh", NOW - MINUTE)
    job = scene.run(NOW - 30 * SECOND, None)
    writer = OutputWriter(place_of(scene.location), job.number, job.fence, 10 * 2**20)
    writer.write(output)
    return job, writer


@piloted
async def test_a_dead_job_is_shown_with_its_attempts_and_the_end_of_its_last_output(scene):
    dead(scene)
    async with opened(scene) as pilot:
        await shown(pilot, "attempt 3 frame 200")
        text = screen_text(pilot.app)
        assert "Job j1" in text
        assert "✗ dead · 3/3 tries · took 1m 30s in all" in text
        assert "$ ./encode.sh in/0391.mov" in text
        assert "▸#3" in text
        assert "→ moved to DLQ" in text
        assert "Output #3" in text
        assert "200 lines · FOLLOW on" in text


@piloted
async def test_brackets_choose_the_attempt_whose_output_is_shown(scene):
    dead(scene)
    async with opened(scene) as pilot:
        await shown(pilot, "attempt 3 frame 200")
        await pilot.press("left_square_bracket")
        await shown(pilot, "attempt 2 frame 200")
        assert "▸#2" in screen_text(pilot.app)
        await pilot.press("left_square_bracket", "left_square_bracket")
        await shown(pilot, "attempt 1 frame 200")
        await pilot.press("right_square_bracket")
        await shown(pilot, "attempt 2 frame 200")


@piloted
async def test_tab_goes_from_output_to_attempts_to_every_field_and_round(scene):
    dead(scene)
    async with opened(scene) as pilot:
        await shown(pilot, "attempt 3 frame 200")
        await pilot.press("tab")
        await shown(pilot, "exit 1 · moov atom not found")
        await pilot.press("tab")
        await shown(pilot, "directory      /srv/media")
        await pilot.press("tab")
        await shown(pilot, "attempt 3 frame 200")
        await pilot.press("shift+tab")
        await shown(pilot, "directory      /srv/media")


@piloted
async def test_search_goes_to_matches_as_it_is_typed_and_esc_ends_it(scene):
    dead(scene)
    async with opened(scene) as pilot:
        await shown(pilot, "attempt 3 frame 200")
        await pilot.press("g", "slash", *"frame", "space", "7")
        await shown(pilot, "← match 1 of 11")
        await pilot.press("enter", "n")
        await shown(pilot, "← match 2 of 11")
        assert "attempt 3 frame 70 " in screen_text(pilot.app)
        await pilot.press("N", "N")
        await shown(pilot, "← match 11 of 11")
        await pilot.press("escape")
        await holds(pilot, lambda: "match" not in screen_text(pilot.app), "the search to end")
        assert isinstance(pilot.app.screen, JobScreen)


@piloted
async def test_a_search_is_said_and_gone_on_with_only_beside_the_output(scene):
    dead(scene)
    async with opened(scene, size=(140, 24)) as pilot:
        await shown(pilot, "attempt 3 frame 200")
        await pilot.press("slash", *"nowhere", "enter")
        await shown(pilot, "0 matches")
        assert "n Next" in screen_text(pilot.app)
        await pilot.press("tab")
        await shown(pilot, "exit 1 · moov atom not found")
        assert "0 matches" not in screen_text(pilot.app)
        assert "n Next" not in screen_text(pilot.app)
        await pilot.press("shift+tab")
        await shown(pilot, "0 matches")


@piloted
async def test_an_attempt_that_was_read_is_not_read_again(scene):
    dead(scene)
    async with opened(scene) as pilot:
        await shown(pilot, "attempt 3 frame 200")
        reads: list[int] = []
        read = Transcript.scan
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(Transcript, "scan", lambda transcript: reads.append(transcript.end) or read(transcript))
            await pilot.press("left_square_bracket")
            await shown(pilot, "attempt 2 frame 200")
            await pilot.press("right_square_bracket")
            await shown(pilot, "attempt 3 frame 200")
        assert reads.count(0) == 1


@piloted
async def test_keys_move_follow_and_wrap(scene):
    dead(scene)
    async with opened(scene) as pilot:
        await shown(pilot, "attempt 3 frame 200")
        await pilot.press("k")
        await shown(pilot, "FOLLOW off")
        await pilot.press("g")
        await shown(pilot, "    1 │ attempt 3 frame 1 ")
        await pilot.press("f")
        await shown(pilot, "attempt 3 frame 200")
        await pilot.press("w")
        assert pilot.app.screen.log_view.wrap


@piloted
async def test_what_a_command_prints_is_shown_while_it_runs(scene):
    _, writer = running(scene, b"one\n")
    async with opened(scene) as pilot:
        await shown(pilot, "1 │ one")
        assert "running" in screen_text(pilot.app)
        writer.write(b"two\n")
        await shown(pilot, "2 │ two")
        writer.write(b"".join(b"%d\n" % n for n in range(200_000)))
        await shown(pilot, "199999")
        await shown(pilot, "200,002 lines · FOLLOW on")
    writer.close()


def test_all_that_a_slow_command_has_printed_is_read_at_each_look(scene):
    job, writer = running(scene)
    with closing(viewer(scene)()) as queue:
        reading = OutputReading(queue)
        for n in range(1, 5):
            writer.write(b"line\n")
            reading.open(JobNews(job, (), "", NOW), 0)
            reading.step(OutputWant())
            told = reading.news(OutputWant())
            assert (told.lines, told.indexed) == (n, 1.0)
    writer.close()


@piloted
async def test_a_running_job_that_ends_keeps_its_output_where_it_is(scene):
    job, writer = running(scene, b"".join(b"line %d\n" % n for n in range(1, 2001)))
    async with opened(scene) as pilot:
        await shown(pilot, "2,000 lines")
        await pilot.press("g")
        await shown(pilot, "    1 │ line 1 ")
        writer.close()
        ended = result(NOW - 30 * SECOND, 20 * SECOND)._replace(output_file=writer.name, output_bytes=18_893)
        ends(scene, job, ended)
        await shown(pilot, "✓ completed")
        assert "    1 │ line 1 " in screen_text(pilot.app)
        assert "FOLLOW off" in screen_text(pilot.app)


@piloted
async def test_a_short_output_is_still_there_when_the_store_has_taken_it(scene):
    job, writer = running(scene, b"the only line\n")
    async with opened(scene) as pilot:
        await shown(pilot, "1 │ the only line")
        ends(scene, job, result(NOW - 30 * SECOND, 20 * SECOND, output="the only line\n"))
        OutputFiles(place_of(scene.location)).remove([writer.name])
        await shown(pilot, "✓ completed")
        await shown(pilot, "1 │ the only line")
    writer.close()


@piloted
async def test_the_pager_is_given_every_byte_of_the_attempt_that_is_shown(scene):
    dead(scene)
    async with opened(scene) as pilot:
        await shown(pilot, "attempt 3 frame 200")
        await pilot.press("left_square_bracket")
        await shown(pilot, "attempt 2 frame 200")
        given = b"".join(pilot.app.screen.everything()).decode().splitlines()
        assert given == [f"attempt 2 frame {k}" for k in range(1, 201)]


@piloted
async def test_nothing_is_read_while_another_screen_is_on_top(scene):
    _, writer = running(scene, b"one\n")
    async with opened(scene) as pilot:
        await shown(pilot, "1 │ one")
        job_screen = pilot.app.screen
        await pilot.app.push_screen(Screen())
        await pilot.pause(0.5)
        writer.write(b"two\n")
        await pilot.pause(0.5)
        assert job_screen.log_view.news.lines == 1
        pilot.app.pop_screen()
        await shown(pilot, "2 │ two")
    writer.close()


@piloted
async def test_a_retry_is_followed_into_its_new_attempt(scene):
    dead(scene)
    async with opened(scene) as pilot:
        await shown(pilot, "attempt 3 frame 200")
        with door(scene) as queue:
            queue.jobs.change(["j1"], Retry())
        await shown(pilot, "○ pending")
        job = scene.run(NOW, None)
        scene.prints(job, b"the fourth\n")
        await shown(pilot, "1 │ the fourth")
        assert "▸#4" in screen_text(pilot.app)


@piloted
async def test_a_job_that_is_deleted_stays_on_screen_and_says_so(scene):
    dead(scene)
    async with opened(scene) as pilot:
        await shown(pilot, "attempt 3 frame 200")
        with door(scene) as queue:
            queue.jobs.change(["j1"], Delete())
        await shown(pilot, "j1 was deleted; this is how it was")
        await shown(pilot, "attempt 3 frame 200")
        await pilot.press("r")
        assert pilot.app.deeds == []


@piloted
async def test_a_job_that_never_was_says_so(scene):
    async with opened(scene, "nothing") as pilot:
        await shown(pilot, "there is no job 'nothing'")


@piloted
async def test_a_busy_store_is_said_in_a_line_and_passes(scene):
    dead(scene)
    busy = threading.Event()
    busy.set()

    def open_viewer() -> Queue:
        if busy.is_set():
            raise StoreBusy("the store is busy", "try again")
        return viewer(scene)()

    app = Around(open_viewer, "j1")
    async with app.run_test(size=(100, 24)) as pilot:
        await shown(pilot, "store busy · trying again")
        busy.clear()
        await shown(pilot, "attempt 3 frame 200")
        assert "store busy" not in screen_text(app)


@piloted
async def test_a_fault_of_the_reading_thread_reaches_the_hook_of_the_app(scene):
    caught: list[Exception] = []

    class Hooked(Around):
        def _handle_exception(self, error: Exception) -> None:
            caught.append(error)

    def open_viewer() -> Queue:
        raise OSError("a fault")

    app = Hooked(open_viewer, "j1")
    async with app.run_test(size=(100, 24)) as pilot:
        await holds(pilot, lambda: bool(caught), "the fault to be caught")
        assert [str(fault) for fault in caught] == ["a fault"]
        until(lambda: not reading(), "the thread to end")


@piloted
async def test_a_store_that_vanishes_is_said_and_the_screen_stays(scene):
    dead(scene)
    async with opened(scene) as pilot:
        await shown(pilot, "attempt 3 frame 200")
        Path(scene.location).rename(scene.location + ".away")
        await shown(pilot, "! ")
        await shown(pilot, "attempt 3 frame 200")
        Path(scene.location + ".away").rename(scene.location)
        await holds(pilot, lambda: "! " not in screen_text(pilot.app), "the store to be back")


@pytest.mark.parametrize(
    ("setup", "words"),
    [
        (lambda scene: scene.add("true", NOW), "it has not run so far"),
        (lambda scene: dead(scene, output=False), "it printed nothing"),
        (lambda scene: running(scene)[1].close(), "nothing printed so far"),
    ],
)
@piloted
async def test_where_there_is_no_output_the_reason_stands(scene, setup, words):
    setup(scene)
    async with opened(scene) as pilot:
        await shown(pilot, words)


@piloted
async def test_an_output_that_was_thrown_away_is_no_longer_kept(scene):
    scene.add("true", NOW - MINUTE)
    gone = result(NOW - MINUTE, 5)._replace(output_file="1-1-abc", output_bytes=70_000)
    scene.run(NOW - MINUTE, gone)
    async with opened(scene) as pilot:
        await shown(pilot, "the output is no longer kept")


@piloted
async def test_deeds_are_for_the_job_on_screen_and_only_where_they_fit(scene):
    dead(scene)
    async with opened(scene) as pilot:
        await shown(pilot, "attempt 3 frame 200")
        await pilot.press("r", "x", "y")
        assert [(name, target.ids, target.jobs[0].state) for name, target in pilot.app.deeds] == [
            ("queue.retry", ("j1",), State.DEAD),
            ("queue.copy", ("j1",), State.DEAD),
        ]


@piloted
async def test_the_footer_offers_only_keys_that_do_something(scene):
    dead(scene)
    async with opened(scene) as pilot:
        await shown(pilot, "attempt 3 frame 200")
        screen = pilot.app.screen

        def may(name: str) -> bool:
            return bool(screen.check_action("do", (name,)))

        assert not may("output.next")
        assert may("output.older")
        assert not may("output.newer")
        await pilot.press("left_square_bracket", "slash", "f", "enter")
        assert may("output.next")
        assert may("output.newer")
        assert not may("queue.cancel")


@piloted
async def test_read_only_nothing_can_be_changed(scene):
    dead(scene)
    async with opened(scene, read_only=True) as pilot:
        await shown(pilot, "attempt 3 frame 200")
        await pilot.press("r", "d", "y")
        assert [name for name, _ in pilot.app.deeds] == ["queue.copy"]


@pytest.mark.parametrize("key", ["escape", "q"])
@piloted
async def test_leaving_the_screen_closes_its_queue(scene, key):
    dead(scene)
    async with opened(scene) as pilot:
        await shown(pilot, "attempt 3 frame 200")
        assert reading()
        await pilot.press(key)
        await holds(pilot, lambda: not isinstance(pilot.app.screen, JobScreen), "the screen to go")
        until(lambda: not reading(), "the thread to end")


@piloted
async def test_hostile_text_is_shown_as_text_everywhere(scene):
    scene.add(f"echo {HOSTILE}", NOW - MINUTE, tags=(HOSTILE,), env={"A": HOSTILE}, max_retries=1)
    failed = result(NOW - MINUTE, 5, 1, f"exit 1 · {HOSTILE}", HOSTILE)
    scene.run(NOW - MINUTE, failed)
    async with opened(scene) as pilot:
        await shown(pilot, "1 │ ␛]0;pwn␇␛[2J\\u202e[/] [@click=app.quit]x[/]")
        for _ in range(3):
            await pilot.press("tab")
            await pilot.pause()
            assert "[@click=app.quit]x[/]" in screen_text(pilot.app)
            assert all(line.isprintable() for line in screen_lines(pilot.app))


@pytest.mark.parametrize("size", [(80, 24), (120, 40), (40, 10), (20, 5)])
@piloted
async def test_nothing_is_wider_than_the_terminal_and_the_output_has_its_place(scene, size):
    dead(scene)
    async with opened(scene, size=size) as pilot:
        await shown(pilot, "│ attempt 3"[: size[0] - 12])
        assert all(len(line) == size[0] for line in screen_lines(pilot.app))
        assert pilot.app.screen.log_view.size.height >= size[1] // 4


@piloted
async def test_any_size_does_no_harm(scene):
    dead(scene)
    chance = random.Random(46)
    async with opened(scene) as pilot:
        await shown(pilot, "attempt 3 frame 200")
        for size in sizes(24):
            await pilot.resize_terminal(*size)
            await pilot.press(chance.choice(["tab", "w", "g", "G", "k", "j", "left_square_bracket"]))
        await pilot.resize_terminal(100, 24)
        await pilot.pause()
        assert "✗ dead · 3/3 tries" in screen_text(pilot.app)
