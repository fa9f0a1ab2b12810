"""The list of completions above the prompt, and putting them into the text."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from functools import partial

from rich.cells import cell_len
from textual.content import Content
from textual.message import Message
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from tinyagent.tools.phrases import short
from tinyagent.tui.completion import SURE, Asker, Completer, Completion
from tinyagent.tui.editor import Editor

MOST = 8
"""Completions that are shown at once; the others scroll."""
_SHORTEST = 3
"""Letters of a name after which it is offered unasked; one less where it begins with a capital."""
_WIDEST = 40


class Popup(OptionList, can_focus=False):
    """Completes the text of `editor` from several sources. It lies over what is above, and never takes the focus.

    What comes late, when the text has moved on, is dropped. The order is by score until something is chosen; then
    the list only grows at its end.
    """

    DEFAULT_CSS = """
    Popup {
        display: none;
        overlay: screen;
        constrain: inside inside;
        width: auto;
        max-width: 90%;
        height: auto;
        max-height: 8;
        border: none;
        padding: 0 1;
        background: $panel;
        color: $foreground;
        text-wrap: nowrap;
        text-overflow: ellipsis;
        & > .option-list--option-highlighted { text-style: reverse; }
    }
    """

    class Completed(Message, bubble=False):
        """A source has answered (sent from its thread)."""

        def __init__(self, source: int, text: str, cursor: int, found: list[Completion]) -> None:
            super().__init__()
            self.source, self.question, self.found = source, (text, cursor), found

    def __init__(self, editor: Editor, completers: Sequence[Completer], *, id: str | None = None) -> None:
        super().__init__(markup=False, compact=True, id=id)
        self.completions: list[Completion] = []
        """What is shown."""
        self.inserted: str | None = None
        """The text with the completion that is chosen now, None where none is."""
        self._editor = editor
        self._askers = [Asker(one, partial(self._heard, at)) for at, one in enumerate(completers)]
        self._lazy = [one.lazy for one in completers]
        self._question = ("", 0)
        self._answers: dict[int, list[Completion]] = {}
        self._everywhere = False

    @property
    def is_current(self) -> bool:
        """Whether the list is shown, and for the text as it is."""
        return self.display and (self._editor.text == self.inserted or self._state == self._question)

    def offer(self) -> None:
        """Ask the quick sources, and show only what is surely a name that is being typed."""
        self._ask(everywhere=False)

    def complete(self, by: int) -> None:
        """Choose the next completion, or the one before for -1; with none shown ask all sources for some."""
        if not self.is_current:
            self._ask(everywhere=True)
            return
        at, last = self.highlighted, len(self.completions) - 1
        self.choose((0 if by > 0 else last) if at is None else (at + by) % (last + 1))
        if not self._everywhere:  # there may be more, to be had below those
            self._everywhere = True
            self._ask_sources(lazy=True)

    def choose(self, at: int) -> None:
        """Put a completion into the text as it was typed."""
        one, (text, _) = self.completions[at], self._question
        self.highlighted = at
        self.inserted = text[: one.start] + one.text + text[one.end :]
        self._editor.taken_over = True
        self._editor.put(self.inserted, one.start + len(one.text))
        self.inserted = self._editor.text  # a command has its limit

    def keep(self) -> None:
        """Close the list and leave the text as it is."""
        self.inserted = None
        self._question, self._everywhere = ("", 0), False
        self._show(())

    def cancel(self) -> None:
        """Close the list and bring back what was typed."""
        question, chosen = self._question, self.inserted is not None
        self.keep()
        if chosen:
            self._editor.put(*question)

    def moved(self) -> None:
        """Close the list where the cursor went away from what it is for."""
        if self.inserted is None and self._editor.text == self._question[0] and self._state != self._question:
            self.keep()

    def on_popup_completed(self, event: Completed) -> None:
        """Take the answer of a source, where it still fits."""
        if event.question != self._question or not (self.is_current or self._state == self._question):
            return
        self._answers[event.source] = event.found
        found = [one for at in sorted(self._answers) for one in self._answers[at]]
        if not self._everywhere:
            found = [one for one in found if self._is_sure(one)]
        if self.inserted is not None:
            self._show([*self.completions, *(one for one in found if one not in self.completions)])
            return
        self._show(sorted(found, key=lambda one: -one.score))
        if self._everywhere and len(found) == 1 and len(self._answers) == len(self._askers):
            self.choose(0)
            self.keep()

    @property
    def _state(self) -> tuple[str, int]:
        return self._editor.text, self._editor.cursor

    def _ask(self, *, everywhere: bool) -> None:
        self._question, self._everywhere = self._state, everywhere
        self.inserted = None
        self._answers = {}
        self._ask_sources(lazy=False)
        if everywhere:
            self._ask_sources(lazy=True)

    def _ask_sources(self, *, lazy: bool) -> None:
        for asker, is_lazy in zip(self._askers, self._lazy, strict=True):
            if is_lazy == lazy:
                asker.ask(*self._question)

    def _heard(self, source: int, text: str, cursor: int, found: list[Completion]) -> None:
        with suppress(RuntimeError):  # the app has ended meanwhile
            self.post_message(self.Completed(source, text, cursor, found))

    def _is_sure(self, one: Completion) -> bool:
        begun = self._question[0][one.start : self._question[1]]
        return one.score >= SURE and len(begun) >= _SHORTEST - begun[:1].isupper()

    def _show(self, completions: Sequence[Completion]) -> None:
        at = self.highlighted if self.inserted is not None else None
        self.completions = list(completions)
        self.set_options(Option(_row(one)) for one in completions)
        self.highlighted = at
        self.display = bool(completions)
        self._editor.taken_over = self.display and (self.inserted is not None or self._everywhere)
        if completions and self.inserted is None:
            text, cursor = self._question
            begun = cell_len(text[completions[0].start : cursor])
            column = self._editor.cursor_screen_offset.x - begun - 1
            self.styles.offset = (max(0, column), -min(len(completions), MOST))
        elif completions:
            self.styles.offset = (int(self.styles.offset.x.value), -min(len(completions), MOST))


def _row(one: Completion) -> Content:
    told = f"{one.kind} · {short(one.note, 24)}" if one.note else one.kind
    return Content.assemble(short(one.text, _WIDEST), ("  " + told, "dim"))
