"""A list that is searched by typing, with all about the row at hand below it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import ClassVar, Generic, TypeVar

from textual import events
from textual.actions import SkipAction
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.message import Message
from textual.style import Style
from textual.widgets import Input, OptionList, Static
from textual.widgets.option_list import Option

from tinyagent.tui.panels.panel import Panel

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Line:
    """A row: `key` tells it from others, `words` are what a search looks through (folded). No key: a heading."""

    key: str
    prompt: Content
    words: str = ""


class Choices(OptionList):
    """The rows. A click chooses a row; Enter and Space, or a click on its action, do what the row is for."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("enter,space", "act", "Do it", show=False)]
    DEFAULT_CSS = """
    Choices {
        height: 1fr; padding: 0; border: none; background: transparent;
        text-wrap: nowrap; text-overflow: ellipsis;
    }
    Choices:focus { border: none; }
    Choices > .option-list--option-disabled { color: $text; text-style: bold; }
    """

    class Acted(Message):
        """The person wants done what the row `key` is for."""

        def __init__(self, key: str) -> None:
            super().__init__()
            self.key = key

    def action_act(self, key: str = "") -> None:
        """Post `Acted` for a row, the highlighted one unless it is named."""
        option = self.highlighted_option
        chosen = key or (option.id if option else None)
        if chosen:
            self.post_message(self.Acted(chosen))


class Listing(Panel[T], Generic[T]):
    """A panel with a search field, rows and details. Words typed while the rows have the keyboard are searched for."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("slash", "search", "Search", show=False),
        Binding("down", "rows", "To the rows", show=False),
        Binding("escape", "leave_search", "End the search", show=False),
    ]
    DEFAULT_CSS = """
    Listing Input { margin-bottom: 1; }
    Listing .none { height: auto; display: none; }
    Listing .details { height: auto; max-height: 45%; border-top: solid $foreground 30%; }
    Listing .details Static { height: auto; }
    """
    NOTHING: ClassVar[str] = "There is nothing to show."

    def __init__(self) -> None:
        super().__init__()
        self.search = Input(placeholder="type to search", select_on_focus=False, compact=True)
        self.rows = Choices(markup=False)
        self.details = Static("", markup=False)
        self._nothing = Static("", markup=False, classes="none")
        self._lines: Sequence[Line] = ()
        self._listed: Sequence[Line] = ()

    def compose(self) -> ComposeResult:
        """Give the search, the rows and the details."""
        yield self.search
        yield self.problem
        yield self._nothing
        yield self.rows
        with VerticalScroll(classes="details"):
            yield self.details
        yield from self.compose_actions()

    def compose_actions(self) -> ComposeResult:
        """Give what stands below the details."""
        yield from ()

    def describe(self, key: str) -> Content:
        """Return the details of the row `key` ("" where none is highlighted)."""
        raise NotImplementedError

    def act(self, key: str) -> None:
        """Do what the row `key` is for."""
        raise NotImplementedError

    @property
    def first(self) -> Choices:
        """The rows."""
        return self.rows

    def list_lines(self, lines: Sequence[Line]) -> None:
        """Show these rows, or those of them that fit the search; the highlighted row stays highlighted."""
        from tinyagent.tools.matching import fold

        self._lines = lines
        wanted = fold(self.search.value).split()
        fitting = list(_fitting(lines, wanted))
        if fitting != self._listed:
            self._listed = fitting
            self._fill(fitting)
        self._nothing.update(self.NOTHING if not lines else "Nothing fits the search.")
        self._nothing.display = not fitting
        self._describe()

    def _fill(self, lines: Sequence[Line]) -> None:
        rows, focused = self.rows, self.screen.focused
        # Whoever works on a row keeps it; else the first is the one to be at.
        works = focused is not None and focused is not self.search and self in focused.ancestors
        before, scroll = rows.highlighted_option if works else None, rows.scroll_offset.y
        key = before.id if before is not None else None
        rows.set_options([Option(line.prompt, line.key or None, disabled=not line.key) for line in lines])
        keys = [line.key for line in lines]
        if key in keys:
            rows.highlighted = keys.index(key)
            rows.scroll_to(y=scroll, animate=False)
        else:
            rows.highlighted = next((at for at, each in enumerate(keys) if each), None)

    def _describe(self) -> None:
        option = self.rows.highlighted_option
        self.details.update(self.describe(option.id or "" if option else ""))

    def on_option_list_option_highlighted(self, event: OptionList.OptionHighlighted) -> None:
        """Show the details of the row that is now highlighted."""
        event.stop()
        self._describe()

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Leave a mere click at having chosen the row."""
        event.stop()

    def on_choices_acted(self, event: Choices.Acted) -> None:
        """Do what a row is for."""
        event.stop()
        self.act(event.key)

    def on_input_changed(self, event: Input.Changed) -> None:
        """Search as it is typed."""
        event.stop()
        self.list_lines(self._lines)

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Go to what was found."""
        event.stop()
        self.rows.focus()

    def on_key(self, event: events.Key) -> None:
        """Begin a search with what is typed over the rows."""
        typed = event.character
        if self.rows.has_focus and event.is_printable and typed and not typed.isspace() and typed != "/":
            event.stop()
            self.search.focus()
            self.search.insert_text_at_cursor(typed)

    def action_search(self) -> None:
        """Go to the search field."""
        self.search.focus()

    def action_rows(self) -> None:
        """Go from the search to the rows."""
        if not self.search.has_focus:
            raise SkipAction
        self.rows.focus()

    def action_leave_search(self) -> None:
        """Empty the search and go back to the rows; where there is none, the key means something else."""
        if not self.search.has_focus and not self.search.value:
            raise SkipAction
        self.search.value = ""
        self.rows.focus()


def acting(word: str, key: str) -> Content:
    """Return a word that does what the row `key` is for when it is clicked."""
    return Content.assemble((word, Style.from_meta({"@click": f"act({key!r})"})))


def _fitting(lines: Sequence[Line], wanted: Sequence[str]) -> Iterator[Line]:
    """Yield the rows that have all the words, each below its heading."""
    heading: Line | None = None
    for line in lines:
        if not line.key:
            heading = line
        elif all(word in line.words for word in wanted):
            if heading is not None:
                yield heading
                heading = None
            yield line
