"""Computes the canonical arithmetic of `tinyagent.grounding.expressions`, exactly, by a parser of its own.

Numbers are fractions; only roots and powers without an exact value are rounded (50 digits). Sizes are
bounded, so that no expression can keep the machine busy. Every failure is a `ToolError` with a sentence.
"""

from __future__ import annotations

import math
import re
from decimal import Decimal, InvalidOperation, Overflow, localcontext
from fractions import Fraction

from tinyagent.errors import ToolError

MAX_LENGTH = 1_000
MAX_DEPTH = 60
MAX_BITS = 14_000
"""Of a numerator or denominator: below 4,300 digits, what Python turns into text."""
MAX_FACTORIAL = 1_000
_TOKEN = re.compile(r"\s*(?:(\d+(?:\.\d+)?)|(sqrt|mod)\b|([-+*/^%!()]))", re.ASCII)


def evaluate(text: str) -> Fraction:
    """Return the value of the canonical arithmetic `text`; `ToolError` when it has none or is too large."""
    return _Parser(text).whole()


def say_number(value: Fraction) -> tuple[str, bool]:
    """Return the number as one writes it ("1,234.5") and whether that is its exact value."""
    if value.denominator == 1:
        return (f"{value.numerator:,}", True) if abs(value) < 10**40 else (_scientific(value), False)
    if abs(value) >= 10**15 or abs(value) < Fraction(1, 10**6):
        return _scientific(value), False
    with localcontext() as context:
        context.prec = 60
        exact = Decimal(value.numerator) / Decimal(value.denominator)
        places = 4 if abs(value) >= 1 else 5 - exact.adjusted()
        rounded = round(exact, places)
        if Fraction(exact) == value and len(exact.normalize().as_tuple().digits) <= 12:
            rounded = exact
        same = Fraction(rounded) == value
        return f"{rounded.normalize():,f}", same


def _scientific(value: Fraction) -> str:
    with localcontext() as context:
        context.prec = 12
        mantissa, _, exponent = f"{Decimal(value.numerator) / Decimal(value.denominator):.5e}".partition("e")
    return f"{mantissa.rstrip('0').rstrip('.')} × 10^{int(exponent)}"


class _Parser:
    """Recursive descent over the tokens; each level returns its value."""

    def __init__(self, text: str) -> None:
        if len(text) > MAX_LENGTH:
            raise ToolError(f"The expression is longer than {MAX_LENGTH} characters: split it.")
        self.tokens: list[str] = []
        at = 0
        while at < len(text.rstrip()):
            match = _TOKEN.match(text, at)
            if match is None:
                raise ToolError(f"“{text.strip()}” is not arithmetic that I can compute.")
            self.tokens.append(match.group().strip())
            at = match.end()
        self.text, self.at, self.depth = text.strip(), 0, 0

    def whole(self) -> Fraction:
        value = self._sum()
        if self.at != len(self.tokens):
            raise self._unreadable()
        return value

    def _unreadable(self) -> ToolError:
        return ToolError(f"“{self.text}” is not complete arithmetic.")

    def _next(self) -> str:
        return self.tokens[self.at] if self.at < len(self.tokens) else ""

    def _take(self, *wanted: str) -> str:
        if self._next() in wanted:
            self.at += 1
            return self.tokens[self.at - 1]
        return ""

    def _sum(self) -> Fraction:
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise ToolError("The expression is nested too deeply.")
        left, part = self._product()
        while sign := self._take("+", "-"):
            right, share = self._product()
            if share and not part:
                right *= left
            left, part = _bounded(left + right if sign == "+" else left - right), part and share
        self.depth -= 1
        return left

    def _product(self) -> tuple[Fraction, bool]:
        """Return the value, and whether it is nothing but a percentage."""
        left, share = self._signed()
        while sign := self._take("*", "/", "mod"):
            right, share = self._signed()[0], False
            if sign != "*" and right == 0:
                raise ToolError("Nothing can be divided by zero.")
            left = _bounded(left * right if sign == "*" else left / right if sign == "/" else left % right)
        return left, share

    def _signed(self) -> tuple[Fraction, bool]:
        negative = False
        while sign := self._take("-", "+"):
            negative ^= sign == "-"
        base, share = self._postfix()
        if self._take("^"):
            self.depth += 1
            if self.depth > MAX_DEPTH:
                raise ToolError("The expression is nested too deeply.")
            base, share = power(base, self._signed()[0]), False
            self.depth -= 1
        return -base if negative else base, share

    def _postfix(self) -> tuple[Fraction, bool]:
        value, share = self._atom(), False
        while sign := self._take("%", "!"):
            value, share = (value / 100, True) if sign == "%" else (_factorial(value), False)
        return value, share

    def _atom(self) -> Fraction:
        token = self._take("sqrt", "(")
        if token == "sqrt" and not self._take("("):
            raise self._unreadable()
        if token:
            value = self._sum()
            if not self._take(")"):
                raise self._unreadable()
            return power(value, Fraction(1, 2)) if token == "sqrt" else value
        if not self._next()[:1].isdigit():
            raise self._unreadable()
        self.at += 1
        return Fraction(self.tokens[self.at - 1])


def _bounded(value: Fraction) -> Fraction:
    if value.numerator.bit_length() > MAX_BITS or value.denominator.bit_length() > MAX_BITS:
        raise _too_large()
    return value


def _too_large() -> ToolError:
    return ToolError("The result is too large to compute.")


def _factorial(value: Fraction) -> Fraction:
    if value.denominator != 1 or value < 0:
        raise ToolError("Only whole numbers from zero up have a factorial.")
    if value > MAX_FACTORIAL:
        raise _too_large()
    return Fraction(math.factorial(int(value)))


def power(base: Fraction, exponent: Fraction) -> Fraction:
    """Return `base` to the power of `exponent`, exact where it is a fraction; `ToolError` if undefined."""
    if base == 0:
        if exponent < 0:
            raise ToolError("Nothing can be divided by zero.")
        return Fraction(int(exponent == 0))
    if base < 0 and exponent.denominator % 2 == 0:
        raise ToolError("A negative number has no real square root.")
    if exponent.denominator == 1:
        return _whole_power(base, exponent.numerator)
    sign = -1 if base < 0 and exponent.numerator % 2 else 1
    size = abs(base)
    if exponent.denominator <= 64:
        roots = [_root(part, exponent.denominator) for part in (size.numerator, size.denominator)]
        if roots[0] is not None and roots[1] is not None:
            return sign * _whole_power(Fraction(roots[0], roots[1]), exponent.numerator)
    return sign * _rounded_power(size, exponent)


def _whole_power(base: Fraction, exponent: int) -> Fraction:
    bits = max(abs(base.numerator), base.denominator).bit_length() - 1
    if abs(base) != 1 and (abs(exponent) > MAX_BITS or bits * abs(exponent) > MAX_BITS):
        raise _too_large()
    return _bounded(base ** (exponent % 2 if abs(base) == 1 else exponent))


def _root(number: int, degree: int) -> int | None:
    """Return the exact root, or None where there is none; Newton's method on whole numbers."""
    if number < 2:
        return number
    guess = 1 << -(-number.bit_length() // degree)
    while True:
        better = ((degree - 1) * guess + number // guess ** (degree - 1)) // degree
        if better >= guess:
            return guess if guess**degree == number else None
        guess = better


def _rounded_power(base: Fraction, exponent: Fraction) -> Fraction:
    with localcontext() as context:
        context.prec, context.Emax, context.Emin = 50, 4_000, -4_000
        try:
            number = Decimal(base.numerator) / Decimal(base.denominator)
            value = number ** (Decimal(exponent.numerator) / Decimal(exponent.denominator))
        except (Overflow, InvalidOperation):
            raise _too_large() from None
    if not value.is_finite():
        raise _too_large()
    return _bounded(Fraction(value))
