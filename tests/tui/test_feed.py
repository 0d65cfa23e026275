"""The feed: what is wanted comes, again when the store changed, and trouble is told for as long as it lasts."""

from __future__ import annotations

import os
import queue as channels
import time
from collections.abc import Iterator
from pathlib import Path

import apsw
import pytest

from queuectl.core.job import NewJob, State
from queuectl.core.lifecycle import Cancel
from queuectl.queue import Queue
from queuectl.tui.feed import Feed
from queuectl.tui.lens import Lens
from queuectl.tui.panes import Pane
from queuectl.tui.picture import Picture, Trouble, Want
from queuectl.tui.reading import Reading
from queuectl.wiring import connect
from tests.big import fill
from tests.patience import DEADLINE_S


class Watched:
    """A store, a feed that reads it, and what came of that."""

    def __init__(self, location: str) -> None:
        self.location = location
        self.queue: Queue = connect(location, create=True)
        self.news: channels.SimpleQueue[Picture | Trouble] = channels.SimpleQueue()
        self.feed = Feed(lambda: connect(location, viewer=True), self.news.put)

    def add(self, *commands: str) -> list[str]:
        return [added.id for added in self.queue.jobs.add([NewJob(command, "/") for command in commands]) if added]

    def picture(self) -> Picture:
        news = self.news.get(timeout=DEADLINE_S)
        assert isinstance(news, Picture), news
        return news

    def picture_with(self, pending: int) -> Picture:
        """The next one that counts so many; there may be others of the pulse before it."""
        while True:
            picture = self.picture()
            if picture.status.counts.of(State.PENDING) == pending:
                return picture

    def trouble(self) -> Trouble:
        while True:
            news = self.news.get(timeout=DEADLINE_S)
            if isinstance(news, Trouble):
                return news

    def recovered(self) -> Picture:
        while True:
            news = self.news.get(timeout=DEADLINE_S)
            if isinstance(news, Picture):
                return news


def pending(text: str = "", **place: int) -> Want:
    lens = Lens(Pane.PENDING)
    lens.type(text)
    return Want({Pane.PENDING: lens.want(None, place.get("index", 0), place.get("height", 10), 0)})


def commands(picture: Picture) -> list[str]:
    return [job.command for job in picture.lists[Pane.PENDING].window.jobs]


@pytest.fixture
def watched(tmp_path: Path) -> Iterator[Watched]:
    watched = Watched(str(tmp_path / "queue.db"))
    yield watched
    watched.feed.close()
    if watched.feed.is_alive():
        watched.feed.join(DEADLINE_S)
    watched.queue.close()


def test_what_is_wanted_is_in_the_first_picture(watched: Watched) -> None:
    watched.add("echo one", "echo two")
    watched.feed.want(pending())
    watched.feed.start()
    picture = watched.picture()
    assert commands(picture) == ["echo one", "echo two"]
    assert picture.lists[Pane.PENDING].total == 2


def test_a_change_of_the_store_is_shown(watched: Watched) -> None:
    watched.feed.want(pending())
    watched.feed.start()
    assert commands(watched.picture()) == []
    watched.add("echo one")
    assert commands(watched.picture_with(1)) == ["echo one"]


def test_a_list_that_did_not_change_is_the_same_object(watched: Watched) -> None:
    watched.add("echo one")
    watched.feed.want(pending())
    watched.feed.start()
    first = watched.picture()
    assert watched.picture().lists[Pane.PENDING] is first.lists[Pane.PENDING]  # of the pulse, a second later


def test_another_wish_is_served_at_once(watched: Watched) -> None:
    watched.add("echo one", "sleep 2")
    watched.feed.want(pending())
    watched.feed.start()
    watched.picture()
    watched.feed.want(pending("sleep"))
    picture = watched.picture()
    assert commands(picture) == ["sleep 2"]
    assert picture.lists[Pane.PENDING].want.filtered


def test_matches_are_counted(watched: Watched) -> None:
    watched.add(*(f"echo {n}" for n in range(300)), *(f"sleep {n}" for n in range(50)))
    watched.feed.want(pending("echo"))
    watched.feed.start()
    while not (picture := watched.picture()).lists[Pane.PENDING].tally.sure:
        continue
    assert picture.lists[Pane.PENDING].tally.count == 300
    assert picture.lists[Pane.PENDING].total == 350


def test_a_count_follows_the_store(watched: Watched) -> None:
    ids = watched.add("echo 1", "echo 2")
    watched.feed.want(pending("echo"))
    watched.feed.start()
    watched.picture()
    watched.queue.jobs.change(ids[:1], Cancel())
    while (picture := watched.picture()).lists[Pane.PENDING].tally.count != 1:
        continue
    assert commands(picture) == ["echo 2"]


def test_the_end_of_a_long_list(watched: Watched) -> None:
    watched.add(*(f"echo {n}" for n in range(1000)))
    watched.feed.want(pending(index=-1))
    watched.feed.start()
    window = watched.picture().lists[Pane.PENDING].window
    assert window.jobs[-1].command == "echo 999"
    assert window.first + len(window.jobs) == 1000


def test_detail_has_the_job_its_attempts_and_why_it_waits(watched: Watched) -> None:
    (id,) = watched.add("echo one")
    watched.feed.want(Want(job=id))
    watched.feed.start()
    shown = watched.picture().job
    assert shown is not None
    assert (shown.job.id, shown.attempts, shown.waiting, shown.tail) == (id, (), "no worker is running", b"")


def test_a_store_that_is_gone_is_told_and_comes_back(watched: Watched) -> None:
    watched.feed.want(pending())
    watched.feed.start()
    watched.picture()
    os.rename(watched.location, watched.location + ".away")
    trouble = watched.trouble()
    assert not trouble.passing
    assert watched.location in trouble.message
    os.rename(watched.location + ".away", watched.location)
    assert watched.recovered().status.location == watched.location


def test_a_store_that_was_never_there_is_not_made(watched: Watched, tmp_path: Path) -> None:
    nowhere = str(tmp_path / "nowhere.db")
    feed = Feed(lambda: connect(nowhere, viewer=True), watched.news.put)
    feed.start()
    trouble = watched.trouble()
    feed.close()
    feed.join(DEADLINE_S)
    assert nowhere in trouble.message
    assert not os.path.exists(nowhere)


def test_a_busy_store_is_told_as_something_that_passes(tmp_path: Path) -> None:
    location = str(tmp_path / "queue.db")
    connect(location, create=True).close()
    holder = apsw.Connection(location)
    holder.execute("PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE; DELETE FROM config; COMMIT").fetchall()
    news: channels.SimpleQueue[Picture | Trouble] = channels.SimpleQueue()
    feed = Feed(lambda: connect(location, viewer=True), news.put)
    feed.start()
    trouble = news.get(timeout=DEADLINE_S)
    holder.close()
    feed.refresh()
    assert isinstance(trouble, Trouble)
    assert trouble.passing
    while isinstance(news.get(timeout=DEADLINE_S), Trouble):
        continue
    feed.close()
    feed.join(DEADLINE_S)


def test_a_frozen_feed_reads_nothing_but_what_is_newly_wanted(watched: Watched) -> None:
    watched.feed.want(pending())
    watched.feed.start()
    watched.picture()
    watched.feed.freeze(True)
    watched.add("echo one")
    watched.feed.freeze(False)
    assert commands(watched.picture_with(1)) == ["echo one"]


def test_a_fault_of_the_feed_is_handed_over_and_not_lost_with_its_thread() -> None:
    news: channels.SimpleQueue[object] = channels.SimpleQueue()
    fault = AttributeError("not in any store")

    def open_queue() -> Queue:
        raise fault

    feed = Feed(open_queue, news.put)
    feed.start()
    assert news.get(timeout=DEADLINE_S) is fault
    feed.join(DEADLINE_S)
    assert not feed.is_alive()


# Filters that look at every job


@pytest.fixture
def many(tmp_path: Path) -> Iterator[Queue]:
    """A store in which looking at every job takes longer than no time at all."""
    location = str(tmp_path / "many.db")
    fill(location, 20_000, 0, 0)
    queue = connect(location)
    yield queue
    queue.close()


ONE_OF_MANY = pending("seed cmd:19998")


def test_what_was_found_in_time_is_shown_and_the_rest_follows(many: Queue) -> None:
    news: channels.SimpleQueue[Picture | Trouble] = channels.SimpleQueue()
    feed = Feed(lambda: connect(many.status().location, viewer=True), news.put, within_s=0.0)
    feed.want(ONE_OF_MANY)
    feed.start()
    first = news.get(timeout=DEADLINE_S)
    assert isinstance(first, Picture)
    assert (first.lists[Pane.PENDING].looking, commands(first)) == (True, [])
    while (picture := news.get(timeout=DEADLINE_S)) and isinstance(picture, Picture):
        if not picture.lists[Pane.PENDING].looking:
            break
    feed.close()
    feed.join(DEADLINE_S)
    assert isinstance(picture, Picture)
    assert commands(picture) == ["python train.py --seed 19998"]
    assert not picture.lists[Pane.PENDING].window.cut


def test_any_other_wish_interrupts_the_search_for_the_rest(many: Queue) -> None:
    reading = Reading(many, within_s=0.0)
    first = reading.picture(ONE_OF_MANY, None, changed=True)
    many.panes.interrupt()
    assert reading.rest_of_lists(first) is None
    picture = reading.rest_of_lists(first)
    assert picture is not None
    assert len(commands(picture)) == 1


def test_a_list_that_takes_long_is_not_looked_through_again_at_each_change(many: Queue) -> None:
    reading = Reading(many, within_s=0.0)
    first = reading.picture(ONE_OF_MANY, None, changed=True)
    whole = reading.rest_of_lists(first)
    assert whole is not None
    after = reading.picture(ONE_OF_MANY, whole, changed=True)
    assert after.lists[Pane.PENDING].window is whole.lists[Pane.PENDING].window
    again = None
    deadline = time.monotonic() + DEADLINE_S
    while again is None and time.monotonic() < deadline:
        again = reading.rest_of_lists(after)
    assert again is not None
    assert commands(again) == commands(whole)
