import time
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tinyagent.errors import ToolError
from tinyagent.tools.arithmetic import evaluate, power, say_number


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1 + 2 * 3", 7), ("(1 + 2) * 3", 9), ("-2 ^ 2", -4), ("(-2) ^ 2", 4), ("2 ^ 3 ^ 2", 512),
        ("2 ^ -1", Fraction(1, 2)),
        ("0.1 + 0.2", Fraction(3, 10)), ("50%", Fraction(1, 2)), ("200 + 10%", 220),
        ("200 - 10% * 5", Fraction("199.5")),
        ("10% + 5%", Fraction(3, 20)), ("100 - 10% - 10%", 81), ("7 mod 3", 1), ("5!", 120), ("3!!", 720),
        ("sqrt(2.25)", 1.5),
        ("27 ^ (2 / 3)", 9), ("(-8) ^ (1 / 3)", -2), ("0 ^ 0", 1), ("1 ^ 999999999", 1), ("--3", 3), ("4 ^ 0.5", 2),
    ],
)  # fmt: skip
def test_values(text, value):
    assert evaluate(text) == value


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("1 / 0", "divided by zero"), ("5 mod 0", "divided by zero"), ("0 ^ -1", "divided by zero"),
        ("9 ^ 9 ^ 9", "too large"), ("2 ^ 99999", "too large"), ("5000!", "too large"), ("1.5 ^ 123456.7", "too large"),
        ("2.5!", "whole numbers"), ("(-1)!", "whole numbers"), ("sqrt(-4)", "no real square root"),
        ("__import__('os')", "not arithmetic"), ("1; 2", "not arithmetic"), ("", "not complete"),
        ("1 +", "not complete"),
        ("(1", "not complete"), ("1 2", "not complete"), ("(" * 90 + "1" + ")" * 90, "too deeply"),
        ("1+" * 600 + "1", "longer"),
        ("2" + "^2" * 80, "too deeply"), ("sqrt 2", "not complete"), ("0x10", "not arithmetic"),
        ("1e9", "not arithmetic"),
        ("٣ + ٤", "not arithmetic"),
    ],
)  # fmt: skip
def test_what_has_no_value_is_a_sentence(text, sentence):
    with pytest.raises(ToolError, match=sentence) as caught:
        evaluate(text)
    assert str(caught.value).endswith(".")


def test_nothing_keeps_the_machine_busy():
    started = time.perf_counter()
    for text in (
        "999!^9",
        "9^4000*9^4000*9^4000",
        "1000!*1000!*1000!*1000!",
        "0.123456789^1000^1000",
        "2^0.00001^99",
    ):
        try:
            evaluate(text)
        except ToolError:
            pass
    assert time.perf_counter() - started < 2


@given(st.text(alphabet="0123456789.+-*/^%!() sqrtmod", max_size=40))
def test_never_raises_anything_else(text):
    try:
        say_number(evaluate(text))
    except ToolError:
        pass


@given(st.integers(1, 10**9), st.integers(2, 6))
def test_exact_roots(number, degree):
    assert power(Fraction(number**degree), Fraction(1, degree)) == number
    root = power(Fraction(number), Fraction(1, degree))
    assert abs(root**degree - number) < Fraction(number, 10**30)


@pytest.mark.parametrize(
    ("value", "text", "exact"),
    [
        (Fraction(84), "84", True), (Fraction(1234567), "1,234,567", True), (Fraction(5, 2), "2.5", True),
        (Fraction(1, 3), "0.333333", False), (Fraction(200, 3), "66.6667", False), (Fraction(-1, 8), "-0.125", True),
        (Fraction(10**50), "1 × 10^50", False), (Fraction(1, 10**9), "1 × 10^-9", False),
        (Fraction("29.94"), "29.94", True), (Fraction("1234.5"), "1,234.5", True), (Fraction(0), "0", True),
    ],
)  # fmt: skip
def test_how_numbers_are_written(value, text, exact):
    assert say_number(value) == (text, exact)
