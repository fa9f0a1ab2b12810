"""The toolset calendar: iCalendar files in vdir folders, which khal and vdirsyncer read and write too."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from tinyagent.calls import Outcome
from tinyagent.errors import ToolError
from tinyagent.grounding.times import says_only_clock
from tinyagent.tools.agenda import Agenda, describe, matching, plain
from tinyagent.tools.changes import changing, restore
from tinyagent.tools.contacts import email_of
from tinyagent.tools.context import Context
from tinyagent.tools.events import add_guest, end_of, move, strike
from tinyagent.tools.files import slug
from tinyagent.tools.ical import bounded, new_calendar, new_uid, parse, render, stamp, wall, zoned
from tinyagent.tools.matching import query as read_query
from tinyagent.tools.occurrences import Occurrence
from tinyagent.tools.phrases import count, listed, say_rule, say_span, say_when, short
from tinyagent.tools.registry import (
    Duration,
    Period,
    Person,
    Persons,
    Place,
    Recurrence,
    Span,
    Text,
    When,
    tool,
)
from tinyagent.tools.rules import first_of, in_short_months
from tinyagent.tools.vdir import Item, Vdir, collections, named

MONTH = timedelta(days=30)
YEAR = timedelta(days=366)


def _undo(ctx: Context, data: dict[str, Any]) -> None:
    """Take back what a tool of this module did; `StoreError` where a file was changed since."""
    restore(ctx.folders.calendars, data)


@tool(toolset="calendar", effect="write", undo=_undo)
def create_calendar_event(
    ctx: Context,
    title: Text,
    start: When,
    end: When | None = None,
    duration: Duration | None = None,
    location: Place | None = None,
    invitees: Persons | None = None,
    notes: Text | None = None,
    recurrence: Recurrence | None = None,
) -> Outcome:
    """Put an event in the calendar.

    A start without a time of day makes an all-day event; a timed one takes an hour unless it says how long.
    Raises `ToolError` for times or texts that make no event, `StoreError` where it cannot be written.
    """
    from icalendar import Event, vRecur

    name, first = bounded(title, "title"), start
    if recurrence:
        first = first_of(recurrence, start)
        end = end and end + (wall(first) - wall(start))
    last = end_of(name, first, end, duration)
    event, uid = Event(), new_uid()
    event.add("uid", uid)
    event.add("summary", name)
    event.add("dtstart", zoned(first, ctx.timezone))
    event.add("dtend", zoned(last, ctx.timezone))
    if location:
        event.add("location", bounded(location, "place"))
    if notes:
        event.add("description", bounded(notes, "note"))
    if recurrence:
        event.add("rrule", vRecur.from_ical(in_short_months(recurrence, first)))
    guests = [" ".join(bounded(guest, "name").split()) for guest in invitees or []]
    for guest in guests:
        add_guest(event, guest, email_of(ctx.folders.contacts, guest))
    stamp(event, ctx, created=True)
    calendar = new_calendar()
    calendar.add_component(event)
    root = ctx.folders.calendars
    with changing(root) as changes:
        vdir = named(collections(root, ".ics", parse), ctx.calendar)
        vdir = vdir or Vdir(root / slug(ctx.calendar, "personal"), ".ics", parse)
        path = vdir.put(changes, uid, render(calendar, ctx))
        undo = changes.undo()
    made = Occurrence(Item(path, calendar), event, first, last)
    often = f", {say_rule(recurrence)}" if recurrence else ""
    return Outcome(f"In your calendar now: {describe(made, ctx.now)}{often}.", plain(made), undo)


@tool(toolset="calendar", effect="read")
def find_calendar_events(
    ctx: Context, query: Text | None = None, span: Period | None = None, person: Person | None = None
) -> Outcome:
    """Find events in the calendar and say when they are.

    Looks 30 days ahead without a `span`, a year ahead for something particular that is not found there.
    Raises `StoreError` where the calendar cannot be read.
    """
    agenda = Agenda(ctx)
    asked = read_query(query or "")
    period = span or Span(ctx.now, ctx.now + MONTH)
    found = matching(agenda.between(period.start, period.end), asked, person)
    if not found and not span and (person or not asked.is_general):
        found = matching(agenda.between(ctx.now, ctx.now + YEAR), asked, person)[:1]
    what = f" for “{short(query)}”" if query and not asked.is_general else ""
    what += f" with {person}" if person else ""
    if len(found) == 1:
        answer = f"You have one event{what}: {describe(found[0], ctx.now)}."
    elif found:
        names = [describe(one, ctx.now) for one in found]
        answer = f"You have {count(len(found), 'event')}{what}:\n{listed(names)}"
    else:
        ahead = "in the coming year" if what else "in the next 30 days"
        when = say_span(span.start, span.end, ctx.now) if span else ahead
        answer = f"You have no events{what} {when}."
    return Outcome("\n".join(part for part in (answer, agenda.note()) if part), [plain(one) for one in found])


@tool(toolset="calendar", effect="write", undo=_undo)
def move_calendar_event(ctx: Context, query: Text, start: When) -> Outcome:
    """Move an event in the calendar to another time.

    The event keeps its length, and given only a day its time of day; of a series the next event is moved.
    Raises `NotFoundError` for no such event, `ToolError` for several equally good ones.
    """
    asked = read_query(bounded(query, "name of the event"))
    with changing(ctx.folders.calendars) as changes:
        one = Agenda(ctx).next_meant(asked)
        if isinstance(start, datetime) and says_only_clock(ctx.words.get("start", ""), ctx.now):
            # "Move the dentist to four": on the day it is.
            start = datetime.combine(one.start, start.time())
        event, begin, end = move(one, start, ctx)
        changes.write(one.item.path, render(one.item.content, ctx))
        undo = changes.undo()
    moved = Occurrence(one.item, event, begin, end, one.original)
    before, after = (say_when(time, ctx.now).removeprefix("on ") for time in (one.start, begin))
    return Outcome(f"I moved “{short(one.title)}” from {before} to {after}.", plain(moved), undo)


@tool(toolset="calendar", effect="destructive", undo=_undo)
def delete_calendar_event(ctx: Context, query: Text | None = None, span: Period | None = None) -> Outcome:
    """Delete an event from the calendar, or all events of a day.

    By `query` the one event that fits best, a series as a whole; within a `span` only what takes place there.
    Raises `NotFoundError` for no such event, `ToolError` for several equally good ones or neither argument.
    """
    asked = read_query(query or "")
    if span is None and asked.is_general and not asked.next:
        raise ToolError("Which event shall I delete? Say its name or its day.")
    with changing(ctx.folders.calendars) as changes:
        agenda = Agenda(ctx)
        if span:
            doomed = agenda.choose(agenda.between(span.start, span.end), asked)
        else:
            doomed = [agenda.next_meant(asked)]
        whole = span is None and doomed[0].original is not None
        value = [plain(one) for one in doomed]
        kept = {one.item.path: strike(one, ctx, whole=span is None) for one in doomed}
        for path, item in {one.item.path: one.item for one in doomed}.items():
            if kept[path]:
                changes.write(path, render(item.content, ctx))
            else:
                changes.remove(path)
        undo = changes.undo()
    names = [describe(one, ctx.now) for one in doomed]
    if len(names) > 1:
        return Outcome(f"I deleted {count(len(names), 'event')}:\n{listed(names)}", value, undo)
    return Outcome(f"I deleted {names[0]}{', with all its repetitions' if whole else ''}.", value, undo)
