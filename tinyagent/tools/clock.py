"""The toolset clock: alarms, timers and what time it is. The scheduler (`tinyagent.scheduler`) rings them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

from tinyagent.calls import Outcome
from tinyagent.errors import NotFoundError, ToolError
from tinyagent.tools import clock_store
from tinyagent.tools.clock_match import choose_alarms, labelled, occurs_in
from tinyagent.tools.clock_store import Book, Entry
from tinyagent.tools.clock_words import capital, say_alarm, say_here, say_length, say_there, say_timer
from tinyagent.tools.context import Context
from tinyagent.tools.fired import Fired, last_fired
from tinyagent.tools.ical import bounded, first_of, next_start
from tinyagent.tools.phrases import count, join, listed, say_rule, say_span, say_when
from tinyagent.tools.registry import (
    Choice,
    Duration,
    NextWhen,
    Period,
    Place,
    Recurrence,
    Text,
    When,
    tool,
)

SNOOZE = timedelta(minutes=10)
RANG_LATELY = timedelta(hours=1)
LONGEST_TIMER = timedelta(days=366)
ALL = frozenset(
    {"all", "everything", "every", "all timers", "every timer", "both", "all of them", "all my timers"}
)


def _undo(ctx: Context, data: dict[str, Any]) -> None:
    """Take back what a tool of this module did."""
    clock_store.restore(ctx.folders.state, data)


def _clock_time(time: datetime | date, what: str) -> datetime:
    if not isinstance(time, datetime):
        raise ToolError(f"{what} needs a time of day: say when, such as “at seven”.")
    return time.replace(second=0, microsecond=0, tzinfo=None)


def _label(label: str | None) -> str:
    return " ".join(bounded(label, "label").split()) if label else ""


@tool(toolset="clock", effect="write", undo=_undo)
def set_alarm(
    ctx: Context, time: NextWhen, label: Text | None = None, recurrence: Recurrence | None = None
) -> Outcome:
    """Set an alarm that rings at a time of day, once or again and again.

    Raises `ToolError` for a day without a time and for a time that has passed.
    """
    due = _clock_time(time, "An alarm")
    start = ""
    if recurrence:
        first = first_of(recurrence, due)
        if isinstance(first, datetime) and first <= ctx.now:
            first = next_start(recurrence, first, ctx.now) or first
        due = _clock_time(first, "An alarm")
        start = due.isoformat()
    if due <= ctx.now:
        raise ToolError(f"{capital(say_when(due, ctx.now))} has passed: say a time to come.")
    with clock_store.changing(ctx.folders.state) as book:
        entry = Entry(
            id=book.new_id("alarm", ctx.now),
            kind="alarm",
            due=due.isoformat(),
            label=_label(label),
            recurrence=recurrence or "",
            start=start,
            created=ctx.now.isoformat(),
        )
        for other in book.entries:
            if (other.kind, other.due, other.recurrence) == ("alarm", entry.due, entry.recurrence):
                if other.label.casefold() == entry.label.casefold():
                    return Outcome(f"There already is {say_alarm(other, ctx.now)}.", _plain(other))
        book.entries.append(entry)
        often = f", {say_rule(recurrence)}" if recurrence else ""
        named = f" ({entry.label})" if entry.label else ""
        return Outcome(f"Alarm set for {_bare(due, ctx.now)}{often}{named}.", _plain(entry), book.undo())


@tool(toolset="clock", effect="read")
def find_alarms(ctx: Context, span: Period | None = None) -> Outcome:
    """Tell which alarms are set."""
    found = [e for e in _sorted(clock_store.read(ctx.folders.state)) if e.kind == "alarm"]
    if span:
        found = [e for e in found if occurs_in(e, span.start, span.end)]
    if not found:
        when = f" {say_span(span.start, span.end, ctx.now)}" if span else ""
        return Outcome(f"No alarm is set{when}.", [])
    said = [say_alarm(entry, ctx.now) for entry in found]
    value = [_plain(entry) for entry in found]
    if len(said) == 1:
        return Outcome(f"There is {said[0]}.", value)
    return Outcome(f"There are {count(len(said), 'alarm')}:\n{listed(said)}", value)


@tool(toolset="clock", effect="destructive", undo=_undo)
def cancel_alarm(
    ctx: Context,
    time: NextWhen | None = None,
    label: Text | None = None,
    which: Choice(  # type: ignore[valid-type]
        next=("next", "nxt", "upcoming", "soonest", "first", "earliest"),
        all=tuple(
            "all|al|every|every single|every last one|all of them|both|each|whole lot|no more|none".split("|")
        ),
    )
    | None = None,
) -> Outcome:
    """Cancel an alarm: the one at a time, the one with a label, the next one or all.

    Raises `NotFoundError` where no alarm fits, `ToolError` where several do.
    """
    with clock_store.changing(ctx.folders.state) as book:
        alarms = [e for e in _sorted(book.entries) if e.kind == "alarm"]
        gone = choose_alarms(alarms, ctx.now, time, label, which)
        return _cancelled(ctx, book, gone, [say_alarm(e, ctx.now) for e in gone])


@tool(toolset="clock", effect="write", undo=_undo)
def snooze_alarm(ctx: Context, duration: Duration | None = None) -> Outcome:
    """Let what just rang ring again in ten minutes, or after the duration given.

    Raises `NotFoundError` where nothing rang within the hour.
    """
    wait = SNOOZE if duration is None else duration
    if not timedelta() < wait <= timedelta(days=1):
        raise ToolError("Snoozing takes from a second to a day: say another duration.")
    due = (ctx.now + wait).replace(microsecond=0)
    instant = _instant(ctx)
    with clock_store.changing(ctx.folders.state) as book:
        late = [e for e in book.entries if e.kind == "alarm" and e.instant(ctx.timezone) <= instant]
        rang = last_fired(ctx.folders.state, instant - RANG_LATELY, instant)
        if late:
            entry = late[-1]
            again = replace(
                entry, id=book.new_id("alarm", ctx.now), due=due.isoformat(), recurrence="", start=""
            )
            rolled = clock_store.rolled(entry, ctx.now)
            book.entries[:] = [e for e in book.entries if e is not entry] + [e for e in (rolled, again) if e]
        elif rang:
            again = _again(ctx, book, rang, due)
        else:
            raise NotFoundError("Nothing rang within the last hour, so there is nothing to snooze.")
        answer = f"Snoozed for {say_length(wait)}, until {due:%H:%M}."
        return Outcome(answer, _plain(again), book.undo())


def _again(ctx: Context, book: Book, rang: Fired, due: datetime) -> Entry:
    """Set an alarm that repeats what rang; a second snooze moves the first."""
    book.entries[:] = [e for e in book.entries if e.snoozed != rang.key]
    entry = Entry(
        id=book.new_id("alarm", ctx.now),
        kind="alarm",
        due=due.isoformat(),
        label=rang.label,
        snoozed=rang.key,
        created=ctx.now.isoformat(),
    )
    book.entries.append(entry)
    return entry


@tool(toolset="clock", effect="write", undo=_undo)
def set_timer(ctx: Context, duration: Duration, label: Text | None = None) -> Outcome:
    """Start a timer that rings when a length of time is over.

    Raises `ToolError` for no time at all or more than a year.
    """
    if not timedelta(seconds=1) <= duration <= LONGEST_TIMER:
        raise ToolError("A timer runs from one second to a year: say another duration.")
    with clock_store.changing(ctx.folders.state) as book:
        entry = Entry(
            id=book.new_id("timer", ctx.now),
            kind="timer",
            due=(_instant(ctx) + duration).isoformat(),
            label=_label(label),
            created=ctx.now.isoformat(),
            seconds=round(duration.total_seconds()),
        )
        book.entries.append(entry)
        ends = entry.when.astimezone(ctx.timezone).replace(tzinfo=None)
        until = f"{ends:%H:%M:%S}" if duration < timedelta(minutes=2) else _bare(ends, ctx.now)
        named = f"{entry.label} timer" if entry.label else "Timer"
        answer = f"{capital(named)} set for {say_length(duration)}, until {until.removeprefix('today at ')}."
        return Outcome(answer, _plain(entry), book.undo())


@tool(toolset="clock", effect="read")
def find_timers(ctx: Context, label: Text | None = None) -> Outcome:
    """Tell how much time is left on the timers.

    Raises `NotFoundError` where timers run but none has the label.
    """
    running = [e for e in _sorted(clock_store.read(ctx.folders.state)) if e.kind == "timer"]
    found = labelled(running, label) if label and label.casefold() not in ALL else running
    if running and not found:
        raise NotFoundError(f"No timer is called {label}: there is {_timers(ctx, running)}.")
    value = [_plain(e) | {"seconds_left": _left(ctx, e)} for e in found]
    if not found:
        return Outcome("No timer is running.", value)
    if len(found) == 1:
        return Outcome(f"There is {_timers(ctx, found)}.", value)
    said = [say_timer(e, _left(ctx, e)) for e in found]
    return Outcome(f"There are {count(len(found), 'timer')}:\n{listed(said)}", value)


@tool(toolset="clock", effect="destructive", undo=_undo)
def cancel_timer(ctx: Context, label: Text | None = None) -> Outcome:
    """Stop a timer: the only one, the one with a label, or all.

    Raises `NotFoundError` where none fits, `ToolError` where several do.
    """
    with clock_store.changing(ctx.folders.state) as book:
        running = [e for e in _sorted(book.entries) if e.kind == "timer"]
        if not running:
            raise NotFoundError("No timer is running.")
        every = label is not None and label.casefold() in ALL
        found = labelled(running, label) if label and not every else running
        if not found:
            raise NotFoundError(f"No timer is called {label}: there is {_timers(ctx, running)}.")
        if len(found) > 1 and not every:
            raise ToolError(f"Which timer: {join([say_timer(e, _left(ctx, e)) for e in found], 'or')}?")
        return _cancelled(ctx, book, found, [say_timer(e, _left(ctx, e)) for e in found])


@tool(toolset="clock", effect="read")
def get_datetime(ctx: Context, place: Place | None = None, when: When | None = None) -> Outcome:
    """Tell the time or the date, here or in another place.

    Raises `NotFoundError` for a place whose time zone is not known.
    """
    from tinyagent.tools.cities import find_zone, is_here

    if place and not is_here(place):
        town = find_zone(place)
        if town is None:
            raise NotFoundError(f"I do not know which time zone {place} is in: name a larger city nearby.")
        return say_there(ctx, town, when)
    return say_here(ctx, when)


def _bare(due: datetime, now: datetime) -> str:
    return say_when(due, now).removeprefix("on ")


def _instant(ctx: Context) -> datetime:
    return ctx.now.replace(tzinfo=ctx.timezone).astimezone(UTC)


def _left(ctx: Context, entry: Entry) -> int:
    return max(0, round((entry.when - _instant(ctx)).total_seconds()))


def _timers(ctx: Context, timers: Sequence[Entry]) -> str:
    return join([say_timer(e, _left(ctx, e)) for e in timers])


def _sorted(entries: Sequence[Entry]) -> list[Entry]:
    return sorted(entries, key=lambda e: (e.kind, e.when.replace(tzinfo=None), e.id))


def _cancelled(ctx: Context, book: Book, gone: Sequence[Entry], said: Sequence[str]) -> Outcome:
    ids = {entry.id for entry in gone}
    book.entries[:] = [entry for entry in book.entries if entry.id not in ids]
    what = said[0] if len(said) == 1 else f"{count(len(said), gone[0].kind)}: {join(said[:6])}"
    return Outcome(f"Cancelled {what}.", [_plain(entry) for entry in gone], book.undo())


def _plain(entry: Entry) -> dict[str, Any]:
    value: dict[str, Any] = {
        "id": entry.id,
        "kind": entry.kind,
        "due": entry.due,
        "label": entry.label or None,
    }
    return value | (
        {"recurrence": entry.recurrence or None} if entry.kind == "alarm" else {"seconds": entry.seconds}
    )
