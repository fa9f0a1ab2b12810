from pathlib import Path

import pint
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tinyagent.grounding import units
from tinyagent.grounding.units import find_units, resolve_unit

VALUES = Path(__file__).parents[2] / "tool_index" / "values" / "unit.txt"
SAID = [
    ("miles", "mile"), ("mile", "mile"), ("mi", "mile"), ("kilometers", "kilometer"), ("kilometres", "kilometer"),
    ("km", "kilometer"), ("kms", "kilometer"), ("k", "kilometer"), ("K", "kelvin"), ("meters", "meter"), ("m", "meter"),
    ("metres", "meter"), ("cm", "centimeter"), ("centimetres", "centimeter"), ("mm", "millimeter"), ("inches", "inch"),
    ("inch", "inch"), ("in", "inch"), ("feet", "foot"), ("foot", "foot"), ("ft", "foot"), ("yards", "yard"),
    ("nautical miles", "nautical_mile"), ("light years", "light_year"), ("light-years", "light_year"),
    ("kg", "kilogram"), ("KG", "kilogram"), ("kilos", "kilogram"), ("kilogrammes", "kilogram"), ("grams", "gram"),
    ("g", "gram"), ("mg", "milligram"), ("pounds", "pound"), ("lbs", "pound"), ("lb", "pound"), ("ounces", "ounce"),
    ("oz", "ounce"), ("stone", "stone"), ("tons", "ton"), ("metric tons", "metric_ton"), ("tonnes", "metric_ton"),
    ("litres", "liter"), ("liters", "liter"), ("l", "liter"), ("ml", "milliliter"), ("mls", "milliliter"),
    ("gallons", "gallon"), ("quarts", "quart"), ("pints", "pint"), ("cups", "cup"), ("fluid ounces", "fluid_ounce"),
    ("fl oz", "fluid_ounce"), ("fl. oz.", "fluid_ounce"), ("tablespoons", "tablespoon"), ("tbsp", "tablespoon"),
    ("teaspoons", "teaspoon"), ("tsp", "teaspoon"), ("square feet", "foot ** 2"), ("sq ft", "foot ** 2"),
    ("square meters", "meter ** 2"), ("m²", "meter ** 2"), ("cubic feet", "foot ** 3"), ("acres", "acre"),
    ("hectares", "hectare"), ("degrees celsius", "degree_Celsius"), ("celsius", "degree_Celsius"),
    ("c", "degree_Celsius"), ("°C", "degree_Celsius"), ("° c", "degree_Celsius"), ("centigrade", "degree_Celsius"),
    ("fahrenheit", "degree_Fahrenheit"), ("F", "degree_Fahrenheit"), ("degrees", "degree"), ("kelvin", "kelvin"),
    ("hours", "hour"), ("hrs", "hour"), ("mins", "minute"), ("a minute", "minute"), ("weeks", "week"),
    ("centuries", "century"), ("mph", "mile / hour"), ("miles per hour", "mile / hour"),
    ("miles an hour", "mile / hour"), ("km/h", "kilometer / hour"), ("kmh", "kilometer / hour"),
    ("meters per second", "meter / second"), ("knots", "knot"), ("gigabytes", "gigabyte"), ("GB", "gigabyte"),
    ("megabytes", "megabyte"), ("bits", "bit"), ("calories", "calorie"), ("kcal", "kilocalorie"),
    ("kilojoules", "kilojoule"), ("horsepower", "horsepower"), ("kilowatts", "kilowatt"), ("bar", "bar"),
    ("psi", "pound_force_per_square_inch"),
    # slips of the finger
    ("killometers", "kilometer"), ("inchs", "inch"), ("galons", "gallon"), ("celcius", "degree_Celsius"),
    ("farenheit", "degree_Fahrenheit"), ("fahrenhiet", "degree_Fahrenheit"), ("poundss", "pound"), ("ouncs", "ounce"),
    # no units
    ("", None), ("apples", None), ("the", None), ("mail", None), ("kilomiles", None), ("x" * 90, None), ("s s", None),
    ("5", None), ("smile", None), ("metric", None), ("dollars", None),
]  # fmt: skip
FOUND = [
    ("convert 5 miles to kilometers", ["miles", "kilometers"]),
    ("20C in F?", ["C", "F"]),
    ("12 in to cm", ["in", "cm"]),
    ("12 inches in cm", ["inches", "cm"]),
    ("6 ft in m", ["ft", "m"]),
    ("wait a second, how many ounces in a pound", ["second", "ounces", "pound"]),
    ("how tall is six feet in centimeters", ["feet", "centimeters"]),
    ("sixty miles per hour in kilometers per hour", ["miles per hour", "kilometers per hour"]),
    ("i ran ten k today, how many miles is that", ["k", "miles"]),
    ("72 degrees fahrenheit in celsius", ["degrees fahrenheit", "celsius"]),
    ("10 lb = ? kg", ["lb", "kg"]),
    ("what's c", []),
    ("send a mail to the bar", []),
    ("convert 30 killometers to mils", ["killometers", "mils"]),
]


@pytest.mark.parametrize(("words", "name"), SAID)
def test_words_to_unit(words, name):
    assert resolve_unit(words) == name


def test_pint_knows_every_name_of_the_table():
    registry = pint.UnitRegistry(cache_folder=None)
    names = set(units._NAMES.values())
    assert len(names) > 100
    for name in names:
        registry.parse_units(name)


def test_every_value_of_the_workshop_resolves():
    lines = VALUES.read_text().splitlines()
    assert len(lines) > 50
    assert [line for line in lines if resolve_unit(line) is None] == []


@pytest.mark.parametrize(("text", "words"), FOUND)
def test_units_in_a_command(text, words):
    found = find_units(text)
    assert [p.words for p in found] == words
    assert [text[a:b] for p in found for a, b in p.spans] == words


@given(st.text(max_size=60))
def test_never_raises(text):
    resolve_unit(text)
    for proposal in find_units(text):
        assert resolve_unit(proposal.words) is not None
