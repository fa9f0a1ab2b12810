"""Lines of text with a hanging margin: what the cards and the confirmation are written in.

The margin stands before every line on the screen, also where a long text wraps, so that no text from outside can
look like a line of ours.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from functools import cached_property
from typing import Any

from textual.content import Content
from textual.geometry import Size
from textual.widget import Widget

from tinyagent.tools.phrases import harmless
from tinyagent.tui.wording import tool_words

LONGEST = 50_000
"""Characters of one text that are laid out."""
NOTHING = Content()
DIM = "dim"
"""The style of what is only said by the way. (`$text-muted` is no colour in a text, only in a style sheet.)"""
_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d)?")
_SPAN = re.compile(rf"{_MOMENT.pattern}/{_MOMENT.pattern}")
_LENGTH = re.compile(
    r"P(?=.)(?:(\d+)Y)?(?:(\d+)M)?(?:(\d+)W)?(?:(\d+)D)?(?:T(?=.)(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?)?"
)
_UNITS = ("years", "months", "weeks", "days", "h", "min", "s")
_TIMES = frozenset({"", "when", "span", "duration"})


@dataclass(frozen=True)
class Row:
    """A text with what stands before its first line on the screen and before all others.

    `key` is what a click on it means ("": nothing).
    """

    content: Content
    first: Content = NOTHING
    rest: Content = NOTHING
    key: str = ""

    def lines(self, width: int) -> list[Content]:
        """Return the lines on a screen of this width (cells)."""
        margin = max(self.first.cell_length, self.rest.cell_length)
        wrapped = self.content.wrap(max(8, width - margin))
        return [(self.rest if number else self.first) + line for number, line in enumerate(wrapped)]


def indented(rows: Iterable[Row], by: int = 2) -> Iterator[Row]:
    """Yield the rows moved to the right."""
    space = Content(" " * by)
    return (Row(row.content, space + row.first, space + row.rest, row.key) for row in rows)


class Rows(Widget):
    """Shows rows as high as they are; what they say is never read as markup."""

    DEFAULT_CSS = "Rows { height: auto; width: 1fr; }"

    def __init__(
        self, rows: Iterable[Row] = (), *, id: str | None = None, classes: str | None = None
    ) -> None:
        super().__init__(id=id, classes=classes)
        self.rows = list(rows)
        self._laid: tuple[int, list[tuple[str, Content]]] = (-1, [])

    def show(self, rows: Iterable[Row]) -> None:
        """Show these rows instead."""
        width, before = self._laid
        self.rows = list(rows)
        self._laid = (-1, [])
        if self.display != bool(self.rows):
            self.display = bool(self.rows)
        self.refresh(layout=width < 0 or len(self._lines(width)) != len(before))

    @property
    def plain(self) -> str:
        """What is written, unwrapped, a line a row."""
        return "\n".join(f"{row.first.plain}{row.content.plain}" for row in self.rows)

    def key_at(self, y: int) -> str:
        """Return the key of the row at this line."""
        lines = self._lines(self.content_size.width)
        return lines[y][0] if 0 <= y < len(lines) else ""

    def get_content_width(self, container: Size, viewport: Size) -> int:
        """Take all the width there is."""
        return container.width

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        """Return how many lines the rows take at this width."""
        return len(self._lines(width))

    def render(self) -> Content:
        """Return the lines at the width of now."""
        return Content("\n").join(line for _, line in self._lines(self.content_size.width))

    def _lines(self, width: int) -> list[tuple[str, Content]]:
        if self._laid[0] != width:
            self._laid = (width, [(row.key, line) for row in self.rows for line in row.lines(width)])
        return self._laid[1]


@dataclass(frozen=True)
class Shown:
    """A text from outside as it may be shown: harmless, and not without end."""

    text: str

    @cached_property
    def whole(self) -> str:
        """The text with its line breaks."""
        text = harmless(self.text[:LONGEST]).replace("\t", "    ")
        more = len(self.text) - LONGEST
        return f"{text}\n… and {more:,} more characters" if more > 0 else text

    @property
    def line(self) -> str:
        """The text on one line: line breaks are written as escapes."""
        return self.whole.replace("\n", "\\n")


def value_text(value: Any, kind: str = "") -> str:
    """Return an argument as a person reads it, not yet harmless.

    `kind` is its semantic type; where that is not known, what looks like a time is written as one.
    """
    if isinstance(value, str):
        return _time_text(value) if kind in _TIMES else value
    if isinstance(value, list):
        return ", ".join(value_text(item, kind) for item in value)
    return json.dumps(value, ensure_ascii=False)


def _time_text(value: str) -> str:
    """Return a moment, a stretch of time or a length as one reads it: "Tue 2026-03-03 12:00–18:00", "1 h 30 min"."""
    try:
        if _MOMENT.fullmatch(value):
            return f"{datetime.fromisoformat(value):%a} {_minutes(value)}"
        if _SPAN.fullmatch(value):
            return _span_text(*value.split("/"))
    except ValueError:
        return value
    length = _LENGTH.fullmatch(value)
    given = zip(_UNITS, length.groups() if length else (), strict=False)
    said = (
        f"{number} {unit[:-1] if number == '1' and len(unit) > 3 else unit}"
        for unit, number in given
        if number
    )
    return " ".join(said) or value


def _span_text(start: str, end: str) -> str:
    first, last = datetime.fromisoformat(start), datetime.fromisoformat(end)
    if first.time() == last.time() == time() and first < last:  # whole days; the last one is not a part of it
        begin, until = first.date(), last.date() - timedelta(days=1)
        return f"{begin:%a %Y-%m-%d}" if begin == until else f"{begin:%a %Y-%m-%d} – {until:%a %Y-%m-%d}"
    if first.date() == (last - timedelta(minutes=1)).date() and first < last:
        return f"{first:%a} {_minutes(start)}–{_minutes(end)[11:]}"
    return f"{first:%a} {_minutes(start)} – {last:%a} {_minutes(end)}"


def _minutes(moment: str) -> str:
    """Return a moment without its T, and without seconds where they are none."""
    return (moment.removesuffix(":00") if len(moment) > 16 else moment).replace("T", " ")


def named(tool: str) -> str:
    """Return the name of a tool as words on one line, harmless."""
    return Shown(tool_words(tool)).line
