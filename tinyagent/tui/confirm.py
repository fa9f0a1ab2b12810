"""The question before a call runs: all that will happen, and No unless the person says otherwise."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import HorizontalGroup, Vertical, VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Button

from tinyagent.calls import Call, Effect, Tool
from tinyagent.tools.phrases import short
from tinyagent.tui.rows import DIM, Row, Rows, Shown, named, value_text

SETTLE = 0.4
"""Seconds in which a yes does not count: somebody who was typing has not read the question."""
_EFFECTS = {
    Effect.READ: "reads, changes nothing",
    Effect.WRITE: "changes something",
    Effect.DESTRUCTIVE: "takes something away",
    Effect.OUTGOING: "leaves this machine",
}
_TAKEN_OVER = "Something in it was not said by you: it comes from what another call found."
_FROM_EARLIER = "  ← from an earlier answer, not said by you"


class Confirm(ModalScreen[str]):
    """Asks whether `call` may run; dismisses with "yes", "no", "always" (this tool, this session) or "edit".

    With `taken_over` the call has arguments from another call's result, and "always" is not offered. `settle` is how
    many seconds any answer but no is not taken yet, `clock` gives seconds.
    """

    DEFAULT_CSS = """
    Confirm { align: center middle; }
    Confirm > #question {
        width: 90%; max-width: 100; height: auto; max-height: 100%;
        background: $surface; border-left: outer $warning; padding: 1 2;
    }
    Confirm #all { height: auto; max-height: 50vh; margin: 1 0; }
    Confirm.-short > #question { padding: 0 1; }
    Confirm.-short #all { max-height: 40vh; margin: 0; }
    Confirm #buttons { height: 1; }
    Confirm Button { min-width: 6; margin: 0 2 0 0; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("n,escape", "no", "No"),
        Binding("y", "answer('yes')", "Yes"),
        Binding("e", "answer('edit')", "Edit"),
        Binding("a", "answer('always')", "Always, this session"),
        Binding("left", "app.focus_previous", "Previous", show=False),
        Binding("right", "app.focus_next", "Next", show=False),
        Binding("up", "scroll('up')", "Up", show=False),
        Binding("down", "scroll('down')", "Down", show=False),
        Binding("pageup", "scroll('page_up')", "Page up", show=False),
        Binding("pagedown", "scroll('page_down')", "Page down", show=False),
    ]
    AUTO_FOCUS = "#no"

    def __init__(
        self,
        tool: Tool,
        call: Call,
        taken_over: bool,
        *,
        settle: float = SETTLE,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        super().__init__()
        self.VERTICAL_BREAKPOINTS = [(0, "-short"), (20, "-tall")]
        self.tool, self.call, self.taken_over = tool, call, taken_over
        self._settle, self._clock, self._shown_at = settle, clock, clock()

    def compose(self) -> ComposeResult:
        """Write the tool, its effect, all arguments, and the answers."""
        with Vertical(id="question"):
            yield Rows(self._heading())
            with VerticalScroll(id="all", can_focus=False):
                yield Rows(self._arguments())
            with HorizontalGroup(id="buttons"):
                yield Button("No (n)", id="no", compact=True)
                yield Button("Yes (y)", id="yes", compact=True)
                yield Button("Edit (e)", id="edit", compact=True)
                if not self.taken_over:
                    yield Button("Always (a)", id="always", compact=True)

    def on_mount(self) -> None:
        """Count from when it can be seen."""
        self._shown_at = self._clock()

    def on_button_pressed(self, event: Button.Pressed) -> None:
        """Answer by button."""
        event.stop()
        if event.button.id == "no":
            self.action_no()
        else:
            self.action_answer(event.button.id or "no")

    def action_no(self) -> None:
        """Answer no."""
        self.dismiss("no")

    def action_answer(self, answer: str) -> None:
        """Answer something else, where that can be meant already."""
        if self._clock() - self._shown_at >= self._settle and not (answer == "always" and self.taken_over):
            self.dismiss(answer)

    def action_scroll(self, where: str) -> None:
        """Scroll the arguments."""
        getattr(self.query_one("#all"), f"scroll_{where}")(animate=False)

    def _heading(self) -> Iterator[Row]:
        effect = _EFFECTS[self.tool.effect]
        if self.tool.effect is not Effect.READ:
            effect += ", can be undone" if self.tool.undo else ", cannot be undone"
        name = f"{short(named(self.tool.name))}?"
        yield Row(Content.assemble("May I ", (name, "bold"), (f"  {effect}", "$text-warning")))
        if self.taken_over:
            yield Row(Content.styled(_TAKEN_OVER, "bold $text-warning"))

    def _arguments(self) -> Iterator[Row]:
        description = " ".join(self.tool.description.split())
        if description:
            yield Row(Content.styled(Shown(description).line, DIM))
        margin = Content.styled("│ ", DIM)
        kinds = {parameter.name: parameter.type for parameter in self.tool.parameters}
        for name, value in self.call.args.items():
            kind = kinds.get(name, "unknown")
            shown = Shown(value_text(value, kind))
            # Only a text has lines: a line break in a name or a path is there to look like something else.
            lines = shown.whole.split("\n") if kind == "text" else [shown.line]
            heading = Content.styled(Shown(name).line, "bold")
            origin = Content.styled(_FROM_EARLIER if name in self.call.taken else "", "$text-warning")
            if len(lines) == 1:
                yield Row(heading + Content(": ") + Content(lines[0]) + origin, Content(), margin)
            else:
                yield Row(heading + Content(":") + origin, Content(), margin)
                yield from (Row(Content(line), margin, margin) for line in lines)
        if not self.call.args:
            yield Row(Content.styled("It takes no arguments.", DIM))
