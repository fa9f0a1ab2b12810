"""The prompt: what is typed, its history, its completions above it and one line of hints below it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, Self

from textual import on
from textual.actions import SkipAction
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.timer import Timer
from textual.widget import Widget
from textual.widgets import OptionList, Static, TextArea

from tinyagent.calls import Candidate
from tinyagent.tui.alt_enter import know_alt_enter
from tinyagent.tui.completion import Completer
from tinyagent.tui.dictation import Dictation, OpenEars
from tinyagent.tui.editor import Editor
from tinyagent.tui.hints import HintLine
from tinyagent.tui.history import History, Walk, continued
from tinyagent.tui.messages import Submitted, Typed
from tinyagent.tui.popup import Popup
from tinyagent.tui.wording import LIMIT

PAUSE = 0.12
"""Seconds without a key after which the person has paused."""


class PromptLine(Widget):
    """Posts `Submitted` and, at a pause, `Typed`.

    Names of people and lists are offered while they are typed. Tab asks all the sources, and Tab, Shift+Tab and the
    arrows then put one after the other into the text; Enter keeps it, Esc brings back what was typed.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "submit", "Do it"),
        Binding("alt+enter,f9", "submit(True)", "Show the plan first"),
        Binding("up", "arrow(-1)", "Older command", show=False),
        Binding("down", "arrow(1)", "Newer command", show=False),
        Binding("ctrl+r", "search", "Search the history"),
        Binding("tab", "complete(1)", "Complete"),
        Binding("shift+tab", "complete(-1)", "Complete backwards", show=False),
        Binding("escape", "close", "Close the completions", show=False),
    ]

    DEFAULT_CSS = """
    PromptLine {
        height: auto;
        padding: 0 1;
        & > Horizontal { height: auto; }
        & #sign { width: 2; color: $primary; text-style: bold; }
        & > HintLine { padding-left: 2; }
    }
    """

    def __init__(
        self,
        history: History,
        completers: Sequence[Completer] = (),
        *,
        ears: OpenEars | None = None,
        placeholder: str = "Say what to do",
        id: str | None = None,
    ) -> None:
        """Offer the history and the completions; `ears` opens what dictation listens with."""
        super().__init__(id=id)
        self._history = history
        self._editor = Editor(
            self.action_submit, lambda text: continued(history.entries, text), placeholder=placeholder
        )
        self.dictation = Dictation(self, ears, self.say, self._editor.insert_words)
        self._popup, self._hints = Popup(self._editor, completers), HintLine()
        self._walk: Walk | None = None
        self._timer: Timer | None = None
        self._seen = self._recalled = ""
        self._told = ""

    def compose(self) -> ComposeResult:
        """Put the completions above the prompt and the hints below it."""
        yield self._popup
        with Horizontal():
            yield Static("›", id="sign", markup=False)
            yield self._editor
        yield self._hints

    def on_mount(self) -> None:
        """Read the history while the person begins to type."""
        know_alt_enter()
        self._history.load()

    def on_unmount(self) -> None:
        """Write what is not written yet."""
        self._history.close()

    @property
    def text(self) -> str:
        """What stands in the prompt."""
        return self._editor.text

    def put(self, text: str) -> None:
        """Replace what stands in the prompt; the person can undo it."""
        self._popup.keep()
        self._editor.put(text)

    def focus(self, scroll_visible: bool = True) -> Self:
        """Give the keyboard to the prompt."""
        self._editor.focus(scroll_visible)
        return self

    def show_hint(self, candidates: Sequence[Candidate], early: bool = False) -> None:
        """Show what the text will probably do; ignored where it was submitted or cleared meanwhile."""
        if self.text.strip():
            self._hints.show(candidates, early)

    def say(self, sentence: str) -> None:
        """Tell the person something in the line of the hints."""
        self._hints.say(sentence)

    def action_submit(self, dry: bool = False) -> None:
        """Keep the completion that is chosen, else enter the command."""
        chosen, text = self._popup.inserted is not None, self.text.strip()
        self._popup.keep()
        if chosen and not dry:
            self._recalled = self.text
            self._begin_pause()
        elif text:
            self._walk, self._seen = None, ""
            self._history.add(text)
            self._editor.load_text("")  # with nothing left to undo
            self._hints.clear()
            self._tell_problem()
            self.post_message(Submitted(text, dry))

    def action_arrow(self, by: int) -> None:
        """Go to another completion, else to an older command for -1, a newer one for 1."""
        if self._editor.taken_over:
            self._popup.complete(by)
            return
        if self._walk is None:
            self._walk = Walk(self._history.entries)
        found = self._walk.step(by, self.text)
        if found is not None:
            self.put(found)
            self._recalled = found

    def action_search(self) -> None:
        """Search the history; what is chosen stands in the prompt."""
        from tinyagent.tui.history_search import HistorySearch  # not a part of the first screen

        self._popup.keep()
        query = "" if "\n" in self.text else self.text.strip()
        self.app.push_screen(HistorySearch(self._history.entries, query), self._searched)

    def action_complete(self, by: int) -> None:
        """Put the next completion into the text, or offer some; with nothing to complete the key moves the focus."""
        if not self._popup.is_current and (by < 0 or not self.text.strip()):
            raise SkipAction
        self._popup.complete(by)

    def action_close(self) -> None:
        """Take back the completion and close the list; with none open the key is the app's."""
        if not self._popup.display:
            raise SkipAction
        self._popup.cancel()

    @on(TextArea.Changed)
    def _changed(self, event: TextArea.Changed) -> None:
        event.stop()
        if self.text in (self._popup.inserted, self._seen):
            return
        if not self.text.strip():
            self._walk = None
            self._popup.keep()
            self._hints.clear()
        self._begin_pause()

    @on(TextArea.SelectionChanged)
    def _moved(self, event: TextArea.SelectionChanged) -> None:
        event.stop()
        self._popup.moved()

    @on(Editor.TooLong)
    def _too_long(self, event: Editor.TooLong) -> None:
        event.stop()
        self.say(f"A command has at most {LIMIT:,} characters: the rest of this was left out.")

    @on(OptionList.OptionSelected)
    def _clicked(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        if self._popup.is_current:
            self._popup.choose(event.option_index)
            self._popup.keep()
            self._begin_pause()

    def _begin_pause(self) -> None:
        self._seen, self._popup.inserted = self.text, None
        if self._timer is not None:
            self._timer.stop()
        self._timer = self.set_timer(PAUSE, self._paused)

    def _paused(self) -> None:
        if self.text.strip() and self.text == self._seen:
            self.post_message(Typed(self.text))
            if not self._popup.is_current and self.text != self._recalled:
                self._popup.offer()

    def _searched(self, found: str | None) -> None:
        if found is not None:
            self.put(found)
        self.focus()

    def _tell_problem(self) -> None:
        problem = self._history.problem
        if problem and problem != self._told:
            self._told = problem
            self.say(f"Your commands are not remembered: {problem}")
