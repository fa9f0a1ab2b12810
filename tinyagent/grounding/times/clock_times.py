"""Reads clock times: "half past nine", "7.45 am", "twenty to six", "nineteen hundred hours", "noon", "11ish".

`read_clock` gives the time as said; whether "three" is at night or in the afternoon is decided by `Clock.readings`,
from the part of the day said with it or from what people usually mean.
"""

from __future__ import annotations

from dataclasses import dataclass

from tinyagent.grounding.times.calendar_words import PARTS, UNITS, WEEKDAYS
from tinyagent.grounding.times.time_numbers import below_hundred, read_integer, read_year
from tinyagent.grounding.times.time_tokens import Scan

NUMBER_GLUE = frozenset(
    """at by around from until till to before after for @ past between approximately circa exactly roughly
    since about than it it's say alarm""".split()
)
"""Words after which a bare number may be a clock time."""

_APPROXIMATE = frozenset({"about", "around", "exactly", "circa", "roughly", "approximately", "~"})
_TAILS = (
    ("sharp",),
    ("on", "the", "dot"),
    ("exactly",),
    ("ish",),
    ("-", "ish"),
    ("or", "so"),
    ("precisely",),
)
_QUARTERS = {"quarter": 15, "half": 30}
_TO = frozenset({"to", "of", "before", "til", "until"})
_PAST = frozenset({"past", "after"})
_COUNTED = UNITS | frozenset("percent degrees degree euros dollars pounds bucks times people am".split())
_NEXT_HOUR = -1


@dataclass(frozen=True, slots=True)
class Clock:
    """A clock time as said. `half` is "am", "pm", "24" (a 24-hour time), "midnight" or "" (not said).

    An `hour` of -1 is "half past" without an hour: the next time the clock shows these minutes. `bare` marks
    a number alone, which is a time only where something near it says so.
    """

    hour: int
    minute: int = 0
    second: int = 0
    half: str = ""
    bare: bool = False

    def readings(self, part: str = "") -> list[int]:
        """Return the seconds after midnight that it may mean, best first; a part of the day leaves one."""
        rest = self.minute * 60 + self.second
        hour = self.hour
        if self.half == "midnight":
            return [86400 + rest]
        if self.half == "24":
            return [hour * 3600 + rest]
        if self.half:
            return [(hour % 12 + 12 * (self.half == "pm")) * 3600 + rest]
        half = PARTS[part].half if part else ""
        if half:
            return [_within(half, hour % 12) * 3600 + rest]
        am, pm = (hour % 12) * 3600 + rest, (hour % 12 + 12) * 3600 + rest
        return [am, pm] if 7 <= hour <= 11 else [pm, am]


def _within(half: str, hour: int) -> int:
    """Return the hour of the day that `hour` (0 to 11) means in a morning, afternoon, night or at lunch."""
    if half == "am":
        return hour
    if half == "night":
        return hour + 24 if hour < 5 else hour + 12
    if half == "lunch":
        return hour if hour >= 10 else hour + 12
    return hour + 12


def read_clock(scan: Scan, i: int) -> tuple[Clock, int] | None:
    """Read a clock time that starts at token i, with what belongs to it ("exactly six", "nine sharp")."""
    start = i
    if scan.words[i] == "exactly" or not scan.strict:
        while scan.words[i] in _APPROXIMATE and i < start + 2:
            i += 1
    read = _named(scan, i) or _relative(scan, i) or _digital(scan, i) or _spoken(scan, i)
    if read is None:
        return None
    clock, j = read
    year = read_year(scan, i) if scan.past and scan.before(i) not in {"at", "@"} else None
    if year and year[1] >= j:
        return None  # "before 2020" is no twenty past eight where what has been is meant
    for tail in _TAILS:
        if tuple(scan.words[j : j + len(tail)]) == tail:
            return Clock(clock.hour, clock.minute, clock.second, clock.half), j + len(tail)
    if start < i and clock.bare and scan.words[start] in {"exactly", "around", "circa"} and scan.closes(j):
        clock = Clock(clock.hour, clock.minute, clock.second, clock.half)
    return clock, j


def _named(scan: Scan, i: int) -> tuple[Clock, int] | None:
    j = i + (scan.words[i] in {"12", "twelve"})
    word = scan.words[j]
    if word in {"noon", "midday"} or (word == "mid" and scan.words[j + 1] == "day"):
        return Clock(12, half="24"), j + 1 + (word == "mid")
    if word == "midnight" or (word == "mid" and scan.words[j + 1] == "night"):
        return Clock(0, half="midnight"), j + 1 + (word == "mid")
    return None


def read_half(scan: Scan, j: int) -> tuple[str, int] | None:
    """Read "am", "p.m.", "a m", or "a"/"p" that touches a number; "o'clock" gives an empty half."""
    j += scan.words[j] == "." and scan.tokens[j].tight and scan.tokens[j + 1].tight
    token = scan.tokens[j]
    if token.word in {"am", "pm"}:
        return token.word, j + 1 + _dot(scan, j + 1)
    if token.word not in {"a", "p"}:
        return None
    k = j + 1 + (scan.words[j + 1] == "." and scan.tokens[j + 1].tight)
    if scan.words[k] == "minute" and scan.tokens[k].end - scan.tokens[k].start == 1:
        return token.word + "m", k + 1 + _dot(scan, k + 1)
    return (token.word + "m", j + 1) if token.tight and scan.tokens[j - 1].number >= 0 else None


def _dot(scan: Scan, j: int) -> bool:
    """Whether the full stop of "p.m." is at token j."""
    return scan.words[j] == "." and scan.tokens[j].tight and scan.words[j - 2] == "."


def _relative(scan: Scan, i: int) -> tuple[Clock, int] | None:
    """Read "half past nine", "half nine", "a quarter to eight", "five minutes to six", "twenty past"."""
    j = i + (scan.words[i] == "a" and scan.words[i + 1] in _QUARTERS)
    minutes, named = _QUARTERS.get(scan.words[j], -1), True
    j += 1
    if minutes < 0:
        number = below_hundred(scan, i) or read_integer(scan, i)
        if number is None or not 0 < number[0] < 60:
            return None
        minutes, j = number
        named = scan.words[j] == "minute" and scan.tokens[j].end - scan.tokens[j].start > 1
        j += named
    way = scan.words[j]
    if minutes == 30 and scan.words[j - 1] == "half" and way not in _PAST:
        hour = _hour_name(scan, j)
        return (Clock(hour[0].hour, 30, half=hour[0].half), hour[1]) if hour else None
    if way not in _PAST | _TO or (way in {"before", "until", "after", "of"} and not named):
        return None
    if way in _TO and not named and not _spoken_as_minutes(scan, i, minutes):
        return None
    shown = minutes if way in _PAST else 60 - minutes
    hour = _hour_name(scan, j + 1)
    if hour is None:
        alone = named or not scan.strict or scan.before(i) in {"at", "by", "it's", "its"}
        ends = scan.closes(j + 1) if way == "past" else _ends(scan, j + 1)
        return (Clock(_NEXT_HOUR, shown), j + 1) if alone and way in {"past", "to"} and ends else None
    said, j = hour
    return (Clock(said.hour, shown, half=said.half), j) if way in _PAST else (_one_before(said, shown), j)


def _ends(scan: Scan, j: int) -> bool:
    """Whether a time may end before token j: "it's ten to", but not "remind me at ten to call Bo"."""
    word = scan.words[j]
    return not word[:1].isalnum() or word in {"and", "or", "then", "please", "pls", "thanks", "but", "no"}


def _spoken_as_minutes(scan: Scan, i: int, minutes: int) -> bool:
    """Whether "N to H" says minutes before an hour, and not a range: "ten to four", but not "two to four"."""
    if minutes % 5 or scan.before(i) in {"from", "between"}:
        return False
    return scan.tokens[i].number < 0 or scan.before(i) == "at" or not scan.strict


def _one_before(said: Clock, minute: int) -> Clock:
    """Return `minute` past the hour before the one said ("quarter to midnight")."""
    if said.half == "midnight":
        return Clock(23, minute, half="24")
    if said.half == "24":
        return Clock((said.hour - 1) % 24, minute, half="24")
    hour = (said.hour - 2) % 12 + 1
    half = {"am": "pm", "pm": "am"}.get(said.half, "") if said.hour == 12 else said.half
    return Clock(hour, minute, half=half)


def _hour_name(scan: Scan, j: int) -> tuple[Clock, int] | None:
    """Read the hour of "half past nine": noon, midnight or a number with its half of the day."""
    named = _named(scan, j)
    if named:
        return named
    number = below_hundred(scan, j) or read_integer(scan, j)
    if number is None or not 0 < number[0] <= 24 or scan.words[number[1]] in _COUNTED - {"am"}:
        return None
    if scan.words[number[1]] in {":", "/"} and scan.tokens[number[1]].tight:
        return None
    hour, k = number
    k += scan.words[k] == "oclock"
    half = read_half(scan, k)
    if hour > 12:
        return Clock(hour % 24, half="24"), k
    return (Clock(hour, half=half[0]), half[1]) if half else (Clock(hour), k)


def _digital(scan: Scan, i: int) -> tuple[Clock, int] | None:
    """Read times in digits: "7:30", "7.45 am", "18h30", "0700", "5pm", "9"."""
    token = scan.tokens[i]
    if token.number < 0 or (scan.before(i) in {"$", "€", "£", "#", "."} and token.tight):
        return None
    width = token.end - token.start
    if token.number > 12 and width == 2 and scan.before(i) in WEEKDAYS and not scan.tokens[i + 1].tight:
        return None  # "friday 23" is a day of the month
    hour, minute, second, j = token.number, 0, 0, i + 1
    separator = scan.words[j] if scan.tokens[j].tight else ""
    paired = separator in {":", ".", "h"} or (
        separator == "hour" and scan.tokens[j].end - scan.tokens[j].start == 1
    )
    following = scan.tokens[j + 1]
    if paired and following.tight and following.number >= 0 and following.end - following.start == 2:
        minute, j = following.number, j + 2
        if scan.words[j] == ":" and scan.tokens[j].tight and scan.tokens[j + 1].number >= 0:
            second, j = scan.tokens[j + 1].number, j + 2
        elif scan.words[j] in {".", "/"} and scan.tokens[j + 1].tight and scan.tokens[j + 1].number >= 0:
            return None  # a date or a version
    elif not separator and _split_minutes(scan, j, hour):
        minute, j = scan.tokens[j].number, j + 1
    elif width == 4 or (width == 3 and (read_half(scan, j) or token.number % 5 == 0)):
        hour, minute = divmod(hour, 100)
        if _looks_like_year(scan, i, hour, minute):
            return None
    elif paired and separator in {"h", "hour"} and scan.tokens[j].end - scan.tokens[j].start == 1:
        return None
    if hour > 24 or minute > 59 or second > 59 or (hour == 24 and minute):
        return None
    return _finish(scan, j, Clock(hour, minute, second), width, separator)


def _split_minutes(scan: Scan, j: int, hour: int) -> bool:
    """Whether token j is the minutes of "7 45"."""
    token, after = scan.tokens[j], scan.tokens[j + 1]
    if not 0 < hour <= 12 or not 0 <= token.number <= 59 or token.end - token.start != 2:
        return False
    return not (after.tight and after.word not in {".", ",", "?", "!"}) and after.word not in _COUNTED


def _looks_like_year(scan: Scan, i: int, hour: int, minute: int) -> bool:
    """Whether four digits are rather a year: "2018", or what starts an ISO date."""
    after = scan.tokens[i + 1]
    if after.tight and after.word in {"-", "/"} and scan.tokens[i + 2].tight:
        following = scan.tokens[i + 2]
        return following.word.isalpha() or following.end - following.start <= 2
    timed = scan.before(i) in {"at", "by", "@"} or after.word == "hour" or read_half(scan, i + 1)
    return hour in {19, 20} and minute % 5 != 0 and not timed


def _finish(scan: Scan, j: int, clock: Clock, width: int, separator: str) -> tuple[Clock, int] | None:
    """Add the half of the day to a time in digits, and judge whether it can be one."""
    hour, minute, second = clock.hour, clock.minute, clock.second
    military = width == 4 and scan.words[j] == "hour"
    clear = separator in {":", "h", "hour"} and width <= 2 and (minute > 0 or scan.words[j - 1] == "00")
    j += scan.words[j] in {"oclock", "hour"} and (clear or military or scan.words[j] == "oclock")
    oclock = scan.words[j - 1] == "oclock"
    half = read_half(scan, j)
    if half and 0 <= hour <= 12:
        lone = scan.tokens[half[1] - 1].end - scan.tokens[half[1] - 1].start == 1 and half[1] == j + 1
        bare = lone and separator != ":"
        return Clock(hour, minute, second, half[0], bare), half[1]
    if half and hour > 12:
        return Clock(hour, minute, second, "24"), half[1]
    if _part_of_more(scan, j):
        return None
    whole = hour > 12 or hour == 0 or (width in {2, 4} and hour < 10)
    return Clock(hour, minute, second, "24" if whole else "", not (clear or oclock or military)), j


def _part_of_more(scan: Scan, j: int) -> bool:
    """Whether the number goes on as a date, an ordinal, a quantity or a word ("3/5", "3rd", "3kg", "3.5")."""
    following = scan.tokens[j]
    if following.word == "and" and scan.words[j + 1] == "a" and scan.words[j + 2] in _QUARTERS:
        return True
    if following.tight and following.word[:1].isalpha():
        return following.word not in {"ish"}
    if following.tight and following.word in {"/", ".", ":", ",", "%"} and scan.tokens[j + 1].tight:
        return scan.tokens[j + 1].number >= 0 or following.word == "%"
    return following.word in _COUNTED or following.word == "%"


def _spoken(scan: Scan, i: int) -> tuple[Clock, int] | None:
    """Read times in words: "seven thirty pm", "six oh five", "nineteen hundred hours", "elevenish"."""
    word = scan.words[i]
    if word.endswith("ish") and len(word) > 5:
        stem = word[:-3]
        for spelling in (stem, stem + "e"):
            about = below_hundred(Scan(spelling, scan.now), 0)
            if about and 0 < about[0] <= 12:
                return Clock(about[0]), i + 1
    zero = word in {"oh", "o", "zero"}
    number = below_hundred(scan, i + zero)
    if number is None or number[0] > 24:
        return None
    hour, j = number
    if scan.words[j] == "hundred":
        hours = scan.words[j + 1] == "hour"
        sure = hours or not scan.strict or scan.before(i) in {"at", "@"}
        return (
            (Clock(hour % 24, half="24"), j + 1 + hours)
            if sure and (hours or not _part_of_more(scan, j + 1))
            else None
        )
    minute = _spoken_minutes(scan, j)
    bare = minute is None
    if minute:
        if _part_of_more(scan, minute[1]) and not read_half(scan, minute[1]):
            return (
                None
                if scan.words[minute[1]] != "hour"
                else (Clock(hour, minute[0], half="24"), minute[1] + 1)
            )
        j = minute[1]
        bare = not scan.closes(j)
    oclock = scan.words[j] == "oclock"
    j += oclock
    half = read_half(scan, j)
    if half and hour <= 12:
        return Clock(hour, minute[0] if minute else 0, half=half[0]), half[1]
    if _part_of_more(scan, j) or (zero and not minute):
        return None
    whole = hour > 12 or hour == 0 or zero
    return Clock(
        hour % 24, minute[0] if minute else 0, half="24" if whole else "", bare=bare and not oclock
    ), j


def _spoken_minutes(scan: Scan, j: int) -> tuple[int, int] | None:
    """Read the minutes of "seven thirty", "six oh five"; a single digit needs its "oh"."""
    j += scan.words[j] in {"-", ":"} and scan.tokens[j].tight
    zero = scan.words[j] in {"oh", "o", "zero"}
    number = below_hundred(scan, j + zero)
    if number is None or number[0] > 59 or (number[0] < 10) != zero:
        return None
    return number
