"""Making, moving and striking VEVENTs inside their calendar object; nothing here touches files."""

from __future__ import annotations

from copy import deepcopy
from datetime import date, datetime, time, timedelta
from typing import Any

from tinyagent.errors import ToolError
from tinyagent.tools.context import Context
from tinyagent.tools.ical import moment, replace, stamp, text_of, wall, zoned
from tinyagent.tools.occurrences import Occurrence, instant
from tinyagent.tools.phrases import short

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


def end_of(
    title: str, start: datetime | date, end: datetime | date | None, duration: timedelta | None
) -> datetime | date:
    """Return the exclusive end of a new event; `end` wins over `duration`, an hour or a day is usual.

    Raises `ToolError` where the times make no event.
    """
    if not isinstance(start, datetime):
        if isinstance(end, datetime) or (duration and duration < DAY):
            raise ToolError(f"At what time does “{short(title)}” start?")
        # "from Monday to Wednesday" includes Wednesday; DTEND does not.
        last = start + (duration or DAY) if end is None else end + DAY
    elif end is None:
        last = start + (HOUR if duration is None else duration)
    elif not isinstance(end, datetime):
        last = datetime.combine(end, time()) + DAY
    elif end <= start and end.date() == start.date():
        last = end + DAY  # from ten in the evening to one
    else:
        last = end
    if wall(last) <= wall(start):
        raise ToolError(f"“{short(title)}” would end before it starts: say both times again.")
    return last


def add_guest(event: Any, name: str, address: str | None) -> None:
    """Invite `name`; without a known address it is the one that says so, since the format demands some."""
    from icalendar import vCalAddress

    guest = vCalAddress(f"mailto:{address}" if address else "invalid:nomail")
    guest.params["CN"] = name.replace('"', "'")
    guest.params["ROLE"] = "REQ-PARTICIPANT"
    guest.params["PARTSTAT"] = "NEEDS-ACTION"
    event.add("attendee", guest, encode=False)


def move(
    one: Occurrence, start: datetime | date, ctx: Context
) -> tuple[Any, datetime | date, datetime | date]:
    """Move one occurrence in place and return its VEVENT with the new local start and end.

    One of a series becomes an override (RECURRENCE-ID) beside it. To another date it keeps its hour.
    """
    length = wall(one.end) - wall(one.start)
    begin = start
    if isinstance(one.start, datetime) and not isinstance(start, datetime):
        begin = datetime.combine(start, one.start.time())
    elif isinstance(start, datetime) and not isinstance(one.start, datetime):
        length = HOUR  # a day long at three o'clock is not what anyone means
    end = begin + length
    event = _override(one)
    # Only one of DURATION and DTEND may be there, and an end fits every kind of start.
    event.pop("DURATION", None)
    replace(event, "DTSTART", zoned(begin, ctx.timezone))
    replace(event, "DTEND", zoned(end, ctx.timezone))
    for alarm in event.walk("VALARM"):
        rings = getattr(alarm.get("TRIGGER"), "dt", None)
        if isinstance(rings, datetime):  # at a fixed time; one relative to the start moves by itself
            params = alarm["TRIGGER"].params
            replace(alarm, "TRIGGER", rings + (wall(begin) - wall(one.start)))
            alarm["TRIGGER"].params.update(params)
    stamp(event, ctx)
    return event, begin, end


def strike(one: Occurrence, ctx: Context, *, whole: bool) -> bool:
    """Take an occurrence, or with `whole` its entire event, out of its calendar object.

    Returns whether anything but time zones is left in that object.
    """
    calendar = one.item.content
    same = [part for part in calendar.walk("VEVENT") if text_of(part, "UID") == one.uid]
    series = next((part for part in same if "RECURRENCE-ID" not in part), None)
    if one.original is None or whole or series is None:
        gone = same if one.original is None or whole else [one.component]
    else:
        gone = [part for part in same if _replaces(part, one.original)]
        series.add("exdate", one.original)
        stamp(series, ctx)
    calendar.subcomponents = [part for part in calendar.subcomponents if not any(part is one for one in gone)]
    return any(part.name != "VTIMEZONE" for part in calendar.subcomponents)


def _override(one: Occurrence) -> Any:
    if one.original is None or "RECURRENCE-ID" in one.component:
        return one.component
    event = deepcopy(one.component)
    for name in ("RRULE", "RDATE", "EXDATE", "EXRULE"):
        event.pop(name, None)
    event.add("recurrence-id", one.original)
    one.item.content.add_component(event)
    return event


def _replaces(event: Any, original: datetime | date) -> bool:
    replaced = moment(event, "RECURRENCE-ID")
    return replaced is not None and instant(replaced) == instant(original)
