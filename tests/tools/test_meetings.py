import json
import re
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import icalendar
import pytest

from tinyagent.errors import SettingsError, StoreError, ToolError
from tinyagent.settings import load
from tinyagent.tools import meetings
from tinyagent.tools.calendar import find_calendar_events, move_calendar_event
from tinyagent.tools.contacts import add_contact
from tinyagent.tools.context import Context, Folders
from tinyagent.tools.files import LOCK
from tinyagent.tools.meetings import available, get_zoom_meeting_link, meeting_link

NOW = datetime(2026, 3, 2, 9, 0)
TOMORROW = datetime(2026, 3, 3, 15, 0)


@pytest.fixture
def ctx(tmp_path):
    made = Context(NOW, ZoneInfo("Europe/Berlin"), Folders.under(tmp_path))
    add_contact(made, "Ana Lima", email="ana@example.org")
    return made


@pytest.fixture(autouse=True)
def known_randomness(monkeypatch):
    monkeypatch.setattr(meetings.secrets, "token_hex", lambda number: "0123456789abcdef"[: 2 * number])


def template(ctx, text):
    return replace(ctx, tools={"meetings": {"template": text}})


def undo(ctx, outcome):
    meetings._undo(ctx, json.loads(json.dumps(outcome.undo)))


def test_a_link_and_an_event(ctx):
    made = get_zoom_meeting_link(ctx, "Budget review", TOMORROW, timedelta(minutes=30), ["Ana Lima", "Bob"])
    link = "https://meet.jit.si/budget-review-0123456789abcdef"
    assert made.value == link
    assert made.answer == (
        f"{link} is the link for “Budget review” with Ana Lima and Bob, in your calendar tomorrow from 15:00 to 15:30."
    )
    (one,) = find_calendar_events(ctx, query="budget").value
    (event,) = icalendar.Calendar.from_ical(Path(one["path"]).read_bytes()).walk("VEVENT")
    assert str(event["LOCATION"]) == link and link in str(event["DESCRIPTION"])
    assert [str(guest) for guest in event["ATTENDEE"]] == ["mailto:ana@example.org", "invalid:nomail"]
    assert event.end - event.start == timedelta(minutes=30)
    undo(ctx, made)
    assert [p for p in ctx.folders.calendars.rglob("*") if p.is_file() and p.name != LOCK] == []


def test_an_hour_where_no_length_is_said_and_no_undo_of_what_was_changed(ctx):
    made = get_zoom_meeting_link(ctx, "Standup", TOMORROW)
    assert made.answer.endswith("“Standup”, in your calendar tomorrow from 15:00 to 16:00.")
    move_calendar_event(ctx, "standup", datetime(2026, 3, 4, 9))
    with pytest.raises(StoreError, match="changed since"):
        undo(ctx, made)


def test_a_day_alone_is_no_start(ctx):
    with pytest.raises(ToolError, match="At what time does “Standup” start"):
        get_zoom_meeting_link(ctx, "Standup", date(2026, 3, 3))
    with pytest.raises(ToolError, match="title is empty"):
        get_zoom_meeting_link(ctx, " ", TOMORROW)
    assert find_calendar_events(ctx).value == []


def test_a_room_of_ones_own(ctx):
    own = "https://zoom.us/j/123456?pwd=a.b"
    assert get_zoom_meeting_link(template(ctx, own), "Standup", TOMORROW).value == own


@pytest.mark.parametrize(
    "name", ["Größe/../Ähm", "x?y=z#w", "会議", "a\r\nATTENDEE:evil", "n" * 500, "{room}", "%2e%2e"]
)
def test_any_name_makes_one_plain_room(ctx, name):
    link = meeting_link({}, name, lambda number: "ab" * number)
    assert re.fullmatch(r"https://meet\.jit\.si/[a-z0-9_-]{1,40}-(ab){8}", link)
    made = get_zoom_meeting_link(ctx, name, TOMORROW)
    (one,) = find_calendar_events(ctx).value
    (event,) = icalendar.Calendar.from_ical(Path(one["path"]).read_bytes()).walk("VEVENT")
    assert "ATTENDEE" not in event and str(event["LOCATION"]) == made.value


@pytest.mark.parametrize(
    "text",
    [
        "http://meet.jit.si/{room}",
        "javascript:{room}",
        "https://a.example/\n{room}",
        "",
        "https://u:p@a.example/{room}",
    ],
)
def test_templates_that_are_no_address(ctx, tmp_path, text):
    with pytest.raises(SettingsError, match=r"template in the table \[meetings\] must be an https address"):
        get_zoom_meeting_link(template(ctx, text), "x", TOMORROW)
    assert find_calendar_events(ctx).value == []
    settings = load({"TINYAGENT_HOME": str(tmp_path / "t"), "HOME": str(tmp_path)})
    assert "template" in available(replace(settings, tools={"meetings": {"template": text}}))


def test_it_works_without_any_settings(tmp_path):
    assert available(load({"TINYAGENT_HOME": str(tmp_path), "HOME": str(tmp_path)})) is None


def test_rooms_are_never_the_same(monkeypatch, ctx):
    monkeypatch.undo()
    links = {get_zoom_meeting_link(ctx, "x", TOMORROW).value for _ in range(5)}
    assert len(links) == 5
