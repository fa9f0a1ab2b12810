"""The panel of today: what is on, what is due, what counts down, and what cannot be read."""

from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest
from panel_stage import NOW, Clock, Home, watch
from tui_stage import until

from tinyagent.tools.clock_store import Entry
from tinyagent.tui.panels.day import Day, Event, alarm_rows, event_rows, task_rows, timer_rows
from tinyagent.tui.panels.day import Task as Todo
from tinyagent.tui.panels.today import Today

HOUR = timedelta(hours=1)


@pytest.fixture
def home(tmp_path):
    return Home(tmp_path)


def test_a_day_with_nothing_in_it(home):
    async def act(app, pilot):
        assert "Today, Monday 2 March" in app.text
        for sentence in ("No events today.", "No reminder is due.", "No alarm is set."):
            assert sentence in app.text
        assert "Timers" not in app.text
        assert "Tomorrow" not in app.text

    watch(act, Today(home.settings, Clock()))


@pytest.mark.parametrize("size", [(36, 24), (80, 24)])
def test_a_full_day(home, size):
    home.do("create_calendar_event", title="Standup", start=NOW - HOUR / 2, duration=HOUR)
    home.do("create_calendar_event", title="Breakfast", start=NOW - 3 * HOUR)
    home.do("create_calendar_event", title="Dentist", start=NOW + 6 * HOUR, location="Main Street")
    home.do("create_calendar_event", title="Fair", start=NOW.date())
    home.do("create_calendar_event", title="Flight", start=NOW + 24 * HOUR)
    home.do("create_reminder", name="pay the rent", due=NOW - 24 * HOUR)
    home.do("create_reminder", name="call Sid", due=NOW + 6 * HOUR)
    home.do("create_reminder", name="learn Greek")
    home.do("set_alarm", time=NOW + 10 * HOUR, label="pills", recurrence="FREQ=DAILY")
    home.do("set_timer", duration=timedelta(minutes=5), label="pasta")

    async def act(app, pilot):
        rows = " ".join(app.text.split())
        assert rows.startswith("Timers 5:00 pasta Today, Monday 2 March all day Fair ")
        assert (
            "06:00–07:00 Breakfast (over) 08:30–09:30 Standup (now) 15:00–16:00 Dentist, Main Street" in rows
        )
        assert "Reminders overdue pay the rent, yesterday at 09:00 15:00 call Sid Alarms" in rows
        assert rows.endswith("Alarms 19:00 today, every day, pills")
        assert "Flight" not in rows
        assert "Greek" not in rows

    watch(act, Today(home.settings, Clock()), size)


def test_in_the_evening_tomorrow_is_shown_too(home):
    home.do("create_calendar_event", title="Flight", start=NOW + 24 * HOUR)
    home.do("create_reminder", name="pack", due=NOW + 23 * HOUR)
    clock = Clock()

    async def act(app, pilot):
        assert "Flight" not in app.text
        clock.pass_by(hours=9)
        await until(pilot, lambda: "Tomorrow, Tuesday 3 March" in app.text)
        assert "09:00–10:00 Flight" in app.text
        assert "tomorrow 08:00 pack" in app.text

    watch(act, Today(home.settings, clock))


def test_timers_count_down_by_themselves(home):
    home.do("set_timer", duration=timedelta(minutes=5))
    clock = Clock()

    async def act(app, pilot):
        assert "5:00 of 5 minutes" in app.text
        clock.pass_by(seconds=1)
        await until(pilot, lambda: "4:59 of 5 minutes" in app.text)
        clock.pass_by(minutes=5)
        await until(pilot, lambda: "over of 5 minutes" in app.text)

    watch(act, Today(home.settings, clock))


def test_what_other_programs_write_is_seen(home):
    async def act(app, pilot):
        home.do("create_reminder", name="call Sid", due=NOW + HOUR)
        await until(pilot, lambda: "call Sid" in app.text)
        home.do("set_timer", duration=timedelta(minutes=5), label="tea")
        await until(pilot, lambda: "tea" in app.text)
        home.do("create_calendar_event", title="Lunch", start=NOW + 3 * HOUR)
        await until(pilot, lambda: "Lunch" in app.text)
        home.do("cancel_timer")
        await until(pilot, lambda: "Timers" not in app.text)

    watch(act, Today(home.settings, Clock()))


def test_what_cannot_be_read_is_a_sentence_in_its_place(home):
    home.do("create_reminder", name="call Sid", due=NOW + HOUR)
    home.settings.state.mkdir(parents=True, exist_ok=True)
    (home.settings.state / "clock.json").write_text("{")
    home.settings.calendars.write_text("a file where a folder should be")

    async def act(app, pilot):
        rows = " ".join(app.text.split())
        assert "calendars cannot be read" in rows
        assert "No events" not in rows
        assert "call Sid" in rows
        assert "Alarms" in rows
        assert "is damaged, so alarms and timers cannot be used" in rows
        assert "No alarm" not in rows
        home.settings.calendars.unlink()
        (home.settings.state / "clock.json").unlink()
        await until(pilot, lambda: "No events today." in app.text and "No alarm is set." in app.text)

    watch(act, Today(home.settings, Clock()), (80, 24))


def test_one_file_that_cannot_be_read_hides_no_other(home):
    home.do("create_calendar_event", title="Lunch", start=NOW + HOUR)
    (home.settings.calendars / "personal" / "bad.ics").write_text(
        "BEGIN:VCALENDAR\nDTSTART:20260302\nnonsense"
    )

    async def act(app, pilot):
        assert "I could not read" in app.text
        assert "Lunch" in app.text

    watch(act, Today(home.settings, Clock()), (80, 24))


def test_a_time_zone_that_does_not_exist(home):
    async def act(app, pilot):
        assert "There is no time zone 'Mars'" in app.text

    watch(act, Today(replace(home.settings, timezone="Mars"), Clock()), (80, 24))


def test_texts_from_outside_are_only_text(home):
    home.do("create_calendar_event", title="[bold red]Lunch[/] [/", start=NOW + HOUR)
    home.do("create_reminder", name="call Sid\u202e", due=NOW + HOUR)
    home.do("set_timer", duration=timedelta(minutes=5), label="[@click=app.quit]tea[/]")

    async def act(app, pilot):
        assert "[bold red]Lunch[/] [/" in app.text
        assert r"call Sid\u202e" in app.text
        assert "[@click=app.quit]tea[/]" in app.text

    watch(act, Today(home.settings, Clock()), (80, 24))


def test_long_names_wrap_and_are_whole(home):
    title = "the quarterly review of everything that was ever reviewed"
    home.do("create_calendar_event", title=title, start=NOW + HOUR)

    async def act(app, pilot):
        assert title in " ".join(app.text.split())
        await pilot.resize_terminal(20, 24)
        await until(pilot, lambda: title.replace(" ", "") in "".join(app.text.split()))

    watch(act, Today(home.settings, Clock()))


def test_events_over_several_days():
    start, end = datetime(2026, 3, 1, 22), datetime(2026, 3, 4, 10)
    day = Day([Event("Camp", "", start, end)])
    said = [event_rows(day, date(2026, 3, n), NOW)[0][0] for n in (1, 2, 3, 4)]
    assert said == ["from 22:00", "all day", "all day", "until 10:00"]
    assert event_rows(day, date(2026, 3, 5), NOW)[0][1] == "No events on Thursday 5 March."
    night = Day([Event("Party", "", datetime(2026, 3, 2, 20), datetime(2026, 3, 3))])
    assert event_rows(night, date(2026, 3, 2), NOW) == [("20:00–00:00", "Party", "")]
    assert event_rows(night, date(2026, 3, 3), NOW)[0][0] == ""
    moment = Day([Event("Noon", "", datetime(2026, 3, 2, 12), datetime(2026, 3, 2, 12))])
    assert event_rows(moment, date(2026, 3, 2), NOW) == [("12:00", "Noon", "")]


def test_what_is_due_on_a_day_is_overdue_on_the_next():
    day = Day(tasks=[Todo("pay", date(2026, 3, 1)), Todo("pack", date(2026, 3, 2))])
    assert task_rows(day, NOW) == [("overdue", "pay, yesterday", "bold"), ("today", "pack", "")]


def test_alarms_say_which_day_and_whether_they_were_missed():
    alarms = [
        Entry("a", "alarm", "2026-03-02T07:00:00", "gym"),
        Entry("b", "alarm", "2026-03-02T09:10:00", snoozed="x"),
        Entry("c", "alarm", "2026-03-05T07:00:00"),
    ]
    assert alarm_rows(Day(alarms=alarms), NOW) == [
        ("missed", "today at 07:00, gym", "bold"),
        ("09:10", "today, snoozed", ""),
        ("07:00", "Thursday 5 March", ""),
    ]


def test_what_is_left_of_long_timers():
    ends = ["2026-03-02T09:00:01+00:00", "2026-03-02T10:00:00+00:00", "2026-03-04T12:00:00+00:00"]
    timers = [Entry(end, "timer", end, "tea") for end in ends]
    left = [row[0] for row in timer_rows(Day(timers=timers), Clock()())]
    assert left == ["0:01", "1:00:00", "2 days 3:00:00"]


def test_a_thousand_reminders_are_not_a_thousand_rows():
    day = Day(tasks=[Todo(f"task {n}", date(2026, 3, 2)) for n in range(1000)])
    rows = task_rows(day, NOW)
    assert len(rows) == 31
    assert rows[-1] == ("", "and 970 more reminders", "dim")
