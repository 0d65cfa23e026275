"""What the banner and toasts say of a picture."""

from __future__ import annotations

import pytest

from queuectl.core.panes import Rate, Tally, Window
from queuectl.core.views import WorkerView
from queuectl.tui.panes import LISTS, Pane
from queuectl.tui.picture import ListPicture, ListWant, Picture
from queuectl.tui.titles import banner_words, list_subtitle, lost_words
from tests.core.examples import NOW
from tests.tui.lone import BUSY, GONE, a_picture, a_pool, a_status

NOTHING = Window((), 0, exact=True, cut=False)
LOST = a_pool(workers=0, busy=0, state="lost")
BROKEN = a_pool(reason="w1 ended (SIGKILL), again and again; next try in 5 s")


@pytest.mark.parametrize(
    ("picture", "said"),
    [
        (None, ""),
        (a_picture(), ""),
        (
            a_picture(a_status(a_pool(workers=0), pending=1)),
            "! 1 job waits and no worker runs · n in Workers (4) starts one",
        ),
        (a_picture(a_status(a_pool(workers=0), pending=1, failed=2)), "! 3 jobs wait and no worker runs"),
        (a_picture(a_status(BROKEN, pending=1)), "! p1: w1 ended (SIGKILL), again and again; next try in 5 s"),
        (a_picture(a_status(LOST, processing=1, oldest_waiting_s=None)), "! p1 died · what it ran goes back as soon"),
        (
            a_picture(a_status(pending=2)._replace(unserved=("default",))),
            "! 2 jobs wait in default, which no worker serves · queuectl worker start -d -q default",
        ),
        (a_picture(a_status(BROKEN)._replace(free_bytes=4096)), "! no room is left on the store's disk (4 KiB free)"),
    ],
)
def test_the_banner_says_what_keeps_jobs_from_running(picture: Picture | None, said: str) -> None:
    words, severity = banner_words(picture, None, 0.0)
    assert words.startswith(said)
    assert bool(words) == bool(said)
    assert severity == ("warning" if said else "")


def test_a_banner_offers_no_key_where_nothing_can_be_changed() -> None:
    stalled = a_picture(a_status(a_pool(workers=0), pending=1))
    assert banner_words(stalled, None, 0.0, read_only=True) == ("! 1 job waits and no worker runs", "warning")


def test_the_deaths_of_the_last_hour_are_called_so() -> None:
    shown = ListPicture(ListWant(LISTS[Pane.DLQ].where, False, "-state-age"), NOTHING, Tally(112, True), 112, 0)
    assert list_subtitle(Pane.DLQ, shown, (Rate(NOW, 0, 0, 9, 0),)) == "112 · 9 died in 1 h"
    assert list_subtitle(Pane.DONE, shown, (Rate(NOW, 0, 0, 9, 0),)) == "112"


def test_a_busy_store_is_told_of_when_it_stays_so() -> None:
    stalled = a_picture(a_status(a_pool(workers=0), pending=1))
    assert banner_words(stalled, BUSY, 4.9) == ("", "")
    assert banner_words(stalled, BUSY, 7.2) == ("! store busy for 7 s · trying again", "warning")
    assert banner_words(stalled, GONE, 7.2)[0].startswith("! 1 job waits")


def a_worker(name: str, pid: int, job: str | None = None) -> WorkerView:
    return WorkerView(f"p1/{name}", "p1", "here", pid, "busy" if job else "idle", job, NOW, 0, 0)


def seen(*workers: WorkerView, **pool: object) -> Picture:
    return a_picture(a_status(a_pool(**pool)))._replace(workers=workers)


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        (seen(a_worker("w1", 7)), seen(a_worker("w1", 7)), ""),
        (
            seen(a_worker("w1", 7, "j7")),
            seen(a_worker("w1", 8)),
            "worker p1/w1 was lost and replaced; j7 is given back",
        ),
        (seen(a_worker("w1", 7)), seen(a_worker("w1", 8)), "worker p1/w1 was lost and replaced"),
        (
            seen(a_worker("w1", 7, "j7"), a_worker("w2", 8)),
            seen(a_worker("w1", 9), a_worker("w2", 10)),
            "2 workers were lost and replaced; what they ran is given back",
        ),
        (seen(a_worker("w1", 7), a_worker("w2", 8)), seen(a_worker("w1", 7)), ""),  # there shall be fewer
        (seen(a_worker("w1", 7, "j7")), seen(a_worker("w1", 8), reason="again and again"), ""),  # the banner says it
        (seen(a_worker("w1", 7, "j7"), pid=1), seen(a_worker("w1", 8), pid=2), ""),  # another pool of that name
    ],
)
def test_workers_that_were_lost_between_two_pictures_are_named(before: Picture, after: Picture, said: str) -> None:
    assert lost_words(before, after) == said
