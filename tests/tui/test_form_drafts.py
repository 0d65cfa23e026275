"""What is typed into a form and left, and what typing replaces."""

from __future__ import annotations

from queuectl.core.lifecycle import Edit
from queuectl.tui.deeds.forms import edit, new
from tests.tui.office import Office, added, done, opened, shown
from tests.tui.screen import piloted, screen_text


@piloted
async def test_an_edit_that_was_left_is_gone_on_with_until_it_is_sent(store, queue):
    one, other = added(queue, "echo one"), added(queue, "echo other")
    app = Office(store)
    async with app.run_test(size=(80, 24)) as pilot:
        app.do(edit, one.id)
        await opened(pilot)
        await pilot.press(*" XX", "escape")
        await done(pilot)
        app.do(edit, other.id)
        await opened(pilot)
        assert "as you left it" not in screen_text(app)
        assert "echo other" in shown(app, "Command")
        await pilot.press("escape")
        await done(pilot)
        app.do(edit, one.id)
        await opened(pilot)
        assert f"Edit {one.id}, as you left it (ctrl+n begins anew)" in screen_text(app)
        assert "echo one XX" in shown(app, "Command")
        await pilot.press("ctrl+s")
        await done(pilot)
        assert queue.jobs.get(one.id).command == "echo one XX"
        assert app.desk.edited is None


@piloted
async def test_an_edit_that_was_left_is_forgotten_when_it_is_begun_anew_or_the_job_has_moved(store, queue):
    job = added(queue, "echo one", priority=5)
    app = Office(store)
    async with app.run_test(size=(80, 24)) as pilot:
        for _ in range(2):
            app.do(edit, job.id)
            await opened(pilot)
            await pilot.press("ctrl+n", *" XX", "tab", "7", "escape")
            await done(pilot)
        app.do(edit, job.id)
        await opened(pilot)
        await pilot.press("ctrl+n")
        await pilot.pause()
        assert "as you left it" not in screen_text(app)
        assert shown(app, "Command").split()[2:4] == ["echo", "one"]
        assert "Priority    5" in screen_text(app)
        await pilot.press(*" YY", "escape")
        await done(pilot)
        queue.jobs.change([job.id], Edit({"priority": 9}))
        app.do(edit, job.id)
        await opened(pilot)
        assert "as you left it" not in screen_text(app)
        assert "YY" not in screen_text(app)
        await pilot.press("escape")
        await done(pilot)


@piloted
async def test_who_goes_on_to_a_filled_field_and_types_replaces_what_is_in_it(store, queue):
    job = added(queue, "echo one", priority=1, max_retries=4)
    app = Office(store)
    async with app.run_test(size=(80, 24)) as pilot:
        app.do(edit, job.id)
        await opened(pilot)
        await pilot.press("tab", "7", "7", "enter", "9", "ctrl+s")
        await done(pilot)
        now = queue.jobs.get(job.id)
        assert (now.command, now.priority, now.max_retries) == ("echo one", 77, 9)


@piloted
async def test_an_empty_form_names_no_command_line(store, queue):
    app = Office(store)
    async with app.run_test(size=(80, 24)) as pilot:
        app.do(new)
        await opened(pilot)
        assert "Same as" not in screen_text(app)
        await pilot.press("a")
        await pilot.pause()
        assert "queuectl enqueue -- a" in shown(app, "Same as")
        await pilot.press("escape")
        await done(pilot)
