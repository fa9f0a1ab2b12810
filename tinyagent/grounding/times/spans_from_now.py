"""Reads stretches of time that start or end now: "the rest of the day", "within five minutes", "the last hour"."""

from __future__ import annotations

from datetime import datetime, time, timedelta

from tinyagent.grounding.times.calendar_words import PARTS
from tinyagent.grounding.times.durations import read_amount
from tinyagent.grounding.times.ranges import Interval
from tinyagent.grounding.times.time_numbers import read_integer
from tinyagent.grounding.times.time_tokens import Scan


def read_rest_of_day(scan: Scan, i: int) -> tuple[Interval, int] | None:
    """Read "the rest of the day", "the remainder of this afternoon": from now to its end."""
    j = i + (scan.words[i] == "the")
    if scan.words[j] not in {"rest", "remainder"} or scan.words[j + 1] != "of":
        return None
    k = j + 2 + (scan.words[j + 2] in {"the", "my", "this"})
    part = "day" if scan.words[k] in {"day", "today"} else scan.words[k]
    if part not in PARTS and part != "day":
        return None
    midnight = datetime.combine(scan.now.date(), time())
    end = midnight + timedelta(hours=24 if part == "day" else PARTS[part].end)
    start = scan.now.replace(microsecond=0)
    return ((start, end), k + 1) if start < end else None


def read_amount_from_now(scan: Scan, i: int) -> tuple[Interval, int] | None:
    """Read "the next 48 hours", "in the next hour", "within five minutes", "the last ten minutes"."""
    j = i
    j += scan.words[j] in {"in", "over", "for", "during", "within"}
    within = scan.words[i] == "within"
    j += scan.words[j] == "the"
    way = scan.words[j]
    found = None
    number = read_integer(scan, j)
    if number is not None and scan.words[number[1]] in {"next", "coming", "upcoming", "last", "past"}:
        if number[0] != 1 and scan.text[scan.tokens[number[1] + 1].end - 1] not in "sS":
            return None  # "I counted 13 last minute"
        way = scan.words[number[1]]  # "the five coming minutes"
        found = read_amount(Scan(f"{number[0]} {scan.words[number[1] + 1]}", scan.now), 0)
        found = (found[0], number[1] + 2) if found else None
    elif way in {"next", "coming", "last", "past"}:
        j += 1
    elif not within:
        return None
    found = found or read_amount(scan, j)
    if found is None and scan.words[j] in {"hour", "minute", "half", "couple", "few"}:
        article = "a " if scan.words[j] in {"couple", "few"} else "1 "
        tail = " ".join(scan.words[j : j + 4])
        sub = read_amount(Scan((article if scan.words[j] != "half" else "") + tail, scan.now), 0)
        if sub is not None:
            found = sub[0], j + sub[1] - (scan.words[j] != "half")
    if found is None or (found[0].in_days and not within):
        return None
    now = scan.now.replace(microsecond=0)
    if way in {"last", "past"} and not within:
        return (found[0].after(now, -1), now), found[1]
    return (now, found[0].after(now)), found[1]
