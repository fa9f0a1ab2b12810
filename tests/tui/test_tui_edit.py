"""Editing a plan: words are grounded beside the typing, what cannot be is told, only what is meant runs again."""

from datetime import datetime
from functools import partial

import pytest
from test_stream import MAIL, SUM, TEXT, TIMER, WORLD
from textual.widgets import Button, Input, TextArea
from tui_stage import Stage, events_of, play, still, until

from tinyagent.calls import Call, Plan
from tinyagent.errors import StoreError
from tinyagent.grounding.base import Unresolved, World
from tinyagent.tools.registry import catalogue
from tinyagent.tui.card import Card
from tinyagent.tui.edit import Editor
from tinyagent.tui.revise import read_value, revised

NOW = datetime(2026, 3, 2, 9)
HOME = World(NOW, ("Ana Lima", "Ana Roth", "Sid Rao"), ("shopping", "work"))
REMINDER = Call(
    "create_reminder", {"name": "call Sid", "due": "2026-03-04T15:00:00"}, {"due": "wednesday at three"}
)
EVENT = Call(
    "create_calendar_event", {"title": "lunch", "start": "2026-03-05T12:00:00"}, {"start": "thursday noon"}
)


def plan_of(*calls, depends=()):
    return Plan("words", NOW, calls, depends)


def editor_of(*calls, depends=(), done=()):
    return partial(Editor, 5, plan_of(*calls, depends=depends), catalogue(), HOME, done)


def field(editor, name, call=0):
    return next(f for f in editor.forms[call].fields if f.parameter.name == name)


async def put(pilot, editor, name, text, call=0):
    """Type a text for an argument and wait until it is read."""
    at = field(editor, name, call)
    if isinstance(at.typing, Input):
        at.typing.value = text
    else:
        at.typing.text = text
    await pilot.pause()
    await until(pilot, lambda: not at.pending)
    return at


def test_words_become_values_and_the_plan_is_run():
    make = editor_of(REMINDER)

    async def act(app, pilot):
        editor = app.query_one(Editor)
        assert app.focused is field(editor, "name").typing
        assert "← “wednesday at three”" in app.text
        due = await put(pilot, editor, "due", "tomorrow at four")
        assert due.value == "2026-03-03T16:00:00"
        assert "→ Tue 2026-03-03 16:00" in app.text
        await pilot.press("ctrl+s")
        await pilot.pause()
        [edited] = app.posted
        assert edited.number == 5
        assert edited.plan.calls[0].args == {"name": "call Sid", "due": "2026-03-03T16:00:00"}
        assert edited.plan.calls[0].words == {"due": "tomorrow at four"}

    play(act, make)


def test_what_has_no_value_is_told_and_does_not_run():
    make = editor_of(REMINDER, Call("set_timer", {"duration": "PT10M"}))

    async def act(app, pilot):
        editor = app.query_one(Editor)
        run = editor.query_one("#run", Button)
        assert not run.disabled
        await put(pilot, editor, "due", "the purple one")
        assert "What do you mean by “the purple one”?" in app.text
        assert run.disabled
        await pilot.press("ctrl+s")
        await put(pilot, editor, "due", "friday at noon")
        assert not run.disabled
        await put(pilot, editor, "duration", "", call=1)
        assert "duration cannot be left out." in app.text
        assert run.disabled
        await pilot.press("ctrl+s")
        assert app.posted == []
        await put(pilot, editor, "duration", "PT10M", call=1)
        assert not run.disabled

    play(act, make)


def test_nothing_runs_while_words_are_still_to_be_read():
    make = editor_of(REMINDER)

    async def act(app, pilot):
        editor = app.query_one(Editor)
        field(editor, "due").typing.value = "the purple one"
        await until(pilot, lambda: field(editor, "due").pending or field(editor, "due").error)
        assert editor.query_one("#run", Button).disabled
        await pilot.press("ctrl+s")
        assert app.posted == []

    play(act, make)


def test_optional_arguments_are_added_and_removed():
    make = editor_of(REMINDER)

    async def act(app, pilot):
        editor = app.query_one(Editor)
        assert not field(editor, "notes").display
        await pilot.click("CallForm Button")
        await pilot.pause()
        assert field(editor, "notes").display
        await put(pilot, editor, "priority", "urgent")
        await put(pilot, editor, "list_name", "the shopping list")
        await put(pilot, editor, "due", " ")
        assert not editor.query_one("#run", Button).disabled
        await pilot.click("#run")
        await pilot.pause()
        assert app.posted[0].plan.calls[0].args == {
            "name": "call Sid",
            "priority": "high",
            "list_name": "shopping",
        }

    play(act, make, size=(100, 50))


def test_what_is_not_edited_stays_as_it_was():
    body = "Hello\n\x1b[2J“you”\ttab"
    mail = Call(
        "compose_new_email", {"recipients": ["Ana Roth"], "subject": "[b]x", "body": body}, {"body": "$3"}
    )
    make = editor_of(mail)

    async def act(app, pilot):
        editor = app.query_one(Editor)
        assert isinstance(field(editor, "body").typing, TextArea)
        assert "\x1b" not in app.text
        subject = await put(pilot, editor, "subject", "y")
        assert subject.value == "y"
        await put(pilot, editor, "subject", "[b]x")
        await put(pilot, editor, "recipients", "Sid and Ana")
        assert "Which Ana: Ana Lima or Ana Roth?" in app.text
        await put(pilot, editor, "recipients", "Sid and Ana Roth")
        await pilot.press("ctrl+s")
        await pilot.pause()
        [call] = app.posted[0].plan.calls
        assert call.args == {"recipients": ["Sid Rao", "Ana Roth"], "subject": "[b]x", "body": body}
        assert call.words == {"recipients": "Sid and Ana Roth", "body": "$3"}

    play(act, make)


def test_enter_goes_on_and_escape_leaves():
    make = editor_of(REMINDER)

    async def act(app, pilot):
        editor = app.query_one(Editor)
        await pilot.press("enter")
        assert app.focused is field(editor, "due").typing
        await pilot.press("enter", "escape")
        assert app.posted == []

    play(act, make)


TIMED = Call("set_timer", {"duration": "PT10M"})
READ = Call("search_notes", {"query": "lease"})
NOTE = Call("create_note", {"name": "lease", "content": "$1"}, {"content": "$1"})


def test_what_has_run_runs_again_only_where_that_is_meant():
    make = editor_of(TIMED, READ, NOTE_OF_TWO, depends=((2, 1),), done={0, 1})

    async def act(app, pilot):
        editor = app.query_one(Editor)
        assert [form.box.value for form in editor.forms] == [False, False, True]
        assert str(editor.button.label) == "Run 2 calls"
        await put(pilot, editor, "name", "the lease", call=2)
        await pilot.press("ctrl+s")
        await pilot.pause()
        plan = app.posted[0].plan
        assert [call.tool for call in plan.calls] == ["search_notes", "create_note"]
        assert plan.depends == ((1, 0),)
        assert plan.calls[1].args == {"name": "the lease", "content": "$1"}
        await put(pilot, editor, "duration", "five minutes")
        assert editor.forms[0].box.value
        assert str(editor.button.label) == "Run 3 calls"
        for form in editor.forms:
            form.box.value = False
        await pilot.pause()
        assert editor.button.disabled

    play(act, make, size=(80, 50))


NOTE_OF_TWO = Call("create_note", {"name": "lease", "content": "$2"}, {"content": "$2"})


def test_a_reference_can_be_taken_away():
    first = Call("summarize_pdf", {"pdf_path": "/home/ana/lease.pdf"})
    make = editor_of(first, NOTE, depends=((1, 0),), done={0})

    async def act(app, pilot):
        editor = app.query_one(Editor)
        assert "↑ an earlier result" in app.text
        await put(pilot, editor, "content", "pay it", call=1)
        assert [call.tool for call in editor.result().calls] == ["create_note"]
        assert editor.result().depends == ()
        await put(pilot, editor, "content", "$1", call=1)
        assert editor.result().depends == ((1, 0),)
        await put(pilot, editor, "content", "pay it", call=1)
        await put(pilot, editor, "name", "$1", call=1)
        assert editor.result().depends == ((1, 0),)

    play(act, make, size=(80, 50))


def test_a_card_opens_and_closes_its_editor(tmp_path):
    shop, events = events_of(tmp_path, SUM, MAIL, TIMER, confirm=lambda tool, call: False)
    card = Card(1, TEXT, grounds=lambda: (shop.tools, WORLD))

    async def act(app, pilot):
        card.focus()
        for event in events[:-1]:
            card.heard(event)
        card.action_edit()  # as from the confirmation: the command still goes on
        card.heard(events[-1])
        await until(pilot, lambda: len(card.query(Editor)) == 1)
        assert "was not confirmed" not in app.text
        editor = card.query_one(Editor)
        assert [form.box.value for form in editor.forms] == [False, True, False]
        editor.button.focus()
        await pilot.press("r", "e", "u", "c", "d")
        assert app.posted == []
        await pilot.press("escape")
        await until(pilot, lambda: not card.query(Editor))
        assert app.focused is card
        assert "was not confirmed" in app.text
        await pilot.press("e")
        await until(pilot, lambda: len(card.query(Editor)) == 1)
        await put(pilot, card.query_one(Editor), "to", "Ana Lima", call=1)
        await pilot.press("ctrl+s")
        await until(pilot, lambda: not card.query(Editor))
        assert [call.args for call in app.posted[0].plan.calls] == [
            {"file_name": "the lease"}, {"to": ["Ana Lima"], "body": "$1"},
        ]  # fmt: skip
        assert card.state == "running"
        assert "to: Ana Lima" in app.text
        again = shop.assistant.run(app.posted[0].plan, confirm=lambda tool, call: True)
        assert ("mail", {"to": ["Ana Lima"], "body": "text of sum_up"}) in shop.ran
        assert [result.status for result in again.results] == ["done", "done"]

    play(act, card)


def broken_store():
    raise StoreError("The contacts cannot be read: look at them.")


@pytest.mark.parametrize(
    ("grounds", "said"),
    [
        (None, "still loading"),
        (broken_store, "The contacts cannot be read: look at them."),
        (lambda: 1 / 0, "cannot be edited any more"),
        (lambda: (catalogue(), WORLD), "`tinyagent tools`"),
    ],
)
def test_what_cannot_be_edited_is_a_sentence(tmp_path, grounds, said):
    _, events = events_of(tmp_path, TIMER)
    card = Card(1, TEXT, grounds=grounds)

    async def act(app, pilot):
        for event in events:
            card.heard(event)
        card.focus()
        await pilot.press("e")
        await until(pilot, lambda: said in app.text)
        assert "timer is done." in app.text

    play(act, card, size=(120, 40))


TOOLS = catalogue()


def read(tool, name, said, args=None, references=()):
    return read_value(said, TOOLS[tool].parameter(name), TOOLS[tool], HOME, args or {}, references)


@pytest.mark.parametrize(
    ("tool", "name", "said", "value"),
    [
        ("create_reminder", "due", "2026-03-09T08:30:00", "2026-03-09T08:30:00"),
        ("create_reminder", "due", "2026-03-09", "2026-03-09"),
        ("create_reminder", "recurrence", "every friday", "FREQ=WEEKLY;BYDAY=FR"),
        ("create_reminder", "recurrence", "FREQ=DAILY", "FREQ=DAILY"),
        ("create_reminder", "priority", "high", "high"),
        ("create_reminder", "notes", "  as typed ", "  as typed "),
        ("set_timer", "duration", "PT5M", "PT5M"),
        ("set_timer", "duration", "half an hour", "PT30M"),
        ("set_volume", "level", "40%", 40),
        ("set_volume", "level", "fifty percent", 50),
        ("search_email", "unread", "yes", True),
        ("convert_units", "value", "2.5", 2.5),
        ("compose_new_email", "recipients", "Sid", ["Sid Rao"]),
    ],
)
def test_reading(tool, name, said, value):
    assert read(tool, name, said) == value


@pytest.mark.parametrize(
    ("tool", "name", "said"),
    [
        ("create_reminder", "due", "2026-13-09T08:30:00"), ("set_volume", "level", "400"),
        ("convert_units", "value", "NaN"), ("compose_new_email", "recipients", "him"),
        ("create_reminder", "recurrence", "FREQ=NEVER"), ("create_reminder", "priority", "purple"),
    ],
)  # fmt: skip
def test_no_reading(tool, name, said):
    with pytest.raises(Unresolved):
        read(tool, name, said)


def test_a_bare_clock_time_keeps_its_day():
    assert read("create_reminder", "due", "at four", dict(REMINDER.args)) == "2026-03-04T16:00:00"
    assert read("create_calendar_event", "end", "two", dict(EVENT.args)) == "2026-03-05T14:00:00"
    assert read("create_reminder", "due", "today at four", dict(REMINDER.args)) == "2026-03-02T16:00:00"


def test_only_known_references_are_references():
    assert read("create_note", "content", "$1", references=("$1",)) == "$1"
    with pytest.raises(Unresolved):
        read("set_timer", "duration", "$1")


def test_a_part_of_a_plan_is_numbered_anew():
    calls = (TIMED, READ, Call("a", {"x": ["$2.path", "$1", "$9"]}, {"x": "$2.path"}), NOTE)
    plan = plan_of(*calls, depends=((2, 1),))
    part = revised(plan, calls, plan.depends, {2})
    assert [call.tool for call in part.calls] == ["search_notes", "a"]
    assert part.depends == ((1, 0),)
    assert part.calls[1].args == {"x": ["$1.path", "$1", "$9"]}
    assert part.calls[1].words == {"x": "$1.path"}
    assert revised(plan, calls, plan.depends, range(4)) == plan


def test_it_looks_as_it_did(snap_compare):
    make = editor_of(REMINDER, Call("set_timer", {"duration": "PT10M"}), done={1})

    async def before(pilot):
        editor = pilot.app.query_one(Editor)
        still(pilot.app)
        await put(pilot, editor, "name", "call Ana")
        await put(pilot, editor, "due", "the purple one")

    assert snap_compare(Stage(make), terminal_size=(80, 24), run_before=before)
