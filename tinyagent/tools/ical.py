"""What calendar and reminders share: reading and making iCalendar objects, local times, recurrence rules.

`icalendar` and `dateutil` are imported where they are used: every command loads the toolsets, few need these.
"""

from __future__ import annotations

import re
import uuid
from datetime import UTC, date, datetime
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

from tinyagent.errors import ToolError
from tinyagent.tools.context import Context

# Part of this module for those who use it, in a file of its own for those who read it.
from tinyagent.tools.rules import first_of as first_of
from tinyagent.tools.rules import next_start as next_start
from tinyagent.tools.rules import starts as starts
from tinyagent.tools.rules import wall as wall

LONGEST_TEXT = 10_000
"""Characters of one argument; more is not a title or a note but an accident."""
_TIMES = frozenset("DTSTART DTEND DURATION DUE RECURRENCE-ID EXDATE RDATE TRIGGER".split())
_ZONE = re.compile(r"^BEGIN:VTIMEZONE\r?\n(.*?)^END:VTIMEZONE\r?\n", re.DOTALL | re.MULTILINE)
MOST_ZONES = 40
"""Definitions set aside in one file; more are no person's, and a search for their ends could take minutes."""


def bounded(text: str, what: str) -> str:
    """Return `text` without control characters and outer space; `ToolError` when empty or too long."""
    clean = re.sub(r"[\x00-\x08\x0b-\x1f\x7f\x85\u2028\u2029\ud800-\udfff]", " ", text.replace("\r\n", "\n"))
    clean = clean.strip()
    if not clean:
        raise ToolError(f"The {what} is empty: say what it should be.")
    if len(clean) > LONGEST_TEXT:
        raise ToolError(f"The {what} is longer than {LONGEST_TEXT} characters: make it shorter.")
    return clean


def parse(text: str) -> Any:
    """Return the VCALENDAR in `text`; raises `ValueError` (or what the library raises) for anything else.

    Definitions of time zones that this machine knows are set aside as text and put back by `render`:
    parsing them takes four times as long as the event, and nothing of them is used.
    """
    from icalendar import Calendar

    rest, zones = set_zones_aside(text)
    calendar = Calendar.from_ical(rest)
    if calendar.name != "VCALENDAR":
        raise ValueError("not a calendar")
    for component in calendar.walk():
        if any(name in _TIMES for name, _ in component.errors):
            raise ValueError("a time that cannot be read")
        if component.name == "VEVENT":
            _ = component.start, component.end  # raise where these are missing or contradict each other
            _ = moment(component, "RECURRENCE-ID")
        elif component.name == "VTODO":
            _ = moment(component, "DUE"), moment(component, "DTSTART")
    calendar.known_zones = zones
    return calendar


def new_calendar() -> Any:
    """Return an empty VCALENDAR with the properties that the format requires."""
    from icalendar import Calendar

    calendar = Calendar()
    calendar.add("prodid", "-//tinyagent//EN")
    calendar.add("version", "2.0")
    calendar.known_zones = {}
    return calendar


def render(calendar: Any, ctx: Context) -> str:
    """Return the text of `calendar`, with the definitions of the time zones that its times name.

    Raises `ToolError` where the file it came from has lines that the library would lose.
    """
    from icalendar import Timezone

    if any(name is None for part in calendar.walk() for name, _ in part.errors):
        raise ToolError(
            "That entry has lines that I cannot understand, so I left it as it is: change it by hand."
        )
    zones: dict[str, str] = calendar.known_zones
    there = {text_of(part, "TZID") for part in calendar.subcomponents if part.name == "VTIMEZONE"}
    for name in sorted(_zone_names(calendar) - there - set(zones)):
        try:
            # Not from 1970 on: a definition of all past changes would be ten times the size of the event.
            zone = Timezone.from_tzid(name, first_date=date(ctx.now.year - 1, 1, 1))
        except (ValueError, KeyError, OverflowError):
            continue  # a name only its writer knows; the file was read without a definition, too
        zones[name] = zone.to_ical().decode("utf-8")
    text: str = calendar.to_ical().decode("utf-8")
    return re.sub(r"(?m)^(?=BEGIN:(?!VCALENDAR))", lambda _: "".join(zones.values()), text, count=1)


def new_uid() -> str:
    """Return a fresh UID, also used as the file's name."""
    return str(uuid.uuid4())


def stamp(component: Any, ctx: Context, *, created: bool = False) -> None:
    """Set DTSTAMP and LAST-MODIFIED to now and count SEQUENCE up; CREATED as well for a new one."""
    now = ctx.now.replace(tzinfo=ctx.timezone).astimezone(UTC)
    replace(component, "DTSTAMP", now)
    replace(component, "LAST-MODIFIED", now)
    if created:
        replace(component, "CREATED", now)
    else:
        replace(component, "SEQUENCE", integer(component, "SEQUENCE") + 1)


def replace(component: Any, name: str, value: Any) -> None:
    """Set the property `name`, dropping what it was; None removes it."""
    component.pop(name, None)
    if value is not None:
        component.add(name, value)


def zoned(value: datetime | date, zone: ZoneInfo) -> datetime | date:
    """Return a local time with its zone; a date stays a date."""
    if not isinstance(value, datetime):
        return value
    return value.replace(tzinfo=UTC if zone.key in ("UTC", "Etc/UTC") else zone)


def local(value: datetime | date, zone: ZoneInfo) -> datetime | date:
    """Return a time of any zone as local time without one; floating times and dates stay as they are."""
    if isinstance(value, datetime) and value.tzinfo is not None:
        return value.astimezone(zone).replace(tzinfo=None)
    return value


def moment(component: Any, name: str) -> datetime | date | None:
    """Return a time property, None where absent; `ValueError` where it has no single readable value."""
    given = component.get(name)
    if given is None:
        return None
    value = getattr(given, "dt", None)
    if not isinstance(value, date):
        raise ValueError(f"{name} is not one time")
    return value


def integer(component: Any, name: str) -> int:
    """Return a number property, 0 where it is absent or no number."""
    given = text_of(component, name).strip()
    return int(given) if given.isascii() and given.isdigit() else 0


def text_of(component: Any, name: str) -> str:
    """Return a text property, "" where absent, the first where it is repeated."""
    given = component.get(name, "")
    return str(given[0] if isinstance(given, list) and given else given or "")


def set_zones_aside(text: str) -> tuple[str, dict[str, str]]:
    """Return `text` without the definitions of zones that this machine knows, and those by name."""
    zones: dict[str, str] = {}
    if not 0 < text.count("BEGIN:VTIMEZONE") <= MOST_ZONES:
        return text, zones

    def take(found: re.Match[str]) -> str:
        name = re.search(r"^TZID:([^\r\n]+)", found[1], re.MULTILINE)
        if name is None or not _is_zone(name[1]):
            return found[0]
        zones[name[1]] = found[0]
        return ""

    return _ZONE.sub(take, text), zones


@cache
def _is_zone(name: str) -> bool:
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        return False
    return True


def _zone_names(calendar: Any) -> set[str]:
    names = set()
    for component in calendar.walk():
        for value in component.values():
            for one in value if isinstance(value, list) else [value]:
                name = getattr(one, "params", {}).get("TZID")
                if name and str(name) != "UTC":
                    names.add(str(name))
    return names
