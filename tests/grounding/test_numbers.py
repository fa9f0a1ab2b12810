from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tinyagent.grounding.numbers import (
    find_numbers,
    find_percents,
    parse_number,
    resolve_number,
    resolve_percent,
)

VALUES = Path(__file__).parents[2] / "tool_index" / "values" / "number.txt"
SAID = [
    ("0", 0), ("7", 7), ("3.5", 3.5), (".5", 0.5), ("1,200", 1200), ("1,499.5", 1499.5), ("-3", -3), ("−4", -4),
    ("+6", 6), ("10,000", 10000), ("zero", 0), ("one", 1), ("eleven", 11), ("twenty", 20), ("twenty five", 25),
    ("twenty-five", 25), ("ninety nine", 99), ("a hundred", 100), ("one hundred", 100), ("hundred", None),
    ("a hundred and five", 105), ("two hundred", 200), ("two hundred twelve", 212), ("a thousand", 1000),
    ("three hundred and sixty", 360), ("fifteen hundred", 1500), ("two thousand five hundred and six", 2506),
    ("twelve thousand three hundred and forty five", 12345), ("one million two hundred thousand", 1200000),
    ("a million", 1000000), ("1.5 million", 1500000), ("3 hundred", 300), ("two billion", 2 * 10**9),
    ("four point five", 4.5), ("zero point seven", 0.7), ("point five", 0.5), ("three point one four", 3.14),
    ("twelve point seventy five", 12.75), ("three point oh five", 3.05), ("minus two point five", -2.5),
    ("negative twelve", -12), ("a dozen", 12), ("two dozen", 24), ("half a dozen", 6), ("dozen", 12),
    ("half", 0.5), ("a half", 0.5), ("half a", 0.5), ("half an", 0.5), ("a quarter", 0.25), ("a quarter of a", 0.25),
    ("three quarters", 0.75), ("one fifth", 0.2), ("two and a half", 2.5), ("three and a quarter", 3.25),
    ("three and three quarters", 3.75), ("two and half", 2.5), ("twelve and a half", 12.5), ("½", 0.5), ("2½", 2.5),
    ("1/2", 0.5), ("1 1/2", 1.5), ("a million and a half", 1500000), ("half a million", 500000), ("a", 1), ("an", 1),
    ("a couple of", 2), ("a pair of", 2), ("10k", 10000), ("an and a half", 1.5), ("fourty two", 42),
    ("  Twenty\nFive ", 25), ("THREE", 3), ("two-thirds of a", 2 / 3), ("nine hundred and ninety-nine", 999),
    # not numbers
    ("", None), ("milk", None), ("three apples", None), ("twenty thirty", None), ("5 6", None), ("first", None),
    ("and", None), ("a point", None), ("1/0", None), ("minus", None), ("12,50", None), ("9" * 41, None),
]  # fmt: skip
FOUND = [
    ("convert 5 miles to kilometers", ["5"]),
    ("how many ounces in a pound", ["a"]),
    ("how many grams is an ounce", ["an"]),
    ("half a pound of butter in grams", ["half a"]),
    ("what's a dozen inches in cm", ["a dozen"]),
    ("5km in miles", ["5"]),
    ("i ran 10k today", ["10", "10k"]),
    ("convert 40, no, fifty miles", ["40", "fifty"]),
    ("two and a half cups", ["two and a half"]),
    ("how many minutes in an hour and a half", ["an and a half"]),
    ("how many minutes in 2 hours and three quarters", ["2 and three quarters"]),
    ("how cold is -10 fahrenheit", ["-10"]),
    ("what is minus 40 celsius", ["minus 40"]),
    ("wake me at 7:30", []),
    ("on the 5th at 3pm", []),
    ("on 2026-03-02", []),
    ("a nice day", []),
    ("on the fourth of may", []),
    ("the bag weighs 23 kg, that's a lot", ["23"]),
    ("a hundred and five people", ["a hundred and five"]),
    ("1/2 cup and 1 1/2 cups", ["1/2", "1 1/2"]),
]


@pytest.mark.parametrize(("words", "value"), SAID)
def test_words_to_number(words, value):
    assert resolve_number(words) == value


def test_whole_numbers_are_ints():
    assert isinstance(resolve_number("4.0"), int)
    assert isinstance(resolve_number("4.5"), float)
    assert parse_number("0.1") == Decimal("0.1")


def test_every_value_of_the_workshop_resolves():
    lines = VALUES.read_text().splitlines()
    assert len(lines) > 50
    assert [line for line in lines if resolve_number(line) is None] == []


@pytest.mark.parametrize(("text", "words"), FOUND)
def test_numbers_in_a_command(text, words):
    found = find_numbers(text)
    assert [p.words for p in found] == words
    for proposal in found:
        assert " ".join(text[a:b] for a, b in proposal.spans) == proposal.words
        assert resolve_number(proposal.words) is not None


@pytest.mark.parametrize(
    ("words", "value"),
    [
        ("fifty percent", 50), ("50%", 50), ("50 %", 50), ("70", 70), ("seventy", 70), ("half", 50), ("max", 100),
        ("full", 100), ("the maximum", 100), ("all the way up", 100), ("minimum", 0), ("zero", 0), ("0", 0),
        ("100 per cent", 100), ("a quarter", 25), ("three quarters", 75), ("seven out of ten", 70), ("12.5%", 13),
        ("half way", 50), ("a hundred percent", 100), ("Full Blast", 100),
        ("150%", None), ("-5", None), ("0.5", None), ("loud", None), ("", None), ("3 out of 0", None), ("%", None),
    ],
)  # fmt: skip
def test_percents(words, value):
    assert resolve_percent(words) == value


@pytest.mark.parametrize(
    ("text", "words", "without"),
    [
        ("set the volume to fifty percent", ["fifty percent"], "set the volume "),
        ("brightness 30%", ["30%"], "brightness "),
        ("turn it up to the max please", ["the max"], "turn it  please"),
        ("dim the lights to half", ["half"], "dim the lights "),
        ("volume seven out of ten", ["seven out of ten"], "volume "),
        ("volume at 11", ["11"], "volume "),
        ("wake me at 7:30", [], "wake me at 7:30"),
        ("louder", [], "louder"),
    ],
)
def test_percents_in_a_command(text, words, without):
    found = find_percents(text)
    assert [p.words for p in found] == words
    rest = text
    for proposal in reversed(found):
        for start, end in reversed(proposal.spans):
            rest = rest[:start] + rest[end:]
    assert rest == without


@given(st.text(max_size=60) | st.lists(st.sampled_from("a an half and two point hundred 5 1/2 % - dozen of".split()))
       .map(" ".join))  # fmt: skip
def test_never_raises(text):
    for find, resolve in ((find_numbers, resolve_number), (find_percents, resolve_percent)):
        resolve(text)
        for proposal in find(text):
            assert resolve(proposal.words) is not None
            assert all(0 <= a < b <= len(text) for a, b in proposal.spans)


@given(st.integers(0, 10**12 - 1))
def test_spelled_out_numbers_come_back(number):
    assert resolve_number(spell(number)) == number


def spell(number):
    below = "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen " \
        "seventeen eighteen nineteen".split()  # fmt: skip
    tens = "twenty thirty forty fifty sixty seventy eighty ninety".split()
    if number < 20:
        return below[number]
    if number < 100:
        return tens[number // 10 - 2] + (f"-{below[number % 10]}" if number % 10 else "")
    if number < 1000:
        return f"{below[number // 100]} hundred" + (f" and {spell(number % 100)}" if number % 100 else "")
    for size, name in ((10**9, "billion"), (10**6, "million"), (10**3, "thousand")):
        if number >= size:
            rest = number % size
            joined = (" and " if rest < 100 else " ") + spell(rest) if rest else ""
            return f"{spell(number // size)} {name}{joined}"


@pytest.mark.parametrize(
    "word", ["word", "a", "half of", "twenty", "5 and", "a thousand", "1/", "-1", "million"]
)
def test_ten_thousand_words_come_to_an_end(word):
    text = f"{word} " * 10_000
    for found in (find_numbers(text), find_percents(text)):
        assert len(found) <= 10_000
