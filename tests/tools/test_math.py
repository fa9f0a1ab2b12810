import subprocess
import sys
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tinyagent.errors import ToolError
from tinyagent.grounding.expressions import resolve_expression
from tinyagent.grounding.units import resolve_unit
from tinyagent.tools.context import Context, Folders
from tinyagent.tools.math import calculate, convert_units

CTX = Context(datetime(2026, 3, 2, 9), ZoneInfo("Europe/Berlin"), Folders.under(Path("/nowhere")))


@pytest.mark.parametrize(
    ("words", "answer", "value"),
    [
        ("12 times 7", "12 × 7 = 84", 84),
        ("15% of 80", "15% of 80 = 12", 12),
        ("the square root of 144", "√144 = 12", 12),
        ("the square root of 2", "√2 ≈ 1.4142", 2**0.5),
        ("the cube root of 27", "∛27 = 3", 3),
        ("365 / 52", "365 ÷ 52 ≈ 7.0192", 365 / 52),
        ("1,250 x 12", "1,250 × 12 = 15,000", 15000),
        ("300 divided by 8", "300 ÷ 8 = 37.5", 37.5),
        ("2 to the power of 100", "2 ^ 100 = 1,267,650,600,228,229,401,496,703,205,376", 2**100),
        ("sqrt 2 times sqrt 2", "√2 × √2 ≈ 2", 2.0),
    ],
)
def test_calculate(words, answer, value):
    outcome = calculate(CTX, resolve_expression(words))
    assert (outcome.answer, outcome.value) == (answer, pytest.approx(value))
    assert outcome.undo is None


def test_an_expression_as_people_write_it():
    assert calculate(CTX, "2**10 + half of 8").value == 1028


def test_division_by_zero_is_a_sentence():
    with pytest.raises(ToolError, match="divided by zero"):
        calculate(CTX, "5 / 0")


@pytest.mark.parametrize(
    ("value", "start", "target", "answer"),
    [
        (10, "kilometers", "miles", "10 kilometers is 6.21 miles"),
        (1, "mile", "kilometers", "1 mile is 1.61 kilometers"),
        (72, "degrees fahrenheit", "celsius", "72 °F is 22.22 °C"),
        (-40, "c", "f", "-40 °C is -40 °F"),
        (0, "kelvin", "celsius", "0 kelvin is -273.15 °C"),
        (100, "celsius", "kelvin", "100 °C is 373.15 kelvin"),
        (20, "degrees", "fahrenheit", "20 °C is 68 °F"),
        (72, "degrees", "celsius", "72 °F is 22.22 °C"),
        (180, "degrees", "radians", "180 degrees is 3.14 radians"),
        (6, "feet", "cm", "6 feet is 182.88 centimeters"),
        (1, "inch", "mm", "1 inch is 25.4 millimeters"),
        (140, "pounds", "stone", "140 pounds is 10 stone"),
        (60, "mph", "km/h", "60 miles per hour is 96.56 kilometers per hour"),
        (20, "square feet", "square meters", "20 square feet is 1.86 square meters"),
        (3, "gigabytes", "megabytes", "3 gigabytes is 3,000 megabytes"),
        (0.001, "millimeters", "miles", "0.001 millimeters is 6.214 × 10^-10 miles"),
        (
            1200,
            "calories",
            "kilojoules",
            "1,200 calories is 5.02 kilojoules (food calories: 5,020.8 kilojoules)",
        ),
        (2, "weeks", "hours", "2 weeks is 336 hours"),
        (0.1, "meter", "centimeters", "0.1 meters is 10 centimeters"),
    ],
)
def test_convert_units(value, start, target, answer):
    assert convert_units(CTX, value, resolve_unit(start), resolve_unit(target)).answer == answer


def test_the_value_is_a_number():
    assert convert_units(CTX, 6, "foot", "centimeter").value == 182.88
    assert convert_units(CTX, 1, "mile", "meter").value == pytest.approx(1609.344)


@pytest.mark.parametrize(
    ("value", "start", "target", "sentence"),
    [
        (5, "foot", "kilogram", "Feet cannot be converted to kilograms: they measure different things."),
        (5, "degree_Celsius", "meter", "cannot be converted"),
        (5, "blorp", "meter", "I do not know the unit “blorp”."),
        (5, "meter", "__import__('os')", "I do not know the unit"),
        (float("inf"), "meter", "mile", "not a number"),
    ],
)
def test_what_cannot_be_converted_is_a_sentence(value, start, target, sentence):
    with pytest.raises(ToolError, match=sentence) as caught:
        convert_units(CTX, value, start, target)
    assert str(caught.value).count(".") == 1


@given(st.floats(-1e6, 1e6, allow_nan=False))
def test_there_and_back(value):
    there = convert_units(CTX, value, "degree_Fahrenheit", "degree_Celsius").value
    assert convert_units(CTX, there, "degree_Celsius", "degree_Fahrenheit").value == pytest.approx(
        value, abs=1e-9
    )


def test_pint_is_not_imported_before_it_is_needed():
    code = "import sys, tinyagent.tools.math; sys.exit('pint' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
