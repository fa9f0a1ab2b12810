"""The text that is being typed: bounded, free of control characters, with the rest of a former command shown dimly."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import ClassVar

from textual import events
from textual.actions import SkipAction
from textual.binding import Binding, BindingType
from textual.document._document import EditResult
from textual.document._edit import Edit
from textual.message import Message
from textual.widgets import TextArea

from tinyagent.tui.wording import LIMIT, cleaned


class Editor(TextArea):
    """A `TextArea` of one command. Keys that mean nothing to it here are skipped, so that its parents get them.

    `entered` is called the moment one of the keys `ENTER` comes, with whether the person wants to see the plan first:
    what is typed next begins the next command, however fast. `continued` gives what may follow a text; it is shown
    behind the cursor, and taken with Right or End.
    """

    ENTER: ClassVar[Mapping[str, bool]] = {"enter": False, "alt+enter": True, "f9": True}

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+j,shift+enter", "newline", "New line"),
        Binding("ctrl+c,super+c", "copy_or_clear", "Copy what is selected, or clear the line"),
    ]

    DEFAULT_CSS = """
    Editor {
        width: 1fr;
        height: auto;
        min-height: 1;
        max-height: 6;
        border: none;
        padding: 0;
        background: transparent;
        &:focus { border: none; }
    }
    """

    class TooLong(Message):
        """What came was cut at the limit of a command."""

    def __init__(
        self,
        entered: Callable[[bool], object],
        continued: Callable[[str], str],
        *,
        placeholder: str = "",
        id: str | None = None,
    ) -> None:
        self._entered, self._continued = entered, continued
        self.taken_over = False
        """Whether Up and Down belong to somebody else now."""
        super().__init__(compact=True, highlight_cursor_line=False, placeholder=placeholder, id=id)

    @property
    def cursor(self) -> int:
        """The cursor as an offset into the text."""
        row, column = self.cursor_location
        return sum(len(line) + 1 for line in self.document.lines[:row]) + column

    def put(self, text: str, cursor: int | None = None) -> None:
        """Replace the whole text, with the cursor at an offset (default: the end); it can be undone."""
        self.replace(text, (0, 0), self.document.end, maintain_selection_offset=False)
        before = self.text[: len(text) if cursor is None else cursor]
        self.move_cursor((before.count("\n"), len(before) - (before.rfind("\n") + 1)))

    def insert_words(self, words: str) -> None:
        """Put words where the cursor is, in place of what is selected, with a space before them where one is needed."""
        before = self.get_text_range((0, 0), min(self.selection))
        space = " " if before and not before[-1].isspace() else ""
        self._replace_via_keyboard(space + words, *self.selection)

    def edit(self, edit: Edit) -> EditResult:
        """Perform an edit, with no more text than a command may have."""
        left = LIMIT - len(self.text) + len(self.get_text_range(edit.top, edit.bottom))
        text = cleaned(edit.text[: 4 * LIMIT])
        if len(edit.text) > 4 * LIMIT or len(text) > left:
            self.post_message(self.TooLong())
        edit.text = text[: max(left, 0)]
        return super().edit(edit)

    def update_suggestion(self) -> None:
        """Show how a former command goes on, where the cursor stands at the end."""
        at_end = self.selection.is_empty and self.cursor_location == self.document.end
        self.suggestion = self._continued(self.text) if at_end else ""

    def watch_selection(self) -> None:
        """Suggest only behind the end of the text."""
        self.update_suggestion()

    def action_newline(self) -> None:
        """Begin a new line."""
        self._replace_via_keyboard("\n", *self.selection)

    def action_cursor_line_end(self, select: bool = False) -> None:
        """Take the suggestion, or go to the end of the line."""
        if self.suggestion and not select:
            self.insert(self.suggestion)
        else:
            super().action_cursor_line_end(select)

    def action_cursor_up(self, select: bool = False) -> None:
        """Go up a line; from the first one the key is the parent's."""
        first = self.navigator.is_first_wrapped_line(self.cursor_location)
        if not select and (first or self.taken_over):
            raise SkipAction
        super().action_cursor_up(select)

    def action_cursor_down(self, select: bool = False) -> None:
        """Go down a line; from the last one the key is the parent's."""
        last = self.navigator.is_last_wrapped_line(self.cursor_location)
        if not select and (last or self.taken_over):
            raise SkipAction
        super().action_cursor_down(select)

    def action_copy_or_clear(self) -> None:
        """Copy what is selected, else clear the text; with neither the key is the parent's."""
        if self.selected_text:
            self.app.copy_to_clipboard(self.selected_text)
        elif self.text and not self.screen.get_selected_text():
            self.put("")
        else:
            raise SkipAction

    def action_cut(self) -> None:
        """Cut what is selected; with nothing selected the key is the parent's."""
        if not self.selected_text:
            raise SkipAction
        super().action_cut()

    def action_undo(self) -> None:
        """Take back an edit of the text; where there was none the key is the parent's."""
        if not self.history.undo_stack and not self.history.redo_stack:
            raise SkipAction
        super().action_undo()

    async def _on_key(self, event: events.Key) -> None:
        if event.key in self.ENTER:
            event.stop()
            event.prevent_default()
            self._entered(self.ENTER[event.key])

    async def _on_paste(self, event: events.Paste) -> None:
        event.text = event.text.rstrip("\r\n")  # the line that was copied with its end is still one line
