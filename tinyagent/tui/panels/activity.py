"""The panel of what was done: the journal, newest first, with a way back where there is one."""

from __future__ import annotations

import json
import os
from contextlib import closing
from datetime import datetime
from typing import Any

from textual.app import ComposeResult
from textual.content import Content
from textual.widgets import Button

from tinyagent.journal import UNDO, Entry, open_journal
from tinyagent.settings import Settings
from tinyagent.tools.phrases import harmless, say_when, short
from tinyagent.tui.messages import UndoEntry
from tinyagent.tui.panels.listing import Line, Listing
from tinyagent.tui.rows import value_text
from tinyagent.tui.wording import tool_words

NEWEST = 500
"""Entries that are shown and searched."""
_STATES = {
    "started": "running",
    "declined": "not confirmed",
    "interrupted": "cut off",
}
"""Words for a state where the journal's own word is no everyday one."""


class Activity(Listing[list[tuple[Entry, Line]]]):
    """The calls of the journal. Enter goes to the button below the details; it posts `UndoEntry`."""

    NOTHING = "Nothing has been done yet."
    DEFAULT_CSS = "Activity Button { display: none; }"

    def __init__(self, settings: Settings) -> None:
        super().__init__()
        self._settings = settings
        self._entries: dict[str, Entry] = {}
        self._notes: list[str] = []
        self._undo = Button("Undo this", compact=True)

    def compose_actions(self) -> ComposeResult:
        """Give the button that takes an entry back."""
        yield self._undo

    def mark(self) -> object:
        """Return what changes when something is written to the journal."""
        file = open_journal(self._settings).path
        return tuple(_changed(f"{file}{suffix}") for suffix in ("", "-wal"))

    def read(self) -> list[tuple[Entry, Line]]:
        """Return the entries, each with its row."""
        now = self._settings.context().now
        with closing(open_journal(self._settings)) as journal:
            entries = journal.entries(NEWEST)
            self._notes += journal.take_notes()
        return [(entry, self._line(entry, now)) for entry in entries]

    def note(self) -> str:
        """Return what the journal has to say of itself, such as that a damaged one was moved aside."""
        return "\n".join(self._notes)

    def show_found(self, found: list[tuple[Entry, Line]]) -> None:
        """Show the rows."""
        self._undo.disabled = False
        self._entries = {line.key: entry for entry, line in found}
        self.list_lines([line for _, line in found])

    def describe(self, key: str) -> Content:
        """Return all that the journal has of an entry, but what undo needs."""
        entry = self._entries.get(key)
        self._undo.display = entry is not None and entry.undoable
        if entry is None:
            return Content("")
        parts: list[str | tuple[str, str]] = [
            (harmless(f"{_what(entry)}\n"), "bold"),
            f"{_state(entry)}, number {entry.id}",
        ]
        if entry.tool != UNDO:
            parts.append(
                harmless(f"\n“{short(entry.words, 400)}”\n{tool_words(entry.tool)} ({entry.effect})")
            )
            parts += [
                f"\n  {harmless(name.replace('_', ' '))}: {harmless(value_text(value))}"
                for name, value in entry.args.items()
            ]
        if entry.answer and entry.answer != _what(entry):
            parts.append(harmless(f"\n{entry.answer}"))
        return Content.assemble(*parts)

    def act(self, key: str) -> None:
        """Go to the button: a way back needs a second key, as words typed in the wrong place end with Enter too."""
        if self._undo.display and not self._undo.disabled:
            self._undo.focus()

    def on_button_pressed(self, event: Button.Pressed) -> None:
        """Ask for the entry at hand to be taken back, once; the journal then says what became of it."""
        event.stop()
        option = self.rows.highlighted_option
        if option is not None and option.id in self._entries:
            self._undo.disabled = True
            self.rows.focus()
            self.post_message(UndoEntry(int(option.id)))

    def _line(self, entry: Entry, now: datetime) -> Line:
        from tinyagent.tools.matching import fold

        zone = self._settings.zone()
        at = datetime.fromisoformat(entry.at).astimezone(zone).replace(tzinfo=None)
        when = say_when(at, now).removeprefix("today at ").removeprefix("on ")
        way_back = " · can be undone" if entry.undoable else ""
        prompt = Content.assemble(
            (f"{when} · {_state(entry)}{way_back}", "dim" if entry.status == "undone" else ""),
            (harmless(f"\n  {short(_what(entry), 200)}"), "bold" if entry.undoable else "dim"),
        )
        texts = [
            when,
            _state(entry),
            entry.tool,
            entry.words,
            entry.answer,
            *map(_value, entry.args.values()),
        ]
        return Line(str(entry.id), prompt, fold(" ".join(texts)))


def _what(entry: Entry) -> str:
    """Return in words what was done: the first line of the answer, of a call without one the command."""
    return entry.answer.partition("\n")[0] or entry.words or entry.tool


def _state(entry: Entry) -> str:
    return _STATES.get(entry.status, entry.status)


def _value(value: Any) -> str:
    return harmless(value if isinstance(value, str) else json.dumps(value, ensure_ascii=False))


def _changed(path: str) -> tuple[int, int]:
    """Return when a file was last written and its size; nothing for one that is empty, as an opened WAL is."""
    try:
        known = os.stat(path)
    except OSError:
        return 0, 0
    return (known.st_mtime_ns, known.st_size) if known.st_size else (0, 0)
