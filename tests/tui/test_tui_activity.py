"""The panel of what was done: rows, details, search, undo, and a journal that cannot be read."""

import asyncio
import sqlite3
import threading

import pytest
from panel_stage import NOW, Beside, Home, watch
from tui_stage import until

from tinyagent.assistant import Assistant
from tinyagent.calls import Call, Plan
from tinyagent.journal import open_journal
from tinyagent.tui import services
from tinyagent.tui.panels import panel
from tinyagent.tui.panels.activity import Activity

TIMER = Call("set_timer", {"duration": "PT10M", "label": "pasta"})
LOOK = Call("find_timers", {})
LIST = Call("create_list", {"list_name": "gifts [b]for[/b] Ana"})


@pytest.fixture
def home(tmp_path):
    return Home(tmp_path)


def done(home, words, *calls):
    """Run calls with the real executor, so that they are in the journal."""
    assistant = Assistant(home.settings, availability=None)
    assistant.run(Plan(words, NOW, calls), now=NOW)
    assistant.journal.close()


def chosen(activity):
    return activity.rows.highlighted_option.id


async def at_rows(pilot, activity):
    activity.take_focus()
    await until(pilot, lambda: activity.screen.focused is activity.rows)


def prompts(activity):
    return [option.prompt.plain for option in activity.rows.options]


@pytest.mark.parametrize("size", [(36, 24), (80, 24)])
def test_rows_are_newest_first_and_the_chosen_one_is_told_in_full(home, size):
    done(home, "set a pasta timer for ten minutes", TIMER)
    done(home, "which timers are there", LOOK)
    activity = Activity(home.settings)

    async def act(app, pilot):
        first, second = prompts(activity)
        assert first.splitlines()[1].strip() == "There is a timer with 10 minutes left (pasta)."
        assert "can be undone" not in first
        assert second.splitlines()[0].endswith("done · can be undone")
        assert second.splitlines()[1].strip() == "Pasta timer set for 10 minutes, until 09:10."
        assert "which timers are there" in " ".join(app.text.split())
        assert "Undo this" not in app.text
        await at_rows(pilot, activity)
        await pilot.press("down")
        await until(pilot, lambda: "Undo this" in app.text)
        said = " ".join(app.text.split())
        assert "“set a pasta timer for ten minutes” set timer (write) duration: 10 min label: pasta" in said

    watch(act, activity, size)


def test_enter_goes_to_the_button_and_the_row_shows_what_came_of_it(home):
    done(home, "set a timer", TIMER)
    activity = Activity(home.settings)

    async def act(app, pilot):
        await at_rows(pilot, activity)
        await pilot.press("enter")
        assert app.posted == []
        await pilot.press("enter")
        await until(pilot, lambda: app.posted)
        assert [message.entry for message in app.posted] == [1]
        assert app.focused is activity.rows
        # Nobody tells the panel: it sees that the journal has changed.
        await asyncio.to_thread(services.undo, home.settings, 1)
        await until(pilot, lambda: len(prompts(activity)) == 2)
        assert "Took back set_timer." in prompts(activity)[0]
        assert "· undone" in prompts(activity)[1]
        assert chosen(activity) == "1"
        await until(pilot, lambda: "Undo this" not in app.text)
        await pilot.press("enter", "enter")
        assert len(app.posted) == 1

    watch(act, activity)


def test_what_was_only_looked_at_has_no_button(home):
    done(home, "which timers", LOOK)
    activity = Activity(home.settings)

    async def act(app, pilot):
        await at_rows(pilot, activity)
        await pilot.press("enter", "enter")
        assert app.posted == []
        assert app.focused is activity.rows

    watch(act, activity)


def test_the_row_at_hand_stays_when_something_new_is_done(home):
    done(home, "set a timer", TIMER)
    activity = Activity(home.settings)

    async def act(app, pilot):
        await at_rows(pilot, activity)
        await pilot.press("enter")
        done(home, "make a list", LIST)
        await until(pilot, lambda: len(prompts(activity)) == 2)
        await pilot.press("enter")
        await until(pilot, lambda: app.posted)
        assert app.posted[0].entry == 1

    watch(act, activity)


def test_typing_searches(home):
    done(home, "set a pasta timer", TIMER)
    done(home, "make a list for the gifts", LIST)
    done(home, "which timers", LOOK)
    activity = Activity(home.settings)

    async def act(app, pilot):
        await at_rows(pilot, activity)
        await pilot.press(*"pasta")
        assert activity.search.value == "pasta"
        await until(pilot, lambda: len(prompts(activity)) == 2)
        await pilot.press("space", *"SET")
        await until(pilot, lambda: len(prompts(activity)) == 1)
        assert chosen(activity) == "1"
        await pilot.press("x")
        await until(pilot, lambda: "Nothing fits the search." in app.text)
        await pilot.press("escape")
        await until(pilot, lambda: len(prompts(activity)) == 3)
        assert app.focused is activity.rows
        await pilot.press("slash", *"gifts", "enter")
        await until(pilot, lambda: app.focused is activity.rows)
        assert chosen(activity) == "2"

    watch(act, activity)


def test_words_from_outside_are_only_words(home):
    done(home, "make [red]a[/red] list \x1b[31m [/", LIST)
    activity = Activity(home.settings)

    async def act(app, pilot):
        assert "gifts [b]for[/b] Ana" in app.text
        assert r"make [red]a[/red] list \x1b[31m [/" in app.text

    watch(act, activity, (80, 24))


def test_nothing_was_done_yet(home):
    async def act(app, pilot):
        assert "Nothing has been done yet." in app.text

    watch(act, Activity(home.settings))


def test_a_journal_of_a_newer_program(home):
    done(home, "set a timer", TIMER)
    journal = open_journal(home.settings)
    with sqlite3.connect(journal.path) as connection:
        connection.execute("PRAGMA user_version = 99")
    connection.close()
    activity = Activity(home.settings)

    async def act(app, pilot):
        assert "was written by a newer tinyagent" in " ".join(app.text.split())

    watch(act, activity, (80, 24))


def test_a_damaged_journal_is_moved_aside_and_said(home):
    home.settings.state.mkdir(parents=True, exist_ok=True)
    open_journal(home.settings).path.write_bytes(b"no journal" * 1000)
    activity = Activity(home.settings)

    async def act(app, pilot):
        assert "The journal was damaged, so a new one was begun" in " ".join(app.text.split())
        done(home, "set a timer", TIMER)
        await until(pilot, lambda: len(prompts(activity)) == 1)
        assert "The journal was damaged" in " ".join(app.text.split())

    watch(act, activity, (80, 24))


def test_a_reading_that_hangs_holds_up_neither_the_screen_nor_the_end(home, monkeypatch):
    monkeypatch.setattr(panel, "PATIENCE", 0.0)
    gate = threading.Event()

    class Hanging(Activity):
        def read(self):
            gate.wait()
            return super().read()

    activity = Hanging(home.settings)

    async def run():
        app = Beside(activity)
        async with app.run_test(size=(80, 24)) as pilot:
            await until(pilot, lambda: "Something does not answer" in app.text)
            await at_rows(pilot, activity)
            await pilot.press("slash", *"typed")
            assert activity.search.value == "typed"

    try:
        asyncio.run(run())
    finally:
        gate.set()


def test_a_bug_in_reading_is_a_sentence(home):
    class Broken(Activity):
        def read(self):
            raise ZeroDivisionError

    async def act(app, pilot):
        assert "(ZeroDivisionError)" in app.text

    watch(act, Broken(home.settings), (80, 24))
