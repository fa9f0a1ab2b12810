"""What holds for any words and any text."""

from datetime import date, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from tinyagent.grounding.times import (
    find_duration,
    find_recurrence,
    find_span,
    find_when,
    first_occurrence,
    resolve_duration,
    resolve_recurrence,
    resolve_span,
    resolve_when,
)
from tinyagent.grounding.times.durations import Amount

NOWS = st.datetimes(min_value=datetime(2001, 1, 1), max_value=datetime(2098, 12, 31))
VOCABULARY = """
the a an in at on by from to until after before between and for every each other of next last this day week weekend
month year hour minute half quarter past monday friday sunday tomorrow today tonight yesterday noon midnight morning
evening march may 5th 21st first second last 3 12 45 2026 5/3 3.5. 19:30 pm a.m. two twenty thirty christmas eve - , .
( ) ago later now end rest early late weekdays mondays june week's lunch o'clock 1h30
""".split()
TEXTS = st.one_of(
    st.text(max_size=200),
    st.lists(st.sampled_from(VOCABULARY), max_size=25).map(" ".join),
)
FORWARD = """
three
half past nine
noon
tonight
tomorrow at nine
friday
next tuesday
this weekend
the 21st
in twenty minutes
in three days
5 may
christmas
end of the month
next week
in june
six in the morning
friday the 13th
the last friday of the month
seven
11:45
after lunch
a week from monday
easter
the 31st
feb 29
monday at twelve
this friday
half past
quarter to midnight
in the summer
mid july
""".strip().splitlines()


@given(TEXTS, NOWS)
@settings(max_examples=300, deadline=None)
def test_nothing_raises_and_every_span_lies_in_the_text(text, now):
    found = find_when(text, now) + find_span(text, now) + find_duration(text) + find_recurrence(text)
    for proposal in found:
        assert proposal.words
        for start, end in proposal.spans:
            assert 0 <= start < end <= len(text)


@given(TEXTS, NOWS)
@settings(max_examples=300, deadline=None)
def test_what_is_found_resolves(text, now):
    for proposal in find_duration(text):
        assert resolve_duration(proposal.words), proposal.words
    for proposal in find_when(text, now):
        when = resolve_when(proposal.words, now)
        assert when is None or datetime.fromisoformat(when)
    for proposal in find_span(text, now):
        span = resolve_span(proposal.words, now)
        if span is not None:
            start, end = span.split("/")
            assert start < end


@given(TEXTS, NOWS)
@settings(max_examples=200, deadline=None)
def test_any_words_resolve_or_do_not(words, now):
    resolve_when(words, now)
    resolve_when(words, now, prefer="next", context=words)
    resolve_span(words, now)
    resolve_duration(words)
    rule = resolve_recurrence(words, now)
    if rule is not None:
        assert rule.startswith("FREQ=")


@given(st.sampled_from(FORWARD), NOWS, st.sampled_from(["day", "next"]))
@settings(max_examples=500, deadline=None)
def test_the_future_is_not_past(words, now, prefer):
    when = resolve_when(words, now, prefer)
    assert when is not None
    if "T" in when:
        assert datetime.fromisoformat(when) >= now.replace(microsecond=0)
    else:
        assert date.fromisoformat(when) >= now.date()


@given(st.integers(0, 40), st.integers(0, 23), st.integers(0, 59), st.integers(1, 59))
def test_durations_round_trip(days, hours, minutes, seconds):
    iso = Amount(days=days, seconds=hours * 3600 + minutes * 60 + seconds).iso()
    assert resolve_duration(iso) == iso
    said = f"{days} days {hours} hours {minutes} minutes and {seconds} seconds"
    assert resolve_duration(said) == iso


@given(st.integers(0, 23), st.integers(0, 59), NOWS)
def test_a_clock_time_is_within_a_day(hour, minute, now):
    when = resolve_when(f"{hour:02d}:{minute:02d}", now, prefer="next")
    at = datetime.fromisoformat(when)
    assert timedelta(0) <= at - now.replace(microsecond=0) <= timedelta(days=1)
    assert at.minute == minute and at.hour % 12 == hour % 12


@given(st.sampled_from(["every day", "every weekday", "mondays and thursdays", "every other week", "on the first of "
                        "every month", "every march 3rd"]), st.sampled_from(["seven", "noon", None]), NOWS)  # fmt: skip
@settings(deadline=None)
def test_the_first_occurrence_is_not_past(words, clock, now):
    rule = resolve_recurrence(words, now)
    when = resolve_when(clock, now) if clock else None
    first = first_occurrence(rule, when, now)
    assert (datetime.fromisoformat(first) if clock else datetime.fromisoformat(first).date()) >= (
        now.replace(microsecond=0) if clock else now.date()
    )


def test_thousands_of_words_of_times_come_to_an_end():
    for words in ("monday at nine and ", "the day after ", "the end of ", "5 ", "in two weeks from "):
        text = words * (4000 // len(words.split()))
        assert len(find_when(text, datetime(2026, 3, 2, 9))) <= 4000
