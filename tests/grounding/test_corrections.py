"""What is said again: the value that replaces another may leave out what the first one said."""

from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tinyagent.calls import Parameter
from tinyagent.grounding.base import World
from tinyagent.grounding.corrections import corrects
from tinyagent.grounding.resolvers import propose, resolve

NOW = datetime(2026, 3, 2, 9)
WORLD = World(NOW)
CUES = [
    "no", "no wait", "or rather", "scratch that", "i mean", "actually", "strike that", "sorry", "hang on", "wait",
    "make that", "make it", "no make it", "hold on", "oh no sorry", "hmm no let's say", "I meant",
]  # fmt: skip


def values(text, kind, prefer="next"):
    parameter = Parameter("value", kind, prefer=prefer)
    return {p.words: resolve(p.words, parameter, WORLD) for p in propose(text, parameter, WORLD)}


@pytest.mark.parametrize("cue", CUES)
@pytest.mark.parametrize("comma", ["", ","])
def test_every_way_of_correcting_a_clock_time(cue, comma):
    text = f"wake me at five{comma} {cue}{comma} six to run"
    assert values(text, "when") == {"five": "2026-03-02T17:00:00", "six": "2026-03-02T18:00:00"}


@pytest.mark.parametrize("cue", CUES)
def test_every_way_of_correcting_a_length_and_a_date(cue):
    assert values(f"ten minutes, {cue} fifteen", "duration") == {
        "ten minutes": "PT10M",
        "fifteen minutes": "PT15M",
    }
    assert values(f"due on the fourth {cue} the fifth", "when") == {
        "the fourth": "2026-03-04",
        "the fifth": "2026-03-05",
    }


@pytest.mark.parametrize(
    ("text", "words", "value"),
    [
        ("at 5 pm no 6", "6 pm", "2026-03-02T18:00:00"),
        ("at 5 am no 6", "6 am", "2026-03-03T06:00:00"),
        ("at 11 am, sorry, 1", "1 pm", "2026-03-02T13:00:00"),
        ("at 5 pm no at 6", "6 pm", "2026-03-02T18:00:00"),
        ("at six in the evening no half seven", "half seven pm", "2026-03-02T19:30:00"),
        ("tonight at eight no nine", "nine pm", "2026-03-02T21:00:00"),
        ("tomorrow at five, no, six", "tomorrow six", "2026-03-03T06:00:00"),
        ("tomorrow at 5 pm no 6", "tomorrow 6 pm", "2026-03-03T18:00:00"),
        ("at 7 tomorrow, no 6:45, sorry, 6:30", "tomorrow 6:30", "2026-03-03T06:30:00"),
        ("friday at 8 no saturday", "8 saturday", "2026-03-07T08:00:00"),
        ("in ten minutes no fifteen", "in fifteen minutes", "2026-03-02T09:15:00"),
        ("in an hour, make it two", "in two hours", "2026-03-02T11:00:00"),
        ("the 7 alarm, i mean the 8", "8", "2026-03-02T20:00:00"),
        ("the fourth no the fifth", "the fifth", "2026-03-05"),
        ("on the 4th i mean the 5th", "the 5th", "2026-03-05"),
    ],
)
def test_a_time_keeps_what_was_not_corrected(text, words, value):
    assert values(text, "when")[words] == value


@pytest.mark.parametrize(
    ("text", "kind", "words"),
    [
        ("wake me at five no six eggs", "when", ["five"]),
        ("at five, sorry, one more thing", "when", ["five"]),
        ("at 6:10 no 15", "when", ["6:10"]),
        ("no six", "when", []),
        ("on friday no second thoughts", "when", ["friday"]),
        ("in ten minutes no at six", "when", ["in ten minutes", "six"]),
        ("ten minutes, no, at six", "duration", ["ten minutes"]),
        ("ten minutes no fifteen eggs", "duration", ["ten minutes"]),
        ("a 45-minute timer sorry 50", "duration", ["45-minute", "50 minutes"]),
        ("an hour no two", "duration", ["an hour", "two hours"]),
        ("am i free at five no six", "span", ["five", "six"]),
        ("free between two and four no five", "span", ["between two and four", "between two and five", "five"]),
        ("what's on the fourth no the fifth", "span", ["the fourth", "the fifth"]),
        ("is my morning free on friday, no, thursday", "span",
         ["morning", "friday", "thursday", "morning friday", "morning thursday"]),
        ("every monday no tuesday", "recurrence", ["every monday", "every tuesday"]),
        ("volume 20 sorry 30", "percent", ["20", "30"]),
        ("20 percent no 30", "percent", ["20 percent", "30"]),
        ("three no four copies", "number", ["three", "four"]),
    ],
)  # fmt: skip
def test_what_is_proposed(text, kind, words):
    assert sorted(values(text, kind)) == sorted(words)


def test_a_corrected_value_stands_at_its_own_place():
    text = "a timer for ten minutes, no, fifteen for the eggs"
    _, corrected = propose(text, Parameter("duration", "duration"), WORLD)
    assert [text[a:b] for a, b in corrected.spans] == ["fifteen"]


@pytest.mark.parametrize(
    "between", ["", " ", ", ", " and ", " to ", " nobody ", " makes it ", " waiting ", " not "]
)
def test_what_corrects_nothing(between):
    assert not corrects(between)


@given(st.text(max_size=80) | st.lists(st.sampled_from("no wait or rather mm hmm , . sorry the i mean".split()))
       .map(" ".join))  # fmt: skip
def test_any_text_between(between):
    assert corrects(between) in {True, False}
