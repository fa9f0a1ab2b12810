"""Small pieces of the sentences that tools answer with, in English whatever the locale of the machine."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from unicodedata import category

from tinyagent.calls import EARLIEST

DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
MONTHS = ("January", "February", "March", "April", "May", "June", "July", "August", "September", "October",
          "November", "December")  # fmt: skip

HOURS = (
    "",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
)


def say_day(day: date, now: datetime) -> str:
    """Return a day as one says it: "today", "tomorrow", "on Tuesday 3 March" (with the year if another)."""
    near = {-1: "yesterday", 0: "today", 1: "tomorrow"}
    distance = (day - now.date()).days
    if distance in near:
        return near[distance]
    year = "" if day.year == now.year else f" {day.year}"
    return f"on {DAYS[day.weekday()]} {day.day} {MONTHS[day.month - 1]}{year}"


def say_when(value: datetime | date, now: datetime) -> str:
    """Return a point in time as one says it: "today at 15:00", or only the day for a date."""
    if isinstance(value, datetime):
        return f"{say_day(value.date(), now)} at {value:%H:%M}"
    return say_day(value, now)


def say_range(start: datetime | date, end: datetime | date, now: datetime) -> str:
    """Return a stretch of time; `end` is exclusive, so an all-day event of one day is said as that day."""
    if isinstance(start, datetime) and isinstance(end, datetime):
        if end.date() == start.date():
            return f"{say_day(start.date(), now)} from {start:%H:%M} to {end:%H:%M}"
        return f"from {_bare(say_when(start, now))} to {_bare(say_when(end, now))}"
    last = _day(end) - timedelta(days=1)
    if last <= _day(start):
        return f"{say_day(_day(start), now)}, all day"
    return f"from {_bare(say_day(_day(start), now))} to {_bare(say_day(last, now))}"


def when_words(value: datetime | date | None, now: datetime) -> str:
    """Return the words by which a person may point at a time, to be searched: "tomorrow 3pm three"."""
    if value is None:
        return ""
    words = [say_day(_day(value), now), DAYS[_day(value).weekday()], MONTHS[_day(value).month - 1]]
    if isinstance(value, datetime):
        hour, half = value.hour % 12 or 12, "am" if value.hour < 12 else "pm"
        minute = f"{value:%M}" if value.minute else ""
        words += [
            f"{value:%H:%M}",
            f"{hour}{half}",
            f"{hour}{minute}{half}",
            f"{hour}:{minute}",
            half,
            HOURS[hour],
        ]
        words.append("morning" if value.hour < 12 else "afternoon" if value.hour < 17 else "evening tonight")
        words += [] if value.minute or value.hour % 12 else ["noon" if value.hour else "midnight"]
    return " ".join(words)


def say_span(start: datetime, end: datetime, now: datetime) -> str:
    """Return a span as one says it: "tomorrow", "from Monday 2 March to Sunday 8 March" (the last day).

    One that starts with the earliest date there is has only its end: "before Wednesday 1 January 2020".
    """
    if start <= EARLIEST:
        return f"before {_bare(say_when(end if end.time() != time() else end.date(), now))}"
    last = end - timedelta(seconds=1)
    if last.date() <= start.date():
        return say_day(start.date(), now)
    return f"from {_bare(say_day(start.date(), now))} to {_bare(say_day(last.date(), now))}"


def say_rule(rule: str) -> str:
    """Return a recurrence as one says it: "every day", "every 2 weeks on Monday", else "repeating"."""
    parts = dict(part.split("=", 1) for part in rule.upper().split(";") if "=" in part)
    unit = {"HOURLY": "hour", "DAILY": "day", "WEEKLY": "week", "MONTHLY": "month", "YEARLY": "year"}.get(
        parts.get("FREQ", "")
    )
    days = parts.get("BYDAY", "")
    if unit is None or set(parts) - {"FREQ", "INTERVAL", "BYDAY", "WKST", "BYHOUR", "BYMINUTE", "BYSECOND"}:
        return "repeating"
    names = {day[:2].upper(): day for day in DAYS}
    if days and (unit != "week" or not set(days.split(",")) <= set(names)):
        return "repeating"
    interval = parts.get("INTERVAL", "1")
    often = f"every {unit}" if interval == "1" else f"every {interval} {unit}s"
    if set(days.split(",")) == {"MO", "TU", "WE", "TH", "FR"} and interval == "1":
        return "every weekday"
    said = join([names[day] for day in days.split(",")]) if days else ""
    return f"every {said}" if said and interval == "1" else f"{often} on {said}" if said else often


def join(parts: Sequence[str], word: str = "and") -> str:
    """Return "a", "a and b" or "a, b and c"."""
    if len(parts) < 2:
        return "".join(parts)
    return f"{', '.join(parts[:-1])} {word} {parts[-1]}"


def listed(parts: Sequence[str], most: int = 12) -> str:
    """Return one line a part, with how many more there are beyond `most`."""
    lines = [f"- {part}" for part in parts[:most]]
    if len(parts) > most:
        lines.append(f"and {len(parts) - most} more")
    return "\n".join(lines)


def count(number: int, thing: str) -> str:
    """Return "1 event", "3 events"."""
    return f"{number} {thing}" if number == 1 else f"{number} {thing}s"


def short(text: str, most: int = 80) -> str:
    """Return `text` on one line, cut at `most` characters."""
    line = " ".join(text.split())
    return line if len(line) <= most else line[: most - 1].rstrip() + "…"


def harmless(text: str) -> str:
    """Return `text` with control and invisible characters, but newline and tab, written as escapes.

    Titles, names and mails come from anybody: none may move the cursor, recolour a question or hide a word.
    """
    return text if text.isprintable() else "".join(map(_visible, text))


def _visible(character: str) -> str:
    # Joiners stand inside words and emoji.
    if character.isprintable() or character in "\n\t\u200c\u200d":
        return character
    if category(character) == "Zs":  # the spaces of good typesetting
        return " "
    return character.encode("unicode_escape").decode("ascii")


def _bare(phrase: str) -> str:
    return phrase.removeprefix("on ")


def _day(value: datetime | date) -> date:
    return value.date() if isinstance(value, datetime) else value
