"""What a rule of `slurp_rules` returns, and the words for times that several rules need."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Verdict:
    """With `end` "done" one call of any of `tools`; otherwise no call, though `tools` are as right."""

    end: str
    tools: tuple[str, ...] = ()


Rule = Callable[[str], Verdict | None]
"""From the words of a line, in lower case, to what is right; None where they do not fit the label."""


def act(*tools: str) -> Verdict:
    """One call; several names are equally right."""
    return Verdict("done", tools)


def ask(*tools: str) -> Verdict:
    """Something required is missing; acting with one of `tools` would be as right."""
    return Verdict("ask", tools)


def none(*tools: str) -> Verdict:
    """No tool fits, or `tools` by a generous reading."""
    return Verdict("none", tools)


NUMBER = (
    r"(one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|\w+teen|twenty|thirty|forty|fifty|hundred|"
    r"first|second|third|fifth|\w+th|twent\w+|thirt\w+)"
)
MONTH = r"(january|february|feb|march|april|may|june|july|august|september|october|november|december)"
DAY = r"((mon|tues|wednes|thurs|fri|satur|sun)days?|today|tonight|tomorrow|yesterday|weekends?|weekdays?)"
TIME = re.compile(
    rf"\b({DAY}|{MONTH}|(this |next |the )?(morning|afternoon|evening|night|noon|midnight)|am|pm|o'clock|"
    rf"o clock|(next|this|a|every|single) (day|week|month|year)|{NUMBER} (minutes?|hours?|days?|weeks?)|"
    rf"daily|weekly|every|the \w+th|at {NUMBER}|by {NUMBER}|(two|three) day after)\b"
)
