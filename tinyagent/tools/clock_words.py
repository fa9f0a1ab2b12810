"""The sentences of the toolset clock: alarms, timers, lengths of time, the time elsewhere."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from tinyagent.calls import Outcome
from tinyagent.tools.cities import Town
from tinyagent.tools.clock_store import Entry
from tinyagent.tools.context import Context
from tinyagent.tools.phrases import DAYS, MONTHS, count, join, say_rule, say_when, short


def say_alarm(entry: Entry, now: datetime) -> str:
    """Return an alarm as one says it: "an alarm tomorrow at 07:00, every day (gym)"."""
    often = f", {say_rule(entry.recurrence)}" if entry.recurrence else ""
    again = ", snoozed" if entry.snoozed else ""
    return f"an alarm {say_when(entry.when, now)}{often}{again}{_named(entry)}"


def say_timer(entry: Entry, left: int) -> str:
    """Return a timer as one says it: "a timer with 5 minutes left (pasta)"; `left` in seconds."""
    rest = f"with {say_length(timedelta(seconds=left))} left" if left > 0 else "that is over"
    return f"a timer {rest}{_named(entry)}"


def _named(entry: Entry) -> str:
    return f" ({short(entry.label, 40)})" if entry.label else ""


def say_length(length: timedelta) -> str:
    """Return a length of time: "1 hour and 30 minutes"; the two largest parts from a day on."""
    seconds = round(length.total_seconds())
    parts = []
    for size, name in ((86400, "day"), (3600, "hour"), (60, "minute"), (1, "second")):
        number, seconds = divmod(seconds, size)
        if number:
            parts.append(count(number, name))
    return join(parts[:2] if length >= timedelta(days=1) else parts) or "no time"


def say_here(ctx: Context, when: datetime | date | None) -> Outcome:
    """Return what time it is here, or what day and date `when` is."""
    value: dict[str, Any] = {"timezone": ctx.timezone.key}
    if when is None:
        return Outcome(
            f"It is {ctx.now:%H:%M} on {_full(ctx.now)}.", value | {"datetime": ctx.now.isoformat()}
        )
    if isinstance(when, datetime):
        answer = f"That is {_full(when)} at {when:%H:%M}."
        return Outcome(answer, value | {"datetime": when.isoformat(), "weekday": DAYS[when.weekday()]})
    days = (when - ctx.now.date()).days
    far = f", in {count(days, 'day')}" if days > 1 else f", {count(-days, 'day')} ago" if days < -1 else ""
    near = {0: "Today is", 1: "Tomorrow is", -1: "Yesterday was"}.get(
        days, "That is" if days > 0 else "That was"
    )
    answer = f"{near} {_full(when)}{far}."
    return Outcome(
        answer, value | {"date": when.isoformat(), "weekday": DAYS[when.weekday()], "days_from_now": days}
    )


def _full(day: date) -> str:
    return f"{DAYS[day.weekday()]}, {day.day} {MONTHS[day.month - 1]} {day.year}"


def say_there(ctx: Context, town: Town, when: datetime | date | None) -> Outcome:
    """Return what time it is in `town`, now or when it is `when` here (a date: at this time of that day)."""
    from zoneinfo import ZoneInfo

    zone = ZoneInfo(town.zone)
    here = ctx.now if when is None else when
    if not isinstance(here, datetime):
        here = datetime.combine(here, ctx.now.time())
    aware = here.replace(tzinfo=ctx.timezone)
    there = aware.astimezone(zone).replace(tzinfo=None)
    offset = there - here
    name = f"{town.name} ({town.capital})" if town.capital else town.name
    day = f"{DAYS[there.weekday()]}, {there.day} {MONTHS[there.month - 1]}"
    value = {
        "datetime": there.isoformat(),
        "timezone": town.zone,
        "place": town.name,
        "hours_ahead": offset.total_seconds() / 3600,
    }
    if when is None:
        return Outcome(f"In {name} it is {there:%H:%M} on {day}{_ahead(offset)}.", value)
    start = f"When it is {here:%H:%M} here {say_when(here.date(), ctx.now)}"
    return Outcome(f"{start}, it is {there:%H:%M} on {day} in {name}{_ahead(offset)}.", value)


def _ahead(offset: timedelta) -> str:
    if not offset:
        return ", the same as here"
    return f", {say_length(abs(offset))} {'ahead' if offset > timedelta() else 'behind'}"


def capital(text: str) -> str:
    """Return the text with its first letter in upper case."""
    return text[:1].upper() + text[1:]
