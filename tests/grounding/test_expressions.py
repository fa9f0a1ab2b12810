from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tinyagent.errors import ToolError
from tinyagent.grounding.expressions import find_expressions, resolve_expression
from tinyagent.tools.arithmetic import evaluate

VALUES = Path(__file__).parents[2] / "tool_index" / "values" / "expr.txt"
SAID = [
    # words, canonical text, value
    ("12 times 7", "12 * 7", 84),
    ("15% of 80", "15% * 80", 12),
    ("15 percent of 80", "15% * 80", 12),
    ("15 per cent of 80", "15% * 80", 12),
    ("the square root of 144", "sqrt(144)", 12),
    ("square root of 81 plus 5", "sqrt(81) + 5", 14),
    ("sqrt(16) * 2", "sqrt(16) * 2", 8),
    ("√49", "sqrt(49)", 7),
    ("five plus six divided by two", "5 + 6 / 2", 8),
    ("two to the power of ten", "2 ^ 10", 1024),
    ("two to the tenth power", "2 ^ 10", 1024),
    ("3 to the 4th", "3 ^ 4", 81),
    ("2 raised to 5", "2 ^ 5", 32),
    ("2**5", "2 ^ 5", 32),
    ("2^3^2", "2 ^ (3 ^ 2)", 512),
    ("3 squared", "3 ^ 2", 9),
    ("two cubed plus one", "2 ^ 3 + 1", 9),
    ("(4+5)*2", "(4 + 5) * 2", 18),
    ("half of 90", "0.5 * 90", 45),
    ("half of ninety plus two", "0.5 * 90 + 2", 47),
    ("a third of 210", "1 / 3 * 210", 70),
    ("two thirds of 96", "2 / 3 * 96", 64),
    ("2/3 of 96", "2 / 3 * 96", 64),
    ("three quarters of 240", "0.75 * 240", 180),
    ("add 5 and 7", "5 + 7", 12),
    ("add 5 to 7", "7 + 5", 12),
    ("add 20% to 50", "50 + 20%", 60),
    ("add up 12.50, 8.75 and 4.20", "12.5 + 8.75 + 4.2", Fraction("25.45")),
    ("subtract 3 from 10", "10 - 3", 7),
    ("take 68 away from 200", "200 - 68", 132),
    ("3 subtracted from 10", "10 - 3", 7),
    ("5 less than 12", "12 - 5", 7),
    ("5 more than 12", "12 + 5", 17),
    ("the sum of 2 and 3", "2 + 3", 5),
    ("the sum of 18, 27 and 45", "18 + 27 + 45", 90),
    ("the sum of 2 and 3 times 4", "2 + 3 * 4", 14),
    ("the product of 3, 4 and 5", "3 * 4 * 5", 60),
    ("the difference between 467 and 812", "812 - 467", 345),
    ("the quotient of 12 and 4", "12 / 4", 3),
    ("the average of 6, 9 and 15", "(6 + 9 + 15) / 3", 10),
    ("multiply 36 by 4.5", "36 * 4.5", 162),
    ("divide 1001 by 7", "1001 / 7", 143),
    ("split 137.40 five ways", "137.4 / 5", Fraction("27.48")),
    ("64 split five ways", "64 / 5", Fraction("12.8")),
    ("86.40 split evenly three ways", "86.4 / 3", Fraction("28.8")),
    ("£90 shared between four people", "90 / 4", Fraction("22.5")),
    ("40 plus 24 split up among 4", "40 + 24 / 4", 46),
    ("split 212 dollars between 8 people", "212 / 8", Fraction("26.5")),
    ("200 minus 15 percent", "200 - 15%", 170),
    ("200 plus a 15% tip", "200 + 15%", 230),
    ("30% off 120", "120 - 30%", 84),
    ("a 20% tip on 64.50", "20% * 64.5", Fraction("12.9")),
    ("10% plus 5%", "10% + 5%", Fraction(15, 100)),
    ("double 475", "2 * 475", 950),
    ("twice 86 minus 2", "2 * 86 - 2", 170),
    ("triple 33", "3 * 33", 99),
    ("six factorial", "6!", 720),
    ("5!", "5!", 120),
    ("17 mod 5", "17 mod 5", 2),
    ("17 % 5", "17 mod 5", 2),
    ("the cube root of 27", "27 ^ (1 / 3)", 3),
    ("the fourth root of 81", "81 ^ (1 / 4)", 3),
    ("cube root of minus 27", "(-27) ^ (1 / 3)", -3),
    ("negative 12 plus 30", "-12 + 30", 18),
    ("-2^2", "-2 ^ 2", -4),
    ("5 - -3", "5 - -3", 8),
    ("10-3-2", "10 - 3 - 2", 5),
    ("100 / 5 / 2", "100 / 5 / 2", 10),
    ("2 * (3 + (4 - 1))", "2 * (3 + (4 - 1))", 12),
    ("100 plus 50 all divided by 3", "(100 + 50) / 3", 50),
    ("18 out of 60", "18 / 60 * 100", 30),
    ("what percent of 60 is 18", "18 / 60 * 100", 30),
    ("what percentage is 18 of 60", "18 / 60 * 100", 30),
    ("$12.50 times 4", "12.5 * 4", 50),
    ("nine dozen divided by four", "108 / 4", 27),
    ("two and a half times sixty", "2.5 * 60", 150),
    ("one half plus one third", "0.5 + 1 / 3", Fraction(5, 6)),
    ("1,250 x 12 =", "1250 * 12", 15000),
    ("fourty two tims three", "42 * 3", 126),
    ("105", "105", 105),
]
NOT_SAID = [
    "", "milk", "5 apples", "five plus", "times 7", "(3 + 4", "3 + 4)", "sum of 5", "the square root", "call mom", "x",
    "half", "5 and 7 maybe", "divide 5", "add milk and eggs", "+ - *", "1 2 3", "(" * 50 + "1" + ")" * 50,
    "1 + " * 400 + "1",
]  # fmt: skip
FOUND = [
    ("what's 12 times 7", ["12 times 7"]),
    ("hey what is the square root of 225 please", ["the square root of 225"]),
    ("What's 20% of 64.50? I want to leave a tip.", ["20% of 64.50"]),
    ("twelve eggs a tray, nine trays, so twelve times nine, what does that make", ["twelve times nine"]),
    ("what's 23 minus 5, no wait, 23 minus 9", ["23 minus 5", "23 minus 9"]),
    ("my invoice says 1,420 net; what's 1420 times 1.19?", ["1420 times 1.19"]),
    ("minus, not plus, so 64 minus 27", ["64 minus 27"]),
    ("do the sum 56 + 89 + 13", ["56 + 89 + 13"]),
    ("could you split 212 dollars between 8 people", ["split 212 dollars between 8 people"]),
    ("What is 5 times 6!", ["5 times 6"]),
    ("what happens if i take 68 away from 200", ["take 68 away from 200"]),
    ("remind me to take 2 pills at 8", []),
    ("add milk and eggs to my list", []),
    ("the average of 72 and 88 and then half of 90", ["the average of 72 and 88", "half of 90"]),
]


@pytest.mark.parametrize(("words", "canonical", "value"), SAID)
def test_words_to_expression(words, canonical, value):
    assert resolve_expression(words) == canonical
    assert evaluate(canonical) == value
    assert resolve_expression(canonical) == canonical


@pytest.mark.parametrize("words", NOT_SAID)
def test_no_expression(words):
    if words == "half":
        assert resolve_expression(words) == "0.5"  # a number alone is one, but is not proposed
        assert find_expressions(words) == []
    else:
        assert resolve_expression(words) is None


def test_every_value_of_the_workshop_resolves_and_computes():
    lines = VALUES.read_text().splitlines()
    assert len(lines) > 80
    for line in lines:
        canonical = resolve_expression(line)
        assert canonical is not None, line
        evaluate(canonical)
        assert [p.words for p in find_expressions(f"what is {line} please")] == [line]


@pytest.mark.parametrize(("text", "words"), FOUND)
def test_expressions_in_a_command(text, words):
    found = find_expressions(text)
    assert [p.words for p in found] == words
    assert [text[a:b] for p in found for a, b in p.spans] == words


WORDS = "5 2.5 ten half a of the plus minus times ( ) % ^ ! / sum , and square root divided by to power 3 -".split()


@given(st.text(max_size=60) | st.lists(st.sampled_from(WORDS), max_size=14).map(" ".join))
def test_never_raises_and_what_is_found_resolves(text):
    resolve_expression(text)
    for proposal in find_expressions(text):
        canonical = resolve_expression(proposal.words)
        assert canonical is not None
        assert resolve_expression(canonical) == canonical
        try:
            evaluate(canonical)
        except ToolError:
            pass


NUMBERS = st.integers(0, 999) | st.decimals(0, 999, places=2).map(Fraction)


def show(value):
    return str(value) if isinstance(value, int) else f"{float(value):.2f}"


@st.composite
def arithmetic(draw, depth=3):
    """Give an expression in symbols with the value that Python's fractions give it."""
    if depth == 0 or draw(st.booleans()):
        number = draw(NUMBERS)
        return show(number), Fraction(show(number))
    left, a = draw(arithmetic(depth=depth - 1))
    right, b = draw(arithmetic(depth=depth - 1))
    sign = draw(st.sampled_from("+-*/"))
    if sign == "/" and b == 0:
        sign = "+"
    value = {"+": lambda: a + b, "-": lambda: a - b, "*": lambda: a * b, "/": lambda: a / b}[sign]()
    return f"({left} {sign} {right})", value


@given(arithmetic())
def test_evaluation_agrees_with_fractions(case):
    text, value = case
    canonical = resolve_expression(text)
    assert canonical is not None
    assert evaluate(canonical) == value


@given(st.lists(st.tuples(st.sampled_from(["+", "-", "*", "/"]), st.integers(1, 50)), min_size=1, max_size=6))
def test_precedence_agrees_with_python(steps):
    text = "7 " + " ".join(f"{sign} {number}" for sign, number in steps)
    parts = "Fraction(7)" + "".join(f"{sign} Fraction({number})" for sign, number in steps)
    assert evaluate(resolve_expression(text)) == eval(parts)


def test_ten_thousand_words_come_to_an_end():
    for piece in (
        "word",
        "(1+",
        "1 +",
        "(",
        "half of",
        "what percent of",
        "sum of 1,",
        "take 5",
        "5 and",
        "- -",
    ):
        text = f"{piece} " * 10_000
        assert len(find_expressions(text)) <= 10_000
        resolve_expression(text)
