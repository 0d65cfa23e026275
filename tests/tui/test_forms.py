"""Forms, typed into as a person does, over a real store."""

from __future__ import annotations

import os
from contextlib import closing
from typing import Any

import pytest
from textual.app import App
from textual.pilot import Pilot

from queuectl.core.job import State
from queuectl.core.lifecycle import Hold
from queuectl.core.pool import PoolRecord, WorkerRecord
from queuectl.core.settings import Settings
from queuectl.core.turn import Turn
from queuectl.core.views import RUNNING, PoolView
from queuectl.store import open_pool_store
from queuectl.tui.deeds.forms import clone, edit, edit_setting, new
from queuectl.tui.forms.draft import Draft
from queuectl.tui.forms.sheets import NewSheet
from queuectl.tui.panes import Pane
from queuectl.tui.screens.jobform import JobForm
from queuectl.tui.screens.prompt import Prompt
from tests.patience import until
from tests.tui.office import Office, added, done, ended, only, opened, paste, pause_until, shown
from tests.tui.screen import piloted, screen_lines, screen_text

HOSTILE = "printf '\x1b]0;pwn\x07'\ttab \u202e \x9b2J [/] [@click=app.quit]x"
NOBODY = "! no worker is running, the job will wait"


# A new job


@piloted
async def test_a_job_is_typed_and_added_and_the_command_line_follows_what_is_typed(store, queue):
    app = Office(store)
    async with app.run_test(size=(80, 24)) as pilot:
        app.do(new)
        await opened(pilot)
        await pilot.press(*"echo hi", "tab", "9", "tab", "tab", "5")
        assert "queuectl enqueue --priority 9 --max-retries 5 -- 'echo hi'" in shown(app, "Same as")
        assert NOBODY in screen_text(app)
        app.screen.query_one("#start").value = False
        await pilot.press("ctrl+s")
        await done(pilot)
        job = only(queue)
        assert (job.command, job.priority, job.max_retries, job.cwd) == ("echo hi", 9, 5, os.getcwd())
        assert app.told == [f"Added {job.id}"]
        assert [entry.line for entry in app.desk.log] == ["queuectl enqueue --priority 9 --max-retries 5 -- 'echo hi'"]


@piloted
async def test_every_field_of_the_form_reaches_the_job(store, queue):
    app = Office(store)
    async with app.run_test(size=(80, 24)) as pilot:
        app.do(new)
        await opened(pilot)
        typed = {
            "command": "a", "priority": "low", "delay": "1h", "max_retries": "2", "timeout": "90",
            "cwd": "sub", "id": "mine", "queue": "media", "tags": "x y", "unique_key": "one",
        }  # fmt: skip
        for key, text in typed.items():
            app.screen.query_one(f"#{key}").focus()
            await pilot.press(*text)
        app.screen.query_one("#env").focus()
        await pilot.press(*"A=1", "enter", *"B=2")
        app.screen.query_one("#hold").focus()
        await pilot.press("space")
        app.screen.query_one("#start").value = False
        await pilot.press("ctrl+s")
        await done(pilot)
        job = queue.jobs.get("mine")
        assert (job.command, job.priority, job.max_retries, job.timeout_s) == ("a", -10, 2, 90.0)
        assert (job.cwd, job.queue, job.tags, job.unique_key) == (f"{os.getcwd()}/sub", "media", ("x", "y"), "one")
        assert (job.env, job.held, job.run_at > job.created_at) == ({"A": "1", "B": "2"}, True, True)


@piloted
async def test_an_error_stands_under_its_field_as_one_types_and_nothing_is_sent(store, queue):
    app = Office(store)
    async with app.run_test(size=(80, 24)) as pilot:
        app.do(new)
        await opened(pilot)
        await pilot.press("ctrl+s")
        await pilot.pause()
        assert "Command: a job needs a command" in screen_text(app)
        await pilot.press(*"true", "tab", "x")
        await pilot.pause()
        lines = screen_lines(app)
        assert "Priority: 'x' is not a priority" in lines[lines.index(shown(app, "Priority    x")) + 1]
        await pilot.press("tab", "tab", "ctrl+s")
        await pilot.pause()
        assert app.focused.id == "priority"
        assert isinstance(app.screen, JobForm)
        await pilot.press("backspace", "7")
        await pilot.pause()
        assert "not a priority" not in screen_text(app)
    assert list(queue.jobs.found(["j1"])) == []


@piloted
async def test_an_id_that_is_taken_is_told_at_its_field_and_what_was_typed_stays(store, queue):
    added(queue, id="mine")
    app = Office(store)
    async with app.run_test(size=(80, 24)) as pilot:
        app.do(new)
        await opened(pilot)
        await pilot.press(*"echo again")
        app.screen.query_one("#id").focus()
        await pilot.press(*"mine", "ctrl+s")
        await pause_until(pilot, lambda: "mine" in shown(app, "Id: "), "the error")
        assert app.focused.id == "id"
        assert "echo again" in shown(app, "Command")
        assert app.desk.log[-1].failed
        app.screen.query_one("#start").value = False
        await pilot.press("2", "ctrl+s")
        await done(pilot)
        assert queue.jobs.get("mine2").command == "echo again"


@piloted
async def test_a_form_that_is_left_goes_on_with_the_next_one(store, queue):
    app = Office(store)
    async with app.run_test(size=(80, 24)) as pilot:
        app.do(new)
        await opened(pilot)
        await pilot.press(*"half a com", "escape")
        await done(pilot)
        app.do(new)
        await opened(pilot)
        assert "half a com" in shown(app, "Command")
        assert "New job, as you left it (ctrl+n empties it)" in screen_text(app)
        await pilot.press(*"mand")
        app.screen.query_one("#start").value = False
        await pilot.press("ctrl+s")
        await done(pilot)
        assert only(queue).command == "half a command"
        assert app.desk.draft is None


@piloted
async def test_one_key_empties_a_form_that_was_left_and_no_other(store, queue):
    app = Office(store)
    async with app.run_test(size=(80, 24)) as pilot:
        app.do(new)
        await opened(pilot)
        await pilot.press(*"half", "ctrl+n", "tab", "7", "escape")
        await done(pilot)
        app.do(new)
        await opened(pilot)
        assert ("half" in shown(app, "Command"), "7" in shown(app, "Priority")) == (True, True)
        await pilot.press("ctrl+n")
        await pilot.pause()
        assert app.screen.draft == Draft()
        assert "as you left it" not in screen_text(app)
        await pilot.press("escape")
        await done(pilot)
        assert app.desk.draft is None


@piloted
async def test_the_command_line_is_shown_whole_where_there_is_room(store):
    app = Office(store)
    async with app.run_test(size=(80, 24)) as pilot:
        app.do(new)
        await opened(pilot)
        await paste(pilot, f"ffmpeg {'-i in.mov ' * 30}-y out.mp4")
        await pause_until(pilot, lambda: "-y out.mp4'" in screen_text(app), "the end of the line")
        assert "Hold" in screen_text(app)
        assert "also start 1 worker" in screen_text(app)


@piloted
async def test_home_goes_to_the_beginning_of_a_command_that_takes_several_rows_and_end_to_its_end(store, queue):
    app = Office(store)
    async with app.run_test(size=(80, 24)) as pilot:
        app.do(new)
        await opened(pilot)
        app.screen.query_one("#start").value = False
        await paste(pilot, "word " * 30 + "last")
        await pilot.press("home", *"first ", "ctrl+e", "!", "ctrl+a", ">", "ctrl+s")
        await done(pilot)
        assert only(queue).command == ">first " + "word " * 30 + "last!"


@piloted
async def test_a_form_in_which_nothing_was_typed_leaves_nothing(store, queue):
    app = Office(store)
    async with app.run_test(size=(80, 24)) as pilot:
        app.do(new)
        await opened(pilot)
        await pilot.press("escape")
        await done(pilot)
        assert app.desk.draft is None


@piloted
async def test_enter_is_a_new_line_in_the_command_and_the_next_field_elsewhere(store, queue):
    app = Office(store)
    async with app.run_test(size=(80, 24)) as pilot:
        app.do(new)
        await opened(pilot)
        await pilot.press(*"one", "enter", *"two", "tab", "enter", "shift+tab", "shift+tab", *" three")
        app.screen.query_one("#start").value = False
        await pilot.press("ctrl+s")
        await done(pilot)
        assert only(queue).command == "one\ntwo three"


@piloted
async def test_what_is_pasted_is_shown_harmless_and_sent_as_it_is(store, queue):
    app = Office(store)
    async with app.run_test(size=(80, 24)) as pilot:
        app.do(new)
        await opened(pilot)
        await pilot.press("a", "b", "left")
        await paste(pilot, "\t\x1b[2J\r\nx")
        app.screen.query_one("#cwd").focus()
        await paste(pilot, "/tmp/\x1b[31m\nsecond line")
        assert "␛[2J" in screen_text(app)
        assert "\x1b" not in screen_text(app)
        app.screen.query_one("#start").value = False
        await pilot.press("ctrl+s")
        await done(pilot)
        assert (only(queue).command, only(queue).cwd) == ("a\t\x1b[2J\nxb", "/tmp/\x1b[31m")


@pytest.mark.filterwarnings("ignore:subprocess [0-9]+ is still running:ResourceWarning")  # it outlives who starts it
@piloted
async def test_a_worker_is_started_with_the_job_if_the_box_is_ticked(store, queue):
    app = Office(store)
    async with app.run_test(size=(80, 24)) as pilot:
        app.do(new)
        await opened(pilot)
        assert "[x] also start 1 worker" in screen_text(app)
        await pilot.press(*"true", "ctrl+s")
        await done(pilot)
        pools = queue.pools.all()
        assert [(pool.workers, pool.queues) for pool in pools] == [(1, ())]
        until(lambda: only(queue).state is State.COMPLETED, "the job to run")
        queue.pools.stop(force=True)
        assert [entry.line for entry in app.desk.log] == [
            "queuectl enqueue -- true",
            "queuectl worker start --detach",
        ]


async def form_over(app: App[Any], pilot: Pilot[Any], pools: tuple[PoolView, ...]) -> None:
    await app.push_screen(JobForm(NewSheet(Draft(), Settings(), "/srv", 0), None, pools))
    await pilot.pause()


@piloted
async def test_a_job_for_a_queue_that_nobody_serves_says_so(store):
    app = Office(store)
    async with app.run_test(size=(80, 24)) as pilot:
        await form_over(app, pilot, (PoolView("p1", ("default",), 2, 0, RUNNING),))
        assert not app.screen.query_one("#nobody").display
        app.screen.query_one("#queue").focus()
        await pilot.press(*"media")
        await pilot.pause()
        assert "no worker serves queue media" in screen_text(app)


@pytest.mark.parametrize("size", [(80, 24), (120, 40), (40, 10), (20, 5)], ids=str)
@piloted
async def test_the_form_fits_the_terminal_and_every_field_can_be_reached(store, size):
    app = Office(store)
    async with app.run_test(size=size) as pilot:
        await form_over(app, pilot, ())
        seen = []
        for _ in range(14):
            assert app.focused is not None
            seen.append(app.focused.id)
            await pilot.pause()
            if size[1] >= 10:
                assert app.screen.get_widget_at(*app.focused.region.offset)[0] is app.focused
            await pilot.press("tab")
        assert set(seen) == {
            "command", "priority", "delay", "max_retries", "timeout", "cwd", "id", "queue", "tags", "run_at",
            "unique_key", "env", "hold", "start",
        }  # fmt: skip


# A clone


@piloted
async def test_a_clone_sends_exactly_what_the_job_has_unless_it_is_changed(store, queue):
    old = added(queue, HOSTILE, priority=5, env={"A": "x\ny\x1b"}, tags=("t",), queue="media", timeout_s=1.5)
    app = Office(store)
    async with app.run_test(size=(80, 24)) as pilot:
        app.do(clone, old.id)
        await opened(pilot)
        assert f"New job like {old.id}" in screen_text(app)
        assert "\x1b" not in screen_text(app)
        await pilot.press("!")
        app.screen.query_one("#start").value = False
        await pilot.press("ctrl+s")
        await done(pilot)
        new_one = only(queue)
        assert new_one.id != old.id
        assert new_one.command == HOSTILE + "!"
        for field in ("priority", "env", "tags", "queue", "timeout_s", "cwd", "max_retries"):
            assert getattr(new_one, field) == getattr(old, field)


@piloted
async def test_the_longest_command_can_be_cloned(store, queue):
    old = added(queue, "x" * 131_071)
    app = Office(store)
    async with app.run_test(size=(80, 24)) as pilot:
        app.do(clone, old.id)
        await opened(pilot)
        app.screen.query_one("#start").value = False
        await pilot.press("ctrl+s")
        await done(pilot)
        assert (only(queue).command, only(queue).id != old.id) == (old.command, True)


# An edit


@piloted
async def test_an_edit_of_a_waiting_job_sends_only_what_was_changed_and_can_be_undone(store, queue):
    old = added(queue, HOSTILE, priority=5, timeout_s=0.25)
    app = Office(store)
    async with app.run_test(size=(80, 24)) as pilot:
        app.do(edit, old.id)
        await opened(pilot)
        assert f"Edit {old.id}" in screen_text(app)
        app.screen.query_one("#priority").focus()
        await pilot.press("backspace", "9")
        await pilot.pause()
        assert f"queuectl edit {old.id} --priority 9" in shown(app, "Same as")
        await pilot.press("ctrl+s")
        await done(pilot)
        now = queue.jobs.get(old.id)
        assert now._replace(priority=5, version=1, updated_at=old.updated_at) == old
        assert app.told == [f"Edited {old.id} · u undo"]
        assert app.desk.undo is not None
        queue.jobs.undo(app.desk.undo.before)
        assert queue.jobs.get(old.id).priority == 5


@piloted
async def test_an_ended_job_is_edited_and_run_again_in_one_step_with_the_difference_shown(store, queue):
    old = ended(queue, "ffmpeg -i in/1.mov out.mp4")
    app = Office(store)
    async with app.run_test(size=(80, 24)) as pilot:
        app.do(edit, old.id, pane=Pane.DLQ)
        await opened(pilot)
        await pilot.press(*["backspace"] * 7, *"new.mp4")
        await pilot.pause()
        assert "was  ffmpeg -i in/1.mov out.mp4" in shown(app, "was  ")
        assert "now  ffmpeg -i in/1.mov new.mp4" in shown(app, "now  ")
        await pilot.press("ctrl+s")
        await done(pilot)
        job = queue.jobs.get(old.id)
        assert (job.command, job.state, job.version) == ("ffmpeg -i in/1.mov new.mp4", State.PENDING, old.version + 1)
        assert app.desk.log[-1].line == f"queuectl edit {old.id} --command 'ffmpeg -i in/1.mov new.mp4' --retry"
        assert app.desk.undo is not None
        queue.jobs.undo(app.desk.undo.before)
        assert queue.jobs.get(old.id).state is State.CANCELLED


@piloted
async def test_an_ended_job_that_was_not_changed_is_told_as_retried_only(store, queue):
    old = ended(queue, "true\n")
    app = Office(store)
    async with app.run_test(size=(80, 24)) as pilot:
        app.do(edit, old.id, pane=Pane.DLQ)
        await opened(pilot)
        await pilot.press("ctrl+s")
        await done(pilot)
        assert app.told == [f"Retried {old.id}, unchanged · u undo"]
        assert (app.desk.log[-1].line, app.desk.log[-1].outcome) == (f"queuectl retry {old.id}", "1 retried, unchanged")
        assert queue.jobs.get(old.id).command == "true\n"


@piloted
async def test_of_several_jobs_only_the_touched_field_is_changed(store, queue):
    jobs = [added(queue, f"echo {n}", priority=n) for n in range(3)]
    app = Office(store)
    async with app.run_test(size=(80, 24)) as pilot:
        app.do(edit, *(job.id for job in jobs))
        await opened(pilot)
        assert "Edit 3 jobs" in screen_text(app)
        app.screen.query_one("#timeout").focus()
        await pilot.press(*"5m", "ctrl+s")
        await done(pilot)
        after = [queue.jobs.get(job.id) for job in jobs]
        assert [(job.command, job.priority, job.timeout_s) for job in after] == [
            (f"echo {n}", n, 300.0) for n in range(3)
        ]


@piloted
async def test_a_job_that_has_moved_on_meanwhile_is_told_in_the_form(store, queue):
    old = added(queue)
    app = Office(store)
    async with app.run_test(size=(80, 24)) as pilot:
        app.do(edit, old.id)
        await opened(pilot)
        await pilot.press(*"5")
        queue.jobs.change([old.id], Hold())
        await pilot.press("ctrl+s")
        await pause_until(pilot, lambda: old.id in shown(app, "has changed meanwhile"), "the error")
        assert queue.jobs.get(old.id).command == old.command
        await pilot.press("escape")
        await done(pilot)
        assert app.error is None


@piloted
async def test_what_one_form_cannot_be_for_is_refused_with_a_way_out(store, queue):
    running = added(queue, priority=9)
    with closing(open_pool_store(str(store))) as pool:
        pool.register(PoolRecord("p1", "host", "boot", "ns", 1, 1, 1, 1), [WorkerRecord("p1", "w1", 2, 1, 1)])
        pool.turn(Turn("p1", "host", (), (), (("p1/w1", 2),)), queue.clock())
    assert queue.jobs.get(running.id).state is State.PROCESSING
    waiting, over = added(queue), ended(queue)
    app = Office(store)
    async with app.run_test(size=(80, 24)) as pilot:
        for ids, target, said in (
            ((waiting.id, over.id), {}, "cannot be edited together"),
            ((), {"where": object()}, "500 jobs at most"),
            (("gone",), {}, "gone"),
            ((waiting.id, running.id), {}, "is processing; it cannot be edited"),
        ):
            app.do(edit, *ids, **target)
            await done(pilot)
            assert app.error is not None
            assert said in app.error.message


# A setting


@piloted
async def test_a_setting_is_changed_with_the_command_lines_own_checks(store, queue):
    app = Office(store)
    async with app.run_test(size=(80, 24)) as pilot:
        app.do(edit_setting, "max-retries", pane=Pane.CONFIG)
        await opened(pilot, Prompt)
        screen = screen_text(app)
        for told in ("attempts in all before a job is dead", "0 to 1,000,000", "3 (the default)", "jobs enqueued from"):
            assert told in screen
        await pilot.press("x", "enter")
        await pause_until(pilot, lambda: "must be an integer" in screen_text(app), "the error")
        await pilot.press("backspace", "7")
        await pause_until(pilot, lambda: "queuectl config set max-retries 7" in shown(app, "Same as"), "the line")
        await pilot.press("enter")
        await done(pilot)
        assert queue.config.get("max-retries") == "7"
        assert app.desk.log[-1].line == "queuectl config set max-retries 7"
        assert "max-retries = 7 (was 3)" in app.told[0]


@piloted
async def test_a_shell_that_is_not_there_is_stored_with_a_warning(store, queue):
    app = Office(store)
    async with app.run_test(size=(80, 24)) as pilot:
        app.do(edit_setting, "shell", pane=Pane.CONFIG)
        await opened(pilot, Prompt)
        await pilot.press(*"/no/such/sh", "enter")
        await done(pilot)
        assert queue.config.get("shell") == "/no/such/sh"
        assert "There is no program /no/such/sh here" in app.told[-1]


@piloted
async def test_a_setting_that_is_left_stays(store, queue):
    app = Office(store)
    async with app.run_test(size=(80, 24)) as pilot:
        app.do(edit_setting, "timeout", pane=Pane.CONFIG)
        await opened(pilot, Prompt)
        await pilot.press(*"5m", "escape")
        await done(pilot)
        assert (queue.config.get("timeout"), app.told) == ("none", [])
