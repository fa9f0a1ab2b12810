"""The named days of the year and when they fall. United States dates where countries differ."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

from dateutil.easter import easter

from tinyagent.grounding.times.calendar_days import Day, month_span, nth_weekday, one_day, run, week_of
from tinyagent.grounding.times.calendar_words import SPELLINGS, WEEKDAYS
from tinyagent.grounding.times.time_tokens import Scan

_Rule = Callable[[int], Day]


def _fixed(month: int, day: int) -> _Rule:
    return lambda year: one_day(date(year, month, day))


def _nth(month: int, weekday: str, nth: int, later: int = 0) -> _Rule:
    def rule(year: int) -> Day:
        found = nth_weekday(month_span(year, month), WEEKDAYS[weekday], nth) or date(year, month, 1)
        return one_day(found + timedelta(days=later))

    return rule


def _easter(later: int, days: int = 1) -> _Rule:
    def rule(year: int) -> Day:
        start = easter(year) + timedelta(days=later)
        return run(start, days, "day" if days == 1 else "days")

    return rule


_RULES: dict[str, _Rule] = {
    "christmas eve|xmas eve": _fixed(12, 24),
    "christmas day|christmas|xmas|xmas day": _fixed(12, 25),
    "boxing day|second christmas day": _fixed(12, 26),
    "new year's eve|new years eve|nye|silvester": _fixed(12, 31),
    "new year's day|new year day|new year's|new year|new years": _fixed(1, 1),
    "the holidays|holiday season|the holiday season": lambda year: run(date(year, 12, 24), 9),
    "halloween|hallowe'en": _fixed(10, 31),
    "valentine's day|valentine's|valentine|valentine day": _fixed(2, 14),
    "saint patrick's day|saint patrick|saint patrick's|saint paddy's day|st patrick's day|st patrick"
    "|st patrick's|st paddy's day|paddy's day": _fixed(3, 17),
    "earth day": _fixed(4, 22),
    "april fools day|april fools|april fool's day|april fool's": _fixed(4, 1),
    "groundhog day": _fixed(2, 2),
    "cinco de mayo": _fixed(5, 5),
    "juneteenth": _fixed(6, 19),
    "independence day": _fixed(7, 4),
    "bonfire night|guy fawkes night|guy fawkes": _fixed(11, 5),
    "veterans day|veteran's day|remembrance day|armistice day": _fixed(11, 11),
    "all saints day|all saints|all saint's day": _fixed(11, 1),
    "epiphany|three kings day": _fixed(1, 6),
    "labour day|may day": _fixed(5, 1),
    "women's day": _fixed(3, 8),
    "st nicholas day|saint nicholas day": _fixed(12, 6),
    "burns night": _fixed(1, 25),
    "st george's day|saint george's day": _fixed(4, 23),
    "st david's day|saint david's day": _fixed(3, 1),
    "st andrew's day|saint andrew's day": _fixed(11, 30),
    "mlk day|martin luther king day": _nth(1, "monday", 3),
    "presidents day|president's day|presidents' day": _nth(2, "monday", 3),
    "mother's day|mothers day": _nth(5, "sunday", 2),
    "memorial day": _nth(5, "monday", -1),
    "father's day|fathers day": _nth(6, "sunday", 3),
    "labor day": _nth(9, "monday", 1),
    "columbus day|indigenous peoples day": _nth(10, "monday", 2),
    "thanksgiving|thanksgiving day": _nth(11, "thursday", 4),
    "black friday": _nth(11, "thursday", 4, 1),
    "cyber monday": _nth(11, "thursday", 4, 4),
    "mardi gras|shrove tuesday|pancake day": _easter(-47),
    "ash wednesday": _easter(-46),
    "palm sunday": _easter(-7),
    "maundy thursday": _easter(-3),
    "good friday": _easter(-2),
    "easter|easter sunday|easter day": _easter(0),
    "easter weekend|the easter weekend": _easter(-2, 4),
    "easter monday": _easter(1),
    "ascension day|ascension": _easter(39),
    "pentecost|whit sunday": _easter(49),
    "whit monday": _easter(50),
    "corpus christi": _easter(60),
}


def _key(words: str) -> tuple[str, ...]:
    """Return the words without the apostrophes that people leave out."""
    return tuple(SPELLINGS.get(word, word).replace("'", "") for word in words.split() if word != ".")


_BY_NAME = {_key(name): rule for names, rule in _RULES.items() for name in names.split("|")}
_LONGEST = max(map(len, _BY_NAME))
FIRST_WORDS = frozenset(name[0] for name in _BY_NAME)


def read_holiday(scan: Scan, i: int) -> tuple[_Rule, int, str] | None:
    """Read the longest name of a holiday; return its rule by year, the next token and its name."""
    if scan.words[i].replace("'", "") not in FIRST_WORDS:
        return None
    words = scan.words[i : i + _LONGEST + 2]
    for length in range(min(len(words), _LONGEST + 1), 0, -1):
        name = _key(" ".join(words[:length]))
        if name in _BY_NAME and words[length - 1] not in {".", ""}:
            return _BY_NAME[name], i + length, " ".join(name)
    return None


def holiday_from(rule: _Rule, today: date, offset: int = 0) -> Day:
    """Return the first such holiday that is not over today.

    `offset` counts years from it (-1: the last one).
    """
    year = today.year - 1
    while rule(year).end <= today:
        year += 1
    return rule(year + offset)


def weekend_of(day: Day) -> Day:
    """Return the weekend nearest to a holiday ("halloween weekend")."""
    monday = week_of(day.start)
    if day.start.weekday() == 0:
        monday -= timedelta(days=7)
    return run(monday + timedelta(days=5), 2, "weekend")
