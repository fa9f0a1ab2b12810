"""What both ways to the home share: a wish for a lamp or a device, and what became of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from tinyagent.tools.colors import Color

PATIENCE = 2.0
"""Seconds in which a device may confirm what it was told."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What is wanted of a lamp: on or off, a level in percent or a step of it, a colour."""

    on: bool | None = None
    level: int | None = None
    step: int = 0
    color: Color | None = None

    def for_lamp(self, on: bool | None, level: int | None) -> Wish | None:
        """Return the wish with its step made a level, for a lamp at `level`; None where nothing is to be done.

        `on` and `level` are None where the lamp did not tell; then the step stays one.
        """
        if self.on is False or self.level == 0:
            return Wish(on=False)
        if not self.step:
            return Wish(True, self.level, color=self.color)
        if on is False and self.step < 0 and self.color is None:
            return None
        if on is None or (on and level is None):
            return Wish(True, step=self.step, color=self.color)
        current = level if on and level is not None else 0
        return Wish(True, min(max(current + self.step, 1), 100), color=self.color)


@dataclass(frozen=True, slots=True)
class Done:
    """What became of one lamp or device: how it was (None: it did not tell), whether it confirmed, its level."""

    name: str
    before: Mapping[str, Any] | None
    confirmed: bool
    on: bool
    level: int | None = None


class Hub(Protocol):
    """A way to the home."""

    def switch(self, names: Sequence[str], wish: Wish) -> list[Done]:
        """Do what is wished with every one of `names`; nothing is changed where a `ToolError` is raised."""
        ...

    def restore(self, before: Mapping[str, Mapping[str, Any]]) -> None:
        """Put lamps and devices back to how they were. Raises `ToolError`."""
        ...
