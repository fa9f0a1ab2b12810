"""Numbers that are a clock time only where a time is awaited."""

from datetime import datetime

import pytest

from tinyagent.grounding.times import bare_clock_times, find_when

NOW = datetime(2026, 3, 2, 9)


@pytest.mark.parametrize(
    ("text", "runs"),
    [
        ("nine I mean", ["nine"]),
        ("no, half six", ["half six"]),
        ("make it 8 not 9", ["8", "9"]),
        ("sorry 7.45", ["7.45"]),
        ("the other list", []),
        ("no, ten to call bo", ["ten"]),
        ("ten to", ["ten to"]),
        ("", []),
    ],
)
def test_runs(text, runs):
    found = bare_clock_times(text, NOW)
    assert [p.words for p in found] == runs
    assert [text[start:end] for p in found for start, end in p.spans] == runs


def test_a_whole_command_does_not_offer_them():
    assert find_when("nine I mean", NOW) == []
