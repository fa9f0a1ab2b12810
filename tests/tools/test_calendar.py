import json
import time
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import icalendar
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tinyagent.errors import NotFoundError, StoreError, ToolError
from tinyagent.tools import calendar
from tinyagent.tools.calendar import (
    create_calendar_event,
    delete_calendar_event,
    find_calendar_events,
    move_calendar_event,
)
from tinyagent.tools.contacts import add_contact
from tinyagent.tools.context import Context, Folders
from tinyagent.tools.files import LOCK
from tinyagent.tools.registry import Span

BERLIN = ZoneInfo("Europe/Berlin")
NOW = datetime(2026, 3, 2, 9, 0)  # a Monday
TOMORROW = Span(datetime(2026, 3, 3), datetime(2026, 3, 4))
WEEK = Span(datetime(2026, 3, 2), datetime(2026, 3, 9))
HEAD = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//Else//EN\r\n"


@pytest.fixture
def ctx(tmp_path):
    return Context(NOW, BERLIN, Folders.under(tmp_path))


def tree(ctx):
    root = ctx.folders.calendars
    return {p.relative_to(root): p.read_bytes() for p in root.rglob("*") if p.is_file() and p.name != LOCK}


def undo(ctx, outcome):
    calendar._undo(ctx, json.loads(json.dumps(outcome.undo)))


def events(outcome):
    with open(outcome.value["path"], "rb") as stream:
        return icalendar.Calendar.from_ical(stream.read()).walk("VEVENT")


def starts(ctx, span=None, **given):
    return [one["start"] for one in find_calendar_events(ctx, span=span, **given).value]


def foreign(ctx, body, name="foreign.ics"):
    path = ctx.folders.calendars / "work" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes((HEAD + body.strip().replace("\n", "\r\n") + "\r\nEND:VCALENDAR\r\n").encode())
    return path


# create


def test_an_event_has_what_the_format_asks_for(ctx):
    add_contact(ctx, "Ana Lima", email="ana@example.org")
    made = create_calendar_event(
        ctx,
        "Budget",
        datetime(2026, 3, 3, 15, 0),
        duration=timedelta(minutes=90),
        location="Room 4; east, 2nd",
        invitees=["Ana Lima", "Bob"],
        notes="line\nBEGIN:VEVENT",
    )
    assert made.answer == (
        "In your calendar now: “Budget” tomorrow from 15:00 to 16:30, "
        "at Room 4; east, 2nd, with Ana Lima and Bob."
    )
    (event,) = events(made)
    assert event.start == datetime(2026, 3, 3, 15, 0, tzinfo=BERLIN)
    assert event["DTSTART"].params["TZID"] == "Europe/Berlin"
    assert event.end - event.start == timedelta(minutes=90)
    assert str(event["LOCATION"]) == "Room 4; east, 2nd"
    assert str(event["DESCRIPTION"]) == "line\nBEGIN:VEVENT"
    ana, bob = event["ATTENDEE"]
    assert (str(ana), ana.params["CN"]) == ("mailto:ana@example.org", "Ana Lima")
    assert (str(bob), bob.params["CN"]) == ("invalid:nomail", "Bob")
    assert {"UID", "DTSTAMP", "CREATED"} <= set(event)
    assert made.value["path"].endswith(f"personal/{made.value['uid']}.ics")
    undo(ctx, made)
    assert tree(ctx) == {}


@pytest.mark.parametrize(
    ("given", "end"),
    [
        ({"start": datetime(2026, 3, 3, 15)}, "2026-03-03T16:00:00"),
        ({"start": datetime(2026, 3, 3, 15), "end": datetime(2026, 3, 3, 17)}, "2026-03-03T17:00:00"),
        ({"start": datetime(2026, 3, 3, 22), "end": datetime(2026, 3, 3, 1)}, "2026-03-04T01:00:00"),
        ({"start": datetime(2026, 3, 3, 22), "end": date(2026, 3, 4)}, "2026-03-05T00:00:00"),
        ({"start": date(2026, 3, 3)}, "2026-03-04"),
        ({"start": date(2026, 3, 3), "end": date(2026, 3, 5)}, "2026-03-06"),
        ({"start": date(2026, 3, 3), "duration": timedelta(days=2)}, "2026-03-05"),
    ],
)
def test_ends(ctx, given, end):
    assert create_calendar_event(ctx, "x", **given).value["end"] == end


@pytest.mark.parametrize(
    ("given", "why"),
    [
        ({"start": datetime(2026, 3, 3, 15), "end": datetime(2026, 3, 2, 15)}, "end before it starts"),
        ({"start": datetime(2026, 3, 3, 15), "end": date(2026, 3, 2)}, "end before it starts"),
        ({"start": datetime(2026, 3, 3, 15), "duration": timedelta(0)}, "end before it starts"),
        ({"start": date(2026, 3, 3), "end": date(2026, 3, 1)}, "end before it starts"),
        ({"start": date(2026, 3, 3), "duration": timedelta(hours=2)}, "At what time"),
        ({"start": date(2026, 3, 3), "end": datetime(2026, 3, 3, 17)}, "At what time"),
        ({"start": NOW, "recurrence": "FREQ=NEVER"}, "not a recurrence"),
        ({"start": NOW, "recurrence": "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30"}, "never happens"),
        ({"start": NOW, "notes": "x" * 10_001}, "longer than 10000"),
        ({"start": NOW, "title": " \0 "}, "title is empty"),
    ],
)
def test_what_makes_no_event_is_refused_and_nothing_written(ctx, given, why):
    with pytest.raises(ToolError, match=why):
        create_calendar_event(ctx, **{"title": "x", **given})
    assert tree(ctx) == {}


def test_a_series_begins_on_its_first_day_and_keeps_its_hour_in_summer(ctx):
    made = create_calendar_event(
        ctx,
        "Standup",
        datetime(2026, 3, 3, 9),
        recurrence="FREQ=WEEKLY;BYDAY=MO",
        end=datetime(2026, 3, 3, 9, 15),
    )
    assert made.answer.endswith("on Monday 9 March from 09:00 to 09:15, every Monday.")
    april = Span(datetime(2026, 3, 23), datetime(2026, 4, 7))
    assert starts(ctx, april) == ["2026-03-23T09:00:00", "2026-03-30T09:00:00", "2026-04-06T09:00:00"]


def test_every_month_on_the_31st_is_the_last_day_of_shorter_months(ctx):
    create_calendar_event(ctx, "Rent", date(2026, 1, 31), recurrence="FREQ=MONTHLY")
    spring = Span(datetime(2026, 2, 1), datetime(2026, 6, 1))
    assert starts(ctx, spring) == ["2026-02-28", "2026-03-31", "2026-04-30", "2026-05-31"]


@pytest.mark.parametrize("zone", ["UTC", "America/New_York", "Pacific/Kiritimati", "Asia/Kathmandu"])
def test_other_zones(tmp_path, zone):
    ctx = Context(NOW, ZoneInfo(zone), Folders.under(tmp_path))
    create_calendar_event(ctx, "x", datetime(2026, 3, 3, 0, 30))
    create_calendar_event(ctx, "day", date(2026, 3, 3))
    assert starts(ctx, TOMORROW) == ["2026-03-03", "2026-03-03T00:30:00"]


def test_an_hour_that_summer_time_skips_does_not_fail(ctx):
    create_calendar_event(ctx, "Night", datetime(2026, 3, 29, 2, 30))
    assert len(starts(ctx, Span(datetime(2026, 3, 29), datetime(2026, 3, 30)))) == 1


@settings(max_examples=40, deadline=None)
@given(title=st.text(min_size=1, max_size=60), notes=st.text(min_size=1, max_size=200))
def test_any_text_comes_back_as_it_was(tmp_path_factory, title, notes):
    ctx = Context(NOW, BERLIN, Folders.under(tmp_path_factory.mktemp("c")))
    try:
        create_calendar_event(ctx, title, NOW + timedelta(hours=1), location=title, notes=notes)
    except ToolError as error:
        assert "is empty" in str(error)
        return
    (one,) = find_calendar_events(ctx).value
    printable = str.maketrans(dict.fromkeys([*range(9), *range(11, 32), 127, 133, 0x2028, 0x2029], " "))
    assert one["title"] == title.translate(printable).strip()
    assert one["notes"] == notes.replace("\r\n", "\n").translate(printable).strip()
    assert [p.parent.name for p in ctx.folders.calendars.rglob("*.ics")] == ["personal"]


def test_a_calendar_name_cannot_leave_the_folder(tmp_path):
    ctx = Context(NOW, BERLIN, Folders.under(tmp_path), calendar="../../x")
    made = create_calendar_event(ctx, "x", NOW)
    assert made.value["path"].startswith(str(ctx.folders.calendars / "x"))


# find


def test_find_says_what_is_ahead(ctx):
    create_calendar_event(ctx, "Dentist", datetime(2026, 3, 4, 8), location="Main Street 1")
    create_calendar_event(ctx, "Past", datetime(2026, 3, 1, 8))
    create_calendar_event(ctx, "Far", datetime(2026, 5, 1, 8))
    assert find_calendar_events(ctx).answer == (
        "You have one event: “Dentist” on Wednesday 4 March from 08:00 to 09:00, at Main Street 1."
    )
    assert find_calendar_events(ctx, query="far").value[0]["start"] == "2026-05-01T08:00:00"
    assert find_calendar_events(ctx, span=TOMORROW).answer == "You have no events tomorrow."
    assert (
        find_calendar_events(ctx, query="yoga").answer == "You have no events for “yoga” in the coming year."
    )


def test_an_event_under_way_counts_and_one_just_over_does_not(ctx):
    create_calendar_event(ctx, "Now", datetime(2026, 3, 2, 8, 30))
    create_calendar_event(ctx, "Over", datetime(2026, 3, 2, 8, 0))
    create_calendar_event(ctx, "Trip", date(2026, 3, 1), end=date(2026, 3, 4))
    assert [one["title"] for one in find_calendar_events(ctx).value] == ["Trip", "Now"]


@pytest.mark.parametrize(
    "query", ["dentist", "the dentist", "my dentist appointment", "dentits", "Déntist", "teeth"]
)
def test_words_find_titles_and_notes(ctx, query):
    create_calendar_event(ctx, "Dentist", datetime(2026, 3, 4, 8), notes="have my teeth checked")
    create_calendar_event(ctx, "Team meeting", datetime(2026, 3, 4, 10))
    assert [one["title"] for one in find_calendar_events(ctx, query=query).value] == ["Dentist"]


@pytest.mark.parametrize("query", ["my meetings", "appointments", "what is on my calendar"])
def test_general_words_find_everything(ctx, query):
    create_calendar_event(ctx, "Dentist", datetime(2026, 3, 4, 8))
    assert len(find_calendar_events(ctx, query=query.removeprefix("what is on ")).value) == 1


def test_people_are_found_among_guests_and_in_titles(ctx):
    create_calendar_event(ctx, "Sync", datetime(2026, 3, 4, 8), invitees=["Ana Lima"])
    create_calendar_event(ctx, "Sync", datetime(2026, 3, 4, 9), invitees=["Ana Berg"])
    create_calendar_event(ctx, "Lunch with Ana", datetime(2026, 3, 4, 12))
    create_calendar_event(ctx, "Banana day", datetime(2026, 3, 4, 13))
    assert starts(ctx, person="Ana Lima") == ["2026-03-04T08:00:00", "2026-03-04T12:00:00"]


def test_accents_and_endless_spans(ctx):
    create_calendar_event(
        ctx, "Sync", datetime(2026, 3, 4, 8), invitees=["José García"], recurrence="FREQ=YEARLY"
    )
    assert starts(ctx, person="jose garcia") == starts(ctx, person="José") == ["2026-03-04T08:00:00"]
    assert len(starts(ctx, Span(datetime.min, datetime.max))) == 174


def test_an_unreadable_file_is_mentioned_and_left(ctx):
    create_calendar_event(ctx, "Dentist", datetime(2026, 3, 4, 8))
    path = ctx.folders.calendars / "personal" / "broken.ics"
    path.write_text("BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\n")
    found = find_calendar_events(ctx)
    assert len(found.value) == 1
    assert found.answer.endswith(f"I could not read {path} and left it as it is.")
    deleted = delete_calendar_event(ctx, span=Span(datetime(2020, 1, 1), datetime(2030, 1, 1)))
    assert list(tree(ctx).values()) == [b"BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\n"]
    undo(ctx, deleted)
    assert len(tree(ctx)) == 2


# events of other programs


SERIES = """
BEGIN:VEVENT
UID:s
DTSTAMP:20260101T000000Z
DTSTART;TZID=America/New_York:20260105T100000
DURATION:PT30M
SUMMARY:Review
RRULE:FREQ=WEEKLY;UNTIL=20260331T140000Z
RDATE;TZID=America/New_York:20260306T110000
EXDATE;TZID=America/New_York:20260309T100000
X-OWN;X-A=b:kept
END:VEVENT
BEGIN:VEVENT
UID:s
DTSTAMP:20260101T000000Z
RECURRENCE-ID:20260316T140000Z
DTSTART;TZID=America/New_York:20260317T100000
DURATION:PT30M
SUMMARY:Review (moved)
END:VEVENT
BEGIN:VEVENT
UID:s
DTSTAMP:20260101T000000Z
RECURRENCE-ID;TZID=America/New_York:20260323T100000
DTSTART;TZID=America/New_York:20260323T100000
DURATION:PT30M
STATUS:CANCELLED
SUMMARY:Review
END:VEVENT
"""


def test_rules_dates_exceptions_and_overrides(ctx):
    foreign(ctx, SERIES)
    # New York changes to summer time on 8 March, Berlin on the 29th; the last one is just past UNTIL.
    assert starts(ctx, Span(datetime(2026, 3, 1), datetime(2026, 4, 30))) == [
        "2026-03-02T16:00:00",
        "2026-03-06T17:00:00",
        "2026-03-17T15:00:00",
        "2026-03-30T16:00:00",
    ]


@pytest.mark.parametrize(
    ("rule", "found"),
    [
        ("FREQ=SECONDLY", 0),
        ("FREQ=HOURLY;INTERVAL=5", 5),
        ("FREQ=MINUTELY;INTERVAL=30", 48),
        ("FREQ=SECONDLY;BYMONTH=2;BYMONTHDAY=30", 0),
        ("FREQ=DAILY", 1),
        ("FREQ=DAILY;COUNT=3", 0),
        ("FREQ=YEARLY;BYDAY=1MO;BYMONTH=3", 0),
        ("FREQ=FORTNIGHTLY", 0),
        ("FREQ=DAILY;COUNT=1000000000", 1),
    ],
)
def test_no_rule_can_stop_the_program(ctx, rule, found):
    foreign(ctx, f"BEGIN:VEVENT\nUID:r\nDTSTART:20000101T100000\nRRULE:{rule}\nSUMMARY:r\nEND:VEVENT")
    begun = time.perf_counter()
    got = len(find_calendar_events(ctx, span=TOMORROW).value)
    assert time.perf_counter() - begun < 5
    assert got == found


@pytest.mark.parametrize(
    "line",
    [
        "DTSTART:gibberish",
        "DTSTART:20260303T100000\nDTSTART:20260304T100000",
        "SUMMARY:no start",
        "DTSTART:20260303T100000\nDTEND:x",
    ],
)
def test_events_without_readable_times_are_unreadable_files(ctx, line):
    path = foreign(ctx, f"BEGIN:VEVENT\nUID:r\n{line}\nEND:VEVENT")
    assert str(path) in find_calendar_events(ctx).answer


def test_a_file_with_lines_that_would_be_lost_is_not_rewritten(ctx):
    path = foreign(ctx, "BEGIN:VEVENT\nUID:r\nDTSTART:20260303T100000\nSUMMARY:Odd\nNOT A LINE\nEND:VEVENT")
    before = path.read_bytes()
    with pytest.raises(ToolError, match="change it by hand"):
        move_calendar_event(ctx, "odd", datetime(2026, 3, 4, 10))
    assert path.read_bytes() == before


def test_foreign_zones_and_own_properties_survive_a_move(ctx):
    zone = "BEGIN:VTIMEZONE\nTZID:{0}\nBEGIN:STANDARD\nDTSTART:19700101T000000\nTZOFFSETFROM:+0300\n" \
        "TZOFFSETTO:+0300\nTZNAME:{0}\nEND:STANDARD\nEND:VTIMEZONE\n"  # fmt: skip
    path = foreign(
        ctx,
        zone.format("Europe/Moscow") + zone.format("Our Office") + "BEGIN:VEVENT\nUID:z\nSUMMARY:Zoned\n"
        "DTSTART;TZID=Our Office:20260303T120000\nDTEND;TZID=Europe/Moscow:20260303T130000\n"
        "X-OWN;X-A=b:kept\nBEGIN:VALARM\nACTION:DISPLAY\nTRIGGER;VALUE=DATE-TIME:20260303T083000Z\nEND:VALARM\nEND:VEVENT",
    )  # fmt: skip
    assert starts(ctx) == ["2026-03-03T10:00:00"]
    move_calendar_event(ctx, "zoned", datetime(2026, 3, 3, 11))
    text = path.read_bytes().decode()
    assert text.count("BEGIN:VTIMEZONE") == 3
    assert "TZNAME:Europe/Moscow" in text
    assert "X-OWN;X-A=b:kept" in text
    assert "TRIGGER;VALUE=DATE-TIME:20260303T093000Z" in text
    assert starts(ctx) == ["2026-03-03T11:00:00"]


# move


def test_move_keeps_length_and_hour(ctx):
    create_calendar_event(ctx, "Dentist", datetime(2026, 3, 4, 8), duration=timedelta(minutes=40))
    before = tree(ctx)
    moved = move_calendar_event(ctx, "the dentist", date(2026, 3, 6))
    assert moved.answer == "I moved “Dentist” from Wednesday 4 March at 08:00 to Friday 6 March at 08:00."
    assert (moved.value["start"], moved.value["end"]) == ("2026-03-06T08:00:00", "2026-03-06T08:40:00")
    assert events(moved)[0]["SEQUENCE"] == 1
    undo(ctx, moved)
    assert tree(ctx) == before


def test_move_a_day_long_one_to_a_day_and_to_an_hour(ctx):
    create_calendar_event(ctx, "Fair", date(2026, 3, 4), end=date(2026, 3, 5))
    assert move_calendar_event(ctx, "fair", date(2026, 3, 10)).value["end"] == "2026-03-12"
    assert move_calendar_event(ctx, "fair", datetime(2026, 3, 10, 15)).value["end"] == "2026-03-10T16:00:00"


def test_of_a_series_the_next_is_moved(ctx):
    create_calendar_event(ctx, "Standup", datetime(2026, 2, 2, 8), recurrence="FREQ=DAILY")
    before = tree(ctx)
    moved = move_calendar_event(ctx, "standup", datetime(2026, 3, 3, 11))
    assert starts(ctx, Span(NOW, datetime(2026, 3, 5))) == ["2026-03-03T11:00:00", "2026-03-04T08:00:00"]
    again = move_calendar_event(ctx, "standup", datetime(2026, 3, 3, 12))
    assert starts(ctx, Span(NOW, datetime(2026, 3, 5))) == ["2026-03-03T12:00:00", "2026-03-04T08:00:00"]
    assert len(events(again)) == 2
    undo(ctx, again)
    undo(ctx, moved)
    assert tree(ctx) == before


def test_which_one_is_asked_and_none_is_said(ctx):
    create_calendar_event(ctx, "Call Ana", datetime(2026, 3, 4, 8))
    create_calendar_event(ctx, "Call Ana", datetime(2026, 3, 5, 8))
    with pytest.raises(
        ToolError, match=r"Which one: “Call Ana” on Wednesday 4 March .* or “Call Ana” on Thursday"
    ):
        move_calendar_event(ctx, "call ana", NOW)
    with pytest.raises(NotFoundError, match="no event like “yoga”"):
        move_calendar_event(ctx, "yoga", NOW)


def test_the_next_one_needs_no_name(ctx):
    create_calendar_event(ctx, "Gym", datetime(2026, 3, 4, 8))
    create_calendar_event(ctx, "Dentist", datetime(2026, 3, 3, 8))
    assert (
        move_calendar_event(ctx, "my next appointment", datetime(2026, 3, 6, 8)).value["title"] == "Dentist"
    )
    assert delete_calendar_event(ctx, query="my next event").value[0]["title"] == "Gym"


def test_the_better_match_wins(ctx):
    create_calendar_event(ctx, "Lunch with Ana", datetime(2026, 3, 4, 12))
    create_calendar_event(ctx, "Meeting with Ana", datetime(2026, 3, 4, 15))
    create_calendar_event(ctx, "Meeting with Bob", datetime(2026, 3, 4, 16))
    assert (
        move_calendar_event(ctx, "my meeting with ana", date(2026, 3, 5)).value["title"] == "Meeting with Ana"
    )


@pytest.mark.parametrize(
    "words", ["my 3 pm meeting", "the 15:00", "three o'clock", "wednesday's sync", "the afternoon one"]
)
def test_a_time_names_an_event_too(ctx, words):
    create_calendar_event(ctx, "Gym", datetime(2026, 3, 3, 9))
    create_calendar_event(ctx, "Sync", datetime(2026, 3, 4, 15))
    assert move_calendar_event(ctx, words, date(2026, 3, 5)).value["title"] == "Sync"


def test_a_past_event_is_moved_where_none_is_ahead(ctx):
    create_calendar_event(ctx, "Gym", datetime(2026, 3, 1, 8))
    assert move_calendar_event(ctx, "gym", datetime(2026, 3, 3, 8)).value["start"] == "2026-03-03T08:00:00"


# delete


def test_delete_by_words_and_undo(ctx):
    create_calendar_event(ctx, "Dentist", datetime(2026, 3, 4, 8))
    create_calendar_event(ctx, "Gym", datetime(2026, 3, 4, 9))
    before = tree(ctx)
    gone = delete_calendar_event(ctx, query="dentist appointment")
    assert gone.answer == "I deleted “Dentist” on Wednesday 4 March from 08:00 to 09:00."
    assert starts(ctx) == ["2026-03-04T09:00:00"]
    undo(ctx, gone)
    assert tree(ctx) == before


def test_a_series_is_deleted_whole_by_words_and_one_day_by_span(ctx):
    create_calendar_event(ctx, "Standup", datetime(2026, 2, 2, 10), recurrence="FREQ=DAILY")
    move_calendar_event(ctx, "standup", datetime(2026, 3, 2, 11))
    before = tree(ctx)
    today = Span(datetime(2026, 3, 2), datetime(2026, 3, 3))
    for span in (today, TOMORROW):
        delete_calendar_event(ctx, query="standup", span=span)
    assert starts(ctx, Span(NOW, datetime(2026, 3, 5))) == ["2026-03-04T10:00:00"]
    whole = delete_calendar_event(ctx, query="standup")
    assert whole.answer.endswith("with all its repetitions.")
    assert tree(ctx) == {}
    undo(ctx, whole)
    assert tree(ctx).keys() == before.keys()


def test_all_of_a_day(ctx):
    create_calendar_event(ctx, "Standup", datetime(2026, 2, 2, 10), recurrence="FREQ=DAILY")
    create_calendar_event(ctx, "Dentist", datetime(2026, 3, 3, 8))
    create_calendar_event(ctx, "Gym", datetime(2026, 3, 4, 9))
    before = tree(ctx)
    gone = delete_calendar_event(ctx, span=TOMORROW)
    assert gone.answer.startswith("I deleted 2 events:\n- “Dentist”")
    assert starts(ctx, Span(datetime(2026, 3, 3), datetime(2026, 3, 5))) == [
        "2026-03-04T09:00:00",
        "2026-03-04T10:00:00",
    ]
    undo(ctx, gone)
    assert tree(ctx) == before


def test_a_kind_of_thing_means_those_so_called_else_all(ctx):
    create_calendar_event(ctx, "Team meeting", datetime(2026, 3, 3, 9))
    create_calendar_event(ctx, "Dentist", datetime(2026, 3, 3, 8))
    assert delete_calendar_event(ctx, query="my meeting", span=TOMORROW).value[0]["title"] == "Team meeting"
    create_calendar_event(ctx, "Gym", datetime(2026, 3, 3, 18))
    with pytest.raises(ToolError, match="Which one"):
        delete_calendar_event(ctx, query="my appointment", span=TOMORROW)
    assert len(delete_calendar_event(ctx, query="all appointments", span=TOMORROW).value) == 2


def test_delete_refuses_without_name_and_day(ctx):
    create_calendar_event(ctx, "Dentist", datetime(2026, 3, 3, 8))
    for query in (None, "everything", "all my events"):
        with pytest.raises(ToolError, match="Which event"):
            delete_calendar_event(ctx, query=query)
    with pytest.raises(NotFoundError):
        delete_calendar_event(ctx, span=Span(datetime(2027, 3, 3), datetime(2027, 3, 4)))
    assert len(tree(ctx)) == 1


def test_other_things_in_the_same_file_stay(ctx):
    event = "BEGIN:VEVENT\nUID:{0}\nDTSTART:2026030{0}T100000\nSUMMARY:Thing {1}\nEND:VEVENT\n"
    path = foreign(ctx, event.format(4, "four") + event.format(5, "five"))
    delete_calendar_event(ctx, query="thing four")
    assert [one["title"] for one in find_calendar_events(ctx).value] == ["Thing five"]
    delete_calendar_event(ctx, query="thing five")
    assert not path.exists()


def test_years_of_past_events_are_not_parsed(ctx, monkeypatch):
    for year in range(2001, 2026):
        body = f"BEGIN:VEVENT\nUID:{year}\nDTSTART:{year}0304T100000\nDTEND:{year}0304T110000\nSUMMARY:Old\nEND:VEVENT"
        foreign(ctx, body, f"{year}.ics")
    create_calendar_event(ctx, "New", datetime(2026, 3, 4, 10))
    real, seen = icalendar.Calendar.from_ical, []
    monkeypatch.setattr(icalendar.Calendar, "from_ical", lambda text: seen.append(text) or real(text))
    assert [one["title"] for one in find_calendar_events(ctx).value] == ["New"]
    assert len(seen) == 1


def test_a_store_that_cannot_be_written_is_one_sentence(tmp_path):
    (tmp_path / "calendars").write_text("a file")
    ctx = Context(NOW, BERLIN, Folders.under(tmp_path))
    with pytest.raises(StoreError, match="is a file where a folder is needed"):
        create_calendar_event(ctx, "x", NOW)
    with pytest.raises(StoreError, match="move that file away"):
        find_calendar_events(ctx)
