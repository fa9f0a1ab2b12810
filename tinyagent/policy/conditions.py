"""What a rule asks of one argument of a call.

An argument may hold several values (recipients). A rule that allows fits when *every* value does; one that
asks or denies fits as soon as *one* does. What cannot be decided, such as whether a bare file name lies under a
folder, counts against the call: it fits a rule that denies and does not fit one that allows.
"""

from __future__ import annotations

import os
import unicodedata
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

Knows = Callable[[str], bool]
"""Whether a name, number or address belongs to the person's contacts."""

CONTACTS = "contacts"


@dataclass(frozen=True, slots=True)
class ValueTest:
    """One test of a value: `name` is a key of `TESTS`, `operand` what the rule gives it."""

    name: str
    operand: Any

    def fits(self, value: Any, every: bool, knows: Knows) -> bool:
        """Whether one value passes; `every` tells that doubt must end in a no."""
        return TESTS[self.name](value, self.operand, every, knows)

    def __str__(self) -> str:
        operand = self.operand
        said = ", ".join(map(str, operand)) if isinstance(operand, tuple) else str(operand).lower()
        return f"{self.name.replace('_', ' ')} {said}"


@dataclass(frozen=True, slots=True)
class Condition:
    """The tests that the values of one argument must pass; all of them for the same value."""

    argument: str
    tests: tuple[ValueTest, ...]

    def fits(self, args: Mapping[str, Any], every: bool, knows: Knows) -> bool:
        """Whether the arguments of a call meet the condition; one that is not given meets only `given = false`."""
        values = list(_values(args.get(self.argument)))
        wanted = [test.operand for test in self.tests if test.name == "given"]
        if any(bool(values) is not given for given in wanted):
            return False
        tests = [test for test in self.tests if test.name != "given"]
        if not tests:
            return True
        fitting = (all(test.fits(value, every, knows) for test in tests) for value in values)
        return bool(values) and (all(fitting) if every else any(fitting))

    def __str__(self) -> str:
        return f"{self.argument} is {' and '.join(map(str, self.tests))}"


def _values(given: Any) -> Iterator[Any]:
    """Yield the single values in an argument, however deep."""
    if isinstance(given, Mapping):
        given = list(given.values())
    if isinstance(given, list):
        for item in given:
            yield from _values(item)
    elif given is not None:
        yield given


def fold(value: Any) -> str:
    """Return a value as text without regard to case, spaces and ways to write an accent."""
    text = value if isinstance(value, str) else str(value).lower()
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


def _like(value: Any, patterns: tuple[str, ...], every: bool, knows: Knows) -> bool:
    return any(fnmatchcase(fold(value), fold(pattern)) for pattern in patterns)


def _among(value: Any, allowed: tuple[str, ...], every: bool, knows: Knows) -> bool:
    if allowed == (CONTACTS,):
        return knows(str(value))
    return fold(value) in {fold(one) for one in allowed}


def _under(value: Any, folders: tuple[str, ...], every: bool, knows: Knows) -> bool:
    places = _places(value)
    if not places:
        return not every
    below = [any(_below(place, Path(folder)) for folder in folders) for place in places]
    return all(below) if every else any(below)


def _not_under(value: Any, folders: tuple[str, ...], every: bool, knows: Knows) -> bool:
    places = _places(value)
    return not _under(value, folders, not every, knows) if places else not every


def _below(place: str, folder: Path) -> bool:
    # Both ways to write the folder: /home may itself be a link.
    return any(
        Path(place).is_relative_to(root) for root in (os.path.normpath(folder), os.path.realpath(folder))
    )


def _places(value: Any) -> set[str]:
    """Return where a path points, as written and with links followed; nothing for one that is not whole."""
    text = str(value)
    path = os.path.expanduser(text)
    if not os.path.isabs(path) or "\0" in path:
        return set()
    return {os.path.normpath(path), os.path.realpath(path)}


def _above(value: Any, limit: float, every: bool, knows: Knows) -> bool:
    return value > limit if _is_number(value) else not every


def _below_number(value: Any, limit: float, every: bool, knows: Knows) -> bool:
    return value < limit if _is_number(value) else not every


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


TESTS: dict[str, Callable[[Any, Any, bool, Knows], bool]] = {
    "like": _like,
    "unlike": lambda value, operand, every, knows: not _like(value, operand, every, knows),
    "in": _among,
    "outside": lambda value, operand, every, knows: not _among(value, operand, every, knows),
    "under": _under,
    "not_under": _not_under,
    "above": _above,
    "below": _below_number,
    "given": lambda value, operand, every, knows: bool(operand),
}
"""Every test of a rule file by its name."""
