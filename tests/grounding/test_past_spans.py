"""Spans that look back (`prefer="past"`): the latest reading that has begun by now."""

from datetime import datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tinyagent.calls import Parameter
from tinyagent.grounding.base import Unresolved, World
from tinyagent.grounding.resolvers import propose, resolve
from tinyagent.grounding.times import find_span, resolve_span
from tinyagent.tools.registry import catalogue

MONDAY = datetime(2026, 3, 2, 9, 0)
FRIDAY = datetime(2026, 7, 10, 18, 30)
NIGHT = datetime(2026, 1, 1, 0, 20)
EARLIEST = "1900-01-01"

ON_MONDAY = f"""
friday | 2026-02-27 | 2026-02-28
on sunday | 2026-03-01 | 2026-03-02
monday | 2026-03-02 | 2026-03-03
last monday | 2026-02-23 | 2026-02-24
this friday | 2026-02-27 | 2026-02-28
friday morning | 2026-02-27T06:00 | 2026-02-27T12:00
friday at three | 2026-02-27T15:00 | 2026-02-27T16:00
june | 2025-06-01 | 2025-07-01
in june | 2025-06-01 | 2025-07-01
last june | 2025-06-01 | 2025-07-01
in march | 2026-03-01 | 2026-04-01
last march | 2025-03-01 | 2025-04-01
december 2024 | 2024-12-01 | 2025-01-01
the 3rd | 2026-02-03 | 2026-02-04
on the 12th | 2026-02-12 | 2026-02-13
the 31st | 2026-01-31 | 2026-02-01
the first of march | 2026-03-01 | 2026-03-02
the fifth of may | 2025-05-05 | 2025-05-06
5/3 | 2025-05-03 | 2025-05-04
last may 3rd | 2025-05-03 | 2025-05-04
feb 29 | 2024-02-29 | 2024-03-01
friday the 13th | 2026-02-13 | 2026-02-14
the 10th of the month | 2026-02-10 | 2026-02-11
today | 2026-03-02 | 2026-03-03
yesterday | 2026-03-01 | 2026-03-02
yesteday | 2026-03-01 | 2026-03-02
yesterday morning | 2026-03-01T06:00 | 2026-03-01T12:00
last night | 2026-03-01T18:00 | 2026-03-02
this morning | 2026-03-02T06:00 | 2026-03-02T12:00
this afternoon | 2026-03-01T12:00 | 2026-03-01T18:00
this week | 2026-03-02 | 2026-03-09
this wek | 2026-03-02 | 2026-03-09
last week | 2026-02-23 | 2026-03-02
this month | 2026-03-01 | 2026-04-01
this year | 2026-01-01 | 2027-01-01
last quarter | 2025-10-01 | 2026-01-01
the weekend | 2026-02-28 | 2026-03-02
over the weekend | 2026-02-28 | 2026-03-02
this weekend | 2026-02-28 | 2026-03-02
over christmas | 2025-12-25 | 2025-12-26
last christmas | 2025-12-25 | 2025-12-26
easter | 2025-04-20 | 2025-04-21
in the summer | 2025-06-01 | 2025-09-01
last summer | 2025-06-01 | 2025-09-01
this winter | 2025-12-01 | 2026-03-01
q3 | 2025-07-01 | 2025-10-01
week 31 | 2025-07-28 | 2025-08-04
the end of june | 2025-06-21 | 2025-07-01
the end of the month | 2026-02-20 | 2026-03-01
the first week of may | 2025-04-28 | 2025-05-05
two days before christmas | 2025-12-23 | 2025-12-24
2019 | 2019-01-01 | 2020-01-01
in 2020 | 2020-01-01 | 2021-01-01
from 2018 to 2020 | 2018-01-01 | 2021-01-01
the nineties | 1990-01-01 | 2000-01-01
the last three days | 2026-02-27 | 2026-03-03
the past two weeks | 2026-02-16 | 2026-03-03
the last hour | 2026-03-02T08:00 | 2026-03-02T09:00
three days ago | 2026-02-27 | 2026-02-28
a couple of weeks ago | 2026-02-16 | 2026-02-23
two months ago | 2026-01-01 | 2026-02-01
two years ago | 2024-01-01 | 2025-01-01
from monday to wednesday | 2026-03-02 | 2026-03-05
from thursday to saturday | 2026-02-26 | 2026-03-01
between the 3rd and the 9th | 2026-02-03 | 2026-02-10
between june and august | 2025-06-01 | 2025-09-01
from november to january | 2025-11-01 | 2026-02-01
from friday to today | 2026-02-27 | 2026-03-03
since monday | 2026-03-02 | 2026-03-03
since friday | 2026-02-27 | 2026-03-03
since yesterday | 2026-03-01 | 2026-03-03
since last thursday | 2026-02-26 | 2026-03-03
since june | 2025-06-01 | 2026-03-03
since 2020 | 2020-01-01 | 2026-03-03
since two weeks ago | 2026-02-16 | 2026-03-03
before 2020 | {EARLIEST} | 2020-01-01
before june | {EARLIEST} | 2025-06-01
before friday | {EARLIEST} | 2026-02-27
before yesterday | {EARLIEST} | 2026-03-01
before nine this morning | 2026-03-02 | 2026-03-02T09:00
until may | {EARLIEST} | 2025-05-01
until friday | {EARLIEST} | 2026-02-28
until today | {EARLIEST} | 2026-03-03
after 2020 | 2021-01-01 | 2026-03-03
after friday | 2026-02-28 | 2026-03-03
after christmas | 2025-12-26 | 2026-03-03
after five | 2026-03-01T17:00 | 2026-03-02
older than a year | {EARLIEST} | 2025-03-02
older than two weeks | {EARLIEST} | 2026-02-16
older than 2020 | {EARLIEST} | 2020-01-01
newer than a month | 2026-02-02 | 2026-03-03
"""

ON_FRIDAY_EVENING = f"""
friday | 2026-07-10 | 2026-07-11
thursday | 2026-07-09 | 2026-07-10
friday evening | 2026-07-10T18:00 | 2026-07-11
friday night at nine | 2026-07-03T21:00 | 2026-07-03T22:00
tonight | 2026-07-10T18:00 | 2026-07-11
this morning | 2026-07-10T06:00 | 2026-07-10T12:00
june | 2026-06-01 | 2026-07-01
last june | 2026-06-01 | 2026-07-01
july | 2026-07-01 | 2026-08-01
last july | 2025-07-01 | 2025-08-01
last november | 2025-11-01 | 2025-12-01
the 10th | 2026-07-10 | 2026-07-11
the 31st | 2026-05-31 | 2026-06-01
the weekend | 2026-07-04 | 2026-07-06
easter | 2026-04-05 | 2026-04-06
since nine | 2026-07-10T09:00 | 2026-07-11
since june | 2026-06-01 | 2026-07-11
before june | {EARLIEST} | 2026-06-01
after june | 2026-07-01 | 2026-07-11
after friday | 2026-07-04 | 2026-07-11
until friday | {EARLIEST} | 2026-07-11
between june and august | 2026-06-01 | 2026-09-01
"""

AFTER_MIDNIGHT = """
this evening | 2025-12-31T18:00 | 2026-01-01
tonight | 2025-12-31T18:00 | 2026-01-01
january | 2026-01-01 | 2026-02-01
december | 2025-12-01 | 2026-01-01
christmas | 2025-12-25 | 2025-12-26
thursday | 2026-01-01 | 2026-01-02
"""


def _rows(table, now):
    rows = [line.split(" | ") for line in table.strip().splitlines()]
    return [(words, now, start, end) for words, start, end in rows]


@pytest.mark.parametrize(
    ("words", "now", "start", "end"),
    _rows(ON_MONDAY, MONDAY) + _rows(ON_FRIDAY_EVENING, FRIDAY) + _rows(AFTER_MIDNIGHT, NIGHT),
)
def test_words_mean_the_latest_that_has_begun(words, now, start, end):
    said = resolve_span(words, now, prefer="past")
    assert said is not None
    assert [datetime.fromisoformat(one) for one in said.split("/")] == [
        datetime.fromisoformat(start),
        datetime.fromisoformat(end),
    ]


@pytest.mark.parametrize(
    "words", ["tomorrow", "next week", "next friday", "in two days", "june 2027", "before tomorrow", "after today", ""]
)  # fmt: skip
def test_what_is_only_to_come_has_no_value(words):
    assert resolve_span(words, MONDAY, prefer="past") is None


@pytest.mark.parametrize(
    ("words", "start"),
    [("friday", "2026-03-06"), ("june", "2026-06-01"), ("the 3rd", "2026-03-03"), ("christmas", "2026-12-25"),
     ("the weekend", "2026-03-07"), ("last june", "2025-06-01"), ("last march", "2025-03-01"),
     ("older than a year", EARLIEST)],
)  # fmt: skip
def test_other_spans_still_look_ahead(words, start):
    assert resolve_span(words, MONDAY).startswith(start)


@pytest.mark.parametrize(
    ("text", "words"),
    [("photos from last june", "last june"), ("files older than a year", "older than a year"),
     ("what came from friday to today", "from friday to today"), ("mail since monday", "since monday"),
     ("anything before 2020", "before 2020"), ("papers newer than two weeks please", "newer than two weeks"),
     ("pictures of people older than me", None)],
)  # fmt: skip
def test_the_words_are_proposed(text, words):
    assert [proposal.words for proposal in find_span(text, MONDAY)] == ([words] if words else [])


@pytest.mark.parametrize("tool", ["search_email", "search_files"])
def test_searches_look_back_and_the_calendar_ahead(tool):
    world = World(MONDAY)
    past, ahead = (catalogue()[name].parameter("span") for name in (tool, "find_calendar_events"))
    assert (past.prefer, ahead.prefer) == ("past", "day")
    assert resolve("friday", past, world) == "2026-02-27T00:00:00/2026-02-28T00:00:00"
    assert resolve("friday", ahead, world) == "2026-03-06T00:00:00/2026-03-07T00:00:00"
    text = "the report from friday or june"
    assert propose(text, past, world) == propose(text, ahead, world)
    with pytest.raises(Unresolved, match="What do you mean by “tomorrow”"):
        resolve("tomorrow", past, world)


def test_the_default_of_a_parameter_is_as_before():
    assert Parameter("span", "span").prefer == "day"


NOWS = st.datetimes(min_value=datetime(2001, 1, 1), max_value=datetime(2098, 12, 31))
VOCABULARY = """
the a an in at on by from to until since after before between and of next last this over older newer than day week
weekend month year hour half quarter past monday friday sunday tomorrow today tonight yesterday noon midnight morning
evening march may 5th 21st first second 3 12 2026 2019 5/3 19:30 pm two twenty christmas easter , ago now end rest
early late june summer q3 days weeks years
""".split()
OPEN = """
friday
on monday
sunday morning
friday at nine
june
the 3rd
the 31st
5 may
christmas
easter
summer
the weekend
the end of june
friday the 13th
half past nine
in the morning
tonight
between the 3rd and the 9th
from monday to wednesday
since friday
before june
until the 12th
after march
feb 29
the last friday of the month
week 20
""".strip().splitlines()


@given(st.lists(st.sampled_from(VOCABULARY), max_size=8).map(" ".join), NOWS)
@settings(max_examples=500, deadline=None)
def test_a_past_span_never_begins_after_now(words, now):
    span = resolve_span(words, now, prefer="past")
    if span is not None:
        start, end = (datetime.fromisoformat(one) for one in span.split("/"))
        assert start <= now and start < end


@given(st.sampled_from(OPEN), NOWS)
@settings(max_examples=500, deadline=None)
def test_what_leaves_open_which_one_it_is_has_always_begun_once(words, now):
    span = resolve_span(words, now, prefer="past")
    assert span is not None
    assert datetime.fromisoformat(span.split("/")[0]) <= now


@given(st.sampled_from(["friday", "june", "the 3rd", "5 may", "christmas", "easter", "summer"]), NOWS)
@settings(max_examples=300, deadline=None)
def test_the_next_one_begins_after_now_or_is_the_same(words, now):
    past, ahead = (resolve_span(words, now, prefer=prefer).split("/") for prefer in ("past", "day"))
    later = datetime.fromisoformat(ahead[0])
    assert past == ahead if later <= now else datetime.fromisoformat(past[0]) < later
    assert later - datetime.fromisoformat(past[0]) <= timedelta(days=400)
