"""Measures time resolvers on sentences with known dates: ours, and other libraries where they are installed.

`python -m tinyagent.evaluation.dates FILE` reads JSON lines {"input", "reference", "results": [{"text",
"type", "values"}]} as Microsoft's Recognizers-Text specifications have them. Sentences with exactly one
result count. Each system has to find the time in the sentence and resolve it; any of the listed values is
right, and where the listed value is "not resolved" (30 February) finding nothing is right.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from importlib import import_module
from pathlib import Path
from typing import Any

from dateutil.relativedelta import relativedelta

from tinyagent.grounding.times import (
    find_duration,
    find_recurrence,
    find_span,
    find_when,
    resolve_duration,
    resolve_recurrence,
    resolve_span,
    resolve_when,
)

POINTS = frozenset({"date", "time", "datetime"})
RANGES = frozenset({"daterange", "timerange", "datetimerange"})
_UNRESOLVED = "not resolved"

System = Callable[[str, datetime], list[str]]
"""Takes a sentence and the reference time; returns what it found, best first, as ISO 8601 texts."""


@dataclass(frozen=True, slots=True)
class Line:
    """One sentence with its single result: `kind` without the prefix, `values` as the file lists them."""

    text: str
    now: datetime
    kind: str
    words: str
    values: tuple[dict[str, Any], ...]


def read_lines(path: Path) -> list[Line]:
    """Return the lines of the file that have exactly one result."""
    found = []
    for row in path.read_text(encoding="utf-8").splitlines():
        case = json.loads(row)
        if len(case["results"]) != 1:
            continue
        result = case["results"][0]
        kind = (result["type"] or "").removeprefix("datetimeV2.")
        values = tuple(result.get("values") or ())
        found.append(
            Line(case["input"], datetime.fromisoformat(case["reference"]), kind, result["text"], values)
        )
    return found


def point_fits(line: Line, said: str | None) -> bool:
    """Whether an ISO date or time is one of the line's values (for a time of day, only that is compared)."""
    wanted = {str(value.get("value", "")).replace(" ", "T") for value in line.values}
    if said is None:
        return wanted == {_UNRESOLVED.replace(" ", "T")}
    return (said.partition("T")[2] if line.kind == "time" else said) in wanted


def span_fits(line: Line, said: str | None) -> bool:
    """Whether an interval is one of the line's values; of an open one only the end that is given is compared.

    The specifications end "from monday to wednesday" where Wednesday starts, and so do not count the last
    day, month or year that was said; an interval that goes to its end fits as well.
    """
    if said is None:
        return all(value.get("value") == _UNRESOLVED for value in line.values)
    start, _, end = said.partition("/")
    return any(
        _end_fits(line, value, "start", start) and _end_fits(line, value, "end", end) for value in line.values
    )


def _end_fits(line: Line, value: dict[str, Any], key: str, said: str) -> bool:
    wanted = value.get(key)
    if wanted is None:
        return str(value.get("value")) != _UNRESOLVED
    at = datetime.fromisoformat(said)
    if line.kind == "timerange":
        return at.time().isoformat() == str(wanted)
    given = datetime.fromisoformat(str(wanted))
    if (given + timedelta(seconds=1)).time() == datetime.min.time() and given.second:
        given += timedelta(seconds=1)  # 23:59:59 stands for the end of the day
    if line.kind == "daterange":
        last_said = (relativedelta(days=1), relativedelta(months=1), relativedelta(years=1))
        return at.date() == given.date() or (key == "end" and any(at == given + unit for unit in last_said))
    return at == given


def duration_fits(line: Line, said: str | None) -> bool:
    """Whether an ISO duration has as many seconds as the line's value (a month 30 days, a year 365.

    1 % off at most).
    """
    if said is None:
        return False
    return any(abs(_seconds(said) / float(value.get("value", -1)) - 1) < 0.01 for value in line.values)


def _seconds(iso: str) -> float:
    date, _, time = iso.removeprefix("P").partition("T")
    total, digits = 0.0, ""
    sizes = {"Y": 365 * 86400, "M": 30 * 86400, "W": 7 * 86400, "D": 86400}
    for part, table in ((date, sizes), (time, {"H": 3600, "M": 60, "S": 1})):
        for letter in part:
            if letter.isdigit():
                digits += letter
            else:
                total, digits = total + int(digits) * table[letter], ""
    return total


def ours(text: str, now: datetime) -> list[str]:
    """Find and resolve points of time with tinyagent."""
    found = sorted(find_when(text, now), key=lambda proposal: -len(proposal.words))
    return [iso for proposal in found if (iso := resolve_when(proposal.words, now))]


def _dateparser(text: str, now: datetime) -> list[str]:
    search = import_module("dateparser.search").search_dates
    found = (
        search(text, languages=["en"], settings={"RELATIVE_BASE": now, "PREFER_DATES_FROM": "future"}) or []
    )
    return [_iso_guess(at, words) for words, at in sorted(found, key=lambda pair: -len(pair[0]))]


def _iso_guess(at: datetime, words: str) -> str:
    """Return a date where the words say no time of day; the library does not tell."""
    timed = any(
        mark in words.lower() for mark in (":", "am", "pm", "hour", "minute", "min", "noon", "now", "o'clock")
    )
    return at.replace(tzinfo=None, microsecond=0).isoformat() if timed else str(at.date())


def _parsedatetime(text: str, now: datetime) -> list[str]:
    module = import_module("parsedatetime")
    found = module.Calendar(version=module.VERSION_CONTEXT_STYLE).nlp(text, sourceTime=now) or ()
    rows = sorted(found, key=lambda row: -len(row[4]))
    return [row[0].isoformat() if row[1].hasTime else str(row[0].date()) for row in rows]


def _recognizers(text: str, now: datetime) -> list[str]:
    recognize = import_module("recognizers_date_time").recognize_datetime
    rows = []
    for result in recognize(text, "en-us", reference=now):
        for value in (result.resolution or {}).get("values", []):
            if "value" in value:
                rows.append((len(result.text), str(value["value"])))
    rows.sort(key=lambda row: -row[0])
    return [_as_iso(value, now) for _, value in rows]


def _as_iso(value: str, now: datetime) -> str:
    return f"{now.date()}T{value}" if value.count(":") == 2 and "-" not in value else value.replace(" ", "T")


SYSTEMS: dict[str, tuple[str, System]] = {
    "tinyagent": ("tinyagent", ours),
    "dateparser": ("dateparser", _dateparser),
    "parsedatetime": ("parsedatetime", _parsedatetime),
    "recognizers-text-date-time": ("recognizers_date_time", _recognizers),
}
"""Name → (module that has to be installed, the system)."""


def first(found: Iterable[str]) -> str | None:
    """Return what a system prefers, or None where it found nothing."""
    return next(iter(found), None)


def score_points(lines: list[Line], system: System) -> tuple[int, list[tuple[Line, str | None]]]:
    """Return how many single points of time a system gets right, and the failures with what it said."""
    failures = []
    chosen = [line for line in lines if line.kind in POINTS]
    for line in chosen:
        said = first(system(line.text, line.now))
        if not point_fits(line, said):
            failures.append((line, said))
    return len(chosen) - len(failures), failures


def score_ours(lines: list[Line]) -> Iterator[tuple[str, int, list[tuple[Line, str | None]]]]:
    """Yield for each type its name, the number of lines and our failures."""
    for kind in sorted({line.kind for line in lines}):
        chosen = [line for line in lines if line.kind == kind]
        said = [(line, _resolve(line)) for line in chosen]
        yield kind, len(chosen), [(line, value) for line, value in said if not _fits(line, value)]


def _resolve(line: Line) -> str | None:
    if line.kind in RANGES:
        spans = sorted(find_span(line.text, line.now), key=lambda proposal: -len(proposal.words))
        return first(iso for proposal in spans if (iso := resolve_span(proposal.words, line.now)))
    if line.kind == "duration":
        lengths = sorted(find_duration(line.text), key=lambda proposal: -len(proposal.words))
        return first(iso for proposal in lengths if (iso := resolve_duration(proposal.words)))
    if line.kind == "set":
        sets = sorted(find_recurrence(line.text), key=lambda proposal: -len(proposal.words))
        return first(rule for proposal in sets if (rule := resolve_recurrence(proposal.words, line.now)))
    return first(ours(line.text, line.now))


def _fits(line: Line, said: str | None) -> bool:
    if line.kind in RANGES:
        return span_fits(line, said)
    if line.kind == "duration":
        return duration_fits(line, said)
    if line.kind == "set":
        return said is not None  # the file gives no rule to compare: found is all that can be asked
    return point_fits(line, said)


def main(arguments: list[str] | None = None) -> int:
    """Print a table of the systems that are installed, and our figure for each type of line."""
    parser = argparse.ArgumentParser(prog="python -m tinyagent.evaluation.dates", description=__doc__)
    parser.add_argument("file", type=Path, help="JSON lines of the specifications")
    parser.add_argument("--failures", action="store_true", help="print every line that we get wrong")
    given = parser.parse_args(arguments)
    lines = read_lines(given.file)
    total = sum(line.kind in POINTS for line in lines)
    write = sys.stdout.write
    write(f"{total} lines with a single date, time or date-time\n")
    for name, (module, system) in SYSTEMS.items():
        try:
            import_module(module)
        except ImportError:
            write(f"{name:28} not installed\n")
            continue
        right, _ = score_points(lines, system)
        write(f"{name:28} {right:4d} right  {right / max(1, total):.3f}\n")
    write("\ntinyagent by type\n")
    for kind, count, failures in score_ours(lines):
        write(f"{kind:28} {count - len(failures):4d} of {count:3d}  {1 - len(failures) / count:.3f}\n")
        for line, said in failures if given.failures else ():
            wanted = [value.get("value") or (value.get("start"), value.get("end")) for value in line.values]
            write(f"    {line.text!r} ({line.now:%Y-%m-%dT%H:%M}, {line.words!r}): {said}, not {wanted}\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
