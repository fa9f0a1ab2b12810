"""The pieces of canonical arithmetic: a text with how tightly it binds, joined with brackets where needed."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

ADD, MULTIPLY, NEGATE, POWER, ATOM = range(1, 6)
Phrases = list[tuple[tuple[str, ...], str]]


def phrases(**operators: str) -> Phrases:
    """Return (words, name) pairs, longest first, from alternatives separated by a bar."""
    pairs = [(tuple(p.split()), name) for name, said in operators.items() for p in said.split("|")]
    return sorted(pairs, key=lambda pair: -len(pair[0]))


@dataclass(frozen=True, slots=True)
class Node:
    """Canonical text and how tightly it binds.

    `works` once it has an operation; `part` where "of" may follow ("half of", "15% of").
    """

    text: str
    binds: int = ATOM
    works: bool = False
    part: bool = False

    def inside(self, binds: int) -> str:
        """Return the text, in brackets where it binds less tightly than `binds`."""
        return self.text if self.binds >= binds else f"({self.text})"


def join(left: Node, sign: str, right: Node) -> Node:
    """Return `left sign right` as a node."""
    binds = ADD if sign in "+-" else POWER if sign == "^" else MULTIPLY
    tight = sign in "-/^" or sign == "mod"
    first = left.inside(ATOM if sign == "^" else binds)
    return Node(f"{first} {sign} {right.inside(binds + tight)}", binds, True)


def number(value: Fraction) -> Node:
    """Return the node of a number: a decimal where that is exact, else a division."""
    rest = value.denominator
    for prime in (2, 5):
        while rest % prime == 0:
            rest //= prime
    if rest != 1:
        return Node(f"{value.numerator} / {value.denominator}", MULTIPLY, part=True)
    places = 0
    while (value * 10**places).denominator != 1:
        places += 1
    digits = str((value * 10**places).numerator).rjust(places + 1, "0")
    return Node(f"{digits[:-places]}.{digits[-places:]}" if places else digits)
