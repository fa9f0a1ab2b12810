"""Reads the days of a repetition: "tuesday and thursday", "working day", "the 10th and 25th"."""

from __future__ import annotations

from tinyagent.grounding.times.calendar_words import WEEKDAY_CODES, WEEKDAYS
from tinyagent.grounding.times.rules import Rule
from tinyagent.grounding.times.time_numbers import read_integer, read_ordinal
from tinyagent.grounding.times.time_tokens import Scan

PARTS_OF_DAY = frozenset({"morning", "afternoon", "evening", "night"})
WORKDAYS = ("MO", "TU", "WE", "TH", "FR")
_WEEKEND = ("SA", "SU")
_DAY_SETS = {
    "weekday": WORKDAYS, "weekdays": WORKDAYS, "workday": WORKDAYS, "workdays": WORKDAYS,
    "weeknight": (*WORKDAYS[:4], "SU"), "weeknights": (*WORKDAYS[:4], "SU"), "schoolday": WORKDAYS,
    "weekend": _WEEKEND,
}  # fmt: skip


_WORK = frozenset({"working", "work", "school", "business", "week"})


def as_written(scan: Scan, i: int) -> str:
    """Return the word at token i as it was typed, in lower case: its plural still shows."""
    return scan.text[scan.tokens[i].start : scan.tokens[i].end].lower() if i < scan.length else ""


def read_weekdays(scan: Scan, j: int, plural: bool = False) -> tuple[tuple[str, ...], int] | None:
    """Read "monday", "tuesday and thursday", "mon, wed and fri", "weekday", "working day"."""
    first = _day_set(scan, j, plural)
    if first is None:
        return None
    days, j = first
    while True:
        k = j
        k += scan.words[k] in PARTS_OF_DAY and scan.words[k + 1] in {"and", ","}
        k += scan.words[k] in {",", "/", "+"}
        k += scan.words[k] == "and"
        more = _day_set(scan, k + (scan.words[k] in {"every", "on", "each"}), False) if k > j else None
        if more is None:
            return days, j
        days, j = days + more[0], more[1]


def _day_set(scan: Scan, j: int, plural: bool) -> tuple[tuple[str, ...], int] | None:
    word, raw = scan.words[j], as_written(scan, j)
    stem = word[:-1] if word.endswith("s") else word
    if stem in WEEKDAYS and (word != stem or not plural):
        return (WEEKDAY_CODES[WEEKDAYS[stem]],), j + 1
    if word in _DAY_SETS and (not plural or raw.endswith("s")):
        return _DAY_SETS[word], j + 1
    if word in _WORK and scan.words[j + 1] in {"day", "night"}:
        if not plural or as_written(scan, j + 1).endswith("s"):
            return _DAY_SETS["weeknight" if scan.words[j + 1] == "night" else "weekday"], j + 2
    return None


def read_plain_number(scan: Scan, k: int) -> tuple[tuple[int, ...], int] | None:
    """Read a day of the month without an ordinal's ending ("3 april")."""
    number = read_integer(scan, k)
    return ((number[0],), number[1]) if number and 0 < number[0] <= 31 else None


def read_month_days(scan: Scan, k: int, one: bool = False) -> tuple[tuple[int, ...], int] | None:
    """Read days of the month: "the 15th", "the 10th and 25th", "the last day"."""
    found: tuple[int, ...] = ()
    end = k
    while len(found) < (1 if one else 31):
        j = end
        if found:
            j += scan.words[j] == ","
            j += scan.words[j] == "and"
            if j == end:
                break
        j += scan.words[j] == "the"
        if scan.words[j] == "last" and scan.words[j + 1] == "day":
            found, end = (*found, -1), j + 2
            continue
        number = read_ordinal(scan, j)
        if number is None or not 0 < number[0] <= 31 or scan.words[number[1]] in WEEKDAYS:
            break
        found, end = (*found, number[0]), number[1]
    return (found, end) if found else None


def read_nth_weekday(scan: Scan, k: int) -> tuple[Rule, int] | None:
    """Read "the first monday", "the last friday", "the first and third monday"."""
    k += scan.words[k] == "the"
    nths: list[int] = []
    while len(nths) < 5:
        nth = (-1, k + 1) if scan.words[k] == "last" else read_ordinal(scan, k)
        if nth is None:
            break
        nths.append(nth[0])
        k = nth[1]
        if scan.words[k] != "and":
            break
        k += 1
    if not nths or scan.words[k] not in WEEKDAYS or max(nths) > 5:
        return None
    code = WEEKDAY_CODES[WEEKDAYS[scan.words[k]]]
    return Rule("MONTHLY", days=tuple(f"{nth}{code}" for nth in nths)), k + 1
