"""The words of the calendar and the clock: numbers, days, months, units, parts of the day, spellings.

Tables only. One place decides what "morning" or "after lunch" means.
"""

from __future__ import annotations

from dataclasses import dataclass

DIGITS = dict(zip("zero one two three four five six seven eight nine".split(), range(10), strict=True))
TEENS = dict(
    zip(
        """ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen""".split(),
        range(10, 20),
        strict=True,
    )
)
TENS = dict(
    zip("twenty thirty forty fifty sixty seventy eighty ninety".split(), range(20, 100, 10), strict=True)
)
ORDINALS = dict(
    zip(
        """first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth
        fourteenth fifteenth sixteenth seventeenth eighteenth nineteenth twentieth""".split(),
        range(1, 21),
        strict=True,
    )
) | {"thirtieth": 30}
ORDINAL_ENDINGS = frozenset({"st", "nd", "rd", "th"})

WEEKDAYS = dict(
    zip("monday tuesday wednesday thursday friday saturday sunday".split(), range(7), strict=True)
)
WEEKDAY_CODES = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
MONTHS = dict(
    zip(
        """january february march april may june july august september october november december""".split(),
        range(1, 13),
        strict=True,
    )
)
SEASONS = {"spring": 3, "summer": 6, "autumn": 9, "fall": 9, "winter": 12}
"""First month of the meteorological season (northern half of the earth)."""

SECONDS = {"second": 1, "minute": 60, "hour": 3600}
DAYS = {"day": 1, "night": 1, "week": 7, "fortnight": 14, "weekend": 7}
MONTH_UNITS = {"month": 1, "quarter": 3, "year": 12, "decade": 120, "century": 1200}
UNITS = frozenset(SECONDS) | frozenset(DAYS) | frozenset(MONTH_UNITS)

AMBIGUOUS_MONTHS = frozenset({"may", "march", "april", "june", "august"})
"""Months that are also verbs or names: alone they need a preposition before them."""


@dataclass(frozen=True, slots=True)
class PartOfDay:
    """A part of the day: the time of day that stands for it and its hours, in hours after midnight.

    `half` says how a bare clock hour within it is read ("am", "pm", or "night": late hours pm, small hours
    of the next day).
    """

    default: float
    start: float
    end: float
    half: str = ""


PARTS = {
    "morning": PartOfDay(9, 6, 12, "am"),
    "early morning": PartOfDay(7, 6, 9, "am"),
    "late morning": PartOfDay(11, 10, 12, "am"),
    "mid morning": PartOfDay(10, 9, 11, "am"),
    "afternoon": PartOfDay(15, 12, 18, "pm"),
    "early afternoon": PartOfDay(13, 12, 15, "pm"),
    "late afternoon": PartOfDay(17, 15, 18, "pm"),
    "mid afternoon": PartOfDay(15, 14, 16, "pm"),
    "evening": PartOfDay(18, 18, 24, "pm"),
    "early evening": PartOfDay(18, 17, 20, "pm"),
    "late evening": PartOfDay(21, 20, 24, "pm"),
    "night": PartOfDay(20, 18, 24, "night"),
    "early night": PartOfDay(19, 18, 21, "night"),
    "late night": PartOfDay(22, 21, 24, "night"),
    "breakfast": PartOfDay(8, 7, 9, "am"),
    "before breakfast": PartOfDay(7, 0, 8, "am"),
    "after breakfast": PartOfDay(9, 9, 24),
    "lunch": PartOfDay(12, 12, 14, "lunch"),
    "before lunch": PartOfDay(11.5, 0, 12, "am"),
    "after lunch": PartOfDay(13, 13, 24, "pm"),
    "tea": PartOfDay(16, 16, 17, "pm"),
    "before tea": PartOfDay(15.5, 0, 16, "pm"),
    "after tea": PartOfDay(17, 17, 24, "pm"),
    "dinner": PartOfDay(19, 18, 20, "pm"),
    "before dinner": PartOfDay(18, 0, 19, "pm"),
    "after dinner": PartOfDay(20, 20, 24, "pm"),
    "before work": PartOfDay(8, 0, 9, "am"),
    "after work": PartOfDay(17.5, 17.5, 24, "pm"),
    "before school": PartOfDay(7.5, 0, 8, "am"),
    "after school": PartOfDay(15.5, 15.5, 24, "pm"),
    "bedtime": PartOfDay(22, 21, 23, "pm"),
    "before bedtime": PartOfDay(21.5, 18, 22, "pm"),
    "before dark": PartOfDay(17, 0, 18, "pm"),
    "after dark": PartOfDay(20, 19, 24, "pm"),
    "dawn": PartOfDay(6, 5, 7, "am"),
    "dusk": PartOfDay(18, 17, 19, "pm"),
    "first thing": PartOfDay(8, 6, 10, "am"),
    "last thing": PartOfDay(21, 20, 24, "pm"),
    "end of day": PartOfDay(17, 15, 24, "pm"),
    "end of named day": PartOfDay(24 - 1 / 3600, 18, 24, "pm"),
    "end of night": PartOfDay(23, 22, 24, "pm"),
    "start of day": PartOfDay(8, 0, 12, "am"),
    "middle of day": PartOfDay(12, 10, 14),
    "middle of night": PartOfDay(2, 0, 5, "am"),
    "working hours": PartOfDay(9, 9, 17),
    "daytime": PartOfDay(9, 6, 18),
    "early": PartOfDay(8, 6, 10, "am"),
    "late": PartOfDay(20, 18, 24, "pm"),
    "later": PartOfDay(-1, -1, 24),
}
"""Parts of the day. "later" has no hour of its own: it is counted from now."""

LATER_HOURS = 3
"""How many hours from now "later" is."""


def _spellings() -> dict[str, str]:
    lines = """
    today: 2day tday todays today's
    tomorrow: 2moro 2morow 2morrow 2mrw tmrw tmr tmrow tomorow tommorow tommorrow tomorro tomoro tmoro tomm tmw tomrw
        tommorw tomorrows tomorrow's
        tomorrw tomarrow tmorrow
    midnight: midnight's
    tonight: tonite 2nite tonights tonight's tonigth
    yesterday: yest yesterdays yesterday's yday yesteday yesterdy yestarday
    monday: mon monday's mondy
    tuesday: tue tues tuesday's teusday tusday
    wednesday: wed weds wednes wednesday's wensday wednsday wedensday
    thursday: thu thur thurs thursday's thrusday thurday thirsday
    friday: fri friday's firday
    saturday: sat saturday's saterday satuday
    sunday: sun sunday's
    mondays: mons
    january: jan january's
    february: feb febr febuary feburary
    march: mar
    april: apr
    june: jun june's
    july: jul july's
    august: aug
    september: sep sept septembre
    october: oct
    november: nov
    december: dec
    morning: mornin morn morning's mornng mrng
    afternoon: afternoon's aft aftrnoon afternon arvo
    evening: evng evenin evening's
    night: nite nighttime nights nites
    noon: noon's noontime
    midday: mid-day
    second: sec secs seconds s
    minute: mintues mintes minits min mins minutes minuets minuts minutes' minute's minuites m mns
    hour: hr hrs hours h hours' hour's
    day: days days' day's
    week: wek wk wks weeks weeks' week's
    fortnight: fortnights fortnight's
    month: mth mths months months' month's
    quarter: quater qarter qtr quarters quarter's
    year: yr yrs years years' year's
    decade: decades
    century: centuries
    weekend: weekends weeknd wkend weekend's wknd
    next: nxt
    every: evry evrey evey
    oclock: o'clock oclk
    and: n &
    about: abt
    approximately: approx
    before: b4 bfore
    between: btwn btw betw
    until: til till untill 'til
    through: thru
    eight: eigth
    forty: fourty
    ninety: ninty
    twelfth: twelveth
    ninth: nineth
    couple: coupla cpl
    later: l8r ltr
    alarm: alrm alram
    christmas: xmas chrismas crimbo
    lunch: lunchtime lunchtimes lunch-time
    dinner: dinnertime supper suppertime
    tea: teatime
    breakfast: breakfasttime brekkie
    bedtime: bed
    past: passed
    the: teh
    """
    table: dict[str, str] = {}
    target = ""
    for line in lines.splitlines():
        head, colon, tail = line.partition(":")
        if colon:
            target = head.strip()
        for word in (tail if colon else line).split():
            table[word] = target
    return table


SPELLINGS = _spellings()
"""What people type → the one form that the readers know. Plural units become singular."""
