import json
import os
import subprocess
import sys
from datetime import date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import icalendar
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tinyagent.errors import NotFoundError, StoreError, ToolError
from tinyagent.grounding.choices import resolve_choice
from tinyagent.tools import reminders
from tinyagent.tools.context import Context, Folders
from tinyagent.tools.files import LOCK
from tinyagent.tools.registry import Span, catalogue
from tinyagent.tools.reminders import complete_reminder, create_reminder, delete_reminder, find_reminders

BERLIN = ZoneInfo("Europe/Berlin")
NOW = datetime(2026, 3, 2, 9, 0)  # a Monday
TODAY = Span(datetime(2026, 3, 2), datetime(2026, 3, 3))


@pytest.fixture
def ctx(tmp_path):
    return Context(NOW, BERLIN, Folders.under(tmp_path))


def at(ctx, now):
    return Context(now, ctx.timezone, ctx.folders)


def tree(ctx):
    root = ctx.folders.tasks
    return {p.relative_to(root): p.read_bytes() for p in root.rglob("*") if p.is_file() and p.name != LOCK}


def undo(ctx, outcome):
    reminders._undo(ctx, json.loads(json.dumps(outcome.undo)))


def todo_of(outcome):
    value = outcome.value[0] if isinstance(outcome.value, list) else outcome.value
    text = Path(value["path"]).read_bytes()
    (todo,) = icalendar.Calendar.from_ical(text).walk("VTODO")
    return todo


def names(ctx, **given):
    return [one["name"] for one in find_reminders(ctx, **given).value]


def todoman(ctx, *words):
    """Run the real program on the same folder."""
    config = ctx.folders.tasks.parent / "todoman.py"
    config.write_text(
        f"path = {str(ctx.folders.tasks / '*')!r}\ncache_path = {str(config.with_suffix('.db'))!r}\n"
        "date_format = '%Y-%m-%d'\ntime_format = '%H:%M'\n"
    )
    program = Path(sys.executable).with_name("todo")
    assert program.exists(), "todoman is missing: uv sync --group dev"
    done = subprocess.run(
        [program, "--config", config, *words],
        capture_output=True,
        text=True,
        env={**os.environ, "TZ": "Europe/Berlin"},
        timeout=60,
        check=True,
    )
    return done.stdout


# create


def test_a_reminder_has_what_the_format_asks_for(ctx):
    made = create_reminder(
        ctx,
        "call Sid about the budget",
        datetime(2026, 3, 2, 15),
        notes="bring, a; b\nEND:VTODO",
        priority="high",
    )
    assert made.answer == "I'll remind you today at 15:00: call Sid about the budget."
    todo = todo_of(made)
    assert todo["DUE"].dt == datetime(2026, 3, 2, 15, tzinfo=BERLIN)
    assert str(todo["DESCRIPTION"]) == "bring, a; b\nEND:VTODO"
    assert (todo["PRIORITY"], todo["STATUS"]) == (1, "NEEDS-ACTION")
    (alarm,) = todo.walk("VALARM")
    assert (alarm["TRIGGER"].dt, alarm["TRIGGER"].params["RELATED"]) == (timedelta(0), "END")
    assert {"UID", "DTSTAMP", "CREATED"} <= set(todo)
    undo(ctx, made)
    assert tree(ctx) == {}
    assert [p.name for p in ctx.folders.tasks.iterdir()] == [LOCK]


@pytest.mark.parametrize(("word", "number"), [("low", 9), ("medium", 5), ("high", 1)])
def test_priorities(ctx, word, number):
    made = create_reminder(ctx, "x", priority=word)
    assert todo_of(made)["PRIORITY"] == number
    assert find_reminders(ctx).value[0]["priority"] == word


def test_a_day_rings_in_the_morning_and_nothing_without_due(ctx):
    (alarm,) = todo_of(create_reminder(ctx, "x", date(2026, 3, 3))).walk("VALARM")
    assert alarm["TRIGGER"].dt == timedelta(hours=9)
    made = create_reminder(ctx, "buy milk")
    assert not todo_of(made).walk("VALARM")
    assert made.answer == "I'll remind you: buy milk."


@pytest.mark.parametrize(
    ("rule", "due"),
    [
        ("FREQ=DAILY", "2026-03-02"),
        ("FREQ=WEEKLY;BYDAY=WE", "2026-03-04"),
        ("FREQ=HOURLY", "2026-03-02T10:12:00"),
        ("FREQ=DAILY;BYHOUR=8", "2026-03-03T08:00:00"),
        ("FREQ=DAILY;BYHOUR=9;BYMINUTE=30", "2026-03-02T09:30:00"),
    ],
)
def test_a_recurring_one_without_due_begins_by_itself(ctx, rule, due):
    now = at(ctx, datetime(2026, 3, 2, 9, 12, 40))
    assert create_reminder(now, "stretch", recurrence=rule).value["due"] == due


def test_lists_are_made_once_and_found_by_name(ctx):
    made = create_reminder(ctx, "weed", list_name="Home & Garden")
    assert made.answer == "I'll remind you: weed, in your new list Home & Garden."
    for name in ("home & garden", "my Home & Garden list", "home-garden"):
        assert create_reminder(ctx, "rake", list_name=name).answer.endswith("in the list Home & Garden.")
    assert names(ctx, list_name="home garden") == ["rake"] * 3 + ["weed"]
    with pytest.raises(NotFoundError, match="no list work; there is Home & Garden"):
        find_reminders(ctx, list_name="work")
    undo(ctx, made)
    assert (ctx.folders.tasks / "home-garden").exists()


def test_undo_takes_a_new_list_away(ctx):
    undo(ctx, create_reminder(ctx, "weed", list_name="Home & Garden"))
    assert not (ctx.folders.tasks / "home-garden").exists()


@pytest.mark.parametrize("name", ["../../x", "/etc", "..", "a/b", ".git"])
def test_no_list_leaves_the_folder(ctx, name):
    path = Path(create_reminder(ctx, "x", list_name=name).value["path"])
    assert path.parent.parent == ctx.folders.tasks
    assert not path.parent.name.startswith(".")
    assert names(ctx, list_name=name) == ["x"]


@pytest.mark.parametrize(
    ("given", "why"),
    [
        ({"name": ""}, "reminder is empty"),
        ({"name": "x" * 10_001}, "longer than 10000"),
        ({"name": "x", "list_name": "  "}, "name of the list is empty"),
        ({"name": "x", "recurrence": "often"}, "not a recurrence"),
    ],
)
def test_what_makes_no_reminder_is_refused(ctx, given, why):
    with pytest.raises(ToolError, match=why):
        create_reminder(ctx, **given)
    assert tree(ctx) == {}


@settings(max_examples=30, deadline=None)
@given(name=st.text(min_size=1, max_size=60), list_name=st.text(min_size=1, max_size=30))
def test_any_text_is_kept_inside_the_folder(tmp_path_factory, name, list_name):
    ctx = Context(NOW, BERLIN, Folders.under(tmp_path_factory.mktemp("t")))
    try:
        made = create_reminder(ctx, name, list_name=list_name)
    except ToolError as error:
        assert "is empty" in str(error)
        return
    assert len(list(ctx.folders.tasks.glob("*/*.ics"))) == 1
    assert len(names(ctx)) == 1
    assert names(ctx, list_name=list_name) == [made.value["name"]]


# find


def test_find_by_words_day_and_list(ctx):
    create_reminder(ctx, "pay rent", date(2026, 3, 3))
    create_reminder(ctx, "call Sid", datetime(2026, 3, 2, 15))
    create_reminder(ctx, "buy milk")
    create_reminder(ctx, "old", datetime(2026, 3, 1, 15))
    assert names(ctx) == ["old", "call Sid", "pay rent", "buy milk"]
    assert names(ctx, query="the rent") == ["pay rent"]
    assert names(ctx, span=TODAY) == ["call Sid"]
    assert names(ctx, query="reminders", span=TODAY) == ["call Sid"]
    assert find_reminders(ctx, query="old").answer == (
        "You have one reminder for “old”: “old” yesterday at 15:00 (overdue)."
    )
    assert find_reminders(ctx, query="yoga").answer == "You have no reminders for “yoga”."
    tomorrow = Span(datetime(2026, 3, 3), datetime(2026, 3, 4))
    assert (
        find_reminders(ctx, query="yoga", span=tomorrow).answer
        == "You have no reminders for “yoga” tomorrow."
    )


def test_an_unreadable_file_is_mentioned_and_left(ctx):
    create_reminder(ctx, "pay rent")
    path = ctx.folders.tasks / "reminders" / "broken.ics"
    path.write_bytes(b"BEGIN:VCALENDAR\xff")
    assert find_reminders(ctx).answer.endswith(f"I could not read {path} and left it as it is.")
    with pytest.raises(NotFoundError, match=r"broken\.ics"):
        complete_reminder(ctx, "yoga")
    assert path.read_bytes() == b"BEGIN:VCALENDAR\xff"


# complete


def test_complete_and_undo(ctx):
    create_reminder(ctx, "pay the rent", date(2026, 3, 3))
    before = tree(ctx)
    done = complete_reminder(ctx, "rent")
    assert done.answer == "Done: “pay the rent”."
    todo = todo_of(done)
    assert (todo["STATUS"], todo["PERCENT-COMPLETE"]) == ("COMPLETED", 100)
    assert todo["COMPLETED"].dt.isoformat() == "2026-03-02T08:00:00+00:00"
    assert names(ctx) == []
    with pytest.raises(NotFoundError, match="no open reminder like “rent”"):
        complete_reminder(ctx, "rent")
    undo(ctx, done)
    assert tree(ctx) == before


@pytest.mark.parametrize(
    ("rule", "due", "now", "following"),
    [
        ("FREQ=DAILY", datetime(2026, 3, 2, 15), NOW, "2026-03-03T15:00:00"),
        ("FREQ=DAILY", datetime(2026, 2, 20, 8), NOW, "2026-03-03T08:00:00"),
        ("FREQ=DAILY", date(2026, 3, 2), NOW, "2026-03-03"),
        ("FREQ=DAILY", date(2026, 3, 1), NOW, "2026-03-02"),
        ("FREQ=WEEKLY;BYDAY=MO,FR", date(2026, 3, 2), NOW, "2026-03-06"),
        ("FREQ=WEEKLY", datetime(2026, 3, 23, 9), datetime(2026, 3, 23, 10), "2026-03-30T09:00:00"),
        ("FREQ=MONTHLY", date(2026, 1, 31), datetime(2026, 1, 31, 10), "2026-02-28"),
        ("FREQ=YEARLY", date(2024, 2, 29), NOW, "2028-02-29"),
        ("FREQ=DAILY;UNTIL=20260302", date(2026, 3, 2), NOW, None),
        ("FREQ=DAILY;COUNT=1", date(2026, 3, 2), NOW, None),
    ],
)
def test_a_recurring_one_comes_again(ctx, rule, due, now, following):
    create_reminder(at(ctx, due if isinstance(due, datetime) else NOW), "pills", due, recurrence=rule)
    done = complete_reminder(at(ctx, now), "pills")
    todo = todo_of(done)
    if following is None:
        assert todo["STATUS"] == "COMPLETED"
    else:
        assert (done.value[0]["done"], done.value[0]["due"]) == (False, following)
        assert find_reminders(ctx).value[0]["due"] == following
        assert todo["DTSTART"].dt == todo["DUE"].dt


def test_a_count_is_counted_down(ctx):
    create_reminder(ctx, "pills", datetime(2026, 3, 2, 8), recurrence="FREQ=DAILY;COUNT=3")
    for day in (3, 4):
        complete_reminder(ctx, "pills")
        assert find_reminders(ctx).value[0]["due"] == f"2026-03-0{day}T08:00:00"
    complete_reminder(ctx, "pills")
    assert names(ctx) == []


def test_which_one_is_asked_and_all_are_taken_by_name(ctx):
    create_reminder(ctx, "call Ana")
    create_reminder(ctx, "call Ana", date(2026, 3, 3))
    with pytest.raises(ToolError, match="Which one: “call Ana” tomorrow or “call Ana”"):
        complete_reminder(ctx, "call ana")
    assert len(complete_reminder(ctx, "all reminders to call ana").value) == 2


# delete


def test_delete_and_undo(ctx):
    create_reminder(ctx, "buy milk")
    create_reminder(ctx, "buy bread", datetime(2026, 3, 2, 15))
    create_reminder(ctx, "pay rent", date(2026, 3, 2))
    before = tree(ctx)
    gone = delete_reminder(ctx, query="milk")
    assert gone.answer == "I deleted the reminder “buy milk”."
    undo(ctx, gone)
    assert tree(ctx) == before
    gone = delete_reminder(ctx, span=TODAY)
    assert names(ctx) == ["buy milk"]
    undo(ctx, gone)
    assert tree(ctx) == before
    gone = delete_reminder(ctx, query="all my reminders")
    assert names(ctx) == []
    undo(ctx, gone)
    assert tree(ctx) == before


def test_delete_refuses_without_name_and_day(ctx):
    create_reminder(ctx, "buy milk")
    for query in (None, "my reminder"):
        with pytest.raises(ToolError, match="Which reminder"):
            delete_reminder(ctx, query=query)
    with pytest.raises(NotFoundError):
        delete_reminder(ctx, query="yoga")


def test_a_full_disk_changes_nothing(ctx, monkeypatch):
    create_reminder(ctx, "buy milk")
    create_reminder(ctx, "buy milk")
    before = tree(ctx)
    real, calls = os.fsync, []

    def full(descriptor):
        calls.append(descriptor)
        if len(calls) == 3:  # the second file
            raise OSError(28, "No space left on device")
        real(descriptor)

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(StoreError, match="the disk is full"):
        complete_reminder(ctx, "all the milk")
    assert tree(ctx) == before


# the real program


def test_todoman_lists_ours(ctx):
    create_reminder(ctx, "call Sid, urgent; now", datetime(2027, 3, 2, 15), notes="a\nb", priority="high")
    create_reminder(ctx, "pay rent", date(2027, 3, 31), recurrence="FREQ=MONTHLY", list_name="Home & Garden")
    complete = create_reminder(ctx, "buy milk")
    complete_reminder(ctx, "milk")
    listed = {one["summary"]: one for one in json.loads(todoman(ctx, "--porcelain", "list"))}
    assert set(listed) == {"call Sid, urgent; now", "pay rent"}
    sid, rent = listed["call Sid, urgent; now"], listed["pay rent"]
    assert sid["due"] == datetime(2027, 3, 2, 15, tzinfo=BERLIN).timestamp()
    assert (sid["priority"], sid["description"], sid["list"]) == (1, "a\nb", "reminders")
    assert (rent["recurring"], rent["list"]) == (True, "Home & Garden")
    everything = json.loads(todoman(ctx, "--porcelain", "list", "--status", "ANY"))
    assert complete.value["name"] in {one["summary"] for one in everything if one["completed"]}


def test_we_read_what_todoman_wrote(ctx):
    create_reminder(ctx, "water plants", datetime(2027, 3, 2, 15), recurrence="FREQ=WEEKLY")
    todoman(ctx, "new", "--list", "reminders", "--due", "2027-03-05 10:30", "feed", "the", "cat")
    assert find_reminders(ctx, query="cat").value[0]["due"] == "2027-03-05T10:30:00"
    (plants,) = [one for one in json.loads(todoman(ctx, "--porcelain", "list")) if "water" in one["summary"]]
    todoman(ctx, "done", str(plants["id"]))
    assert find_reminders(ctx, query="plants").value[0]["due"] == "2027-03-09T15:00:00"
    complete_reminder(ctx, "plants")
    complete_reminder(ctx, "plants")
    complete_reminder(ctx, "plants")
    # Past the change to summer time, though todoman writes UTC.
    assert find_reminders(ctx, query="plants").value[0]["due"] == "2027-03-30T15:00:00"


@pytest.mark.parametrize(
    ("words", "value"),
    [("really important", "high"), ("high importance", "high"), ("very urgent", "high"), ("crucial", "high"),
     ("low importance", "low"), ("nothing urgent", "low"), ("not that important", "low"), ("normal", "medium")],
)  # fmt: skip
def test_what_people_call_a_priority(words, value):
    assert resolve_choice(words, catalogue()["create_reminder"].parameter("priority").choices) == value
