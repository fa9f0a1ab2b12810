"""Lines of text with a hanging margin: what the cards and the confirmation are written in.

The margin stands before every line on the screen, also where a long text wraps, so that no text from outside can
look like a line of ours.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
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
_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d)?")


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


def value_text(value: Any, kind: str = "when") -> str:
    """Return an argument as a person reads it, not yet harmless; `kind` is its semantic type where that is known."""
    if isinstance(value, str):
        return _moment(value) if kind == "when" and _MOMENT.fullmatch(value) else value
    if isinstance(value, list):
        return ", ".join(value_text(item, kind) for item in value)
    return json.dumps(value, ensure_ascii=False)


def _moment(value: str) -> str:
    try:
        at = datetime.fromisoformat(value)
    except ValueError:
        return value
    return f"{at:%a} {value.replace('T', ' ').removesuffix(':00') if len(value) > 16 else value}"


def named(tool: str) -> str:
    """Return the name of a tool as words on one line, harmless."""
    return Shown(tool_words(tool)).line
