"""The toolset math: exact arithmetic and conversion of units. `pint` is imported when a unit is converted."""

from __future__ import annotations

import re
from decimal import Decimal, localcontext
from fractions import Fraction
from functools import lru_cache
from typing import Any

from tinyagent.calls import Outcome
from tinyagent.errors import ToolError
from tinyagent.grounding.expressions import resolve_expression
from tinyagent.grounding.units import resolve_unit
from tinyagent.tools.arithmetic import evaluate, say_number
from tinyagent.tools.context import Context
from tinyagent.tools.registry import Expression, Number, Unit, tool

_ODD_PLURALS = {
    "foot": "feet", "inch": "inches", "century": "centuries", "stone": "stone", "hertz": "hertz", "bar":
    "bar", "kilohertz": "kilohertz", "megahertz": "megahertz", "gigahertz": "gigahertz", "horsepower":
    "horsepower", "mmHg": "mmHg", "kelvin": "kelvin", "standard atmosphere": "standard atmospheres", "UK ton":
    "imperial tons", "pound force per square inch": "psi", "revolutions per minute": "revolutions per minute",
}  # fmt: skip
_SCALES = {"degree_Celsius": "°C", "degree_Fahrenheit": "°F"}


@tool(toolset="math", effect="read", results={"": "number"})
def calculate(ctx: Context, expression: Expression) -> Outcome:
    """Calculate an arithmetic expression exactly."""
    expression = resolve_expression(expression) or expression  # a program may give it as people write it
    value = evaluate(expression)
    said, exact = say_number(value)
    return Outcome(f"{pretty(expression)} {'=' if exact else '≈'} {said}", _json(value))


@tool(toolset="math", effect="read", results={"": "number"})
def convert_units(ctx: Context, value: Number, from_unit: Unit, to_unit: Unit) -> Outcome:
    """Convert an amount from one unit of measurement to another.

    Raises `ToolError` for a unit that does not exist and for units of different kinds.
    """
    source, target = _unit(from_unit), _unit(to_unit)
    if "degree" in (source, target):
        source, target = _as_temperature(source, target), _as_temperature(target, source)
    amount = Decimal(str(value))
    if not amount.is_finite():
        raise ToolError("The amount is not a number.")
    result = _convert(amount, source, target)
    answer = f"{_amount(Fraction(amount), source)} is {_amount(Fraction(result), target)}"
    if "calorie" in (source, target) and "kilocalorie" not in (source, target):
        food = result * 1000 if source == "calorie" else result / 1000
        answer += f" (food calories: {_rounded(Fraction(food))} {unit_name(target, many=True)})"
    return Outcome(answer, _json(Fraction(result).limit_denominator(10**15)))


def pretty(expression: str) -> str:
    """Return the canonical expression as one writes it: "15% of 80", "12 × 7", "√144"."""
    text = expression.replace("% * ", "% of ").replace(" * ", " × ").replace(" / ", " ÷ ")
    text = re.sub(r"sqrt\(([\d.]+)\)", r"√\1", text)
    text = re.sub(r"(?<![\w.)] )\b([\d.]+) \^ \(1 ÷ 3\)", r"∛\1", text)
    return re.sub(r"(?<![\d.])\d{4,}", lambda match: f"{int(match.group()):,}", text)


def _json(value: Fraction) -> int | float:
    """Return the value as a JSON number: whole where it is, else rounded to a float."""
    if value.denominator == 1:
        return value.numerator
    try:
        return float(value)
    except OverflowError:
        return round(value)


def _unit(name: str) -> str:
    return name if "_" in name or "*" in name or "/" in name else resolve_unit(name) or name


def _as_temperature(name: str, other: str) -> str:
    """Read bare "degrees" beside one temperature scale as the other one."""
    if name != "degree":
        return name
    return {"degree_Celsius": "degree_Fahrenheit", "degree_Fahrenheit": "degree_Celsius"}.get(other, name)


@lru_cache(maxsize=1)
def _registry() -> Any:
    import pint

    return pint.UnitRegistry(non_int_type=Decimal, cache_folder=None)


def _convert(amount: Decimal, source: str, target: str) -> Decimal:
    import pint

    registry = _registry()
    with localcontext() as context:
        context.prec = 40
        units = []
        for name in (source, target):
            try:
                units.append(registry.parse_units(name))
            except Exception:  # pint raises many kinds of error for text that is not a unit
                raise ToolError(f"I do not know the unit “{name}”.") from None
        try:
            return Decimal(registry.Quantity(amount, units[0]).to(units[1]).magnitude)
        except pint.DimensionalityError:
            raise ToolError(
                f"{unit_name(source, many=True).capitalize()} cannot be converted to "
                f"{unit_name(target, many=True)}: they measure different things."
            ) from None
        except ArithmeticError:
            raise ToolError("That amount is too large to convert.") from None


def _amount(value: Fraction, unit: str) -> str:
    name = unit_name(unit, many=value != 1)
    return f"{_rounded(value)} {name}"


def _rounded(value: Fraction) -> str:
    """Return the number with two decimals, or four digits where it is small."""
    if value.denominator != 1 and abs(value) >= 1:
        return say_number(Fraction(round(value * 100), 100))[0]
    if value.denominator != 1:
        scale = 10**4
        while value and abs(value * scale) < 1000:
            scale *= 10
        return say_number(Fraction(round(value * scale), scale))[0]
    return say_number(value)[0]


def unit_name(unit: str, *, many: bool) -> str:
    """Return pint's name as one says it: "mile / hour" → "miles per hour", "meter ** 2" → "square meters"."""
    if unit in _SCALES:
        return _SCALES[unit]
    base, slash, per = unit.partition(" / ")
    base, _, exponent = base.partition(" ** ")
    name = base.replace("_", " ")
    if many:
        name = _ODD_PLURALS.get(name) or (name if name.endswith("s") else f"{name}s")
    name = {"2": "square ", "3": "cubic "}.get(exponent, "") + name
    return f"{name} per {per}" if slash else name
