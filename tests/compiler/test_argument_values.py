from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tinyagent.calls import Call, Effect, Parameter, Tool
from tinyagent.compiler.values import arguments, duration, span, when
from tinyagent.errors import ToolError
from tinyagent.tools.registry import Span

TOOL = Tool(
    "plan_day",
    "things",
    "",
    Effect.WRITE,
    (
        Parameter("name", "text"),
        Parameter("due", "when", required=False),
        Parameter("during", "span", required=False),
        Parameter("length", "duration", required=False),
        Parameter("level", "percent", required=False),
        Parameter("people", "persons", required=False),
    ),
    print,
)


def test_each_semantic_type_becomes_its_python_type():
    call = Call(
        "plan_day",
        {
            "name": "2026-03-02",
            "due": "2026-03-02T15:00:00",
            "during": "2026-03-02T00:00:00/2026-03-03T00:00:00",
            "length": "PT1H30M",
            "level": 40,
            "people": ["Sid", "Ana"],
        },
    )
    assert arguments(TOOL, call) == {
        "name": "2026-03-02",
        "due": datetime(2026, 3, 2, 15),
        "during": Span(datetime(2026, 3, 2), datetime(2026, 3, 3)),
        "length": timedelta(hours=1, minutes=30),
        "level": 40,
        "people": ["Sid", "Ana"],
    }


def test_a_day_without_a_time_is_a_date():
    due = arguments(TOOL, Call("plan_day", {"name": "x", "due": "2026-03-02"}))["due"]
    assert due == date(2026, 3, 2)
    assert not isinstance(due, datetime)


def test_a_span_of_days_ends_before_its_last_day():
    assert span("2026-03-02/2026-03-09") == Span(datetime(2026, 3, 2), datetime(2026, 3, 9))


def test_null_is_left_out():
    assert arguments(TOOL, Call("plan_day", {"name": "x", "due": None})) == {"name": "x"}


@pytest.mark.parametrize(
    ("given_args", "named"),
    [
        ({"name": "x", "due": "three pm"}, "due"),
        ({"name": "x", "due": 3}, "due"),
        ({"name": "x", "due": ""}, "due"),
        ({"name": "x", "during": "2026-03-02"}, "during"),
        ({"name": "x", "during": "2026-03-02/2026-03-01"}, "during"),
        ({"name": "x", "length": "P"}, "length"),
        ({"name": "x", "length": "PT"}, "length"),
        ({"name": "x", "length": "P9999999999999D"}, "length"),
        ({"name": "x", "colour": "red"}, "colour"),
        ({}, "name"),
        ({"name": None}, "name"),
    ],
)
def test_what_does_not_fit_names_the_argument(given_args, named):
    with pytest.raises(ToolError, match=named):
        arguments(TOOL, Call("plan_day", given_args))


@pytest.mark.parametrize(
    ("text", "length"),
    [
        ("PT10M", timedelta(minutes=10)),
        ("P2W", timedelta(weeks=2)),
        ("P1DT2H", timedelta(days=1, hours=2)),
        ("PT0.5H", timedelta(minutes=30)),
        ("PT90S", timedelta(seconds=90)),
    ],
)
def test_durations(text, length):
    assert duration(text) == length


@given(st.datetimes())
def test_any_datetime_comes_back(moment):
    assert when(moment.isoformat()) == moment


@given(st.text(max_size=30))
def test_words_never_raise_anything_but_value_errors(text):
    for convert in (when, span, duration):
        try:
            convert(text)
        except ValueError:
            continue
        except OverflowError:
            assert convert is duration
