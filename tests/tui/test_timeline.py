"""The attempts of a job as bars, and the time between them."""

from __future__ import annotations

import pytest

from queuectl.core.attempt import Attempt, Outcome
from queuectl.core.job import State
from queuectl.tui.output.news import JobNews
from queuectl.tui.widgets.jobhead import head_lines, part_line, standing
from queuectl.tui.widgets.sheet import attempt_lines, spec_lines
from queuectl.tui.widgets.timeline import Timeline, timeline_lines, window
from tests.core.examples import NOW, a_job
from tests.tui.lone import Lone
from tests.tui.screen import piloted, screen_lines

HOSTILE = "\x1b[2J[/] [@click=app.quit]x[/] \u202e\x9b\x00 宽"


def attempt(n: int, at: int, took_ms: int, outcome: Outcome = Outcome.EXITED, **fields: object) -> Attempt:
    known = {
        "worker": f"p1/w{n}", "host": "h", "exit_code": None, "signal": None, "error": None, "cpu_s": 0.25,
        "max_rss_bytes": 12 * 2**20, "output_bytes": 5, "output_file": None, "command": None,
    }  # fmt: skip
    return Attempt(
        n=n, started_at=at, finished_at=at + took_ms, duration_ms=took_ms, outcome=outcome, **{**known, **fields}
    )  # type: ignore[arg-type]


def news(*attempts: Attempt, waits: str = "", **fields: object) -> JobNews:
    return JobNews(a_job(**fields), attempts, waits, NOW)


def texts(shown: JobNews, selected: int = 0, columns: int = 120) -> list[str]:
    return [line.plain for line in timeline_lines(shown, selected, columns)]


TWICE = (
    attempt(1, NOW - 90_000, 40_000, exit_code=1),
    attempt(2, NOW - 48_000, 20_000, Outcome.TIMED_OUT, signal="SIGKILL", command="old"),
)


def test_a_bar_is_as_long_as_the_run_and_the_time_until_the_next_stands_behind_it():
    first, second = texts(news(*TWICE, state=State.FAILED, run_at=NOW + 12_000))
    assert (first.count("█"), second.count("█")) == (16, 8)
    assert "00:40 exit 1" in first
    assert "── 2.0s later ──" in first
    assert "00:20 SIGKILL timeout · other command" in second
    assert "── retry in 12s ──" in second


def test_the_line_says_what_an_attempt_cost_where_there_is_room():
    assert "cpu 0.2s · 12 MiB" in texts(news(*TWICE[:1], state=State.COMPLETED))[0]
    assert "cpu" not in texts(news(*TWICE[:1], state=State.COMPLETED), columns=50)[0]


@pytest.mark.parametrize(
    ("state", "words"),
    [(State.DEAD, "→ moved to DLQ"), (State.PENDING, "→ waits to run again"), (State.CANCELLED, "⊘ cancelled")],
)
def test_the_last_attempt_says_what_became_of_the_job(state, words):
    assert words in texts(news(*TWICE, state=state))[-1]


def test_an_attempt_that_runs_is_a_bar_that_grows():
    shown = news(
        *TWICE, state=State.PROCESSING, runs=2, started_at=NOW - 20_000, worker="p1/w7", timeout_s=60.0, cancel_asked=1
    )
    assert "#3 w7" in texts(shown)[-1]
    assert "00:20 running of 01:00 · cancelling" in texts(shown)[-1]
    assert texts(shown)[-1].count("█") == 8


def test_workers_of_several_pools_keep_their_pool():
    assert "other/w1" in texts(news(TWICE[0], attempt(2, NOW, 5, exit_code=0, worker="other/w1")))[1]


@pytest.mark.parametrize("columns", [1, 10, 20, 40, 60, 80, 120, 250])
def test_no_line_is_wider_than_the_screen(columns):
    shown = news(*TWICE, state=State.DEAD, command=HOSTILE * 40, cwd=HOSTILE, tags=(HOSTILE,), waits=HOSTILE)
    lines = [*timeline_lines(shown, 2, columns), *head_lines(shown, max(columns, 10), 5)]
    assert all(line.cell_length <= max(columns, 10) for line in lines)
    assert "\x1b" not in "".join(line.plain for line in lines)


@pytest.mark.parametrize(
    ("count", "selected", "height", "first"), [(9, 8, 3, 6), (9, 2, 3, 2), (9, 7, 3, 6), (2, 0, 3, 0), (0, 0, 3, 0)]
)
def test_the_selected_attempt_stays_in_view(count, selected, height, first):
    assert window(count, selected, height) == first


def test_a_long_command_is_cut_after_three_lines():
    lines = head_lines(news(command="echo one\necho two\necho three\necho four"), 40, 6)
    assert [line.plain for line in lines[:3]] == ["$ echo one", "  echo two", "  echo three…"]


def test_the_head_says_why_a_job_waits_and_what_it_was_asked_for_with():
    head = "\n".join(line.plain for line in head_lines(news(waits="for a free worker", tags=("a", "b")), 120, 5))
    assert "waits: for a free worker" in head
    assert "tags a, b" in head
    assert part_line("Spec", 80).plain.endswith("Output  Attempts  Spec ")


def test_the_title_says_how_the_job_stands():
    assert standing(news(*TWICE, state=State.DEAD, attempts=2, max_retries=2)).plain == (
        "✗ dead · 2/2 tries · took 1m 00s in all"
    )
    assert standing(news()._replace(gone=True)).plain == "deleted meanwhile"


def test_every_attempt_is_told_with_its_error_and_its_own_command():
    lines = attempt_lines(news(attempt(1, NOW, 5, exit_code=6, error=f"exit 6 · {HOSTILE}", command="old\nold")), 1, 70)
    text = "\n".join(line.plain for line in lines)
    assert "p1/w1 on h" in text
    assert "exit 6 · ␛[2J[/]" in text
    assert "with another command: old" in text


def test_values_of_the_environment_are_never_shown():
    text = "\n".join(line.plain for line in spec_lines(news(env={"TOKEN": "secret"}, unique_key="k-1"), 60))
    assert "TOKEN=…" in text
    assert "secret" not in text
    assert "k-1" in text


def test_fields_are_shown_harmlessly_and_whole():
    lines = spec_lines(news(command=f"one\n{HOSTILE * 20}"), 40)
    assert all(line.cell_length <= 40 for line in lines)
    assert "".join(line.plain[15:] for line in lines).count("app.quit") == 20


@piloted
async def test_a_click_on_a_bar_chooses_its_attempt():
    timeline = Timeline()
    app = Lone(timeline)
    async with app.run_test(size=(80, 10), message_hook=app.hear) as pilot:
        timeline.styles.height = 2
        await pilot.pause()
        timeline.show(news(*TWICE, state=State.DEAD), 2)
        await pilot.pause()
        assert screen_lines(app)[1].startswith("▸#2")
        await pilot.click(timeline, offset=(3, 0))
        assert [message.n for message in app.heard if isinstance(message, Timeline.Chosen)] == [1]
