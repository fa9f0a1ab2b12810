"""What today holds: events, reminders, alarms and timers, read from the person's own files, and how they are said."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from math import ceil
from typing import TypeVar

from tinyagent.tools import clock_store
from tinyagent.tools.clock_store import Entry
from tinyagent.tools.context import Context
from tinyagent.tools.phrases import count, say_day, say_rule, say_when, short
from tinyagent.tui.panels.panel import Row
from tinyagent.tui.services import sentence

T = TypeVar("T")
DAY = timedelta(days=1)
EVENING = time(18)
"""From then on tomorrow is shown too."""
MOST = 30
"""Rows of one kind; of more, how many there are."""


@dataclass(frozen=True, slots=True)
class Event:
    """Something that takes place from `start` to `end` (exclusive), local; dates for one that takes whole days."""

    title: str
    place: str
    start: datetime | date
    end: datetime | date


@dataclass(frozen=True, slots=True)
class Task:
    """A reminder that is still to be done, and when, local."""

    name: str
    due: datetime | date


@dataclass(frozen=True, slots=True)
class Day:
    """What was read. `problems` has a sentence for each store that could not be read, or not whole."""

    events: Sequence[Event] = ()
    tasks: Sequence[Task] = ()
    alarms: Sequence[Entry] = ()
    timers: Sequence[Entry] = ()
    problems: Mapping[str, str] = field(default_factory=dict)


def read_day(context: Context) -> Day:
    """Return the events of today and tomorrow, the reminders due by then or overdue, and all alarms and timers.

    Never raises: what cannot be read is among the problems, under "calendar", "reminders" or "clock".
    """
    problems: dict[str, str] = {}
    today = datetime.combine(context.now.date(), time())

    def tried(store: str, reading: Callable[[], tuple[list[T], str]]) -> list[T]:
        try:
            found, problems[store] = reading()
        except Exception as error:  # one store that is broken must not hide the others
            found, problems[store] = [], sentence(error)
        return found

    entries = tried("clock", lambda: (clock_store.read(context.folders.state), ""))
    entries.sort(key=lambda entry: entry.when.replace(tzinfo=None))
    return Day(
        tried("calendar", lambda: _events(context, today)),
        tried("reminders", lambda: _tasks(context, today)),
        [entry for entry in entries if entry.kind == "alarm"],
        [entry for entry in entries if entry.kind == "timer"],
        problems,
    )


def event_rows(day: Day, on: date, now: datetime) -> list[Row]:
    """Return a row an event of the day `on`."""
    begin = datetime.combine(on, time())
    rows = []
    for event in day.events:
        start, end = _clock(event.start), _clock(event.end)
        if start >= begin + DAY or (end <= begin and start < begin):
            continue
        what = ", ".join(filter(None, [event.title, event.place]))
        if start <= now < end and isinstance(event.start, datetime):
            rows.append((_hours(event, begin), f"{what} (now)", "bold"))
        elif end <= now:
            rows.append((_hours(event, begin), f"{what} (over)", "dim"))
        else:
            rows.append((_hours(event, begin), what, ""))
    return _bounded(rows, "event") or [("", f"No events {say_day(on, now)}.", "dim")]


def task_rows(day: Day, now: datetime) -> list[Row]:
    """Return a row a reminder: what is overdue, what is due today, in the evening what is due tomorrow."""
    until = now.date() + (2 * DAY if now.time() >= EVENING else DAY)
    rows: list[Row] = []
    for task in day.tasks:
        timed = isinstance(task.due, datetime)
        on = _clock(task.due).date()
        if on >= until:
            continue
        if _clock(task.due) < now if timed else on < now.date():
            rows.append(("overdue", f"{task.name}, {_bare(say_when(task.due, now))}", "bold"))
        elif on == now.date():
            rows.append((f"{task.due:%H:%M}" if timed else "today", task.name, ""))
        else:
            rows.append(("tomorrow", f"{task.due:%H:%M} {task.name}" if timed else task.name, ""))
    return _bounded(rows, "reminder") or [("", "No reminder is due.", "dim")]


def alarm_rows(day: Day, now: datetime) -> list[Row]:
    """Return a row an alarm, the next first; one whose time has passed has not rung yet."""
    rows: list[Row] = []
    for alarm in day.alarms:
        often = say_rule(alarm.recurrence) if alarm.recurrence else ""
        more = [often, "snoozed" if alarm.snoozed else "", short(alarm.label)]
        if alarm.when <= now:
            said = ", ".join(filter(None, [_bare(say_when(alarm.when, now)), *more]))
            rows.append(("missed", said, "bold"))
        else:
            said = ", ".join(filter(None, [_bare(say_day(alarm.when.date(), now)), *more]))
            rows.append((f"{alarm.when:%H:%M}", said, ""))
    return _bounded(rows, "alarm") or [("", "No alarm is set.", "dim")]


def timer_rows(day: Day, now: datetime) -> list[Row]:
    """Return a row a timer with the time that is left of it; `now` has a zone."""
    from tinyagent.tools.clock_words import say_length

    rows: list[Row] = []
    for timer in day.timers:
        left = ceil((timer.when - now.astimezone(UTC)).total_seconds())
        what = short(timer.label) or f"of {say_length(timedelta(seconds=timer.seconds))}"
        rows.append((_left(left), what, "bold") if left > 0 else ("over", what, "bold"))
    return _bounded(rows, "timer")


def _events(context: Context, today: datetime) -> tuple[list[Event], str]:
    from tinyagent.tools.agenda import Agenda
    from tinyagent.tools.ical import text_of

    agenda = Agenda(context)
    found = [
        Event(short(one.title), short(text_of(one.component, "LOCATION"), 40), one.start, one.end)
        for one in agenda.between(today, today + 2 * DAY)
    ]
    return found, agenda.note()


def _tasks(context: Context, today: datetime) -> tuple[list[Task], str]:
    from tinyagent.tools.tasks import TaskBook

    book = TaskBook(context)
    due = ((task.name, task.due) for task in book.open())
    found = [Task(short(name), when) for name, when in due if when and _clock(when) < today + 2 * DAY]
    return found, book.note()


def _hours(event: Event, begin: datetime) -> str:
    """Return what an event takes of the day that begins at `begin`."""
    start, end = event.start, event.end
    if not (isinstance(start, datetime) and isinstance(end, datetime)):
        return "all day"
    starts, ends = start >= begin, end <= begin + DAY
    if start == end:
        return f"{start:%H:%M}"
    if starts:
        return f"{start:%H:%M}–{end:%H:%M}" if ends else f"from {start:%H:%M}"
    return f"until {end:%H:%M}" if ends else "all day"


def _left(seconds: int) -> str:
    """Return what is left of a timer: "4:59", "1:00:00", "2 days 3:00:00"."""
    days, rest = divmod(seconds, 86400)
    hours, rest = divmod(rest, 3600)
    clock = f"{hours}:{rest // 60:02}:{rest % 60:02}" if days or hours else f"{rest // 60}:{rest % 60:02}"
    return f"{count(days, 'day')} {clock}" if days else clock


def _bounded(rows: list[Row], thing: str) -> list[Row]:
    """Return the first rows, and in one more how many there are beyond them."""
    more = len(rows) - MOST
    return [*rows[:MOST], ("", f"and {count(more, f'more {thing}')}", "dim")] if more > 0 else rows


def _clock(value: datetime | date) -> datetime:
    return value if isinstance(value, datetime) else datetime.combine(value, time())


def _bare(phrase: str) -> str:
    return phrase.removeprefix("on ")
