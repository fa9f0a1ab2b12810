"""Reads parts of the day: "in the morning", "tonight", "after lunch", "end of the day", "first thing".

The hours behind the names are in `calendar_words.PARTS`.
"""

from __future__ import annotations

from dataclasses import dataclass

from tinyagent.grounding.times.calendar_words import PARTS, WEEKDAYS
from tinyagent.grounding.times.time_tokens import Scan

_NOUNS = frozenset({"morning", "afternoon", "evening", "night"})
_MEALS = frozenset({"lunch", "dinner", "breakfast", "tea", "bedtime", "dawn", "dusk"})
_SPELT_OUT = frozenset(
    {"lunch", "dinner", "breakfast", "tea"}
)  # "lunchtime" says a time without a preposition
_STAGES = {"early": "early", "late": "late", "mid": "mid", "later": "late"}
_PHRASES = {
    ("first", "thing"): "first thing",
    ("last", "thing"): "last thing",
    ("eod",): "end of day",
    ("cob",): "end of day",
    ("close", "of", "business"): "end of day",
    ("close", "of", "play"): "end of day",
    ("end", "of", "business"): "end of day",
    ("end", "of", "day"): "end of day",
    ("end", "of", "play"): "end of day",
    ("end", "of", "the", "day"): "end of day",
    ("end", "of", "the", "working", "day"): "end of day",
    ("end", "of", "the", "night"): "end of night",
    ("start", "of", "the", "day"): "start of day",
    ("start", "of", "day"): "start of day",
    ("early", "in", "the", "day"): "start of day",
    ("late", "in", "the", "day"): "end of day",
    ("middle", "of", "the", "day"): "middle of day",
    ("middle", "of", "the", "night"): "middle of night",
    ("working", "hour"): "working hours",
    ("work", "hour"): "working hours",
    ("office", "hour"): "working hours",
    ("business", "hour"): "working hours",
    ("school",): "",
    ("work",): "",
    ("dark",): "",
}
_NAMED_DAYS = frozenset(WEEKDAYS) | {"today", "tomorrow"}
_STARTS = {"this": 0, "last": -1}
NO_DAY = -99


@dataclass(frozen=True, slots=True)
class Part:
    """A part of the day by its name in `PARTS`.

    `day` is the day it says, counted from today (NO_DAY: none).
    """

    name: str
    day: int = NO_DAY

    @property
    def hours(self) -> tuple[float, float]:
        """Its start and end in hours after midnight."""
        return PARTS[self.name].start, PARTS[self.name].end


def read_part(scan: Scan, i: int, after_day: bool = False) -> tuple[Part, int] | None:
    """Read a part of the day.

    A noun alone ("morning") counts only right after a day, or where times are sure.
    """
    found = (
        _tonight(scan, i)
        or _phrase(scan, i)
        or _noun(scan, i, after_day)
        or _around_event(scan, i, after_day)
    )
    if (
        found is None
        and scan.words[i] in {"early", "late"}
        and scan.before(i) != "too"
        and scan.words[i + 1] not in {"in", "on"}
    ):
        return Part(scan.words[i]), i + 1  # of a day that has to be said too
    return found


def _tonight(scan: Scan, i: int) -> tuple[Part, int] | None:
    stage = _STAGES.get(scan.words[i], "")
    j = i + bool(stage)
    if scan.words[j] == "tonight":
        return Part(f"{stage} night".strip(), 0), j + 1
    if scan.words[i] == "later" and not scan.words[i + 1] == "than":
        if scan.words[i + 1] == "on" and scan.closes(i + 2):
            return Part("later", 0), i + 2
        if scan.words[i + 1] == "today":
            return Part("later", 0), i + 2
        return (Part("later", 0), i + 1) if scan.closes(i + 1) else None
    return None


def _phrase(scan: Scan, i: int) -> tuple[Part, int] | None:
    j = i + (scan.words[i] in {"in", "at", "during", "by"} and not scan.strict)
    j += scan.words[j] in {"the", "my"}
    for length in (5, 4, 3, 2, 1):
        name = _PHRASES.get(tuple(scan.words[j : j + length]))
        if name:
            k = j + length
            if name == "first thing" and scan.words[k] == "in" and scan.words[k + 1] == "the":
                k += 3 * (scan.words[k + 2] == "morning")
            elif name == "first thing" and scan.words[k] == "this":
                return Part(name, 0), k + 2
            today = name == "end of day" and j + length < scan.length and scan.words[k] == "today"
            return Part(name), k + today
    named = scan.words[j + 2 + (scan.words[j + 2] in {"the", "this", "next"})]
    if scan.words[j] == "end" and scan.words[j + 1] == "of" and named in _NAMED_DAYS:
        return Part("end of named day"), j + 2 + (scan.words[j + 2] == "the")
    return None


def _noun(scan: Scan, i: int, after_day: bool) -> tuple[Part, int] | None:
    """Read "in the morning", "this evening", "at night", "late friday"'s "late", "early morning"."""
    j, said = i, after_day or not scan.strict
    day = NO_DAY
    word = scan.words[i]
    if word in {"in", "during", "by", "over", "for"} and scan.words[i + 1] in {"the", "early", "late"}:
        j, said = i + 1 + (scan.words[i + 1] == "the"), True
    elif word == "at" and scan.words[i + 1] == "night":
        j, said = i + 1, True
    elif word in _STARTS and not (word == "last" and scan.words[i + 1] not in _NOUNS):
        j, said, day = i + 1, True, _STARTS[word]
    elif scan.before(i) == "my":
        free = {"looking", "look", "clear", "free", "busy", "like", "open"}
        said = said or scan.closes(i + 1) or scan.words[i + 1] in free
    elif word == "the" and not scan.strict:
        j = i + 1
    stage = _STAGES.get(scan.words[j], "")
    k = j + bool(stage)
    k += scan.words[k] in {"-", "in"} and bool(stage)
    k += bool(stage) and scan.words[k] in {"the", "this"}
    if stage and scan.words[k - 1] == "this":
        day = 0
    noun = scan.words[k]
    if noun == "hour" and scan.words[k - 1] == "early":
        return Part("middle of night", day), k + 1
    if noun not in _NOUNS or not (said or stage) or _plural(scan, k) or (word == "by" and noun == "night"):
        return None
    if k == i and not after_day and scan.before(i) in {"good", "every", "each"}:
        return None
    if word == "for" and scan.strict and not scan.closes(k + 1):
        return None  # "for the night shift"
    name = f"{stage} {noun}".strip()
    return Part(name if name in PARTS else noun, day), k + 1


def _plural(scan: Scan, k: int) -> bool:
    """Whether the word was written in the plural ("nights"): a habit or a count, not a part of one day."""
    token = scan.tokens[k]
    return scan.text[token.end - 1] in "sS" and token.word == "night"


def _around_event(scan: Scan, i: int, after_day: bool) -> tuple[Part, int] | None:
    """Read "after work", "before lunch", "at dinner", "over lunch", "lunchtime"."""
    word = scan.words[i]
    j = i + (word in {"after", "before", "at", "over", "around", "during", "by", "until", "till"})
    j += word == "right" and scan.words[i + 1] in {"after", "before"} and 2
    side = scan.words[j - 1] if j > i and scan.words[j - 1] in {"after", "before"} else ""
    preposition = j > i
    j += preposition and scan.words[j] == "my"
    noun = scan.words[j]
    if side and f"{side} {noun}" in PARTS:
        return Part(f"{side} {noun}"), j + 1
    written = scan.text[scan.tokens[j].start : scan.tokens[j].end].lower() if noun in _MEALS else ""
    time_said = noun in _SPELT_OUT and "time" in written
    if scan.words[j + 1] in {"time", "break"} and noun in _MEALS:
        return Part(noun), j + 2
    if noun in _MEALS and (time_said or (j > i and not side) or (after_day is True and not scan.strict)):
        at_all = written != "bed"  # "at bed" is no time
        return (Part(noun), j + 1) if at_all else None
    if noun in _MEALS and not scan.strict:
        return Part(noun), j + 1
    return None
