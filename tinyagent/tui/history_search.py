"""Searching the history while typing, as Ctrl+R does in a shell."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Input, OptionList
from textual.widgets.option_list import Option

from tinyagent.tools.phrases import short
from tinyagent.tui.history import search

_MOST = 100


class HistorySearch(ModalScreen[str | None]):
    """Ends with the command that was chosen, None where none was. `entries` are the oldest first."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter,tab", "take", "Take it", priority=True),
        Binding("ctrl+r,down,ctrl+n", "move(1)", "Older", priority=True),
        Binding("ctrl+s,up,ctrl+p", "move(-1)", "Newer", priority=True),
        Binding("escape,ctrl+g,ctrl+c", "dismiss", "Back", priority=True),
    ]

    DEFAULT_CSS = """
    HistorySearch {
        align: left bottom;
        background: transparent;
        & > Vertical {
            width: 80;
            max-width: 100%;
            height: auto;
            padding: 0 1;
            background: $panel;
        }
        & OptionList {
            height: auto;
            max-height: 8;
            border: none;
            padding: 0;
            background: transparent;
            text-wrap: nowrap;
            text-overflow: ellipsis;
        }
        & Input { border: none; padding: 0; height: 1; background: transparent; }
    }
    """

    def __init__(self, entries: Sequence[str], query: str = "") -> None:
        super().__init__()
        self._entries, self._query = entries, query
        self._found: list[str] = []

    def compose(self) -> ComposeResult:
        """Put the commands found above what is searched."""
        with Vertical():
            found = OptionList(markup=False, compact=True)
            found.can_focus = False
            yield found
            yield Input(self._query, placeholder="search the history", compact=True)

    def on_mount(self) -> None:
        """Begin with what stands in the prompt."""
        self._search(self._query)

    def on_input_changed(self, event: Input.Changed) -> None:
        """Search anew with every letter."""
        self._search(event.value)

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Take what was clicked."""
        self.dismiss(self._found[event.option_index])

    def action_take(self) -> None:
        """Take what is highlighted."""
        at = self.query_one(OptionList).highlighted
        self.dismiss(None if at is None else self._found[at])

    def action_move(self, by: int) -> None:
        """Go to an older command, or a newer one for -1."""
        shown = self.query_one(OptionList)
        if self._found:
            shown.highlighted = min(max((shown.highlighted or 0) + by, 0), len(self._found) - 1)

    def _search(self, query: str) -> None:
        self._found = search(self._entries, query)[:_MOST]
        shown = self.query_one(OptionList)
        rows = [Option(Content(short(entry, 200))) for entry in self._found]
        shown.set_options(rows or [Option(Content("no such command"), disabled=True)])
        shown.highlighted = 0 if rows else None
