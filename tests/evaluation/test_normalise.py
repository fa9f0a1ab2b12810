"""Normal forms, as a table: what is the same, what is not."""

from datetime import date, datetime, timedelta

import pytest

from tinyagent.evaluation.normalise import normalise, same

SAME = [
    # text
    ("Call Sid", "call sid", ""),
    ("the dentist", "dentist", ""),
    ("lunch, with the boss!", "lunch with boss", ""),
    ("mom's birthday", "mom birthday", ""),
    ("mom’s birthday", "Mom's Birthday", ""),
    ("the players' meeting", "players meeting", ""),
    ("twenty-four", "twenty four", ""),
    ("don't go", "dont go", ""),
    ("groceries list", "groceries", "list"),
    ("The Shopping List", "shopping", "list"),
    ("!!!", "!!!", ""),
    # times
    ("2026-03-02T15:00:00", "2026-03-02T15:00", ""),
    ("2026-03-02T15:00:41", "2026-03-02 15:00", ""),
    ("2026-03-02T15:00:00", datetime(2026, 3, 2, 15, 0, 30), ""),
    ("2026-03-02", date(2026, 3, 2), ""),
    # durations
    ("PT90M", "PT1H30M", ""),
    ("PT1.5H", "PT5400S", ""),
    ("P1D", "PT24H", ""),
    ("P1W", timedelta(days=7), ""),
    # spans
    ("2026-03-02T00:00/2026-03-03T00:00", {"start": "2026-03-02T00:00:00", "end": "2026-03-03T00:00:00"}, ""),
    ("2026-03-02/2026-03-03", "2026-03-02T00:00:00/2026-03-03T00:00:00", ""),
    ("2026-03-02", "2026-03-02T00:00:00/2026-03-03T00:00:00", ""),
    # numbers
    (3, 3.0, ""),
    ("3.50", 3.5, ""),
    ("1,200", 1200, ""),
    # lists
    (["Ana", "Bob"], ["bob", "ana"], ""),
    ("Ana", ["ana"], ""),
    # recurrences
    ("FREQ=WEEKLY;BYDAY=MO,FR", "RRULE:BYDAY=FR,MO;FREQ=WEEKLY", ""),
    ("FREQ=DAILY;INTERVAL=1;WKST=MO", "freq=daily", ""),
    ("FREQ=DAILY;BYDAY=MO,TU", "FREQ=WEEKLY;BYDAY=TU,MO", ""),
    ("FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR,SA,SU", "FREQ=DAILY", ""),
    # what the form does not show
    ("12 × 7", "12*7", "expr"),
    ("2 ^ 3.0", "2**3", "expr"),
    ("555-01 02", "5550102", "phone"),
    ({"a": "The Cat"}, {"a": "cat"}, ""),
]

DIFFERENT = [
    ("call sid", "call sue", ""),
    ("shopping list", "shopping", ""),
    ("2026-03-02", "2026-03-02T00:00:00", ""),
    ("2026-03-02T15:00:00", "2026-03-02T15:01:00", ""),
    ("2026-03-02T00:00/2026-03-04T00:00", "2026-03-02", ""),
    ("PT10M", "PT10S", ""),
    ("P", "PT", ""),
    (True, 1, ""),
    (None, "", ""),
    ("12*7", "12+7", "expr"),
    ("12.5", "125", "expr"),
    ("FREQ=WEEKLY;BYDAY=MO", "FREQ=WEEKLY;BYDAY=TU", ""),
    ("FREQ=WEEKLY;INTERVAL=2;BYDAY=MO", "FREQ=WEEKLY;BYDAY=MO", ""),
    (["Ana"], ["Ana", "Bob"], ""),
    ("!!!", "???", ""),
    ("2026-02-30", "2026-03-02", ""),
]


@pytest.mark.parametrize(("left", "right", "kind"), SAME)
def test_same(left, right, kind):
    assert same(left, right, kind) and same(right, left, kind)


@pytest.mark.parametrize(("left", "right", "kind"), DIFFERENT)
def test_different(left, right, kind):
    assert not same(left, right, kind) and not same(right, left, kind)


def test_a_day_that_does_not_exist_is_text():
    assert normalise("2026-02-30") == ("text", "2026 02 30")


def test_normal_forms_are_hashable():
    for left, right, kind in SAME + DIFFERENT:
        hash((normalise(left, kind), normalise(right, kind)))
